//! Who is there, who left, who is gone

use super::*;
use crate::wire::kind;

#[test]
fn a_goodbye_is_known_at_once_and_final() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.command(0, Command::Leave);
    lan.run(MOMENT);
    assert_eq!(lan.heard(1), ["-ann"]);
    lan.run(SECOND);
    assert_eq!(lan.heard(0).last().unwrap(), "departed");
    assert_eq!(lan.hosts[0].node.as_ref().unwrap().poll_timeout(), None);
    assert_eq!(lan.heard(1), Vec::<String>::new());
}

#[test]
fn a_killed_program_is_noticed_by_its_closed_port_within_an_interval() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(7 * SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.kill(0);
    lan.run(Duration::from_millis(1_400));
    assert_eq!(lan.heard(1), ["!ann"]);
    assert_eq!(lan.heard(2), ["!ann"]);
}

#[test]
fn a_pulled_cable_is_noticed_within_four_seconds_on_both_ends() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(7 * SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.unplug(0);
    lan.run(4 * SECOND);
    assert_eq!(lan.heard(1), ["!ann"]);
    assert_eq!(sorted(lan.heard(0)), ["!bob", "!cid"]);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(1), ["+ann"]);
    assert_eq!(sorted(lan.heard(0)), ["+bob", "+cid"]);
}

#[test]
fn who_cannot_be_heard_directly_but_through_others_is_not_gone() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.cut = vec![(0, 1)];
    lan.run(60 * SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert_eq!(lan.count(1), 2);
}

#[test]
fn a_goodbye_of_a_start_that_was_missed_ends_that_start() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.kill(0);
    lan.cut = vec![(0, 1)];
    lan.start(0, "ann", 2, Role::Member);
    let missed = lan.sent.iter().rev().find(|sent| sent.cast == Cast::Broadcast).unwrap().clone();
    lan.cut.clear();
    lan.command(0, Command::Leave);
    lan.run(SECOND);
    lan.heard(1);
    lan.hand_over(0, 1, missed.cast, &missed.bytes);
    lan.carry();
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert_eq!(lan.count(1), 0);
}

#[test]
fn a_node_that_slept_does_not_blame_the_others() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(0);
    let asleep = lan.hosts[0].node.take();
    lan.now += 3_600 * SECOND;
    lan.hosts[1].node.as_mut().unwrap().handle_timeout(lan.now);
    lan.hosts[0].node = asleep;
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(0), Vec::<String>::new());
}

#[test]
fn nobody_asks_whether_all_are_there_because_many_came() {
    let mut lan = Lan::new();
    for host in 0..40 {
        lan.join(&format!("p{host}"));
        lan.run(if host < 10 { SECOND } else { MOMENT });
    }
    lan.run(SECOND / 2);
    lan.sent.clear();
    lan.run(20 * SECOND);
    let is_presence = |sent: &Sent| matches!(sent.kind(), kind::ANNOUNCE | kind::HEARTBEAT);
    assert!(lan.sent.iter().all(is_presence), "{} datagrams", lan.sent.len());
}

#[test]
fn what_was_heard_on_waking_is_not_counted_as_heard_when_the_sleep_is_over() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(0);
    let asleep = lan.hosts[0].node.take();
    let from = lan.sent.len();
    lan.run(2 * SECOND);
    lan.kill(1);
    lan.hosts[0].node = asleep;
    lan.now += 3_600 * SECOND;
    for sent in lan.sent.split_off(from) {
        lan.hand_over(1, 0, sent.cast, &sent.bytes);
    }
    lan.run(4 * SECOND);
    assert_eq!(lan.heard(0), ["!bob"]);
}
