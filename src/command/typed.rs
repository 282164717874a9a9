//! The line that a command is typed as

use std::path::PathBuf;

use thiserror::Error;
use uuid::Uuid;

use super::{Command, scripted};
use crate::lang::tell;

impl Command {
    /// Reads a typed line; nothing when it is empty
    ///
    /// # Errors
    /// When it starts with a slash and is no complete command.
    pub fn parse(line: &str) -> Result<Option<Self>, CommandError> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let Some(command) = line.strip_prefix('/') else {
            return Ok(Some(Self::Say { text: line.to_owned() }));
        };
        if command.starts_with('/') {
            return Ok(Some(Self::Say { text: command.to_owned() }));
        }
        let (word, rest) = split_word(command);
        Self::from_words(word, rest).map(Some)
    }

    fn from_words(word: &str, rest: &str) -> Result<Self, CommandError> {
        let needed = |usage: Usage| match rest {
            "" => Err(CommandError::Incomplete { usage: usage() }),
            _ => Ok(rest.to_owned()),
        };
        let person = |usage: Usage| match unquoted(rest) {
            "" => Err(CommandError::Incomplete { usage: usage() }),
            who => Ok(who.to_owned()),
        };
        match word {
            "msg" => {
                let (to, text) = two_words(rest, || tell!("type-msg"))?;
                Ok(Self::Whisper { to, text })
            }
            "raw" => {
                let (to, text) = two_words(rest, || tell!("type-raw"))?;
                Ok(Self::Raw { to, text })
            }
            "away" => Ok(Self::Away { note: some(rest), auto: false }),
            "back" => Ok(Self::Back),
            "reply" | "edit" | "delete" | "react" | "topic" | "received" => {
                Self::from_words_about_lines(word, rest)
            }
            "rooms" => Ok(Self::Rooms),
            "part" => Ok(Self::Part { room: some(rest) }),
            "peers" => Ok(Self::Peers),
            "verify" => Ok(Self::Verify { who: person(|| tell!("type-verify"))? }),
            "trust" => Ok(Self::Trust { who: person(|| tell!("type-trust"))? }),
            "block" => Ok(Self::Block { who: person(|| tell!("type-block"))? }),
            "unblock" => Ok(Self::Unblock { who: person(|| tell!("type-unblock"))? }),
            "blocked" => Ok(Self::Blocked),
            "name" => Ok(Self::Rename { name: needed(|| tell!("type-name"))? }),
            "join" => match room_and_file(rest) {
                Some((room, code_file)) => Ok(Self::Join { room, code_file }),
                None => Err(CommandError::Incomplete { usage: tell!("type-join") }),
            },
            "room" => match rest.strip_prefix("new ").and_then(room_and_file) {
                Some((room, code_file)) => Ok(Self::NewRoom { room, code_file }),
                None => Err(CommandError::Incomplete { usage: tell!("type-room") }),
            },
            "quit" => Ok(Self::Quit),
            "help" => Ok(Self::Help),
            _ => Err(CommandError::Unknown { word: word.to_owned() }),
        }
    }

    fn from_words_about_lines(word: &str, rest: &str) -> Result<Self, CommandError> {
        match word {
            "reply" => {
                let (to, text) = two_words(rest, || tell!("type-reply"))?;
                Ok(Self::Reply { to, text })
            }
            "edit" => match id_and_rest(rest) {
                (_, "") => Err(CommandError::Incomplete { usage: tell!("type-edit") }),
                (id, text) => Ok(Self::Edit { id, text: text.to_owned() }),
            },
            "delete" => match id_and_rest(rest) {
                (id, "") => Ok(Self::Delete { id }),
                _ => Err(CommandError::Incomplete { usage: tell!("type-delete") }),
            },
            "react" => {
                let (to, with) = two_words(rest, || tell!("type-react"))?;
                Ok(Self::React { to, with })
            }
            "topic" => Ok(Self::Topic { text: some(rest) }),
            _ => Ok(Self::Received),
        }
    }
}

/// A word and what follows it, neither of them empty
fn two_words(rest: &str, usage: Usage) -> Result<(String, String), CommandError> {
    match split_word(rest) {
        (_, "") => Err(CommandError::Incomplete { usage: usage() }),
        (word, text) => Ok((word.to_owned(), text.to_owned())),
    }
}

/// The message id that words may begin with, and what follows
fn id_and_rest(rest: &str) -> (Option<Uuid>, &str) {
    let (word, text) = split_word(rest);
    match Uuid::try_parse(word) {
        Ok(id) => (Some(id), text),
        Err(_) => (None, rest),
    }
}

fn some(rest: &str) -> Option<String> {
    Some(rest).filter(|rest| !rest.is_empty()).map(str::to_owned)
}

/// Words how a command is typed
type Usage = fn() -> String;

/// The name of a room, and the file that may follow it
fn room_and_file(words: &str) -> Option<(String, Option<PathBuf>)> {
    let (room, file) = split_word(words);
    let code_file = Some(file).filter(|file| !file.is_empty()).map(PathBuf::from);
    (!room.is_empty()).then(|| (room.to_owned(), code_file))
}

/// Whether somebody who typed this, or sent it as JSON, wants to go to a room, complete or not
pub fn goes_to_a_room(line: &str) -> bool {
    let is_typed =
        line.strip_prefix('/').is_some_and(|command| matches!(split_word(command).0, "join" | "room"));
    is_typed || scripted::goes_to_a_room(line)
}

