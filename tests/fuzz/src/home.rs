//! Files that last as long as one input

use std::{fs, path::Path};

use tempfile::TempDir;

/// A directory to throw away, in memory where there is such a place
pub(crate) fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    match made {
        Ok(directory) => directory,
        Err(error) => panic!("no directory can be made: {error}"),
    }
}

/// Puts a file there
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    if let Err(error) = fs::write(path, bytes) {
        panic!("{} cannot be written: {error}", path.display());
    }
}
