//! Newcomers, and what was recorded before they came

use super::*;
use crate::wire::kind;

/// Ann says something, and is recorded; her program ends without a goodbye
fn recording_of_ann(lan: &mut Lan) -> Vec<Sent> {
    lan.run(3 * SECOND);
    lan.say(0, "long ago");
    lan.run(3 * SECOND);
    let recorded = lan.sent.iter().filter(|sent| sent.from == 0).cloned().collect();
    lan.kill(0);
    recorded
}

/// A start of bob's, long after incarnation 1 of everybody began
fn bob_of_later() -> Config {
    config(1, "bob", 1_000_000, Role::Member)
}

#[test]
fn whoever_was_recorded_before_a_newcomer_started_is_not_there_for_it() {
    let mut lan = Lan::of(&["ann", "cid"]);
    let recorded = recording_of_ann(&mut lan);
    lan.kill(1);
    lan.heard(1);
    lan.run(60 * SECOND);
    lan.start_with(1, bob_of_later());
    for chunk in recorded.chunks(3) {
        for sent in chunk {
            lan.hand_over(0, 1, sent.cast, &sent.bytes);
        }
        lan.run(SECOND / 5);
        assert_eq!(lan.count(1), 0);
    }
    let told = lan.heard(1);
    assert!(!told.iter().any(|told| told.starts_with(['+', '!', '-'])), "{told:?}");
    assert!(lan.dropped(1, Dropped::Unproven) > 3);
}

#[test]
fn whoever_is_there_is_listed_by_a_newcomer_at_once_whatever_its_clock_shows() {
    let mut lan = Lan::of(&["ann"]);
    lan.run(5 * SECOND);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.sent.clear();
    lan.start_with(1, bob_of_later());
    assert_eq!((lan.count(0), lan.count(1)), (1, 1));
    let announcements = lan.sent.iter().filter(|sent| sent.kind() == kind::ANNOUNCE).count();
    assert_eq!(announcements, 2, "an announcement and an answer");
    // Bob hears ann before she hears him.
    lan.kill(1);
    lan.run(20 * SECOND);
    lan.cut = vec![(1, 0)];
    lan.start_with(1, Config { incarnation: 1_000_001, ..bob_of_later() });
    lan.run(SECOND / 2);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!((lan.count(0), lan.count(1)), (1, 1));
}

#[test]
fn a_newcomer_whose_clock_is_behind_is_listed_as_soon_as_it_has_answered() {
    let mut lan = Lan::new();
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.start_with(0, config(0, "ann", 1_000_000, Role::Member));
    lan.run(5 * SECOND);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.start_with(1, config(1, "bob", 1, Role::Member));
    assert_eq!((lan.count(0), lan.count(1)), (1, 1));
}
