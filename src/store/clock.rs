use std::time::{Duration, SystemTime};

use lanchat_protocol::WallTime;
use rusqlite::{Connection, Result};

use super::value::Wide;

/// When something is kept, for telling later how long ago that was
///
/// The machine's clock may be years off at one start and right at the next. So this one never goes back, and one run
/// takes it ahead by no more than the time that passes and half of the time for which things are kept: whatever the
/// machine's clock shows, a single start loses at most the older half.
#[derive(Debug)]
pub(super) struct Clock {
    newest: WallTime,
    /// What it shows at most, but for the time that passes
    limit: WallTime,
}

impl Clock {
    /// For a run that begins where the last thing was kept at `newest`, and keeps things for `age`
    pub(super) fn new(newest: Option<WallTime>, age: Duration) -> Self {
        let limit = newest.map_or(WallTime::from_unix_millis(u64::MAX), |newest| later(newest, age / 2));
        Self { newest: newest.unwrap_or_default(), limit }
    }

    /// When something that is kept now is kept, with what the machine's clock shows and how long this run has lasted
    pub(super) fn stamp(&mut self, wall: WallTime, ran: Duration) -> WallTime {
        self.newest = self.read(wall, ran);
        self.newest
    }

    /// The time now
    pub(super) fn read(&self, wall: WallTime, ran: Duration) -> WallTime {
        wall.min(later(self.limit, ran)).max(self.newest)
    }
}

fn later(time: WallTime, by: Duration) -> WallTime {
    let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
    WallTime::from_unix_millis(time.as_unix_millis().saturating_add(by))
}

/// What the clock of this machine shows
pub(super) fn wall() -> WallTime {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    WallTime::from_unix_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// When the last line or whisper was kept; `None` if there is none
pub(super) fn newest(db: &Connection) -> Result<Option<WallTime>> {
    db.query_row(NEWEST, [], |row| {
        let newest: Option<Wide> = row.get(0)?;
        Ok(newest.map(|Wide(millis)| WallTime::from_unix_millis(millis)))
    })
}

/// Later rows were kept later
const NEWEST: &str = "SELECT max(kept_at) FROM (
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

    #[test]
    fn it_shows_what_the_machine_does() {
        let mut clock = Clock::new(Some(day(100)), DAY * 90);
        assert_eq!(clock.stamp(day(110), Duration::ZERO), day(110));
        assert_eq!(clock.read(day(111), DAY), day(111));
        assert_eq!(Clock::new(None, DAY).read(day(20_000), Duration::ZERO), day(20_000));
    }

    #[test]
    fn it_never_goes_back() {
        let mut clock = Clock::new(Some(day(100)), DAY * 90);
        assert_eq!(clock.stamp(day(0), Duration::ZERO), day(100));
        clock.stamp(day(101), Duration::ZERO);
        assert_eq!(clock.stamp(day(99), Duration::ZERO), day(101));
    }

    #[test]
    fn one_run_takes_it_ahead_by_half_of_what_is_kept() {
        let mut clock = Clock::new(Some(day(100)), DAY * 90);
        assert_eq!(clock.stamp(day(800), Duration::ZERO), day(145));
        assert_eq!(clock.stamp(day(801), DAY), day(146));
    }
}
