//! Errors of others, in the chosen language

use std::io;

use lanchat_protocol::{
    Name, NameError, NoMemory, Note, NoteError, Reaction, ReactionError, RoomCode, RoomCodeError, RoomName,
    RoomNameError, Text, TextError, Topic, TopicError,
};
use rusqlite::ErrorCode;

use super::{Language, chosen, tell};

/// Something whose own words are English
pub(crate) trait Told {
    /// What it says, in the chosen language
    fn told(&self) -> String;
}

impl Told for NameError {
    fn told(&self) -> String {
        match self {
            Self::Empty => tell!("name-empty"),
            Self::TooLong { bytes } => tell!("name-long", most = Name::MAX_BYTES, bytes = bytes),
            Self::Invisible { code } => tell!("name-invisible", code = format!("{code:04X}")),
        }
    }
}

impl Told for RoomNameError {
    fn told(&self) -> String {
        match self {
            Self::Empty => tell!("room-name-empty"),
            Self::TooLong { bytes } => tell!("room-name-long", most = RoomName::MAX_BYTES, bytes = bytes),
            Self::Blank => tell!("room-name-blank"),
        }
    }
}

impl Told for RoomCodeError {
    fn told(&self) -> String {
        match self {
            Self::Empty => tell!("room-code-empty"),
            Self::TooLong { bytes } => tell!("room-code-long", most = RoomCode::MAX_BYTES, bytes = bytes),
        }
    }
}

impl Told for NoMemory {
    fn told(&self) -> String {
        tell!("room-key-memory")
    }
}

impl Told for TextError {
    fn told(&self) -> String {
        match self {
            Self::Empty => tell!("text-empty"),
            Self::TooLong { bytes } => tell!("text-long", most = Text::MAX_BYTES, bytes = bytes),
        }
    }
}

impl Told for ReactionError {
    fn told(&self) -> String {
        match self {
            Self::Empty => tell!("reaction-empty"),
            Self::TooLong { bytes } => tell!("reaction-long", most = Reaction::MAX_BYTES, bytes = bytes),
            Self::Blank => tell!("reaction-blank"),
        }
    }
}

impl Told for TopicError {
    fn told(&self) -> String {
        match self {
            Self::Empty => tell!("topic-empty"),
            Self::TooLong { bytes } => tell!("topic-long", most = Topic::MAX_BYTES, bytes = bytes),
        }
    }
}

impl Told for NoteError {
    fn told(&self) -> String {
        match self {
            Self::Empty => tell!("note-empty"),
            Self::TooLong { bytes } => tell!("note-long", most = Note::MAX_BYTES, bytes = bytes),
        }
    }
}

/// What systems say, each in its own words; those that people meet are said in the other languages, too
impl Told for io::Error {
    fn told(&self) -> String {
        if chosen() == Language::English {
            return self.to_string();
        }
        let Some((_, what)) = MET.iter().find(|(kind, _)| *kind == self.kind()) else {
            return self.to_string();
        };
        let what = what();
        match self.raw_os_error() {
            Some(number) => tell!("system-number", what = what, number = number),
            None => what,
        }
    }
}

/// Says something in the chosen language
type Words = fn() -> String;

/// What people meet
const MET: &[(io::ErrorKind, Words)] = &[
    (io::ErrorKind::NotFound, || tell!("system-not-found")),
    (io::ErrorKind::PermissionDenied, || tell!("system-permission")),
    (io::ErrorKind::AlreadyExists, || tell!("system-exists")),
    (io::ErrorKind::NotADirectory, || tell!("system-no-directory")),
    (io::ErrorKind::IsADirectory, || tell!("system-directory")),
    (io::ErrorKind::ReadOnlyFilesystem, || tell!("system-read-only")),
    (io::ErrorKind::StorageFull, || tell!("system-full")),
    (io::ErrorKind::QuotaExceeded, || tell!("system-full")),
    (io::ErrorKind::InvalidData, || tell!("system-no-text")),
    (io::ErrorKind::BrokenPipe, || tell!("system-pipe")),
    (io::ErrorKind::AddrInUse, || tell!("system-in-use")),
    (io::ErrorKind::AddrNotAvailable, || tell!("system-no-address")),
    (io::ErrorKind::NetworkUnreachable, || tell!("system-unreachable")),
    (io::ErrorKind::HostUnreachable, || tell!("system-unreachable")),
    (io::ErrorKind::NetworkDown, || tell!("system-network-down")),
    (io::ErrorKind::OutOfMemory, || tell!("system-memory")),
];

impl Told for rusqlite::Error {
    fn told(&self) -> String {
        if chosen() == Language::English {
            return self.to_string();
        }
        match self.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => tell!("system-full"),
            Some(ErrorCode::ReadOnly) => tell!("system-read-only"),
            Some(ErrorCode::PermissionDenied) => tell!("system-permission"),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => tell!("system-in-use-file"),
            Some(ErrorCode::CannotOpen) => tell!("system-cannot-open"),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => tell!("system-corrupt"),
            Some(_) | None => self.to_string(),
        }
    }
}
