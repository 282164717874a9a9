//! One unicast endpoint for each usable interface address

use std::net::{Ipv4Addr, SocketAddrV4};

use tracing::info;

use super::counters::{Counters, LinkStatus};
use super::interfaces::{self, LinkAddress};
use super::sockets::{Endpoint, Role, TTL_LINK};

/// An interface address and the socket bound to it
#[derive(Debug)]
pub(super) struct Link {
    pub(super) address: LinkAddress,
    pub(super) endpoint: Endpoint,
}

/// All links, in the order of their addresses
#[derive(Debug)]
pub(super) struct Links {
    port: u16,
    links: Vec<Link>,
    broadcasts: u64,
}

impl Links {
    /// No links yet; `port` is where broadcasts go and unicast ports begin above.
    pub(super) fn new(port: u16) -> Self {
        Self { port, links: Vec::new(), broadcasts: 0 }
    }

    /// Closes links whose address is not wanted any more, opens those that are missing or broken; true when
    /// anything changed.
    pub(super) fn update(&mut self, wanted: &[LinkAddress], counters: &mut Counters) -> bool {
        let current: Vec<LinkAddress> = self.links.iter().map(|link| link.address.clone()).collect();
        let diff = interfaces::diff(&current, wanted);
        self.links.retain(|link| !diff.gone.contains(&link.address));
        self.links.extend(diff.new.iter().map(|address| Link::new(address.clone(), self.port)));
        self.links.sort_by(|a, b| a.address.cmp(&b.address));
        for address in &diff.gone {
            info!(name = %address.name, addr = %address.addr, "link closed");
        }
        let mut changed = !diff.gone.is_empty();
        for link in &mut self.links {
            if link.endpoint.ensure_open(counters) {
                info!(name = %link.address.name, addr = %link.address.addr, port = link.endpoint.port(), "link open");
                changed = true;
            }
            link.endpoint.on_refreshed();
        }
        changed
    }

    /// The link of the smallest network that holds `ip`.
    pub(super) fn holding(&mut self, ip: Ipv4Addr) -> Option<&mut Link> {
        self.links.iter_mut().filter(|link| link.address.holds(ip)).max_by_key(|link| link.address.prefix())
    }

    /// Whether `ip` is in the network of a link.
    pub(super) fn hold(&self, ip: Ipv4Addr) -> bool {
        self.links.iter().any(|link| link.address.holds(ip))
    }

    /// Whether `addr` is the socket of a link.
    pub(super) fn own(&self, addr: SocketAddrV4) -> bool {
        self.links
            .iter()
            .any(|link| link.address.addr == *addr.ip() && link.endpoint.port() == Some(addr.port()))
    }

    /// Whether `ip` is the address of a link.
    pub(super) fn own_ip(&self, ip: Ipv4Addr) -> bool {
        self.links.iter().any(|link| link.address.addr == ip)
    }

    /// Sends to the broadcast address of each link, and now and then to 255.255.255.255 too: it reaches those
    /// whose netmask is wrong.
    pub(super) fn broadcast(&mut self, datagram: &[u8], counters: &mut Counters) {
        let limited_too = self.broadcasts.is_multiple_of(LIMITED_BROADCAST_EVERY);
        self.broadcasts += 1;
        for link in &mut self.links {
            let directed = link.address.broadcast;
            link.endpoint.send(SocketAddrV4::new(directed, self.port), datagram, counters);
            if limited_too && !link.address.is_loopback() && !directed.is_broadcast() {
                link.endpoint.send(SocketAddrV4::new(Ipv4Addr::BROADCAST, self.port), datagram, counters);
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    pub(super) fn endpoint_mut(&mut self, index: usize) -> Option<&mut Endpoint> {
        self.links.get_mut(index).map(|link| &mut link.endpoint)
    }

    /// Whether the interfaces should be looked at again because of a link.
    pub(super) fn want_refresh(&self) -> bool {
        self.links.iter().any(|link| link.endpoint.wants_refresh())
    }

    pub(super) fn any_open(&self) -> bool {
        self.links.iter().any(|link| link.endpoint.port().is_some())
    }

    pub(super) fn status(&self) -> Vec<LinkStatus> {
        self.links.iter().map(Link::status).collect()
    }
}

/// Seldom enough to cost little, often enough that such a peer is found with the first announcements.
const LIMITED_BROADCAST_EVERY: u64 = 4;

impl Link {
    fn new(address: LinkAddress, base: u16) -> Self {
        let endpoint = Endpoint::new(Role::Unicast { addr: address.addr, base, ttl: TTL_LINK });
        Self { address, endpoint }
    }

    fn status(&self) -> LinkStatus {
        LinkStatus {
            name: self.address.name.clone(),
            addr: self.address.addr,
            broadcast: self.address.broadcast,
            prefix: self.address.prefix(),
            port: self.endpoint.port(),
            receive_buffer_bytes: self.endpoint.receive_buffer_bytes(),
            sent: self.endpoint.sent,
            failed: self.endpoint.failed,
            last_error: self.endpoint.last_error.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn update_opens_and_closes_by_difference() {
        let (mut links, mut counters) = (Links::new(crate::net::tests::free_port()), Counters::default());
        let (first, second) = (loopback([127, 0, 0, 1], 8), loopback([127, 9, 0, 1], 24));
        assert!(links.update(std::slice::from_ref(&first), &mut counters));
        let port = links.status()[0].port;
        assert!(!links.update(std::slice::from_ref(&first), &mut counters));
        assert!(links.update(&[first.clone(), second.clone()], &mut counters));
        assert_eq!(links.status()[0].port, port, "an unchanged link keeps its socket");
        assert!(links.update(&[second], &mut counters));
        assert_eq!(links.len(), 1);
        assert!(!links.own_ip(first.addr));
    }

    #[tokio::test]
    async fn the_smallest_network_wins() {
        let (mut links, mut counters) = (Links::new(crate::net::tests::free_port()), Counters::default());
        links.update(&[loopback([127, 0, 0, 1], 8), loopback([127, 9, 0, 1], 24)], &mut counters);
        let mut chosen = |ip: [u8; 4]| links.holding(ip.into()).map(|link| link.address.addr);
        assert_eq!(chosen([127, 9, 0, 7]), Some(Ipv4Addr::new(127, 9, 0, 1)));
        assert_eq!(chosen([127, 8, 0, 7]), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(chosen([198, 18, 0, 1]), None);
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_bound_stays_wanted() {
        let (mut links, mut counters) = (Links::new(crate::net::tests::free_port()), Counters::default());
        let foreign = LinkAddress { addr: Ipv4Addr::new(198, 19, 255, 254), ..loopback([127, 0, 0, 1], 24) };
        assert!(!links.update(std::slice::from_ref(&foreign), &mut counters));
        assert!(links.want_refresh());
        assert_eq!(links.status()[0].port, None);
        links.update(&[foreign], &mut counters);
        assert_eq!(counters.open_failed, 2);
    }

    fn loopback(addr: [u8; 4], prefix: u32) -> LinkAddress {
        let (addr, netmask) = (Ipv4Addr::from(addr), Ipv4Addr::from_bits(u32::MAX << (32 - prefix)));
        LinkAddress { name: "lo".to_owned(), index: Some(1), addr, netmask, broadcast: addr | !netmask }
    }
}
