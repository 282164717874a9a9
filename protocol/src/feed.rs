use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use crate::{
    MessageId, Order, Time,
    lines::{Line, Lines},
    wire::{Entry, EntryHash, Head, SignedEntry},
};

/// Somebody else's log as it arrives: each entry once, in order, and what is missing said so (PROTOCOL.md §8.3)
///
/// The first thing heard of an author says where their log begins for this node; a log that they begin later is
/// expected from its first entry on.
#[derive(Debug)]
pub(crate) struct Feed {
    taken: Head,
    tip: Option<Tip>,
    announced: u64,
    announced_at: Time,
    /// Entries before which something is missing, and when they came
    waiting: BTreeMap<u64, (SignedEntry, Time)>,
    gap_since: Option<Time>,
    used: Time,
    forked: bool,
    lines: Lines,
    begun: Option<Order>,
    out: VecDeque<Fact>,
}

/// What the next entry of a log has to follow from
#[derive(Clone, Copy, Debug)]
struct Tip {
    hash: EntryHash,
    lamport: u64,
}

impl Tip {
    fn is_contradicted_by(self, next: &Entry) -> bool {
        next.prev != self.hash || next.lamport <= self.lamport
    }
}

/// What a feed has to tell, in the order in which it is to be shown
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Something was said
    Line(Line, Order),
    /// So many entries did not come
    Gap(u64),
    /// The author signed two different logs; nothing more is taken from this one
    Forked,
}

/// What is wrong with an entry that a feed does not take
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is there already, or from before what this node takes
    Old,
    /// Too far ahead
    Ahead,
    /// From a log that contradicts itself
    Forked,
}

impl Feed {
    /// How long entries wait for one that is missing before them
    const PATIENCE: Duration = Duration::from_secs(1);
    /// How many entries wait at most: 300 KiB
    const MAX_WAITING: usize = 256;

    /// A log of which all up to `taken` is taken as known at `now`
    pub(crate) fn starting_after(now: Time, taken: Head) -> Self {
        Self {
            taken,
            tip: None,
            announced: taken.seq,
            announced_at: now,
            waiting: BTreeMap::new(),
            gap_since: None,
            used: now,
            forked: false,
            lines: Lines::default(),
            begun: None,
            out: VecDeque::new(),
        }
    }

    /// Whether an entry at this place can be new: to be asked before its signature is looked at
    ///
    /// # Errors
    /// Why it cannot
    pub(crate) fn wants(&self, epoch: u64, seq: u64) -> Result<(), Refused> {
        if epoch > self.taken.epoch {
            return Ok(());
        }
        if epoch < self.taken.epoch || seq <= self.taken.seq || self.waiting.contains_key(&seq) {
            return Err(Refused::Old);
        }
        if self.forked {
            return Err(Refused::Forked);
        }
        if self.waiting.len() == Self::MAX_WAITING && seq != self.next_seq() {
            return Err(Refused::Ahead);
        }
        Ok(())
    }

    /// Takes in an entry whose signature was verified and which the feed [`wants`](Self::wants)
    pub(crate) fn insert(&mut self, now: Time, entry: &Entry, signed: SignedEntry) {
        if entry.epoch > self.taken.epoch {
            self.start_epoch(now, entry.epoch);
        }
        self.used = now;
        self.announced = self.announced.max(entry.seq);
        if self.is_next(entry) {
            self.take(entry, signed.hash());
            self.take_what_waited();
        } else {
            self.waiting.insert(entry.seq, (signed, now));
        }
        self.watch_for_gap();
    }

    /// How many entries wait
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether this entry is the one that the others wait for
    pub(crate) fn is_next(&self, entry: &Entry) -> bool {
        entry.epoch == self.taken.epoch && entry.seq == self.next_seq()
    }

    /// Whether this entry waits for no other: it is the next one, or begins a new log
    pub(crate) fn takes_at_once(&self, entry: &Entry) -> bool {
        self.is_next(entry) || (entry.epoch > self.taken.epoch && entry.seq == 1)
    }

