use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    bounded::{Bytes, List},
    codec,
    frame::LogId,
    header::Header,
    item::Item,
    limits::{MAX_DATAGRAM_BYTES, MAX_ENTRIES, MAX_ENTRY_BYTES, MAX_ITEMS},
};
use crate::{
    About, Identity, PeerKey, Room, RoomId, SEAL_BYTES, Signature, Verifier, WallTime, identity::Purpose,
};

/// One step of somebody's log: what they said, and its place (PROTOCOL.md §7)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose log
    pub author: PeerKey,
    /// Which of the author's logs: the incarnation in which it was begun
    pub epoch: u64,
    /// The place in that log, from 1
    pub seq: u64,
    /// The hash of the whole entry before it, zeros at place 1
    pub prev: EntryHash,
    /// One more than the greatest that the author had taken in, was announced or wrote
    pub lamport: u64,
    /// When the author's clock says it was said
    pub sent_at: WallTime,
    /// What was said, in order
    pub items: List<Item, MAX_ITEMS>,
}

impl Entry {
    /// The log that it is in
    pub fn log(&self) -> LogId {
        LogId { author: self.author, epoch: self.epoch }
    }

    /// What the line is about that begins with this item: of what is said right before it the last counts
    pub(crate) fn about_line_at(&self, index: u32) -> Option<About> {
        let before = self.items.get(..usize::try_from(index).ok()?)?.iter().rev();
        let mut before = before.take_while(|item| !item.begins_line() && !item.continues_line());
        before.find_map(Item::about)
    }

    /// The most bytes that an entry has besides its items
    pub(crate) const OVERHEAD_BYTES: usize = 32 + 9 + 9 + 32 + 9 + 9 + 1;
}

/// BLAKE3 over an entry's bytes and its signature
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntryHash([u8; 32]);

impl EntryHash {
    /// The hash with these 32 bytes
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash's 32 bytes
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// An entry as it travels and is kept: the very bytes that its author signed, never encoded anew
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEntry {
    bytes: Bytes<MAX_ENTRY_BYTES>,
    signature: Signature,
}

impl SignedEntry {
    /// Signs `entry`; `None` if its items make it too long
    pub fn sign(entry: &Entry, identity: &Identity, room: &RoomId) -> Option<Self> {
        let bytes = Bytes::new(codec::encode(entry))?;
        let signature = identity.sign(Purpose::Entry, room, &bytes);
        Some(Self { bytes, signature })
    }

    /// The entry that was kept as these bytes and this signature, not yet verified; `None` if they are no entry
    pub fn from_parts(bytes: Vec<u8>, signature: [u8; 64]) -> Option<Self> {
        let signed = Self { bytes: Bytes::new(bytes)?, signature: Signature::from_bytes(signature) };
        signed.claim().is_some().then_some(signed)
    }

    /// The bytes that the author signed
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The author's signature over them
    pub fn signature(&self) -> &[u8; 64] {
        self.signature.as_bytes()
    }

    /// What the entry claims to be, not yet verified; `None` if the bytes are no entry
    pub fn claim(&self) -> Option<Entry> {
        let entry = codec::decode::<Entry>(&self.bytes)?;
        let is_first = entry.prev == EntryHash::default();
        (entry.seq > 0 && is_first == (entry.seq == 1) && !entry.items.is_empty()).then_some(entry)
    }

    /// Whether `author` signed these bytes for `room`
    pub fn is_signed_by(&self, author: &PeerKey, room: &RoomId, verifier: &dyn Verifier) -> bool {
        self.signature.is_valid(verifier, Purpose::Entry, author, room, &self.bytes)
    }

    /// How many bytes it takes to keep
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() + Signature::LEN
    }

    /// How many bytes it takes in a frame at most
    fn encoded_bytes(&self) -> usize {
        3 + self.len()
    }

    /// What the next entry of the log has as `prev`
    pub fn hash(&self) -> EntryHash {
        let mut hasher = blake3::Hasher::new_derive_key("lanchat 1 entry");
        hasher.update(&self.bytes).update(self.signature.as_bytes());
        EntryHash(*hasher.finalize().as_bytes())
    }
}

/// What a Data frame has for its entries, the seal of a private room deducted
const MAX_DATA_BYTES: usize = MAX_DATAGRAM_BYTES - Header::LEN - SEAL_BYTES - 1;

/// The body of a Data frame: entries, each with its author's signature (PROTOCOL.md §5.6)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// The entries
    pub entries: List<SignedEntry, MAX_ENTRIES>,
}

