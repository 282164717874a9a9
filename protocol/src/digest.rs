use alloc::collections::VecDeque;

use crate::wire::{Digest, LogId};

/// What this node holds in one number, and what it was lately (PROTOCOL.md §8.7)
///
/// The sum does not depend on the order in which entries came, so that nodes which hold the same logs up to the same
/// places have the same. It is a hint: anyone may claim any.
#[derive(Debug, Default)]
pub(crate) struct DigestBook {
    now: Digest,
    before: VecDeque<Before>,
}

/// What was before a log was held further, or less
#[derive(Clone, Copy, Debug)]
struct Before {
    sum: u64,
    log: LogId,
    seq: u64,
}

impl DigestBook {
    /// How many past sums are known
    const MAX_BEFORE: usize = 256;

    /// The present digest
    pub(crate) fn digest(&self) -> Digest {
        self.now
    }

    /// Whether somebody who claims this sum holds nothing that this node lacks, as far as a sum can tell
    pub(crate) fn covers(&self, sum: u64) -> bool {
        sum == self.now.sum || sum == 0 || self.before.iter().any(|before| before.sum == sum)
    }

    /// Up to which place a log, held up to `seq` now, was held when the sum was this one; `None` if it never was
    pub(crate) fn place_when(&self, (log, seq): (&LogId, u64), sum: u64) -> Option<u64> {
        if sum == self.now.sum {
            return Some(seq);
        }
        let mut place = seq;
        for before in self.before.iter().rev() {
            place = if before.log == *log { before.seq } else { place };
            if before.sum == sum {
                return Some(place);
            }
        }
        None
    }

    /// So many entries are held
    pub(crate) fn count(&mut self, entries: usize) {
        self.now.entries = u64::try_from(entries).unwrap_or(u64::MAX);
    }

    /// The last entry held of a log is at another place now; 0 is none
    pub(crate) fn move_head(&mut self, log: &LogId, from: u64, to: u64) {
        if from == to {
            return;
        }
        if self.before.len() == Self::MAX_BEFORE {
            self.before.pop_front();
        }
        self.before.push_back(Before { sum: self.now.sum, log: *log, seq: from });
        self.now.sum = self.now.sum.wrapping_sub(term(log, from)).wrapping_add(term(log, to));
    }
}

/// What stands for a log that is held up to `seq`
fn term(log: &LogId, seq: u64) -> u64 {
    if seq == 0 {
        return 0;
    }
    let mut hasher = blake3::Hasher::new_derive_key("lanchat 1 digest");
    hasher.update(log.author.as_bytes()).update(&log.epoch.to_le_bytes()).update(&seq.to_le_bytes());
    let mut term = [0; 8];
    term.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(term)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerKey;

    fn log(n: u8) -> LogId {
        LogId { author: PeerKey::from_bytes([n; 32]), epoch: 1 }
    }

    #[test]
    fn the_same_heads_give_the_same_sum_in_whatever_order_they_came() {
        let (mut one, mut other) = (DigestBook::default(), DigestBook::default());
        one.move_head(&log(1), 0, 1);
        one.move_head(&log(2), 0, 5);
        one.move_head(&log(1), 1, 2);
        other.move_head(&log(1), 0, 2);
        other.move_head(&log(2), 0, 5);
        assert_eq!(one.digest(), other.digest());
        other.move_head(&log(2), 5, 0);
        other.move_head(&log(1), 2, 0);
        assert_eq!(other.digest(), Digest::default());
    }

    #[test]
    fn who_is_behind_is_told_from_who_is_ahead() {
        let mut ahead = DigestBook::default();
        let mut behind = DigestBook::default();
        ahead.move_head(&log(1), 0, 1);
        behind.move_head(&log(1), 0, 1);
        ahead.move_head(&log(1), 1, 2);
        assert!(ahead.covers(behind.digest().sum));
        assert!(!behind.covers(ahead.digest().sum));
        assert!(behind.covers(0));
    }

    #[test]
    fn a_past_sum_tells_how_far_a_log_was_held() {
        let mut book = DigestBook::default();
        let mut sums = alloc::vec![];
        for (n, from, to) in [(1, 0, 1), (2, 0, 7), (1, 1, 2), (2, 7, 8)] {
            book.move_head(&log(n), from, to);
            sums.push(book.digest().sum);
        }
        let places = |n, now| {
            sums.iter().map(|sum| book.place_when((&log(n), now), *sum)).collect::<alloc::vec::Vec<_>>()
        };
        assert_eq!(places(1, 2), [Some(1), Some(1), Some(2), Some(2)]);
        assert_eq!(places(2, 8), [Some(0), Some(7), Some(7), Some(8)]);
        assert_eq!(book.place_when((&log(1), 2), 12_345), None);
    }
}
