//! What is too old or too much for the history goes, a little at a time

use lanchat_protocol::{Retention, WallTime};
use rusqlite::{Connection, Result, params};

use super::{memory::MAX_PEERS, value::Wide};

/// How many rows go at once: a moment's work, so that nothing that is said waits for it
const PORTION: usize = 200;

/// How many lines are kept for each entry: entries are for others, lines for the person here
const LINES_PER_ENTRY: usize = 10;

/// Removes a portion; `true` if there may be more
pub(super) fn prune(db: &mut Connection, room: i64, retention: &Retention, now: WallTime) -> Result<bool> {
    let age = u64::try_from(retention.age.as_millis()).unwrap_or(u64::MAX);
    let oldest = Wide(now.as_unix_millis().saturating_sub(age));
    let most = retention.entries.saturating_mul(LINES_PER_ENTRY);
    let change = db.transaction()?;
    let old_lines = change.execute(OLD_LINES, params![room, oldest, PORTION])?;
    let many_lines = change.execute(MANY_LINES, params![room, most, PORTION])?;
    let old_whispers = change.execute(OLD_WHISPERS, params![room, oldest, PORTION])?;
    let many_whispers = change.execute(MANY_WHISPERS, params![room, most, PORTION])?;
    let peers = change.execute(MANY_PEERS, params![room, 4 * MAX_PEERS, PORTION])?;
    change.commit()?;
    Ok([old_lines, many_lines, old_whispers, many_whispers, peers].contains(&PORTION))
}

const OLD_LINES: &str = "DELETE FROM lines WHERE line IN
     (SELECT line FROM lines WHERE room = ?1 AND sent_at < ?2 LIMIT ?3)";
const MANY_LINES: &str = "DELETE FROM lines WHERE line IN
     (SELECT line FROM lines WHERE room = ?1 ORDER BY lamport, author, epoch, seq, place
      LIMIT min(?3, max(0, (SELECT count(*) FROM lines WHERE room = ?1) - ?2)))";
const OLD_WHISPERS: &str = "DELETE FROM whispers WHERE whisper IN
     (SELECT whisper FROM whispers WHERE room = ?1 AND sent_at < ?2 AND state <> 1 LIMIT ?3)";
const MANY_WHISPERS: &str = "DELETE FROM whispers WHERE whisper IN
     (SELECT whisper FROM whispers WHERE room = ?1 AND state <> 1 ORDER BY lamport, whisper
      LIMIT min(?3, max(0, (SELECT count(*) FROM whispers WHERE room = ?1) - ?2)))";
const MANY_PEERS: &str = "DELETE FROM peers WHERE room = ?1 AND peer IN
     (SELECT peer FROM peers WHERE room = ?1 AND peer <> (SELECT own FROM run)
        AND peer NOT IN (SELECT author FROM lines WHERE room = ?1)
        AND peer NOT IN (SELECT peer FROM whispers WHERE room = ?1)
      ORDER BY heard_at LIMIT min(?3, max(0, (SELECT count(*) FROM peers WHERE room = ?1) - ?2)))";
