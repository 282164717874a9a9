//! Ways into a room: open ones need none, private ones a code or the key that follows from it

pub mod code;
pub mod joined;
pub mod keys;

use lanchat_protocol::{Room, RoomKey, RoomName};

/// A room that can be entered, and how one came to be able to
#[derive(Clone, Debug)]
pub struct Entrance {
    pub(crate) room: Room,
    /// That of a private one
    pub(crate) key: Option<RoomKey>,
    pub(crate) origin: Origin,
}

/// Where the key of a room comes from
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// There is none, or others have answered to it before
    Known,
    /// A code that somebody gave: whether it is the right one shows when somebody answers
    Unproven,
    /// A code that was made just now: nobody can answer yet
    New,
}

impl Entrance {
    /// Of the open room of this name
    pub fn open(name: RoomName) -> Self {
        Self { room: Room::open(name), key: None, origin: Origin::Known }
    }

    /// Of a private room whose key was remembered
    pub fn remembered(name: RoomName, key: &RoomKey) -> Self {
        Self::private(name, key, Origin::Known)
    }

    /// Of a private room whose code somebody gave
    pub fn given(name: RoomName, key: RoomKey) -> Self {
        Self::private(name, &key, Origin::Unproven)
    }

    /// Of a private room that begins with this key
    pub fn new(name: RoomName, key: &RoomKey) -> Self {
        Self::private(name, key, Origin::New)
    }

    fn private(name: RoomName, key: &RoomKey, origin: Origin) -> Self {
        Self { room: Room::private(name, key), key: Some(key.clone()), origin }
    }

    /// The room
    pub fn room(&self) -> &Room {
        &self.room
    }
}
