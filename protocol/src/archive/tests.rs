//! All logs together: what is kept, what is forgotten for good, what is told of it to others

use alloc::{vec, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{Identity, OwnTip, Room, RoomName, Text, journal::Journal};

fn identity(n: u8) -> Identity {
    Identity::from_secret([n; 32])
}

fn id(n: u8) -> LogId {
    LogId { author: *identity(n).key(), epoch: 1 }
}

fn key(n: u16) -> PeerKey {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    PeerKey::from_bytes(bytes)
}

/// A log of somebody's whose entries have these lamport values, and were said in these milliseconds
fn said(author: u8, entries: impl IntoIterator<Item = (u64, u64)>) -> Vec<Genuine> {
    let (identity, room) = (identity(author), Room::open(RoomName::lobby()));
    let mut journal = Journal::new(*identity.key(), 1);
    let mut next = |(lamport, at)| {
        journal.say(&Text::new("hi").unwrap(), WallTime::from_unix_millis(at));
        let (entry, signed) = journal.next_entry(&identity, room.id(), lamport).unwrap();
        Genuine { entry, hash: signed.hash(), signed }
    };
    entries.into_iter().map(&mut next).collect()
}

/// A log of so many entries, whose lamport values are their places
fn log(author: u8, count: u64) -> Vec<Genuine> {
    said(author, (1..=count).map(|n| (n, n)))
}

fn retention(entries: usize) -> Retention {
    Retention { entries, ..Retention::default() }
}

fn archive(entries: usize) -> Archive {
    Archive::new(retention(entries))
}

fn offer(archive: &mut Archive, genuine: &Genuine) -> Result<bool, Dropped> {
    archive.wants(&genuine.entry)?;
    archive.insert(Time::ZERO, genuine.clone(), false, |_| true)
}

fn offer_all<'a>(archive: &mut Archive, entries: impl IntoIterator<Item = &'a Genuine>) {
    for genuine in entries {
        let _ = offer(archive, genuine);
    }
}

/// Somebody says that they hold all of these
fn expect(archive: &mut Archive, entries: &[Genuine]) {
    let last = &entries[entries.len() - 1].entry;
    let holding = Holding { log: last.log(), floor: 1, seq: last.seq, lamport: last.lamport };
    if archive.log(&holding.log).is_none() {
        archive.expect(Time::ZERO, &holding, |_| true);
    }
    archive.on_holding(&holding);
}

fn held(archive: &Archive) -> Vec<Mark> {
    let mut held: Vec<_> = archive
        .logs
        .values()
        .flat_map(|log| (1..=log.top()).filter_map(|seq| log.entry(seq)?.claim()))
        .map(|entry| (entry.lamport, entry.log(), entry.seq))
        .collect();
    held.sort_unstable();
    held
}

fn wanted(archive: &Archive) -> Vec<(LogId, u64)> {
    let lacking = archive.lacking().map(|(id, log)| (*id, log.missing().clone()));
    lacking
        .flat_map(|(id, missing)| missing.iter().flatten().map(|seq| (id, seq)).collect::<Vec<_>>())
        .collect()
}

fn bytes(archive: &Archive) -> usize {
    let signed =
        |log: &Log| (1..=log.top()).filter_map(|seq| log.entry(seq)).map(SignedEntry::len).sum::<usize>();
    archive.logs.values().map(signed).sum()
}

/// Which of three logs, and which of their entries
fn arrivals() -> impl Strategy<Value = Vec<(usize, usize)>> {
    let all = (0..3).flat_map(|log| (0..12).map(move |nth| (log, nth))).collect::<Vec<_>>();
    Just(all).prop_shuffle()
}

