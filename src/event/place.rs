//! Where a line belongs, for front ends that sort

use std::{fmt, str::FromStr};

use lanchat_protocol::{Order, PeerKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::lang::tell;

/// A line's place in the room's transcript, the same for everyone
///
/// As text it is opaque, but texts sort bytewise as the places do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(Order);

impl Place {
    /// In which of its author's logs it is: two places of one author in different ones say nothing about each other
    pub fn epoch(&self) -> u64 {
        self.0.epoch
    }
}

impl From<Order> for Place {
    fn from(order: Order) -> Self {
        Self(order)
    }
}

impl From<Place> for Order {
    fn from(place: Place) -> Self {
        place.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Order { lamport, author, epoch, seq, index } = &self.0;
        write!(f, "{lamport:016x}-")?;
        author.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, "-{epoch:016x}-{seq:016x}-{index:08x}")
    }
}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let fields: Vec<&str> = text.split('-').collect();
        let [lamport, author, epoch, seq, index] = fields.as_slice() else {
            return Err(NotAPlace);
        };
        let number = |field, digits| hex(field, digits).ok_or(NotAPlace);
        Ok(Self(Order {
            lamport: number(lamport, 16)?,
            author: key(author).ok_or(NotAPlace)?,
            epoch: number(epoch, 16)?,
            seq: number(seq, 16)?,
            index: u32::try_from(number(index, 8)?).map_err(|_| NotAPlace)?,
        }))
    }
}

/// The text is no place of a line
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{}", tell!("not-a-place"))]
pub struct NotAPlace;

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

fn key(text: &str) -> Option<PeerKey> {
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::try_from(hex(text.get(2 * at..2 * at + 2)?, 2)?).ok()?;
    }
    Some(PeerKey::from_bytes(bytes))
}

/// A number of exactly so many lower-case digits, so that a place has one spelling
fn hex(text: &str, digits: usize) -> Option<u64> {
    let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != digits || !is_hex {
        return None;
    }
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_sort_as_places_do_and_come_back(one in place(), other in place()) {
            prop_assert_eq!(one.to_string().as_bytes().cmp(other.to_string().as_bytes()), one.cmp(&other));
            prop_assert_eq!(one.to_string().parse(), Ok(one));
        }

        #[test]
        fn any_other_text_is_refused(text in any::<String>()) {
            prop_assert_eq!(text.parse::<Place>(), Err(NotAPlace));
        }
    }

    #[test]
    fn a_place_has_one_spelling() {
        let text =
            Place(Order { lamport: 10, author: PeerKey::from_bytes([0xab; 32]), epoch: 1, seq: 2, index: 3 })
                .to_string();
        assert!(text.parse::<Place>().is_ok());
        for wrong in
            [text.to_uppercase(), format!("{text}-0"), text.replacen('0', "+", 1), text.replacen('0', "", 1)]
        {
            assert_eq!(wrong.parse::<Place>(), Err(NotAPlace), "{wrong}");
        }
    }

    /// Values that are close to each other, so that every field decides at times
    fn place() -> impl Strategy<Value = Place> {
        let number = || prop_oneof![0..3u64, Just(u64::MAX), any::<u64>()];
        let author = prop_oneof![any::<[u8; 32]>(), Just([0; 32]), Just([9; 32])];
        (number(), author, number(), number(), prop_oneof![0..3u32, any::<u32>()]).prop_map(
            |(lamport, author, epoch, seq, index)| {
                Place(Order { lamport, author: PeerKey::from_bytes(author), epoch, seq, index })
            },
        )
    }
}
