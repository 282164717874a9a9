//! One socket for plain datagrams, next to the node's or without one

use std::{
    collections::BTreeSet,
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    time::{Duration, Instant},
};

use socket2::{SockAddr, SockRef};
use tokio::net::UdpSocket;
use tracing::{debug, trace};

use super::{
    OpenError,
    interfaces::{LinkAddress, Survey},
    sockets,
};
use crate::{
    lang::{Told as _, tell},
    platform::{self, sockets::ReceiveFault},
};

/// What to open
#[derive(Clone, Debug)]
pub struct RawSettings {
    /// The address and the port, which are not shared with other programs; port 0 takes any
    pub bind: SocketAddrV4,
    /// Names of interfaces, or addresses of them, to keep to; all when empty
    pub interfaces: Vec<String>,
    /// Whether to hear neighbours only, and whoever was sent something
    pub neighbours_only: bool,
}

/// A UDP socket that may broadcast; what it sent itself it does not hear
///
/// Inside a tokio runtime.
#[derive(Debug)]
pub struct RawSocket {
    socket: UdpSocket,
    local: SocketAddrV4,
    settings: RawSettings,
    survey: Survey,
    surveyed_at: Instant,
    /// Whom something was sent to, as long as only neighbours are heard otherwise
    asked: BTreeSet<Ipv4Addr>,
}

/// Room for any datagram
pub const RAW_BUFFER_BYTES: usize = 64 << 10;

/// How long what the system says about its interfaces is believed
const SURVEY_LIFE: Duration = Duration::from_secs(4);
/// How many are remembered because they were sent something (5 KiB)
const MAX_ASKED: usize = 256;
/// Two of the longest datagrams at once
const SEND_BUFFER_BYTES: usize = 256 << 10;
/// How long a socket that does not work is left alone
const TROUBLE: Duration = Duration::from_millis(500);

impl RawSocket {
    /// Opens it
    ///
    /// # Errors
    /// What the user has to settle, one sentence each.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn open(settings: RawSettings) -> Result<Self, OpenRawError> {
        let survey = Survey::take().map_err(OpenError::Interfaces)?;
        if let Some(name) = survey.unknown(&settings.interfaces) {
            return Err(OpenError::UnknownInterface { name: name.to_owned(), known: survey.names() }.into());
        }
        let bind = settings.bind;
        let (socket, local) = bound(bind).map_err(|source| refused(bind, source))?;
        Ok(Self { socket, local, settings, survey, surveyed_at: Instant::now(), asked: BTreeSet::new() })
    }

    /// The address it has
    pub fn local(&self) -> SocketAddrV4 {
        self.local
    }

    /// Waits for a datagram and says its length and where it came from; cancel-safe
    pub async fn receive(&mut self, buffer: &mut [u8]) -> (usize, SocketAddrV4) {
        loop {
            match self.socket.recv_from(buffer).await {
                Ok((len, from)) => {
                    if let Some(from) = self.admitted(from) {
                        return (len, from);
                    }
                }
                Err(error) => {
                    trace!(%error, "receiving a plain datagram failed");
                    if platform::sockets::receive_fault(&error) == ReceiveFault::Broken {
                        tokio::time::sleep(TROUBLE).await;
                    }
                }
            }
        }
    }

    /// Takes what has already arrived, without waiting; nothing also when that one is not for us
    pub fn try_receive(&mut self, buffer: &mut [u8]) -> Option<(usize, SocketAddrV4)> {
        let (len, from) = self.socket.try_recv_from(buffer).ok()?;
        self.admitted(from).map(|from| (len, from))
    }

    /// Sends a datagram now or never
    ///
    /// # Errors
    /// When it could not be sent, in one sentence.
    pub fn send(&mut self, to: SocketAddrV4, datagram: &[u8]) -> Result<(), SendRawError> {
        if !self.settings.interfaces.is_empty() && !self.is_near(*to.ip()) {
            return Err(SendRawError::NotThere { to, interfaces: self.settings.interfaces.join(", ") });
        }
        if self.settings.neighbours_only && self.asked.len() < MAX_ASKED {
            self.asked.insert(*to.ip());
        }
        self.send_anywhere(to, datagram)
    }

    /// Sends a datagram to everybody on every interface; the addresses that it went to
    ///
    /// # Errors
    /// When there is no interface to send it on, or it could be sent on none.
    pub fn broadcast(&mut self, port: u16, datagram: &[u8]) -> Result<Vec<SocketAddrV4>, SendRawError> {
        self.survey_again();
        let links = self.survey.usable(&self.settings.interfaces);
        let targets: BTreeSet<SocketAddrV4> = links
            .iter()
            .filter(|link| self.local.ip().is_unspecified() || link.addr == *self.local.ip())
            .map(|link| SocketAddrV4::new(link.broadcast, port))
            .collect();
        let mut reached = Vec::new();
        let mut failure = SendRawError::NoInterface;
        for to in targets {
            match self.send_anywhere(to, datagram) {
                Ok(()) => reached.push(to),
                Err(error) => failure = error,
            }
        }
        if reached.is_empty() { Err(failure) } else { Ok(reached) }
    }

    fn send_anywhere(&self, to: SocketAddrV4, datagram: &[u8]) -> Result<(), SendRawError> {
        // Not tokio's `try_send_to`: it fails until the reactor has run once.
        match SockRef::from(&self.socket).send_to(datagram, &SockAddr::from(to)) {
            Ok(_) => Ok(()),
            Err(source) => Err(SendRawError::Failed { to, source }),
        }
    }

    /// Lets pass what another program sent from where we listen to
    fn admitted(&mut self, from: SocketAddr) -> Option<SocketAddrV4> {
        let SocketAddr::V4(from) = from else { return None };
        let ip = *from.ip();
        if from.port() == 0 || self.is_own(from) {
            return None;
        }
        let everybody = self.settings.interfaces.is_empty()
            && (!self.settings.neighbours_only || ip.is_loopback() || self.asked.contains(&ip));
        (everybody || self.is_near(ip)).then_some(from)
    }

    fn is_own(&mut self, from: SocketAddrV4) -> bool {
        if from.port() != self.local.port() {
            return false;
        }
        if !self.local.ip().is_unspecified() {
            return from == self.local;
        }
        self.keep_survey_fresh();
        from.ip().is_loopback() || self.survey.has(*from.ip())
    }

    fn is_near(&mut self, ip: Ipv4Addr) -> bool {
        self.keep_survey_fresh();
        let links = self.survey.usable(&self.settings.interfaces);
        links.iter().any(|link: &LinkAddress| link.holds(ip))
    }

    fn keep_survey_fresh(&mut self) {
        if self.surveyed_at.elapsed() >= SURVEY_LIFE {
            self.survey_again();
        }
    }

    fn survey_again(&mut self) {
        self.surveyed_at = Instant::now();
        match Survey::take() {
            Ok(survey) => self.survey = survey,
            Err(error) => debug!(%error, "the interfaces cannot be listed"),
        }
    }
}

