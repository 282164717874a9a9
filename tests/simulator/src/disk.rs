//! What a host keeps over restarts, and what can happen to it

use std::{collections::VecDeque, time::Duration};

use fastrand::Rng;
use lanchat_protocol::{Input, Memory, Record, Ticket, Time};

use crate::database::Database;

/// A disk with one database on it, and the number of the latest start in a file beside it
#[derive(Debug)]
pub(crate) struct Disk {
    latency: Duration,
    is_full: bool,
    writes: VecDeque<Write>,
    kept: DiskCopy,
    /// Whether this run's batches were all stored so far
    is_whole: bool,
    /// Something happened to it after which what was stored may be gone
    pub(crate) was_tampered_with: bool,
}

/// All that is on a disk at one moment
#[derive(Clone, Debug, Default)]
pub struct DiskCopy {
    database: Database,
    /// The latest start, written beside the database
    incarnation: u64,
}

#[derive(Debug)]
struct Write {
    done: Time,
    ticket: Ticket,
    records: Vec<Record>,
    fits: bool,
}

impl Disk {
    /// An empty disk that takes `latency` for a batch
    pub(crate) fn new(latency: Duration) -> Self {
        Self {
            latency,
            is_full: false,
            writes: VecDeque::new(),
            kept: DiskCopy::default(),
            is_whole: true,
            was_tampered_with: false,
        }
    }

    /// What is stored
    pub(crate) fn database(&self) -> &Database {
        &self.kept.database
    }

    /// How long a batch takes from here on
    pub(crate) fn set_latency(&mut self, latency: Duration) {
        self.latency = latency;
    }

    /// Whether what is written from here on does not fit
    pub(crate) fn fill(&mut self, is_full: bool) {
        self.is_full = is_full;
    }

    /// The program starts at the latest incarnation that there was or a later one: its number, and what it remembers
    pub(crate) fn open(&mut self, at_least: u64) -> (u64, Memory) {
        let before = self.kept.incarnation;
        self.kept.incarnation = at_least.max(before + 1);
        self.is_whole = true;
        let memory = self.kept.database.open(before, self.kept.incarnation);
        (self.kept.incarnation, memory)
    }

    /// The program wants a batch stored: together with all that came since the disk last began to write
    pub(crate) fn write(&mut self, now: Time, ticket: Ticket, records: Vec<Record>) {
        let done = match (self.writes.front(), self.writes.back()) {
            (Some(writing), Some(last)) if last.done > writing.done => last.done,
            (Some(writing), _) => writing.done + self.latency,
            (None, _) => now + self.latency,
        };
        self.writes.push_back(Write { done, ticket, records, fits: !self.is_full });
    }

    /// When the next batch is through
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.writes.front().map(|write| write.done)
    }

    /// The answer that is due at `now`
    pub(crate) fn handle_timeout(&mut self, now: Time) -> Option<Input<'static>> {
        let write = self.writes.pop_front_if(|write| write.done <= now)?;
        Some(self.finish(write))
    }

    /// The program was killed: of what was not acknowledged yet, a part was written all the same
    pub(crate) fn crash(&mut self, rng: &mut Rng) {
        let written = rng.usize(..=self.writes.len());
        let writes = core::mem::take(&mut self.writes);
        for write in writes.into_iter().take(written).take_while(|write| write.fits) {
            self.finish(write);
        }
    }

    /// The program ends as it should, once everything is written
    pub(crate) fn close(&mut self) {
        for write in core::mem::take(&mut self.writes) {
            self.finish(write);
        }
        if self.is_whole {
            self.kept.database.close();
        }
    }

    /// All that is on it
    pub(crate) fn copy(&self) -> DiskCopy {
        self.kept.clone()
    }

    /// The database is replaced by an old copy; what is beside it is not
    pub(crate) fn restore_database(&mut self, copy: &DiskCopy) {
        self.kept.database = copy.database.clone();
        self.was_tampered_with = true;
    }

    /// Everything is replaced by an old copy
    pub(crate) fn restore_all(&mut self, copy: &DiskCopy) {
        self.kept = copy.clone();
        self.was_tampered_with = true;
    }

    fn finish(&mut self, write: Write) -> Input<'static> {
        if !write.fits {
            self.is_whole = false;
            self.was_tampered_with = true;
            // What came after it may build on it.
            let last = self.writes.drain(..).next_back().map_or(write.ticket, |last| last.ticket);
            return Input::NotStored(last);
        }
        write.records.into_iter().for_each(|record| self.kept.database.apply(record));
        Input::Stored(write.ticket)
    }
}

#[cfg(test)]
mod tests {
    use lanchat_protocol::{HeardUpTo, Input, PeerKey};

    use super::*;

    const BOB: PeerKey = PeerKey::from_bytes([2; 32]);
    const LATENCY: Duration = Duration::from_millis(2);

    fn heard(upto: u64) -> Vec<Record> {
        vec![Record::Heard(HeardUpTo { from: BOB, epoch: 1, upto })]
    }

    fn remembered(disk: &mut Disk) -> Option<u64> {
        disk.open(0).1.heard.first().map(|heard| heard.upto)
    }

    #[test]
    fn what_comes_while_the_disk_writes_is_written_together() {
        let mut disk = Disk::new(LATENCY);
        disk.write(Time::ZERO, Ticket(1), heard(1));
        disk.write(Time::ZERO, Ticket(2), heard(2));
        disk.write(Time::from_millis(1), Ticket(3), heard(3));
        assert!(disk.handle_timeout(Time::from_millis(1)).is_none());
        assert!(matches!(disk.handle_timeout(Time::from_millis(2)), Some(Input::Stored(Ticket(1)))));
        assert_eq!(remembered(&mut disk), Some(1));
        for n in 2..=3 {
            let answer = disk.handle_timeout(Time::from_millis(4));
            assert!(matches!(answer, Some(Input::Stored(ticket)) if ticket == Ticket(n)));
        }
        assert_eq!(disk.poll_timeout(), None);
    }

    #[test]
    fn a_crash_leaves_the_first_of_what_was_being_written() {
        let mut left = [0; 4];
        for seed in 0..100 {
            let mut disk = Disk::new(LATENCY);
            (1..=3).for_each(|n| disk.write(Time::ZERO, Ticket(n), heard(n)));
            disk.crash(&mut Rng::with_seed(seed));
            left[usize::try_from(remembered(&mut disk).unwrap_or(0)).unwrap()] += 1;
        }
        assert!(left.iter().all(|count| *count > 0), "{left:?}");
    }

    #[test]
    fn what_does_not_fit_is_not_stored() {
        let mut disk = Disk::new(LATENCY);
        disk.fill(true);
        disk.write(Time::ZERO, Ticket(1), heard(1));
        assert!(matches!(disk.handle_timeout(Time::from_secs(1)), Some(Input::NotStored(Ticket(1)))));
        assert_eq!(remembered(&mut disk), None);
    }
}
