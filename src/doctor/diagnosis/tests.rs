use std::time::Duration;

use super::*;
use crate::doctor::peer::{Tries, tests::healthy};

const ADDR: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);

fn interface(unusable: Option<Unusable>) -> InterfaceStatus {
    let prefix = if unusable == Some(Unusable::NoBroadcast) { 32 } else { 24 };
    let broadcast = Ipv4Addr::new(198, 18, 0, 255);
    InterfaceStatus { name: "eth0".to_owned(), addr: ADDR, prefix, broadcast, unusable }
}

fn link() -> LinkStatus {
    LinkStatus {
        name: "eth0".to_owned(),
        addr: ADDR,
        broadcast: Ipv4Addr::new(198, 18, 0, 255),
        prefix: 24,
        port: Some(25253),
        receive_buffer_bytes: 1,
        sent: 20,
        failed: 0,
        last_error: None,
    }
}

fn facts() -> Facts {
    Facts {
        port: 25252,
        is_chosen: false,
        is_told_of_peers: false,
        interfaces: vec![interface(None)],
        links: vec![link()],
        is_port_taken: false,
        holders: Holders::default(),
        missed: Vec::new(),
        sights: Sights { returned: [ADDR].into(), ..Sights::default() },
        peers: vec![healthy()],
        silent: Vec::new(),
        firewall: None,
    }
}

#[track_caller]
fn assert_found(facts: &Facts, codes: &[Code], end: ExitCode) -> Vec<Finding> {
    let (findings, code) = diagnose(facts);
    let found: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!((found.as_slice(), code), (codes, end), "{findings:?}");
    findings
}

#[test]
fn where_all_is_well_that_is_said() {
    assert_found(&facts(), &[Code::Interface, Code::Peer, Code::Healthy], ExitCode::Done);
    let alone = Facts { peers: Vec::new(), ..facts() };
    assert_found(&alone, &[Code::Interface, Code::Nobody], ExitCode::Nobody);
    let own = PeerFacts { is_own: true, heard: 0, ..healthy() };
    let own = Facts { peers: vec![own], ..facts() };
    assert_found(&own, &[Code::Interface, Code::Peer, Code::Nobody], ExitCode::Nobody);
}

#[test]
fn a_closed_port_here_is_told_with_the_command_that_opens_it() {
    let kind = firewall::Kind::Ufw;
    let closed = Facts {
        sights: Sights::default(),
        peers: vec![PeerFacts { heard: 0, ..healthy() }],
        firewall: Some(Firewall { kind, rule: None }),
        ..facts()
    };
    let codes = [Code::OwnBroadcastLost, Code::Firewall, Code::NotHeardHere, Code::Problems];
    let findings = assert_found(&closed, &codes, ExitCode::Failed);
    for told in [&findings[0], &findings[2]] {
        assert_eq!(told.remedy.as_deref(), Some("sudo ufw allow 25252:25268/udp"));
    }
    let unread = diagnose(&Facts { firewall: None, ..closed.clone() }).0;
    assert!(!cfg!(target_os = "linux") || unread[1].plain().contains("guess"), "{unread:?}");
    let elsewhere = Facts { sights: facts().sights, ..closed };
    let findings = diagnose(&elsewhere).0;
    assert!(findings[2].remedy.as_ref().unwrap().contains("lanchat --peer 198.18.0.2"), "{findings:?}");
}

#[test]
fn a_network_without_broadcast_is_wrong_where_there_is_no_other() {
    let only = Facts {
        interfaces: vec![interface(Some(Unusable::NoBroadcast))],
        links: Vec::new(),
        peers: Vec::new(),
        ..facts()
    };
    assert_found(&only, &[Code::NoBroadcastAddress, Code::Problems], ExitCode::Failed);
    let other = [Some(Unusable::NoBroadcast), Some(Unusable::Down), Some(Unusable::PointToPoint), None];
    let beside = Facts { interfaces: other.map(interface).to_vec(), ..facts() };
    let (unused, interface) = (Code::InterfaceUnused, Code::Interface);
    let codes = [Code::NoBroadcastAddress, unused, unused, interface, Code::Peer, Code::Healthy];
    assert_found(&beside, &codes, ExitCode::Done);
    let none = Facts { interfaces: Vec::new(), ..only };
    assert_found(&none, &[Code::NoNetwork, Code::Problems], ExitCode::Failed);
}

