use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{bounded::Bytes, limits::MAX_ITEM_BYTES};
use crate::{About, Change, MessageId, Name, Reaction, Text, Topic};

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
    /// The line that begins with the next text item of the entry answers the one with this message id
    pub const REPLY: u16 = 6;
    /// The line that begins with the next text item of the entry is what the one with this message id says now
    pub const EDIT: u16 = 7;
    /// The line with this message id is to be shown no more
    pub const DELETE: u16 = 8;
    /// Under the line with this message id is put what follows it, or all taken back if nothing follows
    pub const REACTION: u16 = 9;
    /// What the room is about
    pub const TOPIC: u16 = 10;

    /// The most bytes that it has inside an entry besides its body
    pub(crate) const OVERHEAD_BYTES: usize = 6;

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

    /// The item that says before a line what it is about
    pub(crate) fn from_about(about: About) -> Option<Self> {
        match about {
            About::Reply(target) => Self::with_target(Self::REPLY, target, ""),
            About::Edit(target) => Self::with_target(Self::EDIT, target, ""),
        }
    }

    /// The items that say that something is changed
    pub(crate) fn from_change(change: &Change) -> Vec<Self> {
        let item = match change {
            Change::Edit { target, text } => {
                let marker = Self::from_about(About::Edit(*target));
                return marker.into_iter().chain(Self::from_text(text)).collect();
            }
            Change::Delete { target } => Self::with_target(Self::DELETE, *target, ""),
            Change::React { target, with } => {
                Self::with_target(Self::REACTION, *target, with.as_ref().map_or("", Reaction::as_str))
            }
            Change::Topic(topic) => {
                let topic = topic.as_ref().map_or("", Topic::as_str);
                Bytes::new(topic.as_bytes().to_vec()).map(|body| Self { kind: Self::TOPIC, body })
            }
        };
        item.into_iter().collect()
    }

    fn with_target(kind: u16, target: MessageId, rest: &str) -> Option<Self> {
        let body = [target.as_uuid().as_bytes().as_slice(), rest.as_bytes()].concat();
        Some(Self { kind, body: Bytes::new(body)? })
    }

    /// What the line is about that begins with the next text item of the entry, if it says that
    pub(crate) fn about(&self) -> Option<About> {
        let about = match self.kind {
            Self::REPLY => About::Reply,
            Self::EDIT => About::Edit,
            _ => return None,
        };
        self.target().filter(|(_, rest)| rest.is_empty()).map(|(target, _)| about(target))
    }

    /// What it changes by itself, without a line
    pub(crate) fn change(&self) -> Option<Change> {
        match self.kind {
            Self::DELETE => {
                let (target, rest) = self.target()?;
                rest.is_empty().then_some(Change::Delete { target })
            }
            Self::REACTION => {
                let (target, with) = self.target()?;
                let with = match core::str::from_utf8(with).ok()? {
                    "" => None,
                    with => Some(Reaction::from_wire(with)?),
                };
                Some(Change::React { target, with })
            }
            Self::TOPIC => match core::str::from_utf8(&self.body).ok()? {
                "" => Some(Change::Topic(None)),
                topic => Topic::from_wire(topic).map(|topic| Change::Topic(Some(topic))),
            },
            _ => None,
        }
    }

    fn target(&self) -> Option<(MessageId, &[u8])> {
        let (target, rest) = self.body.split_first_chunk::<16>()?;
        Some((MessageId::from_uuid(Uuid::from_bytes(*target)), rest))
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
        Self::OVERHEAD_BYTES + self.body.len()
    }
}
