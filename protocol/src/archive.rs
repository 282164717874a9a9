mod making_room;

use alloc::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    vec::Vec,
};
use core::time::Duration;

use crate::{
    KeptEntry, PeerKey, Retention, Time, WallTime,
    digest::DigestBook,
    log::{Fact, Genuine, Log, Refused},
    wire::{Digest, Dropped, Entry, EntryHash, Holding, LogId, MAX_HOLDINGS, MAX_RECENT, SignedEntry},
};

/// The logs of everyone in the room, this node's own included (PROTOCOL.md §8.3)
///
/// Bounded: when it is more than is to be kept, whoever has most loses what is oldest, and that is not taken in again.
#[derive(Debug)]
pub(crate) struct Archive {
    logs: BTreeMap<LogId, Log>,
    retention: Retention,
    entries: usize,
    bytes: usize,
    /// The greatest lamport value that was forgotten for being old: what is older is not worth asking for
    horizon: u64,
    /// How many entries are here of each author
    by_author: BTreeMap<PeerKey, usize>,
    digest: DigestBook,
    /// Logs in which something is missing
    lacking: BTreeSet<LogId>,
    /// Logs that grew lately, the latest last
    recent: VecDeque<(Time, LogId)>,
    /// Grows whenever what is missing may be another
    version: u64,
    /// How many logs there are of each author
    logs_of: BTreeMap<PeerKey, usize>,
    /// Until when nobody looks for a log to make room again, for those with no more right to it
    no_room: Option<(Time, Worth)>,
    next_gap: Option<Time>,
    facts: VecDeque<(LogId, Fact)>,
    forgotten: Vec<(LogId, u64)>,
}

/// An entry's place in the transcript
type Mark = (u64, LogId, u64);

/// What a log is worth beside others: whether there is something in it, whether its author is there
type Worth = (bool, bool);

impl Archive {
    /// How many logs there are at most, with something in them or without
    pub(crate) const MAX_LOGS: usize = 4_096;
    /// How many there are of one author
    const MAX_LOGS_OF_ONE: usize = 256;
    /// For how long a log counts as one that grew lately
    const LATELY: Duration = Duration::from_secs(10);

    /// An empty archive
    pub(crate) fn new(retention: Retention) -> Self {
        Self {
            logs: BTreeMap::new(),
            retention,
            entries: 0,
            bytes: 0,
            horizon: 0,
            by_author: BTreeMap::new(),
            digest: DigestBook::default(),
            lacking: BTreeSet::new(),
            recent: VecDeque::new(),
            version: 0,
            logs_of: BTreeMap::new(),
            no_room: None,
            next_gap: None,
            facts: VecDeque::new(),
            forgotten: Vec::new(),
        }
    }

    /// Whether an entry that claims this place can be a new one: to be asked before its signature is looked at
    ///
    /// What is said now is always wanted: clocks and counts are those of its author.
    ///
    /// # Errors
    /// Why it is not wanted
    pub(crate) fn wants(&self, entry: &Entry) -> Result<(), Dropped> {
        let wants = self.logs.get(&entry.log()).map_or(Ok(()), |log| log.wants(entry.seq));
        wants.map_err(|refused| match refused {
            Refused::Old => Dropped::Replayed,
            Refused::Ahead => Dropped::Overflow,
            Refused::Forked => Dropped::Forked,
        })
    }

    /// Whether this entry is here
    pub(crate) fn holds(&self, entry: &Entry, signed: &SignedEntry) -> bool {
        self.logs.get(&entry.log()).is_some_and(|log| log.holds(entry.seq, signed))
    }

    /// Whether something else is held at the place that this entry claims
    pub(crate) fn differs(&self, entry: &Entry, signed: &SignedEntry) -> bool {
        let log = self.logs.get(&entry.log()).filter(|log| !log.is_forked());
        log.is_some_and(|log| log.entry(entry.seq).is_some() && !log.holds(entry.seq, signed))
    }

