//! What was said, read beside whoever writes

mod about;
mod whispers;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use lanchat_protocol::{KeptEntry, MessageId, Order, PeerId, PeerKey, Room, WallTime, wire::SignedEntry};
use rusqlite::{Connection, OptionalExtension, Row, params};
use tracing::warn;

pub use self::{
    about::{About, Named, Quote, Reacted, Topic},
    whispers::{Correspondent, correspondents, whispers_with},
};
use super::{
    apply, changes,
    error::{StoreError, Trouble, sensible},
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
    is_damaged: Cell<bool>,
}

/// Which of it
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only what has this text in it, in upper or lower case
    pub search: Option<String>,
    /// Only whispers from and to whoever is called this, or has this id
    pub with: Option<String>,
    /// Only what was said to all
    pub only_lines: bool,
    /// Only what stands before this place in the transcript
    pub before: Option<Order>,
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
    /// What it answers, and what people did about it
    pub about: About,
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
                |row| Ok((row.get(0)?, sensible(row.get::<_, Blob<32>>(1))?)),
            )
            .optional()
            .map_err(|error| Trouble::from(error).at(&path))?;
        let Some((room, own)) = found else { return Ok(None) };
        // Where it is not known who wrote this, nothing is one's own.
        let own = own.map_or(PeerKey::from_bytes([0; 32]), PeerKey::from);
        Ok(Some(Self { db, path, room, own, is_damaged: Cell::new(false) }))
    }

    /// What the query asks for, in the order of the transcript
    ///
    /// # Errors
    /// When the file cannot be read
    pub fn read(&self, query: &Query) -> Result<Vec<Said>, StoreError> {
        self.try_read(query).map_err(|error| {
            let trouble = Trouble::from(error);
            self.look_at(&trouble);
            trouble.at(&self.path)
        })
    }

    /// Whether something could not be read because it is damaged
    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged.get()
    }

    fn look_at(&self, trouble: &Trouble) {
        if matches!(trouble, Trouble::Damaged) {
            self.is_damaged.set(true);
        }
    }

    /// The log entries, in portions; what makes no sense is left out
    pub(super) fn entries(&self) -> impl Iterator<Item = Vec<KeptEntry>> {
        let mut after = Some((PeerKey::from_bytes([0; 32]), 0, 0));
        std::iter::from_fn(move || {
            let (entries, last) = self.entries_after(after?).unwrap_or_else(|error| {
                warn!(%error, "the log entries that are kept cannot all be read");
                self.look_at(&error.into());
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
        let (names, blocked) = (self.names()?, self.blocked()?);
        let search = query.search.as_deref().map(Search::new);
        let search = search.as_ref();
        let pattern = search.and_then(Search::pattern);
        let (mut lines, mut whispers) = (self.db.prepare(LINES)?, self.db.prepare(WHISPERS)?);
        let before = query.before.map(Before::from);
        let Before { lamport, author, epoch, seq, place } = before.unwrap_or_default();
        let mut lines = lines.query_map(
            params![self.room, pattern, query.with.is_some(), lamport, author, epoch, seq, place],
            |row| self.line(row, &names, search),
        )?;
        let mut whispers = whispers.query_map(params![self.room, lamport, query.only_lines], |row| {
            self.whisper(row, &names, search)
        })?;
        let (mut line, mut whisper) = (next_sensible(&mut lines)?, next_sensible(&mut whispers)?);
        let mut found: Vec<Said> = Vec::new();
        while found.len() < query.limit.unwrap_or(usize::MAX) {
            let is_whisper_next = match (&line, &whisper) {
                (None, None) => break,
                (Some(line), Some(whisper)) => whisper.lamport >= line.lamport,
                (line, _) => line.is_none(),
            };
            let next = if is_whisper_next {
                std::mem::replace(&mut whisper, next_sensible(&mut whispers)?)
            } else {
                std::mem::replace(&mut line, next_sensible(&mut lines)?)
            };
            let Some(Found { is_match: true, said, .. }) = next else { continue };
            // A line may have arrived again before it was settled.
            let is_again = found.last().is_some_and(|last| last.id == said.id);
            // Who asks for somebody by name wants to see them.
            let is_hidden = query.with.is_none() && blocked.contains(&said.author.id);
            if !is_again && !is_hidden && query.is_with(&said) {
                found.push(said);
            }
        }
        found.reverse();
        self.tell_about(&mut found, &names, &blocked)?;
        Ok(found)
    }

    fn names(&self) -> rusqlite::Result<Names> {
        let mut query = self.db.prepare_cached("SELECT peer, name FROM peers WHERE room = ?1")?;
        let mut rows =
            query.query_map([self.room], |row| Ok((row.get::<_, Blob<32>>(0)?.into(), row.get(1)?)))?;
        let mut names = Names::new();
        while let Some((peer, name)) = next_sensible(&mut rows)? {
            names.insert(peer, name);
        }
        Ok(names)
    }

    fn blocked(&self) -> rusqlite::Result<BTreeSet<PeerId>> {
        let mut query = self.db.prepare_cached("SELECT peer FROM acquaintances WHERE is_blocked")?;
        let ids = query.query_map([], |row| Ok(PeerKey::from(row.get::<_, Blob<32>>(0)?).id()))?;
        ids.collect()
    }

    fn line(&self, row: &Row<'_>, names: &Names, search: Option<&Search>) -> rusqlite::Result<Found> {
        let author: PeerKey = row.get::<_, Blob<32>>(1)?.into();
        let (Wide(lamport), Wide(epoch), Wide(seq)) = (row.get(0)?, row.get(5)?, row.get(6)?);
        let order = Order { lamport, author, epoch, seq, index: row.get(7)? };
        let mut said = self.said(row, author, Kind::Line { order }, names)?;
        let marks: i64 = row.get(9)?;
        let reply_to: Option<Blob<16>> = row.get(10)?;
        said.about = About {
            reply_to: reply_to.map(MessageId::from),
            edited: marks & changes::EDITED != 0,
            deleted: marks & changes::DELETED != 0,
            ..About::default()
        };
        let is_looked_up = row.get(8)? && search.and_then(Search::pattern).is_some();
        let is_match = is_looked_up || search.is_none_or(|search| search.finds(&said.text));
        Ok(Found { lamport, is_match, said })
    }

    fn whisper(&self, row: &Row<'_>, names: &Names, search: Option<&Search>) -> rusqlite::Result<Found> {
        let peer: PeerKey = row.get::<_, Blob<32>>(1)?.into();
        let Wide(lamport) = row.get(0)?;
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
        Ok(Found { lamport, is_match: search.is_none_or(|search| search.finds(&said.text)), said })
    }

    fn said(&self, row: &Row<'_>, author: PeerKey, kind: Kind, names: &Names) -> rusqlite::Result<Said> {
        Ok(Said {
            id: row.get::<_, Blob<16>>(2)?.into(),
            author: person(author, names),
            own: author == self.own,
            kind,
            text: row.get(3)?,
            sent_at: WallTime::from_unix_millis(row.get::<_, Wide>(4)?.0),
            about: About::default(),
        })
    }
}

/// What the next row says that makes sense
fn next_sensible<T>(rows: &mut impl Iterator<Item = rusqlite::Result<T>>) -> rusqlite::Result<Option<T>> {
    for row in rows {
        if let Some(value) = sensible(row)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// A row, and whether it has what is looked for
struct Found {
    lamport: u64,
    is_match: bool,
    said: Said,
}

type Names = BTreeMap<PeerKey, String>;
type Place = (PeerKey, u64, u64);

/// A place as the queries take it, or nothing at all
#[derive(Default)]
struct Before {
    lamport: Option<Wide>,
    author: Option<Blob<32>>,
    epoch: Option<Wide>,
    seq: Option<Wide>,
    place: Option<u32>,
}

impl From<Order> for Before {
    fn from(order: Order) -> Self {
        let Order { lamport, author, epoch, seq, index } = order;
        Self {
            lamport: Some(Wide(lamport)),
            author: Some(Blob::from(&author)),
            epoch: Some(Wide(epoch)),
            seq: Some(Wide(seq)),
            place: Some(index),
        }
    }
}

/// How many entries are handed over at once
const PORTION: usize = 1_000;

const ENTRIES: &str = "SELECT author, epoch, seq, hash, bytes, signature FROM entries
     WHERE room = ?1 AND (author, epoch, seq) > (?2, ?3, ?4) ORDER BY author, epoch, seq LIMIT ?5";
const LINES: &str = "SELECT lamport, author, id, text, sent_at, epoch, seq, place, TRUE, marks, reply_to FROM lines
     WHERE room = ?1 AND NOT ?3 AND (?4 IS NULL OR (lamport, author, epoch, seq, place) < (?4, ?5, ?6, ?7, ?8))
     AND (?2 IS NULL OR line IN (SELECT rowid FROM line_texts WHERE line_texts MATCH ?2))
     UNION ALL
     SELECT lamport, author, id, text, sent_at, epoch, seq, place, FALSE, marks, reply_to FROM arriving
     WHERE room = ?1 AND NOT ?3 AND (?4 IS NULL OR (lamport, author, epoch, seq, place) < (?4, ?5, ?6, ?7, ?8))
     ORDER BY lamport DESC, author DESC, epoch DESC, seq DESC, place DESC";
const WHISPERS: &str = "SELECT lamport, peer, id, text, sent_at, state FROM whispers
     WHERE room = ?1 AND (?2 IS NULL OR lamport < ?2) AND NOT ?3 ORDER BY lamport DESC, whisper DESC";

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

/// A text that is looked for, in upper or lower case
#[derive(Debug)]
struct Search {
    part: String,
    /// For the index, unless it is shorter than what that knows
    pattern: Option<String>,
}

impl Search {
    fn new(text: &str) -> Self {
        let is_indexed = text.chars().count() >= 3 && !text.contains('\0');
        let pattern = is_indexed.then(|| format!("\"{}\"", text.replace('"', "\"\"")));
        Self { part: folded(text), pattern }
    }

    fn pattern(&self) -> Option<&str> {
        self.pattern.as_deref()
    }

    fn finds(&self, text: &str) -> bool {
        folded(text).contains(&self.part)
    }
}

/// One character at a time: what a letter becomes does not depend on where it stands
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
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