impl Data {
    /// A frame of one entry
    pub fn of(entry: SignedEntry) -> Self {
        Self { entries: List::of_one(entry) }
    }

    /// The datagrams that carry these entries, as many in each as fit
    pub(crate) fn pack(entries: Vec<SignedEntry>, room: &Room) -> Vec<Vec<u8>> {
        let mut datagrams = Vec::new();
        let (mut together, mut left) = (Vec::new(), MAX_DATA_BYTES);
        for entry in entries {
            let bytes = entry.encoded_bytes();
            if together.len() == MAX_ENTRIES || left < bytes {
                datagrams.extend(Self::of_all(core::mem::take(&mut together)).map(|data| data.seal(room)));
                left = MAX_DATA_BYTES;
            }
            left = left.saturating_sub(bytes);
            together.push(entry);
        }
        datagrams.extend(Self::of_all(together).map(|data| data.seal(room)));
        datagrams
    }

    fn of_all(entries: Vec<SignedEntry>) -> Option<Self> {
        let entries = List::new(entries).filter(|entries| !entries.is_empty())?;
        Some(Self { entries })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::{
        Ed25519, Room, RoomName, Text,
        wire::{Header, MAX_DATAGRAM_BYTES, MAX_ITEM_BYTES},
    };

    fn entry(author: &Identity, items: Vec<Item>) -> Entry {
        Entry {
            author: *author.key(),
            epoch: u64::MAX,
            seq: u64::MAX,
            prev: EntryHash([0xff; 32]),
            lamport: u64::MAX,
            sent_at: WallTime::from_unix_millis(u64::MAX),
            items: List::new(items).unwrap(),
        }
    }

    #[test]
    fn the_longest_item_fits_into_an_entry_and_the_entry_into_a_datagram() {
        let (ann, room) = (Identity::from_secret([1; 32]), Room::open(RoomName::lobby()));
        let items = Item::from_text(&Text::new(&"x".repeat(MAX_ITEM_BYTES)).unwrap());
        let signed = SignedEntry::sign(&entry(&ann, items.clone()), &ann, room.id()).unwrap();
        assert!(signed.bytes.len() <= Entry::OVERHEAD_BYTES + items[0].encoded_bytes());
        assert!(codec::encode(&Data::of(signed)).len() + Header::LEN + SEAL_BYTES <= MAX_DATAGRAM_BYTES);
    }

    #[test]
    fn the_hash_covers_the_signature_too() {
        let (ann, room) = (Identity::from_secret([1; 32]), Room::open(RoomName::lobby()));
        let signed =
            SignedEntry::sign(&entry(&ann, Item::from_text(&Text::new("hi").unwrap())), &ann, room.id())
                .unwrap();
        let mut altered = signed.clone();
        altered.signature = Signature::from_bytes([0; 64]);
        assert!(signed.is_signed_by(ann.key(), room.id(), &Ed25519));
        assert!(!altered.is_signed_by(ann.key(), room.id(), &Ed25519));
        assert_ne!(signed.hash(), altered.hash());
    }

    #[test]
    fn an_entry_comes_back_from_its_parts_and_from_nothing_else() {
        let (ann, room) = (Identity::from_secret([1; 32]), Room::open(RoomName::lobby()));
        let hi = entry(&ann, Item::from_text(&Text::new("hi").unwrap()));
        let signed = SignedEntry::sign(&hi, &ann, room.id()).unwrap();
        let (bytes, signature) = (signed.bytes().to_vec(), *signed.signature());
        assert_eq!(SignedEntry::from_parts(bytes.clone(), signature), Some(signed));
        assert_eq!(SignedEntry::from_parts(bytes[1..].to_vec(), signature), None);
        assert_eq!(SignedEntry::from_parts(vec![0; MAX_ENTRY_BYTES + 1], signature), None);
    }

    #[test]
    fn an_entry_that_says_nothing_or_has_no_place_is_none() {
        let (ann, room) = (Identity::from_secret([1; 32]), Room::open(RoomName::lobby()));
        let empty = entry(&ann, vec![]);
        assert_eq!(SignedEntry::sign(&empty, &ann, room.id()).unwrap().claim(), None);
        let mut nowhere = entry(&ann, Item::from_text(&Text::new("hi").unwrap()));
        nowhere.seq = 0;
        assert_eq!(SignedEntry::sign(&nowhere, &ann, room.id()).unwrap().claim(), None);
    }
}
