//! Strangers write logs in which nothing need follow from anything

use crate::stage::{Act, announce, entries, greet, play, say, wait};

pub(crate) fn run(bytes: &[u8]) {
    play(bytes, &ACTS);
}

const ACTS: [Act; 8] = [entries, entries, entries, greet, announce, wait, say, entries];
