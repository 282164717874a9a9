use std::fmt;
use std::time::Duration;

/// Measured durations, printed as count, median and worst
#[derive(Default)]
pub struct Timings(Vec<Duration>);

impl Timings {
    /// Adds one measurement
    pub fn add(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    /// The middle one, zero if there is none
    pub fn median(&self) -> Duration {
        self.below(500)
    }

    /// What all but one of a hundred stay below, zero if there is none
    pub fn p99(&self) -> Duration {
        self.below(990)
    }

    /// What all but one of a thousand stay below, zero if there is none
    pub fn p999(&self) -> Duration {
        self.below(999)
    }

    /// The longest one, zero if there is none
    pub fn worst(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    /// What so many of a thousand stay below
    fn below(&self, permille: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() * permille / 1000).copied().unwrap_or_default()
    }
}

impl Extend<Duration> for Timings {
    fn extend<I: IntoIterator<Item = Duration>>(&mut self, durations: I) {
        self.0.extend(durations);
    }
}

impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n {}, median {:.1?}, worst {:.1?}", self.0.len(), self.median(), self.worst())
    }
}
