//! The file: private, and moved aside when it is no store any more

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use tracing::warn;

use super::{
    error::{StoreError, Trouble},
    schema,
};
use crate::platform::files;

/// Its name in the profile's directory
pub(super) const NAME: &str = "history.db";

/// Opens it for reading beside whoever writes; `None` if there is nothing
pub(super) fn open_to_read(path: &Path) -> Result<Option<Connection>, StoreError> {
    if fs::metadata(path).is_ok_and(|file| file.len() > 0) {
        let at = |trouble: Trouble| trouble.at(path);
        let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|error| at(error.into()))?;
        return Ok(schema::is_current(&db).map_err(at)?.then_some(db));
    }
    match fs::metadata(path) {
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::file(path)(error)),
    }
}

/// Opens it for writing, and makes it if it is not there
pub(super) fn open(path: &Path) -> Result<Connection, Trouble> {
    make_private(path)?;
    let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "normal")?;
    db.pragma_update_and_check(None, "journal_size_limit", JOURNAL_BYTES, |_| Ok(()))?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", JOURNAL_PAGES, |_| Ok(()))?;
    schema::migrate(&mut db)?;
    check(&db)?;
    Ok(db)
}

/// Makes the file, or hides it from others, and what is beside it: SQLite gives what it puts there the mode of the file
fn make_private(path: &Path) -> Result<(), StoreError> {
    if !path.try_exists().map_err(StoreError::file(path))? {
        files::private().open(path).map_err(StoreError::file(path))?;
    }
    for suffix in [""].iter().chain(&BESIDE) {
        let path = beside(path, suffix);
        match files::hide_from_others(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                warn!(%error, file = %path.display(), "others can read the history, and that cannot be changed");
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(32);
    Ok(db)
}

/// How large the write-ahead log stays when it was large once
const JOURNAL_BYTES: i64 = 4 << 20;

/// With so many pages in the write-ahead log it is worked off, leisure or not: 32 MiB
const JOURNAL_PAGES: i64 = 8_192;

/// How long somebody else may hold the file, such as a backup
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks at every page after a run that did not end well, or came across something that is damaged
///
/// Without those of the search, which would take longest and can be told from the rest.
fn check(db: &Connection) -> Result<(), Trouble> {
    let is_clean = db.query_row("SELECT is_clean FROM run", [], |row| row.get(0)).optional()?;
    if is_clean != Some(false) {
        return Ok(());
    }
    for table in CHECKED {
        let verdict: String = db.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if verdict != "ok" {
            warn!(table, verdict, "the history is damaged");
            return Err(Trouble::Damaged);
        }
    }
    Ok(())
}

const CHECKED: [&str; 10] = [
    "rooms",
    "peers",
    "entries",
    "lines",
    "arrivals",
    "whispers",
    "heard",
    "acquaintances",
    "pinned_names",
    "told_apart",
];

/// Puts what is there under another name, and says which
pub(super) fn move_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let now = Timestamp::now().as_millisecond();
    let aside = path.with_file_name(format!("{NAME}.broken-{now}"));
    fs::rename(path, &aside).map_err(StoreError::file(path))?;
    for suffix in BESIDE {
        // Left behind, they would be taken for those of the new file.
        match fs::rename(beside(path, suffix), beside(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::file(&beside(path, suffix))(error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(aside)
}

/// What SQLite puts beside a database, by what is added to its name: the write-ahead log and its index
const BESIDE: [&str; 2] = ["-wal", "-shm"];

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}
