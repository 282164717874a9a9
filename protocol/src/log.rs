mod telling;

use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use crate::{
    KeptChange, KeptEntry, Name, Order, Time,
    lines::Line,
    ranges::Ranges,
    wire::{Entry, EntryHash, LogId, SignedEntry},
};

/// One log of somebody's, as far as it is here (PROTOCOL.md §8.3)
///
/// It has three parts. Up to its *base* it was written before this node was there: entries come in any order, newest
/// first, and are told as they come. Beyond it they are told in order, up to the place that it has *passed*: there the
/// next one is missing, and those behind it wait, until it comes or patience ends. What was passed over is told when it
/// comes after all.
#[derive(Debug)]
pub(crate) struct Log {
    id: LogId,
    held: BTreeMap<u64, Held>,
    /// No place up to this one is taken in any more
    cut: u64,
    /// The first place that is wanted
    floor: u64,
    base: u64,
    passed: u64,
    /// The greatest place that an entry proves
    top: u64,
    /// The greatest place that the author says there is, and since when
    announced: (u64, Time),
    /// What is missing of what entries prove
    missing: Ranges,
    gaps: BTreeMap<u64, Gap>,
    met: bool,
    forked: bool,
    used: Time,
    out: VecDeque<Fact>,
}

/// An entry that is here
#[derive(Debug)]
struct Held {
    signed: SignedEntry,
    hash: EntryHash,
    prev: EntryHash,
    lamport: u64,
    came: Time,
    /// Whether the line that goes on beyond this entry was told
    is_open_line_told: bool,
}

/// Places that were passed over and told to be missing
#[derive(Clone, Copy, Debug)]
struct Gap {
    last: u64,
    missing: u64,
}

/// An entry that is known to be its author's, and its hash
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    pub(crate) entry: Entry,
    pub(crate) hash: EntryHash,
    pub(crate) signed: SignedEntry,
}

/// What a log has to tell
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// An entry has its turn; the lines that it completes follow. Kept with them, neither is ever without the other
    Entry(KeptEntry),
    /// What the author calls themselves
    Name(Name),
    /// Something was said
    Line {
        line: Line,
        order: Order,
        /// Whether it is from before this node was there
        is_past: bool,
    },
    /// Something was changed
    Change {
        change: KeptChange,
        /// Whether it is from before this node was there
        is_past: bool,
    },
    /// So many entries of the gap that begins at `first` are missing
    Gap { first: u64, missing: u64 },
    /// The author signed two different logs; nothing more is taken from this one
    Forked,
}

/// What is wrong with an entry that a log does not take
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is there already, or from before what is kept
    Old,
    /// The log has too many holes already
    Ahead,
    /// From a log that contradicts itself
    Forked,
}

impl Log {
    /// How long entries wait for one that is missing before them
    pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
    /// How many stretches of a log may be missing at once
    const MAX_HOLES: usize = 512;
    /// How many gaps that were told are kept in mind
    const MAX_GAPS: usize = 512;

    /// A log of which nothing is known, at `now`
    pub(crate) fn new(id: LogId, now: Time) -> Self {
        Self {
            id,
            held: BTreeMap::new(),
            cut: 0,
            floor: u64::MAX,
            base: 0,
            passed: 0,
            top: 0,
            announced: (0, now),
            missing: Ranges::default(),
            gaps: BTreeMap::new(),
            met: false,
            forked: false,
            used: now,
            out: VecDeque::new(),
        }
    }

    /// Notes how far the log had come when this node first heard of it in this run: what is up to there is past
    pub(crate) fn meet(&mut self, seq: u64) {
        if !self.met {
            self.met = true;
            self.base = self.base.max(seq);
            self.passed = self.passed.max(self.base);
            self.floor = self.floor.min(self.base.saturating_add(1));
        }
    }

    /// The author says that their log ends at `seq`
    pub(crate) fn on_head(&mut self, now: Time, seq: u64) {
        if seq > self.announced.0.max(self.top) {
            let is_waited_for = self.announced.0 > self.passed;
            self.announced = (seq, if is_waited_for { self.announced.1 } else { now });
        }
    }

