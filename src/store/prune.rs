//! What is too old or too much for the history goes, a little at a time

use lanchat_protocol::{Retention, WallTime};
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::{
    memory::MAX_PEERS,
    value::{Blob, Wide},
};

/// How many rows go at once: a moment's work, so that nothing that is said waits for it
const PORTION: usize = 200;

/// How many lines are kept for each entry: entries are for others, lines for the person here
const LINES_PER_ENTRY: usize = 10;

/// Removes a portion from each room; `true` if there may be more
pub(super) fn prune(db: &mut Connection, retention: &Retention, now: WallTime) -> Result<bool> {
    let age = u64::try_from(retention.age.as_millis()).unwrap_or(u64::MAX);
    let oldest = Wide(now.as_unix_millis().saturating_sub(age));
    let most = retention.entries.saturating_mul(LINES_PER_ENTRY);
    let change = db.transaction()?;
    let mut is_more = false;
    for sql in [OLD_LINES, OLD_WHISPERS] {
        is_more |= change.execute(sql, params![oldest, PORTION])? == PORTION;
    }
    for room in rooms(&change)? {
        for (talkative, sql) in [(MOST_LINES, MANY_LINES), (MOST_WHISPERS, MANY_WHISPERS)] {
            let who = change.query_row(talkative, params![room, most], |row| Ok((row.get(0)?, row.get(1)?)));
            if let Some((who, excess)) = who.optional()? {
                let (who, excess): (Blob<32>, usize) = (who, excess);
                let removed = change.execute(sql, params![room, who, excess.min(PORTION)])?;
                is_more |= (1..excess).contains(&removed);
            }
        }
        is_more |= change.execute(MANY_PEERS, params![room, 4 * MAX_PEERS, PORTION])? == PORTION;
    }
    change.commit()?;
    Ok(is_more)
}

fn rooms(db: &Connection) -> Result<Vec<i64>> {
    db.prepare("SELECT room FROM rooms")?.query_map([], |row| row.get(0))?.collect()
}

/// Later rows were kept later
const OLD_LINES: &str = "DELETE FROM lines WHERE line IN
     (SELECT line FROM (SELECT line, kept_at FROM lines ORDER BY line LIMIT ?2) WHERE kept_at < ?1)";
const OLD_WHISPERS: &str = "DELETE FROM whispers WHERE whisper IN
     (SELECT whisper FROM whispers WHERE kept_at < ?1 AND state <> 1 LIMIT ?2)";

/// Whoever has most loses first, so that nobody drives out what others said by saying much
const MOST_LINES: &str = "SELECT author, total - ?2 FROM
     (SELECT author, count(*) AS said, sum(count(*)) OVER () AS total FROM lines WHERE room = ?1 GROUP BY author)
     WHERE total > ?2 ORDER BY said DESC LIMIT 1";
const MANY_LINES: &str = "DELETE FROM lines WHERE line IN
     (SELECT line FROM lines WHERE room = ?1 AND author = ?2 ORDER BY line LIMIT ?3)";
const MOST_WHISPERS: &str = "SELECT peer, total - ?2 FROM
     (SELECT peer, count(*) AS said, sum(count(*)) OVER () AS total FROM whispers
      WHERE room = ?1 AND state <> 1 GROUP BY peer)
     WHERE total > ?2 ORDER BY said DESC LIMIT 1";
const MANY_WHISPERS: &str = "DELETE FROM whispers WHERE whisper IN
     (SELECT whisper FROM whispers WHERE room = ?1 AND peer = ?2 AND state <> 1 ORDER BY whisper LIMIT ?3)";
const MANY_PEERS: &str = "DELETE FROM peers WHERE room = ?1 AND peer IN
     (SELECT peer FROM peers WHERE room = ?1 AND peer <> (SELECT own FROM run)
        AND peer NOT IN (SELECT author FROM lines WHERE room = ?1)
        AND peer NOT IN (SELECT author FROM arrivals WHERE room = ?1)
        AND peer NOT IN (SELECT peer FROM whispers WHERE room = ?1)
        AND peer NOT IN (SELECT peer FROM acquaintances)
      ORDER BY heard_at LIMIT min(?3, max(0, (SELECT count(*) FROM peers WHERE room = ?1) - ?2)))";
