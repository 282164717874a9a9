//! How a command gets into a room: with the code or the key that it takes, whoever has them

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::anyhow;
use lanchat_protocol::{RoomCode, RoomKey, RoomName};

use super::stay::open_all;
use crate::{
    event::{ErrorCode, Event},
    exit::Failure,
    home::Home,
    house::House,
    lang::{Told as _, tell},
    profile,
    rooms::{
        Entrance, code,
        joined::{self, Joined},
        keys,
    },
    session::Role,
    settings::{Access, Settings, WantedRoom},
    ui::secret::{Answer, ask_for_code},
    windows::{Wants, Window},
};

/// The entrances of the rooms of the settings, or of the lobby, for the profile in this directory
///
/// Codes are asked for where they can be typed; to derive a key from one takes a quarter of a second.
pub(super) fn enter_all(settings: &Settings, directory: Option<&Path>) -> anyhow::Result<Vec<Entrance>> {
    settings.rooms_or_lobby().iter().map(|room| enter_one(room, settings.weak_code, directory)).collect()
}

/// The rooms in which one starts to chat
#[derive(Debug)]
pub(super) enum Start {
    /// Those of the settings, for this time only, and those of before
    Named(Vec<Entrance>, Vec<Joined>),
    /// Those of before
    Again(Vec<Joined>),
}

impl Start {
    /// The rooms of the settings, or else of the last time, for the profile in this directory
    pub(super) fn of(settings: &Settings, directory: Option<&Path>) -> anyhow::Result<Self> {
        let before = directory.map(joined::read).unwrap_or_default();
        if directory.is_none() || !settings.rooms.is_empty() {
            return Ok(Self::Named(enter_all(settings, directory)?, before));
        }
        Ok(Self::Again(before))
    }

    /// The ways into them, where another lanchat is; the lobby where there are none
    pub(super) fn entrances(&self, directory: Option<&Path>) -> Vec<Entrance> {
        match (self, directory) {
            (Self::Named(entrances, _), _) => entrances.clone(),
            (Self::Again(before), Some(directory)) if !before.is_empty() => {
                before.iter().filter_map(|room| room.clone().entrance(directory).ok()).collect()
            }
            (Self::Again(_), _) => vec![Entrance::open(RoomName::lobby())],
        }
    }

    /// Enters them, and gives back why one is not in some of those of before, which stay remembered
    pub(super) fn enter(self, settings: &Settings, home: Home) -> anyhow::Result<(House, Vec<Event>)> {
        let before = match self {
            Self::Again(before) => before,
            Self::Named(entrances, before) => {
                let mut house = open_all(settings, entrances, home, Role::Member)?;
                house.remember_other_rooms(before);
                return Ok((house, Vec::new()));
            }
        };
        let (home, mut house) = (Arc::new(home), None);
        let (mut others, mut refused) = (Vec::new(), Vec::new());
        for room in before {
            if let Err(error) = enter_again(settings, &room, &home, &mut house) {
                others.push(room);
                refused.push(Event::error(ErrorCode::NotJoined, error));
            }
        }
        let mut house = match house {
            Some(house) => house,
            None => House::open(settings, Entrance::open(RoomName::lobby()), home, Role::Member)?,
        };
        house.remember_rooms(others);
        Ok((house, refused))
    }
}

fn enter_again(
    settings: &Settings,
    room: &Joined,
    home: &Arc<Home>,
    house: &mut Option<House>,
) -> anyhow::Result<()> {
    let entrance = room.clone().entrance(home.directory().unwrap_or_else(|| Path::new("")))?;
    match house {
        Some(house) => house.add(entrance)?,
        None => *house = Some(House::open(settings, entrance, Arc::clone(home), Role::Member)?),
    }
    Ok(())
}

/// Somebody who chats comes in: into the rooms of the settings or of the last time, or where another lanchat of the profile
/// is; and why they are not in some of those of the last time
pub(super) async fn enter(settings: &Settings) -> anyhow::Result<(Window, Vec<Event>)> {
    enter_as(settings, true).await
}

/// The same, and nobody sits there: others see that until somebody attaches
pub(super) async fn enter_unattended(settings: &Settings) -> anyhow::Result<(Window, Vec<Event>)> {
    enter_as(settings, false).await
}

