/// Bytes that nobody can tell from chance who does not know the seed: BLAKE3 as an extendable output, keyed by it
pub(crate) struct Entropy(blake3::OutputReader);

impl Entropy {
    /// The bytes that follow from 32 secret ones, which must be drawn anew at each start
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        Self(blake3::Hasher::new_keyed(seed).finalize_xof())
    }

    /// The next bytes
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }
}

impl core::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Entropy(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_follow_from_the_seed_and_do_not_repeat() {
        let (mut one, mut same) = (Entropy::new(&[1; 32]), Entropy::new(&[1; 32]));
        let first: [u8; 24] = one.bytes();
        assert_eq!(first, same.bytes());
        assert_ne!(first, one.bytes());
        assert_ne!(first, Entropy::new(&[2; 32]).bytes());
    }

    #[test]
    fn the_seed_is_not_printed() {
        assert_eq!(std::format!("{:?}", Entropy::new(&[42; 32])), "Entropy(…)");
    }
}
