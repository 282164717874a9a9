//! One person, many windows: the first lanchat of a profile runs the node, and further ones attach to it
//!
//! They talk through a socket of this machine, of the same commands and events as everywhere. When the program that runs
//! the node ends, however it does, one of the others goes on with it: the lock of the profile decides which.

mod attached;
mod carried;
mod door;
mod heirs;
mod host;
mod lent;
mod lines;
mod link;
mod missed;
mod outlook;
mod sight;
mod succession;
mod unsaid;

use std::path::Path;

use lanchat_protocol::RoomName;
use tokio::time::Instant;

pub(crate) use self::sight::Sight;
use self::{
    attached::{Attached, Turn},
    host::Host,
    succession::{CHANGING, LOOKING},
};
use crate::{
    command::Command,
    event::Event,
    home::Home,
    house::{Happening, House, NotLeft},
    profile::{self, ProfileError},
    rooms::Entrance,
    settings::Settings,
};

/// What a window wants where another one runs the node
#[derive(Clone, Debug)]
pub(crate) struct Wants {
    /// The rooms to be in, of which the first is the current one
    pub(crate) rooms: Vec<Entrance>,
    /// Whether it shows all rooms where the person is, and not these only
    pub(crate) all: bool,
    /// Whether it hears plain datagrams
    pub(crate) guests: bool,
    /// Whether somebody sits before it
    pub(crate) sits: bool,
    /// Whether others may attach if it runs the node
    pub(crate) hosts: bool,
}

/// The rooms of a person as one front end sees them, whoever runs the node
#[derive(Debug)]
pub(crate) struct Window(State);

#[derive(Debug)]
enum State {
    /// This program
    Own(Box<Host>),
    /// Another one, or nobody for a moment
    Attached(Box<Attached>),
}

impl Window {
    /// Runs the node in the house that `open` opens, or attaches to whoever runs it
    ///
    /// # Errors
    /// When neither can be, in one sentence
    pub(crate) async fn open(
        settings: &Settings,
        wants: &Wants,
        open: impl FnOnce(Home) -> anyhow::Result<House>,
    ) -> anyhow::Result<Self> {
        let deadline = Instant::now() + CHANGING;
        loop {
            let in_use = match Home::open(settings) {
                Ok(home) => {
                    let mut host = Host::new(open(home)?, wants);
                    if wants.guests {
                        host.invite_guests()?;
                    }
                    return Ok(Self(State::Own(Box::new(host))));
                }
                Err(error) => error,
            };
            if !matches!(in_use.downcast_ref(), Some(ProfileError::InUse { .. })) {
                return Err(in_use);
            }
            let directory = profile::directory(settings)?;
            if let Some(attached) = Attached::attach(settings, &directory, wants).await? {
                return Ok(Self(State::Attached(Box::new(attached))));
            }
            if Instant::now() >= deadline {
                return Err(in_use);
            }
            tokio::time::sleep(LOOKING).await;
        }
    }

    /// As [`House::next`]; cancel-safe
    pub(crate) async fn next(&mut self) -> Happening {
        loop {
            match &mut self.0 {
                State::Own(host) => return host.next().await,
                State::Attached(attached) => match attached.next().await {
                    Turn::Happening(happening) => return *happening,
                    Turn::Taken(house) => self.0 = State::Own(Box::new(attached.take_over(*house))),
                },
            }
        }
    }

    /// As [`House::take`]
    pub(crate) fn take(&mut self) -> Option<Happening> {
        match &mut self.0 {
            State::Own(host) => host.take(),
            State::Attached(attached) => attached.take(),
        }
    }

    /// As [`House::execute`]
    pub(crate) fn execute(&mut self, room: &str, command: Command) -> String {
        match &mut self.0 {
            State::Own(host) => host.execute(room, command),
            State::Attached(attached) => attached.execute(room, command),
        }
    }

    /// As [`House::join`]
    pub(crate) fn join(&mut self, entrance: Entrance) {
        match &mut self.0 {
            State::Own(host) => host.join(entrance),
            State::Attached(attached) => attached.join(&entrance),
        }
    }

    /// As [`House::go_to`]
    pub(crate) fn go_to(&mut self, room: &str) -> bool {
        match &mut self.0 {
            State::Own(host) => host.house.go_to(room),
            State::Attached(attached) => attached.go_to(room),
        }
    }

    /// As [`House::is_joining`]
    pub(crate) fn is_joining(&self) -> bool {
        match &self.0 {
            State::Own(host) => host.house.is_joining(),
            State::Attached(attached) => attached.is_joining(),
        }
    }

    /// As [`House::may_part`]
    pub(crate) fn may_part(&self, room: &str) -> Result<(), NotLeft> {
        match &self.0 {
            State::Own(host) => host.may_part(room),
            State::Attached(attached) => attached.may_part(room),
        }
    }

    /// As [`House::part`]
    pub(crate) fn part(&mut self, room: &str) -> Result<(), NotLeft> {
        match &mut self.0 {
            State::Own(host) => host.part(room),
            State::Attached(attached) => attached.part(room),
        }
    }

    /// The rooms that this window shows
    pub(crate) fn rooms(&self) -> Vec<Sight<'_>> {
        match &self.0 {
            State::Own(host) => host.rooms().map(Sight::Own).collect(),
            State::Attached(attached) => attached.rooms().collect(),
        }
    }

    /// The room of this name
    pub(crate) fn session(&self, room: &str) -> Option<Sight<'_>> {
        match &self.0 {
            State::Own(host) => host.house.session(room).map(Sight::Own),
            State::Attached(attached) => attached.session(room),
        }
    }

    /// Where what is typed is said
    pub(crate) fn current(&self) -> &RoomName {
        match &self.0 {
            State::Own(host) => host.house.current(),
            State::Attached(attached) => attached.current(),
        }
    }

    /// The same, as this window sees it
    pub(crate) fn current_session(&self) -> Sight<'_> {
        match &self.0 {
            State::Own(host) => Sight::Own(host.house.current_session()),
            State::Attached(attached) => attached.current_session(),
        }
    }

    /// As [`House::past`]
    pub(crate) fn past(&mut self, room: &str, limit: usize) -> Vec<Event> {
        match &mut self.0 {
            State::Own(host) => host.house.past(room, limit),
            State::Attached(attached) => attached.past(room, limit),
        }
    }

    /// As [`House::profile_directory`]
    pub(crate) fn profile_directory(&self) -> Option<&Path> {
        match &self.0 {
            State::Own(host) => host.house.profile_directory(),
            State::Attached(attached) => Some(attached.directory()),
        }
    }

    /// Leaves: the node ends as well if this program runs it, unless another window goes on with it
    pub(crate) async fn leave(self) {
        match self.0 {
            State::Own(host) => host.leave().await,
            State::Attached(attached) => attached.leave().await,
        }
    }
}
