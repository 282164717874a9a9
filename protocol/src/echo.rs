use alloc::vec::Vec;
use core::time::Duration;

use crate::Time;

/// Repeats what this node said last, until it says more (PROTOCOL.md §8.6)
///
/// A line that is lost is noticed by what follows it. Nothing follows the last one: so it follows itself a few times,
/// which costs less than asking for it would, and proves more than saying that it exists.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    last: Option<Repeated>,
}

#[derive(Debug)]
struct Repeated {
    datagram: Vec<u8>,
    said: Time,
    unit: Duration,
    left: &'static [u32],
}

impl Echo {
    /// For how long what was said goes with a goodbye
    const LATELY: Duration = Duration::from_secs(2);
    /// When the last datagram is repeated, in units since it was said
    const SMALL_ROOM: [u32; 4] = [1, 3, 7, 15];
    const LARGE_ROOM: [u32; 4] = [1, 3, 8, 20];

    /// This was just said
    pub(crate) fn said(&mut self, now: Time, datagram: Vec<u8>, unit: Duration, is_small_room: bool) {
        let left: &[u32] = if is_small_room { &Self::SMALL_ROOM } else { &Self::LARGE_ROOM };
        self.last = Some(Repeated { datagram, said: now, unit, left });
    }

    /// When to repeat it
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let last = self.last.as_ref()?;
        Some(last.said + last.unit * *last.left.first()?)
    }

    /// What is to be repeated at `now`
    pub(crate) fn handle_timeout(&mut self, now: Time) -> Option<Vec<u8>> {
        if self.poll_timeout().is_none_or(|at| now < at) {
            return None;
        }
        let last = self.last.as_mut()?;
        while let [units, rest @ ..] = last.left
            && last.said + last.unit * *units <= now
        {
            last.left = rest;
        }
        Some(last.datagram.clone())
    }

    /// What was said last, if that was so lately that it may not have come through: to go with a goodbye
    pub(crate) fn last(&self, now: Time) -> Option<Vec<u8>> {
        let last = self.last.as_ref().filter(|last| now.since(last.said) < Self::LATELY)?;
        Some(last.datagram.clone())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn the_last_one_is_repeated_a_few_times_ever_more_rarely() {
        let mut echo = Echo::default();
        echo.said(Time::ZERO, vec![0], Duration::from_millis(1), true);
        echo.said(Time::ZERO, vec![1], Duration::from_millis(2), true);
        let mut at = Vec::new();
        while let Some(due) = echo.poll_timeout() {
            assert_eq!(echo.handle_timeout(due), Some(vec![1]));
            assert_eq!(echo.handle_timeout(due), None);
            at.push(due.as_micros() / 1_000);
        }
        assert_eq!(at, [2, 6, 14, 30]);
    }
}
