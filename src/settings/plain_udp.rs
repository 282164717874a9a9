//! How to speak with programs that are not lanchat

use super::SettingsError;
use crate::{cli::PlainUdpOptions, raw::encodings::Choice};

/// Plain datagrams beside the room
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainUdp {
    /// The UDP port that guests send to
    pub port: Option<u16>,
    /// Whether the room hears them, too
    pub relay: bool,
    /// How their text is encoded
    pub encoding: Choice,
}

impl PlainUdp {
    pub(super) fn resolve(
        given: PlainUdpOptions,
        port: Option<u16>,
        relay: bool,
        encoding: Option<String>,
        room_port: u16,
    ) -> Result<Self, SettingsError> {
        let encoding = given.raw_encoding.or(encoding).map(|name| name.parse()).transpose()?;
        let settings = Self {
            port: given.raw_port.or(port),
            relay: given.raw_relay.unwrap_or(relay),
            encoding: encoding.unwrap_or_default(),
        };
        if settings.relay && settings.port.is_none() {
            return Err(SettingsError::NothingToRelay);
        }
        if settings.port == Some(room_port) {
            return Err(SettingsError::RoomPort { port: room_port });
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_before_the_file() {
        let given =
            PlainUdpOptions { raw_port: Some(9999), raw_encoding: Some("big5".into()), raw_relay: None };
        let settings = PlainUdp::resolve(given, Some(1), true, Some("gbk".into()), 25_252).unwrap();
        assert_eq!(
            (settings.port, settings.relay, settings.encoding.to_string().as_str()),
            (Some(9999), true, "big5")
        );
        let nothing = PlainUdp::resolve(PlainUdpOptions::default(), None, false, None, 25_252).unwrap();
        assert_eq!(nothing, PlainUdp::default());
    }

    #[test]
    fn what_cannot_be_is_told() {
        let relay = PlainUdp::resolve(PlainUdpOptions::default(), None, true, None, 25_252);
        assert!(matches!(relay, Err(SettingsError::NothingToRelay)));
        let encoding =
            PlainUdp::resolve(PlainUdpOptions::default(), None, false, Some("klingon".into()), 25_252);
        assert!(encoding.unwrap_err().to_string().contains("klingon"));
        let port = PlainUdp::resolve(PlainUdpOptions::default(), Some(9_000), false, None, 9_000);
        assert!(matches!(port, Err(SettingsError::RoomPort { port: 9_000 })));
    }
}
