use alloc::collections::BTreeMap;
use core::time::Duration;

use crate::Time;

/// Something that comes in steadily, used up by anyone while there is enough, and shared out evenly when there is not
/// (PROTOCOL.md §8.10)
///
/// What nobody takes is saved up, to a bound. While half of the savings are left, everybody takes what they like. Then
/// each of those who take something has an even share of what comes in, and so has one more who has not come yet: the
/// savings grow again, and whoever takes little always finds some.
#[derive(Debug)]
pub(crate) struct Budget<K> {
    limits: Limits,
    saved: u64,
    /// When the present period began
    began: Time,
    /// Who took how much in the present period
    taken: BTreeMap<K, u64>,
    /// How many took something in the period before
    sharers: usize,
}

/// How much there is of something
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) period: Duration,
    /// How much comes in in a period
    pub(crate) income: u64,
    /// How much is saved up at most
    pub(crate) most: u64,
}

impl<K: Ord> Budget<K> {
    /// How many of those who take something are told apart in a period
    const MAX_SHARERS: usize = 1_024;

    /// All that may be saved up
    pub(crate) fn new(limits: Limits) -> Self {
        let saved = limits.most;
        Self { limits, saved, began: Time::ZERO, taken: BTreeMap::new(), sharers: 0 }
    }

    /// Whether `who` may have so much at `now`, which is then taken
    pub(crate) fn take(&mut self, now: Time, who: K, amount: u64) -> bool {
        self.go_on(now);
        if self.saved < amount {
            return false;
        }
        let is_scarce = self.saved < self.limits.most / 2;
        if self.taken.len() >= Self::MAX_SHARERS && !self.taken.contains_key(&who) {
            if is_scarce {
                return false;
            }
            self.saved -= amount;
            return true;
        }
        let taken = self.taken.get(&who).copied().unwrap_or(0);
        let present = self.taken.len() + usize::from(taken == 0);
        let sharers = u64::try_from(self.sharers.max(present)).unwrap_or(u64::MAX);
        let share = self.limits.income / sharers.saturating_add(1);
        if is_scarce && taken > 0 && taken.saturating_add(amount) > share {
            return false;
        }
        self.saved -= amount;
        self.taken.insert(who, taken.saturating_add(amount));
        true
    }

    /// Whether hardly anything was taken lately
    pub(crate) fn is_idle(&mut self, now: Time) -> bool {
        self.go_on(now);
        self.saved >= self.limits.most / 4 * 3
    }

    fn go_on(&mut self, now: Time) {
        let passed = now.since(self.began).as_micros() / self.limits.period.as_micros().max(1);
        let Some(periods) = u64::try_from(passed).ok().filter(|periods| *periods > 0) else { return };
        self.saved =
            self.saved.saturating_add(periods.saturating_mul(self.limits.income)).min(self.limits.most);
        self.sharers = if periods == 1 { self.taken.len() } else { 0 };
        self.taken.clear();
        let micros = u64::try_from(self.limits.period.as_micros()).unwrap_or(u64::MAX);
        self.began += Duration::from_micros(micros.saturating_mul(periods));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { period: Duration::from_millis(10), income: 30, most: 1_000 };

    /// How much of what each of these wants in every period of ten seconds they get in the last nine
    fn shares<const N: usize>(wants: [u64; N]) -> [u64; N] {
        let (mut budget, mut got) = (Budget::new(LIMITS), [0; N]);
        for period in 0..1_000_u64 {
            let now = Time::from_millis(10 * period);
            for turn in 0..wants.iter().copied().max().unwrap_or(0) {
                for (who, _) in wants.iter().enumerate().filter(|(_, wants)| turn < **wants) {
                    got[who] += u64::from(budget.take(now, who, 1) && period >= 100);
                }
            }
        }
        got
    }

    #[test]
    fn whoever_is_alone_may_have_all_of_it() {
        let [alone] = shares([1_000]);
        assert!((26_000..=27_500).contains(&alone), "{alone}");
    }

    #[test]
    fn whoever_wants_little_gets_it_beside_whoever_wants_everything() {
        let [modest, greedy] = shares([3, 1_000]);
        assert_eq!(modest, 2_700);
        assert!(greedy > 20_000, "{greedy}");
    }

    #[test]
    fn those_who_want_too_much_get_the_same() {
        let got = shares([100, 1_000, 1_000]);
        assert!(got.iter().all(|one| (6_000..=12_000).contains(one)), "{got:?}");
    }

    #[test]
    fn what_was_saved_up_is_there_at_once() {
        let mut budget = Budget::new(LIMITS);
        let at_once = (0..2_000).filter(|_| budget.take(Time::from_secs(9), 1, 1)).count();
        assert!((500..=540).contains(&at_once), "{at_once}");
        assert!(budget.take(Time::from_secs(9), 2, 1));
        assert!(!budget.is_idle(Time::from_secs(9)) && budget.is_idle(Time::from_secs(10)));
    }

    #[test]
    fn it_has_a_bound_whoever_takes_something() {
        let mut budget = Budget::new(LIMITS);
        let taken = (0..100_000).filter(|who| budget.take(Time::ZERO, *who, 1)).count();
        assert!(taken <= 1_000 && budget.taken.len() <= 1_024);
    }
}
