use std::time::Duration;

use fastrand::Rng;
use lanchat_protocol::{Cast, Time};

/// What a network does to each copy of each datagram
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    /// The part of all copies that is lost, each on its own
    pub loss: f64,
    /// Losses that come together, on top of the others
    pub bursts: Option<Bursts>,
    /// How long a copy takes at least
    pub delay: Duration,
    /// By how much it may take longer; more than the pause between two datagrams reorders them
    pub jitter: Duration,
    /// Copies that are held up for long, besides
    pub spikes: Option<Spikes>,
    /// The part of all copies that arrives twice
    pub duplicated: f64,
    /// How often an access point sends the broadcasts that it has collected meanwhile
    pub dtim: Option<Duration>,
}

/// Losses that come together (Gilbert and Elliott): a link turns bad now and then, and loses everything until it is good
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// The chance that a good link is bad for the next copy
    pub begin: f64,
    /// The chance that a bad link is good for the next copy; one over the mean length of a burst
    pub end: f64,
}

/// Delays far beyond the others
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spikes {
    /// The part of all copies that is held up
    pub part: f64,
    /// For how long at most
    pub delay: Duration,
}

impl Weather {
    /// A wire: a tenth of a millisecond, nothing lost
    pub const fn wire() -> Self {
        Self {
            loss: 0.0,
            bursts: None,
            delay: Duration::from_micros(100),
            jitter: Duration::from_micros(50),
            spikes: None,
            duplicated: 0.0,
            dtim: None,
        }
    }

    /// A good Wi-Fi: a few milliseconds that reorder, one datagram in fifty lost, some twice
    pub const fn wifi() -> Self {
        Self {
            loss: 0.02,
            delay: Duration::from_millis(2),
            jitter: Duration::from_millis(5),
            duplicated: 0.01,
            ..Self::wire()
        }
    }

    /// A crowded Wi-Fi: losses in bursts, delays up to a tenth of a second
    pub const fn congested() -> Self {
        Self {
            loss: 0.05,
            bursts: Some(Bursts { begin: 0.02, end: 0.2 }),
            delay: Duration::from_millis(5),
            jitter: Duration::from_millis(100),
            duplicated: 0.05,
            ..Self::wire()
        }
    }

    /// The same with this part of all copies lost
    #[must_use]
    pub const fn losing(self, loss: f64) -> Self {
        Self { loss, ..self }
    }

    /// When the copies of a datagram that is sent at `now` over `link` arrive: none, one or two
    pub(crate) fn arrivals(
        &self,
        now: Time,
        cast: Cast,
        link: &mut Link,
        rng: &mut Rng,
    ) -> [Option<Time>; 2] {
        let mut arrival = || {
            let collected = self.dtim.filter(|_| cast == Cast::Broadcast);
            let sent = collected.map_or(now, |interval| next_multiple(now, interval));
            let held_up = self.spikes.filter(|spikes| rng.f64() < spikes.part);
            let spike = held_up.map_or(Duration::ZERO, |spikes| spikes.delay.mul_f64(rng.f64()));
            sent + self.delay + self.jitter.mul_f64(rng.f64()) + spike
        };
        let first = arrival();
        let second = arrival();
        if self.is_lost(link, rng) {
            return [None, None];
        }
        [Some(first), (rng.f64() < self.duplicated).then_some(second)]
    }

    fn is_lost(&self, link: &mut Link, rng: &mut Rng) -> bool {
        if let Some(bursts) = self.bursts {
            let turns = if link.is_bad { bursts.end } else { bursts.begin };
            link.is_bad ^= rng.f64() < turns;
        }
        link.is_bad || rng.f64() < self.loss
    }
}

/// One direction between two hosts
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Link {
    is_bad: bool,
}

fn next_multiple(now: Time, interval: Duration) -> Time {
    let micros = u64::try_from(interval.as_micros()).unwrap_or(u64::MAX).max(1);
    Time::from_micros(now.as_micros().div_ceil(micros) * micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost_of(copies: usize, weather: Weather) -> (usize, usize) {
        let (mut rng, mut link) = (Rng::with_seed(7), Link::default());
        let fates: Vec<_> = (0..copies)
            .map(|_| weather.arrivals(Time::ZERO, Cast::Broadcast, &mut link, &mut rng)[0].is_none())
            .collect();
        let bursts = fates.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        (fates.iter().filter(|lost| **lost).count(), bursts)
    }

    #[test]
    fn as_much_is_lost_as_was_asked_for() {
        let (lost, _) = lost_of(10_000, Weather::wire().losing(0.3));
        assert!((2_800..3_200).contains(&lost), "{lost}");
        assert_eq!(lost_of(1_000, Weather::wire()).0, 0);
    }

    #[test]
    fn bursts_are_as_long_as_was_asked_for() {
        let bursts = Some(Bursts { begin: 0.02, end: 0.125 });
        let (lost, begun) = lost_of(20_000, Weather { bursts, ..Weather::wire() });
        let mean = lost as f64 / begun as f64;
        assert!((6.5..9.5).contains(&mean), "{mean}");
    }

    #[test]
    fn jitter_reorders() {
        let (mut rng, mut link) = (Rng::with_seed(7), Link::default());
        let weather = Weather { jitter: Duration::from_millis(40), ..Weather::wire() };
        let arrivals: Vec<_> = (0..200)
            .map(|n| weather.arrivals(Time::from_millis(n), Cast::Broadcast, &mut link, &mut rng)[0].unwrap())
            .collect();
        assert!(arrivals.windows(2).filter(|pair| pair[1] < pair[0]).count() > 20);
    }

    #[test]
    fn some_are_held_up_for_long() {
        let (mut rng, mut link) = (Rng::with_seed(7), Link::default());
        let spikes = Some(Spikes { part: 0.1, delay: Duration::from_secs(1) });
        let weather = Weather { spikes, ..Weather::wire() };
        let mut arrival = || weather.arrivals(Time::ZERO, Cast::Broadcast, &mut link, &mut rng)[0].unwrap();
        let held_up = (0..1_000).filter(|_| arrival() > Time::from_millis(1)).count();
        assert!((70..130).contains(&held_up), "{held_up}");
    }

    #[test]
    fn an_access_point_collects_broadcasts_only() {
        let (mut rng, mut link) = (Rng::with_seed(7), Link::default());
        let weather = Weather { dtim: Some(Duration::from_millis(300)), ..Weather::wire() };
        let mut at = |cast| weather.arrivals(Time::from_millis(10), cast, &mut link, &mut rng)[0].unwrap();
        assert!(at(Cast::Broadcast) >= Time::from_millis(300));
        assert!(at(Cast::Unicast) < Time::from_millis(11));
    }
}
