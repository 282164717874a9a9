//! Bytes in, bytes out: the sockets of one node, on every usable interface
//!
//! A shared listener on the common port hears broadcasts. Each interface address has an exclusive unicast socket on
//! a port of its own, which also sends the broadcasts: so the source of a datagram is where its sender hears
//! answers. What the bytes mean is not known here.
//!
//! No socket error ends anything: it is counted, shown in [`Net::links`] and retried at the next [`Net::refresh`].

use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tracing::{debug, info};

pub use self::arrival::{Arrival, Origin};
pub use self::counters::{Counters, LinkStatus};
pub use self::error::OpenError;
use self::interfaces::Survey;
pub use self::interfaces::{InterfaceStatus, Unusable, interfaces};
use self::links::Links;
use self::probe::{Outcome, Probes};
pub use self::raw::{OpenRawError, RAW_BUFFER_BYTES, RawSettings, RawSocket, SendRawError};
use self::sockets::{Endpoint, Role, TTL_LINK, TTL_ROUTED};
use crate::platform;

mod arrival;
mod counters;
mod error;
mod interfaces;
mod links;
mod probe;
mod raw;
mod sockets;

/// What to open
#[derive(Clone, Debug)]
pub struct NetSettings {
    /// The port that all nodes of the network share for broadcasts; unicast sockets take ports right above it.
    pub port: u16,
    /// Names of interfaces, or IPv4 addresses of them; empty means all that are usable.
    pub interfaces: Vec<String>,
    /// Nodes to reach by unicast as well, on other networks or where broadcasts do not pass.
    pub peers: Vec<SocketAddrV4>,
}

/// How a datagram was addressed
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// To the shared port: usually everybody heard it.
    Broadcast,
    /// To a socket of this node alone.
    Unicast,
}

/// What came in
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// A datagram, in the first `len` bytes of the buffer; one that was longer than the buffer is cut off.
    Datagram {
        /// Where to answer.
        from: SocketAddr,
        /// How it was addressed.
        cast: Cast,
        /// Its length in bytes.
        len: usize,
    },
    /// A probe found that no program has the port `to` open.
    Refused {
        /// The address that was probed.
        to: SocketAddr,
    },
}

/// All sockets of a node
///
/// Belongs to one task, inside a tokio runtime. Call [`Net::refresh`] at [`Net::refresh_at`] at the latest.
#[derive(Debug)]
pub struct Net {
    settings: NetSettings,
    listener: Endpoint,
    links: Links,
    /// For configured peers outside the networks of all links.
    routed: Option<Endpoint>,
    probes: Probes,
    counters: Counters,
    next_source: usize,
    refreshed_at: Instant,
}