fn bound(bind: SocketAddrV4) -> io::Result<(UdpSocket, SocketAddrV4)> {
    let socket = sockets::udp_socket()?;
    socket.set_broadcast(true)?;
    sockets::enlarge_receive_buffer(&socket);
    // The longest datagrams do not fit the default of some systems; where this is refused, sending says so.
    let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
    socket.bind(&bind.into())?;
    let socket = UdpSocket::from_std(socket.into())?;
    let port = socket.local_addr()?.port();
    Ok((socket, SocketAddrV4::new(*bind.ip(), port)))
}

fn refused(bind: SocketAddrV4, source: io::Error) -> OpenRawError {
    if platform::sockets::is_port_taken(&source) {
        OpenRawError::Taken { bind }
    } else if source.kind() == io::ErrorKind::AddrNotAvailable {
        OpenRawError::Foreign { ip: *bind.ip() }
    } else {
        OpenRawError::Refused { bind, source }
    }
}

/// Why no plain socket could be opened
#[derive(Debug, thiserror::Error)]
pub enum OpenRawError {
    /// Another program has the port.
    #[error("{}", tell!("raw-port-taken", port = bind.port(), ip = %bind.ip()))]
    Taken {
        /// What was asked for.
        bind: SocketAddrV4,
    },
    /// The address is another machine's.
    #[error("{}", tell!("raw-address-foreign", ip = %ip))]
    Foreign {
        /// What was asked for.
        ip: Ipv4Addr,
    },
    /// The system refuses for another reason.
    #[error("{}", tell!("raw-address-refused", bind = %bind, reason = source.told()))]
    Refused {
        /// What was asked for.
        bind: SocketAddrV4,
        /// What the system says.
        source: io::Error,
    },
    /// The interfaces are at fault.
    #[error(transparent)]
    Interfaces(#[from] OpenError),
}

/// Why a plain datagram was not sent
#[derive(Debug, thiserror::Error)]
pub enum SendRawError {
    /// The interfaces that were chosen do not lead there.
    #[error("{}", tell!("raw-elsewhere", to = %to, interfaces = interfaces))]
    NotThere {
        /// Where it should have gone.
        to: SocketAddrV4,
        /// What was chosen.
        interfaces: String,
    },
    /// There is no interface to broadcast on.
    #[error("{}", tell!("raw-no-network"))]
    NoInterface,
    /// The system refuses it.
    #[error("{}", tell!("raw-failed", to = %to, reason = source.told()))]
    Failed {
        /// Where it should have gone.
        to: SocketAddrV4,
        /// What the system says.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_datagram_goes_both_ways() {
        let (mut one, mut other) = (on_loopback(), on_loopback());
        let mut buffer = vec![0; RAW_BUFFER_BYTES];
        let datagram: Vec<u8> = (0..65_507).map(|index: u32| index.to_le_bytes()[0]).collect();
        one.send(other.local(), &datagram).unwrap();
        assert_eq!(other.receive(&mut buffer).await, (65_507, one.local()));
        assert_eq!(buffer[..65_507], datagram);
        other.send(one.local(), b"").unwrap();
        assert_eq!(one.receive(&mut buffer).await, (0, other.local()));
        assert!(one.send(other.local(), &vec![0; 65_508]).is_err());
    }

