//! Files that only their owner can read, and that are whole after a crash
//!
//! On Unix by their modes. Elsewhere they have the access rights of the directory that they are in, which by default is
//! in the owner's own.

#[cfg(unix)]
use std::{
    fs::Permissions,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
};
use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, Write},
    path::{Path, absolute},
};

use crate::lang::tell;

/// Makes a directory that only its owner can enter, and those above it; one that is there is closed to others
pub(crate) fn make_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(PRIVATE_DIRECTORY);
    builder.create(directory)?;
    narrow(directory, PRIVATE_DIRECTORY)
}

/// How to open a file for writing that only its owner can read, made if it is not there
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    options.mode(PRIVATE_FILE);
    options
}

const PRIVATE_DIRECTORY: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// Writes a private file so that after a crash there is the old one or the new one, whole
pub(crate) fn replace_private(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = directory.join(format!("{name}.new"));
    let replaced = write_new(&temporary, bytes).and_then(|()| fs::rename(&temporary, directory.join(name)));
    if replaced.is_err() {
        // Whether or not it can be removed, it is in nobody's way.
        let _ = fs::remove_file(&temporary);
    }
    replaced.and_then(|()| sync_directory(directory))
}

/// Writes a file that is nowhere yet, and nothing into it before it is sure that others cannot read it
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        // Left behind by a crash, or put there by somebody: it may be open to others, or lead elsewhere.
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = private().create_new(true).open(path)?;
    if is_exposed(&file.metadata()?) {
        return Err(io::Error::other(tell!("file-system-open")));
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// Opens a file for reading that others must not be able to read
pub(crate) fn open_secret(path: &Path) -> Result<File, NotSecret> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    match opened.map_err(NotSecret::Unreadable)? {
        (metadata, _) if is_exposed(&metadata) => Err(NotSecret::Exposed { remedy: remedy(path) }),
        (_, file) => Ok(file),
    }
}

/// Why a secret cannot be had from a file
#[derive(Debug)]
pub(crate) enum NotSecret {
    /// It is not there, or cannot be read
    Unreadable(io::Error),
    /// Others can read or change it
    Exposed {
        /// The command that hides it
        remedy: String,
    },
}

/// The command for a shell that hides a file from others
fn remedy(path: &Path) -> String {
    let path = absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if path.chars().all(is_plain) {
        format!("chmod 600 {path}")
    } else {
        format!("chmod 600 '{}'", path.replace('\'', r"'\''"))
    }
}

/// Makes a file private that was copied or unpacked and may have lost its mode
///
/// By its path: to open and close a database would take away the locks that this process has on it.
pub(crate) fn hide_from_others(path: &Path) -> io::Result<()> {
    narrow(path, PRIVATE_FILE)
}

#[cfg(unix)]
fn narrow(path: &Path, mode: u32) -> io::Result<()> {
    let is_shown = is_exposed(&fs::metadata(path)?);
    if is_shown { fs::set_permissions(path, Permissions::from_mode(mode)) } else { Ok(()) }
}

#[cfg(not(unix))]
fn narrow(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_exposed(file: &Metadata) -> bool {
    file.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_exposed(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn only_the_owner_can_read_what_is_private() {
        let home = TempDir::new().unwrap();
        let directory = home.path().join("a/b");
        make_private_directory(&directory).unwrap();
        replace_private(&directory, "key", b"one").unwrap();
        replace_private(&directory, "key", b"two").unwrap();
        assert_eq!((mode(&directory), mode(&directory.join("key"))), (0o700, 0o600));
        assert_eq!(fs::read(directory.join("key")).unwrap(), b"two");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_others_could_enter_is_closed_and_the_one_above_is_not() {
        let home = TempDir::new().unwrap();
        let directory = home.path().join("a");
        fs::create_dir(&directory).unwrap();
        for path in [home.path(), &directory] {
            set_mode(path, 0o755);
        }
        make_private_directory(&directory).unwrap();
        assert_eq!((mode(home.path()), mode(&directory)), (0o755, 0o700));
    }

    #[test]
    fn what_lies_where_a_file_is_to_be_written_first_is_not_written_into() {
        let home = TempDir::new().unwrap();
        let (elsewhere, temporary) = (home.path().join("elsewhere"), home.path().join("key.new"));
        fs::write(&elsewhere, b"diary").unwrap();
        symlink(&elsewhere, &temporary).unwrap();
        replace_private(home.path(), "key", b"one").unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"diary");
        fs::write(&temporary, b"left behind").unwrap();
        set_mode(&temporary, 0o666);
        replace_private(home.path(), "key", b"two").unwrap();
        let key = home.path().join("key");
        assert_eq!((fs::read(&key).unwrap().as_slice(), mode(&key)), (b"two".as_slice(), 0o600));
    }

    #[test]
    fn what_cannot_be_replaced_stays_and_leaves_nothing_beside_it() {
        let home = TempDir::new().unwrap();
        fs::create_dir(home.path().join("key")).unwrap();
        assert!(replace_private(home.path(), "key", b"one").is_err());
        assert!(home.path().join("key").is_dir());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_secret_that_anyone_else_can_read_or_write_is_none() {
        let home = TempDir::new().unwrap();
        let path = home.path().join("key");
        fs::write(&path, b"one").unwrap();
        for exposed in [0o644, 0o640, 0o604, 0o620, 0o602, 0o610] {
            set_mode(&path, exposed);
            assert!(matches!(open_secret(&path), Err(NotSecret::Exposed { .. })), "{exposed:o}");
            assert_eq!(mode(&path), exposed);
        }
        for hidden in [0o600, 0o400, 0o700] {
            set_mode(&path, hidden);
            assert!(open_secret(&path).is_ok(), "{hidden:o}");
        }
    }

    #[test]
    fn the_remedy_is_for_a_shell_in_whatever_directory() {
        assert_eq!(remedy(Path::new("/home/ann/.local/key")), "chmod 600 /home/ann/.local/key");
        assert_eq!(remedy(Path::new("/ann's files/key")), r"chmod 600 '/ann'\''s files/key'");
        assert!(remedy(Path::new("key")).starts_with("chmod 600 /"));
    }

    #[test]
    fn a_file_that_others_could_read_is_hidden_from_them() {
        let home = TempDir::new().unwrap();
        let path = home.path().join("key");
        fs::write(&path, b"one").unwrap();
        set_mode(&path, 0o644);
        hide_from_others(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
    }
}
