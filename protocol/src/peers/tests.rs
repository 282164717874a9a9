//! Who is there, who makes room for whom

use alloc::format;

use super::*;
use crate::{
    InstanceId,
    wire::{Head, bounded::List},
};

const ANN: PeerKey = PeerKey::from_bytes([1; 32]);

fn addr(port: u16) -> SocketAddr {
    SocketAddr::from(([198, 18, 0, 1], port))
}

fn announce(name: &str) -> Announce {
    Announce {
        instance: InstanceId::from_uuid(uuid::Uuid::from_u128(1)),
        name: Name::new(name).unwrap(),
        interval_ms: 1_000,
        members: 0,
        solicits: false,
        visitor: false,
        head: Head::default(),
        lamport: 0,
        extensions: List::empty(),
    }
}

fn place(incarnation: u64, counter: u64) -> Place {
    Place { incarnation, counter }
}

fn hear(peers: &mut Peers, at: Time, incarnation: u64, counter: u64, name: &str) -> Changes {
    let place = place(incarnation, counter);
    peers.admit(&ANN, place).unwrap();
    peers.on_announce(at, addr(1), (ANN, place), &announce(name)).unwrap()
}

#[test]
fn who_announces_is_there_until_they_say_goodbye() {
    let mut peers = Peers::new();
    assert_eq!(
        hear(&mut peers, Time::ZERO, 1, 1, "ann"),
        Changes { joined: true, started: true, ..Changes::default() }
    );
    assert_eq!(hear(&mut peers, Time::ZERO, 1, 2, "ann"), Changes::default());
    assert_eq!(peers.present(), 1);
    assert!(peers.on_bye(Time::ZERO, &ANN, 1));
    assert!(!peers.on_bye(Time::ZERO, &ANN, 1));
    assert_eq!(peers.present(), 0);
}

#[test]
fn after_a_goodbye_only_a_new_start_counts() {
    let mut peers = Peers::new();
    hear(&mut peers, Time::ZERO, 1, 1, "ann");
    peers.on_bye(Time::ZERO, &ANN, 1);
    assert_eq!(peers.admit(&ANN, place(1, 99)), Err(Dropped::Replayed));
    assert!(hear(&mut peers, Time::ZERO, 2, 1, "ann").joined);
}

#[test]
fn a_restart_is_the_same_person_and_what_came_before_it_is_over() {
    let mut peers = Peers::new();
    hear(&mut peers, Time::ZERO, 1, 50, "ann");
    let changes = hear(&mut peers, Time::ZERO, 2, 1, "ann");
    assert_eq!(changes, Changes { started: true, ..Changes::default() });
    assert_eq!(peers.present(), 1);
    assert_eq!(peers.admit(&ANN, place(1, 51)), Err(Dropped::Replayed));
    assert_eq!(peers.admit(&ANN, place(2, 1)), Err(Dropped::Replayed));
}

#[test]
fn a_new_name_is_told_with_the_old_one() {
    let mut peers = Peers::new();
    hear(&mut peers, Time::ZERO, 1, 1, "ann");
    let was = Name::new("ann").unwrap();
    assert_eq!(hear(&mut peers, Time::ZERO, 1, 2, "anna").renamed, Some(was));
    assert_eq!(peers.find(&ANN).unwrap().name.as_str(), "anna");
}

#[test]
fn an_announcement_overtaken_by_a_later_one_changes_nothing() {
    let mut peers = Peers::new();
    for (counter, name) in [(9, "ann"), (12, "anna")] {
        hear(&mut peers, Time::ZERO, 1, counter, name);
    }
    let late = (ANN, place(1, 11));
    let changes = peers.on_announce(Time::from_secs(3), addr(2), late, &announce("ann")).unwrap();
    assert_eq!(changes, Changes::default());
    assert_eq!(peers.find(&ANN).unwrap().name.as_str(), "anna");
    assert_eq!(peers.find(&ANN).unwrap().addr, addr(1));
    assert_eq!(peers.admit(&ANN, place(1, 11)), Err(Dropped::Replayed));
}

#[test]
fn whoever_announces_more_often_is_looked_after_more_often() {
    let mut peers = Peers::new();
    let often = announce("ann");
    let seldom = Announce { interval_ms: 600_000, ..often.clone() };
    peers.on_announce(Time::ZERO, addr(1), (ANN, place(1, 1)), &seldom).unwrap();
    peers.on_announce(Time::ZERO, addr(1), (ANN, place(1, 2)), &often).unwrap();
    assert!(peers.poll_timeout().unwrap() < Time::from_secs(2));
}

#[test]
fn a_closed_port_counts_once_its_owner_is_in_doubt() {
    let mut peers = Peers::new();
    hear(&mut peers, Time::ZERO, 1, 1, "ann");
    assert_eq!(peers.on_refused(Time::ZERO, addr(1)), None);
    let due = peers.poll_timeout().unwrap();
    assert_eq!(peers.handle_timeout(due), [(ANN, Check::Ping)]);
    assert_eq!(peers.on_refused(due, addr(2)), None);
    assert_eq!(peers.on_refused(due, addr(1)), Some(ANN));
    assert_eq!(peers.present(), 0);
}