proptest! {
    #[test]
    fn whoever_holds_the_same_says_the_same(one in arrivals(), other in arrivals(), forgets: bool) {
        let logs = [log(1, 12), log(2, 12), log(3, 12)];
        let digests = [one, other].map(|arrivals| {
            let mut archive = archive(1_000);
            logs.iter().for_each(|log| expect(&mut archive, log));
            arrivals.iter().for_each(|(log, nth)| offer_all(&mut archive, [&logs[*log][*nth]]));
            if forgets {
                archive.forget(id(2), 12);
                archive.forget(id(1), 5);
            }
            (archive.digest(), archive.page(LogId { author: key(0), epoch: 0 }))
        });
        prop_assert_eq!(&digests[0], &digests[1]);
        prop_assert_eq!(digests[0].0.entries, if forgets { 19 } else { 36 });
    }

    #[test]
    fn what_is_kept_is_the_end_of_each_log_and_nothing_that_went_comes_back(
        arrivals in arrivals(),
        most in 1..40_usize,
    ) {
        let logs = [log(1, 12), said(2, (1..=12).map(|n| (3 * n, n))), said(3, (1..=12).map(|n| (n * n, n)))];
        let mut archive = archive(most);
        logs.iter().for_each(|log| expect(&mut archive, log));
        let mut gone: Vec<Mark> = Vec::new();
        for (log, nth) in arrivals.iter().chain(&arrivals) {
            let before = held(&archive);
            let genuine = &logs[*log][*nth];
            offer_all(&mut archive, [genuine]);
            archive.trim();
            let after = held(&archive);
            prop_assert!(after.len() <= most);
            prop_assert_eq!(after.len(), archive.entries);
            prop_assert_eq!(bytes(&archive), archive.bytes);
            prop_assert!(after.iter().all(|mark| !gone.contains(mark)));
            gone.extend(before.into_iter().filter(|mark| !after.contains(mark)));
            prop_assert!(wanted(&archive).iter().all(|(id, seq)| !gone.iter().any(|(_, log, at)| (id, seq) == (log, at))));
        }
        let kept = held(&archive);
        let is_older = |(_, id, seq): &Mark| kept.iter().all(|(_, log, at)| log != id || seq < at);
        prop_assert!(gone.iter().all(is_older));
        for (id, upto) in archive.take_forgotten() {
            prop_assert!(archive.logs[&id].first().is_none_or(|(first, _)| first > upto));
        }
    }
}

#[test]
fn entries_have_a_bound() {
    let mut archive = archive(128);
    for genuine in &log(1, 1_000) {
        offer(&mut archive, genuine).unwrap();
        archive.trim();
    }
    assert!((126..=128).contains(&archive.entries));
    assert_eq!(archive.log(&id(1)).and_then(Log::last), Some((1_000, 1_000)));
}

#[test]
fn bytes_have_a_bound() {
    let entries = log(1, 100);
    let most = 10 * entries[99].signed.len();
    let mut archive = Archive::new(Retention { bytes: most, ..Retention::default() });
    for genuine in &entries {
        offer(&mut archive, genuine).unwrap();
        archive.trim();
        assert!(archive.bytes <= most && bytes(&archive) == archive.bytes);
    }
    assert!(archive.entries >= 9);
}

#[test]
fn age_has_a_bound() {
    let mut archive = archive(1_000);
    offer_all(&mut archive, &said(1, [(1, 100), (2, 300), (3, 200), (4, 400)]));
    archive.expire(WallTime::from_unix_millis(250));
    assert_eq!(archive.take_forgotten(), vec![(id(1), 1)]);
    archive.expire(WallTime::from_unix_millis(350));
    assert_eq!(archive.take_forgotten(), vec![(id(1), 2), (id(1), 3)]);
    assert_eq!((archive.entries, archive.bytes), (1, bytes(&archive)));
    archive.expire(WallTime::from_unix_millis(u64::MAX));
    assert_eq!((archive.entries, archive.bytes, archive.digest()), (0, 0, Digest::default()));
}

/// An entry at the greatest place there is
fn at_the_end() -> Genuine {
    let identity = identity(1);
    let tip = OwnTip { epoch: 1, seq: u64::MAX - 1, hash: EntryHash::from_bytes([7; 32]) };
    let mut journal = Journal::resume(*identity.key(), tip);
    journal.say(&Text::new("hi").unwrap(), WallTime::default());
    let (entry, signed) = journal.next_entry(&identity, Room::open(RoomName::lobby()).id(), 1).unwrap();
    Genuine { entry, hash: signed.hash(), signed }
}

#[test]
fn the_greatest_place_there_is_is_forgotten_like_others() {
    let mut archive = archive(5);
    offer(&mut archive, &at_the_end()).unwrap();
    (2..7).for_each(|author| offer_all(&mut archive, &said(author, [(5, 0)])));
    archive.trim();
    assert_eq!((archive.entries, archive.log(&id(1)).map(Log::len)), (5, Some(0)));
    assert_eq!(offer(&mut archive, &at_the_end()), Err(Dropped::Replayed));
    let mut archive = self::archive(5);
    offer(&mut archive, &at_the_end()).unwrap();
    archive.expire(WallTime::from_unix_millis(1));
    assert_eq!(archive.entries, 0);
}

