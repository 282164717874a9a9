//! Whom to ask for what, and when not to ask any more

use alloc::vec;
use core::net::SocketAddr;

use super::*;
use crate::{
    Identity, InstanceId, Name, OwnTip, Retention, RoomName, Text, WallTime,
    journal::Journal,
    log::Genuine,
    wire::{Announce, EntryHash, Head, Place, bounded::List},
};

const ME: PeerKey = PeerKey::from_bytes([255; 32]);
const BOB: PeerKey = PeerKey::from_bytes([2; 32]);
const EVE: PeerKey = PeerKey::from_bytes([3; 32]);

fn ann() -> Identity {
    Identity::from_secret([1; 32])
}

fn id() -> LogId {
    LogId { author: *ann().key(), epoch: 1 }
}

/// A place so far away that not all before it can be there
const FAR: u64 = 1_000_000_000_000;

/// The entry at a place near either the beginning or [`FAR`]
fn entry(seq: u64) -> Genuine {
    let far = OwnTip { epoch: 1, seq: FAR - 1, hash: EntryHash::from_bytes([7; 32]) };
    let mut journal =
        if seq < FAR { Journal::new(id().author, 1) } else { Journal::resume(id().author, far) };
    let room = crate::Room::open(RoomName::lobby());
    let mut next = || {
        journal.say(&Text::new("hi").unwrap(), WallTime::default());
        let (entry, signed) = journal.next_entry(&ann(), room.id(), journal.head().seq + 1)?;
        Some(Genuine { entry, hash: signed.hash(), signed })
    };
    core::iter::from_fn(&mut next).find(|genuine| genuine.entry.seq == seq).unwrap()
}

/// Somebody who asks, and what they know
struct Asker {
    now: Time,
    archive: Archive,
    peers: Peers,
    tempo: Tempo,
    claims: Claims,
    requests: Requests,
    rng: Rng,
}

impl Asker {
    /// Among these others, in whose midst a log has come to this place
    fn among(others: &[PeerKey], base: u64) -> Self {
        let mut peers = Peers::new();
        for (counter, other) in (1..).zip(others) {
            let announce = Announce {
                instance: InstanceId::from_uuid(uuid::Uuid::from_u128(1)),
                name: Name::new("x").unwrap(),
                interval_ms: 600_000,
                members: 0,
                solicits: false,
                visitor: false,
                head: Head::default(),
                lamport: 0,
                extensions: List::empty(),
            };
            let place = Place { incarnation: 1, counter };
            let at = SocketAddr::from(([198, 18, 0, 1], 1));
            peers.on_announce(Time::ZERO, at, (*other, place), &announce).unwrap();
        }
        let mut archive = Archive::new(Retention::default());
        archive.on_head(Time::ZERO, id(), base, |_| true).unwrap();
        let (claims, requests) = (Claims::default(), Requests::default());
        let (tempo, rng) = (Tempo::new(), Rng::with_seed(1));
        Self { now: Time::from_secs(1), archive, peers, tempo, claims, requests, rng }
    }

    fn hear(&mut self, seq: u64) {
        let is_repair = self.archive.lacks(&id(), seq);
        self.archive.insert(self.now, entry(seq), false, |_| true).unwrap();
        self.claims.on_entry(&id());
        self.requests.on_entry(self.now, &id(), seq, is_repair, &self.tempo);
    }

    fn claim(&mut self, by: PeerKey, log: LogId, floor: u64, seq: u64) {
        self.claim_at(by, log, floor, seq, seq);
    }

    fn claim_at(&mut self, by: PeerKey, log: LogId, floor: u64, seq: u64, lamport: u64) {
        let holding = Holding { log, floor, seq, lamport };
        self.archive.on_holding(&holding);
        if self.claims.add(self.now, by, &holding) {
            self.requests.on_claim(self.now, &holding);
        }
    }

    fn poll(&mut self) -> Vec<Ask> {
        let Self { now, archive, peers, tempo, .. } = self;
        let room = Room { me: ME, archive, peers, tempo };
        self.requests.poll(*now, &room, &mut self.claims, &mut self.rng)
    }

    /// What is asked until this time, and when
    fn run(&mut self, until: Time) -> Vec<(Time, Ask)> {
        let mut asked: Vec<_> = self.poll().into_iter().map(|ask| (self.now, ask)).collect();
        while let Some(next) = self.next().filter(|next| *next <= until) {
            self.now = next;
            self.claims.handle_timeout(next);
            asked.extend(self.poll().into_iter().map(|ask| (next, ask)));
            assert!(self.next().is_none_or(|next| next > self.now), "busy at {}", self.now);
        }
        self.now = until;
        asked
    }