/// Why a line that is meant as a command is none
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
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
    /// The JSON object of a script is none that is known, or something in it is missing or wrong
    #[error("{}", tell!("command-object", reason = reason))]
    Object {
        /// What is wrong with it, in English
        reason: String,
    },
}

/// Splits off the first word, or what stands in double quotes, from the rest without its leading spaces
fn split_word(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    let quoted = line.strip_prefix('"').and_then(|inner| inner.split_once('"'));
    let (word, rest) = quoted.or_else(|| line.split_once(char::is_whitespace)).unwrap_or((line, ""));
    (word, rest.trim())
}

/// A name with spaces stands in quotes elsewhere
fn unquoted(name: &str) -> &str {
    name.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Command {
        Command::parse(line).unwrap().unwrap()
    }

    #[test]
    fn a_line_is_said_as_it_was_typed() {
        assert_eq!(parsed("  hi there "), Command::Say { text: "  hi there ".into() });
        assert_eq!(parsed("//etc/hosts"), Command::Say { text: "/etc/hosts".into() });
        assert_eq!(Command::parse("  \t"), Ok(None));
    }

    #[test]
    fn commands_take_their_words() {
        let whisper = |to: &str, text: &str| Command::Whisper { to: to.into(), text: text.into() };
        assert_eq!(parsed("/msg bob psst, you"), whisper("bob", "psst, you"));
        assert_eq!(parsed("/msg  bob~12ab   hi"), whisper("bob~12ab", "hi"));
        assert_eq!(parsed("/msg \"Mary Ann\" hi"), whisper("Mary Ann", "hi"));
        assert_eq!(
            parsed("/raw 198.18.0.9:8899 你好 a"),
            Command::Raw { to: "198.18.0.9:8899".into(), text: "你好 a".into() }
        );
        assert_eq!(parsed("/peers"), Command::Peers);
        assert_eq!(parsed("/trust bob~12ab"), Command::Trust { who: "bob~12ab".into() });
        for line in ["/verify Mary Ann", "/verify \"Mary Ann\""] {
            assert_eq!(parsed(line), Command::Verify { who: "Mary Ann".into() });
        }
        assert_eq!(parsed("/block eve"), Command::Block { who: "eve".into() });
        assert_eq!(parsed("/unblock eve"), Command::Unblock { who: "eve".into() });
        assert_eq!(parsed("/blocked"), Command::Blocked);
        assert_eq!(parsed("/name Mary Ann"), Command::Rename { name: "Mary Ann".into() });
        let join = |code_file: Option<&str>| Command::Join {
            room: "attic".into(),
            code_file: code_file.map(PathBuf::from),
        };
        assert_eq!(parsed("/join attic"), join(None));
        assert_eq!(parsed("/join attic my code.txt"), join(Some("my code.txt")));
        let id = "00000000-0000-8000-8000-000000000001";
        let line = Some(Uuid::from_u128(0x8000_8000_0000_0000_0001));
        let (to, text) = ("Mary Ann".to_owned(), "yes, do".to_owned());
        assert_eq!(parsed("/reply \"Mary Ann\" yes, do"), Command::Reply { to, text });
        assert_eq!(parsed("/edit as I said"), Command::Edit { id: None, text: "as I said".into() });
        assert_eq!(parsed(&format!("/edit {id} x")), Command::Edit { id: line, text: "x".into() });
        assert_eq!(parsed("/delete"), Command::Delete { id: None });
        assert_eq!(parsed(&format!("/delete {id}")), Command::Delete { id: line });
        assert_eq!(parsed("/react bob :+1:"), Command::React { to: "bob".into(), with: ":+1:".into() });
        assert_eq!(parsed("/topic"), Command::Topic { text: None });
        assert_eq!(parsed("/topic cats"), Command::Topic { text: Some("cats".into()) });
        assert_eq!(parsed("/away at lunch"), Command::Away { note: Some("at lunch".into()), auto: false });
        assert_eq!(parsed("/back"), Command::Back);
        assert_eq!(parsed("/received"), Command::Received);
        assert_eq!(parsed("/rooms"), Command::Rooms);
        assert_eq!(parsed("/part"), Command::Part { room: None });
        let new = Command::NewRoom { room: "attic".into(), code_file: None };
        assert_eq!(parsed("/room new attic"), new);
        assert_eq!(parsed("/quit"), Command::Quit);
        assert_eq!(parsed("/help"), Command::Help);
    }

    #[test]
    fn what_is_no_command_says_what_to_type() {
        let error = |line| Command::parse(line).unwrap_err().to_string();
        assert_eq!(
            error("/dance"),
            "there is no command /dance: /help lists them all, and // starts a line with a slash"
        );
        assert_eq!(error("/msg bob"), "that command is incomplete: type /msg NAME text");
        assert_eq!(error("/trust \"\""), "that command is incomplete: type /trust NAME");
        assert_eq!(error("/raw 198.18.0.9:8899"), "that command is incomplete: type /raw IP:PORT text");
        assert_eq!(error("/name "), "that command is incomplete: type /name NEW");
        assert_eq!(error("/join"), "that command is incomplete: type /join ROOM");
        assert_eq!(error("/room attic"), "that command is incomplete: type /room new NAME");
        assert!(error("/").contains("/help"));
    }
}
