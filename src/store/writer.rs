//! The thread that writes

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use lanchat_protocol::{PeerKey, Record, Retention, Ticket};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use tracing::warn;

use super::{
    Report, acquaintances,
    apply::Batch,
    chores::{Chores, LEISURE},
    clock::{self, Clock},
};
use crate::trust::Acquaintance;

/// What the thread is asked to do
#[derive(Debug)]
pub(super) enum Job {
    /// Store these, all or none
    Store {
        /// What to report, if anybody waits for it
        ticket: Option<Ticket>,
        /// How many failures whoever hands this over knows of
        known_failures: u64,
        /// These
        records: Vec<Record>,
    },
    /// Keep what is held of somebody, or forget it
    Remember {
        /// Of whom
        key: PeerKey,
        /// What
        who: Option<Acquaintance>,
    },
    /// Note that nothing is missing, if all that was read made sense, and end
    Close {
        /// Whether it did
        is_sound: bool,
        /// Who waits for it
        closed: oneshot::Sender<()>,
    },
}

/// Starts the thread
pub(super) fn start(
    db: Connection,
    room: i64,
    retention: Retention,
    clock: Clock,
    jobs: Receiver<Job>,
    reports: UnboundedSender<(Report, u64)>,
) -> io::Result<()> {
    let writer = Writer {
        db,
        room,
        clock,
        started: Instant::now(),
        chores: Chores::new(retention),
        reports,
        failures: 0,
        has_lost: false,
    };
    thread::Builder::new().name("store".to_owned()).spawn(move || writer.run(&jobs)).map(drop)
}

struct Writer {
    db: Connection,
    room: i64,
    clock: Clock,
    started: Instant,
    chores: Chores,
    reports: UnboundedSender<(Report, u64)>,
    failures: u64,
    /// Whether something could not be stored, or seems damaged
    has_lost: bool,
}

/// Jobs that share a transaction
#[derive(Debug, Default)]
struct Group {
    greatest: Option<Ticket>,
    records: Vec<Record>,
    acquaintances: Vec<(PeerKey, Option<Acquaintance>)>,
}

/// How long chores may take at the end: whoever stays for a moment only, however often, has no leisure
const FAREWELL: Duration = Duration::from_millis(50);

/// How many records at most share a transaction, give or take one batch
const GROUP_RECORDS: usize = 4_096;

impl Writer {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Some(job) = self.next(jobs) {
            if let Some(end) = self.work(job, jobs) {
                return self.close(end);
            }
            while self.chores.are_pressing() {
                self.do_chore();
            }
        }
    }

    /// The next job; does chores while there is none
    fn next(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        let mut patience = LEISURE;
        while self.chores.are_left() {
            match jobs.recv_timeout(patience) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.do_chore(),
            }
            patience = Duration::ZERO;
        }
        jobs.recv().ok()
    }

    /// Stores this batch and those that wait behind it; gives back how to end, if that was asked for
    fn work(&mut self, first: Job, jobs: &Receiver<Job>) -> Option<End> {
        let mut group = Group::default();
        let mut next = Some(first);
        let mut end = None;
        while let Some(job) = next.take() {
            match job {
                // Whoever hands it over counts it as not stored once they hear of the failure.
                Job::Store { known_failures, .. } if known_failures < self.failures => {}
                Job::Store { ticket, records, .. } => {
                    group.greatest = group.greatest.max(ticket);
                    group.records.extend(records);
                }
                Job::Remember { key, who } => group.acquaintances.push((key, who)),
                Job::Close { is_sound, closed } => end = Some(End { is_sound, closed }),
            }
            if end.is_none() && group.records.len() < GROUP_RECORDS {
                next = jobs.try_recv().ok();
            }
        }
        self.store(group);
        end
    }

    fn store(&mut self, group: Group) {
        let Group { greatest, records, acquaintances } = group;
        self.remember(&acquaintances);
        if records.is_empty() && greatest.is_none() {
            return;
        }
        let outcome = self.write(&records);
        self.chores.note(records.len());
        if let Err(error) = &outcome {
            warn!(%error, "the history cannot be written");
            self.has_lost = true;
            self.failures += u64::from(greatest.is_some());
        }
        match (greatest, outcome) {
            (Some(ticket), Ok(())) => self.report(Report::Stored(ticket)),
            (Some(ticket), Err(error)) => {
                self.report(Report::NotStored { ticket, reason: error.to_string() });
            }
            (None, _) => {}
        }
    }

    fn remember(&mut self, people: &[(PeerKey, Option<Acquaintance>)]) {
        if let Err(error) = acquaintances::write(&mut self.db, people) {
            warn!(%error, "whom one knows or blocks cannot be written");
            self.report(Report::NotRemembered { reason: error.to_string() });
        }
    }

    fn report(&self, report: Report) {
        // Nobody listens any more once the program ends.
        let _ = self.reports.send((report, self.failures));
    }

    fn write(&mut self, records: &[Record]) -> rusqlite::Result<()> {
        let kept_at = self.clock.stamp(clock::wall(), self.started.elapsed());
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut batch = Batch::new(&change, self.room, kept_at)?;
        for record in records {
            batch.apply(record)?;
        }
        batch.finish()?;
        self.clock.note(&change)?;
        change.commit()
    }

    fn do_chore(&mut self) {
        let now = self.clock.read(clock::wall(), self.started.elapsed());
        if let Err(error) = self.chores.do_one(&mut self.db, now) {
            warn!(%error, "the history cannot be tidied up");
            self.has_lost = true;
        }
    }

    fn close(mut self, end: End) {
        let start = Instant::now();
        while !self.has_lost && self.chores.are_left() && start.elapsed() < FAREWELL {
            self.do_chore();
        }
        if end.is_sound && !self.has_lost {
            let noted = self.db.execute("UPDATE run SET is_clean = TRUE", []);
            if let Err(error) = noted {
                warn!(%error, "the history cannot be closed");
            }
            if let Err((_, error)) = self.db.close() {
                warn!(%error, "the history cannot be closed");
            }
        }
        // Whoever waited may have given up.
        let _ = end.closed.send(());
    }
}

#[derive(Debug)]
struct End {
    is_sound: bool,
    closed: oneshot::Sender<()>,
}
