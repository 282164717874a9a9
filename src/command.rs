//! What a person asks for, as plain data, and the line it is typed as

mod scripted;
mod typed;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::typed::{CommandError, goes_to_a_room};
use crate::lang::tell;

/// Something to do; what comes of it arrives as [`Event`](crate::event::Event)s
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Say a line to all
    Say {
        /// The line
        text: String,
    },
    /// Say a line to one peer
    Whisper {
        /// A name, `NAME~abcd` or an id, as [`View::resolve`](crate::view::View::resolve) reads it
        to: String,
        /// The line
        text: String,
    },
    /// List who is there
    Peers,
    /// Show the words to compare with somebody
    Verify {
        /// As in `Whisper`
        who: String,
    },
    /// Say that a name means this one
    Trust {
        /// As in `Whisper`
        who: String,
    },
    /// Neither show nor answer somebody any more
    Block {
        /// As in `Whisper`
        who: String,
    },
    /// Show and answer somebody again
    Unblock {
        /// As in `Whisper`
        who: String,
    },
    /// List who is blocked
    Blocked,
    /// Take another name
    Rename {
        /// The new name
        name: String,
    },
    /// Send a plain datagram to somebody without lanchat
    Raw {
        /// `IP:PORT`
        to: String,
        /// The text
        text: String,
    },
    /// Answer a line
    Reply {
        /// Somebody as in `Whisper`, whose last line is meant, or the message id of a line
        to: String,
        /// The line
        text: String,
    },
    /// Say an own line anew
    Edit {
        /// The message id of the line; else the last own one is meant
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<Uuid>,
        /// What it says from here on
        text: String,
    },
    /// Ask everybody to forget an own line
    Delete {
        /// The message id of the line; else the last own one is meant
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<Uuid>,
    },
    /// React to a line
    React {
        /// As in `Reply`
        to: String,
        /// An emoji, its short code like `:+1:`, or a short word; `-` takes all own reactions to the line back
        with: String,
    },
    /// Say what the room is about, or ask
    Topic {
        /// The topic; `-` for none any more; without it one asks
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Tell the others that one is there, and somewhere else with one's mind
    Away {
        /// What is said about it
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Whether the program noticed by itself
        #[serde(default, skip_serializing_if = "is_false")]
        auto: bool,
    },
    /// Tell the others that one is no longer away
    Back,
    /// Tell the others that one is writing something
    Typing {
        /// Somebody as in `Whisper`, if it is to be one; else all are told
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// Ask who has the last own line
    Received,
    /// List the rooms that one is in
    Rooms,
    /// Leave a room
    Part {
        /// The room; else the one where what is typed is said
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
    },
    /// Go to another room, and stay in those where one is; or back to one of them
    Join {
        /// The room
        room: String,
        /// What holds the code of a private one; else it is remembered, or typed where nobody sees it
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code_file: Option<PathBuf>,
    },
    /// Make a code for a private room and go there
    NewRoom {
        /// The room
        room: String,
        /// Where the code is to be written; else it is shown, where somebody types
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code_file: Option<PathBuf>,
    },
    /// Say goodbye and end
    Quit,
    /// List the commands
    Help,
}

impl Command {
    /// Whether it says something in the room where it was typed
    pub fn is_said_to_all(&self) -> bool {
        matches!(
            self,
            Self::Say { .. }
                | Self::Reply { .. }
                | Self::Edit { .. }
                | Self::Delete { .. }
                | Self::React { .. }
                | Self::Topic { text: Some(_) }
        )
    }

    /// Whether it says something to somebody, and so is owed until that is on its way
    pub fn is_said(&self) -> bool {
        self.is_said_to_all() || matches!(self, Self::Whisper { .. } | Self::Raw { .. })
    }
}

/// What `/help` answers
pub fn help() -> String {
    tell!("help")
}

fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// One of each, in the words of the contract
    pub(crate) const CONTRACT: [&str; 26] = [
        r#"{"command":"say","text":"two\nlines"}"#,
        r#"{"command":"whisper","to":"bob","text":"psst"}"#,
        r#"{"command":"peers"}"#,
        r#"{"command":"verify","who":"bob"}"#,
        r#"{"command":"trust","who":"bob~12ab"}"#,
        r#"{"command":"block","who":"eve"}"#,
        r#"{"command":"unblock","who":"eve"}"#,
        r#"{"command":"blocked"}"#,
        r#"{"command":"rename","name":"Mary Ann"}"#,
        r#"{"command":"raw","to":"198.18.0.9:8899","text":"hi"}"#,
        r#"{"command":"reply","to":"bob","text":"yes"}"#,
        r#"{"command":"edit","id":"00000000-0000-8000-8000-000000000001","text":"as I said"}"#,
        r#"{"command":"delete"}"#,
        r#"{"command":"react","to":"bob","with":":+1:"}"#,
        r#"{"command":"topic","text":"cats"}"#,
        r#"{"command":"topic"}"#,
        r#"{"command":"away","note":"at lunch"}"#,
        r#"{"command":"back"}"#,
        r#"{"command":"typing","to":"bob"}"#,
        r#"{"command":"received"}"#,
        r#"{"command":"rooms"}"#,
        r#"{"command":"part","room":"attic"}"#,
        r#"{"command":"join","room":"attic","code_file":"/run/code"}"#,
        r#"{"command":"new_room","room":"attic"}"#,
        r#"{"command":"quit"}"#,
        r#"{"command":"help"}"#,
    ];

    #[test]
    fn every_line_of_the_contract_is_read_and_written_back_to_the_byte() {
        for line in CONTRACT {
            let command: Command = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&command).unwrap(), line);
        }
        let whisper: Command = serde_json::from_str(CONTRACT[1]).unwrap();
        assert_eq!(whisper, Command::Whisper { to: "bob".into(), text: "psst".into() });
    }

    #[test]
    fn fields_of_a_newer_version_are_accepted() {
        let line = r#"{"command":"delete","why":"a mistake"}"#;
        assert_eq!(serde_json::from_str::<Command>(line).unwrap(), Command::Delete { id: None });
    }
}
