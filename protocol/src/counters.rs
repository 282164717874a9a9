use alloc::collections::BTreeMap;

use crate::wire::Dropped;

/// What arrived at a node, and what was dropped and why
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    received: u64,
    dropped: BTreeMap<Dropped, u64>,
}

impl Counters {
    /// Datagrams that arrived
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Datagrams and entries that were dropped for this reason
    pub fn dropped(&self, why: Dropped) -> u64 {
        self.dropped.get(&why).copied().unwrap_or(0)
    }

    /// All reasons for which something was dropped, and how often
    pub fn all_dropped(&self) -> impl Iterator<Item = (Dropped, u64)> {
        self.dropped.iter().map(|(why, count)| (*why, *count))
    }

    pub(crate) fn count_received(&mut self) {
        self.received += 1;
    }

    pub(crate) fn count_dropped(&mut self, why: Dropped) {
        *self.dropped.entry(why).or_default() += 1;
    }
}
