use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use crate::{
    MessageId, Time,
    lines::{Line, Lines},
    wire::{Entry, EntryHash, Head, SignedEntry},
};

/// Somebody else's log as it arrives: each entry once, in order, and what is missing said so (PROTOCOL.md §8.3)
///
/// The first thing heard of an author says where their log begins for this node; a log that they begin later is
/// expected from its first entry on.
#[derive(Debug)]
pub(crate) struct Feed {
    taken: Head,
    tip: Option<Tip>,
    announced: u64,
    announced_at: Time,
    /// Entries before which something is missing, and when they came
    waiting: BTreeMap<u64, (SignedEntry, Time)>,
    gap_since: Option<Time>,
    used: Time,
    forked: bool,
    lines: Lines,
    out: VecDeque<Fact>,
}

/// What the next entry of a log has to follow from
#[derive(Clone, Copy, Debug)]
struct Tip {
    hash: EntryHash,
    lamport: u64,
}

impl Tip {
    fn is_contradicted_by(self, next: &Entry) -> bool {
        next.prev != self.hash || next.lamport <= self.lamport
    }
}

/// What a feed has to tell, in the order in which it is to be shown
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Something was said
    Line(Line),
    /// So many entries did not come
    Gap(u64),
    /// The author signed two different logs; nothing more is taken from this one
    Forked,
}

/// What is wrong with an entry that a feed does not take
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is there already, or from before what this node takes
    Old,
    /// Too far ahead
    Ahead,
    /// From a log that contradicts itself
    Forked,
}

impl Feed {
    /// How long entries wait for one that is missing before them
    const PATIENCE: Duration = Duration::from_secs(1);
    /// How many entries wait at most: 300 KiB
    const MAX_WAITING: usize = 256;

    /// A log of which all up to `taken` is taken as known at `now`
    pub(crate) fn starting_after(now: Time, taken: Head) -> Self {
        Self {
            taken,
            tip: None,
            announced: taken.seq,
            announced_at: now,
            waiting: BTreeMap::new(),
            gap_since: None,
            used: now,
            forked: false,
            lines: Lines::default(),
            out: VecDeque::new(),
        }
    }

    /// Whether an entry at this place can be new: to be asked before its signature is looked at
    ///
    /// # Errors
    /// Why it cannot
    pub(crate) fn wants(&self, epoch: u64, seq: u64) -> Result<(), Refused> {
        if epoch > self.taken.epoch {
            return Ok(());
        }
        if epoch < self.taken.epoch || seq <= self.taken.seq || self.waiting.contains_key(&seq) {
            return Err(Refused::Old);
        }
        if self.forked {
            return Err(Refused::Forked);
        }
        if self.waiting.len() == Self::MAX_WAITING && seq != self.next_seq() {
            return Err(Refused::Ahead);
        }
        Ok(())
    }

    /// Takes in an entry whose signature was verified and which the feed [`wants`](Self::wants)
    pub(crate) fn insert(&mut self, now: Time, entry: &Entry, signed: SignedEntry) {
        if entry.epoch > self.taken.epoch {
            self.start_epoch(now, entry.epoch);
        }
        self.used = now;
        self.announced = self.announced.max(entry.seq);
        if self.is_next(entry) {
            self.take(entry, signed.hash());
            self.take_what_waited();
        } else {
            self.waiting.insert(entry.seq, (signed, now));
        }
        self.watch_for_gap();
    }

    /// How many entries wait
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether this entry is the one that the others wait for
    pub(crate) fn is_next(&self, entry: &Entry) -> bool {
        entry.epoch == self.taken.epoch && entry.seq == self.next_seq()
    }

    /// Whether something is missing that may still come
    pub(crate) fn is_waiting(&self) -> bool {
        self.gap_since.is_some()
    }

    /// When the author last said something new, or was first heard of
    pub(crate) fn used(&self) -> Time {
        self.used
    }

    /// The author says that their log ends at `head`
    pub(crate) fn on_head(&mut self, now: Time, head: Head) {
        if head.epoch > self.taken.epoch {
            self.start_epoch(now, head.epoch);
        }
        if head.epoch == self.taken.epoch && head.seq > self.announced && !self.forked {
            self.announced = head.seq;
            self.announced_at = now;
            self.watch_for_gap();
        }
    }

    /// The next thing to tell
    pub(crate) fn poll_fact(&mut self) -> Option<Fact> {
        self.out.pop_front()
    }

    /// When to stop waiting for what is missing
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.gap_since.map(|since| since + Self::PATIENCE)
    }

    /// Goes on without what is missing, as far as it was waited for long enough
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        while self.poll_timeout().is_some_and(|due| due <= now) {
            self.pass_over();
            self.watch_for_gap();
        }
    }

    fn next_seq(&self) -> u64 {
        self.taken.seq.saturating_add(1)
    }

    /// Ends the log: what is missing of it will not come any more, and what waited for it is told
    fn start_epoch(&mut self, now: Time, epoch: u64) {
        while self.taken.seq < self.announced {
            self.pass_over();
        }
        self.out.extend(self.lines.finish().map(Fact::Line));
        let out = core::mem::take(&mut self.out);
        *self = Self { out, ..Self::starting_after(now, Head { epoch, seq: 0 }) };
    }

    fn pass_over(&mut self) {
        let last_missing = self.waiting.keys().next().map_or(self.announced, |next| next - 1);
        self.out.extend(self.lines.finish().map(Fact::Line));
        self.out.push_back(Fact::Gap(last_missing - self.taken.seq));
        self.taken.seq = last_missing;
        self.tip = None;
        self.gap_since = None;
        self.take_what_waited();
    }

    fn take_what_waited(&mut self) {
        while let Some((signed, _)) = self.waiting.remove(&self.next_seq()) {
            if let Some(entry) = signed.claim() {
                self.take(&entry, signed.hash());
            }
        }
    }

    /// Takes the next entry, unless the log contradicts itself there
    fn take(&mut self, entry: &Entry, hash: EntryHash) {
        self.gap_since = None;
        if self.tip.is_some_and(|tip| tip.is_contradicted_by(entry)) {
            self.forked = true;
            self.waiting.clear();
            self.announced = self.taken.seq;
            self.out.push_back(Fact::Forked);
            return;
        }
        self.taken.seq = entry.seq;
        self.tip = Some(Tip { hash, lamport: entry.lamport });
        for (index, item) in (0..).zip(entry.items.iter()) {
            let id = MessageId::of_item(hash.as_bytes(), index);
            self.out.extend(self.lines.push(id, entry.sent_at, item).map(Fact::Line));
        }
    }

    /// Notes since when the next entry is known to be missing, if it is
    fn watch_for_gap(&mut self) {
        if self.taken.seq < self.announced {
            let came_after = self.waiting.values().next().map(|(_, since)| *since);
            self.gap_since.get_or_insert_with(|| came_after.unwrap_or(self.announced_at));
        }
    }
}

#[cfg(test)]
mod tests {
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
                Fact::Line(line) => line.text.as_str().into(),
                Fact::Gap(missing) => format!("gap of {missing}"),
                Fact::Forked => "forked".into(),
            })
            .collect()
    }

    proptest! {
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
}
