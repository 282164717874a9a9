//! Handshakes and sealed frames of the two come again, altered, late and from elsewhere, and strangers make up more

use crate::stage::{Act, alter, confide, frame, greet, play, replay, restart, wait, whisper};

pub(crate) fn run(bytes: &[u8]) {
    play(bytes, &ACTS);
}

const ACTS: [Act; 10] = [whisper, alter, replay, confide, frame, wait, greet, restart, alter, replay];
