//! Who is who: names that look the same, whom one knows by a key, and whom one does not want to hear
//!
//! All of it is this program's own affair: nothing of it travels.

mod contacts;
mod looks;
pub mod mention;
pub mod words;

pub use contacts::{Acquaintance, Contacts};
pub use looks::{Looks, Namesakes};
