//! Every length on the wire has its longest here (PROTOCOL.md §2)

/// The most bytes in a datagram: fits every link without IP fragmentation
pub const MAX_DATAGRAM_BYTES: usize = 1_200;

/// The most bytes in an entry, without its signature
pub const MAX_ENTRY_BYTES: usize = 1_100;

/// The most entries in a Data frame
pub const MAX_ENTRIES: usize = 8;

/// The most items in an entry
pub const MAX_ITEMS: usize = 64;

/// The most bytes in an item's body
pub const MAX_ITEM_BYTES: usize = 960;

/// The most extensions in an announcement
pub const MAX_EXTENSIONS: usize = 16;

/// The most bytes in an extension's body
pub const MAX_EXTENSION_BYTES: usize = 512;
