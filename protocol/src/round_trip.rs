use core::time::Duration;

/// How long an answer takes, measured (Jacobson and Karels; RFC 6298 §2 has the formulas)
///
/// Unlike there it falls fast: a burst makes answers wait in queues, and when it is over nothing should wait for longer
/// than it must. Asking once too often costs a datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoundTrip {
    smoothed: Option<Duration>,
    variation: Duration,
}

impl RoundTrip {
    /// What is assumed until something is measured: a busy Wi-Fi
    const UNKNOWN: Duration = Duration::from_millis(30);
    /// How soon something is asked for again at the earliest: scheduling takes its time, too
    pub(crate) const MIN_TIMEOUT: Duration = Duration::from_millis(2);
    /// How late at the latest
    pub(crate) const MAX_TIMEOUT: Duration = Duration::from_secs(1);

    /// Nothing measured yet
    pub(crate) const fn new() -> Self {
        Self { smoothed: None, variation: Duration::ZERO }
    }

    /// An answer took this long
    pub(crate) fn measured(&mut self, sample: Duration) {
        match self.smoothed {
            None => {
                self.smoothed = Some(sample);
                self.variation = sample / 2;
            }
            Some(smoothed) if sample < smoothed => {
                self.variation = (self.variation + (smoothed - sample) / 2) / 2;
                self.smoothed = Some((smoothed + sample) / 2);
            }
            Some(smoothed) => {
                self.variation = (3 * self.variation + (sample - smoothed)) / 4;
                self.smoothed = Some((7 * smoothed + sample) / 8);
            }
        }
    }

    /// The mean
    pub(crate) fn mean(&self) -> Duration {
        self.smoothed.unwrap_or(Self::UNKNOWN)
    }

    /// After how long an answer is not to be expected any more
    pub(crate) fn timeout(&self) -> Duration {
        let Some(smoothed) = self.smoothed else { return 2 * Self::UNKNOWN };
        (smoothed + 4 * self.variation).clamp(Self::MIN_TIMEOUT, Self::MAX_TIMEOUT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_what_is_measured() {
        let mut round_trip = RoundTrip::new();
        assert!(round_trip.timeout() > RoundTrip::UNKNOWN);
        for _ in 0..100 {
            round_trip.measured(Duration::from_micros(400));
        }
        assert!(round_trip.mean() < Duration::from_micros(500));
        assert_eq!(round_trip.timeout(), RoundTrip::MIN_TIMEOUT);
        for n in 0..100 {
            round_trip.measured(Duration::from_millis(if n % 2 == 0 { 20 } else { 300 }));
        }
        assert!(round_trip.timeout() > Duration::from_millis(300));
        round_trip.measured(Duration::from_secs(1_000));
        assert_eq!(round_trip.timeout(), RoundTrip::MAX_TIMEOUT);
    }
}
