//! What a node does in a second: say lines, take in those of others, catch up, whisper

#![cfg(test)]

use std::{hint::black_box, net::SocketAddr, sync::Arc, time::Duration};

use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, Throughput};
use lanchat_protocol::{
    Cast, Command, Config, Ed25519, Event, Identity, Input, InstanceId, KeptEntry, Name, Node, Output,
    Retention, Role, Room, RoomName, SecretSeed, Storage, Text, Time, WallTime,
    wire::{Data, Entry, EntryHash, Item, SignedEntry, bounded::List},
};
use uuid::Uuid;

fn main() {
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    append(&mut criterion);
    chain(&mut criterion);
    sync(&mut criterion);
    whisper(&mut criterion);
    criterion.final_summary();
}

/// Lines said in one turn become entries and datagrams
fn append(criterion: &mut Criterion) {
    let line = text();
    let mut group = criterion.benchmark_group("append");
    for lines in [1, 10, 100, 1_000] {
        let say = |mut node: Node| {
            for _ in 0..lines {
                let say = Command::Say { text: line.clone(), at: now(), about: None };
                node.handle_input(Time::ZERO, Input::Command(say));
            }
            let told = drain(&mut node);
            (node, told)
        };
        assert_eq!(say(node("ann")).1, lines);
        group.throughput(Throughput::Elements(lines));
        group.bench_function(BenchmarkId::from_parameter(lines), |bencher| {
            bencher.iter_batched(|| node("ann"), say, BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// A run of entries of one author, each in a datagram of its own
fn chain(criterion: &mut Criterion) {
    const ENTRIES: u64 = 1_000;
    let room = room();
    let datagrams: Vec<_> =
        log("ann", ENTRIES).into_iter().map(|kept| Data::of(kept.signed).seal(&room)).collect();
    let take_in = |per_turn: usize| {
        let datagrams = &datagrams;
        move |mut node: Node| {
            let mut told = 0;
            for turn in datagrams.chunks(per_turn) {
                for bytes in turn {
                    let (from, cast) = (addr(1), Cast::Unicast);
                    node.handle_input(Time::ZERO, Input::Datagram { from, cast, bytes });
                }
                told += drain(&mut node);
            }
            (node, told)
        }
    };
    let mut group = criterion.benchmark_group("chain of 1,000 entries");
    group.sample_size(20).throughput(Throughput::Elements(ENTRIES));
    for (name, per_turn) in [("in one turn", datagrams.len()), ("one by one", 1)] {
        assert_eq!(take_in(per_turn)(node("bob")).1, ENTRIES);
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| node("bob"), take_in(per_turn), BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// A newcomer gets all from somebody who is not their author
fn sync(criterion: &mut Criterion) {
    const ENTRIES: u64 = 10_000;
    let entries = log("ann", ENTRIES);
    let pair = || {
        let mut holder = node("bob");
        holder.handle_input(Time::ZERO, Input::Restored(entries.clone()));
        Pair::new(holder, node("cid"))
    };
    let catch_up = |mut pair: Pair| {
        pair.run(|newcomer| newcomer.told == ENTRIES && newcomer.node.has_caught_up());
        pair
    };
    let mut group = criterion.benchmark_group("sync");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(ENTRIES));
    group.bench_function("10,000 entries", |bencher| {
        bencher.iter_batched(pair, catch_up, BatchSize::PerIteration);
    });
    group.finish();
}

/// A whisper is shown: the first one, for which a session is made, and another
fn whisper(criterion: &mut Criterion) {
    let strangers = || {
        let mut pair = Pair::new(node("bob"), node("cid"));
        pair.run(|newcomer| newcomer.node.peers().count() == 1);
        pair
    };
    let whisper = |mut pair: Pair| {
        let told = pair.newcomer.told;
        let whisper = Command::Whisper { to: identity("cid").id(), text: text(), at: now() };
        pair.holder.node.handle_input(pair.now, Input::Command(whisper));
        pair.run(|newcomer| newcomer.told > told);
        pair
    };
    let mut group = criterion.benchmark_group("whisper");
    group.bench_function("the first", |bencher| {
        bencher.iter_batched(strangers, whisper, BatchSize::PerIteration);
    });
    group.bench_function("another", |bencher| {
        bencher.iter_batched(|| whisper(strangers()), whisper, BatchSize::PerIteration);
    });
    group.finish();
}

/// Two nodes and a wire between them, in virtual time
struct Pair {
    now: Time,
    holder: Host,
    newcomer: Host,
}

struct Host {
    node: Node,
    inbox: Vec<(Cast, Vec<u8>)>,
    told: u64,
}

impl Pair {
    /// How long a datagram travels
    const DELAY: Duration = Duration::from_micros(100);
    /// Nothing takes so many turns
    const MAX_TURNS: usize = 1_000_000;

    fn new(holder: Node, newcomer: Node) -> Self {
        let host = |node| Host { node, inbox: Vec::new(), told: 0 };
        Self { now: Time::ZERO, holder: host(holder), newcomer: host(newcomer) }
    }

    fn run(&mut self, is_done: impl Fn(&Host) -> bool) {
        for _ in 0..Self::MAX_TURNS {
            if is_done(&self.newcomer) {
                return;
            }
            let (from_holder, from_newcomer) =
                (self.holder.turn(self.now, addr(2)), self.newcomer.turn(self.now, addr(1)));
            self.holder.inbox = from_newcomer;
            self.newcomer.inbox = from_holder;
            self.now = self.next();
        }
        panic!("the newcomer has {} lines and does not catch up", self.newcomer.told);
    }

    fn next(&self) -> Time {
        let travels = !(self.holder.inbox.is_empty() && self.newcomer.inbox.is_empty());
        let arrives = travels.then(|| self.now + Self::DELAY);
        let due = [&self.holder, &self.newcomer].map(|host| host.node.poll_timeout().map(|(at, _)| at));
        due.into_iter().chain([arrives]).flatten().min().unwrap().max(self.now)
    }
}

impl Host {
    /// Takes in what `other` sent and does what is due; gives back what it sends
    fn turn(&mut self, now: Time, other: SocketAddr) -> Vec<(Cast, Vec<u8>)> {
        for (cast, bytes) in std::mem::take(&mut self.inbox) {
            self.node.handle_input(now, Input::Datagram { from: other, cast, bytes: &bytes });
        }
        if self.node.poll_timeout().is_some_and(|(at, _)| at <= now) {
            self.node.handle_timeout(now);
        }
        let mut sent = Vec::new();
        while let Some(output) = self.node.poll_output() {
            match output {
                Output::Broadcast(datagram) => sent.push((Cast::Broadcast, datagram)),
                Output::Send { datagram, .. } | Output::Probe { datagram, .. } => {
                    sent.push((Cast::Unicast, datagram));
                }
                Output::Event(Event::Message { .. } | Event::Whisper { .. }) => self.told += 1,
                Output::Event(_) | Output::Store { .. } => {}
            }
        }
        sent
    }
}

/// Lets a node do all that it has to, and counts the lines that it tells
fn drain(node: &mut Node) -> u64 {
    let outputs = std::iter::from_fn(|| node.poll_output().map(black_box));
    outputs.map(|output| u64::from(matches!(output, Output::Event(Event::Message { .. })))).sum()
}

/// A log of entries with one line each
fn log(author: &str, entries: u64) -> Vec<KeptEntry> {
    let (identity, room) = (identity(author), room());
    let items = List::new(Item::from_text(&text())).unwrap();
    let (author, epoch, sent_at) = (*identity.key(), 1, now());
    let mut prev = EntryHash::default();
    (1..=entries)
        .map(|seq| {
            let lamport = seq;
            let entry = Entry { author, epoch, seq, prev, lamport, sent_at, items: items.clone() };
            let signed = SignedEntry::sign(&entry, &identity, room.id()).unwrap();
            let hash = signed.hash();
            prev = hash;
            KeptEntry { author, epoch, seq, lamport, sent_at, hash, signed }
        })
        .collect()
}

fn node(name: &str) -> Node {
    let config = Config {
        identity: identity(name),
        instance: InstanceId::from_uuid(Uuid::from_u128(u128::from(name.as_bytes()[0]))),
        incarnation: 1,
        name: Name::new(name).unwrap(),
        room: room(),
        role: Role::Member,
        seed: 1,
        secret_seed: SecretSeed::new([1; 32]),
        wall: now(),
        storage: Storage::Ephemeral,
        retention: Retention::default(),
        verifier: Arc::new(Ed25519),
        blocked: Vec::new(),
    };
    Node::new(config, Time::ZERO)
}

fn identity(name: &str) -> Identity {
    Identity::from_secret([name.as_bytes()[0]; 32])
}

fn addr(host: u8) -> SocketAddr {
    SocketAddr::from(([198, 18, 0, host], 25_253))
}

fn room() -> Room {
    Room::open(RoomName::lobby())
}

/// A line of 100 bytes
fn text() -> Text {
    Text::new(&"x".repeat(100)).unwrap()
}

fn now() -> WallTime {
    WallTime::from_unix_millis(1_700_000_000_000)
}
