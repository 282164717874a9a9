//! What is missing of a log, and what of that there is no use in asking for

use super::{Pace, Requests, Room};
use crate::{PeerKey, claims::Claims, ranges::Ranges, wire::LogId};

/// What is needed of a log next
pub(super) struct Need {
    pub(super) ranges: Ranges,
    pub(super) is_past: bool,
    /// Whose word it is that it exists, if nothing else says so
    pub(super) hearsay_of: Option<PeerKey>,
    /// Where it stands in the transcript, roughly
    pub(super) lamport: u64,
}

impl Requests {
    /// What is needed of a log next and not on its way
    pub(super) fn need(&self, id: &LogId, room: &Room<'_>, claims: &Claims) -> Option<Need> {
        let idle = Pace::default();
        let Pace { flying, hopeless, turn, .. } = self.paces.get(id).unwrap_or(&idle);
        let Some(log) = room.archive.log(id) else {
            let claimed = claims.one_of(id, 0, *turn)?;
            let mut ranges = Ranges::default();
            ranges.insert(claimed.floor.max(1)..=claimed.seq);
            return need(ranges.without(flying), true, Some(claimed.by), claimed.lamport);
        };
        if log.is_forked() {
            return None;
        }
        let missing = log.missing().without(flying).without(hopeless);
        let (base, top) = (log.base(), log.top());
        let mut live = missing.clone();
        live.remove(0..=base);
        let lamport = |ranges: &Ranges| {
            let last = ranges.iter().next_back().map_or(0, |range| *range.end());
            log.lamport_after(last).unwrap_or(0)
        };
        if !live.is_empty() {
            let lamport = lamport(&live);
            return need(live, false, None, lamport);
        }
        if let Some(claimed) = claims.one_of(id, top, *turn) {
            let mut beyond = Ranges::default();
            beyond.insert(top.saturating_add(1).max(claimed.floor)..=claimed.seq);
            let beyond = beyond.without(flying);
            if !beyond.is_empty() {
                return need(beyond, claimed.seq <= base, Some(claimed.by), claimed.lamport);
            }
        }
        let lamport = lamport(&missing);
        if room.archive.is_full() || lamport <= room.archive.horizon() {
            None
        } else {
            need(missing, true, None, lamport)
        }
    }
}

impl Pace {
    /// Gives up what nobody who is there says they hold, nor wrote lately; whether anything was
    pub(super) fn despair(&mut self, id: &LogId, need: &Need, room: &Room<'_>, claims: &Claims) -> bool {
        let is_latest = room.archive.latest_of(&id.author).is_some_and(|(epoch, _)| epoch == id.epoch);
        let has_author = is_latest && id.author != room.me && room.peers.is_present(&id.author);
        let is_claimed = |seq| claims.holders(id, seq).any(|holder| room.peers.is_present(&holder));
        let is_held = |seq| has_author || is_claimed(seq);
        let lost = need.ranges.iter().filter(|range| need.hearsay_of.is_none() && !is_held(*range.end()));
        let was = self.hopeless.count();
        lost.for_each(|range| self.hopeless.insert(range));
        let has_given_up = self.hopeless.count() > was;
        if has_given_up {
            self.tries = 0;
        }
        has_given_up
    }
}

fn need(ranges: Ranges, is_past: bool, hearsay_of: Option<PeerKey>, lamport: u64) -> Option<Need> {
    (!ranges.is_empty()).then_some(Need { ranges, is_past, hearsay_of, lamport })
}
