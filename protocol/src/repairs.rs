use alloc::{collections::BTreeMap, vec::Vec};
use core::time::Duration;

use crate::{PeerKey, Time, wire::LogId};

/// What this node sends again because others asked for it (PROTOCOL.md §8.6)
///
/// Whoever asks alone is answered alone. When everybody is asked, whoever repairs waits a little and is quiet if
/// somebody else was faster. What several ask for one by one is sent to all.
#[derive(Debug, Default)]
pub(crate) struct Repairs {
    by_entry: BTreeMap<(LogId, u64), Repair>,
    /// Since when so many bytes were sent to those who asked alone
    spent: (Time, usize),
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
    /// Over how long what is sent to those who ask alone is counted, and how much it may be: 20 MB a second
    const PERIOD: Duration = Duration::from_millis(100);
    const MAX_BYTES: usize = 2 << 20;
    /// From so many askers on an entry is sent to all
    const MANY: usize = 3;

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

    /// Whether so many bytes more may go to those who asked this node alone; they are counted then
    ///
    /// Who asks for more has to ask again, or somebody else: nobody is made to flood another.
    pub(crate) fn may_send(&mut self, now: Time, bytes: usize) -> bool {
        if now.since(self.spent.0) >= Self::PERIOD {
            self.spent = (now, 0);
        }
        let (_, spent) = &mut self.spent;
        let may = *spent + bytes <= Self::MAX_BYTES;
        *spent += if may { bytes } else { 0 };
        may
    }

    /// Somebody asks everybody for an entry, which this node would send after `delay`
    pub(crate) fn on_asked_all(&mut self, now: Time, entry: (LogId, u64), delay: Duration, hold: Duration) {
        if let Some(repair) = self.note(now, entry)
            && repair.due.is_none()
            && repair.aired.is_none_or(|aired| now.since(aired) >= hold)
        {
            repair.due = Some(now + delay);
            repair.heard = 0;
        }
    }

    /// An entry that was here already was sent to all; whether by too many, in a room of `members`
    pub(crate) fn on_heard(&mut self, now: Time, entry: (LogId, u64), members: usize) -> bool {
        let Some(repair) = self.by_entry.get_mut(&entry) else { return false };
        repair.due = None;
        repair.aired = Some(now);
        repair.heard += 1;
        let too_many = 3 + members.max(1).ilog2() / 2;
        repair.heard == too_many
    }

    /// The next entry to send to all
    pub(crate) fn poll_due(&mut self, now: Time) -> Option<(LogId, u64)> {
        let is_due = |repair: &Repair| repair.due.is_some_and(|due| due <= now);
        let (entry, repair) = self.by_entry.iter_mut().find(|(_, repair)| is_due(repair))?;
        repair.due = None;
        repair.aired = Some(now);
        Some(*entry)
    }

    /// When to send something to all
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.by_entry.values().filter_map(|repair| repair.due).min()
    }

    fn note(&mut self, now: Time, entry: (LogId, u64)) -> Option<&mut Repair> {
        if self.by_entry.len() >= Self::MAX_ENTRIES / 2 {
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
        let mut repairs = Repairs::default();
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
        let mut repairs = Repairs::default();
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
    fn it_has_a_bound() {
        let mut repairs = Repairs::default();
        for seq in 0..100_000 {
            repairs.on_asked_all(Time::ZERO, (ENTRY.0, seq), HOLD, HOLD);
        }
        assert!(repairs.by_entry.len() <= Repairs::MAX_ENTRIES);
    }
}
