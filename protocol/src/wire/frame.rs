use alloc::vec::Vec;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned},
};

use super::{
    bounded::{Bytes, List},
    codec,
    header::Header,
    heartbeat::{Link, Pulse},
    limits::{
        MAX_DATAGRAM_BYTES, MAX_EXTENSION_BYTES, MAX_EXTENSIONS, MAX_HOLDINGS, MAX_INIT_BYTES, MAX_RANGES,
        MAX_RECENT, MAX_RESPONSE_BYTES,
    },
    people::Typing,
};
use crate::{
    Identity, InstanceId, Name, PeerKey, Room, RoomId, Signature, Verifier, WhisperKey, identity::Purpose,
};

/// A signed frame's body: what one node tells another about itself or asks of it (PROTOCOL.md §5)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// I am here
    Announce(Announce),
    /// I am leaving
    Bye(Bye),
    /// Are you there?
    Ping(Ping),
    /// I am, here is your nonce
    Pong(Pong),
    /// Ping somebody for me
    PingRequest(PingRequest),
    /// What I hold of these logs
    Heads(Heads),
    /// Send me these entries
    Want(Want),
    /// Tell me what you hold
    HeadsRequest(HeadsRequest),
    /// Let us have a session for whispers
    HandshakeInit(HandshakeInit),
    /// We have one
    HandshakeResponse(HandshakeResponse),
    /// Somebody is typing
    Typing(Typing),
}

/// The frame kinds of a header (PROTOCOL.md §4)
pub(crate) mod kind {
    pub(crate) const ANNOUNCE: u8 = 0x01;
    pub(crate) const BYE: u8 = 0x02;
    pub(crate) const PING: u8 = 0x03;
    pub(crate) const PONG: u8 = 0x04;
    pub(crate) const PING_REQUEST: u8 = 0x05;
    pub(crate) const HEARTBEAT: u8 = 0x06;
    pub(crate) const TYPING: u8 = 0x07;
    pub(crate) const DATA: u8 = 0x10;
    pub(crate) const HEADS: u8 = 0x11;
    pub(crate) const WANT: u8 = 0x12;
    pub(crate) const HEADS_REQUEST: u8 = 0x13;
    pub(crate) const HANDSHAKE_INIT: u8 = 0x30;
    pub(crate) const HANDSHAKE_RESPONSE: u8 = 0x31;
    pub(crate) const SEALED: u8 = 0x32;
}

impl Body {
    fn kind(&self) -> u8 {
        match self {
            Self::Announce(_) => kind::ANNOUNCE,
            Self::Bye(_) => kind::BYE,
            Self::Ping(_) => kind::PING,
            Self::Pong(_) => kind::PONG,
            Self::PingRequest(_) => kind::PING_REQUEST,
            Self::Heads(_) => kind::HEADS,
            Self::Want(_) => kind::WANT,
            Self::HeadsRequest(_) => kind::HEADS_REQUEST,
            Self::HandshakeInit(_) => kind::HANDSHAKE_INIT,
            Self::HandshakeResponse(_) => kind::HANDSHAKE_RESPONSE,
            Self::Typing(_) => kind::TYPING,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Announce(body) => codec::encode(body),
            Self::Bye(body) => codec::encode(body),
            Self::Ping(body) => codec::encode(body),
            Self::Pong(body) => codec::encode(body),
            Self::PingRequest(body) => codec::encode(body),
            Self::Heads(body) => codec::encode(body),
            Self::Want(body) => codec::encode(body),
            Self::HeadsRequest(body) => codec::encode(body),
            Self::HandshakeInit(body) => codec::encode(body),
            Self::HandshakeResponse(body) => codec::encode(body),
            Self::Typing(body) => codec::encode(body),
        }
    }

