use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::time::Duration;

use crate::{
    PeerKey, Time,
    budget::{Budget, Limits},
    wire::LogId,
};

/// What this node sends again because others asked for it (PROTOCOL.md §8.6)
///
/// Whoever asks alone is answered alone. When everybody is asked, whoever repairs waits a little and is quiet if
/// somebody else was faster. What several ask for one by one is sent to all.
#[derive(Debug)]
pub(crate) struct Repairs {
    by_entry: BTreeMap<(LogId, u64), Repair>,
    /// What is to be sent to all, and when
    due: BTreeSet<(Time, (LogId, u64))>,
    /// When what is old was last forgotten
    swept: Time,
    /// Bytes for those who ask alone
    bytes: Budget<PeerKey>,
    /// Places that everybody is asked for
    places: Budget<PeerKey>,
}

#[derive(Debug)]
struct Repair {
    noted: Time,
    /// When to send it to all
    due: Option<Time>,
    /// When it was last on the air for all as a repair
    aired: Option<Time>,
    askers: Vec<PeerKey>,
    /// How often it was on the air for all
    heard: u32,
}

/// How to answer somebody who asked for an entry
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Send it to them
    ToOne,
    /// Send it to all: they are not the only ones
    ToAll,
    /// It was on the air for all just now
    Wait,
}

impl Repairs {
    /// How many entries are kept in mind: 1 MiB
    const MAX_ENTRIES: usize = 4_096;
    /// For how long
    const MEMORY: Duration = Duration::from_secs(2);
    /// How often what is old is forgotten at most
    const SWEEPS: Duration = Duration::from_millis(100);
    /// What is sent to those who ask alone: 20 MB a second, shared out among them
    const BYTES: Limits = Limits { period: Duration::from_millis(100), income: 2 << 20, most: 4 << 20 };
    /// What everybody may be asked for, shared out among those who ask
    const PLACES: Limits = Limits { period: Self::MEMORY, income: 2_048, most: 2_048 };
    /// From so many askers on an entry is sent to all
    const MANY: usize = 3;

    /// Nobody has asked for anything yet
    pub(crate) fn new() -> Self {
        Self {
            by_entry: BTreeMap::new(),
            due: BTreeSet::new(),
            swept: Time::ZERO,
            bytes: Budget::new(Self::BYTES),
            places: Budget::new(Self::PLACES),
        }
    }

    /// Somebody asks this node alone for an entry
    pub(crate) fn on_asked(&mut self, now: Time, entry: (LogId, u64), by: PeerKey, hold: Duration) -> Answer {
        let Some(repair) = self.note(now, entry) else { return Answer::ToOne };
        if !repair.askers.contains(&by) && repair.askers.len() < Self::MANY {
            repair.askers.push(by);
        }
        if repair.askers.len() < Self::MANY {
            return Answer::ToOne;
        }
        if repair.aired.is_some_and(|aired| now.since(aired) < hold) {
            return Answer::Wait;
        }
        repair.aired = Some(now);
        Answer::ToAll
    }

