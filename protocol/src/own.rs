use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

use crate::{
    About, Change, Identity, KeptChange, MessageId, Name, Order, OwnTip, PeerKey, RoomId, Text, Ticket, Time,
    WallTime,
    echo::Echo,
    journal::Journal,
    lines::{Line, Lines, Told},
    log::Genuine,
    wire::{Entry, Head, Item},
};

/// What this node says: queued, put into entries, and on the air only once it is stored (PROTOCOL.md §8.5)
#[derive(Debug)]
pub(crate) struct Own {
    journal: Journal,
    lines: Lines,
    /// Where the line begins that goes on beyond the last entry, and what it is about
    begun: Option<(Order, Option<About>)>,
    said: Head,
    has_spoken: bool,
    unsaid: VecDeque<(Ticket, Said)>,
    /// Until when others are listened to, who may remember more of this log than this node does
    listening: Option<Time>,
    pub(crate) echo: Echo,
}

/// An entry of this node's, the lines that end in it, and what else it says
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) genuine: Genuine,
    pub(crate) told: Vec<Told>,
}

impl Own {
    /// For how long a node that goes on with a log listens first: a store that was set back shows by what others have
    const LISTENING: Duration = Duration::from_millis(400);

    /// A new log that begins with `epoch`, or one that is gone on with
    pub(crate) fn new(me: PeerKey, epoch: u64, tip: Option<OwnTip>, now: Time) -> Self {
        let journal = tip.map_or_else(|| Journal::new(me, epoch), |tip| Journal::resume(me, tip));
        Self {
            said: journal.head(),
            has_spoken: false,
            journal,
            lines: Lines::default(),
            begun: None,
            unsaid: VecDeque::new(),
            listening: tip.map(|_| now + Self::LISTENING),
            echo: Echo::default(),
        }
    }

    /// The end of the log as others may know it
    pub(crate) fn head(&self) -> Head {
        self.said
    }

    /// Whether this run has said anything
    pub(crate) fn has_spoken(&self) -> bool {
        self.has_spoken
    }

    /// What this node is called from here on
    pub(crate) fn introduce(&mut self, name: &Name) {
        self.journal.introduce(name);
    }

    /// Queues a line
    pub(crate) fn say(&mut self, text: &Text, sent_at: WallTime) {
        self.journal.say(text, sent_at);
    }

    /// Queues a line that is about another
    pub(crate) fn say_about(&mut self, about: About, text: &Text, sent_at: WallTime) {
        self.journal.queue(Item::from_about(about).into_iter().chain(Item::from_text(text)), sent_at);
    }

    /// Queues a change
    pub(crate) fn change(&mut self, change: &Change, sent_at: WallTime) {
        self.journal.queue(Item::from_change(change), sent_at);
    }

