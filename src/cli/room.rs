//! Options for private rooms

use std::path::PathBuf;

use clap::{Args, builder::FalseyValueParser};

/// Options of who is in the room
#[derive(Clone, Debug, Default, Args)]
pub struct RoomOptions {
    /// The room is private, of several all but the lobby: a code is asked for, unless this profile was in the room before
    #[arg(long, global = true, env = "LANCHAT_PRIVATE", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = FalseyValueParser::new())]
    pub private: Option<bool>,
    /// The room, or the only one of several that is not the lobby, is private, and this file holds its code
    #[arg(long, global = true, env = "LANCHAT_ROOM_CODE_FILE", value_name = "FILE")]
    pub room_code_file: Option<PathBuf>,
    /// Take a code from a file although it can be guessed
    #[arg(long, global = true, env = "LANCHAT_WEAK_CODE", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = FalseyValueParser::new())]
    pub weak_code: Option<bool>,
}
