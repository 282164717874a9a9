use core::time::Duration;

use fastrand::Rng;

use crate::{Time, tempo::Tempo};

/// When to announce: a short burst at the start, then at an interval that grows with the room (PROTOCOL.md §8.1)
///
/// The interval follows RTCP's rule (RFC 3550 §6.2): all members together announce at most ten times a second. Unlike
/// there it is kept to when the room fills up in the meantime (§6.3.3): everyone would ask after whoever is late, and
/// that costs far more than the one announcement of each that it saves.
#[derive(Debug)]
pub(crate) struct Announcer {
    burst_left: &'static [Duration],
    burst_start: Time,
    next: Time,
    /// When everybody was last asked to answer
    solicited: Option<Time>,
    /// When no news was announced lately, by the clock of how much there was
    calm_at: Time,
    /// Whether news waits to be announced
    is_held_back: bool,
}

/// An announcement that is due
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Due {
    /// How soon another follows at the latest
    pub(crate) interval: Duration,
    /// Whether to ask for answers
    pub(crate) solicits: bool,
}

impl Announcer {
    /// Offsets of the burst's announcements from its start
    const BURST: [Duration; 4] =
        [Duration::ZERO, Duration::from_millis(20), Duration::from_millis(80), Duration::from_millis(230)];
    /// The mean interval in a small room
    const SMALL_ROOM_INTERVAL: Duration = Duration::from_secs(1);
    /// How soon news follows much news: whoever changes something ten times a second is not heard by all ten times
    const BETWEEN_NEWS: Duration = Duration::from_secs(1);
    /// How much of it may come at once, in this measure
    const NEWS_AT_ONCE: Duration = Duration::from_secs(3);
    /// What each member adds to the mean interval in a large one
    const INTERVAL_PER_MEMBER: Duration = Duration::from_millis(100);
    /// Intervals are spread around their mean by this part of it, lest members announce in step
    const SPREAD: f64 = 0.2;
    /// The same in a large room; the first interval there has any length, since a crowd that started together would be
    /// silent together otherwise
    const WIDE_SPREAD: f64 = 0.8;

    /// Begins a burst at `now`
    pub(crate) fn new(now: Time) -> Self {
        Self {
            burst_left: &Self::BURST,
            burst_start: now,
            next: now,
            solicited: None,
            calm_at: now,
            is_held_back: false,
        }
    }

    /// Begins another burst at `now`: the network changed, so that others may not know this node there
    pub(crate) fn start_burst(&mut self, now: Time) {
        *self = Self::new(now);
    }

    /// Announces once, at `now` unless there was much news lately: something about this node changed
    pub(crate) fn hasten(&mut self, now: Time) {
        if self.is_held_back {
            return;
        }
        self.calm_at = self.calm_at.max(now);
        let excess = self.calm_at.since(now).saturating_sub(Self::NEWS_AT_ONCE);
        self.is_held_back = !excess.is_zero();
        if !self.is_held_back {
            self.calm_at += Self::BETWEEN_NEWS;
        }
        self.next = self.next.min(now + excess);
    }

    /// Whether everybody was asked to answer just now, so that answers are on their way
    pub(crate) fn has_just_asked(&self, now: Time) -> bool {
        const JUST: Duration = Duration::from_millis(10);
        self.solicited.is_some_and(|at| now.since(at) < JUST)
    }

    /// When the next announcement is due
    pub(crate) fn poll_timeout(&self) -> Time {
        self.next
    }

    /// An interval at which to repeat what is no news
    pub(crate) fn steady(members: usize, rng: &mut Rng) -> Duration {
        spread(mean_interval(members), Self::SPREAD, rng)
    }

    /// The announcement that is due at `now` in a room of `members`, this node included; what is no news is repeated at
    /// this `steady` interval
    pub(crate) fn handle_timeout(
        &mut self,
        now: Time,
        members: usize,
        steady: Option<Duration>,
        rng: &mut Rng,
    ) -> Option<Due> {
        if now < self.next {
            return None;
        }
        if core::mem::take(&mut self.is_held_back) {
            self.calm_at += Self::BETWEEN_NEWS;
        }
        let solicits = !self.burst_left.is_empty();
        while let [offset, rest @ ..] = self.burst_left
            && self.burst_start + *offset <= now
        {
            self.burst_left = rest;
        }
        if solicits {
            self.solicited = Some(now);
        }
        let is_burst_over = solicits && self.burst_left.is_empty();
        let is_small = members <= Tempo::SMALL_ROOM;
        let interval = match steady {
            _ if is_burst_over && !is_small => {
                mean_interval(members).mul_f64(rng.f64()).max(Self::SMALL_ROOM_INTERVAL)
            }
            Some(steady) => steady,
            None if is_small => Self::steady(members, rng),
            None => spread(mean_interval(members), Self::WIDE_SPREAD, rng),
        };
        self.next = match self.burst_left {
            [offset, ..] => self.burst_start + *offset,
            [] => now + interval,
        };
        Some(Due { interval, solicits })
    }
}

/// A time that is off from `mean` by `part` of it at most
fn spread(mean: Duration, part: f64, rng: &mut Rng) -> Duration {
    mean.mul_f64(1.0 - part + 2.0 * part * rng.f64())
}

