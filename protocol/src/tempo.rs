use core::time::Duration;

use fastrand::Rng;

use crate::{Time, round_trip::RoundTrip};

/// How fast this network answers, and how long to wait before asking and answering in it (PROTOCOL.md §8.6)
///
/// In a small room one member is asked, at once. In a large one everybody is: each waits a random time from a
/// truncated exponential distribution (RFC 5740 §5.3.1), so that of many who miss the same a few ask. The times are
/// multiples of the *group round trip*, which is measured and, when repairs are heard twice, taken for longer.
#[derive(Debug)]
pub(crate) struct Tempo {
    round_trip: RoundTrip,
    /// By how much the group round trip is longer than a round trip between two
    stretch: f64,
    calmed: Time,
    measured: Option<Time>,
    /// The ping with which it is measured now
    ping: Option<(u64, Time)>,
}

impl Tempo {
    /// Up to so many members one is asked and not all
    pub(crate) const SMALL_ROOM: usize = 16;
    /// The group round trip is never taken for longer
    const MAX_GROUP: Duration = Duration::from_millis(600);
    const MIN_GROUP: Duration = Duration::from_millis(2);
    /// For how long a measurement is good
    const FRESH: Duration = Duration::from_secs(10);
    /// How often the stretch shrinks while nothing is repaired twice
    const CALMING: Duration = Duration::from_secs(5);

    /// Nothing measured yet
    pub(crate) fn new() -> Self {
        Self { round_trip: RoundTrip::new(), stretch: 2.0, calmed: Time::ZERO, measured: None, ping: None }
    }

    /// An answer took this long
    pub(crate) fn measured(&mut self, now: Time, sample: Duration) {
        self.round_trip.measured(sample);
        self.measured = Some(now);
    }

    /// Whether nothing was measured for so long that somebody is to be pinged
    pub(crate) fn is_stale(&self, now: Time) -> bool {
        let latest = self.measured.into_iter().chain(self.ping.map(|(_, at)| at)).max();
        latest.is_none_or(|at| now.since(at) > Self::FRESH)
    }

    /// Somebody is pinged
    pub(crate) fn on_ping(&mut self, now: Time, nonce: u64) {
        self.ping = Some((nonce, now));
    }

    /// A pong came
    pub(crate) fn on_pong(&mut self, now: Time, nonce: u64) {
        if let Some((_, at)) = self.ping.take_if(|(pinged, _)| *pinged == nonce) {
            self.measured(now, now.since(at));
        }
    }

    /// After how long an answer is not to be expected any more, having asked `tries` times before
    pub(crate) fn timeout(&self, tries: u32) -> Duration {
        const MAX: Duration = Duration::from_secs(30);
        self.round_trip.timeout().mul_f64(power(1.5, tries.min(40))).min(MAX)
    }

    /// How long after one of several answers the next is not to be expected any more
    pub(crate) fn between_answers(&self) -> Duration {
        self.round_trip.mean().clamp(RoundTrip::MIN_TIMEOUT, RoundTrip::MAX_TIMEOUT)
    }

    /// How long datagrams may overtake each other
    pub(crate) fn reordering(&self) -> Duration {
        const MAX: Duration = Duration::from_millis(5);
        (self.round_trip.mean() / 2).min(MAX)
    }

