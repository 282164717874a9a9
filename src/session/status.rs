//! How a room does, about which there are no events

use serde::{Deserialize, Serialize};

use super::Session;

/// How a room does at a moment
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// As [`Session::complete`]
    pub complete: bool,
    /// As [`Session::has_caught_up`]
    pub caught_up: bool,
    /// As [`Session::is_offline`]
    pub offline: bool,
    /// As [`Session::is_local`]
    pub local: bool,
    /// As [`Session::is_keeping`]
    pub keeping: bool,
    /// The names of the interfaces in use
    pub interfaces: Vec<String>,
    /// How many datagrams could not be sent
    pub lost: u64,
    /// As [`Session::awaited`]
    pub awaited: u64,
    /// The share of what others say just now that had to be asked for, in percent, once that is known
    pub loss: Option<u32>,
}

impl Session {
    /// How the room does now
    pub fn status(&self) -> Status {
        let mut interfaces: Vec<String> = self.links().into_iter().map(|link| link.name).collect();
        interfaces.dedup();
        let traffic = self.traffic();
        Status {
            complete: self.complete(),
            caught_up: self.has_caught_up(),
            offline: self.is_offline(),
            local: self.is_local(),
            keeping: self.is_keeping(),
            interfaces,
            lost: traffic.send_failed + traffic.send_dropped,
            awaited: self.awaited(),
            loss: self.loss().percent(),
        }
    }
}
