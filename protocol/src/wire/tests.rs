//! Properties of the codec as a whole: round trips, truncation, noise

use alloc::{format, string::String, vec::Vec};

use proptest::prelude::*;

use super::{bounded::List, *};
use crate::{
    Ed25519, Identity, InstanceId, Name, PeerKey, RoomName, SEAL_BYTES, WallTime, WhisperKey,
    wire::bounded::Bytes,
};

fn identity() -> Identity {
    Identity::from_secret([1; 32])
}

fn room() -> Room {
    Room::open(RoomName::lobby())
}

fn item() -> impl Strategy<Value = Item> {
    (any::<u16>(), prop::collection::vec(any::<u8>(), 0..=MAX_ITEM_BYTES))
        .prop_map(|(kind, body)| Item { kind, body: Bytes::new(body).unwrap() })
}

fn name() -> impl Strategy<Value = Name> {
    "\\PC{1,20}".prop_filter_map("not every text is a name", |name: String| Name::new(&name).ok())
}

fn log_id() -> impl Strategy<Value = LogId> {
    any::<([u8; 32], u64)>().prop_map(|(key, epoch)| LogId { author: PeerKey::from_bytes(key), epoch })
}

fn holding() -> impl Strategy<Value = Holding> {
    (log_id(), any::<(u64, u64, u64)>()).prop_map(|(log, (floor, seq, lamport))| Holding {
        log,
        floor,
        seq,
        lamport,
    })
}

fn range() -> impl Strategy<Value = Range> {
    (log_id(), any::<(u64, u16)>()).prop_map(|(log, (from, count))| Range { log, from, count })
}

fn announce() -> impl Strategy<Value = Announce> {
    let extension = (any::<u16>(), prop::collection::vec(any::<u8>(), 0..40))
        .prop_map(|(kind, body)| Extension { kind, body: Bytes::new(body).unwrap() });
    let digest = any::<(u64, u64)>()
        .prop_map(|(sum, entries)| Extension::of(Extension::DIGEST, &Digest { sum, entries }).unwrap());
    let recent = prop::collection::vec(holding(), 0..=MAX_RECENT).prop_map(|holdings| {
        Extension::of(Extension::RECENT, &Recent { holdings: List::new(holdings).unwrap() }).unwrap()
    });
    let later = prop::collection::vec(extension, 0..=8);
    let extensions =
        (prop::option::of(digest), prop::option::of(recent), later).prop_map(|(digest, recent, later)| {
            digest.into_iter().chain(recent).chain(later).collect::<Vec<_>>()
        });
    let numbers = (any::<u32>(), any::<u32>(), any::<u64>(), any::<u64>());
    (any::<u128>(), name(), numbers, any::<(bool, bool)>(), extensions).prop_map(
        |(instance, name, (interval_ms, members, epoch, seq), (solicits, visitor), extensions)| Announce {
            instance: InstanceId::from_uuid(uuid::Uuid::from_u128(instance)),
            name,
            interval_ms,
            members,
            solicits,
            visitor,
            head: Head { epoch, seq },
            lamport: seq ^ epoch,
            extensions: List::new(extensions).unwrap(),
        },
    )
}

fn noise<const MAX: usize>() -> impl Strategy<Value = Bytes<MAX>> {
    prop::collection::vec(any::<u8>(), 0..=MAX).prop_map(|bytes| Bytes::new(bytes).unwrap())
}

fn confidence() -> impl Strategy<Value = Confidence> {
    let whisper = (any::<(u64, u64, u64, u64)>(), item()).prop_map(|((epoch, seq, oldest, at), item)| {
        let sent_at = WallTime::from_unix_millis(at);
        Confidence::Whisper(Whisper { epoch, seq, oldest, sent_at, item })
    });
    let ack = any::<(u64, u64, u64)>()
        .prop_map(|(epoch, upto, beyond)| Confidence::WhisperAck(WhisperAck { epoch, upto, beyond }));
    prop_oneof![Just(Confidence::Confirm), whisper, ack]
}

