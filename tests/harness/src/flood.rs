//! Somebody who floods a network with everything that is no good

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use lanchat_protocol::wire::bounded::List;
use lanchat_protocol::wire::{
    Announce, Body, Data, Entry, EntryHash, Frame, Head, Header, Item, SignedEntry,
};
use lanchat_protocol::{Identity, InstanceId, Name, Room, RoomName, Text, WallTime};

use crate::{Host, OrFail, Program};

/// The running test program as an attacker at this host: it needs an ignored test called `the_attacker` that calls
/// [`flood`]
pub fn attacker(host: &Host) -> Program {
    let mut command = host.command(std::env::current_exe().or_fail("a test has no name"));
    command.args(["--ignored", "--exact", "the_attacker", "--nocapture"]).env(ATTACKER, host.address());
    Program::start("attacker", command)
}

/// The variable without which [`flood`] does nothing: a test runs itself as the attacker on a lab's host with it, set to
/// that host's address
const ATTACKER: &str = "LANCHAT_TEST_ATTACKER";

const PORT: u16 = 25_252;
const EVERYONE: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 255);

/// How many identities are made up
const IDENTITIES: usize = 1_000;
/// How many datagrams are overheard before the flood begins
const OVERHEARD: usize = 12;
/// How many of them are kept
const KEPT: usize = 2_000;

/// Listens to a room on a lab's host, prints `{"event":"ready"}`, then sends so many datagrams a second to all and to
/// each until its input ends: noise, forgeries, recordings, made-up identities
///
/// Does nothing unless [`attacker`] started it, so that it never runs on a network that nobody made for it.
pub fn flood(rate: u32) {
    let Ok(own) = std::env::var(ATTACKER) else { return };
    let ended = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&ended);
    thread::spawn(move || {
        let _read = io::copy(&mut io::stdin(), &mut io::sink());
        flag.store(true, Ordering::Relaxed);
    });
    let mut attacker = Attacker::new(own);
    while attacker.overheard.len() < OVERHEARD && !ended.load(Ordering::Relaxed) {
        attacker.overhear();
        thread::sleep(Duration::from_millis(10));
    }
    say(r#"{"event":"ready"}"#);
    let begin = Instant::now();
    let mut sent: u32 = 0;
    while !ended.load(Ordering::Relaxed) {
        let due = begin.elapsed().as_micros() * u128::from(rate) / 1_000_000;
        // What could not be sent in time is not made up for: the rate is a limit, too.
        sent = sent.max(u32::try_from(due).unwrap_or(u32::MAX).saturating_sub(rate / 50));
        while u128::from(sent) < due {
            attacker.send(sent);
            sent += 1;
        }
        attacker.overhear();
        thread::sleep(Duration::from_millis(1));
    }
    say(&format!(
        r#"{{"event":"sent","datagrams":{},"seconds":{}}}"#,
        attacker.sent,
        begin.elapsed().as_secs()
    ));
}

struct Attacker {
    ear: UdpSocket,
    mouth: UdpSocket,
    rng: Rng,
    room: Room,
    /// Its address
    own: String,
    /// Whom there is, and what they sent
    overheard: Vec<(SocketAddr, Vec<u8>)>,
    invented: Vec<Vec<u8>>,
    forged: Vec<Vec<u8>>,
    sent: u64,
}

impl Attacker {
    fn new(own: String) -> Self {
        let ear = UdpSocket::bind(("0.0.0.0", PORT)).or_fail("no port");
        ear.set_nonblocking(true).or_fail("no polling");
        let mouth = UdpSocket::bind(("0.0.0.0", PORT + 1)).or_fail("no port");
        mouth.set_broadcast(true).or_fail("no broadcast");
        let room = Room::open(RoomName::lobby());
        let keys: Vec<_> = (0..IDENTITIES).map(identity).collect();
        Self {
            ear,
            mouth,
            rng: Rng::with_seed(7),
            own,
            overheard: Vec::new(),
            invented: keys.iter().map(|key| announcement(key, &room)).collect(),
            forged: keys.iter().take(50).map(|key| forged_entries(key, &room)).collect(),
            room,
            sent: 0,
        }
    }

