//! Everything at once

use crate::stage::{
    Act, alter, announce, confide, entries, frame, greet, noise, play, replay, restart, say, wait, whisper,
};

pub(crate) fn run(bytes: &[u8]) {
    play(bytes, &ACTS);
}

const ACTS: [Act; 16] = [
    replay, alter, noise, announce, greet, frame, entries, confide, say, whisper, wait, restart, alter,
    frame, entries, wait,
];
