//! The same mutations at each run, for where no instrumented build is at hand

use fastrand::Rng;

/// So many inputs that follow from those of a corpus by changing, cutting, repeating and joining
pub fn mutations(corpus: &[Vec<u8>], count: usize, seed: u64) -> impl Iterator<Item = Vec<u8>> {
    let mut rng = Rng::with_seed(seed);
    (0..count).map(move |_| {
        let mut bytes = rng.choice(corpus).cloned().unwrap_or_default();
        for _ in 0..1 << rng.u8(0..5) {
            mutate(&mut bytes, corpus, &mut rng);
        }
        bytes.truncate(MAX_BYTES);
        bytes
    })
}

const MAX_BYTES: usize = 4_096;

/// Where lengths, tags and signs turn
const EDGES: [u8; 12] = [0, 1, 0x7f, 0x80, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, b'\n', b'"'];

fn mutate(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.usize(..=bytes.len());
    let end = (at + rng.usize(..16)).min(bytes.len());
    match rng.u8(..8) {
        0 => drop(bytes.splice(at..end, [])),
        1 => drop(bytes.splice(at..at, rng.choice(EDGES))),
        2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
        3 => {
            let other = rng.choice(corpus).map_or(&[][..], Vec::as_slice);
            let from = rng.usize(..=other.len());
            let to = (from + rng.usize(..64)).min(other.len());
            drop(bytes.splice(at..end, other[from..to].iter().copied()));
        }
        4 => bytes.truncate(at.max(1)),
        kind => {
            let Some(byte) = bytes.get_mut(at) else { return };
            match kind {
                5 => *byte ^= 1 << rng.u8(..8),
                6 => *byte = rng.choice(EDGES).unwrap_or(0),
                _ => *byte = byte.wrapping_add(rng.u8(..)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_many_and_the_same_again() {
        let corpus = [b"one".to_vec(), b"another".to_vec()];
        let once: Vec<_> = mutations(&corpus, 100, 1).collect();
        assert_eq!(once, mutations(&corpus, 100, 1).collect::<Vec<_>>());
        let different: std::collections::BTreeSet<_> = once.iter().collect();
        assert!(different.len() > 80, "{}", different.len());
        assert_eq!(mutations(&[], 10, 1).count(), 10);
    }
}
