//! Bytes to types and back, once, at the door (PROTOCOL.md §4 to §7)
//!
//! Nothing that a datagram claims is believed here: a decoded [`Packet`] still has to be verified.

pub mod bounded;
pub mod codec;
mod entry;
mod frame;
mod header;
mod heartbeat;
mod item;
mod limits;
mod people;
mod sealed;

use alloc::vec::Vec;

pub use entry::{Data, Entry, EntryHash, SignedEntry};
pub(crate) use frame::kind;
pub use frame::{
    Announce, Answer, Body, Bye, Digest, Extension, Frame, FrameError, HandshakeInit, HandshakeResponse,
    Head, Heads, HeadsRequest, Holding, LogId, Ping, PingRequest, Place, Pong, Range, Recent,
    UnverifiedFrame, Want,
};
pub use header::{Header, HeaderError};
pub use heartbeat::{Heartbeat, Link, Pulse};
pub use item::Item;
pub use limits::*;
pub use people::{Status, Typing};
pub use sealed::{Confidence, SealedFrame, Whisper, WhisperAck};

use crate::{PeerKey, Room, RoomTag};

/// A datagram taken apart, nothing of it verified
#[derive(Clone, Debug)]
pub enum Packet<'a> {
    /// A frame that its sender signed
    Frame(UnverifiedFrame<'a>),
    /// A link of a chain whose end its sender signed
    Heartbeat(Heartbeat),
    /// Log entries, each signed by its author, whoever sent them
    Data(Vec<SignedEntry>),
    /// A frame that only the two of a session can read
    Sealed(SealedFrame<'a>),
}

impl<'a> Packet<'a> {
    /// Takes a datagram of the room with this tag apart, which [`Room::unseal`] has opened
    ///
    /// # Errors
    /// Why it was dropped
    pub fn decode(datagram: &'a [u8], room: RoomTag) -> Result<Self, Dropped> {
        if datagram.len() > MAX_DATAGRAM_BYTES {
            return Err(Dropped::Malformed);
        }
        let (header, rest) = Header::decode(datagram)?;
        if header.room != room {
            return Err(Dropped::OtherRoom);
        }
        if header.kind == kind::HEARTBEAT {
            return Heartbeat::decode(rest).map(Self::Heartbeat).ok_or(Dropped::Malformed);
        }
        if header.kind == kind::DATA {
            let data: Data = codec::decode(rest).ok_or(Dropped::Malformed)?;
            return Ok(Self::Data(data.entries.into_vec()));
        }
        if header.kind == kind::SEALED {
            return SealedFrame::decode(rest).map(Self::Sealed).ok_or(Dropped::Malformed);
        }
        Ok(Self::Frame(UnverifiedFrame::decode(header, datagram)?))
    }
}

/// Who claims to have sent a datagram with a good header, if it says that at its beginning
pub(crate) fn claimed_sender(datagram: &[u8]) -> Option<PeerKey> {
    let (header, rest) = Header::decode(datagram).ok()?;
    let (sender, _) = rest.split_first_chunk::<32>()?;
    (header.kind != kind::DATA && header.kind != kind::SEALED).then(|| PeerKey::from_bytes(*sender))
}

impl Data {
    /// The datagram that carries these entries, before [`Room::seal`]
    pub fn seal(&self, room: &Room) -> Vec<u8> {
        let header = Header { kind: kind::DATA, is_sealed: room.is_private(), room: room.tag() };
        [header.encode().as_slice(), &codec::encode(self)].concat()
    }
}

/// Why something that arrived was not taken in
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dropped {
    /// Another program's datagram, or noise
    Foreign,
    /// A later version of the protocol
    Version,
    /// A kind of frame that this version does not know
    Kind,
    /// Another room's
    OtherRoom,
    /// Not sealed with the key of the private room, or altered since
    Unsealed,
    /// Truncated, too long, or out of bounds
    Malformed,
    /// Not signed, or sealed, by whom it is said to be from
    Forged,
    /// Seen before, or from before the sender's latest start
    Replayed,
    /// Signed with this node's own key, by another program or as an echo
    Own,
    /// From somebody who has not announced themselves, or repeating an announcement that is not known
    Stranger,
    /// Of a session that this node does not have
    NoSession,
    /// For somebody else, or sent to everyone though it is for one
    Misdirected,
    /// From somebody whom the person here has blocked
    Blocked,
    /// From a log that contradicts itself
    Forked,
    /// Older than what is kept
    Expired,
    /// A table was full
    Overflow,
    /// From before this node started, for all that it says: it answers nothing of this node's
    Unproven,
    /// More at once than is looked at; what is worth it comes again
    Deferred,
}

impl From<HeaderError> for Dropped {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::Foreign => Self::Foreign,
            HeaderError::Version => Self::Version,
        }
    }
}

impl From<FrameError> for Dropped {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Kind => Self::Kind,
            FrameError::Malformed => Self::Malformed,
        }
    }
}

#[cfg(test)]
mod tests;
