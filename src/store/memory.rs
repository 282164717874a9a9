//! What a node is to remember, read when it starts

use std::{fs, io, path::Path};

use lanchat_protocol::{
    HeardUpTo, KeptPeer, KeptWhisper, Memory, Name, OwnTip, PeerKey, Room, Text, WallTime, wire::EntryHash,
};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use tracing::warn;

use super::{
    apply, clock,
    error::{StoreError, Trouble, sensible},
    value::{Blob, Wide},
};
use crate::platform::files;

/// Notes that a node of this start is in the room, and reads the room's row and what the node is to remember
pub(super) fn begin(
    db: &mut Connection,
    directory: &Path,
    room: &Room,
    own: &KeptPeer,
) -> Result<(i64, Memory), Trouble> {
    let noted = note(directory, own.incarnation)?;
    let change = db.transaction()?;
    let oldest_epoch = take_over(&change, own, noted)?;
    let id = Blob(*room.id().as_bytes());
    change.execute(
        "INSERT OR IGNORE INTO rooms (id, name, lamport) VALUES (?1, ?2, ?3)",
        params![id, room.name().as_str(), Wide(0)],
    )?;
    let room = change.query_row("SELECT room FROM rooms WHERE id = ?1", [id], |row| row.get(0))?;
    change.execute(FORGET_LOST_TIP, [room])?;
    change.execute("UPDATE rooms SET is_open = TRUE WHERE room = ?1", [room])?;
    apply::keep_peer(&change, room, own, clock::wall())?;
    let memory = read(&change, room, own.key, oldest_epoch)?;
    change.commit()?;
    Ok((room, memory))
}

/// Whoever was in the room last did not leave it well: nobody knows how far the own log went
const FORGET_LOST_TIP: &str =
    "UPDATE rooms SET own_epoch = NULL, own_seq = NULL, own_hash = NULL WHERE room = ?1 AND is_open";

/// Writes beside the database which start was the latest to enter a room, and says which was before
///
/// A database that was put back from an old copy, or lost its end with the power, does not know of the latest.
fn note(directory: &Path, incarnation: u64) -> Result<Option<u64>, StoreError> {
    let path = directory.join(RUN);
    let before = match fs::read_to_string(&path) {
        Ok(number) => number.trim().parse().ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(StoreError::file(&path)(error)),
    };
    files::replace_private(directory, RUN, incarnation.to_string().as_bytes())
        .map_err(StoreError::file(&path))?;
    Ok(before)
}

const RUN: &str = "history.run";

/// The oldest own epoch that may be gone on with: this start's own, unless the database knows of the latest start
fn take_over(db: &Connection, own: &KeptPeer, noted: Option<u64>) -> rusqlite::Result<u64> {
    let last = db.query_row("SELECT own, incarnation, oldest_epoch FROM run", [], |row| {
        let (key, Wide(incarnation)) = (row.get::<_, Blob<32>>(0)?, row.get(1)?);
        let is_known = PeerKey::from(key) == own.key && noted == Some(incarnation);
        Ok(is_known.then_some(row.get::<_, Wide>(2)?.0))
    });
    let oldest_epoch = sensible(last.optional())?.flatten().flatten().unwrap_or(own.incarnation);
    db.execute(
        "INSERT INTO run (one, own, incarnation, is_clean, oldest_epoch) VALUES (1, ?1, ?2, FALSE, ?3)
         ON CONFLICT DO UPDATE SET own = excluded.own, incarnation = excluded.incarnation, is_clean = FALSE,
             oldest_epoch = excluded.oldest_epoch",
        params![Blob::from(&own.key), Wide(own.incarnation), Wide(oldest_epoch)],
    )?;
    Ok(oldest_epoch)
}

fn read(db: &Connection, room: i64, own: PeerKey, oldest_epoch: u64) -> rusqlite::Result<Memory> {
    let (lamport, tip) = db.query_row(
        "SELECT lamport, own_epoch, own_seq, own_hash FROM rooms WHERE room = ?1",
        [room],
        |row| Ok((row.get::<_, Wide>(0)?.0, sensible(tip(row))?.flatten())),
    )?;
    Ok(Memory {
        own: tip.filter(|tip| tip.epoch >= oldest_epoch),
        lamport,
        peers: all(db, PEERS, params![room, Blob::from(&own), MAX_PEERS], peer)?,
        outgoing: all(db, OUTGOING, [room], whisper)?,
        heard: all(db, HEARD, [room], |row| {
            let (from, epoch, upto) = place(row)?;
            Ok(Some(HeardUpTo { from, epoch, upto }))
        })?,
    })
}

/// As many as a node remembers
pub(super) const MAX_PEERS: usize = 4_096;

const PEERS: &str = "SELECT peer, name, incarnation FROM peers WHERE room = ?1 AND peer <> ?2
     ORDER BY peer IN (SELECT peer FROM acquaintances) DESC, heard_at DESC LIMIT ?3";
const OUTGOING: &str =
    "SELECT id, peer, epoch, seq, text, sent_at FROM whispers WHERE room = ?1 AND state = 1
     ORDER BY epoch, seq, whisper";
const HEARD: &str = "SELECT peer, epoch, upto FROM heard WHERE room = ?1";

/// All rows that make sense
pub(super) fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<Option<T>>,
) -> rusqlite::Result<Vec<T>> {
    let mut query = db.prepare(sql)?;
    let mut rows = query.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(Some(value)) => values.push(value),
            Ok(None) => warn!(sql, "a row makes no sense and is left out"),
            Err(error) => warn!(sql, %error, "a row makes no sense and is left out"),
        }
    }
    Ok(values)
}

fn tip(row: &Row<'_>) -> rusqlite::Result<Option<OwnTip>> {
    let (epoch, seq) = (row.get::<_, Option<Wide>>(1)?, row.get::<_, Option<Wide>>(2)?);
    let hash = row.get::<_, Option<Blob<32>>>(3)?;
    Ok(epoch.zip(seq).zip(hash).map(|((Wide(epoch), Wide(seq)), hash)| OwnTip {
        epoch,
        seq,
        hash: EntryHash::from_bytes(hash.0),
    }))
}

fn peer(row: &Row<'_>) -> rusqlite::Result<Option<KeptPeer>> {
    let (key, name, incarnation) = (row.get::<_, Blob<32>>(0)?, row.get::<_, String>(1)?, row.get(2)?);
    let Wide(incarnation) = incarnation;
    Ok(Name::new(&name).ok().map(|name| KeptPeer { key: key.into(), name, incarnation }))
}

fn whisper(row: &Row<'_>) -> rusqlite::Result<Option<KeptWhisper>> {
    let (Wide(epoch), Wide(seq), Wide(sent_at)) = (row.get(2)?, row.get(3)?, row.get(5)?);
    let Ok(text) = Text::new(&row.get::<_, String>(4)?) else { return Ok(None) };
    Ok(Some(KeptWhisper {
        id: row.get::<_, Blob<16>>(0)?.into(),
        to: row.get::<_, Blob<32>>(1)?.into(),
        epoch,
        seq,
        text,
        sent_at: WallTime::from_unix_millis(sent_at),
    }))
}

fn place(row: &Row<'_>) -> rusqlite::Result<(PeerKey, u64, u64)> {
    let (Wide(epoch), Wide(at)) = (row.get(1)?, row.get(2)?);
    Ok((row.get::<_, Blob<32>>(0)?.into(), epoch, at))
}
