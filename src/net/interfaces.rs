//! The addresses of this machine that the program may use, and how that set changes

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;

use if_addrs::{IfAddr, Interface};

use super::error::OpenError;
use crate::platform;

/// An IPv4 address of this machine, used or not
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceStatus {
    /// Name of the interface.
    pub name: String,
    /// The address.
    pub addr: Ipv4Addr,
    /// Length of the network's prefix in bits.
    pub prefix: u32,
    /// Where broadcasts go.
    pub broadcast: Ipv4Addr,
    /// Why it is not used, if it cannot be.
    pub unusable: Option<Unusable>,
}

/// Why an address cannot be used
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The interface is down.
    Down,
    /// It leads to one other machine only.
    PointToPoint,
    /// Its network has no broadcast address.
    NoBroadcast,
}

/// The IPv4 addresses of this machine, or of those interfaces that are `chosen` by name or address, loopback included.
///
/// # Errors
/// When the system does not tell them, or one that was chosen is not there.
pub fn interfaces(chosen: &[String]) -> Result<Vec<InterfaceStatus>, OpenError> {
    let survey = Survey::take().map_err(OpenError::Interfaces)?;
    if let Some(name) = survey.unknown(chosen) {
        return Err(OpenError::UnknownInterface { name: name.to_owned(), known: survey.names() });
    }
    let is_chosen =
        |found: &&Found| chosen.is_empty() || chosen.iter().any(|choice| found.is_chosen_by(choice));
    Ok(survey.found.iter().filter(is_chosen).map(Found::status).collect())
}

/// One IPv4 address of an interface, with the network behind it
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkAddress {
    pub(super) name: String,
    pub(super) index: Option<u32>,
    pub(super) addr: Ipv4Addr,
    pub(super) netmask: Ipv4Addr,
    pub(super) broadcast: Ipv4Addr,
}

impl LinkAddress {
    /// Whether `ip` lies in this address's network.
    pub(super) fn holds(&self, ip: Ipv4Addr) -> bool {
        self.addr & self.netmask == ip & self.netmask
    }

    /// Number of leading one bits of the netmask.
    pub(super) fn prefix(&self) -> u32 {
        self.netmask.to_bits().leading_ones()
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.addr.is_loopback()
    }

    /// A network of one or two addresses has no broadcast, and one without a mask would hold the whole world.
    fn has_broadcast(&self) -> bool {
        (1..=30).contains(&self.prefix())
    }
}

/// What the system says about its interfaces at one moment
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    /// Every IPv4 address, usable or not.
    found: Vec<Found>,
    /// Every interface, with or without an address.
    names: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Found {
    address: LinkAddress,
    up: bool,
    point_to_point: bool,
}

impl Survey {
    /// Asks the system.
    pub(super) fn take() -> io::Result<Self> {
        let interfaces = if_addrs::get_if_addrs()?;
        let mut names: BTreeSet<String> = platform::sockets::interface_names().into_iter().collect();
        names.extend(interfaces.iter().map(|interface| interface.name.clone()));
        let found = interfaces.into_iter().filter_map(Found::from_system).collect();
        Ok(Self { found, names })
    }

    /// Whether `ip` is an address of this machine.
    pub(super) fn has(&self, ip: Ipv4Addr) -> bool {
        self.found.iter().any(|found| found.address.addr == ip)
    }

    /// The names of all interfaces, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.iter().cloned().collect()
    }

    /// The first of `chosen` that is neither an interface nor an address of one.
    pub(super) fn unknown<'a>(&self, chosen: &'a [String]) -> Option<&'a str> {
        let known = |choice: &str| {
            self.names.contains(choice) || self.found.iter().any(|found| found.is_chosen_by(choice))
        };
        chosen.iter().map(String::as_str).find(|choice| !known(choice))
    }

    /// The addresses to use, sorted: those `chosen`, or when nothing is chosen all that are not loopback, or
    /// loopback when there is no other.
    pub(super) fn usable(&self, chosen: &[String]) -> Vec<LinkAddress> {
        let usable = self.found.iter().filter(|found| found.is_usable());
        let (loopback, others): (Vec<_>, Vec<_>) = usable
            .filter(|found| chosen.is_empty() || chosen.iter().any(|choice| found.is_chosen_by(choice)))
            .map(|found| found.address.clone())
            .partition(LinkAddress::is_loopback);
        let mut addresses = others;
        if !chosen.is_empty() || addresses.is_empty() {
            addresses.extend(loopback);
        }
        addresses.sort();
        addresses.dedup();
        addresses
    }
}

