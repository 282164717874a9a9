//! What nobody has anything to add to is repeated without a signature

use super::*;
use crate::wire::{Announce, Extension, Heartbeat, Link, Pulse, kind};

/// The heartbeats of `host`, as they were sent
fn heartbeats(lan: &Lan, host: usize) -> Vec<Vec<u8>> {
    let of_host = lan.sent.iter().filter(|sent| sent.from == host && sent.kind() == kind::HEARTBEAT);
    of_host.map(|sent| sent.bytes.clone()).collect()
}

fn hand(lan: &mut Lan, host: usize, from: usize, bytes: &[u8]) {
    let input = Input::Datagram { from: addr(from), cast: Cast::Broadcast, bytes };
    lan.hosts[host].node.as_mut().unwrap().handle_input(lan.now, input);
    lan.carry();
}

fn made_up(sender: usize, place: u16) -> Vec<u8> {
    let (sender, link) = (*identity(sender).key(), Link::first(&place.to_le_bytes()));
    Heartbeat { sender, incarnation: 1, place, link }.seal(&lobby())
}

#[test]
fn a_quiet_room_is_told_little_more_than_heartbeats_and_nobody_asks() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(10 * SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.sent.clear();
    lan.run(120 * SECOND);
    let of_kind = |wanted| lan.sent.iter().filter(|sent| sent.kind() == wanted).count();
    let (beats, full) = (of_kind(kind::HEARTBEAT), of_kind(kind::ANNOUNCE));
    assert_eq!(beats + full, lan.sent.len());
    assert!(
        (300..=420).contains(&lan.sent.len()) && full <= beats / 8,
        "{beats} heartbeats, {full} announcements"
    );
    assert!((0..3).all(|host| lan.heard(host).is_empty() && lan.count(host) == 2));
}

#[test]
fn news_is_announced_in_full() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(10 * SECOND);
    lan.command(0, Command::Rename(Name::new("anna").unwrap()));
    lan.run(MOMENT);
    assert!(lan.heard(1).contains(&"ann=anna".to_string()));
    lan.say(0, "hi");
    lan.sent.clear();
    lan.run(SECOND + SECOND / 4);
    let first = lan.sent.iter().find(|sent| sent.from == 1 && sent.kind() != kind::DATA).unwrap();
    assert_eq!(first.kind(), kind::ANNOUNCE);
}

#[test]
fn who_was_killed_is_gone_though_their_heartbeats_are_repeated() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(20 * SECOND);
    let recorded = heartbeats(&lan, 0);
    assert!(recorded.len() > 5);
    lan.heard(1);
    lan.unplug(0);
    for beat in recorded.iter().chain(&recorded) {
        lan.run(SECOND / 4);
        hand(&mut lan, 1, 0, beat);
    }
    assert_eq!(lan.heard(1), ["!ann"]);
    assert!(lan.dropped(1, Dropped::Replayed) >= recorded.len() as u64);
}

#[test]
fn nobody_is_there_for_a_heartbeat_that_somebody_made_up() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(10 * SECOND);
    lan.heard(1);
    lan.unplug(0);
    for place in 1..=40 {
        lan.run(SECOND / 8);
        hand(&mut lan, 1, 0, &made_up(0, place));
    }
    assert_eq!(lan.heard(1), ["!ann"]);
    assert_eq!(lan.dropped(1, Dropped::Stranger), 40);
}

#[test]
fn two_halves_that_never_met_find_together_by_the_next_heartbeat() {
    let mut lan = Lan::new();
    lan.cut = vec![(0, 1), (1, 0)];
    lan.join("ann");
    lan.join("bob");
    lan.run(30 * SECOND);
    assert_eq!((lan.count(0), lan.count(1)), (0, 0));
    lan.cut.clear();
    lan.run(SECOND + SECOND / 4);
    assert_eq!((lan.heard(0), lan.heard(1)), (vec!["+bob".to_string()], vec!["+ann".to_string()]));
}

#[test]
fn whoever_missed_the_announcement_asks_for_it_at_the_next_heartbeat() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(30 * SECOND);
    lan.heard(1);
    lan.cut = vec![(0, 1)];
    lan.command(0, Command::Rename(Name::new("anna").unwrap()));
    lan.run(4 * SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new());
    lan.cut.clear();
    lan.run(SECOND + SECOND / 4);
    assert_eq!(lan.heard(1), ["ann=anna"]);
}

