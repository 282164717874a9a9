use core::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::wire::Item;

/// An Ed25519 public key: who somebody is (PROTOCOL.md §3)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PeerKey([u8; 32]);

impl PeerKey {
    /// The key with these 32 bytes, not checked to be a point on the curve
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key's 32 bytes
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The id that everyone derives from this key
    pub fn id(&self) -> PeerId {
        PeerId(derived_uuid("lanchat 1 peer id", &[&self.0]))
    }
}

impl fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerKey({})", self.id())
    }
}

/// An X25519 public key: to whom whispers are sealed (PROTOCOL.md §3)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhisperKey([u8; 32]);

impl WhisperKey {
    /// The key with these 32 bytes, of which all are one, though not all good
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key's 32 bytes
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The short form of a [`PeerKey`]: a UUIDv8 of its hash, so nobody can choose one (PROTOCOL.md §3)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(Uuid);

impl PeerId {
    /// The id as a UUID
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }

    /// The peer id that this UUID spells; whether anyone has it is another question
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({self})")
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names a line or a whisper: a UUIDv8 of a hash of who said it, where in what they said, and what (PROTOCOL.md §3)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(Uuid);

impl MessageId {
    /// The id that this UUID spells
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The id as a UUID
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }

    /// The id of item number `index` of the entry whose hash is `entry`
    pub(crate) fn of_item(entry: &[u8; 32], index: u32) -> Self {
        Self(derived_uuid("lanchat 1 message id", &[entry, &index.to_le_bytes()]))
    }

    /// The id of the whisper at place (`epoch`, `seq`) of what `from` whispers to `to`
    pub(crate) fn of_whisper(from: &PeerKey, to: &PeerKey, epoch: u64, seq: u64, item: &Item) -> Self {
        let place = [epoch.to_le_bytes(), seq.to_le_bytes()].concat();
        let parts: [&[u8]; 5] = [&from.0, &to.0, &place, &item.kind.to_le_bytes(), &item.body];
        Self(derived_uuid("lanchat 1 whisper id", &parts))
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageId({})", self.0)
    }
}

/// A random UUIDv4 that a program draws when it starts: tells two runs of one key apart (PROTOCOL.md §3)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstanceId([u8; 16]);

impl InstanceId {
    /// The instance id with these bytes
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(*uuid.as_bytes())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstanceId({})", Uuid::from_bytes(self.0))
    }
}

/// The first 16 bytes of BLAKE3 in key-derivation mode over `parts`, marked as a UUIDv8 (RFC 9562 §5.8)
///
/// Every part but the last has a fixed length, so no two inputs run together.
fn derived_uuid(context: &str, parts: &[&[u8]]) -> Uuid {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for part in parts {
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Uuid::new_v8(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_id_is_a_version_8_uuid_and_follows_from_the_key() {
        let id = PeerKey::from_bytes([7; 32]).id();
        assert_eq!(id.as_uuid().get_version_num(), 8);
        assert_eq!(id, PeerKey::from_bytes([7; 32]).id());
        assert_ne!(id, PeerKey::from_bytes([8; 32]).id());
    }

    #[test]
    fn items_of_one_entry_have_ids_of_their_own() {
        assert_ne!(MessageId::of_item(&[1; 32], 0), MessageId::of_item(&[1; 32], 1));
    }
}
