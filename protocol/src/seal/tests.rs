use alloc::collections::VecDeque;

use super::*;
use crate::{
    Room, RoomName, SecretSeed,
    wire::{Item, Whisper},
};

/// Somebody with sessions, and what they know of others
struct Person {
    identity: Identity,
    seals: Seals,
    /// To whom they have something to whisper
    wanted: Vec<(PeerKey, WhisperKey)>,
}

impl Person {
    fn new(n: u16) -> Self {
        Self::started(n, 1)
    }

    fn started(n: u16, run: u64) -> Self {
        let secret = core::array::from_fn(|i| if i < 2 { n.to_be_bytes()[i] } else { 5 });
        let identity = Identity::from_secret(secret);
        let entropy = Entropy::new(&SecretSeed::new([0; 32]), &identity, run);
        let room = Room::open(RoomName::lobby());
        let seals = Seals::new(Time::ZERO, &identity, room.id(), entropy);
        Self { identity, seals, wanted: Vec::new() }
    }

    fn key(&self) -> PeerKey {
        *self.identity.key()
    }

    fn card(&self) -> (PeerKey, WhisperKey) {
        (self.key(), self.seals.key().unwrap())
    }

    /// Wants to whisper to these, and asks those for a session from whom that is due
    fn want(&mut self, now: Time, others: &[&Self]) -> Option<HandshakeInit> {
        self.wanted = others.iter().map(|other| other.card()).collect();
        self.seals.want(now, &self.wanted);
        self.poll(now)
    }

    fn poll(&mut self, now: Time) -> Option<HandshakeInit> {
        let (retry, rng) = (Duration::from_millis(100), &mut Rng::with_seed(1));
        self.seals.poll_init(now, &self.wanted, retry, rng).map(|(_, init)| init)
    }

    fn hear(
        &mut self,
        now: Time,
        from: &Self,
        init: &HandshakeInit,
    ) -> Result<Option<HandshakeResponse>, Dropped> {
        let (key, whisper_key) = from.card();
        let wanted = self.wanted.clone();
        self.seals
            .on_init(now, (key, Some(whisper_key)), init, |peer| wanted.iter().any(|(key, _)| key == peer))
    }

    fn whisper(&mut self, now: Time, to: &Self) -> Option<(u64, u64, Vec<u8>)> {
        self.seals.seal(now, &to.key(), &whisper())
    }

    fn open(&mut self, now: Time, sealed: &(u64, u64, Vec<u8>)) -> Result<Opened, Dropped> {
        let (session, nonce, ciphertext) = sealed;
        self.seals.open(now, SealedFrame { session: *session, nonce: *nonce, ciphertext })
    }
}

/// Lower key first
fn two() -> (Person, Person) {
    let (one, other) = (Person::new(1), Person::new(2));
    if one.key() < other.key() { (one, other) } else { (other, one) }
}

fn whisper() -> Confidence {
    let item = Item::from_text(&crate::Text::new("psst").unwrap()).remove(0);
    Confidence::Whisper(Whisper { epoch: 1, seq: 1, oldest: 1, sent_at: crate::WallTime::default(), item })
}

/// A session that `ann` asked `bob` for, and that both use
fn shake(now: Time, ann: &mut Person, bob: &mut Person) {
    let init = ann.want(now, &[bob]).unwrap();
    let response = bob.hear(now, ann, &init).unwrap().unwrap();
    ann.seals.on_response(now, bob.key(), &response).unwrap();
    let sealed = ann.whisper(now, bob).unwrap();
    assert!(bob.open(now, &sealed).unwrap().is_first);
}

fn secs(secs: u64) -> Time {
    Time::from_secs(secs)
}

#[test]
fn both_can_seal_once_each_knows_that_the_other_can() {
    let (mut ann, mut bob) = two();
    let init = ann.want(secs(1), &[&bob]).unwrap();
    assert_eq!(ann.poll(secs(1)), None, "once is enough for now");
    let response = bob.hear(secs(1), &ann, &init).unwrap().unwrap();
    assert!(!bob.seals.is_ready(secs(1), &ann.key()), "nobody has used it yet");
    ann.seals.on_response(secs(1), bob.key(), &response).unwrap();
    assert!(ann.seals.is_ready(secs(1), &bob.key()) && ann.seals.owes_confirmation(&bob.key()));
    let sealed = ann.whisper(secs(1), &bob).unwrap();
    assert!(!ann.seals.owes_confirmation(&bob.key()));
    let opened = bob.open(secs(1), &sealed).unwrap();
    assert_eq!((opened.from, opened.is_first), (ann.key(), true));
    assert_eq!(Confidence::decode(&opened.text), Ok(whisper()));
    let answer = bob.whisper(secs(1), &ann).unwrap();
    assert!(!ann.open(secs(1), &answer).unwrap().is_first);
    assert_eq!(ann.want(secs(2), &[&bob]), None, "there is a session");
}

