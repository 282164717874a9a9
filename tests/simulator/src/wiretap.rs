//! Reads along what travels

use std::collections::{BTreeMap, BTreeSet};

use lanchat_protocol::{
    PeerKey, Room, Verifier,
    wire::{EntryHash, Packet, SignedEntry},
};

use crate::traffic::{Traffic, kind};

/// Sees every datagram that is sent, counts it, knows every entry that was ever signed, and finds no whisper in any
#[derive(Debug, Default)]
pub(crate) struct Wiretap {
    traffic: Traffic,
    entries: BTreeMap<(PeerKey, u64, u64), EntryHash>,
    /// Whose disk went back in time as a whole, so that they cannot know what they said
    unaware: BTreeSet<PeerKey>,
    /// What somebody wanted to be read by one other only
    whispered: BTreeSet<String>,
}

impl Wiretap {
    /// What was sent so far
    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// From here on `author` may use places again
    pub(crate) fn excuse(&mut self, author: PeerKey) {
        self.unaware.insert(author);
    }

    /// Somebody is about to whisper this; what is shorter than five bytes is found in anything
    pub(crate) fn on_whisper(&mut self, text: &str) {
        if text.len() >= 5 {
            self.whispered.insert(text.chars().take(100).collect());
        }
    }

    /// Somebody in `room` sends `datagram`
    pub(crate) fn on_datagram(&mut self, datagram: &[u8], room: &Room, verifier: &dyn Verifier) {
        self.traffic.count(datagram);
        for text in &self.whispered {
            let is_there = datagram.windows(text.len()).any(|bytes| bytes == text.as_bytes());
            assert!(!is_there, "the whisper {text} can be read in a datagram of kind {:#x}", datagram[5]);
        }
        if datagram[5] != kind::DATA {
            return;
        }
        let Ok(opened) = room.unseal(datagram) else { return };
        let Ok(Packet::Data(entries)) = Packet::decode(&opened, room.tag()) else {
            return;
        };
        for entry in entries {
            self.on_entry(&entry, room, verifier);
        }
    }

    fn on_entry(&mut self, signed: &SignedEntry, room: &Room, verifier: &dyn Verifier) {
        let Some(entry) = signed.claim() else { return };
        if !signed.is_signed_by(&entry.author, room.id(), verifier) {
            return;
        }
        let place = (entry.author, entry.epoch, entry.seq);
        match self.entries.insert(place, signed.hash()) {
            None => {}
            Some(hash) if hash == signed.hash() => self.traffic.repairs += 1,
            Some(_) => assert!(
                self.unaware.contains(&entry.author),
                "{:?} signed two entries for place {} of log {}",
                entry.author,
                entry.seq,
                entry.epoch
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use lanchat_protocol::{Ed25519, RoomName};

    use super::*;

    #[test]
    #[should_panic(expected = "the whisper a secret can be read")]
    fn a_whisper_that_can_be_read_is_found() {
        let mut wiretap = Wiretap::default();
        wiretap.on_whisper("a secret");
        let room = Room::open(RoomName::lobby());
        wiretap.on_datagram(b"LNCT\x01\x32 anything", &room, &Ed25519);
        wiretap.on_datagram(b"LNCT\x01\x32 this is a secret.", &room, &Ed25519);
    }
}
