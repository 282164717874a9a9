//! The store as a session uses it

mod acquaintances;
mod changes;
mod leisure;
mod rooms;
mod trouble;

use std::{fs, path::PathBuf};

use lanchat_protocol::{
    HeardUpTo, HeardWhisper, Identity, KeptLine, KeptWhisper, MessageId, Order, OwnTip, RoomName, Text,
    WallTime,
    wire::{Entry, EntryHash, Item, SignedEntry, bounded::List},
};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    value::{Blob, Wide},
    *,
};

/// A profile's directory, and what its person and others say
struct Desk {
    home: TempDir,
    room: Room,
    incarnation: u64,
}

impl Desk {
    fn new() -> Self {
        Self { home: TempDir::new().unwrap(), room: Room::open(RoomName::lobby()), incarnation: 1_000 }
    }

    fn path(&self) -> PathBuf {
        self.home.path().join("history.db")
    }

    /// The next run of the program
    fn open(&mut self) -> Opened {
        self.incarnation += 1;
        Store::open(self.home.path(), &self.room, self.own(), Retention::default()).unwrap()
    }

    fn own(&self) -> KeptPeer {
        KeptPeer { key: *ann().key(), name: Name::new("ann").unwrap(), incarnation: self.incarnation }
    }

    fn said(&self, epoch: u64, seq: u64, text: &str) -> Record {
        Record::Said(self.kept(&ann(), epoch, seq, text))
    }

    fn entry(&self, author: &Identity, epoch: u64, seq: u64, text: &str) -> Record {
        Record::Entry(self.kept(author, epoch, seq, text))
    }

    fn kept(&self, author: &Identity, epoch: u64, seq: u64, text: &str) -> KeptEntry {
        let items = List::new(Item::from_text(&Text::new(text).unwrap())).unwrap();
        let prev = EntryHash::from_bytes([if seq == 1 { 0 } else { 9 }; 32]);
        let (author_key, lamport, sent_at) = (*author.key(), seq, wall(seq));
        let entry = Entry { author: author_key, epoch, seq, prev, lamport, sent_at, items };
        let signed = SignedEntry::sign(&entry, author, self.room.id()).unwrap();
        let hash = signed.hash();
        KeptEntry { author: author_key, epoch, seq, lamport, sent_at, hash, signed }
    }
}

fn ann() -> Identity {
    Identity::from_secret([1; 32])
}

fn bob() -> Identity {
    Identity::from_secret([2; 32])
}

fn wall(seconds: u64) -> WallTime {
    WallTime::from_unix_millis(clock::wall().as_unix_millis() - 100_000 + 1_000 * seconds)
}

fn line(author: &Identity, lamport: u64, text: &str) -> Record {
    Record::Line(kept_line(author, lamport, text))
}

fn kept_line(author: &Identity, lamport: u64, text: &str) -> KeptLine {
    let order = Order { lamport, author: *author.key(), epoch: 1, seq: lamport, index: 0 };
    let id = MessageId::from_uuid(Uuid::from_u64_pair(author.key().as_bytes()[0].into(), lamport));
    KeptLine { id, order, text: Text::new(text).unwrap(), sent_at: wall(lamport), reply_to: None }
}

fn whisper_id(number: u128) -> MessageId {
    MessageId::from_uuid(Uuid::from_u128(number))
}

fn outgoing(number: u64, text: &str) -> Record {
    Record::Outgoing(KeptWhisper {
        id: whisper_id(number.into()),
        to: *bob().key(),
        epoch: 1,
        seq: number,
        text: Text::new(text).unwrap(),
        sent_at: wall(number),
    })
}

fn incoming(number: u128, text: &str) -> Record {
    let (id, from) = (whisper_id(number), *bob().key());
    Record::Incoming(HeardWhisper { id, from, text: Text::new(text).unwrap(), sent_at: wall(1) })
}

fn peer(identity: &Identity, name: &str) -> Record {
    Record::Peer(KeptPeer { key: *identity.key(), name: Name::new(name).unwrap(), incarnation: 7 })
}

/// A store as an earlier version left it, with a line of bob's
fn older(desk: &Desk, version: usize) {
    let db = Connection::open(desk.path()).unwrap();
    schema::tests::make(&db, version);
    let room = params![Blob(*desk.room.id().as_bytes()), Wide(7)];
    db.execute("INSERT INTO rooms VALUES (1, ?1, 'lobby', ?2, NULL, NULL, NULL)", room).unwrap();
    let line = params![Blob::from(kept_line(&bob(), 1, "x").id), Wide(1), Blob::from(bob().key())];
    db.execute(
        "INSERT INTO lines (room, id, lamport, author, epoch, seq, place, sent_at, kept_at, text)
         VALUES (1, ?1, ?2, ?3, 1, 1, 0, 0, 9000000000000000000, 'said before')",
        line,
    )
    .unwrap();
}

