//! More than anybody should send, from more identities than there are: nobody who behaves notices

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::{
    PeerKey, Signature,
    wire::{
        Announce, Digest, Entry, EntryHash, Extension, Head, Item, LogId, Range, SignedEntry, Want, kind,
    },
};

/// Counts the signatures that are looked at
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Verifier for Counting {
    fn is_genuine(&self, key: &PeerKey, message: &[u8], signature: &Signature) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ed25519.is_genuine(key, message, signature)
    }
}

/// Ann and bob, and addresses from which anything may come
pub(super) struct Siege {
    pub(super) lan: Lan,
    looked_at: Arc<Counting>,
}

/// Where nobody is
pub(super) const EVE: usize = 2;

impl Siege {
    pub(super) fn new() -> Self {
        let (mut lan, looked_at) = (Lan::new(), Arc::new(Counting::default()));
        for (host, name) in ["ann", "bob"].iter().enumerate() {
            lan.hosts.push(Host { node: None, heard: Vec::new() });
            let verifier: Arc<dyn Verifier> =
                if host == 0 { Arc::clone(&looked_at) as Arc<dyn Verifier> } else { Arc::new(Ed25519) };
            lan.start_with(host, Config { verifier, ..config(host, name, 1, Role::Member) });
        }
        lan.hosts.extend((2..40).map(|_| Host { node: None, heard: Vec::new() }));
        lan.run(5 * SECOND);
        Self { lan, looked_at }
    }

    fn ann(&mut self) -> &mut Node {
        self.lan.hosts[0].node.as_mut().unwrap()
    }

    /// A datagram arrives at ann, from whatever address
    pub(super) fn hit(&mut self, from: SocketAddr, cast: Cast, bytes: &[u8]) {
        let now = self.lan.now;
        self.ann().handle_input(now, Input::Datagram { from, cast, bytes });
    }

    /// Twenty of these a millisecond for a second, while bob says something every tenth of it; how many signatures ann
    /// looked at
    fn flood(&mut self, mut next: impl FnMut(usize) -> (SocketAddr, Vec<u8>)) -> u64 {
        let before = self.looked_at.0.load(Ordering::Relaxed);
        self.lan.heard(0);
        for milli in 0..1_000 {
            for nth in 0..20 {
                let (from, bytes) = next(20 * milli + nth);
                self.hit(from, Cast::Broadcast, &bytes);
            }
            self.lan.carry();
            if milli % 100 == 50 {
                self.lan.say(1, &format!("{milli}"));
                let line = format!("bob: {milli}");
                assert!(self.lan.heard(0).contains(&line), "at once, not when it is repeated");
            }
            self.lan.run(MOMENT);
        }
        self.looked_at.0.load(Ordering::Relaxed) - before
    }
}

pub(super) fn announcement(name: &str) -> Announce {
    Announce {
        instance: InstanceId::from_uuid(uuid::Uuid::from_u128(7)),
        name: Name::new(name).unwrap(),
        interval_ms: 600_000,
        members: 3,
        solicits: true,
        visitor: false,
        head: Head::default(),
        lamport: 0,
        extensions: List::empty(),
    }
}

/// The first announcement of made-up identity number `n`
fn invented(n: usize) -> Vec<u8> {
    Speaker::new(identity(1_000 + n), 1).seal(&lobby(), Body::Announce(announcement("nobody")))
}

/// An entry that its author did not sign
fn forged_entry(author: &Identity, seq: u64) -> Vec<u8> {
    let entry = Entry {
        author: *author.key(),
        epoch: 1,
        seq,
        prev: EntryHash::from_bytes([9; 32]),
        lamport: seq,
        sent_at: WallTime::default(),
        items: List::new(Item::from_text(&text("forged"))).unwrap(),
    };
    let signed = SignedEntry::sign(&entry, &identity(77), lobby().id()).unwrap();
    Data::of(signed).seal(&lobby())
}

