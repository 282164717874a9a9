//! What is said to all

use super::*;

#[test]
fn a_line_reaches_all_once_and_its_author_too() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.say(0, "hi");
    assert_eq!(lan.heard(0), ["me: hi"]);
    assert_eq!(lan.heard(1), ["ann: hi"]);
    assert_eq!(lan.heard(2), ["ann: hi"]);
    lan.run(10 * SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new());
}

#[test]
fn a_long_line_arrives_whole() {
    let mut lan = Lan::of(&["ann", "bob"]);
    let long = "长".repeat(2_600);
    lan.say(0, &long);
    assert_eq!(lan.heard(1).last(), Some(&format!("ann: {long}")));
}

#[test]
fn what_was_said_before_somebody_came_reaches_them_too() {
    let mut lan = Lan::of(&["ann"]);
    lan.say(0, "one");
    lan.join("bob");
    lan.run(5 * SECOND);
    lan.say(0, "two");
    assert_eq!(lan.heard(1), ["+ann", "ann: one", "ann: two"]);
}

#[test]
fn what_a_newcomer_says_comes_after_what_was_said_before_they_came() {
    let mut lan = Lan::of(&["ann"]);
    for _ in 0..5 {
        lan.say(0, "before");
    }
    lan.join("bob");
    lan.run(SECOND);
    lan.say(1, "after");
    let room = lobby();
    let last = lan.sent.iter().rev().find_map(|sent| match Packet::decode(&sent.bytes, room.tag()) {
        Ok(Packet::Data(entries)) => entries.first()?.claim().map(|entry| entry.lamport),
        Ok(Packet::Frame(_) | Packet::Heartbeat(_) | Packet::Sealed(_)) | Err(_) => None,
    });
    assert_eq!(last, Some(6));
}

#[test]
fn a_lost_line_comes_all_the_same() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.cut = vec![(0, 1)];
    lan.say(0, "one");
    lan.cut.clear();
    lan.run(3 * SECOND);
    assert_eq!(lan.heard(1), ["ann: one"]);
}

#[test]
fn a_line_lost_just_before_a_goodbye_is_said_to_be_missing() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.cut = vec![(0, 1), (1, 0)];
    lan.say(0, "one");
    lan.run(5 * SECOND);
    lan.cut.clear();
    lan.command(0, Command::Leave);
    lan.run(3 * SECOND);
    assert_eq!(lan.heard(1), ["!ann", "ann gap 1"]);
}

#[test]
fn a_line_said_just_before_a_goodbye_goes_along_with_it() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.cut = vec![(0, 1)];
    lan.say(0, "one");
    lan.cut.clear();
    lan.command(0, Command::Leave);
    lan.run(3 * SECOND);
    assert_eq!(lan.heard(1), ["-ann", "ann: one"]);
}

#[test]
fn a_line_from_a_stranger_is_shown_and_the_stranger_asked_who_they_are() {
    let mut lan = Lan::of(&["ann"]);
    lan.cut = vec![(0, 1), (1, 0)];
    lan.join("bob");
    lan.run(SECOND / 2);
    lan.cut.clear();
    lan.say(0, "hi");
    assert_eq!(lan.heard(1), ["ann: hi", "+ann"]);
    assert_eq!(lan.heard(0), ["me: hi", "+bob"]);
}

#[test]
fn an_entry_that_is_known_already_does_not_hide_those_after_it() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.say(0, "one");
    lan.cut = vec![(0, 1)];
    lan.say(0, "two");
    let entries = lan.sent.iter().filter_map(|sent| match Packet::decode(&sent.bytes, lobby().tag()) {
        Ok(Packet::Data(entries)) => Some(entries),
        Ok(Packet::Frame(_) | Packet::Heartbeat(_) | Packet::Sealed(_)) | Err(_) => None,
    });
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.dedup();
    let both = Data { entries: List::new(entries).unwrap() };
    let datagram = both.seal(&lobby());
    lan.hand_over(2, 1, Cast::Unicast, &datagram);
    lan.carry();
    assert_eq!(lan.heard(1), ["ann: one", "ann: two"]);
    assert_eq!(lan.dropped(1, Dropped::Replayed), 1);
}

#[test]
fn newcomers_know_the_names_of_those_who_are_not_there_any_more() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.say(0, "one");
    lan.run(SECOND);
    lan.command(0, Command::Leave);
    lan.run(SECOND);
    let cid = lan.join("cid");
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(cid), ["+bob", "ann: one"]);
    let known: Vec<_> = lan.hosts[cid].node.as_ref().unwrap().known().map(|peer| peer.name).collect();
    assert_eq!(known, [Name::new("ann").unwrap()]);
}