    /// Whether something is missing that may still come
    pub(crate) fn is_waiting(&self) -> bool {
        self.gap_since.is_some()
    }

    /// When the author last said something new, or was first heard of
    pub(crate) fn used(&self) -> Time {
        self.used
    }

    /// The author says that their log ends at `head`
    pub(crate) fn on_head(&mut self, now: Time, head: Head) {
        if head.epoch > self.taken.epoch {
            self.start_epoch(now, head.epoch);
        }
        if head.epoch == self.taken.epoch && head.seq > self.announced && !self.forked {
            self.announced = head.seq;
            self.announced_at = now;
            self.watch_for_gap();
        }
    }

    /// The next thing to tell
    pub(crate) fn poll_fact(&mut self) -> Option<Fact> {
        self.out.pop_front()
    }

    /// When to stop waiting for what is missing
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.gap_since.map(|since| since + Self::PATIENCE)
    }

    /// Goes on without what is missing, as far as it was waited for long enough
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        while self.poll_timeout().is_some_and(|due| due <= now) {
            self.pass_over();
            self.watch_for_gap();
        }
    }

    fn next_seq(&self) -> u64 {
        self.taken.seq.saturating_add(1)
    }

    /// Ends the log: what is missing of it will not come any more, and what waited for it is told
    fn start_epoch(&mut self, now: Time, epoch: u64) {
        while self.taken.seq < self.announced {
            self.pass_over();
        }
        self.finish_line();
        let out = core::mem::take(&mut self.out);
        *self = Self { out, ..Self::starting_after(now, Head { epoch, seq: 0 }) };
    }

    fn pass_over(&mut self) {
        let last_missing = self.waiting.keys().next().map_or(self.announced, |next| next - 1);
        self.finish_line();
        self.out.push_back(Fact::Gap(last_missing - self.taken.seq));
        self.taken.seq = last_missing;
        self.tip = None;
        self.gap_since = None;
        self.take_what_waited();
    }

    fn take_what_waited(&mut self) {
        while let Some((signed, _)) = self.waiting.remove(&self.next_seq()) {
            if let Some(entry) = signed.claim() {
                self.take(&entry, signed.hash());
            }
        }
    }

    /// Takes the next entry, unless the log contradicts itself there
    fn take(&mut self, entry: &Entry, hash: EntryHash) {
        self.gap_since = None;
        if self.tip.is_some_and(|tip| tip.is_contradicted_by(entry)) {
            self.forked = true;
            self.waiting.clear();
            self.announced = self.taken.seq;
            self.finish_line();
            self.out.push_back(Fact::Forked);
            return;
        }
        self.taken.seq = entry.seq;
        self.tip = Some(Tip { hash, lamport: entry.lamport });
        for (index, item) in (0..).zip(entry.items.iter()) {
            let id = MessageId::of_item(hash.as_bytes(), index);
            let (author, epoch, seq) = (entry.author, entry.epoch, entry.seq);
            let order =
                *self.begun.get_or_insert(Order { lamport: entry.lamport, author, epoch, seq, index });
            if let Some(line) = self.lines.push(id, entry.sent_at, item) {
                self.begun = None;
                self.out.push_back(Fact::Line(line, order));
            }
        }
    }

    fn finish_line(&mut self) {
        if let (Some(line), Some(order)) = (self.lines.finish(), self.begun.take()) {
            self.out.push_back(Fact::Line(line, order));
        }
    }

    /// Notes since when the next entry is known to be missing, if it is
    fn watch_for_gap(&mut self) {
        if self.taken.seq < self.announced {
            let came_after = self.waiting.values().next().map(|(_, since)| *since);
            self.gap_since.get_or_insert_with(|| came_after.unwrap_or(self.announced_at));
        }
    }
}

#[cfg(test)]
mod tests;