impl Found {
    fn from_system(interface: Interface) -> Option<Self> {
        let (up, point_to_point) = (interface.is_oper_up(), interface.is_p2p());
        let IfAddr::V4(v4) = interface.addr else {
            return None;
        };
        let address = LinkAddress {
            name: interface.name,
            index: interface.index,
            addr: v4.ip,
            netmask: v4.netmask,
            broadcast: broadcast_of(v4.ip, v4.netmask, v4.broadcast),
        };
        Some(Self { address, up, point_to_point })
    }

    fn is_usable(&self) -> bool {
        self.unusable().is_none()
    }

    fn unusable(&self) -> Option<Unusable> {
        match (self.up, self.point_to_point, self.address.has_broadcast()) {
            (false, _, _) => Some(Unusable::Down),
            (true, true, _) => Some(Unusable::PointToPoint),
            (true, false, false) => Some(Unusable::NoBroadcast),
            (true, false, true) => None,
        }
    }

    fn status(&self) -> InterfaceStatus {
        let LinkAddress { name, addr, broadcast, .. } = &self.address;
        InterfaceStatus {
            name: name.clone(),
            addr: *addr,
            prefix: self.address.prefix(),
            broadcast: *broadcast,
            unusable: self.unusable(),
        }
    }

    fn is_chosen_by(&self, choice: &str) -> bool {
        self.address.name == choice || choice.parse() == Ok(self.address.addr)
    }
}

/// The broadcast address that the system gives, if it is one, else the highest of the network.
fn broadcast_of(addr: Ipv4Addr, netmask: Ipv4Addr, given: Option<Ipv4Addr>) -> Ipv4Addr {
    // The GNU C library gives the own address for an interface that was set up without a broadcast address.
    given.filter(|given| *given != addr && !given.is_unspecified()).unwrap_or(addr | !netmask)
}

/// How one set of addresses becomes another
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Diff {
    pub(super) gone: Vec<LinkAddress>,
    pub(super) new: Vec<LinkAddress>,
}

