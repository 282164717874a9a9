//! What happens, as plain data: every front end is a fold of these
//!
//! The serde form is the `--json` contract: one object a line, with `event` naming the variant. Fields may be
//! added, none is renamed or removed. What others wrote is [`Unclean`]:
//! a front end cleans what it shows.

mod about;
mod datagram;
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

/// What kind of thing did not work
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Nobody known has that name or id
    UnknownPeer,
    /// Two peers share the name
    AmbiguousPeer,
    /// Somebody with another key has the contact's name
    KeyChanged,
    /// Whoever is meant is blocked
    Blocked,
    /// Nobody in particular is meant by a command about who is who
    UnknownContact,
    /// Whoever is meant has said nothing here that is known
    UnknownLine,
    /// Somebody else said the line
    NotYours,
    /// The text is empty or over the limit, or there is no such emoji
    InvalidText,
    /// The name is empty, over the limit or has characters that cannot be seen
    InvalidName,
    /// No such command, or it is incomplete
    InvalidCommand,
    /// The store cannot be written, so what was typed was not sent
    NotStored,
    /// The store cannot be written, so what others say will be forgotten
    NotKept,
    /// The store could not be read and begins anew
    StoreDamaged,
    /// Known, but not possible in this version
    Unsupported,
    /// The other room cannot be entered
    NotJoined,
    /// Somebody's log contradicts itself
    Forked,
    /// Another program speaks with the own key
    KeyInUse,
    /// Too much at once; say it again later
    Busy,
    /// An interface or a socket has a problem
    Network,
    /// A plain datagram could not be sent
    NotSent,
    /// Characters that an encoding lacks were sent as `?`
    Replaced,
    /// More lines of guests came than the room bears
    NotRelayed,
    /// Standard output was too slow, lines were left out
    OutputTooSlow,
    /// A code of a newer version
    #[serde(other)]
    Other,
}

impl ErrorCode {
    /// Whether it answers something that was to be said, whispered or sent, which then is not
    pub fn refuses_a_line(self) -> bool {
        matches!(
            self,
            Self::UnknownPeer
                | Self::AmbiguousPeer
                | Self::KeyChanged
                | Self::Blocked
                | Self::UnknownLine
                | Self::NotYours
                | Self::InvalidText
                | Self::NotStored
                | Self::Busy
                | Self::NotSent
        )
    }
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
pub(crate) mod tests {
    use super::*;

