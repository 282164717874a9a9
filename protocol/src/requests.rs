mod asks;
mod flights;
mod need;
mod turns;

use alloc::{collections::BTreeMap, vec::Vec};
use core::time::Duration;

use fastrand::Rng;

pub(crate) use self::asks::Ask;
use self::{
    asks::{Asks, source},
    flights::Flight,
    need::Need,
};
use crate::{
    PeerKey, Time,
    archive::Archive,
    claims::Claims,
    peers::Peers,
    ranges::Ranges,
    tempo::Tempo,
    wire::{Holding, LogId, MAX_RANGES, Range},
};

/// Asks for what is missing, until it is here (PROTOCOL.md §8.6)
///
/// What was said lately comes first, the lowest place first, since others wait behind it; then what is past, the newest
/// first. One member is asked at a time, another when it does not come; in a large room everybody is, as long as little
/// is missing. No more entries are on their way than a socket's buffer holds.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    flights: Vec<Flight>,
    paces: BTreeMap<LogId, Pace>,
    /// How many entries are on their way
    in_flight: u64,
    /// No log is to be asked for before this, unless something changes
    next: Option<Time>,
    /// What archive and claims were like when it was last looked what is missing, and when that was
    seen: Option<(u64, u64, Time)>,
    /// The last log that was looked at when there were too many
    cursor: Option<LogId>,
    /// When the logs were last looked through for what is due
    looked: Time,
    /// When what is not needed any more was last forgotten
    swept: Time,
    /// How often each was asked in vain for what nobody else's word says exists, since they last gave some of it
    doubts: BTreeMap<PeerKey, u32>,
}

/// How a log is asked for
#[derive(Debug, Default)]
struct Pace {
    /// When to ask next; not before something on its way came or did not
    next: Option<Time>,
    tries: u32,
    /// How often somebody was asked for what they say exists
    turn: u32,
    /// Whether something that was asked for did not come, since it was last asked for
    has_landed: bool,
    flying: Ranges,
    /// What was asked for often, and nobody says that they hold it
    hopeless: Ranges,
}

/// What asking depends on
pub(crate) struct Room<'a> {
    pub(crate) me: PeerKey,
    pub(crate) archive: &'a Archive,
    pub(crate) peers: &'a Peers,
    pub(crate) tempo: &'a Tempo,
}

impl Room<'_> {
    fn members(&self) -> usize {
        self.peers.present() + 1
    }

    fn is_small(&self) -> bool {
        self.members() <= Tempo::SMALL_ROOM
    }
}

impl Requests {
    /// How many entries are on their way at most: fewer full datagrams than a socket's buffer holds by default
    const WINDOW: u64 = 128;
    /// How many entries one member is asked for at once
    const CHUNK: u64 = 32;
    /// In a large room, how many may be missing for everybody to be asked, and how often everybody is
    const FEW: u64 = 32;
    const ROUNDS: u32 = 6;
    /// How often something is asked for that nobody says they hold: over some minutes
    const MAX_TRIES: u32 = 14;
    /// After so many questions in vain one waits before the next
    const QUICK_TRIES: u32 = 6;
    /// What exists is asked for at least as often
    const MAX_PAUSE: Duration = Duration::from_secs(3);
    /// How many of what may not exist are on their way at most
    const HEARSAY_WINDOW: u64 = 32;
    /// How many more are of those who were asked in vain so often, one for each question
    const DOUBTED_WINDOW: u64 = 8;
    const MAX_DOUBTS: u32 = 2;
    /// For how long they are at least: a liar's claims are not asked about as fast as the network is
    const HEARSAY_TIMEOUT: Duration = Duration::from_millis(50);
    /// How long to wait when too much is on its way, or nobody is there to ask
    const CROWDED: Duration = Duration::from_millis(20);
    /// With more logs than this to look through, they are looked through no more often than each so much time, and no
    /// more of them at once
    const MANY_LOGS: usize = 256;

