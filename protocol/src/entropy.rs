use core::fmt;

use crate::Identity;

/// 32 secret bytes from which the keys of a node's sessions follow
///
/// To be drawn from the system's randomness at each start, and used for one node only.
#[derive(Clone)]
pub struct SecretSeed([u8; 32]);

impl SecretSeed {
    /// The seed with these bytes
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SecretSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretSeed(…)")
    }
}

/// Bytes that nobody can tell from chance who does not know the seed: BLAKE3 as an extendable output
///
/// Each draw replaces the key that it came from, so that whoever reads this node's memory later does not learn what was
/// drawn before.
pub(crate) struct Entropy {
    key: [u8; 32],
}

impl Entropy {
    /// The bytes that follow from `seed`, and from who this is: a bad seed alone gives nobody the keys away
    pub(crate) fn new(seed: &SecretSeed, identity: &Identity, incarnation: u64) -> Self {
        let secret = identity.derive("lanchat 1 entropy", &[]);
        let all = [seed.0.as_slice(), &secret, &incarnation.to_le_bytes()].concat();
        Self { key: blake3::derive_key("lanchat 1 entropy of a run", &all) }
    }

    /// Another source, of which this one tells nothing: what is drawn from the one may be told, from the other not
    pub(crate) fn fork(&mut self) -> Self {
        Self { key: self.bytes() }
    }

    /// The next bytes
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut output = blake3::Hasher::new_keyed(&self.key).finalize_xof();
        let mut bytes = [0; N];
        output.fill(&mut self.key);
        output.fill(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entropy(seed: u8, who: u8, incarnation: u64) -> Entropy {
        Entropy::new(&SecretSeed::new([seed; 32]), &Identity::from_secret([who; 32]), incarnation)
    }

    #[test]
    fn bytes_follow_from_seed_person_and_run_and_do_not_repeat() {
        let (mut one, mut same) = (entropy(1, 1, 1), entropy(1, 1, 1));
        let first: [u8; 24] = one.bytes();
        assert_eq!(first, same.bytes());
        assert_ne!(first, one.bytes());
        for mut other in [entropy(2, 1, 1), entropy(1, 2, 1), entropy(1, 1, 2)] {
            assert_ne!(first, other.bytes());
        }
    }

    #[test]
    fn what_was_drawn_does_not_follow_from_what_is_left() {
        let mut entropy = entropy(1, 1, 1);
        let before = entropy.key;
        let _: [u8; 32] = entropy.bytes();
        assert_ne!(entropy.key, before);
        let next: [u8; 32] = entropy.bytes();
        let mut output = blake3::Hasher::new_keyed(&before).finalize_xof();
        let mut all = [0; 96];
        output.fill(&mut all);
        assert!(all.windows(32).all(|bytes| *bytes != next));
    }

    #[test]
    fn secrets_are_not_printed() {
        let printed = std::format!("{:?} {:?}", entropy(42, 1, 1), SecretSeed::new([42; 32]));
        assert_eq!(printed, "Entropy(…) SecretSeed(…)");
    }
}
