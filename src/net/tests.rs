//! Whole [`Net`]s talking to each other on loopback

use std::net::UdpSocket;
use std::sync::atomic::{AtomicU16, Ordering};

use super::*;

#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux has a broadcast address on loopback")]
async fn broadcast_reaches_all_others_on_the_host_but_not_its_sender() {
    let port = free_port();
    let (mut ann, mut bob, mut cat) = (on_loopback(port), on_loopback(port), on_loopback(port));
    ann.broadcast(b"hello");
    for other in [&mut bob, &mut cat] {
        let heard = datagram(other).await;
        assert_eq!(heard, (address_of(&ann), Cast::Broadcast, b"hello".to_vec()));
    }
    bob.broadcast(b"hi");
    assert_eq!(datagram(&mut ann).await, (address_of(&bob), Cast::Broadcast, b"hi".to_vec()));
    assert_eq!((ann.counters().received, ann.counters().own), (1, 1));
}

#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux has a broadcast address on loopback")]
async fn whoever_watches_sees_their_own_broadcasts_come_back() {
    let mut ann = on_loopback(free_port());
    ann.broadcast(b"hello");
    let from = address_of(&ann);
    let received = Received::Datagram { from, cast: Cast::Broadcast, len: 5 };
    assert_eq!(ann.watch(&mut [0; 64]).await, Arrival { received, origin: Origin::Own });
}

#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux has a broadcast address on loopback")]
async fn unicast_reaches_only_its_addressee() {
    let port = free_port();
    let (mut ann, mut bob, mut cat) = (on_loopback(port), on_loopback(port), on_loopback(port));
    ann.send(address_of(&bob), b"psst");
    assert_eq!(datagram(&mut bob).await, (address_of(&ann), Cast::Unicast, b"psst".to_vec()));
    ann.broadcast(b"to all");
    assert_eq!(datagram(&mut cat).await.2, b"to all", "nothing came before the broadcast");
    assert_eq!(cat.counters().received, 1);
}

#[tokio::test]
async fn try_receive_drains_without_waiting() {
    let port = free_port();
    let (mut ann, mut bob) = (on_loopback(port), on_loopback(port));
    let mut buffer = [0; 64];
    assert_eq!(bob.try_receive(&mut buffer), None);
    for _ in 0..3 {
        ann.send(address_of(&bob), b"x");
    }
    bob.receive(&mut buffer).await;
    assert!(bob.try_receive(&mut buffer).is_some());
    assert!(bob.try_receive(&mut buffer).is_some());
    assert_eq!(bob.try_receive(&mut buffer), None);
}

#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux has a broadcast address on loopback")]
async fn a_flood_on_one_socket_does_not_starve_another() {
    let port = free_port();
    let (mut ann, mut bob) = (on_loopback(port), on_loopback(port));
    for _ in 0..20 {
        ann.send(address_of(&bob), b"flood");
    }
    ann.broadcast(b"news");
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(datagram(&mut bob).await.2);
    }
    assert!(heard.contains(&b"news".to_vec()), "{heard:?}");
}

#[tokio::test]
async fn probe_of_a_closed_port_is_refused() {
    let mut ann = on_loopback(free_port());
    let closed: SocketAddr = (Ipv4Addr::LOCALHOST, free_port()).into();
    ann.probe(closed, b"there?");
    assert_eq!(ann.receive(&mut [0; 64]).await, Received::Refused { to: closed });
    assert_eq!((ann.counters().probes, ann.counters().probes_refused), (1, 1));
}

#[tokio::test]
async fn probe_of_an_open_port_delivers_the_answer() {
    let port = free_port();
    let (mut ann, mut bob) = (on_loopback(port), on_loopback(port));
    ann.probe(address_of(&bob), b"there?");
    let (asker, cast, question) = datagram(&mut bob).await;
    assert_eq!((cast, question), (Cast::Unicast, b"there?".to_vec()));
    bob.send(asker, b"yes");
    assert_eq!(datagram(&mut ann).await, (address_of(&bob), Cast::Unicast, b"yes".to_vec()));
}

