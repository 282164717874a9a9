use alloc::collections::BTreeMap;
use core::time::Duration;

use fastrand::Rng;

use crate::{
    PeerKey, Time,
    archive::Archive,
    tempo::Tempo,
    wire::{Digest, Heads, HeadsRequest, LogId, MAX_HOLDINGS},
};

/// Finds out what others hold that this node lacks: a newcomer's first question, and everybody's after a partition or a
/// sleep (PROTOCOL.md §8.7)
///
/// Everyone announces a digest of what they hold. Of somebody whose digest is not one that this node has or had, it
/// asks what they hold, page by page. What is missing then is asked for as anything else that is missing.
#[derive(Debug)]
pub(crate) struct CatchUp {
    others: BTreeMap<PeerKey, Other>,
    /// When to look whether somebody is ahead
    check: Option<Time>,
    talk: Option<Talk>,
    began: Time,
    is_done_once: bool,
    /// When somebody was last asked
    ended: Option<Time>,
}

/// What somebody announced, and how it went with them
#[derive(Clone, Copy, Debug)]
struct Other {
    digest: Digest,
    not_before: Time,
    wait: Duration,
}

/// Asking one member what they hold
#[derive(Clone, Copy, Debug)]
struct Talk {
    with: PeerKey,
    after: LogId,
    due: Time,
    tries: u32,
    pages: usize,
    has_answer: bool,
    is_fruitful: bool,
}

