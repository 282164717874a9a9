//! Whatever values arrive, whenever: no panic, no busy loop, no more output than input is worth

use super::*;
use crate::wire::{
    Announce, Bye, Entry, EntryHash, Extension, Frame, Head, Item, MAX_ITEMS, Pong, SignedEntry, Whisper,
    WhisperAck, bounded::Bytes, codec,
};

/// Somebody who has a few keys and no scruples
struct Eve {
    rng: Rng,
    keys: Vec<Identity>,
    place: u64,
}

impl Eve {
    fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), keys: (0..6).map(|n| identity(500 + n)).collect(), place: 0 }
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

    fn announce(&mut self) -> Announce {
        let extension = Extension { kind: 1, body: Bytes::new(vec![0; 40]).unwrap() };
        Announce {
            instance: InstanceId::from_uuid(uuid::Uuid::from_u128(1)),
            name: Name::new(&format!("eve{}", self.rng.u8(..))).unwrap(),
            interval_ms: self.small(),
            members: self.small(),
            solicits: self.rng.bool(),
            visitor: self.rng.u8(0..8) == 0,
            head: Head { epoch: self.number(), seq: self.number() },
            lamport: self.number(),
            extensions: List::of_one(extension),
        }
    }

    fn body(&mut self) -> Body {
        let ann = *identity(0).key();
        let target = *self.keys[self.rng.usize(0..6)].key();
        match self.rng.u8(0..30) {
            0..=9 => Body::Announce(self.announce()),
            10..=12 => Body::Ping(Ping { nonce: self.number() }),
            13..=15 => Body::Pong(Pong { nonce: self.number() }),
            16..=18 => Body::PingRequest(PingRequest { target, nonce: self.number() }),
            19..=24 => Body::Whisper(Whisper {
                to: ann,
                epoch: self.number(),
                seq: self.number(),
                oldest: self.number(),
                sent_at: WallTime::from_unix_millis(self.number()),
                item: self.items().remove(0),
            }),
            25..=28 => {
                Body::WhisperAck(WhisperAck { to: ann, epoch: 1, upto: self.number(), beyond: self.number() })
            }
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

    fn datagram(&mut self) -> Vec<u8> {
        if self.rng.u8(0..4) == 0 { self.entries() } else { self.frame() }
    }
}

/// Ann, whatever happens to her, and the time
struct Victim {
    node: Node,
    now: Time,
}

impl Victim {
    /// As many events as a hole that is filled can let through
    const MOST_OUTPUTS: usize = (256 + 8) * (MAX_ITEMS + 1);

    fn new() -> Self {
        let now = Time::from_secs(10);
        Self { node: Node::new(config(0, "ann", 1, Role::Member), now), now }
    }

    fn drain(&mut self) {
        let outputs = core::iter::from_fn(|| self.node.poll_output()).count();
        assert!(outputs <= Self::MOST_OUTPUTS, "{outputs} outputs");
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
    let (mut eve, mut ann) = (Eve::new(seed), Victim::new());
    for _ in 0..250 {
        let input = eve.rng.u8(0..10);
        let datagram = eve.datagram();
        let whisper = || Command::Whisper {
            to: identity(500).id(),
            text: text(&"x".repeat(2_000)),
            at: WallTime::default(),
        };
        let cast = if eve.rng.bool() { Cast::Broadcast } else { Cast::Unicast };
        ann.node.handle_input(
            ann.now,
            match input {
                0 => Input::Command(whisper()),
                1 => Input::Refused { to: addr(eve.rng.usize(1..6)) },
                _ => Input::Datagram { from: addr(eve.rng.usize(1..6)), cast, bytes: &datagram },
            },
        );
        ann.drain();
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
