//! The rooms that a profile was in last, to be joined again

use std::{collections::BTreeSet, fs, io, path::Path};

use lanchat_protocol::{Room, RoomName};
use tracing::warn;

use super::{Entrance, keys};
use crate::{lang::tell, notes::Notes};

/// A room that somebody was in
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    name: RoomName,
    /// The id of a private one, in hexadecimal digits
    private: Option<String>,
}

/// One room a line, that where what is typed was said first: its name, and for a private one a space and its id
pub(crate) const FILE: &str = "rooms";

/// The rooms that are noted in a profile's directory; none where nothing can be read, which is no reason not to start
pub fn read(directory: &Path) -> Vec<Joined> {
    let text = match fs::read_to_string(directory.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            warn!(%error, "the rooms of before cannot be read");
            return Vec::new();
        }
    };
    let mut rooms: Vec<Joined> = Vec::new();
    for joined in text.lines().filter_map(Joined::parse) {
        if rooms.len() < MAX_REMEMBERED && rooms.iter().all(|room| room.name != joined.name) {
            rooms.push(joined);
        }
    }
    rooms
}

impl Joined {
    /// This room
    pub fn of(room: &Room) -> Self {
        let private = room.is_private().then(|| digits(room));
        Self { name: room.name().clone(), private }
    }

    /// How to get into it again
    ///
    /// # Errors
    /// When it is private and its key is not remembered, or cannot be read
    pub fn entrance(self, directory: &Path) -> anyhow::Result<Entrance> {
        let Self { name, private } = self;
        let Some(id) = private else { return Ok(Entrance::open(name)) };
        let keys = keys::recall_all(directory, &name)?;
        let is_it = |entrance: &Entrance| digits(entrance.room()) == id;
        let entrance = keys.iter().map(|key| Entrance::remembered(name.clone(), key)).find(is_it);
        entrance.ok_or_else(|| anyhow::anyhow!(tell!("room-not-remembered", room = name.as_str())))
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, private) = match line.split_once(' ') {
            Some((name, id)) => (name, Some(id.to_owned())),
            None => (line, None),
        };
        Some(Self { name: RoomName::new(name).ok()?, private })
    }
}

fn digits(room: &Room) -> String {
    room.id().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How many rooms are remembered at most
const MAX_REMEMBERED: usize = 64;

/// Notes rooms, and keeps in mind where one is not now
#[derive(Debug)]
pub(crate) struct Remembered {
    notes: Notes,
    /// Rooms of before where one is not now, but may be the next time
    others: Vec<Joined>,
    /// Where one is for this time only
    passing: BTreeSet<RoomName>,
}

impl Remembered {
    pub(crate) fn new(directory: &Path, others: Vec<Joined>, passing: BTreeSet<RoomName>) -> Self {
        Self { notes: Notes::new(directory, FILE), others, passing }
    }

    /// One wants to be in the room of this name from now on, or nowhere in one of that name
    pub(crate) fn decide(&mut self, room: &RoomName) {
        self.passing.remove(room);
        self.others.retain(|other| other.name != *room);
    }

    /// One is in the room of this name for a while, of which nothing is noted
    pub(crate) fn pass_through(&mut self, room: RoomName) {
        self.passing.insert(room);
    }

    /// Whether a room of this name is remembered where one is not
    pub(crate) fn has_other(&self, room: &str) -> bool {
        self.others.iter().any(|other| other.name.as_str() == room)
    }

    /// Notes where one is, and behind that the others
    pub(crate) fn write(&mut self, mut rooms: Vec<Joined>) {
        rooms.retain(|room| !self.passing.contains(&room.name));
        let others = self.others.iter().filter(|other| rooms.iter().all(|room| room.name != other.name));
        let others: Vec<Joined> = others.cloned().collect();
        rooms.extend(others);
        self.notes.write(rooms.iter().map(line).collect());
    }

    /// Waits until the latest is noted
    pub(crate) async fn finish(self) {
        self.notes.finish().await;
    }
}

fn line(room: &Joined) -> String {
    match &room.private {
        Some(id) => format!("{} {id}\n", room.name),
        None => format!("{}\n", room.name),
    }
}

#[cfg(test)]
mod tests {
    use lanchat_protocol::RoomKey;
    use tempfile::TempDir;

    use super::*;

    fn room(name: &str, key: Option<u8>) -> Room {
        let name = RoomName::new(name).unwrap();
        match key {
            Some(key) => Room::private(name, &RoomKey::from_bytes([key; 32])),
            None => Room::open(name),
        }
    }

    #[tokio::test]
    async fn rooms_come_back_in_order_and_private_ones_with_the_key_that_they_had() {
        let home = TempDir::new().unwrap();
        assert!(read(home.path()).is_empty());
        let rooms = [room("attic", Some(1)), room("lobby", None), room("cellar", Some(3))];
        let mut notes = Remembered::new(home.path(), Vec::new(), BTreeSet::new());
        notes.write(vec![Joined::of(&rooms[1])]);
        notes.write(rooms.iter().map(Joined::of).collect());
        notes.finish().await;
        let attic = RoomName::new("attic").unwrap();
        for key in [1, 2] {
            keys::remember(home.path(), &attic, &RoomKey::from_bytes([key; 32])).unwrap();
        }
        let mut entrances = read(home.path()).into_iter().map(|joined| joined.entrance(home.path()));
        for room in &rooms[..2] {
            assert_eq!(entrances.next().unwrap().unwrap().room(), room);
        }
        let message = entrances.next().unwrap().unwrap_err().to_string();
        assert!(message.contains("/join cellar"), "{message}");
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let home = TempDir::new().unwrap();
        fs::write(home.path().join(FILE), "lobby\n\n\u{202e}\nattic 00ff\nLobby\nattic\n").unwrap();
        let names: Vec<_> = read(home.path()).into_iter().map(|joined| line(&joined)).collect();
        assert_eq!(names, ["lobby\n", "attic 00ff\n"]);
        fs::write(home.path().join(FILE), [0xff, 0xfe]).unwrap();
        assert!(read(home.path()).is_empty());
    }
}
