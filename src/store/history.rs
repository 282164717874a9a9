//! What was said, read beside whoever writes

use std::{collections::BTreeMap, path::Path};

use lanchat_protocol::{KeptEntry, MessageId, Order, PeerId, PeerKey, Room, WallTime, wire::SignedEntry};
use rusqlite::{Connection, OptionalExtension, Row, params};
use tracing::warn;

use super::{
    apply,
    error::{StoreError, Trouble},
    file,
    value::{Blob, Wide},
};

/// What was said in one room, as far as it is kept
#[derive(Debug)]
pub struct History {
    db: Connection,
    path: std::path::PathBuf,
    room: i64,
    own: PeerKey,
}

/// Which of it
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only what has this text in it, in upper or lower case
    pub search: Option<String>,
    /// Only whispers from and to whoever is called this, or has this id
    pub with: Option<String>,
    /// Only so many, the newest
    pub limit: Option<usize>,
}

/// A line or a whisper
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Names it
    pub id: MessageId,
    /// Who said it
    pub author: Person,
    /// Whether that was the person of this profile
    pub own: bool,
    /// Whether it was for all
    pub kind: Kind,
    /// What
    pub text: String,
    /// When, by the author's clock
    pub sent_at: WallTime,
}

/// For whom something was
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For all
    Line {
        /// Its place in the transcript
        order: Order,
    },
    /// A whisper to the person of this profile
    Heard,
    /// An own whisper
    Whispered {
        /// To whom
        to: Person,
        /// What became of it
        fate: Fate,
    },
}

/// What became of an own whisper
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits
    Waiting,
    /// It arrived
    Delivered,
    /// It was given up
    Expired,
}

/// Somebody
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who
    pub id: PeerId,
    /// What they called themselves last, if that was heard
    pub name: Option<String>,
}

impl History {
    /// Opens what is kept of a room in a profile's directory; `None` if nothing is
    ///
    /// # Errors
    /// When the file is damaged, of another version, or cannot be read
    pub fn open(directory: &Path, room: &Room) -> Result<Option<Self>, StoreError> {
        let path = directory.join(file::NAME);
        let Some(db) = file::open_to_read(&path)? else { return Ok(None) };
        let found = db
            .query_row(
                "SELECT room, own FROM rooms, run WHERE id = ?1",
                [Blob(*room.id().as_bytes())],
                |row| Ok((row.get(0)?, row.get::<_, Blob<32>>(1)?)),
            )
            .optional()
            .map_err(|error| Trouble::from(error).at(&path))?;
        Ok(found.map(|(room, own)| Self { db, path, room, own: own.into() }))
    }

    /// What the query asks for, in the order of the transcript
    ///
    /// # Errors
    /// When the file cannot be read
    pub fn read(&self, query: &Query) -> Result<Vec<Said>, StoreError> {
        self.try_read(query).map_err(|error| Trouble::from(error).at(&self.path))
    }

    /// The log entries, in portions; what makes no sense is left out
    pub(super) fn entries(&self) -> impl Iterator<Item = Vec<KeptEntry>> {
        let mut after = Some((PeerKey::from_bytes([0; 32]), 0, 0));
        std::iter::from_fn(move || {
            let (entries, last) = self.entries_after(after?).unwrap_or_else(|error| {
                warn!(%error, "the log entries that are kept cannot all be read");
                (Vec::new(), None)
            });
            after = last;
            (!entries.is_empty() || last.is_some()).then_some(entries)
        })
    }

