use alloc::collections::VecDeque;
use core::time::Duration;

use crate::{Order, Time};

/// Which lines come late: after people have seen lines without them that belong behind them (PROTOCOL.md §8.3)
///
/// Two who speak at once are heard in either order; that alone makes nobody late.
#[derive(Debug, Default)]
pub(crate) struct Lateness {
    /// The greatest place of all lines that have been seen for long enough
    settled: Option<Order>,
    /// Lines told since, those only that are behind all told before them
    fresh: VecDeque<(Time, Order)>,
}

impl Lateness {
    /// How long a line is on the screen before those that belong above it are late
    const GRACE: Duration = Duration::from_secs(1);
    /// How many lines it looks back at most
    const MAX_FRESH: usize = 256;

    /// Notes that a line is told, and says whether it is late
    pub(crate) fn is_late(&mut self, now: Time, order: Order) -> bool {
        let is_late = self.is_behind(now, order);
        let last = self.fresh.back().map(|(_, last)| *last).max(self.settled);
        if last.is_none_or(|last| last < order) {
            if self.fresh.len() == Self::MAX_FRESH {
                self.fresh.pop_back();
            }
            self.fresh.push_back((now, order));
        }
        is_late
    }

    /// Whether what has this place and is no line, so that nothing belongs above it, is late
    pub(crate) fn is_behind(&mut self, now: Time, order: Order) -> bool {
        while let Some((_, seen)) = self.fresh.pop_front_if(|(at, _)| now.since(*at) > Self::GRACE) {
            self.settled = self.settled.max(Some(seen));
        }
        self.settled.is_some_and(|settled| order < settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerKey;

    fn order(lamport: u64) -> Order {
        Order { lamport, author: PeerKey::from_bytes([1; 32]), epoch: 1, seq: 1, index: 0 }
    }

    #[test]
    fn late_is_what_belongs_above_a_line_that_was_seen_for_a_while() {
        let mut lateness = Lateness::default();
        assert!(!lateness.is_late(Time::from_secs(1), order(5)));
        assert!(!lateness.is_late(Time::from_millis(1_900), order(4)));
        assert!(!lateness.is_late(Time::from_millis(2_500), order(6)));
        assert!(lateness.is_late(Time::from_millis(2_500), order(3)));
        assert!(!lateness.is_late(Time::from_millis(2_500), order(7)));
        assert!(lateness.is_late(Time::from_millis(4_500), order(6)));
        assert!(lateness.is_late(Time::from_millis(4_500), order(3)));
    }

    #[test]
    fn a_burst_is_looked_back_on_only_so_far() {
        let mut lateness = Lateness::default();
        for n in 0..10_000 {
            assert!(!lateness.is_late(Time::from_secs(1), order(n)));
        }
        assert!(lateness.fresh.len() <= Lateness::MAX_FRESH);
        assert!(lateness.is_late(Time::from_secs(9), order(3)));
    }
}
