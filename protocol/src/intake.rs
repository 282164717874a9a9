use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use core::{cmp::Reverse, net::SocketAddr};

use crate::{
    Time,
    admission::Flow,
    archive::Archive,
    log::Genuine,
    node::Cast,
    wire::{Dropped, Entry, EntryHash, LogId, SignedEntry},
};

/// Entries that arrived and were not verified yet (PROTOCOL.md §7)
///
/// A verified entry vouches for the run before it, by the hash that each has of the one before. So of those that came
/// together only the last of each run is verified, which makes a burst cheap. What there is no budget for waits until
/// there is, or until something behind it vouches for it.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    waiting: Vec<Arrived>,
    deferred: BTreeMap<LogId, Vec<Arrived>>,
    deferred_of: BTreeMap<Flow, usize>,
    /// When to look at what was deferred
    retry: Option<Time>,
    /// Where the last signature was looked at before the rest was deferred: what is behind it has the next turn
    turn: Option<(LogId, Reverse<u64>)>,
}

/// An entry and how it came
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) from: SocketAddr,
    pub(crate) flow: Flow,
    pub(crate) cast: Cast,
    pub(crate) entry: Entry,
    pub(crate) hash: EntryHash,
    pub(crate) signed: SignedEntry,
}

/// What an entry turned out to be
#[derive(Debug)]
pub(crate) enum Sifted {
    /// Its author's, and wanted
    Genuine { from: SocketAddr, cast: Cast, genuine: Box<Genuine> },
    /// Here already
    Known { cast: Cast, entry: (LogId, u64) },
    /// No good
    Dropped(Dropped),
    /// Its author's, where its author had signed something else
    Forked(LogId),
    /// Over the budget, and more than may wait of what comes this way
    TooMany(Flow),
}

enum Verdict {
    Genuine,
    Known,
    Dropped(Dropped),
    Forked,
    Deferred,
}

impl Intake {
    /// How many wait at most before they are looked at: 800 KiB
    const MAX_WAITING: usize = 512;
    /// How many are deferred at most: 800 KiB
    const MAX_DEFERRED: usize = 512;

    /// Takes an entry in; true if it is time to sift
    pub(crate) fn push(&mut self, arrived: Arrived) -> bool {
        self.waiting.push(arrived);
        self.waiting.len() >= Self::MAX_WAITING
    }

    /// Whether there is nothing to look at
    pub(crate) fn is_empty(&self, now: Time) -> bool {
        self.waiting.is_empty() && self.retry.is_none_or(|at| now < at)
    }

