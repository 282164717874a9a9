//! The config file

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{SettingsError, retention::FileRetention};
use crate::lang::{self, Language, tell};

/// The config file: the global options by their names
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FileSettings {
    pub(super) room: OneOrMore,
    pub(super) private: Option<bool>,
    pub(super) room_code_file: Option<PathBuf>,
    pub(super) weak_code: bool,
    pub(super) name: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) interface: OneOrMore,
    pub(super) peer: OneOrMore,
    pub(super) profile: Option<String>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) raw_port: Option<u16>,
    pub(super) raw_relay: bool,
    pub(super) raw_encoding: Option<String>,
    pub(super) retention: FileRetention,
    pub(super) ephemeral: bool,
    pub(super) json: bool,
    pub(super) plain: bool,
    pub(super) notify: Option<String>,
    pub(super) typing: Option<bool>,
    pub(super) verbose: u8,
    pub(super) lang: Option<String>,
}

impl FileSettings {
    /// Reads the named file, or the usual one if it is there
    pub(super) fn load(named: Option<&Path>, usual: Option<&Path>) -> Result<Self, SettingsError> {
        let Some(path) = named.or(usual) else {
            return Ok(Self::default());
        };
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if named.is_none() && is_absent(&error) => Ok(Self::default()),
            Err(source) => Err(SettingsError::Unreadable { path: path.to_owned(), source }),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, SettingsError> {
        let invalid = |at: usize, message: &str| SettingsError::Invalid {
            path: path.to_owned(),
            line: 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count(),
            message: message.replace('\n', " "),
        };
        let file: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            invalid(at, &reason(error.message(), text, at))
        })?;
        match (file.json && file.plain, file.port, file.raw_port) {
            (true, ..) => Err(invalid(0, &tell!("config-two-formats"))),
            (false, Some(0), _) => Err(invalid(0, &tell!("config-port", key = "port"))),
            (false, _, Some(0)) => Err(invalid(0, &tell!("config-port", key = "raw_port"))),
            (false, ..) => Ok(file),
        }
    }
}

/// What is wrong with the line there; what others say about that, they say in English
fn reason(message: &str, text: &str, at: usize) -> String {
    if lang::chosen() == Language::English || !message.is_ascii() {
        return message.to_owned();
    }
    let begin = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    tell!("config-line", line = line.trim())
}

/// The language that is asked for in the text of a file, whatever else is in it
pub(crate) fn language_in(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct FileLanguage {
        lang: String,
    }
    toml::from_str::<FileLanguage>(text).ok().map(|file| file.lang)
}

/// An option that can be repeated
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a text in quotes, or a list of them")]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl From<OneOrMore> for Vec<String> {
    fn from(values: OneOrMore) -> Self {
        match values {
            OneOrMore::One(value) => vec![value],
            OneOrMore::More(values) => values,
        }
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_file_and_line() {
        let message = refused("room = 'attic'\nnmae = 'ann'\n");
        assert!(message.contains("`nmae`") && message.contains("line 2"), "{message}");
        assert!(message.contains("/home/lanchat.toml") && !message.contains('\n'), "{message}");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for text in ["port = 0", "port = 70000", "json = true\nplain = true", "name = [1, 2", "name = 3"] {
            assert!(refused(text).contains("line "), "{text}");
        }
    }

    #[test]
    fn a_file_that_was_named_must_be_there_and_the_usual_one_need_not() {
        let nowhere = Some(Path::new("/nowhere/lanchat.toml"));
        let message = FileSettings::load(nowhere, None).unwrap_err().to_string();
        assert!(message.contains("/nowhere/lanchat.toml") && message.contains("--config"), "{message}");
        assert!(FileSettings::load(None, nowhere).is_ok());
    }

    #[test]
    fn an_option_that_repeats_is_a_list_unless_there_is_but_one() {
        let interfaces = |text: &str| Vec::from(parse(text).unwrap().interface);
        assert_eq!(interfaces("interface = 'eth0'"), ["eth0"]);
        assert_eq!(interfaces("interface = ['eth0', 'lo']"), ["eth0", "lo"]);
        assert!(refused("interface = 3").contains("a text in quotes, or a list of them"));
    }

    fn parse(text: &str) -> Result<FileSettings, SettingsError> {
        FileSettings::parse(text, Path::new("/home/lanchat.toml"))
    }

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }
}