#[test]
fn an_announcement_that_somebody_did_not_sign_changes_nothing_of_theirs() {
    let mut siege = Siege::new();
    siege.lan.heard(0);
    let mut datagram = Speaker::new(identity(1), 9).seal(&lobby(), Body::Announce(announcement("not bob")));
    *datagram.last_mut().unwrap() ^= 1;
    let before = siege.ann().peers().collect::<Vec<_>>();
    for from in [addr(1), addr(EVE)] {
        siege.hit(from, Cast::Broadcast, &datagram);
    }
    siege.lan.carry();
    assert_eq!(siege.ann().peers().collect::<Vec<_>>(), before);
    assert_eq!(siege.lan.dropped(0, Dropped::Forged), 2);
    siege.lan.say(1, "still me");
    assert_eq!(siege.lan.heard(0), ["bob: still me"]);
}

#[test]
fn forged_announcements_of_a_host_are_hardly_looked_at_and_keep_nobody_waiting() {
    let mut siege = Siege::new();
    let mut datagram = invented(0);
    *datagram.last_mut().unwrap() ^= 1;
    let looked_at = siege.flood(|n| {
        datagram[56..60].copy_from_slice(&u32::try_from(n).unwrap().to_le_bytes());
        (addr(EVE), datagram.clone())
    });
    assert!(looked_at <= 300, "{looked_at} of 20,000");
    let looked_at = siege.flood(|_| (addr(EVE), datagram.clone()));
    assert!(looked_at <= 300, "{looked_at} of 20,000");
    assert!(siege.lan.dropped(0, Dropped::Deferred) > 25_000);
}

#[test]
fn forged_entries_of_somebody_who_talks_are_hardly_looked_at_and_keep_nobody_waiting() {
    let mut siege = Siege::new();
    let bob = identity(1);
    let forged: Vec<_> = (1..200).map(|seq| forged_entry(&bob, seq)).collect();
    siege.flood(|n| (addr(EVE), forged[n % forged.len()].clone()));
    let looked_at = siege.flood(|n| (addr(EVE), forged[n % forged.len()].clone()));
    assert!(looked_at <= 300, "{looked_at} of 20,000");
}

#[test]
fn forged_datagrams_from_made_up_hosts_keep_no_member_waiting() {
    let mut siege = Siege::new();
    let (mut frame, entry) = (invented(0), forged_entry(&identity(1), 50));
    *frame.last_mut().unwrap() ^= 1;
    let mut next =
        |n: usize| (addr(1_000 + n), if n.is_multiple_of(2) { frame.clone() } else { entry.clone() });
    siege.flood(&mut next);
    let looked_at = siege.flood(&mut next);
    assert!(looked_at <= 4_500, "{looked_at} of 20,000");
}

#[test]
fn what_is_no_datagram_of_the_room_costs_no_signature() {
    let mut siege = Siege::new();
    let mut rng = Rng::with_seed(3);
    let header = invented(0)[..16].to_vec();
    let looked_at = siege.flood(|n| {
        let noise = (0..rng.usize(0..1_200)).map(|_| rng.u8(..));
        let begin = if n.is_multiple_of(2) { &header[..] } else { &[] };
        (addr(EVE), begin.iter().copied().chain(noise).take(1_200).collect())
    });
    assert!(looked_at <= 400, "{looked_at}: bob's frames and little else");
}

#[test]
fn recorded_datagrams_in_any_number_cost_few_signatures() {
    let mut siege = Siege::new();
    (0..50).for_each(|n| siege.lan.say(1, &format!("line {n}")));
    siege.lan.run(5 * SECOND);
    let recorded: Vec<_> =
        siege.lan.sent.iter().filter(|sent| sent.from == 1).map(|sent| sent.bytes.clone()).collect();
    siege.lan.heard(0);
    let looked_at = siege.flood(|n| (addr(1), recorded[n % recorded.len()].clone()));
    assert!(looked_at <= 100, "{looked_at}");
}

