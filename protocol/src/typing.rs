use alloc::collections::BTreeMap;
use core::time::Duration;

use crate::{PeerKey, Time};

/// Who was told lately that somebody types here, and of whom that was heard lately (PROTOCOL.md §8.12)
///
/// Nobody is harmed who is told too rarely, so that what is too much is nothing.
#[derive(Debug, Default)]
pub(crate) struct Typists {
    told: BTreeMap<Option<PeerKey>, Time>,
    heard: BTreeMap<(PeerKey, bool), Time>,
}

impl Typists {
    /// How often others are told of one conversation at most
    const EVERY: Duration = Duration::from_secs(3);
    /// How often somebody is listened to about one: on the way frames come closer together
    const HEARD_EVERY: Duration = Duration::from_secs(2);
    /// How many conversations are remembered: 16 KiB
    const MAX_TOLD: usize = 256;
    /// Of how many others it is remembered when they were heard: 64 KiB
    const MAX_HEARD: usize = 1_024;

    /// Whether whoever this is for, or all, may be told now that somebody types; they are then
    pub(crate) fn tell(&mut self, now: Time, to: Option<PeerKey>) -> bool {
        self.told.retain(|_, at| now.since(*at) < Self::EVERY);
        let may = self.told.len() < Self::MAX_TOLD && !self.told.contains_key(&to);
        if may {
            self.told.insert(to, now);
        }
        may
    }

    /// Whether it is too soon to hear again that they type: to be asked before their signature is looked at
    pub(crate) fn is_too_soon(&self, now: Time, from: &PeerKey, to_me: bool) -> bool {
        let is_fresh = |at: &Time| now.since(*at) < Self::HEARD_EVERY;
        match self.heard.get(&(*from, to_me)) {
            Some(at) => is_fresh(at),
            None => self.heard.len() >= Self::MAX_HEARD && self.heard.values().all(is_fresh),
        }
    }

    /// It was heard that they type, and not [too soon](Self::is_too_soon)
    pub(crate) fn on_heard(&mut self, now: Time, from: PeerKey, to_me: bool) {
        if self.heard.len() >= Self::MAX_HEARD {
            self.heard.retain(|_, at| now.since(*at) < Self::HEARD_EVERY);
        }
        self.heard.insert((from, to_me), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(n: u32) -> PeerKey {
        let mut key = [7; 32];
        key[..4].copy_from_slice(&n.to_le_bytes());
        PeerKey::from_bytes(key)
    }

    #[test]
    fn each_conversation_is_told_of_every_three_seconds() {
        let (mut typists, mut told) = (Typists::default(), 0);
        for ms in (0..9_000).step_by(50) {
            told += usize::from(typists.tell(Time::from_millis(ms), None));
        }
        assert_eq!(told, 3);
        assert!(typists.tell(Time::from_secs(8), Some(somebody(1))), "another conversation");
        assert!(!typists.tell(Time::from_secs(8), Some(somebody(1))));
    }

    #[test]
    fn nobody_is_heard_more_often_than_they_may_tell_by_much() {
        let mut typists = Typists::default();
        assert!(!typists.is_too_soon(Time::ZERO, &somebody(1), false));
        typists.on_heard(Time::ZERO, somebody(1), false);
        assert!(typists.is_too_soon(Time::from_millis(1_900), &somebody(1), false));
        assert!(!typists.is_too_soon(Time::from_millis(1_900), &somebody(1), true));
        assert!(!typists.is_too_soon(Time::from_millis(2_900), &somebody(1), false));
    }

    #[test]
    fn a_crowd_has_a_bound_and_keeps_nobody_out_for_long() {
        let mut typists = Typists::default();
        for n in 0..10_000 {
            if !typists.is_too_soon(Time::ZERO, &somebody(n), false) {
                typists.on_heard(Time::ZERO, somebody(n), false);
            }
            typists.tell(Time::ZERO, Some(somebody(n)));
        }
        assert_eq!(typists.heard.len(), Typists::MAX_HEARD);
        assert_eq!(typists.told.len(), Typists::MAX_TOLD);
        assert!(!typists.is_too_soon(Time::from_secs(2), &somebody(9_999), false));
        typists.on_heard(Time::from_secs(2), somebody(9_999), false);
        assert_eq!(typists.heard.len(), 1);
    }
}
