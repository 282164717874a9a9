//! The keys of private rooms that a profile remembers: with them one is in without the code

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use lanchat_protocol::{RoomKey, RoomName};
use thiserror::Error;

use crate::{
    lang::{Told as _, tell},
    platform::files::{self, NotSecret},
};

/// The key of the room of this name, if the profile in this directory remembers one
///
/// # Errors
/// When the file is there and cannot be read
pub fn recall(directory: &Path, name: &RoomName) -> Result<Option<RoomKey>, KeysError> {
    Ok(recall_all(directory, name)?.pop())
}

/// The keys that the room of this name had, the latest last: with each of them it was another room
///
/// # Errors
/// When the file is there and cannot be read
pub fn recall_all(directory: &Path, name: &RoomName) -> Result<Vec<RoomKey>, KeysError> {
    let lines = read(directory)?;
    Ok(lines.iter().filter_map(|line| line_of(line, name)).filter_map(key).collect())
}

/// Remembers the key that the room of this name has now; those of before are for what was said with them
///
/// # Errors
/// When the file cannot be read or written
pub fn remember(directory: &Path, name: &RoomName, key: &RoomKey) -> Result<(), KeysError> {
    let mut lines = read(directory)?;
    let digits = digits(key);
    lines.retain(|line| line_of(line, name) != Some(&digits));
    lines.push(format!("{name} {digits}"));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    files::replace_private(directory, FILE, text.as_bytes())
        .map_err(|source| KeysError::Unwritable { path: directory.join(FILE), source })
}

/// One key a line: the name of its room, which has no space in it, a space, the key in hexadecimal digits
const FILE: &str = "room-keys";

fn read(directory: &Path) -> Result<Vec<String>, KeysError> {
    let path = directory.join(FILE);
    let mut text = String::new();
    let opened = match files::open_secret(&path) {
        Err(NotSecret::Exposed { remedy }) => return Err(KeysError::Exposed { path, remedy }),
        Err(NotSecret::Unreadable(error)) => Err(error),
        Ok(file) => Ok(file),
    };
    match opened.and_then(|mut file| file.read_to_string(&mut text)) {
        Ok(_) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(KeysError::Unreadable { path, source }),
    }
}

/// What follows the name, if the line is about this room
fn line_of<'a>(line: &'a str, name: &RoomName) -> Option<&'a str> {
    line.strip_prefix(name.as_str())?.strip_prefix(' ')
}

/// A key in hexadecimal digits
pub(crate) fn digits(key: &RoomKey) -> String {
    key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key with these digits
pub(crate) fn key(digits: &str) -> Option<RoomKey> {
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(RoomKey::from_bytes(bytes))
}

/// Why keys cannot be remembered
#[derive(Debug, Error)]
pub enum KeysError {
    /// Others could have read the keys, or put others in their place
    #[error("{}", tell!("keys-exposed", file = %path.display(), remedy = remedy))]
    Exposed {
        /// The file
        path: PathBuf,
        /// The command that mends it
        remedy: String,
    },
    /// The file cannot be read
    #[error("{}", tell!("keys-unreadable", file = %path.display(), reason = source.told()))]
    Unreadable {
        /// Which
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// The file cannot be written
    #[error("{}", tell!("keys-unwritable", file = %path.display(), reason = source.told()))]
    Unwritable {
        /// Which
        path: PathBuf,
        /// Why
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn room(name: &str) -> RoomName {
        RoomName::new(name).unwrap()
    }

    #[test]
    fn each_room_has_the_latest_key() {
        let home = TempDir::new().unwrap();
        assert_eq!(recall(home.path(), &room("attic")).unwrap(), None);
        for (name, key) in [("attic", 1), ("attic2", 2), ("地下室", 3), ("attic", 4)] {
            remember(home.path(), &room(name), &RoomKey::from_bytes([key; 32])).unwrap();
        }
        for (name, key) in [("attic", 4), ("attic2", 2), ("地下室", 3)] {
            assert_eq!(recall(home.path(), &room(name)).unwrap(), Some(RoomKey::from_bytes([key; 32])));
        }
        let of_the_attic = recall_all(home.path(), &room("attic")).unwrap();
        assert_eq!(of_the_attic, [1, 4].map(|key| RoomKey::from_bytes([key; 32])));
        remember(home.path(), &room("attic"), &RoomKey::from_bytes([1; 32])).unwrap();
        assert_eq!(recall(home.path(), &room("attic")).unwrap(), Some(RoomKey::from_bytes([1; 32])));
        assert_eq!(fs::read_to_string(home.path().join(FILE)).unwrap().lines().count(), 4);
    }

    #[test]
    fn a_line_that_makes_no_sense_is_no_key() {
        let home = TempDir::new().unwrap();
        for digits in ["", "00", &"0g".repeat(32), &"ä".repeat(32), &"00".repeat(33)] {
            let line = format!("attic {digits}\n");
            files::replace_private(home.path(), FILE, line.as_bytes()).unwrap();
            assert_eq!(recall(home.path(), &room("attic")).unwrap(), None, "{digits}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_them() {
        use std::os::unix::fs::PermissionsExt;

        let home = TempDir::new().unwrap();
        remember(home.path(), &room("attic"), &RoomKey::from_bytes([1; 32])).unwrap();
        let file = home.path().join(FILE);
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        let before = fs::read(&file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let recalled = recall(home.path(), &room("attic")).map(drop);
        for refused in [recalled, remember(home.path(), &room("cellar"), &RoomKey::from_bytes([2; 32]))] {
            let message = refused.unwrap_err().to_string();
            assert!(message.contains(&format!("`chmod 600 {}`", file.display())), "{message}");
        }
        assert_eq!((mode(), fs::read(&file).unwrap()), (0o640, before));
    }
}
