//! What a program does about lines, and about the room

use uuid::Uuid;

use super::{Chat, ChatError};
use crate::{
    command::Command,
    event::{Deleted, Edited, Event, Reaction, Topic},
    sanitize::Unclean,
};

impl Chat {
    /// Answers a line, which its message id names, and gives back the answer's own id as [`say`](Self::say) does
    ///
    /// # Errors
    /// [`ChatError::Refused`] for the reasons of [`say`](Self::say), and when the id is that of a whisper
    pub async fn reply(&mut self, line: Uuid, text: impl Into<Unclean>) -> Result<Uuid, ChatError> {
        let said = text.into();
        let command = Command::Reply { to: line.to_string(), text: said.as_written().to_owned() };
        let own = |event: &Event| {
            let Event::Message { own: true, past: false, id, text, reply_to: Some(to), .. } = event else {
                return None;
            };
            (*to == line && *text == said).then_some(*id)
        };
        self.carry_out(command, own).await
    }

    /// Says an own line anew, which its message id names, however long ago it was said: 1 to 8,000 bytes of UTF-8
    ///
    /// # Errors
    /// [`ChatError::Refused`] for the reasons of [`say`](Self::say), and when the line is somebody else's, a whisper,
    /// deleted, or forgotten here: without a data directory 4,096 own lines are known
    pub async fn edit(&mut self, line: Uuid, text: impl Into<Unclean>) -> Result<(), ChatError> {
        let said = text.into();
        let command = Command::Edit { id: Some(line), text: said.as_written().to_owned() };
        let own = |event: &Event| {
            let Event::Edited(Edited { own: true, past: false, target, text, .. }) = event else {
                return None;
            };
            (*target == line && *text == said).then_some(())
        };
        self.carry_out(command, own).await
    }

    /// Asks everybody to forget an own line, which its message id names: it was sent, and who has it may keep it
    ///
    /// # Errors
    /// [`ChatError::Refused`] as for [`edit`](Self::edit)
    pub async fn delete(&mut self, line: Uuid) -> Result<(), ChatError> {
        let own = |event: &Event| {
            let Event::Deleted(Deleted { own: true, past: false, target, .. }) = event else { return None };
            (*target == line).then_some(())
        };
        self.carry_out(Command::Delete { id: Some(line) }, own).await
    }

    /// Reacts to a line, which its message id names: with an emoji, its short code like `:+1:`, or a word, 64
    /// bytes of UTF-8 at most; `-` takes all own reactions to the line back
    ///
    /// # Errors
    /// [`ChatError::Refused`] when it is none of these, the id is that of a whisper, or it cannot be stored
    pub async fn react(&mut self, line: Uuid, with: impl Into<Unclean>) -> Result<(), ChatError> {
        let command = Command::React { to: line.to_string(), with: with.into().as_written().to_owned() };
        let own = |event: &Event| {
            let Event::Reaction(Reaction { own: true, past: false, target, .. }) = event else { return None };
            (*target == line).then_some(())
        };
        self.carry_out(command, own).await
    }

    /// What the room is about, as far as that is known by now
    pub fn topic(&self) -> Option<&Topic> {
        self.session.view().topic()
    }

    /// Says what the room is about: 1 to 300 bytes of UTF-8; `-` for nothing any more
    ///
    /// # Errors
    /// [`ChatError::Refused`] when it is none, or cannot be stored
    pub async fn set_topic(&mut self, topic: impl Into<Unclean>) -> Result<(), ChatError> {
        let command = Command::Topic { text: Some(topic.into().as_written().to_owned()) };
        let own =
            |event: &Event| matches!(event, Event::Topic(Topic { own: true, past: false, .. })).then_some(());
        self.carry_out(command, own).await
    }
}
