//! The thread that writes

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use lanchat_protocol::{KeptPeer, Memory, PeerKey, Record, Retention, Room, Ticket};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use tracing::warn;

use super::{
    Report, acquaintances,
    apply::Batch,
    chores::{Chores, LEISURE},
    clock::{self, Clock},
    error::Trouble,
    memory,
};
use crate::trust::Acquaintance;

/// Where a room's reports go, and how many failures each of them counts
pub(super) type Reports = UnboundedSender<(Report, u64)>;

/// What the thread is asked to do; rooms are numbered by their rows
#[derive(Debug)]
pub(super) enum Job {
    /// Note that somebody is in a room, and read what they are to remember
    Enter {
        /// Which
        room: Box<Room>,
        /// Who
        own: Box<KeptPeer>,
        /// Where reports go
        reports: Reports,
        /// Who waits for the answer
        entered: Sender<Result<(i64, Memory), Trouble>>,
    },
    /// Store these, all or none
    Store {
        /// In which room
        room: i64,
        /// What to report, if anybody waits for it
        ticket: Option<Ticket>,
        /// How many failures whoever hands this over knows of
        known_failures: u64,
        /// These
        records: Vec<Record>,
    },
    /// Keep what is held of somebody, or forget it
    Remember {
        /// Who hears of it if that fails
        room: i64,
        /// Of whom
        key: PeerKey,
        /// What
        who: Option<Acquaintance>,
    },
    /// Note that nothing of a room is missing, if all that was read made sense; with the last room the thread ends
    Close {
        /// Which
        room: i64,
        /// Whether it did
        is_sound: bool,
        /// Who waits for it
        closed: oneshot::Sender<()>,
    },
}

/// What the thread begins with: the database, and the room that was entered first
pub(super) struct Beginning {
    pub(super) db: Connection,
    pub(super) directory: PathBuf,
    pub(super) room: i64,
    pub(super) retention: Retention,
    pub(super) clock: Clock,
    pub(super) reports: Reports,
}

/// Starts the thread
pub(super) fn start(beginning: Beginning, jobs: Receiver<Job>) -> io::Result<()> {
    let Beginning { db, directory, room, retention, clock, reports } = beginning;
    let writer = Writer {
        db,
        directory,
        rooms: BTreeMap::from([(room, Entered { reports, failures: 0 })]),
        clock,
        started: Instant::now(),
        chores: Chores::new(retention),
        has_lost: false,
    };
    thread::Builder::new().name("store".to_owned()).spawn(move || writer.run(&jobs)).map(drop)
}

struct Writer {
    db: Connection,
    directory: PathBuf,
    /// The rooms that somebody is in
    rooms: BTreeMap<i64, Entered>,
    clock: Clock,
    started: Instant,
    chores: Chores,
    /// Whether something could not be stored, or seems damaged
    has_lost: bool,
}

#[derive(Debug)]
struct Entered {
    reports: Reports,
    failures: u64,
}

/// Jobs that share a transaction
#[derive(Debug, Default)]
struct Group {
    batches: BTreeMap<i64, Together>,
    acquaintances: Vec<(i64, PeerKey, Option<Acquaintance>)>,
    count: usize,
}

/// What is to be stored in one room
#[derive(Debug, Default)]
struct Together {
    greatest: Option<Ticket>,
    records: Vec<Record>,
}

/// How long chores may take at the end: whoever stays for a moment only, however often, has no leisure
const FAREWELL: Duration = Duration::from_millis(50);

/// How many records at most share a transaction, give or take one batch
const GROUP_RECORDS: usize = 4_096;

