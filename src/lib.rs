//! lanchat: a chat room for a local network that needs no server, no account and no set-up
//!
//! Programs that take part in a room are written with [`Chat`]; this one answers whispers:
//!
//! ```no_run
#![doc = include_str!("../examples/echo_bot.rs")]
//! ```
//!
//! What others wrote is [`Unclean`], which can be compared and said again, and is printed as [`Clean`].
//!
//! The rest is the program `lanchat` as a library, which may change with any version. [`session::Session`] is a stay in
//! a room, [`house::House`] several at once: [`command::Command`]s go in, [`Event`]s come out, both plain serde types;
//! every front end is a fold of the events. The protocol itself is the crate `lanchat-protocol`.

pub mod app;
mod chat;
pub mod cli;
pub mod command;
pub mod commands;
mod doctor;
pub mod event;
pub mod exit;
pub mod home;
pub mod house;
pub mod lang;
pub mod log;
pub mod net;
mod notes;
mod platform;
pub mod profile;
pub mod raw;
pub mod recall;
pub mod rooms;
pub mod sanitize;
pub mod session;
pub mod settings;
pub mod store;
pub mod trust;
pub mod ui;
pub mod view;
mod windows;

pub use jiff::Timestamp;
pub use uuid::Uuid;

pub use chat::{Chat, ChatBuilder, ChatError};
pub use event::{Author, DeliveryState, ErrorCode, Event, Peer, PeerChange};
pub use sanitize::{Clean, Unclean};
