use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::{
    cmp::Reverse,
    ops::Bound::{Excluded, Unbounded},
    time::Duration,
};

use crate::{
    PeerKey, Time,
    wire::{Holding, LogId},
};

/// Who says that they hold what of which log: hearsay, until an entry proves it (PROTOCOL.md §8.6)
///
/// A claim says whom to ask. One that nothing proves is asked about for a while, of the claimer alone; then the claimer
/// is not believed about that log for some minutes.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    by_log: BTreeMap<LogId, Vec<Claim>>,
    /// Of which logs each of them claims something
    by_claimer: BTreeMap<PeerKey, BTreeSet<LogId>>,
    /// The log that last made room
    cursor: Option<LogId>,
    /// Until when there is no room for whoever claims something of so many logs
    no_room: Option<(Time, usize)>,
    /// No claimer is to be doubted before this
    next: Option<Time>,
    /// Grows whenever somebody claims something new
    version: u64,
    /// Until when they are not believed, and for how long that was
    silenced: BTreeMap<(LogId, PeerKey), (Time, Duration)>,
}

/// What somebody says of a log
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) by: PeerKey,
    pub(crate) floor: u64,
    pub(crate) seq: u64,
    pub(crate) lamport: u64,
    /// Since when they were asked for it in vain
    asked: Option<Time>,
}

