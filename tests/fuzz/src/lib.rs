//! What must hold whatever bytes arrive, are typed, or lie in a file, as functions of bytes
//!
//! Each [`Target`] takes any bytes and panics if something does not hold. `cargo test -p lanchat-fuzz` runs them over
//! the committed corpora and over mutations of these, the same at each run; `tests/fuzz/run` builds them with
//! libFuzzer, which looks for bytes that lead to code where none led before.

mod allocation;
mod corpus;
mod draw;
mod home;
mod mutation;
mod stage;
mod targets;

pub use corpus::{corpus, corpus_directory};
pub use mutation::mutations;
pub use stage::record;
pub use targets::{TARGETS, Target, run};