    fn next(&self) -> Option<Time> {
        self.requests.poll_timeout().into_iter().chain(self.claims.poll_timeout()).min()
    }

    /// The first questions, once it is time for them
    fn first(&mut self) -> Vec<Ask> {
        assert_eq!(self.poll(), vec![], "what is on its way may arrive");
        self.now = self.requests.poll_timeout().unwrap();
        self.poll()
    }
}

fn places(asks: &[Ask]) -> Vec<u64> {
    let ranges = asks.iter().flat_map(|ask| &ask.ranges);
    let mut places: Vec<_> =
        ranges.flat_map(|range| range.from..range.from + u64::from(range.count)).collect();
    places.sort_unstable();
    places
}

#[test]
fn what_is_live_is_asked_for_from_its_beginning_and_its_author_first() {
    let mut asker = Asker::among(&[id().author, BOB, EVE], 0);
    asker.claim(BOB, id(), 1, 200);
    asker.hear(200);
    let asks = asker.first();
    assert!(asks.iter().all(|ask| ask.whom == Some(id().author)), "{asks:?}");
    assert_eq!(places(&asks), (1..=Requests::WINDOW).collect::<Vec<_>>());
    assert!(asks.iter().flat_map(|ask| &ask.ranges).all(|range| u64::from(range.count) <= Requests::CHUNK));
    assert_eq!(asker.poll(), vec![], "no more than fits into a buffer");
    (1..=Requests::CHUNK).for_each(|seq| asker.hear(seq));
    let next = Requests::WINDOW + 1..=Requests::WINDOW + Requests::CHUNK;
    assert_eq!(places(&asker.poll()), next.collect::<Vec<_>>());
}

#[test]
fn what_does_not_come_is_asked_for_elsewhere() {
    let mut asker = Asker::among(&[id().author, BOB, EVE], 0);
    asker.claim(BOB, id(), 1, 5);
    asker.hear(5);
    let until = asker.now + Duration::from_secs(9);
    let asked: Vec<_> = asker.run(until).into_iter().map(|(_, ask)| ask).collect();
    assert_eq!((asked[0].whom, asked[1].whom), (Some(id().author), Some(BOB)));
    assert!(asked.iter().all(|ask| places(core::slice::from_ref(ask)) == [1, 2, 3, 4]));
    assert!(asked.iter().any(|ask| ask.whom == Some(EVE)), "anybody may have it");
}

#[test]
fn what_is_past_is_asked_for_from_its_end() {
    let mut asker = Asker::among(&[id().author, BOB], 200);
    asker.hear(200);
    asker.claim(BOB, id(), 1, 200);
    assert_eq!(places(&asker.poll()), (200 - Requests::WINDOW..200).collect::<Vec<_>>());
}

#[test]
fn nothing_is_asked_for_that_is_here_or_contradicts_itself() {
    let mut asker = Asker::among(&[id().author, BOB], 0);
    asker.hear(1);
    assert_eq!(asker.run(Time::from_secs(100)), vec![]);
    asker.hear(5);
    asker.archive.fork(id());
    asker.claim(BOB, id(), 1, 9);
    assert_eq!(asker.run(Time::from_secs(200)), vec![]);
    assert!(!asker.requests.is_busy());
}

#[test]
fn whoever_claims_what_nothing_proves_is_asked_for_it_alone_and_not_for_long() {
    let log = LogId { author: BOB, epoch: 77 };
    let mut asker = Asker::among(&[id().author, BOB, EVE], 0);
    asker.claim(EVE, log, 1, u64::MAX);
    let asked = asker.run(Time::from_secs(600));
    assert!(asked.iter().all(|(_, ask)| ask.whom == Some(EVE)));
    assert!((1..200).contains(&asked.len()), "{}", asked.len());
    assert!(asked.iter().all(|(at, _)| *at < Time::from_secs(12)));
    assert!(!asker.requests.is_busy());
}

#[test]
fn what_nobody_says_they_hold_is_not_asked_for_for_ever() {
    let mut asker = Asker::among(&[BOB, EVE], 0);
    asker.hear(FAR);
    let asked = asker.run(Time::from_secs(3_600));
    assert!((10..150).contains(&asked.len()), "{}", asked.len());
    assert!(asked.iter().all(|(at, _)| *at < Time::from_secs(1_800)), "{:?}", asked.last());
    assert!(!asker.requests.is_busy());
    asker.hear(FAR + 3);
    let asked = asker.run(asker.now + Duration::from_millis(50));
    assert_eq!(places(&[asked[0].1.clone()]), [FAR + 1, FAR + 2], "what is new is another matter");
    asker.claim(BOB, id(), FAR - 5, FAR);
    let asked = asker.run(asker.now + Duration::from_secs(60));
    assert!(
        asked.iter().any(|(_, ask)| places(core::slice::from_ref(ask)).contains(&(FAR - 3))),
        "somebody has it after all"
    );
}

