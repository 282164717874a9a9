//! Plain text datagrams, without frames, names or signatures: what scripts, netcat and network debug assistants speak
//!
//! Everything here is without sockets and clock; [`crate::net::RawSocket`] carries the bytes.

pub mod address;
pub mod charset;
pub mod encodings;
pub mod relay;
pub mod talk;
