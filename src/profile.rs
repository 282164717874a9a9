//! One person on this machine: a key, a count of starts, and the lock that keeps it to one process

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    lang::{Told as _, tell},
    platform::files::{self, NotSecret},
    settings::{ProfileName, Settings},
};

/// A profile in use by this process; other processes cannot have it until this is dropped
pub struct Profile {
    secret: [u8; 32],
    /// The number of the latest start of a node
    latest: Mutex<u64>,
    name: String,
    directory: Option<PathBuf>,
    _lock: Option<File>,
}

impl Profile {
    /// Takes the profile of the settings for this process, and makes it if it is new
    ///
    /// # Errors
    /// When another process has it, or its files cannot be used, or others can read its key; a key that is there is
    /// never overwritten.
    pub fn open(settings: &Settings) -> Result<Self, ProfileError> {
        let name = settings.profile.as_str().to_owned();
        if settings.ephemeral {
            let (secret, latest) = (fresh_secret()?, Mutex::default());
            return Ok(Self { secret, latest, name, directory: None, _lock: None });
        }
        let directory = directory(settings)?;
        files::make_private_directory(&directory).map_err(unwritable(&directory))?;
        let lock = lock(&directory, &name)?;
        let secret = match read_secret(&directory)? {
            Some(secret) => secret,
            None => create_secret(&directory)?,
        };
        let latest = Mutex::default();
        Ok(Self { secret, latest, name, directory: Some(directory), _lock: Some(lock) })
    }

    /// The secret key of the profile of the settings, whether or not a process has it; makes it if it is new
    ///
    /// # Errors
    /// As [`Profile::open`], but for a profile in use only while it is being made.
    pub fn read_identity(settings: &Settings) -> Result<[u8; 32], ProfileError> {
        if !settings.ephemeral
            && let Some(secret) = read_secret(&directory(settings)?)?
        {
            return Ok(secret);
        }
        Self::open(settings).map(|profile| profile.secret)
    }

    /// Counts the start of a node, which is a start of its own in whatever room: larger each time, and never below the
    /// milliseconds since 1970
    ///
    /// # Errors
    /// When it cannot be noted
    pub fn count_start(&self) -> Result<u64, ProfileError> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let next = now().max(latest.saturating_add(1));
        *latest = match &self.directory {
            Some(directory) => count_start(directory, next)?,
            None => next,
        };
        Ok(*latest)
    }

    /// The Ed25519 secret key
    pub fn secret(&self) -> [u8; 32] {
        self.secret
    }

    /// Where its files are; nowhere for a profile that leaves nothing on the disk
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// The profile's name
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profile = &mut f.debug_struct("Profile");
        profile.field("name", &self.name).field("latest", &self.latest).finish_non_exhaustive()
    }
}

