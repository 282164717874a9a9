mod code;
mod seal;

use alloc::{borrow::Cow, vec::Vec};
use core::fmt;

use self::seal::SealingKey;
pub use self::{
    code::{NoMemory, RoomCode, RoomCodeError, RoomKey},
    seal::{NONCE_BYTES, SEAL_BYTES},
};
use crate::{
    RoomName,
    wire::{Dropped, Header, MAX_DATAGRAM_BYTES},
};

/// A room as the protocol knows it: its name and what follows from it (PROTOCOL.md §3)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    name: RoomName,
    id: RoomId,
    tag: RoomTag,
    /// What its datagrams are sealed with, if it is private
    key: Option<SealingKey>,
}

impl Room {
    /// The open room of this name: anyone who knows the name is in it
    pub fn open(name: RoomName) -> Self {
        let id = RoomId(blake3::derive_key("lanchat 1 open room", name.as_str().as_bytes()));
        Self { name, id, tag: id.tag(), key: None }
    }

    /// The private room with this key: only who has the key is in it, or learns anything of it
    pub fn private(name: RoomName, key: &RoomKey) -> Self {
        let id = RoomId(blake3::derive_key("lanchat 1 private room", key.as_bytes()));
        Self { name, id, tag: id.tag(), key: Some(SealingKey::of(key)) }
    }

    /// Whether only who has its key is in it
    pub fn is_private(&self) -> bool {
        self.key.is_some()
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

    /// A datagram of this room as it travels: of a private one, all that follows the header is sealed (PROTOCOL.md §4)
    ///
    /// `nonce` is drawn at random for each datagram.
    pub fn seal(&self, datagram: Vec<u8>, nonce: impl FnOnce() -> [u8; NONCE_BYTES]) -> Vec<u8> {
        match &self.key {
            Some(key) => key.seal(&datagram, nonce()),
            None => datagram,
        }
    }

    /// What [`seal`](Self::seal) made the datagram from, nothing of it verified but that a member of a private room
    /// sealed it
    ///
    /// # Errors
    /// Why it was dropped
    pub fn unseal<'a>(&self, datagram: &'a [u8]) -> Result<Cow<'a, [u8]>, Dropped> {
        if datagram.len() > MAX_DATAGRAM_BYTES {
            return Err(Dropped::Malformed);
        }
        let (header, _) = Header::decode(datagram)?;
        if header.room != self.tag {
            return Err(Dropped::OtherRoom);
        }
        match (&self.key, header.is_sealed) {
            (None, false) => Ok(Cow::Borrowed(datagram)),
            (Some(key), true) => key.open(datagram).map(Cow::Owned).ok_or(Dropped::Unsealed),
            (None, true) | (Some(_), false) => Err(Dropped::Unsealed),
        }
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

    fn tag(&self) -> RoomTag {
        let [a, b, c, d, e, f, g, h, ..] = blake3::derive_key("lanchat 1 room tag", &self.0);
        RoomTag([a, b, c, d, e, f, g, h])
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
    use alloc::vec;
    use std::format;

    use super::*;

    fn private(key: u8) -> Room {
        Room::private(RoomName::new("attic").unwrap(), &RoomKey::from_bytes([key; 32]))
    }

    /// Something sealed, and what it was
    fn sealed(room: &Room) -> (Vec<u8>, Vec<u8>) {
        let header = Header { kind: 1, is_sealed: true, room: room.tag() }.encode();
        let datagram = [header.as_slice(), b"dinner is ready"].concat();
        (room.seal(datagram.clone(), || [9; NONCE_BYTES]), datagram)
    }

    #[test]
    fn rooms_differ_by_name_alone() {
        let lobby = Room::open(RoomName::lobby());
        assert_eq!(lobby, Room::open(RoomName::new("LOBBY").unwrap()));
        assert_ne!(lobby.id(), Room::open(RoomName::new("attic").unwrap()).id());
        assert_ne!(lobby.tag(), Room::open(RoomName::new("attic").unwrap()).tag());
    }

    #[test]
    fn private_rooms_differ_by_key() {
        let (attic, other) = (private(1), private(2));
        let open = Room::open(attic.name().clone());
        assert!(attic.is_private() && !open.is_private());
        for (one, other) in [(&attic, &other), (&attic, &open)] {
            assert_ne!((one.id(), one.tag()), (other.id(), other.tag()));
        }
        assert_eq!(attic.tag(), private(1).tag());
    }

    #[test]
    fn a_datagram_of_an_open_room_travels_as_it_is() {
        let lobby = Room::open(RoomName::lobby());
        let header = Header { kind: 1, is_sealed: false, room: lobby.tag() }.encode().to_vec();
        let travels = lobby.seal(header.clone(), || panic!("no nonce is needed"));
        assert_eq!(travels, header);
        assert_eq!(lobby.unseal(&travels).unwrap(), header);
    }

    #[test]
    fn who_has_the_key_reads_what_was_sealed_and_nobody_else() {
        let (sealed, datagram) = sealed(&private(1));
        assert_eq!(sealed.len(), datagram.len() + SEAL_BYTES);
        assert_eq!(private(1).unseal(&sealed).unwrap(), datagram);
        assert_eq!(private(2).unseal(&sealed), Err(Dropped::OtherRoom));
        assert_eq!(Room::open(RoomName::new("attic").unwrap()).unseal(&sealed), Err(Dropped::OtherRoom));
        assert!(!sealed.windows(6).any(|window| window == b"dinner"));
    }

    #[test]
    fn nothing_that_was_altered_anywhere_is_opened() {
        let attic = private(1);
        let (sealed, _) = sealed(&attic);
        for bit in 0..8 * sealed.len() {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(attic.unseal(&altered).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(attic.unseal(&sealed[..length]).is_err(), "{length} bytes");
        }
        assert!(attic.unseal(&[sealed.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn what_was_sealed_does_not_open_under_another_header() {
        let (attic, other) = (private(1), private(2));
        let (sealed, _) = sealed(&attic);
        let another_kind = Header { kind: 2, is_sealed: true, room: attic.tag() }.encode();
        let another_room = Header { kind: 1, is_sealed: true, room: other.tag() }.encode();
        for (header, room) in [(another_kind, &attic), (another_room, &other)] {
            let spliced = [header.as_slice(), &sealed[Header::LEN..]].concat();
            assert_eq!(room.unseal(&spliced), Err(Dropped::Unsealed));
        }
    }

    #[test]
    fn what_is_not_sealed_has_no_place_in_a_private_room_nor_the_other_way_round() {
        for (room, is_sealed) in [(private(1), false), (Room::open(RoomName::lobby()), true)] {
            let header = Header { kind: 1, is_sealed, room: room.tag() }.encode();
            let datagram = [header.as_slice(), &[0; 200]].concat();
            assert_eq!(room.unseal(&datagram), Err(Dropped::Unsealed));
        }
        let too_long = vec![0; MAX_DATAGRAM_BYTES + 1];
        assert_eq!(private(1).unseal(&too_long), Err(Dropped::Malformed));
    }

    #[test]
    fn no_key_is_printed() {
        let printed = format!("{:?}", Room::private(RoomName::lobby(), &RoomKey::from_bytes([42; 32])));
        assert!(printed.contains("SealingKey(…)") && !printed.contains("42, 42"), "{printed}");
    }
}
