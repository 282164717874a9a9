//! Every length on the wire has its longest here (PROTOCOL.md §2)

use crate::Note;

/// The most bytes in a datagram: fits every link without IP fragmentation
pub const MAX_DATAGRAM_BYTES: usize = 1_200;

/// The most bytes in an entry, without its signature: leaves 40 of a datagram for the seal of a private room
pub const MAX_ENTRY_BYTES: usize = 1_060;

/// The most entries in a Data frame
pub const MAX_ENTRIES: usize = 8;

/// The most items in an entry
pub const MAX_ITEMS: usize = 64;

/// The most bytes in an item's body: leaves 68 of a datagram for the seals of a whisper in a private room
pub const MAX_ITEM_BYTES: usize = 900;

/// The most logs in a Heads frame: leaves 40 bytes for the seal of a private room
pub const MAX_HOLDINGS: usize = 14;

/// The most logs that grew lately in an announcement
pub const MAX_RECENT: usize = 6;

/// The most ranges in a Want frame
pub const MAX_RANGES: usize = 16;

/// The most extensions in an announcement
pub const MAX_EXTENSIONS: usize = 16;

/// The most bytes in an extension's body
pub const MAX_EXTENSION_BYTES: usize = 512;

/// The most bytes in the note of a status
pub const MAX_NOTE_BYTES: usize = Note::MAX_BYTES;

/// The most bytes in the first message of a handshake
pub const MAX_INIT_BYTES: usize = 96;

/// The most bytes in the second message of a handshake
pub const MAX_RESPONSE_BYTES: usize = 48;
