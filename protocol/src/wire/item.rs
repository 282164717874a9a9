use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{bounded::Bytes, limits::MAX_ITEM_BYTES};
use crate::Text;

/// One thing said: a kind and bytes that only those who know the kind understand (PROTOCOL.md §7)
///
/// A node keeps and forwards items of kinds that it does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What the bytes are: [`Item::TEXT`], [`Item::TEXT_PART`], or something newer
    pub kind: u16,
    /// The bytes
    pub body: Bytes<MAX_ITEM_BYTES>,
}

impl Item {
    /// A line of text in UTF-8, or the last part of a longer one
    pub const TEXT: u16 = 1;
    /// A part of a line, continued by the next item of the same author
    pub const TEXT_PART: u16 = 2;

    /// The items that say `text`: one, or for a long line several in a row
    pub fn from_text(text: &Text) -> Vec<Self> {
        let pieces = text.pieces(MAX_ITEM_BYTES);
        let last = pieces.len() - 1;
        let kind = |index| {
            if index == last { Self::TEXT } else { Self::TEXT_PART }
        };
        pieces
            .iter()
            .enumerate()
            .filter_map(|(index, piece)| {
                Some(Self { kind: kind(index), body: Bytes::new(piece.as_bytes().to_vec())? })
            })
            .collect()
    }

    /// How many bytes it takes at most inside an entry
    pub(crate) fn encoded_bytes(&self) -> usize {
        6 + self.body.len()
    }
}
