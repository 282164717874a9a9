use super::*;
use crate::{Identity, Room, RoomName};

#[path = "../../../tests/vectors/mod.rs"]
mod vectors;

struct Two {
    ann: Identity,
    bob: Identity,
    room: Room,
}

impl Two {
    fn new() -> Self {
        Self {
            ann: Identity::from_secret([1; 32]),
            bob: Identity::from_secret([2; 32]),
            room: Room::open(RoomName::lobby()),
        }
    }

    /// Ann's first message, and Bob's answer
    fn shake(&self) -> (Keys, Keys) {
        let (initiation, init) = self.begin(&key(&self.bob)).unwrap();
        let (keys_of_bob, response) = self.answer(&self.room, &key(&self.ann), &init).unwrap();
        (initiation.finish(&response).unwrap(), keys_of_bob)
    }

    fn begin(&self, theirs: &WhisperKey) -> Option<(Initiation, Vec<u8>)> {
        let secret = self.ann.whisper_secret();
        let setting = Setting {
            room: self.room.id(),
            initiator: self.ann.key(),
            responder: self.bob.key(),
            secret: &secret,
            theirs,
        };
        initiate(setting, [3; 32])
    }

    fn answer(&self, room: &Room, theirs: &WhisperKey, init: &[u8]) -> Option<(Keys, Vec<u8>)> {
        let secret = self.bob.whisper_secret();
        let setting = Setting {
            room: room.id(),
            initiator: self.ann.key(),
            responder: self.bob.key(),
            secret: &secret,
            theirs,
        };
        respond(setting, [4; 32], init)
    }
}

fn key(identity: &Identity) -> WhisperKey {
    public_key(&identity.whisper_secret()).unwrap()
}

#[test]
fn what_one_seals_the_other_opens_and_nobody_else() {
    let (ann, bob) = Two::new().shake();
    let sealed = ann.seal(7, b"psst").unwrap();
    assert_eq!(sealed.len(), 4 + TAG_BYTES);
    assert_eq!(bob.open(7, &sealed).unwrap(), b"psst");
    assert_eq!(bob.open(8, &sealed), None, "under another nonce");
    assert_eq!(ann.open(7, &sealed), None, "sent back");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(bob.open(7, &changed), None);
    }
    assert_eq!(bob.open(7, &sealed[..15]), None);
    assert_eq!(ann.open(0, &bob.seal(0, b"what?").unwrap()).unwrap(), b"what?");
}

/// Where the messages stand in the vectors' datagrams: behind the keys, the sessions and the length, before the signature
#[test]
fn handshakes_and_what_is_sealed_are_those_of_the_vectors() {
    let two = Two::new();
    let vector = vectors::vector;
    assert_eq!(key(&two.ann).as_bytes().as_slice(), vector("whisper-key-of-ann"));
    assert_eq!(key(&two.bob).as_bytes().as_slice(), vector("whisper-key-of-bob"));
    let (initiation, init) = two.begin(&key(&two.bob)).unwrap();
    assert_eq!(init, vector("handshake-init")[106..202]);
    let (bob, response) = two.answer(&two.room, &key(&two.ann), &init).unwrap();
    assert_eq!(response, vector("handshake-response")[115..163]);
    let ann = initiation.finish(&response).unwrap();
    assert_eq!(ann.seal(0, &vector("whisper")).unwrap(), vector("sealed-whisper")[32..]);
    assert_eq!(bob.seal(0, &vector("whisper-ack")).unwrap(), vector("sealed-whisper-ack")[32..]);
    assert_eq!(bob.open(1, &vector("sealed-confirmation")[32..]).unwrap(), [0]);
}

#[test]
fn the_last_nonce_is_never_used() {
    let (ann, bob) = Two::new().shake();
    assert_eq!(ann.seal(u64::MAX, b"psst"), None);
    let sealed = ann.seal(u64::MAX - 1, b"psst").unwrap();
    assert!(bob.open(u64::MAX - 1, &sealed).is_some());
    assert_eq!(bob.open(u64::MAX, &sealed), None);
}

#[test]
fn a_handshake_counts_in_its_room_and_from_the_announced_key_only() {
    let two = Two::new();
    let (_, init) = two.begin(&key(&two.bob)).unwrap();
    let attic = Room::open(RoomName::new("attic").unwrap());
    assert!(two.answer(&attic, &key(&two.ann), &init).is_none());
    assert!(two.answer(&two.room, &key(&Identity::from_secret([9; 32])), &init).is_none());
    assert!(two.answer(&two.room, &key(&two.ann), &init).is_some());
    let (_, for_another) = two.begin(&key(&Identity::from_secret([9; 32]))).unwrap();
    assert!(two.answer(&two.room, &key(&two.ann), &for_another).is_none());
}

#[test]
fn a_changed_byte_of_a_handshake_ends_it() {
    let two = Two::new();
    let (_, init) = two.begin(&key(&two.bob)).unwrap();
    let (_, response) = two.answer(&two.room, &key(&two.ann), &init).unwrap();
    assert_eq!((init.len(), response.len()), (INIT_BYTES, RESPONSE_BYTES));
    for at in 0..init.len() {
        let mut changed = init.clone();
        changed[at] ^= 1;
        assert!(two.answer(&two.room, &key(&two.ann), &changed).is_none(), "{at}");
    }
    for at in 0..response.len() {
        let (initiation, _) = two.begin(&key(&two.bob)).unwrap();
        let mut changed = response.clone();
        changed[at] ^= 1;
        assert!(initiation.finish(&changed).is_none(), "{at}");
    }
    for cut in 0..init.len() {
        assert!(two.answer(&two.room, &key(&two.ann), &init[..cut]).is_none(), "{cut}");
    }
}

#[test]
fn points_of_low_order_are_refused() {
    let two = Two::new();
    for point in points_of_low_order() {
        let point = WhisperKey::from_bytes(point);
        assert!(two.begin(&point).is_none(), "as somebody's key");
        let (_, init) = two.begin(&key(&two.bob)).unwrap();
        let forged = [point.as_bytes().as_slice(), &init[32..]].concat();
        assert!(
            two.answer(&two.room, &key(&two.ann), &forged).is_none(),
            "as a first message's ephemeral key"
        );
    }
}

/// What DefaultResolver lets through: the keys of both sides would be known to everyone
#[test]
fn without_looking_at_shared_secrets_points_of_low_order_would_count() {
    for point in points_of_low_order() {
        let mut plain = DefaultResolver.resolve_dh(&DHChoice::Curve25519).unwrap();
        plain.set(&[1; 32]);
        let mut shared = [1; 32];
        plain.dh(&point, &mut shared).unwrap();
        assert_eq!(shared, [0; 32]);
        assert!(Contributory(plain).dh(&point, &mut shared).is_err());
    }
}

/// 0, 1, the two points of order 8, and p - 1, p, p + 1 (RFC 7748 §6.1)
fn points_of_low_order() -> [[u8; 32]; 7] {
    let p = |low: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (low, 0x7f);
        bytes
    };
    let mut one = [0; 32];
    one[0] = 1;
    let hex =
        |digits: &str| core::array::from_fn(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap());
    [
        [0; 32],
        one,
        hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        p(0xec),
        p(0xed),
        p(0xee),
    ]
}
