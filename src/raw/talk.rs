//! A talk in plain datagrams: who is talked to, and what a typed line means

use std::net::SocketAddrV4;

use thiserror::Error;

use super::{
    address::{AddressError, address},
    charset::{Charset, CharsetError},
    encodings::{Encodings, Outgoing, TooLong},
};
use crate::{
    event::{Datagram, Talking},
    lang::tell,
};

/// The state of a talk; typed lines and datagrams go in, what to do comes out
#[derive(Debug)]
pub struct Talk {
    /// The address of the own socket
    bind: SocketAddrV4,
    target: Option<SocketAddrV4>,
    last_sender: Option<SocketAddrV4>,
    encodings: Encodings,
    line_end: &'static str,
    shows_hex: bool,
}

/// What a typed line asks for
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send it to one
    Send {
        /// Whom
        to: SocketAddrV4,
        /// What
        text: String,
    },
    /// Send it to everybody on every interface
    Broadcast {
        /// The port of everybody
        port: u16,
        /// What
        text: String,
    },
    /// Tell how the talk stands, which has changed
    Status,
    /// List the commands
    Help,
    /// End
    Quit,
}

impl Talk {
    /// With the address of the own socket and whom lines go to, if that is known
    ///
    /// With `crlf` each line is sent with a carriage return and a line feed.
    pub fn new(bind: SocketAddrV4, target: Option<SocketAddrV4>, encodings: Encodings, crlf: bool) -> Self {
        let line_end = if crlf { "\r\n" } else { "" };
        Self { bind, target, last_sender: None, encodings, line_end, shows_hex: false }
    }

    /// Reads a typed line; nothing when it is empty
    ///
    /// # Errors
    /// When it cannot be done, in one sentence.
    pub fn handle_line(&mut self, line: &str) -> Result<Option<Action>, TalkError> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let Some(command) = line.strip_prefix('/') else {
            return self.say(line).map(Some);
        };
        if command.starts_with('/') {
            return self.say(command).map(Some);
        }
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        self.on_command(word, rest.trim()).map(Some)
    }

    /// What arrived, as a front end shows it
    pub fn handle_datagram(&mut self, from: SocketAddrV4, bytes: &[u8]) -> Datagram {
        self.last_sender = Some(from);
        self.encodings.read(from, bytes, self.shows_hex)
    }

    /// The datagram for a line
    ///
    /// # Errors
    /// When it is too long for one.
    pub fn compose(&self, to: SocketAddrV4, text: &str) -> Result<Outgoing, TooLong> {
        self.encodings.write(to, text, self.line_end)
    }

    /// How the talk stands
    pub fn status(&self) -> Talking {
        let choice = self.encodings.choice();
        let fallback = (choice == Default::default()).then(|| self.encodings.legacy());
        Talking {
            bind: self.bind.into(),
            to: self.target.map(Into::into),
            encoding: choice.to_string(),
            fallback: fallback.filter(|legacy| *legacy != Charset::UTF_8).map(|legacy| legacy.to_string()),
            hex: self.shows_hex,
        }
    }

    fn say(&self, text: &str) -> Result<Action, TalkError> {
        let to = self.target.ok_or(TalkError::NoTarget)?;
        Ok(Action::Send { to, text: text.to_owned() })
    }

    fn on_command(&mut self, word: &str, rest: &str) -> Result<Action, TalkError> {
        match word {
            "to" if rest.is_empty() => return Err(TalkError::Incomplete { usage: tell!("raw-usage-to") }),
            "to" => self.target = Some(address(rest, Some(self.bind.port()))?),
            "reply" => {
                let to = self.last_sender.ok_or(TalkError::NobodyToAnswer)?;
                if !rest.is_empty() {
                    return Ok(Action::Send { to, text: rest.to_owned() });
                }
                self.target = Some(to);
            }
            "all" => return self.broadcast(rest),
            "hex" => self.shows_hex = !self.shows_hex,
            "encoding" if rest.is_empty() => {}
            "encoding" => self.encodings.choose(rest.parse()?),
            "help" => return Ok(Action::Help),
            "quit" => return Ok(Action::Quit),
            _ => return Err(TalkError::Unknown { word: word.to_owned() }),
        }
        Ok(Action::Status)
    }

    /// A number before the text is a port
    fn broadcast(&self, rest: &str) -> Result<Action, TalkError> {
        let (first, others) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let port = first.parse::<u16>().ok().filter(|port| *port != 0 && !others.is_empty());
        let text = if port.is_some() { others.trim_start() } else { rest };
        if text.is_empty() {
            return Err(TalkError::Incomplete { usage: tell!("raw-usage-all") });
        }
        Ok(Action::Broadcast { port: port.unwrap_or_else(|| self.bind.port()), text: text.to_owned() })
    }
}

/// What `/help` answers
pub fn help() -> String {
    tell!("raw-help")
}