    /// Whether the entry held behind this one says that this is its author's
    pub(crate) fn vouches_for(&self, entry: &Entry, hash: EntryHash) -> bool {
        self.logs.get(&entry.log()).is_some_and(|log| log.vouches_for(entry.seq, hash))
    }

    /// Whether what is at this place is known to be missing
    pub(crate) fn lacks(&self, id: &LogId, seq: u64) -> bool {
        self.logs.get(id).is_some_and(|log| log.missing().contains(seq))
    }

    /// The author signed two different logs
    pub(crate) fn fork(&mut self, id: LogId) {
        self.change(id, Log::fork);
    }

    /// Takes in an entry that is its author's and which is [wanted](Self::wants); false if nothing came of it
    ///
    /// `is_past` says of the first one of a log whether it is from before this node was there.
    ///
    /// # Errors
    /// If there are too many logs
    pub(crate) fn insert(
        &mut self,
        now: Time,
        genuine: Genuine,
        is_past: bool,
        is_present: impl Fn(&PeerKey) -> bool,
    ) -> Result<bool, Dropped> {
        let (id, seq, bytes) = (genuine.entry.log(), genuine.entry.seq, genuine.signed.len());
        self.follow(now, id, true, is_present)?.meet(seq - u64::from(!is_past));
        let before = self.entries;
        self.change(id, |log| log.insert(now, genuine));
        let is_taken = self.entries > before;
        if is_taken {
            self.bytes += bytes;
            self.note_growth(now, id);
        }
        Ok(is_taken)
    }

    /// Takes in an entry that an earlier run had kept
    pub(crate) fn restore(&mut self, kept: KeptEntry) {
        let id = LogId { author: kept.author, epoch: kept.epoch };
        let bytes = kept.signed.len();
        let before = self.entries;
        if self.logs.len() < Self::MAX_LOGS || self.logs.contains_key(&id) {
            self.open(Time::ZERO, id);
            self.change(id, |log| {
                log.restore(kept.seq, kept.signed, kept.hash);
            });
        }
        if self.entries > before {
            self.bytes += bytes;
        }
    }

    /// The author of a log is there and says that it ends at `seq`
    ///
    /// # Errors
    /// If there are too many logs
    pub(crate) fn on_head(
        &mut self,
        now: Time,
        id: LogId,
        seq: u64,
        is_present: impl Fn(&PeerKey) -> bool,
    ) -> Result<(), Dropped> {
        self.follow(now, id, false, is_present)?.meet(seq);
        self.change(id, |log| log.on_head(now, seq));
        Ok(())
    }

    /// Somebody says that they hold this: what is before it is wanted from there on
    ///
    /// Returns whether they say that the log goes on beyond what is known of it.
    pub(crate) fn on_holding(&mut self, holding: &Holding) -> bool {
        let is_full = self.is_full();
        let Some(log) = self.logs.get(&holding.log) else {
            return !is_full || holding.lamport > self.horizon;
        };
        let (is_forked, top) = (log.is_forked(), log.top());
        if !is_full && !is_forked {
            self.change(holding.log, |log| log.want_from(holding.floor));
        }
        holding.seq > top && !is_forked
    }

    /// Somebody claims to hold a log that is not known: what they hold was said before this node heard of it
    pub(crate) fn expect(&mut self, now: Time, holding: &Holding, is_present: impl Fn(&PeerKey) -> bool) {
        if let Ok(log) = self.follow(now, holding.log, true, is_present) {
            log.meet(holding.seq);
            log.want_from(holding.floor);
        }
    }

    /// The log with this name
    pub(crate) fn log(&self, id: &LogId) -> Option<&Log> {
        self.logs.get(id)
    }