#[tokio::test]
async fn configured_peer_is_reached_and_heard_though_off_link() {
    let port = free_port();
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    stranger.set_read_timeout(Some(PATIENCE)).unwrap();
    let SocketAddr::V4(peer) = stranger.local_addr().unwrap() else { panic!("bound to IPv4") };
    let mut ann = open(NetSettings { peers: vec![peer], ..named(LOOPBACK, port) });
    // Without links nothing is on-link, so only the configuration admits the peer.
    ann.links = Links::new(port);
    ann.broadcast(b"hello");
    let (mut buffer, mut other) = ([0; 64], on_loopback(port));
    let (len, from) = stranger.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..len], b"hello");
    stranger.send_to(b"hi", from).unwrap();
    assert_eq!(datagram(&mut ann).await, (peer.into(), Cast::Unicast, b"hi".to_vec()));
    ann.settings.peers.clear();
    other.broadcast(b"from nowhere");
    stranger.send_to(b"hi", from).unwrap();
    while ann.counters.off_link < 2 {
        assert_eq!(ann.try_receive(&mut buffer), None);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_has_no_route_is_counted() {
    let mut ann = on_loopback(free_port());
    ann.send("198.18.7.7:9".parse().unwrap(), b"x");
    ann.send("[::1]:9".parse().unwrap(), b"x");
    ann.probe("198.18.7.7:9".parse().unwrap(), b"x");
    assert_eq!((ann.counters().unroutable, ann.counters().sent), (3, 0));
}

#[tokio::test]
async fn refresh_without_change_keeps_everything() {
    let mut ann = on_loopback(free_port());
    let before = ann.links();
    assert!(!ann.refresh());
    assert_eq!(ann.links(), before);
    assert!(!ann.needs_refresh());
}

#[tokio::test]
async fn port_held_by_another_program_is_said() {
    let port = free_port();
    let _holder = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
    let error = Net::open(named(LOOPBACK, port)).unwrap_err();
    assert!(matches!(error, OpenError::PortTaken { port: taken } if taken == port), "{error}");
}

#[tokio::test]
async fn unknown_interface_is_said_with_those_that_exist() {
    let loopback = on_loopback(free_port()).links().remove(0).name;
    let error = Net::open(named("no-such-if", free_port())).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, OpenError::UnknownInterface { .. }), "{text}");
    assert!(text.contains("no-such-if") && text.contains(&loopback), "{text}");
}

#[tokio::test]
async fn interface_can_be_chosen_by_name_too() {
    let by_address = on_loopback(free_port()).links();
    let by_name = open(named(&by_address[0].name, free_port())).links();
    assert!(by_name.iter().any(|link| link.addr == Ipv4Addr::LOCALHOST));
}

/// Ends a test that would wait for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// By address: its name differs between systems.
const LOOPBACK: &str = "127.0.0.1";

/// A port that no other test of this machine is likely to use, with some free ones above it.
pub(super) fn free_port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id().wrapping_mul(7919);
    loop {
        let step = u32::from(TAKEN.fetch_add(1, Ordering::Relaxed));
        let slot = start.wrapping_add(step) % 1_000;
        let port = 10_000 + u16::try_from(slot).unwrap() * 20;
        if UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            return port;
        }
    }
}

fn named(interface: &str, port: u16) -> NetSettings {
    NetSettings { port, interfaces: vec![interface.to_owned()], peers: Vec::new() }
}

fn open(settings: NetSettings) -> Net {
    Net::open(settings).unwrap()
}

fn on_loopback(port: u16) -> Net {
    open(named(LOOPBACK, port))
}

fn address_of(net: &Net) -> SocketAddr {
    let link = &net.links()[0];
    (link.addr, link.port.unwrap()).into()
}

async fn datagram(net: &mut Net) -> (SocketAddr, Cast, Vec<u8>) {
    let mut buffer = [0; 64];
    let received = tokio::time::timeout(PATIENCE, net.receive(&mut buffer)).await;
    match received.expect("something arrives") {
        Received::Datagram { from, cast, len } => (from, cast, buffer[..len].to_vec()),
        refused @ Received::Refused { .. } => panic!("expected a datagram, not {refused:?}"),
    }
}