fn body() -> impl Strategy<Value = Body> {
    let key = any::<[u8; 32]>().prop_map(PeerKey::from_bytes);
    use alloc::vec;
    prop_oneof![
        announce().prop_map(Body::Announce),
        any::<(u64, u64)>().prop_map(|(epoch, seq)| Body::Bye(Bye { head: Head { epoch, seq } })),
        any::<u64>().prop_map(|nonce| Body::Ping(Ping { nonce })),
        any::<u64>().prop_map(|nonce| Body::Pong(Pong { nonce })),
        (key.clone(), any::<u64>())
            .prop_map(|(target, nonce)| Body::PingRequest(PingRequest { target, nonce })),
        (prop::collection::vec(holding(), 0..=MAX_HOLDINGS), any::<bool>()).prop_map(|(holdings, more)| {
            Body::Heads(Heads { holdings: List::new(holdings).unwrap(), more })
        }),
        prop::collection::vec(range(), 0..=MAX_RANGES)
            .prop_map(|ranges| Body::Want(Want { ranges: List::new(ranges).unwrap() })),
        log_id().prop_map(|after| Body::HeadsRequest(HeadsRequest { after })),
        (key.clone(), any::<u64>(), noise())
            .prop_map(|(to, session, noise)| { Body::HandshakeInit(HandshakeInit { to, session, noise }) }),
        (key.clone(), any::<(u64, u64)>(), noise()).prop_map(|(to, (session, answers), noise)| {
            Body::HandshakeResponse(HandshakeResponse { to, session, answers, noise })
        }),
        key.prop_map(|to| Body::Typing(Typing { to })),
    ]
}

fn datagram(body: Body, incarnation: u64, counter: u64) -> Vec<u8> {
    Frame { sender: *identity().key(), incarnation, counter, body }.seal(&identity(), &room())
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    let fields = any::<(u64, u64, u64, u64)>();
    (fields, any::<[u8; 32]>(), prop::collection::vec(item(), 1..3)).prop_filter_map(
        "too long for an entry",
        |((epoch, seq, lamport, at), prev, items)| {
            let entry = Entry {
                author: *identity().key(),
                epoch,
                seq: seq.max(2),
                prev: codec::decode(&prev).unwrap(),
                lamport,
                sent_at: WallTime::from_unix_millis(at),
                items: List::new(items).unwrap(),
            };
            let signed = SignedEntry::sign(&entry, &identity(), room().id())?;
            assert_eq!(signed.claim(), Some(entry));
            Some(Data::of(signed).seal(&room()))
        },
    )
}

