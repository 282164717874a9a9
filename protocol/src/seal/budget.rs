use alloc::collections::BTreeMap;
use core::time::Duration;

use crate::{PeerKey, Time};

/// How many handshakes of others this node does the sums for (PROTOCOL.md §8.8)
///
/// What nobody else wants may be had by anyone. When it gets scarce, whoever has used up a share of their own has none,
/// and at the end there is some left for those only to whom this node whispers itself.
#[derive(Debug)]
pub(crate) struct Budget {
    all: Bucket<20_000, 40_000>,
    shares: BTreeMap<PeerKey, Share>,
}

type Share = Bucket<2_000, 4_000>;

/// Thousandths of what may be had: so many more in a second, so many at most
#[derive(Clone, Copy, Debug)]
struct Bucket<const RATE: u64, const MOST: u64> {
    level: u64,
    filled: Time,
}

/// What one handshake takes
const ONE: u64 = 1_000;
/// What is left for those only with whom this node has to do already
const FOR_FAMILIAR: u64 = 10 * ONE;
/// Less than this is not idle: a share of one's own is needed
const IDLE: u64 = 20 * ONE;

impl Budget {
    /// Nothing used yet
    pub(crate) fn new(now: Time) -> Self {
        Self { all: Bucket::full(now), shares: BTreeMap::new() }
    }

    /// Whether a handshake of `peer` may be answered now, which uses it up; `is_familiar` if this node has to do with
    /// them already
    pub(crate) fn allow(&mut self, now: Time, peer: &PeerKey, is_familiar: bool) -> bool {
        self.all.fill(now);
        let mut share = self.shares.get(peer).copied().unwrap_or_else(|| Share::full(now));
        share.fill(now);
        let kept_back = match (share.level >= ONE, is_familiar) {
            (true, true) => 0,
            (true, false) => FOR_FAMILIAR,
            (false, _) => IDLE,
        };
        if self.all.level < kept_back + ONE {
            return false;
        }
        self.all.level -= ONE;
        share.level = share.level.saturating_sub(ONE);
        self.forget_full(now);
        self.shares.insert(*peer, share);
        true
    }

    /// A full share is like none, so that only those are kept that were used in the last seconds
    fn forget_full(&mut self, now: Time) {
        self.shares.retain(|_, share| {
            share.fill(now);
            share.level < Share::MOST
        });
    }
}

impl<const RATE: u64, const MOST: u64> Bucket<RATE, MOST> {
    const MOST: u64 = MOST;

    const fn full(now: Time) -> Self {
        Self { level: MOST, filled: now }
    }

    fn fill(&mut self, now: Time) {
        let passed = u64::try_from(now.since(self.filled).as_micros()).unwrap_or(u64::MAX);
        let more = passed.saturating_mul(RATE) / 1_000_000;
        self.level = self.level.saturating_add(more).min(MOST);
        self.filled = if self.level == MOST {
            now
        } else {
            self.filled + Duration::from_micros(more * (1_000_000 / RATE))
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u16) -> PeerKey {
        PeerKey::from_bytes(core::array::from_fn(|i| if i < 2 { n.to_be_bytes()[i] } else { 7 }))
    }

    /// How many of `asked` a second each of `peers` gets within 10 s, after a minute of it
    fn granted(peers: u16, asked: u32) -> alloc::vec::Vec<u32> {
        let mut budget = Budget::new(Time::ZERO);
        let mut granted = alloc::vec![0; usize::from(peers)];
        for n in 0..70 * asked {
            let now = Time::ZERO + Duration::from_secs(1) * n / asked;
            for peer in 0..peers {
                let is_granted = budget.allow(now, &key(peer), false);
                granted[usize::from(peer)] += u32::from(is_granted && n >= 60 * asked);
            }
        }
        granted
    }

    #[test]
    fn one_alone_may_have_what_is_idle() {
        assert!((190..=210).contains(&granted(1, 100)[0]));
    }

    #[test]
    fn who_stays_within_their_share_gets_it_beside_somebody_who_floods() {
        let mut budget = Budget::new(Time::ZERO);
        for n in 0..60_000 {
            let now = Time::from_millis(n);
            for _ in 0..10 {
                budget.allow(now, &key(0), false);
            }
            if n % 500 == 499 {
                assert!(budget.allow(now, &key(1), false), "{now}");
            }
        }
    }

    #[test]
    fn many_who_flood_leave_some_for_those_who_are_familiar() {
        let mut budget = Budget::new(Time::ZERO);
        let mut refused = 0;
        for n in 0..60_000 {
            let now = Time::from_millis(n);
            refused += (0..100).filter(|peer| !budget.allow(now, &key(*peer), false)).count();
            if n % 1_000 == 999 {
                assert!(budget.allow(now, &key(1_000), true), "{now}");
            }
        }
        assert!(refused > 5_900_000, "{refused}");
        assert!(budget.shares.len() <= 100, "{}", budget.shares.len());
    }

    #[test]
    fn however_often_it_is_looked_at_time_counts() {
        let mut budget = Budget::new(Time::ZERO);
        while budget.allow(Time::ZERO, &key(0), true) {}
        let granted = (1..=10_000_000).step_by(7);
        let granted = granted.filter(|micros| budget.allow(Time::from_micros(*micros), &key(0), true));
        assert!((199..=201).contains(&granted.count()));
    }
}
