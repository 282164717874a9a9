//! Whether anybody answers in a private room, by which it shows whether its code is the right one

use std::{
    path::Path,
    time::{Duration, Instant},
};

use lanchat_protocol::{RoomKey, RoomName};
use tracing::warn;

use super::Session;
use crate::{
    event::Event,
    lang::tell,
    rooms::{Entrance, Origin, keys},
};

/// How long whoever is in a private room may take to answer
const LISTENING: Duration = Duration::from_secs(3);

/// What waits for somebody to answer, or for nobody to
#[derive(Debug)]
pub(super) struct Solitude {
    unproven: Option<RoomKey>,
    /// When it is to be told that nobody has answered
    due: Option<Instant>,
}

impl Solitude {
    pub(super) fn new(entrance: &Entrance, now: Instant) -> Self {
        let due = Some(now + LISTENING).filter(|_| entrance.room.is_private());
        match entrance.origin {
            Origin::Known => Self { unproven: None, due },
            Origin::Unproven => Self { unproven: entrance.key.clone(), due },
            Origin::New => Self { unproven: None, due: None },
        }
    }

    /// Whether somebody has answered to the key of the room, now or before
    pub(super) fn is_proven(&self) -> bool {
        self.unproven.is_none()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.due
    }

    /// Somebody is there: the key, if it is to be remembered now
    fn end(&mut self) -> Option<RoomKey> {
        self.due = None;
        self.unproven.take()
    }

    /// Whether it is time to tell that nobody is there; without a network nobody could be
    fn is_to_be_told(&mut self, now: Instant, is_offline: bool) -> bool {
        if self.due.is_none_or(|due| now < due) {
            return false;
        }
        self.due = is_offline.then(|| now + LISTENING);
        !is_offline
    }
}

impl Session {
    pub(super) fn tell_whether_alone(&mut self) {
        if self.solitude.poll_timeout().is_some() && self.node.peers().next().is_some() {
            // Somebody who is blocked has the code as well.
            self.on_answer();
        }
        if self.solitude.is_to_be_told(Instant::now(), self.is_offline) {
            let room = self.room.name().to_string();
            self.waiting.push_back(Event::Alone { room, message: tell!("alone-with-code") });
        }
    }

    /// Remembers the key of this room, once somebody has answered to it
    pub(super) fn on_answer(&mut self) {
        let key = self.solitude.end();
        if let (Some(key), Some(directory)) = (key, self.home.directory()) {
            let (directory, name) = (directory.to_owned(), self.room.name().clone());
            // The task that owns the node does not wait for the disk.
            drop(tokio::task::spawn_blocking(move || remember(&directory, &name, &key)));
        }
    }
}

fn remember(directory: &Path, name: &RoomName, key: &RoomKey) {
    if let Err(error) = keys::remember(directory, name, key) {
        warn!(%error, "the code will be asked for again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solitude(origin: Origin) -> (Solitude, Instant) {
        let key = RoomKey::from_bytes([1; 32]);
        let (name, now) = (RoomName::new("attic").unwrap(), Instant::now());
        let entrance = match origin {
            Origin::Known => Entrance::remembered(name, &key),
            Origin::Unproven => Entrance::given(name, key),
            Origin::New => Entrance::new(name, &key),
        };
        (Solitude::new(&entrance, now), now)
    }

    #[test]
    fn that_nobody_answers_is_told_once_and_not_before_they_could() {
        let (mut solitude, start) = solitude(Origin::Known);
        assert!(!solitude.is_to_be_told(start + LISTENING / 2, false));
        assert!(solitude.is_to_be_told(start + LISTENING, false));
        assert!(!solitude.is_to_be_told(start + 2 * LISTENING, false));
    }

    #[test]
    fn where_there_is_no_network_the_code_is_not_to_blame() {
        let (mut solitude, start) = solitude(Origin::Known);
        assert!(!solitude.is_to_be_told(start + LISTENING, true));
        assert!(solitude.is_to_be_told(start + 2 * LISTENING, false));
    }

    #[test]
    fn a_key_is_remembered_once_somebody_has_answered() {
        let (mut solitude, start) = solitude(Origin::Unproven);
        assert!(solitude.end().is_some());
        assert!(solitude.end().is_none() && !solitude.is_to_be_told(start + LISTENING, false));
    }

    #[test]
    fn nobody_is_waited_for_in_a_room_that_is_new_or_open() {
        assert_eq!(solitude(Origin::New).0.poll_timeout(), None);
        let lobby = Entrance::open(RoomName::lobby());
        assert_eq!(Solitude::new(&lobby, Instant::now()).poll_timeout(), None);
    }
}