impl Claims {
    /// For how long a claim may stay unproved once its claimer was asked
    const PATIENCE: Duration = Duration::from_secs(10);
    /// For how long an author is then not believed: at first, twice as long each time, and at most; others 30 times
    /// as long at first
    const SILENCE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(600));
    /// How many claims about one log are known
    const MAX_CLAIMS: usize = 8;
    /// How long a claim that was asked for in vain stays when somebody else claims something
    const CROWDED_PATIENCE: Duration = Duration::from_secs(1);
    /// How many logs there are claims about: 6 MiB
    const MAX_LOGS: usize = 4_096;
    /// How many are not believed: 400 KiB
    const MAX_SILENCED: usize = 4_096;

    /// Somebody says that they hold this; true if that is news
    pub(crate) fn add(&mut self, now: Time, by: PeerKey, holding: &Holding) -> bool {
        let Holding { log, floor, seq, lamport } = *holding;
        if self.silenced.get(&(log, by)).is_some_and(|(until, _)| now < *until)
            || (self.by_log.len() >= Self::MAX_LOGS
                && !self.by_log.contains_key(&log)
                && !self.make_room(now, &by))
        {
            return false;
        }
        self.version += 1;
        let claims = self.by_log.entry(log).or_default();
        if let Some(claim) = claims.iter_mut().find(|claim| claim.by == by) {
            let is_news = seq > claim.seq || floor < claim.floor;
            (claim.floor, claim.seq, claim.lamport) = (floor, claim.seq.max(seq), lamport);
            return is_news;
        }
        if claims.len() == Self::MAX_CLAIMS && !self.replace(now, &log, &by, seq) {
            return false;
        }
        self.by_log.entry(log).or_default().push(Claim { by, floor, seq, lamport, asked: None });
        self.by_claimer.entry(by).or_default().insert(log);
        true
    }

    /// Drops a claim about a log for one of `by` about this place: one that was asked for in vain for a while, or the
    /// least, if that is less or `by` is the author; whether there was one
    fn replace(&mut self, now: Time, log: &LogId, by: &PeerKey, seq: u64) -> bool {
        let Some(claims) = self.by_log.get_mut(log) else { return false };
        let is_vain =
            |claim: &Claim| claim.asked.is_some_and(|asked| now.since(asked) >= Self::CROWDED_PATIENCE);
        let least = claims.iter().enumerate().min_by_key(|(_, claim)| (!is_vain(claim), claim.seq));
        let Some((nth, least)) = least else { return false };
        let was_vain = is_vain(least);
        if !was_vain && *by != log.author && least.seq >= seq {
            return false;
        }
        let dropped = claims.swap_remove(nth).by;
        forget(&mut self.by_claimer, dropped, log);
        if was_vain {
            silence(&mut self.silenced, now, (*log, dropped));
        }
        true
    }

    /// A number that is another whenever something new was claimed
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The greatest place that somebody claims of a log, from where on, and its lamport value
    pub(crate) fn greatest(&self, log: &LogId) -> Option<Holding> {
        let claims = self.by_log.get(log)?;
        let greatest = claims.iter().max_by_key(|claim| claim.seq)?;
        let floor = claims.iter().map(|claim| claim.floor).min()?;
        Some(Holding { log: *log, floor, seq: greatest.seq, lamport: greatest.lamport })
    }

    /// What one of those says who claim that a log goes on beyond a place: each in turn, so that nobody hides the others
    pub(crate) fn one_of(&self, log: &LogId, beyond: u64, turn: u32) -> Option<Claim> {
        // Who has forgotten all of it says that their log begins behind its end.
        let has_some = |claim: &&Claim| claim.seq > beyond && claim.floor <= claim.seq;
        let mut claims: Vec<_> = self.by_log.get(log)?.iter().filter(has_some).collect();
        claims.sort_by_key(|claim| Reverse(claim.seq));
        let nth = usize::try_from(turn).ok()?.checked_rem(claims.len())?;
        claims.get(nth).map(|claim| **claim)
    }

    /// Epoch and place of the end of the latest log of this author that somebody claims
    pub(crate) fn latest_of(&self, author: &PeerKey) -> Option<(u64, u64)> {
        let (first, last) = (LogId { author: *author, epoch: 0 }, LogId { author: *author, epoch: u64::MAX });
        let (log, _) = self.by_log.range(first..=last).next_back()?;
        self.greatest(log).map(|greatest| (log.epoch, greatest.seq))
    }

    /// Who claims to hold a place of a log
    pub(crate) fn holders(&self, log: &LogId, seq: u64) -> impl Iterator<Item = PeerKey> {
        let claims = self.by_log.get(log).map_or(&[][..], Vec::as_slice);
        claims.iter().filter(move |claim| (claim.floor..=claim.seq).contains(&seq)).map(|claim| claim.by)
    }

    /// Whether somebody claims something of a log
    pub(crate) fn is_about(&self, log: &LogId) -> bool {
        self.by_log.contains_key(log)
    }

    /// The logs that somebody claims something of
    pub(crate) fn logs(&self) -> impl ExactSizeIterator<Item = &LogId> {
        self.by_log.keys()
    }

    /// Somebody was asked for what they claim
    pub(crate) fn on_asked(&mut self, now: Time, log: &LogId, whom: &PeerKey) {
        let claims = self.by_log.get_mut(log).into_iter().flatten();
        for claim in claims.filter(|claim| claim.by == *whom) {
            let asked = *claim.asked.get_or_insert(now);
            self.next =
                Some(self.next.map_or(asked + Self::PATIENCE, |next| next.min(asked + Self::PATIENCE)));
        }
    }

    /// An entry of a log came
    pub(crate) fn on_entry(&mut self, log: &LogId) {
        for claim in self.by_log.get_mut(log).into_iter().flatten() {
            claim.asked = None;
        }
    }

    /// All that is claimed of a log is here, or it contradicts itself
    pub(crate) fn settle(&mut self, log: &LogId) {
        for claim in self.by_log.remove(log).into_iter().flatten() {
            forget(&mut self.by_claimer, claim.by, log);
        }
    }

    /// Somebody came, or came back: what they say is heard anew
    pub(crate) fn believe(&mut self, who: &PeerKey) {
        self.silenced.retain(|(_, silenced), _| silenced != who);
    }

    /// What is claimed of a log is of no use: nobody is believed about it for a while
    pub(crate) fn reject(&mut self, now: Time, log: &LogId) {
        for claim in self.by_log.remove(log).into_iter().flatten() {
            forget(&mut self.by_claimer, claim.by, log);
            silence(&mut self.silenced, now, (*log, claim.by));
        }
    }

    /// Those who are not there any more cannot be asked
    pub(crate) fn forget_absent(&mut self, log: &LogId, is_present: impl Fn(&PeerKey) -> bool) {
        if let Some(claims) = self.by_log.get_mut(log) {
            claims.retain(|claim| {
                let is_there = is_present(&claim.by);
                if !is_there {
                    forget(&mut self.by_claimer, claim.by, log);
                }
                is_there
            });
            if claims.is_empty() {
                self.by_log.remove(log);
            }
        }
    }

    /// When a claimer may not be to be believed any more
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.next
    }

    /// Stops believing those whose claims nothing proved
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        if self.next.is_none_or(|at| now < at) {
            return;
        }
        self.silenced.retain(|_, (until, wait)| now < *until + *wait + 3 * Self::PATIENCE);
        for (log, claims) in &mut self.by_log {
            claims.retain(|claim| {
                let is_stale = claim.asked.is_some_and(|asked| asked + Self::PATIENCE <= now);
                if is_stale {
                    forget(&mut self.by_claimer, claim.by, log);
                    silence(&mut self.silenced, now, (*log, claim.by));
                }
                !is_stale
            });
        }
        self.by_log.retain(|_, claims| !claims.is_empty());
        let asked = self.by_log.values().flatten().filter_map(|claim| claim.asked);
        self.next = asked.min().map(|asked| asked + Self::PATIENCE);
    }

    /// Forgets a log of whoever claims most, if all who claim something of it claim more than `by` does; whether there
    /// is room then
    fn make_room(&mut self, now: Time, by: &PeerKey) -> bool {
        const TRIES: usize = 64;
        const LOOK_AGAIN: Duration = Duration::from_millis(10);
        let own = self.by_claimer.get(by).map_or(0, BTreeSet::len);
        if self.no_room.is_some_and(|(until, least)| now < until && own >= least) {
            return false;
        }
        let most = self.by_claimer.values().max_by_key(|logs| logs.len());
        let has_more = |who: &PeerKey| self.by_claimer.get(who).is_some_and(|logs| logs.len() > own + 1);
        let is_theirs = |log: &&LogId| {
            self.by_log.get(*log).is_some_and(|claims| claims.iter().all(|one| has_more(&one.by)))
        };
        let found = most.filter(|logs| logs.len() > own + 1).and_then(|logs| {
            let begin = self.cursor.map_or(Unbounded, Excluded);
            let mut turn = logs.range((begin, Unbounded)).chain(logs).take(TRIES);
            turn.find(is_theirs).copied()
        });
        let Some(log) = found else {
            self.no_room = Some((now + LOOK_AGAIN, own));
            return false;
        };
        self.cursor = Some(log);
        self.settle(&log);
        true
    }
}