#[test]
fn a_frame_is_opened_once_by_the_one_it_is_for_in_its_session() {
    let (mut ann, mut bob) = two();
    let mut cid = Person::new(3);
    shake(secs(1), &mut ann, &mut bob);
    shake(secs(1), &mut ann, &mut cid);
    let sealed = ann.whisper(secs(1), &bob).unwrap();
    assert!(bob.open(secs(1), &sealed).is_ok());
    assert_eq!(bob.open(secs(1), &sealed).unwrap_err(), Dropped::Replayed);
    assert_eq!(cid.open(secs(1), &sealed).unwrap_err(), Dropped::NoSession);
    let for_cid = ann.whisper(secs(1), &cid).unwrap();
    let mixed = (sealed.0, for_cid.1, for_cid.2);
    assert_eq!(bob.open(secs(1), &mixed).unwrap_err(), Dropped::Replayed);
    let mixed = (sealed.0, 500, mixed.2);
    assert_eq!(bob.open(secs(1), &mixed).unwrap_err(), Dropped::Forged);
    let reflected = bob.whisper(secs(1), &ann).unwrap();
    assert_eq!(bob.open(secs(1), &reflected).unwrap_err(), Dropped::NoSession);
    assert_eq!(bob.open(secs(1), &(sealed.0, 501, reflected.2)).unwrap_err(), Dropped::Forged);
    assert!(bob.open(secs(1), &ann.whisper(secs(1), &bob).unwrap()).is_ok(), "all that changed nothing");
}

#[test]
fn a_repeated_handshake_is_answered_with_the_same_answer() {
    let (mut ann, mut bob) = two();
    let init = ann.want(secs(1), &[&bob]).unwrap();
    let response = bob.hear(secs(1), &ann, &init).unwrap();
    let repeated = ann.poll(secs(2)).unwrap();
    assert_eq!(repeated, init);
    assert_eq!(bob.hear(secs(2), &ann, &repeated).unwrap(), response);
    for _ in 0..1_000 {
        assert_eq!(bob.hear(secs(2), &ann, &repeated).unwrap(), response, "that costs nothing");
    }
    ann.seals.on_response(secs(2), bob.key(), &response.unwrap()).unwrap();
    assert!(bob.open(secs(2), &ann.whisper(secs(2), &bob).unwrap()).is_ok());
}

#[test]
fn an_answer_counts_once_and_for_the_handshake_that_it_answers() {
    let (mut ann, mut bob) = two();
    let mut cid = Person::new(3);
    let init = ann.want(secs(1), &[&bob, &cid]).unwrap();
    let response = bob.hear(secs(1), &ann, &init).unwrap().unwrap();
    let wrong = HandshakeResponse { answers: init.session ^ 1, ..response.clone() };
    assert_eq!(ann.seals.on_response(secs(1), bob.key(), &wrong), Err(Dropped::NoSession));
    assert_eq!(ann.seals.on_response(secs(1), cid.key(), &response), Err(Dropped::NoSession));
    assert_eq!(cid.seals.on_response(secs(1), bob.key(), &response), Err(Dropped::Misdirected));
    assert_eq!(cid.hear(secs(1), &ann, &init).unwrap_err(), Dropped::Misdirected);
    ann.seals.on_response(secs(1), bob.key(), &response).unwrap();
    assert_eq!(ann.seals.on_response(secs(1), bob.key(), &response), Err(Dropped::NoSession));
}

#[test]
fn a_handshake_that_comes_again_after_all_leaves_the_session_in_use() {
    let (mut ann, mut bob) = two();
    let old = ann.want(secs(1), &[&bob]).unwrap();
    bob.hear(secs(1), &ann, &old).unwrap();
    ann.seals.forget(&bob.key());
    bob.seals.forget(&ann.key());
    shake(secs(2), &mut ann, &mut bob);
    assert!(bob.hear(secs(3), &ann, &old).unwrap().is_some());
    assert!(ann.open(secs(3), &bob.whisper(secs(3), &ann).unwrap()).is_ok());
    bob.seals.expire(secs(13));
    assert!(bob.open(secs(13), &ann.whisper(secs(13), &bob).unwrap()).is_ok());
}

