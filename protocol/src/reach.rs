use alloc::{collections::BTreeMap, vec::Vec};
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

#[derive(Debug)]
struct Reached {
    /// The greatest place up to which they hold it
    upto: u64,
    /// What was told of that
    told: Option<Order>,
    /// From which places on they asked for something lately, the first one first, and when they asked for that last
    lacks: Vec<(u64, Time)>,
    /// When they last said anything about it
    heard: Time,
}

impl Reach {
    /// How long what somebody asked for counts as missing: who still lacks it asks again sooner
    const PATIENCE: Duration = Duration::from_secs(4);
    /// How many logs of this node, times those who hold them, are known: 3 MiB
    const MAX_REACHED: usize = 8_192;
    /// How many places that somebody asked for are told apart; the last of more count as one
    const MAX_LACKS: usize = 8;

    /// They ask for what is from this place on in the own log of this epoch
    pub(crate) fn on_want(&mut self, now: Time, who: PeerKey, epoch: u64, from: u64) {
        self.reached(now, who, epoch).lack(now, from);
    }

    /// They say that they hold the own log of this epoch up to a place; up to which one they do now, if it is a greater one
    pub(crate) fn on_holding(&mut self, now: Time, who: PeerKey, epoch: u64, seq: u64) -> Option<u64> {
        let reached = self.reached(now, who, epoch);
        reached.lacks.retain(|(_, at)| now.since(*at) < Self::PATIENCE);
        let upto = reached.lacks.first().map_or(seq, |(place, _)| seq.min(place.saturating_sub(1)));
        if upto <= reached.upto {
            return None;
        }
        reached.upto = upto;
        Some(upto)
    }

    /// Whether it is news that they hold all up to this place
    pub(crate) fn is_news(&mut self, who: PeerKey, order: Order) -> bool {
        let Some(reached) = self.by_log.get_mut(&(who, order.epoch)) else { return false };
        let is_news = reached.told.is_none_or(|told| told < order);
        if is_news {
            reached.told = Some(order);
        }
        is_news
    }

    fn reached(&mut self, now: Time, who: PeerKey, epoch: u64) -> &mut Reached {
        if self.by_log.len() >= Self::MAX_REACHED && !self.by_log.contains_key(&(who, epoch)) {
            self.forget_the_silent();
        }
        let reached = self.by_log.entry((who, epoch)).or_insert_with(|| Reached::new(now));
        reached.heard = now;
        reached
    }

    /// Makes room for half of all at once, so that a flood of strangers does not have all searched for each of them
    fn forget_the_silent(&mut self) {
        let mut heard: Vec<Time> = self.by_log.values().map(|reached| reached.heard).collect();
        let (_, median, _) = heard.select_nth_unstable(Self::MAX_REACHED / 2);
        let (median, mut left) = (*median, Self::MAX_REACHED / 2);
        self.by_log.retain(|_, reached| {
            let stays = reached.heard >= median && left > 0;
            left -= usize::from(stays);
            stays
        });
    }
}

impl Reached {
    fn new(heard: Time) -> Self {
        Self { upto: 0, told: None, lacks: Vec::new(), heard }
    }

    fn lack(&mut self, now: Time, from: u64) {
        self.lacks.retain(|(place, at)| *place != from && now.since(*at) < Reach::PATIENCE);
        let at = self.lacks.partition_point(|(place, _)| *place < from);
        self.lacks.insert(at, (from, now));
        if self.lacks.len() > Reach::MAX_LACKS
            && let Some((_, last)) = self.lacks.pop()
            && let Some((_, at)) = self.lacks.last_mut()
        {
            *at = last.max(*at);
        }
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
        assert_eq!(reach.on_holding(Time::from_secs(4), BOB, 1, 9), Some(4), "the first one has come since");
        assert_eq!(reach.on_holding(Time::from_secs(5), BOB, 1, 9), Some(9));
        reach.on_want(Time::from_secs(6), BOB, 1, u64::MAX);
        reach.on_want(Time::from_secs(6), BOB, 1, 0);
        assert_eq!(reach.on_holding(Time::from_secs(6), BOB, 1, u64::MAX), None);
    }

    #[test]
    fn whoever_always_asks_for_something_new_is_still_known_to_have_what_they_asked_for_before() {
        let mut reach = Reach::default();
        let mut known = 0;
        for second in 1..60 {
            let now = Time::from_secs(second);
            reach.on_want(now, BOB, 1, 10 * second);
            known = reach.on_holding(now, BOB, 1, 10 * second + 5).unwrap_or(known);
            assert!(known + 40 >= 10 * second, "up to {known} after {second} s");
            assert!(known < 10 * second, "what was asked for just now is missing");
        }
    }

    #[test]
    fn what_is_asked_for_in_many_places_is_all_missing() {
        let mut reach = Reach::default();
        for place in (1..=30).rev() {
            reach.on_want(Time::from_millis(3_000 - 100 * place), BOB, 1, 10 * place);
        }
        assert_eq!(reach.by_log[&(BOB, 1)].lacks.len(), Reach::MAX_LACKS);
        assert_eq!(reach.on_holding(Time::from_secs(3), BOB, 1, 500), Some(9));
        reach.on_want(Time::from_millis(6_950), BOB, 1, 300);
        assert_eq!(reach.on_holding(Time::from_millis(6_950), BOB, 1, 500), Some(299));
    }

    #[test]
    fn a_crowd_has_a_bound_and_those_who_come_after_it_are_known() {
        let mut reach = Reach::default();
        let key = |number: u32| PeerKey::from_bytes(core::array::from_fn(|at| number.to_be_bytes()[at % 4]));
        for number in 0..20_000 {
            let now = Time::from_millis(u64::from(number));
            reach.on_want(now, key(number), 1, 1);
            if number % 1_000 == 0 {
                reach.on_holding(now, BOB, 1, u64::from(number));
            }
            assert!(reach.by_log.len() <= Reach::MAX_REACHED);
        }
        assert!(reach.by_log.contains_key(&(BOB, 1)), "whoever speaks stays");
        let now = Time::from_secs(30);
        assert_eq!(reach.on_holding(now, key(1_000_000), 1, 7), Some(7));
        assert_eq!(reach.on_holding(now, BOB, 1, 20_000), Some(20_000));
    }
}
