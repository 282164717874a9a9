//! What happens, as plain data: every front end is a fold of these
//!
//! The serde form is the `--json` contract: one object a line, with `event` naming the variant. Fields may be
//! added, none is renamed or removed. What others wrote is [`Unclean`]:
//! a front end cleans what it shows.

mod about;
mod datagram;
mod error;
mod people;
mod place;
mod trust;

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::sanitize::Unclean;

pub use about::{Deleted, Edited, Holds, Reaction, Received, RoomInfo, Topic, Typing};
pub use datagram::{Datagram, Talking};
pub use error::ErrorCode;
pub use people::{Author, Peer, PeerChange};
pub use place::{NotAPlace, Place};
pub use trust::{BlockedPeople, Contact, ContactChange, Trust, Verification, Warning, WarningCode};

/// Something that a front end may want to show
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The node is up; always the first event, and again when the own name has changed
    Ready {
        /// The own peer id
        id: Uuid,
        /// The own name
        name: Unclean,
        /// The room joined
        room: String,
        /// The UDP port that broadcasts go to
        port: u16,
        /// Whether only who has its code is in the room
        #[serde(default, skip_serializing_if = "is_false")]
        private: bool,
    },
    /// Nobody has answered in a private room: the code may be another than theirs
    Alone {
        /// The room
        room: String,
        /// One sentence that says what to do
        message: String,
    },
    /// Somebody came, went, fell silent or took another name
    Peer {
        /// What changed
        change: PeerChange,
        /// Who
        id: Uuid,
        /// The name now
        name: Unclean,
        /// The name before, only for [`PeerChange::Renamed`]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Unclean>,
        /// What they say about it, only for [`PeerChange::Away`]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Unclean>,
        /// Where the peer was heard last; not for oneself
        #[serde(default, skip_serializing_if = "Option::is_none")]
        addr: Option<SocketAddr>,
    },
    /// A line said to all
    Message {
        /// The room it was said in
        room: String,
        /// The message id
        id: Uuid,
        /// Who said it
        from: Author,
        /// What was said
        text: Unclean,
        /// The author's wall clock
        sent_at: Timestamp,
        /// Its place in the room's transcript
        order: Place,
        /// The message id of the line that it answers
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<Uuid>,
        /// Whether its author has said it anew since, only for one that is kept here
        #[serde(default, skip_serializing_if = "is_false")]
        edited: bool,
        /// The place of the edit that made it what it is, if that is known
        #[serde(default, skip_serializing_if = "Option::is_none")]
        edited_order: Option<Place>,
        /// Whether its author has asked to forget it since, only for one that is kept here; the text is empty then
        #[serde(default, skip_serializing_if = "is_false")]
        deleted: bool,
        /// Whether it is an own line: the echo, or one of an earlier time when it is `past`
        #[serde(default, skip_serializing_if = "is_false")]
        own: bool,
        /// Whether lines that follow it in the transcript were told long before
        #[serde(default, skip_serializing_if = "is_false")]
        late: bool,
        /// Whether it was said before this node was there
        #[serde(default, skip_serializing_if = "is_false")]
        past: bool,
    },
    /// A line to one peer
    Whisper {
        /// The whisper's id, which its deliveries repeat
        id: Uuid,
        /// Who whispered
        from: Author,
        /// The recipient, only for the echo of an own whisper
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Uuid>,
        /// What was whispered
        text: Unclean,
        /// The author's wall clock
        sent_at: Timestamp,
        /// Whether it is the echo of an own whisper
        #[serde(default, skip_serializing_if = "is_false")]
        own: bool,
        /// Whether it was shown or sent in an earlier session
        #[serde(default, skip_serializing_if = "is_false")]
        past: bool,
        /// How far an own one that is `past` has come
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<DeliveryState>,
    },
    /// How far an own whisper has come
    Delivery {
        /// The whisper's id
        id: Uuid,
        /// The recipient
        to: Uuid,
        /// How far
        state: DeliveryState,
    },
    /// Lines known to exist that have not arrived; again with the same id when there are fewer
    Gap {
        /// The room
        room: String,
        /// Names the gap; opaque
        id: String,
        /// Whose lines
        author: Uuid,
        /// What the author is called, if that is known
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Unclean>,
        /// How many; none when the gap is closed
        missing: u64,
    },
    /// Somebody says an own line anew
    Edited(Edited),
    /// Somebody asks everybody to forget an own line
    Deleted(Deleted),
    /// Somebody reacts to a line
    Reaction(Reaction),
    /// What the room is about
    Topic(Topic),
    /// Somebody is writing something
    Typing(Typing),
    /// Somebody holds all own lines up to a place
    Holds(Holds),
    /// The answer to [`Command::Received`](crate::command::Command::Received)
    Received(Received),
    /// The answer to [`Command::Rooms`](crate::command::Command::Rooms)
    Rooms {
        /// The rooms that one is in, in the order of joining
        rooms: Vec<RoomInfo>,
    },
    /// This node has left a room, and goes on in others
    Parted {
        /// The room
        room: String,
    },
    /// Something did not work; the program goes on
    Error {
        /// What kind, for scripts
        code: ErrorCode,
        /// One sentence that says what to do
        message: String,
    },
    /// The answer to [`Command::Peers`](crate::command::Command::Peers)
    Peers {
        /// Everybody known, by id
        peers: Vec<Peer>,
    },
    /// The answer to [`Command::Help`](crate::command::Command::Help)
    Help {
        /// The commands, one a line
        text: String,
    },
    /// A name was pinned to a key or is no more, or somebody was blocked or is no more
    Contact(Contact),
    /// The words to compare with somebody
    Verify(Verification),
    /// Somebody has a name that is somebody else's
    Warning(Warning),
    /// Who is blocked
    Blocked(BlockedPeople),
    /// How a talk in plain datagrams stands: at its start, and when it has changed
    Raw(Talking),
    /// A plain datagram of a talk, or an own one
    Datagram(Datagram),
    /// A plain datagram that reached a room's raw port: somebody without identity, never a peer
    Guest(Datagram),
}