    /// When to look at what was deferred
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.retry
    }

    /// Tells what is genuine from what is not, in the order in which it came
    ///
    /// `is_signed` is `None` if there is no budget to find out; what depends on it is tried again at `next`.
    pub(crate) fn sift(
        &mut self,
        now: Time,
        next: Time,
        archive: &Archive,
        mut is_signed: impl FnMut(&Arrived) -> Option<bool>,
    ) -> Vec<Sifted> {
        let arrived = self.gather(now);
        let mut order: Vec<_> = (0..arrived.len()).collect();
        let turn = self.turn;
        order.sort_by_key(|nth| {
            let place = place(&arrived[*nth].entry);
            (turn.is_some_and(|turn| place <= turn), place)
        });
        let mut verdicts = BTreeMap::new();
        let mut is_signed = |one: &Arrived| {
            let is_signed = is_signed(one)?;
            self.turn = Some(place(&one.entry));
            Some(is_signed)
        };
        let mut above: Option<(LogId, u64, EntryHash, EntryHash)> = None;
        for nth in order {
            let one = &arrived[nth];
            let (log, seq) = (one.entry.log(), one.entry.seq);
            let verdict = judge(one, above, archive, &mut is_signed);
            if matches!(verdict, Verdict::Genuine) {
                above = Some((log, seq, one.entry.prev, one.hash));
            }
            verdicts.insert(nth, verdict);
        }
        let sifted = arrived.into_iter().zip(verdicts.into_values());
        let sifted = sifted.filter_map(|(one, verdict)| self.settle(one, verdict)).collect();
        self.retry = (!self.deferred.is_empty()).then_some(next);
        self.turn = self.turn.filter(|_| !self.deferred.is_empty());
        sifted
    }

    /// What came since the last time, and what was deferred of the same logs, or of all if it is time
    fn gather(&mut self, now: Time) -> Vec<Arrived> {
        let mut arrived = Vec::new();
        if self.retry.is_some_and(|at| at <= now) {
            arrived.extend(core::mem::take(&mut self.deferred).into_values().flatten());
            self.deferred_of.clear();
        } else if !self.deferred.is_empty() {
            for one in &self.waiting {
                arrived.extend(self.deferred.remove(&one.entry.log()).into_iter().flatten());
            }
            for one in &arrived {
                count_down(&mut self.deferred_of, one.flow);
            }
        }
        arrived.append(&mut self.waiting);
        arrived
    }

    fn settle(&mut self, one: Arrived, verdict: Verdict) -> Option<Sifted> {
        Some(match verdict {
            Verdict::Genuine => {
                let Arrived { from, cast, entry, hash, signed, .. } = one;
                Sifted::Genuine { from, cast, genuine: Box::new(Genuine { entry, hash, signed }) }
            }
            Verdict::Known => Sifted::Known { cast: one.cast, entry: (one.entry.log(), one.entry.seq) },
            Verdict::Dropped(why) => Sifted::Dropped(why),
            Verdict::Forked => Sifted::Forked(one.entry.log()),
            Verdict::Deferred => return self.defer(one),
        })
    }

    /// Has an entry wait, unless its way has its share of what may
    fn defer(&mut self, one: Arrived) -> Option<Sifted> {
        let flows = self.deferred_of.len() + usize::from(!self.deferred_of.contains_key(&one.flow));
        let deferred: usize = self.deferred_of.values().sum();
        let count = self.deferred_of.get(&one.flow).copied().unwrap_or(0);
        if count >= Self::MAX_DEFERRED / (flows + 1) || deferred >= Self::MAX_DEFERRED {
            return Some(Sifted::TooMany(one.flow));
        }
        self.deferred_of.insert(one.flow, count + 1);
        self.deferred.entry(one.entry.log()).or_default().push(one);
        None
    }
}

/// Where an entry stands among others: each after the one of its log that may vouch for it
fn place(entry: &Entry) -> (LogId, Reverse<u64>) {
    (entry.log(), Reverse(entry.seq))
}

/// What an entry is, given the genuine one that stands next `above` it among those that came with it
fn judge(
    one: &Arrived,
    above: Option<(LogId, u64, EntryHash, EntryHash)>,
    archive: &Archive,
    is_signed: &mut impl FnMut(&Arrived) -> Option<bool>,
) -> Verdict {
    let Arrived { entry, hash, signed, .. } = one;
    let above = above.filter(|(log, ..)| *log == entry.log());
    let same = above.filter(|(_, seq, ..)| *seq == entry.seq);
    let is_vouched_for = above.is_some_and(|(_, seq, prev, _)| seq - 1 == entry.seq && prev == *hash);
    if archive.holds(entry, signed) {
        return Verdict::Known;
    }
    if archive.differs(entry, signed) || same.is_some_and(|(.., other)| other != *hash) {
        return match is_signed(one) {
            Some(true) => Verdict::Forked,
            Some(false) => Verdict::Dropped(Dropped::Forged),
            None => Verdict::Deferred,
        };
    }
    if same.is_some() {
        return Verdict::Known;
    }
    if let Err(why) = archive.wants(entry) {
        return Verdict::Dropped(why);
    }
    if is_vouched_for || archive.vouches_for(entry, *hash) {
        return Verdict::Genuine;
    }
    match is_signed(one) {
        Some(true) => Verdict::Genuine,
        Some(false) => Verdict::Dropped(Dropped::Forged),
        None => Verdict::Deferred,
    }
}

fn count_down(counts: &mut BTreeMap<Flow, usize>, flow: Flow) {
    if let Some(count) = counts.get_mut(&flow) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&flow);
        }
    }
}

#[cfg(test)]
mod tests;
