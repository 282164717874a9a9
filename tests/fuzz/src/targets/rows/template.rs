//! A store with something of everything

use std::{fs, sync::OnceLock, time::SystemTime};

use lanchat::store::Store;
use lanchat_protocol::{
    Change, HeardUpTo, HeardWhisper, Identity, KeptChange, KeptEntry, KeptLine, KeptPeer, KeptWhisper,
    MessageId, Name, Order, Reaction, Record, Retention, Room, RoomName, Text, Ticket, Topic, WallTime,
    wire::{Entry, EntryHash, Item, SignedEntry, bounded::List},
};
use tokio::runtime::Builder;
use uuid::Uuid;

use crate::home;

pub(super) fn room() -> Room {
    Room::open(RoomName::lobby())
}

pub(super) fn own(incarnation: u64) -> KeptPeer {
    KeptPeer { key: *ann().key(), name: name("ann"), incarnation }
}

/// A line by somebody whom nobody knows or blocks, in one of the logs of each start
pub(super) fn line(start: u64, said: &str) -> KeptLine {
    let lamport = 1_000 + start;
    let order = Order {
        lamport,
        author: *Identity::from_secret([3; 32]).key(),
        epoch: start,
        seq: lamport,
        index: 0,
    };
    let id = MessageId::from_uuid(Uuid::from_u64_pair(start, lamport));
    KeptLine { id, order, text: text(said), sent_at: wall(), reply_to: None }
}

/// The bytes of the file
pub(super) fn store() -> &'static [u8] {
    static STORE: OnceLock<Vec<u8>> = OnceLock::new();
    STORE.get_or_init(make)
}

fn make() -> Vec<u8> {
    let home = home::directory();
    let opened = Store::open(home.path(), &room(), own(1_000), Retention::default());
    let (Ok(opened), Ok(runtime)) = (opened, Builder::new_current_thread().build()) else {
        panic!("no store can be made")
    };
    let mut store = opened.store;
    runtime.block_on(async {
        store.store(Ticket(1), records());
        store.report().await;
        store.close().await;
    });
    let path = home.path().join("history.db");
    let known = rusqlite::Connection::open(&path).and_then(|db| db.execute_batch(KNOWN));
    assert_eq!(known, Ok(()));
    match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => panic!("{error}"),
    }
}

/// Whoever was heard of is known, too
const KNOWN: &str = "
    PRAGMA journal_mode = delete;
    INSERT INTO acquaintances (peer, name, trust, is_blocked) SELECT peer, name, 1, FALSE FROM peers;
    INSERT INTO pinned_names (peer, place, name) SELECT peer, 0, name FROM peers;
    INSERT INTO told_apart (peer, other) SELECT peer, id FROM peers;";

fn records() -> Vec<Record> {
    let (id, whispered) = (|number| MessageId::from_uuid(Uuid::from_u128(number)), text("psst"));
    let bob = *bob().key();
    vec![
        Record::Peer(KeptPeer { key: bob, name: name("bob"), incarnation: 7 }),
        Record::Said(entry(&ann(), 1_000)),
        Record::Entry(entry(&self::bob(), 7)),
        Record::Line(line(101, "dinner is ready")),
        Record::Line(line(102, "hi")),
        Record::Line(KeptLine { reply_to: Some(line(101, "x").id), ..line(103, "yes") }),
        change(104, Change::Edit { target: line(101, "x").id, text: text("dinner is cold") }),
        change(105, Change::Delete { target: line(102, "x").id }),
        change(106, Change::React { target: line(103, "x").id, with: Reaction::new("hm").ok() }),
        change(107, Change::Topic(Topic::new("dinner").ok())),
        Record::Outgoing(KeptWhisper {
            id: id(1),
            to: bob,
            epoch: 1,
            seq: 1,
            text: whispered.clone(),
            sent_at: wall(),
        }),
        Record::Incoming(HeardWhisper { id: id(2), from: bob, text: whispered, sent_at: wall() }),
        Record::Heard(HeardUpTo { from: bob, epoch: 7, upto: 1 }),
    ]
}

/// By whoever said those lines
fn change(start: u64, change: Change) -> Record {
    let KeptLine { id, order, sent_at, .. } = line(start, "x");
    Record::Change(KeptChange { id, order, change, sent_at })
}

fn entry(author: &Identity, epoch: u64) -> KeptEntry {
    let Some(items) = List::new(Item::from_text(&text("hi"))) else { panic!("too long") };
    let (author_key, lamport, sent_at) = (*author.key(), 5, wall());
    let entry =
        Entry { author: author_key, epoch, seq: 1, prev: EntryHash::default(), lamport, sent_at, items };
    let Some(signed) = SignedEntry::sign(&entry, author, room().id()) else { panic!("too long") };
    KeptEntry { author: author_key, epoch, seq: 1, lamport, sent_at, hash: signed.hash(), signed }
}

fn ann() -> Identity {
    Identity::from_secret([1; 32])
}

fn bob() -> Identity {
    Identity::from_secret([2; 32])
}

fn name(name: &str) -> Name {
    Name::new(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn wall() -> WallTime {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    WallTime::from_unix_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