#[test]
fn a_hundred_thousand_made_up_identities_of_one_host_push_nobody_out() {
    let mut siege = Siege::new();
    let some: Vec<_> = (0..2_000).map(invented).collect();
    for n in 0..100_000 {
        let mut datagram = some[n % some.len()].clone();
        if n >= some.len() {
            datagram[16..24].copy_from_slice(&n.to_le_bytes());
        }
        siege.hit(addr(EVE), Cast::Broadcast, &datagram);
        if n % 20 == 19 {
            siege.lan.carry();
            siege.lan.run(MOMENT);
        }
    }
    assert!(siege.lan.count(0) <= 1 + 64 + 2 * 6, "{}", siege.lan.count(0));
    assert!(siege.ann().peers().any(|peer| peer.name.as_str() == "bob"));
    let cid = 30;
    siege.lan.start(cid, "cid", 1, Role::Member);
    siege.lan.run(MOMENT);
    assert!(siege.ann().peers().any(|peer| peer.name.as_str() == "cid"), "a newcomer is listed at once");
}

#[test]
fn made_up_identities_of_made_up_hosts_fill_no_table_for_good() {
    let mut siege = Siege::new();
    for n in 0..6_000 {
        siege.hit(addr(1_000 + n), Cast::Broadcast, &invented(n));
        siege.lan.run(10 * MOMENT);
    }
    assert!(siege.lan.count(0) <= 4_096);
    assert!(siege.ann().peers().any(|peer| peer.name.as_str() == "bob"));
    let joined = siege.lan.heard(0).iter().filter(|told| *told == "+nobody").count();
    assert!(joined <= 2_048 + 61 * 20, "{joined}");
}

#[test]
fn whoever_answers_nothing_keeps_no_newcomer_from_what_others_hold() {
    let mut siege = Siege::new();
    (0..40).for_each(|n| siege.lan.say(0, &format!("{n}")));
    // So long that nobody tells of it without being asked
    siege.lan.run(20 * SECOND);
    let mut eve = Speaker::new(identity(EVE), 1);
    let digest = Extension::of(Extension::DIGEST, &Digest { sum: 5, entries: u64::MAX }).unwrap();
    let boast = Announce { extensions: List::new(vec![digest]).unwrap(), ..announcement("eve") };
    let cid = 30;
    siege.lan.start(cid, "cid", 1, Role::Member);
    for _ in 0..20 {
        let boast = eve.seal(&lobby(), Body::Announce(boast.clone()));
        siege.lan.hand_over(EVE, cid, Cast::Broadcast, &boast);
        siege.lan.run(SECOND / 2);
    }
    assert_eq!(siege.lan.heard(cid).iter().filter(|told| told.starts_with("ann: ")).count(), 40);
}

#[test]
fn whoever_signs_two_logs_loses_theirs_and_nobody_elses() {
    let mut siege = Siege::new();
    siege.lan.say(1, "before");
    siege.lan.heard(0);
    let eve = identity(EVE);
    for line in ["one", "other"] {
        let entry = Entry {
            author: *eve.key(),
            epoch: 1,
            seq: 1,
            prev: EntryHash::default(),
            lamport: 5,
            sent_at: WallTime::default(),
            items: List::new(Item::from_text(&text(line))).unwrap(),
        };
        let data = Data::of(SignedEntry::sign(&entry, &eve, lobby().id()).unwrap()).seal(&lobby());
        siege.hit(addr(EVE), Cast::Broadcast, &data);
        siege.lan.carry();
    }
    siege.lan.say(1, "after");
    assert_eq!(siege.lan.heard(0), ["?: one", "? forked", "bob: after"]);
}

#[test]
fn logs_of_some_who_have_hundreds_make_room_for_those_of_others() {
    let mut siege = Siege::new();
    let speakers: Vec<_> = (0..17).map(|n| identity(1_000 + n)).collect();
    for (nth, speaker) in speakers.iter().enumerate() {
        let announce = Speaker::new(speaker.clone(), 1).seal(&lobby(), Body::Announce(announcement("eve")));
        siege.hit(addr(EVE + nth), Cast::Broadcast, &announce);
        let epochs = if nth < 16 { 300 } else { 3 };
        for epoch in 1..=epochs {
            let entry = Entry {
                author: *speaker.key(),
                epoch,
                seq: 1,
                prev: EntryHash::default(),
                lamport: 5,
                sent_at: WallTime::default(),
                items: List::new(Item::from_text(&text("x"))).unwrap(),
            };
            let data = Data::of(SignedEntry::sign(&entry, speaker, lobby().id()).unwrap()).seal(&lobby());
            siege.hit(addr(EVE + nth), Cast::Broadcast, &data);
            siege.lan.carry();
            siege.lan.run(MOMENT);
        }
    }
    let last = *speakers[16].key();
    assert_eq!(siege.ann().archive.latest_of(&last), Some((3, 1)), "the newcomer's lines are kept");
}

