use alloc::collections::BTreeMap;
use core::{net::IpAddr, time::Duration};

use crate::{
    Time,
    budget::{Budget, Limits},
};

/// How much of what arrives is looked at closely, and whose (PROTOCOL.md §8.10)
///
/// A signature costs a hundred times what all other checks of a datagram cost together. So there are two budgets of
/// them, one for those who are known where the datagram comes from and one for all others, each shared out among hosts
/// when it is scarce. Strangers may use what the known leave. What was read in vain too often is not read for a moment.
#[derive(Debug)]
pub(crate) struct Admission {
    members: Budget<Flow>,
    strangers: Budget<Flow>,
    /// How much was read in vain since when
    wasted: (Time, BTreeMap<Flow, u32>),
    newcomers: Budget<IpAddr>,
    /// When each host may bring as many newcomers at once again as any
    hosts: BTreeMap<IpAddr, Time>,
}

/// Where a datagram came from, as far as that can be told before its signature is looked at
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flow {
    /// From the host of whoever it names as its sender, or for log entries of anyone who is known
    Member(IpAddr),
    /// From anywhere else
    Stranger(IpAddr),
}

impl Admission {
    /// Over how long signatures are counted: how long what is over the budget waits at least
    pub(crate) const PERIOD: Duration = Duration::from_millis(10);
    /// 4,000 signatures a second together take a fifth of a core
    const MEMBERS: Limits = Limits { period: Self::PERIOD, income: 30, most: 4_000 };
    /// A room of a thousand that starts at once brings a thousand strangers in a moment
    const STRANGERS: Limits = Limits { period: Self::PERIOD, income: 10, most: 2_000 };
    /// After so much that was no good, or over the budget, within a period the rest of it is not read
    const MAX_WASTE: u32 = 16;
    /// What a signature counts that was looked at in vain: whoever speaks meanwhile waits for two of them at most
    const SIGNATURE: u32 = 8;
    /// How many flows are counted in a period
    const MAX_FLOWS: usize = 1_024;
    /// New identities in all
    const NEWCOMERS: Limits = Limits { period: Duration::from_secs(1), income: 20, most: 2_048 };
    /// One host brings a new one this often, after a burst of so many
    const BETWEEN_NEWCOMERS: Duration = Duration::from_millis(500);
    const BURST_OF_NEWCOMERS: u32 = 64;
    /// How many hosts that bring newcomers are counted: 64 KiB
    const MAX_HOSTS: usize = 1_024;

    /// Nobody has asked for anything yet
    pub(crate) fn new() -> Self {
        Self {
            members: Budget::new(Self::MEMBERS),
            strangers: Budget::new(Self::STRANGERS),
            wasted: (Time::ZERO, BTreeMap::new()),
            newcomers: Budget::new(Self::NEWCOMERS),
            hosts: BTreeMap::new(),
        }
    }

    /// Whether a signature that came this way may be looked at
    pub(crate) fn may_verify(&mut self, now: Time, flow: Flow) -> bool {
        match flow {
            Flow::Member(_) => self.members.take(now, flow, 1),
            Flow::Stranger(_) => {
                self.strangers.take(now, flow, 1)
                    || (self.members.is_idle(now) && self.members.take(now, flow, 1))
            }
        }
    }

    /// Something that came this way was dropped for want of a budget, or was no good
    pub(crate) fn on_waste(&mut self, now: Time, flow: Flow) {
        self.waste(now, flow, 1);
    }

    /// A signature that came this way was looked at in vain
    pub(crate) fn on_forgery(&mut self, now: Time, flow: Flow) {
        self.waste(now, flow, Self::SIGNATURE);
    }

    /// Nothing more that comes this way is worth reading in this period
    pub(crate) fn shut(&mut self, now: Time, flow: Flow) {
        self.waste(now, flow, Self::MAX_WASTE);
    }

    /// Whether what comes this way is not even to be read
    pub(crate) fn is_shut(&self, now: Time, flow: Flow) -> bool {
        let (since, wasted) = &self.wasted;
        now.since(*since) < Self::PERIOD && wasted.get(&flow).is_some_and(|count| *count >= Self::MAX_WASTE)
    }

    /// Whether somebody whom nobody knows may be taken in from this host
    pub(crate) fn has_room_for_newcomer(&self, now: Time, host: IpAddr) -> bool {
        let patience = Self::BETWEEN_NEWCOMERS * Self::BURST_OF_NEWCOMERS;
        self.hosts.get(&host).is_none_or(|until| until.since(now) < patience)
    }

