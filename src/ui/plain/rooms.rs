//! Several rooms at once, as lines for people

use super::Plain;
use crate::{event::RoomInfo, lang::tell, sanitize::clean_name};

/// Lines of a room that is not the current one, each under its name
pub(crate) fn in_room(lines: &str, room: &str) -> String {
    let room = clean_name(room);
    lines.split_inclusive('\n').map(|line| format!("[{room}] {line}")).collect()
}

/// The rooms that one is in
pub(super) fn list(rooms: &[RoomInfo]) -> String {
    let line = |info: &RoomInfo| {
        let (mark, room) = (if info.current { '*' } else { ' ' }, clean_name(&info.room));
        let others = match info.private {
            true => tell!("room-private", room = %room, others = info.peers),
            false => tell!("room-open", room = %room, others = info.peers),
        };
        format!(" {mark} {others}\n")
    };
    let lines: String = rooms.iter().map(line).collect();
    format!("-- {}\n{lines}", tell!("rooms-listed"))
}

impl Plain {
    /// What was said there is of no more consequence, nor what is missing: one is not there, or in another of that name
    pub fn forget(&mut self, room: &str) {
        self.gaps.remove(room);
        self.lines.remove(room);
    }

    /// A room was left: nothing of it is missing any more
    pub(super) fn parted(&mut self, room: &str) -> String {
        self.forget(room);
        format!("-- {}\n", tell!("room-left", room = %clean_name(room)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_another_room_has_its_name() {
        assert_eq!(
            in_room("12:03 bob: hi\n      there\n", "attic"),
            "[attic] 12:03 bob: hi\n[attic]       there\n"
        );
        assert_eq!(in_room("", "attic"), "");
    }

    #[test]
    fn the_list_says_where_one_talks() {
        let info = |room: &str, peers| RoomInfo {
            room: room.to_owned(),
            private: room == "attic",
            peers,
            current: room == "attic",
        };
        let lines = list(&[info("lobby", 2), info("attic", 1), info("cellar", 0)]);
        assert!(
            lines.ends_with("   lobby: 2 others\n * attic (private): 1 other\n   cellar: nobody else\n"),
            "{lines}"
        );
    }
}