    /// Who is to be asked for what at `now`
    pub(crate) fn poll(
        &mut self,
        now: Time,
        room: &Room<'_>,
        claims: &mut Claims,
        rng: &mut Rng,
    ) -> Vec<Ask> {
        self.land_late_flights(now, room.tempo);
        self.notice(now, room, claims, rng);
        if self.next.is_none_or(|next| now < next) || self.is_busy_looking(now) {
            return Vec::new();
        }
        let mut asks = Asks::default();
        let was_partial = self.cursor.is_some();
        let mut due = self.due(now, room, claims);
        while let Some((.., id)) = due.pop_first() {
            if self.in_flight >= Self::WINDOW && room.is_small() {
                break;
            }
            if self.ask(now, id, room, claims, rng, &mut asks) {
                match self.rank(id, room, claims) {
                    Some(rank) => drop(due.insert(rank)),
                    None => self.rest(&id),
                }
            }
        }
        let next = self.paces.values().filter_map(|pace| pace.next).min();
        let is_partial = was_partial || self.cursor.is_some();
        self.next = next.map(|next| if is_partial { next.max(now + Self::CROWDED) } else { next });
        asks.into_vec()
    }

    /// An entry came; how long it took, if it answers a question and that says something
    pub(crate) fn on_entry(
        &mut self,
        now: Time,
        log: &LogId,
        seq: u64,
        is_repair: bool,
        tempo: &Tempo,
    ) -> Option<Duration> {
        let pace = self.paces.get_mut(log)?;
        if is_repair || pace.flying.contains(seq) {
            pace.tries = 0;
        } else if !pace.hopeless.is_empty() {
            pace.next.get_or_insert(now);
            self.next = Some(now);
        }
        if !pace.flying.contains(seq) {
            return None;
        }
        pace.flying.remove(seq..=seq);
        pace.next.get_or_insert(now);
        self.next = Some(now);
        self.in_flight -= 1;
        let flight =
            self.flights.iter_mut().find(|flight| flight.log == *log && flight.left.contains(seq))?;
        flight.left.remove(seq..=seq);
        let sample = flight.is_measured.then(|| now.since(flight.asked));
        flight.is_measured = false;
        flight.has_answer = true;
        flight.hearsay_of.map(|who| self.doubts.remove(&who));
        flight.due = flight.due.min(now + tempo.between_answers());
        self.flights.retain(|flight| !flight.left.is_empty());
        sample
    }

    /// Somebody asked everybody for this: if it is all that is missing here, the answer will come here, too
    pub(crate) fn on_heard(
        &mut self,
        now: Time,
        range: &Range,
        room: &Room<'_>,
        claims: &Claims,
        rng: &mut Rng,
    ) {
        let Some(need) = self.need(&range.log, room, claims) else { return };
        let last = range.from.saturating_add(u64::from(range.count)).saturating_sub(1);
        let mut rest = need.ranges;
        rest.remove(range.from..=last);
        let pace = self.paces.get_mut(&range.log).filter(|pace| pace.next.is_some());
        if let Some(pace) = pace.filter(|_| rest.is_empty()) {
            pace.next = Some(now + room.tempo.before_asking_again(room.members(), pace.tries, rng));
            pace.tries += 1;
            // Of many logs one is asked for later than the first is due, which does no harm.
            if self.paces.len() <= Self::MANY_LOGS {
                self.next = self.paces.values().filter_map(|pace| pace.next).min();
            }
        }
    }

    /// Somebody new can be asked about a log
    pub(crate) fn on_claim(&mut self, now: Time, holding: &Holding) {
        if let Some(pace) = self.paces.get_mut(&holding.log) {
            pace.tries = 0;
            pace.hopeless.remove(holding.floor..=holding.seq);
            pace.next = pace.next.or(Some(now)).min(Some(now));
            self.next = Some(now);
        }
    }

    /// Whether anything is being asked for
    pub(crate) fn is_busy(&self) -> bool {
        self.paces.values().any(|pace| pace.next.is_some() || !pace.flying.is_empty())
    }

    /// Whether some of a log was asked for, of one or of all, and has not come
    pub(crate) fn has_asked(&self, log: &LogId) -> bool {
        self.paces.get(log).is_some_and(|pace| pace.tries > 0 || !pace.flying.is_empty())
    }

    /// How many entries were asked of somebody and are on their way
    pub(crate) fn awaited(&self) -> u64 {
        self.in_flight
    }

