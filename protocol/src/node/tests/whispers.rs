//! What is said to one

use super::*;
use crate::wire::kind;

#[test]
fn a_whisper_reaches_one_and_its_author_learns_that_it_did() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.whisper(0, 1, "psst");
    lan.run(MOMENT);
    assert_eq!(lan.heard(0), ["to bob: psst", "sent", "delivered"]);
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
    assert_eq!(lan.heard(2), Vec::<String>::new());
}

#[test]
fn a_whisper_is_repeated_until_it_is_through_and_shown_once() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    (0..2).for_each(|host| drop(lan.heard(host)));
    lan.cut = vec![(1, 0)];
    lan.whisper(0, 1, "psst");
    lan.run(SECOND);
    assert_eq!(lan.heard(0), ["to bob: psst", "sent"]);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(0), ["delivered"]);
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
}

#[test]
fn a_whisper_to_somebody_gone_waits_for_them_or_ends() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.unplug(1);
    lan.run(5 * SECOND);
    lan.heard(0);
    lan.whisper(0, 1, "one");
    assert_eq!(lan.heard(0), ["to bob: one", "queued"]);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(0), ["+bob", "sent", "delivered"]);
    lan.unplug(1);
    lan.run(5 * SECOND);
    lan.whisper(0, 1, "two");
    lan.run(31 * SECOND);
    assert_eq!(lan.heard(0), ["!bob", "to bob: two", "queued", "expired"]);
    lan.command(0, Command::Whisper { to: identity(9).id(), text: text("?"), at: WallTime::default() });
    assert_eq!(lan.heard(0), ["not whispered: Unknown"]);
}

#[test]
fn a_long_whisper_is_whole_though_its_receiver_starts_anew_in_the_middle() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.sent.clear();
    lan.cut = vec![(0, 1)];
    let long = "x".repeat(2_000);
    lan.whisper(0, 1, &long);
    let parts: Vec<_> = lan.sent.iter().filter(|sent| sent.kind() == kind::WHISPER).cloned().collect();
    lan.cut.clear();
    for part in &parts[..2] {
        lan.hand_over(0, 1, part.cast, &part.bytes);
    }
    lan.carry();
    lan.kill(1);
    lan.heard(1);
    lan.start(1, "bob", 2, Role::Member);
    lan.run(3 * SECOND);
    assert!(lan.heard(1).contains(&format!("ann whispers {long}")));
    assert_eq!(lan.heard(0).last().unwrap(), "delivered");
}

#[test]
fn who_is_back_says_so_before_what_they_whisper() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.cut = vec![(0, 1)];
    lan.run(5 * SECOND);
    lan.heard(1);
    lan.cut.clear();
    lan.whisper(0, 1, "psst");
    assert_eq!(lan.heard(1), ["+ann", "ann whispers psst"]);
}