    /// When what is queued can be said, if it has to wait
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.listening.filter(|_| self.journal.has_queued())
    }

    /// Whether anything is to be made an entry of at `now`
    pub(crate) fn is_ready(&self, now: Time) -> bool {
        self.journal.has_queued() && self.listening.is_none_or(|until| until <= now)
    }

    /// Begins a new log with `epoch`; what was not said yet is not said
    pub(crate) fn start_epoch(&mut self, epoch: u64) {
        self.journal.start_epoch(epoch);
        self.said = self.journal.head();
        self.unsaid.clear();
        (self.lines, self.begun) = (Lines::default(), None);
    }

    /// Makes an entry of what is queued, or of as much as fits into one
    pub(crate) fn next(&mut self, identity: &Identity, room: &RoomId, lamport: u64) -> Option<Said> {
        let (entry, signed) = self.journal.next_entry(identity, room, lamport)?;
        self.has_spoken = true;
        let hash = signed.hash();
        let told = self.told_by(&entry, hash.as_bytes());
        Some(Said { genuine: Genuine { entry, hash, signed }, told })
    }

    fn told_by(&mut self, entry: &Entry, hash: &[u8; 32]) -> Vec<Told> {
        let mut told = Vec::new();
        for (index, item) in (0..).zip(entry.items.iter()) {
            let Entry { author, epoch, seq, lamport, sent_at, .. } = *entry;
            let (order, id) = (Order { lamport, author, epoch, seq, index }, MessageId::of_item(hash, index));
            if item.begins_line() {
                self.begun = Some((order, entry.about_line_at(index)));
            }
            let line = self.lines.push(id, sent_at, item);
            if let (Some(line), Some((order, about))) = (line, self.begun) {
                told.push(Line { about, ..line }.told(order));
            } else if let Some(change) = item.change() {
                told.push(Told::Change(KeptChange { id, order, change, sent_at }));
            }
        }
        told
    }

    /// Holds an entry back until its batch of records is stored
    pub(crate) fn hold(&mut self, ticket: Ticket, said: Said) {
        self.unsaid.push_back((ticket, said));
    }

    /// The next entry that was held back for nothing but batches up to `ticket`
    pub(crate) fn on_stored(&mut self, ticket: Ticket) -> Option<Said> {
        self.unsaid.pop_front_if(|(held, _)| *held <= ticket).map(|(_, said)| said)
    }

    /// Whether anything waits to be stored
    pub(crate) fn has_unsaid(&self) -> bool {
        !self.unsaid.is_empty()
    }

    /// An entry goes on the air
    pub(crate) fn on_said(&mut self, entry: &Entry) {
        self.said = Head { epoch: entry.epoch, seq: entry.seq };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Room, RoomName, wire::EntryHash};

    fn say(own: &mut Own, line: &str) -> Option<Said> {
        let identity = Identity::from_secret([1; 32]);
        own.say(&Text::new(line).unwrap(), WallTime::default());
        own.next(&identity, Room::open(RoomName::lobby()).id(), 1)
    }

    fn me() -> PeerKey {
        *Identity::from_secret([1; 32]).key()
    }

    #[test]
    fn what_is_held_back_comes_out_when_it_is_stored() {
        let mut own = Own::new(me(), 7, None, Time::ZERO);
        for n in 1..=3 {
            let said = say(&mut own, "hi").unwrap();
            own.hold(Ticket(n), said);
        }
        assert_eq!(own.head().seq, 0);
        assert_eq!(own.on_stored(Ticket(1)).map(|said| said.genuine.entry.seq), Some(1));
        assert!(own.on_stored(Ticket(1)).is_none());
        own.start_epoch(9);
        assert!(own.on_stored(Ticket(3)).is_none());
        assert_eq!(say(&mut own, "again").unwrap().genuine.entry.epoch, 9);
    }

    #[test]
    fn a_log_that_is_gone_on_with_listens_first() {
        let tip = OwnTip { epoch: 5, seq: 9, hash: EntryHash::default() };
        let mut own = Own::new(me(), 7, Some(tip), Time::ZERO);
        own.say(&Text::new("hi").unwrap(), WallTime::default());
        let due = own.poll_timeout().unwrap();
        assert!(!own.is_ready(Time::ZERO) && own.is_ready(due));
        let next = own.next(&Identity::from_secret([1; 32]), Room::open(RoomName::lobby()).id(), 1);
        assert!(next.is_none_or(|said| (said.genuine.entry.epoch, said.genuine.entry.seq) == (5, 10)));
    }

    #[test]
    fn lines_are_known_with_their_places() {
        let mut own = Own::new(me(), 7, None, Time::ZERO);
        let long = "x".repeat(2_000);
        let said: Vec<_> = say(&mut own, &long)
            .into_iter()
            .chain(core::iter::from_fn(|| {
                own.next(&Identity::from_secret([1; 32]), Room::open(RoomName::lobby()).id(), 2)
            }))
            .collect();
        assert!(said.len() > 1);
        let told: Vec<_> = said.iter().flat_map(|said| &said.told).collect();
        let [Told::Line(line)] = told[..] else { panic!("{told:?}") };
        assert_eq!((line.order.seq, line.text.as_str()), (1, long.as_str()));
    }
}
