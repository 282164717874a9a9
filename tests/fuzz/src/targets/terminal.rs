//! Whatever text of others there is: no character of it that cannot be seen reaches a terminal

use lanchat::sanitize::{clean, clean_lines, clean_name, is_hidden};
use lanchat_protocol::{Name, RoomName, Text};

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let line = clean(&text);
    assert_no_hidden(line.as_str());
    assert_eq!(clean(line.as_str()), line, "what is clean stays as it is");
    for (number, line) in clean_lines(&text, "    ").as_str().split('\n').enumerate() {
        assert_no_hidden(line);
        assert!(number == 0 || line.starts_with("    "), "{line:?} passes for a line of somebody else");
    }
    names(&text);
    if let Ok(said) = Text::new(&text) {
        assert!(!said.as_str().is_empty() && said.as_str().len() <= Text::MAX_BYTES);
    }
}

fn names(text: &str) {
    let shown = clean_name(text);
    assert_no_hidden(shown.as_str());
    let inner = shown.as_str().trim_matches('"');
    assert!(!inner.contains('"'), "{shown} ends before its end");
    if let Ok(name) = Name::new(text) {
        assert_eq!(Name::new(name.as_str()).as_ref(), Ok(&name), "a name has one spelling");
    }
    if let Ok(room) = RoomName::new(text) {
        assert_eq!(RoomName::new(room.as_str()).as_ref(), Ok(&room), "a room's name has one spelling");
    }
}

fn assert_no_hidden(line: &str) {
    let hidden = line.chars().find(|c| is_hidden(*c));
    assert_eq!(hidden, None, "{line:?}");
}
