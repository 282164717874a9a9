//! Options for plain datagrams

use std::net::SocketAddrV4;

use clap::{Args, builder::FalseyValueParser};

use super::number;
use crate::raw::{
    address::{AddressError, address, bind_address},
    encodings::Choice,
};

/// Options of `raw`
#[derive(Clone, Debug, Args)]
pub struct RawArgs {
    /// The address and port to listen on and to send from, or one of them [default: 0.0.0.0:8899; any port when TEXT is given]
    #[arg(long, value_name = "IP:PORT", value_parser = own)]
    pub bind: Option<SocketAddrV4>,
    /// The encoding of the text: utf-8, gbk, gb18030, big5, shift_jis, euc-kr, windows-1251, … [default: auto, which
    /// reads UTF-8 or what is usual in your locale, and answers as it was spoken to]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<Choice>,
    /// Whom to send to
    #[arg(long, value_name = "IP:PORT", value_parser = target)]
    pub to: Option<SocketAddrV4>,
    /// Only show what arrives
    #[arg(long, conflicts_with_all = ["to", "text"])]
    pub listen_only: bool,
    /// End each line with a carriage return and a line feed, as many devices expect
    #[arg(long)]
    pub crlf: bool,
    /// Send this and end; several words are joined by spaces
    #[arg(value_name = "TEXT", requires = "to")]
    pub text: Vec<String>,
}

/// The port that scripts and debug assistants use most
pub const USUAL_PORT: u16 = 8899;

fn target(text: &str) -> Result<SocketAddrV4, AddressError> {
    address(text, Some(USUAL_PORT))
}

fn own(text: &str) -> Result<SocketAddrV4, AddressError> {
    bind_address(text, USUAL_PORT)
}

/// Options for plain datagrams beside a room
#[derive(Clone, Debug, Default, Args)]
pub struct PlainUdpOptions {
    /// Chatting or listening: also show plain text sent to this UDP port, as lines of guests
    #[arg(long, global = true, env = "LANCHAT_RAW_PORT", value_name = "P", value_parser = number::port)]
    pub raw_port: Option<u16>,
    /// Say the lines of guests into the room, as quotes of yours
    #[arg(long, global = true, env = "LANCHAT_RAW_RELAY", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = FalseyValueParser::new())]
    pub raw_relay: Option<bool>,
    /// The encoding of plain text [default: auto]
    #[arg(long, global = true, env = "LANCHAT_RAW_ENCODING", value_name = "NAME")]
    pub raw_encoding: Option<String>,
}
