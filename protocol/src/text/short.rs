//! What is shorter than a line: reactions, topics, notes

use alloc::{borrow::ToOwned, string::String};
use core::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use super::is_invisible;

/// What somebody puts under a line: an emoji or a short word (PROTOCOL.md §6)
///
/// 1 to 64 bytes of UTF-8 in normal form C, without white space. Of what cannot be seen it has only what emoji are put
/// together with, and not as its first character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reaction(String);

impl Reaction {
    /// The most bytes a reaction may have
    pub const MAX_BYTES: usize = 64;

    /// Checks and normalises what somebody reacts with
    ///
    /// # Errors
    /// If nothing is left after trimming, if it is too long or several words, or if it has a character that cannot be
    /// seen
    pub fn new(reaction: &str) -> Result<Self, ReactionError> {
        let reaction: String = reaction.trim().nfc().collect();
        if reaction.is_empty() {
            return Err(ReactionError::Empty);
        }
        if reaction.len() > Self::MAX_BYTES {
            return Err(ReactionError::TooLong { bytes: reaction.len() });
        }
        if reaction.starts_with(joins_emoji) {
            return Err(ReactionError::Blank);
        }
        if reaction.chars().any(|c| c.is_whitespace() || is_invisible(c) && !joins_emoji(c)) {
            return Err(ReactionError::Blank);
        }
        Ok(Self(reaction))
    }

    /// The reaction from an item, which must be exactly as [`new`](Self::new) would have made it
    pub(crate) fn from_wire(reaction: &str) -> Option<Self> {
        if reaction.len() > Self::MAX_BYTES {
            return None;
        }
        Self::new(reaction).ok().filter(|checked| checked.0 == reaction)
    }

    /// The reaction as text
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why nobody can react with this
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReactionError {
    /// Nothing but white space
    #[error("a reaction needs an emoji or a word")]
    Empty,
    /// More than [`Reaction::MAX_BYTES`]
    #[error(
        "a reaction has at most {} bytes of UTF-8, this one has {bytes}: choose a shorter one",
        Reaction::MAX_BYTES
    )]
    TooLong {
        /// How many it has
        bytes: usize,
    },
    /// White space or an invisible character
    #[error("a reaction is one emoji or one word: leave out spaces and invisible characters")]
    Blank,
}

/// Whether this character makes one emoji of several, or chooses how one looks
fn joins_emoji(c: char) -> bool {
    matches!(c, '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' | '\u{E0020}'..='\u{E007F}')
}

/// What a room is about: 1 to 300 bytes of UTF-8, in which anything may stand, with no white space at either end
/// (PROTOCOL.md §6)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(String);

impl Topic {
    /// The most bytes a topic may have
    pub const MAX_BYTES: usize = 300;

    /// Checks and trims a topic
    ///
    /// # Errors
    /// If nothing is left after trimming, or if it is too long
    pub fn new(topic: &str) -> Result<Self, TopicError> {
        match topic.trim() {
            "" => Err(TopicError::Empty),
            topic if topic.len() > Self::MAX_BYTES => Err(TopicError::TooLong { bytes: topic.len() }),
            topic => Ok(Self(topic.to_owned())),
        }
    }

    /// The topic from an item, which must be exactly as [`new`](Self::new) would have made it
    pub(crate) fn from_wire(topic: &str) -> Option<Self> {
        Self::new(topic).ok().filter(|checked| checked.0 == topic)
    }

    /// The topic as text
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why this cannot be a topic
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TopicError {
    /// Nothing but white space
    #[error("a topic needs at least one character")]
    Empty,
    /// More than [`Topic::MAX_BYTES`]
    #[error(
        "a topic has at most {} bytes of UTF-8, this one has {bytes}: write a shorter one",
        Topic::MAX_BYTES
    )]
    TooLong {
        /// How many it has
        bytes: usize,
    },
}

/// Why somebody is away, in their words: 1 to 120 bytes of UTF-8, in which anything may stand, with no white space at
/// either end (PROTOCOL.md §6)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Note(String);

impl Note {
    /// The most bytes a note may have
    pub const MAX_BYTES: usize = 120;

    /// Checks and trims a note
    ///
    /// # Errors
    /// If nothing is left after trimming, or if it is too long
    pub fn new(note: &str) -> Result<Self, NoteError> {
        match note.trim() {
            "" => Err(NoteError::Empty),
            note if note.len() > Self::MAX_BYTES => Err(NoteError::TooLong { bytes: note.len() }),
            note => Ok(Self(note.to_owned())),
        }
    }

    /// The note from an announcement, which must be exactly as [`new`](Self::new) would have made it
    pub(crate) fn from_wire(note: &str) -> Option<Self> {
        Self::new(note).ok().filter(|checked| checked.0 == note)
    }

    /// The note as text
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why this cannot be a note
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Nothing but white space
    #[error("a note needs at least one character")]
    Empty,
    /// More than [`Note::MAX_BYTES`]
    #[error(
        "a note has at most {} bytes of UTF-8, this one has {bytes}: write a shorter one",
        Note::MAX_BYTES
    )]
    TooLong {
        /// How many it has
        bytes: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_of_every_make_and_short_words_are_reactions() {
        for one in
            ["👍", "❤\u{fe0f}", "👩\u{200d}👩\u{200d}👧\u{200d}👦", "1\u{fe0f}\u{20e3}", "+1", "so!", "谢谢"]
        {
            assert_eq!(Reaction::new(one).unwrap().as_str(), one);
            assert_eq!(Reaction::from_wire(one).unwrap().as_str(), one);
        }
        let scotland = "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
        assert_eq!(Reaction::new(scotland).unwrap().as_str(), scotland);
        assert_eq!(Reaction::new(" e\u{301} ").unwrap().as_str(), "é");
    }

    #[test]
    fn what_hides_something_is_no_reaction() {
        assert_eq!(Reaction::new(" "), Err(ReactionError::Empty));
        assert_eq!(Reaction::new(&"👍".repeat(17)), Err(ReactionError::TooLong { bytes: 68 }));
        for blank in ["two words", "a\u{202e}b", "a\u{1b}[31m", "\u{fe0f}a", "\u{200d}", "a\u{200b}b"] {
            assert_eq!(Reaction::new(blank), Err(ReactionError::Blank), "{blank:?}");
        }
        assert_eq!(Reaction::from_wire(" 👍"), None);
        assert_eq!(Reaction::from_wire("e\u{301}"), None);
    }

    #[test]
    fn topics_and_notes_have_a_limit_and_no_margins() {
        assert_eq!(Topic::new(" all about\tcats ").unwrap().as_str(), "all about\tcats");
        assert_eq!(Topic::new("\n"), Err(TopicError::Empty));
        assert!(Topic::new(&"x".repeat(300)).is_ok());
        assert_eq!(Topic::new(&"x".repeat(301)), Err(TopicError::TooLong { bytes: 301 }));
        assert_eq!(Topic::from_wire("cats "), None);
        assert_eq!(Note::new(" at lunch ").unwrap().as_str(), "at lunch");
        assert_eq!(Note::new(""), Err(NoteError::Empty));
        assert!(Note::new(&"x".repeat(120)).is_ok());
        assert_eq!(Note::new(&"x".repeat(121)), Err(NoteError::TooLong { bytes: 121 }));
        assert_eq!(Note::from_wire(" at lunch"), None);
    }
}
