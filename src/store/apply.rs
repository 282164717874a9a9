//! Records as rows; doing it twice changes nothing

use lanchat_protocol::{
    HeardUpTo, HeardWhisper, KeptChange, KeptEntry, KeptLine, KeptPeer, KeptWhisper, MessageId, PeerKey,
    Record, WallTime,
};
use rusqlite::{Connection, Params, Result, params};

use super::{
    arrivals::Arrivals,
    changes,
    value::{Blob, Wide},
};

/// A whisper of somebody else's
pub(super) const HEARD: i64 = 0;
/// An own whisper that waits
pub(super) const WAITING: i64 = 1;
/// One that arrived
pub(super) const DELIVERED: i64 = 2;
/// One that was given up
pub(super) const EXPIRED: i64 = 3;

/// Records that are stored together, in a transaction of the caller's
#[derive(Debug)]
pub(super) struct Batch<'a> {
    db: &'a Connection,
    room: i64,
    kept_at: WallTime,
    /// The room's lamport clock, as it is in the database and as it will be
    lamport: (u64, u64),
    arrivals: Arrivals<'a>,
}

impl<'a> Batch<'a> {
    /// For one room, at one time
    pub(super) fn new(db: &'a Connection, room: i64, kept_at: WallTime) -> Result<Self> {
        let sql = "SELECT lamport FROM rooms WHERE room = ?1";
        let Wide(lamport) = db.prepare_cached(sql)?.query_row([room], |row| row.get(0))?;
        Ok(Self { db, room, kept_at, lamport: (lamport, lamport), arrivals: Arrivals::default() })
    }

    /// Does what a record says
    pub(super) fn apply(&mut self, record: &'a Record) -> Result<()> {
        match record {
            Record::Entry(entry) => self.keep_entry(entry),
            Record::Said(entry) => self.keep_entry(entry).and_then(|()| self.keep_tip(entry)),
            Record::Line(line) => self.keep_line(line),
            Record::Change(change) => self.keep_change(change),
            Record::Forget { author, epoch, upto } => self.forget(author, *epoch, *upto),
            Record::Peer(peer) => keep_peer(self.db, self.room, peer, self.kept_at),
            Record::Outgoing(whisper) => self.keep_outgoing(whisper),
            Record::Outcome { id, delivered } => self.keep_outcome(*id, *delivered),
            Record::Incoming(whisper) => self.keep_incoming(whisper),
            Record::Heard(heard) => self.keep_heard(heard),
        }
    }

    /// Does what they all lead to
    pub(super) fn finish(mut self) -> Result<()> {
        self.arrivals.put_down(self.db, self.room, self.kept_at)?;
        let (before, after) = self.lamport;
        if after == before {
            return Ok(());
        }
        execute(self.db, "UPDATE rooms SET lamport = ?2 WHERE room = ?1", params![self.room, Wide(after)])
    }

    fn keep_entry(&mut self, entry: &KeptEntry) -> Result<()> {
        self.raise_lamport(entry.lamport);
        execute(
            self.db,
            "INSERT OR IGNORE INTO entries (room, author, epoch, seq, lamport, sent_at, hash, bytes, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                self.room,
                Blob::from(&entry.author),
                Wide(entry.epoch),
                Wide(entry.seq),
                Wide(entry.lamport),
                Wide::from(entry.sent_at),
                Blob(*entry.hash.as_bytes()),
                entry.signed.bytes(),
                Blob(*entry.signed.signature())
            ],
        )
    }

    /// This node's log ends here now
    fn keep_tip(&self, entry: &KeptEntry) -> Result<()> {
        let (epoch, seq, hash) = (Wide(entry.epoch), Wide(entry.seq), Blob(*entry.hash.as_bytes()));
        execute(
            self.db,
            "UPDATE rooms SET own_epoch = ?2, own_seq = ?3, own_hash = ?4
             WHERE room = ?1 AND (own_epoch IS NOT ?2 OR own_seq < ?3)",
            params![self.room, epoch, seq, hash],
        )
    }

    fn keep_line(&mut self, line: &'a KeptLine) -> Result<()> {
        self.raise_lamport(line.order.lamport);
        if !self.arrivals.has_room_for(line) {
            self.arrivals.put_down(self.db, self.room, self.kept_at)?;
        }
        self.arrivals.push(line);
        Ok(())
    }

    fn keep_change(&mut self, change: &KeptChange) -> Result<()> {
        self.raise_lamport(change.order.lamport);
        changes::keep(self.db, self.room, change, self.kept_at)
    }

    /// Nobody sends this node's clock to the end of time (PROTOCOL.md §7)
    fn raise_lamport(&mut self, lamport: u64) {
        let (_, greatest) = &mut self.lamport;
        if lamport.checked_sub(*greatest).is_some_and(|jump| jump <= MAX_LAMPORT_JUMP) {
            *greatest = lamport;
        }
    }

    fn forget(&self, author: &PeerKey, epoch: u64, upto: u64) -> Result<()> {
        execute(
            self.db,
            "DELETE FROM entries WHERE room = ?1 AND author = ?2 AND epoch = ?3 AND seq <= ?4",
            params![self.room, Blob::from(author), Wide(epoch), Wide(upto)],
        )
    }

    fn keep_outgoing(&self, whisper: &KeptWhisper) -> Result<()> {
        execute(
            self.db,
            "INSERT OR IGNORE INTO whispers (room, id, lamport, peer, is_own, state, epoch, seq, sent_at, kept_at, text)
             VALUES (?1, ?2, ?3, ?4, TRUE, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                self.room,
                Blob::from(whisper.id),
                Wide(self.lamport.1),
                Blob::from(&whisper.to),
                WAITING,
                Wide(whisper.epoch),
                Wide(whisper.seq),
                Wide::from(whisper.sent_at),
                Wide::from(self.kept_at),
                whisper.text.as_str()
            ],
        )
    }

    fn keep_outcome(&self, id: MessageId, delivered: bool) -> Result<()> {
        let state = if delivered { DELIVERED } else { EXPIRED };
        execute(
            self.db,
            "UPDATE whispers SET state = ?3 WHERE room = ?1 AND id = ?2 AND state = ?4",
            params![self.room, Blob::from(id), state, WAITING],
        )
    }

    fn keep_incoming(&self, whisper: &HeardWhisper) -> Result<()> {
        execute(
            self.db,
            "INSERT OR IGNORE INTO whispers (room, id, lamport, peer, is_own, state, sent_at, kept_at, text)
             VALUES (?1, ?2, ?3, ?4, FALSE, ?5, ?6, ?7, ?8)",
            params![
                self.room,
                Blob::from(whisper.id),
                Wide(self.lamport.1),
                Blob::from(&whisper.from),
                HEARD,
                Wide::from(whisper.sent_at),
                Wide::from(self.kept_at),
                whisper.text.as_str()
            ],
        )
    }

    fn keep_heard(&self, heard: &HeardUpTo) -> Result<()> {
        execute(
            self.db,
            "INSERT INTO heard (room, peer, epoch, upto) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET upto = max(upto, excluded.upto)",
            params![self.room, Blob::from(&heard.from), Wide(heard.epoch), Wide(heard.upto)],
        )
    }
}

const MAX_LAMPORT_JUMP: u64 = 1 << 32;

/// Keeps who somebody is
pub(super) fn keep_peer(db: &Connection, room: i64, peer: &KeptPeer, heard_at: WallTime) -> Result<()> {
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
            Wide::from(heard_at)
        ],
    )
}

fn execute(db: &Connection, sql: &str, params: impl Params) -> Result<()> {
    db.prepare_cached(sql)?.execute(params).map(drop)
}
