use alloc::collections::BTreeMap;
use core::{net::SocketAddr, time::Duration};

use crate::Time;

/// Pings that this node sends for others, so that it can pass the answers on (PROTOCOL.md §5.3)
#[derive(Debug, Default)]
pub(crate) struct Relay {
    waiting: BTreeMap<u64, (SocketAddr, Time)>,
}

impl Relay {
    /// How long an answer is waited for
    const PATIENCE: Duration = Duration::from_secs(1);
    /// How many answers are waited for at most: 3 KiB
    const MAX_WAITING: usize = 64;

    /// Remembers that the answer with this nonce is for `requester`; false if there are too many already
    pub(crate) fn remember(&mut self, now: Time, nonce: u64, requester: SocketAddr) -> bool {
        self.waiting.retain(|_, (_, until)| *until > now);
        if self.waiting.len() == Self::MAX_WAITING {
            return false;
        }
        self.waiting.insert(nonce, (requester, now + Self::PATIENCE));
        true
    }

    /// Who waits for the answer with this nonce
    pub(crate) fn take(&mut self, now: Time, nonce: u64) -> Option<SocketAddr> {
        self.waiting.remove(&nonce).filter(|(_, until)| *until > now).map(|(requester, _)| requester)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_passed_on_once_and_in_time() {
        let ann = "198.18.0.1:25253".parse().unwrap();
        let mut relay = Relay::default();
        assert!(relay.remember(Time::ZERO, 7, ann));
        assert_eq!(relay.take(Time::from_millis(10), 7), Some(ann));
        assert_eq!(relay.take(Time::from_millis(10), 7), None);
        relay.remember(Time::ZERO, 8, ann);
        assert_eq!(relay.take(Time::from_secs(2), 8), None);
    }

    #[test]
    fn requests_beyond_the_bound_are_refused_until_old_ones_end() {
        let ann = "198.18.0.1:25253".parse().unwrap();
        let mut relay = Relay::default();
        for nonce in 0..64 {
            assert!(relay.remember(Time::ZERO, nonce, ann));
        }
        assert!(!relay.remember(Time::ZERO, 64, ann));
        assert!(relay.remember(Time::from_secs(2), 64, ann));
    }
}
