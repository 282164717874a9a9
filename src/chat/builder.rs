use std::{ffi::OsString, net::SocketAddrV4, path::PathBuf, sync::Arc};

use lanchat_protocol::{Name, RoomCode, RoomKey, RoomName};

use super::{Chat, ChatError};
use crate::{
    cli::{self, Cli, Globals},
    home::Home,
    lang::{Told as _, tell},
    rooms::{Entrance, code},
    session::{Role, Session},
    settings::{Login, ProfileName, Settings},
};

/// Who one is and where to go, until [`join`](Self::join) goes there
///
/// What is left out of port, interfaces and peers is up to whoever runs the program: what `lanchat` takes from the
/// variables `LANCHAT_PORT`, `LANCHAT_INTERFACE`, `LANCHAT_PEER` and `LANCHAT_CONFIG`, then its config file, then its
/// defaults.
#[derive(Clone, Debug)]
pub struct ChatBuilder {
    name: String,
    room: Option<String>,
    code: Option<Code>,
    globals: Globals,
}

/// Where a room's code comes from; it is never printed
#[derive(Clone)]
enum Code {
    Given(String),
    File(PathBuf),
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

impl ChatBuilder {
    pub(super) fn new(name: String) -> Self {
        Self { name, room: None, code: None, globals: Globals::default() }
    }

    /// An open room in place of the lobby: 1 to 64 bytes of UTF-8 without spaces
    pub fn room(mut self, name: impl Into<String>) -> Self {
        (self.room, self.code) = (Some(name.into()), None);
        self
    }

    /// A private room, by the code that was told to those who are in it: 1 to 256 bytes of UTF-8
    ///
    /// Keep codes out of the source: [`private_room_from`](Self::private_room_from) reads a file. Whether one can be
    /// guessed is not asked here; [`weakness`](crate::rooms::code::weakness) says it.
    pub fn private_room(mut self, name: impl Into<String>, code: impl Into<String>) -> Self {
        (self.room, self.code) = (Some(name.into()), Some(Code::Given(code.into())));
        self
    }

    /// A private room, by a file that holds its code and nothing else, as [`private_room`](Self::private_room) takes it
    pub fn private_room_from(mut self, name: impl Into<String>, code_file: impl Into<PathBuf>) -> Self {
        (self.room, self.code) = (Some(name.into()), Some(Code::File(code_file.into())));
        self
    }

    /// The UDP port that all of the room share, from 1; 25252 unless somebody says otherwise
    pub fn port(mut self, port: u16) -> Self {
        self.globals.port = Some(port);
        self
    }

    /// A network interface to use, by its name or address, and of several calls each; all but loopback unless somebody
    /// says otherwise
    pub fn interface(mut self, interface: impl Into<String>) -> Self {
        self.globals.interface.push(interface.into());
        self
    }

    /// The address of somebody whom broadcasts do not reach, and of several calls each
    pub fn peer(mut self, address: SocketAddrV4) -> Self {
        self.globals.peer.push(address.to_string());
        self
    }

    /// Where the key and the history are kept, so that one is the same person at each start; one program at a time
    ///
    /// Without it one is a new person, and nothing touches the disk: what others said before comes from them, and
    /// whispers do not wait for those who are away when the program ends.
    pub fn data_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.globals.data_dir = Some(directory.into());
        self
    }

    /// Opens the sockets and announces one in the room; call it within a tokio runtime with time and IO enabled
    ///
    /// A private room takes a quarter of a second of a thread more, and 64 MiB of memory for so long.
    ///
    /// # Errors
    /// [`ChatError::NotJoined`] when a name or a code cannot be, the file of a code cannot be read, the config file or a
    /// variable of lanchat is wrong, another program has the data directory or it cannot be used, or no socket can be
    /// opened
    pub async fn join(self) -> Result<Chat, ChatError> {
        let entering = tokio::task::spawn_blocking(|| self.prepare()).await;
        let failed = |reason: tokio::task::JoinError| {
            ChatError::not_joined(tell!("room-not-opened", reason = %reason))
        };
        let (settings, entrance, home) = entering.map_err(failed)??;
        let session = Session::open(&settings, entrance, Arc::new(home), Role::Member);
        session.map(Chat::new).map_err(ChatError::not_joined)
    }

    /// All that may take a while
    fn prepare(self) -> Result<(Settings, Entrance, Home), ChatError> {
        let name = Name::new(&self.name).map_err(|error| ChatError::not_joined(error.told()))?;
        let entrance = entrance(self.room, self.code)?;
        let settings = settings(self.globals, &name)?;
        let home = Home::open(&settings).map_err(ChatError::not_joined)?;
        Ok((settings, entrance, home))
    }
}

fn entrance(room: Option<String>, code: Option<Code>) -> Result<Entrance, ChatError> {
    let room = room.map_or_else(|| Ok(RoomName::lobby()), |name| RoomName::new(&name));
    let room = room.map_err(|error| ChatError::not_joined(error.told()))?;
    let Some(code) = code else { return Ok(Entrance::open(room)) };
    if room == RoomName::lobby() {
        return Err(ChatError::not_joined(tell!("lobby-is-open")));
    }
    let code = match code {
        Code::Given(code) => RoomCode::new(&code).map_err(|error| ChatError::not_joined(error.told()))?,
        Code::File(path) => code::read(&path).map_err(ChatError::not_joined)?,
    };
    let key = RoomKey::derive(&room, &code).map_err(|error| ChatError::not_joined(error.told()))?;
    Ok(Entrance::given(room, key))
}

/// What the program says, and of the network what whoever runs it says
fn settings(said: Globals, name: &Name) -> Result<Settings, ChatError> {
    let left = Cli::read([OsString::from("lanchat")])
        .map_err(|error| ChatError::not_joined(cli::sentence(&error)))?
        .globals;
    let globals = Globals {
        name: Some(name.to_string()),
        port: said.port.or(left.port),
        interface: if said.interface.is_empty() { left.interface } else { said.interface },
        peer: if said.peer.is_empty() { left.peer } else { said.peer },
        profile: Some(ProfileName::default().as_str().to_owned()),
        ephemeral: Some(said.data_dir.is_none()),
        data_dir: said.data_dir,
        config: left.config,
        ..Globals::default()
    };
    Settings::resolve(globals, &Login::current()).map_err(ChatError::not_joined)
}
