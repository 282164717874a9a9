use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{bounded::Bytes, limits::MAX_ITEM_BYTES};
use crate::{Name, Text};

/// One thing said: a kind and bytes that only those who know the kind understand (PROTOCOL.md §7)
///
/// A node keeps and forwards items of kinds that it does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What the bytes are: one of the text kinds below, or something newer
    pub kind: u16,
    /// The bytes
    pub body: Bytes<MAX_ITEM_BYTES>,
}

impl Item {
    /// A whole line of text in UTF-8
    pub const TEXT: u16 = 1;
    /// The first part of a longer line
    pub const TEXT_BEGIN: u16 = 2;
    /// A part of a line that neither begins nor ends it
    pub const TEXT_MORE: u16 = 3;
    /// The last part of a line
    pub const TEXT_END: u16 = 4;
    /// What the author calls themselves from here on: for those who read the log when its author is not there any more
    pub const NAME: u16 = 5;

    /// The items that say `text`: one, or for a long line several in a row
    pub fn from_text(text: &Text) -> Vec<Self> {
        let pieces = text.pieces(MAX_ITEM_BYTES);
        let last = pieces.len() - 1;
        let kind = |index| match index {
            0 if last == 0 => Self::TEXT,
            0 => Self::TEXT_BEGIN,
            _ if index == last => Self::TEXT_END,
            _ => Self::TEXT_MORE,
        };
        pieces
            .iter()
            .enumerate()
            .filter_map(|(index, piece)| {
                Some(Self { kind: kind(index), body: Bytes::new(piece.as_bytes().to_vec())? })
            })
            .collect()
    }

    /// The item that says what its author is called
    pub(crate) fn from_name(name: &Name) -> Option<Self> {
        Some(Self { kind: Self::NAME, body: Bytes::new(name.as_str().as_bytes().to_vec())? })
    }

    /// What its author is called, if it says that
    pub(crate) fn name(&self) -> Option<Name> {
        if self.kind != Self::NAME {
            return None;
        }
        Name::from_wire(core::str::from_utf8(&self.body).ok()?)
    }

    /// Whether a line begins with it
    pub(crate) fn begins_line(&self) -> bool {
        matches!(self.kind, Self::TEXT | Self::TEXT_BEGIN)
    }

    /// Whether it goes on with a line that an item before it began
    pub(crate) fn continues_line(&self) -> bool {
        matches!(self.kind, Self::TEXT_MORE | Self::TEXT_END)
    }

    /// How many bytes it takes at most inside an entry
    pub(crate) fn encoded_bytes(&self) -> usize {
        6 + self.body.len()
    }
}
