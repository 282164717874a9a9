use alloc::collections::{BTreeMap, VecDeque};
use core::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{PeerKey, Time};

/// What an address is sent because of datagrams that anyone may have made up (PROTOCOL.md §8.1)
///
/// Source addresses can be forged. Without a bound a whole room would pour its answers on whoever is named. So an address
/// is sent no more than three times what came from its host, until somebody there has answered a ping: that needs to be
/// received. And what everybody would answer is answered some times a second only.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    by_host: BTreeMap<IpAddr, Account>,
    /// The hosts in the order in which they came
    hosts: VecDeque<IpAddr>,
    /// Where pings were answered, by whom, and in which turn
    proven: BTreeMap<SocketAddr, (PeerKey, u64)>,
    turns: u64,
    pings: VecDeque<Pinged>,
    /// How many bytes more of a datagram travel than it has here
    overhead: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Account {
    /// How many bytes it may be sent
    credit: usize,
    /// Since when it was sent how many replies
    replies: (Time, u32),
}

#[derive(Clone, Copy, Debug)]
struct Pinged {
    nonce: u64,
    to: SocketAddr,
    at: Time,
}

impl Replies {
    /// Over how long replies are counted
    const PERIOD: Duration = Duration::from_secs(1);
    /// How many a host gets in that time: enough for the burst of each of 16 programs that start on it at once
    const MAX_REPLIES: u32 = 64;
    /// How many bytes an address is sent for each that came from its host
    const FACTOR: usize = 3;
    /// How much of that is saved up
    const MAX_CREDIT: usize = 64 << 10;
    /// How many hosts are counted at once: 128 KiB
    const MAX_HOSTS: usize = 1_024;
    /// How many addresses that were proven are remembered: 512 KiB
    const MAX_PROVEN: usize = 4_096;
    /// How many of them are at one host: whoever has all ports of one pushes out nobody else's
    const MAX_PROVEN_OF_HOST: usize = 256;
    /// How many pings are remembered, and for how long
    const MAX_PINGS: usize = 256;
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Nothing sent yet, in a room whose seal makes a datagram so many bytes longer
    pub(crate) fn new(overhead: usize) -> Self {
        Self { overhead, ..Self::default() }
    }

    /// So many bytes came from `host`, or from somebody who says so
    pub(crate) fn on_received(&mut self, host: IpAddr, bytes: usize) {
        if !self.by_host.contains_key(&host) {
            if self.hosts.len() >= Self::MAX_HOSTS
                && let Some(oldest) = self.hosts.pop_front()
            {
                self.by_host.remove(&oldest);
            }
            self.hosts.push_back(host);
        }
        let account = self.by_host.entry(host).or_default();
        account.credit = (account.credit + Self::FACTOR * bytes).min(Self::MAX_CREDIT);
    }