    fn overhear(&mut self) {
        let mut buffer = [0; 2_048];
        while let Ok((length, from)) = self.ear.recv_from(&mut buffer) {
            // A broadcast brings back what it sent itself.
            if from.ip().to_string() == self.own {
                continue;
            }
            if self.overheard.len() >= KEPT {
                self.overheard.swap_remove(0);
            }
            self.overheard.push((from, buffer[..length].to_vec()));
        }
    }

    fn send(&mut self, nth: u32) {
        let Some((whom, recorded)) = self.rng.choice(&self.overheard).cloned() else { return };
        let datagram = self.datagram(nth % 8, recorded);
        let to = if self.rng.bool() { SocketAddr::from((EVERYONE, PORT)) } else { whom };
        self.sent += u64::from(self.mouth.send_to(&datagram, to).is_ok());
    }

    fn datagram(&mut self, kind: u32, mut recorded: Vec<u8>) -> Vec<u8> {
        let noise = self.rng.usize(0..1_184);
        match kind {
            0 => (0..noise).map(|_| self.rng.u8(..)).collect(),
            1 => {
                let header =
                    Header { kind: self.rng.u8(..0x34), is_sealed: false, room: self.room.tag() }.encode();
                header.into_iter().chain((0..noise).map(|_| self.rng.u8(..))).collect()
            }
            2 | 3 => {
                // The counter of a frame, or something within an entry, so that it looks new
                if let Some(byte) = recorded.get_mut(58) {
                    *byte = self.rng.u8(..);
                }
                if let Some(byte) = recorded.last_mut() {
                    *byte ^= 1;
                }
                recorded
            }
            4 => recorded,
            5 => self.rng.choice(&self.invented).cloned().unwrap_or_default(),
            6 => self.rng.choice(&self.forged).cloned().unwrap_or_default(),
            _ => {
                recorded.truncate(self.rng.usize(0..=recorded.len()));
                recorded
            }
        }
    }
}

fn identity(n: usize) -> Identity {
    let mut secret = [0x66; 32];
    secret[..8].copy_from_slice(&n.to_le_bytes());
    Identity::from_secret(secret)
}

fn announcement(by: &Identity, room: &Room) -> Vec<u8> {
    let announce = Announce {
        instance: InstanceId::from_uuid(uuid::Uuid::nil()),
        name: Name::new("nobody").or_fail("a name"),
        interval_ms: 600_000,
        members: 1_000_000,
        solicits: true,
        visitor: false,
        head: Head { epoch: 1, seq: 0 },
        lamport: 1,
        extensions: List::empty(),
    };
    let incarnation = 9_000_000_000_000;
    Frame { sender: *by.key(), incarnation, counter: 1, body: Body::Announce(announce) }.seal(by, room)
}

/// Entries, as many as fit, of an author who did not sign them
fn forged_entries(author: &Identity, room: &Room) -> Vec<u8> {
    let entries = (1..=4_u64).filter_map(|seq| {
        let prev = if seq == 1 { EntryHash::default() } else { EntryHash::from_bytes([5; 32]) };
        let items = Item::from_text(&Text::new("forged").or_fail("a text"));
        let entry = Entry {
            author: *author.key(),
            epoch: 1,
            seq,
            prev,
            lamport: seq,
            sent_at: WallTime::default(),
            items: List::new(items).or_fail("items"),
        };
        SignedEntry::sign(&entry, &identity(IDENTITIES), room.id())
    });
    Data { entries: List::new(entries.collect()).or_fail("four entries") }.seal(room)
}

fn say(line: &str) {
    let _written = writeln!(io::stdout(), "\n{line}");
}
