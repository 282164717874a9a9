//! Strangers claim to hold what nobody does, and ask for what nobody has

use crate::stage::{Act, announce, entries, frame, greet, play, say, wait};

pub(crate) fn run(bytes: &[u8]) {
    play(bytes, &ACTS);
}

const ACTS: [Act; 8] = [frame, frame, announce, greet, entries, wait, say, frame];