/// Done by hand what the thread does when it has time
fn settle(desk: &Desk) {
    let mut db = Connection::open(desk.path()).unwrap();
    // The thread may have much to do at the same time.
    db.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    while arrivals::settle(&mut db).unwrap() {}
}

async fn keep(store: &mut Store, ticket: u64, records: Vec<Record>) {
    store.store(Ticket(ticket), records);
    assert_eq!(store.report().await, Report::Stored(Ticket(ticket)));
}

fn texts(store: &Store, query: &Query) -> Vec<String> {
    store.history().read(query).unwrap().into_iter().map(|said| said.text).collect()
}

fn search(store: &Store, part: &str) -> Vec<String> {
    texts(store, &Query { search: Some(part.to_owned()), ..Query::default() })
}

#[tokio::test]
async fn all_that_a_node_is_to_remember_comes_back() {
    let mut desk = Desk::new();
    let mut opened = desk.open();
    assert_eq!(opened.memory.own, None);
    let epoch = desk.incarnation;
    let records = vec![
        desk.said(epoch, 1, "hi"),
        desk.said(epoch, 2, "ho"),
        desk.entry(&bob(), 5, 9, "hey"),
        peer(&bob(), "bob"),
        outgoing(1, &"x".repeat(2_000)),
        outgoing(4, "psst"),
        Record::Outcome { id: whisper_id(1), delivered: true },
        Record::Heard(HeardUpTo { from: *bob().key(), epoch: 3, upto: 4 }),
    ];
    for ticket in 1..3 {
        keep(&mut opened.store, ticket, records.clone()).await;
    }
    opened.store.close().await;
    let Opened { store, memory, moved_aside, .. } = desk.open();
    assert_eq!(moved_aside, None);
    let Record::Said(tip) = &records[1] else { panic!("no entry") };
    assert_eq!(memory.own, Some(OwnTip { epoch, seq: 2, hash: tip.hash }));
    assert_eq!((memory.lamport, memory.peers.len(), memory.outgoing.len()), (9, 1, 1));
    assert_eq!(Record::Outgoing(memory.outgoing[0].clone()), records[5]);
    assert_eq!(Record::Peer(memory.peers[0].clone()), records[3]);
    assert_eq!(memory.heard, [HeardUpTo { from: *bob().key(), epoch: 3, upto: 4 }]);
    let as_said = |kept: KeptEntry| {
        if kept.author == *ann().key() { Record::Said(kept) } else { Record::Entry(kept) }
    };
    let mut entries: Vec<Record> = store.entries().flatten().map(as_said).collect();
    entries.sort_by_key(|entry| records.iter().position(|record| record == entry));
    assert_eq!(entries, records[..3]);
}

#[tokio::test]
async fn only_a_log_that_the_run_before_closed_goes_on() {
    let mut desk = Desk::new();
    let mut opened = desk.open();
    let first = desk.incarnation;
    keep(&mut opened.store, 1, vec![desk.said(first, 1, "hi")]).await;
    drop(opened.store);
    let opened = desk.open();
    assert_eq!(opened.memory.own, None, "that run was killed");
    assert_eq!(opened.memory.lamport, 1);
    opened.store.close().await;
    let mut opened = desk.open();
    assert_eq!(opened.memory.own, None, "what the killed one lost is still missing");
    let third = desk.incarnation;
    let strayed = desk.entry(&ann(), u64::MAX, 3, "of mine, from somebody's memory");
    keep(&mut opened.store, 1, vec![desk.said(third, 1, "ho"), strayed]).await;
    opened.store.close().await;
    let opened = desk.open();
    assert_eq!(opened.memory.own.map(|tip| (tip.epoch, tip.seq)), Some((third, 1)));
    opened.store.close().await;
    assert!(desk.open().memory.own.is_some(), "it goes on over a run that says nothing");
}

#[tokio::test]
async fn a_log_goes_on_although_its_entries_are_forgotten_and_after_runs_in_other_rooms() {
    let mut desk = Desk::new();
    let mut opened = desk.open();
    let epoch = desk.incarnation;
    let forget = Record::Forget { author: *ann().key(), epoch, upto: 1 };
    keep(&mut opened.store, 1, vec![desk.said(epoch, 1, "hi"), forget]).await;
    assert_eq!(opened.store.entries().flatten().count(), 0);
    opened.store.close().await;
    desk.room = Room::open(RoomName::new("attic").unwrap());
    let elsewhere = desk.open();
    assert_eq!((elsewhere.memory.own, elsewhere.memory.lamport), (None, 0));
    elsewhere.store.close().await;
    desk.room = Room::open(RoomName::lobby());
    assert_eq!(desk.open().memory.own.map(|tip| tip.seq), Some(1));
}

