//! What of the entries that came together is genuine, and how many signatures it takes to know

use alloc::{format, string::String, vec};
use core::cell::Cell;

use proptest::prelude::*;

use super::*;
use crate::{Ed25519, Identity, OwnTip, Retention, Room, RoomName, Text, Time, WallTime, journal::Journal};

fn lobby() -> Room {
    Room::open(RoomName::lobby())
}

/// A log of so many entries, each of which says this
fn log(author: u8, count: u64, line: &str) -> Vec<SignedEntry> {
    let identity = Identity::from_secret([author; 32]);
    let mut journal = Journal::new(*identity.key(), 1);
    (1..=count)
        .map(|lamport| {
            journal.say(&Text::new(line).unwrap(), WallTime::from_unix_millis(lamport));
            journal.next_entry(&identity, lobby().id(), lamport).unwrap().1
        })
        .collect()
}

/// The same entry with a signature that is nobody's
fn forged(signed: &SignedEntry) -> SignedEntry {
    SignedEntry::from_parts(signed.bytes().to_vec(), [9; 64]).unwrap()
}

fn holding(entries: &[SignedEntry]) -> Archive {
    let mut archive = Archive::new(Retention::default());
    for signed in entries {
        let (entry, hash) = (signed.claim().unwrap(), signed.hash());
        let genuine = Genuine { entry, hash, signed: signed.clone() };
        archive.insert(Time::ZERO, genuine, false, |_| true).unwrap();
    }
    archive
}

/// What becomes of entries that come together, in short, and how many signatures were looked at
fn sift(archive: &Archive, arriving: &[SignedEntry]) -> (Vec<String>, usize) {
    let mut intake = Intake::default();
    for signed in arriving {
        let from = SocketAddr::from(([198, 18, 0, 1], 1));
        let entry = signed.claim().unwrap();
        intake.push(Arrived {
            from,
            flow: Flow::Stranger(from.ip()),
            cast: Cast::Unicast,
            entry,
            hash: signed.hash(),
            signed: signed.clone(),
        });
    }
    let looked = Cell::new(0);
    let sifted = intake.sift(Time::ZERO, LATER, archive, |one| {
        looked.set(looked.get() + 1);
        Some(is_signed(one))
    });
    assert!(intake.is_empty(LATER));
    (sifted.iter().map(in_short).collect(), looked.get())
}

const LATER: Time = Time::from_millis(10);

fn is_signed(one: &Arrived) -> bool {
    one.signed.is_signed_by(&one.entry.author, lobby().id(), &Ed25519)
}

fn in_short(sifted: &Sifted) -> String {
    match sifted {
        Sifted::Genuine { genuine, .. } => format!("{}", genuine.entry.seq),
        Sifted::Known { entry: (_, seq), .. } => format!("{seq} again"),
        Sifted::Dropped(why) => format!("{why:?}"),
        Sifted::Forked(_) => "forked".into(),
        Sifted::TooMany(_) => "too many".into(),
    }
}

fn arrived(signed: &SignedEntry, host: u8) -> Arrived {
    let from = SocketAddr::from(([198, 18, 0, host], 1));
    let (entry, hash) = (signed.claim().unwrap(), signed.hash());
    let flow = Flow::Member(from.ip());
    Arrived { from, flow, cast: Cast::Broadcast, entry, hash, signed: signed.clone() }
}

#[test]
fn what_there_is_no_budget_for_waits_until_there_is_or_something_behind_it_vouches_for_it() {
    let (archive, ann) = (Archive::new(Retention::default()), log(1, 6, "a"));
    let mut intake = Intake::default();
    ann[..3].iter().for_each(|signed| assert!(!intake.push(arrived(signed, 1))));
    assert!(intake.sift(Time::ZERO, LATER, &archive, |_| None).is_empty());
    assert_eq!(intake.poll_timeout(), Some(LATER));
    assert!(intake.is_empty(Time::ZERO) && !intake.is_empty(LATER));
    intake.push(arrived(&ann[3], 1));
    let mut looked = 0;
    let sifted = intake.sift(Time::from_millis(1), LATER, &archive, |one| {
        looked += 1;
        Some(is_signed(one))
    });
    assert_eq!(sifted.iter().map(in_short).collect::<Vec<_>>(), ["1", "2", "3", "4"]);
    assert_eq!((looked, intake.poll_timeout()), (1, None));
    intake.push(arrived(&ann[4], 1));
    assert!(intake.sift(Time::from_millis(1), LATER, &archive, |_| None).is_empty());
    let sifted = intake.sift(LATER, LATER, &archive, |one| Some(is_signed(one)));
    assert_eq!(sifted.iter().map(in_short).collect::<Vec<_>>(), ["5"]);
}

