use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use core::net::SocketAddr;

use crate::{
    PeerKey,
    archive::Archive,
    log::Genuine,
    node::Cast,
    wire::{Dropped, Entry, EntryHash, LogId, SignedEntry},
};

/// Entries that arrived together and were not verified yet (PROTOCOL.md §7)
///
/// A verified entry vouches for the run before it, by the hash that each has of the one before. So of those that came
/// together only the last of each run is verified, which makes a burst cheap and keeps nothing waiting.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    waiting: Vec<Arrived>,
}

/// An entry and how it came
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) from: SocketAddr,
    pub(crate) cast: Cast,
    pub(crate) entry: Entry,
    pub(crate) signed: SignedEntry,
}

/// What an entry turned out to be
#[derive(Debug)]
pub(crate) enum Sifted {
    /// Its author's, and wanted
    Genuine { from: SocketAddr, cast: Cast, genuine: Box<Genuine> },
    /// Here already
    Known { cast: Cast, entry: (LogId, u64) },
    /// No good
    Dropped(Dropped),
    /// Its author's, where its author had signed something else
    Forked(LogId),
}

impl Intake {
    /// How many wait at most before they are looked at: 800 KiB
    const MAX_WAITING: usize = 512;

    /// Takes an entry in; true if it is time to sift
    pub(crate) fn push(&mut self, arrived: Arrived) -> bool {
        self.waiting.push(arrived);
        self.waiting.len() >= Self::MAX_WAITING
    }

    /// Whether nothing waits
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Tells what is genuine from what is not, in the order in which it came
    pub(crate) fn sift(
        &mut self,
        archive: &Archive,
        is_signed_by: impl Fn(&SignedEntry, &PeerKey) -> bool,
    ) -> Vec<Sifted> {
        let arrived = core::mem::take(&mut self.waiting);
        let mut order: Vec<_> = (0..arrived.len()).collect();
        order.sort_by_key(|nth| {
            let entry = &arrived[*nth].entry;
            (entry.log(), core::cmp::Reverse(entry.seq))
        });
        let mut hashes: BTreeMap<usize, Result<EntryHash, Sifted>> = BTreeMap::new();
        let mut above: Option<(LogId, u64, EntryHash, EntryHash)> = None;
        for nth in order {
            let Arrived { entry, signed, .. } = &arrived[nth];
            let (log, seq, hash) = (entry.log(), entry.seq, signed.hash());
            let same = above.filter(|(above_log, above_seq, ..)| *above_log == log && *above_seq == seq);
            let next = above.filter(|(above_log, above_seq, ..)| *above_log == log && *above_seq - 1 == seq);
            let is_signed = || is_signed_by(signed, &entry.author);
            let known = Sifted::Known { cast: arrived[nth].cast, entry: (log, seq) };
            let verdict = if archive.holds(entry, signed) {
                Err(known)
            } else if archive.differs(entry, signed) || same.is_some_and(|(.., other)| other != hash) {
                Err(if is_signed() { Sifted::Forked(log) } else { Sifted::Dropped(Dropped::Forged) })
            } else if same.is_some() {
                Err(known)
            } else if let Err(why) = archive.wants(entry) {
                Err(Sifted::Dropped(why))
            } else if next.is_some_and(|(_, _, prev, _)| prev == hash)
                || archive.vouches_for(entry, hash)
                || is_signed()
            {
                above = Some((log, seq, entry.prev, hash));
                Ok(hash)
            } else {
                Err(Sifted::Dropped(Dropped::Forged))
            };
            hashes.insert(nth, verdict);
        }
        let verdicts = hashes.into_values();
        arrived
            .into_iter()
            .zip(verdicts)
            .map(|(Arrived { from, cast, entry, signed }, verdict)| match verdict {
                Ok(hash) => {
                    let genuine = Box::new(Genuine { entry, hash, signed });
                    Sifted::Genuine { from, cast, genuine }
                }
                Err(sifted) => sifted,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
