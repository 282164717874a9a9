//! What people do about lines, kept beside them and applied to those that are settled
//!
//! Of the edits of one author the one with the greatest place counts, a deletion is final and takes the text away, and it
//! does not matter what comes first: lines that settle later are changed as they do.

use lanchat_protocol::{Change, KeptChange, MessageId, Order, Reaction, Topic, WallTime};
use rusqlite::{Connection, Params, Result, params};

use super::value::{Blob, Wide};

/// An own line says something else
pub(super) const EDIT: i64 = 0;
/// An own line is to be forgotten
pub(super) const DELETION: i64 = 1;
/// Something is put under a line
pub(super) const REACTION: i64 = 2;

/// What is set of a line's marks once it was edited
pub(super) const EDITED: i64 = 1;
/// The same once it was deleted
pub(super) const DELETED: i64 = 2;

/// Keeps a change, and changes the line if that is here and its author's
pub(super) fn keep(db: &Connection, room: i64, kept: &KeptChange, kept_at: WallTime) -> Result<()> {
    let put = |target: MessageId, kind, reaction: &str, text: &str| {
        put(db, room, kept, kept_at, (target, kind, reaction, text))
    };
    match &kept.change {
        Change::Edit { target, text } => {
            put(*target, EDIT, "", text.as_str())?;
            change_line(db, room, *target, &kept.order)
        }
        Change::Delete { target } => {
            put(*target, DELETION, "", "")?;
            change_line(db, room, *target, &kept.order)
        }
        Change::React { target, with } => {
            put(*target, REACTION, with.as_ref().map_or("", Reaction::as_str), "")
        }
        Change::Topic(topic) => keep_topic(db, room, kept, kept_at, topic.as_ref()),
    }
}

fn put(
    db: &Connection,
    room: i64,
    kept: &KeptChange,
    kept_at: WallTime,
    (target, kind, reaction, text): (MessageId, i64, &str, &str),
) -> Result<()> {
    let Order { lamport, author, epoch, seq, index } = &kept.order;
    execute(
        db,
        "INSERT INTO changes (room, target, author, kind, reaction, lamport, epoch, seq, place, kept_at, text)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT DO UPDATE SET change = (SELECT max(change) + 1 FROM changes), kept_at = excluded.kept_at,
             lamport = excluded.lamport, epoch = excluded.epoch, seq = excluded.seq, place = excluded.place,
             text = excluded.text
         WHERE (excluded.lamport, excluded.epoch, excluded.seq, excluded.place) > (lamport, epoch, seq, place)",
        params![
            room,
            Blob::from(target),
            Blob::from(author),
            kind,
            reaction,
            Wide(*lamport),
            Wide(*epoch),
            Wide(*seq),
            index,
            Wide::from(kept_at),
            text
        ],
    )
}

/// Makes a line of this author what all that is kept of its changes makes it
fn change_line(db: &Connection, room: i64, target: MessageId, order: &Order) -> Result<()> {
    for sql in [FORGET_EDIT, DELETE_LINE, EDIT_LINE] {
        execute(db, sql, params![room, Blob::from(target), Blob::from(&order.author)])?;
    }
    Ok(())
}

const FORGET_EDIT: &str =
    "UPDATE changes SET text = '' WHERE room = ?1 AND target = ?2 AND author = ?3 AND kind = 0
     AND EXISTS (SELECT 1 FROM changes WHERE room = ?1 AND target = ?2 AND author = ?3 AND kind = 1)";
const DELETE_LINE: &str = "UPDATE lines SET text = '', marks = marks | 2
     WHERE room = ?1 AND id = ?2 AND author = ?3 AND NOT marks & 2
         AND EXISTS (SELECT 1 FROM changes WHERE room = ?1 AND target = ?2 AND author = ?3 AND kind = 1)";
const EDIT_LINE: &str = "UPDATE lines SET text = edit.text, marks = marks | 1
     FROM (SELECT text FROM changes WHERE room = ?1 AND target = ?2 AND author = ?3 AND kind = 0) AS edit
     WHERE room = ?1 AND id = ?2 AND author = ?3 AND NOT marks & 2";

/// Of several topics of one author the one with the greatest place stays
fn keep_topic(
    db: &Connection,
    room: i64,
    kept: &KeptChange,
    kept_at: WallTime,
    topic: Option<&Topic>,
) -> Result<()> {
    let Order { lamport, author, epoch, seq, index } = &kept.order;
    execute(
        db,
        "INSERT INTO topics (room, author, lamport, epoch, seq, place, sent_at, kept_at, text)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO UPDATE SET lamport = excluded.lamport, epoch = excluded.epoch, seq = excluded.seq,
             place = excluded.place, sent_at = excluded.sent_at, kept_at = excluded.kept_at, text = excluded.text
         WHERE (excluded.lamport, excluded.epoch, excluded.seq, excluded.place) > (lamport, epoch, seq, place)",
        params![
            room,
            Blob::from(author),
            Wide(*lamport),
            Wide(*epoch),
            Wide(*seq),
            index,
            Wide::from(kept.sent_at),
            Wide::from(kept_at),
            topic.map_or("", Topic::as_str)
        ],
    )
}

fn execute(db: &Connection, sql: &str, params: impl Params) -> Result<()> {
    db.prepare_cached(sql)?.execute(params).map(drop)
}