#[test]
fn what_waits_has_its_turn_whatever_forgeries_go_on_coming_the_same_way() {
    let archive = Archive::new(Retention::default());
    let (mut intake, anns) = (Intake::default(), log(1, 1, "a"));
    let made_up = log(1, 100, "made up");
    anns.iter().for_each(|signed| assert!(!intake.push(arrived(signed, 1))));
    let told = (0..200).flat_map(|_| {
        for signed in &made_up[1..] {
            intake.push(arrived(&forged(signed), 1));
        }
        let mut budget = 2;
        let sifted = intake.sift(LATER, LATER, &archive, |one| {
            (budget > 0).then(|| {
                budget -= 1;
                is_signed(one)
            })
        });
        sifted.iter().map(in_short).collect::<Vec<_>>()
    });
    assert!(told.into_iter().any(|told| told == "1"));
}

#[test]
fn whoever_sends_too_much_keeps_nobody_else_from_waiting() {
    let archive = Archive::new(Retention::default());
    let mut intake = Intake::default();
    let (eves, ann) = (log(7, 2_000, "x"), log(1, 1, "a"));
    let mut too_many = 0;
    for chunk in eves.chunks(64) {
        chunk.iter().for_each(|signed| assert!(!intake.push(arrived(signed, 9))));
        too_many += intake.sift(Time::ZERO, LATER, &archive, |_| None).len();
    }
    assert_eq!(too_many, 2_000 - Intake::MAX_DEFERRED / 2);
    intake.push(arrived(&ann[0], 1));
    assert!(intake.sift(Time::ZERO, LATER, &archive, |_| None).is_empty());
    let is_anns = |one: &Arrived| one.from.ip() == SocketAddr::from(([198, 18, 0, 1], 1)).ip();
    let sifted = intake.sift(LATER, LATER, &archive, |one| is_anns(one).then(|| is_signed(one)));
    assert_eq!(sifted.iter().map(in_short).collect::<Vec<_>>(), ["1"]);
}

proptest! {
    #[test]
    fn whatever_is_mixed_in_only_what_its_author_signed_is_genuine(
        mix in prop::collection::vec((0..3_usize, 0..8_usize, any::<bool>()), 1..40),
        held in prop::collection::vec(0..8_usize, 0..4),
    ) {
        let logs = [log(1, 8, "a"), log(2, 8, "b"), log(1, 8, "c")];
        let archive = holding(&held.iter().map(|nth| logs[0][*nth].clone()).collect::<Vec<_>>());
        let arriving: Vec<_> = mix
            .iter()
            .map(|(log, nth, is_forged)| if *is_forged { forged(&logs[*log][*nth]) } else { logs[*log][*nth].clone() })
            .collect();
        let (verdicts, _) = sift(&archive, &arriving);
        prop_assert_eq!(verdicts.len(), arriving.len());
        let mut genuine = Vec::new();
        for ((verdict, (log, nth, is_forged)), signed) in verdicts.iter().zip(&mix).zip(&arriving) {
            prop_assert!(!is_forged || verdict == "Forged" || verdict == "Forked", "{verdict}");
            prop_assert!(verdict != "Forged" || *is_forged);
            if *verdict == format!("{}", nth + 1) {
                prop_assert!(!genuine.iter().any(|(by, at)| (*by, *at) == (log % 2, *nth)), "one at each place");
                prop_assert!(archive.entry(&signed.claim().unwrap().log(), *nth as u64 + 1).is_none());
                genuine.push((log % 2, *nth));
            }
        }
    }
}

