//! Properties of the codec as a whole: round trips, truncation, noise

use alloc::{format, string::String, vec::Vec};

use proptest::prelude::*;

use super::{bounded::List, *};
use crate::{Ed25519, Identity, InstanceId, Name, PeerKey, RoomName, WallTime, wire::bounded::Bytes};

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

fn announce() -> impl Strategy<Value = Announce> {
    let extension = (any::<u16>(), prop::collection::vec(any::<u8>(), 0..40))
        .prop_map(|(kind, body)| Extension { kind, body: Bytes::new(body).unwrap() });
    let extensions = prop::collection::vec(extension, 0..=MAX_EXTENSIONS);
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

fn whisper() -> impl Strategy<Value = Whisper> {
    (any::<[u8; 32]>(), any::<(u64, u64, u64, u64)>(), item()).prop_map(
        |(to, (epoch, seq, oldest, at), item)| Whisper {
            to: PeerKey::from_bytes(to),
            epoch,
            seq,
            oldest,
            sent_at: WallTime::from_unix_millis(at),
            item,
        },
    )
}

fn body() -> impl Strategy<Value = Body> {
    let key = any::<[u8; 32]>().prop_map(PeerKey::from_bytes);
    prop_oneof![
        announce().prop_map(Body::Announce),
        any::<(u64, u64)>().prop_map(|(epoch, seq)| Body::Bye(Bye { head: Head { epoch, seq } })),
        any::<u64>().prop_map(|nonce| Body::Ping(Ping { nonce })),
        any::<u64>().prop_map(|nonce| Body::Pong(Pong { nonce })),
        (key.clone(), any::<u64>())
            .prop_map(|(target, nonce)| Body::PingRequest(PingRequest { target, nonce })),
        whisper().prop_map(Body::Whisper),
        (key, any::<(u64, u64, u64)>())
            .prop_map(|(to, (epoch, upto, beyond))| Body::WhisperAck(WhisperAck { to, epoch, upto, beyond })),
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
        prop_assert!(bytes.len() <= MAX_DATAGRAM_BYTES || matches!(body, Body::Announce(_)), "{}", bytes.len());
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
                Ok(Packet::Data(_)) => true,
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
        let header = Header { kind, room: room().tag() }.encode();
        let bytes = [header.as_slice(), &noise].concat();
        if let Ok(Packet::Data(entries)) = Packet::decode(&bytes, room().tag()) {
            for entry in entries {
                prop_assert!(entry.claim().is_none_or(|claim| !entry.is_signed_by(&claim.author, room().id(), &Ed25519)));
            }
        }
    }

    #[test]
    fn noise_is_foreign(noise in prop::collection::vec(any::<u8>(), 0..1_400)) {
        prop_assume!(!noise.starts_with(b"LNCT"));
        prop_assert!(Packet::decode(&noise, room().tag()).is_err());
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
    assert_eq!(changed(6, 0x80), Dropped::Version);
    assert_eq!(changed(8, !bytes[8]), Dropped::OtherRoom);
    assert_eq!(Packet::decode(&[0; 1_201], room().tag()).map(|_| ()), Err(Dropped::Malformed));
}