impl CatchUp {
    /// How long after somebody seems to be ahead it is looked at: what is on its way may arrive
    const GRACE: Duration = Duration::from_millis(300);
    /// Over how long the questions of a room are spread, for each member
    const SPREAD: Duration = Duration::from_millis(10);
    /// How rarely one asks, for each member
    const REST: Duration = Duration::from_millis(250);
    /// The same for newcomers, who know that they know nothing
    const NEWCOMERS_GRACE: Duration = Duration::from_millis(20);
    /// For how long somebody is a newcomer
    const NEW: Duration = Duration::from_secs(3);
    /// How soon a page is asked for again at the earliest
    const MIN_TIMEOUT: Duration = Duration::from_millis(50);
    /// How often one is asked for a page
    const MAX_TRIES: u32 = 5;
    /// How long somebody is not asked again who had nothing new, at first and at most
    const WAITS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(600));
    /// How many pages one is asked for: as many as hold all logs there may be
    const MAX_PAGES: usize = Archive::MAX_LOGS.div_ceil(MAX_HOLDINGS);
    /// How long at most who did not answer: that may have been the network
    const SILENT_WAIT: Duration = Duration::from_secs(10);
    /// How many others are known
    const MAX_OTHERS: usize = 4_096;

    /// Nothing known, at `now`
    pub(crate) fn new(now: Time) -> Self {
        Self {
            others: BTreeMap::new(),
            check: None,
            talk: None,
            began: now,
            is_done_once: false,
            ended: None,
        }
    }

    /// Whether a first round is over
    pub(crate) fn is_done_once(&self) -> bool {
        self.is_done_once
    }

    /// Whether somebody is being asked, or about to be
    pub(crate) fn is_busy(&self) -> bool {
        self.talk.is_some() || self.check.is_some()
    }

    /// Somebody who is there announces this digest, in a room of `members`; `is_ahead` if it is none of this node's
    pub(crate) fn on_digest(
        &mut self,
        now: Time,
        who: PeerKey,
        digest: Digest,
        is_ahead: bool,
        members: usize,
        rng: &mut Rng,
    ) {
        if self.others.len() < Self::MAX_OTHERS || self.others.contains_key(&who) {
            let fresh = Other { digest, not_before: now, wait: Self::WAITS.0 };
            self.others.entry(who).or_insert(fresh).digest = digest;
        }
        if !is_ahead {
            self.is_done_once |= self.talk.is_none() && self.check.is_none();
            return;
        }
        let is_early = !self.is_done_once || members <= Tempo::SMALL_ROOM;
        let is_new = is_early && now.since(self.began) < Self::NEW;
        let grace = if is_new { Self::NEWCOMERS_GRACE } else { Self::GRACE };
        let members = u32::try_from(members).unwrap_or(u32::MAX);
        let crowd = Self::SPREAD.saturating_mul(members).mul_f64(rng.f64());
        let delay = grace + if is_new { Duration::ZERO } else { crowd };
        let ended = self.ended.filter(|_| !is_new);
        let rested = ended.map_or(now, |ended| ended + Self::REST.saturating_mul(members));
        let due = (now + delay).max(rested);
        self.check.get_or_insert(due);
    }

    /// When to ask, or ask again
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.talk.map(|talk| talk.due).or(self.check)
    }

    /// Whom to ask what at `now`; `is_ahead` says whether somebody who announced a digest may hold what this node lacks
    pub(crate) fn handle_timeout(
        &mut self,
        now: Time,
        timeout: Duration,
        is_ahead: impl Fn(&Digest) -> bool,
        is_present: impl Fn(&PeerKey) -> bool,
    ) -> Option<(PeerKey, HeadsRequest)> {
        if self.poll_timeout().is_none_or(|at| now < at) {
            return None;
        }
        if let Some(talk) = &mut self.talk {
            if talk.tries < Self::MAX_TRIES && is_present(&talk.with) {
                talk.tries += 1;
                talk.due = now + timeout.max(Self::MIN_TIMEOUT) * (1 << talk.tries);
                return Some((talk.with, HeadsRequest { after: talk.after }));
            }
            self.end(now);
        }
        self.check = None;
        self.others.retain(|who, _| is_present(who));
        let ahead = self
            .others
            .iter()
            .filter(|(who, other)| is_present(who) && other.not_before <= now && is_ahead(&other.digest));
        let Some((with, _)) = ahead.max_by_key(|(_, other)| other.digest.entries) else {
            self.is_done_once = true;
            return None;
        };
        let after = LogId { author: PeerKey::from_bytes([0; 32]), epoch: 0 };
        self.talk = Some(Talk {
            with: *with,
            after,
            due: now + timeout.max(Self::MIN_TIMEOUT),
            tries: 0,
            pages: 1,
            has_answer: false,
            is_fruitful: false,
        });
        self.talk.map(|talk| (talk.with, HeadsRequest { after }))
    }

    /// A page came; `is_fruitful` if it tells of something that this node lacks. What to ask next
    pub(crate) fn on_heads(
        &mut self,
        now: Time,
        from: &PeerKey,
        heads: &Heads,
        is_fruitful: bool,
        timeout: Duration,
    ) -> Option<HeadsRequest> {
        let talk = self.talk.as_mut().filter(|talk| talk.with == *from)?;
        if heads.holdings.iter().any(|holding| holding.log <= talk.after) {
            return None;
        }
        talk.has_answer = true;
        talk.is_fruitful |= is_fruitful;
        let has_more = heads.more && talk.pages < Self::MAX_PAGES;
        match heads.holdings.last().filter(|_| has_more) {
            Some(last) => {
                talk.pages += 1;
                talk.after = last.log;
                talk.tries = 0;
                talk.due = now + timeout.max(Self::MIN_TIMEOUT);
                Some(HeadsRequest { after: talk.after })
            }
            None => {
                self.end(now);
                None
            }
        }
    }

    fn end(&mut self, now: Time) {
        let Some(talk) = self.talk.take() else { return };
        self.is_done_once = true;
        self.ended = Some(now);
        if let Some(other) = self.others.get_mut(&talk.with) {
            let most = if talk.has_answer { Self::WAITS.1 } else { Self::SILENT_WAIT };
            other.wait = if talk.is_fruitful { Self::WAITS.0 } else { (2 * other.wait).min(most) };
            other.not_before = now + other.wait;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::wire::{Holding, bounded::List};

    const ANN: PeerKey = PeerKey::from_bytes([1; 32]);
    const BOB: PeerKey = PeerKey::from_bytes([2; 32]);
    const TIMEOUT: Duration = Duration::from_millis(50);

    fn digest(entries: u64) -> Digest {
        Digest { sum: entries, entries }
    }

    fn page(epochs: &[u64], more: bool) -> Heads {
        let holding =
            |epoch: &u64| Holding { log: LogId { author: BOB, epoch: *epoch }, floor: 1, seq: 1, lamport: 1 };
        Heads { holdings: List::new(epochs.iter().map(holding).collect()).unwrap(), more }
    }

    fn begin(catch_up: &mut CatchUp) -> (Time, PeerKey) {
        let now = catch_up.poll_timeout().unwrap();
        let (whom, _) = catch_up.handle_timeout(now, TIMEOUT, |_| true, |_| true).unwrap();
        (now, whom)
    }

    #[test]
    fn a_newcomer_asks_whoever_has_most_page_by_page() {
        let (mut catch_up, mut rng) = (CatchUp::new(Time::ZERO), Rng::with_seed(1));
        catch_up.on_digest(Time::ZERO, ANN, digest(5), true, 2, &mut rng);
        catch_up.on_digest(Time::ZERO, BOB, digest(9), true, 3, &mut rng);
        let (now, whom) = begin(&mut catch_up);
        assert_eq!(whom, BOB);
        let next = catch_up.on_heads(now, &BOB, &page(&[1, 2], true), true, TIMEOUT).unwrap();
        assert_eq!(next.after, LogId { author: BOB, epoch: 2 });
        assert_eq!(catch_up.on_heads(now, &BOB, &page(&[1, 2], true), true, TIMEOUT), None);
        assert!(!catch_up.is_done_once());
        assert_eq!(catch_up.on_heads(now, &BOB, &page(&[3], false), true, TIMEOUT), None);
        assert!(catch_up.is_done_once());
    }

    #[test]
    fn whoever_never_comes_to_an_end_is_not_listened_to_for_ever() {
        let (mut catch_up, mut rng) = (CatchUp::new(Time::ZERO), Rng::with_seed(1));
        catch_up.on_digest(Time::ZERO, ANN, digest(5), true, 2, &mut rng);
        let (now, _) = begin(&mut catch_up);
        let asked = (1..10_000).take_while(|epoch| {
            catch_up.on_heads(now, &ANN, &page(&[*epoch], true), false, TIMEOUT).is_some()
        });
        assert!((200..400).contains(&asked.count()));
        assert!(catch_up.is_done_once() && !catch_up.is_busy());
    }

    #[test]
    fn whoever_does_not_answer_is_asked_again_and_then_another() {
        let (mut catch_up, mut rng) = (CatchUp::new(Time::ZERO), Rng::with_seed(1));
        catch_up.on_digest(Time::ZERO, ANN, digest(5), true, 2, &mut rng);
        catch_up.on_digest(Time::ZERO, BOB, digest(9), true, 3, &mut rng);
        let mut asked = vec![];
        for _ in 0..8 {
            asked.push(begin(&mut catch_up).1);
        }
        assert_eq!(asked, vec![BOB, BOB, BOB, BOB, BOB, BOB, ANN, ANN]);
    }

    #[test]
    fn whoever_has_nothing_new_is_asked_ever_more_rarely() {
        let (mut catch_up, mut rng) = (CatchUp::new(Time::ZERO), Rng::with_seed(1));
        let mut talks = 0;
        for secs in 0..3_600 {
            let now = Time::from_secs(secs);
            catch_up.on_digest(now, ANN, digest(secs), true, 2, &mut rng);
            let due = now + Duration::from_millis(500);
            if catch_up.handle_timeout(due, TIMEOUT, |_| true, |_| true).is_some() {
                talks += 1;
                catch_up.on_heads(due, &ANN, &page(&[1], false), false, TIMEOUT);
            }
        }
        assert!((5..20).contains(&talks), "{talks}");
    }
}
