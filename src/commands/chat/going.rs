//! Into rooms and out of them

use std::{path::Path, sync::PoisonError};

use lanchat_protocol::RoomName;
use tokio::time::Instant;

use super::{Chat, Rooms, SAYING, visit::Visit};
use crate::{
    command::Command,
    commands::{
        earlier::Earlier,
        entrance::{Destination, Opened, Way},
        moving::Moving,
    },
    event::{ErrorCode, Event},
    lang::{Told as _, tell},
    rooms::Entrance,
};

impl Chat {
    pub(super) fn move_to_named(&mut self, room: &str, way: Way) {
        match RoomName::new(room) {
            Ok(room) => self.move_to(room, way),
            Err(error) => self.stay_behind(Event::error(ErrorCode::InvalidName, error.told())),
        }
    }

    /// Goes back to a room where one is, unless a code was given, which may be that of another
    pub(super) fn move_to(&mut self, name: RoomName, way: Way) {
        self.is_astray = false;
        if matches!(way, Way::Usual) && self.house.go_to(name.as_str()) {
            return self.tell_waiting();
        }
        let directory = self.house.profile_directory().map(Path::to_owned);
        let destination = Destination { name, way, directory, takes_weak: self.takes_weak_codes };
        self.moving = Some(Moving::to(destination));
    }

    pub(super) fn on_opened(&mut self, outcome: anyhow::Result<Opened>) {
        self.moving = None;
        match outcome {
            Ok(Opened { entrance, code }) => {
                if let Some(code) = code {
                    self.screen.show_new_room(entrance.room().name().as_str(), code.as_str());
                }
                self.arriving = Some((entrance, Instant::now() + SAYING));
            }
            Err(error) => self.stay_behind(Event::error(ErrorCode::NotJoined, error)),
        }
    }

    /// Tells why one is not in the room that was asked for
    pub(super) fn stay_behind(&mut self, why: Event) {
        self.is_astray = true;
        self.answer(why);
    }

    /// Whether what is typed now may be meant for a room where one is not; who sits before it sees where it goes
    pub(super) fn is_astray(&self) -> bool {
        self.is_astray && !self.screen.is_interactive()
    }

    /// Leaves this room, or the current one, once all is said there
    pub(super) fn part(&mut self, room: Option<&str>) {
        let room = match room.map(RoomName::new).transpose() {
            Ok(room) => room.unwrap_or_else(|| self.house.current().clone()),
            Err(error) => return self.answer(Event::error(ErrorCode::InvalidName, error.told())),
        };
        match (self.house.may_part(room.as_str()), self.visits.get_mut(room.as_str())) {
            (Ok(()), Some(visit)) => visit.part_soon(Instant::now()),
            (Ok(()), None) => {
                if let Err(error) = self.house.part(room.as_str()) {
                    self.answer(Event::error(ErrorCode::NotJoined, error));
                }
            }
            (Err(error), _) => self.answer(Event::error(ErrorCode::NotJoined, error)),
        }
    }

    pub(super) fn arrive_when_all_is_said(&mut self) {
        let now = Instant::now();
        let is_time = |(entrance, by): &mut (Entrance, Instant)| {
            let visit = self.visits.get(entrance.room().name().as_str());
            *by <= now || visit.is_none_or(|visit| visit.owed.is_paid())
        };
        if let Some((entrance, _)) = self.arriving.take_if(is_time) {
            self.house.join(entrance);
        }
    }

    pub(super) fn part_when_all_is_said(&mut self) {
        let now = Instant::now();
        let left: Vec<String> = self
            .visits
            .iter()
            .filter(|(_, visit)| visit.is_to_be_left(now))
            .map(|(room, _)| room.clone())
            .collect();
        for room in left {
            self.tell_earlier_in(&room, Earlier::tell);
            if let Err(error) = self.house.part(&room) {
                self.visits.entry(room).and_modify(Visit::stay);
                self.answer(Event::error(ErrorCode::NotJoined, error));
            }
            self.tell_waiting();
        }
    }
}

/// The room that a typed line leads to, if its code is not in a file and one is not there
pub(super) fn room_joined(line: &str, joined: &Rooms) -> Option<RoomName> {
    let joined = joined.lock().unwrap_or_else(PoisonError::into_inner);
    match Command::parse(line) {
        Ok(Some(Command::Join { room, code_file: None })) => {
            RoomName::new(&room).ok().filter(|room| *room != RoomName::lobby() && !joined.contains(room))
        }
        Ok(_) | Err(_) => None,
    }
}

pub(super) fn not_said_here() -> Event {
    Event::error(ErrorCode::NotJoined, tell!("room-not-said"))
}

pub(super) fn nowhere_to_show(room: &str) -> Event {
    let message = tell!("code-not-shown", room = room);
    Event::error(ErrorCode::NotJoined, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_asked_for_where_there_can_be_one() {
        let attic = RoomName::new("attic").unwrap();
        let joined = Rooms::default();
        assert_eq!(room_joined("/join Attic", &joined), Some(attic.clone()));
        joined.lock().unwrap().insert(attic);
        assert_eq!(room_joined("/join Attic", &joined), None, "one is there");
        for line in ["/join lobby", "/join Lobby", "/join attic code", "/join", "join attic"] {
            assert_eq!(room_joined(line, &Rooms::default()), None, "{line}");
        }
    }
}
