//! Files that last as long as one input

use std::{fs, io, path::Path};

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

/// Puts a file there that only its owner can read
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    if let Err(error) = fs::write(path, bytes).and_then(|()| hide(path, 0o600)) {
        panic!("{} cannot be written: {error}", path.display());
    }
}

/// Makes a directory there that only its owner can look into
pub(crate) fn make(path: &Path) {
    if let Err(error) = fs::create_dir(path).and_then(|()| hide(path, 0o700)) {
        panic!("{} cannot be made: {error}", path.display());
    }
}

#[cfg(unix)]
fn hide(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn hide(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