fn forget(by_claimer: &mut BTreeMap<PeerKey, BTreeSet<LogId>>, who: PeerKey, log: &LogId) {
    if let Some(logs) = by_claimer.get_mut(&who) {
        logs.remove(log);
        if logs.is_empty() {
            by_claimer.remove(&who);
        }
    }
}

/// Believes somebody about a log no more for a while, for twice as long as the last time
fn silence(silenced: &mut BTreeMap<(LogId, PeerKey), (Time, Duration)>, now: Time, who: (LogId, PeerKey)) {
    if silenced.len() < Claims::MAX_SILENCED || silenced.contains_key(&who) {
        let (least, most) = Claims::SILENCE;
        let least = if who.0.author == who.1 { least } else { 30 * least };
        let wait = silenced.get(&who).map_or(least, |(_, wait)| (2 * *wait).min(most));
        silenced.insert(who, (now + wait, wait));
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    const ANN: PeerKey = PeerKey::from_bytes([1; 32]);
    const BOB: PeerKey = PeerKey::from_bytes([2; 32]);
    const LOG: LogId = LogId { author: PeerKey::from_bytes([9; 32]), epoch: 1 };

    fn holding(floor: u64, seq: u64) -> Holding {
        Holding { log: LOG, floor, seq, lamport: seq }
    }

    #[test]
    fn a_claim_says_whom_to_ask_for_what() {
        let mut claims = Claims::default();
        assert!(claims.add(Time::ZERO, ANN, &holding(5, 9)));
        assert!(claims.add(Time::ZERO, BOB, &holding(1, 7)));
        assert!(!claims.add(Time::ZERO, BOB, &holding(1, 7)));
        assert_eq!(claims.holders(&LOG, 3).collect::<Vec<_>>(), vec![BOB]);
        assert_eq!(claims.holders(&LOG, 7).collect::<Vec<_>>(), vec![ANN, BOB]);
        assert_eq!(claims.greatest(&LOG).map(|greatest| (greatest.floor, greatest.seq)), Some((1, 9)));
        claims.settle(&LOG);
        assert_eq!(claims.greatest(&LOG), None);
    }

    #[test]
    fn whoever_has_forgotten_all_of_a_log_hides_nobody_who_has_some() {
        let mut claims = Claims::default();
        claims.add(Time::ZERO, ANN, &holding(3, 2));
        assert!(claims.one_of(&LOG, 0, 0).is_none());
        claims.add(Time::ZERO, BOB, &holding(1, 2));
        for turn in 0..4 {
            assert_eq!(claims.one_of(&LOG, 1, turn).map(|claim| claim.by), Some(BOB));
        }
    }

    #[test]
    fn whoever_does_not_prove_a_claim_is_not_believed_for_a_while() {
        let mut claims = Claims::default();
        claims.add(Time::ZERO, ANN, &holding(1, 1_000_000));
        claims.on_asked(Time::ZERO, &LOG, &ANN);
        let due = claims.poll_timeout().unwrap();
        claims.handle_timeout(due);
        assert_eq!(claims.greatest(&LOG), None);
        assert!(!claims.add(due, ANN, &holding(1, 1_000_001)));
        assert!(claims.add(due, BOB, &holding(1, 6)));
        assert!(claims.add(due + 30 * Claims::SILENCE.0, ANN, &holding(1, 7)));
    }

    #[test]
    fn whoever_proves_something_now_and_then_is_believed() {
        let mut claims = Claims::default();
        claims.add(Time::ZERO, ANN, &holding(1, 100));
        for secs in (0..60).step_by(5) {
            claims.on_asked(Time::from_secs(secs), &LOG, &ANN);
            claims.handle_timeout(Time::from_secs(secs));
            claims.on_entry(&LOG);
        }
        assert!(claims.greatest(&LOG).is_some());
    }

    #[test]
    fn there_are_bounds() {
        let mut claims = Claims::default();
        for n in 0..100 {
            claims.add(Time::ZERO, PeerKey::from_bytes([n; 32]), &holding(1, 5));
        }
        assert_eq!(claims.holders(&LOG, 3).count(), Claims::MAX_CLAIMS);
        for epoch in 0..10_000 {
            let log = LogId { epoch, ..LOG };
            claims.add(Time::ZERO, ANN, &Holding { log, floor: 1, seq: 1, lamport: 1 });
        }
        assert_eq!(claims.logs().count(), Claims::MAX_LOGS);
    }

    #[test]
    fn whoever_claims_everything_leaves_others_their_share() {
        let mut claims = Claims::default();
        let other = |n: u64| LogId { epoch: n, author: PeerKey::from_bytes([8; 32]) };
        for epoch in 0..10_000 {
            claims.add(Time::ZERO, ANN, &Holding { log: LogId { epoch, ..LOG }, ..holding(1, 1) });
        }
        for n in 0..10_000 {
            claims.add(Time::ZERO, BOB, &Holding { log: other(n), ..holding(1, 1) });
        }
        let of = |who| claims.by_log.values().flatten().filter(|claim| claim.by == who).count();
        assert_eq!((of(ANN), of(BOB)), (Claims::MAX_LOGS / 2, Claims::MAX_LOGS / 2));
        assert_eq!(claims.by_claimer.values().map(BTreeSet::len).sum::<usize>(), Claims::MAX_LOGS);
    }

    #[test]
    fn two_who_claim_the_same_keep_nobody_else_from_claiming_anything() {
        let mut claims = Claims::default();
        let other = |n: u64| LogId { epoch: n, author: PeerKey::from_bytes([8; 32]) };
        for epoch in 0..10_000 {
            for by in [ANN, BOB] {
                claims.add(Time::ZERO, by, &Holding { log: LogId { epoch, ..LOG }, ..holding(1, 1) });
            }
        }
        let cid = PeerKey::from_bytes([3; 32]);
        let added = (0..1_000)
            .filter(|n| claims.add(Time::from_millis(*n), cid, &Holding { log: other(*n), ..holding(1, 1) }));
        assert_eq!(added.count(), 1_000);
    }

    #[test]
    fn eight_who_boast_keep_nobody_from_being_heard_once_they_were_asked() {
        let mut claims = Claims::default();
        let boasters = (10..18).map(|n| PeerKey::from_bytes([n; 32]));
        for (seq, by) in (100..).zip(boasters) {
            claims.add(Time::ZERO, by, &holding(1, seq));
            claims.on_asked(Time::ZERO, &LOG, &by);
        }
        assert!(!claims.add(Time::from_millis(999), ANN, &holding(1, 7)));
        assert!(claims.add(Time::from_secs(1), ANN, &holding(1, 7)));
        let asked = (0..8).filter_map(|turn| claims.one_of(&LOG, 0, turn));
        assert!(asked.map(|claim| claim.by).any(|by| by == ANN));
        assert!(
            !claims.add(Time::from_secs(1), PeerKey::from_bytes([10; 32]), &holding(1, 200)),
            "not again"
        );
    }
}
