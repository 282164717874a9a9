use core::net::SocketAddr;

use crate::{Away, MessageId, Name, Order, PeerId, Reaction, Text, Topic, WallTime};

/// Something that the people in front of the screen should know
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody is there
    Joined(PeerInfo),
    /// Somebody said goodbye
    Left(PeerInfo),
    /// Somebody has not been heard of any more
    Gone(PeerInfo),
    /// Somebody calls themselves something else now
    Renamed {
        /// Who, with the new name
        peer: PeerInfo,
        /// The old name
        was: Name,
    },
    /// Somebody went away from their screen, is back, or says something else about it; whoever joins is not away until
    /// this says so
    Status {
        /// Who
        peer: PeerInfo,
        /// How they are away; `None` if they are not
        away: Option<Away>,
    },
    /// Somebody was just typing: told again and again as long as they do
    Typing {
        /// Who
        peer: PeerInfo,
        /// Whether it is to be a whisper to this node, and not a line to all
        to_me: bool,
    },
    /// Somebody has all that this node said in one of its logs up to some place, as far as they tell: what is missing in
    /// between does not show
    Holds {
        /// Who
        peer: PeerId,
        /// The place, [`Order::epoch`] says in which log
        upto: Order,
    },
    /// Somebody, perhaps this node, said something to all
    Message {
        /// Names what was said
        id: MessageId,
        /// Who said it
        author: Author,
        /// What was said
        text: Text,
        /// When, by the author's clock
        sent_at: WallTime,
        /// Its place in the room's transcript
        order: Order,
        /// When it came, seen from here
        arrival: Arrival,
        /// The line that it answers, which may never come
        reply_to: Option<MessageId>,
    },
    /// Somebody wants a line to say something else: that counts if the line is theirs, of several the one with the
    /// greatest place; it may come before the line
    Edited {
        /// Names the edit
        id: MessageId,
        /// The line
        target: MessageId,
        /// Who wants it
        author: Author,
        /// What the line is to say
        text: Text,
        /// When they said so, by their clock
        sent_at: WallTime,
        /// The edit's place in the room's transcript
        order: Order,
        /// When it came, seen from here
        arrival: Arrival,
    },
    /// Somebody wants a line to be shown no more: that counts if the line is theirs, and for ever; it may come before the
    /// line
    Deleted {
        /// Names the deletion
        id: MessageId,
        /// The line
        target: MessageId,
        /// Who wants it
        author: Author,
        /// When they said so, by their clock
        sent_at: WallTime,
        /// The deletion's place in the room's transcript
        order: Order,
        /// When it came, seen from here
        arrival: Arrival,
    },
    /// Somebody put something under a line; it may come before the line
    Reaction {
        /// Names the reaction
        id: MessageId,
        /// The line
        target: MessageId,
        /// Who did it
        author: Author,
        /// What; `None` takes back all that they put there with smaller places
        with: Option<Reaction>,
        /// When, by their clock
        sent_at: WallTime,
        /// The reaction's place in the room's transcript
        order: Order,
        /// When it came, seen from here
        arrival: Arrival,
    },
    /// Somebody says what the room is about: of several the one with the greatest place counts
    Topic {
        /// Names it
        id: MessageId,
        /// What; `None` for nothing in particular
        topic: Option<Topic>,
        /// Who says so
        author: Author,
        /// When, by their clock
        sent_at: WallTime,
        /// Its place in the room's transcript
        order: Order,
        /// When it came, seen from here
        arrival: Arrival,
    },
    /// Somebody whispered to this node
    Whisper {
        /// Names what was said
        id: MessageId,
        /// Who said it
        author: Author,
        /// What was said
        text: Text,
        /// When, by the author's clock
        sent_at: WallTime,
    },
    /// This node whispered to somebody
    Whispered {
        /// Names what was said
        id: MessageId,
        /// To whom
        to: KnownPeer,
        /// What was said
        text: Text,
        /// When, by this node's clock
        sent_at: WallTime,
    },
    /// A whisper of this node's came further, or to its end
    Delivery {
        /// The whisper
        id: MessageId,
        /// To whom
        to: PeerId,
        /// How far it came
        state: Delivery,
    },
    /// Something that somebody said has not arrived; told again when more of it has, the last time with none missing
    Gap {
        /// Who said it
        author: Author,
        /// In which of their logs
        epoch: u64,
        /// The place of the first entry that was missing when this was first told: names the gap
        first: u64,
        /// How many entries of it are still missing
        missing: u64,
    },
    /// Somebody signed two different logs; what they say from here on in this one is not shown
    Forked(Author),
    /// Another program speaks with this node's key
    KeyInUse {
        /// From where
        addr: SocketAddr,
    },
    /// A whisper could not even be queued
    NotWhispered {
        /// To whom it was
        to: PeerId,
        /// Why not
        why: NotWhispered,
    },
    /// Something could not be stored. An own line or whisper was therefore not sent; what others said is shown, and will
    /// be gone after a restart unless they still have it
    NotStored {
        /// Whether it was this node's own
        own: bool,
    },
    /// The last goodbye is said: the node is done
    Departed,
}

/// Somebody in the room
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    /// Who
    pub id: PeerId,
    /// What they call themselves
    pub name: Name,
    /// Where they are
    pub addr: SocketAddr,
}

/// Somebody who was heard of, in this run or an earlier one
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPeer {
    /// Who
    pub id: PeerId,
    /// What they called themselves last
    pub name: Name,
}

/// Who said something
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Who
    pub id: PeerId,
    /// What they call themselves, if that is known by now
    pub name: Option<Name>,
    /// Whether it is this node
    pub own: bool,
}

/// When a line came, seen from here
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// As it was said
    Live,
    /// So long after lines that follow it in the transcript were told that people saw them without it
    Late,
    /// Before this node was there: from somebody else's memory
    Past,
}

/// How far a whisper has come
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It waits for the other side to be there
    Queued,
    /// It is on the way
    Sent,
    /// The other side has it
    Delivered,
    /// It is not known to have arrived, and is not tried any more
    Expired,
}

/// Why a whisper could not be queued
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWhispered {
    /// Nobody with this id was heard of
    Unknown,
    /// Too many whispers wait already
    TooMany,
}