#[test]
fn whoever_goes_on_talking_behind_a_hole_does_not_keep_others_asking() {
    let mut asker = Asker::among(&[BOB, EVE], 0);
    let mut asked = 0;
    for second in 0..600 {
        asker.hear(FAR + second);
        asked += asker.run(Time::from_secs(second + 2)).len();
    }
    assert!(asked < 200, "{asked}");
}

fn crowd() -> Vec<PeerKey> {
    (1..=100).map(|n| PeerKey::from_bytes([n; 32])).chain([id().author]).collect()
}

#[test]
fn in_a_crowd_everybody_is_asked_and_whoever_hears_the_question_does_not_ask() {
    let mut asker = Asker::among(&crowd(), 0);
    asker.hear(3);
    assert_eq!(asker.poll(), vec![]);
    let mut due = asker.requests.poll_timeout().unwrap();
    for _ in 0..3 {
        let Asker { archive, peers, tempo, requests, claims, rng, .. } = &mut asker;
        let room = Room { me: ME, archive, peers, tempo };
        requests.on_heard(due, &Range { log: id(), from: 1, count: 2 }, &room, claims, rng);
        assert!(asker.requests.poll_timeout().unwrap() > due);
        due = asker.requests.poll_timeout().unwrap();
    }
    asker.now = due;
    let asks = asker.poll();
    assert_eq!((asks.len(), asks[0].whom, places(&asks)), (1, None, vec![1, 2]));
    [1, 2].iter().for_each(|seq| asker.hear(*seq));
    assert_eq!(asker.run(Time::from_secs(100)), vec![]);
}

#[test]
fn logs_that_come_and_go_leave_little_behind() {
    let mut asker = Asker::among(&[id().author, BOB], 0);
    for epoch in 0..2_000 {
        asker.claim(BOB, LogId { author: EVE, epoch }, 1, 1);
        asker.now += Duration::from_millis(30);
        asker.claims.handle_timeout(asker.now);
        asker.poll();
    }
    assert!(asker.requests.paces.len() <= 2 * Archive::MAX_LOGS, "{}", asker.requests.paces.len());
    assert!(asker.requests.flights.len() <= 128 && asker.requests.in_flight <= Requests::WINDOW);
}

#[test]
fn a_far_claim_does_not_hide_who_holds_the_next() {
    let mut asker = Asker::among(&[id().author, BOB, EVE], 0);
    asker.hear(1);
    asker.claim(id().author, id(), 2, 2);
    asker.claim(BOB, id(), 1, 2);
    asker.claim(EVE, id(), 1, u64::MAX);
    let mut honest = vec![];
    for sec in 1..60_u64 {
        let asks = asker.run(Time::from_secs(sec));
        honest.extend(asks.iter().filter(|(_, ask)| ask.whom != Some(EVE)).map(|(at, _)| *at));
        // the author goes on talking about other things: an entry of the log that is known already is no proof; a claim is repeated
        asker.claim(EVE, id(), 1, u64::MAX);
    }
    assert!(honest.first().is_some_and(|at| *at < Time::from_secs(3)));
}

#[test]
fn a_hole_that_nobody_can_fill_silences_nobody() {
    let mut asker = Asker::among(&[id().author, BOB], 0);
    asker.hear(1);
    asker.hear(3);
    for by in [id().author, BOB] {
        asker.claim(by, id(), 1, 3);
    }
    asker.run(Time::from_secs(60));
    let mut at = None;
    for sec in 60..1200_u64 {
        asker.claim(id().author, id(), 4, 4);
        let asks = asker.run(Time::from_secs(sec + 1));
        if asks.iter().any(|(_, a)| a.ranges.iter().any(|r| r.from <= 4 && r.from + u64::from(r.count) > 4)) {
            at = Some(sec);
            break;
        }
    }
    assert!(at.is_some_and(|at| at < 63));
}