proptest! {
    #[test]
    fn a_frame_comes_back_as_it_went(body in body(), incarnation: u64, counter: u64) {
        let bytes = datagram(body.clone(), incarnation, counter);
        let is_short = bytes.len() + SEAL_BYTES <= MAX_DATAGRAM_BYTES;
        prop_assert!(is_short || matches!(body, Body::Announce(_)), "{}", bytes.len());
        let Ok(Packet::Frame(unverified)) = Packet::decode(&bytes, room().tag()) else {
            return Err(TestCaseError::fail(format!("{body:?} was not read")));
        };
        let frame = unverified.verify(room().id(), &Ed25519).unwrap();
        prop_assert_eq!(frame, Frame { sender: *identity().key(), incarnation, counter, body });
    }

    #[test]
    fn every_truncation_of_a_frame_is_dropped(body in body()) {
        let bytes = datagram(body, 1, 2);
        for length in 0..bytes.len() {
            let read = Packet::decode(&bytes[..length], room().tag());
            let verified = match read {
                Ok(Packet::Frame(unverified)) => unverified.verify(room().id(), &Ed25519).is_some(),
                Ok(Packet::Data(_) | Packet::Heartbeat(_) | Packet::Sealed(_)) => true,
                Err(_) => false,
            };
            prop_assert!(!verified, "{length} bytes were taken for a frame");
        }
    }

    #[test]
    fn every_truncation_of_entries_is_an_error(bytes in data()) {
        prop_assert!(bytes.len() <= MAX_DATAGRAM_BYTES);
        prop_assert!(matches!(Packet::decode(&bytes, room().tag()), Ok(Packet::Data(_))));
        for length in 0..bytes.len() {
            prop_assert!(Packet::decode(&bytes[..length], room().tag()).is_err());
        }
    }

    #[test]
    fn a_changed_byte_is_never_taken_for_the_senders(body in body(), at: prop::sample::Index, flip in 1_u8..) {
        let mut bytes = datagram(body, 1, 2);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(Packet::Frame(unverified)) = Packet::decode(&bytes, room().tag()) {
            prop_assert!(unverified.verify(room().id(), &Ed25519).is_none());
        }
    }

    #[test]
    fn noise_behind_a_good_header_never_panics(kind: u8, noise in prop::collection::vec(any::<u8>(), 0..1_400)) {
        let header = Header { kind, is_sealed: false, room: room().tag() }.encode();
        let bytes = [header.as_slice(), &noise].concat();
        if let Ok(Packet::Data(entries)) = Packet::decode(&bytes, room().tag()) {
            for entry in entries {
                prop_assert!(entry.claim().is_none_or(|claim| !entry.is_signed_by(&claim.author, room().id(), &Ed25519)));
            }
        }
    }

    #[test]
    fn what_an_announcement_says_about_logs_comes_back(
        sum: u64,
        entries: u64,
        holdings in prop::collection::vec(holding(), 0..=MAX_RECENT),
        announce in announce(),
    ) {
        let digest = Digest { sum, entries };
        let recent = Recent { holdings: List::new(holdings.clone()).unwrap() };
        let extensions = [
            Extension { kind: 77, body: Bytes::new(b"later".to_vec()).unwrap() },
            Extension::of(Extension::DIGEST, &digest).unwrap(),
            Extension::of(Extension::RECENT, &recent).unwrap(),
        ];
        let announce = Announce { extensions: List::new(extensions.to_vec()).unwrap(), ..announce };
        prop_assert_eq!(announce.digest(), Some(digest));
        prop_assert_eq!(announce.recent(), holdings);
    }

    #[test]
    fn an_extension_of_noise_says_nothing_and_never_panics(
        noise in prop::collection::vec(any::<u8>(), 0..=MAX_EXTENSION_BYTES),
        announce in announce(),
    ) {
        let extensions = [Extension::DIGEST, Extension::RECENT, Extension::WHISPER_KEY]
            .map(|kind| Extension { kind, body: Bytes::new(noise.clone()).unwrap() });
        let announce = Announce { extensions: List::new(extensions.to_vec()).unwrap(), ..announce };
        prop_assert!(announce.digest().is_none() || noise.len() <= 18);
        prop_assert!(announce.recent().len() <= MAX_RECENT);
        prop_assert_eq!(announce.whisper_key().is_some(), noise.len() == 32);
    }

    #[test]
    fn a_confidence_comes_back_as_it_went_and_nothing_shorter_is_one(confidence in confidence()) {
        let bytes = confidence.encode();
        prop_assert_eq!(Confidence::decode(&bytes), Ok(confidence));
        for length in 0..bytes.len() {
            prop_assert!(Confidence::decode(&bytes[..length]).is_err());
        }
        prop_assert_eq!(Confidence::decode(&[bytes, alloc::vec![0]].concat()), Err(FrameError::Malformed));
    }

    #[test]
    fn a_sealed_frame_comes_back_as_it_went(
        session: u64,
        nonce: u64,
        ciphertext in prop::collection::vec(any::<u8>(), 0..1_000),
    ) {
        let frame = SealedFrame { session, nonce, ciphertext: &ciphertext };
        let datagram = frame.encode(&room());
        let Ok(Packet::Sealed(read)) = Packet::decode(&datagram, room().tag()) else {
            prop_assert!(ciphertext.len() <= 16);
            return Ok(());
        };
        prop_assert_eq!(read, frame);
    }

    #[test]
    fn noise_is_foreign(noise in prop::collection::vec(any::<u8>(), 0..1_400)) {
        prop_assume!(!noise.starts_with(b"LNCT"));
        let why = if noise.len() > MAX_DATAGRAM_BYTES { Dropped::Malformed } else { Dropped::Foreign };
        prop_assert_eq!(Packet::decode(&noise, room().tag()).map(|_| ()), Err(why));
    }
}