    /// When to ask
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let flights = self.flights.iter().map(|flight| flight.due);
        if self.in_flight >= Self::WINDOW {
            return flights.min();
        }
        flights.chain(self.next).min()
    }

    /// There may be something to ask for then
    fn hasten(&mut self, at: Time) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    /// Begins to care about logs in which something is missing
    ///
    /// It is called for whatever arrives, so it must cost nothing when nothing of this changed.
    fn notice(&mut self, now: Time, room: &Room<'_>, claims: &Claims, rng: &mut Rng) {
        const AT_LEAST_EVERY: Duration = Duration::from_secs(1);
        let (archived, claimed) = (room.archive.version(), claims.version());
        if let Some((was_archived, was_claimed, at)) =
            self.seen.filter(|(.., at)| now.since(*at) < AT_LEAST_EVERY)
        {
            if (was_archived, was_claimed) == (archived, claimed) {
                return;
            }
            let many = claims.logs().len() + room.archive.count_lacking() > Self::MANY_LOGS;
            if many && now.since(at) < Self::CROWDED {
                self.hasten(at + Self::CROWDED);
                return;
            }
        }
        self.seen = Some((archived, claimed, now));
        self.forget(now, room, claims);
        let lacking = room.archive.lacking().map(|(id, _)| id);
        let unknown: Vec<_> =
            lacking.chain(claims.logs()).filter(|id| !self.paces.contains_key(id)).copied().collect();
        for id in unknown {
            let Some(need) = self.need(&id, room, claims) else { continue };
            let is_hearsay = need.hearsay_of.is_some();
            let delay = if need.is_past && (!is_hearsay || room.is_small()) {
                Duration::ZERO
            } else if !room.is_small() {
                room.tempo.before_asking(room.members(), rng)
            } else if is_hearsay {
                Duration::ZERO
            } else {
                room.tempo.reordering()
            };
            self.paces.insert(id, Pace { next: Some(now + delay), ..Pace::default() });
            self.hasten(now + delay);
        }
    }

    /// All that is missing of a log is on its way
    fn rest(&mut self, id: &LogId) {
        if let Some(pace) = self.paces.get_mut(id) {
            pace.next = None;
        }
    }

    /// Asks for some of what is missing of a log; true if more of it can be asked for at once
    fn ask(
        &mut self,
        now: Time,
        id: LogId,
        room: &Room<'_>,
        claims: &mut Claims,
        rng: &mut Rng,
        asks: &mut Asks,
    ) -> bool {
        let need = self.need(&id, room, claims);
        let Some(pace) = self.paces.get_mut(&id) else { return false };
        let Some(need) = need else {
            pace.next = None;
            if pace.flying.is_empty() && pace.hopeless.is_empty() {
                self.paces.remove(&id);
                claims.settle(&id);
            }
            return false;
        };
        if pace.tries > Self::MAX_TRIES && pace.despair(&id, &need, room, claims) {
            return true;
        }
        let asks_all = !room.is_small()
            && !need.is_past
            && need.hearsay_of.is_none()
            && need.ranges.count() <= Self::FEW
            && pace.tries < Self::ROUNDS;
        if asks_all {
            asks.add(None, id, &need.ranges.some(Self::FEW, MAX_RANGES, false));
            pace.next = Some(now + room.tempo.before_asking_again(room.members(), pace.tries, rng));
            pace.tries += 1;
            return false;
        }
        let tries = pace.tries;
        let limit = self.room_for(&need);
        if limit == 0 {
            self.pause(&id, now + Self::CROWDED);
            return false;
        }
        let chosen = need.ranges.some(limit, 4, need.is_past);
        let Some(whom) = source(&id, &chosen, &need, tries, room, claims, rng) else {
            let pace = self.paces.entry(id).or_default();
            pace.tries += 1;
            pace.next = Some(now + room.tempo.timeout(pace.tries).max(Self::CROWDED));
            claims.forget_absent(&id, |key| room.peers.is_present(key));
            return false;
        };
        if need.hearsay_of.is_some() {
            claims.on_asked(now, &id, &whom);
        }
        asks.add(Some(whom), id, &chosen);
        self.take_off(now, id, &chosen, need.hearsay_of, room.tempo);
        true
    }

    /// Nothing more is asked of a log until then
    fn pause(&mut self, id: &LogId, until: Time) {
        if let Some(pace) = self.paces.get_mut(id) {
            pace.next = Some(until);
        }
    }
}

#[cfg(test)]
mod tests;
