use std::time::{Duration, SystemTime};

use lanchat_protocol::WallTime;
use rusqlite::{Connection, Result};

use super::value::Wide;

/// When something is kept, for telling later how long ago that was
///
/// The machine's clock may be years off at one start and right at the next, and so may be the start after years in which
/// nobody was here. So this one never goes back, and where the machine's jumps ahead this one goes along by no more than
/// half of the time for which things are kept, and stays behind by the rest: whatever that clock shows, a jump loses at
/// most the older half, and the next start is none.
#[derive(Debug)]
pub(super) struct Clock {
    newest: WallTime,
    /// By how much this one is behind the furthest that the machine's clock has shown
    lag: Duration,
    /// How far it jumps at most
    stride: Duration,
    /// How long the run had lasted at `newest`
    ran: Duration,
}

impl Clock {
    /// For a run that begins when the machine's clock shows `wall`, and keeps things for `age`
    pub(super) fn resume(db: &Connection, age: Duration, wall: WallTime) -> Result<Self> {
        let (newest, lag) =
            db.query_row(NEWEST, [], |row| Ok((row.get::<_, Option<Wide>>(0)?, row.get::<_, i64>(1)?)))?;
        let lag = Duration::from_millis(u64::try_from(lag).unwrap_or_default());
        let newest = newest.map(|Wide(millis)| WallTime::from_unix_millis(millis));
        Ok(Self::new(newest.unwrap_or_else(|| earlier(wall, lag)), lag, age))
    }

    fn new(newest: WallTime, lag: Duration, age: Duration) -> Self {
        Self { newest, lag, stride: age / 2, ran: Duration::ZERO }
    }

    /// When something that is kept now is kept, with what the machine's clock shows and how long this run has lasted
    pub(super) fn stamp(&mut self, wall: WallTime, ran: Duration) -> WallTime {
        self.newest = self.read(wall, ran);
        self.lag += ahead(wall, later(self.newest, self.lag));
        self.ran = ran;
        self.newest
    }

    /// The time now
    pub(super) fn read(&self, wall: WallTime, ran: Duration) -> WallTime {
        let passed = ahead(wall, later(self.newest, self.lag)).min(self.stride);
        later(self.newest, passed.max(ran.saturating_sub(self.ran)))
    }

    /// Keeps what the next run needs to go on with it
    pub(super) fn note(&self, db: &Connection) -> Result<()> {
        let lag = i64::try_from(self.lag.as_millis()).unwrap_or(i64::MAX);
        db.prepare_cached("UPDATE run SET lag = ?1 WHERE lag <> ?1")?.execute([lag]).map(drop)
    }
}

fn later(time: WallTime, by: Duration) -> WallTime {
    WallTime::from_unix_millis(time.as_unix_millis().saturating_add(millis(by)))
}

fn earlier(time: WallTime, by: Duration) -> WallTime {
    WallTime::from_unix_millis(time.as_unix_millis().saturating_sub(millis(by)))
}

/// By how much `time` is later than `than`, if it is
fn ahead(time: WallTime, than: WallTime) -> Duration {
    Duration::from_millis(time.as_unix_millis().saturating_sub(than.as_unix_millis()))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What the clock of this machine shows
pub(super) fn wall() -> WallTime {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    WallTime::from_unix_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Later rows were kept later
const NEWEST: &str = "SELECT max(kept_at), coalesce((SELECT lag FROM run), 0) FROM (
     SELECT * FROM (SELECT kept_at FROM arrivals ORDER BY arrival DESC LIMIT 1) UNION ALL
     SELECT * FROM (SELECT kept_at FROM lines ORDER BY line DESC LIMIT 1) UNION ALL
     SELECT * FROM (SELECT kept_at FROM whispers ORDER BY whisper DESC LIMIT 1))";

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn day(number: u32) -> WallTime {
        later(WallTime::default(), DAY * number)
    }

    /// The next run, which keeps something at once
    fn restart(clock: &Clock, wall: WallTime) -> (Clock, WallTime) {
        let mut clock = Clock::new(clock.newest, clock.lag, DAY * 90);
        let stamp = clock.stamp(wall, Duration::ZERO);
        (clock, stamp)
    }

    fn clock(newest: WallTime) -> Clock {
        Clock::new(newest, Duration::ZERO, DAY * 90)
    }

    #[test]
    fn it_shows_what_the_machine_does() {
        let mut clock = clock(day(100));
        assert_eq!(clock.stamp(day(110), Duration::ZERO), day(110));
        assert_eq!(clock.read(day(111), DAY), day(111));
        assert_eq!(clock.stamp(day(125), DAY), day(125));
        assert_eq!(restart(&clock, day(126)).1, day(126));
    }

    #[test]
    fn it_never_goes_back() {
        let mut clock = clock(day(100));
        assert_eq!(clock.stamp(day(0), Duration::ZERO), day(100));
        clock.stamp(day(101), Duration::ZERO);
        assert_eq!(clock.stamp(day(99), Duration::ZERO), day(101));
        assert_eq!(restart(&clock, day(98)).1, day(101));
    }

    #[test]
    fn a_jump_takes_it_ahead_by_half_of_what_is_kept_and_only_once() {
        let mut clock = clock(day(100));
        assert_eq!(clock.stamp(day(800), Duration::ZERO), day(145));
        assert_eq!(clock.stamp(day(801), DAY), day(146));
        let (clock, stamp) = restart(&clock, day(801));
        assert_eq!(stamp, day(146), "what was said a moment ago is not old");
        assert_eq!(restart(&clock, day(802)).1, day(147));
    }

    #[test]
    fn a_clock_that_was_never_set_costs_no_more_than_one_jump() {
        let mut clock = clock(day(0));
        clock.stamp(day(0), Duration::ZERO);
        assert_eq!(clock.stamp(day(20_000), Duration::ZERO), day(45));
        for _ in 0..9 {
            let (unset, stamp) = restart(&clock, day(0));
            assert_eq!(stamp, day(45));
            (clock, _) = restart(&unset, day(20_000));
        }
        assert_eq!(clock.newest, day(45));
    }

    #[test]
    fn time_passes_although_the_machine_was_once_far_ahead() {
        let mut clock = clock(day(50_000));
        assert_eq!(clock.read(day(20_000), DAY), day(50_001));
        clock.stamp(day(20_000), DAY);
        assert_eq!(clock.stamp(day(20_001), DAY * 2), day(50_002));
    }
}
