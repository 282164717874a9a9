//! What the store's thread does when nothing else is to be done

use std::time::Duration;

use lanchat_protocol::{Retention, WallTime};
use rusqlite::{Connection, Result};

use super::{arrivals::settle, prune::prune};

/// What is left to do, a little at a time
#[derive(Debug)]
pub(super) struct Chores {
    retention: Retention,
    is_settling: bool,
    is_pruning: bool,
    is_in_the_journal: bool,
    /// How many records came since all lines were settled, and since what is too old or too much was looked for
    unsettled: usize,
    unpruned: usize,
    /// How many are to be done before the next job
    owed: usize,
}

/// After how long a silence chores begin: in a lively talk they would be in its way
pub(super) const LEISURE: Duration = Duration::from_millis(300);

/// After how many records what is too old or too much is looked for again
const PRUNE_EVERY: usize = 10_000;

/// With so many records since, chores wait for leisure no more: whoever searches reads all lines that are not settled,
/// and somebody who never pauses must not fill the disk
const PRESSING: usize = 100_000;

/// For each so many records one chore is done then, so that no more comes in than is settled and goes
const RECORDS_PER_CHORE: usize = 100;

impl Chores {
    /// Those that the run before may have left
    pub(super) fn new(retention: Retention) -> Self {
        Self {
            retention,
            is_settling: true,
            is_pruning: true,
            is_in_the_journal: true,
            unsettled: 0,
            unpruned: 0,
            owed: 0,
        }
    }

    /// So many records were stored
    pub(super) fn note(&mut self, records: usize) {
        self.is_settling = true;
        self.is_in_the_journal = true;
        self.unsettled += records;
        self.unpruned += records;
        self.is_pruning |= self.unpruned >= PRUNE_EVERY;
        if self.unsettled >= PRESSING || self.unpruned >= PRESSING {
            self.owed = 1 + records / RECORDS_PER_CHORE;
        }
    }

    /// Whether there are any
    pub(super) fn are_left(&self) -> bool {
        self.is_settling || self.is_pruning || self.is_in_the_journal
    }

    /// Whether one is to be done before the next job
    pub(super) fn are_pressing(&self) -> bool {
        self.owed > 0 && (self.is_settling || self.is_pruning)
    }

    /// Does a moment's work; what fails is tried again after the next job
    pub(super) fn do_one(&mut self, db: &mut Connection, now: WallTime) -> Result<()> {
        let is_turn_of_pruning = self.is_pruning && self.owed % 2 == 1;
        self.owed = self.owed.saturating_sub(1);
        if self.is_settling && !is_turn_of_pruning {
            self.is_settling = false;
            self.is_settling = settle(db)?;
            if !self.is_settling {
                self.unsettled = 0;
            }
        } else if self.is_pruning {
            self.is_pruning = false;
            self.is_pruning = prune(db, &self.retention, now)?;
            if !self.is_pruning {
                self.unpruned = 0;
            }
        } else {
            self.is_in_the_journal = false;
            db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}
