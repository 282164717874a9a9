//! People, as front ends show them

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Trust, is_false};
use crate::sanitize::Unclean;

/// What changed about a peer
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerChange {
    /// Seen for the first time, or back
    Joined,
    /// Said goodbye
    Left,
    /// Fell silent
    Gone,
    /// Took another name
    Renamed,
    /// Is there, and somewhere else with their mind
    Away,
    /// Is no longer away
    Back,
}

/// Who wrote a line
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The peer id, which the signature vouches for
    pub id: Uuid,
    /// The name at that time: a label, not an identity
    pub name: Unclean,
    /// The name with the first digits of the id, where somebody else could be meant by the name alone
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Box<Unclean>>,
}

/// Somebody who is there
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// The peer id
    pub id: Uuid,
    /// The name
    pub name: Unclean,
    /// Where the peer was heard last
    pub addr: SocketAddr,
    /// The name with the first digits of the id, where somebody else could be meant by the name alone
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Box<Unclean>>,
    /// How well they are known, if they are a contact
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// Whether they are blocked
    #[serde(default, skip_serializing_if = "is_false")]
    pub blocked: bool,
    /// Whether they are away
    #[serde(default, skip_serializing_if = "is_false")]
    pub away: bool,
    /// What they say about being away
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Unclean>,
}

impl Author {
    /// Somebody who is called this
    pub fn new(id: Uuid, name: impl Into<Unclean>) -> Self {
        Self { id, name: name.into(), label: None }
    }

    /// What to call them where nobody else is to be taken for them: the label if there is one, else the name
    pub fn called(&self) -> &Unclean {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

impl Peer {
    /// Somebody who is called this and was heard there
    pub fn new(id: Uuid, name: impl Into<Unclean>, addr: SocketAddr) -> Self {
        Self {
            id,
            name: name.into(),
            addr,
            label: None,
            trust: None,
            blocked: false,
            away: false,
            note: None,
        }
    }
}
