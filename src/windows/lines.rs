//! What windows and the node that they share say to each other: one JSON object a line

use std::fmt;

use anyhow::anyhow;
use lanchat_protocol::{Room, RoomKey, RoomName};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    command::Command,
    event::{Event, Peer, Topic},
    house::Happening,
    lang::{Told as _, tell},
    rooms::{Entrance, Origin, keys},
    sanitize::Unclean,
    session::{Session, Status},
    trust::Acquaintance,
};

/// Of these lines; programs of different ones do not talk to each other
pub(super) const VERSION: u32 = 1;

/// The longest line: a room with many people
pub(super) const MAX_LINE: u64 = 4 << 20;

/// What a window asks for
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(super) enum Ask {
    /// To be told what happens; always the first, and once
    Attach {
        /// [`VERSION`]
        version: u32,
        /// Rooms to be in as long as the window is there
        rooms: Vec<Way>,
        /// Whether it is to be told of all rooms where the person is, and not of these only
        all: bool,
        /// Whether somebody sits before it
        sits: bool,
    },
    /// Something to be done, as typed in this room, and in no other
    Do {
        /// Where
        at: Venue,
        /// What
        command: Command,
    },
    /// To go to a further room
    Enter {
        /// Which
        way: Way,
    },
    /// To leave a room
    Part {
        /// Which
        room: String,
    },
    /// To hear plain datagrams
    Guests,
    /// To go on with the node that ends; always the last
    GoOn,
}

/// What a window is told
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub(super) enum Told {
    /// What there is to know of a room, before anything that happens in it
    Room(Box<Snapshot>),
    /// All rooms that it asked for are told of, or it was told why not
    Attached,
    /// The program ends, and says goodbye unless somebody goes on
    Ending,
    /// Something happened
    Happening {
        /// Where
        room: String,
        /// What
        event: Box<Event>,
    },
    /// How a room does has changed
    Status {
        /// Which
        room: String,
        /// What it is now
        status: Status,
    },
    /// What was asked for last cannot be had
    Refused {
        /// One sentence that says why
        message: String,
    },
}

impl Told {
    pub(super) fn happening(Happening { room, event }: Happening) -> Self {
        Self::Happening { room, event: Box::new(event) }
    }
}

/// What there is to know of a room when a window comes
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    /// How to get into it
    pub(super) way: Way,
    /// Who one is
    pub(super) ready: Event,
    /// Who is there
    pub(super) peers: Vec<Peer>,
    /// Who was there before, and what they were called
    pub(super) known: Vec<(Uuid, Unclean)>,
    /// What is held of others
    pub(super) contacts: Vec<(Uuid, Acquaintance)>,
    /// What it is about
    pub(super) topic: Option<Topic>,
    /// What one says about being away
    pub(super) away: Option<Option<Unclean>>,
    /// How it does
    pub(super) status: Status,
}

impl Snapshot {
    pub(super) fn of(session: &Session) -> Self {
        let view = session.view();
        Self {
            way: Way::of(&session.entrance()),
            ready: session.ready(),
            peers: session.peers(),
            known: view.known().map(|(id, name)| (id, name.clone())).collect(),
            contacts: view.contacts().iter().map(|(id, who)| (id, who.clone())).collect(),
            topic: view.topic().cloned(),
            away: view.is_away().then(|| view.note().cloned()),
            status: session.status(),
        }
    }
}

/// A room, and which one of its name
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Venue {
    pub(super) room: String,
    /// The room's id, in hexadecimal digits
    id: String,
}

impl Venue {
    pub(super) fn of(room: &Room) -> Self {
        let id = room.id().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { room: room.name().to_string(), id }
    }

    /// One where nobody is any more
    pub(super) fn nowhere(room: &str) -> Self {
        Self { room: room.to_owned(), id: String::new() }
    }
}

/// How to get into a room
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Way {
    room: String,
    /// The key of a private one, in hexadecimal digits
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Whether somebody has answered to the key before
    #[serde(default)]
    proven: bool,
    /// Whether it was made just now
    #[serde(default)]
    new: bool,
}

impl Way {
    pub(super) fn of(entrance: &Entrance) -> Self {
        Self {
            room: entrance.room.name().to_string(),
            key: entrance.key.as_ref().map(keys::digits),
            proven: matches!(entrance.origin, Origin::Known),
            new: matches!(entrance.origin, Origin::New),
        }
    }

    /// # Errors
    /// When it leads nowhere, in one sentence
    pub(super) fn entrance(&self) -> anyhow::Result<Entrance> {
        let name = RoomName::new(&self.room).map_err(|error| anyhow!(error.told()))?;
        let Some(digits) = &self.key else { return Ok(Entrance::open(name)) };
        let key: RoomKey =
            keys::key(digits).ok_or_else(|| anyhow!(tell!("room-not-remembered", room = name.as_str())))?;
        Ok(match (self.new, self.proven) {
            (true, _) => Entrance::new(name, &key),
            (false, true) => Entrance::remembered(name, &key),
            (false, false) => Entrance::given(name, key),
        })
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way").field("room", &self.room).finish_non_exhaustive()
    }
}

/// One line
pub(super) fn line(what: &impl Serialize) -> String {
    let mut line = serde_json::to_string(what).unwrap_or_default();
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::contract;

    #[test]
    fn every_event_comes_through() {
        for event in contract() {
            let told = line(&Told::happening(Happening { room: "attic".into(), event: event.clone() }));
            let Told::Happening { room, event: came } = serde_json::from_str(&told).unwrap() else {
                panic!("{told}")
            };
            assert_eq!((room.as_str(), *came), ("attic", event));
        }
    }

    #[test]
    fn a_way_leads_into_the_same_room_and_shows_no_key() {
        let attic = || RoomName::new("attic").unwrap();
        let key = RoomKey::from_bytes([7; 32]);
        let entrances = [
            Entrance::open(attic()),
            Entrance::remembered(attic(), &key),
            Entrance::given(attic(), key.clone()),
            Entrance::new(attic(), &key),
        ];
        for entrance in entrances {
            let way = Way::of(&entrance);
            let came: Way = serde_json::from_str(&line(&way)).unwrap();
            let led = came.entrance().unwrap();
            assert_eq!(led.room(), entrance.room());
            assert_eq!(Way::of(&led), way);
            assert!(!format!("{way:?}").contains("0707"));
        }
    }
}
