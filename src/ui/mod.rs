//! Front ends: each is a fold of the same events

pub mod history;
pub mod input;
pub mod json;
pub mod notify;
pub mod output;
pub mod plain;
mod plain_udp;
pub mod secret;
pub mod terminal;
pub mod tui;

mod screen;
pub use screen::Screen;
