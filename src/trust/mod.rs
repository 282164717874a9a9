//! Who is who: names that look the same, whom one knows by a key, and whom one does not want to hear
//!
//! All of it is this program's own affair: nothing of it travels.

mod contacts;
mod looks;
pub mod mention;
pub mod words;

use std::collections::BTreeSet;

pub use contacts::{Acquaintance, Contacts};
use lanchat_protocol::PeerKey;
pub use looks::{Looks, Namesakes};
use uuid::Uuid;

/// What a person knows of others when they come into a room, as far as it is not to be asked of them again
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Whose keys mean what
    pub held: Vec<(PeerKey, Acquaintance)>,
    /// With whom words were compared
    pub compared: BTreeSet<Uuid>,
}

impl People {
    /// Whose names they have pinned
    pub fn contacts(&self) -> impl Iterator<Item = PeerKey> {
        self.held.iter().filter(|(_, who)| who.trust.is_some()).map(|(key, _)| *key)
    }

    /// Whom they do not want to hear
    pub fn blocked(&self) -> impl Iterator<Item = PeerKey> {
        self.held.iter().filter(|(_, who)| who.is_blocked).map(|(key, _)| *key)
    }
}
