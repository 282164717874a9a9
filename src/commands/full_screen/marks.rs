//! Where one stopped reading, kept in the profile

use std::{fs, io, path::Path};

use tracing::warn;

use crate::ui::tui::Mark;

/// One conversation a line, that which was looked at first: with whom, and the last line that was seen
pub(super) const FILE: &str = "read";

/// What is noted in a profile's directory; nothing where nothing can be read, which is no reason not to start
pub(super) fn read(directory: &Path) -> Vec<Mark> {
    match fs::read_to_string(directory.join(FILE)) {
        Ok(text) => text.lines().filter_map(parse).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            warn!(%error, "where one stopped reading cannot be read");
            Vec::new()
        }
    }
}

pub(super) fn text(marks: &[Mark]) -> String {
    marks.iter().map(line).collect()
}

fn line(mark: &Mark) -> String {
    let nothing = || "-".to_owned();
    match mark {
        Mark::Room { room, upto } => {
            format!("room {room} {}\n", upto.map_or_else(nothing, |at| at.to_string()))
        }
        Mark::Person { id, upto } => {
            format!("person {id} {}\n", upto.map_or_else(nothing, |id| id.to_string()))
        }
    }
}

fn parse(line: &str) -> Option<Mark> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["room", room, upto] => Some(Mark::Room { room: (*room).to_owned(), upto: upto.parse().ok() }),
        ["person", id, upto] => Some(Mark::Person { id: id.parse().ok()?, upto: upto.parse().ok() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_and_what_makes_no_sense_is_left_out() {
        let place = format!("{:016x}-{}-{:016x}-{:016x}-{:08x}", 7, "0b".repeat(32), 1, 2, 3);
        let id = "00000000-0000-8000-8000-00000000000b";
        let kept = format!("person {id} {id}\nroom lobby {place}\nroom attic -\nperson {id} -\n");
        let marks = |text: &str| text.lines().filter_map(parse).collect::<Vec<_>>();
        assert_eq!(text(&marks(&kept)), kept);
        assert_eq!(marks("room\nperson bob -\n\nroom a b c\n"), []);
    }
}