    /// Epoch and place of the end of this author's latest log
    pub(crate) fn latest_of(&self, author: &PeerKey) -> Option<(u64, u64)> {
        let (first, last) = (LogId { author: *author, epoch: 0 }, LogId { author: *author, epoch: u64::MAX });
        let (id, log) = self.logs.range(first..=last).next_back()?;
        Some((id.epoch, log.top()))
    }

    /// Up to which place this log was held when all that was here had this sum, if that was not long ago
    pub(crate) fn place_when(&self, id: &LogId, sum: u64) -> Option<u64> {
        let (seq, _) = self.logs.get(id)?.last()?;
        self.digest.place_when((id, seq), sum)
    }

    /// An entry
    pub(crate) fn entry(&self, id: &LogId, seq: u64) -> Option<&SignedEntry> {
        self.logs.get(id)?.entry(seq)
    }

    /// A number that is another whenever what is missing may be
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The logs in which something is missing
    pub(crate) fn lacking(&self) -> impl Iterator<Item = (&LogId, &Log)> {
        self.lacking.iter().filter_map(|id| Some((id, self.logs.get(id)?)))
    }

    /// In how many logs something is missing
    pub(crate) fn count_lacking(&self) -> usize {
        self.lacking.len()
    }

    /// A page of what is here, of the logs after `after`, and whether there is more
    pub(crate) fn page(&self, after: LogId) -> (Vec<Holding>, bool) {
        use core::ops::Bound;
        let logs = self.logs.range((Bound::Excluded(after), Bound::Unbounded));
        let mut held = logs.filter_map(|(id, log)| holding(id, log));
        let page: Vec<_> = held.by_ref().take(MAX_HOLDINGS).collect();
        (page, held.next().is_some())
    }

    /// What is here of the logs that grew lately, the latest first
    pub(crate) fn recent(&self, now: Time) -> Vec<Holding> {
        let lately = self.recent.iter().rev().filter(|(at, _)| now.since(*at) <= Self::LATELY);
        lately.filter_map(|(_, id)| holding(id, self.logs.get(id)?)).take(MAX_RECENT).collect()
    }

    /// All that is here in one number
    pub(crate) fn digest(&self) -> Digest {
        self.digest.digest()
    }

    /// Whether somebody who claims this digest may hold what is not here, as far as a digest can tell
    pub(crate) fn is_behind(&self, other: &Digest) -> bool {
        let mine = self.digest();
        if other.sum == mine.sum {
            other.entries > mine.entries && !self.is_full()
        } else {
            !self.digest.covers(other.sum)
        }
    }

    /// Whether as much is here as is to be kept
    pub(crate) fn is_full(&self) -> bool {
        self.entries >= self.retention.entries || self.bytes >= self.retention.bytes
    }

    /// What is older than this by its lamport value was forgotten
    pub(crate) fn horizon(&self) -> u64 {
        self.horizon
    }

    /// The next thing to tell, to be called until there is none
    pub(crate) fn poll_fact(&mut self) -> Option<(LogId, Fact)> {
        self.facts.pop_front()
    }

    /// Logs of which all up to a place was forgotten since the last call
    pub(crate) fn take_forgotten(&mut self) -> Vec<(LogId, u64)> {
        core::mem::take(&mut self.forgotten)
    }

