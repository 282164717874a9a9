//! The JSON object that a script sends as a command

use serde_json::{Map, Value};

use super::{Command, CommandError};
use crate::sanitize::clean;

impl Command {
    /// Reads a line of a script: a JSON object with the field `command`, or else a typed line; nothing when it is empty
    ///
    /// # Errors
    /// When such an object is no complete command or a typed line is none, and when the line is meant as such an object
    /// and no JSON: a whisper with a quote too many is not to be said to all.
    pub fn parse_scripted(line: &str) -> Result<Option<Self>, CommandError> {
        match serde_json::from_str::<Map<String, Value>>(line) {
            Ok(object) if object.contains_key("command") => {
                serde_json::from_value(Value::Object(object)).map(Some).map_err(|error| refused(&error))
            }
            Err(error) if is_like_an_object(line) && line.contains("\"command\"") => Err(refused(&error)),
            Ok(_) | Err(_) => Self::parse(line),
        }
    }
}

fn refused(error: &serde_json::Error) -> CommandError {
    CommandError::Object { reason: clean(&error.to_string()).to_string() }
}

/// Whether a script that sent this wants to go to a room, however the rest of it reads
pub(super) fn goes_to_a_room(line: &str) -> bool {
    is_like_an_object(line) && ["\"join\"", "\"new_room\""].iter().any(|word| line.contains(word))
}

fn is_like_an_object(line: &str) -> bool {
    line.trim_start().starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{self, tests::CONTRACT};

    #[test]
    fn every_line_of_the_contract_is_that_command() {
        for line in CONTRACT {
            let command = Command::parse_scripted(&format!(" {line} ")).unwrap().unwrap();
            assert_eq!(serde_json::to_string(&command).unwrap(), line);
        }
    }

    #[test]
    fn all_else_is_as_typed() {
        let say = |text: &str| Ok(Some(Command::Say { text: text.to_owned() }));
        for line in
            ["hi", "{}", r#"{"a":{"command":"quit"}}"#, r#"["command"]"#, "{ is no object", "\"command\""]
        {
            assert_eq!(Command::parse_scripted(line), say(line));
        }
        assert_eq!(Command::parse_scripted("/quit"), Ok(Some(Command::Quit)));
        assert_eq!(Command::parse_scripted(" "), Ok(None));
        let typed = r#"{"command":"say","text":"/quit"}"#;
        assert_eq!(Command::parse_scripted(typed), say("/quit"), "what is said needs no second slash");
    }

    #[test]
    fn what_is_no_complete_command_says_why_and_is_not_said() {
        for (line, why) in [
            (r#"{"command":"dance"}"#, "unknown variant `dance`"),
            (r#"{"command":"whisper","to":"bob"}"#, "missing field `text`"),
            (r#"{"command":7}"#, "variant"),
            (r#"{"to":"bob","command":"whisper","text":"a"b"}"#, "column"),
            (r#"{"command":"edit","id":"bob","text":"x"}"#, "UUID"),
        ] {
            let message = Command::parse_scripted(line).unwrap_err().to_string();
            assert!(message.contains(why) && message.lines().count() == 1, "{message}");
        }
        let Err(CommandError::Object { reason }) = Command::parse_scripted("{\"command\":\"\\u001b[2J\"}")
        else {
            panic!("that is a command")
        };
        assert!(!reason.contains('\u{1b}'), "{reason:?}");
    }

    #[test]
    fn who_wanted_to_go_to_a_room_is_known_although_the_object_is_broken() {
        for line in
            [r#"{"command":"join"}"#, r#"{"command":"new_room","room":7}"#, r#"{"command":"join","room":"a"#]
        {
            assert!(Command::parse_scripted(line).is_err() && command::goes_to_a_room(line), "{line}");
        }
        assert!(!command::goes_to_a_room(r#"{"command":"whisper","to":"join"#));
    }
}
