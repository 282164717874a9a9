//! The thread that writes

use std::{
    io,
    sync::mpsc::{Receiver, TryRecvError},
    thread,
};

use lanchat_protocol::{Record, Retention, Ticket};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use tracing::warn;

use super::{Report, apply, memory::now, prune::prune};

/// What the thread is asked to do
#[derive(Debug)]
pub(super) enum Job {
    /// Store these, all or none
    Batch {
        /// What to report, if anybody waits for it
        ticket: Option<Ticket>,
        /// These
        records: Vec<Record>,
    },
    /// Note that nothing is missing, and end
    Close(oneshot::Sender<()>),
}

/// Starts the thread
pub(super) fn start(
    db: Connection,
    room: i64,
    retention: Retention,
    jobs: Receiver<Job>,
    reports: UnboundedSender<Report>,
) -> io::Result<()> {
    let writer = Writer { db, room, retention, reports, has_lost: false, since_pruned: 0, is_pruning: true };
    thread::Builder::new().name("store".to_owned()).spawn(move || writer.run(&jobs)).map(drop)
}

struct Writer {
    db: Connection,
    room: i64,
    retention: Retention,
    reports: UnboundedSender<Report>,
    /// Whether something could not be stored
    has_lost: bool,
    since_pruned: usize,
    is_pruning: bool,
}

/// How many records at most share a transaction, give or take one batch
const GROUP_RECORDS: usize = 4_096;

/// After how many records what is too old or too much is looked for again
const PRUNE_EVERY: usize = 10_000;

impl Writer {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Some(job) = self.next(jobs) {
            if let Some(closed) = self.work(job, jobs) {
                self.close();
                // Whoever waited may have given up.
                let _ = closed.send(());
                return;
            }
        }
    }

    /// The next job; tidies up while there is none
    fn next(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        while self.is_pruning {
            match jobs.try_recv() {
                Ok(job) => return Some(job),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => self.prune(),
            }
        }
        jobs.recv().ok()
    }

    /// Stores this batch and those that wait behind it; gives back whoever waits for the end
    fn work(&mut self, first: Job, jobs: &Receiver<Job>) -> Option<oneshot::Sender<()>> {
        let mut group = Vec::new();
        let mut greatest = None;
        let mut next = Some(first);
        let mut end = None;
        while let Some(job) = next.take() {
            match job {
                Job::Batch { ticket, records } => {
                    greatest = greatest.max(ticket);
                    group.extend(records);
                }
                Job::Close(closed) => end = Some(closed),
            }
            if end.is_none() && group.len() < GROUP_RECORDS {
                next = jobs.try_recv().ok();
            }
        }
        self.store(greatest, &group);
        end
    }

    fn store(&mut self, ticket: Option<Ticket>, records: &[Record]) {
        let outcome = self.write(records);
        if let Err(error) = &outcome {
            warn!(%error, "the history cannot be written");
            self.has_lost = true;
        }
        if let Some(ticket) = ticket {
            let report = match outcome {
                Ok(()) => Report::Stored(ticket),
                Err(error) => Report::NotStored { ticket, reason: error.to_string() },
            };
            // Nobody listens any more once the program ends.
            let _ = self.reports.send(report);
        }
        self.since_pruned += records.len();
        if self.since_pruned >= PRUNE_EVERY {
            self.since_pruned = 0;
            self.is_pruning = true;
        }
    }

    fn write(&mut self, records: &[Record]) -> rusqlite::Result<()> {
        let now = now();
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for record in records {
            apply::apply(&change, self.room, record, now)?;
        }
        change.commit()
    }

    fn prune(&mut self) {
        self.is_pruning = prune(&mut self.db, self.room, &self.retention, now()).unwrap_or_else(|error| {
            warn!(%error, "what is too old cannot be removed from the history");
            false
        });
    }

    fn close(self) {
        if self.has_lost {
            return;
        }
        let noted = self.db.execute("UPDATE run SET is_clean = TRUE", []);
        if let Err(error) = noted {
            warn!(%error, "the history cannot be closed");
        }
        if let Err((_, error)) = self.db.close() {
            warn!(%error, "the history cannot be closed");
        }
    }
}
