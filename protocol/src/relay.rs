use alloc::collections::BTreeMap;
use core::{net::SocketAddr, time::Duration};

use crate::{PeerKey, Time};

/// Pings that this node sends for others, so that it can pass the answers on (PROTOCOL.md §5.3)
#[derive(Debug, Default)]
pub(crate) struct Relay {
    waiting: BTreeMap<u64, Request>,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    target: PeerKey,
    requester: SocketAddr,
    until: Time,
}

impl Relay {
    /// How long an answer is waited for
    const PATIENCE: Duration = Duration::from_secs(1);
    /// How many answers are waited for at most: 6 KiB
    const MAX_WAITING: usize = 64;

    /// Remembers that the answer of `target` with this nonce is for `requester`; false if there are too many already, or
    /// if another answer with this nonce is waited for
    pub(crate) fn remember(&mut self, now: Time, nonce: u64, target: PeerKey, requester: SocketAddr) -> bool {
        self.waiting.retain(|_, request| request.until > now);
        if self.waiting.len() == Self::MAX_WAITING || self.waiting.contains_key(&nonce) {
            return false;
        }
        self.waiting.insert(nonce, Request { target, requester, until: now + Self::PATIENCE });
        true
    }

    /// Who waits for the answer of `target` with this nonce
    pub(crate) fn take(&mut self, now: Time, nonce: u64, target: &PeerKey) -> Option<SocketAddr> {
        let request = *self.waiting.get(&nonce).filter(|request| request.target == *target)?;
        self.waiting.remove(&nonce);
        (request.until > now).then_some(request.requester)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: PeerKey = PeerKey::from_bytes([2; 32]);

    #[test]
    fn an_answer_is_passed_on_once_and_in_time() {
        let ann = "198.18.0.1:25253".parse().unwrap();
        let mut relay = Relay::default();
        assert!(relay.remember(Time::ZERO, 7, BOB, ann));
        assert_eq!(relay.take(Time::from_millis(10), 7, &BOB), Some(ann));
        assert_eq!(relay.take(Time::from_millis(10), 7, &BOB), None);
        relay.remember(Time::ZERO, 8, BOB, ann);
        assert_eq!(relay.take(Time::from_secs(2), 8, &BOB), None);
    }

    #[test]
    fn nobody_answers_for_another_or_takes_another_answer() {
        let (ann, eve) = ("198.18.0.1:25253".parse().unwrap(), "198.18.0.9:25253".parse().unwrap());
        let mut relay = Relay::default();
        relay.remember(Time::ZERO, 7, BOB, ann);
        assert!(!relay.remember(Time::ZERO, 7, BOB, eve));
        assert_eq!(relay.take(Time::ZERO, 7, &PeerKey::from_bytes([9; 32])), None);
        assert_eq!(relay.take(Time::ZERO, 7, &BOB), Some(ann));
    }

    #[test]
    fn requests_beyond_the_bound_are_refused_until_old_ones_end() {
        let ann = "198.18.0.1:25253".parse().unwrap();
        let mut relay = Relay::default();
        for nonce in 0..64 {
            assert!(relay.remember(Time::ZERO, nonce, BOB, ann));
        }
        assert!(!relay.remember(Time::ZERO, 64, BOB, ann));
        assert!(relay.remember(Time::from_secs(2), 64, BOB, ann));
    }
}
