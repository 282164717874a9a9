//! What did not work, for scripts

use serde::{Deserialize, Serialize};

/// What kind of thing did not work
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Nobody known has that name or id
    UnknownPeer,
    /// Two peers share the name
    AmbiguousPeer,
    /// Somebody with another key has the contact's name
    KeyChanged,
    /// Whoever is meant is blocked
    Blocked,
    /// Nobody in particular is meant by a command about who is who
    UnknownContact,
    /// Whoever is meant has said nothing here that is known
    UnknownLine,
    /// Somebody else said the line
    NotYours,
    /// The text is empty or over the limit, or there is no such emoji
    InvalidText,
    /// The name is empty, over the limit or has characters that cannot be seen
    InvalidName,
    /// No such command, or it is incomplete
    InvalidCommand,
    /// The store cannot be written, so what was typed was not sent
    NotStored,
    /// The store cannot be written, so what others say will be forgotten
    NotKept,
    /// The store could not be read and begins anew
    StoreDamaged,
    /// Known, but not possible in this version
    Unsupported,
    /// The other room cannot be entered
    NotJoined,
    /// Somebody's log contradicts itself
    Forked,
    /// Another program speaks with the own key
    KeyInUse,
    /// Too much at once; say it again later
    Busy,
    /// An interface or a socket has a problem
    Network,
    /// A plain datagram could not be sent
    NotSent,
    /// Characters that an encoding lacks were sent as `?`
    Replaced,
    /// More lines of guests came than the room bears
    NotRelayed,
    /// Standard output was too slow, lines were left out
    OutputTooSlow,
    /// A code of a newer version
    #[serde(other)]
    Other,
}

impl ErrorCode {
    /// Whether it answers something that was to be said, whispered or sent, which then is not
    pub fn refuses_a_line(self) -> bool {
        matches!(
            self,
            Self::UnknownPeer
                | Self::AmbiguousPeer
                | Self::KeyChanged
                | Self::Blocked
                | Self::UnknownLine
                | Self::NotYours
                | Self::InvalidText
                | Self::NotStored
                | Self::Busy
                | Self::NotSent
        )
    }
}
