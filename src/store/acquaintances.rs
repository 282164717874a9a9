//! Whom the person of the profile knows or blocks, as rows

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use lanchat_protocol::PeerKey;
use rusqlite::{Connection, Result, TransactionBehavior, params};
use uuid::Uuid;

use super::{
    error::{StoreError, Trouble},
    file,
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

/// Reads them all
pub(super) fn read(db: &Connection) -> Result<Vec<(PeerKey, Acquaintance)>> {
    let mut people: BTreeMap<PeerKey, Acquaintance> = BTreeMap::new();
    let mut query = db.prepare("SELECT peer, name, trust, is_blocked FROM acquaintances")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let who = Acquaintance {
            name: row.get(1)?,
            pinned: Vec::new(),
            trust: trust(row.get(2)?),
            is_blocked: row.get(3)?,
            told_apart: BTreeSet::new(),
        };
        people.insert(row.get::<_, Blob<32>>(0)?.into(), who);
    }
    let mut query = db.prepare("SELECT peer, name FROM pinned_names ORDER BY peer, place")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(who) = people.get_mut(&row.get::<_, Blob<32>>(0)?.into()) {
            who.pinned.push(row.get(1)?);
        }
    }
    let mut query = db.prepare("SELECT peer, other FROM told_apart")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(who) = people.get_mut(&row.get::<_, Blob<32>>(0)?.into()) {
            who.told_apart.insert(Uuid::from_bytes(row.get::<_, Blob<16>>(1)?.0));
        }
    }
    Ok(people.into_iter().collect())
}

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
