//! Files that only their owner can read, and that are whole after a crash

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Makes a directory that only its owner can enter, and those above it, unless it is there
pub(crate) fn make_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// How to open a file for writing that only its owner can read, made if it is not there
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a private file so that after a crash there is the old one or the new one, whole
pub(crate) fn replace_private(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = directory.join(format!("{name}.new"));
    let mut file = private().truncate(true).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, directory.join(name))?;
    sync_directory(directory)
}

/// Makes a file private that was copied or unpacked and may have lost its mode
#[cfg(unix)]
pub(crate) fn hide_from_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let is_shown = file.metadata()?.permissions().mode() & 0o077 != 0;
    if is_shown { file.set_permissions(fs::Permissions::from_mode(0o600)) } else { Ok(()) }
}

/// Makes a file private that was copied or unpacked and may have lost its mode
#[cfg(not(unix))]
pub(crate) fn hide_from_others(_: &File) -> io::Result<()> {
    Ok(())
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
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
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
    fn a_file_that_others_could_read_is_hidden_from_them() {
        let home = TempDir::new().unwrap();
        let path = home.path().join("key");
        fs::write(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        hide_from_others(&File::open(&path).unwrap()).unwrap();
        assert_eq!(mode(&path), 0o600);
    }
}
