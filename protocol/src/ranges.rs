use alloc::{collections::BTreeMap, vec::Vec};
use core::ops::RangeInclusive;

/// A set of places in a log, as the stretches that it consists of
///
/// A set of any number of places costs as much as it has stretches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranges {
    /// First and last place of each stretch; none touch
    by_first: BTreeMap<u64, u64>,
    count: u64,
}

impl Ranges {
    /// How many places
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// How many stretches
    pub(crate) fn stretches(&self) -> usize {
        self.by_first.len()
    }

    /// Whether there is no place
    pub(crate) fn is_empty(&self) -> bool {
        self.by_first.is_empty()
    }

    /// Whether `seq` is one of the places
    pub(crate) fn contains(&self, seq: u64) -> bool {
        self.by_first.range(..=seq).next_back().is_some_and(|(_, last)| seq <= *last)
    }

    /// The stretches, ascending
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = RangeInclusive<u64>> {
        self.by_first.iter().map(|(first, last)| *first..=*last)
    }

    /// Adds all places of a stretch
    pub(crate) fn insert(&mut self, range: RangeInclusive<u64>) {
        if range.is_empty() {
            return;
        }
        let (mut first, mut last) = range.into_inner();
        let upto = last.saturating_add(1);
        while let Some((start, end)) = self.by_first.range(..=upto).next_back().map(|(s, e)| (*s, *e)) {
            if end.saturating_add(1) < first {
                break;
            }
            self.by_first.remove(&start);
            self.count -= length(start, end);
            first = first.min(start);
            last = last.max(end);
        }
        self.by_first.insert(first, last);
        self.count = self.count.saturating_add(length(first, last));
    }

    /// Takes all places of a stretch away
    pub(crate) fn remove(&mut self, range: RangeInclusive<u64>) {
        if range.is_empty() {
            return;
        }
        let (first, last) = range.into_inner();
        while let Some((start, end)) = self.by_first.range(..=last).next_back().map(|(s, e)| (*s, *e)) {
            if end < first {
                return;
            }
            self.by_first.remove(&start);
            self.count -= length(start, end);
            if end > last {
                self.by_first.insert(last + 1, end);
                self.count += length(last + 1, end);
            }
            if start < first {
                self.by_first.insert(start, first - 1);
                self.count += length(start, first - 1);
                return;
            }
        }
    }

    /// The places that are not in `other` as well
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        other.iter().for_each(|range| rest.remove(range));
        rest
    }

    /// Up to `limit` places in up to `stretches` stretches: the lowest, or the highest
    pub(crate) fn some(&self, limit: u64, stretches: usize, highest: bool) -> Vec<RangeInclusive<u64>> {
        let mut left = limit;
        let mut taken = Vec::new();
        let mut take = |range: RangeInclusive<u64>| {
            let (first, last) = range.into_inner();
            let n = left.min(length(first, last));
            left -= n;
            if n > 0 {
                taken.push(if highest { last - (n - 1)..=last } else { first..=first + (n - 1) });
            }
        };
        if highest {
            self.iter().rev().take(stretches).for_each(&mut take);
        } else {
            self.iter().take(stretches).for_each(&mut take);
        }
        taken
    }
}

/// Both ends counted; the number of all places there are does not fit and is one too small
fn length(first: u64, last: u64) -> u64 {
    (last - first).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeSet, vec};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(steps in prop::collection::vec((any::<bool>(), 0..60_u64, 0..12_u64), 0..60)) {
            let (mut ranges, mut model) = (Ranges::default(), BTreeSet::new());
            for (adds, first, more) in steps {
                let range = first..=first + more;
                if adds {
                    ranges.insert(range.clone());
                    model.extend(range);
                } else {
                    ranges.remove(range.clone());
                    model.retain(|seq| !range.contains(seq));
                }
                prop_assert_eq!(ranges.count(), model.len() as u64);
                prop_assert_eq!(ranges.iter().flatten().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
                prop_assert!((0..80).all(|seq| ranges.contains(seq) == model.contains(&seq)));
                let gaps = ranges.by_first.iter().zip(ranges.by_first.keys().skip(1));
                prop_assert!(gaps.into_iter().all(|((_, last), next)| last + 1 < *next));
            }
        }
    }

    #[test]
    fn all_places_there_are_fit() {
        let mut ranges = Ranges::default();
        ranges.insert(0..=u64::MAX);
        ranges.remove(5..=u64::MAX - 5);
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [0..=4, u64::MAX - 4..=u64::MAX]);
        ranges.remove(0..=u64::MAX);
        assert!(ranges.is_empty());
    }

    #[test]
    fn some_are_taken_from_either_end() {
        let mut ranges = Ranges::default();
        ranges.insert(1..=5);
        ranges.insert(10..=12);
        assert_eq!(ranges.some(4, 9, true), vec![10..=12, 5..=5]);
        assert_eq!(ranges.some(6, 9, false), vec![1..=5, 10..=10]);
        assert_eq!(ranges.some(6, 1, false), vec![1..=5]);
        let mut in_flight = Ranges::default();
        in_flight.insert(3..=10);
        assert_eq!(ranges.without(&in_flight).iter().collect::<Vec<_>>(), vec![1..=2, 11..=12]);
    }
}