impl Net {
    /// Opens the listener and a socket for each usable interface address.
    ///
    /// That no interface is usable, or one that was named is not, is no error: its sockets are opened when it comes.
    ///
    /// # Errors
    /// What the user has to settle, one sentence each.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn open(settings: NetSettings) -> Result<Self, OpenError> {
        let survey = Survey::take().map_err(OpenError::Interfaces)?;
        if let Some(name) = survey.unknown(&settings.interfaces) {
            return Err(OpenError::UnknownInterface { name: name.to_owned(), known: survey.names() });
        }
        let port = settings.port;
        let mut listener = Endpoint::new(Role::Listener { port });
        listener.reopen().map_err(|source| {
            if platform::sockets::is_port_taken(&source) {
                OpenError::PortTaken { port }
            } else {
                OpenError::Port { port, source }
            }
        })?;
        let routed = (!settings.peers.is_empty()).then(|| {
            Endpoint::new(Role::Unicast { addr: Ipv4Addr::UNSPECIFIED, base: port, ttl: TTL_ROUTED })
        });
        let mut net = Self {
            settings,
            listener,
            links: Links::new(port),
            routed,
            probes: Probes::default(),
            counters: Counters::default(),
            next_source: 0,
            refreshed_at: Instant::now(),
        };
        net.apply(&survey);
        Ok(net)
    }

    /// Waits for the next datagram or refusal, taking from all sockets in turn.
    ///
    /// Cancel-safe: nothing is lost when the future is dropped.
    pub async fn receive(&mut self, buffer: &mut [u8]) -> Received {
        poll_fn(|cx| self.poll_receive(Some(cx), buffer, Arrival::admitted)).await
    }

    /// Waits for the next datagram or refusal like [`Net::receive`], and leaves out nothing: own broadcasts that came back
    /// and what strangers of other networks sent are for whoever looks for the cause of trouble.
    pub async fn watch(&mut self, buffer: &mut [u8]) -> Arrival {
        poll_fn(|cx| self.poll_receive(Some(cx), buffer, Some)).await
    }

    /// Takes what has already arrived, without waiting.
    pub fn try_receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        match self.poll_receive(None, buffer, Arrival::admitted) {
            Poll::Ready(received) => Some(received),
            Poll::Pending => None,
        }
    }

    /// Sends to everybody: to the broadcast address of each link, and by unicast to each configured peer.
    pub fn broadcast(&mut self, datagram: &[u8]) {
        self.links.broadcast(datagram, &mut self.counters);
        for index in 0..self.settings.peers.len() {
            self.send_v4(self.settings.peers[index], datagram);
        }
    }

    /// Sends to one node, by the link whose network holds it, or else as to a configured peer.
    pub fn send(&mut self, to: SocketAddr, datagram: &[u8]) {
        match to {
            SocketAddr::V4(to) => self.send_v4(to, datagram),
            SocketAddr::V6(_) => self.counters.unroutable += 1,
        }
    }

    /// Sends to one node from a socket of its own, so that "nobody listens there" comes back as
    /// [`Received::Refused`]. An answer within a second is received like any other unicast.
    pub fn probe(&mut self, to: SocketAddr, datagram: &[u8]) {
        let route = match to {
            SocketAddr::V4(to) => self.route(to).map(|from| (from, to)),
            SocketAddr::V6(_) => None,
        };
        let Some((from, to)) = route else {
            self.counters.unroutable += 1;
            return;
        };
        match self.probes.send(Instant::now(), from, to, datagram) {
            Ok(()) => self.counters.probes += 1,
            Err(error) => {
                debug!(%error, %to, "probing failed");
                self.counters.send_failed += 1;
            }
        }
    }

    /// Reads the interfaces again, opens and closes links by difference and replaces broken sockets; true when any
    /// socket was opened or closed, which is a good moment to announce oneself.
    pub fn refresh(&mut self) -> bool {
        self.refreshed_at = Instant::now();
        self.counters.refreshes += 1;
        self.probes.expire(self.refreshed_at);
        match Survey::take() {
            Ok(survey) => self.apply(&survey),
            Err(error) => {
                info!(%error, "the interfaces cannot be listed");
                false
            }
        }
    }

    /// When to call [`Net::refresh`] next; errors since the last one bring it forward, so ask again after each turn.
    pub fn refresh_at(&self) -> Instant {
        let troubled = self.listener.wants_refresh()
            || self.links.want_refresh()
            || self.routed.as_ref().is_some_and(Endpoint::wants_refresh);
        let pause = if troubled || self.links.len() == 0 { REFRESH_IN_TROUBLE } else { REFRESH_INTERVAL };
        self.refreshed_at + pause
    }

    /// Whether [`Net::refresh`] is due.
    pub fn needs_refresh(&self) -> bool {
        self.refresh_at() <= Instant::now()
    }

    /// Whether there is any way out: a link, or a socket for configured peers.
    pub fn is_online(&self) -> bool {
        self.links.any_open() || self.routed.as_ref().is_some_and(|routed| routed.port().is_some())
    }

    /// Whether only programs of this machine are reached, although nobody asked for that.
    pub fn is_local(&self) -> bool {
        let mut links = self.links.status().into_iter();
        self.settings.interfaces.is_empty()
            && self.routed.is_none()
            && links.all(|link| link.addr.is_loopback())
    }

    /// The links and how they fare.
    pub fn links(&self) -> Vec<LinkStatus> {
        self.links.status()
    }

    /// The totals.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn apply(&mut self, survey: &Survey) -> bool {
        let wanted = survey.usable(&self.settings.interfaces);
        let mut changed = self.links.update(&wanted, &mut self.counters);
        for endpoint in std::iter::once(&mut self.listener).chain(self.routed.as_mut()) {
            changed |= endpoint.ensure_open(&mut self.counters);
            endpoint.on_refreshed();
        }
        changed
    }

    /// Goes round the sockets until one has something that is picked or all have nothing.
    fn poll_receive<T>(
        &mut self,
        mut cx: Option<&mut Context<'_>>,
        buffer: &mut [u8],
        pick: fn(Arrival) -> Option<T>,
    ) -> Poll<T> {
        if self.probes.len() > 0 {
            self.probes.expire(Instant::now());
        }
        let mut without_datagram = 0;
        for _ in 0..ATTEMPTS_PER_POLL {
            let sources = FIRST_PROBE + self.links.len() + self.probes.len();
            if without_datagram >= sources {
                return Poll::Pending;
            }
            let source = self.next_source % sources;
            self.next_source = source + 1;
            match self.poll_source(source, cx.as_deref_mut(), buffer) {
                Poll::Ready(arrival) => match arrival.and_then(pick) {
                    Some(picked) => return Poll::Ready(picked),
                    None => without_datagram = 0,
                },
                Poll::Pending => without_datagram += 1,
            }
        }
        if let Some(cx) = cx {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Sources are numbered: the listener, the socket for routed peers, the links, the probes.
    fn poll_source(
        &mut self,
        source: usize,
        cx: Option<&mut Context<'_>>,
        buffer: &mut [u8],
    ) -> Poll<Option<Arrival>> {
        let probe = source.checked_sub(FIRST_PROBE + self.links.len());
        if let Some(index) = probe {
            return self.probes.poll_receive(index, cx, buffer).map(|outcome| self.on_probe(outcome));
        }
        let (endpoint, cast) = match source {
            0 => (Some(&mut self.listener), Cast::Broadcast),
            1 => (self.routed.as_mut(), Cast::Unicast),
            link => (self.links.endpoint_mut(link - FIRST_LINK), Cast::Unicast),
        };
        let Some(endpoint) = endpoint else {
            return Poll::Pending;
        };
        endpoint
            .poll_receive(cx, buffer, &mut self.counters)
            .map(|datagram| datagram.map(|(len, from)| self.arrival(from, cast, len)))
    }

    fn on_probe(&mut self, outcome: Outcome) -> Option<Arrival> {
        let received = match outcome {
            Outcome::Answer { from, len } => {
                self.counters.received += 1;
                Received::Datagram { from: from.into(), cast: Cast::Unicast, len }
            }
            Outcome::Refused { to } => {
                self.counters.probes_refused += 1;
                Received::Refused { to: to.into() }
            }
            Outcome::Failed => {
                self.counters.receive_failed += 1;
                return None;
            }
        };
        Some(Arrival { received, origin: Origin::Admitted })
    }

    fn arrival(&mut self, from: SocketAddr, cast: Cast, len: usize) -> Arrival {
        let origin = self.origin(from);
        match origin {
            Origin::Admitted => self.counters.received += 1,
            Origin::Own => self.counters.own += 1,
            Origin::OffLink => self.counters.off_link += 1,
        }
        Arrival { received: Received::Datagram { from, cast, len }, origin }
    }

    /// What comes from a neighbour or a configured peer is let pass.
    fn origin(&self, from: SocketAddr) -> Origin {
        let SocketAddr::V4(source) = from else {
            return Origin::OffLink;
        };
        let answerable = source.port() != 0;
        if self.is_own(source) {
            Origin::Own
        } else if answerable && (self.links.hold(*source.ip()) || self.is_configured(*source.ip())) {
            Origin::Admitted
        } else {
            Origin::OffLink
        }
    }

    fn is_own(&self, source: SocketAddrV4) -> bool {
        let routed_port = self.routed.as_ref().and_then(Endpoint::port);
        self.links.own(source) || (routed_port == Some(source.port()) && self.links.own_ip(*source.ip()))
    }

    fn is_configured(&self, ip: Ipv4Addr) -> bool {
        self.settings.peers.iter().any(|peer| *peer.ip() == ip)
    }

    fn send_v4(&mut self, to: SocketAddrV4, datagram: &[u8]) {
        let configured = self.is_configured(*to.ip());
        let routed = self.routed.as_mut().filter(|_| configured);
        match self.links.holding(*to.ip()).map(|link| &mut link.endpoint).or(routed) {
            Some(endpoint) => endpoint.send(to, datagram, &mut self.counters),
            None => self.counters.unroutable += 1,
        }
    }

    /// The own address and the time to live with which `to` is reached.
    fn route(&mut self, to: SocketAddrV4) -> Option<(Ipv4Addr, u32)> {
        let routed = self.is_configured(*to.ip()).then_some((Ipv4Addr::UNSPECIFIED, TTL_ROUTED));
        self.links.holding(*to.ip()).map(|link| (link.address.addr, TTL_LINK)).or(routed)
    }
}

/// Well within the 5 s after which a changed network has to be usable again, with time left to be announced and heard.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);

/// Soon, yet far from a busy loop when the trouble stays.
const REFRESH_IN_TROUBLE: Duration = Duration::from_millis(500);

/// Gives way to other tasks now and then under a flood of datagrams that are all dropped; more than there are sockets.
const ATTEMPTS_PER_POLL: usize = 256;

const FIRST_LINK: usize = 2;
const FIRST_PROBE: usize = FIRST_LINK;

#[cfg(test)]
mod tests;
