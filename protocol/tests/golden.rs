//! The golden vectors of PROTOCOL.md §10: built from the values stated there they are these bytes, read they give
//! these values, and a second implementation of the encoding agrees

#![cfg(test)]

mod altered;
mod sealed;
mod vectors;

use std::{fmt::Debug, net::SocketAddr, sync::Arc};

use lanchat_protocol::{
    Cast, Config, Ed25519, Event, Identity, Input, InstanceId, Name, Node, Output, PeerKey, Retention, Role,
    Room, RoomCode, RoomKey, RoomName, SecretSeed, Storage, Text, Time, WallTime, WhisperKey, verification,
    wire::{
        Announce, Answer, Body, Bye, Data, Digest, Dropped, Entry, EntryHash, Extension, Frame, Head, Header,
        Heads, HeadsRequest, Heartbeat, Holding, Item, Link, LogId, Packet, Ping, PingRequest, Pong, Pulse,
        Range, Recent, SignedEntry, Want,
        bounded::{Bytes, List},
        codec,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_wincode::SerdeCompat;
use uuid::Uuid;
use vectors::vector;
use wincode::config::Configuration;

const INCARNATION_OF_ANN: u64 = 1_700_000_000_000;
const INCARNATION_OF_BOB: u64 = 1_700_000_000_500;
const SAID_AT: WallTime = WallTime::from_unix_millis(1_700_000_000_123);
const NONCE: u64 = 0x0123_4567_89ab_cdef;

fn ann() -> Identity {
    Identity::from_secret([1; 32])
}

fn bob() -> Identity {
    Identity::from_secret([2; 32])
}

fn lobby() -> Room {
    Room::open(RoomName::lobby())
}

fn item(kind: u16, body: &[u8]) -> Item {
    Item { kind, body: Bytes::new(body.to_vec()).unwrap() }
}

fn announce() -> Announce {
    Announce {
        instance: InstanceId::from_uuid(Uuid::from_u128(0x0011_2233_4455_4677_8899_aabb_ccdd_eeff)),
        name: Name::new("ann").unwrap(),
        interval_ms: 1_000,
        members: 2,
        solicits: true,
        visitor: false,
        head: Head { epoch: INCARNATION_OF_ANN, seq: 0 },
        lamport: 0,
        extensions: List::empty(),
    }
}

fn extended_announce() -> Announce {
    let extension = |kind, body: &[u8]| Extension { kind, body: Bytes::new(body.to_vec()).unwrap() };
    Announce {
        name: Name::new("张伟 🦊").unwrap(),
        interval_ms: 100_000,
        members: 999,
        solicits: false,
        visitor: true,
        head: Head { epoch: 5, seq: 4_294_967_296 },
        lamport: 65_536,
        extensions: List::new(vec![extension(250, b""), extension(40_000, b"new")]).unwrap(),
        ..announce()
    }
}

/// By Bob, to Ann
fn answer() -> Announce {
    let body = Bytes::new(codec::encode(&Answer { to: announce().instance })).unwrap();
    Announce { extensions: List::of_one(Extension { kind: Extension::ANSWER, body }), ..announce_with_logs() }
}

/// By Bob, who holds the three entries of Ann's below and nothing else
fn announce_with_logs() -> Announce {
    let extension = |kind, body| Extension { kind, body: Bytes::new(body).unwrap() };
    let holding = Holding { log: log_of_ann(), floor: 1, seq: 3, lamport: 252 };
    let recent = Recent { holdings: List::of_one(holding) };
    Announce {
        name: Name::new("bob").unwrap(),
        members: 1,
        solicits: false,
        head: Head { epoch: INCARNATION_OF_BOB, seq: 0 },
        lamport: 252,
        extensions: List::new(vec![
            extension(Extension::DIGEST, codec::encode(&digest_of_three())),
            extension(Extension::RECENT, codec::encode(&recent)),
        ])
        .unwrap(),
        ..announce()
    }
}

/// By Ann, whose heartbeats repeat it
fn announce_with_pulse() -> Announce {
    let pulse = Pulse { link: link(2), place: 2, interval_ms: 950 };
    let extension = Extension { kind: Extension::PULSE, body: Bytes::new(codec::encode(&pulse)).unwrap() };
    Announce { solicits: false, extensions: List::of_one(extension), ..announce() }
}

/// The link at this place of a chain that ends 64 places after 32 times `07`
fn link(place: usize) -> Link {
    let hashed = (place..64).fold([7; 32], |link, _| blake3::derive_key("lanchat 1 heartbeat", &link));
    codec::decode(&hashed).unwrap()
}

fn heartbeat(place: u16) -> Heartbeat {
    let link = link(place.into());
    Heartbeat { sender: *ann().key(), incarnation: INCARNATION_OF_ANN, place, link }
}

/// Of one log, of which all up to place 3 is held
fn digest_of_three() -> Digest {
    let LogId { author, epoch } = log_of_ann();
    let end = [author.as_bytes().as_slice(), &epoch.to_le_bytes(), &3_u64.to_le_bytes()].concat();
    let hash = blake3::derive_key("lanchat 1 digest", &end);
    Digest { sum: u64::from_le_bytes(*hash.first_chunk().unwrap()), entries: 3 }
}

fn frames() -> Vec<(&'static str, Frame)> {
    let by_ann =
        |counter, body| Frame { sender: *ann().key(), incarnation: INCARNATION_OF_ANN, counter, body };
    let by_bob =
        |counter, body| Frame { sender: *bob().key(), incarnation: INCARNATION_OF_BOB, counter, body };
    let request = PingRequest { target: *bob().key(), nonce: 250 };
    vec![
        ("announce", by_ann(1, Body::Announce(announce()))),
        ("announce-extended", by_ann(2, Body::Announce(extended_announce()))),
        ("announce-with-pulse", by_ann(9, Body::Announce(announce_with_pulse()))),
        ("announce-with-logs", by_bob(10, Body::Announce(announce_with_logs()))),
        ("announce-answer", by_bob(11, Body::Announce(answer()))),
        ("ping", by_ann(3, Body::Ping(Ping { nonce: NONCE }))),
        ("pong", by_bob(7, Body::Pong(Pong { nonce: NONCE }))),
        ("ping-request", by_ann(4, Body::PingRequest(request))),
        ("heads", by_bob(9, Body::Heads(heads()))),
        ("want", by_ann(7, Body::Want(want()))),
        ("heads-request", by_ann(8, Body::HeadsRequest(HeadsRequest { after: log_of_ann() }))),
        ("bye", by_ann(6, Body::Bye(Bye { head: Head { epoch: INCARNATION_OF_ANN, seq: 3 } }))),
    ]
    .into_iter()
    .chain(sealed::frames())
    .collect()
}

fn log_of_ann() -> LogId {
    LogId { author: *ann().key(), epoch: INCARNATION_OF_ANN }
}

fn holding() -> Holding {
    Holding { log: log_of_ann(), floor: 1, seq: 300, lamport: 65_536 }
}

fn heads() -> Heads {
    let other = Holding { log: LogId { author: *bob().key(), epoch: 7 }, floor: 2, seq: 2, lamport: 251 };
    Heads { holdings: List::new(vec![other, holding()]).unwrap(), more: true }
}

fn want() -> Want {
    let ranges = vec![
        Range { log: log_of_ann(), from: 3, count: 1 },
        Range { log: log_of_ann(), from: 9, count: 300 },
    ];
    Want { ranges: List::new(ranges).unwrap() }
}

/// Three entries: a line and an item of an unknown kind, the first part of a line, its last part
fn entries() -> Vec<(Entry, SignedEntry)> {
    let items = [
        vec![item(Item::TEXT, "grüß dich".as_bytes()), item(999, &[0, 255])],
        vec![item(Item::TEXT_BEGIN, b"one line ")],
        vec![item(Item::TEXT_END, b"in two parts")],
    ];
    let mut prev = EntryHash::default();
    let mut entries = Vec::new();
    for (seq, items) in (1..).zip(items) {
        let entry = Entry {
            author: *ann().key(),
            epoch: INCARNATION_OF_ANN,
            seq,
            prev,
            lamport: seq + 249,
            sent_at: SAID_AT,
            items: List::new(items).unwrap(),
        };
        let signed = SignedEntry::sign(&entry, &ann(), lobby().id()).unwrap();
        prev = signed.hash();
        entries.push((entry, signed));
    }
    entries
}

fn data() -> Data {
    Data { entries: List::new(entries().into_iter().map(|(_, signed)| signed).collect()).unwrap() }
}

fn integers() -> [u64; 8] {
    [0, 250, 251, 65_535, 65_536, 4_294_967_295, 4_294_967_296, u64::MAX]
}

fn wincode_of<T: Serialize>(value: &T) -> Vec<u8> {
    let config = Configuration::default().with_varint_encoding();
    <SerdeCompat<T> as wincode::config::Serialize<_>>::serialize(value, config).unwrap()
}

fn from_wincode<T: DeserializeOwned>(bytes: &[u8]) -> T {
    let config = Configuration::default().with_varint_encoding();
    <SerdeCompat<T> as wincode::config::Deserialize<_>>::deserialize(bytes, config).unwrap()
}

/// Both implementations of the encoding turn `value` into `bytes` and back
fn agree<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, bytes: &[u8]) {
    assert_eq!(codec::encode(value), bytes);
    assert_eq!(wincode_of(value), bytes);
    assert_eq!(codec::decode::<T>(bytes).as_ref(), Some(value));
    assert_eq!(&from_wincode::<T>(bytes), value);
}

/// All mismatches at once, as blocks for the document
fn assert_vectors(built: &[(&str, Vec<u8>)]) {
    let hex = |bytes: &[u8]| {
        let lines = bytes.chunks(32).map(|line| line.iter().map(|b| format!("{b:02x}")).collect::<String>());
        lines.collect::<Vec<_>>().join("\n")
    };
    let wrong: Vec<_> = built
        .iter()
        .filter(|(name, bytes)| vector(name) != *bytes)
        .map(|(name, bytes)| format!("```hex {name}\n{}\n```\n", hex(bytes)))
        .collect();
    assert!(wrong.is_empty(), "these are not the document's:\n{}", wrong.concat());
}

#[test]
fn ids_follow_from_keys_and_names() {
    let tag = |room: &Room| Header { kind: 0, is_sealed: false, room: room.tag() }.encode()[8..].to_vec();
    let cafe = Room::open(RoomName::new("Ｃａｆｅ\u{301}").unwrap());
    let uuid = |key: &PeerKey| key.id().as_uuid().as_bytes().to_vec();
    assert_vectors(&[
        ("key-of-ann", ann().key().as_bytes().to_vec()),
        ("key-of-bob", bob().key().as_bytes().to_vec()),
        ("id-of-ann", uuid(ann().key())),
        ("id-of-bob", uuid(bob().key())),
        ("room-name", cafe.name().as_str().as_bytes().to_vec()),
        ("room-id-of-lobby", lobby().id().as_bytes().to_vec()),
        ("room-tag-of-lobby", tag(&lobby())),
        ("room-id", cafe.id().as_bytes().to_vec()),
        ("room-tag", tag(&cafe)),
    ]);
    let compared: Vec<u8> =
        verification(bob().key(), ann().key()).into_iter().flat_map(u16::to_le_bytes).collect();
    assert_vectors(&[("verification-of-ann-and-bob", compared)]);
    assert_eq!(ann().id().to_string(), Uuid::from_slice(&vector("id-of-ann")).unwrap().to_string());
}

const CODE: &str = " Abandon ability—able\u{a0}ABOUT above  absent\n";

fn attic() -> RoomName {
    RoomName::new("attic").unwrap()
}

fn private_room() -> Room {
    let key = vector("room-key");
    Room::private(attic(), &RoomKey::from_bytes(key.try_into().unwrap()))
}

#[test]
fn the_id_and_tag_of_a_private_room_follow_from_its_name_and_code() {
    let code = RoomCode::new(CODE).unwrap();
    let key = RoomKey::derive(&attic(), &code).unwrap();
    let room = Room::private(attic(), &key);
    let header = Header { kind: 0, is_sealed: true, room: room.tag() }.encode();
    assert_vectors(&[
        ("room-code", code.as_str().as_bytes().to_vec()),
        ("room-key", key.as_bytes().to_vec()),
        ("private-room-id", room.id().as_bytes().to_vec()),
        ("private-room-tag", header[8..].to_vec()),
    ]);
}

#[test]
fn datagrams_of_a_private_room_are_sealed_into_these_bytes_and_read_from_them() {
    let room = private_room();
    let (_, frame) = frames().remove(0);
    let open = frame.seal(&ann(), &room);
    let sealed = room.seal(open.clone(), || std::array::from_fn(|byte| u8::try_from(byte).unwrap()));
    assert_vectors(&[("private-announce", open), ("sealed-announce", sealed)]);
    let datagram = vector("sealed-announce");
    let opened = room.unseal(&datagram).unwrap();
    let Ok(Packet::Frame(read)) = Packet::decode(&opened, room.tag()) else { panic!("it is not read") };
    assert_eq!(read.verify(room.id(), &Ed25519), Some(frame));
}

#[test]
fn integers_have_their_shortest_form_and_longer_ones_are_read() {
    assert_vectors(&[("integers", codec::encode(&integers()))]);
    agree(&integers(), &vector("integers"));
    let long_forms = vector("integers-in-longer-forms");
    assert_eq!(codec::decode::<[u64; 3]>(&long_forms), Some([5, 5, 5]));
    assert_eq!(from_wincode::<[u64; 3]>(&long_forms), [5, 5, 5]);
}

#[test]
fn frames_are_signed_into_these_bytes() {
    let identity = |frame: &Frame| if frame.sender == *ann().key() { ann() } else { bob() };
    let built: Vec<_> =
        frames().into_iter().map(|(name, frame)| (name, frame.seal(&identity(&frame), &lobby()))).collect();
    assert_vectors(&built);
}

#[test]
fn frames_are_read_from_these_bytes() {
    for (name, frame) in frames() {
        let datagram = vector(name);
        let Ok(Packet::Frame(read)) = Packet::decode(&datagram, lobby().tag()) else {
            panic!("{name} is not read as a frame");
        };
        assert_eq!(read.verify(lobby().id(), &Ed25519), Some(frame), "{name}");
    }
}

#[test]
fn a_heartbeat_has_these_bytes_and_repeats_the_announcement_with_its_pulse() {
    assert_vectors(&[
        ("heartbeat", heartbeat(3).seal(&lobby())),
        ("heartbeat-shown-before", heartbeat(2).seal(&lobby())),
    ]);
    let datagram = vector("heartbeat");
    let read = Packet::decode(&datagram, lobby().tag());
    assert!(matches!(read, Ok(Packet::Heartbeat(read)) if read == heartbeat(3)));
    let strangers = |names: &[&str]| node_that_heard(names).counters().dropped(Dropped::Stranger);
    assert_eq!(strangers(&["announce-with-pulse", "heartbeat"]), 0);
    assert_eq!(strangers(&["announce", "heartbeat"]), 1);
    let replays = |names: &[&str]| node_that_heard(names).counters().dropped(Dropped::Replayed);
    assert_eq!(replays(&["announce-with-pulse", "heartbeat", "heartbeat"]), 1);
    assert_eq!(replays(&["announce-with-pulse", "heartbeat-shown-before"]), 1);
}

#[test]
fn bodies_are_the_same_in_both_implementations() {
    for (name, frame) in frames() {
        let datagram = vector(name);
        let body = &datagram[64..datagram.len() - 64];
        match &frame.body {
            Body::Announce(value) => agree(value, body),
            Body::Bye(value) => agree(value, body),
            Body::Ping(value) => agree(value, body),
            Body::Pong(value) => agree(value, body),
            Body::PingRequest(value) => agree(value, body),
            Body::Heads(value) => agree(value, body),
            Body::Want(value) => agree(value, body),
            Body::HeadsRequest(value) => agree(value, body),
            Body::HandshakeInit(value) => agree(value, body),
            Body::HandshakeResponse(value) => agree(value, body),
        }
    }
    agree(&data(), &vector("data")[16..]);
}

#[test]
fn entries_are_signed_into_these_bytes_and_read_from_them() {
    let entries = entries();
    let [(one, signed_one), (_, signed_two), _] = entries.as_slice() else { panic!("not three entries") };
    assert_vectors(&[
        ("entry", codec::encode(one)),
        ("entry-hash", signed_one.hash().as_bytes().to_vec()),
        ("entry-two-hash", signed_two.hash().as_bytes().to_vec()),
        ("data", data().seal(&lobby())),
    ]);
    agree(one, &vector("entry"));
    let datagram = vector("data");
    let Ok(Packet::Data(read)) = Packet::decode(&datagram, lobby().tag()) else { panic!("data is not read") };
    assert_eq!(read.len(), entries.len());
    for (read, (entry, signed)) in read.iter().zip(&entries) {
        assert_eq!(read, signed);
        assert_eq!(read.claim().as_ref(), Some(entry));
        assert!(read.is_signed_by(ann().key(), lobby().id(), &Ed25519));
    }
}

/// Bob's node, started no later than Ann's, whose vectors reach it in this order
fn node_that_heard(names: &[&str]) -> Node {
    node_of(bob(), INCARNATION_OF_ANN, names)
}

fn node_of(identity: Identity, incarnation: u64, names: &[&str]) -> Node {
    node_in(lobby(), identity, incarnation, names)
}

fn node_in(room: Room, identity: Identity, incarnation: u64, names: &[&str]) -> Node {
    let config = Config {
        identity,
        instance: InstanceId::from_uuid(Uuid::nil()),
        incarnation,
        name: Name::new("bob").unwrap(),
        room,
        role: Role::Member,
        seed: 1,
        secret_seed: SecretSeed::new([1; 32]),
        wall: WallTime::default(),
        storage: Storage::Ephemeral,
        retention: Retention::default(),
        verifier: Arc::new(Ed25519),
        blocked: Vec::new(),
    };
    let mut node = Node::new(config, Time::ZERO);
    names.iter().for_each(|name| hear(&mut node, &vector(name)));
    node
}

fn hear(node: &mut Node, bytes: &[u8]) {
    hear_at(node, Time::ZERO, bytes);
}

fn hear_at(node: &mut Node, now: Time, bytes: &[u8]) {
    let from = SocketAddr::from(([198, 18, 0, 1], 25_253));
    node.handle_input(now, Input::Datagram { from, cast: Cast::Unicast, bytes });
}

/// The lines and whispers that a node shows, and what it sends
fn outputs(node: &mut Node) -> (Vec<(Uuid, String)>, Vec<Vec<u8>>) {
    let (mut shown, mut sent) = (Vec::new(), Vec::new());
    while let Some(output) = node.poll_output() {
        match output {
            Output::Event(Event::Message { id, text, .. } | Event::Whisper { id, text, .. }) => {
                shown.push((id.as_uuid(), Text::as_str(&text).to_owned()));
            }
            Output::Send { datagram, .. } => sent.push(datagram),
            Output::Event(_) | Output::Broadcast(_) | Output::Probe { .. } | Output::Store { .. } => {}
        }
    }
    (shown, sent)
}

#[test]
fn a_node_shows_what_the_vectors_say_under_their_ids() {
    let mut node = node_that_heard(&["announce", "data"]);
    let (shown, _) = outputs(&mut node);
    let ids: Vec<_> = shown.iter().map(|(id, _)| id.as_bytes().to_vec()).collect();
    assert_vectors(&[("id-of-line-one", ids[0].clone()), ("id-of-line-two", ids[1].clone())]);
    let texts: Vec<_> = shown.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["grüß dich", "one line in two parts"]);
}

#[test]
fn a_node_announces_what_it_holds_as_the_vector_does() {
    let mut node = node_that_heard(&["announce", "data"]);
    while node.poll_output().is_some() {}
    node.handle_timeout(Time::ZERO);
    let announced = std::iter::from_fn(|| node.poll_output()).find_map(|output| {
        let Output::Broadcast(datagram) = output else { return None };
        let Ok(Packet::Frame(frame)) = Packet::decode(&datagram, lobby().tag()) else { return None };
        let Body::Announce(announce) = frame.verify(lobby().id(), &Ed25519)?.body else { return None };
        Some(announce)
    });
    let announced = announced.unwrap();
    let key = WhisperKey::from_bytes(*vector("whisper-key-of-bob").first_chunk().unwrap());
    assert_eq!(announced.whisper_key(), Some(key));
    let is_of_logs =
        |extension: &&Extension| [Extension::DIGEST, Extension::RECENT].contains(&extension.kind);
    let of_logs = announced.extensions.iter().filter(is_of_logs);
    assert!(of_logs.eq(announce_with_logs().extensions.iter()));
    assert_vectors(&[("digest-sum", announced.digest().unwrap().sum.to_le_bytes().to_vec())]);
}
