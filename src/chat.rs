//! A program in a room: what bots are written with

mod about;
mod builder;
mod held;

use std::{fmt::Display, time::Duration};

use thiserror::Error;
use uuid::Uuid;

pub use self::builder::ChatBuilder;
use self::held::Held;
use crate::{
    command::Command,
    event::{ErrorCode, Event, Peer},
    sanitize::Unclean,
    session::Session,
};

/// Somebody in one room, from the first announcement to the goodbye
///
/// It is a [`Session`] with answers to what one says. Nothing happens unless one of its futures is awaited: who does
/// something else for more than a second meanwhile is taken for gone by the others. Dropped without
/// [`leave`](Self::leave), they notice within some seconds, and what was said last may not have reached anybody.
///
/// What others wrote is [`Unclean`]: it can be compared and said again, and is made [`Clean`](crate::Clean) to be
/// printed.
#[derive(Debug)]
pub struct Chat {
    session: Session,
    held: Held,
}

/// Why something was not done, in one sentence in the [language](crate::lang) of the process
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChatError {
    /// The room cannot be entered as asked for
    #[error("{message}")]
    NotJoined {
        /// The sentence
        message: String,
    },
    /// What was to be said or done was not
    #[error("{message}")]
    Refused {
        /// What kind of refusal, for programs
        code: ErrorCode,
        /// The sentence
        message: String,
    },
}

impl Chat {
    /// Begins with what others call one: 1 to 64 bytes of UTF-8 without a character that cannot be seen
    pub fn builder(name: impl Into<String>) -> ChatBuilder {
        ChatBuilder::new(name.into())
    }

    fn new(session: Session) -> Self {
        let mut chat = Self { session, held: Held::default() };
        // So that it is known from the start who one is.
        chat.hold_what_waits();
        chat
    }

    /// The next event, the first of which is [`Event::Ready`]; cancel-safe
    ///
    /// What one says or does by the methods here is not among them, since they tell of it themselves: own lines and
    /// whispers of now are only in [`history`](Self::history). Of what happens while one waits for something else,
    /// 1,024 events are kept for this; of more an [`Event::Error`] with [`ErrorCode::OutputTooSlow`] tells how many
    /// there were.
    pub async fn next(&mut self) -> Event {
        match self.held.pop() {
            Some(event) => event,
            None => self.session.next().await,
        }
    }

    /// Says a line to all, and gives back its message id once it is stored, or, with nothing on the disk, on its way
    ///
    /// It has 1 to 8,000 bytes of UTF-8. If the future is dropped the line may be said all the same, and is an event
    /// then.
    ///
    /// # Errors
    /// [`ChatError::Refused`] when it has no text or too much of it, or cannot be stored: it is not said then
    pub async fn say(&mut self, text: impl Into<Unclean>) -> Result<Uuid, ChatError> {
        let said = text.into();
        let command = Command::Say { text: said.as_written().to_owned() };
        let own = |event: &Event| {
            let Event::Message { own: true, past: false, id, text, .. } = event else { return None };
            (*text == said).then_some(*id)
        };
        self.carry_out(command, own).await
    }

    /// Says a line to one, and gives back the whisper's id once it is stored, or, with nothing on the disk, on its way
    ///
    /// Whom it is for is told by an id, which alone is sure to mean one key, or by a name or `NAME~abcd`; it may be
    /// somebody who was here before. Events tell how far it has come: [`Event::Delivery`] with this id. As for
    /// [`say`](Self::say) it has 1 to 8,000 bytes, and may be said although the future is dropped.
    ///
    /// # Errors
    /// [`ChatError::Refused`] when nobody or more than one is meant, whoever is meant is blocked, somebody else took a
    /// contact's name, too many whispers wait for them, or for the reasons of [`say`](Self::say)
    pub async fn whisper(&mut self, to: impl Display, text: impl Into<Unclean>) -> Result<Uuid, ChatError> {
        let said = text.into();
        let command = Command::Whisper { to: to.to_string(), text: said.as_written().to_owned() };
        let own = |event: &Event| {
            let Event::Whisper { own: true, past: false, id, text, .. } = event else { return None };
            (*text == said).then_some(*id)
        };
        self.carry_out(command, own).await
    }

    /// Waits until somebody is there and everybody is known whom they know of, but so long at most; gives back how many
    /// are there; cancel-safe
    ///
    /// For programs that say something and leave: who is in the room hears it, and nobody else may have it to tell.
    pub async fn meet(&mut self, within: Duration) -> usize {
        let all_are_known = async {
            while self.session.view().peers().is_empty() || !self.session.complete() {
                let event = self.session.next().await;
                self.held.push(event);
            }
        };
        // If the time is up, those are there who are.
        let _ = tokio::time::timeout(within, all_are_known).await;
        self.session.view().peers().len()
    }

    /// Everybody else who is there, by id, those who are blocked among them
    pub fn peers(&self) -> Vec<Peer> {
        self.session.peers()
    }

    /// The last so many lines and whispers that are kept of the room, as events in the order of the transcript, each
    /// followed by its reactions; nothing with nothing on the disk
    ///
    /// It waits for the disk.
    pub fn history(&mut self, limit: usize) -> Vec<Event> {
        self.session.past(limit)
    }

    /// The own id, the same at each start with the same [`data_dir`](ChatBuilder::data_dir)
    pub fn id(&self) -> Uuid {
        self.session.view().id()
    }

    /// What others call one
    pub fn name(&self) -> &Unclean {
        self.session.view().name()
    }

    /// Takes another name: 1 to 64 bytes of UTF-8 without a character that cannot be seen
    ///
    /// The next announcement tells the others; what one said before stays under the name of then.
    ///
    /// # Errors
    /// [`ChatError::Refused`] with [`ErrorCode::InvalidName`]: one is called as before then
    pub async fn rename(&mut self, name: impl Into<String>) -> Result<(), ChatError> {
        let is_done = |event: &Event| matches!(event, Event::Ready { .. }).then_some(());
        self.carry_out(Command::Rename { name: name.into() }, is_done).await
    }

    /// The name of the room
    pub fn room(&self) -> &str {
        self.session.room().name().as_str()
    }

    /// Says goodbye, and ends once all is stored, after five seconds at most
    pub async fn leave(self) {
        self.session.leave().await;
    }

    /// Waits for the echo of what is to be said or done, or a refusal of it
    async fn carry_out<T>(
        &mut self,
        command: Command,
        own: impl Fn(&Event) -> Option<T>,
    ) -> Result<T, ChatError> {
        // What waits already answers nothing that is said only now.
        self.hold_what_waits();
        self.session.execute(command);
        loop {
            let event = self.session.next().await;
            if let Some(done) = own(&event) {
                return Ok(done);
            }
            if let Event::Error { code, message } = &event
                && (code.refuses_a_line() || *code == ErrorCode::InvalidName)
            {
                return Err(ChatError::Refused { code: *code, message: message.clone() });
            }
            self.held.push(event);
        }
    }

    fn hold_what_waits(&mut self) {
        while let Some(event) = self.session.take() {
            self.held.push(event);
        }
    }
}

impl ChatError {
    fn not_joined(why: impl Display) -> Self {
        Self::NotJoined { message: why.to_string() }
    }
}

#[cfg(test)]
mod tests;