    /// When to go on without something
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.next_gap
    }

    /// Goes on without what was waited for long enough
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        if self.next_gap.is_none_or(|at| now < at) {
            return;
        }
        self.next_gap = None;
        let waiting = self.logs.iter().filter(|(_, log)| log.poll_timeout().is_some());
        let waiting: Vec<_> = waiting.map(|(id, _)| *id).collect();
        for id in waiting {
            self.change(id, |log| log.handle_timeout(now));
        }
    }

    /// Forgets what is oldest, if there is more than is to be kept
    ///
    /// Whoever has said most loses theirs first, if it is more than a fair share: nobody pushes everybody else out. A
    /// little more than is needed goes at once, so that this is not done for each entry.
    pub(crate) fn trim(&mut self) {
        if self.entries <= self.retention.entries && self.bytes <= self.retention.bytes {
            return;
        }
        let (entries, bytes) = (self.retention.entries, self.retention.bytes);
        let (entries, bytes) = (entries - entries / 64, bytes - bytes / 64);
        let firsts = self.logs.iter().filter_map(|(id, log)| first_mark(id, log));
        let mut firsts: BTreeSet<Mark> = firsts.collect();
        while self.entries > entries || self.bytes > bytes {
            let most = self.by_author.iter().max_by_key(|(_, count)| **count);
            let share = self.entries / self.by_author.len().max(1);
            let greedy = most.filter(|(_, count)| **count > share).map(|(author, _)| *author);
            let of_greedy =
                greedy.and_then(|author| firsts.iter().find(|(_, id, _)| id.author == author).copied());
            let Some(oldest) = of_greedy.or_else(|| firsts.first().copied()) else { return };
            firsts.remove(&oldest);
            let (lamport, id, seq) = oldest;
            self.forget(id, seq);
            if of_greedy.is_none() {
                self.horizon = self.horizon.max(lamport);
            }
            firsts.extend(self.logs.get(&id).and_then(|log| first_mark(&id, log)));
        }
    }

    /// Forgets what was said before this time by its author's clock, at the beginning of each log
    pub(crate) fn expire(&mut self, oldest: WallTime) {
        let is_old = |signed: &SignedEntry| signed.claim().is_none_or(|entry| entry.sent_at < oldest);
        let ids: Vec<_> = self.logs.keys().copied().collect();
        for id in ids {
            while let Some((seq, signed)) = self
                .logs
                .get(&id)
                .and_then(|log| log.first().and_then(|(seq, _)| Some((seq, log.entry(seq)?))))
                && is_old(signed)
            {
                self.forget(id, seq);
            }
        }
    }

    /// Nothing up to this place of a log is wanted, or kept, any more
    pub(crate) fn forget(&mut self, id: LogId, upto: u64) {
        let mut freed = 0;
        self.change(id, |log| freed = log.forget(upto).sum());
        self.bytes = self.bytes.saturating_sub(freed);
        self.forgotten.push((id, upto));
    }

    /// Lets something happen to a log and notes what comes of it
    fn change(&mut self, id: LogId, happen: impl FnOnce(&mut Log)) {
        let Some(log) = self.logs.get_mut(&id) else { return };
        let (was_len, was_last) = (log.len(), log.last());
        happen(log);
        let len = log.len();
        self.entries = self.entries - was_len + len;
        let count = self.by_author.entry(id.author).or_default();
        *count = *count - was_len + len;
        if *count == 0 {
            self.by_author.remove(&id.author);
        }
        self.digest.count(self.entries);
        let place = |last: Option<(u64, u64)>| last.map_or(0, |(seq, _)| seq);
        self.digest.move_head(&id, place(was_last), place(log.last()));
        let lacked =
            if log.missing().is_empty() { self.lacking.remove(&id) } else { !self.lacking.insert(id) };
        self.version += u64::from(lacked || !log.missing().is_empty());
        self.next_gap = self.next_gap.into_iter().chain(log.poll_timeout()).min();
        self.facts.extend(core::iter::from_fn(|| log.poll_fact()).map(|fact| (id, fact)));
    }

    fn note_growth(&mut self, now: Time, id: LogId) {
        self.recent.retain(|(at, recent)| *recent != id && now.since(*at) <= Self::LATELY);
        if self.recent.len() == 4 * MAX_RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((now, id));
    }
}

fn first_mark(id: &LogId, log: &Log) -> Option<Mark> {
    log.first().map(|(seq, lamport)| (lamport, *id, seq))
}

fn holding(id: &LogId, log: &Log) -> Option<Holding> {
    let (seq, lamport) = log.last()?;
    Some(Holding { log: *id, floor: log.first()?.0, seq, lamport })
}

#[cfg(test)]
mod tests;