/// The mean interval of one member in a room of `members`
pub(crate) fn mean_interval(members: usize) -> Duration {
    let members = u32::try_from(members).unwrap_or(u32::MAX);
    Announcer::SMALL_ROOM_INTERVAL.max(Announcer::INTERVAL_PER_MEMBER.saturating_mul(members))
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;

    fn run(announcer: &mut Announcer, until: Time, members: usize) -> Vec<(Time, Due)> {
        let mut rng = Rng::with_seed(1);
        let mut sent = Vec::new();
        while announcer.poll_timeout() <= until {
            let now = announcer.poll_timeout();
            sent.extend(announcer.handle_timeout(now, members, None, &mut rng).map(|due| (now, due)));
        }
        sent
    }

    #[test]
    fn a_start_is_announced_four_times_within_a_quarter_second() {
        let mut announcer = Announcer::new(Time::from_secs(5));
        let sent = run(&mut announcer, Time::from_millis(5_700), 2);
        let times: Vec<_> = sent.iter().map(|(at, _)| at.as_micros() / 1_000).collect();
        assert_eq!(times, vec![5_000, 5_020, 5_080, 5_230]);
        assert!(sent.iter().all(|(_, due)| due.solicits));
    }

    #[test]
    fn afterwards_each_announcement_says_when_the_next_one_comes_and_it_does() {
        let mut announcer = Announcer::new(Time::ZERO);
        let sent = run(&mut announcer, Time::from_secs(60), 8);
        for pair in sent[4..].windows(2) {
            assert_eq!(pair[1].0, pair[0].0 + pair[0].1.interval);
            assert!(!pair[0].1.solicits);
            assert!(pair[0].1.interval >= Duration::from_millis(800));
            assert!(pair[0].1.interval <= Duration::from_millis(1_200));
        }
        assert!((50..80).contains(&sent.len()));
    }

    #[test]
    fn a_room_of_any_size_is_announced_into_ten_times_a_second() {
        for members in [16, 100, 1_000] {
            let mut announcer = Announcer::new(Time::ZERO);
            let sent = run(&mut announcer, Time::from_secs(3_600), members).len() - 4;
            let room_rate = members as f64 * sent as f64 / 3_600.0;
            assert!((8.0..=11.0).contains(&room_rate), "{room_rate} a second with {members} members");
        }
    }

    #[test]
    fn a_crowd_that_started_together_is_never_silent_together() {
        let mut rng = Rng::with_seed(1);
        let announced = (0..1_000).flat_map(|_| {
            let mut announcer = Announcer::new(Time::ZERO);
            let mut sent = Vec::new();
            while announcer.poll_timeout() <= Time::from_secs(200) {
                let now = announcer.poll_timeout();
                sent.extend(
                    announcer
                        .handle_timeout(now, 1_000, None, &mut rng)
                        .map(|_| now.as_micros() / 10_000_000),
                );
            }
            sent.split_off(4)
        });
        let mut in_ten_seconds = [0; 20];
        announced.filter(|at| *at < 20).for_each(|at| in_ten_seconds[usize::try_from(at).unwrap()] += 1);
        assert!(in_ten_seconds.iter().all(|count| (50..200).contains(count)), "{in_ten_seconds:?}");
    }

    #[test]
    fn a_room_that_fills_up_meanwhile_still_gets_what_was_promised_to_it() {
        let mut announcer = Announcer::new(Time::ZERO);
        let promised = run(&mut announcer, Time::from_millis(300), 1).last().unwrap().1.interval;
        let mut rng = Rng::with_seed(1);
        let due = announcer.handle_timeout(Time::from_millis(230) + promised, 1_000, None, &mut rng).unwrap();
        assert!(due.interval >= Duration::from_secs(80));
    }

    #[test]
    fn what_is_late_in_a_burst_is_not_made_up_for() {
        let mut announcer = Announcer::new(Time::ZERO);
        let mut rng = Rng::with_seed(1);
        let now = Time::from_millis(100);
        assert!(announcer.handle_timeout(now, 1, None, &mut rng).unwrap().solicits);
        assert_eq!(announcer.poll_timeout(), Time::from_millis(230));
        let now = Time::from_secs(9);
        assert!(announcer.handle_timeout(now, 1, None, &mut rng).unwrap().solicits);
        assert!(announcer.poll_timeout() > now);
    }

    #[test]
    fn much_news_is_announced_once_a_second_and_the_last_of_it_as_well() {
        let mut announcer = Announcer::new(Time::ZERO);
        let mut rng = Rng::with_seed(1);
        run(&mut announcer, Time::from_millis(300), 2);
        let mut announced = Vec::new();
        for step in 0..1_000 {
            let now = Time::from_millis(400 + 10 * step);
            announcer.hasten(now);
            announced.extend(announcer.handle_timeout(now, 2, None, &mut rng).map(|_| now));
        }
        assert_eq!(announced[0], Time::from_millis(400));
        assert!(announced[..4].iter().all(|at| *at <= Time::from_millis(430)), "little is not held back");
        assert!((13..=26).contains(&announced.len()), "{announced:?}");
        assert!(announcer.poll_timeout() <= Time::from_millis(400 + 9_990 + 1_000));
    }

    #[test]
    fn news_is_announced_at_once_without_asking_for_answers() {
        let mut announcer = Announcer::new(Time::ZERO);
        run(&mut announcer, Time::from_millis(300), 2);
        announcer.hasten(Time::from_millis(400));
        let mut rng = Rng::with_seed(1);
        let due = announcer.handle_timeout(Time::from_millis(400), 2, None, &mut rng).unwrap();
        assert!(!due.solicits);
    }
}
