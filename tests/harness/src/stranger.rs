use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

use crate::OrFail;

/// A program on the loopback that speaks another protocol, or none: it sends what it likes to a room's port
///
/// It sends no faster than what the buffer of a busy receiver takes, so that what is said meanwhile is not lost.
pub struct Stranger {
    socket: UdpSocket,
    port: u16,
    sent: usize,
}

impl Stranger {
    /// A stranger who shares this port, and so hears what is broadcast to it
    pub fn on_port(port: u16) -> Self {
        Self { socket: shared_socket(port).or_fail("cannot share the port"), port, sent: 0 }
    }

    /// Sends to everyone on the port
    pub fn broadcast(&mut self, datagram: &[u8]) {
        self.send_to(datagram, SocketAddrV4::new(Ipv4Addr::new(127, 255, 255, 255), self.port));
    }

    /// Sends to whoever has this port for himself
    pub fn send(&mut self, datagram: &[u8], port: u16) {
        self.send_to(datagram, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
    }

    /// What has been broadcast and is broadcast `within` the time, up to so many datagrams
    pub fn overhear(&self, most: usize, within: Duration) -> Vec<Vec<u8>> {
        let deadline = Instant::now() + within;
        let mut buffer = [0; 2048];
        let mut heard = Vec::new();
        while heard.len() < most {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(left)).or_fail("no time limit");
            let Ok(length) = self.socket.recv(&mut buffer) else {
                break;
            };
            heard.push(buffer[..length].to_vec());
        }
        heard
    }

    fn send_to(&mut self, datagram: &[u8], to: SocketAddrV4) {
        self.socket.send_to(datagram, to).or_fail("cannot send");
        self.sent += 1;
        if self.sent.is_multiple_of(16) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn shared_socket(port: u16) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(all(unix, not(target_os = "linux")))]
    socket.set_reuse_port(true)?;
    socket.set_broadcast(true)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
    Ok(socket.into())
}
