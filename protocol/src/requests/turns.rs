//! Which log is asked for first, and how much of it: the same for all who say that something exists

use alloc::{collections::BTreeSet, vec::Vec};
use core::{
    cmp::Reverse,
    ops::Bound::{Excluded, Unbounded},
    time::Duration,
};

use super::{Need, Requests, Room};
use crate::{PeerKey, Time, claims::Claims, wire::LogId};

/// What is asked for first: what is not past, what nobody who says so is doubted for, what was said last
pub(super) type Rank = (bool, bool, Reverse<u64>, LogId);

impl Requests {
    /// Forgets what there is nothing to ask for of any more
    pub(super) fn forget(&mut self, now: Time, room: &Room<'_>, claims: &Claims) {
        const EVERY: Duration = Duration::from_secs(1);
        if self.paces.len() <= Self::MANY_LOGS && self.doubts.is_empty() || now.since(self.swept) < EVERY {
            return;
        }
        self.swept = now;
        let is_known = |id: &LogId| room.archive.log(id).is_some() || claims.is_about(id);
        self.paces.retain(|id, pace| is_known(id) || !pace.flying.is_empty());
        self.doubts.retain(|who, _| room.peers.is_present(who));
    }

    /// Whether there are so many logs that they were looked through just now
    pub(super) fn is_busy_looking(&mut self, now: Time) -> bool {
        const REST: Duration = Duration::from_millis(5);
        if self.paces.len() > 4 * Self::MANY_LOGS && now.since(self.looked) < REST {
            self.next = Some(self.looked + REST);
            return true;
        }
        self.looked = now;
        false
    }

    /// Which logs it is time for, the most urgent first; when there are very many, some of them in turn
    pub(super) fn due(&mut self, now: Time, room: &Room<'_>, claims: &Claims) -> BTreeSet<Rank> {
        let begin = self.cursor.map_or(Unbounded, Excluded);
        let due = self.paces.range((begin, Unbounded));
        let due = due.filter(|(_, pace)| pace.next.is_some_and(|next| next <= now)).map(|(id, _)| *id);
        let ids: Vec<_> = due.take(Self::MANY_LOGS + 1).collect();
        self.cursor = if ids.len() > Self::MANY_LOGS { ids.get(Self::MANY_LOGS - 1).copied() } else { None };
        let ids = ids.into_iter().take(Self::MANY_LOGS);
        ids.map(|id| self.rank(id, room, claims).unwrap_or((false, false, Reverse(0), id))).collect()
    }

    pub(super) fn rank(&self, id: LogId, room: &Room<'_>, claims: &Claims) -> Option<Rank> {
        let need = self.need(&id, room, claims)?;
        let is_doubted = need.hearsay_of.is_some_and(|who| self.is_doubted(&who));
        Some((need.is_past, is_doubted, Reverse(need.lamport), id))
    }

    fn is_doubted(&self, who: &PeerKey) -> bool {
        self.doubts.get(who).is_some_and(|doubts| *doubts >= Self::MAX_DOUBTS)
    }

    /// How many entries may be asked for at once of what is needed
    ///
    /// Of what may not exist, no question takes all the room that there is; and who was asked in vain too often has
    /// some of their own, so that nobody keeps a node from asking others.
    pub(super) fn room_for(&self, need: &Need) -> u64 {
        let limit = Self::CHUNK.min(Self::WINDOW.saturating_sub(self.in_flight));
        let Some(who) = need.hearsay_of else { return limit };
        let is_doubted = self.is_doubted(&who);
        let alike = self
            .flights
            .iter()
            .filter(|flight| flight.hearsay_of.is_some_and(|other| self.is_doubted(&other) == is_doubted));
        let flying = alike.map(|flight| flight.left.count()).sum();
        if is_doubted {
            limit.min(Self::DOUBTED_WINDOW.saturating_sub(flying)).min(1)
        } else {
            limit.min(Self::HEARSAY_WINDOW.saturating_sub(flying).div_ceil(2))
        }
    }
}
