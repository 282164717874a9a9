//! Where a plain datagram goes

use std::net::{Ipv4Addr, SocketAddrV4};

use thiserror::Error;

use crate::lang::tell;

/// Reads `IP:PORT`, or `IP` alone where a port is known that both sides are likely to use
///
/// # Errors
/// When it is neither, or the port is 0.
pub fn address(text: &str, usual_port: Option<u16>) -> Result<SocketAddrV4, AddressError> {
    let whole = text.parse::<SocketAddrV4>().ok();
    let host = || {
        let ip = text.parse::<Ipv4Addr>().ok()?;
        Some(SocketAddrV4::new(ip, usual_port?))
    };
    let address = whole.or_else(host).filter(|address| address.port() != 0);
    address.ok_or_else(|| AddressError { given: text.to_owned() })
}

/// Reads `IP:PORT` to listen on, `IP` alone for the usual port, or a port alone for every address; port 0 takes any
///
/// # Errors
/// When it is none of them.
pub fn bind_address(text: &str, usual_port: u16) -> Result<SocketAddrV4, AddressError> {
    let whole = text.parse::<SocketAddrV4>().ok();
    let host = || Some(SocketAddrV4::new(text.parse().ok()?, usual_port));
    let port = || Some(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, text.parse().ok()?));
    whole.or_else(host).or_else(port).ok_or_else(|| AddressError { given: text.to_owned() })
}

/// It is no address
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", tell!("raw-address", given = given))]
pub struct AddressError {
    given: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_may_be_left_out_where_one_is_usual() {
        let expected = "198.18.0.2:8899".parse().unwrap();
        assert_eq!(address("198.18.0.2:8899", None), Ok(expected));
        assert_eq!(address("198.18.0.2", Some(8899)), Ok(expected));
        for wrong in ["198.18.0.2", "198.18.0.2:0", "bob:8899", "::1", ""] {
            assert!(address(wrong, None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_port_alone_listens_everywhere() {
        for (text, expected) in [
            ("127.0.0.1:9999", "127.0.0.1:9999"),
            ("127.0.0.1", "127.0.0.1:8899"),
            ("9999", "0.0.0.0:9999"),
            ("0.0.0.0:0", "0.0.0.0:0"),
        ] {
            assert_eq!(bind_address(text, 8899), Ok(expected.parse().unwrap()));
        }
        for wrong in ["70000", "[::1]:8899", ":9999", "lo", ""] {
            assert!(bind_address(wrong, 8899).is_err(), "{wrong}");
        }
    }
}