#[test]
fn whoever_keeps_more_makes_nobody_ask_for_more_than_they_keep() {
    let entries = log(1, 200);
    let mut small = archive(50);
    expect(&mut small, &entries);
    for genuine in entries.iter().rev() {
        if !small.is_full() {
            offer(&mut small, genuine).unwrap();
        }
        small.trim();
    }
    expect(&mut small, &entries);
    assert!(small.is_full());
    assert_eq!(small.log(&id(1)).and_then(Log::first), Some((151, 151)));
    let more = log(2, 210);
    offer(&mut small, &more[209]).unwrap();
    small.trim();
    expect(&mut small, &entries);
    assert!(wanted(&small).iter().all(|(log, seq)| *log != id(1) || *seq > 150), "{:?}", wanted(&small));
    assert_eq!(offer(&mut small, &entries[149]), Err(Dropped::Replayed));
}

#[test]
fn a_live_line_is_taken_however_little_its_author_s_clock_or_count_says() {
    let mut archive = archive(3);
    offer_all(&mut archive, &said(1, [(10, 500), (11, 500), (12, 500), (13, 500)]));
    archive.trim();
    assert!(archive.horizon > 0);
    let late = said(2, [(2, 0), (3, 0)]);
    archive.on_head(Time::ZERO, id(2), 0, |_| true).unwrap();
    for genuine in &late {
        assert_eq!(archive.wants(&genuine.entry), Ok(()));
        assert_eq!(archive.insert(Time::ZERO, genuine.clone(), false, |_| true), Ok(true));
    }
    let told = core::iter::from_fn(|| archive.poll_fact())
        .filter(|(log, fact)| *log == id(2) && matches!(fact, Fact::Line { .. }));
    assert_eq!(told.count(), 2);
}

#[test]
fn no_stranger_takes_the_place_of_somebody_who_is_there() {
    let mut archive = archive(1_000);
    let follow = |archive: &mut Archive, secs, author, present| {
        let id = LogId { author: key(author), epoch: 1 };
        archive.on_head(Time::from_secs(secs), id, 0, |key| *key < self::key(present))
    };
    let most = u16::try_from(Archive::MAX_LOGS).unwrap();
    (0..most).for_each(|n| follow(&mut archive, 0, n, 1_000).unwrap());
    for stranger in 5_000..6_000 {
        assert_eq!(
            follow(&mut archive, 1, stranger, 1_000),
            Ok(()),
            "an empty log of nobody's is worth no more"
        );
    }
    assert_eq!(archive.logs.len(), Archive::MAX_LOGS);
    assert!((0..1_000).all(|n| archive.logs.contains_key(&LogId { author: key(n), epoch: 1 })));
    for newcomer in 6_000..6_010 {
        assert_eq!(follow(&mut archive, 2, newcomer, u16::MAX), Ok(()), "a room of any size");
    }
}

#[test]
fn whoever_only_announces_logs_displaces_nothing_that_was_said() {
    let mut archive = archive(1_000);
    offer_all(&mut archive, &log(1, 3));
    for epoch in 0..2 * Archive::MAX_LOGS as u64 {
        let id = LogId { author: key(9), epoch };
        let _ = archive.on_head(Time::from_secs(1), id, 5, |author| *author == key(9));
    }
    assert_eq!(archive.log(&id(1)).map(Log::len), Some(3));
    assert!(archive.logs.len() <= Archive::MAX_LOGS);
    assert_eq!(archive.insert(Time::from_secs(2), log(2, 1).remove(0), false, |_| false), Ok(true));
}

#[test]
fn what_goes_with_a_log_is_not_counted_any_more() {
    let mut archive = archive(10_000);
    offer_all(&mut archive, &log(1, 3));
    for epoch in 2..=Archive::MAX_LOGS as u64 + 1 {
        let (identity, room) = (identity(2), Room::open(RoomName::lobby()));
        let mut journal = Journal::new(*identity.key(), epoch);
        journal.say(&Text::new("hi").unwrap(), WallTime::default());
        let (entry, signed) = journal.next_entry(&identity, room.id(), 1).unwrap();
        let genuine = Genuine { entry, hash: signed.hash(), signed };
        archive.insert(Time::from_secs(1), genuine, false, |author| *author == id(2).author).unwrap();
    }
    let most = Archive::MAX_LOGS_OF_ONE;
    assert_eq!((archive.logs.len(), archive.log(&id(1)).map(Log::len)), (most + 1, Some(3)));
    assert_eq!((archive.entries, archive.bytes), (most + 3, bytes(&archive)));
    assert_eq!(archive.digest().entries, most as u64 + 3);
    assert_eq!(archive.take_forgotten().len(), Archive::MAX_LOGS - most);
}

