//! Why the sockets could not be opened, one sentence for the user each

use std::io;

/// Why nothing could be opened
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A program holds the port and does not share it.
    #[error(
        "UDP port {port} is held by a program that does not share it: stop that program, or choose another with --port"
    )]
    PortTaken {
        /// The port asked for.
        port: u16,
    },
    /// The port cannot be opened for another reason.
    #[error("UDP port {port} cannot be opened ({source}): choose another with --port")]
    Port {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// An interface was asked for that this machine does not have.
    #[error("there is no interface {name}: choose with --interface from {}", known.join(", "))]
    UnknownInterface {
        /// The name or address asked for.
        name: String,
        /// The names of all interfaces.
        known: Vec<String>,
    },
    /// The system does not tell its interfaces.
    #[error("the network interfaces cannot be listed ({0}): check what this program is permitted to do")]
    Interfaces(#[source] io::Error),
}