    /// Takes in somebody whom nobody knows from this host; false if that is too many
    pub(crate) fn take_newcomer(&mut self, now: Time, host: IpAddr) -> bool {
        if !self.has_room_for_newcomer(now, host) {
            return false;
        }
        if self.hosts.len() >= Self::MAX_HOSTS && !self.hosts.contains_key(&host) {
            self.hosts.retain(|_, until| *until > now);
            if self.hosts.len() >= Self::MAX_HOSTS && !self.newcomers.is_idle(now) {
                return false;
            }
        }
        if !self.newcomers.take(now, host, 1) {
            return false;
        }
        if self.hosts.len() < Self::MAX_HOSTS || self.hosts.contains_key(&host) {
            let until = self.hosts.entry(host).or_insert(now);
            *until = (*until).max(now) + Self::BETWEEN_NEWCOMERS;
        }
        true
    }

    fn waste(&mut self, now: Time, flow: Flow, times: u32) {
        let (since, wasted) = &mut self.wasted;
        if now.since(*since) >= Self::PERIOD {
            (*since, *wasted) = (now, BTreeMap::new());
        }
        if wasted.len() < Self::MAX_FLOWS || wasted.contains_key(&flow) {
            let count = wasted.entry(flow).or_default();
            *count = count.saturating_add(times);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(n: u32) -> IpAddr {
        IpAddr::from((0xc612_0000 + n).to_be_bytes())
    }

    /// How many signatures these are granted in the last of three seconds, each asking so often in a millisecond
    fn granted<const N: usize>(flows: [(Flow, u32); N]) -> [u32; N] {
        let (mut admission, mut granted) = (Admission::new(), [0; N]);
        for milli in 0..3_000 {
            let now = Time::from_millis(milli);
            for (nth, (flow, rate)) in flows.into_iter().enumerate() {
                for _ in 0..rate {
                    if admission.is_shut(now, flow) {
                        continue;
                    }
                    let may = admission.may_verify(now, flow);
                    granted[nth] += u32::from(may && milli >= 2_000);
                    if !may {
                        admission.on_waste(now, flow);
                    }
                }
            }
        }
        granted
    }

    #[test]
    fn a_flood_of_strangers_takes_no_more_than_is_spared_for_it_and_leaves_members_theirs() {
        let [flood, member] = granted([(Flow::Stranger(host(1)), 20), (Flow::Member(host(2)), 1)]);
        assert!((1_500..4_500).contains(&flood), "{flood}");
        assert_eq!(member, 1_000);
    }

    #[test]
    fn a_member_who_floods_leaves_other_members_their_share() {
        let flows = [(Flow::Member(host(1)), 20), (Flow::Member(host(2)), 1), (Flow::Member(host(3)), 1)];
        let [flood, ann, bob] = granted(flows);
        assert!(ann >= 700 && bob >= 700, "{ann}, {bob}");
        assert!(flood <= 2_500, "{flood}");
    }

    #[test]
    fn what_comes_with_much_that_was_read_in_vain_is_not_read_for_a_moment() {
        let (mut admission, eve) = (Admission::new(), Flow::Stranger(host(1)));
        let now = Time::from_secs(1);
        (0..15).for_each(|_| admission.on_waste(now, eve));
        assert!(!admission.is_shut(now, eve));
        admission.on_waste(now, eve);
        assert!(admission.is_shut(now, eve) && !admission.is_shut(now, Flow::Member(host(1))));
        assert!(!admission.is_shut(now + Admission::PERIOD, eve));
    }

    #[test]
    fn two_forgeries_are_as_much_as_sixteen_cheap_mistakes() {
        let (mut admission, eve) = (Admission::new(), Flow::Stranger(host(1)));
        let now = Time::from_secs(1);
        admission.on_forgery(now, eve);
        assert!(!admission.is_shut(now, eve));
        admission.on_forgery(now, eve);
        assert!(admission.is_shut(now, eve));
    }

    #[test]
    fn a_thousand_strangers_at_once_are_all_looked_at() {
        let mut admission = Admission::new();
        let looked =
            (0..1_000).filter(|n| admission.may_verify(Time::from_secs(1), Flow::Stranger(host(*n))));
        assert_eq!(looked.count(), 1_000);
    }

    #[test]
    fn a_host_brings_some_newcomers_at_once_and_then_two_a_second() {
        let mut admission = Admission::new();
        let now = Time::from_secs(5);
        let at_once = (0..1_000).filter(|_| admission.take_newcomer(now, host(1))).count();
        assert_eq!(at_once, 64);
        assert!(admission.take_newcomer(now, host(2)));
        let later =
            (1..=10_000).filter(|n| admission.take_newcomer(now + Duration::from_millis(*n), host(1)));
        assert_eq!(later.count(), 20);
    }

    #[test]
    fn a_room_that_starts_at_once_is_taken_in_and_made_up_hosts_bring_twenty_a_second() {
        let mut admission = Admission::new();
        let now = Time::from_secs(5);
        assert_eq!((0..1_000).filter(|n| admission.take_newcomer(now, host(*n))).count(), 1_000);
        let taken = (0..100_000_u32).filter(|n| {
            let now = now + Duration::from_millis(u64::from(n / 10));
            admission.take_newcomer(now, host(5_000 + n))
        });
        assert!(taken.count() <= 1_048 + 10 * 20);
    }
}
