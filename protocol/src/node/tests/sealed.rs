//! Sessions: who can read what, and what becomes of them when programs, frames and keys come and go

use super::*;
use crate::{
    WhisperKey,
    wire::{Announce, Confidence, Extension, HandshakeInit, SealedFrame, bounded::Bytes, kind},
};

impl Lan {
    fn node(&mut self, host: usize) -> &mut Node {
        self.hosts[host].node.as_mut().unwrap()
    }

    fn count_sent(&self, kind: u8) -> usize {
        self.sent.iter().filter(|sent| sent.kind() == kind).count()
    }

    fn last_sent(&self, kind: u8) -> Vec<u8> {
        self.sent.iter().rev().find(|sent| sent.kind() == kind).unwrap().bytes.clone()
    }

    fn has_session(&self, host: usize, with: usize) -> bool {
        let node = self.hosts[host].node.as_ref().unwrap();
        node.seals.is_ready(self.now, identity(with).key())
    }

    /// The whispers that `host` was shown since it was last asked
    fn whispers(&mut self, host: usize) -> Vec<String> {
        self.heard(host).into_iter().filter(|told| told.contains("whispers")).collect()
    }

    fn count_delivered(&mut self, host: usize) -> usize {
        self.heard(host).iter().filter(|told| *told == "delivered").count()
    }
}

#[test]
fn nothing_that_is_whispered_can_be_read_on_the_way() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    let long = "the secret of the whole thing ".repeat(80);
    for line in ["a secret", long.as_str()] {
        lan.whisper(0, 1, line);
        lan.run(SECOND);
        assert_eq!(lan.whispers(1), [format!("ann whispers {line}")]);
    }
    let is_told = |bytes: &[u8]| bytes.windows(6).any(|window| window == b"secret");
    assert!(lan.sent.iter().all(|sent| !is_told(&sent.bytes)));
    lan.say(0, "no secret");
    assert!(lan.sent.iter().any(|sent| is_told(&sent.bytes)), "this is how it would be found");
}

#[test]
fn the_first_whisper_takes_a_handshake_and_those_after_it_none() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    assert_eq!(lan.count_sent(kind::HANDSHAKE_INIT), 0, "not before there is something to say");
    for n in 0..10 {
        lan.whisper(0, 1, &n.to_string());
        lan.whisper(1, 0, &n.to_string());
        lan.run(100 * MOMENT);
    }
    assert_eq!((lan.whispers(0).len(), lan.whispers(1).len()), (10, 10));
    assert_eq!((lan.count_sent(kind::HANDSHAKE_INIT), lan.count_sent(kind::HANDSHAKE_RESPONSE)), (1, 1));
    assert_eq!(lan.count_sent(kind::SEALED), 40);
}

#[test]
fn two_who_whisper_to_each_other_at_once_come_to_one_session() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.cut = vec![(0, 1), (1, 0)];
    lan.whisper(0, 1, "ho");
    lan.whisper(1, 0, "hi");
    lan.cut.clear();
    lan.run(SECOND);
    assert_eq!(lan.whispers(0), ["bob whispers hi"]);
    assert_eq!(lan.whispers(1), ["ann whispers ho"]);
    assert_eq!(lan.count_sent(kind::HANDSHAKE_RESPONSE), 1);
}

#[test]
fn whoever_restarts_is_whispered_to_and_whispers_again_at_once() {
    for restarted in 0..2 {
        let mut lan = Lan::acquainted(&["ann", "bob"]);
        lan.kill(restarted);
        lan.start(restarted, ["ann", "bob"][restarted], 2, Role::Member);
        lan.run(50 * MOMENT);
        assert!(!lan.has_session(0, 1) && !lan.has_session(1, 0));
        lan.whisper(0, 1, "one");
        lan.whisper(1, 0, "two");
        lan.run(50 * MOMENT);
        assert_eq!(lan.whispers(1), ["ann whispers one"]);
        assert_eq!(lan.whispers(0), ["bob whispers two"]);
    }
}

#[test]
fn who_lost_a_session_without_a_restart_gets_another() {
    for forgetful in 0..2 {
        let mut lan = Lan::acquainted(&["ann", "bob"]);
        let other = *identity(1 - forgetful).key();
        lan.node(forgetful).seals.forget(&other);
        lan.sent.clear();
        lan.whisper(0, 1, "psst");
        lan.run(900 * MOMENT);
        assert_eq!(lan.whispers(1), ["ann whispers psst"]);
        assert_eq!(lan.count_delivered(0), 1);
        assert_eq!(lan.count_sent(kind::HANDSHAKE_RESPONSE), 1);
    }
}

