//! Rooms that only commands asked for: nobody else is told of them, and they are left when the commands end

use std::collections::{BTreeMap, BTreeSet};

/// By name
#[derive(Debug, Default)]
pub(super) struct Lent {
    rooms: BTreeMap<String, BTreeSet<u64>>,
    /// Those that nobody asks for any more, and that are being left
    given_back: BTreeSet<String>,
}

impl Lent {
    /// Whether only commands asked for this room
    pub(super) fn has(&self, room: &str) -> bool {
        self.rooms.contains_key(room)
    }

    /// Whether this window is not to be told of the room
    pub(super) fn hides(&self, room: &str, window: u64) -> bool {
        self.rooms.get(room).is_some_and(|windows| !windows.contains(&window))
    }

    /// A window asked for the room, where nobody is
    pub(super) fn lend(&mut self, room: &str, window: u64) {
        self.given_back.remove(room);
        self.rooms.entry(room.to_owned()).or_default().insert(window);
    }

    /// A further window asked for the room, if only such ones did
    pub(super) fn share(&mut self, room: &str, window: u64) {
        if let Some(windows) = self.rooms.get_mut(room) {
            windows.insert(window);
        }
    }

    /// The room is everybody's, or nobody's; whether it was only lent
    pub(super) fn end(&mut self, room: &str) -> bool {
        self.given_back.remove(room);
        self.rooms.remove(room).is_some()
    }

    /// A window is gone: the rooms that nobody asks for any more
    pub(super) fn give_back(&mut self, window: u64) -> Vec<String> {
        let is_left = |_: &String, windows: &mut BTreeSet<u64>| windows.remove(&window) && windows.is_empty();
        let left: Vec<String> = self.rooms.extract_if(.., is_left).map(|(room, _)| room).collect();
        self.given_back.extend(left.iter().cloned());
        left
    }

    /// Whether the room is being left, and nobody is told
    pub(super) fn is_given_back(&self, room: &str) -> bool {
        self.given_back.contains(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_given_back_by_the_last_who_asked_for_it() {
        let mut lent = Lent::default();
        lent.lend("attic", 1);
        lent.share("attic", 2);
        lent.share("lobby", 2);
        assert!(lent.has("attic") && !lent.has("lobby"));
        assert!(lent.hides("attic", 3) && !lent.hides("attic", 2) && !lent.hides("lobby", 3));
        assert!(lent.give_back(1).is_empty() && lent.give_back(3).is_empty());
        assert_eq!(lent.give_back(2), ["attic"]);
        assert!(!lent.has("attic") && lent.is_given_back("attic"));
        lent.lend("attic", 4);
        assert!(!lent.is_given_back("attic"));
        assert!(lent.end("attic") && !lent.end("attic"));
        assert!(lent.give_back(4).is_empty());
    }
}
