//! Who is meant and what they are called

mod contacts;

use super::*;

const ALICE: Uuid = Uuid::from_u128(0xa11c_e000 << 96);
const BOB: Uuid = Uuid::from_u128(0x1234_5678 << 96);
const OTHER_BOB: Uuid = Uuid::from_u128(0x1234_9999 << 96);
const ADDR: &str = "198.18.0.2:25253";

#[test]
fn peers_come_go_and_change_their_names() {
    let mut view = room();
    joined(&mut view, BOB, "bob");
    assert_eq!(view.label(BOB), "bob");
    change(&mut view, PeerChange::Renamed, BOB, "rob");
    assert_eq!(view.resolve("rob"), Ok(BOB));
    change(&mut view, PeerChange::Gone, BOB, "rob");
    assert!(view.peers().is_empty());
    assert_eq!(view.label(BOB), "rob");
    assert_eq!(view.label(OTHER_BOB), "~12349999");
}

#[test]
fn who_is_away_stays_so_under_another_name_until_they_are_back_or_come_anew() {
    let mut view = room();
    joined(&mut view, BOB, "bob");
    let away = |view: &View| view.peers().get(&BOB).map(|peer| (peer.away, peer.note.is_some()));
    let leave = Event::Peer {
        change: PeerChange::Away,
        id: BOB,
        name: "bob".into(),
        was: None,
        note: Some("at lunch".into()),
        addr: ADDR.parse().ok(),
    };
    view.apply(&leave);
    change(&mut view, PeerChange::Renamed, BOB, "rob");
    assert_eq!((away(&view), view.resolve("rob")), (Some((true, true)), Ok(BOB)));
    change(&mut view, PeerChange::Back, BOB, "rob");
    assert_eq!(away(&view), Some((false, false)));
    view.apply(&leave);
    joined(&mut view, BOB, "bob");
    assert_eq!(away(&view), Some((false, false)));
}

#[test]
fn oneself_is_away_and_back() {
    let mut view = room();
    let me = view.id();
    assert!(!view.is_away());
    change(&mut view, PeerChange::Away, me, "alice");
    assert_eq!((view.is_away(), view.note(), view.peers().len()), (true, None, 0));
    change(&mut view, PeerChange::Back, me, "alice");
    assert!(!view.is_away());
}

#[test]
fn of_topics_the_one_with_the_greatest_place_counts_and_each_room_has_its_own() {
    let mut view = room();
    let contract = crate::event::tests::contract();
    let Event::Topic(latest) = contract[33].clone() else { panic!("no topic") };
    let Event::Message { order, .. } = contract[4] else { panic!("no message") };
    let older = Topic { text: "dogs".into(), order: Some(order), ..latest.clone() };
    for topics in [[&older, &latest], [&latest, &older]] {
        topics.into_iter().for_each(|topic| view.apply(&Event::Topic(topic.clone())));
        assert_eq!(view.topic().map(|topic| topic.text.as_written()), Some("cats"));
    }
    view.apply(&contract[27]);
    assert_eq!(view.topic(), None);
}

#[test]
fn who_is_away_can_be_named_unless_somebody_here_is_meant() {
    let mut view = room();
    view.remember(BOB, "bob");
    assert_eq!(view.resolve("bob"), Ok(BOB));
    assert!(view.peers().is_empty());
    joined(&mut view, OTHER_BOB, "Bob");
    assert_eq!(view.resolve("bob"), Ok(OTHER_BOB));
    assert_eq!(view.resolve("bob~12345"), Ok(BOB));
    assert_eq!(view.resolve(&BOB.to_string()), Ok(BOB));
    assert_eq!((view.label(BOB), view.label(OTHER_BOB)), ("bob~12345".into(), "Bob".into()));
    joined(&mut view, BOB, "bob");
    assert!(matches!(view.resolve("bob"), Err(ResolveError::Ambiguous { .. })));
}

#[test]
fn a_name_an_id_or_its_first_digits_name_one() {
    let mut view = room();
    joined(&mut view, BOB, "Bob");
    joined(&mut view, OTHER_BOB, "bob");
    assert_eq!(view.resolve(&BOB.to_string()), Ok(BOB));
    assert_eq!(view.resolve("bob~12345"), Ok(BOB));
    assert_eq!(view.resolve("BOB~1234-9"), Ok(OTHER_BOB));
    assert_eq!(
        view.resolve("bob"),
        Err(ResolveError::Ambiguous { wanted: "bob".into(), ids: vec![BOB, OTHER_BOB] })
    );
    assert!(matches!(view.resolve("bob~1234"), Err(ResolveError::Ambiguous { .. })));
    assert!(matches!(view.resolve("bob~123"), Err(ResolveError::Unknown { .. })));
    assert!(matches!(view.resolve("alice"), Err(ResolveError::Unknown { .. })));
}

#[test]
fn the_message_for_an_ambiguous_name_lists_both_ids() {
    let mut view = room();
    joined(&mut view, BOB, "bob");
    joined(&mut view, OTHER_BOB, "bob");
    let message = view.resolve("bob").unwrap_err().to_string();
    assert!(message.contains(&BOB.to_string()) && message.contains(&OTHER_BOB.to_string()), "{message}");
}

#[test]
fn namesakes_are_told_apart_by_as_many_digits_as_that_takes() {
    let mut view = room();
    joined(&mut view, BOB, "bob");
    joined(&mut view, OTHER_BOB, "BOB");
    assert_eq!(view.label(BOB), "bob~12345");
    assert_eq!(view.label(OTHER_BOB), "BOB~12349");
    for id in [BOB, OTHER_BOB] {
        assert_eq!(view.resolve(view.label(id).as_written()), Ok(id));
    }
}

#[test]
fn nobody_passes_for_me_or_for_a_label() {
    let mut view = room();
    joined(&mut view, BOB, "Alice");
    assert_eq!(view.label(BOB), "Alice~1234");
    joined(&mut view, OTHER_BOB, "carol~5678");
    assert_eq!(view.label(OTHER_BOB), "carol~5678~1234");
}

#[test]
fn who_has_no_name_is_called_by_digits_once() {
    let mut view = room();
    assert_eq!(view.label(BOB), "~12345678");
    assert_eq!(view.label_as(BOB, &"~12345678".into()), "~12345678");
    joined(&mut view, OTHER_BOB, "~12345678");
    assert_eq!(view.label(OTHER_BOB), "~12345678~1234", "another's digits");
    joined(&mut view, BOB, "bob");
    assert_eq!(view.label_as(BOB, &"~12345678".into()), "bob", "by now");
}

#[test]
fn the_own_name_changes_too() {
    let mut view = room();
    change(&mut view, PeerChange::Renamed, ALICE, "alicia");
    assert_eq!((view.name(), view.peers().len()), (&"alicia".into(), 0));
    assert_eq!(view.label(ALICE), "alicia");
}

fn room() -> View {
    let mut view = View::default();
    view.apply(&Event::Ready {
        id: ALICE,
        name: "alice".into(),
        room: "lobby".into(),
        port: 25252,
        private: false,
    });
    view
}

fn joined(view: &mut View, id: Uuid, name: &str) {
    change(view, PeerChange::Joined, id, name);
}

fn change(view: &mut View, change: PeerChange, id: Uuid, name: &str) {
    let addr = ADDR.parse().ok();
    view.apply(&Event::Peer { change, id, name: name.into(), was: None, note: None, addr });
}
