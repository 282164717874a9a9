use core::time::Duration;

use crate::{Time, announcer::mean_interval};

/// Whether one peer is there: silence, then pings, then pings through others, then gone (PROTOCOL.md §8.2)
///
/// In a small room the first announcement that fails to come is asked after at once, so that a killed program is
/// noticed by its closed port within one interval; in a large room, where one lost announcement would set hundreds
/// asking, two have to be missing.
#[derive(Clone, Debug)]
pub(crate) struct Liveness {
    interval: Duration,
    due: Time,
    probes: u32,
    room: RoomSize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RoomSize {
    Small,
    Large,
}

/// What to do about a silent peer
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// Ping it
    Ping,
    /// Ping it, and have others ping it, too
    PingThroughOthers,
    /// It is gone
    Gone,
}

impl Liveness {
    /// How late an announcement may be before it counts as missing
    const GRACE: Duration = Duration::from_millis(150);
    /// Between two pings of a silent peer
    const PROBE_INTERVAL: Duration = Duration::from_millis(200);
    /// Pings that stay unanswered before a peer is gone
    const PROBES: u32 = 11;
    /// From this ping on others are asked to ping, too: each time, or in a large room every so many times, since there
    /// many ask
    const PROBES_PER_REQUEST: u32 = 3;
    /// Announced intervals outside this range are taken for its ends
    const INTERVALS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(600));
    /// From so many members on, two announcements have to be missing
    const LARGE_ROOM: usize = 17;

    /// A peer that announced itself at `now` and will again within `interval`
    pub(crate) fn new(now: Time, interval: Duration, members: usize) -> Self {
        let mut liveness = Self { interval, due: now, probes: 0, room: RoomSize::Small };
        liveness.announced(now, interval, members);
        liveness
    }

    /// The peer announced itself at `now` and will again within `interval`
    pub(crate) fn announced(&mut self, now: Time, interval: Duration, members: usize) {
        self.interval = interval.clamp(Self::INTERVALS.0, Self::INTERVALS.1);
        self.room = if members < Self::LARGE_ROOM { RoomSize::Small } else { RoomSize::Large };
        let patience = match self.room {
            RoomSize::Small => 1,
            RoomSize::Large => 2,
        };
        self.due = now + self.interval * patience + Self::GRACE;
        self.probes = 0;
    }

    /// The peer gave another sign of life at `now`, in a room of `members`
    ///
    /// Whose announcement was lost in a large room is not asked again and again until the next one comes.
    pub(crate) fn heard(&mut self, now: Time, members: usize) {
        let interval = match self.room {
            RoomSize::Small => self.interval,
            RoomSize::Large => self.interval.max(mean_interval(members)),
        };
        self.due = self.due.max(now + interval + Self::GRACE);
        self.probes = 0;
    }

    /// This node itself was asleep for `lag` until `now` and may have missed what others sent
    pub(crate) fn forgive(&mut self, now: Time, lag: Duration) {
        if self.due <= now {
            self.due += lag;
        }
    }

    /// Whether the peer is being asked whether it is there
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.probes > 0
    }

    /// When to look again
    pub(crate) fn poll_timeout(&self) -> Time {
        self.due
    }

    /// What is due at `now`
    ///
    /// However late the call, it is one step on: a node that could not run for a while has asked nobody yet.
    pub(crate) fn handle_timeout(&mut self, now: Time) -> Option<Check> {
        if now < self.due {
            return None;
        }
        if self.probes == Self::PROBES {
            return Some(Check::Gone);
        }
        self.probes += 1;
        self.due = now + Self::PROBE_INTERVAL;
        let asks_others = match self.room {
            RoomSize::Small => self.probes >= Self::PROBES_PER_REQUEST,
            RoomSize::Large => self.probes.is_multiple_of(Self::PROBES_PER_REQUEST),
        };
        Some(if asks_others { Check::PingThroughOthers } else { Check::Ping })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What happens to a peer that stays silent, and when
    fn silence(mut liveness: Liveness) -> Vec<(Time, Check)> {
        let mut checks = Vec::new();
        loop {
            let now = liveness.poll_timeout();
            let check = liveness.handle_timeout(now).unwrap();
            checks.push((now, check));
            if check == Check::Gone {
                return checks;
            }
        }
    }

    #[test]
    fn a_silent_peer_is_pinged_then_looked_for_through_others_then_gone() {
        let checks = silence(Liveness::new(Time::ZERO, SECOND, 8));
        assert_eq!(checks[0], (Time::from_millis(1_150), Check::Ping));
        assert_eq!(checks[1], (Time::from_millis(1_350), Check::Ping));
        assert_eq!(checks[2], (Time::from_millis(1_550), Check::PingThroughOthers));
        assert_eq!(checks.last(), Some(&(Time::from_millis(3_350), Check::Gone)));
    }

    #[test]
    fn in_a_large_room_two_announcements_have_to_be_missing() {
        let checks = silence(Liveness::new(Time::ZERO, 10 * SECOND, 100));
        assert_eq!(checks[0], (Time::from_millis(20_150), Check::Ping));
    }

    #[test]
    fn any_sign_of_life_ends_the_doubt() {
        let mut liveness = Liveness::new(Time::ZERO, SECOND, 8);
        assert_eq!(liveness.handle_timeout(Time::from_millis(1_150)), Some(Check::Ping));
        assert!(liveness.is_in_doubt());
        liveness.heard(Time::from_millis(1_200), 2);
        assert!(!liveness.is_in_doubt());
        assert_eq!(liveness.poll_timeout(), Time::from_millis(2_350));
    }

    #[test]
    fn in_a_large_room_whoever_answered_is_not_asked_again_for_a_mean_interval() {
        let mut liveness = Liveness::new(Time::ZERO, SECOND, 100);
        assert_eq!(liveness.handle_timeout(Time::from_millis(2_150)), Some(Check::Ping));
        liveness.heard(Time::from_millis(2_200), 100);
        assert_eq!(liveness.poll_timeout(), Time::from_millis(12_350));
    }

    #[test]
    fn one_late_look_is_one_step_however_late() {
        let mut liveness = Liveness::new(Time::ZERO, SECOND, 8);
        assert_eq!(liveness.handle_timeout(Time::from_secs(3_600)), Some(Check::Ping));
        assert_eq!(liveness.handle_timeout(Time::from_secs(3_600)), None);
    }

    #[test]
    fn what_a_peer_announces_cannot_make_it_immortal_or_a_nuisance() {
        assert_eq!(silence(Liveness::new(Time::ZERO, Duration::ZERO, 8))[0].0, Time::from_millis(650));
        assert!(silence(Liveness::new(Time::ZERO, Duration::MAX, 8))[0].0 <= Time::from_secs(601));
    }
}
