//! One log that arrives in pieces, out of order, twice or never

mod parts;
mod properties;

use alloc::{format, string::String, vec, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{
    Identity, MessageId, OwnTip, PeerKey, Room, RoomName, Text, WallTime,
    journal::Journal,
    wire::{
        Item, MAX_ITEM_BYTES,
        bounded::{Bytes, List},
    },
};

fn identity() -> Identity {
    Identity::from_secret([1; 32])
}

fn lobby() -> Room {
    Room::open(RoomName::lobby())
}

fn id() -> LogId {
    LogId { author: *identity().key(), epoch: 1 }
}

/// A log of these lines, as somebody writes it who says them one by one
fn say(lines: &[&str]) -> Vec<Genuine> {
    let mut journal = Journal::new(id().author, 1);
    let mut written = Vec::new();
    for line in lines {
        journal.say(&Text::new(line).unwrap(), WallTime::default());
        written.extend(next(&mut journal, written.len() as u64 + 1));
    }
    written
}

fn next(journal: &mut Journal, lamport: u64) -> Option<Genuine> {
    let (entry, signed) = journal.next_entry(&identity(), lobby().id(), lamport)?;
    Some(Genuine { entry, hash: signed.hash(), signed })
}

/// A log of so many lines, each its own place
fn numbered(count: usize) -> Vec<Genuine> {
    let lines: Vec<_> = (1..=count).map(|n| format!("{n}")).collect();
    say(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A log of these entries, whatever they consist of
fn write(entries: Vec<Vec<Item>>) -> Vec<Genuine> {
    let mut prev = EntryHash::default();
    let mut written = Vec::new();
    for (seq, items) in (1..).zip(entries) {
        let LogId { author, epoch } = id();
        let (items, sent_at) = (List::new(items).unwrap(), WallTime::from_unix_millis(seq));
        let entry = Entry { author, epoch, seq, prev, lamport: seq, sent_at, items };
        let signed = SignedEntry::sign(&entry, &identity(), lobby().id()).unwrap();
        prev = signed.hash();
        written.push(Genuine { entry, hash: prev, signed });
    }
    written
}

fn item(kind: u16, body: &str) -> Item {
    Item { kind, body: Bytes::new(body.as_bytes().to_vec()).unwrap() }
}

/// A log of which this node heard from its beginning
fn log() -> Log {
    met(0)
}

/// A log that had come so far when this node first heard of it, all of which is wanted
fn met(base: u64) -> Log {
    let mut log = Log::new(id(), Time::ZERO);
    log.meet(base);
    log.want_from(1);
    log
}

fn offer(log: &mut Log, now: Time, genuine: &Genuine) {
    if log.wants(genuine.entry.seq).is_ok() {
        log.insert(now, genuine.clone());
    }
}

fn restore(log: &mut Log, genuine: &Genuine) -> bool {
    log.restore(genuine.entry.seq, genuine.signed.clone(), genuine.hash)
}

fn facts(log: &mut Log) -> Vec<Fact> {
    let is_told = |fact: &Fact| !matches!(fact, Fact::Entry(_));
    core::iter::from_fn(|| log.poll_fact()).filter(is_told).collect()
}

fn told(log: &mut Log) -> Vec<String> {
    facts(log)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Entry(_) | Fact::Name(_) | Fact::Change { .. } => None,
            Fact::Line { line, .. } => Some(line.text.as_str().into()),
            Fact::Gap { first, missing } => Some(format!("{missing} missing from {first}")),
            Fact::Forked => Some("forked".into()),
        })
        .collect()
}

/// The lines among some facts, by their places
fn lines(facts: &[Fact]) -> Vec<(Order, MessageId, String)> {
    let line = |fact: &Fact| match fact {
        Fact::Line { line, order, .. } => Some((*order, line.id, line.text.as_str().into())),
        Fact::Entry(_) | Fact::Name(_) | Fact::Change { .. } | Fact::Gap { .. } | Fact::Forked => None,
    };
    let mut lines: Vec<_> = facts.iter().filter_map(line).collect();
    lines.sort();
    lines
}

/// How many entries are told to be missing in the end
fn missing(facts: &[Fact]) -> u64 {
    let mut by_gap = BTreeMap::new();
    for fact in facts {
        if let Fact::Gap { first, missing } = fact {
            by_gap.insert(*first, *missing);
        }
    }
    by_gap.values().sum()
}

/// All places up to `most` that are not here and not told to be given up
fn lacking(log: &Log) -> Vec<u64> {
    log.missing().iter().flatten().collect()
}

#[test]
fn what_is_missing_is_waited_for_and_then_said_to_be() {
    let written = numbered(5);
    let mut log = log();
    offer(&mut log, Time::ZERO, &written[0]);
    offer(&mut log, Time::ZERO, &written[3]);
    assert_eq!(told(&mut log), ["1"]);
    let due = log.poll_timeout().unwrap();
    assert_eq!(due, Time::ZERO + Log::PATIENCE);
    log.handle_timeout(due);
    assert_eq!(told(&mut log), ["2 missing from 2", "4"]);
    offer(&mut log, due, &written[1]);
    offer(&mut log, due, &written[4]);
    offer(&mut log, due, &written[2]);
    assert_eq!(told(&mut log), ["2", "1 missing from 2", "5", "3", "0 missing from 2"]);
    assert_eq!(log.poll_timeout(), None);
}

#[test]
fn a_lost_last_line_is_missed_once_its_author_announces_it() {
    let mut log = log();
    offer(&mut log, Time::ZERO, &numbered(1)[0]);
    log.on_head(Time::from_secs(5), 3);
    log.on_head(Time::from_secs(6), 2);
    log.handle_timeout(Time::from_secs(5) + Log::PATIENCE);
    assert_eq!(told(&mut log), ["1", "2 missing from 2"]);
    assert_eq!(log.poll_timeout(), None);
}

#[test]
fn each_of_many_losses_is_told_once_patience_with_it_ended() {
    let mut log = log();
    let mut last_told = 0;
    for (at, genuine) in (0..).step_by(20).zip(&numbered(200)) {
        let now = Time::from_millis(at);
        if genuine.entry.seq % 5 != 0 {
            offer(&mut log, now, genuine);
        }
        log.handle_timeout(now);
        assert!(log.poll_timeout().is_none_or(|due| due > now));
        last_told = lines(&facts(&mut log)).last().map_or(last_told, |(order, ..)| order.seq);
        assert!(genuine.entry.seq - last_told <= 105, "{last_told} at {now}");
    }
}

#[test]
fn many_gaps_do_not_wait_for_one_another() {
    let mut log = log();
    for genuine in numbered(20).iter().skip(1).step_by(2) {
        offer(&mut log, Time::from_millis(100), genuine);
    }
    log.handle_timeout(Time::from_millis(100) + Log::PATIENCE);
    let facts = facts(&mut log);
    assert_eq!((missing(&facts), lines(&facts).len(), facts.len()), (10, 10, 20));
}

#[test]
fn the_past_is_told_as_it_comes_and_its_gaps_are_not() {
    let written = numbered(5);
    let mut log = met(4);
    for index in [3, 1, 4] {
        offer(&mut log, Time::ZERO, &written[index]);
    }
    log.handle_timeout(Time::from_secs(9));
    assert_eq!(told(&mut log), ["4", "2", "5"]);
    assert_eq!(lacking(&log), [1, 3]);
}

#[test]
fn a_log_that_was_met_is_not_met_again() {
    let mut log = met(1);
    log.meet(9);
    assert_eq!(log.base(), 1);
}

#[test]
fn two_different_logs_in_one_place_end_it() {
    let (ours, theirs) = (numbered(3), say(&["one", "two", "three"]));
    let mut log = log();
    offer(&mut log, Time::ZERO, &ours[0]);
    offer(&mut log, Time::ZERO, &theirs[1]);
    assert_eq!(told(&mut log), ["1", "forked"]);
    assert_eq!(log.wants(2), Err(Refused::Forked));
    assert_eq!(log.wants(1), Err(Refused::Old));
    log.want_from(0);
    log.fork();
    assert_eq!((lacking(&log), told(&mut log)), (vec![], vec![]));
    assert_eq!(log.poll_timeout(), None);
}

#[test]
fn what_does_not_go_before_what_is_here_is_a_contradiction() {
    let (ours, theirs) = (numbered(3), say(&["one", "two", "three"]));
    let mut log = log();
    offer(&mut log, Time::ZERO, &ours[2]);
    assert!(log.vouches_for(2, ours[1].hash) && !log.vouches_for(2, theirs[1].hash));
    assert!(!log.vouches_for(1, ours[0].hash) && !log.vouches_for(u64::MAX, ours[0].hash));
    offer(&mut log, Time::ZERO, &theirs[1]);
    assert_eq!(told(&mut log), ["forked"]);
}

#[test]
fn a_log_that_goes_back_in_time_contradicts_itself() {
    let mut journal = Journal::new(id().author, 1);
    let mut log = log();
    for lamport in [5, 5] {
        journal.say(&Text::new("x").unwrap(), WallTime::default());
        offer(&mut log, Time::ZERO, &next(&mut journal, lamport).unwrap());
    }
    assert_eq!(told(&mut log), ["x", "forked"]);
}

#[test]
fn holes_have_a_bound() {
    let mut log = log();
    let written = numbered(2 * Log::MAX_HOLES + 20);
    written.iter().skip(1).step_by(2).for_each(|genuine| offer(&mut log, Time::ZERO, genuine));
    assert_eq!(log.missing().stretches(), Log::MAX_HOLES);
    assert_eq!(log.wants(log.top() + 2), Err(Refused::Ahead));
    assert_eq!((log.wants(log.top() + 1), log.wants(1)), (Ok(()), Ok(())));
    written.iter().for_each(|genuine| offer(&mut log, Time::ZERO, genuine));
    assert_eq!(told(&mut log).len(), written.len());
}

#[test]
fn gaps_that_were_told_have_a_bound() {
    let mut log = log();
    let written = numbered(3 * Log::MAX_GAPS);
    for (at, genuine) in (0..).step_by(2_000).zip(written.iter().skip(1).step_by(2)) {
        offer(&mut log, Time::from_millis(at), genuine);
        log.handle_timeout(Time::from_millis(at) + Log::PATIENCE);
    }
    assert!(log.gaps.len() <= Log::MAX_GAPS);
}

#[test]
fn a_claim_of_any_size_costs_one_gap() {
    let mut log = log();
    log.on_head(Time::ZERO, u64::MAX);
    log.handle_timeout(Time::ZERO + Log::PATIENCE);
    assert_eq!(told(&mut log), [format!("{} missing from 1", u64::MAX)]);
    assert_eq!(log.poll_timeout(), None);
    let written = numbered(2);
    written.iter().for_each(|genuine| offer(&mut log, Time::ZERO, genuine));
    let told = told(&mut log);
    assert_eq!((told[0].as_str(), told[2].as_str()), ("1", "2"));
}

/// The last two entries that a log can have
fn at_the_end() -> [Genuine; 2] {
    let tip = OwnTip { epoch: 1, seq: u64::MAX - 2, hash: EntryHash::from_bytes([7; 32]) };
    let mut journal = Journal::resume(id().author, tip);
    [5, u64::MAX].map(|lamport| {
        journal.say(&Text::new("x").unwrap(), WallTime::default());
        next(&mut journal, lamport).unwrap()
    })
}

#[test]
fn a_log_ends_with_the_greatest_place_there_is() {
    for arrivals in [[0, 1], [1, 0]] {
        for mut log in [log(), met(u64::MAX - 2), met(u64::MAX - 1), met(u64::MAX)] {
            arrivals.iter().for_each(|index| offer(&mut log, Time::ZERO, &at_the_end()[*index]));
            log.on_head(Time::ZERO, u64::MAX);
            log.handle_timeout(Time::ZERO + Log::PATIENCE);
            assert_eq!(lines(&facts(&mut log)).len(), 2);
            assert_eq!((log.top(), log.poll_timeout()), (u64::MAX, None));
            assert_eq!(log.wants(u64::MAX), Err(Refused::Old));
            assert_eq!(log.lamport_after(u64::MAX), Some(u64::MAX));
        }
    }
}

#[test]
fn the_greatest_place_there_is_can_be_forgotten() {
    let mut log = log();
    at_the_end().iter().for_each(|genuine| offer(&mut log, Time::ZERO, genuine));
    assert_eq!(log.forget(u64::MAX).count(), 2);
    assert_eq!((log.len(), log.wants(u64::MAX)), (0, Err(Refused::Old)));
}

#[test]
fn what_is_forgotten_while_it_is_waited_for_makes_no_gap() {
    let written = numbered(5);
    let mut log = log();
    [1, 3, 4].iter().for_each(|index| offer(&mut log, Time::ZERO, &written[*index]));
    assert_eq!(log.forget(3).sum::<usize>(), written[1].signed.len());
    log.handle_timeout(Time::from_secs(9));
    assert_eq!(told(&mut log), ["4", "5"]);
}

#[test]
fn what_is_no_entry_of_this_place_is_not_restored() {
    let written = numbered(3);
    let mut log = log();
    let (hash, signed) = (written[0].hash, &written[0].signed);
    assert!(!log.restore(2, signed.clone(), hash));
    let _ = log.forget(1).count();
    assert!(!log.restore(1, signed.clone(), hash));
    assert_eq!(log.len(), 0);
}

#[test]
fn what_others_hold_is_told_by_floor_and_end() {
    let written = numbered(9);
    let mut log = met(9);
    [3, 6].iter().for_each(|index| offer(&mut log, Time::ZERO, &written[*index]));
    assert_eq!((log.first(), log.last(), log.top()), (Some((4, 4)), Some((7, 7)), 7));
    assert_eq!((log.floor, log.len()), (1, 2));
    assert_eq!((log.lamport_after(5), log.lamport_after(8)), (Some(7), None));
    assert_eq!(lacking(&log), [1, 2, 3, 5, 6]);
}

#[test]
fn somebody_else_s_key_is_part_of_each_place() {
    let mut log = Log::new(LogId { author: PeerKey::from_bytes([5; 32]), epoch: 3 }, Time::ZERO);
    log.meet(0);
    log.insert(Time::ZERO, numbered(1).remove(0));
    let facts = facts(&mut log);
    let [Fact::Line { order, .. }] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((order.author, order.epoch), (PeerKey::from_bytes([5; 32]), 3));
}

#[test]
fn an_entry_has_its_turn_once_and_before_its_lines() {
    let written = numbered(5);
    let mut log = met(2);
    [4, 3, 0, 4].iter().for_each(|index| offer(&mut log, Time::ZERO, &written[*index]));
    log.handle_timeout(Time::ZERO + Log::PATIENCE);
    [2, 1].iter().for_each(|index| offer(&mut log, Time::ZERO, &written[*index]));
    let told: Vec<_> = core::iter::from_fn(|| log.poll_fact())
        .filter_map(|fact| match fact {
            Fact::Entry(kept) => Some((kept.seq, kept.hash == written[kept.seq as usize - 1].hash)),
            Fact::Line { order, .. } => Some((order.seq, false)),
            Fact::Change { .. } | Fact::Name(_) | Fact::Gap { .. } | Fact::Forked => None,
        })
        .collect();
    let each = [1, 4, 5, 3, 2].map(|seq| [(seq, true), (seq, false)]);
    assert_eq!(told, each.concat());
}

#[test]
fn heads_that_keep_growing_do_not_put_a_gap_off() {
    let mut log = Log::new(id(), Time::ZERO);
    log.meet(0);
    let mut gap = None;
    for sec in 1..60 {
        let now = Time::from_secs(sec);
        log.handle_timeout(now);
        while let Some(fact) = log.poll_fact() {
            gap.get_or_insert((sec, fact));
        }
        log.on_head(now, sec);
    }
    assert!(gap.is_some());
}

#[test]
fn an_end_that_is_announced_ever_further_makes_one_gap() {
    let mut log = log();
    let mut seen = vec![];
    for n in 1..=1_000_u64 {
        let now = Time::from_secs(10 * n);
        log.on_head(now, 5 * n);
        log.handle_timeout(now + Log::PATIENCE);
        seen = told(&mut log);
    }
    assert_eq!(seen, ["5000 missing from 1"]);
    assert_eq!(log.gaps.len(), 1);
}
