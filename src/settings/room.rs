//! Which room, and whether it is private

use std::path::PathBuf;

use lanchat_protocol::RoomName;

use super::SettingsError;
use crate::cli::RoomOptions;

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

/// What the config file says of the room
pub(super) struct FileRoom {
    pub(super) room: Option<String>,
    pub(super) private: Option<bool>,
    pub(super) code_file: Option<PathBuf>,
}

/// What was typed, then what the file says; what it says of its room's code does not hold for another room
pub(super) fn resolve(
    room: Option<String>,
    typed: RoomOptions,
    file: FileRoom,
) -> Result<(RoomName, Access), SettingsError> {
    let checked = |name: String| RoomName::new(&name).map_err(SettingsError::Room);
    let typed_room = room.map(checked).transpose()?;
    let file_room = file.room.map(checked).transpose()?;
    let is_of_the_file = typed_room.is_none() || typed_room == file_room;
    let file_private = file.private.filter(|_| is_of_the_file);
    let file_code = file.code_file.filter(|_| is_of_the_file);
    let code_file = typed.room_code_file.filter(|path| !path.as_os_str().is_empty()).or(file_code);
    let is_private = typed.private.or(file_private).unwrap_or_else(|| code_file.is_some());
    let name = typed_room.or(file_room).unwrap_or_else(RoomName::lobby);
    match is_private {
        false => Ok((name, Access::Open)),
        true if name == RoomName::lobby() => Err(SettingsError::PrivateLobby),
        true => Ok((name, Access::Private { code_file })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(room: &str, code_file: Option<&str>) -> FileRoom {
        FileRoom { room: Some(room.into()), private: None, code_file: code_file.map(PathBuf::from) }
    }

    fn resolved(room: Option<&str>, typed: RoomOptions, file: FileRoom) -> Access {
        resolve(room.map(str::to_owned), typed, file).unwrap().1
    }

    fn with_code(code_file: &str) -> Access {
        Access::Private { code_file: Some(code_file.into()) }
    }

    #[test]
    fn a_room_is_open_unless_it_is_said_to_be_private_or_has_a_code() {
        assert_eq!(resolved(Some("attic"), RoomOptions::default(), file("attic", None)), Access::Open);
        let private = RoomOptions { private: Some(true), ..RoomOptions::default() };
        let asked = Access::Private { code_file: None };
        assert_eq!(resolved(Some("attic"), private, file("attic", None)), asked);
        let code = RoomOptions { room_code_file: Some("code".into()), ..RoomOptions::default() };
        assert_eq!(resolved(Some("attic"), code.clone(), file("attic", None)), with_code("code"));
        let not_private = RoomOptions { private: Some(false), ..code };
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
    fn the_lobby_is_not_private() {
        let code = RoomOptions { room_code_file: Some("code".into()), ..RoomOptions::default() };
        let refused = resolve(None, code, FileRoom { room: None, private: None, code_file: None });
        assert!(refused.unwrap_err().to_string().contains("--room NAME"));
    }
}