#[test]
fn a_frame_of_no_session_is_counted_and_not_answered() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    lan.sent.clear();
    for session in 0..1_000 {
        let frame = SealedFrame { session, nonce: 0, ciphertext: &[0; 40] }.encode(&lobby());
        lan.hand_over(0, 1, Cast::Unicast, &frame);
    }
    lan.carry();
    assert!(lan.sent.is_empty());
    assert_eq!(lan.dropped(1, Dropped::NoSession), 1_000);
}

#[test]
fn every_changed_byte_of_a_sealed_frame_is_noticed_and_the_original_still_counts() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    lan.cut = vec![(0, 1)];
    lan.whisper(0, 1, "psst");
    let sealed = lan.last_sent(kind::SEALED);
    lan.cut.clear();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        lan.hand_over(0, 1, Cast::Unicast, &changed);
    }
    lan.carry();
    assert_eq!(lan.heard(1), [""; 0]);
    // So much that is no good has nothing more read for as long.
    lan.run(10 * MOMENT);
    let before = lan.dropped(1, Dropped::Replayed);
    lan.hand_over(0, 1, Cast::Unicast, &sealed);
    lan.hand_over(0, 1, Cast::Unicast, &sealed);
    lan.carry();
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
    assert_eq!(lan.dropped(1, Dropped::Replayed), before + 1);
}

#[test]
fn a_recorded_handshake_is_not_answered_again() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    let recorded = [kind::HANDSHAKE_INIT, kind::HANDSHAKE_RESPONSE].map(|kind| lan.last_sent(kind));
    lan.sent.clear();
    for host in 0..2 {
        recorded.iter().for_each(|datagram| lan.hand_over(1 - host, host, Cast::Unicast, datagram));
    }
    lan.carry();
    assert!(lan.sent.is_empty());
    assert_eq!(lan.dropped(1, Dropped::Replayed) + lan.dropped(0, Dropped::Replayed), 2);
    assert!(lan.has_session(0, 1) && lan.has_session(1, 0));
}

#[test]
fn nobody_who_did_not_announce_themselves_gets_a_session() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    lan.sent.clear();
    let init = HandshakeInit { to: *identity(1).key(), session: 1, noise: Bytes::new(vec![7; 96]).unwrap() };
    let datagram = Speaker::new(identity(70), 1).seal(&lobby(), Body::HandshakeInit(init));
    lan.hand_over(0, 1, Cast::Unicast, &datagram);
    lan.carry();
    assert_eq!(lan.count_sent(kind::HANDSHAKE_RESPONSE), 0);
    assert_eq!(lan.dropped(1, Dropped::Stranger), 1);
}

#[test]
fn at_a_third_lost_all_whispers_arrive_once_in_order() {
    for seed in 0..20 {
        let mut lan = Lan::of(&["ann", "bob"]);
        lan.run(SECOND);
        (lan.loss, lan.rng) = (30, Rng::with_seed(seed));
        let lines: Vec<_> = (0..20).map(|n| format!("line {n}")).collect();
        for line in &lines {
            lan.whisper(0, 1, line);
            lan.whisper(1, 0, line);
            lan.run(50 * MOMENT);
        }
        lan.run(20 * SECOND);
        let expected = |name| lines.iter().map(|line| format!("{name} whispers {line}")).collect::<Vec<_>>();
        assert_eq!(lan.whispers(1), expected("ann"), "{seed}");
        assert_eq!(lan.whispers(0), expected("bob"), "{seed}");
        assert!(lan.count_sent(kind::HANDSHAKE_INIT) < 30, "{}", lan.count_sent(kind::HANDSHAKE_INIT));
    }
}

#[test]
fn a_flood_of_handshakes_is_answered_within_bounds_and_keeps_nobody_from_whispering() {
    let mut lan = Lan::of(&["ann", "bob", "eve"]);
    lan.run(SECOND);
    lan.sent.clear();
    let forged = |session| {
        let noise = Bytes::new(vec![7; 96]).unwrap();
        Body::HandshakeInit(HandshakeInit { to: *identity(1).key(), session, noise })
    };
    for n in 0..100 {
        for m in 0..20 {
            let eve = lan.node(2);
            let datagram = eve.speaker.seal(&lobby(), forged(20 * n + m));
            lan.hand_over(2, 1, Cast::Unicast, &datagram);
        }
        if n == 50 {
            (0..2).for_each(|host| drop(lan.heard(host)));
            lan.whisper(0, 1, "psst");
            assert_eq!(lan.heard(0), ["to bob: psst", "sent", "delivered"]);
        }
        lan.run(10 * MOMENT);
    }
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
    let tried = lan.dropped(1, Dropped::Forged);
    assert!((20..=45).contains(&tried), "{tried}");
    let sum = tried + lan.dropped(1, Dropped::Deferred);
    assert!((2_000..2_010).contains(&sum), "{sum}: eve's announcements come the same way");
}

