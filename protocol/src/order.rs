use crate::PeerKey;

/// A line's place in the room's transcript: causal, and the same for everyone who has the same entries (PROTOCOL.md §7)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// The lamport value of the entry in which the line begins
    pub lamport: u64,
    /// Whose log it is in
    pub author: PeerKey,
    /// In which of their logs
    pub epoch: u64,
    /// The entry's place in that log
    pub seq: u64,
    /// The place of the line's first item in the entry
    pub index: u32,
}
