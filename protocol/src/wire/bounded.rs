//! Byte strings and lists whose longest length is part of their type
//!
//! A length on the wire is compared with that bound before anything is allocated for it. serde's own `Vec` takes
//! the sender's word for up to a MiB.

use alloc::{borrow::ToOwned, vec, vec::Vec};
use core::{fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess, Visitor},
};

/// At most `MAX` bytes
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes<const MAX: usize>(Vec<u8>);

impl<const MAX: usize> Bytes<MAX> {
    /// These bytes, if they are not too many
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= MAX).then_some(Self(bytes))
    }
}

impl<const MAX: usize> Deref for Bytes<MAX> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Bytes<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl<const MAX: usize> Serialize for Bytes<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Bytes<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

struct BytesVisitor<const MAX: usize>;

impl<const MAX: usize> Visitor<'_> for BytesVisitor<MAX> {
    type Value = Bytes<MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MAX} bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes<MAX>, E> {
        if bytes.len() > MAX {
            return Err(E::invalid_length(bytes.len(), &self));
        }
        Ok(Bytes(bytes.to_owned()))
    }
}

/// At most `MAX` values
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> List<T, MAX> {
    /// No values
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Just this value
    pub fn of_one(value: T) -> Self {
        const { assert!(MAX > 0) };
        Self(vec![value])
    }

    /// These values, if they are not too many
    pub fn new(values: Vec<T>) -> Option<Self> {
        (values.len() <= MAX).then_some(Self(values))
    }

    /// The values
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Serialize, const MAX: usize> Serialize for List<T, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ListVisitor<T, MAX> {
    type Value = List<T, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MAX} values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T, MAX>, A::Error> {
        let announced = seq.size_hint().unwrap_or(0);
        if announced > MAX {
            return Err(de::Error::invalid_length(announced, &self));
        }
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            if values.len() == MAX {
                return Err(de::Error::invalid_length(MAX + 1, &self));
            }
            values.push(value);
        }
        Ok(List(values))
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec::{decode, encode};
    use super::*;

    #[test]
    fn up_to_the_bound_comes_through_and_no_more() {
        let four = Bytes::<4>::new(vec![1, 2, 3, 4]).unwrap();
        assert_eq!(decode::<Bytes<4>>(&encode(&four)), Some(four.clone()));
        assert_eq!(decode::<Bytes<3>>(&encode(&four)), None);
        let list = List::<u8, 4>::new(vec![1, 2, 3, 4]).unwrap();
        assert_eq!(decode::<List<u8, 4>>(&encode(&list)), Some(list.clone()));
        assert_eq!(decode::<List<u8, 3>>(&encode(&list)), None);
    }

    #[test]
    fn a_length_of_any_size_is_an_error_and_not_an_allocation() {
        for length in
            [vec![251, 0xff, 0xff], vec![252, 0, 0, 0, 0x80], vec![253, 0, 0, 0, 0, 2, 0, 0, 0], vec![253; 9]]
        {
            assert_eq!(decode::<Bytes<1100>>(&length), None);
            assert_eq!(decode::<List<u8, 64>>(&length), None);
            assert_eq!(decode::<List<Bytes<10>, 64>>(&length), None);
        }
    }
}
