//! Whatever a body claims: reading it allocates little, and there is one shortest way to write what was read

use std::fmt::Debug;

use lanchat_protocol::{
    Name, WhisperKey,
    wire::{
        Announce, Bye, Confidence, Data, Digest, Entry, Extension, HandshakeInit, HandshakeResponse, Heads,
        HeadsRequest, Holding, Item, Ping, PingRequest, Pong, Pulse, Recent, SignedEntry, Status, Typing,
        Want, Whisper, WhisperAck, codec,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::allocation;

/// The first byte says what the rest claims to be
pub(crate) fn run(bytes: &[u8]) {
    if let Some((kind, body)) = bytes.split_first() {
        KINDS[usize::from(*kind) % KINDS.len()](body);
    }
}

const KINDS: [fn(&[u8]); 24] = [
    announce,
    same::<Bye>,
    same::<Ping>,
    same::<Pong>,
    same::<PingRequest>,
    same::<Heads>,
    same::<HeadsRequest>,
    same::<Want>,
    same::<Data>,
    same::<Entry>,
    same::<SignedEntry>,
    same::<Item>,
    same::<Extension>,
    same::<Recent>,
    same::<Digest>,
    same::<Pulse>,
    same::<Whisper>,
    same::<WhisperAck>,
    same::<Holding>,
    same::<HandshakeInit>,
    same::<HandshakeResponse>,
    confidence,
    same::<Status>,
    same::<Typing>,
];

const MOST_BYTES: u64 = 20 * 1_024;

fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    let Some(value) = allocation::within(MOST_BYTES, || codec::decode::<T>(bytes)) else { return };
    let shortest = codec::encode(&value);
    assert!(shortest.len() <= bytes.len(), "{value:?} takes {} bytes, not {}", bytes.len(), shortest.len());
    assert_eq!(codec::decode::<T>(&shortest).as_ref(), Some(&value));
    assert_eq!(codec::decode::<T>(&[bytes, &[0]].concat()), None, "bytes that are left over are read");
}

fn announce(bytes: &[u8]) {
    same::<Announce>(bytes);
    let Some(announce) = codec::decode::<Announce>(bytes) else { return };
    let name = Name::new(announce.name.as_str());
    assert_eq!(name.as_ref(), Ok(&announce.name), "a name that nobody can take");
    assert!(announce.recent().len() <= lanchat_protocol::wire::MAX_RECENT);
    let says = |kind| announce.extensions.iter().any(|extension| extension.kind == kind);
    assert!(announce.digest().is_none() || says(Extension::DIGEST));
    assert!(announce.pulse().is_none() || says(Extension::PULSE));
    let _key: Option<WhisperKey> = announce.whisper_key();
}

/// What is inside of a seal
fn confidence(bytes: &[u8]) {
    let Ok(confidence) = allocation::within(MOST_BYTES, || Confidence::decode(bytes)) else { return };
    let shortest = confidence.encode();
    assert!(shortest.len() <= bytes.len());
    assert_eq!(Confidence::decode(&shortest), Ok(confidence));
}