#[test]
fn heartbeats_from_before_a_goodbye_or_a_restart_bring_nobody_back() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(20 * SECOND);
    let recorded = heartbeats(&lan, 0);
    lan.command(0, Command::Leave);
    lan.run(SECOND);
    lan.heard(1);
    recorded.iter().for_each(|beat| hand(&mut lan, 1, 0, beat));
    assert_eq!(lan.heard(1), Vec::<String>::new());
    lan.start(0, "ann", 2, Role::Member);
    lan.run(SECOND);
    assert_eq!(lan.heard(1), ["+ann"]);
    let replayed = lan.dropped(1, Dropped::Replayed);
    recorded.iter().for_each(|beat| hand(&mut lan, 1, 0, beat));
    assert_eq!(lan.dropped(1, Dropped::Replayed) - replayed, recorded.len() as u64);
}

#[test]
fn nobody_takes_their_own_heartbeat_for_somebody() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(10 * SECOND);
    let own = heartbeats(&lan, 0).pop().unwrap();
    lan.sent.clear();
    hand(&mut lan, 0, 0, &own);
    assert_eq!((lan.dropped(0, Dropped::Own), lan.sent.len()), (1, 0));
}

#[test]
fn a_made_up_heartbeat_draws_no_more_than_three_times_its_bytes() {
    let mut lan = Lan::new();
    for host in 0..7 {
        lan.join(&host.to_string().repeat(Name::MAX_BYTES));
    }
    lan.run(5 * SECOND);
    (0..7).for_each(|host| lan.say(host, "hi"));
    lan.sent.clear();
    let made_up = made_up(9, 1);
    hand(&mut lan, 1, 0, &made_up);
    let question = &lan.sent[0];
    assert_eq!((question.from, question.cast, question.kind()), (1, Cast::Unicast, kind::ANNOUNCE));
    assert!(question.bytes.len() <= 3 * made_up.len(), "{} bytes", question.bytes.len());
}

#[test]
fn a_question_makes_nobody_forget_what_is_repeated() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(20 * SECOND);
    hand(&mut lan, 1, 0, &made_up(9, 1));
    lan.run(10 * SECOND);
    assert_eq!(lan.dropped(0, Dropped::Stranger), 0);
}

#[test]
fn heartbeats_from_before_the_announcement_that_was_asked_for_are_replays() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(30 * SECOND);
    lan.cut = vec![(0, 1)];
    lan.command(0, Command::Rename(Name::new("anna").unwrap()));
    lan.sent.clear();
    lan.run(20 * SECOND);
    lan.cut.clear();
    while !lan.heard(1).contains(&"ann=anna".to_string()) {
        lan.run(MOMENT);
    }
    let recorded = heartbeats(&lan, 0);
    assert!(recorded.len() > 10);
    lan.unplug(0);
    for beat in &recorded {
        lan.run(SECOND / 2);
        hand(&mut lan, 1, 0, beat);
    }
    assert_eq!(lan.heard(1), ["!anna"]);
}

/// How many heartbeats at these places bob takes for replays and for a stranger's, after eve announced that link of the
/// chain as the last that she showed
fn after_a_pulse_at(place: u16, shown: [u16; 2]) -> (u64, u64) {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    let Body::Announce(ours) = lan.hosts[0].node.as_ref().unwrap().announcement(SECOND, false) else {
        panic!("not an announcement");
    };
    let secret = Link::first(b"eve");
    let pulse = Pulse { link: secret, place, interval_ms: 1_000 };
    let extensions = List::of_one(Extension::of(Extension::PULSE, &pulse).unwrap());
    let announce = Announce { name: Name::new("eve").unwrap(), extensions, ..ours };
    let mut eve = Speaker::new(identity(2), 1);
    hand(&mut lan, 1, 2, &eve.seal(&lobby(), Body::Announce(announce)));
    for at in shown {
        let beat =
            Heartbeat { sender: *identity(2).key(), incarnation: 1, place: at, link: secret.on(place - at) };
        hand(&mut lan, 1, 2, &beat.seal(&lobby()));
    }
    (lan.dropped(1, Dropped::Replayed), lan.dropped(1, Dropped::Stranger))
}

#[test]
fn whoever_announces_a_place_that_no_chain_has_announces_no_chain() {
    assert_eq!(after_a_pulse_at(Link::CHAIN, [63, 64]), (2, 0));
    assert_eq!(after_a_pulse_at(Link::CHAIN + 1, [63, 64]), (0, 2));
}