    /// The outer `None` is a kind that this version does not know, the inner one a body that is not of its kind
    fn decode(kind: u8, bytes: &[u8]) -> Option<Option<Self>> {
        Some(match kind {
            kind::ANNOUNCE => codec::decode(bytes).map(Self::Announce),
            kind::BYE => codec::decode(bytes).map(Self::Bye),
            kind::PING => codec::decode(bytes).map(Self::Ping),
            kind::PONG => codec::decode(bytes).map(Self::Pong),
            kind::PING_REQUEST => codec::decode(bytes).map(Self::PingRequest),
            kind::HEADS => codec::decode(bytes).map(Self::Heads),
            kind::WANT => codec::decode(bytes).map(Self::Want),
            kind::HEADS_REQUEST => codec::decode(bytes).map(Self::HeadsRequest),
            kind::HANDSHAKE_INIT => codec::decode(bytes).map(Self::HandshakeInit),
            kind::HANDSHAKE_RESPONSE => codec::decode(bytes).map(Self::HandshakeResponse),
            kind::TYPING => codec::decode(bytes).map(Self::Typing),
            _ => return None,
        })
    }
}

/// I am here (PROTOCOL.md §5.1)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announce {
    /// Tells this run of the program from another of the same key
    pub instance: InstanceId,
    /// What to call the sender
    pub name: Name,
    /// Milliseconds within which the sender announces itself again
    pub interval_ms: u32,
    /// How many others the sender knows in the room
    pub members: u32,
    /// Whether the sender would like to be answered with an announcement, by unicast
    pub solicits: bool,
    /// Whether the sender only looks in and is not to be listed
    pub visitor: bool,
    /// The end of the sender's log
    pub head: Head,
    /// The greatest `lamport` that the sender has taken in, was announced or wrote
    pub lamport: u64,
    /// What later versions add; unknown kinds are passed over
    pub extensions: List<Extension, MAX_EXTENSIONS>,
}

/// The end of somebody's log
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Head {
    /// Which of their logs
    pub epoch: u64,
    /// The place of the last entry in it, 0 while it is empty
    pub seq: u64,
}

/// Names one log: whose, and which of theirs
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogId {
    /// Whose
    pub author: PeerKey,
    /// Which of theirs
    pub epoch: u64,
}

/// What somebody says that they hold of a log (PROTOCOL.md §5.7)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The log
    pub log: LogId,
    /// The place of the first entry that they hold or still hope to get
    pub floor: u64,
    /// The place of the last entry that they hold
    pub seq: u64,
    /// The lamport value of the last entry that they hold
    pub lamport: u64,
}

/// What the sender holds, a page of it (PROTOCOL.md §5.7)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads {
    /// By log, in ascending order
    pub holdings: List<Holding, MAX_HOLDINGS>,
    /// Whether there are more after the last of these
    pub more: bool,
}

/// Tell me what you hold (PROTOCOL.md §5.8)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadsRequest {
    /// Of the logs that come after this one in ascending order
    pub after: LogId,
}

/// Consecutive entries of a log
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The log
    pub log: LogId,
    /// The place of the first
    pub from: u64,
    /// How many
    pub count: u16,
}

/// Send me these entries (PROTOCOL.md §5.9)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// Which
    pub ranges: List<Range, MAX_RANGES>,
}

/// How much the sender holds in all; equal for all who hold the same (PROTOCOL.md §5.1)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Digest {
    /// The sum of what stands for each log and its last entry
    pub sum: u64,
    /// How many entries
    pub entries: u64,
}

/// The logs that grew lately, as far as the sender holds them (PROTOCOL.md §5.1)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// The latest first
    pub holdings: List<Holding, MAX_RECENT>,
}

/// Which run of a program an announcement answers (PROTOCOL.md §5.1)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// As that run announced itself
    pub to: InstanceId,
}

impl Extension {
    /// The kind whose body is a [`Digest`]
    pub const DIGEST: u16 = 1;
    /// The kind whose body is a [`Recent`]
    pub const RECENT: u16 = 2;
    /// The kind whose body is a [`WhisperKey`]
    pub const WHISPER_KEY: u16 = 3;
    /// The kind whose body is a [`Pulse`]
    pub const PULSE: u16 = 4;
    /// The kind whose body is an [`Answer`]
    pub const ANSWER: u16 = 5;
    /// The kind whose body is a [`Status`](super::Status)
    pub const STATUS: u16 = 6;