#[test]
fn whose_name_is_pinned_is_taken_in_though_their_host_brings_too_many() {
    let mut siege = Siege::new();
    (0..200).for_each(|n| siege.hit(addr(EVE), Cast::Broadcast, &invented(n)));
    let friend = identity(EVE);
    let mut speaker = Speaker::new(friend.clone(), 1);
    let announce = |speaker: &mut Speaker| speaker.seal(&lobby(), Body::Announce(announcement("friend")));
    siege.lan.run(10 * MOMENT);
    siege.hit(addr(EVE), Cast::Broadcast, &invented(300));
    let datagram = announce(&mut speaker);
    siege.hit(addr(EVE), Cast::Broadcast, &datagram);
    let is_listed = |siege: &mut Siege| siege.ann().peers().any(|peer| peer.name.as_str() == "friend");
    assert!(!is_listed(&mut siege));
    siege.lan.command(0, Command::Befriend(*friend.key()));
    let datagram = announce(&mut speaker);
    siege.hit(addr(EVE), Cast::Broadcast, &datagram);
    assert!(is_listed(&mut siege));
}

#[test]
fn one_who_changes_name_and_run_all_the_time_is_told_of_now_and_then() {
    let mut siege = Siege::new();
    siege.lan.heard(0);
    for n in 0..2_000_u64 {
        let mut eve = Speaker::new(identity(EVE), 1 + n / 4);
        let datagram = eve.seal(&lobby(), Body::Announce(announcement(&format!("eve {n}"))));
        siege.hit(addr(EVE), Cast::Broadcast, &datagram);
        siege.lan.carry();
        siege.lan.run(5 * MOMENT);
    }
    let told = siege.lan.heard(0).len();
    assert!((5..=25).contains(&told), "{told} in ten seconds");
    siege.lan.run(2 * SECOND);
    let datagram =
        Speaker::new(identity(EVE), 9_999).seal(&lobby(), Body::Announce(announcement("eve at last")));
    siege.hit(addr(EVE), Cast::Broadcast, &datagram);
    siege.lan.carry();
    assert!(siege.ann().peers().any(|peer| peer.name.as_str() == "eve at last"), "put off, not lost");
}

#[test]
fn nobody_is_sent_what_a_liar_asked_for_in_their_place() {
    let mut siege = Siege::new();
    for _ in 0..64 {
        siege
            .lan
            .command(0, Command::Say { text: text(&"x".repeat(900)), at: WallTime::default(), about: None });
    }
    siege.lan.run(5 * SECOND);
    // Bob has answered at his address; eve says that it is hers.
    let mut eve = Speaker::new(identity(EVE), 1);
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    let want = Want { ranges: List::new(vec![Range { log, from: 1, count: 64 }]).unwrap() };
    let announce = eve.seal(&lobby(), Body::Announce(announcement("eve")));
    siege.hit(addr(1), Cast::Broadcast, &announce);
    siege.lan.run(SECOND);
    // What came from bob's host in all is no reason.
    let begin = siege.lan.sent.len();
    for _ in 0..100 {
        let datagram = eve.seal(&lobby(), Body::Want(want.clone()));
        siege.hit(addr(1), Cast::Unicast, &datagram);
        siege.lan.carry();
        siege.lan.run(20 * MOMENT);
    }
    let data = siege.lan.sent[begin..].iter().filter(|sent| sent.from == 0 && sent.kind() == kind::DATA);
    let bytes: usize = data.filter(|sent| sent.cast == Cast::Unicast).map(|sent| sent.bytes.len()).sum();
    assert!(bytes <= (64 << 10) + 3 * 100 * 400, "{bytes} bytes");
}
