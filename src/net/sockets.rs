//! Opening UDP sockets, and an endpoint that outlives the socket it has at the moment

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::task::{Context, Poll, ready};

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use tracing::debug;

use super::counters::Counters;
use crate::platform::{
    self,
    sockets::{ReceiveFault, SendFault},
};

/// Keeps a datagram within the local network.
pub(super) const TTL_LINK: u32 = 1;

/// Lets a datagram reach a configured peer behind routers.
pub(super) const TTL_ROUTED: u32 = 64;

/// What a socket is for
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    /// Hears the broadcasts to `port`, together with any other process that does.
    Listener { port: u16 },
    /// Sends everything from `addr` and alone hears what is sent to it; its port is the first free one above `base`.
    Unicast { addr: Ipv4Addr, base: u16, ttl: u32 },
}

/// A socket for one role, opened again whenever it breaks
#[derive(Debug)]
pub(super) struct Endpoint {
    role: Role,
    open: Option<Open>,
    broken: bool,
    failures_in_a_row: u32,
    pub(super) sent: u64,
    pub(super) failed: u64,
    pub(super) last_error: Option<String>,
}

#[derive(Debug)]
struct Open {
    socket: UdpSocket,
    port: u16,
    receive_buffer_bytes: usize,
}

impl Endpoint {
    /// An endpoint without a socket yet.
    pub(super) fn new(role: Role) -> Self {
        Self { role, open: None, broken: false, failures_in_a_row: 0, sent: 0, failed: 0, last_error: None }
    }

    /// Opens a socket if there is none that works; true when it did.
    pub(super) fn ensure_open(&mut self, counters: &mut Counters) -> bool {
        if self.open.is_some() && !self.broken {
            return false;
        }
        self.reopen().inspect_err(|error| self.note_open_failure(error, counters)).is_ok()
    }

    /// Opens a socket in place of the present one.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        let opened = match self.role {
            Role::Listener { port } => Open::listener(port)?,
            Role::Unicast { addr, base, ttl } => {
                // Closed first, so that the same port is free for the new socket.
                self.open = None;
                Open::unicast(addr, base, ttl)?
            }
        };
        self.open = Some(opened);
        self.broken = false;
        self.failures_in_a_row = 0;
        Ok(())
    }

    /// The port, while there is a socket.
    pub(super) fn port(&self) -> Option<u16> {
        self.open.as_ref().map(|open| open.port)
    }

    /// The size of the receive buffer that the system granted; 0 while there is no socket.
    pub(super) fn receive_buffer_bytes(&self) -> usize {
        self.open.as_ref().map_or(0, |open| open.receive_buffer_bytes)
    }

    /// Whether the interfaces should be looked at again because of this endpoint.
    pub(super) fn wants_refresh(&self) -> bool {
        self.open.is_none() || self.broken || self.failures_in_a_row >= FAILURES_THAT_MATTER
    }

    /// Forgets past failures: the interfaces were just looked at.
    pub(super) fn on_refreshed(&mut self) {
        self.failures_in_a_row = 0;
    }

    /// Receives one datagram; without a context it does not wait, nor ask to be woken.
    ///
    /// A transient error is counted and returned as `Poll::Ready(None)`: there may be more to read.
    pub(super) fn poll_receive(
        &mut self,
        cx: Option<&mut Context<'_>>,
        buffer: &mut [u8],
        counters: &mut Counters,
    ) -> Poll<Option<(usize, SocketAddr)>> {
        let Some(open) = self.open.as_ref().filter(|_| !self.broken) else {
            return Poll::Pending;
        };
        match ready!(open.poll_receive(cx, buffer)) {
            Ok(datagram) => Poll::Ready(Some(datagram)),
            Err(error) => {
                debug!(%error, role = ?self.role, "receiving failed");
                counters.receive_failed += 1;
                self.broken = platform::sockets::receive_fault(&error) == ReceiveFault::Broken;
                self.last_error = Some(error.to_string());
                Poll::Ready(None)
            }
        }
    }

    /// Sends one datagram now or never.
    pub(super) fn send(&mut self, to: SocketAddrV4, datagram: &[u8], counters: &mut Counters) {
        let outcome = match &self.open {
            Some(open) => open.send(to, datagram),
            None => Err(io::ErrorKind::AddrNotAvailable.into()),
        };
        match outcome {
            Ok(_) => {
                self.sent += 1;
                self.failures_in_a_row = 0;
                counters.sent += 1;
            }
            Err(error) => self.note_send_failure(&error, to, counters),
        }
    }

    fn note_send_failure(&mut self, error: &io::Error, to: SocketAddrV4, counters: &mut Counters) {
        debug!(%error, %to, role = ?self.role, "sending failed");
        match platform::sockets::send_fault(error) {
            SendFault::Full => counters.send_dropped += 1,
            SendFault::Datagram => counters.send_failed += 1,
            SendFault::Link => {
                counters.send_failed += 1;
                self.failures_in_a_row += 1;
            }
        }
        self.failed += 1;
        self.last_error = Some(error.to_string());
    }

    fn note_open_failure(&mut self, error: &io::Error, counters: &mut Counters) {
        debug!(%error, role = ?self.role, "opening a socket failed");
        counters.open_failed += 1;
        self.last_error = Some(error.to_string());
    }
}

/// One failure is chance, three in a row are a sign that the address or the interface has changed.
const FAILURES_THAT_MATTER: u32 = 3;

impl Open {
    fn listener(port: u16) -> io::Result<Self> {
        let socket = udp_socket()?;
        platform::sockets::share_port(&socket)?;
        socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
        Self::register(socket)
    }