async fn enter_as(settings: &Settings, sits: bool) -> anyhow::Result<(Window, Vec<Event>)> {
    let directory = profile::directory_in_use(settings);
    let start = Start::of(settings, directory.as_deref())?;
    let rooms = start.entrances(directory.as_deref());
    let wants = Wants { rooms, all: true, guests: true, sits, hosts: true };
    let mut refused = Vec::new();
    let open = |home| {
        let (house, not_entered) = start.enter(settings, home)?;
        refused = not_entered;
        Ok(house)
    };
    let window = Window::open(settings, &wants, open).await?;
    Ok((window, refused))
}

/// The entrance of one room
pub(super) fn enter_one(
    room: &WantedRoom,
    takes_weak: bool,
    directory: Option<&Path>,
) -> anyhow::Result<Entrance> {
    let name = room.name.clone();
    let code = match &room.access {
        Access::Open => return Ok(Entrance::open(name)),
        Access::Private { code_file: Some(path) } => {
            let code = code::read(path).map_err(|error| Failure::usage(error.to_string()))?;
            admit(&code, &name, takes_weak)?;
            code
        }
        Access::Private { code_file: None } => match remembered(directory, &name)? {
            Some(key) => return Ok(Entrance::remembered(name, &key)),
            None => ask(&name)?,
        },
    };
    let key = derived(&name, &code)?;
    Ok(Entrance::given(name, key))
}

/// Another room to go to
#[derive(Debug)]
pub(super) struct Destination {
    pub(super) name: RoomName,
    pub(super) way: Way,
    /// Where the profile is, if it is on the disk
    pub(super) directory: Option<PathBuf>,
    /// Whether a code that can be guessed is taken from a file
    pub(super) takes_weak: bool,
}

/// How to get into it
#[derive(Debug)]
pub(super) enum Way {
    /// With the key that is remembered, or else into the open room
    Usual,
    /// With a code that was typed, and confirmed where it is weak
    Code(RoomCode),
    /// With the code in a file
    File(PathBuf),
    /// With a code to be made, and shown
    New,
    /// With a code to be made, and written to a file
    NewInFile(PathBuf),
}

/// A room that can be gone to
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) entrance: Entrance,
    /// Its code, if it is to be shown
    pub(super) code: Option<RoomCode>,
}

impl Destination {
    /// Takes a quarter of a second where a key is derived, and reads and writes files
    pub(super) fn open(self) -> anyhow::Result<Opened> {
        let Self { name, way, directory, takes_weak } = self;
        let directory = directory.as_deref();
        if name == RoomName::lobby() && !matches!(way, Way::Usual) {
            return Err(anyhow!(tell!("lobby-is-open")));
        }
        match way {
            Way::Usual => {
                let key = remembered(directory, &name)?;
                let entrance = match key {
                    Some(key) => Entrance::remembered(name, &key),
                    None => Entrance::open(name),
                };
                Ok(Opened { entrance, code: None })
            }
            Way::Code(code) => {
                let key = derived(&name, &code)?;
                Ok(Opened { entrance: Entrance::given(name, key), code: None })
            }
            Way::File(path) => {
                let code = code::read(&path)?;
                admit(&code, &name, takes_weak)?;
                let key = derived(&name, &code)?;
                Ok(Opened { entrance: Entrance::given(name, key), code: None })
            }
            Way::New => {
                let code = code::generate()?;
                Ok(Opened { entrance: begin(name, &code, directory)?, code: Some(code) })
            }
            Way::NewInFile(path) => {
                let code = code::generate()?;
                code::write(&path, &code)?;
                Ok(Opened { entrance: begin(name, &code, directory)?, code: None })
            }
        }
    }
}

fn begin(name: RoomName, code: &RoomCode, directory: Option<&Path>) -> anyhow::Result<Entrance> {
    let key = derived(&name, code)?;
    if let Some(directory) = directory {
        keys::remember(directory, &name, &key)?;
    }
    Ok(Entrance::new(name, &key))
}

fn derived(name: &RoomName, code: &RoomCode) -> anyhow::Result<RoomKey> {
    RoomKey::derive(name, code).map_err(|error| anyhow!(error.told()))
}

