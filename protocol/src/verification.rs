use crate::PeerKey;

/// How many words two people compare
pub const VERIFICATION_WORDS: usize = 8;

/// What two people with these keys compare, by a way that nobody else can alter, to know that nobody is in between:
/// places in a list of 2,048 words (PROTOCOL.md §3)
///
/// The same whoever of them asks. It takes some hundredths of a second, on purpose.
pub fn verification(one: &PeerKey, other: &PeerKey) -> [u16; VERIFICATION_WORDS] {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    let mut both = [0; 64];
    both[..32].copy_from_slice(first.as_bytes());
    both[32..].copy_from_slice(second.as_bytes());
    let mut hash = blake3::derive_key("lanchat 1 verification", &both);
    for _ in 0..ROUNDS {
        hash = *blake3::keyed_hash(&hash, &both).as_bytes();
    }
    words(&hash)
}

/// Whoever wants to stand in between looks for two keys of their own with which both people see the same words. Among
/// 2^88 that takes 2^44 tries, each of which is to cost something.
const ROUNDS: u32 = 1 << 18;

const BITS: usize = 11;

/// Eleven bits a word, the most significant first
fn words(hash: &[u8; 32]) -> [u16; VERIFICATION_WORDS] {
    core::array::from_fn(|word| {
        let bit = |at: usize| u16::from(hash[at / 8] >> (7 - at % 8) & 1);
        (word * BITS..(word + 1) * BITS).fold(0, |number, at| number << 1 | bit(at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_see_the_same_and_others_something_else() {
        let [ann, bob, eve] = [1, 2, 6].map(|n| PeerKey::from_bytes([n; 32]));
        assert_eq!(verification(&ann, &bob), verification(&bob, &ann));
        assert_ne!(verification(&ann, &bob), verification(&ann, &eve));
        assert_ne!(verification(&ann, &bob), verification(&eve, &bob));
    }

    #[test]
    fn words_are_the_first_88_bits_eleven_at_a_time() {
        let mut hash = [0; 32];
        hash[0] = 0b1000_0000;
        hash[1] = 0b0011_0000;
        hash[10] = 0b0000_0001;
        hash[11] = 0xff;
        assert_eq!(words(&hash), [0b100_0000_0001, 0b100_0000_0000, 0, 0, 0, 0, 0, 1]);
    }
}
