//! What the sockets went through, for diagnostics

use std::net::Ipv4Addr;

/// Totals since the program started
///
/// A datagram that arrives is counted once, in `received`, `own` or `off_link`; one that leaves once for each
/// socket and destination, in `sent`, `send_failed`, `send_dropped` or `unroutable`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams handed to the program.
    pub received: u64,
    /// Own broadcasts that came back, dropped.
    pub own: u64,
    /// Datagrams whose source is neither in a network of ours nor a configured peer, dropped.
    pub off_link: u64,
    /// Errors while receiving.
    pub receive_failed: u64,
    /// Datagrams given to the system for sending.
    pub sent: u64,
    /// Datagrams that the system refused to send.
    pub send_failed: u64,
    /// Datagrams lost because a send buffer was full.
    pub send_dropped: u64,
    /// Datagrams for which no link and no configured peer was found.
    pub unroutable: u64,
    /// Sockets that could not be opened, each attempt counted.
    pub open_failed: u64,
    /// Probes sent.
    pub probes: u64,
    /// Probes answered by "nobody listens on that port".
    pub probes_refused: u64,
    /// Times that the interfaces were read again.
    pub refreshes: u64,
}

/// One interface address in use, with what its socket went through since it was found
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkStatus {
    /// Name of the interface.
    pub name: String,
    /// Own address.
    pub addr: Ipv4Addr,
    /// Where broadcasts of this link go.
    pub broadcast: Ipv4Addr,
    /// Length of the network's prefix in bits.
    pub prefix: u32,
    /// Port of the unicast socket; `None` while it cannot be opened.
    pub port: Option<u16>,
    /// Receive buffer that the system granted, in bytes.
    pub receive_buffer_bytes: usize,
    /// Datagrams given to the system.
    pub sent: u64,
    /// Datagrams that the system refused, those lost to a full buffer included.
    pub failed: u64,
    /// The last error of opening, sending or receiving.
    pub last_error: Option<String>,
}
