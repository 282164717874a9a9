//! Whatever values arrive, whenever: no panic, no busy loop, no more output than input is worth

use super::*;
use crate::{
    Memory, OwnTip, WhisperKey,
    journal::Journal,
    wire::{
        Announce, Bye, Confidence, Digest, Entry, EntryHash, Extension, Frame, HandshakeInit,
        HandshakeResponse, Head, Heads, HeadsRequest, Holding, Item, LogId, MAX_DATAGRAM_BYTES, MAX_HOLDINGS,
        MAX_ITEMS, MAX_RANGES, MAX_RECENT, Pong, Range, Recent, SealedFrame, SignedEntry, Want, Whisper,
        WhisperAck, bounded::Bytes, codec,
    },
};

/// Somebody who has a few keys and no scruples
struct Eve {
    rng: Rng,
    keys: Vec<Identity>,
    /// Logs that make sense, and their entries
    journals: Vec<Journal>,
    written: Vec<SignedEntry>,
    place: u64,
}

impl Eve {
    fn new(seed: u64) -> Self {
        let keys: Vec<_> = (0..6).map(|n| identity(500 + n)).collect();
        let journals = keys.iter().map(|identity| Journal::new(*identity.key(), 1)).collect();
        Self { rng: Rng::with_seed(seed), keys, journals, written: Vec::new(), place: 0 }
    }

    /// A number from either end of the range, or somewhere near one used before
    fn number(&mut self) -> u64 {
        let near = self.rng.u64(0..6);
        match self.rng.u8(0..30) {
            0 => near,
            1 => u64::MAX - near,
            2 => (1 << self.rng.u32(0..64)) + near,
            _ => self.place + near,
        }
    }

    fn small(&mut self) -> u32 {
        u32::try_from(self.number() & u64::from(u32::MAX)).unwrap()
    }

    fn items(&mut self) -> Vec<Item> {
        let kinds = [Item::TEXT, Item::TEXT_BEGIN, Item::TEXT_MORE, Item::TEXT_END, 0, u16::MAX];
        let count = if self.rng.u8(0..10) == 0 { MAX_ITEMS } else { 1 };
        (0..count)
            .map(|_| {
                let body = vec![b'x'; self.rng.usize(0..12)];
                Item { kind: *self.rng.choice(&kinds).unwrap(), body: Bytes::new(body).unwrap() }
            })
            .collect()
    }

    fn log_id(&mut self) -> LogId {
        let author =
            if self.rng.u8(0..6) == 0 { identity(0) } else { self.keys[self.rng.usize(0..6)].clone() };
        let epoch = if self.rng.u8(0..4) == 0 { self.number() } else { 1 };
        LogId { author: *author.key(), epoch }
    }

    fn holdings(&mut self, most: usize) -> Vec<Holding> {
        let count = self.rng.usize(0..=most);
        let mut holdings: Vec<_> = (0..count)
            .map(|_| Holding {
                log: self.log_id(),
                floor: self.number(),
                seq: self.number(),
                lamport: self.number(),
            })
            .collect();
        if self.rng.bool() {
            holdings.sort_by_key(|holding| holding.log);
        }
        holdings
    }

    fn want(&mut self) -> Want {
        let count = self.rng.usize(0..=MAX_RANGES);
        let counts = [0, 1, 5, u16::MAX];
        let ranges = (0..count).map(|_| Range {
            log: self.log_id(),
            from: if self.rng.bool() { self.rng.u64(0..9) } else { self.number() },
            count: *self.rng.choice(&counts).unwrap(),
        });
        Want { ranges: List::new(ranges.collect()).unwrap() }
    }

    fn extensions(&mut self) -> Vec<Extension> {
        let noise = Extension { kind: 1, body: Bytes::new(vec![0; 40]).unwrap() };
        let digest = Digest { sum: self.number(), entries: self.number() };
        let recent = Recent { holdings: List::new(self.holdings(MAX_RECENT)).unwrap() };
        let extensions = [
            noise,
            Extension::of(Extension::DIGEST, &digest).unwrap(),
            Extension::of(Extension::RECENT, &recent).unwrap(),
            Extension::of(Extension::WHISPER_KEY, &WhisperKey::from_bytes([self.rng.u8(..); 32])).unwrap(),
        ];
        extensions.into_iter().filter(|_| self.rng.u8(0..3) > 0).collect()
    }