#[test]
fn of_two_handshakes_at_once_that_of_the_lower_key_counts() {
    let (mut ann, mut bob) = two();
    let (from_ann, from_bob) = (ann.want(secs(1), &[&bob]).unwrap(), bob.want(secs(1), &[&ann]).unwrap());
    assert_eq!(ann.hear(secs(1), &bob, &from_bob), Ok(None));
    let response = bob.hear(secs(1), &ann, &from_ann).unwrap().unwrap();
    assert_eq!(bob.want(secs(1), &[&ann]), None, "gives way");
    ann.seals.on_response(secs(1), bob.key(), &response).unwrap();
    assert!(bob.open(secs(1), &ann.whisper(secs(1), &bob).unwrap()).unwrap().is_first);
    assert!(ann.open(secs(1), &bob.whisper(secs(1), &ann).unwrap()).is_ok());
}

#[test]
fn who_gave_way_and_heard_no_more_asks_again() {
    let (mut ann, mut bob) = two();
    let from_ann = ann.want(secs(1), &[&bob]).unwrap();
    bob.want(secs(1), &[&ann]).unwrap();
    bob.hear(secs(1), &ann, &from_ann).unwrap().unwrap();
    assert_eq!(bob.want(secs(1), &[&ann]), None);
    assert_eq!(bob.seals.poll_timeout(), Some(secs(2)));
    ann.seals.forget(&bob.key());
    let again = bob.want(secs(2), &[&ann]).unwrap();
    assert!(ann.hear(secs(2), &bob, &again).unwrap().is_some());
}

#[test]
fn a_worn_session_is_used_until_there_is_another_and_read_for_a_while_after_that() {
    let worn = secs(1) + Session::WORN;
    let (mut ann, mut bob) = two();
    shake(secs(1), &mut ann, &mut bob);
    assert_eq!(ann.want(worn - Duration::from_secs(1), &[&bob]), None);
    let init = ann.want(worn, &[&bob]).unwrap();
    assert!(bob.open(worn, &ann.whisper(worn, &bob).unwrap()).is_ok());
    let response = bob.hear(worn, &ann, &init).unwrap().unwrap();
    let on_the_way = [ann.whisper(worn, &bob).unwrap(), ann.whisper(worn, &bob).unwrap()];
    ann.seals.on_response(worn, bob.key(), &response).unwrap();
    assert!(ann.open(worn, &bob.whisper(worn, &ann).unwrap()).is_ok(), "bob has not heard of the new one");
    assert!(bob.open(worn, &ann.whisper(worn, &bob).unwrap()).unwrap().is_first);
    assert!(bob.open(worn, &on_the_way[0]).is_ok());
    let later = worn + Duration::from_secs(10);
    bob.seals.expire(later);
    assert_eq!(bob.open(later, &on_the_way[1]).unwrap_err(), Dropped::NoSession);
    assert!(ann.open(later, &bob.whisper(later, &ann).unwrap()).is_ok());
}

#[test]
fn the_keys_of_what_is_over_are_forgotten() {
    let (mut ann, mut bob) = two();
    shake(secs(1), &mut ann, &mut bob);
    for person in [&mut ann, &mut bob] {
        person.wanted.clear();
        person.seals.want(secs(1), &[]);
        let over = secs(1) + Session::OVER;
        assert_eq!(person.seals.poll_timeout(), Some(over));
        person.seals.expire(over);
        assert_eq!(person.seals.poll_timeout(), None);
        assert!(person.seals.contacts.is_empty() && person.seals.sessions.is_empty());
    }
}

fn skip_to(ann: &mut Person, bob: &Person, nonce: u64) {
    ann.seals.contacts.get_mut(&bob.key()).unwrap().current_mut().unwrap().skip_to(nonce);
}

#[test]
fn after_a_million_frames_there_is_a_new_session_and_no_nonce_reaches_the_end() {
    let (mut ann, mut bob) = two();
    shake(secs(1), &mut ann, &mut bob);
    skip_to(&mut ann, &bob, (1 << 20) - 1);
    assert!(bob.open(secs(1), &ann.whisper(secs(1), &bob).unwrap()).is_ok());
    assert!(ann.want(secs(1), &[&bob]).is_some());
    skip_to(&mut ann, &bob, (1 << 21) - 1);
    assert!(bob.open(secs(1), &ann.whisper(secs(1), &bob).unwrap()).is_ok());
    assert!(!ann.seals.is_ready(secs(1), &bob.key()));
    assert_eq!(ann.whisper(secs(1), &bob), None);
    let (session, ..) = bob.whisper(secs(1), &ann).unwrap();
    for nonce in [1 << 21, u64::MAX - 1, u64::MAX] {
        let frame = (session, nonce, alloc::vec![0; 30]);
        assert_eq!(ann.open(secs(1), &frame).unwrap_err(), Dropped::Replayed);
    }
}

