//! What frames say of the people in front of the screens, and not of their nodes

use serde::{Deserialize, Serialize};

use super::{Announce, Extension, bounded::Bytes, limits::MAX_NOTE_BYTES};
use crate::{Away, Note, PeerKey};

/// Whether somebody is at the screen of whoever announces themselves (PROTOCOL.md §5.1)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// One of the numbers below
    pub state: u8,
    /// What they said about it, in UTF-8; empty for nothing
    pub note: Bytes<MAX_NOTE_BYTES>,
}

impl Status {
    /// Somebody is there
    pub const HERE: u8 = 0;
    /// Somebody said that they go
    pub const AWAY: u8 = 1;
    /// Their program noticed that they are gone
    pub const AWAY_BY_ITSELF: u8 = 2;

    /// What says this; `None` cannot be, since notes are no longer than this
    pub(crate) fn of(away: Option<&Away>) -> Option<Self> {
        let state = match away {
            None => Self::HERE,
            Some(Away { by_itself: false, .. }) => Self::AWAY,
            Some(Away { by_itself: true, .. }) => Self::AWAY_BY_ITSELF,
        };
        let note = away.and_then(|away| away.note.as_ref()).map_or("", Note::as_str);
        Some(Self { state, note: Bytes::new(note.as_bytes().to_vec())? })
    }

    /// What it says; the outer `None` if that is not known to this version
    fn away(&self) -> Option<Option<Away>> {
        let note = match core::str::from_utf8(&self.note).ok()? {
            "" => None,
            note => Some(Note::from_wire(note)?),
        };
        match self.state {
            Self::HERE => Some(None),
            Self::AWAY => Some(Some(Away { by_itself: false, note })),
            Self::AWAY_BY_ITSELF => Some(Some(Away { by_itself: true, note })),
            _ => None,
        }
    }
}

impl Announce {
    /// Whether somebody is at the sender's screen; the outer `None` if it does not say
    pub fn status(&self) -> Option<Option<Away>> {
        self.extension::<Status>(Extension::STATUS)?.away()
    }
}

/// Somebody is typing (PROTOCOL.md §5.11)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// Whom their whisper is for; 32 zeros, which are nobody's key, for a line to all
    pub to: PeerKey,
}

impl Typing {
    /// A line to all
    pub const TO_ALL: Self = Self { to: PeerKey::from_bytes([0; 32]) };
}