    /// An extension whose body is `value`; `None` if that is too long
    pub(crate) fn of(kind: u16, value: &impl Serialize) -> Option<Self> {
        Some(Self { kind, body: Bytes::new(codec::encode(value))? })
    }
}

impl Announce {
    /// How much the sender holds, if they say it
    pub fn digest(&self) -> Option<Digest> {
        self.extension(Extension::DIGEST)
    }

    /// What the sender holds of the logs that grew lately
    pub fn recent(&self) -> Vec<Holding> {
        self.extension::<Recent>(Extension::RECENT).map_or_else(Vec::new, |recent| recent.holdings.into_vec())
    }

    /// To whom whispers for the sender are sealed, if they say it
    pub fn whisper_key(&self) -> Option<WhisperKey> {
        self.extension(Extension::WHISPER_KEY)
    }

    /// Whether this answers an announcement of the run of a program that is named so
    pub fn is_answer_to(&self, instance: InstanceId) -> bool {
        self.extension::<Answer>(Extension::ANSWER).is_some_and(|answer| answer.to == instance)
    }

    /// Whether, and how, heartbeats repeat this
    pub fn pulse(&self) -> Option<Pulse> {
        self.extension(Extension::PULSE).filter(|pulse: &Pulse| pulse.place <= Link::CHAIN)
    }

    pub(super) fn extension<T: DeserializeOwned>(&self, kind: u16) -> Option<T> {
        let found = self.extensions.iter().find(|extension| extension.kind == kind)?;
        codec::decode(&found.body)
    }
}

/// Something that this version of an announcement has no field for (PROTOCOL.md §5.1)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// What it is
    pub kind: u16,
    /// Its bytes
    pub body: Bytes<MAX_EXTENSION_BYTES>,
}

/// I am leaving (PROTOCOL.md §5.2)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {
    /// The end of the sender's log, so that what was lost of it just before is missed
    pub head: Head,
}

/// Are you there? (PROTOCOL.md §5.3)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Comes back in the [`Pong`]
    pub nonce: u64,
}

/// I am (PROTOCOL.md §5.3)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// The [`Ping`]'s
    pub nonce: u64,
}

/// Ping `target` for me, and send me its [`Pong`] as it is (PROTOCOL.md §5.3)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PingRequest {
    /// Whom to ping
    pub target: PeerKey,
    /// What to ping it with
    pub nonce: u64,
}

/// Let us have a session for whispers (PROTOCOL.md §5.5)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandshakeInit {
    /// With whom
    pub to: PeerKey,
    /// What the sender will know the session by
    pub session: u64,
    /// The first message of the handshake
    pub noise: Bytes<MAX_INIT_BYTES>,
}

/// We have a session for whispers (PROTOCOL.md §5.5)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandshakeResponse {
    /// With whom
    pub to: PeerKey,
    /// What the sender will know the session by
    pub session: u64,
    /// What the other side said that they will know it by
    pub answers: u64,
    /// The second message of the handshake
    pub noise: Bytes<MAX_RESPONSE_BYTES>,
}

/// A signed frame before its signature was looked at
#[derive(Clone, Debug)]
pub struct UnverifiedFrame<'a> {
    frame: Frame,
    signed: &'a [u8],
    signature: Signature,
}

