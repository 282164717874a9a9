//! Who has what this node said

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::event::{Holds, Place};

/// Up to where everybody has each of the own logs
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders {
    by_log: BTreeMap<(u64, Uuid), Known>,
    /// How much was told so far
    told: u64,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    upto: Place,
    /// The number of what was told last of it
    told: u64,
}

/// Half of them, of which nothing was told for longest, are forgotten at once
const MAX_HOLDERS: usize = 4_096;

impl Holders {
    pub(crate) fn apply(&mut self, holds: &Holds) {
        self.told += 1;
        let new = Known { upto: holds.upto, told: self.told };
        let known = self.by_log.entry((holds.upto.epoch(), holds.peer)).or_insert(new);
        *known = Known { upto: holds.upto.max(known.upto), told: self.told };
        if self.by_log.len() > MAX_HOLDERS {
            let mut told: Vec<u64> = self.by_log.values().map(|known| known.told).collect();
            let (_, median, _) = told.select_nth_unstable(MAX_HOLDERS / 2);
            self.by_log.retain(|_, known| known.told > *median);
        }
    }

    /// Whether somebody is known to have the own line at this place
    pub(crate) fn has(&self, peer: Uuid, place: &Place) -> bool {
        self.by_log.get(&(place.epoch(), peer)).is_some_and(|known| known.upto >= *place)
    }
}

#[cfg(test)]
mod tests {
    use lanchat_protocol::{Order, PeerKey};

    use super::*;

    const BOB: Uuid = Uuid::from_u128(0xb);

    #[test]
    fn whoever_has_a_line_has_those_before_it_in_the_same_log() {
        let mut holders = Holders::default();
        for upto in [place(7, 4), place(7, 3), place(5, 9)] {
            holders.apply(&Holds { peer: BOB, upto });
        }
        let has: Vec<bool> = [place(7, 4), place(7, 5), place(5, 9), place(6, 1)]
            .iter()
            .map(|at| holders.has(BOB, at))
            .collect();
        assert_eq!(has, [true, false, true, false]);
        assert!(!holders.has(Uuid::nil(), &place(7, 1)));
    }

    #[test]
    fn holders_without_number_neither_fill_the_memory_nor_drive_out_whoever_speaks() {
        let mut holders = Holders::default();
        for number in 0..2 * MAX_HOLDERS {
            let peer = Uuid::from_u128(u128::MAX - u128::try_from(number).unwrap());
            holders.apply(&Holds { peer, upto: place(9, 1) });
            if number % 1_000 == 0 {
                holders.apply(&Holds { peer: BOB, upto: place(7, 1) });
            }
            assert!(holders.by_log.len() <= MAX_HOLDERS);
        }
        assert!(holders.has(BOB, &place(7, 1)));
    }

    fn place(epoch: u64, lamport: u64) -> Place {
        Order { lamport, author: PeerKey::from_bytes([1; 32]), epoch, seq: lamport, index: 0 }.into()
    }
}