#[tokio::test]
async fn an_old_copy_that_was_put_back_is_found_out() {
    let mut desk = Desk::new();
    let mut opened = desk.open();
    let epoch = desk.incarnation;
    keep(&mut opened.store, 1, vec![desk.said(epoch, 1, "hi")]).await;
    opened.store.close().await;
    let copy = fs::read(desk.path()).unwrap();
    let mut opened = desk.open();
    keep(&mut opened.store, 1, vec![desk.said(epoch, 2, "ho")]).await;
    opened.store.close().await;
    fs::write(desk.path(), copy).unwrap();
    assert_eq!(desk.open().memory.own, None);
}

#[tokio::test]
async fn another_key_does_not_go_on_with_this_ones_log() {
    let mut desk = Desk::new();
    let mut opened = desk.open();
    keep(&mut opened.store, 1, vec![desk.said(desk.incarnation, 1, "hi")]).await;
    opened.store.close().await;
    let own =
        KeptPeer { key: *bob().key(), name: Name::new("bob").unwrap(), incarnation: desk.incarnation + 1 };
    let opened = Store::open(desk.home.path(), &desk.room, own, Retention::default()).unwrap();
    assert_eq!(opened.memory.own, None);
}

#[tokio::test]
async fn one_reads_back_page_by_page() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let lines = (1..=9).map(|number| kept_line(&bob(), number, &number.to_string()));
    let records = lines.map(Record::Line).chain([incoming(1, "psst")]).collect();
    keep(&mut store, 1, records).await;
    for _ in 0..2 {
        let page = |before: Option<u64>| {
            let before = before.map(|number| kept_line(&bob(), number, "x").order);
            texts(&store, &Query { only_lines: true, before, limit: Some(4), ..Query::default() })
        };
        assert_eq!(page(None), ["6", "7", "8", "9"]);
        assert_eq!(page(Some(6)), ["2", "3", "4", "5"]);
        assert_eq!(page(Some(2)), ["1"]);
        assert!(page(Some(1)).is_empty());
        settle(&desk);
    }
}

#[tokio::test]
async fn lines_and_whispers_stand_in_the_order_of_the_transcript() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    keep(&mut store, 1, vec![desk.entry(&bob(), 1, 2, "x"), line(&bob(), 2, "second"), incoming(1, "psst")])
        .await;
    keep(&mut store, 2, vec![line(&bob(), 1, "first"), line(&ann(), 3, "third"), line(&bob(), 1, "first")])
        .await;
    for _ in 0..2 {
        assert_eq!(texts(&store, &Query::default()), ["first", "second", "psst", "third"]);
        assert_eq!(texts(&store, &Query { limit: Some(2), ..Query::default() }), ["psst", "third"]);
        settle(&desk);
    }
}

#[tokio::test]
async fn what_arrives_is_among_what_is_settled_and_settles_by_itself() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    keep(&mut store, 1, vec![line(&bob(), 1, "one for all"), line(&bob(), 3, "three")]).await;
    settle(&desk);
    keep(&mut store, 2, vec![line(&bob(), 2, "two for tea"), line(&bob(), 3, "three")]).await;
    assert_eq!(texts(&store, &Query::default()), ["one for all", "two for tea", "three"]);
    assert_eq!(search(&store, "FOR"), ["one for all", "two for tea"]);
    let db = Connection::open(desk.path()).unwrap();
    let settled = "SELECT count(*) FROM line_texts WHERE line_texts MATCH 'for'";
    while db.query_row(settled, [], |row| row.get::<_, i64>(0)).unwrap() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(texts(&store, &Query::default()).len(), 3);
}

#[tokio::test]
async fn whispers_say_with_whom_and_what_became_of_them() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let cleo = Identity::from_secret([3; 32]);
    let given_up = Record::Outcome { id: whisper_id(2), delivered: false };
    let records = vec![
        peer(&bob(), "Bob"),
        outgoing(2, "are you there?"),
        given_up,
        incoming(9, "now"),
        line(&cleo, 1, "hi"),
    ];
    keep(&mut store, 1, records).await;
    let with = |wanted: &str| {
        store.history().read(&Query { with: Some(wanted.to_owned()), ..Query::default() }).unwrap()
    };
    let bob_id = bob().id().as_uuid();
    for wanted in ["bob".to_owned(), bob_id.to_string(), format!("BOB~{}", &bob_id.to_string()[..6])] {
        let said = with(&wanted);
        assert_eq!(said.len(), 2, "{wanted}");
        assert!(
            matches!(&said[0].kind, Kind::Whispered { to, fate: Fate::Expired } if to.name.as_deref() == Some("Bob"))
        );
        assert_eq!((said[0].own, said[0].author.name.as_deref()), (true, Some("ann")));
        assert_eq!((said[1].own, &said[1].kind), (false, &Kind::Heard));
    }
    assert!(with("cleo").is_empty());
}

