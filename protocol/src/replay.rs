/// Which frames of one incarnation were seen: the 64 counters up to the highest (PROTOCOL.md §4,
/// RFC 4303 §3.4.3)
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplayWindow {
    highest: u64,
    seen: u64,
}

impl ReplayWindow {
    /// The first that was heard has this `counter`; what is from before it could only be a recording
    pub(crate) fn starting_with(counter: u64) -> Self {
        Self { highest: counter, seen: u64::MAX }
    }

    /// Whether a frame with this counter can be a new one
    pub(crate) fn is_new(&self, counter: u64) -> bool {
        match self.highest.checked_sub(counter) {
            None => true,
            Some(age) if age < u64::from(u64::BITS) => self.seen & (1 << age) == 0,
            Some(_) => false,
        }
    }

    /// Marks a verified frame's counter as seen
    pub(crate) fn mark(&mut self, counter: u64) {
        match counter.checked_sub(self.highest) {
            Some(advance) => {
                self.seen =
                    u32::try_from(advance).ok().and_then(|by| self.seen.checked_shl(by)).unwrap_or(0) | 1;
                self.highest = counter;
            }
            None => {
                let age = self.highest - counter;
                if age < u64::from(u64::BITS) {
                    self.seen |= 1 << age;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counter_is_new_once_in_any_order() {
        let mut window = ReplayWindow::starting_with(100);
        assert!(!window.is_new(100) && !window.is_new(99), "from before the first");
        for counter in [101, 103, 102, 164, 163, 140] {
            assert!(window.is_new(counter), "{counter}");
            window.mark(counter);
            assert!(!window.is_new(counter), "{counter}");
        }
        assert!(window.is_new(104) && window.is_new(162));
        window.mark(200);
        assert!(!window.is_new(104), "too old to be told from a replay");
        assert!(window.is_new(u64::MAX));
        window.mark(u64::MAX);
        assert!(!window.is_new(164));
    }
}
