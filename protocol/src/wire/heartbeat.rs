use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{header::Header, kind};
use crate::{PeerKey, Room};

/// Still here, and all as I announced it (PROTOCOL.md §5.10)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Whose
    pub sender: PeerKey,
    /// In which of their runs
    pub incarnation: u64,
    /// The place of the link in its chain, from 1
    pub place: u16,
    /// The link
    pub link: Link,
}

/// A link of a hash chain: 32 bytes
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link([u8; 32]);

/// That heartbeats repeat this announcement (PROTOCOL.md §5.1)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    /// The link of their chain that was shown last, or its end
    pub link: Link,
    /// The place of that link in the chain, 0 for the end
    pub place: u16,
    /// Milliseconds within which one follows the other
    pub interval_ms: u32,
}

impl Link {
    /// How many links before its end a chain has
    pub(crate) const CHAIN: u16 = 64;

    /// The link with which a chain begins
    pub(crate) fn first(secret: &[u8]) -> Self {
        Self(blake3::derive_key("lanchat 1 heartbeat chain", secret))
    }

    /// The link that many places further on, towards the end of the chain
    pub(crate) fn on(self, places: u16) -> Self {
        (0..places).fold(self, |link, _| Self(blake3::derive_key("lanchat 1 heartbeat", &link.0)))
    }
}

impl Heartbeat {
    /// The datagram
    pub fn seal(&self, room: &Room) -> Vec<u8> {
        let header = Header { kind: kind::HEARTBEAT, is_sealed: room.is_private(), room: room.tag() };
        [
            header.encode().as_slice(),
            self.sender.as_bytes(),
            &self.incarnation.to_le_bytes(),
            &self.place.to_le_bytes(),
            &self.link.0,
        ]
        .concat()
    }

    /// Reads what follows the header; `None` if it is none
    pub(super) fn decode(rest: &[u8]) -> Option<Self> {
        let (sender, rest) = rest.split_first_chunk::<32>()?;
        let (incarnation, rest) = rest.split_first_chunk::<8>()?;
        let (place, rest) = rest.split_first_chunk::<2>()?;
        let link = Link(rest.try_into().ok()?);
        let place = u16::from_le_bytes(*place);
        (1..=Link::CHAIN).contains(&place).then_some(Self {
            sender: PeerKey::from_bytes(*sender),
            incarnation: u64::from_le_bytes(*incarnation),
            place,
            link,
        })
    }
}
