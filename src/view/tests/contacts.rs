//! Contacts, and who takes their names

use super::*;
use crate::sanitize::clean_name;

const EVE: Uuid = Uuid::from_u128(0xe4e0_0000 << 96);

/// Names that somebody could take for `bob`
const LIKE_BOB: [&str; 6] = ["bob", "Bob", "bоb", "ｂｏｂ", "b0b", "𝐛𝐨𝐛"];

#[test]
fn a_contact_keeps_the_bare_name_and_whoever_looks_like_it_gets_digits() {
    for name in LIKE_BOB {
        let mut view = bob_is_known();
        joined(&mut view, BOB, "bob");
        joined(&mut view, EVE, name);
        assert_eq!((view.label(BOB), view.label(EVE)), ("bob".into(), format!("{name}~e4e0").into()));
        change(&mut view, PeerChange::Gone, BOB, "bob");
        assert_eq!(view.label(EVE), format!("{name}~e4e0"), "alone");
        let earlier = view.labels([(EVE, &name.into()), (BOB, &"bob".into())]);
        assert_eq!(
            (earlier[&EVE].clone(), earlier[&BOB].clone()),
            (format!("{name}~e4e0").into(), "bob".into())
        );
    }
}

#[test]
fn people_who_look_like_each_other_are_told_apart_although_nobody_is_known() {
    for name in LIKE_BOB {
        let mut view = room();
        joined(&mut view, BOB, "bob");
        joined(&mut view, EVE, name);
        assert_eq!((view.label(BOB), view.label(EVE)), ("bob~1234".into(), format!("{name}~e4e0").into()));
        assert!(matches!(view.resolve("bob"), Err(ResolveError::Ambiguous { .. })));
        assert_eq!(view.resolve("bob~e4e0"), Ok(EVE), "typed as it can be typed");
    }
}

#[test]
fn what_is_for_a_contact_goes_to_nobody_else() {
    for name in LIKE_BOB {
        let mut view = bob_is_known();
        joined(&mut view, EVE, name);
        assert!(matches!(view.resolve("bob"), Err(ResolveError::KeyChanged { .. })), "{name}");
        assert!(matches!(view.resolve("bob~e4e0"), Err(ResolveError::KeyChanged { .. })), "{name}");
        assert_eq!(view.resolve("bob~1234"), Ok(BOB), "away, and it waits");
        assert_eq!(view.resolve(&EVE.to_string()), Ok(EVE), "an id is a key");
        assert_eq!((view.find("bob"), view.find("bob~e4e0")), (Ok(BOB), Ok(EVE)));
        assert!(matches!(view.find_exactly("bob"), Err(ResolveError::KeyChanged { .. })));
        assert_eq!((view.find_exactly("bob~1234"), view.find_exactly("bob~e4e0")), (Ok(BOB), Ok(EVE)));
    }
}

#[test]
fn the_name_stays_contested_when_the_other_goes_until_it_is_said_who_is_meant() {
    let mut view = bob_is_known();
    joined(&mut view, EVE, "bob");
    let event = told(EVE, "bob");
    assert_eq!(view.robbed_by(&event), Some(BOB));
    view.apply(&warning(EVE, BOB));
    assert_eq!(view.robbed_by(&event), None, "once");
    change(&mut view, PeerChange::Gone, EVE, "bob");
    let message = view.resolve("bob").unwrap_err().to_string();
    assert!(message.contains("/trust bob~1234") && message.contains("/trust bob~e4e0"), "{message}");

    pin(&mut view, BOB, "bob");
    assert_eq!(view.resolve("bob"), Ok(BOB));
    joined(&mut view, EVE, "bob");
    assert_eq!((view.robbed_by(&event), view.resolve("bob")), (None, Ok(BOB)));
    assert_eq!(view.resolve("bob~e4e0"), Ok(EVE));
    joined(&mut view, OTHER_BOB, "bob");
    assert_eq!(view.robbed_by(&told(OTHER_BOB, "bob")), Some(BOB), "a third one");
}

#[test]
fn a_name_can_be_given_to_the_other() {
    let mut view = bob_is_known();
    joined(&mut view, BOB, "bob");
    joined(&mut view, EVE, "bob");
    view.apply(&contact(ContactChange::Unpinned, BOB, "bob"));
    pin(&mut view, EVE, "bob");
    assert_eq!((view.label(BOB), view.label(EVE)), ("bob~1234".into(), "bob".into()));
    assert_eq!((view.resolve("bob"), view.resolve("bob~1234")), (Ok(EVE), Ok(BOB)));
}

