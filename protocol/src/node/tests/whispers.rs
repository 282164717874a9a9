//! What is said to one

use super::*;

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