#[test]
fn the_last_of_a_run_vouches_for_all_of_it() {
    let mut run = log(1, 8, "x");
    run.rotate_left(3);
    assert_eq!(
        sift(&holding(&[]), &run),
        (["4", "5", "6", "7", "8", "1", "2", "3"].map(String::from).to_vec(), 1)
    );
    let both = [log(1, 4, "x"), log(2, 4, "y")].concat();
    assert_eq!(sift(&holding(&[]), &both).1, 2);
    let run = log(1, 8, "x");
    assert_eq!(sift(&holding(&[]), &[run[0].clone(), run[2].clone(), run[3].clone()]).1, 2);
}

#[test]
fn a_forged_end_spoils_nothing_before_it() {
    let mut run = log(1, 5, "x");
    run[4] = forged(&run[4]);
    assert_eq!(sift(&holding(&[]), &run), (["1", "2", "3", "4", "Forged"].map(String::from).to_vec(), 2));
}

#[test]
fn a_forged_middle_spoils_nothing_around_it() {
    let mut run = log(1, 5, "x");
    run[2] = forged(&run[2]);
    assert_eq!(sift(&holding(&[]), &run), (["1", "2", "Forged", "4", "5"].map(String::from).to_vec(), 3));
    let good = log(1, 5, "x")[2].clone();
    for at in 0..=5 {
        let mut both = run.clone();
        both.insert(at, good.clone());
        let (verdicts, _) = sift(&holding(&[]), &both);
        assert_eq!(verdicts.iter().filter(|verdict| *verdict == "3").count(), 1, "{verdicts:?}");
        assert_eq!(verdicts.iter().filter(|verdict| *verdict == "Forged").count(), 1, "{verdicts:?}");
    }
}

#[test]
fn what_is_here_vouches_for_what_is_before_it() {
    let run = log(1, 5, "x");
    assert_eq!(sift(&holding(&run[4..]), &run[..4]), (["1", "2", "3", "4"].map(String::from).to_vec(), 0));
    assert_eq!(sift(&holding(&run[4..]), &[forged(&run[3])]), (vec!["Forged".into()], 1));
}

#[test]
fn what_comes_twice_is_taken_once() {
    let run = log(1, 2, "x");
    let twice = [run.clone(), run.clone()].concat();
    let expected = ["1", "2", "1 again", "2 again"].map(String::from).to_vec();
    assert_eq!(sift(&holding(&[]), &twice), (expected, 1));
    assert_eq!(sift(&holding(&run), &run), (["1 again", "2 again"].map(String::from).to_vec(), 0));
}

#[test]
fn whoever_signs_two_logs_is_found_out() {
    let (one, other) = (log(1, 3, "x"), log(1, 3, "y"));
    let (verdicts, _) = sift(&holding(&[]), &[one[1].clone(), other[1].clone()]);
    assert_eq!(verdicts, ["2", "forked"]);
    assert_eq!(sift(&holding(&one), &[other[1].clone()]), (vec!["forked".into()], 1));
    assert_eq!(sift(&holding(&one), &[forged(&other[1])]), (vec!["Forged".into()], 1));
    let mut archive = holding(&one);
    archive.fork(one[0].claim().unwrap().log());
    assert_eq!(sift(&archive, &[other[1].clone()]).0, ["Replayed"]);
    assert_eq!(sift(&archive, &[log(1, 4, "x")[3].clone()]), (vec!["Forked".into()], 0));
}

#[test]
fn the_greatest_place_there_is_may_come_twice() {
    let identity = Identity::from_secret([1; 32]);
    let tip = OwnTip { epoch: 1, seq: u64::MAX - 1, hash: EntryHash::from_bytes([7; 32]) };
    let last = ["a", "b"].map(|line| {
        let mut journal = Journal::resume(*identity.key(), tip);
        journal.say(&Text::new(line).unwrap(), WallTime::default());
        journal.next_entry(&identity, lobby().id(), 1).unwrap().1
    });
    let (verdicts, _) = sift(&holding(&[]), &[&last[..], &last[..]].concat());
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == format!("{}", u64::MAX)).count(), 1);
}

#[test]
fn it_is_time_to_look_when_many_wait() {
    let (mut intake, signed) = (Intake::default(), log(1, 1, "x").remove(0));
    let arrived = arrived(&signed, 1);
    assert_eq!((1..).take_while(|_| !intake.push(arrived.clone())).count(), Intake::MAX_WAITING - 1);
}