    fn noise<const MAX: usize>(&mut self) -> Bytes<MAX> {
        let most = if self.rng.u8(0..4) == 0 { self.rng.usize(0..=MAX) } else { MAX };
        Bytes::new((0..most).map(|_| self.rng.u8(..)).collect()).unwrap()
    }

    fn sealed(&mut self) -> Vec<u8> {
        let ciphertext = self.noise::<1_000>();
        let frame = SealedFrame { session: self.number(), nonce: self.number(), ciphertext: &ciphertext };
        frame.encode(&lobby())
    }

    fn announce(&mut self) -> Announce {
        let extensions = self.extensions();
        Announce {
            instance: InstanceId::from_uuid(uuid::Uuid::from_u128(1)),
            name: Name::new(&format!("eve{}", self.rng.u8(..))).unwrap(),
            interval_ms: self.small(),
            members: self.small(),
            solicits: self.rng.bool(),
            visitor: self.rng.u8(0..8) == 0,
            head: Head { epoch: self.number(), seq: self.number() },
            lamport: self.number(),
            extensions: List::new(extensions).unwrap(),
        }
    }

    fn body(&mut self) -> Body {
        let ann = *identity(0).key();
        let target = *self.keys[self.rng.usize(0..6)].key();
        match self.rng.u8(0..48) {
            30..=35 => Body::Want(self.want()),
            36..=41 => Body::Heads(Heads {
                holdings: List::new(self.holdings(MAX_HOLDINGS)).unwrap(),
                more: self.rng.bool(),
            }),
            42..=44 => Body::HeadsRequest(HeadsRequest { after: self.log_id() }),
            0..=9 => Body::Announce(self.announce()),
            10..=12 => Body::Ping(Ping { nonce: self.number() }),
            13..=15 => Body::Pong(Pong { nonce: self.number() }),
            16..=18 => Body::PingRequest(PingRequest { target, nonce: self.number() }),
            19..=24 => Body::HandshakeInit(HandshakeInit {
                to: if self.rng.u8(0..9) == 0 { target } else { ann },
                session: self.number(),
                noise: self.noise(),
            }),
            25..=28 => Body::HandshakeResponse(HandshakeResponse {
                to: ann,
                session: self.number(),
                answers: self.number(),
                noise: self.noise(),
            }),
            _ => Body::Bye(Bye { head: Head { epoch: self.number(), seq: self.number() } }),
        }
    }

    fn frame(&mut self) -> Vec<u8> {
        let sender = self.rng.usize(0..6);
        self.place += 1;
        let (incarnation, counter) = match self.rng.u8(0..100) {
            0 => (self.number(), self.number()),
            1 => (1, self.number()),
            2..5 => (self.place, self.place),
            _ => (1, self.place),
        };
        let body = self.body();
        let frame = Frame { sender: *self.keys[sender].key(), incarnation, counter, body };
        frame.seal(&self.keys[sender], &lobby())
    }

    fn entries(&mut self) -> Vec<u8> {
        let entries = (0..self.rng.usize(1..=5)).filter_map(|_| {
            let sender = self.rng.usize(0..6);
            let seq = self.number().max(1);
            let mut prev = [0; 32];
            prev[0] = u8::from(seq > 1);
            let entry = Entry {
                author: *self.keys[sender].key(),
                epoch: if self.rng.u8(0..40) == 0 { self.number() } else { 1 },
                seq,
                prev: codec::decode::<EntryHash>(&prev).unwrap(),
                lamport: self.number(),
                sent_at: WallTime::from_unix_millis(self.number()),
                items: List::new(self.items()).unwrap(),
            };
            SignedEntry::sign(&entry, &self.keys[sender], lobby().id())
        });
        Data { entries: List::new(entries.collect()).unwrap() }.seal(&lobby())
    }

