//! How somebody is called whose mind is elsewhere

use std::str::FromStr;

use thiserror::Error;

use crate::lang::tell;

/// The ways in which whispers and mentions call the person
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notify {
    /// The desktop shows who said what
    pub desktop: bool,
    /// The terminal rings its bell
    pub bell: bool,
}

impl Notify {
    /// No way at all
    pub const OFF: Self = Self { desktop: false, bell: false };

    /// Whether there is one
    pub fn any(self) -> bool {
        self.desktop || self.bell
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self { desktop: true, bell: true }
    }
}

impl FromStr for Notify {
    type Err = NoWay;

    /// Reads `desktop`, `bell`, both with a comma between them, or `off`
    fn from_str(text: &str) -> Result<Self, NoWay> {
        if text.trim() == "off" {
            return Ok(Self::OFF);
        }
        text.split(',').map(str::trim).try_fold(Self::OFF, |ways, way| match way {
            "desktop" => Ok(Self { desktop: true, ..ways }),
            "bell" => Ok(Self { bell: true, ..ways }),
            other => Err(NoWay(other.to_owned())),
        })
    }
}

/// It is no way to call somebody
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", tell!("notify-no-way", way = format!("{_0:?}")))]
pub struct NoWay(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_read_and_others_named() {
        let read = |text: &str| text.parse::<Notify>();
        assert_eq!(read("desktop,bell"), Ok(Notify::default()));
        assert_eq!(read("bell"), Ok(Notify { desktop: false, bell: true }));
        assert_eq!(read("off"), Ok(Notify::OFF));
        assert!(read("smoke").unwrap_err().to_string().contains("\"smoke\""));
        assert!(read("").is_err());
    }
}
