//! Whatever happens to people, machines and networks, in whatever order

use lanchat_simulator::{Steps, tell};

/// The first byte is the seed, the rest tells the story
pub(crate) fn run(bytes: &[u8]) {
    if let Some((seed, steps)) = bytes.split_first() {
        tell(u64::from(*seed), &Steps::from_bytes(&steps[..steps.len().min(MAX_BYTES)]));
    }
}

/// Longer stories take seconds
const MAX_BYTES: usize = 120;
