use alloc::vec::Vec;

use crate::{
    Change, MessageId, Name, Order, PeerKey, Text, WallTime,
    wire::{Entry, EntryHash, SignedEntry},
};

/// Something to be kept over restarts, in the order in which it happened
///
/// Applying a record twice is the same as applying it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// An entry of somebody's log: another's, or an older one of this node's that came back from others
    Entry(KeptEntry),
    /// An entry that this node wrote in this run: the end of its log
    Said(KeptEntry),
    /// A whole line, for people to look up later
    Line(KeptLine),
    /// A change to lines or to the room, for people to look up later
    Change(KeptChange),
    /// Entries of a log up to this place are not kept any more; lines are another matter
    Forget {
        /// Whose log
        author: PeerKey,
        /// Which of their logs
        epoch: u64,
        /// The place
        upto: u64,
    },
    /// Somebody was heard of, is called something else, or started anew
    Peer(KeptPeer),
    /// A whisper of this node's waits to be delivered
    Outgoing(KeptWhisper),
    /// A whisper of this node's was delivered or is given up, and waits no more
    Outcome {
        /// Which
        id: MessageId,
        /// Whether it was delivered
        delivered: bool,
    },
    /// A whole whisper of somebody's
    Incoming(HeardWhisper),
    /// All up to this place in a series of whispers to this node is taken: none of it is to be shown again
    Heard(HeardUpTo),
}

/// A log entry as it is kept: the very bytes that its author signed, and what they say of its place
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEntry {
    /// Whose log
    pub author: PeerKey,
    /// Which of their logs
    pub epoch: u64,
    /// The place in it
    pub seq: u64,
    /// Its lamport value
    pub lamport: u64,
    /// When its author's clock says it was said
    pub sent_at: WallTime,
    /// What the next entry has as `prev`
    pub hash: EntryHash,
    /// The bytes
    pub signed: SignedEntry,
}

impl KeptEntry {
    pub(crate) fn new(entry: &Entry, hash: EntryHash, signed: SignedEntry) -> Self {
        Self {
            author: entry.author,
            epoch: entry.epoch,
            seq: entry.seq,
            lamport: entry.lamport,
            sent_at: entry.sent_at,
            hash,
            signed,
        }
    }
}

/// A line of the room as people see it
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLine {
    /// Names it
    pub id: MessageId,
    /// Where it stands in the transcript, and whose it is
    pub order: Order,
    /// What was said
    pub text: Text,
    /// When, by the author's clock
    pub sent_at: WallTime,
    /// The line that it answers, which may never have been here
    pub reply_to: Option<MessageId>,
}

/// A change to lines or to the room, whether or not it counts
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptChange {
    /// Names it
    pub id: MessageId,
    /// Where it stands in the transcript, and whose it is
    pub order: Order,
    /// What is changed
    pub change: Change,
    /// When, by the author's clock
    pub sent_at: WallTime,
}

/// Somebody who was heard of
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPeer {
    /// Who
    pub key: PeerKey,
    /// What they called themselves last
    pub name: Name,
    /// The latest start of theirs that was heard of
    pub incarnation: u64,
}

/// A whisper of this node's that is neither delivered nor given up
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptWhisper {
    /// Names it
    pub id: MessageId,
    /// To whom
    pub to: PeerKey,
    /// The series that it is in
    pub epoch: u64,
    /// The place of its first item in the series
    pub seq: u64,
    /// What is said
    pub text: Text,
    /// When, by this node's clock
    pub sent_at: WallTime,
}

/// A whisper of somebody's as people see it
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardWhisper {
    /// Names it
    pub id: MessageId,
    /// Who whispered it
    pub from: PeerKey,
    /// What was said
    pub text: Text,
    /// When, by the author's clock
    pub sent_at: WallTime,
}

/// How far somebody's series of whispers to this node was taken
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardUpTo {
    /// Whose
    pub from: PeerKey,
    /// Which series
    pub epoch: u64,
    /// The last place of the last whole whisper
    pub upto: u64,
}

/// What a node is to remember from before it was started
///
/// The log entries, which may be many, follow in [`Input::Restored`](crate::Input::Restored).
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The end of the own log that is to be gone on with; `None` begins a new one: at the first start, and whenever
    /// the store may not have all that was said
    pub own: Option<OwnTip>,
    /// The greatest lamport value of all entries
    pub lamport: u64,
    /// Who was heard of
    pub peers: Vec<KeptPeer>,
    /// Own whispers that wait to be delivered
    pub outgoing: Vec<KeptWhisper>,
    /// How far the whispers of others were taken
    pub heard: Vec<HeardUpTo>,
}

/// The end of the own log
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTip {
    /// Which log
    pub epoch: u64,
    /// The place of its last entry
    pub seq: u64,
    /// That entry's hash
    pub hash: EntryHash,
}

/// Names a batch of records that a node gave out to be stored; the next one has a greater number
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);