    /// Whether an entry at this place can be new: to be asked before its signature is looked at
    ///
    /// # Errors
    /// Why it cannot
    pub(crate) fn wants(&self, seq: u64) -> Result<(), Refused> {
        if seq <= self.cut || self.held.contains_key(&seq) {
            return Err(Refused::Old);
        }
        if self.forked {
            return Err(Refused::Forked);
        }
        let makes_hole = !self.missing.contains(seq) && seq != self.top.saturating_add(1);
        if makes_hole && self.missing.stretches() >= Self::MAX_HOLES {
            return Err(Refused::Ahead);
        }
        Ok(())
    }

    /// Whether these are the bytes that are held at their place
    pub(crate) fn holds(&self, seq: u64, signed: &SignedEntry) -> bool {
        self.held.get(&seq).is_some_and(|held| held.signed == *signed)
    }

    /// Whether the entry held behind this place says that the one at it has this hash
    pub(crate) fn vouches_for(&self, seq: u64, hash: EntryHash) -> bool {
        self.held.get(&seq.saturating_add(1)).is_some_and(|next| next.prev == hash)
    }

    /// Takes in an entry that the log [`wants`](Self::wants)
    pub(crate) fn insert(&mut self, now: Time, genuine: Genuine) {
        let Genuine { entry, hash, signed } = genuine;
        if self.is_contradicted_by(&entry, hash) {
            return self.fork();
        }
        self.used = now;
        let (seq, was_top) = (entry.seq, self.top);
        self.reach(seq);
        let held = Held {
            signed,
            hash,
            prev: entry.prev,
            lamport: entry.lamport,
            came: now,
            is_open_line_told: false,
        };
        self.held.insert(seq, held);
        if seq <= self.passed {
            self.tell(&entry, hash);
            self.fill_gap(seq);
        } else if seq - 1 == self.passed && was_top < seq {
            self.passed = seq;
            self.tell(&entry, hash);
        } else {
            self.pass_what_is_here();
        }
    }

    /// Takes in an entry that an earlier run had: nothing of it is told again
    pub(crate) fn restore(&mut self, seq: u64, signed: SignedEntry, hash: EntryHash) -> bool {
        let Some(entry) = signed.claim().filter(|entry| entry.seq == seq && seq > self.cut) else {
            return false;
        };
        self.want_from(seq);
        self.reach(seq);
        self.base = self.base.max(seq);
        self.passed = self.passed.max(seq);
        let (prev, lamport, came) = (entry.prev, entry.lamport, Time::ZERO);
        self.held.insert(seq, Held { signed, hash, prev, lamport, came, is_open_line_told: false });
        true
    }

    /// An entry proves that there is all up to its place
    fn reach(&mut self, seq: u64) {
        if seq > self.top {
            let first = self.top.saturating_add(1).max(self.floor);
            self.missing.insert(first..=seq - 1);
            self.top = seq;
        }
        self.missing.remove(seq..=seq);
    }

    /// The entry at this place
    pub(crate) fn entry(&self, seq: u64) -> Option<&SignedEntry> {
        self.held.get(&seq).map(|held| &held.signed)
    }

    /// Place and lamport value of the last entry that is here
    pub(crate) fn last(&self) -> Option<(u64, u64)> {
        self.held.last_key_value().map(|(seq, held)| (*seq, held.lamport))
    }

    /// Place and lamport value of the first entry that is here
    pub(crate) fn first(&self) -> Option<(u64, u64)> {
        self.held.first_key_value().map(|(seq, held)| (*seq, held.lamport))
    }

    /// Lamport value of the first entry that is here behind this place
    pub(crate) fn lamport_after(&self, seq: u64) -> Option<u64> {
        self.held.range(seq..).next().map(|(_, held)| held.lamport)
    }

    fn first_kept(&self) -> u64 {
        self.cut.saturating_add(1)
    }

    /// The greatest place that an entry proves
    pub(crate) fn top(&self) -> u64 {
        self.top
    }

    /// The last place of what was said before this node was there
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    /// What is missing of what entries prove
    pub(crate) fn missing(&self) -> &Ranges {
        &self.missing
    }

    /// How many entries are here
    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// When something new came, or the log was first heard of
    pub(crate) fn used(&self) -> Time {
        self.used
    }

    /// Whether the author contradicted themselves
    pub(crate) fn is_forked(&self) -> bool {
        self.forked
    }

