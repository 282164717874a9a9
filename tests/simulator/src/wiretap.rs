//! Reads along what travels

use std::collections::{BTreeMap, BTreeSet};

use lanchat_protocol::{
    PeerKey, Room, Verifier,
    wire::{EntryHash, Packet, SignedEntry},
};

use crate::traffic::{Traffic, kind};

/// Sees every datagram that is sent, counts it, and knows every entry that was ever signed
#[derive(Debug, Default)]
pub(crate) struct Wiretap {
    traffic: Traffic,
    entries: BTreeMap<(PeerKey, u64, u64), EntryHash>,
    /// Whose disk went back in time as a whole, so that they cannot know what they said
    unaware: BTreeSet<PeerKey>,
    recorded: Option<Vec<Vec<u8>>>,
}

impl Wiretap {
    /// What was sent so far
    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Keeps what is sent from here on
    pub(crate) fn record(&mut self) {
        self.recorded.get_or_insert_default();
    }

    /// What was sent since then
    pub(crate) fn recorded(&self) -> &[Vec<u8>] {
        self.recorded.as_deref().unwrap_or_default()
    }

    /// From here on `author` may use places again
    pub(crate) fn excuse(&mut self, author: PeerKey) {
        self.unaware.insert(author);
    }

    /// Somebody in `room` sends `datagram`
    pub(crate) fn on_datagram(&mut self, datagram: &[u8], room: &Room, verifier: &dyn Verifier) {
        self.traffic.count(datagram);
        if let Some(recorded) = &mut self.recorded {
            recorded.push(datagram.to_vec());
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