    /// One of each, in the words of the contract
    pub(crate) const CONTRACT: [&str; 39] = [
        r#"{"event":"ready","id":"00000000-0000-8000-8000-00000000000a","name":"alice","room":"lobby","port":25252}"#,
        r#"{"event":"peer","change":"joined","id":"00000000-0000-8000-8000-00000000000b","name":"bob","addr":"198.18.0.2:25253"}"#,
        r#"{"event":"peer","change":"gone","id":"00000000-0000-8000-8000-00000000000b","name":"bob","addr":"198.18.0.2:25253"}"#,
        r#"{"event":"peer","change":"renamed","id":"00000000-0000-8000-8000-00000000000b","name":"rob","was":"bob","addr":"198.18.0.2:25253"}"#,
        r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000001","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"hi","sent_at":"2026-11-23T12:03:04.567Z","order":"0000000000000007-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000003-00000000"}"#,
        r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000002","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"text":"ho","sent_at":"2026-11-23T12:03:05Z","order":"0000000000000009-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-00000193574b4d07-0000000000000001-00000000","own":true}"#,
        r#"{"event":"whisper","id":"00000000-0000-8000-8000-000000000003","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"psst","sent_at":"2026-11-23T12:03:06Z"}"#,
        r#"{"event":"whisper","id":"00000000-0000-8000-8000-000000000004","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"to":"00000000-0000-8000-8000-00000000000b","text":"what","sent_at":"2026-11-23T12:03:07Z","own":true}"#,
        r#"{"event":"delivery","id":"00000000-0000-8000-8000-000000000004","to":"00000000-0000-8000-8000-00000000000b","state":"delivered"}"#,
        r#"{"event":"gap","room":"lobby","id":"0000000000008000800000000000000b-193574b4d07-4","author":"00000000-0000-8000-8000-00000000000b","name":"bob","missing":3}"#,
        r#"{"event":"error","code":"unknown_peer","message":"nobody here is called bob"}"#,
        r#"{"event":"peers","peers":[{"id":"00000000-0000-8000-8000-00000000000b","name":"bob","addr":"198.18.0.2:25253"}]}"#,
        r#"{"event":"raw","bind":"0.0.0.0:8899","to":"198.18.0.2:8899","encoding":"auto","fallback":"gbk"}"#,
        r#"{"event":"datagram","from":"198.18.0.2:8899","text":"你好","bytes":4,"encoding":"gbk","hex":"c4e3bac3","at":"2026-11-23T12:03:08Z"}"#,
        r#"{"event":"datagram","to":"198.18.0.2:8899","text":"hi","bytes":2,"encoding":"utf-8","own":true,"at":"2026-11-23T12:03:09Z"}"#,
        r#"{"event":"guest","from":"198.18.0.9:8899","text":"hi","bytes":3,"encoding":"utf-8","replaced":true,"relayed":true,"at":"2026-11-23T12:03:10Z"}"#,
        r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000005","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"hello?","sent_at":"2026-11-23T12:03:04.6Z","order":"0000000000000008-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000004-00000000","late":true}"#,
        r#"{"event":"gap","room":"lobby","id":"0000000000008000800000000000000b-193574b4d07-4","author":"00000000-0000-8000-8000-00000000000b","name":"bob","missing":0}"#,
        r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000006","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"text":"yesterday","sent_at":"2026-11-22T12:03:04Z","order":"0000000000000002-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-0000019352248d07-0000000000000001-00000000","own":true,"past":true}"#,
        r#"{"event":"whisper","id":"00000000-0000-8000-8000-000000000007","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"psst","sent_at":"2026-11-22T12:03:06Z","past":true}"#,
        r#"{"event":"whisper","id":"00000000-0000-8000-8000-000000000008","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"to":"00000000-0000-8000-8000-00000000000b","text":"well?","sent_at":"2026-11-22T12:03:07Z","own":true,"past":true,"state":"queued"}"#,
        r#"{"event":"contact","change":"pinned","id":"00000000-0000-8000-8000-00000000000b","name":"bob","trust":"pinned"}"#,
        r#"{"event":"verify","id":"00000000-0000-8000-8000-00000000000b","name":"bob","words":["abandon","ability","able","about","above","absent","absorb","abstract"]}"#,
        r#"{"event":"warning","code":"key_changed","id":"c0000000-0000-8000-8000-00000000000c","name":"Bob","contact":"00000000-0000-8000-8000-00000000000b","message":"somebody else calls themselves Bob"}"#,
        r#"{"event":"contact","change":"blocked","id":"c0000000-0000-8000-8000-00000000000c","name":"Bob","blocked":true}"#,
        r#"{"event":"blocked","people":[{"id":"c0000000-0000-8000-8000-00000000000c","name":"Bob"}]}"#,
        r#"{"event":"peers","peers":[{"id":"00000000-0000-8000-8000-00000000000b","name":"bob","addr":"198.18.0.2:25253","trust":"verified"},{"id":"c0000000-0000-8000-8000-00000000000c","name":"Bob","addr":"198.18.0.3:25253","label":"Bob~c000","blocked":true}]}"#,
        r#"{"event":"ready","id":"00000000-0000-8000-8000-00000000000a","name":"alice","room":"attic","port":25252,"private":true}"#,
        r#"{"event":"alone","room":"attic","message":"nobody answers with this code"}"#,
        r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000011","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"tea?","sent_at":"2026-11-23T12:04:00Z","order":"0000000000000010-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000009-00000000","reply_to":"00000000-0000-8000-8000-000000000002"}"#,
        r#"{"event":"edited","room":"lobby","id":"00000000-0000-8000-8000-000000000012","target":"00000000-0000-8000-8000-000000000011","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"coffee?","sent_at":"2026-11-23T12:04:01Z","order":"0000000000000011-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-000000000000000a-00000000"}"#,
        r#"{"event":"reaction","room":"lobby","target":"00000000-0000-8000-8000-000000000011","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"with":"👍","order":"0000000000000012-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-00000193574b4d07-0000000000000004-00000000","own":true}"#,
        r#"{"event":"deleted","room":"lobby","target":"00000000-0000-8000-8000-000000000001","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"order":"0000000000000013-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-000000000000000b-00000000"}"#,
        r#"{"event":"topic","room":"lobby","text":"cats","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"sent_at":"2026-11-23T12:04:02Z","order":"0000000000000014-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-000000000000000c-00000000"}"#,
        r#"{"event":"peer","change":"away","id":"00000000-0000-8000-8000-00000000000b","name":"bob","note":"at lunch","addr":"198.18.0.2:25253"}"#,
        r#"{"event":"typing","id":"00000000-0000-8000-8000-00000000000b","name":"bob"}"#,
        r#"{"event":"holds","peer":"00000000-0000-8000-8000-00000000000b","upto":"0000000000000009-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-00000193574b4d07-0000000000000001-00000000"}"#,
        r#"{"event":"received","id":"00000000-0000-8000-8000-000000000002","by":[{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"}],"not_by":[{"id":"c0000000-0000-8000-8000-00000000000c","name":"Bob"}]}"#,
        r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000013","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"so there","sent_at":"2026-11-22T12:04:00Z","order":"0000000000000003-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000001-00000000","edited":true,"edited_order":"0000000000000004-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000002-00000000","past":true}"#,
    ];

    pub(crate) fn contract() -> Vec<Event> {
        CONTRACT.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A line of bob's with this id and at this place
    pub(crate) fn line(number: u64, text: &str) -> Event {
        let mut event: Event = serde_json::from_str(CONTRACT[4]).unwrap();
        if let Event::Message { id, text: said, order, .. } = &mut event {
            *id = Uuid::from_u128(number.into());
            *said = text.into();
            *order = format!("{number:016x}{}", &order.to_string()[16..]).parse().unwrap();
        }
        event
    }

    /// The same, said before this node was there
    pub(crate) fn past_line(number: u64, text: &str) -> Event {
        let mut event = line(number, text);
        if let Event::Message { past, .. } = &mut event {
            *past = true;
        }
        event
    }

    #[test]
    fn every_line_of_the_contract_is_read_and_written_back_to_the_byte() {
        for line in CONTRACT {
            let event: Event = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&event).unwrap(), line);
        }
    }

    #[test]
    fn fields_and_error_codes_of_a_newer_version_are_accepted() {
        let line = r#"{"event":"error","code":"moon_phase","message":"wait","more":1}"#;
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(event, Event::error(ErrorCode::Other, "wait"));
    }
}
