//! Why A does not see B: what is asked, what comes back, and what follows from it
//!
//! Nothing here touches the network or the system: [`look::Look`] is fed time and datagrams, and [`diagnosis`] facts.

pub(crate) mod diagnosis;
pub(crate) mod finding;
pub(crate) mod firewall;
pub(crate) mod look;
mod loss;
mod peer;
mod people;
pub(crate) mod sockets;