    fn entries_after(&self, after: Place) -> rusqlite::Result<(Vec<KeptEntry>, Option<Place>)> {
        let mut query = self.db.prepare_cached(ENTRIES)?;
        let (author, epoch, seq) = after;
        let mut rows =
            query.query(params![self.room, Blob::from(&author), Wide(epoch), Wide(seq), PORTION])?;
        let (mut entries, mut last) = (Vec::with_capacity(PORTION), None);
        while let Some(row) = rows.next()? {
            let (author, Wide(epoch), Wide(seq)) = (row.get::<_, Blob<32>>(0)?, row.get(1)?, row.get(2)?);
            last = Some((author.into(), epoch, seq));
            match entry(row) {
                Ok(Some(entry)) => entries.push(entry),
                Ok(None) => warn!(epoch, seq, "a log entry makes no sense and is left out"),
                Err(error) => warn!(%error, epoch, seq, "a log entry makes no sense and is left out"),
            }
        }
        Ok((entries, last))
    }

    fn try_read(&self, query: &Query) -> rusqlite::Result<Vec<Said>> {
        let names = self.names()?;
        let search = query.search.as_deref().map_or(Search::Nothing, Search::new);
        let whispers_only = query.with.is_some();
        let pattern = search.pattern();
        let mut lines = self.db.prepare(LINES)?;
        let mut whispers = self.db.prepare(WHISPERS)?;
        let mut lines =
            lines.query_map(params![self.room, pattern, whispers_only], |row| self.line(row, &names))?;
        let mut whispers =
            whispers.query_map(params![self.room, pattern], |row| self.whisper(row, &names))?;
        let (mut line, mut whisper) = (lines.next().transpose()?, whispers.next().transpose()?);
        let mut found = Vec::new();
        while found.len() < query.limit.unwrap_or(usize::MAX) {
            let is_whisper_next = match (&line, &whisper) {
                (None, None) => break,
                (Some((line, _)), Some((whisper, _))) => whisper >= line,
                (line, _) => line.is_none(),
            };
            let next = if is_whisper_next {
                std::mem::replace(&mut whisper, whispers.next().transpose()?)
            } else {
                std::mem::replace(&mut line, lines.next().transpose()?)
            };
            let wanted = |said: &Said| search.finds(&said.text) && query.is_with(said);
            found.extend(next.map(|(_, said)| said).filter(wanted));
        }
        found.reverse();
        Ok(found)
    }

    fn names(&self) -> rusqlite::Result<BTreeMap<PeerKey, String>> {
        let mut query = self.db.prepare_cached("SELECT peer, name FROM peers WHERE room = ?1")?;
        let names =
            query.query_map([self.room], |row| Ok((row.get::<_, Blob<32>>(0)?.into(), row.get(1)?)))?;
        names.collect()
    }

    fn line(&self, row: &Row<'_>, names: &Names) -> rusqlite::Result<(Wide, Said)> {
        let author: PeerKey = row.get::<_, Blob<32>>(1)?.into();
        let (Wide(lamport), Wide(epoch), Wide(seq)) = (row.get(0)?, row.get(5)?, row.get(6)?);
        let order = Order { lamport, author, epoch, seq, index: row.get(7)? };
        Ok((Wide(lamport), self.said(row, author, Kind::Line { order }, names)?))
    }

    fn whisper(&self, row: &Row<'_>, names: &Names) -> rusqlite::Result<(Wide, Said)> {
        let peer: PeerKey = row.get::<_, Blob<32>>(1)?.into();
        let fate = match row.get(5)? {
            apply::HEARD => None,
            apply::WAITING => Some(Fate::Waiting),
            apply::DELIVERED => Some(Fate::Delivered),
            _ => Some(Fate::Expired),
        };
        let said = match fate {
            None => self.said(row, peer, Kind::Heard, names)?,
            Some(fate) => {
                let kind = Kind::Whispered { to: person(peer, names), fate };
                self.said(row, self.own, kind, names)?
            }
        };
        Ok((row.get(0)?, said))
    }

    fn said(&self, row: &Row<'_>, author: PeerKey, kind: Kind, names: &Names) -> rusqlite::Result<Said> {
        Ok(Said {
            id: row.get::<_, Blob<16>>(2)?.into(),
            author: person(author, names),
            own: author == self.own,
            kind,
            text: row.get(3)?,
            sent_at: WallTime::from_unix_millis(row.get::<_, Wide>(4)?.0),
        })
    }
}

