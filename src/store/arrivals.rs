//! Lines are put down as they come, many to a row, and put in order and indexed when there is time

use lanchat_protocol::{KeptLine, WallTime};
use rusqlite::{Connection, Result, TransactionBehavior, params};
use uuid::fmt::Simple;

use super::value::{Blob, Wide};

/// Lines of one author that came one after the other, on their way to a row
#[derive(Debug, Default)]
pub(super) struct Arrivals<'a>(Vec<&'a KeptLine>);

/// How many share a row, which is settled as a whole
const LINES_PER_ROW: usize = 100;

/// How many lines or rows are settled at once: a moment's work, so that nothing that is said waits for it
const PORTION: usize = 100;

impl<'a> Arrivals<'a> {
    /// Whether this line can be in the same row
    pub(super) fn has_room_for(&self, line: &KeptLine) -> bool {
        let log = |line: &KeptLine| (line.order.author, line.order.epoch);
        self.0.len() < LINES_PER_ROW && self.0.first().is_none_or(|first| log(first) == log(line))
    }

    pub(super) fn push(&mut self, line: &'a KeptLine) {
        self.0.push(line);
    }

    /// Makes a row of them
    pub(super) fn put_down(&mut self, db: &Connection, room: i64, kept_at: WallTime) -> Result<()> {
        let Some(first) = self.0.first() else { return Ok(()) };
        let (author, epoch) = (Blob::from(&first.order.author), Wide(first.order.epoch));
        let lines: Vec<_> = self.0.drain(..).map(columns).collect();
        let lines = serde_json::to_string(&lines)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let sql = "INSERT INTO arrivals (room, author, epoch, kept_at, lines) VALUES (?1, ?2, ?3, ?4, ?5)";
        db.prepare_cached(sql)?.execute(params![room, author, epoch, Wide::from(kept_at), lines]).map(drop)
    }
}

/// As the view `arriving` has them
fn columns(line: &KeptLine) -> Columns<'_> {
    let KeptLine { id, order, text, sent_at, reply_to } = line;
    let (lamport, seq, sent_at) = (Wide(order.lamport), Wide(order.seq), Wide::from(*sent_at));
    let reply_to = reply_to.map(|id| id.as_uuid().simple());
    let id = id.as_uuid().simple();
    (id, lamport.signed(), seq.signed(), order.index, sent_at.signed(), text.as_str(), reply_to)
}

type Columns<'a> = (Simple, i64, i64, u32, i64, &'a str, Option<Simple>);

/// Moves those that came first to where they stay; `true` if there may be more
pub(super) fn settle(db: &mut Connection) -> Result<bool> {
    // What begins by reading is refused at once where somebody else writes, instead of waiting for them.
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (mut rows, mut lines, mut is_more) = (0, 0, true);
    // Where many talk, each line has a row of its own.
    while is_more && rows < PORTION && lines < PORTION {
        lines += change.prepare_cached(SETTLE)?.execute([])?;
        is_more = change.prepare_cached(REMOVE)?.execute([])? > 0;
        rows += 1;
    }
    change.commit()?;
    Ok(is_more)
}

const SETTLE: &str = "INSERT OR IGNORE INTO lines
         (room, id, lamport, author, epoch, seq, place, sent_at, kept_at, text, marks, reply_to)
     SELECT room, id, lamport, author, epoch, seq, place, sent_at, kept_at, text, marks, reply_to
     FROM arriving WHERE arrival = (SELECT min(arrival) FROM arrivals)";
const REMOVE: &str = "DELETE FROM arrivals WHERE arrival = (SELECT min(arrival) FROM arrivals)";
