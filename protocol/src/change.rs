use crate::{MessageId, Note, Reaction, Text, Topic};

/// What a line is about, beside what it says (PROTOCOL.md §7)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// It answers this line
    Reply(MessageId),
    /// It is what this line of the same author says from now on
    Edit(MessageId),
}

/// Something said to all that is no line of its own, but changes what the room looks like (PROTOCOL.md §7)
///
/// Who may change what is for the reader to check: an edit or a deletion counts only if its author said the line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A line says something else from now on
    Edit {
        /// Which
        target: MessageId,
        /// What it says
        text: Text,
    },
    /// A line is to be shown no more
    Delete {
        /// Which
        target: MessageId,
    },
    /// Somebody puts something under a line
    React {
        /// Which
        target: MessageId,
        /// What; `None` takes back all that they have put there
        with: Option<Reaction>,
    },
    /// What the room is about; `None` for nothing in particular
    Topic(Option<Topic>),
}

impl Change {
    /// The line that is changed, if it is a line
    pub fn target(&self) -> Option<MessageId> {
        match self {
            Self::Edit { target, .. } | Self::Delete { target } | Self::React { target, .. } => Some(*target),
            Self::Topic(_) => None,
        }
    }
}

/// That somebody does not look at the screen (PROTOCOL.md §5.1)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Whether their program noticed it by itself, and they did not say so
    pub by_itself: bool,
    /// What they said about it
    pub note: Option<Note>,
}
