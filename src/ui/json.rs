//! Events as one JSON object a line, inert on a terminal and without loss

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::sanitize;

/// Writes a value as one line, every character that cannot be seen as `\uXXXX`
pub fn line(value: &impl Serialize) -> String {
    let mut line = Vec::with_capacity(200);
    let mut serializer = Serializer::with_formatter(&mut line, Visible);
    match value.serialize(&mut serializer) {
        Ok(()) => line.push(b'\n'),
        Err(error) => tracing::error!(%error, "an event could not be written as JSON"),
    }
    String::from_utf8_lossy(&line).into_owned()
}

struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, hidden)) =
            rest.char_indices().find(|&(_, c)| !c.is_ascii_graphic() && sanitize::is_hidden(c))
        {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + hidden.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::{Event, tests::CONTRACT};

    #[test]
    fn the_contract_comes_out_to_the_byte() {
        for expected in CONTRACT {
            let event: Event = serde_json::from_str(expected).unwrap();
            assert_eq!(line(&event), format!("{expected}\n"));
        }
    }

    #[test]
    fn hidden_characters_are_escaped_and_come_back() {
        assert_eq!(
            line(&"a\u{202e}b\u{7f}\u{e0041}\u{9b}é\n"),
            "\"a\\u202eb\\u007f\\udb40\\udc41\\u009bé\\n\"\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_one_inert_line_and_survives(text in any::<String>()) {
            let line = line(&text);
            let body = line.strip_suffix('\n').unwrap();
            prop_assert!(!body.chars().any(sanitize::is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(body).unwrap(), text);
        }
    }
}
