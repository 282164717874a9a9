//! What somebody at the screen does in rooms, and how they come into them and out of them

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use lanchat_protocol::RoomName;
use tokio::time::Instant;
use tracing::warn;

use super::{Desk, marks, pages};
use crate::{
    command::Command,
    commands::{
        entrance::{Destination, Opened, Way},
        moving::Moving,
    },
    event::{ErrorCode, Event},
    house::Happening,
    lang::Told as _,
    recall,
    session::Status,
    store::{Correspondent, correspondents},
    ui::tui::{Mark, Network, Older},
    windows::Sight,
};

/// With how many people conversations come back after a restart
const MAX_KEPT: usize = 20;
/// How long what was said in a room may take before it is left
const SAYING: Duration = Duration::from_secs(2);

impl Desk {
    pub(super) fn on_command(&mut self, room: &str, command: Command) {
        let is_said = command.is_said();
        match command {
            Command::Join { room, code_file } => {
                self.move_to_named(&room, code_file.map_or(Way::Usual, Way::File));
            }
            Command::NewRoom { room, code_file } => {
                self.move_to_named(&room, code_file.map_or(Way::New, Way::NewInFile));
            }
            Command::Part { room: named } => self.part(named.as_deref().unwrap_or(room)),
            command @ (Command::Say { .. }
            | Command::Whisper { .. }
            | Command::Raw { .. }
            | Command::Reply { .. }
            | Command::Edit { .. }
            | Command::Delete { .. }
            | Command::React { .. }
            | Command::Topic { .. }
            | Command::Peers
            | Command::Verify { .. }
            | Command::Trust { .. }
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::Blocked
            | Command::Rename { .. }
            | Command::Away { .. }
            | Command::Back
            | Command::Typing { .. }
            | Command::Received
            | Command::Rooms
            | Command::Quit
            | Command::Help) => {
                let there = self.house.execute(room, command);
                if is_said {
                    self.owed.entry(there).or_default().lines += 1;
                    return;
                }
                // What is typed next may rely on it.
                while let Some(happening) = self.house.take() {
                    self.on_happening(happening);
                }
            }
        }
    }

    /// Whether this only says again where one is: then one goes there, if one asked for that
    pub(super) fn is_back(&mut self, room: &str, event: &Event) -> bool {
        if !matches!(event, Event::Ready { .. }) {
            return false;
        }
        if self.wanted.take_if(|wanted| wanted == room).is_some() {
            self.tui.go_to(room);
        }
        if let Some(id) = self.house.session(room).map(|session| *session.room().id())
            && self.shown.insert(room.to_owned(), id).is_some_and(|before| before != id)
        {
            self.tui.on_replaced(room);
        }
        self.tui.knows(room, event)
    }

    pub(super) fn move_to_named(&mut self, room: &str, way: Way) {
        match RoomName::new(room) {
            Ok(room) => self.move_to(room, way),
            Err(error) => self.answer(Event::error(ErrorCode::InvalidName, error.told())),
        }
    }

    pub(super) fn move_to(&mut self, name: RoomName, way: Way) {
        let directory = self.house.profile_directory().map(Path::to_owned);
        let destination = Destination { name, way, directory, takes_weak: self.takes_weak_codes };
        self.to_open.push_back(destination);
        self.open_next();
    }

    /// One after the other, since each costs what makes its code hard to guess
    fn open_next(&mut self) {
        if self.moving.is_none() {
            self.moving = self.to_open.pop_front().map(Moving::to);
        }
    }

    pub(super) fn on_opened(&mut self, outcome: anyhow::Result<Opened>) {
        self.moving = None;
        self.open_next();
        match outcome {
            Ok(Opened { entrance, code }) => {
                let room = entrance.room().name().to_string();
                if let Some(code) = code {
                    self.tui.on_new_room(&room, code);
                }
                self.wanted = Some(room);
                self.house.join(entrance);
            }
            Err(error) => self.answer(Event::error(ErrorCode::NotJoined, error)),
        }
    }

    pub(super) fn part_when_all_is_said(&mut self) {
        let now = Instant::now();
        let is_said = |room: &String| self.owed.get(room).is_none_or(|owed| owed.is_paid());
        let left: Vec<String> = self
            .parting
            .iter()
            .filter(|(room, by)| **by <= now || is_said(room))
            .map(|(room, _)| room.clone())
            .collect();
        for room in left {
            self.parting.remove(&room);
            if let Err(error) = self.house.part(&room) {
                self.answer(Event::error(ErrorCode::NotJoined, error));
            }
            while let Some(happening) = self.house.take() {
                self.on_happening(happening);
            }
        }
    }

    /// Tells something about what was typed, where one looks
    pub(super) fn answer(&mut self, event: Event) {
        let room = self.house.current().to_string();
        self.on_happening(Happening { room, event });
    }

    /// Shows with whom there were whispers, and what was not read of all conversations
    pub(super) fn recall(&mut self, is_back: bool) {
        let Some(directory) = self.house.profile_directory() else { return };
        let marks = marks::read(directory);
        let kept = correspondents(directory, MAX_KEPT);
        let kept = kept.inspect_err(|error| warn!(%error, "with whom there were whispers cannot be read"));
        for Correspondent { person, room } in kept.unwrap_or_default() {
            let session = self.house.session(&room).unwrap_or_else(|| self.house.current_session());
            let author = recall::person(person);
            let label = session.view().label_as(author.id, &author.name).clean_name();
            self.tui.on_kept(&room, author.id, label);
        }
        let last = marks.first().cloned();
        self.tui.on_marks(marks);
        if let Some(Mark::Person { id, .. }) = last.filter(|_| is_back) {
            self.tui.go_to_person(id);
        }
    }

    /// Notes how far one has read
    pub(super) fn remember(&mut self) {
        if let Some(notes) = &mut self.notes {
            notes.write(marks::text(&self.tui.marks()));
        }
    }

    /// Reads what was said before, beside all else
    pub(super) fn load(&mut self, older: Older) {
        let directory = self.house.profile_directory().map(Path::to_owned);
        let Some(room) = self.house.session(&older.room).map(|session| session.room().clone()) else {
            return;
        };
        self.pages.spawn_blocking(move || {
            let read = |directory: PathBuf| pages::read(&directory, &room, &older);
            let events = directory.map(read).unwrap_or_default();
            (room, older, events)
        });
    }

    fn part(&mut self, room: &str) {
        match self.house.may_part(room) {
            Ok(()) => {
                self.parting.insert(room.to_owned(), Instant::now() + SAYING);
            }
            Err(error) => self.answer(Event::error(ErrorCode::NotJoined, error)),
        }
    }
}

/// How the network of a room does
pub(super) fn network(room: Sight<'_>, is_kept: bool) -> Network {
    let Status { offline, local, keeping, interfaces, lost, awaited, loss, .. } = room.status();
    Network {
        interfaces,
        is_offline: offline,
        lost,
        awaited,
        loss,
        is_local: local,
        is_kept,
        is_stuck: !keeping,
    }
}
