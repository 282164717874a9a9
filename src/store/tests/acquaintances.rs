//! Whom one knows or blocks, over restarts

use std::collections::BTreeSet;

use super::*;
use crate::{event::Trust, store::Report, trust::Acquaintance};

#[tokio::test]
async fn what_is_held_of_others_is_there_again_in_every_room_until_it_is_forgotten() {
    let mut desk = Desk::new();
    let Opened { store, acquaintances, .. } = desk.open();
    assert_eq!(acquaintances, []);
    store.remember(*bob().key(), Some(Acquaintance { trust: Some(Trust::Pinned), ..bob_is_known() }));
    store.remember(*bob().key(), Some(bob_is_known()));
    store.remember(*ann().key(), Some(blocked("ann")));
    store.close().await;

    desk.room = Room::open(RoomName::new("attic").unwrap());
    let Opened { store, acquaintances, .. } = desk.open();
    assert_eq!(acquaintances.len(), 2);
    assert!(acquaintances.contains(&(*bob().key(), bob_is_known())));
    assert!(acquaintances.contains(&(*ann().key(), blocked("ann"))));
    store.remember(*ann().key(), None);
    store.close().await;
    assert_eq!(crate::store::acquaintances(desk.home.path()).unwrap(), [(*bob().key(), bob_is_known())]);
}

#[test]
fn where_there_is_no_store_nobody_is_known() {
    assert_eq!(acquaintances(Desk::new().home.path()).unwrap(), []);
}

#[tokio::test]
async fn what_somebody_blocked_said_is_hidden_and_not_lost() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let eve = Identity::from_secret([6; 32]);
    let name = Record::Peer(KeptPeer { key: *eve.key(), name: Name::new("eve").unwrap(), incarnation: 1 });
    let incoming = Record::Incoming(HeardWhisper {
        id: whisper_id(7),
        from: *eve.key(),
        text: Text::new("psst").unwrap(),
        sent_at: wall(1),
    });
    keep(&mut store, 1, vec![name, line(&bob(), 1, "hi"), line(&eve, 2, "spam"), incoming]).await;
    store.remember(*eve.key(), Some(blocked("eve")));
    store.close().await;
    let store = desk.open().store;
    assert_eq!(texts(&store, &Query::default()), ["hi"]);
    let with = Query { with: Some("eve".to_owned()), ..Query::default() };
    assert_eq!(texts(&store, &with), ["psst"], "asked for");
    store.remember(*eve.key(), None);
    store.close().await;
    assert_eq!(texts(&desk.open().store, &Query::default()), ["hi", "spam", "psst"]);
}

#[tokio::test]
async fn a_store_of_before_has_them_from_now_on() {
    let mut desk = Desk::new();
    older(&desk, 3);
    let store = desk.open().store;
    store.remember(*bob().key(), Some(bob_is_known()));
    assert_eq!(texts(&store, &Query::default()), ["said before"]);
    store.close().await;
    assert_eq!(desk.open().acquaintances, [(*bob().key(), bob_is_known())]);
}

#[tokio::test]
async fn what_cannot_be_written_is_told() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let db = Connection::open(desk.path()).unwrap();
    db.execute_batch("DROP TABLE told_apart").unwrap();
    store.remember(*bob().key(), Some(bob_is_known()));
    assert!(matches!(store.report().await, Report::NotRemembered { .. }));
}

#[tokio::test]
async fn nobody_is_trusted_because_of_a_row_that_makes_no_sense() {
    let mut desk = Desk::new();
    let store = desk.open().store;
    store.remember(*bob().key(), Some(bob_is_known()));
    store.close().await;
    let db = Connection::open(desk.path()).unwrap();
    db.execute_batch(
        "UPDATE acquaintances SET trust = 7; INSERT INTO acquaintances VALUES (x'07', 'eve', 2, 0)",
    )
    .unwrap();
    drop(db);
    let acquaintances = desk.open().acquaintances;
    assert_eq!((acquaintances.len(), acquaintances[0].1.trust), (1, None));
}

#[tokio::test]
async fn whoever_is_known_is_not_forgotten_for_the_many_who_are_not() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let bob_peer = KeptPeer { key: *bob().key(), name: Name::new("bob").unwrap(), incarnation: 1 };
    keep(&mut store, 1, vec![Record::Peer(bob_peer.clone())]).await;
    store.remember(*bob().key(), Some(bob_is_known()));
    store.close().await;
    let mut db = Connection::open(desk.path()).unwrap();
    db.execute_batch(
        "UPDATE peers SET heard_at = -9223372036854775807;
         WITH RECURSIVE crowd (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM crowd WHERE number < 16500)
         INSERT INTO peers SELECT 1, randomblob(32), randomblob(16), 'x', 0, number FROM crowd",
    )
    .unwrap();
    while prune::prune(&mut db, &Retention::default(), clock::wall()).unwrap() {}
    drop(db);
    let remembered = desk.open().memory.peers;
    assert_eq!(remembered.len(), memory::MAX_PEERS);
    assert!(remembered.contains(&bob_peer));
}

fn bob_is_known() -> Acquaintance {
    Acquaintance {
        name: "bob".to_owned(),
        pinned: vec!["rob".to_owned(), "bob".to_owned()],
        trust: Some(Trust::Verified),
        is_blocked: false,
        told_apart: BTreeSet::from([Uuid::from_u128(7), Uuid::from_u128(8)]),
    }
}

fn blocked(name: &str) -> Acquaintance {
    Acquaintance { name: name.to_owned(), is_blocked: true, ..Acquaintance::default() }
}
