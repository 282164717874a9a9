//! What was asked for, resolved once: flag or variable, then config file, then default

use std::{
    io,
    net::{Ipv4Addr, SocketAddrV4},
    path::PathBuf,
    str::FromStr,
};

use etcetera::BaseStrategy;
use lanchat_protocol::{Name, NameError, Retention, RoomNameError};
use thiserror::Error;

use self::{
    file::{FileSettings, OneOrMore},
    room::FileRooms,
};
use crate::{
    cli::Globals,
    lang::{Language, Told as _, UnknownLanguage, tell},
    raw::charset::CharsetError,
};

mod file;
mod notify;
mod plain_udp;
mod retention;
mod room;

pub(crate) use self::file::language_in;
pub use self::{
    notify::{NoWay, Notify},
    plain_udp::PlainUdp,
    room::{Access, WantedRoom},
};

/// Everything that holds for the whole run
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The rooms that were named, the first of which is the current one; nothing is said where there is none
    pub rooms: Vec<WantedRoom>,
    /// Whether a code that can be guessed is taken from a file
    pub weak_code: bool,
    /// What others call us
    pub name: Name,
    /// The UDP port that broadcasts go to
    pub port: u16,
    /// The interfaces to use; all but loopback when empty
    pub interfaces: Vec<String>,
    /// Peers that broadcasts do not reach
    pub peers: Vec<PeerAddress>,
    /// The person to be
    pub profile: ProfileName,
    /// The directory that holds the profiles; none when there is no home directory either
    pub data_dir: Option<PathBuf>,
    /// Whether nothing may touch the disk
    pub ephemeral: bool,
    /// How much of a room is kept
    pub retention: Retention,
    /// How to speak with programs that are not lanchat
    pub plain_udp: PlainUdp,
    /// How events are printed
    pub format: Format,
    /// Whether a terminal is used as a whole, where there is one
    pub full_screen: bool,
    /// How whispers and mentions call whoever looks elsewhere
    pub notify: Notify,
    /// Whether others are told while something is being typed
    pub typing: bool,
    /// How much is logged on standard error; 0 is nothing
    pub verbosity: u8,
}

impl Settings {
    /// The rooms that were named, or else the lobby
    pub fn rooms_or_lobby(&self) -> Vec<WantedRoom> {
        if self.rooms.is_empty() { vec![WantedRoom::lobby()] } else { self.rooms.clone() }
    }

    /// Resolves what was typed against the config file and the defaults of this login
    ///
    /// # Errors
    /// When a value cannot be, or the config file cannot be used.
    pub fn resolve(globals: Globals, login: &Login) -> Result<Self, SettingsError> {
        let file = FileSettings::load(globals.config.as_deref(), login.config.as_deref())?;
        let lang = globals.lang.filter(|lang| !lang.is_empty()).or(file.lang);
        lang.map(|lang| lang.parse::<Language>()).transpose()?;
        let profile = globals
            .profile
            .or(file.profile)
            .as_deref()
            .map(ProfileName::new)
            .transpose()?
            .unwrap_or_default();
        let name = match globals.name.or(file.name) {
            Some(name) => Name::new(&name).map_err(SettingsError::Name)?,
            None => login.default_name(&profile)?,
        };
        let weak_code = globals.privacy.weak_code.unwrap_or(file.weak_code);
        let file_rooms =
            FileRooms { rooms: file.room.into(), private: file.private, code_file: file.room_code_file };
        let rooms = room::resolve(globals.room, globals.privacy, file_rooms)?;
        let peers =
            given(globals.peer, file.peer).iter().map(|peer| peer.parse()).collect::<Result<_, _>>()?;
        let format = match (globals.json, globals.plain) {
            (Some(true), Some(true)) => return Err(SettingsError::TwoFormats),
            (Some(true), _) => Format::Json,
            (Some(false), _) | (None, Some(true)) => Format::Plain,
            (None, Some(false) | None) if file.json => Format::Json,
            (None, Some(false) | None) => Format::Plain,
        };
        let full_screen = format == Format::Plain && !globals.plain.unwrap_or(file.plain);
        let port = globals.port.or(file.port).unwrap_or(DEFAULT_PORT);
        let plain_udp =
            PlainUdp::resolve(globals.raw, file.raw_port, file.raw_relay, file.raw_encoding, port)?;
        Ok(Self {
            rooms,
            weak_code,
            name,
            port,
            interfaces: given(globals.interface, file.interface),
            peers,
            profile,
            data_dir: globals.data_dir.or(file.data_dir).or_else(|| login.data_dir.clone()),
            ephemeral: globals.ephemeral.unwrap_or(file.ephemeral),
            retention: file.retention.into(),
            plain_udp,
            format,
            full_screen,
            notify: globals.notify.or(file.notify).map(|ways| ways.parse()).transpose()?.unwrap_or_default(),
            typing: globals.typing.or(file.typing).unwrap_or(true),
            verbosity: globals.verbose.max(file.verbose),
        })
    }
}

