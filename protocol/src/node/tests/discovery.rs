//! Who finds whom, and what it costs

use super::*;
use crate::wire::kind;

#[test]
fn whoever_starts_is_known_to_all_and_knows_all_at_once() {
    let mut lan = Lan::of(&["ann", "bob", "cid", "dan"]);
    lan.run(MOMENT);
    for host in 0..4 {
        assert_eq!(lan.count(host), 3);
        assert!(lan.hosts[host].node.as_ref().unwrap().knows_everyone());
    }
    assert_eq!(lan.heard(0), ["+bob", "+cid", "+dan"]);
    assert_eq!(lan.heard(3), ["+ann", "+bob", "+cid"]);
}

#[test]
fn a_start_costs_one_answer_each() {
    let mut lan = Lan::of(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    lan.run(5 * SECOND);
    lan.sent.clear();
    let newcomer = lan.join("new");
    lan.run(Duration::from_millis(300));
    let announcements = || lan.sent.iter().filter(|sent| sent.kind() == kind::ANNOUNCE);
    assert_eq!(announcements().filter(|sent| sent.cast == Cast::Unicast).count(), 8);
    assert_eq!(announcements().filter(|sent| sent.from == newcomer).count(), 4);
}

#[test]
fn a_restart_is_not_a_new_person() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.say(0, "one");
    lan.heard(1);
    lan.kill(0);
    lan.start(0, "ann", 2, Role::Member);
    lan.say(0, "two");
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(1), ["ann: two"]);
    assert_eq!(lan.count(1), 1);
}

#[test]
fn a_new_name_is_known_at_once() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.command(0, Command::Rename(Name::new("anna").unwrap()));
    lan.run(MOMENT);
    assert_eq!(lan.heard(1), ["ann=anna"]);
}

#[test]
fn a_visitor_learns_who_is_there_and_leaves_no_trace() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    (0..2).for_each(|host| drop(lan.heard(host)));
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.start(2, "eve", 1, Role::Visitor);
    assert_eq!(lan.heard(2), ["+ann", "+bob"]);
    assert!(lan.hosts[2].node.as_ref().unwrap().knows_everyone());
    lan.command(2, Command::Leave);
    lan.run(SECOND);
    assert_eq!(lan.heard(0), Vec::<String>::new());
    assert_eq!(lan.count(0), 1);
}

#[test]
fn two_programs_with_one_key_are_told_to_the_older_one() {
    let mut lan = Lan::of(&["ann"]);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    let twin = Config { identity: identity(0), ..config(1, "ann", 2, Role::Member) };
    lan.hosts[1].node = Some(Node::new(twin, lan.now));
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(0), ["key in use"]);
    assert_eq!(lan.heard(1), Vec::<String>::new());
}

#[test]
fn the_same_seeds_and_inputs_give_the_same_bytes() {
    let story = || {
        let mut lan = Lan::of(&["ann", "bob", "cid"]);
        lan.run(3 * SECOND);
        lan.say(0, "hi");
        lan.whisper(1, 2, "psst");
        lan.kill(2);
        lan.run(5 * SECOND);
        lan.sent.into_iter().map(|sent| sent.bytes).collect::<Vec<_>>()
    };
    assert_eq!(story(), story());
}

#[test]
fn a_quiet_small_room_costs_one_announcement_a_second_each_and_nothing_else() {
    let mut lan = Lan::of(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    lan.run(5 * SECOND);
    lan.sent.clear();
    lan.run(100 * SECOND);
    assert!(lan.sent.iter().all(|sent| sent.cast == Cast::Broadcast));
    assert!((700..900).contains(&lan.sent.len()), "{}", lan.sent.len());
}

#[test]
fn whoever_is_asked_who_they_are_says_so_even_to_those_who_know_more() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.cut = vec![(1, 2), (2, 0)];
    lan.join("cid");
    lan.run(2 * SECOND);
    assert_eq!((lan.count(0), lan.count(2)), (1, 1));
    lan.cut = vec![(1, 2)];
    lan.say(2, "hi");
    assert_eq!(lan.count(0), 2);
}
