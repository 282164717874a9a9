use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{codec, frame::kind, header::Header, item::Item};
use crate::{Room, WallTime};

/// A frame that nobody but the two of a session can make or read (PROTOCOL.md §5.4)
///
/// Nothing in it is signed: who can seal it is one of the two, and not this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedFrame<'a> {
    /// What its recipient knows the session by
    pub session: u64,
    /// Counts what the sender sealed in this session, from 0
    pub nonce: u64,
    /// A [`Confidence`], sealed
    pub ciphertext: &'a [u8],
}

impl<'a> SealedFrame<'a> {
    /// Takes apart what follows the header; `None` if it is too short to be sealed
    pub(crate) fn decode(rest: &'a [u8]) -> Option<Self> {
        let (session, rest) = rest.split_first_chunk::<8>()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<8>()?;
        let [session, nonce] = [session, nonce].map(|bytes| u64::from_le_bytes(*bytes));
        (ciphertext.len() > TAG_BYTES).then_some(Self { session, nonce, ciphertext })
    }

    /// The datagram that carries it, not yet [sealed](Room::seal) for all of a private room
    pub fn encode(&self, room: &Room) -> Vec<u8> {
        let header = Header { kind: kind::SEALED, is_sealed: room.is_private(), room: room.tag() }.encode();
        let place = [self.session.to_le_bytes(), self.nonce.to_le_bytes()].concat();
        [header.as_slice(), &place, self.ciphertext].concat()
    }
}

const TAG_BYTES: usize = 16;

/// What one says to another and to nobody else (PROTOCOL.md §5.4)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// I have the session, too
    Confirm,
    /// Something said
    Whisper(Whisper),
    /// What I have of your whispers
    WhisperAck(WhisperAck),
}

mod confidence {
    pub(super) const CONFIRM: u8 = 0;
    pub(super) const WHISPER: u8 = 1;
    pub(super) const WHISPER_ACK: u8 = 2;
}

impl Confidence {
    /// Its bytes
    pub fn encode(&self) -> Vec<u8> {
        let (kind, body) = match self {
            Self::Confirm => (confidence::CONFIRM, Vec::new()),
            Self::Whisper(body) => (confidence::WHISPER, codec::encode(body)),
            Self::WhisperAck(body) => (confidence::WHISPER_ACK, codec::encode(body)),
        };
        [&[kind], body.as_slice()].concat()
    }

    /// What these bytes say
    ///
    /// # Errors
    /// If the kind is unknown or the rest is not what the kind says
    pub fn decode(bytes: &[u8]) -> Result<Self, super::FrameError> {
        let (kind, body) = bytes.split_first().ok_or(super::FrameError::Malformed)?;
        let read = match *kind {
            confidence::CONFIRM => body.is_empty().then_some(Self::Confirm),
            confidence::WHISPER => codec::decode(body).map(Self::Whisper),
            confidence::WHISPER_ACK => codec::decode(body).map(Self::WhisperAck),
            _ => return Err(super::FrameError::Kind),
        };
        read.ok_or(super::FrameError::Malformed)
    }
}

/// Something said to one person (PROTOCOL.md §5.4)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whisper {
    /// Which of the sender's series of whispers to that person: the incarnation in which it was begun
    pub epoch: u64,
    /// The place in the series, from 1
    pub seq: u64,
    /// The first place of the first line that is not wholly acknowledged; what is before it will not come again
    pub oldest: u64,
    /// When the sender's clock says it was said
    pub sent_at: WallTime,
    /// What is said
    pub item: Item,
}

/// Which whispers of a series are there (PROTOCOL.md §5.4)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhisperAck {
    /// The series
    pub epoch: u64,
    /// All up to this place are there
    pub upto: u64,
    /// Bit i: the one at place `upto + 2 + i` is there, too
    pub beyond: u64,
}
