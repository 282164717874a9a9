//! Everything that differs between operating systems

pub(crate) mod files;
pub(crate) mod firewall;
pub(crate) mod language;
pub(crate) mod local;
pub(crate) mod process;
pub(crate) mod programs;
pub(crate) mod signals;
pub(crate) mod sockets;
pub(crate) mod terminal;
