//! What came in, before it is decided whose business it is

use super::Received;

/// What came in, and from where
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// What it is.
    pub received: Received,
    /// Whether it is for the program.
    pub origin: Origin,
}

/// Where a datagram came from
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A neighbour or a configured peer.
    Admitted,
    /// A socket of this [`Net`](super::Net): an own broadcast that came back.
    Own,
    /// An address of another network.
    OffLink,
}

impl Arrival {
    /// What is for the program, if it is.
    pub(super) fn admitted(self) -> Option<Received> {
        match self.origin {
            Origin::Admitted => Some(self.received),
            Origin::Own | Origin::OffLink => None,
        }
    }
}