#[test]
fn whispers_that_nobody_answers_make_for_a_new_session_ever_more_rarely() {
    let (mut ann, mut bob) = two();
    shake(secs(1), &mut ann, &mut bob);
    ann.open(secs(1), &bob.whisper(secs(1), &ann).unwrap()).unwrap();
    for millis in [1_000, 1_200, 1_500] {
        ann.whisper(Time::from_millis(millis), &bob);
    }
    assert_eq!(ann.want(Time::from_millis(1_900), &[&bob]), None, "that may happen");
    ann.whisper(Time::from_millis(1_900), &bob);
    let mut times = VecDeque::new();
    for millis in (1_900..120_000).step_by(100) {
        let now = Time::from_millis(millis);
        if let Some(init) = ann.want(now, &[&bob]) {
            let response = bob.hear(now, &ann, &init).unwrap().unwrap();
            ann.seals.on_response(now, bob.key(), &response).unwrap();
            times.push_back(millis / 1_000);
        }
        ann.whisper(now, &bob);
    }
    assert_eq!(times, [1, 2, 4, 8, 16, 32, 64]);
}

#[test]
fn an_answer_is_a_sign_that_the_session_is_good() {
    let (mut ann, mut bob) = two();
    shake(secs(1), &mut ann, &mut bob);
    for n in 0..100 {
        let now = Time::from_millis(1_000 + 200 * n);
        ann.whisper(now, &bob);
        if n % 4 == 3 {
            ann.open(now, &bob.whisper(now, &ann).unwrap()).unwrap();
        }
        assert_eq!(ann.want(now, &[&bob]), None);
    }
}

#[test]
fn an_unanswered_handshake_is_repeated_ever_more_slowly_while_it_is_wanted() {
    let (mut ann, bob) = two();
    ann.want(secs(0), &[&bob]).unwrap();
    let mut at = Vec::new();
    while at.len() < 30 {
        let now = ann.seals.poll_timeout().unwrap();
        assert!(ann.poll(now).is_some());
        at.push(now);
    }
    assert!(at[0] < Time::from_millis(111));
    assert!(at[29].since(at[28]) > Duration::from_secs(26));
    ann.want(at[29], &[]);
    assert_eq!(ann.seals.poll_timeout(), None);
    assert!(ann.seals.contacts.is_empty());
}

#[test]
fn a_key_of_low_order_is_tried_ever_more_slowly_and_takes_nothing_from_others() {
    let (mut ann, bob) = two();
    let eve = (Person::new(3).key(), WhisperKey::from_bytes([0; 32]));
    let wanted = [eve, bob.card()];
    ann.seals.want(secs(1), &wanted);
    ann.wanted = wanted.to_vec();
    assert_eq!(ann.poll(secs(1)).unwrap().to, bob.key());
    assert_eq!(ann.poll(secs(1)), None);
    assert!(ann.seals.poll_timeout().unwrap() > secs(1));
}

#[test]
fn a_flood_of_handshakes_leaves_time_for_others_and_takes_no_room_from_those_in_use() {
    let (mut ann, mut bob) = two();
    shake(secs(1), &mut ann, &mut bob);
    let mut crowd: Vec<_> = (10..600).map(Person::new).collect();
    let mut answered = 0;
    for (n, eve) in (0..).zip(&mut crowd) {
        let now = Time::from_millis(2_000 + 10 * n);
        let init = eve.want(now, &[&ann]).unwrap();
        answered += usize::from(ann.hear(now, eve, &init).is_ok());
    }
    assert!((100..200).contains(&answered), "{answered}");
    assert!(ann.open(secs(8), &bob.whisper(secs(8), &ann).unwrap()).is_ok());
    bob.seals.forget(&ann.key());
    let again = bob.want(secs(8), &[&ann]).unwrap();
    assert!(ann.hear(secs(8), &bob, &again).is_ok(), "who is familiar comes through");
}