    /// Whether so many bytes more may go to `whom`, who asked this node alone; they are counted then
    ///
    /// Who asks for more has to ask again, or somebody else: nobody is made to flood another.
    pub(crate) fn may_send(&mut self, now: Time, whom: PeerKey, bytes: usize) -> bool {
        self.bytes.take(now, whom, u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    /// Whether `who` may ask everybody for one place more
    pub(crate) fn may_ask(&mut self, now: Time, who: PeerKey) -> bool {
        self.places.take(now, who, 1)
    }

    /// Somebody asks everybody for an entry, which this node would send after `delay`
    pub(crate) fn on_asked_all(&mut self, now: Time, entry: (LogId, u64), delay: Duration, hold: Duration) {
        if let Some(repair) = self.note(now, entry)
            && repair.due.is_none()
            && repair.aired.is_none_or(|aired| now.since(aired) >= hold)
        {
            repair.due = Some(now + delay);
            repair.heard = 0;
            self.due.insert((now + delay, entry));
        }
    }

    /// An entry that was here already was sent to all; whether by too many, in a room of `members`
    pub(crate) fn on_heard(&mut self, now: Time, entry: (LogId, u64), members: usize) -> bool {
        let Some(repair) = self.by_entry.get_mut(&entry) else { return false };
        if let Some(due) = repair.due.take() {
            self.due.remove(&(due, entry));
        }
        repair.aired = Some(now);
        repair.heard += 1;
        let too_many = 3 + members.max(1).ilog2() / 2;
        repair.heard == too_many
    }

    /// The next entry to send to all
    pub(crate) fn poll_due(&mut self, now: Time) -> Option<(LogId, u64)> {
        let (_, entry) = self.due.first().filter(|(due, _)| *due <= now).copied()?;
        self.due.pop_first();
        if let Some(repair) = self.by_entry.get_mut(&entry) {
            repair.due = None;
            repair.aired = Some(now);
        }
        Some(entry)
    }

    /// When to send something to all
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.due.first().map(|(due, _)| *due)
    }

    fn note(&mut self, now: Time, entry: (LogId, u64)) -> Option<&mut Repair> {
        if self.by_entry.len() >= Self::MAX_ENTRIES / 2 && now.since(self.swept) >= Self::SWEEPS {
            self.swept = now;
            self.by_entry.retain(|_, repair| repair.due.is_some() || now.since(repair.noted) < Self::MEMORY);
        }
        if self.by_entry.len() >= Self::MAX_ENTRIES && !self.by_entry.contains_key(&entry) {
            return None;
        }
        let fresh = Repair { noted: now, due: None, aired: None, askers: Vec::new(), heard: 0 };
        let repair = self.by_entry.entry(entry).or_insert(fresh);
        if now.since(repair.noted) >= Self::MEMORY && repair.due.is_none() {
            *repair = Repair { noted: now, due: None, aired: repair.aired, askers: Vec::new(), heard: 0 };
        }
        Some(repair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: (LogId, u64) = (LogId { author: PeerKey::from_bytes([9; 32]), epoch: 1 }, 5);
    const HOLD: Duration = Duration::from_millis(30);

    fn key(n: u8) -> PeerKey {
        PeerKey::from_bytes([n; 32])
    }

    #[test]
    fn what_several_ask_for_is_sent_to_all_once() {
        let mut repairs = Repairs::new();
        let mut ask = |millis, n| repairs.on_asked(Time::from_millis(millis), ENTRY, key(n), HOLD);
        assert_eq!(ask(0, 1), Answer::ToOne);
        assert_eq!(ask(1, 1), Answer::ToOne);
        assert_eq!(ask(1, 2), Answer::ToOne);
        assert_eq!(ask(2, 3), Answer::ToAll);
        assert_eq!(ask(3, 4), Answer::Wait);
        assert_eq!(ask(33, 4), Answer::ToAll);
        assert_eq!(ask(9_000, 5), Answer::ToOne);
    }

    #[test]
    fn whoever_hears_the_repair_of_another_is_quiet() {
        let mut repairs = Repairs::new();
        repairs.on_asked_all(Time::ZERO, ENTRY, HOLD, HOLD);
        assert_eq!(repairs.poll_timeout(), Some(Time::ZERO + HOLD));
        repairs.on_heard(Time::from_millis(1), ENTRY, 100);
        assert_eq!(repairs.poll_timeout(), None);
        repairs.on_asked_all(Time::from_millis(2), ENTRY, HOLD, HOLD);
        assert_eq!(repairs.poll_timeout(), None);
        repairs.on_asked_all(Time::from_millis(40), ENTRY, HOLD, HOLD);
        assert_eq!(repairs.poll_due(Time::from_millis(69)), None);
        assert_eq!(repairs.poll_due(Time::from_millis(70)), Some(ENTRY));
        assert_eq!(repairs.poll_due(Time::from_millis(70)), None);
    }

    #[test]
    fn whoever_asks_for_everything_leaves_others_their_share() {
        let mut repairs = Repairs::new();
        let mut got = [0; 2];
        for millis in (100..10_100).step_by(5) {
            for (whom, often) in [(0, 1_000), (1, 20)] {
                for _ in 0..often {
                    let may = repairs.may_send(Time::from_millis(millis), key(whom), 1_000);
                    got[usize::from(whom)] += usize::from(may);
                }
            }
        }
        assert_eq!(got[1], 40_000);
        assert!(got[0] <= 180_000, "{}", got[0]);
        let asked = (0..9_000).filter(|_| repairs.may_ask(Time::from_secs(20), key(0))).count();
        assert!(asked < 2_000 && repairs.may_ask(Time::from_secs(20), key(1)), "{asked}");
    }

    #[test]
    fn it_has_a_bound() {
        let mut repairs = Repairs::new();
        for seq in 0..100_000 {
            repairs.on_asked_all(Time::ZERO, (ENTRY.0, seq), HOLD, HOLD);
        }
        assert!(repairs.by_entry.len() <= Repairs::MAX_ENTRIES);
    }
}
