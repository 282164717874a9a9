/// Which nonces of one session were seen: the 1,024 up to the greatest (PROTOCOL.md §5.4, RFC 6479)
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    /// The one after the greatest that was seen
    end: u64,
    /// Whether each was, by its remainder
    seen: [u64; Self::WORDS],
}

impl Window {
    const WORDS: usize = 16;
    const WIDTH: u64 = 1_024;

    /// Whether this nonce can be a new one
    pub(crate) fn is_new(&self, nonce: u64) -> bool {
        match self.end.checked_sub(nonce) {
            None | Some(0) => true,
            Some(age) => age <= Self::WIDTH && !self.has(nonce),
        }
    }

    /// Marks the nonce of an authentic frame as seen
    pub(crate) fn mark(&mut self, nonce: u64) {
        if nonce >= self.end {
            let skipped = (nonce - self.end).min(Self::WIDTH);
            (nonce - skipped..nonce).for_each(|passed| self.set(passed, false));
            self.end = nonce.saturating_add(1);
        }
        self.set(nonce, true);
    }

    fn has(&self, nonce: u64) -> bool {
        let (word, bit) = place(nonce);
        self.seen[word] & bit != 0
    }

    fn set(&mut self, nonce: u64, is_seen: bool) {
        let (word, bit) = place(nonce);
        if is_seen {
            self.seen[word] |= bit;
        } else {
            self.seen[word] &= !bit;
        }
    }
}

fn place(nonce: u64) -> (usize, u64) {
    let [.., high, low] = (nonce % Window::WIDTH).to_be_bytes();
    let place = u16::from_be_bytes([high, low]);
    (usize::from(place / 64), 1 << (place % 64))
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_nonce_is_new_once_and_not_when_it_is_too_old_to_tell() {
        let mut window = Window::default();
        for nonce in [0, 2, 1, 1_023, 5] {
            assert!(window.is_new(nonce), "{nonce}");
            window.mark(nonce);
            assert!(!window.is_new(nonce), "{nonce}");
        }
        window.mark(1_028);
        assert!(!window.is_new(4), "too old");
        assert!(!window.is_new(5) && window.is_new(6) && window.is_new(1_027));
        window.mark(u64::MAX - 1);
        assert!(!window.is_new(1_027) && window.is_new(u64::MAX - 2));
    }

    proptest! {
        #[test]
        fn it_remembers_as_a_set_would(steps in prop::collection::vec((any::<bool>(), 0..3_000_u64), 1..300)) {
            let (mut window, mut seen, mut end) = (Window::default(), BTreeSet::new(), 0_u64);
            for (is_ahead, by) in steps {
                let nonce = if is_ahead { end + by } else { end.saturating_sub(by) };
                let is_new = !seen.contains(&nonce) && nonce + Window::WIDTH >= end;
                prop_assert_eq!(window.is_new(nonce), is_new, "{} of {}", nonce, end);
                if is_new {
                    window.mark(nonce);
                    seen.insert(nonce);
                    end = end.max(nonce + 1);
                }
            }
        }
    }
}
