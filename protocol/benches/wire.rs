//! What reading and writing, signing and verifying cost

#![cfg(test)]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use lanchat_protocol::{
    Ed25519, Identity, InstanceId, Name, Room, RoomName, Text, WallTime,
    wire::{
        Announce, Body, Data, Digest, Entry, EntryHash, Extension, Frame, Head, Holding, Item, LogId,
        MAX_RECENT, Packet, Recent, SignedEntry,
        bounded::{Bytes, List},
        codec,
    },
};
use uuid::Uuid;

fn main() {
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    announcement(&mut criterion);
    data(&mut criterion);
    entry(&mut criterion);
    criterion.final_summary();
}

fn announcement(criterion: &mut Criterion) {
    let (ann, room) = (ann(), room());
    let body = announce();
    let frame = Frame {
        sender: *ann.key(),
        incarnation: 1_700_000_000_000,
        counter: 70_000,
        body: Body::Announce(body.clone()),
    };
    let datagram = frame.seal(&ann, &room);
    let open = || match Packet::decode(black_box(&datagram), room.tag()) {
        Ok(Packet::Frame(frame)) => frame.verify(room.id(), &Ed25519),
        Ok(Packet::Data(_) | Packet::Heartbeat(_) | Packet::Sealed(_)) | Err(_) => None,
    };
    assert_eq!(open(), Some(frame.clone()));
    let mut group = criterion.benchmark_group("announcement");
    group.throughput(Throughput::Elements(1));
    group.bench_function("encode", |bencher| bencher.iter(|| codec::encode(black_box(&body))));
    group.bench_function("encode and sign", |bencher| bencher.iter(|| black_box(&frame).seal(&ann, &room)));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| Packet::decode(black_box(&datagram), room.tag()));
    });
    group.bench_function("decode and verify", |bencher| bencher.iter(open));
    group.finish();
}

fn data(criterion: &mut Criterion) {
    let room = room();
    let data = Data::of(SignedEntry::sign(&line(), &ann(), room.id()).unwrap());
    let datagram = data.seal(&room);
    let open = || match Packet::decode(black_box(&datagram), room.tag()) {
        Ok(Packet::Data(entries)) => entries.first().and_then(SignedEntry::claim),
        Ok(Packet::Frame(_) | Packet::Heartbeat(_) | Packet::Sealed(_)) | Err(_) => None,
    };
    assert_eq!(open(), Some(line()));
    let mut group = criterion.benchmark_group("data frame of one entry");
    group.throughput(Throughput::Elements(1));
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(&data).seal(&room)));
    group.bench_function("decode", |bencher| bencher.iter(open));
    group.finish();
}

fn entry(criterion: &mut Criterion) {
    let (ann, room, line) = (ann(), room(), line());
    let signed = SignedEntry::sign(&line, &ann, room.id()).unwrap();
    let verify = || black_box(&signed).is_signed_by(ann.key(), room.id(), &Ed25519);
    assert!(verify());
    let mut group = criterion.benchmark_group("entry");
    group.throughput(Throughput::Elements(1));
    group.bench_function("sign", |bencher| {
        bencher.iter(|| SignedEntry::sign(black_box(&line), &ann, room.id()));
    });
    group.bench_function("verify", |bencher| bencher.iter(verify));
    group.bench_function("hash", |bencher| bencher.iter(|| black_box(&signed).hash()));
    group.finish();
}

/// An announcement of a room in which people talk
fn announce() -> Announce {
    let digest = Digest { sum: u64::MAX / 3, entries: 10_000 };
    let holding = |nth: usize| Holding {
        log: LogId { author: *Identity::from_secret([u8::try_from(nth).unwrap(); 32]).key(), epoch: 1 },
        floor: 1,
        seq: 1_000,
        lamport: 10_000,
    };
    let recent = Recent { holdings: List::new((0..MAX_RECENT).map(holding).collect()).unwrap() };
    let extension = |kind, body: Vec<u8>| Extension { kind, body: Bytes::new(body).unwrap() };
    let extensions = vec![
        extension(Extension::DIGEST, codec::encode(&digest)),
        extension(Extension::RECENT, codec::encode(&recent)),
    ];
    Announce {
        instance: InstanceId::from_uuid(Uuid::from_u128(7)),
        name: Name::new("ann").unwrap(),
        interval_ms: 1_000,
        members: 7,
        solicits: false,
        visitor: false,
        head: Head { epoch: 1_700_000_000_000, seq: 1_000 },
        lamport: 10_000,
        extensions: List::new(extensions).unwrap(),
    }
}

/// An entry with one line of 100 bytes
fn line() -> Entry {
    Entry {
        author: *ann().key(),
        epoch: 1_700_000_000_000,
        seq: 1_000,
        prev: EntryHash::from_bytes([9; 32]),
        lamport: 10_000,
        sent_at: WallTime::from_unix_millis(1_700_000_000_000),
        items: List::new(Item::from_text(&Text::new(&"x".repeat(100)).unwrap())).unwrap(),
    }
}

fn ann() -> Identity {
    Identity::from_secret([1; 32])
}

fn room() -> Room {
    Room::open(RoomName::lobby())
}
