//! Who has what this node said

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::event::{Holds, Place};

/// Up to where everybody has each of the own logs
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders(BTreeMap<(u64, Uuid), Place>);

/// The oldest logs are forgotten first
const MAX_HOLDERS: usize = 4_096;

impl Holders {
    pub(crate) fn apply(&mut self, holds: &Holds) {
        let upto = self.0.entry((holds.upto.epoch(), holds.peer)).or_insert(holds.upto);
        *upto = holds.upto.max(*upto);
        if self.0.len() > MAX_HOLDERS {
            self.0.pop_first();
        }
    }

    /// Whether somebody is known to have the own line at this place
    pub(crate) fn has(&self, peer: Uuid, place: &Place) -> bool {
        self.0.get(&(place.epoch(), peer)).is_some_and(|upto| upto >= place)
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
    fn holders_without_number_do_not_fill_the_memory() {
        let mut holders = Holders::default();
        for number in 0..2 * MAX_HOLDERS {
            let peer = Uuid::from_u128(u128::try_from(number).unwrap());
            holders.apply(&Holds { peer, upto: place(7, 1) });
        }
        assert_eq!(holders.0.len(), MAX_HOLDERS);
    }

    fn place(epoch: u64, lamport: u64) -> Place {
        Order { lamport, author: PeerKey::from_bytes([1; 32]), epoch, seq: lamport, index: 0 }.into()
    }
}