#[test]
fn who_was_gone_and_speaks_is_back_in_a_large_room_and_may_be_a_recording_in_a_small_one() {
    for others in [0, 20] {
        let mut peers = Peers::new();
        hear(&mut peers, Time::ZERO, 1, 1, "ann");
        let mut now = Time::ZERO;
        while peers.present() > 0 {
            now = peers.poll_timeout().unwrap();
            peers.handle_timeout(now);
        }
        for other in 0..others {
            peers.on_announce(now, addr(other), (key(other), place(1, 1)), &announce("x")).unwrap();
        }
        let (back, there) = if others == 0 {
            (Standing::Unknown, Standing::Unknown)
        } else {
            (Standing::Back, Standing::There)
        };
        assert_eq!(peers.on_frame(now, &ANN, place(2, 1)), Standing::Unknown);
        assert_eq!(peers.on_frame(now, &ANN, place(1, 2)), back);
        assert_eq!(peers.on_frame(now, &ANN, place(1, 3)), there);
    }
}

#[test]
fn a_peer_moves_to_another_address_only_when_the_old_one_is_quiet() {
    let mut peers = Peers::new();
    let mut hear_at = |secs, port, counter| {
        let place = (ANN, place(1, counter));
        peers.on_announce(Time::from_secs(secs), addr(port), place, &announce("ann")).unwrap();
        peers.find(&ANN).unwrap().addr
    };
    assert_eq!(hear_at(0, 1, 1), addr(1));
    assert_eq!(hear_at(1, 2, 2), addr(1));
    assert_eq!(hear_at(3, 2, 3), addr(2));
}

#[test]
fn every_silent_peer_gets_its_turn_in_one_round() {
    let mut peers = Peers::new();
    for n in 1..=3_u8 {
        let key = PeerKey::from_bytes([n; 32]);
        peers.on_announce(Time::ZERO, addr(n.into()), (key, place(1, 1)), &announce("x")).unwrap();
    }
    let due = peers.poll_timeout().unwrap();
    assert_eq!(peers.handle_timeout(due).len(), 3);
    assert!(peers.poll_timeout().unwrap() > due);
}

fn key(n: u16) -> PeerKey {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    PeerKey::from_bytes(bytes)
}

/// Number `n` announces themselves from a host of their own, or all from one
fn enter(peers: &mut Peers, n: u16, host: u16) -> Result<Changes, Dropped> {
    let [high, low] = host.to_be_bytes();
    let from = SocketAddr::from(([198, 18, high, low], n));
    peers.on_announce(Time::from_secs(n.into()), from, (key(n), place(1, 1)), &announce(&format!("p{n}")))
}

fn full() -> Peers {
    let mut peers = Peers::new();
    for n in 0..4_096 {
        enter(&mut peers, n, n).unwrap();
        peers.prove(&key(n));
    }
    peers
}

#[test]
fn the_table_has_a_bound_and_forgets_the_absent_for_others_but_nobody_who_is_there() {
    let mut peers = full();
    assert_eq!(enter(&mut peers, 5_000, 5_000), Err(Dropped::Overflow));
    peers.befriend(&key(6));
    [6, 7].iter().for_each(|n| assert!(peers.on_bye(Time::ZERO, &key(*n), 1)));
    assert!(enter(&mut peers, 5_000, 5_000).unwrap().joined);
    assert!(peers.find(&key(7)).is_none() && peers.find(&key(6)).is_some(), "talked to, or pinned");
    assert_eq!(peers.present(), 4_095);
}

#[test]
fn whoever_has_answered_nothing_makes_room_the_most_crowded_host_first() {
    let mut peers = Peers::new();
    (0..4_096).for_each(|n| drop(enter(&mut peers, n, if n < 100 { 9_999 } else { n }).unwrap()));
    [0, 50].iter().for_each(|n| peers.prove(&key(*n)));
    for n in 5_000..5_010 {
        let displaced = enter(&mut peers, n, n).unwrap().displaced.unwrap();
        assert_eq!(displaced.name.as_str(), format!("p{}", 5_099 - n), "the last that came");
    }
    assert_eq!((peers.present(), peers.by_key.len()), (4_096, 4_096));
    assert_eq!(peers.by_host.values().sum::<usize>(), 4_096);
    assert!(peers.is_present(&key(0)) && peers.is_present(&key(4_000)));
}

#[test]
fn one_host_fills_no_table() {
    let mut peers = Peers::new();
    enter(&mut peers, 1, 1).unwrap();
    (2..4_000).for_each(|n| drop(enter(&mut peers, n, 2).unwrap()));
    assert_eq!(peers.present(), 257);
    (0..5_000).for_each(|n| peers.prove(&key(n)));
    assert_eq!(enter(&mut peers, 4_001, 2), Err(Dropped::Overflow));
    assert!(enter(&mut peers, 4_002, 3).unwrap().joined);
}

#[test]
fn nobody_alone_makes_others_wait_for_members_that_do_not_exist() {
    let mut peers = Peers::new();
    let mut hear = |n: u8, members| {
        let at = SocketAddr::from(([198, 18, 0, n], 1));
        let announce = Announce { members, ..announce("x") };
        peers.on_announce(Time::ZERO, at, (key(n.into()), place(1, 1)), &announce).unwrap();
        peers.believed_members()
    };
    assert_eq!(hear(1, u32::MAX), Some(usize::try_from(u32::MAX).unwrap()));
    hear(2, 3);
    assert_eq!(hear(3, 3), Some(3));
    assert_eq!(hear(4, 4), Some(4));
}
