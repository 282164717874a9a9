use core::fmt;

use crate::RoomName;

/// A room as the protocol knows it: its name and what follows from it (PROTOCOL.md §3)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    name: RoomName,
    id: RoomId,
    tag: RoomTag,
}

impl Room {
    /// The open room of this name: anyone who knows the name is in it
    pub fn open(name: RoomName) -> Self {
        let id = RoomId(blake3::derive_key("lanchat 1 open room", name.as_str().as_bytes()));
        let mut tag = [0; 8];
        tag.copy_from_slice(&blake3::derive_key("lanchat 1 room tag", &id.0)[..8]);
        Self { name, id, tag: RoomTag(tag) }
    }

    /// What people call it
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// What is signed into everything that is said in it
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// What stands in the header of each of its datagrams
    pub fn tag(&self) -> RoomTag {
        self.tag
    }
}

/// 32 bytes that only members of a room can know; of an open room, whoever knows its name
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoomId([u8; 32]);

impl RoomId {
    /// The id's 32 bytes
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    #[cfg(test)]
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoomId({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// 8 bytes that tell a room's datagrams from another's (PROTOCOL.md §3); they say nothing of what is said in it
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoomTag([u8; 8]);

impl RoomTag {
    pub(crate) const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_differ_by_name_alone() {
        let lobby = Room::open(RoomName::lobby());
        assert_eq!(lobby, Room::open(RoomName::new("LOBBY").unwrap()));
        assert_ne!(lobby.id(), Room::open(RoomName::new("attic").unwrap()).id());
        assert_ne!(lobby.tag(), Room::open(RoomName::new("attic").unwrap()).tag());
    }
}
