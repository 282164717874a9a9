//! What people type: names, room names and lines, each checked once at the door (PROTOCOL.md §3 and §6)

mod short;

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

pub use short::{Note, NoteError, Reaction, ReactionError, Topic, TopicError};

/// What somebody calls themselves: a label, not an identity (PROTOCOL.md §6)
///
/// 1 to 64 bytes of UTF-8 in normal form C, no character that cannot be seen, no space at either end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The most bytes a name may have
    pub const MAX_BYTES: usize = 64;

    /// Checks and normalises what somebody wants to be called
    ///
    /// # Errors
    /// If nothing is left after trimming, if it is too long, or if it has a character that cannot be seen
    pub fn new(name: &str) -> Result<Self, NameError> {
        let name: String = name.trim().nfc().collect();
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.len() > Self::MAX_BYTES {
            return Err(NameError::TooLong { bytes: name.len() });
        }
        match name.chars().find(|&c| is_invisible(c)) {
            Some(c) => Err(NameError::Invisible { code: u32::from(c) }),
            None => Ok(Self(name)),
        }
    }

    /// The name from a datagram, which must be exactly as [`new`](Self::new) would have made it
    pub(crate) fn from_wire(name: &str) -> Option<Self> {
        if name.len() > Self::MAX_BYTES {
            return None;
        }
        Self::new(name).ok().filter(|checked| checked.0 == name)
    }

    /// The name as text
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a name cannot be one
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing but white space
    #[error("a name needs at least one visible character")]
    Empty,
    /// More than [`Name::MAX_BYTES`]
    #[error(
        "a name has at most {} bytes of UTF-8, this one has {bytes}: choose a shorter one",
        Name::MAX_BYTES
    )]
    TooLong {
        /// How many it has
        bytes: usize,
    },
    /// A control, bidi, zero-width or other invisible character
    #[error("a name cannot contain the invisible character U+{code:04X}: leave it out")]
    Invisible {
        /// Its code point
        code: u32,
    },
}

/// The name of a room, in the one spelling that all its spellings fold to (PROTOCOL.md §3)
///
/// 1 to 64 bytes of UTF-8, in lower case and normal form KC, with neither white space nor invisible characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomName(String);

impl RoomName {
    /// The most bytes a room name may have
    pub const MAX_BYTES: usize = 64;

    /// The room that everyone is in who names no other
    pub fn lobby() -> Self {
        Self("lobby".to_owned())
    }

    /// Checks a room's name and folds its spelling
    ///
    /// # Errors
    /// If it is empty or too long, or has white space or an invisible character
    pub fn new(name: &str) -> Result<Self, RoomNameError> {
        let name: String = name.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect();
        if name.is_empty() {
            return Err(RoomNameError::Empty);
        }
        if name.len() > Self::MAX_BYTES {
            return Err(RoomNameError::TooLong { bytes: name.len() });
        }
        if name.chars().any(|c| c.is_whitespace() || is_invisible(c)) {
            return Err(RoomNameError::Blank);
        }
        Ok(Self(name))
    }

    /// The name as text
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a room cannot be called that
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RoomNameError {
    /// Nothing but white space
    #[error("a room's name needs at least one character")]
    Empty,
    /// More than [`RoomName::MAX_BYTES`]
    #[error(
        "a room's name has at most {} bytes of UTF-8, this one has {bytes}: choose a shorter one",
        RoomName::MAX_BYTES
    )]
    TooLong {
        /// How many it has
        bytes: usize,
    },
    /// White space or an invisible character
    #[error("a room's name cannot contain spaces or invisible characters: write it as one word")]
    Blank,
}

/// A line that somebody says: 1 to 8,000 bytes of UTF-8, in which anything may stand (PROTOCOL.md §6)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// The most bytes a line may have
    pub const MAX_BYTES: usize = 8_000;

    /// Checks a line
    ///
    /// # Errors
    /// If it is empty or too long
    pub fn new(text: &str) -> Result<Self, TextError> {
        match text.len() {
            0 => Err(TextError::Empty),
            bytes if bytes > Self::MAX_BYTES => Err(TextError::TooLong { bytes }),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The line as text
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The line in consecutive pieces of at most `max_bytes` bytes (4 or more), none of which splits a character
    pub(crate) fn pieces(&self, max_bytes: usize) -> Vec<&str> {
        let mut pieces = Vec::new();
        let mut rest = self.as_str();
        while rest.len() > max_bytes {
            let (piece, remainder) = rest.split_at(rest.floor_char_boundary(max_bytes));
            pieces.push(piece);
            rest = remainder;
        }
        pieces.push(rest);
        pieces
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a line cannot be said
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing in it
    #[error("there is nothing to say: type some text")]
    Empty,
    /// More than [`Text::MAX_BYTES`]
    #[error("a line has at most {} bytes of UTF-8, this one has {bytes}: say it in several", Text::MAX_BYTES)]
    TooLong {
        /// How many it has
        bytes: usize,
    },
}

/// Whether a character does something other than be seen: controls, bidi overrides, zero-width, fillers, tags
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_trimmed_and_composed() {
        assert_eq!(Name::new("  Jose\u{301} ").unwrap().as_str(), "José");
        assert_eq!(Name::new("张伟").unwrap().as_str(), "张伟");
    }

    #[test]
    fn names_that_hide_something_are_refused() {
        assert_eq!(Name::new(" \t"), Err(NameError::Empty));
        assert_eq!(Name::new("a\u{1b}[31mb"), Err(NameError::Invisible { code: 0x1b }));
        assert_eq!(Name::new("a\u{202e}b"), Err(NameError::Invisible { code: 0x202e }));
        assert_eq!(Name::new("a\u{200b}b"), Err(NameError::Invisible { code: 0x200b }));
        assert_eq!(Name::new(&"é".repeat(33)), Err(NameError::TooLong { bytes: 66 }));
    }

    #[test]
    fn a_name_on_the_wire_must_already_be_normal() {
        assert_eq!(Name::from_wire("bob").unwrap().as_str(), "bob");
        assert!(Name::from_wire(" bob").is_none());
        assert!(Name::from_wire("Jose\u{301}").is_none());
    }

    #[test]
    fn spellings_of_a_room_fold_to_one() {
        assert_eq!(RoomName::new("Café").unwrap(), RoomName::new("ｃａｆｅ\u{301}").unwrap());
        assert_eq!(RoomName::new("two words"), Err(RoomNameError::Blank));
        assert_eq!(RoomName::new(""), Err(RoomNameError::Empty));
    }

    #[test]
    fn a_line_has_a_limit_and_says_so() {
        assert_eq!(Text::new(""), Err(TextError::Empty));
        assert!(Text::new(&"x".repeat(8_000)).is_ok());
        let error = Text::new(&"x".repeat(8_001)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a line has at most 8000 bytes of UTF-8, this one has 8001: say it in several"
        );
    }

    proptest! {
        #[test]
        fn pieces_are_short_and_make_the_line(line in "\\PC{1,400}", max in 4_usize..40) {
            let text = Text::new(&line).unwrap();
            let pieces = text.pieces(max);
            prop_assert!(pieces.iter().all(|piece| piece.len() <= max && !piece.is_empty()));
            prop_assert_eq!(pieces.concat(), line);
        }

        #[test]
        fn what_a_room_is_called_folds_once(name in "\\PC{0,30}") {
            if let Ok(folded) = RoomName::new(&name) {
                let again = RoomName::new(folded.as_str());
                prop_assert_eq!(again, Ok(folded));
            }
        }
    }
}
