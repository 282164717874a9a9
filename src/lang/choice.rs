//! Which language it is: the flag, the variable, the config file, the locale

use std::{borrow::Cow, ffi::OsString, fmt, path::PathBuf, str::FromStr};

use thiserror::Error;

use super::tell;
use crate::{
    platform,
    settings::{self, Login},
};

/// A language that all texts are there in
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English
    #[default]
    English,
    /// Chinese, in simplified characters
    Chinese,
}

impl Language {
    /// All of them
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its tag (BCP 47), which is also the name of its file
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    pub(super) fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../lang/en.ftl"),
            Self::Chinese => include_str!("../../lang/zh-CN.ftl"),
        }
    }

    /// That of a locale such as `zh_CN.UTF-8` or `zh-Hans-CN`; English where it is none of these
    ///
    /// Who reads traditional characters reads simplified ones more easily than English.
    fn of_locale(locale: &str) -> Self {
        locale.parse().unwrap_or_default()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        match text.split(['-', '_', '.', '@']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Ok(Self::English),
            "zh" => Ok(Self::Chinese),
            _ => Err(UnknownLanguage { given: text.to_owned() }),
        }
    }
}

/// No language that texts are there in
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", tell!("language-unknown", given = given))]
pub struct UnknownLanguage {
    /// What was given
    pub given: String,
}

/// The language for a start with these arguments, before anything else is made of them
///
/// What makes no sense here is told later, by whoever reads all of the arguments and the file.
pub fn of_start(arguments: &[OsString]) -> Language {
    let variable = |name: &str| std::env::var(name).ok();
    let asked = typed(arguments, "--lang").or_else(|| variable("LANCHAT_LANG"));
    let of_the_file = || {
        let named = typed(arguments, "--config").or_else(|| variable("LANCHAT_CONFIG"));
        let file = named.map(PathBuf::from).or_else(|| Login::current().config)?;
        settings::language_in(&std::fs::read_to_string(file).ok()?)
    };
    let asked = asked.filter(|asked| !asked.is_empty()).or_else(of_the_file);
    let asked = asked.and_then(|asked| asked.parse().ok());
    asked.unwrap_or_else(|| Language::of_locale(&locale(variable)))
}

/// The value of the last such option before what is no option any more
fn typed(arguments: &[OsString], option: &str) -> Option<String> {
    let words = arguments.iter().map(|word| word.to_string_lossy());
    let words: Vec<_> = words.take_while(|word| word != "--").collect();
    let value = |(at, word): (usize, &Cow<'_, str>)| match word.strip_prefix(option)? {
        "" => words.get(at + 1).map(|value| value.to_string()),
        rest => rest.strip_prefix('=').map(str::to_owned),
    };
    words.iter().enumerate().rev().find_map(value)
}

fn locale(variable: impl Fn(&str) -> Option<String>) -> String {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| variable(name).filter(|locale| !locale.is_empty()));
    set.or_else(platform::language::of_the_system).unwrap_or_default()
}
