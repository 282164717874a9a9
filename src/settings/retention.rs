//! How much of a room is kept: the table `[retention]` of the config file

use std::{ops::RangeInclusive, time::Duration};

use lanchat_protocol::Retention;
use serde::{Deserialize, Deserializer, de::Error};
use toml::Value;

use crate::lang::tell;

/// The table as it stands in the file
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FileRetention {
    #[serde(deserialize_with = "entries")]
    entries: Option<usize>,
    #[serde(deserialize_with = "bytes")]
    bytes: Option<usize>,
    #[serde(deserialize_with = "days")]
    days: Option<u32>,
}

impl From<FileRetention> for Retention {
    fn from(file: FileRetention) -> Self {
        let usual = Self::default();
        Self {
            entries: file.entries.unwrap_or(usual.entries),
            bytes: file.bytes.unwrap_or(usual.bytes),
            age: file.days.map_or(usual.age, |days| DAY * days),
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn entries<'de, D: Deserializer<'de>>(value: D) -> Result<Option<usize>, D::Error> {
    number(value, "entries", 100..=100_000)
}

fn bytes<'de, D: Deserializer<'de>>(value: D) -> Result<Option<usize>, D::Error> {
    number(value, "bytes", 65_536..=67_108_864)
}

fn days<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    number(value, "days", 1..=36_500)
}

fn number<'de, D: Deserializer<'de>, T: TryFrom<i64>>(
    value: D,
    key: &str,
    range: RangeInclusive<i64>,
) -> Result<Option<T>, D::Error> {
    let given = Value::deserialize(value)?.as_integer().filter(|number| range.contains(number));
    given.and_then(|number| T::try_from(number).ok()).map(Some).ok_or_else(|| {
        let (least, most) = range.into_inner();
        D::Error::custom(tell!("config-retention", key = key, least = least, most = most))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        retention: FileRetention,
    }

    fn read(text: &str) -> Result<Retention, String> {
        let file: Result<File, _> = toml::from_str(&format!("[retention]\n{text}"));
        file.map(|file| file.retention.into()).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert_eq!(read(""), Ok(Retention::default()));
        let retention = Retention { age: DAY * 30, ..Retention::default() };
        assert_eq!(read("days = 30"), Ok(retention));
        let retention = Retention { entries: 100_000, bytes: 65_536, ..Retention::default() };
        assert_eq!(read("entries = 100000\nbytes = 65_536"), Ok(retention));
    }

    #[test]
    fn what_cannot_be_names_the_key_and_what_can() {
        for (text, key) in [
            ("entries = 99", "retention.entries"),
            ("entries = 100001", "retention.entries"),
            ("bytes = '16 MiB'", "retention.bytes"),
            ("bytes = 67108865", "retention.bytes"),
            ("days = -1", "retention.days"),
            ("days = 1.5", "retention.days"),
            ("weeks = 2", "weeks"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(key) && !message.contains('\n'), "{message}");
        }
    }
}
