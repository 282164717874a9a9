use std::collections::VecDeque;

use crate::{
    event::{ErrorCode, Event},
    lang::tell,
};

/// What happened while the program waited for something else
#[derive(Debug, Default)]
pub(super) struct Held {
    events: VecDeque<Event>,
    /// How many did not fit in behind them
    left_out: u64,
}

/// With 8,000 bytes of text each, and some hundred around them, that is some 9 MB
pub(super) const MAX_HELD: usize = 1_024;

impl Held {
    pub(super) fn push(&mut self, event: Event) {
        if self.left_out > 0 || self.events.len() >= MAX_HELD {
            self.left_out += 1;
        } else {
            self.events.push_back(event);
        }
    }

    /// The first of them, and after the last one how many are missing
    pub(super) fn pop(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        let count = std::mem::take(&mut self.left_out);
        (count > 0).then(|| Event::error(ErrorCode::OutputTooSlow, tell!("events-left-out", count = count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::line;

    #[test]
    fn what_does_not_fit_in_is_told_where_it_is_missing() {
        let mut held = Held::default();
        let numbers = 0..MAX_HELD as u64;
        numbers.clone().for_each(|number| held.push(line(number, "hi")));
        held.push(line(7_000, "too many"));
        assert_eq!(held.pop(), Some(line(0, "hi")));
        held.push(line(7_001, "nor behind a hole"));
        for number in numbers.skip(1) {
            assert_eq!(held.pop(), Some(line(number, "hi")));
        }
        let Some(Event::Error { code: ErrorCode::OutputTooSlow, message }) = held.pop() else {
            panic!("nothing tells of the hole")
        };
        assert!(message.starts_with("2 events"), "{message}");
        assert_eq!(held.pop(), None);
        held.push(line(7_002, "on it goes"));
        assert_eq!(held.pop(), Some(line(7_002, "on it goes")));
    }
}
