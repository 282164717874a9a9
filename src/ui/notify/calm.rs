//! How often somebody may be called

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use uuid::Uuid;

/// Lets a few calls through at once and then some, and of one person not all
#[derive(Clone, Debug)]
pub struct Calm {
    /// When so many may come at once again as at the start
    full_at: Instant,
    /// When each called last
    last: BTreeMap<Uuid, Instant>,
}

impl Calm {
    /// How many calls may come at once
    pub const BURST: u32 = 5;
    /// How often one comes after that
    pub const BETWEEN: Duration = Duration::from_secs(10);
    /// How often one person calls
    pub const BETWEEN_OF_ONE: Duration = Duration::from_secs(3);
    /// How many are remembered
    const MAX_PEOPLE: usize = 64;

    /// Nobody has called
    pub fn new(now: Instant) -> Self {
        Self { full_at: now, last: BTreeMap::new() }
    }

    /// Whether this person may call now, which then counts
    pub fn admits(&mut self, who: Uuid, now: Instant) -> bool {
        self.last.retain(|_, last| now.saturating_duration_since(*last) < Self::BETWEEN_OF_ONE);
        let wait = self.full_at.saturating_duration_since(now);
        let is_full = self.last.len() >= Self::MAX_PEOPLE;
        if wait > Self::BETWEEN * (Self::BURST - 1) || self.last.contains_key(&who) || is_full {
            return false;
        }
        self.full_at = self.full_at.max(now) + Self::BETWEEN;
        self.last.insert(who, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_calls_a_few_times_and_then_now_and_then() {
        let start = Instant::now();
        let mut calm = Calm::new(start);
        let calls = |calm: &mut Calm, at: Instant, from: u128| {
            (from..from + 100).filter(|who| calm.admits(Uuid::from_u128(*who), at)).count()
        };
        assert_eq!(calls(&mut calm, start, 0), 5);
        assert_eq!(calls(&mut calm, start + Calm::BETWEEN, 100), 1);
        assert_eq!(calls(&mut calm, start + 10 * Calm::BETWEEN, 200), 5);
    }

    #[test]
    fn one_person_does_not_call_with_every_line() {
        let (start, bob) = (Instant::now(), Uuid::from_u128(1));
        let mut calm = Calm::new(start);
        assert!(calm.admits(bob, start));
        assert!(!calm.admits(bob, start + Duration::from_secs(1)));
        assert!(calm.admits(Uuid::from_u128(2), start + Duration::from_secs(1)));
        assert!(calm.admits(bob, start + Calm::BETWEEN_OF_ONE));
    }
}