    /// Somebody has entries from `floor` on: they are wanted
    pub(crate) fn want_from(&mut self, floor: u64) {
        let floor = floor.max(self.first_kept());
        if floor < self.floor && !self.forked {
            let last = self.top.min(self.floor - 1);
            self.missing.insert(floor..=last);
            for seq in self.held.range(floor..=last.max(floor)).map(|(seq, _)| *seq) {
                self.missing.remove(seq..=seq);
            }
            self.floor = floor;
        }
    }

    /// Nothing up to this place is wanted, or kept, any more; gives back the bytes of what was
    pub(crate) fn forget(&mut self, upto: u64) -> impl Iterator<Item = usize> + use<> {
        self.cut = self.cut.max(upto);
        self.floor = self.floor.max(self.first_kept());
        self.passed = self.passed.max(upto);
        self.missing.remove(0..=upto);
        self.gaps.retain(|_, gap| gap.last > upto);
        let mut forgotten = core::mem::take(&mut self.held);
        if let Some(first) = self.cut.checked_add(1) {
            self.held = forgotten.split_off(&first);
        }
        self.pass_what_is_here();
        forgotten.into_values().map(|held| held.signed.len())
    }

    /// The next thing to tell
    pub(crate) fn poll_fact(&mut self) -> Option<Fact> {
        self.out.pop_front()
    }

    /// When to go on without what is missing
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        if self.forked || self.passed >= self.top.max(self.announced.0) {
            return None;
        }
        let since = match self.held.range(self.passed.saturating_add(1)..).next() {
            Some((_, next)) => next.came,
            None => self.announced.1,
        };
        Some(since + Self::PATIENCE)
    }

    /// Goes on without what is missing, as far as it was waited for long enough
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        while self.poll_timeout().is_some_and(|due| due <= now) {
            let first = self.passed + 1;
            let next = self.held.range(first..).next().map(|(seq, _)| *seq);
            let end = self.top.max(self.announced.0);
            let last = next.map_or(end, |next| next - 1);
            self.tell_gap(first, last);
            self.passed = last;
            self.pass_what_is_here();
        }
    }

    /// Tells that all from `first` to `last` is missing: as one gap with what is missing right before it, so that who
    /// announces one end after another makes no more of them than there are entries between
    fn tell_gap(&mut self, first: u64, last: u64) {
        let before = self.gaps.last_key_value().filter(|(_, gap)| gap.last.checked_add(1) == Some(first));
        let (begin, known) = before.map_or((first, 0), |(begin, gap)| (*begin, gap.missing));
        let missing = known.saturating_add(last - first).saturating_add(1);
        if self.gaps.len() == Self::MAX_GAPS && begin == first {
            self.gaps.pop_first();
        }
        self.gaps.insert(begin, Gap { last, missing });
        self.out.push_back(Fact::Gap { first: begin, missing });
    }

    fn pass_what_is_here(&mut self) {
        while let Some(place) = self.passed.checked_add(1)
            && let Some(next) = self.held.get(&place)
        {
            let hash = next.hash;
            let entry = next.signed.claim();
            self.passed = place;
            if let Some(entry) = entry {
                self.tell(&entry, hash);
            }
        }
    }

    fn fill_gap(&mut self, seq: u64) {
        let gap = self.gaps.range_mut(..=seq).next_back();
        let Some((first, gap)) = gap.filter(|(_, gap)| seq <= gap.last) else { return };
        gap.missing = gap.missing.saturating_sub(1);
        let (first, missing) = (*first, gap.missing);
        self.out.push_back(Fact::Gap { first, missing });
        if missing == 0 {
            self.gaps.remove(&first);
        }
    }

    /// Whether the author signed something else beside this entry
    fn is_contradicted_by(&self, entry: &Entry, hash: EntryHash) -> bool {
        let before = self.held.get(&(entry.seq - 1));
        let after = self.held.get(&entry.seq.saturating_add(1));
        before.is_some_and(|before| before.hash != entry.prev || before.lamport >= entry.lamport)
            || after.is_some_and(|after| after.prev != hash || after.lamport <= entry.lamport)
    }

    /// The author contradicted themselves: nothing more is taken in
    pub(crate) fn fork(&mut self) {
        if !self.forked {
            self.forked = true;
            self.missing = Ranges::default();
            self.out.push_back(Fact::Forked);
        }
    }
}

#[cfg(test)]
mod tests;
