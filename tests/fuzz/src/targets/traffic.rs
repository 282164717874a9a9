//! Everything at once, in an open room and in one with a key

use crate::stage::{
    Act, alter, announce, attic, change, confide, entries, frame, greet, noise, play, play_in, replay,
    restart, say, wait, whisper,
};

pub(crate) fn run(bytes: &[u8]) {
    play(bytes, &ACTS);
}

/// Strangers have the key, and what comes again or altered is sealed
pub(crate) fn private(bytes: &[u8]) {
    play_in(attic(), bytes, &ACTS);
}

const ACTS: [Act; 16] = [
    replay, alter, noise, announce, greet, frame, entries, confide, say, whisper, wait, restart, change,
    frame, entries, wait,
];
