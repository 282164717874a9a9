//! What systems call their interfaces, how they share ports, and what their socket errors mean

use std::io;

use socket2::Socket;

/// What an error of a receive call says about its socket
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiveFault {
    /// About one datagram, or about an earlier send: the socket is as good as before.
    Transient,
    /// About the socket itself, which has to be opened anew.
    Broken,
}

/// What an error of a send call says about the way out
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendFault {
    /// The buffers are full: this datagram is lost, the next may pass.
    Full,
    /// The address, the route or the interface is not usable now.
    Link,
    /// About this datagram or this destination only.
    Datagram,
}

/// Classifies an error of a receive call other than "would block".
///
/// Windows reports what became of an earlier *send* (port unreachable, TTL expired) and a datagram larger than
/// the buffer as errors of the next receive. A loop that stops on these goes deaf for ever.
pub(crate) fn receive_fault(error: &io::Error) -> ReceiveFault {
    let of_an_earlier_send = matches!(
        error.kind(),
        io::ErrorKind::Interrupted
            | io::ErrorKind::WouldBlock
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
    );
    if of_an_earlier_send || error.raw_os_error().is_some_and(|code| codes::TRANSIENT.contains(&code)) {
        ReceiveFault::Transient
    } else {
        ReceiveFault::Broken
    }
}

/// Classifies an error of a send call.
pub(crate) fn send_fault(error: &io::Error) -> SendFault {
    if error.kind() == io::ErrorKind::WouldBlock || error.raw_os_error() == Some(codes::NO_BUFFERS) {
        return SendFault::Full;
    }
    let of_the_link = matches!(
        error.kind(),
        io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::PermissionDenied
    );
    if of_the_link { SendFault::Link } else { SendFault::Datagram }
}

/// Whether an error of a connected socket is the answer "nobody listens on that port".
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)
}

/// Whether binding a shared port failed because a program holds it for itself.
pub(crate) fn is_port_taken(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
        || (cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied)
}

/// Lets several sockets hear the broadcasts to one port; call before binding.
pub(crate) fn share_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)?;
    share_port_bsd(socket)
}

/// BSD systems want SO_REUSEPORT as well. Linux must not have it: there it spreads datagrams over the sockets.
#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
fn share_port_bsd(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(not(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
)))]
fn share_port_bsd(_socket: &Socket) -> io::Result<()> {
    Ok(())
}

/// Names of interfaces that need not have an address yet; empty where the system has no plain way to tell.
pub(crate) fn interface_names() -> Vec<String> {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        parse_proc_net_dev(&std::fs::read_to_string("/proc/net/dev").unwrap_or_default())
    } else {
        Vec::new()
    }
}

/// The table has two lines of heading, then `name: numbers` lines.
fn parse_proc_net_dev(table: &str) -> Vec<String> {
    table.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim().to_owned()).collect()
}

/// Error numbers for which the standard library has no name
#[cfg(windows)]
mod codes {
    /// WSAEMSGSIZE, WSAENETRESET
    pub(super) const TRANSIENT: &[i32] = &[10040, 10052];
    /// WSAENOBUFS
    pub(super) const NO_BUFFERS: i32 = 10055;
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod codes {
    /// EMSGSIZE
    pub(super) const TRANSIENT: &[i32] = &[90];
    /// ENOBUFS
    pub(super) const NO_BUFFERS: i32 = 105;
}

#[cfg(not(any(windows, target_os = "linux", target_os = "android")))]
mod codes {
    /// EMSGSIZE
    pub(super) const TRANSIENT: &[i32] = &[40];
    /// ENOBUFS
    pub(super) const NO_BUFFERS: i32 = 55;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_about_the_socket_does_not_break_it() {
        for kind in [
            io::ErrorKind::Interrupted,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::HostUnreachable,
        ] {
            assert_eq!(receive_fault(&kind.into()), ReceiveFault::Transient, "{kind:?}");
        }
        for &code in codes::TRANSIENT {
            assert_eq!(receive_fault(&io::Error::from_raw_os_error(code)), ReceiveFault::Transient);
        }
    }

    #[test]
    fn an_unknown_receive_error_breaks_the_socket() {
        for kind in [io::ErrorKind::NotConnected, io::ErrorKind::OutOfMemory, io::ErrorKind::NetworkDown] {
            assert_eq!(receive_fault(&kind.into()), ReceiveFault::Broken, "{kind:?}");
        }
    }

    #[test]
    fn full_buffers_say_nothing_about_the_link() {
        assert_eq!(send_fault(&io::ErrorKind::WouldBlock.into()), SendFault::Full);
        assert_eq!(send_fault(&io::Error::from_raw_os_error(codes::NO_BUFFERS)), SendFault::Full);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_error_numbers_of_a_bad_link() {
        let (eperm, eacces, eaddrnotavail, enetdown, enetunreach, ehostunreach) = (1, 13, 99, 100, 101, 113);
        for code in [eperm, eacces, eaddrnotavail, enetdown, enetunreach, ehostunreach] {
            assert_eq!(send_fault(&io::Error::from_raw_os_error(code)), SendFault::Link, "errno {code}");
        }
        let (einval, emsgsize, econnrefused) = (22, 90, 111);
        for code in [einval, emsgsize, econnrefused] {
            assert_eq!(send_fault(&io::Error::from_raw_os_error(code)), SendFault::Datagram, "errno {code}");
        }
    }

    #[test]
    fn refusals_are_told_from_other_errors() {
        assert!(is_refusal(&io::ErrorKind::ConnectionRefused.into()));
        assert!(is_refusal(&io::ErrorKind::ConnectionReset.into()));
        assert!(!is_refusal(&io::ErrorKind::NetworkDown.into()));
    }

    #[test]
    fn names_are_read_from_the_table() {
        let table = "Inter-|   Receive                |  Transmit\n \
                     face |bytes    packets errs |bytes\n    lo:     104       1    0\n  eth0:1 2 3\n";
        assert_eq!(parse_proc_net_dev(table), ["lo", "eth0"]);
    }
}