    /// Some of what makes sense, in any order, now and then with a contradiction
    fn chained(&mut self) -> Vec<u8> {
        let sender = self.rng.usize(0..6);
        for _ in 0..self.rng.usize(1..40) {
            let line = if self.rng.u8(0..9) == 0 { 1_000 } else { 1 };
            self.journals[sender].say(&text(&"x".repeat(line)), WallTime::default());
            let (identity, lamport) = (&self.keys[sender], self.journals[sender].head().seq + 1);
            let next = self.journals[sender].next_entry(identity, lobby().id(), lamport);
            self.written.extend(next.map(|(_, signed)| signed));
        }
        if self.rng.u8(0..60) == 0 {
            self.journals[sender].start_epoch(1);
        }
        let late = self.written.len().saturating_sub(200);
        drop(self.written.drain(..late));
        let first = self.rng.usize(0..self.written.len());
        let run = self.written[first..].iter().take(self.rng.usize(1..=8)).cloned().collect();
        let datagrams = Data::pack(run, &lobby());
        self.rng.choice(datagrams).unwrap()
    }

    fn datagram(&mut self) -> Vec<u8> {
        match self.rng.u8(0..16) {
            0 | 1 => self.entries(),
            2..=7 => self.chained(),
            8 => self.sealed(),
            _ => self.frame(),
        }
    }
}

/// Ann, whatever happens to her, and the time
struct Victim {
    node: Node,
    now: Time,
    /// What she asked to be stored
    asked: Vec<Ticket>,
}

impl Victim {
    /// As many events as a hole that is filled can let through
    const MOST_OUTPUTS: usize = (256 + 8) * (MAX_ITEMS + 1);
    /// As many bytes as a Want is answered with at most, and as many as the questions of one moment take
    const MOST_BYTES: usize = (64 + 16) * MAX_DATAGRAM_BYTES;

    fn new(is_durable: bool) -> Self {
        let now = Time::from_secs(10);
        let own = OwnTip { epoch: 1, seq: 9, hash: EntryHash::from_bytes([7; 32]) };
        let memory = Memory { own: Some(own), ..Memory::default() };
        let storage = if is_durable { Storage::Durable(memory) } else { Storage::Ephemeral };
        let config = Config { storage, ..config(0, "ann", 1, Role::Member) };
        Self { node: Node::new(config, now), now, asked: Vec::new() }
    }

    fn handle(&mut self, input: Input<'_>) -> usize {
        self.node.handle_input(self.now, input);
        let bytes = self.drain();
        assert!(bytes <= Self::MOST_BYTES, "{bytes} bytes for one datagram");
        bytes
    }

    /// Her disk has stored something, or cannot, in no sensible order
    fn answer(&mut self, rng: &mut Rng) {
        if !self.asked.is_empty() {
            let ticket = self.asked.swap_remove(rng.usize(0..self.asked.len()));
            self.handle(if rng.u8(0..4) == 0 { Input::NotStored(ticket) } else { Input::Stored(ticket) });
        }
    }

    /// How many bytes she sends
    fn drain(&mut self) -> usize {
        let (mut outputs, mut bytes) = (0, 0);
        while let Some(output) = self.node.poll_output() {
            outputs += 1;
            match output {
                Output::Broadcast(datagram)
                | Output::Send { datagram, .. }
                | Output::Probe { datagram, .. } => {
                    assert!(datagram.len() <= MAX_DATAGRAM_BYTES);
                    bytes += datagram.len();
                }
                Output::Store { ticket, .. } => self.asked.push(ticket),
                Output::Event(_) => {}
            }
        }
        assert!(outputs <= Self::MOST_OUTPUTS, "{outputs} outputs");
        bytes
    }

    fn wait(&mut self, until: Time) {
        self.now = self.now.max(until);
        if self.node.poll_timeout().is_some_and(|(due, _)| due <= self.now) {
            self.node.handle_timeout(self.now);
            let next = self.node.poll_timeout();
            assert!(next.is_none_or(|(due, _)| due > self.now), "busy with {next:?} at {}", self.now);
        }
        self.drain();
    }
}