const DEFAULT_PORT: u16 = 25252;

/// How events are printed
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines for people
    Plain,
    /// One JSON object a line
    Json,
}

/// The name of a profile, which is also that of its directory: 1 to 32 of `A-Z`, `a-z`, `0-9`, `_` and `-`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileName(String);

impl ProfileName {
    /// Checks a name
    ///
    /// # Errors
    /// When it has other characters, or none, or too many.
    pub fn new(name: &str) -> Result<Self, SettingsError> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(is_allowed) {
            return Err(SettingsError::Profile);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ProfileName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

/// The address of a peer that broadcasts do not reach
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// The host
    pub ip: Ipv4Addr,
    /// The port it listens on, when it is known
    pub port: Option<u16>,
}

impl PeerAddress {
    /// The address to send to, with this port when none is known
    pub fn or_port(self, port: u16) -> SocketAddrV4 {
        SocketAddrV4::new(self.ip, self.port.unwrap_or(port))
    }
}

impl FromStr for PeerAddress {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let (ip, port) = match text.split_once(':') {
            Some((ip, port)) => (ip, port.parse().ok().filter(|port| *port != 0).map(Some)),
            None => (text, Some(None)),
        };
        match (ip.parse(), port) {
            (Ok(ip), Some(port)) => Ok(Self { ip, port }),
            (Ok(_) | Err(_), _) => Err(SettingsError::Peer { given: text.to_owned() }),
        }
    }
}

/// What the machine says about who runs the program, and where that person's files are
#[derive(Clone, Debug, Default)]
pub struct Login {
    /// The login name
    pub user: Option<String>,
    /// The name of the machine
    pub host: Option<String>,
    /// The usual config file
    pub config: Option<PathBuf>,
    /// The usual directory of the profiles
    pub data_dir: Option<PathBuf>,
}

impl Login {
    /// Of this process
    pub fn current() -> Self {
        let directories = etcetera::choose_base_strategy().ok();
        let user = ["USER", "LOGNAME", "USERNAME"]
            .iter()
            .filter_map(|variable| std::env::var(variable).ok())
            .find(|user| !user.is_empty());
        Self {
            user,
            host: gethostname::gethostname().into_string().ok(),
            config: directories.as_ref().map(|base| base.config_dir().join("lanchat/config.toml")),
            data_dir: directories.as_ref().map(|base| base.data_dir().join("lanchat")),
        }
    }

    fn default_name(&self, profile: &ProfileName) -> Result<Name, SettingsError> {
        let profile = Some(profile.as_str()).filter(|profile| *profile != ProfileName::default().as_str());
        let user = self.user.as_deref().filter(|user| *user != "root");
        let mut candidates = [profile, user, self.host.as_deref()].into_iter().flatten();
        let usable = candidates.find_map(|candidate| Name::new(candidate).ok());
        usable.map_or_else(|| Name::new("someone").map_err(SettingsError::Name), Ok)
    }
}