/// Why a profile cannot be used
#[derive(Debug, Error)]
pub enum ProfileError {
    /// Another process has it
    #[error("{}", tell!("profile-in-use", holder = holder, name = name))]
    InUse {
        /// The profile
        name: String,
        /// Which process
        holder: String,
    },
    /// The key file has something else in it
    #[error("{}", tell!("profile-garbage", file = %path.display()))]
    Garbage {
        /// The key file
        path: PathBuf,
    },
    /// Others could have read the key, or put another in its place
    #[error("{}", tell!("profile-exposed", file = %path.display(), remedy = remedy))]
    Exposed {
        /// The key file
        path: PathBuf,
        /// The command that mends it
        remedy: String,
    },
    /// A file cannot be read
    #[error("{}", tell!("profile-unreadable", file = %path.display(), reason = source.told()))]
    Unreadable {
        /// Which
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// A file cannot be written
    #[error("{}", tell!("profile-unwritable", file = %path.display(), reason = source.told()))]
    Unwritable {
        /// Which
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// No home directory
    #[error("{}", tell!("profile-homeless"))]
    Homeless,
    /// No random numbers
    #[error("{}", tell!("profile-random", reason = %_0))]
    Random(getrandom::Error),
}

/// Where the files of the profile of the settings are, if they are anywhere
///
/// # Errors
/// When there is no place for profiles
pub fn directory(settings: &Settings) -> Result<PathBuf, ProfileError> {
    let data = settings.data_dir.as_ref().ok_or(ProfileError::Homeless)?;
    Ok(data.join(settings.profile.as_str()))
}

/// The same, where those of the settings leave anything on the disk
pub fn directory_in_use(settings: &Settings) -> Option<PathBuf> {
    (!settings.ephemeral).then(|| directory(settings).ok()).flatten()
}

/// The profiles that there are in the place of the settings, in order; none where they cannot be read
pub fn names(settings: &Settings) -> Vec<String> {
    let profiles = settings.data_dir.as_ref().and_then(|data| fs::read_dir(data).ok());
    let profiles = profiles.into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = profiles
        .filter(|profile| profile.path().join(KEY).is_file())
        .filter_map(|profile| profile.file_name().into_string().ok())
        .filter(|name| ProfileName::new(name).is_ok())
        .collect();
    names.sort_unstable();
    names
}

fn lock(directory: &Path, name: &str) -> Result<File, ProfileError> {
    let path = directory.join("lock");
    let mut file = files::private().read(true).open(&path).map_err(unwritable(&path))?;
    files::hide_from_others(&path).map_err(unwritable(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(ProfileError::InUse { name: name.to_owned(), holder: holder(&mut file) });
        }
        Err(TryLockError::Error(source)) => return Err(ProfileError::Unwritable { path, source }),
    }
    let noted = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    noted.map_err(unwritable(&path))?;
    Ok(file)
}

fn holder(file: &mut File) -> String {
    let mut pid = String::new();
    // Where locks are mandatory the file cannot be read.
    match file.take(20).read_to_string(&mut pid).map(|_| pid.parse::<u32>()) {
        Ok(Ok(pid)) => tell!("profile-holder", pid = pid.to_string()),
        Ok(Err(_)) | Err(_) => tell!("profile-some-holder"),
    }
}

fn read_secret(directory: &Path) -> Result<Option<[u8; 32]>, ProfileError> {
    let path = directory.join(KEY);
    let mut bytes = Vec::new();
    let opened = match files::open_secret(&path) {
        Err(NotSecret::Exposed { remedy }) => return Err(ProfileError::Exposed { path, remedy }),
        Err(NotSecret::Unreadable(error)) => Err(error),
        Ok(file) => Ok(file),
    };
    match opened.and_then(|file| file.take(33).read_to_end(&mut bytes)) {
        Ok(_) => match bytes.try_into() {
            Ok(secret) => Ok(Some(secret)),
            Err(_) => Err(ProfileError::Garbage { path }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ProfileError::Unreadable { path, source }),
    }
}

const KEY: &str = "key";

fn create_secret(directory: &Path) -> Result<[u8; 32], ProfileError> {
    let secret = fresh_secret()?;
    replace(directory, KEY, &secret)?;
    Ok(secret)
}

fn fresh_secret() -> Result<[u8; 32], ProfileError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(ProfileError::Random)?;
    Ok(secret)
}

/// Stores the number of this start, `least` or more, before anybody hears of it
///
/// A number that cannot be read is no reason to stop: the clock alone is nearly always enough.
fn count_start(directory: &Path, least: u64) -> Result<u64, ProfileError> {
    let before = fs::read_to_string(directory.join(INCARNATION)).ok();
    let before = before.and_then(|number| number.trim().parse::<u64>().ok());
    let next = before.and_then(|before| before.checked_add(1)).filter(|next| *next <= MAX_INCARNATION);
    let incarnation = least.max(next.unwrap_or(0));
    replace(directory, INCARNATION, incarnation.to_string().as_bytes())?;
    Ok(incarnation)
}

const INCARNATION: &str = "incarnation";

/// The end of the year 9999: a greater number was not written here, and after the greatest of all no start would count
const MAX_INCARNATION: u64 = 253_402_300_799_999;

fn now() -> u64 {
    Timestamp::now().as_millisecond().try_into().unwrap_or_default()
}

fn replace(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), ProfileError> {
    files::replace_private(directory, name, bytes).map_err(unwritable(&directory.join(name)))
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> ProfileError {
    |source| ProfileError::Unwritable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{cli::Globals, settings::Login};

    #[test]
    fn a_profile_is_the_same_person_at_every_start_and_counts_them() {
        let home = TempDir::new().unwrap();
        let first = Profile::open(&settings(&home)).unwrap();
        let (secret, started) = (first.secret(), first.count_start().unwrap());
        drop(first);
        let second = Profile::open(&settings(&home)).unwrap();
        assert_eq!(second.secret(), secret);
        assert!(second.count_start().unwrap() > started);
    }

    #[test]
    fn nodes_of_one_person_start_one_after_the_other_and_the_person_is_let_go_of_after_all() {
        let home = TempDir::new().unwrap();
        for ephemeral in [false, true] {
            let settings = Settings { ephemeral, ..settings(&home) };
            let profile = Profile::open(&settings).unwrap();
            let starts = [(); 20].map(|()| profile.count_start().unwrap());
            assert!(starts.is_sorted_by(|one, next| one < next), "{starts:?}");
            assert_eq!(Profile::open(&settings).is_ok(), ephemeral);
        }
    }

    #[test]
    fn a_clock_set_back_does_not_repeat_a_start() {
        let home = TempDir::new().unwrap();
        Profile::open(&settings(&home)).unwrap().count_start().unwrap();
        let future = now() + 1_000_000;
        fs::write(home.path().join("default/incarnation"), future.to_string()).unwrap();
        assert_eq!(Profile::open(&settings(&home)).unwrap().count_start().unwrap(), future + 1);
    }

    #[test]
    fn a_count_of_starts_that_cannot_be_does_not_end_the_counting() {
        let home = TempDir::new().unwrap();
        drop(Profile::open(&settings(&home)).unwrap());
        for count in [u64::MAX, u64::MAX - 1, MAX_INCARNATION + 1] {
            fs::write(home.path().join("default/incarnation"), count.to_string()).unwrap();
            let start = || Profile::open(&settings(&home)).unwrap().count_start().unwrap();
            let first = start();
            assert!(first < start(), "{count}");
        }
    }

    #[test]
    fn a_profile_in_use_says_who_has_it_and_what_else_to_take() {
        let home = TempDir::new().unwrap();
        let held = Profile::open(&settings(&home)).unwrap();
        let message = Profile::open(&settings(&home)).unwrap_err().to_string();
        assert!(message.contains(&std::process::id().to_string()), "{message}");
        assert!(message.contains("--profile NAME") && message.contains("--ephemeral"), "{message}");
        assert_eq!(Profile::read_identity(&settings(&home)).unwrap(), held.secret());
    }

    #[test]
    fn a_key_file_with_something_else_in_it_is_left_as_it_is() {
        let home = TempDir::new().unwrap();
        fs::create_dir(home.path().join("default")).unwrap();
        let key = home.path().join("default/key");
        for garbage in [vec![], vec![7; 31], vec![7; 33], b"my diary".to_vec()] {
            files::replace_private(key.parent().unwrap(), KEY, &garbage).unwrap();
            let message = Profile::open(&settings(&home)).unwrap_err().to_string();
            assert!(message.contains(&key.display().to_string()), "{message}");
            assert_eq!(fs::read(&key).unwrap(), garbage);
        }
    }

    #[test]
    fn a_key_that_cannot_be_read_is_not_replaced() {
        let home = TempDir::new().unwrap();
        files::make_private_directory(&home.path().join("default/key")).unwrap();
        let message = Profile::open(&settings(&home)).unwrap_err().to_string();
        assert!(message.contains("default/key"), "{message}");
        assert!(home.path().join("default/key").is_dir());
    }

    #[test]
    fn a_data_directory_that_cannot_be_made_is_named() {
        let home = TempDir::new().unwrap();
        fs::write(home.path().join("file"), "").unwrap();
        let settings = Settings { data_dir: Some(home.path().join("file")), ..settings(&home) };
        let message = Profile::open(&settings).unwrap_err().to_string();
        assert!(message.contains("file/default") && message.contains("--data-dir"), "{message}");
        let homeless = Settings { data_dir: None, ..settings };
        assert!(matches!(Profile::open(&homeless), Err(ProfileError::Homeless)));
    }

    #[test]
    fn an_ephemeral_person_is_new_and_leaves_nothing() {
        let home = TempDir::new().unwrap();
        let settings = Settings { ephemeral: true, ..settings(&home) };
        let (one, other) = (Profile::open(&settings).unwrap(), Profile::open(&settings).unwrap());
        assert_ne!(one.secret(), other.secret());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;

        let home = TempDir::new().unwrap();
        drop(Profile::open(&settings(&home)).unwrap());
        let mode = |path: &str| fs::metadata(home.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("default"), mode("default/key"), mode("default/lock")), (0o700, 0o600, 0o600));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_and_left_as_it_is() {
        use std::os::unix::fs::PermissionsExt;

        let home = TempDir::new().unwrap();
        let secret = Profile::open(&settings(&home)).unwrap().secret();
        let key = home.path().join("default/key");
        let set_mode = |mode| fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        set_mode(0o640);
        for refused in [Profile::open(&settings(&home)).err(), Profile::read_identity(&settings(&home)).err()]
        {
            let message = refused.unwrap().to_string();
            assert!(message.contains(&format!("`chmod 600 {}`", key.display())), "{message}");
        }
        set_mode(0o600);
        assert_eq!(Profile::open(&settings(&home)).unwrap().secret(), secret);
    }

    #[test]
    fn the_secret_is_not_printed() {
        let home = TempDir::new().unwrap();
        let profile = Profile { secret: [42; 32], ..Profile::open(&settings(&home)).unwrap() };
        assert!(!format!("{profile:?}").contains("42, 42"));
    }

    fn settings(home: &TempDir) -> Settings {
        let globals = Globals { data_dir: Some(home.path().to_owned()), ..Globals::default() };
        Settings::resolve(globals, &Login::default()).unwrap()
    }
}
