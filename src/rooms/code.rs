//! The codes of private rooms: made, kept in files, and judged

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use bip39::Language;
use lanchat_protocol::{RoomCode, RoomCodeError, RoomName};
use thiserror::Error;

use crate::{
    lang::{Told as _, tell},
    platform::files,
};

/// Draws a code: six different words of the English list of BIP 39, 66 bits
///
/// # Errors
/// When the system gives no random numbers
pub fn generate() -> Result<RoomCode, CodeError> {
    let words = Language::English.word_list();
    let mut drawn = Vec::with_capacity(WORDS);
    while drawn.len() < WORDS {
        let number = getrandom::u32().map_err(CodeError::Random)?;
        // There are 2^11 words, so that each is as likely as any other.
        let word = words[usize::try_from(number).unwrap_or_default() % words.len()];
        // A word that comes twice would make the code look like a weak one to those who join with it.
        if !drawn.contains(&word) {
            drawn.push(word);
        }
    }
    RoomCode::new(&drawn.join("-")).map_err(CodeError::Unusable)
}

const WORDS: usize = 6;
const BITS_OF_A_WORD: f64 = 11.0;

/// What a code should have at least, so that nobody finds it by trying
pub const ENOUGH_BITS: f64 = 64.0;

/// Says what it takes to find the code of this room by trying, if that is too little
///
/// Six or more different words of the list that [`generate`] draws from count as drawn; all else is estimated by zxcvbn,
/// which knows what people take for secrets, with hyphens left out.
pub fn weakness(code: &RoomCode, room: &RoomName) -> Option<String> {
    let bits = bits(code, room);
    (bits < ENOUGH_BITS).then(|| tell!("code-weak", duration = duration(bits), bits = format!("{bits:.0}")))
}

fn bits(code: &RoomCode, room: &RoomName) -> f64 {
    let words: Vec<&str> = code.as_str().split('-').collect();
    let different: BTreeSet<&str> = words.iter().copied().collect();
    let is_listed = |word: &&str| Language::English.find_word(word).is_some();
    if words.len() >= WORDS && different.len() == words.len() && words.iter().all(is_listed) {
        return words.iter().map(|_| BITS_OF_A_WORD).sum();
    }
    zxcvbn::zxcvbn(&words.concat(), &[room.as_str()]).guesses_log10() * std::f64::consts::LOG2_10
}

/// Words so many of a unit of time
type Unit = fn(String) -> String;

/// How long half of all guesses take
fn duration(bits: f64) -> String {
    const SECONDS_A_GUESS: f64 = 0.25;
    const YEAR: f64 = 31_557_600.0;
    const UNITS: [(f64, Unit); 6] = [
        (1e9 * YEAR, |number| tell!("duration-billion-years", number = number)),
        (1e6 * YEAR, |number| tell!("duration-million-years", number = number)),
        (YEAR, |number| tell!("duration-years", number = number)),
        (86_400.0, |number| tell!("duration-days", number = number)),
        (3_600.0, |number| tell!("duration-hours", number = number)),
        (60.0, |number| tell!("duration-minutes", number = number)),
    ];
    let seconds = (bits - 1.0).exp2() * SECONDS_A_GUESS;
    match UNITS.iter().find(|(length, _)| seconds >= 2.0 * length) {
        Some((length, unit)) => unit(format!("{:.0}", seconds / length)),
        None => tell!("duration-seconds", number = format!("{:.0}", seconds.max(2.0))),
    }
}

/// Reads the code that a file holds and nothing else
///
/// # Errors
/// When it cannot be read or is no code
pub fn read(path: &Path) -> Result<RoomCode, CodeError> {
    let unreadable = |source| CodeError::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text))
        .map_err(unreadable)?;
    RoomCode::new(&text).map_err(|source| CodeError::NoCode { path: path.to_owned(), source })
}

/// A code has fewer, however it is spelled
const MAX_FILE_BYTES: u64 = 4_096;

