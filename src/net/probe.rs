//! Unicast probes that also hear "port unreachable"
//!
//! An unconnected UDP socket is never told that nobody listens on the other side. A connected one is, on every
//! system, so each probe has a short-lived socket of its own.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tracing::debug;

use super::sockets::udp_socket;
use crate::platform;

/// The probes under way, oldest first
#[derive(Debug, Default)]
pub(super) struct Probes {
    alive: VecDeque<Probe>,
}

/// What became of a probe
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The other side sent this many bytes.
    Answer { from: SocketAddrV4, len: usize },
    /// Nobody listens there.
    Refused { to: SocketAddrV4 },
    /// Nothing can be learnt from it.
    Failed,
}

impl Probes {
    /// Sends `datagram` from a new socket on `from`; drops the oldest probe when there are too many.
    ///
    /// # Errors
    /// Whatever the system says about opening, connecting or sending.
    pub(super) fn send(
        &mut self,
        now: Instant,
        (from, ttl): (Ipv4Addr, u32),
        to: SocketAddrV4,
        datagram: &[u8],
    ) -> io::Result<()> {
        self.expire(now);
        let probe = Probe::send(now + LIFETIME, (from, ttl), to, datagram)?;
        if self.alive.len() == PROBES_MAX {
            self.alive.pop_front();
        }
        self.alive.push_back(probe);
        Ok(())
    }

    /// Closes what has waited long enough. There is no timer for it: an idle program is not woken to close a socket.
    pub(super) fn expire(&mut self, now: Instant) {
        while self.alive.front().is_some_and(|oldest| oldest.expires <= now) {
            self.alive.pop_front();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.alive.len()
    }

    /// Asks the probe at `index`; without a context it does not wait, nor ask to be woken.
    pub(super) fn poll_receive(
        &mut self,
        index: usize,
        cx: Option<&mut Context<'_>>,
        buffer: &mut [u8],
    ) -> Poll<Outcome> {
        let Some(probe) = self.alive.get_mut(index) else {
            return Poll::Pending;
        };
        let to = probe.to;
        let outcome = match probe.poll_receive(cx, buffer) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(len)) => return Poll::Ready(Outcome::Answer { from: to, len }),
            Poll::Ready(Err(error)) if platform::sockets::is_refusal(&error) => Outcome::Refused { to },
            Poll::Ready(Err(error)) => {
                debug!(%error, %to, "probe failed");
                Outcome::Failed
            }
        };
        self.alive.remove(index);
        Poll::Ready(outcome)
    }
}

/// Longer than any answer on a local network takes.
const LIFETIME: Duration = Duration::from_secs(1);

/// A wake-up may be stale: reading is tried again at once a few times, and after that in a later turn.
const READS_PER_POLL: usize = 3;

/// Bounds the open files that probing may cost.
const PROBES_MAX: usize = 64;

struct Probe {
    to: SocketAddrV4,
    expires: Instant,
    socket: Arc<UdpSocket>,
    readable: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Probe {
    fn send(
        expires: Instant,
        (from, ttl): (Ipv4Addr, u32),
        to: SocketAddrV4,
        datagram: &[u8],
    ) -> io::Result<Self> {
        let socket = udp_socket()?;
        socket.set_ttl_v4(ttl)?;
        socket.bind(&SocketAddrV4::new(from, 0).into())?;
        socket.connect(&to.into())?;
        socket.send(datagram)?;
        let socket = Arc::new(UdpSocket::from_std(socket.into())?);
        let readable = readable(&socket);
        Ok(Self { to, expires, socket, readable })
    }

    fn poll_receive(
        &mut self,
        mut cx: Option<&mut Context<'_>>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        for _ in 0..READS_PER_POLL {
            match self.try_read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
            let Some(cx) = cx.as_deref_mut() else {
                return Poll::Pending;
            };
            ready!(self.readable.as_mut().poll(cx));
            self.readable = readable(&self.socket);
        }
        if let Some(cx) = cx {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read =
            |interest| self.socket.try_io(interest, || (&*SockRef::from(&*self.socket)).read(buffer));
        // Asked one by one: tokio takes a combined interest here for one that is never ready.
        match read(Interest::READABLE) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => read(Interest::ERROR),
            done => done,
        }
    }
}

/// Linux reports "port unreachable" as an error condition and not as something to read.
const INTEREST: Interest = Interest::READABLE.add(Interest::ERROR);

/// Waits for something to read or an error, remembering its waker between polls.
fn readable(socket: &Arc<UdpSocket>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let socket = Arc::clone(socket);
    Box::pin(async move {
        // An error here means that the runtime is shutting down, which the next read will say too.
        let _ = socket.ready(INTEREST).await;
    })
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("to", &self.to).field("expires", &self.expires).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn closed_port_is_refused_once() {
        let to = closed_port();
        let mut probes = Probes::default();
        probes.send(Instant::now(), FROM, to, b"ping").unwrap();
        assert_eq!(outcome_of(&mut probes, &mut [0; 16]).await, Outcome::Refused { to });
        assert_eq!(probes.len(), 0);
    }

    #[tokio::test]
    async fn answer_comes_back_and_the_probe_listens_on() {
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let to = v4(&other);
        let (mut probes, mut buffer) = (Probes::default(), [0; 16]);
        probes.send(Instant::now(), FROM, to, b"ping").unwrap();
        let (_, source) = other.recv_from(&mut buffer).await.unwrap();
        for answer in [b"one", b"two"] {
            other.send_to(answer, source).await.unwrap();
            let outcome = outcome_of(&mut probes, &mut buffer).await;
            assert_eq!(outcome, Outcome::Answer { from: to, len: 3 });
            assert_eq!(&buffer[..3], answer);
        }
    }

    #[tokio::test]
    async fn closes_after_its_lifetime() {
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (start, mut probes) = (Instant::now(), Probes::default());
        probes.send(start, FROM, v4(&other), b"ping").unwrap();
        probes.expire(start + LIFETIME - Duration::from_millis(1));
        assert_eq!(probes.len(), 1);
        probes.expire(start + LIFETIME);
        assert_eq!(probes.len(), 0);
    }

    #[tokio::test]
    async fn the_oldest_makes_room() {
        let (first, other) =
            (UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let (now, mut probes) = (Instant::now(), Probes::default());
        probes.send(now, FROM, v4(&first), b"ping").unwrap();
        for _ in 0..PROBES_MAX {
            probes.send(now, FROM, v4(&other), b"ping").unwrap();
        }
        assert_eq!(probes.len(), PROBES_MAX);
        assert!(probes.alive.iter().all(|probe| probe.to == v4(&other)));
    }

    const FROM: (Ipv4Addr, u32) = (Ipv4Addr::LOCALHOST, 1);

    async fn outcome_of(probes: &mut Probes, buffer: &mut [u8]) -> Outcome {
        let outcome = poll_fn(|cx| probes.poll_receive(0, Some(cx), buffer));
        tokio::time::timeout(Duration::from_secs(10), outcome).await.expect("the probe has an outcome")
    }

    fn closed_port() -> SocketAddrV4 {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, socket.local_addr().unwrap().port())
    }

    fn v4(socket: &UdpSocket) -> SocketAddrV4 {
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, socket.local_addr().unwrap().port())
    }
}