/// Why a typed line cannot be done
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TalkError {
    /// Nobody to send it to
    #[error("{}", tell!("raw-no-target"))]
    NoTarget,
    /// Nobody to answer
    #[error("{}", tell!("raw-nobody-to-answer"))]
    NobodyToAnswer,
    /// No such command
    #[error("{}", tell!("command-unknown", word = word))]
    Unknown {
        /// The word after the slash
        word: String,
    },
    /// Something is missing after the command
    #[error("{}", tell!("command-incomplete", usage = usage))]
    Incomplete {
        /// How it is typed
        usage: String,
    },
    /// No address
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No encoding
    #[error(transparent)]
    Charset(#[from] CharsetError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::encodings::Choice;

    const BIND: &str = "0.0.0.0:8899";
    const SCRIPT: &str = "198.18.0.2:9999";

    #[test]
    fn a_line_goes_to_the_target() {
        let mut talk = talk();
        assert_eq!(talk.handle_line("hi"), Err(TalkError::NoTarget));
        assert_eq!(talk.handle_line("/to 198.18.0.2:9999"), Ok(Some(Action::Status)));
        assert_eq!(talk.handle_line(" hi  there "), send(SCRIPT, " hi  there "));
        assert_eq!(talk.handle_line("//etc"), send(SCRIPT, "/etc"));
        assert_eq!(talk.handle_line("  "), Ok(None));
        talk.handle_line("/to 198.18.0.3").unwrap();
        assert_eq!(talk.handle_line("hi"), send("198.18.0.3:8899", "hi"));
        assert!(talk.handle_line("/to bob").is_err());
        assert_eq!(talk.status().to, Some("198.18.0.3:8899".parse().unwrap()));
    }

    #[test]
    fn who_sent_last_is_answered() {
        let mut talk = talk();
        assert_eq!(talk.handle_line("/reply hi"), Err(TalkError::NobodyToAnswer));
        talk.handle_datagram(at(SCRIPT), b"hello");
        assert_eq!(talk.handle_line("/reply hi you"), send(SCRIPT, "hi you"));
        assert_eq!(talk.handle_line("still nobody"), Err(TalkError::NoTarget));
        assert_eq!(talk.handle_line("/reply"), Ok(Some(Action::Status)));
        assert_eq!(talk.handle_line("now"), send(SCRIPT, "now"));
    }

    #[test]
    fn all_may_name_a_port() {
        let mut talk = talk();
        let all = |port, text: &str| Ok(Some(Action::Broadcast { port, text: text.into() }));
        assert_eq!(talk.handle_line("/all hello there"), all(8899, "hello there"));
        assert_eq!(talk.handle_line("/all 9999 hello"), all(9999, "hello"));
        assert_eq!(talk.handle_line("/all 42"), all(8899, "42"));
        assert_eq!(talk.handle_line("/all 70000 hello"), all(8899, "70000 hello"));
        assert!(matches!(talk.handle_line("/all "), Err(TalkError::Incomplete { .. })));
    }

    #[test]
    fn bytes_and_encodings_are_switched_while_talking() {
        let mut talk = talk();
        assert_eq!(
            (talk.status().encoding.as_str(), talk.status().fallback.as_deref()),
            ("auto", Some("gbk"))
        );
        assert_eq!(talk.handle_datagram(at(SCRIPT), b"\x82\xb3").hex, None);
        talk.handle_line("/encoding shift_jis").unwrap();
        talk.handle_line("/hex").unwrap();
        let shown = talk.handle_datagram(at(SCRIPT), b"\x82\xb3");
        assert_eq!((shown.text.as_written(), shown.hex.as_deref()), ("さ", Some("82b3")));
        assert_eq!(talk.compose(at(SCRIPT), "さ").unwrap().bytes, b"\x82\xb3");
        assert!(matches!(talk.handle_line("/encoding klingon"), Err(TalkError::Charset(_))));
        let status = talk.status();
        assert_eq!((status.encoding.as_str(), status.fallback, status.hex), ("shift_jis", None, true));
    }

    #[test]
    fn devices_get_the_end_of_a_line() {
        let encodings = Encodings::new(Choice::Auto, Charset::UTF_8);
        let talk = Talk::new(at(BIND), None, encodings, true);
        let sent = talk.compose(at(SCRIPT), "AT").unwrap();
        assert_eq!((sent.bytes.as_slice(), sent.shown.text.as_written()), (b"AT\r\n".as_slice(), "AT"));
    }

    #[test]
    fn what_is_no_command_says_what_to_type() {
        let mut talk = talk();
        assert!(talk.handle_line("/dance").unwrap_err().to_string().contains("/help"));
        assert!(talk.handle_line("/to").unwrap_err().to_string().contains("/to IP:PORT"));
        assert_eq!(talk.handle_line("/help"), Ok(Some(Action::Help)));
        assert_eq!(talk.handle_line("/quit"), Ok(Some(Action::Quit)));
    }

    fn talk() -> Talk {
        Talk::new(at(BIND), None, Encodings::new(Choice::Auto, "gbk".parse().unwrap()), false)
    }

    fn at(address: &str) -> SocketAddrV4 {
        address.parse().unwrap()
    }

    fn send(to: &str, text: &str) -> Result<Option<Action>, TalkError> {
        Ok(Some(Action::Send { to: at(to), text: text.into() }))
    }
}
