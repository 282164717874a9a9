use alloc::{collections::BTreeMap, vec::Vec};
use core::ops::RangeInclusive;

use fastrand::Rng;

use super::{Need, Room};
use crate::{
    PeerKey,
    claims::Claims,
    wire::{LogId, MAX_RANGES, Range},
};

/// Entries to ask for
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// One member, or everybody
    pub(crate) whom: Option<PeerKey>,
    pub(crate) ranges: Vec<Range>,
}

/// Questions of one moment, put together by whom they are for
#[derive(Debug, Default)]
pub(super) struct Asks {
    by_whom: BTreeMap<Option<PeerKey>, Vec<Vec<Range>>>,
}

impl Asks {
    /// How many places one question names: as many as are answered
    const MAX_PLACES: u64 = 64;

    /// Adds places of a log
    pub(super) fn add(&mut self, whom: Option<PeerKey>, log: LogId, stretches: &[RangeInclusive<u64>]) {
        let wants = self.by_whom.entry(whom).or_default();
        for stretch in stretches {
            let count = u16::try_from(stretch.end() - stretch.start() + 1).unwrap_or(u16::MAX);
            let range = Range { log, from: *stretch.start(), count };
            let has_room = |want: &&mut Vec<Range>| {
                let places: u64 = want.iter().map(|range| u64::from(range.count)).sum();
                want.len() < MAX_RANGES && places + u64::from(count) <= Self::MAX_PLACES
            };
            match wants.last_mut().filter(has_room) {
                Some(want) => want.push(range),
                None => wants.push([range].to_vec()),
            }
        }
    }

    /// One for each datagram
    pub(super) fn into_vec(self) -> Vec<Ask> {
        let wants = self.by_whom.into_iter();
        wants.flat_map(|(whom, wants)| wants.into_iter().map(move |ranges| Ask { whom, ranges })).collect()
    }
}

/// Whom to ask: the author, those who say that they have it, then anybody; for what may not exist, those who say so
pub(super) fn source(
    id: &LogId,
    chosen: &[RangeInclusive<u64>],
    need: &Need,
    tries: u32,
    room: &Room<'_>,
    claims: &Claims,
    rng: &mut Rng,
) -> Option<PeerKey> {
    if need.hearsay_of.is_some() {
        return need.hearsay_of.filter(|key| room.peers.is_present(key));
    }
    let range = chosen.first()?;
    let seq = if need.is_past { *range.end() } else { *range.start() };
    let is_there = |key: &PeerKey| *key != room.me && room.peers.is_present(key);
    let holders = claims.holders(id, seq).filter(|holder| *holder != id.author);
    let mut known = core::iter::once(id.author).chain(holders).filter(is_there);
    if let Some(one) = usize::try_from(tries).ok().and_then(|nth| known.nth(nth)) {
        return Some(one);
    }
    rng.choice(room.peers.iter_present().map(|(key, _)| *key).collect::<Vec<_>>())
}