/// Writes a code into a new file that only its owner can read
///
/// # Errors
/// When there is such a file already, or it cannot be made
pub fn write(path: &Path, code: &RoomCode) -> Result<(), CodeError> {
    let unwritable = |source| CodeError::Unwritable { path: path.to_owned(), source };
    let mut file = files::private().create_new(true).open(path).map_err(unwritable)?;
    file.write_all(format!("{}\n", code.as_str()).as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(unwritable)
}

/// Why there is no code
#[derive(Debug, Error)]
pub enum CodeError {
    /// The file is not there, or no text
    #[error("{}", tell!("code-unreadable", file = %path.display(), reason = source.told()))]
    Unreadable {
        /// Which
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// What the file holds is no code
    #[error("{}", tell!("code-unusable", file = %path.display(), reason = source.told()))]
    NoCode {
        /// Which
        path: PathBuf,
        /// Why
        source: RoomCodeError,
    },
    /// A code cannot be left there
    #[error("{}", tell!("code-unwritable", file = %path.display(), reason = source.told()))]
    Unwritable {
        /// Where
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// No random numbers
    #[error("{}", tell!("code-random", reason = %_0))]
    Random(getrandom::Error),
    /// It is no code
    #[error("{}", _0.told())]
    Unusable(RoomCodeError),
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn attic() -> RoomName {
        RoomName::new("attic").unwrap()
    }

    fn judged(code: &str) -> Option<String> {
        weakness(&RoomCode::new(code).unwrap(), &attic())
    }

    #[test]
    fn a_code_that_was_drawn_is_six_words_and_never_weak() {
        let mut codes = BTreeSet::new();
        for _ in 0..200 {
            let code = generate().unwrap();
            assert_eq!(code.as_str().split('-').count(), 6);
            assert!(weakness(&code, &attic()).is_none(), "{}", code.as_str());
            codes.insert(code.as_str().to_owned());
        }
        assert_eq!(codes.len(), 200);
    }

    #[test]
    fn no_word_is_drawn_twice() {
        for _ in 0..2_000 {
            let code = generate().unwrap();
            let words: BTreeSet<_> = code.as_str().split('-').collect();
            assert_eq!(words.len(), 6, "{}", code.as_str());
        }
    }

    #[test]
    fn what_people_think_up_is_weak() {
        for code in [
            "attic",
            "password1234",
            "correct horse battery staple",
            "qwertyuiopasdfghjkl",
            "abandon abandon abandon abandon abandon abandon",
            "2026-11-23",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(judged(code).is_some(), "{code}");
        }
    }

    #[test]
    fn what_was_drawn_elsewhere_is_not() {
        for code in [
            "7c9e6679f0b84c1a9d3be2f5a6071d48",
            "able about above absent absorb abuse",
            "x9#kQ2!vLm7&wRz4^tBn",
        ] {
            assert_eq!(judged(code), None, "{code}");
        }
    }

    #[test]
    fn the_cost_of_guessing_is_named() {
        assert!(judged("attic").unwrap().contains("in about 2 seconds on one core"));
        let times = [12.0, 20.0, 25.0, 40.0, 63.0].map(duration);
        assert_eq!(times, ["9 minutes", "36 hours", "49 days", "4355 years", "37 billion years"]);
    }

    #[test]
    fn a_code_comes_back_from_its_file_which_is_private_and_not_written_over() {
        let home = TempDir::new().unwrap();
        let path = home.path().join("code");
        let code = generate().unwrap();
        write(&path, &code).unwrap();
        assert_eq!(read(&path).unwrap(), code);
        let message = write(&path, &code).unwrap_err().to_string();
        assert!(message.contains("code") && message.contains("not there yet"), "{message}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_without_a_code_is_named() {
        let home = TempDir::new().unwrap();
        let path = home.path().join("code");
        for bytes in [b"".as_slice(), b" \n", b"\xff\xfe", &[b'x'; 300]] {
            std::fs::write(&path, bytes).unwrap();
            assert!(read(&path).unwrap_err().to_string().contains(&path.display().to_string()));
        }
        assert!(read(&home.path().join("nowhere")).unwrap_err().to_string().contains("nowhere"));
    }
}