#[test]
fn a_contact_is_meant_by_every_name_they_were_known_by() {
    let mut view = bob_is_known();
    joined(&mut view, BOB, "bob");
    change(&mut view, PeerChange::Renamed, BOB, "rob");
    joined(&mut view, EVE, "bob");
    assert_eq!((view.label(BOB), view.label(EVE)), ("rob".into(), "bob~e4e0".into()));
    assert!(matches!(view.resolve("bob"), Err(ResolveError::KeyChanged { .. })));
    assert_eq!(view.resolve("rob"), Ok(BOB), "nobody took that name");
    pin(&mut view, BOB, "rob");
    change(&mut view, PeerChange::Gone, BOB, "rob");
    change(&mut view, PeerChange::Renamed, EVE, "rob");
    assert!(matches!(view.resolve("rob"), Err(ResolveError::KeyChanged { .. })));
    assert_eq!(view.label(EVE), "rob~e4e0");
}

#[test]
fn a_name_that_ends_in_somebody_elses_digits_means_nobody_by_them() {
    for hostile in ["bob~1234", "bob\u{223c}1234", "bob\u{ff5e}1234"] {
        let mut view = bob_is_known();
        joined(&mut view, EVE, hostile);
        assert_eq!(view.resolve("bob~1234"), Ok(BOB), "{hostile}");
        assert_eq!(view.label(EVE), format!("{hostile}~e4e0"));
        let mut view = room();
        joined(&mut view, EVE, hostile);
        assert!(matches!(view.resolve("bob~1234"), Err(ResolveError::Unknown { .. })), "{hostile}");
        assert_eq!(view.resolve(view.label(EVE).as_written()), Ok(EVE));
    }
}

#[test]
fn digits_are_as_many_as_it_takes_to_tell_from_a_contact_who_is_away() {
    let mut view = bob_is_known();
    joined(&mut view, OTHER_BOB, "bob");
    assert_eq!((view.label(OTHER_BOB), view.full_label(BOB)), ("bob~12349".into(), "bob~12345".into()));
    assert!(matches!(view.resolve("bob~1234"), Err(ResolveError::Ambiguous { .. })));
}

#[test]
fn who_is_blocked_is_not_here_and_not_whispered_to_and_can_be_found() {
    let mut view = room();
    joined(&mut view, EVE, "eve");
    view.apply(&contact(ContactChange::Blocked, EVE, "eve"));
    assert!(view.peers().is_empty());
    assert_eq!(
        view.resolve("eve"),
        Err(ResolveError::Blocked { wanted: "eve".into(), label: clean_name("eve") })
    );
    assert!(matches!(view.resolve(&EVE.to_string()), Err(ResolveError::Blocked { .. })));
    for wanted in ["eve", "EVE", "eve~e4e0", &EVE.to_string()] {
        assert_eq!(view.find_blocked(wanted), Ok(EVE), "{wanted}");
    }
    assert!(matches!(view.find_blocked("bob"), Err(ResolveError::Unknown { .. })));
    view.apply(&contact(ContactChange::Unblocked, EVE, "eve"));
    assert_eq!(view.resolve("eve"), Ok(EVE));
    assert!(matches!(view.find_blocked("eve"), Err(ResolveError::Unknown { .. })));
}

#[test]
fn who_took_a_name_and_is_blocked_is_in_nobodys_way() {
    let mut view = bob_is_known();
    joined(&mut view, EVE, "bob");
    view.apply(&warning(EVE, BOB));
    view.apply(&contact(ContactChange::Blocked, EVE, "bob"));
    assert_eq!(view.resolve("bob"), Ok(BOB));
    assert_eq!(view.find_blocked("bob"), Ok(EVE));
}

#[test]
fn what_was_said_long_ago_by_a_namesake_is_no_news() {
    let view = bob_is_known();
    for (past, robbed) in [(false, Some(BOB)), (true, None)] {
        let mut event = crate::event::tests::line(1, "hi");
        if let Event::Message { past: is_past, from, .. } = &mut event {
            (*is_past, *from) = (past, crate::event::Author::new(EVE, "bob"));
        }
        assert_eq!(view.robbed_by(&event), robbed);
    }
}

fn bob_is_known() -> View {
    let mut view = room();
    view.remember(BOB, "bob");
    pin(&mut view, BOB, "bob");
    view
}

fn pin(view: &mut View, id: Uuid, name: &str) {
    view.apply(&contact(ContactChange::Pinned, id, name));
}

fn contact(change: ContactChange, id: Uuid, name: &str) -> Event {
    let trust = (change == ContactChange::Pinned).then_some(Trust::Pinned);
    let blocked = change == ContactChange::Blocked;
    Event::Contact(Contact { change, id, name: name.into(), trust, blocked })
}

fn warning(id: Uuid, contact: Uuid) -> Event {
    let (code, message) = (WarningCode::KeyChanged, String::new());
    Event::Warning(Warning { code, id, name: "bob".into(), contact: Some(contact), message })
}

fn told(id: Uuid, name: &str) -> Event {
    let (change, addr) = (PeerChange::Joined, ADDR.parse().ok());
    Event::Peer { change, id, name: name.into(), was: None, note: None, addr }
}
