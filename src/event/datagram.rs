//! What front ends show of plain datagrams

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::is_false;
use crate::sanitize::Unclean;

/// A plain datagram that came or went: nothing vouches for its text or for where it came from
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datagram {
    /// Where it came from, as it says itself; not of an own one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<SocketAddr>,
    /// Where it went, only of an own one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SocketAddr>,
    /// The text, with U+FFFD for what is none
    pub text: Unclean,
    /// Its length in bytes
    pub bytes: usize,
    /// The encoding that it was read or written in
    pub encoding: String,
    /// Whether some of it was no text in that encoding, or cannot be written in it
    #[serde(default, skip_serializing_if = "is_false")]
    pub replaced: bool,
    /// Its bytes as hexadecimal digits, when they were asked for
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// Whether it is said into the room as well
    #[serde(default, skip_serializing_if = "is_false")]
    pub relayed: bool,
    /// Whether it is the echo of an own datagram
    #[serde(default, skip_serializing_if = "is_false")]
    pub own: bool,
    /// When it came or went, by this machine's clock
    pub at: Timestamp,
}

/// How a talk in plain datagrams stands
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talking {
    /// The address of the socket
    pub bind: SocketAddr,
    /// Where lines go, once it is known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SocketAddr>,
    /// The encoding, or `auto`
    pub encoding: String,
    /// What is no UTF-8 is read in this one, with `auto`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// Whether bytes are shown, too
    #[serde(default, skip_serializing_if = "is_false")]
    pub hex: bool,
}
