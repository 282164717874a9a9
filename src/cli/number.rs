//! Numbers as they are typed

use std::num::{IntErrorKind, ParseIntError};

use thiserror::Error;

use crate::lang::tell;

/// A UDP port that can be sent to
pub(super) fn port(text: &str) -> Result<u16, NumberError> {
    let number: i64 = text.parse().map_err(NumberError::Unreadable)?;
    let port = u16::try_from(number).ok().filter(|port| *port != 0);
    port.ok_or_else(|| NumberError::NoPort { given: text.to_owned() })
}

/// At least 1
pub(super) fn count(text: &str) -> Result<u64, NumberError> {
    match text.parse().map_err(NumberError::Unreadable)? {
        0 => Err(NumberError::NoCount { given: text.to_owned() }),
        count => Ok(count),
    }
}

/// Why something is not the number that is wanted
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum NumberError {
    /// No whole number
    #[error("{}", unreadable(_0))]
    Unreadable(ParseIntError),
    /// No port
    #[error("{}", tell!("number-port", given = given))]
    NoPort {
        /// What was typed
        given: String,
    },
    /// Nothing to count to
    #[error("{}", tell!("number-count", given = given))]
    NoCount {
        /// What was typed
        given: String,
    },
}

/// Why something is no whole number
pub(super) fn unreadable(error: &ParseIntError) -> String {
    match error.kind() {
        IntErrorKind::Empty => tell!("number-empty"),
        IntErrorKind::PosOverflow => tell!("number-large"),
        IntErrorKind::NegOverflow => tell!("number-small"),
        IntErrorKind::InvalidDigit | IntErrorKind::Zero | _ => tell!("number-digit"),
    }
}
