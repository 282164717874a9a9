//! Somebody with a key and without scruples

use lanchat_protocol::{
    Identity, InstanceId, Name, PeerKey, Room, WallTime,
    wire::{
        Announce, Body, Bye, Data, Digest, Entry, EntryHash, Extension, Frame, HandshakeInit,
        HandshakeResponse, Head, Heads, HeadsRequest, Holding, Item, LogId, MAX_ENTRIES, MAX_EXTENSION_BYTES,
        MAX_HOLDINGS, MAX_ITEM_BYTES, MAX_NOTE_BYTES, MAX_RANGES, MAX_RECENT, Ping, PingRequest, Pong, Pulse,
        Range, Recent, SignedEntry, Status, Typing, Want,
        bounded::{Bytes, List},
        codec,
    },
};
use serde::Serialize;
use uuid::Uuid;

use crate::draw::Draw;

pub(crate) struct Stranger {
    identity: Identity,
    incarnation: u64,
    counter: u64,
    /// The last entry of the log that is as it should be
    tip: (u64, EntryHash),
    has_signed: bool,
}

impl Stranger {
    pub(crate) fn new(number: u8) -> Self {
        let identity = Identity::from_secret([0xe0 + number; 32]);
        Self { identity, incarnation: 1, counter: 0, tip: (0, EntryHash::default()), has_signed: false }
    }

    pub(crate) fn key(&self) -> PeerKey {
        *self.identity.key()
    }

    pub(crate) fn has_signed(&self) -> bool {
        self.has_signed
    }

    /// Signs whatever it is; most often as the next frame, and now and then as any
    pub(crate) fn seal(&mut self, draw: &mut Draw<'_>, body: Body, room: &Room) -> Vec<u8> {
        self.has_signed = true;
        let how = draw.byte();
        if how & 0x0f == 1 {
            self.incarnation = draw.number();
            self.counter = 0;
        }
        self.counter = if how & 0xf0 == 0x10 { draw.number() } else { self.counter.saturating_add(1) };
        let (incarnation, counter) = (self.incarnation, self.counter);
        Frame { sender: self.key(), incarnation, counter, body }.seal(&self.identity, room)
    }

    /// Entries of a log of theirs: those that come next, or any
    pub(crate) fn entries(&mut self, draw: &mut Draw<'_>, room: &Room) -> Vec<u8> {
        self.has_signed = true;
        let count = 1 + draw.below(MAX_ENTRIES);
        let entries: Vec<_> = (0..count).filter_map(|_| self.entry(draw, room)).collect();
        List::new(entries).map(|entries| Data { entries }.seal(room)).unwrap_or_default()
    }

    fn entry(&mut self, draw: &mut Draw<'_>, room: &Room) -> Option<SignedEntry> {
        let items = (0..draw.below(4)).map(|_| item(draw)).collect();
        let follows = draw.below(4) > 0;
        let (last, hash) = self.tip;
        let entry = Entry {
            author: self.key(),
            epoch: if follows { 1 } else { draw.number() },
            seq: if follows { last + 1 } else { draw.number() },
            prev: if follows || draw.is() { hash } else { EntryHash::from_bytes([draw.byte(); 32]) },
            lamport: draw.number(),
            sent_at: WallTime::from_unix_millis(draw.number()),
            items: List::new(items)?,
        };
        let signed = SignedEntry::sign(&entry, &self.identity, room.id())?;
        if follows {
            self.tip = (last + 1, signed.hash());
        }
        Some(signed)
    }

    pub(crate) fn announcement(&self, draw: &mut Draw<'_>, people: &[PeerKey]) -> Option<Announce> {
        let extensions = (0..draw.below(4)).filter_map(|_| extension(draw, people)).collect();
        Some(Announce {
            instance: InstanceId::from_uuid(Uuid::from_u128(draw.byte().into())),
            name: name(draw)?,
            interval_ms: u32::try_from(draw.number()).unwrap_or(u32::MAX),
            members: u32::try_from(draw.number()).unwrap_or(u32::MAX),
            solicits: draw.is(),
            visitor: draw.is(),
            head: head(draw),
            lamport: draw.number(),
            extensions: List::new(extensions)?,
        })
    }
}

