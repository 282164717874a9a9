//! How many entries and their lines the store takes in a second, by how many share a transaction

#![cfg(test)]

use std::time::SystemTime;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use fastrand::Rng;
use lanchat::store::{Report, Store};
use lanchat_protocol::{
    Identity, KeptEntry, KeptLine, KeptPeer, MessageId, Name, Order, Record, Retention, Room, RoomName, Text,
    Ticket, WallTime,
    wire::{Entry, EntryHash, Item, SignedEntry, bounded::List, codec},
};
use tempfile::TempDir;
use tokio::runtime;
use uuid::Uuid;

fn main() {
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    write(&mut criterion);
    criterion.final_summary();
}

/// Batches are handed over and reported as stored, one after the other
fn write(criterion: &mut Criterion) {
    let runtime = runtime::Builder::new_current_thread().build().unwrap();
    let mut group = criterion.benchmark_group("store");
    group.sample_size(20);
    for entries in [1, 10, 100, 1_000] {
        let home = TempDir::new().unwrap();
        let mut store = open(&home);
        let (mut talk, mut ticket) = (Talk::new(), Ticket(0));
        let mut keep = |records: Vec<Record>| {
            ticket.0 += 1;
            store.store(ticket, records);
            assert_eq!(runtime.block_on(store.report()), Report::Stored(ticket));
        };
        group.throughput(Throughput::Elements(entries));
        group.bench_function(BenchmarkId::from_parameter(entries), |bencher| {
            bencher.iter_batched(|| talk.go_on(entries), &mut keep, BatchSize::PerIteration);
        });
        runtime.block_on(store.close());
    }
    group.finish();
}

fn open(home: &TempDir) -> Store {
    let own = KeptPeer {
        key: *Identity::from_secret([1; 32]).key(),
        name: Name::new("ann").unwrap(),
        incarnation: 1,
    };
    let room = Room::open(RoomName::lobby());
    Store::open(home.path(), &room, own, Retention::default()).unwrap().store
}

/// What somebody says, one line an entry
struct Talk {
    author: Identity,
    rng: Rng,
    prev: EntryHash,
    seq: u64,
}

impl Talk {
    fn new() -> Self {
        let author = Identity::from_secret([2; 32]);
        Self { author, rng: Rng::with_seed(1), prev: EntryHash::default(), seq: 0 }
    }

    /// The records of the next entries and their lines
    fn go_on(&mut self, entries: u64) -> Vec<Record> {
        (0..entries).flat_map(|_| self.next()).collect()
    }

    fn next(&mut self) -> [Record; 2] {
        self.seq += 1;
        let (author, epoch, seq, lamport) = (*self.author.key(), 1, self.seq, self.seq);
        let (prev, sent_at, text) = (self.prev, now(), self.line());
        let items = List::new(Item::from_text(&text)).unwrap();
        let entry = Entry { author, epoch, seq, prev, lamport, sent_at, items };
        // The store takes the node's word for signatures, and these need no time.
        let signed = SignedEntry::from_parts(codec::encode(&entry), [7; 64]).unwrap();
        let hash = signed.hash();
        self.prev = hash;
        let id = MessageId::from_uuid(Uuid::from_slice(&hash.as_bytes()[..16]).unwrap());
        let order = Order { lamport, author, epoch, seq, index: 0 };
        [
            Record::Entry(KeptEntry { author, epoch, seq, lamport, sent_at, hash, signed }),
            Record::Line(KeptLine { id, order, text, sent_at, reply_to: None }),
        ]
    }

    /// Some 100 bytes that the full-text index has as much work with as with what people say
    fn line(&mut self) -> Text {
        const WORDS: [&str; 24] = [
            "the",
            "printer",
            "is",
            "out",
            "of",
            "paper",
            "again",
            "can",
            "somebody",
            "bring",
            "lunch",
            "to",
            "meeting",
            "room",
            "before",
            "noon",
            "network",
            "works",
            "better",
            "than",
            "yesterday",
            "but",
            "nobody",
            "knows why",
        ];
        let words: Vec<_> = (0..19).filter_map(|_| self.rng.choice(WORDS)).collect();
        Text::new(&words.join(" ")).unwrap()
    }
}

fn now() -> WallTime {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    WallTime::from_unix_millis(u64::try_from(since.as_millis()).unwrap())
}