    fn unicast(addr: Ipv4Addr, base: u16, ttl: u32) -> io::Result<Self> {
        let socket = udp_socket()?;
        socket.set_broadcast(true)?;
        socket.set_ttl_v4(ttl)?;
        bind_above(&socket, addr, base)?;
        Self::register(socket)
    }

    fn register(socket: Socket) -> io::Result<Self> {
        let receive_buffer_bytes = enlarge_receive_buffer(&socket);
        let socket = UdpSocket::from_std(socket.into())?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port, receive_buffer_bytes })
    }

    fn poll_receive(
        &self,
        cx: Option<&mut Context<'_>>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        match cx {
            Some(cx) => {
                let mut read = ReadBuf::new(buffer);
                let from = ready!(self.socket.poll_recv_from(cx, &mut read))?;
                Poll::Ready(Ok((read.filled().len(), from)))
            }
            None => match self.socket.try_recv_from(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
                outcome => Poll::Ready(outcome),
            },
        }
    }

    fn send(&self, to: SocketAddrV4, datagram: &[u8]) -> io::Result<usize> {
        // Not tokio's `try_send_to`: it fails until the reactor has run once, and the first announcement must not wait.
        SockRef::from(&self.socket).send_to(datagram, &SockAddr::from(to))
    }
}

/// A nonblocking IPv4 UDP socket.
pub(super) fn udp_socket() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Binds to the first free port of `base`+1..=`base`+16, a range that a firewall can be opened for, else to any.
fn bind_above(socket: &Socket, addr: Ipv4Addr, base: u16) -> io::Result<()> {
    let range = (1..=16).filter_map(|offset| base.checked_add(offset));
    for port in range {
        if socket.bind(&SocketAddrV4::new(addr, port).into()).is_ok() {
            return Ok(());
        }
    }
    socket.bind(&SocketAddrV4::new(addr, 0).into())
}

/// Asks for a buffer that holds a burst and says what was granted, in bytes.
pub(super) fn enlarge_receive_buffer(socket: &Socket) -> usize {
    let mut bytes = RECEIVE_BUFFER_BYTES;
    // Linux grants what it can, BSD systems refuse what is too large.
    while socket.set_recv_buffer_size(bytes).is_err() && bytes > RECEIVE_BUFFER_BYTES_MIN {
        bytes /= 2;
    }
    socket.recv_buffer_size().unwrap_or(0)
}

/// Room for some 3600 full datagrams on Linux, whose accounting doubles the size and charges overhead.
const RECEIVE_BUFFER_BYTES: usize = 4 * 1024 * 1024;
const RECEIVE_BUFFER_BYTES_MIN: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unicast_sockets_take_different_ports_of_the_range() {
        let base = crate::net::tests::free_port();
        let role = Role::Unicast { addr: Ipv4Addr::LOCALHOST, base, ttl: TTL_LINK };
        let (mut first, mut second) = (Endpoint::new(role), Endpoint::new(role));
        first.reopen().unwrap();
        second.reopen().unwrap();
        assert_ne!(first.port(), second.port());
        for port in [first.port(), second.port()] {
            assert!((base + 1..=base + 16).contains(&port.unwrap()));
        }
    }

    #[tokio::test]
    async fn reopening_keeps_the_port() {
        let base = crate::net::tests::free_port();
        let mut endpoint = Endpoint::new(Role::Unicast { addr: Ipv4Addr::LOCALHOST, base, ttl: TTL_LINK });
        endpoint.reopen().unwrap();
        let port = endpoint.port();
        endpoint.reopen().unwrap();
        assert_eq!(endpoint.port(), port);
        assert!(endpoint.receive_buffer_bytes() > 0);
    }

    #[tokio::test]
    async fn ports_beyond_the_highest_are_not_tried() {
        let role = Role::Unicast { addr: Ipv4Addr::LOCALHOST, base: u16::MAX, ttl: TTL_LINK };
        let mut endpoint = Endpoint::new(role);
        endpoint.reopen().unwrap();
        assert!(endpoint.port().is_some_and(|port| port > 0));
    }

    #[tokio::test]
    async fn an_address_that_is_not_ours_is_counted_and_tried_again() {
        let foreign = Ipv4Addr::new(198, 19, 255, 254);
        let mut endpoint = Endpoint::new(Role::Unicast { addr: foreign, base: 40_000, ttl: TTL_LINK });
        let mut counters = Counters::default();
        assert!(!endpoint.ensure_open(&mut counters));
        assert!(endpoint.wants_refresh());
        endpoint.send(SocketAddrV4::new(foreign, 9), b"x", &mut counters);
        assert!(!endpoint.ensure_open(&mut counters));
        assert_eq!((counters.open_failed, counters.send_failed, endpoint.failed), (2, 1, 1));
        assert!(endpoint.last_error.is_some());
    }

    #[tokio::test]
    async fn three_failures_in_a_row_want_a_refresh() {
        let base = crate::net::tests::free_port();
        let mut endpoint = Endpoint::new(Role::Unicast { addr: Ipv4Addr::LOCALHOST, base, ttl: TTL_LINK });
        let mut counters = Counters::default();
        endpoint.ensure_open(&mut counters);
        let unreachable: io::Error = io::ErrorKind::NetworkUnreachable.into();
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
        for _ in 0..3 {
            assert!(!endpoint.wants_refresh());
            endpoint.note_send_failure(&unreachable, to, &mut counters);
        }
        assert!(endpoint.wants_refresh());
        endpoint.on_refreshed();
        assert!(!endpoint.wants_refresh());
    }
}