type Names = BTreeMap<PeerKey, String>;
type Place = (PeerKey, u64, u64);

/// How many entries are handed over at once
const PORTION: usize = 1_000;

const ENTRIES: &str = "SELECT author, epoch, seq, hash, bytes, signature FROM entries
     WHERE room = ?1 AND (author, epoch, seq) > (?2, ?3, ?4) ORDER BY author, epoch, seq LIMIT ?5";
const LINES: &str = "SELECT lamport, author, id, text, sent_at, epoch, seq, place FROM lines
     WHERE room = ?1 AND NOT ?3 AND (?2 IS NULL OR line IN (SELECT rowid FROM line_texts WHERE line_texts MATCH ?2))
     ORDER BY lamport DESC, author DESC, epoch DESC, seq DESC, place DESC";
const WHISPERS: &str = "SELECT lamport, peer, id, text, sent_at, state FROM whispers
     WHERE room = ?1 AND (?2 IS NULL OR whisper IN (SELECT rowid FROM whisper_texts WHERE whisper_texts MATCH ?2))
     ORDER BY lamport DESC, whisper DESC";

fn entry(row: &Row<'_>) -> rusqlite::Result<Option<KeptEntry>> {
    let (Blob(hash), Blob(signature)) = (row.get::<_, Blob<32>>(3)?, row.get(5)?);
    let signed =
        SignedEntry::from_parts(row.get(4)?, signature).filter(|signed| *signed.hash().as_bytes() == hash);
    Ok(signed.and_then(|signed| {
        let claim = signed.claim()?;
        Some(KeptEntry {
            author: claim.author,
            epoch: claim.epoch,
            seq: claim.seq,
            lamport: claim.lamport,
            sent_at: claim.sent_at,
            hash: signed.hash(),
            signed,
        })
    }))
}

fn person(key: PeerKey, names: &Names) -> Person {
    Person { id: key.id(), name: names.get(&key).cloned() }
}

/// How a text is looked for: by the index, or for fewer characters than it knows, by reading
#[derive(Debug)]
enum Search {
    Nothing,
    Index(String),
    Each(String),
}

impl Search {
    fn new(text: &str) -> Self {
        if text.chars().count() < 3 || text.contains('\0') {
            return Self::Each(text.to_lowercase());
        }
        Self::Index(format!("\"{}\"", text.replace('"', "\"\"")))
    }

    fn pattern(&self) -> Option<&str> {
        match self {
            Self::Index(pattern) => Some(pattern),
            Self::Nothing | Self::Each(_) => None,
        }
    }

    fn finds(&self, text: &str) -> bool {
        match self {
            Self::Nothing | Self::Index(_) => true,
            Self::Each(part) => text.to_lowercase().contains(part),
        }
    }
}

impl Query {
    fn is_with(&self, said: &Said) -> bool {
        let Some(wanted) = &self.with else { return true };
        match &said.kind {
            Kind::Line { .. } => false,
            Kind::Heard => said.author.is_called(wanted),
            Kind::Whispered { to, .. } => to.is_called(wanted),
        }
    }
}

impl Person {
    /// Whether `wanted` is their name, their id, or the name and the first digits of the id
    fn is_called(&self, wanted: &str) -> bool {
        let id = self.id.as_uuid();
        let is_named = |wanted: &str| {
            self.name.as_ref().is_some_and(|name| name.to_lowercase() == wanted.to_lowercase())
        };
        let has_digits = |digits: &str| {
            digits.len() >= 4 && id.simple().to_string().starts_with(&digits.to_ascii_lowercase())
        };
        is_named(wanted)
            || id.to_string() == wanted.to_ascii_lowercase()
            || wanted
                .rsplit_once('~')
                .is_some_and(|(name, digits)| (name.is_empty() || is_named(name)) && has_digits(digits))
    }
}
