//! Whether the person looks at the window

use std::time::{Duration, Instant};

/// What is known about where the person's mind is
///
/// Many terminals tell when their window comes to the front or goes from there. Where one has never told, whoever has
/// not typed for a while counts as being elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    is_in_front: Option<bool>,
    last_key: Instant,
}

impl Attention {
    /// After so long without a key one is elsewhere, where the terminal does not tell
    pub const PATIENCE: Duration = Duration::from_secs(60);

    /// The person is there
    pub fn new(now: Instant) -> Self {
        Self { is_in_front: None, last_key: now }
    }

    /// A key was pressed, which is nowhere possible but at the front
    pub fn on_key(&mut self, now: Instant) {
        self.last_key = now;
        self.is_in_front = self.is_in_front.map(|_| true);
    }

    /// The terminal tells whether its window is at the front
    pub fn on_focus(&mut self, is_in_front: bool, now: Instant) {
        self.is_in_front = Some(is_in_front);
        if is_in_front {
            self.last_key = now;
        }
    }

    /// Whether something new would not be seen
    pub fn is_elsewhere(&self, now: Instant) -> bool {
        let is_idle = now.saturating_duration_since(self.last_key) >= Self::PATIENCE;
        self.is_in_front.map_or(is_idle, |is_in_front| !is_in_front)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_terminal_tells_counts() {
        let start = Instant::now();
        let mut attention = Attention::new(start);
        attention.on_focus(true, start);
        assert!(!attention.is_elsewhere(start + 2 * Attention::PATIENCE));
        attention.on_focus(false, start);
        assert!(attention.is_elsewhere(start));
        attention.on_key(start);
        assert!(!attention.is_elsewhere(start));
    }

    #[test]
    fn where_it_does_not_tell_one_is_elsewhere_after_a_while_without_a_key() {
        let start = Instant::now();
        let mut attention = Attention::new(start);
        assert!(!attention.is_elsewhere(start));
        assert!(attention.is_elsewhere(start + Attention::PATIENCE));
        attention.on_key(start + Attention::PATIENCE);
        assert!(!attention.is_elsewhere(start + Attention::PATIENCE));
    }
}