#[test]
fn who_is_named_needs_no_broadcast_address_nor_a_network_for_all() {
    let of = |why| Facts { interfaces: vec![interface(Some(why))], is_told_of_peers: true, ..facts() };
    let vpn = Facts { links: Vec::new(), ..of(Unusable::PointToPoint) };
    assert_found(&vpn, &[Code::InterfaceUnused, Code::Peer, Code::Healthy], ExitCode::Done);
    let alone = Facts { links: Vec::new(), ..of(Unusable::NoBroadcast) };
    assert_found(&alone, &[Code::NoBroadcastAddress, Code::Peer, Code::Healthy], ExitCode::Done);
}

#[test]
fn a_chosen_interface_that_is_down_is_wrong_and_chosen_loopback_is_not() {
    let (chosen, peers) = (true, Vec::new());
    let down = Facts { is_chosen: chosen, links: Vec::new(), peers, ..facts() };
    let down = Facts { interfaces: vec![interface(Some(Unusable::Down))], ..down };
    let codes = [Code::InterfaceUnused, Code::NoNetwork, Code::Problems];
    assert_found(&down, &codes, ExitCode::Failed);
    let lo = InterfaceStatus { addr: Ipv4Addr::LOCALHOST, ..interface(None) };
    let lo = Facts { interfaces: vec![lo], ..down };
    assert_found(&lo, &[Code::Nobody], ExitCode::Nobody);
    assert_found(&Facts { is_chosen: false, ..lo }, &[Code::NoNetwork, Code::Problems], ExitCode::Failed);
}

#[test]
fn rules_are_told_only_where_something_may_be_in_the_way() {
    let rule = Some("udp dport 25252 drop".to_owned());
    let firewall = Some(Firewall { kind: firewall::Kind::Iptables, rule });
    let well = Facts { firewall: firewall.clone(), ..facts() };
    assert_found(&well, &[Code::Interface, Code::Peer, Code::Healthy], ExitCode::Done);
    let alone = Facts { firewall, peers: Vec::new(), ..facts() };
    assert_found(&alone, &[Code::Interface, Code::Firewall, Code::Nobody], ExitCode::Nobody);
    let (early, late) = (Tries { made: 8, worked: 0 }, Tries { made: 9, worked: 9 });
    let only_answers = Facts { peers: vec![PeerFacts { early, late, ..healthy() }], ..facts() };
    let (findings, _) = diagnose(&only_answers);
    let is_guess_told = findings.iter().any(|finding| finding.code == Code::Firewall);
    assert!(!cfg!(target_os = "linux") || is_guess_told, "{findings:?}");
}

#[test]
fn who_was_hardly_asked_is_heard_and_no_more_is_said() {
    let never = Tries::default();
    let passing = PeerFacts { is_reached: false, early: never, late: never, loss: None, ..healthy() };
    let late = Facts { peers: vec![passing], ..facts() };
    assert_found(&late, &[Code::Interface, Code::PeerHeard, Code::Nobody], ExitCode::Nobody);
}

#[test]
fn who_cannot_send_to_all_is_not_said_to_be_unheard_by_accident() {
    let stuck = LinkStatus { failed: 9, last_error: Some("not permitted".to_owned()), ..link() };
    let deaf =
        PeerFacts { early: Tries { made: 8, worked: 0 }, late: Tries { made: 9, worked: 0 }, ..healthy() };
    let blocked = Facts { links: vec![stuck], sights: Sights::default(), peers: vec![deaf], ..facts() };
    let (findings, _) = diagnose(&blocked);
    assert_eq!(findings[0].code, Code::CannotSend, "{findings:?}");
    let deaf = findings.iter().find(|finding| finding.code == Code::NotHeardByPeer).unwrap();
    assert!(deaf.remedy.as_ref().unwrap().contains("first mend"), "{findings:?}");
}

