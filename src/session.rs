//! The node and its sockets, driven by the caller's task

use std::collections::VecDeque;

use crate::{command::Command, event::Event, profile::Profile, settings::Settings, view::View};

/// A stay in one room
#[derive(Debug)]
pub struct Session {
    view: View,
    waiting: VecDeque<Event>,
}

/// What one is in the room
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Listed, hears and speaks
    Member,
    /// Asks who is there without being listed
    Visitor,
}

impl Session {
    /// Opens the sockets
    ///
    /// # Errors
    /// When no socket can be opened; the error is one sentence.
    pub fn open(settings: &Settings, profile: Profile, role: Role) -> anyhow::Result<Self> {
        let _ = role;
        let id = lanchat_protocol::Identity::from_secret(profile.secret()).id().as_uuid();
        let (name, room) = (settings.name.to_string(), settings.room.to_string());
        let ready = Event::Ready { id, name, room, port: settings.port };
        Ok(Self { view: View::default(), waiting: VecDeque::from([ready]) })
    }

    /// The next event, the first of which is [`Event::Ready`]; cancel-safe
    pub async fn next(&mut self) -> Event {
        let Some(event) = self.waiting.pop_front() else {
            return std::future::pending().await;
        };
        self.view.apply(&event);
        event
    }

    /// Does something; what comes of it arrives as events
    pub fn execute(&mut self, command: Command) {
        if let Command::Say { text } = command {
            let from = crate::event::Author { id: self.view.id(), name: self.view.name().to_owned() };
            let (room, id) = (self.view.room().to_owned(), uuid::Uuid::new_v4());
            let sent_at = jiff::Timestamp::now();
            self.waiting.push_back(Event::Message { room, id, from, text, sent_at, own: true });
        }
    }

    /// What the events returned so far add up to
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Whether as many peers are known as any peer claims there are
    pub fn complete(&self) -> bool {
        false
    }

    /// Says goodbye
    pub async fn leave(self) {
        std::future::ready(()).await;
    }
}
