use alloc::collections::BTreeMap;
use core::time::Duration;

use crate::{Order, PeerKey, Time};

/// How far the logs of this node have come to others, as far as they tell (PROTOCOL.md §8.11)
///
/// What somebody says that they hold ends somewhere; what is missing before the end does not show in it. Who has just
/// asked for something is therefore not taken to have it until they had the time to get it and ask no more.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    by_log: BTreeMap<(PeerKey, u64), Reached>,
}

#[derive(Debug, Default)]
struct Reached {
    /// The greatest place up to which they hold it
    upto: u64,
    /// What was told of that
    told: Option<Order>,
    /// The first place that they asked for lately, and when they asked last
    lacks: Option<(u64, Time)>,
}

impl Reach {
    /// How long what somebody asked for counts as missing: who still lacks it asks again sooner
    const PATIENCE: Duration = Duration::from_secs(4);
    /// How many logs of this node, times those who hold them, are known: 1 MiB
    const MAX_REACHED: usize = 8_192;

    /// They ask for what is from this place on in the own log of this epoch
    pub(crate) fn on_want(&mut self, now: Time, who: PeerKey, epoch: u64, from: u64) {
        let Some(reached) = self.reached(who, epoch) else { return };
        let known = reached.lacks.filter(|(_, at)| now.since(*at) < Self::PATIENCE);
        reached.lacks = Some((known.map_or(from, |(place, _)| place.min(from)), now));
    }

    /// They say that they hold the own log of this epoch up to a place; up to which one they do now, if it is a greater one
    pub(crate) fn on_holding(&mut self, now: Time, who: PeerKey, epoch: u64, seq: u64) -> Option<u64> {
        let reached = self.reached(who, epoch)?;
        let lacks = reached.lacks.filter(|(_, at)| now.since(*at) < Self::PATIENCE);
        let upto = lacks.map_or(seq, |(place, _)| seq.min(place.saturating_sub(1)));
        if upto <= reached.upto {
            return None;
        }
        reached.upto = upto;
        Some(upto)
    }

    /// Whether it is news that they hold all up to this place
    pub(crate) fn is_news(&mut self, who: PeerKey, order: Order) -> bool {
        let Some(reached) = self.reached(who, order.epoch) else { return false };
        let is_news = reached.told.is_none_or(|told| told < order);
        if is_news {
            reached.told = Some(order);
        }
        is_news
    }

    fn reached(&mut self, who: PeerKey, epoch: u64) -> Option<&mut Reached> {
        let has_room = self.by_log.len() < Self::MAX_REACHED || self.by_log.contains_key(&(who, epoch));
        has_room.then(|| self.by_log.entry((who, epoch)).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: PeerKey = PeerKey::from_bytes([2; 32]);

    #[test]
    fn what_grows_is_told_once() {
        let mut reach = Reach::default();
        assert_eq!(reach.on_holding(Time::ZERO, BOB, 1, 3), Some(3));
        assert_eq!(reach.on_holding(Time::ZERO, BOB, 1, 3), None);
        assert_eq!(reach.on_holding(Time::ZERO, BOB, 1, 2), None, "an older announcement");
        assert_eq!(reach.on_holding(Time::ZERO, BOB, 1, 4), Some(4));
        assert_eq!(reach.on_holding(Time::ZERO, BOB, 2, 1), Some(1), "another log");
    }

    #[test]
    fn what_was_asked_for_is_missing_until_there_was_time_to_get_it() {
        let mut reach = Reach::default();
        reach.on_want(Time::ZERO, BOB, 1, 3);
        reach.on_want(Time::from_secs(1), BOB, 1, 5);
        assert_eq!(reach.on_holding(Time::from_secs(2), BOB, 1, 9), Some(2));
        assert_eq!(reach.on_holding(Time::from_secs(4), BOB, 1, 9), None);
        assert_eq!(reach.on_holding(Time::from_secs(5), BOB, 1, 9), Some(9));
        reach.on_want(Time::from_secs(6), BOB, 1, u64::MAX);
        reach.on_want(Time::from_secs(6), BOB, 1, 0);
        assert_eq!(reach.on_holding(Time::from_secs(6), BOB, 1, u64::MAX), None);
    }

    #[test]
    fn a_crowd_has_a_bound() {
        let mut reach = Reach::default();
        for epoch in 0..20_000 {
            reach.on_want(Time::ZERO, BOB, epoch, 1);
        }
        assert_eq!(reach.by_log.len(), Reach::MAX_REACHED);
        assert_eq!(reach.on_holding(Time::ZERO, BOB, 30_000, 1), None);
    }
}