/// The longest frame of each kind that a node sends
fn longest() -> Vec<Body> {
    const MOST: u64 = u64::MAX;
    let key = PeerKey::from_bytes([255; 32]);
    let log = LogId { author: key, epoch: MOST };
    let head = Head { epoch: MOST, seq: MOST };
    let holding = Holding { log, floor: MOST, seq: MOST, lamport: MOST };
    let recent = Recent { holdings: List::new(alloc::vec![holding; MAX_RECENT]).unwrap() };
    let extensions = [
        Extension::of(Extension::DIGEST, &Digest { sum: MOST, entries: MOST }).unwrap(),
        Extension::of(Extension::RECENT, &recent).unwrap(),
        Extension::of(Extension::WHISPER_KEY, &WhisperKey::from_bytes([255; 32])).unwrap(),
        Extension::of(
            Extension::PULSE,
            &Pulse { link: Link::first(&[]), place: Link::CHAIN, interval_ms: u32::MAX },
        )
        .unwrap(),
    ];
    let announce = Announce {
        instance: InstanceId::from_uuid(uuid::Uuid::from_u128(u128::MAX)),
        name: Name::new(&"x".repeat(64)).unwrap(),
        interval_ms: u32::MAX,
        members: u32::MAX,
        solicits: true,
        visitor: true,
        head,
        lamport: MOST,
        extensions: List::new(extensions.to_vec()).unwrap(),
    };
    let init = Bytes::new(alloc::vec![0; MAX_INIT_BYTES]).unwrap();
    let response = Bytes::new(alloc::vec![0; MAX_RESPONSE_BYTES]).unwrap();
    let range = Range { log, from: MOST, count: u16::MAX };
    alloc::vec![
        Body::Announce(announce),
        Body::Bye(Bye { head }),
        Body::Ping(Ping { nonce: MOST }),
        Body::Pong(Pong { nonce: MOST }),
        Body::PingRequest(PingRequest { target: key, nonce: MOST }),
        Body::Heads(Heads { holdings: List::new(alloc::vec![holding; MAX_HOLDINGS]).unwrap(), more: true }),
        Body::Want(Want { ranges: List::new(alloc::vec![range; MAX_RANGES]).unwrap() }),
        Body::HeadsRequest(HeadsRequest { after: log }),
        Body::HandshakeInit(HandshakeInit { to: key, session: MOST, noise: init }),
        Body::HandshakeResponse(HandshakeResponse { to: key, session: MOST, answers: MOST, noise: response }),
        Body::Typing(Typing { to: key }),
    ]
}

#[test]
fn the_longest_whisper_leaves_room_for_the_seal_of_a_private_room() {
    let item = Item { kind: u16::MAX, body: Bytes::new(alloc::vec![b'x'; MAX_ITEM_BYTES]).unwrap() };
    let sent_at = WallTime::from_unix_millis(u64::MAX);
    let [epoch, seq, oldest] = [u64::MAX; 3];
    let text = Confidence::Whisper(Whisper { epoch, seq, oldest, sent_at, item }).encode();
    let ciphertext = [text.as_slice(), &[0; 16]].concat();
    let bytes =
        SealedFrame { session: u64::MAX, nonce: u64::MAX, ciphertext: &ciphertext }.encode(&room()).len();
    assert!(bytes + SEAL_BYTES <= MAX_DATAGRAM_BYTES, "{bytes} bytes");
}

#[test]
fn the_longest_frame_of_each_kind_leaves_room_for_the_seal_of_a_private_room() {
    for body in longest() {
        let bytes = datagram(body.clone(), u64::MAX, u64::MAX).len();
        assert!(bytes + SEAL_BYTES <= MAX_DATAGRAM_BYTES, "{bytes} bytes of {body:?}");
    }
}

#[test]
fn one_more_than_the_most_is_too_many() {
    for (kind, most) in [(kind::HEADS, MAX_HOLDINGS), (kind::WANT, MAX_RANGES)] {
        let element: &[u8] = if kind == kind::HEADS { &[0; 36] } else { &[0; 35] };
        let body = |count: usize| {
            let mut body = alloc::vec![u8::try_from(count).unwrap()];
            body.extend(element.repeat(count));
            body.extend(core::iter::repeat_n(0, usize::from(kind == kind::HEADS)));
            body
        };
        let read = |count| {
            let header = Header { kind, is_sealed: false, room: room().tag() }.encode();
            let bytes = [header.as_slice(), &[0; 48], &body(count), &[0; 64]].concat();
            Packet::decode(&bytes, room().tag()).is_ok()
        };
        assert!(read(most), "{kind}");
        assert!(!read(most + 1), "{kind}");
    }
}

#[test]
fn what_is_newer_is_told_from_what_is_broken() {
    let bytes = datagram(Body::Bye(Bye { head: Head::default() }), 1, 1);
    let changed = |index: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[index] = value;
        Packet::decode(&bytes, room().tag()).map(|_| ()).unwrap_err()
    };
    assert_eq!(changed(4, 2), Dropped::Version);
    assert_eq!(changed(5, 0x77), Dropped::Kind);
    assert_eq!(changed(5, 0x20), Dropped::Kind, "whispers that anyone could read are not taken any more");
    assert_eq!(changed(6, 0x80), Dropped::Version);
    assert_eq!(changed(8, !bytes[8]), Dropped::OtherRoom);
    let mut longer = bytes.clone();
    longer.insert(bytes.len() - 64, 0);
    let taken = Packet::decode(&longer, room().tag()).map(|_| ());
    assert_eq!(taken, Err(Dropped::Malformed), "a byte is left over");
    assert_eq!(Packet::decode(&[0; 1_201], room().tag()).map(|_| ()), Err(Dropped::Malformed));
}
