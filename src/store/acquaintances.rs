//! Whom the person of the profile knows or blocks, as rows

use std::{collections::BTreeMap, path::Path};

use lanchat_protocol::PeerKey;
use rusqlite::{Connection, Result, Row, TransactionBehavior, params};
use uuid::Uuid;

use super::{
    error::{StoreError, Trouble},
    file,
    memory::all,
    value::Blob,
};
use crate::{event::Trust, trust::Acquaintance};

/// Reads them beside whoever writes; nobody if there is no store yet
///
/// # Errors
/// When the file is damaged, of another version, or cannot be read
pub fn acquaintances(directory: &Path) -> std::result::Result<Vec<(PeerKey, Acquaintance)>, StoreError> {
    let path = directory.join(file::NAME);
    match file::open_to_read(&path)? {
        Some(db) => read(&db).map_err(|error| Trouble::from(error).at(&path)),
        None => Ok(Vec::new()),
    }
}

/// Reads them all; what makes no sense is left out
pub(super) fn read(db: &Connection) -> Result<Vec<(PeerKey, Acquaintance)>> {
    let key = |row: &Row<'_>| row.get::<_, Blob<32>>(0).map(PeerKey::from);
    let mut people: BTreeMap<PeerKey, Acquaintance> = all(db, PEOPLE, [], |row| {
        let (name, trust, is_blocked) = (row.get(1)?, trust(row.get(2)?), row.get(3)?);
        Ok(Some((key(row)?, Acquaintance { name, trust, is_blocked, ..Acquaintance::default() })))
    })?
    .into_iter()
    .collect();
    for (key, name) in all(db, PINNED_NAMES, [], |row| Ok(Some((key(row)?, row.get(1)?))))? {
        if let Some(who) = people.get_mut(&key) {
            who.pinned.push(name);
        }
    }
    for (key, Blob(other)) in all(db, TOLD_APART, [], |row| Ok(Some((key(row)?, row.get(1)?))))? {
        if let Some(who) = people.get_mut(&key) {
            who.told_apart.insert(Uuid::from_bytes(other));
        }
    }
    Ok(people.into_iter().collect())
}

const PEOPLE: &str = "SELECT peer, name, trust, is_blocked FROM acquaintances";
const PINNED_NAMES: &str = "SELECT peer, name FROM pinned_names ORDER BY peer, place";
const TOLD_APART: &str = "SELECT peer, other FROM told_apart";

/// Writes what is held of these, or that it is nothing
pub(super) fn write(db: &mut Connection, people: &[(PeerKey, Option<Acquaintance>)]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (key, who) in people {
        let key = Blob::from(key);
        for table in ["acquaintances", "pinned_names", "told_apart"] {
            change.prepare_cached(&format!("DELETE FROM {table} WHERE peer = ?1"))?.execute([key])?;
        }
        if let Some(who) = who {
            insert(&change, key, who)?;
        }
    }
    change.commit()
}

fn insert(db: &Connection, key: Blob<32>, who: &Acquaintance) -> Result<()> {
    let trust = match who.trust {
        None => 0,
        Some(Trust::Pinned) => PINNED,
        Some(Trust::Verified) => VERIFIED,
    };
    db.prepare_cached("INSERT INTO acquaintances (peer, name, trust, is_blocked) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![key, who.name, trust, who.is_blocked])?;
    for (place, name) in who.pinned.iter().enumerate() {
        db.prepare_cached("INSERT INTO pinned_names (peer, place, name) VALUES (?1, ?2, ?3)")?
            .execute(params![key, place, name])?;
    }
    for other in &who.told_apart {
        db.prepare_cached("INSERT INTO told_apart (peer, other) VALUES (?1, ?2)")?
            .execute(params![key, Blob(*other.as_bytes())])?;
    }
    Ok(())
}

const PINNED: i64 = 1;
const VERIFIED: i64 = 2;

/// What makes no sense is the less of two: nobody is trusted by mistake
fn trust(number: i64) -> Option<Trust> {
    match number {
        VERIFIED => Some(Trust::Verified),
        PINNED => Some(Trust::Pinned),
        _ => None,
    }
}