impl<'a> UnverifiedFrame<'a> {
    /// Takes a datagram apart whose header was read
    ///
    /// # Errors
    /// If the kind is unknown or the body is not what the kind says
    pub fn decode(header: Header, datagram: &'a [u8]) -> Result<Self, FrameError> {
        let (signed, signature) =
            datagram.split_last_chunk::<{ Signature::LEN }>().ok_or(FrameError::Malformed)?;
        let rest = signed.get(Header::LEN..).ok_or(FrameError::Malformed)?;
        let (sender, rest) = rest.split_first_chunk::<32>().ok_or(FrameError::Malformed)?;
        let (incarnation, rest) = rest.split_first_chunk::<8>().ok_or(FrameError::Malformed)?;
        let (counter, body) = rest.split_first_chunk::<8>().ok_or(FrameError::Malformed)?;
        let frame = Frame {
            sender: PeerKey::from_bytes(*sender),
            incarnation: u64::from_le_bytes(*incarnation),
            counter: u64::from_le_bytes(*counter),
            body: Body::decode(header.kind, body).ok_or(FrameError::Kind)?.ok_or(FrameError::Malformed)?,
        };
        Ok(Self { frame, signed, signature: Signature::from_bytes(*signature) })
    }

    /// Who claims to have sent it
    pub fn sender(&self) -> &PeerKey {
        &self.frame.sender
    }

    /// Its claimed place in what the sender sent
    pub fn place(&self) -> Place {
        self.frame.place()
    }

    /// What it claims to say
    pub(crate) fn body(&self) -> &Body {
        &self.frame.body
    }

    /// Which run of the sender's program it claims to announce, if it is an announcement
    pub fn instance(&self) -> Option<&InstanceId> {
        match &self.frame.body {
            Body::Announce(announce) => Some(&announce.instance),
            Body::Bye(_)
            | Body::Ping(_)
            | Body::Pong(_)
            | Body::PingRequest(_)
            | Body::Heads(_)
            | Body::Want(_)
            | Body::HeadsRequest(_)
            | Body::HandshakeInit(_)
            | Body::HandshakeResponse(_)
            | Body::Typing(_) => None,
        }
    }

    /// Whether it claims that somebody is there to take part
    pub(crate) fn announces_member(&self) -> bool {
        matches!(&self.frame.body, Body::Announce(announce) if !announce.visitor)
    }

    /// The frame, if the sender signed it for `room`
    pub fn verify(self, room: &RoomId, verifier: &dyn Verifier) -> Option<Frame> {
        let sender = &self.frame.sender;
        self.signature.is_valid(verifier, Purpose::Frame, sender, room, self.signed).then_some(self.frame)
    }
}

/// Why a datagram is no signed frame
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// A kind that this version does not know
    Kind,
    /// Truncated, too long, or out of bounds
    Malformed,
}

/// A signed frame: who says something, where it stands in what they sent, and what (PROTOCOL.md §4)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Who sent it
    pub sender: PeerKey,
    /// Grows with each start of the sender's program
    pub incarnation: u64,
    /// Grows with each frame of one incarnation
    pub counter: u64,
    /// What it says
    pub body: Body,
}

/// A frame's place in what its sender sent
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The start of the sender's program
    pub incarnation: u64,
    /// The frame's number since then
    pub counter: u64,
}

impl Frame {
    /// The frame's place in what its sender sent
    pub fn place(&self) -> Place {
        Place { incarnation: self.incarnation, counter: self.counter }
    }

    /// The datagram that carries this frame, signed by `identity`, which must be the sender, before [`Room::seal`]
    pub fn seal(&self, identity: &Identity, room: &Room) -> Vec<u8> {
        let mut datagram = Vec::with_capacity(MAX_DATAGRAM_BYTES);
        let header = Header { kind: self.body.kind(), is_sealed: room.is_private(), room: room.tag() };
        datagram.extend_from_slice(&header.encode());
        datagram.extend_from_slice(self.sender.as_bytes());
        datagram.extend_from_slice(&self.incarnation.to_le_bytes());
        datagram.extend_from_slice(&self.counter.to_le_bytes());
        datagram.extend_from_slice(&self.body.encode());
        let signature = identity.sign(Purpose::Frame, room.id(), &datagram);
        datagram.extend_from_slice(signature.as_bytes());
        datagram
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl de::Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
                Name::from_wire(name).ok_or_else(|| E::custom("not a name"))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}