/// Compares what is in use with what should be; an address whose mask or interface changed is both gone and new.
pub(super) fn diff(current: &[LinkAddress], wanted: &[LinkAddress]) -> Diff {
    let missing_from = |others: &[LinkAddress], these: &[LinkAddress]| {
        these.iter().filter(|address| !others.contains(address)).cloned().collect()
    };
    Diff { gone: missing_from(wanted, current), new: missing_from(current, wanted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_differ_in_nothing() {
        let set = [address("eth0", [198, 18, 0, 1], 24), address("lo", [127, 0, 0, 1], 8)];
        assert_eq!(diff(&set, &set), Diff::default());
    }

    #[test]
    fn diff_finds_what_came_and_what_went() {
        let (old, new) = (address("eth0", [198, 18, 0, 1], 24), address("eth1", [198, 18, 1, 1], 24));
        let kept = address("eth2", [198, 18, 2, 1], 24);
        let diff = diff(&[old.clone(), kept.clone()], &[kept, new.clone()]);
        assert_eq!(diff, Diff { gone: vec![old], new: vec![new] });
    }

    #[test]
    fn changed_mask_or_index_is_a_new_address() {
        let old = address("eth0", [198, 18, 0, 1], 24);
        let wider = address("eth0", [198, 18, 0, 1], 16);
        let replugged = LinkAddress { index: Some(9), ..old.clone() };
        for new in [wider, replugged] {
            let diff = diff(std::slice::from_ref(&old), std::slice::from_ref(&new));
            assert_eq!(diff, Diff { gone: vec![old.clone()], new: vec![new] });
        }
    }

    #[test]
    fn loopback_is_used_when_named_or_when_there_is_no_other() {
        let eth = found("eth0", [198, 18, 0, 1], 24);
        let lo = found("lo", [127, 0, 0, 1], 8);
        let both = survey(vec![lo.clone(), eth]);
        assert_eq!(names_of(&both.usable(&[])), ["eth0"]);
        assert_eq!(names_of(&both.usable(&choose(&["lo"]))), ["lo"]);
        assert_eq!(names_of(&both.usable(&choose(&["lo", "eth0"]))), ["eth0", "lo"]);
        assert_eq!(names_of(&survey(vec![lo]).usable(&[])), ["lo"]);
    }

    #[test]
    fn down_point_to_point_and_tiny_networks_are_skipped() {
        let down = Found { up: false, ..found("down", [198, 18, 0, 1], 24) };
        let tunnel = Found { point_to_point: true, ..found("tun0", [198, 18, 1, 1], 24) };
        let pair = found("pair", [198, 18, 2, 1], 31);
        let host = found("host", [198, 18, 3, 1], 32);
        let no_mask = found("world", [198, 18, 4, 1], 0);
        let smallest = found("small", [198, 18, 5, 1], 30);
        let all = survey(vec![down, tunnel, pair, host, no_mask, smallest]);
        assert_eq!(names_of(&all.usable(&[])), ["small"]);
        assert!(all.usable(&choose(&["down"])).is_empty());
        let why: Vec<_> = all.found.iter().map(|found| found.status().unusable).collect();
        let (no, pair) = (Some(Unusable::NoBroadcast), Some(Unusable::PointToPoint));
        assert_eq!(why, [Some(Unusable::Down), pair, no, no, no, None]);
    }

    #[test]
    fn an_address_chooses_only_itself() {
        let all = survey(vec![found("eth0", [198, 18, 0, 1], 24), found("eth0", [198, 18, 1, 1], 24)]);
        let usable = all.usable(&choose(&["198.18.1.1"]));
        assert_eq!(usable.len(), 1);
        assert_eq!(usable[0].addr, Ipv4Addr::new(198, 18, 1, 1));
    }

    #[test]
    fn an_interface_without_address_is_known() {
        let mut all = survey(vec![found("eth0", [198, 18, 0, 1], 24)]);
        all.names.insert("eth1".to_owned());
        assert_eq!(all.unknown(&choose(&["eth0", "eth1", "198.18.0.1"])), None);
        assert_eq!(all.unknown(&choose(&["eth0", "eth7"])), Some("eth7"));
        assert_eq!(all.unknown(&choose(&["198.18.0.2"])), Some("198.18.0.2"));
        assert_eq!(all.names(), ["eth0", "eth1"]);
    }

    #[test]
    fn broadcast_address_is_computed_unless_the_system_gives_one() {
        let (addr, mask) = (Ipv4Addr::new(198, 18, 4, 7), Ipv4Addr::new(255, 255, 252, 0));
        let unusual = Ipv4Addr::new(198, 18, 4, 0);
        assert_eq!(broadcast_of(addr, mask, Some(unusual)), unusual);
        for none in [None, Some(addr), Some(Ipv4Addr::UNSPECIFIED)] {
            assert_eq!(broadcast_of(addr, mask, none), Ipv4Addr::new(198, 18, 7, 255));
        }
    }

    #[test]
    fn network_holds_its_own_addresses_only() {
        let link = address("eth0", [198, 18, 4, 7], 22);
        assert!(link.holds(Ipv4Addr::new(198, 18, 7, 255)));
        assert!(!link.holds(Ipv4Addr::new(198, 18, 8, 0)));
        assert!(!link.holds(Ipv4Addr::new(198, 18, 3, 255)));
    }

    fn address(name: &str, octets: [u8; 4], prefix: u32) -> LinkAddress {
        let netmask = Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - prefix).unwrap_or(0));
        let addr = Ipv4Addr::from(octets);
        LinkAddress { name: name.to_owned(), index: Some(2), addr, netmask, broadcast: addr | !netmask }
    }

    fn found(name: &str, octets: [u8; 4], prefix: u32) -> Found {
        Found { address: address(name, octets, prefix), up: true, point_to_point: false }
    }

    fn survey(found: Vec<Found>) -> Survey {
        let names = found.iter().map(|found| found.address.name.clone()).collect();
        Survey { found, names }
    }

    fn choose(choices: &[&str]) -> Vec<String> {
        choices.iter().map(|&choice| choice.to_owned()).collect()
    }

    fn names_of(addresses: &[LinkAddress]) -> Vec<&str> {
        addresses.iter().map(|address| address.name.as_str()).collect()
    }
}