fn assault(seed: u64) {
    let (mut eve, mut ann) = (Eve::new(seed), Victim::new(seed % 2 == 1));
    for _ in 0..250 {
        let input = eve.rng.u8(0..10);
        let datagram = eve.datagram();
        let whisper = || Command::Whisper {
            to: identity(500).id(),
            text: text(&"x".repeat(2_000)),
            at: WallTime::default(),
        };
        let cast = if eve.rng.bool() { Cast::Broadcast } else { Cast::Unicast };
        ann.handle(match input {
            0 if eve.rng.bool() => {
                Input::Command(Command::Say { text: text("hi"), at: WallTime::default(), about: None })
            }
            0 => Input::Command(whisper()),
            1 => Input::Refused { to: addr(eve.rng.usize(1..6)) },
            _ => Input::Datagram { from: addr(eve.rng.usize(1..6)), cast, bytes: &datagram },
        });
        if eve.rng.bool() {
            ann.answer(&mut eve.rng);
        }
        let next = ann.node.poll_timeout().map_or(ann.now, |(due, _)| due);
        match eve.rng.u8(0..12) {
            0 => ann.wait(next),
            1 => ann.wait(next + Duration::from_micros(1 << eve.rng.u32(0..40))),
            2 => ann.wait(ann.now + Duration::from_micros(eve.rng.u64(0..3_000_000))),
            _ => {}
        }
    }
}

#[test]
fn no_value_at_any_time_makes_a_node_panic_or_busy() {
    (0..60).for_each(assault);
}

/// Eve says anything at all to Ann in confidence
fn confide(seed: u64) {
    let mut eve = Eve::new(seed);
    let mut lan = Lan::acquainted(&["eve", "ann"]);
    for n in 0..300 {
        let confidence = match eve.rng.u8(0..8) {
            0 => Confidence::Confirm,
            1 | 2 => {
                let (epoch, upto, beyond) = (eve.number(), eve.number(), eve.number());
                Confidence::WhisperAck(WhisperAck { epoch, upto, beyond })
            }
            _ => Confidence::Whisper(Whisper {
                epoch: if eve.rng.u8(0..9) == 0 { eve.number() } else { 1 },
                seq: eve.number(),
                oldest: eve.number(),
                sent_at: WallTime::from_unix_millis(eve.number()),
                item: eve.items().remove(0),
            }),
        };
        let (now, key, ann) = (lan.now, *identity(1).key(), addr(1));
        lan.sent.clear();
        lan.hosts[0].node.as_mut().unwrap().now = now;
        lan.hosts[0].node.as_mut().unwrap().send_sealed(&key, ann, &confidence);
        lan.carry();
        let answers = lan.sent.iter().filter(|sent| sent.from == 1).count();
        assert!(answers <= 1, "{answers} answers to {confidence:?}");
        if n % 9 == 0 {
            lan.whisper(1, 0, "psst");
        }
        lan.run(Duration::from_micros(1 << eve.rng.u32(0..20)));
    }
}

#[test]
fn no_value_in_confidence_makes_a_node_panic_or_busy() {
    (0..20).for_each(confide);
}

#[test]
fn a_want_of_one_datagram_is_answered_within_bounds() {
    let (mut eve, mut ann) = (Eve::new(1), Victim::new(false));
    let say = || Command::Say { text: text(&"x".repeat(900)), at: WallTime::default(), about: None };
    for _ in 0..200 {
        ann.handle(Input::Command(say()));
    }
    let announce = Body::Announce(Announce { visitor: false, ..eve.announce() });
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    let ranges = vec![Range { log, from: 1, count: u16::MAX }; MAX_RANGES];
    let want = Body::Want(Want { ranges: List::new(ranges).unwrap() });
    let mut sent = Vec::new();
    for (counter, body) in [(1, announce), (2, want)] {
        let frame = Frame { sender: *eve.keys[0].key(), incarnation: 1, counter, body };
        let bytes = frame.seal(&eve.keys[0], &lobby());
        sent.push(ann.handle(Input::Datagram { from: addr(1), cast: Cast::Unicast, bytes: &bytes }));
    }
    assert!(sent[0] < 1_000 && sent[1] > 900, "{sent:?}");
    assert!(sent[1] < 3 * 1_000, "nobody has shown that they hear it there");
}