impl Writer {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Some(job) = self.next(jobs) {
            if let Some(closed) = self.work(job, jobs) {
                return self.close(closed);
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
    fn work(&mut self, first: Job, jobs: &Receiver<Job>) -> Option<oneshot::Sender<()>> {
        let mut group = Group::default();
        let mut next = Some(first);
        let mut after = None;
        while let Some(job) = next.take() {
            match job {
                // Whoever hands it over counts it as not stored once they hear of the failure.
                Job::Store { room, known_failures, .. }
                    if self.rooms.get(&room).is_none_or(|entered| known_failures < entered.failures) => {}
                Job::Store { room, ticket, records, .. } => group.add(room, ticket, records),
                Job::Remember { room, key, who } => group.acquaintances.push((room, key, who)),
                Job::Enter { .. } | Job::Close { .. } => after = Some(job),
            }
            if after.is_none() && group.count < GROUP_RECORDS {
                next = jobs.try_recv().ok();
            }
        }
        self.store(group);
        match after {
            Some(Job::Enter { room, own, reports, entered }) => {
                // Whoever waited may have given up.
                let _ = entered.send(self.enter(&room, &own, reports));
                None
            }
            Some(Job::Close { room, is_sound, closed }) => self.leave(room, is_sound, closed),
            Some(Job::Store { .. } | Job::Remember { .. }) | None => None,
        }
    }

    fn enter(&mut self, room: &Room, own: &KeptPeer, reports: Reports) -> Result<(i64, Memory), Trouble> {
        let begun = memory::begin(&mut self.db, &self.directory, room, own);
        match &begun {
            Ok((row, _)) => {
                self.rooms.insert(*row, Entered { reports, failures: 0 });
            }
            // The next start is to look at all of it.
            Err(Trouble::Damaged) => self.has_lost = true,
            Err(_) => {}
        }
        begun
    }

    fn store(&mut self, group: Group) {
        let Group { batches, acquaintances, count } = group;
        self.remember(acquaintances);
        if batches.is_empty() {
            return;
        }
        let outcome = self.write(&batches);
        self.chores.note(count);
        if let Err(error) = &outcome {
            warn!(%error, "the history cannot be written");
            self.has_lost = true;
        }
        for (room, together) in batches {
            let Some(ticket) = together.greatest else { continue };
            match &outcome {
                Ok(()) => self.report(room, Report::Stored(ticket)),
                Err(error) => {
                    if let Some(entered) = self.rooms.get_mut(&room) {
                        entered.failures += 1;
                    }
                    self.report(room, Report::NotStored { ticket, reason: error.to_string() });
                }
            }
        }
    }

    fn remember(&mut self, people: Vec<(i64, PeerKey, Option<Acquaintance>)>) {
        let rooms: BTreeMap<i64, ()> = people.iter().map(|(room, ..)| (*room, ())).collect();
        let people: Vec<_> = people.into_iter().map(|(_, key, who)| (key, who)).collect();
        if let Err(error) = acquaintances::write(&mut self.db, &people) {
            warn!(%error, "whom one knows or blocks cannot be written");
            for room in rooms.into_keys() {
                self.report(room, Report::NotRemembered { reason: error.to_string() });
            }
        }
    }

    fn report(&self, room: i64, report: Report) {
        if let Some(entered) = self.rooms.get(&room) {
            // Nobody listens any more once the room is left.
            let _ = entered.reports.send((report, entered.failures));
        }
    }

    fn write(&mut self, batches: &BTreeMap<i64, Together>) -> rusqlite::Result<()> {
        let kept_at = self.clock.stamp(clock::wall(), self.started.elapsed());
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (room, together) in batches {
            let mut batch = Batch::new(&change, *room, kept_at)?;
            for record in &together.records {
                batch.apply(record)?;
            }
            batch.finish()?;
        }
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

    /// Notes that a room was left; gives back who waits for the end, if it was the last one
    fn leave(
        &mut self,
        room: i64,
        is_sound: bool,
        closed: oneshot::Sender<()>,
    ) -> Option<oneshot::Sender<()>> {
        self.rooms.remove(&room);
        self.has_lost |= !is_sound;
        if !self.has_lost
            && let Err(error) = self.db.execute("UPDATE rooms SET is_open = FALSE WHERE room = ?1", [room])
        {
            warn!(%error, "the history of a room cannot be closed");
            self.has_lost = true;
        }
        if self.rooms.is_empty() {
            return Some(closed);
        }
        // Whoever waited may have given up.
        let _ = closed.send(());
        None
    }

    fn close(mut self, closed: oneshot::Sender<()>) {
        let start = Instant::now();
        while !self.has_lost && self.chores.are_left() && start.elapsed() < FAREWELL {
            self.do_chore();
        }
        if !self.has_lost {
            let noted = self.db.execute("UPDATE run SET is_clean = TRUE", []);
            if let Err(error) = noted {
                warn!(%error, "the history cannot be closed");
            }
            if let Err((_, error)) = self.db.close() {
                warn!(%error, "the history cannot be closed");
            }
        }
        let _ = closed.send(());
    }
}

impl Group {
    fn add(&mut self, room: i64, ticket: Option<Ticket>, records: Vec<Record>) {
        self.count += records.len();
        let together = self.batches.entry(room).or_default();
        together.greatest = together.greatest.max(ticket);
        together.records.extend(records);
    }
}