#[test]
fn nobody_gets_familiar_by_handshakes_alone() {
    let (mut ann, mut bob) = two();
    shake(secs(1), &mut ann, &mut bob);
    let mut crowd: Vec<_> = (10..60).map(Person::new).collect();
    for (n, eve) in (0..).zip(&mut crowd) {
        shake(secs(2 + n), eve, &mut ann);
    }
    ann.wanted.clear();
    bob.seals.forget(&ann.key());
    let mut now = secs(60);
    for _ in 0..100 {
        now += Duration::from_millis(100);
        for eve in &mut crowd {
            eve.seals.forget(&ann.key());
            let init = eve.want(now, &[&ann]).unwrap();
            let _ = ann.hear(now, eve, &init);
        }
    }
    let again = bob.want(now, &[&ann]).unwrap();
    assert!(ann.hear(now, &bob, &again).is_ok(), "ann whispered to bob");
}

#[test]
fn who_goes_first_and_waits_for_long_goes_on_at_once_when_the_other_side_asks() {
    let (mut ann, mut bob) = two();
    ann.want(secs(0), &[&bob]).unwrap();
    let mut now = secs(0);
    while now < secs(300) {
        now = ann.seals.poll_timeout().unwrap();
        assert!(ann.poll(now).is_some());
    }
    now += Duration::from_secs(1);
    let from_bob = bob.want(now, &[&ann]).unwrap();
    assert_eq!(ann.hear(now, &bob, &from_bob), Ok(None));
    let from_ann = ann.poll(now).expect("bob is there after all");
    assert!(bob.hear(now, &ann, &from_ann).unwrap().is_some());
    for _ in 0..100 {
        assert_eq!(ann.hear(now, &bob, &from_bob), Ok(None));
        assert_eq!(ann.poll(now), None, "once is enough for now");
    }
}

#[test]
fn sessions_have_a_bound_and_those_for_whom_something_waits_stay() {
    let (mut ann, mut bob) = two();
    shake(secs(1), &mut ann, &mut bob);
    let mut crowd: Vec<_> = (10..400).map(Person::new).collect();
    for (n, eve) in (0..).zip(&mut crowd) {
        let now = secs(2 + n);
        let init = eve.want(now, &[&ann]).unwrap();
        assert!(ann.hear(now, eve, &init).is_ok());
        assert!(ann.seals.contacts.len() <= Seals::MAX_CONTACTS);
        assert!(ann.seals.sessions.len() <= 3 * Seals::MAX_CONTACTS);
    }
    assert!(ann.seals.is_ready(secs(400), &bob.key()), "something waits for bob");
    let others: Vec<_> = (400..655).map(Person::new).collect();
    let all: Vec<_> = others.iter().chain([&bob]).collect();
    ann.want(secs(400), &all);
    assert!(all.iter().all(|other| ann.seals.contacts.contains_key(&other.key())));
    let late = Person::new(900);
    let init = Person::new(900).want(secs(400), &[&ann]).unwrap();
    assert_eq!(ann.hear(secs(400), &late, &init), Err(Dropped::Overflow));
}

#[test]
fn who_announced_no_key_gets_no_session() {
    let (mut ann, mut bob) = two();
    let init = ann.want(secs(1), &[&bob]).unwrap();
    let answer = bob.seals.on_init(secs(1), (ann.key(), None), &init, |_| false);
    assert_eq!(answer, Err(Dropped::Stranger));
    let other = Person::new(3).card().1;
    let answer = bob.seals.on_init(secs(1), (ann.key(), Some(other)), &init, |_| false);
    assert_eq!(answer, Err(Dropped::Forged), "another one than announced");
}

#[test]
fn no_two_sessions_of_any_run_have_the_same_keys() {
    let sealed = |run| {
        let (mut ann, mut bob) = (Person::started(1, run), Person::started(2, run));
        let sealed: Vec<_> = (1..3)
            .map(|n| {
                shake(secs(n), &mut ann, &mut bob);
                let sealed = ann.whisper(secs(n), &bob).unwrap();
                ann.seals.forget(&bob.key());
                sealed
            })
            .collect();
        sealed
    };
    let all = [sealed(1), sealed(2)].concat();
    for (n, one) in all.iter().enumerate() {
        assert!(all.iter().skip(n + 1).all(|other| other.0 != one.0 && other.2 != one.2));
    }
}

#[test]
fn secrets_are_not_printed() {
    let ann = Person::new(1);
    let printed = std::format!("{:?}", ann.seals);
    assert!(printed.contains("Secret(…)") && printed.contains("Entropy(…)"));
}
