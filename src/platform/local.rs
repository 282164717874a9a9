//! Sockets between programs of one person on this machine: a Unix socket, or a named pipe on Windows

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use interprocess::local_socket::{
    GenericFilePath, GenericNamespaced, ListenerOptions, Name,
    tokio::{Listener as Socket, prelude::*},
};
use tokio::io::{ReadHalf, WriteHalf};
use uuid::Uuid;

use super::files;

pub(crate) use interprocess::local_socket::tokio::Stream;

pub(crate) type RecvHalf = ReadHalf<Stream>;
pub(crate) type SendHalf = WriteHalf<Stream>;

/// Hears whoever can read the files of a profile
#[derive(Debug)]
pub(crate) struct Listener {
    socket: Socket,
    /// A directory of its own for a socket whose path would have been too long
    _elsewhere: Option<Elsewhere>,
}

/// Where the socket is, for those who can read this private file
const FILE: &str = "socket-at";
/// The longest path that a socket can have on all systems, with some to spare
const MAX_PATH: usize = 96;

impl Listener {
    /// Opens a socket for the profile in this directory; one that a killed program left behind is replaced
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let (address, elsewhere) = address(directory)?;
        let options = ListenerOptions::new().name(name(&address)?).try_overwrite(true);
        let socket = options.create_tokio()?;
        #[cfg(unix)]
        files::hide_from_others(Path::new(&address))?;
        files::replace_private(directory, FILE, address.as_bytes())?;
        Ok(Self { socket, _elsewhere: elsewhere })
    }

    /// Whoever comes next; cancel-safe
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        self.socket.accept().await
    }
}

/// Connects to whoever listens for the profile in this directory
///
/// # Errors
/// Also when nobody does
pub(crate) async fn connect(directory: &Path) -> io::Result<Stream> {
    let address = fs::read_to_string(directory.join(FILE))?;
    Stream::connect(name(&address)?).await
}

/// The two directions of a connection
pub(crate) fn split(stream: Stream) -> (RecvHalf, SendHalf) {
    tokio::io::split(stream)
}

/// The address of a socket for this profile, in a directory of its own if need be
fn address(directory: &Path) -> io::Result<(String, Option<Elsewhere>)> {
    if cfg!(windows) {
        // Nobody else can know the name, and so nobody can take it before.
        return Ok((format!("lanchat-{}", Uuid::new_v4().simple()), None));
    }
    let path = std::path::absolute(directory)?.join("socket");
    if path.as_os_str().len() <= MAX_PATH
        && let Some(path) = path.to_str()
    {
        return Ok((path.to_owned(), None));
    }
    let elsewhere = Elsewhere::new()?;
    let path = elsewhere.0.join("socket");
    let path = path.to_str().map(str::to_owned);
    let path = path.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
    Ok((path, Some(elsewhere)))
}

fn name(address: &str) -> io::Result<Name<'_>> {
    if cfg!(windows) {
        address.to_ns_name::<GenericNamespaced>()
    } else {
        address.to_fs_name::<GenericFilePath>()
    }
}

/// A private directory among those for temporary files, as long as it is needed
#[derive(Debug)]
struct Elsewhere(PathBuf);

impl Elsewhere {
    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("lanchat-{}", Uuid::new_v4().simple()));
        files::make_private_directory(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        // What is left of it is in nobody's way.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn who_has_the_profile_is_heard_and_what_a_killed_program_left_is_replaced() {
        let home = TempDir::new().unwrap();
        assert!(connect(home.path()).await.is_err(), "nobody listens");
        let long = home.path().join("a-directory-with-a-long-name".repeat(4));
        fs::create_dir(&long).unwrap();
        for directory in [home.path(), &long] {
            let killed = Listener::open(directory).unwrap();
            std::mem::forget(killed);
            let listener = Listener::open(directory).unwrap();
            let (came, heard) = tokio::join!(connect(directory), listener.accept());
            let ((_, mut to), (mut from, _)) = (split(came.unwrap()), split(heard.unwrap()));
            to.write_all(b"hi").await.unwrap();
            drop(to);
            let mut said = [0; 2];
            from.read_exact(&mut said).await.unwrap();
            assert_eq!(&said, b"hi");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_can_connect() {
        use std::os::unix::fs::PermissionsExt as _;

        let home = TempDir::new().unwrap();
        let _listener = Listener::open(home.path()).unwrap();
        for file in ["socket", FILE] {
            let mode = fs::metadata(home.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
}
