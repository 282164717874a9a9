//! Why the sockets could not be opened, one sentence for the user each

use std::io;

use crate::lang::{Told as _, tell};

/// Why nothing could be opened
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A program holds the port and does not share it.
    #[error("{}", tell!("port-held", port = port))]
    PortTaken {
        /// The port asked for.
        port: u16,
    },
    /// The port cannot be opened for another reason.
    #[error("{}", tell!("port-refused", port = port, reason = source.told()))]
    Port {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// An interface was asked for that this machine does not have.
    #[error("{}", tell!("interface-unknown", name = name, known = known.join(&tell!("list-comma"))))]
    UnknownInterface {
        /// The name or address asked for.
        name: String,
        /// The names of all interfaces.
        known: Vec<String>,
    },
    /// The system does not tell its interfaces.
    #[error("{}", tell!("interfaces-unknown", reason = _0.told()))]
    Interfaces(#[source] io::Error),
}
