//! What front ends show of who is who

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Author, is_false};
use crate::sanitize::Unclean;

/// How well a contact is known
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// A name means their key since one first whispered to them or mentioned them, or said so
    Pinned,
    /// That, and both have compared words
    Verified,
}

/// What is held of somebody has changed
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// What changed
    pub change: ContactChange,
    /// Whose key
    pub id: Uuid,
    /// The name that was pinned to it or is no more, or else what they are called
    pub name: Unclean,
    /// How well they are known now, if they are a contact
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// Whether they are blocked now
    #[serde(default, skip_serializing_if = "is_false")]
    pub blocked: bool,
}

/// What changed about what is held of somebody
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactChange {
    /// The name means this key from now on, or still does
    Pinned,
    /// The same, and both have compared words
    Verified,
    /// The name does not mean this key any more
    Unpinned,
    /// Nothing of them is shown or answered any more
    Blocked,
    /// It is again
    Unblocked,
}

/// The answer to [`Command::Verify`](crate::command::Command::Verify)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// With whom to compare
    pub id: Uuid,
    /// What they are called
    pub name: Unclean,
    /// What both see if nobody is in between
    pub words: Vec<String>,
}

/// Names are not what they seem
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is about
    pub code: WarningCode,
    /// Who has a name that is somebody else's
    pub id: Uuid,
    /// That name
    pub name: Unclean,
    /// Whose it is, if it is a contact's
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Uuid>,
    /// One sentence that says what to do
    pub message: String,
}

/// What kind of warning
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// Somebody with another key has a contact's name, and whispers to it are refused
    KeyChanged,
    /// Somebody has the own name
    NameTaken,
    /// The own name is a contact's
    NameOfContact,
    /// A code of a newer version
    #[serde(other)]
    Other,
}

/// The answer to [`Command::Blocked`](crate::command::Command::Blocked)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedPeople {
    /// Everybody who is blocked, by id
    pub people: Vec<Author>,
}
