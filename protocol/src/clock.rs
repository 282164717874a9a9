use crate::{Time, WallTime};

/// What people's clock shows, as far as that can be told without reading it
///
/// Good enough to tell what is days old. It does not follow when somebody sets the clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Time,
    wall: WallTime,
}

impl Clock {
    /// It showed `wall` at `start`
    pub(crate) fn new(start: Time, wall: WallTime) -> Self {
        Self { start, wall }
    }

    /// What it showed when this node started
    pub(crate) fn at_start(&self) -> WallTime {
        self.wall
    }

    /// What it shows at `now`
    pub(crate) fn wall(&self, now: Time) -> WallTime {
        let millis = u64::try_from(now.since(self.start).as_millis()).unwrap_or(u64::MAX);
        WallTime::from_unix_millis(self.wall.as_unix_millis().saturating_add(millis))
    }
}
