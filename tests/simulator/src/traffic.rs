//! What was sent, counted

use std::{
    collections::BTreeMap,
    ops::{AddAssign, Sub},
};

/// How much was sent so far, a broadcast counted once
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Datagrams and their bytes, by the kind in their header
    pub by_kind: BTreeMap<u8, Amount>,
    /// Log entries that were sent again, by whomever
    pub repairs: u64,
}

/// So many datagrams of so many bytes together
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many
    pub datagrams: u64,
    /// How long they are together, in bytes
    pub bytes: u64,
}

/// The kinds of datagrams that are counted by name (PROTOCOL.md §4)
pub mod kind {
    /// I am here
    pub const ANNOUNCE: u8 = 0x01;
    /// Still here, and all as announced
    pub const HEARTBEAT: u8 = 0x06;
    /// Log entries
    pub const DATA: u8 = 0x10;
    /// The ends of logs
    pub const HEADS: u8 = 0x11;
    /// A request for log entries
    pub const WANT: u8 = 0x12;
    /// A request for the ends of logs
    pub const HEADS_REQUEST: u8 = 0x13;
}

impl Traffic {
    /// How much of one kind
    pub fn of(&self, kind: u8) -> Amount {
        self.by_kind.get(&kind).copied().unwrap_or_default()
    }

    /// How much of all kinds
    pub fn all(&self) -> Amount {
        let mut all = Amount::default();
        for amount in self.by_kind.values() {
            all.datagrams += amount.datagrams;
            all.bytes += amount.bytes;
        }
        all
    }

    pub(crate) fn count(&mut self, datagram: &[u8]) {
        const KIND_OFFSET: usize = 5;
        let amount = self.by_kind.entry(datagram[KIND_OFFSET]).or_default();
        amount.datagrams += 1;
        amount.bytes += u64::try_from(datagram.len()).unwrap_or(u64::MAX);
    }
}

impl Sub<&Self> for Traffic {
    type Output = Self;

    /// What was sent since `earlier`
    fn sub(mut self, earlier: &Self) -> Self {
        for (kind, amount) in &mut self.by_kind {
            let before = earlier.of(*kind);
            amount.datagrams -= before.datagrams;
            amount.bytes -= before.bytes;
        }
        self.repairs -= earlier.repairs;
        self
    }
}

impl AddAssign<&Self> for Traffic {
    fn add_assign(&mut self, other: &Self) {
        for (kind, amount) in &other.by_kind {
            let sum = self.by_kind.entry(*kind).or_default();
            sum.datagrams += amount.datagrams;
            sum.bytes += amount.bytes;
        }
        self.repairs += other.repairs;
    }
}