fn remembered(directory: Option<&Path>, name: &RoomName) -> anyhow::Result<Option<RoomKey>> {
    Ok(directory.map(|directory| keys::recall(directory, name)).transpose()?.flatten())
}

fn admit(code: &RoomCode, name: &RoomName, takes_weak: bool) -> Result<(), Failure> {
    match code::weakness(code, name) {
        Some(cost) if !takes_weak => Err(Failure::usage(tell!("code-refused", cost = cost))),
        Some(_) | None => Ok(()),
    }
}

fn ask(name: &RoomName) -> anyhow::Result<RoomCode> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let sentence = tell!("code-unknown", room = name.as_str());
        return Err(Failure::usage(sentence).into());
    }
    match ask_for_code(name) {
        Ok(Answer::Code(code)) => Ok(code),
        Ok(Answer::Nothing | Answer::Cancelled) => {
            Err(Failure::failed(tell!("code-not-given", room = name.as_str())).into())
        }
        Err(error) => Err(anyhow!(tell!("code-not-typed", reason = error.told()))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    const CODE: &str = "able about above absent absorb abuse";

    fn attic() -> RoomName {
        RoomName::new("attic").unwrap()
    }

    fn with(code_file: Option<PathBuf>) -> WantedRoom {
        WantedRoom { name: attic(), access: Access::Private { code_file } }
    }

    fn way(way: Way, home: &TempDir) -> anyhow::Result<Opened> {
        let directory = Some(home.path().to_owned());
        Destination { name: attic(), way, directory, takes_weak: false }.open()
    }

    #[test]
    fn a_code_leads_to_the_same_room_from_a_file_as_when_it_is_typed() {
        let home = TempDir::new().unwrap();
        let file = home.path().join("code");
        fs::write(&file, format!("{}\n", CODE.to_uppercase())).unwrap();
        let from_file = enter_one(&with(Some(file.clone())), false, None).unwrap();
        let typed = way(Way::Code(RoomCode::new(CODE).unwrap()), &home).unwrap();
        let joined = way(Way::File(file), &home).unwrap();
        assert!(from_file.room().is_private());
        assert_eq!(from_file.room(), typed.entrance.room());
        assert_eq!(from_file.room(), joined.entrance.room());
    }

    #[test]
    fn a_room_that_was_made_is_remembered_and_one_that_was_not_is_open() {
        let home = TempDir::new().unwrap();
        assert!(!way(Way::Usual, &home).unwrap().entrance.room().is_private());
        let made = way(Way::New, &home).unwrap();
        assert_eq!(way(Way::Usual, &home).unwrap().entrance.room(), made.entrance.room());
        assert_eq!(enter_one(&with(None), false, Some(home.path())).unwrap().room(), made.entrance.room());
        let typed = way(Way::Code(made.code.unwrap()), &home).unwrap();
        assert_eq!(typed.entrance.room(), made.entrance.room());
    }

    #[test]
    fn a_weak_code_from_a_file_is_refused_with_its_cost_unless_one_insists() {
        let home = TempDir::new().unwrap();
        let file = home.path().join("code");
        fs::write(&file, "secret").unwrap();
        let room = with(Some(file.clone()));
        let message = enter_one(&room, false, None).unwrap_err().to_string();
        assert!(message.contains("seconds on one core") && message.contains("--weak-code"), "{message}");
        assert!(way(Way::File(file), &home).unwrap_err().to_string().contains("--weak-code"));
        assert!(enter_one(&room, true, None).is_ok());
    }

    #[test]
    fn nobody_makes_the_lobby_private() {
        let home = TempDir::new().unwrap();
        let file = home.path().join("code");
        fs::write(&file, CODE).unwrap();
        let ways = [
            Way::New,
            Way::NewInFile(home.path().join("new")),
            Way::Code(RoomCode::new(CODE).unwrap()),
            Way::File(file),
        ];
        for way in ways {
            let directory = Some(home.path().to_owned());
            let lobby = Destination { name: RoomName::lobby(), way, directory, takes_weak: false };
            assert!(lobby.open().unwrap_err().to_string().contains("another name"));
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "the code that was there");
    }
}
