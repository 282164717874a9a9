use alloc::collections::BTreeMap;
use core::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::Time;

/// How often an address is sent something because of a datagram that anyone may have made up (PROTOCOL.md §8.1)
///
/// Source addresses can be forged. Without a bound a whole room would pour its answers on whoever is named.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    /// Since when each host was sent how many
    by_host: BTreeMap<IpAddr, (Time, u32)>,
}

impl Replies {
    /// Over how long replies are counted
    const PERIOD: Duration = Duration::from_secs(1);
    /// How many a host gets in that time: enough for the burst of each of 16 programs that start on it at once
    const MAX_REPLIES: u32 = 64;
    /// How many hosts are counted at once: 16 KiB
    const MAX_HOSTS: usize = 256;

    /// Whether one more may go to `to`, which is then counted
    pub(crate) fn allow(&mut self, now: Time, to: SocketAddr) -> bool {
        if self.by_host.len() == Self::MAX_HOSTS && !self.by_host.contains_key(&to.ip()) {
            self.by_host.retain(|_, (since, _)| now.since(*since) < Self::PERIOD);
            if self.by_host.len() == Self::MAX_HOSTS {
                return false;
            }
        }
        let (since, count) = self.by_host.entry(to.ip()).or_insert((now, 0));
        if now.since(*since) >= Self::PERIOD {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= Self::MAX_REPLIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(replies: &mut Replies, now: Time, host: u8, port: u16) -> bool {
        replies.allow(now, SocketAddr::from(([198, 18, 0, host], port)))
    }

    #[test]
    fn a_host_gets_so_many_a_second_whatever_the_port() {
        let mut replies = Replies::default();
        let count = (0..1_000).filter(|port| allowed(&mut replies, Time::ZERO, 1, *port)).count();
        assert_eq!(count, 64);
        assert!(allowed(&mut replies, Time::ZERO, 2, 1));
        assert!(!allowed(&mut replies, Time::from_millis(999), 1, 1));
        assert!(allowed(&mut replies, Time::from_millis(1_000), 1, 1));
    }

    #[test]
    fn hosts_beyond_the_bound_get_none_until_others_were_quiet() {
        let mut replies = Replies::default();
        for n in 0..1_000_u32 {
            let host = SocketAddr::from((n.to_be_bytes(), 1));
            assert_eq!(replies.allow(Time::ZERO, host), n < 256);
        }
        assert!(allowed(&mut replies, Time::from_secs(1), 1, 1));
    }
}
