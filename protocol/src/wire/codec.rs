//! The one place that knows bincode (PROTOCOL.md §2)
//!
//! bincode 2 is used through serde with its standard configuration: little endian, variable-length integers. The
//! limit below and the bounded types of [`super::bounded`] keep hostile lengths from allocating.

use alloc::vec::Vec;

use bincode::config;
use serde::{Deserialize, Serialize};

use super::limits::MAX_DATAGRAM_BYTES;

/// `value` as bincode
///
/// Every type of the wire can be encoded, so that the empty answer to a failure is never seen.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    bincode::serde::encode_to_vec(value, config::standard()).unwrap_or_default()
}

/// The value that all of `bytes` encodes; `None` if they encode none, or if any are left over
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    let config = config::standard().with_limit::<LIMIT_BYTES>();
    match bincode::serde::borrow_decode_from_slice(bytes, config) {
        Ok((value, consumed)) if consumed == bytes.len() => Some(value),
        Ok(_) | Err(_) => None,
    }
}

/// bincode counts an integer with its full width, however short it is written: with at most eight bytes for one
const LIMIT_BYTES: usize = 8 * MAX_DATAGRAM_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_left_over_are_an_error() {
        assert_eq!(decode::<u64>(&encode(&5_u64)), Some(5));
        assert_eq!(decode::<u64>(&[5, 0]), None);
        assert_eq!(decode::<u64>(&[]), None);
    }
}
