use alloc::vec::Vec;
use core::fmt;

use ed25519_dalek::{Signer, SigningKey};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess, Visitor},
    ser::SerializeTuple,
};

use crate::{PeerId, PeerKey, RoomId, Verifier};

/// What a signature is for; each purpose signs under a prefix of its own, so that no signature serves two (§4)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Frame,
    Entry,
}

impl Purpose {
    fn prefix(self) -> &'static [u8; 16] {
        match self {
            Self::Frame => b"lanchat/1 frame\0",
            Self::Entry => b"lanchat/1 entry\0",
        }
    }

    fn message(self, room: &RoomId, bytes: &[u8]) -> Vec<u8> {
        [self.prefix(), room.as_bytes().as_slice(), bytes].concat()
    }
}

/// Somebody's Ed25519 key pair (RFC 8032)
#[derive(Clone)]
pub struct Identity {
    secret: SigningKey,
    key: PeerKey,
}

impl Identity {
    /// The identity whose 32 secret bytes are `secret`; every 32 bytes are one
    pub fn from_secret(secret: [u8; 32]) -> Self {
        let secret = SigningKey::from_bytes(&secret);
        let key = PeerKey::from_bytes(secret.verifying_key().to_bytes());
        Self { secret, key }
    }

    /// The public half
    pub fn key(&self) -> &PeerKey {
        &self.key
    }

    /// The id that follows from the public half
    pub fn id(&self) -> PeerId {
        self.key.id()
    }

    /// The static secret of whispers for this person (PROTOCOL.md §3)
    pub(crate) fn whisper_secret(&self) -> [u8; 32] {
        self.derive("lanchat 1 whisper key", &[])
    }

    /// Something that nobody else can come to: a hash of the secret half and `what`, for one purpose
    pub(crate) fn derive(&self, purpose: &str, what: &[u8]) -> [u8; 32] {
        blake3::derive_key(purpose, &[self.secret.as_bytes().as_slice(), what].concat())
    }

    pub(crate) fn sign(&self, purpose: Purpose, room: &RoomId, bytes: &[u8]) -> Signature {
        Signature(self.secret.sign(&purpose.message(room, bytes)).to_bytes())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.id())
    }
}

/// An Ed25519 signature: 64 bytes
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; Self::LEN]);

impl Signature {
    pub(crate) const LEN: usize = 64;

    pub(crate) const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The signature's 64 bytes
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Whether the owner of `key` made this over `bytes`, for this purpose and this room
    pub(crate) fn is_valid(
        &self,
        verifier: &dyn Verifier,
        purpose: Purpose,
        key: &PeerKey,
        room: &RoomId,
        bytes: &[u8],
    ) -> bool {
        verifier.is_genuine(key, &purpose.message(room, bytes), self)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(Self::LEN)?;
        for byte in &self.0 {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(Self::LEN, SignatureVisitor)
    }
}

struct SignatureVisitor;

impl<'de> Visitor<'de> for SignatureVisitor {
    type Value = Signature;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("64 bytes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Signature, A::Error> {
        let mut bytes = [0; Signature::LEN];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = seq.next_element()?.ok_or_else(|| de::Error::invalid_length(index, &self))?;
        }
        Ok(Signature(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ed25519;

    #[test]
    fn a_signature_holds_for_its_key_its_room_its_purpose_and_its_bytes_only() {
        let (ann, bob) = (Identity::from_secret([1; 32]), Identity::from_secret([2; 32]));
        let (room, other) = (RoomId::from_bytes([1; 32]), RoomId::from_bytes([2; 32]));
        let signature = ann.sign(Purpose::Frame, &room, b"hi");
        assert!(signature.is_valid(&Ed25519, Purpose::Frame, ann.key(), &room, b"hi"));
        assert!(!signature.is_valid(&Ed25519, Purpose::Entry, ann.key(), &room, b"hi"));
        assert!(!signature.is_valid(&Ed25519, Purpose::Frame, bob.key(), &room, b"hi"));
        assert!(!signature.is_valid(&Ed25519, Purpose::Frame, ann.key(), &other, b"hi"));
        assert!(!signature.is_valid(&Ed25519, Purpose::Frame, ann.key(), &room, b"ho"));
    }
}
