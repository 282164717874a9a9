//! Which room, and whether it is private

use std::path::PathBuf;

use lanchat_protocol::RoomName;

use super::SettingsError;
use crate::{cli::RoomOptions, house::MAX_ROOMS};

/// How one gets into the room
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Whoever knows its name is in
    #[default]
    Open,
    /// Only who has its code is in
    Private {
        /// The file that holds the code; else it is remembered or asked for
        code_file: Option<PathBuf>,
    },
}

/// A room that was asked for
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedRoom {
    /// Its name
    pub name: RoomName,
    /// How to get into it
    pub access: Access,
}

/// What the config file says of rooms
pub(super) struct FileRooms {
    pub(super) rooms: Vec<String>,
    pub(super) private: Option<bool>,
    pub(super) code_file: Option<PathBuf>,
}

/// What was typed, then what the file says; what it says of its rooms' codes does not hold for other rooms
///
/// Privacy is for all of several rooms but the lobby, a code for one. Empty where no room was named.
pub(super) fn resolve(
    rooms: Vec<String>,
    typed: RoomOptions,
    file: FileRooms,
) -> Result<Vec<WantedRoom>, SettingsError> {
    let (typed_rooms, file_rooms) = (checked(rooms)?, checked(file.rooms)?);
    let is_of_the_file = typed_rooms.is_empty() || typed_rooms == file_rooms;
    let file_private = file.private.filter(|_| is_of_the_file);
    let file_code = file.code_file.filter(|_| is_of_the_file);
    let code_file = typed.room_code_file.filter(|path| !path.as_os_str().is_empty()).or(file_code);
    let is_private = typed.private.or(file_private).unwrap_or_else(|| code_file.is_some());
    let names = if typed_rooms.is_empty() { file_rooms } else { typed_rooms };
    let with_code = names.iter().filter(|name| **name != RoomName::lobby()).count();
    match (is_private, with_code) {
        (true, 0) => return Err(SettingsError::PrivateLobby),
        (true, 2..) if code_file.is_some() => return Err(SettingsError::OneCode),
        (_, _) => {}
    }
    let access = |name: &RoomName| match is_private && *name != RoomName::lobby() {
        true => Access::Private { code_file: code_file.clone() },
        false => Access::Open,
    };
    Ok(names.into_iter().map(|name| WantedRoom { access: access(&name), name }).collect())
}

/// Each once
fn checked(names: Vec<String>) -> Result<Vec<RoomName>, SettingsError> {
    let mut rooms = Vec::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        let room = RoomName::new(name).map_err(SettingsError::Room)?;
        if !rooms.contains(&room) {
            rooms.push(room);
        }
    }
    match rooms.len() {
        0..=MAX_ROOMS => Ok(rooms),
        _ => Err(SettingsError::TooManyRooms),
    }
}

impl WantedRoom {
    /// The room that one is in unless something else is said
    pub fn lobby() -> Self {
        Self { name: RoomName::lobby(), access: Access::Open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(room: &str, code_file: Option<&str>) -> FileRooms {
        FileRooms { rooms: vec![room.into()], private: None, code_file: code_file.map(PathBuf::from) }
    }

    fn all(rooms: &[&str], typed: RoomOptions, file: FileRooms) -> Result<Vec<WantedRoom>, SettingsError> {
        resolve(rooms.iter().map(|room| (*room).to_owned()).collect(), typed, file)
    }

    fn resolved(room: Option<&str>, typed: RoomOptions, file: FileRooms) -> Access {
        all(room.as_slice(), typed, file).unwrap().remove(0).access
    }

    fn with_code(code_file: &str) -> Access {
        Access::Private { code_file: Some(code_file.into()) }
    }

    fn code(file: &str) -> RoomOptions {
        RoomOptions { room_code_file: Some(file.into()), ..RoomOptions::default() }
    }

    #[test]
    fn a_room_is_open_unless_it_is_said_to_be_private_or_has_a_code() {
        assert_eq!(resolved(Some("attic"), RoomOptions::default(), file("attic", None)), Access::Open);
        let private = RoomOptions { private: Some(true), ..RoomOptions::default() };
        let asked = Access::Private { code_file: None };
        assert_eq!(resolved(Some("attic"), private, file("attic", None)), asked);
        assert_eq!(resolved(Some("attic"), code("code"), file("attic", None)), with_code("code"));
        let not_private = RoomOptions { private: Some(false), ..code("code") };
        assert_eq!(resolved(Some("attic"), not_private, file("attic", None)), Access::Open);
    }

    #[test]
    fn the_code_in_the_config_file_is_for_the_room_in_it() {
        let nothing = RoomOptions::default;
        assert_eq!(resolved(None, nothing(), file("attic", Some("code"))), with_code("code"));
        assert_eq!(resolved(Some("Attic"), nothing(), file("attic", Some("code"))), with_code("code"));
        assert_eq!(resolved(Some("cellar"), nothing(), file("attic", Some("code"))), Access::Open);
    }

    #[test]
    fn of_several_rooms_the_lobby_stays_open_and_a_code_is_for_one() {
        let none = || FileRooms { rooms: Vec::new(), private: None, code_file: None };
        let named = |rooms: &[&str], typed| {
            all(rooms, typed, none()).map(|rooms| {
                rooms.into_iter().map(|room| (room.name.to_string(), room.access)).collect::<Vec<_>>()
            })
        };
        let both = named(&["lobby", "attic", "Lobby"], code("code")).unwrap();
        assert_eq!(both, [("lobby".into(), Access::Open), ("attic".into(), with_code("code"))]);
        let message = named(&["cellar", "attic"], code("code")).unwrap_err().to_string();
        assert!(message.contains("--room-code-file"), "{message}");
        let private = RoomOptions { private: Some(true), ..RoomOptions::default() };
        let asked = Access::Private { code_file: None };
        assert!(named(&["cellar", "attic"], private).unwrap().iter().all(|(_, access)| *access == asked));
        assert_eq!(named(&[], RoomOptions::default()).unwrap(), []);
        let many: Vec<String> = (0..=MAX_ROOMS).map(|number| number.to_string()).collect();
        assert!(resolve(many, RoomOptions::default(), none()).is_err());
    }

    #[test]
    fn the_lobby_is_not_private() {
        let nothing = || FileRooms { rooms: Vec::new(), private: None, code_file: None };
        for rooms in [[].as_slice(), &["lobby"]] {
            let refused = all(rooms, code("code"), nothing());
            assert!(refused.unwrap_err().to_string().contains("--room NAME"));
        }
    }
}