    /// The unit in which what one said last is repeated
    pub(crate) fn echo(&self, members: usize) -> Duration {
        const RANGE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));
        if members <= Self::SMALL_ROOM {
            return (2 * self.round_trip.mean()).clamp(RANGE.0, RANGE.1);
        }
        self.group()
    }

    /// Something was repaired twice: others are farther away than they seemed
    pub(crate) fn on_duplicate_repair(&mut self) {
        self.stretch = (self.stretch * 1.5).min(300.0);
    }

    /// Time passes
    pub(crate) fn calm(&mut self, now: Time) {
        if now.since(self.calmed) >= Self::CALMING {
            self.calmed = now;
            self.stretch = (self.stretch * 0.95).max(1.0);
        }
    }

    /// The group round trip
    pub(crate) fn group(&self) -> Duration {
        self.round_trip.mean().mul_f64(self.stretch).clamp(Self::MIN_GROUP, Self::MAX_GROUP)
    }

    /// How long to wait before asking a room of `members` for something
    pub(crate) fn before_asking(&self, members: usize, rng: &mut Rng) -> Duration {
        backoff(self.group().mul_f64(spread(members)), members, rng)
    }

    /// How long to wait before asking again for what was asked for `tries` times, by this node or by others
    pub(crate) fn before_asking_again(&self, members: usize, tries: u32, rng: &mut Rng) -> Duration {
        const SLACK: Duration = Duration::from_millis(5);
        (2 * self.group() + SLACK + self.before_asking(members, rng)).mul_f64(power(1.4, tries.min(4)))
    }

    /// How long to wait before repairing what a room of `members` was asked for
    pub(crate) fn before_repairing(&self, members: usize, is_author: bool, rng: &mut Rng) -> Duration {
        if is_author {
            return self.group().mul_f64(0.3 * rng.f64());
        }
        self.group() + self.before_asking(members, rng)
    }

    /// How long what was repaired is not repaired again
    pub(crate) fn after_repairing(&self) -> Duration {
        3 * self.group()
    }
}

/// Over how many group round trips those who ask are spread
fn spread(members: usize) -> f64 {
    (0.6 * log2(1.0 + as_f64(members))).clamp(0.5, 4.0)
}

/// A time from 0 to `longest`, late rather than early: of `members` who draw one, a few draw a short one
fn backoff(longest: Duration, members: usize, rng: &mut Rng) -> Duration {
    let steepness = core::f64::consts::E * as_f64(members.max(1));
    longest.mul_f64(log2(1.0 + rng.f64() * (steepness - 1.0)) / log2(steepness))
}

fn as_f64(members: usize) -> f64 {
    f64::from(u32::try_from(members).unwrap_or(u32::MAX))
}

/// The logarithm of a positive number, off by 0.09 at most; `core` has no better one
fn log2(x: f64) -> f64 {
    const MANTISSA_BITS: u32 = 52;
    let bits = x.to_bits();
    let exponent = u32::try_from(bits >> MANTISSA_BITS).map_or(0.0, f64::from) - 1_023.0;
    let mantissa = f64::from_bits(bits & ((1 << MANTISSA_BITS) - 1) | 1.0_f64.to_bits());
    exponent + mantissa - 1.0
}

fn power(base: f64, exponent: u32) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_miss_the_same_a_few_ask_before_they_hear_each_other() {
        let (tempo, mut rng) = (Tempo::new(), Rng::with_seed(1));
        for members in [17, 100, 1_000] {
            let mut asked = 0;
            for _ in 0..100 {
                let mut delays: alloc::vec::Vec<_> =
                    (0..members).map(|_| tempo.before_asking(members, &mut rng)).collect();
                delays.sort_unstable();
                let heard = delays[0] + tempo.group() / 2;
                asked += delays.iter().filter(|delay| **delay <= heard).count();
            }
            assert!((100..500).contains(&asked), "{asked} of {members} in a hundred rounds");
        }
    }

    #[test]
    fn repairs_heard_twice_slow_it_down_and_quiet_lets_it_recover() {
        let mut tempo = Tempo::new();
        let at_first = tempo.group();
        tempo.on_duplicate_repair();
        assert!(tempo.group() > at_first);
        (0..50).for_each(|_| tempo.on_duplicate_repair());
        assert_eq!(tempo.group(), Tempo::MAX_GROUP);
        for secs in 0..3_600 {
            tempo.calm(Time::from_secs(secs));
        }
        assert!(tempo.group() < at_first);
    }

    #[test]
    fn the_logarithm_is_near_enough() {
        for (x, expected) in [(1.0, 0.0), (2.0, 1.0), (3.0, 1.585), (1_000.0, 9.966), (0.75, -0.415)] {
            assert!((log2(x) - expected).abs() < 0.09, "{x}");
        }
    }
}
