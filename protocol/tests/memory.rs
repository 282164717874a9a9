//! Whatever arrives, for as long as it likes: a node's memory has a bound

#![cfg(test)]
#![cfg(target_os = "linux")]

use std::{fs, net::SocketAddr, sync::Arc, time::Duration};

use fastrand::Rng;
use lanchat_protocol::{
    Cast, Config, Identity, Input, InstanceId, Name, Node, PeerKey, Retention, Role, Room, RoomName,
    SecretSeed, Signature, Storage, Text, Time, Verifier, WallTime,
    wire::{
        Announce, Body, Bye, Data, Entry, EntryHash, Extension, Frame, HandshakeInit, Head, Heads,
        HeadsRequest, Holding, Item, LogId, Ping, PingRequest, Pong, Range, SignedEntry, Want,
        bounded::{Bytes, List},
    },
};

/// Takes all for genuine: whoever makes up identities signs in their names
#[derive(Debug)]
struct Credulous;

impl Verifier for Credulous {
    fn is_genuine(&self, _: &PeerKey, _: &[u8], _: &Signature) -> bool {
        true
    }
}

/// What a node may take, with all that the test program itself takes
const MOST_KIB: u64 = 64 << 10;

/// The most memory that this process ever had, in KiB
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn room() -> Room {
    Room::open(RoomName::lobby())
}

fn node() -> Node {
    let config = Config {
        identity: Identity::from_secret([1; 32]),
        instance: InstanceId::from_uuid(uuid::Uuid::from_u128(1)),
        incarnation: 1,
        name: Name::new("ann").unwrap(),
        room: room(),
        role: Role::Member,
        seed: 1,
        secret_seed: SecretSeed::new([1; 32]),
        wall: WallTime::from_unix_millis(1_700_000_000_000),
        storage: Storage::Ephemeral,
        retention: Retention::default(),
        blocked: Vec::new(),
        verifier: Arc::new(Credulous),
    };
    Node::new(config, Time::ZERO)
}

/// Many people at many hosts who say all that can be said, and all of it as large as it can be
struct Crowd {
    rng: Rng,
    signer: Identity,
    sent: u64,
}

impl Crowd {
    const PEOPLE: u64 = 5_000;

    fn key(&mut self) -> PeerKey {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&self.rng.u64(..Self::PEOPLE).to_le_bytes());
        PeerKey::from_bytes(bytes)
    }

    fn log(&mut self) -> LogId {
        LogId { author: self.key(), epoch: self.rng.u64(..1_000) }
    }

    fn place(&mut self) -> u64 {
        let bits = self.rng.u32(1..40);
        1 + 2 * self.rng.u64(..1 << bits)
    }

    fn announce(&mut self) -> Announce {
        // A link and a minute: what is announced is kept, to be repeated
        let mut pulse = [self.rng.u128(..).to_le_bytes(), self.rng.u128(..).to_le_bytes()].concat();
        pulse.extend([251, 0x60, 0xea]);
        let pulse = Extension { kind: Extension::PULSE, body: Bytes::new(pulse).unwrap() };
        let extra = Extension { kind: 40_000, body: Bytes::new(vec![7; 500]).unwrap() };
        Announce {
            instance: InstanceId::from_uuid(uuid::Uuid::from_u128(self.rng.u128(..))),
            name: Name::new(&format!("{}", self.rng.u64(..))).unwrap(),
            interval_ms: 600_000,
            members: self.rng.u32(..),
            solicits: self.rng.bool(),
            visitor: self.rng.u8(..) == 0,
            head: Head { epoch: self.rng.u64(..1_000), seq: self.place() },
            lamport: self.rng.u64(..),
            extensions: List::new(vec![pulse, extra]).unwrap(),
        }
    }

    fn holding(&mut self) -> Holding {
        Holding { log: self.log(), floor: 1, seq: self.place(), lamport: self.rng.u64(..) }
    }

    fn entry(&mut self) -> SignedEntry {
        let LogId { author, epoch } = self.log();
        let entry = Entry {
            author,
            epoch: epoch % 8,
            seq: self.place(),
            prev: EntryHash::from_bytes([9; 32]),
            lamport: self.sent,
            sent_at: WallTime::from_unix_millis(1_700_000_000_000 + self.sent),
            items: List::new(Item::from_text(&Text::new(&"x".repeat(self.rng.usize(1..800))).unwrap()))
                .unwrap(),
        };
        let first = Entry { prev: EntryHash::default(), ..entry.clone() };
        SignedEntry::sign(if entry.seq == 1 { &first } else { &entry }, &self.signer, room().id()).unwrap()
    }

    fn body(&mut self) -> Body {
        let to = Identity::from_secret([1; 32]);
        let nonce = self.rng.u64(..);
        match self.rng.u32(..10) {
            0..3 => Body::Announce(self.announce()),
            3 => Body::Bye(Bye { head: Head { epoch: 1, seq: self.place() } }),
            4 => Body::Ping(Ping { nonce }),
            5 => Body::Pong(Pong { nonce }),
            6 => Body::PingRequest(PingRequest { target: self.key(), nonce }),
            7 => Body::HeadsRequest(HeadsRequest { after: self.log() }),
            8 => {
                let range = Range { log: self.log(), from: self.place(), count: 64 };
                Body::Want(Want { ranges: List::new(vec![range; 16]).unwrap() })
            }
            _ => {
                let noise = Bytes::new(vec![7; 96]).unwrap();
                Body::HandshakeInit(HandshakeInit { to: *to.key(), session: nonce, noise })
            }
        }
    }

    fn datagram(&mut self) -> Vec<u8> {
        self.sent += 1;
        if self.rng.u8(..) < 100 {
            return Data { entries: List::new(vec![self.entry()]).unwrap() }.seal(&room());
        }
        let body = if self.rng.u8(..) < 80 {
            let holdings = (0..14).map(|_| self.holding()).collect();
            Body::Heads(Heads { holdings: List::new(holdings).unwrap(), more: self.rng.bool() })
        } else {
            self.body()
        };
        let incarnation = 1 + self.sent / 10_000;
        let sender = self.key();
        Frame { sender, incarnation, counter: self.sent, body }.seal(&self.signer, &room())
    }

    fn address(&mut self) -> SocketAddr {
        let [.., high, low] = self.rng.u32(..2_000).to_be_bytes();
        SocketAddr::from(([198, 18, high, low], self.rng.u16(25_253..25_260)))
    }
}

#[test]
fn whatever_thousands_say_and_claim_a_node_stays_small() {
    let (mut node, mut crowd) =
        (node(), Crowd { rng: Rng::with_seed(1), signer: Identity::from_secret([2; 32]), sent: 0 });
    for milli in 0..30_000_u64 {
        let now = Time::from_millis(milli);
        for _ in 0..2 {
            let (from, bytes) = (crowd.address(), crowd.datagram());
            let cast = if crowd.rng.bool() { Cast::Broadcast } else { Cast::Unicast };
            node.handle_input(now, Input::Datagram { from, cast, bytes: &bytes });
        }
        while node.poll_output().is_some() {}
        while node.poll_timeout().is_some_and(|(at, _)| at <= now) {
            node.handle_timeout(now + Duration::from_micros(1));
            while node.poll_output().is_some() {}
        }
    }
    assert!(node.peers().count() > 500, "{} are there", node.peers().count());
    assert!(peak() < MOST_KIB, "{} KiB", peak());
}
