//! Logs that arrive in pieces, out of order, twice or never

use alloc::{format, string::String, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{Identity, Room, RoomName, Text, WallTime, journal::Journal};

fn entries(secret: u8, epoch: u64, count: u64) -> Vec<(Entry, SignedEntry)> {
    let (identity, room) = (Identity::from_secret([secret; 32]), Room::open(RoomName::lobby()));
    let mut journal = Journal::new(*identity.key(), epoch);
    (1..=count)
        .map(|n| {
            journal.say(&Text::new(&format!("{epoch}.{n}")).unwrap(), WallTime::default());
            journal.next_entry(&identity, room.id(), n).unwrap()
        })
        .collect()
}

fn feed() -> Feed {
    Feed::starting_after(Time::ZERO, Head { epoch: 1, seq: 0 })
}

fn offer(feed: &mut Feed, now: Time, (entry, signed): &(Entry, SignedEntry)) {
    if feed.wants(entry.epoch, entry.seq).is_ok() {
        feed.insert(now, entry, signed.clone());
    }
}

fn told(feed: &mut Feed) -> Vec<String> {
    core::iter::from_fn(|| feed.poll_fact())
        .map(|fact| match fact {
            Fact::Line(line, _) => line.text.as_str().into(),
            Fact::Gap(missing) => format!("gap of {missing}"),
            Fact::Forked => "forked".into(),
        })
        .collect()
}

proptest! {
    #[test]
    fn everything_is_told_once_as_a_line_or_as_missing(
        order in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle(),
        arriving in 0..40_usize,
        spacing in 0..300_u64,
    ) {
        let entries = entries(1, 1, 40);
        let mut feed = feed();
        let mut now = Time::ZERO;
        let mut facts = Vec::new();
        for index in &order[..arriving] {
            offer(&mut feed, now, &entries[*index]);
            now += Duration::from_millis(spacing);
            feed.handle_timeout(now);
            facts.extend(core::iter::from_fn(|| feed.poll_fact()));
        }
        feed.on_head(now, Head { epoch: 1, seq: 40 });
        feed.handle_timeout(now + Feed::PATIENCE);
        facts.extend(core::iter::from_fn(|| feed.poll_fact()));
        let missing = facts.iter().map(|fact| if let Fact::Gap(missing) = fact { *missing } else { 0 });
        let lines = facts.iter().filter(|fact| matches!(fact, Fact::Line(..)));
        prop_assert_eq!(missing.sum::<u64>() + u64::try_from(lines.count()).unwrap(), 40);
        prop_assert_eq!(feed.poll_timeout(), None);
    }

    #[test]
    fn order_and_duplicates_on_the_way_make_no_difference(
        order in Just((0..20_usize).collect::<Vec<_>>()).prop_shuffle(),
        again in prop::collection::vec(0..20_usize, 0..20),
    ) {
        let entries = entries(1, 1, 20);
        let mut feed = feed();
        for index in order.iter().chain(&again) {
            offer(&mut feed, Time::ZERO, &entries[*index]);
        }
        let expected: Vec<_> = (1..=20).map(|n| format!("1.{n}")).collect();
        prop_assert_eq!(told(&mut feed), expected);
        prop_assert_eq!(feed.poll_timeout(), None);
    }
}

#[test]
fn what_is_missing_is_waited_for_and_then_said_to_be() {
    let entries = entries(1, 1, 5);
    let mut feed = feed();
    offer(&mut feed, Time::ZERO, &entries[0]);
    offer(&mut feed, Time::ZERO, &entries[3]);
    assert_eq!(told(&mut feed), ["1.1"]);
    let due = feed.poll_timeout().unwrap();
    assert_eq!(due, Time::from_secs(1));
    feed.handle_timeout(due);
    assert_eq!(told(&mut feed), ["gap of 2", "1.4"]);
    offer(&mut feed, due, &entries[1]);
    offer(&mut feed, due, &entries[4]);
    assert_eq!(told(&mut feed), ["1.5"]);
}

#[test]
fn a_lost_last_line_is_missed_once_its_author_announces_it() {
    let mut feed = feed();
    offer(&mut feed, Time::ZERO, &entries(1, 1, 1)[0]);
    feed.on_head(Time::from_secs(5), Head { epoch: 1, seq: 3 });
    feed.handle_timeout(Time::from_secs(6));
    assert_eq!(told(&mut feed), ["1.1", "gap of 2"]);
    assert_eq!(feed.poll_timeout(), None);
}

#[test]
fn a_new_log_of_the_same_author_ends_the_old_one() {
    let (old, new) = (entries(1, 1, 2), entries(1, 2, 2));
    let mut feed = feed();
    for entry in [&old[0], &new[0], &old[1], &new[1]] {
        offer(&mut feed, Time::ZERO, entry);
    }
    assert_eq!(told(&mut feed), ["1.1", "2.1", "2.2"]);
}

#[test]
fn what_is_missing_of_a_log_that_ended_is_told_and_what_waited_is_not_lost() {
    let (old, new) = (entries(1, 1, 3), entries(1, 2, 1));
    let mut feed = feed();
    for entry in [&old[0], &old[2], &new[0]] {
        offer(&mut feed, Time::ZERO, entry);
    }
    assert_eq!(told(&mut feed), ["1.1", "gap of 1", "1.3", "2.1"]);
    feed.on_head(Time::ZERO, Head { epoch: 2, seq: 5 });
    feed.on_head(Time::ZERO, Head { epoch: 3, seq: 0 });
    assert_eq!(told(&mut feed), ["gap of 4"]);
    assert_eq!(feed.poll_timeout(), None);
}

#[test]
fn each_of_many_losses_is_told_a_second_after_it_was_known() {
    let mut feed = feed();
    for (at, entry) in (0..).step_by(20).zip(&entries(1, 1, 200)) {
        let now = Time::from_millis(at);
        if entry.0.seq % 5 != 0 {
            offer(&mut feed, now, entry);
        }
        feed.handle_timeout(now);
        assert!(feed.poll_timeout().is_none_or(|due| due > now));
        assert!(feed.waiting() <= 50, "{} wait at {now}", feed.waiting());
    }
}

#[test]
fn many_gaps_do_not_wait_for_one_another() {
    let entries = entries(1, 1, 20);
    let mut feed = feed();
    for entry in entries.iter().skip(1).step_by(2) {
        offer(&mut feed, Time::from_millis(100), entry);
    }
    feed.handle_timeout(Time::from_millis(1_100));
    let shown = told(&mut feed);
    assert_eq!(shown.iter().filter(|told| *told == "gap of 1").count(), 10);
    assert_eq!(shown.len(), 20);
}

#[test]
fn two_different_logs_in_one_epoch_end_it() {
    let (ours, theirs) = (entries(1, 1, 3), entries(2, 1, 3));
    let mut feed = feed();
    offer(&mut feed, Time::ZERO, &ours[0]);
    offer(&mut feed, Time::ZERO, &theirs[1]);
    assert_eq!(told(&mut feed), ["1.1", "forked"]);
    assert_eq!(feed.wants(1, 2), Err(Refused::Forked));
    offer(&mut feed, Time::ZERO, &entries(1, 2, 1)[0]);
    assert_eq!(told(&mut feed), ["2.1"]);
}

#[test]
fn what_there_is_of_a_line_shows_before_its_log_contradicts_itself() {
    let (identity, room) = (Identity::from_secret([1; 32]), Room::open(RoomName::lobby()));
    let mut feed = feed();
    for line in ["x".repeat(1_500), "y".repeat(1_500)] {
        let mut journal = Journal::new(*identity.key(), 1);
        journal.say(&Text::new(&line).unwrap(), WallTime::default());
        let first = journal.next_entry(&identity, room.id(), 1).unwrap();
        let second = journal.next_entry(&identity, room.id(), 2).unwrap();
        offer(&mut feed, Time::ZERO, if line.starts_with('x') { &first } else { &second });
    }
    let told = told(&mut feed);
    assert!(told[0].starts_with("xxx"), "{told:?}");
    assert_eq!(told[1], "forked");
}

#[test]
fn a_log_that_goes_back_in_time_contradicts_itself() {
    let (identity, room) = (Identity::from_secret([1; 32]), Room::open(RoomName::lobby()));
    let mut journal = Journal::new(*identity.key(), 1);
    let mut feed = feed();
    for lamport in [5, 5] {
        journal.say(&Text::new("x").unwrap(), WallTime::default());
        offer(&mut feed, Time::ZERO, &journal.next_entry(&identity, room.id(), lamport).unwrap());
    }
    assert_eq!(told(&mut feed), ["x", "forked"]);
}

#[test]
fn what_waits_has_a_bound() {
    let mut feed = feed();
    let entries = entries(1, 1, 300);
    for entry in &entries[1..] {
        offer(&mut feed, Time::ZERO, entry);
    }
    assert_eq!(feed.waiting.len(), Feed::MAX_WAITING);
    assert_eq!(feed.wants(1, 299), Err(Refused::Ahead));
    offer(&mut feed, Time::ZERO, &entries[0]);
    assert_eq!(told(&mut feed).len(), Feed::MAX_WAITING + 1);
}

#[test]
fn a_claim_of_any_size_costs_one_gap() {
    let mut feed = feed();
    feed.on_head(Time::ZERO, Head { epoch: 1, seq: u64::MAX });
    feed.handle_timeout(Time::from_secs(1));
    assert_eq!(told(&mut feed), [format!("gap of {}", u64::MAX)]);
    assert_eq!(feed.poll_timeout(), None);
}