/// What `host` announces, with other extensions
fn announce_otherwise(lan: &mut Lan, host: usize, change: impl Fn(&mut Vec<Extension>)) {
    let node = lan.node(host);
    let Body::Announce(announce) = node.announcement(SECOND, false) else { panic!("no announcement") };
    let mut extensions = announce.extensions.clone().into_vec();
    change(&mut extensions);
    let announce = Announce { extensions: List::new(extensions).unwrap(), ..announce };
    let datagram = node.speaker.seal(&lobby(), Body::Announce(announce));
    lan.hand_over(host, 1 - host, Cast::Broadcast, &datagram);
    lan.carry();
}

#[test]
fn what_waits_is_sealed_for_the_key_that_was_announced_last() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    announce_otherwise(&mut lan, 1, |extensions| {
        extensions.clear();
        extensions.extend(Extension::of(Extension::WHISPER_KEY, &WhisperKey::from_bytes([9; 32])));
    });
    lan.whisper(0, 1, "psst");
    assert_eq!(lan.heard(0), ["to bob: psst"]);
    assert_eq!((lan.heard(1), lan.dropped(1, Dropped::Forged)), (vec![], 1));
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(0), ["sent", "delivered"]);
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
}

#[test]
fn whoever_announces_no_key_is_whispered_to_once_they_do() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.cut = vec![(1, 0)];
    lan.start(1, "bob", 2, Role::Member);
    lan.cut.clear();
    announce_otherwise(&mut lan, 1, Vec::clear);
    (0..2).for_each(|host| drop(lan.heard(host)));
    lan.whisper(0, 1, "psst");
    assert_eq!(lan.heard(0), ["to bob: psst", "queued"]);
    assert_eq!(lan.count_sent(kind::HANDSHAKE_INIT), 0);
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(0), ["sent", "delivered"]);
}

#[test]
fn a_whisper_to_whoever_answers_no_handshake_is_called_queued_until_they_do() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    (0..2).for_each(|host| drop(lan.heard(host)));
    lan.command(1, Command::Block(*identity(0).key()));
    lan.whisper(0, 1, "psst");
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(0), ["to bob: psst", "queued"]);
    lan.whisper(0, 1, "are you there?");
    assert_eq!(lan.heard(0), ["to bob: are you there?", "queued"]);
    lan.command(1, Command::Unblock(*identity(0).key()));
    lan.run(40 * SECOND);
    assert_eq!(lan.heard(0), ["sent", "sent", "delivered", "delivered"]);
}

#[test]
fn an_announcement_without_a_key_ends_no_session() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.whisper(0, 1, "hi");
    lan.run(SECOND);
    announce_otherwise(&mut lan, 1, Vec::clear);
    assert!(lan.has_session(0, 1));
}

#[test]
fn a_long_conversation_has_a_session_for_each_hour() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    for minute in 0..200 {
        lan.sent.retain(|sent| sent.kind() == kind::HANDSHAKE_INIT);
        let from = minute % 2;
        lan.whisper(from, 1 - from, "psst");
        lan.run(60 * SECOND);
    }
    assert_eq!((lan.whispers(0).len(), lan.whispers(1).len()), (100, 100));
    assert_eq!(lan.count_sent(kind::HANDSHAKE_INIT), 4);
}

#[test]
fn a_new_session_in_which_there_is_nothing_to_say_is_confirmed() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    lan.run(3_600 * SECOND);
    lan.sent.clear();
    lan.whisper(0, 1, "psst");
    assert_eq!(lan.count_sent(kind::HANDSHAKE_RESPONSE), 1);
    assert_eq!(lan.count_sent(kind::SEALED), 3, "the whisper, its acknowledgement, the confirmation");
    lan.run(61 * SECOND);
    lan.sent.clear();
    lan.whisper(1, 0, "well?");
    assert_eq!(lan.whispers(0), ["bob whispers well?"]);
    assert_eq!(lan.count_sent(kind::HANDSHAKE_INIT), 0);
}

#[test]
fn who_is_back_says_so_before_what_they_whisper_in_an_old_session() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    lan.cut = vec![(0, 1)];
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(1), ["!ann"]);
    lan.cut.clear();
    lan.sent.clear();
    lan.whisper(0, 1, "psst");
    assert_eq!(lan.heard(1), ["+ann", "ann whispers psst"]);
    assert_eq!(lan.count_sent(kind::HANDSHAKE_INIT), 0);
}

#[test]
fn who_said_goodbye_has_no_session() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    lan.command(0, Command::Leave);
    lan.run(MOMENT);
    assert!(!lan.has_session(1, 0));
    lan.node(0).send_sealed(identity(1).key(), addr(1), &Confidence::Confirm);
    lan.carry();
    assert_eq!(lan.dropped(1, Dropped::NoSession), 1);
}