#[test]
fn who_holds_the_port_is_told_as_far_as_it_is_known() {
    let program = Program { pid: 7, name: "dns\u{7}d".into() };
    let holders = Holders { programs: [program].into(), unknown: 0 };
    let shared = Facts { holders, ..facts() };
    let codes = [Code::Interface, Code::PortShared, Code::Peer, Code::Healthy];
    assert_found(&shared, &codes, ExitCode::Done);
    let bare = Facts { is_port_taken: true, links: Vec::new(), peers: Vec::new(), ..shared };
    let findings = assert_found(&bare, &[Code::PortTaken, Code::Problems], ExitCode::Failed);
    assert!(findings[0].plain().contains("dns\u{fffd}d (process 7)"), "{findings:?}");
    let unknown = Facts { holders: Holders::default(), ..bare };
    let findings = assert_found(&unknown, &[Code::PortTaken, Code::Problems], ExitCode::Failed);
    assert!(findings[0].remedy.as_ref().unwrap().contains("25252"), "{findings:?}");
}

#[test]
fn what_is_wrong_with_a_peer_is_about_that_peer() {
    let deaf = Tries { made: 9, worked: 0 };
    let peer = PeerFacts { early: deaf, late: deaf, ahead: Duration::from_secs(600), ..healthy() };
    let one = Facts { peers: vec![peer], ..facts() };
    let codes = [Code::Interface, Code::NotHeardByPeer, Code::ClockAhead, Code::Problems];
    let findings = assert_found(&one, &codes, ExitCode::Failed);
    assert!(findings[1].json().contains("\"name\":\"bob\""), "{findings:?}");
    assert!(findings[2].plain().contains("10 minutes"), "{findings:?}");
    let loss = super::super::loss::Loss { sent: 40, answered: 26, ways: Some((0.2, 0.19)) };
    let lossy = Facts { peers: vec![PeerFacts { loss: Some(loss), ..healthy() }], ..facts() };
    let findings = assert_found(&lossy, &[Code::Interface, Code::Loss, Code::Problems], ExitCode::Failed);
    assert!(findings[1].plain().contains("35%") && findings[1].plain().contains("20%"), "{findings:?}");
}

#[test]
fn what_is_heard_from_elsewhere_is_told() {
    let stranger = Ipv4Addr::new(198, 18, 1, 2);
    let sights =
        Sights { off_link: [stranger].into(), other_rooms: [ADDR, stranger].into(), ..facts().sights };
    let silent = vec![SocketAddrV4::new(stranger, 25252)];
    let all = Facts { sights, silent, peers: Vec::new(), ..facts() };
    let codes = [Code::Interface, Code::OtherSubnet, Code::OtherRoom, Code::NoAnswer, Code::Problems];
    assert_found(&all, &codes, ExitCode::Failed);
}

#[test]
fn a_socket_that_cannot_send_and_one_that_drops_are_wrong() {
    let stuck = LinkStatus { sent: 0, failed: 9, last_error: Some("not permitted".to_owned()), ..link() };
    let missed = |now| Missed { program: None, port: 25253, drops: 9, now };
    let both = Facts { links: vec![stuck], missed: vec![missed(0), missed(3)], peers: Vec::new(), ..facts() };
    let drops = Code::ReceiveDrops;
    let findings = assert_found(&both, &[Code::CannotSend, drops, drops, Code::Problems], ExitCode::Failed);
    assert_eq!([findings[1].severity, findings[2].severity], [Severity::Note, Severity::Problem]);
}