/// How far an own whisper has come
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waiting for the recipient to be there
    Queued,
    /// On the network, not acknowledged yet
    Sent,
    /// Acknowledged by the recipient; final
    Delivered,
    /// Given up; final
    Expired,
}

impl Event {
    /// An [`Event::Error`] of this kind with this sentence
    pub fn error(code: ErrorCode, message: impl ToString) -> Self {
        Self::Error { code, message: message.to_string() }
    }

    /// Who came, took another name or said something just now, and what they are called
    pub fn live_name(&self) -> Option<(Uuid, &Unclean)> {
        match self {
            Self::Peer { change: PeerChange::Joined | PeerChange::Renamed, id, name, .. } => {
                Some((*id, name))
            }
            Self::Message { from, past: false, .. } | Self::Whisper { from, past: false, .. } => {
                Some((from.id, &from.name))
            }
            Self::Edited(Edited { from, past: false, .. })
            | Self::Deleted(Deleted { from, past: false, .. })
            | Self::Reaction(Reaction { from, past: false, .. })
            | Self::Topic(Topic { from: Some(from), past: false, .. }) => Some((from.id, &from.name)),
            Self::Peer { .. }
            | Self::Message { .. }
            | Self::Whisper { .. }
            | Self::Ready { .. }
            | Self::Alone { .. }
            | Self::Delivery { .. }
            | Self::Gap { .. }
            | Self::Edited(_)
            | Self::Deleted(_)
            | Self::Reaction(_)
            | Self::Topic(_)
            | Self::Typing(_)
            | Self::Holds(_)
            | Self::Received(_)
            | Self::Rooms { .. }
            | Self::Parted { .. }
            | Self::Error { .. }
            | Self::Peers { .. }
            | Self::Help { .. }
            | Self::Contact(_)
            | Self::Verify(_)
            | Self::Warning(_)
            | Self::Blocked(_)
            | Self::Raw(_)
            | Self::Datagram(_)
            | Self::Guest(_) => None,
        }
    }

    /// Whether one of its fields is the room that it is about
    pub fn names_its_room(&self) -> bool {
        match self {
            Self::Ready { .. }
            | Self::Alone { .. }
            | Self::Message { .. }
            | Self::Gap { .. }
            | Self::Edited(_)
            | Self::Deleted(_)
            | Self::Reaction(_)
            | Self::Topic(_)
            | Self::Parted { .. } => true,
            Self::Peer { .. }
            | Self::Whisper { .. }
            | Self::Delivery { .. }
            | Self::Typing(_)
            | Self::Holds(_)
            | Self::Received(_)
            | Self::Rooms { .. }
            | Self::Error { .. }
            | Self::Peers { .. }
            | Self::Help { .. }
            | Self::Contact(_)
            | Self::Verify(_)
            | Self::Warning(_)
            | Self::Blocked(_)
            | Self::Raw(_)
            | Self::Datagram(_)
            | Self::Guest(_) => false,
        }
    }

    /// Whether it is about all of the program, whatever room it was asked for or heard in
    pub fn is_for_the_program(&self) -> bool {
        matches!(
            self,
            Self::Rooms { .. }
                | Self::Parted { .. }
                | Self::Help { .. }
                | Self::Contact(_)
                | Self::Blocked(_)
                | Self::Raw(_)
                | Self::Datagram(_)
                | Self::Guest(_)
        )
    }

    /// Whether it is of before this node was there: a line, a whisper, or what was done about one
    pub fn is_past(&self) -> bool {
        matches!(
            self,
            Self::Message { past: true, .. }
                | Self::Whisper { past: true, .. }
                | Self::Edited(Edited { past: true, .. })
                | Self::Deleted(Deleted { past: true, .. })
                | Self::Reaction(Reaction { past: true, .. })
                | Self::Topic(Topic { past: true, asked: false, .. })
        )
    }

    /// Who said or did this
    pub fn author_mut(&mut self) -> Option<&mut Author> {
        if let Self::Message { from, .. } | Self::Whisper { from, .. } = self {
            return Some(from);
        }
        if let Self::Edited(Edited { from, .. })
        | Self::Deleted(Deleted { from, .. })
        | Self::Reaction(Reaction { from, .. })
        | Self::Topic(Topic { from: Some(from), .. }) = self
        {
            return Some(from);
        }
        None
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
pub(crate) mod tests;
