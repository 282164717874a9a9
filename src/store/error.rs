use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;
use thiserror::Error;
use tracing::warn;

use crate::lang::{Told as _, tell};

/// Why a store cannot be used
#[derive(Debug, Error)]
pub enum StoreError {
    /// A later version wrote it
    #[error("{}", tell!("store-newer", file = %path.display()))]
    Newer {
        /// Where
        path: PathBuf,
    },
    /// An earlier version wrote it, and whoever only reads does not change it
    #[error("{}", tell!("store-older", file = %path.display()))]
    Older {
        /// Where
        path: PathBuf,
    },
    /// It is no store, or not whole
    #[error("{}", tell!("store-damaged", file = %path.display()))]
    Damaged {
        /// Where
        path: PathBuf,
    },
    /// The database cannot be opened, read or written
    #[error("{}", tell!("store-unusable", file = %path.display(), reason = source.told()))]
    Unusable {
        /// Where
        path: PathBuf,
        /// Why
        source: rusqlite::Error,
    },
    /// A file beside it cannot be read or written
    #[error("{}", tell!("store-unusable", file = %path.display(), reason = source.told()))]
    File {
        /// Which
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// No thread to write it
    #[error("{}", tell!("store-thread", reason = _0.told()))]
    Thread(io::Error),
}

impl StoreError {
    pub(super) fn damaged(path: &Path) -> Self {
        Self::Damaged { path: path.to_owned() }
    }

    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::File { path: path.to_owned(), source }
    }
}

/// What went wrong inside the database, before it is said where
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error("it is of a newer version")]
    Newer,
    #[error("it is of an older version")]
    Older,
    #[error("it is no store, or not whole")]
    Damaged,
    #[error(transparent)]
    Database(rusqlite::Error),
    #[error(transparent)]
    Store(StoreError),
}

impl Trouble {
    pub(super) fn at(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        match self {
            Self::Newer => StoreError::Newer { path },
            Self::Older => StoreError::Older { path },
            Self::Damaged => StoreError::Damaged { path },
            Self::Database(source) => StoreError::Unusable { path, source },
            Self::Store(error) => error,
        }
    }
}

/// What is read from a row, or nothing if it makes no sense, which is no reason not to read the others
pub(super) fn sensible<T>(read: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match read {
        Err(error) if error.sqlite_error_code().is_none() => {
            warn!(%error, "a row makes no sense and is left out");
            Ok(None)
        }
        read => read.map(Some),
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            Some(_) | None => Self::Database(error),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
