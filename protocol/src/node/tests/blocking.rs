//! Whom somebody does not want to hear

use super::*;
use crate::wire::{HandshakeInit, HandshakeResponse, HeadsRequest, Range, Want, bounded::Bytes, kind};

#[test]
fn who_is_blocked_is_not_shown_and_what_they_say_is_kept_for_others() {
    let mut lan = Lan::of(&["ann", "bob", "eve"]);
    lan.run(SECOND);
    block(&mut lan, 0, 2);
    lan.heard(0);
    lan.say(2, "unheard");
    lan.command(2, Command::Rename(Name::new("bob").unwrap()));
    lan.run(SECOND);
    lan.command(2, Command::Leave);
    lan.run(SECOND);
    lan.kill(2);
    assert_eq!(lan.heard(0), Vec::<String>::new());
    assert_eq!(lan.count(0), 1, "that they left is known all the same");

    lan.kill(1);
    lan.run(5 * SECOND);
    let cid = lan.join("cid");
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(cid), ["+ann", "eve: unheard"], "nobody but ann is left who has it");
}

#[test]
fn nothing_that_somebody_blocked_asks_is_done() {
    let mut lan = Lan::of(&["ann", "bob", "eve"]);
    lan.run(SECOND);
    lan.say(0, "one");
    lan.run(SECOND);
    block(&mut lan, 0, 2);
    lan.kill(2);
    let mut eve = Speaker::new(identity(2), 2);
    let (ann, bob) = (*identity(0).key(), *identity(1).key());
    let log = crate::wire::LogId { author: ann, epoch: 1 };
    let init = HandshakeInit { to: ann, session: 1, noise: Bytes::new(vec![0; 96]).unwrap() };
    let noise = Bytes::new(vec![0; 48]).unwrap();
    let response = HandshakeResponse { to: ann, session: 1, answers: 1, noise };
    let asked = [
        Body::Ping(Ping { nonce: 1 }),
        Body::PingRequest(PingRequest { target: bob, nonce: 2 }),
        Body::Want(Want { ranges: List::of_one(Range { log, from: 1, count: 1 }) }),
        Body::HeadsRequest(HeadsRequest { after: log }),
        Body::HandshakeInit(init),
        Body::HandshakeResponse(response),
    ];
    lan.sent.clear();
    for body in asked {
        let mut datagram = eve.seal(&lobby(), body);
        lan.hand_over(2, 0, Cast::Unicast, &datagram);
        // Not even whether they signed it is looked at.
        *datagram.last_mut().unwrap() ^= 1;
        lan.hand_over(2, 0, Cast::Unicast, &datagram);
    }
    lan.carry();
    assert_eq!(lan.sent.iter().map(Sent::kind).collect::<Vec<_>>(), Vec::<u8>::new());
    assert_eq!((lan.dropped(0, Dropped::Blocked), lan.dropped(0, Dropped::Forged)), (12, 0));
}

#[test]
fn an_announcement_of_somebody_blocked_is_taken_in_and_not_answered() {
    let mut lan = Lan::of(&["ann"]);
    lan.run(2 * SECOND);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    block(&mut lan, 0, 1);
    lan.sent.clear();
    lan.start(1, "eve", 1, Role::Member);
    assert!(!lan.sent.iter().any(is_answer));
    lan.start(1, "eve", 2, Role::Visitor);
    assert!(!lan.sent.iter().any(is_answer));
    lan.run(2 * SECOND);
    assert_eq!(lan.count(0), 1);
    assert_eq!(lan.heard(0), Vec::<String>::new());
}

#[test]
fn others_find_out_through_whoever_blocked_somebody_that_they_are_there() {
    let mut lan = Lan::of(&["ann", "bob", "eve"]);
    lan.run(SECOND);
    block(&mut lan, 0, 2);
    lan.heard(1);
    lan.cut = vec![(1, 2), (2, 1)];
    lan.run(60 * SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new(), "ann pings eve for bob");
}

#[test]
fn who_is_unblocked_is_there_again_and_what_they_said_meanwhile_is_not_told() {
    let mut lan = Lan::of(&["ann", "eve"]);
    lan.run(SECOND);
    block(&mut lan, 0, 1);
    lan.heard(0);
    for number in 0..50 {
        lan.say(1, &format!("line {number}"));
    }
    lan.run(SECOND);
    lan.command(0, Command::Unblock(*identity(1).key()));
    lan.say(1, "now");
    lan.run(SECOND);
    assert_eq!(lan.heard(0), ["+eve", "eve: now"]);
    lan.command(0, Command::Unblock(*identity(1).key()));
    assert_eq!(lan.heard(0), Vec::<String>::new());
}

#[test]
fn whispers_wait_on_both_sides_until_they_are_let_through() {
    let mut lan = Lan::of(&["ann", "eve"]);
    lan.run(SECOND);
    lan.whisper(1, 0, "while ann listened");
    lan.run(SECOND);
    block(&mut lan, 0, 1);
    lan.heard(0);
    lan.heard(1);
    lan.sent.clear();
    lan.whisper(0, 1, "to eve");
    lan.whisper(1, 0, "to ann");
    lan.run(10 * SECOND);
    assert_eq!(lan.heard(0), ["to eve: to eve"]);
    assert!(
        lan.sent.iter().all(|sent| sent.from == 1 || matches!(sent.kind(), kind::ANNOUNCE | kind::HEARTBEAT))
    );
    assert!(lan.dropped(0, Dropped::NoSession) > 0, "the session that was there is forgotten");
    lan.command(0, Command::Unblock(*identity(1).key()));
    lan.run(60 * SECOND);
    assert_eq!(sorted(lan.heard(0)), ["+eve", "delivered", "eve whispers to ann", "sent"]);
    assert!(lan.heard(1).contains(&"delivered".to_string()));
}

#[test]
fn who_was_blocked_in_an_earlier_run_is_so_from_the_start() {
    let mut lan = Lan::of(&["eve"]);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    let blocked = vec![*identity(0).key()];
    lan.start_with(1, Config { blocked, ..config(1, "ann", 1, Role::Member) });
    lan.say(0, "one");
    lan.run(SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new());
}

fn is_answer(sent: &Sent) -> bool {
    sent.from == 0 && sent.cast == Cast::Unicast && sent.kind() == kind::ANNOUNCE
}

fn block(lan: &mut Lan, host: usize, whom: usize) {
    lan.command(host, Command::Block(*identity(whom).key()));
}
