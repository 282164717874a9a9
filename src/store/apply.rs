//! Records as rows; doing it twice changes nothing

use lanchat_protocol::{
    HeardUpTo, HeardWhisper, KeptEntry, KeptLine, KeptPeer, KeptWhisper, MessageId, PeerKey, Record, WallTime,
};
use rusqlite::{Connection, Params, Result, params};

use super::value::{Blob, Wide};

/// A whisper of somebody else's
pub(super) const HEARD: i64 = 0;
/// An own whisper that waits
pub(super) const WAITING: i64 = 1;
/// One that arrived
pub(super) const DELIVERED: i64 = 2;
/// One that was given up
pub(super) const EXPIRED: i64 = 3;

/// Does what a record says
pub(super) fn apply(db: &Connection, room: i64, record: &Record, now: WallTime) -> Result<()> {
    match record {
        Record::Entry(entry) => keep_entry(db, room, entry),
        Record::Said(entry) => keep_entry(db, room, entry).and_then(|()| keep_tip(db, room, entry)),
        Record::Line(line) => keep_line(db, room, line),
        Record::Forget { author, epoch, upto } => forget(db, room, author, *epoch, *upto),
        Record::Peer(peer) => keep_peer(db, room, peer, now),
        Record::Outgoing(whisper) => keep_outgoing(db, room, whisper),
        Record::Outcome { id, delivered } => keep_outcome(db, room, *id, *delivered),
        Record::Incoming(whisper) => keep_incoming(db, room, whisper),
        Record::Heard(heard) => keep_heard(db, room, heard),
    }
}

/// Keeps who somebody is
pub(super) fn keep_peer(db: &Connection, room: i64, peer: &KeptPeer, now: WallTime) -> Result<()> {
    execute(
        db,
        "INSERT INTO peers (room, peer, id, name, incarnation, heard_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET name = excluded.name, incarnation = max(incarnation, excluded.incarnation),
             heard_at = excluded.heard_at",
        params![
            room,
            Blob::from(&peer.key),
            Blob(peer.key.id().as_uuid().into_bytes()),
            peer.name.as_str(),
            Wide(peer.incarnation),
            Wide::from(now)
        ],
    )
}

fn keep_entry(db: &Connection, room: i64, entry: &KeptEntry) -> Result<()> {
    let (epoch, seq, lamport) = (Wide(entry.epoch), Wide(entry.seq), Wide(entry.lamport));
    let hash = Blob(*entry.hash.as_bytes());
    execute(
        db,
        "INSERT OR IGNORE INTO entries (room, author, epoch, seq, lamport, sent_at, hash, bytes, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            room,
            Blob::from(&entry.author),
            epoch,
            seq,
            lamport,
            Wide::from(entry.sent_at),
            hash,
            entry.signed.bytes(),
            Blob(*entry.signed.signature())
        ],
    )?;
    raise_lamport(db, room, lamport)
}

/// This node's log ends here now
fn keep_tip(db: &Connection, room: i64, entry: &KeptEntry) -> Result<()> {
    let (epoch, seq, hash) = (Wide(entry.epoch), Wide(entry.seq), Blob(*entry.hash.as_bytes()));
    execute(
        db,
        "UPDATE rooms SET own_epoch = ?2, own_seq = ?3, own_hash = ?4
         WHERE room = ?1 AND (own_epoch IS NOT ?2 OR own_seq < ?3)",
        params![room, epoch, seq, hash],
    )
}

fn keep_line(db: &Connection, room: i64, line: &KeptLine) -> Result<()> {
    execute(
        db,
        "INSERT OR IGNORE INTO lines (room, id, lamport, author, epoch, seq, place, sent_at, text)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            room,
            Blob::from(line.id),
            Wide(line.order.lamport),
            Blob::from(&line.order.author),
            Wide(line.order.epoch),
            Wide(line.order.seq),
            line.order.index,
            Wide::from(line.sent_at),
            line.text.as_str()
        ],
    )?;
    raise_lamport(db, room, Wide(line.order.lamport))
}

/// Nobody sends this node's clock to the end of time (PROTOCOL.md §7)
const MAX_LAMPORT_JUMP: i64 = 1 << 32;

fn raise_lamport(db: &Connection, room: i64, lamport: Wide) -> Result<()> {
    let sql = "UPDATE rooms SET lamport = ?2 WHERE room = ?1 AND lamport < ?2 AND ?2 - lamport <= ?3";
    execute(db, sql, params![room, lamport, MAX_LAMPORT_JUMP])
}

fn forget(db: &Connection, room: i64, author: &PeerKey, epoch: u64, upto: u64) -> Result<()> {
    execute(
        db,
        "DELETE FROM entries WHERE room = ?1 AND author = ?2 AND epoch = ?3 AND seq <= ?4",
        params![room, Blob::from(author), Wide(epoch), Wide(upto)],
    )
}

fn keep_outgoing(db: &Connection, room: i64, whisper: &KeptWhisper) -> Result<()> {
    execute(
        db,
        "INSERT OR IGNORE INTO whispers (room, id, lamport, peer, is_own, state, epoch, seq, sent_at, text)
         SELECT ?1, ?2, lamport, ?3, TRUE, ?4, ?5, ?6, ?7, ?8 FROM rooms WHERE room = ?1",
        params![
            room,
            Blob::from(whisper.id),
            Blob::from(&whisper.to),
            WAITING,
            Wide(whisper.epoch),
            Wide(whisper.seq),
            Wide::from(whisper.sent_at),
            whisper.text.as_str()
        ],
    )
}

fn keep_outcome(db: &Connection, room: i64, id: MessageId, delivered: bool) -> Result<()> {
    let state = if delivered { DELIVERED } else { EXPIRED };
    execute(
        db,
        "UPDATE whispers SET state = ?3 WHERE room = ?1 AND id = ?2 AND state = ?4",
        params![room, Blob::from(id), state, WAITING],
    )
}

fn keep_incoming(db: &Connection, room: i64, whisper: &HeardWhisper) -> Result<()> {
    execute(
        db,
        "INSERT OR IGNORE INTO whispers (room, id, lamport, peer, is_own, state, sent_at, text)
         SELECT ?1, ?2, lamport, ?3, FALSE, ?4, ?5, ?6 FROM rooms WHERE room = ?1",
        params![
            room,
            Blob::from(whisper.id),
            Blob::from(&whisper.from),
            HEARD,
            Wide::from(whisper.sent_at),
            whisper.text.as_str()
        ],
    )
}

fn keep_heard(db: &Connection, room: i64, heard: &HeardUpTo) -> Result<()> {
    execute(
        db,
        "INSERT INTO heard (room, peer, epoch, upto) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET upto = max(upto, excluded.upto)",
        params![room, Blob::from(&heard.from), Wide(heard.epoch), Wide(heard.upto)],
    )
}

fn execute(db: &Connection, sql: &str, params: impl Params) -> Result<()> {
    db.prepare_cached(sql)?.execute(params).map(drop)
}
