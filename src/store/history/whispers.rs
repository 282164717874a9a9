//! Whispers with one person, through whichever rooms they went

use std::{cell::Cell, path::Path};

use lanchat_protocol::PeerKey;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::{History, Names, Person, Said, next_sensible, person};
use crate::store::{
    error::{StoreError, Trouble},
    file,
    value::Blob,
};

/// Somebody with whom there were whispers
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correspondent {
    /// Who
    pub person: Person,
    /// The name of the room through which the latest went
    pub room: String,
}

/// With whom there were whispers, so many at most, the latest first; nobody who is blocked
///
/// # Errors
/// When the file is damaged, of another version, or cannot be read
pub fn correspondents(directory: &Path, most: usize) -> Result<Vec<Correspondent>, StoreError> {
    in_all_rooms(directory, |history| {
        let blocked = history.blocked()?;
        let mut query = history.db.prepare(CORRESPONDENTS)?;
        let mut rows =
            query.query_map([], |row| Ok((PeerKey::from(row.get::<_, Blob<32>>(0)?), row.get(1)?)))?;
        let mut found = Vec::new();
        while found.len() < most
            && let Some((key, room)) = next_sensible(&mut rows)?
        {
            if !blocked.contains(&key.id()) {
                found.push(Correspondent { person: person(key, &history.name_anywhere(key)?), room });
            }
        }
        Ok(found)
    })
}

/// What was whispered with somebody, so much at most, in the order in which it came here
///
/// # Errors
/// As [`correspondents`]
pub fn whispers_with(directory: &Path, id: Uuid, most: usize) -> Result<Vec<Said>, StoreError> {
    in_all_rooms(directory, |history| {
        let mut peers = history.db.prepare("SELECT DISTINCT peer FROM whispers")?;
        let mut peers = peers.query_map([], |row| Ok(PeerKey::from(row.get::<_, Blob<32>>(0)?)))?;
        let mut key = None;
        while key.is_none_or(|key: PeerKey| key.id().as_uuid() != id) {
            let Some(next) = next_sensible(&mut peers)? else { return Ok(Vec::new()) };
            key = Some(next);
        }
        let Some(key) = key else { return Ok(Vec::new()) };
        let names = history.name_anywhere(key)?;
        let mut query = history.db.prepare(WHISPERS)?;
        let mut rows = query.query_map(params![Blob::from(&key), most], |row| {
            history.whisper(row, &names, None).map(|found| found.said)
        })?;
        let mut said = Vec::new();
        while let Some(next) = next_sensible(&mut rows)? {
            said.push(next);
        }
        said.reverse();
        Ok(said)
    })
}

/// Looks for something that is in no room in particular; nothing is where nothing is kept
fn in_all_rooms<T: Default>(
    directory: &Path,
    look: impl Fn(&History) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    let path = directory.join(file::NAME);
    let Some(db) = file::open_to_read(&path)? else { return Ok(T::default()) };
    let found =
        db.query_row("SELECT own FROM run", [], |row| row.get::<_, Blob<32>>(0)).optional().and_then(|own| {
            let own = own.map_or(PeerKey::from_bytes([0; 32]), PeerKey::from);
            look(&History { db, path: path.clone(), room: NO_ROOM, own, is_damaged: Cell::new(false) })
        });
    found.map_err(|error| Trouble::from(error).at(&path))
}

impl History {
    /// What somebody was called last, in whatever room
    fn name_anywhere(&self, key: PeerKey) -> rusqlite::Result<Names> {
        let mut query = self.db.prepare_cached(NAME)?;
        let name = query.query_row([Blob::from(&key)], |row| row.get(0)).optional()?;
        Ok(name.map(|name| (key, name)).into_iter().collect())
    }
}

const NO_ROOM: i64 = -1;

const CORRESPONDENTS: &str =
    "SELECT peer, (SELECT name FROM rooms WHERE rooms.room = whispers.room), max(whisper)
     FROM whispers GROUP BY peer ORDER BY max(whisper) DESC";
const WHISPERS: &str = "SELECT lamport, peer, id, text, sent_at, state FROM whispers
     WHERE peer = ?1 ORDER BY whisper DESC LIMIT ?2";
const NAME: &str = "SELECT name FROM peers WHERE peer = ?1 ORDER BY heard_at DESC LIMIT 1";
