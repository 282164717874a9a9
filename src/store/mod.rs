//! What is kept over restarts: one SQLite file a profile, for all rooms that its person is in
//!
//! A thread of its own writes, so that the disk never holds up the nodes; batches that wait together share a
//! transaction, of whatever room. Others read beside it through connections of their own, in this process or another.

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

use std::{
    io,
    path::{Path, PathBuf},
};

use lanchat_protocol::{KeptEntry, KeptPeer, Memory, Name, PeerKey, Record, Retention, Room, Ticket};
use tokio::sync::{mpsc, oneshot};

pub use self::{
    acquaintances::acquaintances,
    error::StoreError,
    history::{
        About, Correspondent, Fate, History, Kind, Named, Person, Query, Quote, Reacted, Said, Topic,
        correspondents, whispers_with,
    },
};
use self::{
    clock::Clock,
    error::Trouble,
    writer::{Beginning, Job},
};
use crate::trust::Acquaintance;

/// The store of one profile, for one room that somebody is in
#[derive(Debug)]
pub struct Store {
    shelves: Shelves,
    /// The row of the room
    room: i64,
    reports: mpsc::UnboundedReceiver<(Report, u64)>,
    refused: mpsc::UnboundedSender<(Report, u64)>,
    /// Of how many failures it was told
    known_failures: u64,
    /// The last batch that was handed over
    latest: Ticket,
    own: KeptPeer,
    history: History,
}

/// The same for further rooms, as long as somebody is in one
#[derive(Clone, Debug)]
pub struct Shelves {
    jobs: std::sync::mpsc::Sender<Job>,
    directory: PathBuf,
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

impl Shelves {
    /// The store for a further room; waits for the disk, which may be slow
    ///
    /// # Errors
    /// When the file cannot be used any more
    pub fn enter(&self, room: &Room, own: KeptPeer) -> Result<(Store, Memory), StoreError> {
        let path = self.directory.join(file::NAME);
        let (refused, reports) = mpsc::unbounded_channel();
        let (entered, answer) = std::sync::mpsc::channel();
        let (to_enter, who) = (Box::new(room.clone()), Box::new(own.clone()));
        let ended = || StoreError::Thread(io::ErrorKind::BrokenPipe.into());
        self.jobs
            .send(Job::Enter { room: to_enter, own: who, reports: refused.clone(), entered })
            .map_err(|_| ended())?;
        let begun = answer.recv().map_err(|_| ended())?;
        let (row, memory) = begun.map_err(|trouble| trouble.at(&path))?;
        let history = History::open(&self.directory, room)?.ok_or_else(|| StoreError::damaged(&path))?;
        let shelves = self.clone();
        let store = Store {
            shelves,
            room: row,
            reports,
            refused,
            known_failures: 0,
            latest: Ticket(0),
            own,
            history,
        };
        Ok((store, memory))
    }
}

impl Store {
    /// Opens the store in a profile's directory, which must be locked by the caller, and makes it if it is new
    ///
    /// [`Store::shelves`] is for further rooms.
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
        let directory = directory.to_owned();
        let shelves = Shelves { jobs, directory: directory.clone() };
        let beginning = Beginning { db, directory, room: row, retention, clock, reports: refused.clone() };
        writer::start(beginning, queue).map_err(StoreError::Thread)?;
        let store =
            Self { shelves, room: row, reports, refused, known_failures: 0, latest: Ticket(0), own, history };
        Ok(Opened { store, memory, moved_aside, acquaintances })
    }

    /// The store for further rooms
    pub fn shelves(&self) -> Shelves {
        self.shelves.clone()
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
        if self.hand_over(Some(ticket), known_failures, records).is_err() {
            let reason = "the thread that writes the store has ended".to_owned();
            let _ = self.refused.send((Report::NotStored { ticket, reason }, known_failures));
        }
    }

    /// Keeps what the person of this profile is called now
    pub fn rename(&self, name: Name) {
        let own = KeptPeer { name, ..self.own.clone() };
        // It follows nothing that may be missing.
        let known_failures = u64::MAX;
        let _ = self.hand_over(None, known_failures, vec![Record::Peer(own)]);
    }

    /// Keeps what is held of somebody, or forgets it
    pub fn remember(&self, key: PeerKey, who: Option<Acquaintance>) {
        if self.shelves.jobs.send(Job::Remember { room: self.room, key, who }).is_err() {
            let reason = "the thread that writes the store has ended".to_owned();
            let _ = self.refused.send((Report::NotRemembered { reason }, self.known_failures));
        }
    }

    fn hand_over(
        &self,
        ticket: Option<Ticket>,
        known_failures: u64,
        records: Vec<Record>,
    ) -> Result<(), std::sync::mpsc::SendError<Job>> {
        self.shelves.jobs.send(Job::Store { room: self.room, ticket, known_failures, records })
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

    /// Stores what waits and notes that nothing of this room is missing; other rooms go on
    pub async fn close(self) {
        let Self { shelves: Shelves { jobs, .. }, room, history, .. } = self;
        let is_sound = !history.is_damaged();
        drop(history);
        let (closed, done) = oneshot::channel();
        if jobs.send(Job::Close { room, is_sound, closed }).is_ok() {
            // Without an answer the next run finds out by itself that this one was not closed.
            let _ = done.await;
        }
    }
}