    #[tokio::test]
    async fn a_port_that_is_taken_and_an_address_of_another_machine_are_told_apart() {
        let first = on_loopback();
        let again = RawSocket::open(settings(first.local(), &[]));
        assert!(matches!(again, Err(OpenRawError::Taken { bind }) if bind == first.local()));
        let foreign = RawSocket::open(settings("198.19.255.254:0".parse().unwrap(), &[]));
        assert!(matches!(foreign, Err(OpenRawError::Foreign { .. })));
        let unknown = RawSocket::open(settings("127.0.0.1:0".parse().unwrap(), &["nonesuch0"]));
        assert!(matches!(unknown, Err(OpenRawError::Interfaces(OpenError::UnknownInterface { .. }))));
    }

    #[tokio::test]
    async fn a_chosen_interface_keeps_datagrams_to_its_network() {
        let mut socket = RawSocket::open(settings("127.0.0.1:0".parse().unwrap(), &["lo"])).unwrap();
        let elsewhere = "198.19.255.254:9".parse().unwrap();
        assert!(matches!(socket.send(elsewhere, b"x"), Err(SendRawError::NotThere { .. })));
        assert_eq!(socket.admitted(elsewhere.into()), None);
        let near = "127.0.0.2:9".parse().unwrap();
        assert_eq!(socket.admitted(SocketAddr::V4(near)), Some(near));
        assert_eq!(socket.admitted(socket.local().into()), None, "its own");
    }

    #[tokio::test]
    async fn where_only_neighbours_are_heard_so_is_who_was_asked() {
        let loopback = settings("127.0.0.1:0".parse().unwrap(), &[]);
        let mut socket = RawSocket::open(RawSettings { neighbours_only: true, ..loopback }).unwrap();
        let afar: SocketAddrV4 = "198.19.255.254:9".parse().unwrap();
        assert_eq!(socket.admitted(afar.into()), None);
        socket.asked.insert(*afar.ip());
        assert_eq!(socket.admitted(afar.into()), Some(afar));
    }

    #[tokio::test]
    async fn a_broadcast_reaches_the_interface_chosen_and_not_oneself() {
        let any = settings("0.0.0.0:0".parse().unwrap(), &["lo"]);
        let (mut one, mut other) = (RawSocket::open(any.clone()).unwrap(), RawSocket::open(any).unwrap());
        let port = other.local().port();
        let reached = one.broadcast(port, b"hi").unwrap();
        assert_eq!(reached, ["127.255.255.255".parse().map(|ip| SocketAddrV4::new(ip, port)).unwrap()]);
        let mut buffer = [0; 16];
        let (len, from) = other.receive(&mut buffer).await;
        assert_eq!((&buffer[..len], from.port()), (b"hi".as_slice(), one.local().port()));
        other.broadcast(port, b"mine").unwrap();
        one.broadcast(port, b"theirs").unwrap();
        let (len, _) = other.receive(&mut buffer).await;
        assert_eq!(&buffer[..len], b"theirs");
    }

    fn on_loopback() -> RawSocket {
        RawSocket::open(settings("127.0.0.1:0".parse().unwrap(), &[])).unwrap()
    }

    fn settings(bind: SocketAddrV4, interfaces: &[&str]) -> RawSettings {
        let interfaces = interfaces.iter().map(|&name| name.to_owned()).collect();
        RawSettings { bind, interfaces, neighbours_only: false }
    }
}
