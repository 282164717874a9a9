use core::time::Duration;

use crate::Time;

/// When to say goodbye: at once and twice more, since nobody acknowledges it (PROTOCOL.md §8.1)
#[derive(Debug)]
pub(crate) struct Farewell {
    start: Time,
    said: usize,
}

impl Farewell {
    /// When goodbyes are said, from the moment of leaving
    const OFFSETS: [Duration; 3] = [Duration::ZERO, Duration::from_millis(10), Duration::from_millis(30)];

    /// Leaves at `now`
    pub(crate) fn new(now: Time) -> Self {
        Self { start: now, said: 0 }
    }

    /// Whether all is said
    pub(crate) fn is_over(&self) -> bool {
        self.said == Self::OFFSETS.len()
    }

    /// When the next goodbye is due
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        Self::OFFSETS.get(self.said).map(|offset| self.start + *offset)
    }

    /// Whether to say goodbye now
    pub(crate) fn handle_timeout(&mut self, now: Time) -> bool {
        let is_due = self.poll_timeout().is_some_and(|due| due <= now);
        self.said += usize::from(is_due);
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goodbye_is_said_three_times_in_thirty_milliseconds() {
        let mut farewell = Farewell::new(Time::from_secs(1));
        for due in [1_000, 1_010, 1_030] {
            assert_eq!(farewell.poll_timeout(), Some(Time::from_millis(due)));
            assert!(!farewell.is_over());
            assert!(farewell.handle_timeout(Time::from_millis(due)));
        }
        assert!(farewell.is_over());
        assert_eq!(farewell.poll_timeout(), None);
    }
}
