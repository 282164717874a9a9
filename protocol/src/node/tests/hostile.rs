//! What others record, forge, and make up

use super::*;
use crate::wire::{Announce, kind};

#[test]
fn recorded_traffic_changes_nothing_when_it_comes_again() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.say(0, "one");
    lan.whisper(0, 1, "psst");
    lan.command(0, Command::Leave);
    lan.run(SECOND);
    lan.heard(1);
    let recorded: Vec<_> = lan.sent.iter().filter(|sent| sent.from == 0).cloned().collect();
    for sent in recorded {
        lan.hand_over(0, 1, sent.cast, &sent.bytes);
    }
    lan.carry();
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert_eq!(lan.count(1), 0);
    assert!(lan.dropped(1, Dropped::Replayed) > 5);
}

#[test]
fn nobody_is_believed_to_have_said_what_they_did_not_sign() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.command(0, Command::Rename(Name::new("eve").unwrap()));
    lan.cut = vec![(0, 1)];
    lan.run(MOMENT);
    lan.say(0, "one");
    lan.whisper(0, 1, "psst");
    lan.command(0, Command::Leave);
    lan.run(MOMENT);
    let before = lan.dropped(1, Dropped::Forged);
    let unheard: Vec<_> = lan.sent.iter().rev().take(4).cloned().collect();
    for mut sent in unheard {
        let last = sent.bytes.len() - 1;
        sent.bytes[last] ^= 1;
        lan.cut.clear();
        lan.hand_over(0, 1, sent.cast, &sent.bytes);
        lan.cut = vec![(0, 1)];
        // More forgeries at once would be dropped unread.
        lan.run(10 * MOMENT);
    }
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert_eq!(lan.dropped(1, Dropped::Forged), before + 4);
}

#[test]
fn what_everyone_would_answer_is_not_answered_when_everyone_hears_it() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    lan.sent.clear();
    let mut eve = Speaker::new(identity(7), 1);
    let target = *identity(2).key();
    for body in [Body::Ping(Ping { nonce: 1 }), Body::PingRequest(PingRequest { target, nonce: 2 })] {
        let datagram = eve.seal(&lobby(), body);
        lan.hand_over(0, 1, Cast::Broadcast, &datagram);
        lan.carry();
    }
    assert!(lan.sent.is_empty(), "{} datagrams", lan.sent.len());
    assert_eq!(lan.dropped(1, Dropped::Misdirected), 2);
}

#[test]
fn what_was_recorded_before_somebody_started_does_not_come_in_beside_what_is_new() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.sent.clear();
    lan.whisper(0, 1, "psst");
    lan.kill(1);
    lan.start(1, "bob", 2, Role::Member);
    lan.run(SECOND);
    lan.heard(1);
    for (kind, why) in [(kind::HANDSHAKE_INIT, Dropped::Replayed), (kind::SEALED, Dropped::NoSession)] {
        let recorded = lan.sent.iter().find(|sent| sent.kind() == kind).unwrap().clone();
        lan.hand_over(0, 1, recorded.cast, &recorded.bytes);
        lan.carry();
        assert_eq!(lan.heard(1), Vec::<String>::new());
        assert_eq!(lan.dropped(1, why), 1);
    }
}

/// A network of ann, bob, and an address where nobody is
fn with_victim() -> (Lan, usize) {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(2 * SECOND);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.sent.clear();
    (lan, 2)
}

/// Somebody whom nobody knows
fn stranger(n: usize) -> Speaker {
    Speaker::new(identity(1_000 + n), 1)
}

#[test]
fn a_forged_address_is_not_flooded_with_answers() {
    let (mut lan, victim) = with_victim();
    let room = lobby();
    let Body::Announce(announce) = lan.hosts[1].node.as_ref().unwrap().announcement(SECOND, true) else {
        panic!("not an announcement");
    };
    let bodies = [Body::Announce(Announce { visitor: true, ..announce }), Body::Ping(Ping { nonce: 1 })];
    for n in 0..100 {
        for (body, cast) in bodies.iter().zip([Cast::Broadcast, Cast::Unicast]) {
            let datagram = stranger(n).seal(&room, body.clone());
            lan.hand_over(victim, 0, cast, &datagram);
            lan.carry();
        }
    }
    assert_eq!(lan.sent.len(), 64);
}

#[test]
fn nobody_pings_for_strangers() {
    let (mut lan, victim) = with_victim();
    let request = PingRequest { target: *identity(1).key(), nonce: 1 };
    let datagram = stranger(0).seal(&lobby(), Body::PingRequest(request));
    lan.hand_over(victim, 0, Cast::Unicast, &datagram);
    lan.carry();
    assert!(lan.sent.iter().all(|sent| sent.kind() == kind::ANNOUNCE), "asks who that is");
    assert_eq!(lan.dropped(0, Dropped::Stranger), 1);
}

#[test]
fn a_node_hearing_itself_spends_no_time_on_signatures() {
    let mut lan = Lan::of(&["ann"]);
    lan.run(SECOND);
    let mut echo = lan.sent.pop().unwrap();
    lan.hand_over(1, 0, echo.cast, &echo.bytes);
    *echo.bytes.last_mut().unwrap() ^= 1;
    lan.hand_over(1, 0, echo.cast, &echo.bytes);
    assert_eq!((lan.dropped(0, Dropped::Own), lan.dropped(0, Dropped::Forged)), (2, 0));
}

#[test]
fn a_run_that_did_not_announce_itself_is_a_strangers() {
    let (mut lan, victim) = with_victim();
    let mut next_bob = Speaker::new(identity(1), 2);
    let ping = next_bob.seal(&lobby(), Body::Ping(Ping { nonce: 1 }));
    let request = PingRequest { target: *identity(1).key(), nonce: 1 };
    let request = next_bob.seal(&lobby(), Body::PingRequest(request));
    for _ in 0..100 {
        lan.hand_over(victim, 0, Cast::Unicast, &ping);
        lan.hand_over(victim, 0, Cast::Unicast, &request);
    }
    lan.carry();
    assert_eq!(lan.sent.len(), 64);
    assert_eq!(lan.dropped(0, Dropped::Stranger), 100);
}
