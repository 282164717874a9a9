//! What is kept over restarts: one SQLite file a profile
//!
//! A thread of its own writes, so that the disk never holds up the node; batches that wait together share a
//! transaction. Others read beside it through connections of their own, in this process or another.

mod acquaintances;
mod apply;
mod arrivals;
mod changes;
mod chores;
mod clock;
mod error;
mod file;
mod history;
mod memory;
mod prune;
mod schema;
#[cfg(test)]
mod tests;
mod value;
mod writer;

use std::path::{Path, PathBuf};

use lanchat_protocol::{KeptEntry, KeptPeer, Memory, Name, PeerKey, Record, Retention, Room, Ticket};
use tokio::sync::{mpsc, oneshot};

pub use self::{
    acquaintances::acquaintances,
    error::StoreError,
    history::{About, Fate, History, Kind, Person, Query, Quote, Reacted, Said, Topic},
};
use self::{clock::Clock, error::Trouble, writer::Job};
use crate::trust::Acquaintance;

/// The store of one profile, for one room, in use by this process
#[derive(Debug)]
pub struct Store {
    jobs: std::sync::mpsc::Sender<Job>,
    reports: mpsc::UnboundedReceiver<(Report, u64)>,
    refused: mpsc::UnboundedSender<(Report, u64)>,
    /// Of how many failures it was told
    known_failures: u64,
    /// The last batch that was handed over
    latest: Ticket,
    own: KeptPeer,
    history: History,
}

/// A store and what it remembers
#[derive(Debug)]
pub struct Opened {
    /// The store
    pub store: Store,
    /// What the node is to remember; [`Store::entries`] has the rest
    pub memory: Memory,
    /// Where a file is now that was no usable store; this one began anew
    pub moved_aside: Option<PathBuf>,
    /// What the person of this profile holds of others, in whatever room
    pub acquaintances: Vec<(PeerKey, Acquaintance)>,
}

/// What became of batches
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// All up to this one are stored
    Stored(Ticket),
    /// Those up to this one that were not stored cannot be
    NotStored {
        /// The greatest of them
        ticket: Ticket,
        /// Why
        reason: String,
    },
    /// What is held of somebody could not be stored
    NotRemembered {
        /// Why
        reason: String,
    },
}

impl Store {
    /// Opens the store in a profile's directory, which must be locked by the caller, and makes it if it is new
    ///
    /// # Errors
    /// When the file is of a newer version or cannot be used. One that is no store, or is damaged, is moved aside.
    pub fn open(
        directory: &Path,
        room: &Room,
        own: KeptPeer,
        retention: Retention,
    ) -> Result<Opened, StoreError> {
        let path = directory.join(file::NAME);
        let begin = || {
            let mut db = file::open(&path)?;
            let (row, memory) = memory::begin(&mut db, directory, room, &own)?;
            let clock = Clock::resume(&db, retention.age, clock::wall())?;
            let acquaintances = acquaintances::read(&db)?;
            Ok((db, row, memory, clock, acquaintances))
        };
        let (begun, moved_aside) = match begin() {
            Err(Trouble::Damaged) => {
                let aside = file::move_aside(&path)?;
                (begin(), Some(aside))
            }
            begun => (begun, None),
        };
        let (db, row, memory, clock, acquaintances) = begun.map_err(|trouble: Trouble| trouble.at(&path))?;
        let history = History::open(directory, room)?.ok_or_else(|| StoreError::damaged(&path))?;
        let (jobs, queue) = std::sync::mpsc::channel();
        let (refused, reports) = mpsc::unbounded_channel();
        writer::start(db, row, retention, clock, queue, refused.clone()).map_err(StoreError::Thread)?;
        Ok(Opened {
            store: Self { jobs, reports, refused, known_failures: 0, latest: Ticket(0), own, history },
            memory,
            moved_aside,
            acquaintances,
        })
    }

    /// The log entries of the room, in portions
    pub fn entries(&self) -> impl Iterator<Item = Vec<KeptEntry>> {
        self.history.entries()
    }

    /// Has a batch stored after all that were handed over before; [`Self::report`] tells what became of it
    ///
    /// Where one cannot be stored, those that are handed over before that is told are not, either: they go on from it.
    pub fn store(&mut self, ticket: Ticket, records: Vec<Record>) {
        self.latest = ticket;
        let known_failures = self.known_failures;
        if self.jobs.send(Job::Store { ticket: Some(ticket), known_failures, records }).is_err() {
            let reason = "the thread that writes the store has ended".to_owned();
            let _ = self.refused.send((Report::NotStored { ticket, reason }, known_failures));
        }
    }

    /// Keeps what the person of this profile is called now
    pub fn rename(&self, name: Name) {
        let own = KeptPeer { name, ..self.own.clone() };
        // It follows nothing that may be missing.
        let known_failures = u64::MAX;
        let _ = self.jobs.send(Job::Store { ticket: None, known_failures, records: vec![Record::Peer(own)] });
    }

    /// Keeps what is held of somebody, or forgets it
    pub fn remember(&self, key: PeerKey, who: Option<Acquaintance>) {
        if self.jobs.send(Job::Remember { key, who }).is_err() {
            let reason = "the thread that writes the store has ended".to_owned();
            let _ = self.refused.send((Report::NotRemembered { reason }, self.known_failures));
        }
    }

    /// What became of batches, as it happens; cancel-safe
    pub async fn report(&mut self) -> Report {
        match self.reports.recv().await {
            Some((report, failures)) => {
                self.known_failures = failures;
                match report {
                    // In one go: what is handed over from here on does not follow them any more.
                    Report::NotStored { reason, .. } => Report::NotStored { ticket: self.latest, reason },
                    other @ (Report::Stored(_) | Report::NotRemembered { .. }) => other,
                }
            }
            None => std::future::pending().await,
        }
    }

    /// What was said in the room
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Stores what waits and notes that nothing is missing
    pub async fn close(self) {
        let Self { jobs, history, .. } = self;
        let is_sound = !history.is_damaged();
        drop(history);
        let (closed, done) = oneshot::channel();
        if jobs.send(Job::Close { is_sound, closed }).is_ok() {
            // Without an answer the next run finds out by itself that this one was not closed.
            let _ = done.await;
        }
    }
}
