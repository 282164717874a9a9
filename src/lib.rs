//! lanchat: a chat room for a local network that needs no server, no account and no set-up
//!
//! This is the program as a library. [`session::Session`] is a stay in a room, [`house::House`] several at once: [`command::Command`]s go in,
//! [`event::Event`]s come out, both plain serde types; every front end is a fold of the events. The protocol itself
//! is the crate `lanchat-protocol`.

pub mod app;
pub mod cli;
pub mod command;
pub mod commands;
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