#[tokio::test]
async fn any_part_of_a_text_is_found_in_any_script_and_case() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let said = ["今天晚上一起吃饭吗", "GRÜSSE aus Köln", "100% \"sure\"", "さくらが咲いた", "ok"];
    let records = (1..).zip(said).map(|(lamport, text)| line(&bob(), lamport, text)).collect();
    keep(&mut store, 1, records).await;
    keep(&mut store, 2, vec![incoming(1, "晚上见")]).await;
    let expected = [
        ("一起吃", vec![said[0]]),
        ("晚上", vec![said[0], "晚上见"]),
        ("饭", vec![said[0]]),
        ("grüsse", vec![said[1]]),
        ("KÖ", vec![said[1]]),
        ("\"SURE\"", vec![said[2]]),
        ("0%", vec![said[2]]),
        ("くらが", vec![said[3]]),
        ("O", vec![said[4]]),
        ("not there", vec![]),
    ];
    for is_settled in [false, true] {
        for (part, expected) in &expected {
            let found = search(&store, part);
            assert_eq!(found, *expected, "{part}, settled: {is_settled}");
        }
        settle(&desk);
    }
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_left_out() {
    let mut desk = Desk::new();
    let mut opened = desk.open();
    let entries = (1..=3).map(|seq| desk.entry(&bob(), 1, seq, "hi")).collect();
    keep(&mut opened.store, 1, entries).await;
    keep(&mut opened.store, 2, vec![peer(&bob(), "bob"), outgoing(1, "psst"), outgoing(2, "psst")]).await;
    opened.store.close().await;
    let db = Connection::open(desk.path()).unwrap();
    db.execute(
        "UPDATE entries SET bytes = x'00ff' WHERE bytes = (SELECT bytes FROM entries LIMIT 1 OFFSET 1)",
        [],
    )
    .unwrap();
    db.execute("UPDATE peers SET name = 'a' || char(7)", []).unwrap();
    db.execute("UPDATE whispers SET text = '' WHERE whisper = 1", []).unwrap();
    drop(db);
    let Opened { store, memory, moved_aside, .. } = desk.open();
    assert_eq!((memory.peers.len(), memory.outgoing.len(), moved_aside), (0, 1, None));
    let places: Vec<u64> = store.entries().flatten().map(|entry| entry.seq).collect();
    assert_eq!(places, [1, 3]);
}

#[tokio::test]
async fn more_entries_than_a_portion_come_once_each() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let entries: Vec<Record> = (1..=2_000).map(|seq| desk.entry(&bob(), 1, seq, "hi")).collect();
    keep(&mut store, 1, entries.clone()).await;
    let portions: Vec<Vec<KeptEntry>> = store.entries().collect();
    assert_eq!(portions.iter().map(Vec::len).sum::<usize>(), 2_000);
    assert_eq!(Record::Entry(portions[0][0].clone()), entries[0]);
}

#[tokio::test]
async fn batches_that_wait_share_a_transaction_and_one_report() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    for ticket in 1..=1_000 {
        store.store(Ticket(ticket), vec![line(&bob(), ticket, "hi")]);
    }
    let mut reports = 1;
    while store.report().await != Report::Stored(Ticket(1_000)) {
        reports += 1;
    }
    assert!(reports < 500, "{reports}");
    assert_eq!(texts(&store, &Query::default()).len(), 1_000);
}

#[tokio::test]
async fn a_new_name_is_kept() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    store.rename(Name::new("anna").unwrap());
    keep(&mut store, 1, vec![line(&ann(), 1, "hi")]).await;
    let said = store.history().read(&Query::default()).unwrap();
    assert_eq!((said[0].author.name.as_deref(), said[0].own), (Some("anna"), true));
}

#[test]
fn where_nothing_was_kept_there_is_no_history() {
    let desk = Desk::new();
    assert!(History::open(desk.home.path(), &desk.room).unwrap().is_none());
    assert!(History::open(&desk.home.path().join("nowhere"), &desk.room).unwrap().is_none());
    fs::write(desk.path(), "").unwrap();
    assert!(History::open(desk.home.path(), &desk.room).unwrap().is_none());
    assert_eq!(fs::read_dir(desk.home.path()).unwrap().count(), 1, "reading leaves nothing");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;

    let mut desk = Desk::new();
    for suffix in ["", "-wal", "-shm"] {
        let path = desk.home.path().join(format!("history.db{suffix}"));
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    let mut store = desk.open().store;
    keep(&mut store, 1, vec![line(&bob(), 1, "hi")]).await;
    let files: Vec<_> = fs::read_dir(desk.home.path()).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}