#[test]
fn eight_claims_do_not_shut_out_the_ninth() {
    let others: Vec<_> = (10..20).map(|n| PeerKey::from_bytes([n; 32])).chain([id().author]).collect();
    let mut asker = Asker::among(&others, 0);
    asker.hear(1);
    asker.hear(3);
    for other in &others[..8] {
        asker.claim(*other, id(), 1, 3);
    }
    let mut at = None;
    for sec in 1..1200_u64 {
        asker.claim(id().author, id(), 4, 4);
        let asks = asker.run(Time::from_secs(sec + 1));
        if asks.iter().any(|(_, a)| a.ranges.iter().any(|r| r.from <= 4 && r.from + u64::from(r.count) > 4)) {
            at = Some(sec);
            break;
        }
    }
    assert!(at.is_some_and(|at| at < 4));
}

#[test]
fn whoever_is_alone_stops_looking_for_somebody_to_ask() {
    let mut asker = Asker::among(&[], 0);
    asker.hear(3);
    assert_eq!(asker.run(Time::from_secs(600)), vec![]);
    assert!(!asker.requests.is_busy());
}

#[test]
fn when_nothing_has_changed_nothing_is_looked_through() {
    let others: Vec<_> = (1..=5).map(|n| PeerKey::from_bytes([n; 32])).collect();
    let mut asker = Asker::among(&others, 0);
    for epoch in 0..1_000 {
        asker.claim(others[0], LogId { author: others[1], epoch }, 1, 5);
    }
    for _ in 0..200 {
        asker.now += Duration::from_millis(1);
        asker.poll();
    }
    let looked = asker.requests.seen;
    for _ in 0..100 {
        asker.now += Duration::from_millis(1);
        asker.poll();
    }
    assert_eq!(asker.requests.seen, looked);
    let is_left = |asker: &Asker| asker.requests.paces.values().any(|pace| pace.next <= Some(asker.now));
    assert!(is_left(&asker), "there is much to ask for, and no more of it at once than fits");
    assert!(asker.next() > Some(asker.now), "and still nobody is kept busy with it");
}

#[test]
fn one_who_claims_a_thousand_logs_keeps_nobody_from_asking_another() {
    let mut asker = Asker::among(&[BOB, EVE], 0);
    let made_up = |epoch| LogId { author: PeerKey::from_bytes([200; 32]), epoch };
    (0..2_000).for_each(|epoch| asker.claim_at(EVE, made_up(epoch), 1, 1_000, u64::MAX));
    asker.run(Time::from_secs(1));
    (0..10)
        .for_each(|n| asker.claim(BOB, LogId { author: PeerKey::from_bytes([100 + n; 32]), epoch: 1 }, 1, 1));
    let asked = asker.run(asker.now + Duration::from_millis(500));
    let of_bob: u64 = asked.iter().filter(|(_, ask)| ask.whom == Some(BOB)).map(|(_, ask)| count(ask)).sum();
    assert!(of_bob >= 10, "{of_bob} of ten");
    let of_eve: u64 = asked.iter().filter(|(_, ask)| ask.whom == Some(EVE)).map(|(_, ask)| count(ask)).sum();
    assert!((1..=100).contains(&of_eve), "{of_eve}: a few at a time, so that she can prove it");
}

#[test]
fn a_greater_claim_that_grows_all_the_time_does_not_hide_the_others() {
    let log = LogId { author: PeerKey::from_bytes([200; 32]), epoch: 1 };
    let mut asker = Asker::among(&[BOB, EVE], 0);
    asker.claim(EVE, log, 1, FAR);
    asker.claim(BOB, log, 1, 5);
    let mut asked = vec![];
    for n in 1..100 {
        asker.claim(EVE, log, 1, FAR + n);
        asked.extend(asker.run(asker.now + Duration::from_millis(10)));
    }
    let of = |who| asked.iter().filter(|(_, ask)| ask.whom == Some(who)).count();
    assert!(of(BOB) >= 3 && of(EVE) >= 3, "{} and {}", of(BOB), of(EVE));
}

#[test]
fn what_is_known_of_no_log_any_more_is_forgotten() {
    let mut asker = Asker::among(&[BOB, EVE], 0);
    asker.hear(FAR);
    asker.run(Time::from_secs(3_600));
    assert!(asker.requests.paces.values().any(|pace| !pace.hopeless.is_empty()));
    asker.archive = Archive::new(Retention::default());
    asker.requests.doubts.insert(EVE, 1);
    asker.now += Duration::from_secs(2);
    asker.poll();
    assert!(asker.requests.paces.is_empty());
}

fn count(ask: &Ask) -> u64 {
    ask.ranges.iter().map(|range| u64::from(range.count)).sum()
}
