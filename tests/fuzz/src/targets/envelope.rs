//! Whatever a datagram claims: reading it allocates little, and writing what was read says the same

use lanchat_protocol::{
    Identity, NONCE_BYTES, PeerKey, Room, RoomName, SEAL_BYTES, Signature, Verifier,
    wire::{Data, Dropped, Entry, Header, MAX_DATAGRAM_BYTES, Packet, SignedEntry, bounded::List, codec},
};

use crate::{
    allocation,
    stage::{attic, lobby},
};

/// As the test of the protocol has it
const MOST_BYTES: u64 = 20 * 1_024;

pub(crate) fn run(bytes: &[u8]) {
    let room = lobby();
    let packet = allocation::within(MOST_BYTES, || {
        let packet = room.unseal(bytes).and_then(|_| Packet::decode(bytes, room.tag()));
        if let Ok(Packet::Data(entries)) = &packet {
            entries.iter().for_each(|entry| drop(entry.claim()));
        }
        packet
    });
    is_sealed_and_comes_back(bytes);
    match packet {
        Err(why) => assert!(is_of_reading(why), "{why:?} of a datagram that nobody looked into"),
        Ok(packet) => {
            assert!(bytes.len() <= MAX_DATAGRAM_BYTES);
            let attic = RoomName::new("attic").map(Room::open);
            let other = attic.map(|attic| Packet::decode(bytes, attic.tag()).err());
            assert_eq!(other, Ok(Some(Dropped::OtherRoom)));
            says_the_same(packet, bytes, &room);
        }
    }
}

/// A private room takes nothing but what was sealed with its key, and that as it was
fn is_sealed_and_comes_back(bytes: &[u8]) {
    let room = attic();
    assert!(room.unseal(bytes).is_err(), "a private room has not sealed that");
    let header = Header { kind: bytes.first().copied().unwrap_or(0), is_sealed: true, room: room.tag() };
    let body = bytes.get(1..).unwrap_or_default();
    let body = &body[..body.len().min(MAX_DATAGRAM_BYTES - Header::LEN - SEAL_BYTES)];
    let datagram = [header.encode().as_slice(), body].concat();
    let nonce = bytes.len().to_le_bytes()[0];
    let mut sealed = room.seal(datagram.clone(), || [nonce; NONCE_BYTES]);
    assert_eq!(sealed.len(), datagram.len() + SEAL_BYTES);
    assert_eq!(room.unseal(&sealed).as_deref(), Ok(datagram.as_slice()));
    let at = Header::LEN + usize::from(nonce) % (sealed.len() - Header::LEN);
    sealed[at] ^= 1 << (nonce % 8);
    assert_eq!(room.unseal(&sealed), Err(Dropped::Unsealed));
}

fn is_of_reading(why: Dropped) -> bool {
    use Dropped::{Foreign, Kind, Malformed, OtherRoom, Unsealed, Version};
    [Foreign, Version, Kind, OtherRoom, Unsealed, Malformed].contains(&why)
}

fn says_the_same(packet: Packet<'_>, bytes: &[u8], room: &Room) {
    match packet {
        Packet::Frame(unverified) => {
            let Some(frame) = unverified.verify(room.id(), &Credulous) else { panic!("all are genuine") };
            let again = frame.seal(&Identity::from_secret([1; 32]), room);
            assert!(
                again.len() <= bytes.len(),
                "written in {} bytes, read from {}",
                again.len(),
                bytes.len()
            );
            let read = Packet::decode(&again, room.tag());
            let Ok(Packet::Frame(read)) = read else { panic!("{frame:?} is not read again") };
            assert_eq!(read.verify(room.id(), &Credulous), Some(frame));
        }
        Packet::Heartbeat(heartbeat) => assert_eq!(heartbeat.seal(room), bytes),
        Packet::Sealed(frame) => assert_eq!(frame.encode(room), bytes),
        Packet::Data(entries) => {
            entries.iter().for_each(an_entry_says_the_same);
            let Some(list) = List::new(entries.clone()) else { panic!("too many entries were read") };
            let again = Data { entries: list }.seal(room);
            assert!(again.len() <= bytes.len());
            let Ok(Packet::Data(read)) = Packet::decode(&again, room.tag()) else { panic!("not read again") };
            assert_eq!(read, entries);
        }
    }
}

fn an_entry_says_the_same(signed: &SignedEntry) {
    let kept = SignedEntry::from_parts(signed.bytes().to_vec(), *signed.signature());
    let Some(entry) = signed.claim() else {
        assert_eq!(kept, None, "an entry that claims nothing comes back from the store");
        return;
    };
    assert_eq!(kept.as_ref(), Some(signed));
    assert!(entry.seq > 0 && !entry.items.is_empty());
    let again = codec::encode(&entry);
    assert!(again.len() <= signed.bytes().len());
    assert_eq!(codec::decode::<Entry>(&again), Some(entry));
}

/// Believes everybody, so that what is behind a signature is looked at, too
#[derive(Debug)]
struct Credulous;

impl Verifier for Credulous {
    fn is_genuine(&self, _: &PeerKey, _: &[u8], _: &Signature) -> bool {
        true
    }
}
