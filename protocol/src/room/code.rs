//! From what people tell each other to what seals a room (PROTOCOL.md §3)

use alloc::{string::String, vec::Vec};
use core::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::{RoomName, text::is_invisible};

/// The code of a private room, in the one spelling that all its spellings fold to (PROTOCOL.md §3)
///
/// 1 to 256 bytes of UTF-8, in lower case and normal form KC: words with a hyphen between each and the next.
#[derive(Clone, PartialEq, Eq)]
pub struct RoomCode(String);

impl RoomCode {
    /// The most bytes a code may have
    pub const MAX_BYTES: usize = 256;

    /// Folds a code's spelling: case, white space, hyphens and what cannot be seen make no difference
    ///
    /// # Errors
    /// If nothing is left, or too much
    pub fn new(code: &str) -> Result<Self, RoomCodeError> {
        let code: String = code.chars().filter(|c| c.is_whitespace() || !is_invisible(*c)).nfkc().collect();
        let code: String = code.to_lowercase().nfkc().collect();
        let words = code.split(|c: char| c.is_whitespace() || is_hyphen(c));
        let code = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
        match code.len() {
            0 => Err(RoomCodeError::Empty),
            bytes if bytes > Self::MAX_BYTES => Err(RoomCodeError::TooLong { bytes }),
            _ => Ok(Self(code)),
        }
    }

    /// The code as text: a secret
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RoomCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomCode(…)")
    }
}

/// Why a code cannot be one
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RoomCodeError {
    /// Nothing but white space and hyphens
    #[error("a room's code needs at least one visible character")]
    Empty,
    /// More than [`RoomCode::MAX_BYTES`]
    #[error(
        "a room's code has at most {} bytes of UTF-8, this one has {bytes}: choose a shorter one",
        RoomCode::MAX_BYTES
    )]
    TooLong {
        /// How many it has
        bytes: usize,
    },
}

/// What the members of a private room know and nobody else: all that is secret of the room follows from it
#[derive(Clone, PartialEq, Eq)]
pub struct RoomKey([u8; 32]);

impl RoomKey {
    /// KiB of memory that deriving a key takes
    pub const DERIVATION_KIB: u32 = 64 << 10;
    const PASSES: u32 = 3;
    const LANES: u32 = 1;

    /// The key of the room of this name and code; takes a quarter of a second and 64 MiB, on purpose
    ///
    /// # Errors
    /// If there is not as much memory
    pub fn derive(name: &RoomName, code: &RoomCode) -> Result<Self, NoMemory> {
        let params =
            Params::new(Self::DERIVATION_KIB, Self::PASSES, Self::LANES, Some(32)).map_err(|_| NoMemory)?;
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count()).map_err(|_| NoMemory)?;
        memory.resize(params.block_count(), Block::new());
        let salt = blake3::derive_key("lanchat 1 room code salt", name.as_str().as_bytes());
        let mut key = [0; 32];
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let derived =
            argon.hash_password_into_with_memory(code.as_str().as_bytes(), &salt, &mut key, &mut memory);
        derived.map(|()| Self(key)).map_err(|_| NoMemory)
    }

    /// The key with these 32 bytes
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key's 32 bytes: a secret
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RoomKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomKey(…)")
    }
}

/// There is not as much memory as deriving a key takes
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a room's key cannot be derived, which takes 64 MiB of memory: end some other programs and try again"
)]
pub struct NoMemory;

/// Hyphens and dashes, as they are typed or as programs beautify them
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2E3A}'..='\u{2E3B}')
}

#[cfg(test)]
mod tests {
    use std::format;

    use proptest::prelude::*;

    use super::*;

    fn folded(code: &str) -> String {
        RoomCode::new(code).unwrap().as_str().into()
    }

    #[test]
    fn spellings_of_a_code_fold_to_one() {
        for spelling in [
            "abandon-ability-able",
            " Abandon ABILITY\table\r\n",
            "abandon — ability - able",
            "abandon\u{2011}ability\u{a0}able",
            "-ａｂａｎｄｏｎ  abi\u{ad}lity\u{200b} able\u{feff}-",
        ] {
            assert_eq!(folded(spelling), "abandon-ability-able", "{spelling:?}");
        }
        assert_ne!(folded("abandonability"), folded("abandon ability"));
    }

    #[test]
    fn a_code_has_something_in_it_and_a_limit() {
        assert_eq!(RoomCode::new(" - \u{200b}\n"), Err(RoomCodeError::Empty));
        assert!(RoomCode::new(&"x".repeat(256)).is_ok());
        assert_eq!(RoomCode::new(&"x".repeat(257)), Err(RoomCodeError::TooLong { bytes: 257 }));
    }

    #[test]
    fn neither_codes_nor_keys_are_printed() {
        let code = RoomCode::new("abandon").unwrap();
        assert_eq!(format!("{code:?}{:?}", RoomKey::from_bytes([42; 32])), "RoomCode(…)RoomKey(…)");
    }

    #[test]
    fn a_key_follows_from_the_code_and_the_name_of_the_room() {
        let key = |name: &str, code: &str| {
            RoomKey::derive(&RoomName::new(name).unwrap(), &RoomCode::new(code).unwrap()).unwrap()
        };
        let attic = key("attic", "able above");
        assert_eq!(attic, key("Attic", "Able-Above"));
        assert_ne!(attic, key("attic", "able about"));
        assert_ne!(attic, key("cellar", "able above"));
    }

    proptest! {
        #[test]
        fn a_code_folds_once(code in "\\PC{0,40}") {
            if let Ok(folded) = RoomCode::new(&code) {
                let again = RoomCode::new(folded.as_str());
                prop_assert_eq!(again, Ok(folded));
            }
        }
    }
}