/// Anything that somebody can say in a signed frame but an announcement
pub(crate) fn body(draw: &mut Draw<'_>, people: &[PeerKey]) -> Option<Body> {
    Some(match draw.below(10) {
        0 => Body::Bye(Bye { head: head(draw) }),
        1 => Body::Ping(Ping { nonce: draw.number() }),
        2 => Body::Pong(Pong { nonce: draw.number() }),
        3 => Body::PingRequest(PingRequest { target: draw.key(people), nonce: draw.number() }),
        4 => {
            let mut holdings: Vec<_> =
                (0..draw.below(MAX_HOLDINGS + 1)).map(|_| holding(draw, people)).collect();
            if draw.is() {
                holdings.sort_unstable_by_key(|holding| holding.log);
            }
            Body::Heads(Heads { holdings: List::new(holdings)?, more: draw.is() })
        }
        5 => Body::HeadsRequest(HeadsRequest { after: log(draw, people) }),
        6 => {
            let ranges = (0..draw.below(MAX_RANGES + 1)).map(|_| range(draw, people)).collect();
            Body::Want(Want { ranges: List::new(ranges)? })
        }
        7 => Body::HandshakeInit(HandshakeInit {
            to: draw.key(people),
            session: draw.number(),
            noise: Bytes::new(draw.bytes(96).to_vec())?,
        }),
        8 => Body::Typing(if draw.is() { Typing::TO_ALL } else { Typing { to: draw.key(people) } }),
        _ => Body::HandshakeResponse(HandshakeResponse {
            to: draw.key(people),
            session: draw.number(),
            answers: draw.number(),
            noise: Bytes::new(draw.bytes(48).to_vec())?,
        }),
    })
}

fn item(draw: &mut Draw<'_>) -> Item {
    let kind = match draw.byte() {
        other @ 0xf0.. => u16::from(other) << 8,
        kind => u16::from(kind % 11),
    };
    let text = draw.bytes(40);
    let body =
        if draw.below(16) == 15 { text.repeat(MAX_ITEM_BYTES / text.len().max(1)) } else { text.to_vec() };
    Item { kind, body: Bytes::new(body).unwrap_or_else(|| unreachable!("no longer than the longest")) }
}

fn name(draw: &mut Draw<'_>) -> Option<Name> {
    match draw.below(4) {
        0 => Name::new("ann").ok(),
        1 => Name::new("eve").ok(),
        2 => Name::new("bob").ok(),
        _ => Name::new(&String::from_utf8_lossy(draw.bytes(64))).or_else(|_| Name::new("eve")).ok(),
    }
}

fn head(draw: &mut Draw<'_>) -> Head {
    Head { epoch: draw.number(), seq: draw.number() }
}

fn log(draw: &mut Draw<'_>, people: &[PeerKey]) -> LogId {
    LogId { author: draw.key(people), epoch: draw.number() }
}

fn holding(draw: &mut Draw<'_>, people: &[PeerKey]) -> Holding {
    let log = log(draw, people);
    Holding { log, floor: draw.number(), seq: draw.number(), lamport: draw.number() }
}

fn range(draw: &mut Draw<'_>, people: &[PeerKey]) -> Range {
    let log = log(draw, people);
    Range { log, from: draw.number(), count: u16::try_from(draw.number()).unwrap_or(u16::MAX) }
}

fn extension(draw: &mut Draw<'_>, people: &[PeerKey]) -> Option<Extension> {
    let of = |kind, body: Vec<u8>| Some(Extension { kind, body: Bytes::new(body)? });
    match draw.below(6) {
        0 => of(Extension::DIGEST, codec::encode(&Digest { sum: draw.number(), entries: draw.number() })),
        1 => {
            let holdings = (0..draw.below(MAX_RECENT + 1)).map(|_| holding(draw, people)).collect();
            of(Extension::RECENT, codec::encode(&Recent { holdings: List::new(holdings)? }))
        }
        2 => of(Extension::WHISPER_KEY, encoded(&draw.array::<32>())),
        3 => {
            let link = codec::decode(&draw.array::<32>())?;
            let place = u16::from(draw.byte());
            let interval_ms = u32::try_from(draw.number()).unwrap_or(u32::MAX);
            of(Extension::PULSE, codec::encode(&Pulse { link, place, interval_ms }))
        }
        4 => {
            let (state, note) = (draw.byte() % 4, Bytes::new(draw.bytes(MAX_NOTE_BYTES).to_vec())?);
            of(Extension::STATUS, codec::encode(&Status { state, note }))
        }
        _ => of(u16::from(draw.byte()), draw.bytes(MAX_EXTENSION_BYTES.min(60)).to_vec()),
    }
}

fn encoded(value: &impl Serialize) -> Vec<u8> {
    codec::encode(value)
}