/// Why the settings cannot be used
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The name cannot be
    #[error("{}", tell!("settings-name", error = _0.told()))]
    Name(#[source] NameError),
    /// The room's name cannot be
    #[error("{}", tell!("settings-room", error = _0.told()))]
    Room(#[source] RoomNameError),
    /// The room that is open to all cannot be private
    #[error("{}", tell!("settings-private-lobby"))]
    PrivateLobby,
    /// One code for several rooms
    #[error("{}", tell!("settings-one-code"))]
    OneCode,
    /// More rooms than one can be in
    #[error("{}", tell!("settings-rooms", most = crate::house::MAX_ROOMS))]
    TooManyRooms,
    /// Nobody can be called that way
    #[error("{}", tell!("settings-notify", error = %_0))]
    Notify(#[from] NoWay),
    /// The profile's name cannot be
    #[error("{}", tell!("settings-profile"))]
    Profile,
    /// No address
    #[error("{}", tell!("settings-peer", given = given))]
    Peer {
        /// What was given
        given: String,
    },
    /// No such encoding
    #[error("{}", tell!("settings-encoding", error = %_0))]
    Encoding(#[from] CharsetError),
    /// A relay of nothing
    #[error("{}", tell!("settings-relay"))]
    NothingToRelay,
    /// Guests would come in where the room does.
    #[error("{}", tell!("settings-room-port", port = port))]
    RoomPort {
        /// What was given for both.
        port: u16,
    },
    /// No such language
    #[error("{}", tell!("settings-lang", error = %_0))]
    Language(#[from] UnknownLanguage),
    /// Both at once
    #[error("{}", tell!("settings-two-formats"))]
    TwoFormats,
    /// The config file is there, or was named, but cannot be read
    #[error("{}", tell!("config-unreadable", file = %path.display(), reason = source.told()))]
    Unreadable {
        /// Where
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// The config file has something in it that cannot be
    #[error("{}", tell!("config-invalid", file = %path.display(), line = line, message = message))]
    Invalid {
        /// Where
        path: PathBuf,
        /// The line, from 1
        line: usize,
        /// What is wrong
        message: String,
    },
}

fn given(typed: Vec<String>, file: OneOrMore) -> Vec<String> {
    let values = if typed.is_empty() { file.into() } else { typed };
    values.into_iter().filter(|value| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn with_nothing_said_one_is_oneself_in_the_lobby() {
        let settings = Settings::resolve(Globals::default(), &login("ann")).unwrap();
        assert_eq!((settings.name.as_str(), settings.rooms.len(), settings.port), ("ann", 0, 25252));
        assert_eq!(settings.rooms_or_lobby(), [WantedRoom::lobby()]);
        assert_eq!((settings.profile.as_str(), settings.format), ("default", Format::Plain));
        assert_eq!(settings.data_dir.unwrap(), Path::new("/data/lanchat"));
    }

    #[test]
    fn the_default_name_is_the_profile_then_the_login_then_the_machine() {
        let named = |user: &str, profile: Option<&str>| {
            let globals = Globals { profile: profile.map(str::to_owned), ..Globals::default() };
            Settings::resolve(globals, &login(user)).unwrap().name.to_string()
        };
        assert_eq!(named("ann", Some("bob")), "bob");
        assert_eq!(named("ann", Some("default")), "ann");
        assert_eq!(named("root", None), "attic-pc");
        assert_eq!(named("", None), "attic-pc");
        let nobody = Settings::resolve(Globals::default(), &Login::default()).unwrap();
        assert_eq!(nobody.name.as_str(), "someone");
    }

    #[test]
    fn what_is_typed_goes_before_the_file_and_the_file_before_the_defaults() {
        let file = config(
            "room = 'attic'\nname = 'file'\ninterface = ['eth0']\npeer = ['198.18.0.9']\njson = true\n",
        );
        let globals = Globals {
            name: Some("typed".into()),
            interface: vec!["lo".into()],
            config: Some(file.path().to_owned()),
            ..Globals::default()
        };
        let settings = Settings::resolve(globals, &login("ann")).unwrap();
        assert_eq!((settings.name.as_str(), settings.rooms[0].name.as_str()), ("typed", "attic"));
        assert_eq!((settings.interfaces, settings.format), (vec!["lo".to_owned()], Format::Json));
        assert_eq!(settings.peers, [PeerAddress { ip: [198, 18, 0, 9].into(), port: None }]);
    }

    #[test]
    fn what_the_file_switches_on_can_be_switched_off() {
        let file = config("json = true\nephemeral = true\n");
        let config = Some(file.path().to_owned());
        let off = Globals { json: Some(false), ephemeral: Some(false), config, ..Globals::default() };
        let settings = Settings::resolve(off, &login("ann")).unwrap();
        assert_eq!((settings.format, settings.ephemeral), (Format::Plain, false));
    }

    #[test]
    fn a_peer_has_the_common_port_unless_it_names_one() {
        let address = |peer: &str| peer.parse::<PeerAddress>().unwrap().or_port(25252).to_string();
        assert_eq!(address("198.18.0.2"), "198.18.0.2:25252");
        assert_eq!(address("198.18.0.2:7"), "198.18.0.2:7");
    }

    #[test]
    fn what_cannot_be_says_which_option_it_was() {
        let some = |text: &str| Some(text.to_owned());
        assert!(refused(Globals { name: some("a\u{1b}b"), ..Globals::default() }).starts_with("--name"));
        assert!(
            refused(Globals { room: vec!["two words".to_owned()], ..Globals::default() })
                .starts_with("--room")
        );
        assert!(refused(Globals { profile: some("../bob"), ..Globals::default() }).starts_with("--profile"));
        assert!(
            refused(Globals { profile: some(&"x".repeat(33)), ..Globals::default() })
                .starts_with("--profile")
        );
        for peer in ["bob", "198.18.0.2:0", "198.18.0.2:x", "fe80::1"] {
            let message = refused(Globals { peer: vec![peer.to_owned()], ..Globals::default() });
            assert!(message.contains(peer), "{message}");
        }
        assert!(
            refused(Globals { json: Some(true), plain: Some(true), ..Globals::default() })
                .contains("--plain")
        );
    }

    fn refused(globals: Globals) -> String {
        Settings::resolve(globals, &login("ann")).unwrap_err().to_string()
    }

    fn login(user: &str) -> Login {
        Login {
            user: Some(user.to_owned()),
            host: Some("attic-pc".to_owned()),
            config: Some("/nowhere/config.toml".into()),
            data_dir: Some("/data/lanchat".into()),
        }
    }

    fn config(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }
}