    /// Whether `to` may get one more of what everybody would answer, which is then counted
    pub(crate) fn allow(&mut self, now: Time, to: SocketAddr) -> bool {
        let Some(account) = self.by_host.get_mut(&to.ip()) else { return false };
        let (since, count) = &mut account.replies;
        if now.since(*since) >= Self::PERIOD {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= Self::MAX_REPLIES
    }

    /// Whether so many bytes may be sent to `to`, which are then counted
    pub(crate) fn may_send(&mut self, to: SocketAddr, bytes: usize) -> bool {
        self.is_proven(to) || self.spend(to, bytes)
    }

    /// Whether so many bytes that `who` asked for may be sent to `to`, which are then counted
    ///
    /// Whoever else answers there did not ask for them.
    pub(crate) fn may_answer(&mut self, to: SocketAddr, who: &PeerKey, bytes: usize) -> bool {
        self.is_proven_by(to, who) || self.spend(to, bytes)
    }

    fn spend(&mut self, to: SocketAddr, bytes: usize) -> bool {
        let bytes = bytes + self.overhead;
        let Some(account) = self.by_host.get_mut(&to.ip()) else { return false };
        let Some(left) = account.credit.checked_sub(bytes) else { return false };
        account.credit = left;
        true
    }

    /// Whether somebody at `to` has answered a ping, and so hears what is sent there
    pub(crate) fn is_proven(&self, to: SocketAddr) -> bool {
        self.proven.contains_key(&to)
    }

    /// Whether it was `who` that answered a ping at `to` last
    pub(crate) fn is_proven_by(&self, to: SocketAddr, who: &PeerKey) -> bool {
        self.proven.get(&to).is_some_and(|(by, _)| by == who)
    }

    /// A ping with this nonce goes to `to`
    pub(crate) fn on_ping(&mut self, now: Time, nonce: u64, to: SocketAddr) {
        while self.pings.len() >= Self::MAX_PINGS
            || self.pings.front().is_some_and(|ping| now.since(ping.at) > Self::PATIENCE)
        {
            self.pings.pop_front();
        }
        self.pings.push_back(Pinged { nonce, to, at: now });
    }

    /// Whether somebody at `to` was pinged who may still answer
    pub(crate) fn is_pinged(&self, now: Time, to: SocketAddr) -> bool {
        const SHORTLY: Duration = Duration::from_millis(20);
        self.pings.iter().any(|ping| ping.to == to && now.since(ping.at) < SHORTLY)
    }

    /// `who` answers a ping with this nonce: true if that is one of this node's, and the address is proven
    pub(crate) fn on_pong(&mut self, now: Time, who: &PeerKey, nonce: u64) -> bool {
        let is_answered = |ping: &Pinged| ping.nonce == nonce && now.since(ping.at) <= Self::PATIENCE;
        let Some(to) = self.pings.iter().find(|ping| is_answered(ping)).map(|ping| ping.to) else {
            return false;
        };
        self.pings.retain(|ping| ping.nonce != nonce);
        if !self.is_proven(to) {
            self.make_room(to.ip());
        }
        self.turns += 1;
        self.proven.insert(to, (*who, self.turns));
        true
    }

    /// Forgets the address that was proven first, of this host or of all, if there is no room for one more
    fn make_room(&mut self, host: IpAddr) {
        let oldest = |proven: &mut dyn Iterator<Item = (&SocketAddr, &(PeerKey, u64))>| {
            proven.min_by_key(|(_, (_, turn))| *turn).map(|(addr, _)| *addr)
        };
        let (first, last) = (SocketAddr::new(host, 0), SocketAddr::new(host, u16::MAX));
        let of_host = self.proven.range(first..=last);
        let least = if of_host.clone().count() >= Self::MAX_PROVEN_OF_HOST {
            oldest(&mut of_host.clone())
        } else if self.proven.len() >= Self::MAX_PROVEN {
            oldest(&mut self.proven.iter())
        } else {
            None
        };
        least.map(|addr| self.proven.remove(&addr));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: PeerKey = PeerKey::from_bytes([1; 32]);

    fn addr(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([198, 18, 0, host], port))
    }

    #[test]
    fn a_host_gets_so_many_a_second_whatever_the_port() {
        let mut replies = Replies::default();
        [1, 2].iter().for_each(|host| replies.on_received(addr(*host, 1).ip(), 1));
        let mut allowed = |now, host, port| replies.allow(now, addr(host, port));
        let count = (0..1_000).filter(|port| allowed(Time::ZERO, 1, *port)).count();
        assert_eq!(count, 64);
        assert!(allowed(Time::ZERO, 2, 1));
        assert!(!allowed(Time::from_millis(999), 1, 1));
        assert!(allowed(Time::from_millis(1_000), 1, 1));
    }

    #[test]
    fn who_is_not_proven_is_sent_three_times_what_came_from_there() {
        let mut replies = Replies::default();
        assert!(!replies.may_send(addr(1, 1), 1), "nothing came from there");
        replies.on_received(addr(1, 1).ip(), 200);
        let sent: usize = (0..100).map(|_| if replies.may_send(addr(1, 1), 70) { 70 } else { 0 }).sum();
        assert!((531..=600).contains(&sent), "{sent}");
    }

    #[test]
    fn whoever_answers_a_ping_is_sent_what_they_ask_for() {
        let mut replies = Replies::default();
        replies.on_ping(Time::ZERO, 7, addr(1, 1));
        assert!(!replies.on_pong(Time::ZERO, &ANN, 8), "not what was asked");
        assert!(!replies.may_send(addr(1, 1), 1_000));
        assert!(replies.on_pong(Time::from_millis(5), &ANN, 7));
        assert!(replies.may_send(addr(1, 1), 1_000_000));
        assert!(!replies.may_send(addr(1, 2), 1_000), "somebody else on the same host");
        assert!(!replies.on_pong(Time::from_millis(6), &ANN, 7), "once");
        replies.on_ping(Time::ZERO, 9, addr(2, 1));
        assert!(!replies.on_pong(Time::from_secs(9), &ANN, 9), "too late");
    }

    fn prove(replies: &mut Replies, to: SocketAddr, who: &PeerKey) {
        replies.on_ping(Time::ZERO, to.port().into(), to);
        assert!(replies.on_pong(Time::ZERO, who, to.port().into()));
    }

    #[test]
    fn what_one_asked_for_is_not_sent_to_another_who_answers_there() {
        let (mut replies, eve) = (Replies::default(), PeerKey::from_bytes([6; 32]));
        prove(&mut replies, addr(1, 1), &ANN);
        assert!(replies.may_answer(addr(1, 1), &ANN, 100_000));
        assert!(!replies.may_answer(addr(1, 1), &eve, 1));
        replies.on_received(addr(1, 1).ip(), 100);
        assert!(replies.may_answer(addr(1, 1), &eve, 300) && !replies.may_answer(addr(1, 1), &eve, 1));
    }

    #[test]
    fn whoever_answers_at_all_ports_of_a_host_pushes_out_nobody_elsewhere() {
        let mut replies = Replies::default();
        prove(&mut replies, addr(1, 1), &ANN);
        (1..=10_000).for_each(|port| prove(&mut replies, addr(2, port), &ANN));
        assert!(replies.is_proven(addr(1, 1)) && replies.is_proven(addr(2, 10_000)));
        assert_eq!(replies.proven.len(), 1 + Replies::MAX_PROVEN_OF_HOST);
    }

    #[test]
    fn there_are_bounds() {
        let mut replies = Replies::default();
        for n in 0..100_000_u32 {
            let to = SocketAddr::from((n.to_be_bytes(), 1));
            replies.on_received(to.ip(), 1_000_000);
            replies.on_ping(Time::ZERO, n.into(), to);
            assert!(replies.on_pong(Time::ZERO, &ANN, n.into()));
        }
        assert_eq!((replies.by_host.len(), replies.hosts.len()), (Replies::MAX_HOSTS, Replies::MAX_HOSTS));
        assert_eq!(replies.proven.len(), Replies::MAX_PROVEN);
        assert!(replies.by_host.values().all(|account| account.credit <= Replies::MAX_CREDIT));
    }
}
