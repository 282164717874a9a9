use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use tempfile::TempDir;

use crate::{OrFail, Person};

/// The shared port and the exclusive ones after it
const BLOCK_PORTS: u16 = 17;
/// Below the ports that systems give to anyone, and clear of lanchat's default
const FIRST_PORT: u16 = 26_000;
const BLOCKS: u16 = 300;

/// People on this machine's loopback, on a port that no other test uses
pub struct Loopback {
    binary: PathBuf,
    homes: TempDir,
    port: u16,
    _reservation: TcpListener,
}

impl Loopback {
    /// A free port, and no one there; `binary` is the program under test
    pub fn new(binary: impl AsRef<Path>) -> Self {
        let first = u16::try_from(process::id() % u32::from(BLOCKS)).unwrap_or_default();
        let mut blocks = (first..BLOCKS).chain(0..first).map(|block| FIRST_PORT + block * (BLOCK_PORTS + 3));
        let (port, reservation) =
            blocks.find_map(|port| Some((port, reserve(port)?))).or_fail("no free ports on the loopback");
        Self {
            binary: binary.as_ref().to_owned(),
            homes: tempfile::tempdir().or_fail("no temporary directory"),
            port,
            _reservation: reservation,
        }
    }

    /// The port that the people of this test share
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A directory of this test alone
    pub fn scratch(&self) -> &Path {
        self.homes.path()
    }

    /// Somebody on this machine; the same home for the same name
    pub fn person(&self, name: &str) -> Person {
        let options = ["--port".to_owned(), self.port.to_string(), "--interface".to_owned(), "lo".to_owned()];
        self.person_with(name, &options)
    }

    /// Somebody whose `--port` and `--interface` are up to the test
    pub fn person_with(&self, name: &str, options: &[String]) -> Person {
        Person::new(name, self.homes.path(), &self.binary, tether(), options)
    }
}

/// Holds the ports from `port` on for this test, if they are free
///
/// The listener is TCP, so it is in nobody's way and still tells other tests that the block is taken.
fn reserve(port: u16) -> Option<TcpListener> {
    let reservation = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
    (port..port + BLOCK_PORTS).all(is_udp_port_free).then_some(reservation)
}

/// Whether no program on this machine has this UDP port
///
/// Where the system tells, it is not tried out: the socket for that would live on for a moment in any program that another
/// test starts just then.
pub fn is_udp_port_free(port: u16) -> bool {
    let tables = ["/proc/net/udp", "/proc/net/udp6"].map(fs::read_to_string);
    if tables.iter().all(Result::is_err) {
        return UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok();
    }
    let suffix = format!(":{port:04X}");
    let has_port = |line: &str| line.split_whitespace().nth(1).is_some_and(|local| local.ends_with(&suffix));
    !tables.iter().flatten().any(|table| table.lines().any(has_port))
}

/// What makes a program end with the test that started it, where the system has such a thing
fn tether() -> Vec<OsString> {
    let works = Command::new("setpriv").args(["--pdeathsig", "KILL", "true"]).output();
    if works.is_ok_and(|output| output.status.success()) {
        ["setpriv", "--pdeathsig", "KILL"].map(OsString::from).to_vec()
    } else {
        Vec::new()
    }
}
