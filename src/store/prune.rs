//! What is too old or too much for the history goes, a little at a time

use lanchat_protocol::{Retention, WallTime};
use rusqlite::{Connection, Result, params};

use super::{
    memory::MAX_PEERS,
    value::{Blob, Wide},
};

/// How many rows go at once: a moment's work, so that nothing that is said waits for it
const PORTION: usize = 200;

/// How many lines are kept for each entry: entries are for others, lines for the person here
const LINES_PER_ENTRY: usize = 10;

/// Of how many people the topic that they set is kept in each room, lest who is blocked drives out all others
pub(super) const MAX_TOPICS: usize = 256;

/// Removes a portion from each room; `true` if there may be more
pub(super) fn prune(db: &mut Connection, retention: &Retention, now: WallTime) -> Result<bool> {
    let age = u64::try_from(retention.age.as_millis()).unwrap_or(u64::MAX);
    let oldest = Wide(now.as_unix_millis().saturating_sub(age));
    let most = retention.entries.saturating_mul(LINES_PER_ENTRY);
    let change = db.transaction()?;
    let mut is_more = false;
    for sql in [OLD_LINES, OLD_WHISPERS, OLD_CHANGES, OLD_TOPICS] {
        is_more |= change.execute(sql, params![oldest, PORTION])? == PORTION;
    }
    for room in rooms(&change)? {
        is_more |= LINES.thin_out(&change, room, most)?;
        is_more |= WHISPERS.thin_out(&change, room, most)?;
        is_more |= CHANGES.thin_out(&change, room, most)?;
        is_more |= change.execute(MANY_TOPICS, params![room, MAX_TOPICS, PORTION])? == PORTION;
        is_more |= change.execute(MANY_PEERS, params![room, 4 * MAX_PEERS, PORTION])? == PORTION;
    }
    change.commit()?;
    Ok(is_more)
}

/// Queries of a table in which everybody has a share
struct Shares {
    total: &'static str,
    greatest: &'static str,
    oldest: &'static str,
}

impl Shares {
    /// Removes a portion of what is too much; `true` if there is more
    ///
    /// Whoever has most loses first, so that nobody drives out what others said by saying much.
    fn thin_out(&self, db: &Connection, room: i64, most: usize) -> Result<bool> {
        let total: usize = db.query_row(self.total, [room], |row| row.get(0))?;
        let excess = total.saturating_sub(most);
        if excess == 0 {
            return Ok(false);
        }
        let mut greatest = db.prepare(self.greatest)?;
        let greatest = greatest.query_map(params![room, PORTION], |row| Ok((row.get(0)?, row.get(1)?, 0)))?;
        let mut shares: Vec<(Blob<32>, usize, usize)> = greatest.collect::<Result<_>>()?;
        for _ in 0..excess.min(PORTION) {
            let Some((_, has, loses)) = shares.iter_mut().max_by_key(|(_, has, _)| *has) else { break };
            (*has, *loses) = (has.saturating_sub(1), *loses + 1);
        }
        let mut remove = db.prepare(self.oldest)?;
        for (who, _, loses) in shares.into_iter().filter(|(.., loses)| *loses > 0) {
            remove.execute(params![room, who, loses])?;
        }
        Ok(excess > PORTION)
    }
}

fn rooms(db: &Connection) -> Result<Vec<i64>> {
    db.prepare("SELECT room FROM rooms")?.query_map([], |row| row.get(0))?.collect()
}

/// Later rows were kept later
const OLD_LINES: &str = "DELETE FROM lines WHERE line IN
     (SELECT line FROM (SELECT line, kept_at FROM lines ORDER BY line LIMIT ?2) WHERE kept_at < ?1)";
const OLD_WHISPERS: &str = "DELETE FROM whispers WHERE whisper IN
     (SELECT whisper FROM whispers WHERE kept_at < ?1 AND state <> 1 LIMIT ?2)";
const OLD_CHANGES: &str = "DELETE FROM changes WHERE change IN
     (SELECT change FROM (SELECT change, kept_at FROM changes ORDER BY change LIMIT ?2) WHERE kept_at < ?1)";

const OLD_TOPICS: &str = "DELETE FROM topics WHERE (room, author) IN
     (SELECT room, author FROM topics WHERE kept_at < ?1 LIMIT ?2)";

const LINES: Shares = Shares {
    total: "SELECT count(*) FROM lines WHERE room = ?1",
    greatest: "SELECT author, count(*) AS said FROM lines WHERE room = ?1 GROUP BY author ORDER BY said DESC LIMIT ?2",
    oldest: "DELETE FROM lines WHERE line IN
         (SELECT line FROM lines WHERE room = ?1 AND author = ?2 ORDER BY line LIMIT ?3)",
};
const WHISPERS: Shares = Shares {
    total: "SELECT count(*) FROM whispers WHERE room = ?1 AND state <> 1",
    greatest: "SELECT peer, count(*) AS said FROM whispers WHERE room = ?1 AND state <> 1
         GROUP BY peer ORDER BY said DESC LIMIT ?2",
    oldest: "DELETE FROM whispers WHERE whisper IN
         (SELECT whisper FROM whispers WHERE room = ?1 AND peer = ?2 AND state <> 1 ORDER BY whisper LIMIT ?3)",
};
const CHANGES: Shares = Shares {
    total: "SELECT count(*) FROM changes WHERE room = ?1",
    greatest: "SELECT author, count(*) AS said FROM changes WHERE room = ?1 GROUP BY author ORDER BY said DESC LIMIT ?2",
    oldest: "DELETE FROM changes WHERE change IN
         (SELECT change FROM changes WHERE room = ?1 AND author = ?2 ORDER BY change LIMIT ?3)",
};
/// Those that count least
const MANY_TOPICS: &str = "DELETE FROM topics WHERE room = ?1 AND author IN
     (SELECT author FROM topics WHERE room = ?1 ORDER BY lamport, author, epoch, seq, place
      LIMIT min(?3, max(0, (SELECT count(*) FROM topics WHERE room = ?1) - ?2)))";
const MANY_PEERS: &str = "DELETE FROM peers WHERE room = ?1 AND peer IN
     (SELECT peer FROM peers WHERE room = ?1 AND peer <> (SELECT own FROM run)
        AND peer NOT IN (SELECT author FROM lines WHERE room = ?1)
        AND peer NOT IN (SELECT author FROM arrivals WHERE room = ?1)
        AND peer NOT IN (SELECT author FROM changes WHERE room = ?1)
        AND peer NOT IN (SELECT author FROM topics WHERE room = ?1)
        AND peer NOT IN (SELECT peer FROM whispers WHERE room = ?1)
        AND peer NOT IN (SELECT peer FROM acquaintances)
      ORDER BY heard_at LIMIT min(?3, max(0, (SELECT count(*) FROM peers WHERE room = ?1) - ?2)))";
