//! What people do about lines that were said: they change, withdraw or react to them

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Author, Place, is_false};
use crate::sanitize::Unclean;

/// Somebody says an own line anew
///
/// It counts only if they said that line; of several the one with the greatest place does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    /// The room
    pub room: String,
    /// The message id of the edit
    pub id: Uuid,
    /// The message id of the line
    pub target: Uuid,
    /// Who said it
    pub from: Author,
    /// The line's text from here on
    pub text: Unclean,
    /// The author's wall clock
    pub sent_at: Timestamp,
    /// The edit's place in the room's transcript
    pub order: Place,
    /// Whether it is an own one
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// Whether what follows it in the transcript was told long before
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    /// Whether it was said before this node was there
    #[serde(default, skip_serializing_if = "is_false")]
    pub past: bool,
}

/// Somebody asks everybody to forget an own line
///
/// It counts only if they said that line, and is final. It is a request: whoever has the line may keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// The room
    pub room: String,
    /// The message id of the line
    pub target: Uuid,
    /// Who asks
    pub from: Author,
    /// The request's place in the room's transcript
    pub order: Place,
    /// Whether it is an own one
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// Whether what follows it in the transcript was told long before
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    /// Whether it was asked before this node was there
    #[serde(default, skip_serializing_if = "is_false")]
    pub past: bool,
}

/// Somebody reacts to a line
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The room
    pub room: String,
    /// The message id of the line
    pub target: Uuid,
    /// Who reacts
    pub from: Author,
    /// An emoji or a short word; empty when they take all of theirs back
    pub with: Unclean,
    /// The reaction's place in the room's transcript
    pub order: Place,
    /// Whether it is an own one
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// Whether what follows it in the transcript was told long before
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    /// Whether it was before this node was there
    #[serde(default, skip_serializing_if = "is_false")]
    pub past: bool,
}

/// What a room is about now; of several the one with the greatest place counts
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The room
    pub room: String,
    /// The topic; empty when there is none
    pub text: Unclean,
    /// Who said so, if somebody did
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Author>,
    /// The author's wall clock
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// Its place in the room's transcript
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Place>,
    /// Whether it is an own one
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// Whether it was said before this node was there, or is told because it was asked for
    #[serde(default, skip_serializing_if = "is_false")]
    pub past: bool,
    /// Whether it is told because it was asked for
    #[serde(default, skip_serializing_if = "is_false")]
    pub asked: bool,
}

/// Somebody is writing something; if it is not said again within 6 s they have stopped
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// Who
    pub id: Uuid,
    /// What they are called
    pub name: Unclean,
    /// Whether it is to be a whisper to this node
    #[serde(default, skip_serializing_if = "is_false")]
    pub whisper: bool,
}

/// Somebody holds all own lines up to this place
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds {
    /// Who
    pub peer: Uuid,
    /// The place of the last of them
    pub upto: Place,
}

/// Who of those who are there has the last own line: the answer to [`Command::Received`](crate::command::Command::Received)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The message id of the line; none if nothing was said yet
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Who has it
    pub by: Vec<Author>,
    /// Who is there and is not known to have it
    pub not_by: Vec<Author>,
}

/// One of the rooms that one is in
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomInfo {
    /// Its name
    pub room: String,
    /// Whether only who has its code is in it
    #[serde(default, skip_serializing_if = "is_false")]
    pub private: bool,
    /// How many others are there
    pub peers: usize,
    /// Whether what is typed is said there
    #[serde(default, skip_serializing_if = "is_false")]
    pub current: bool,
}
