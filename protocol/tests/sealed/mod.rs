//! The golden vectors of sessions, against a second implementation of the handshake

mod noise;

use lanchat_protocol::{
    WhisperKey,
    wire::{Confidence, HandshakeInit, HandshakeResponse, SealedFrame, Whisper, WhisperAck},
};

use super::*;

const SESSION_OF_ANN: u64 = 0x1111_1111_1111_1111;
const SESSION_OF_BOB: u64 = 0x2222_2222_2222_2222;

pub(super) fn frames() -> Vec<(&'static str, Frame)> {
    let by_ann =
        |counter, body| Frame { sender: *ann().key(), incarnation: INCARNATION_OF_ANN, counter, body };
    let by_bob =
        |counter, body| Frame { sender: *bob().key(), incarnation: INCARNATION_OF_BOB, counter, body };
    vec![
        ("announce-with-whisper-key", by_ann(9, Body::Announce(announce_with_whisper_key()))),
        ("handshake-init", by_ann(10, Body::HandshakeInit(handshake().1))),
        ("handshake-response", by_bob(8, Body::HandshakeResponse(answer().1))),
    ]
}

fn announce_with_whisper_key() -> Announce {
    let key = WhisperKey::from_bytes(noise::public(whisper_secret(&[1; 32])));
    let extension =
        Extension { kind: Extension::WHISPER_KEY, body: Bytes::new(codec::encode(&key)).unwrap() };
    Announce { extensions: List::of_one(extension), ..announce() }
}

/// The static secret of whoever has this one
fn whisper_secret(secret: &[u8; 32]) -> [u8; 32] {
    blake3::derive_key("lanchat 1 whisper key", secret)
}

/// Ann asks Bob for a session
fn handshake() -> (noise::Begun, HandshakeInit) {
    let context = b"lanchat 1 whisper session".as_slice();
    let keys = [ann().key().as_bytes().as_slice(), bob().key().as_bytes()].concat();
    let prologue = [context, lobby().id().as_bytes(), &keys].concat();
    let theirs = noise::public(whisper_secret(&[2; 32]));
    let (begun, message) = noise::begin(&prologue, whisper_secret(&[1; 32]), [3; 32], theirs);
    let noise = Bytes::new(message).unwrap();
    (begun, HandshakeInit { to: *bob().key(), session: SESSION_OF_ANN, noise })
}

/// Bob answers
fn answer() -> (noise::Keys, HandshakeResponse) {
    let (keys, message) = handshake().0.answer([4; 32]);
    let noise = Bytes::new(message).unwrap();
    let (session, answers) = (SESSION_OF_BOB, SESSION_OF_ANN);
    (keys, HandshakeResponse { to: *ann().key(), session, answers, noise })
}

fn whisper() -> Confidence {
    let item = item(Item::TEXT, b"psst");
    Confidence::Whisper(Whisper { epoch: INCARNATION_OF_ANN, seq: 1, oldest: 1, sent_at: SAID_AT, item })
}

fn ack() -> Confidence {
    Confidence::WhisperAck(WhisperAck { epoch: INCARNATION_OF_ANN, upto: 1, beyond: 0b101 })
}

#[test]
fn what_is_sealed_comes_out_as_these_bytes() {
    let (keys, _) = answer();
    let sealed =
        |session, nonce, ciphertext: &[u8]| SealedFrame { session, nonce, ciphertext }.encode(&lobby());
    let (whisper, ack) = (whisper().encode(), ack().encode());
    let confirmation = keys.seal(1, &Confidence::Confirm.encode());
    assert_vectors(&[
        ("whisper-key-of-ann", noise::public(whisper_secret(&[1; 32])).to_vec()),
        ("whisper-key-of-bob", noise::public(whisper_secret(&[2; 32])).to_vec()),
        ("sealed-whisper", sealed(SESSION_OF_BOB, 0, &keys.seal(0, &whisper))),
        ("sealed-confirmation", sealed(SESSION_OF_BOB, 1, &confirmation)),
        ("sealed-whisper-ack", sealed(SESSION_OF_ANN, 0, &keys.seal_back(0, &ack))),
        ("whisper", whisper),
        ("whisper-ack", ack),
    ]);
    assert_eq!(Confidence::decode(&vector("whisper")), Ok(self::whisper()));
    assert_eq!(Confidence::decode(&vector("whisper-ack")), Ok(self::ack()));
    let (Confidence::Whisper(whisper), Confidence::WhisperAck(ack)) = (self::whisper(), self::ack()) else {
        panic!("not what they are called")
    };
    agree(&whisper, &vector("whisper")[1..]);
    agree(&ack, &vector("whisper-ack")[1..]);
    let datagram = vector("sealed-whisper");
    let Ok(Packet::Sealed(frame)) = Packet::decode(&datagram, lobby().tag()) else {
        panic!("it is not read")
    };
    assert_eq!((frame.session, frame.nonce), (SESSION_OF_BOB, 0));
}

/// The golden whisper, sealed for the node that sent these to Ann, her handshake answered among them
pub(super) fn whisper_to(sent: &[Vec<u8>]) -> (Vec<u8>, noise::Keys) {
    let response = sent.iter().find_map(|datagram| {
        let Ok(Packet::Frame(frame)) = Packet::decode(datagram, lobby().tag()) else { return None };
        let Body::HandshakeResponse(response) = frame.verify(lobby().id(), &Ed25519)?.body else {
            return None;
        };
        Some(response)
    });
    let response = response.unwrap();
    assert_eq!((response.to, response.answers), (*ann().key(), SESSION_OF_ANN));
    let keys = handshake().0.finish(&response.noise);
    let ciphertext = keys.seal(0, &vector("whisper"));
    let sealed = SealedFrame { session: response.session, nonce: 0, ciphertext: &ciphertext };
    (sealed.encode(&lobby()), keys)
}

#[test]
fn a_node_has_a_session_with_another_implementation() {
    let mut node = node_that_heard(&["announce-with-whisper-key", "handshake-init"]);
    let (sealed, keys) = whisper_to(&outputs(&mut node).1);
    hear(&mut node, &sealed);
    let (shown, sent) = outputs(&mut node);
    let [(id, text)] = shown.as_slice() else { panic!("{shown:?}") };
    assert_eq!(text, "psst");
    assert_vectors(&[("id-of-whisper", id.as_bytes().to_vec())]);
    let ack = WhisperAck { epoch: INCARNATION_OF_ANN, upto: 1, beyond: 0 };
    let ciphertext = keys.seal_back(0, &Confidence::WhisperAck(ack).encode());
    let expected = SealedFrame { session: SESSION_OF_ANN, nonce: 0, ciphertext: &ciphertext };
    assert_eq!(sent, [expected.encode(&lobby())]);
}