#[test]
fn pages_tell_all_that_is_held_in_order() {
    let mut archive = archive(1_000);
    for author in 1..=40 {
        offer_all(&mut archive, &log(author, u64::from(author % 3) + 1));
    }
    let (mut after, mut all) = (LogId { author: key(0), epoch: 0 }, Vec::new());
    loop {
        let (page, more) = archive.page(after);
        assert!(page.len() <= MAX_HOLDINGS && !page.is_empty());
        after = page[page.len() - 1].log;
        all.extend(page);
        if !more {
            break;
        }
    }
    assert!(all.len() == 40 && all.is_sorted_by_key(|holding| holding.log));
    assert!(all.iter().all(|holding| holding.floor == 1 && holding.seq == holding.lamport));
    assert_eq!(archive.page(after), (vec![], false));
}

#[test]
fn what_grew_lately_is_told_latest_first_and_not_for_ever() {
    let mut archive = archive(1_000);
    for author in 1..=30 {
        let at = Time::from_millis(u64::from(author));
        archive.insert(at, log(author, 1).remove(0), false, |_| true).unwrap();
    }
    archive.insert(Time::from_millis(31), log(7, 2).remove(1), false, |_| true).unwrap();
    let recent: Vec<_> = archive.recent(Time::from_secs(1)).into_iter().map(|holding| holding.log).collect();
    assert_eq!(recent, [7, 30, 29, 28, 27, 26].map(id));
    assert_eq!(archive.recent(Time::from_secs(20)), vec![]);
    assert!(archive.recent.len() <= 4 * MAX_RECENT);
}

#[test]
fn gaps_of_all_logs_are_told_in_time() {
    let mut archive = archive(1_000);
    for (at, author) in [(0, 1), (300, 2)] {
        let entries = log(author, 4);
        for nth in [0, 3] {
            archive.insert(Time::from_millis(at), entries[nth].clone(), false, |_| true).unwrap();
        }
    }
    let due = archive.poll_timeout().unwrap();
    archive.handle_timeout(due);
    assert_eq!(archive.poll_timeout(), Some(Time::from_millis(300) + Log::PATIENCE));
    archive.handle_timeout(Time::from_secs(3));
    assert_eq!(archive.poll_timeout(), None);
    let gap = Fact::Gap { first: 2, missing: 2 };
    assert_eq!(core::iter::from_fn(|| archive.poll_fact()).filter(|(_, fact)| *fact == gap).count(), 2);
}

#[test]
fn nothing_is_asked_for_that_is_from_before_what_is_kept() {
    let mut archive = archive(3);
    let old = said(2, [(2, 0), (3, 100), (20, 500)]);
    expect(&mut archive, &old);
    offer_all(&mut archive, [&old[2]]);
    archive.forget(id(2), 2);
    expect(&mut archive, &old);
    assert_eq!(wanted(&archive), vec![]);
}

#[test]
fn a_fork_ends_the_asking() {
    let mut archive = archive(1_000);
    let entries = log(1, 5);
    offer_all(&mut archive, [&entries[0], &entries[4]]);
    assert_eq!(wanted(&archive).len(), 3);
    archive.fork(id(1));
    expect(&mut archive, &log(1, 9));
    assert_eq!((wanted(&archive), archive.poll_timeout().is_none()), (vec![], false));
    archive.handle_timeout(Time::from_secs(5));
    assert_eq!(archive.poll_timeout(), None);
    assert_eq!(archive.log(&id(1)).map(Log::len), Some(2), "what is here stays for others");
}

#[test]
fn whoever_says_most_loses_theirs_first() {
    let mut archive = archive(20);
    offer_all(&mut archive, &log(1, 5));
    for genuine in &said(2, (1..=1_000).map(|n| (1_000_000 + n, n))) {
        offer(&mut archive, genuine).unwrap();
        archive.trim();
    }
    let count = |n| archive.log(&id(n)).map(Log::len);
    assert_eq!((count(1), count(2)), (Some(5), Some(15)));
}

#[test]
fn three_who_claim_the_end_of_time_push_nobody_out() {
    let mut archive = archive(300);
    for author in 2..5 {
        let end = u64::MAX - 200;
        offer_all(&mut archive, &said(author, (1..=100).map(|n| (end + n, n))));
    }
    archive.trim();
    for genuine in log(1, 20) {
        offer(&mut archive, &genuine).unwrap();
        archive.trim();
    }
    assert!(held(&archive).iter().filter(|m| m.1 == id(1)).count() == 20);
}
