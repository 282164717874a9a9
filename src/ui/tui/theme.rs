//! Colours: the terminal's own ground and its 16 colours, so that light and dark ones both read well

use ratatui::style::{Color, Modifier, Style};
use uuid::Uuid;

/// How things look
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    is_coloured: bool,
}

impl Theme {
    /// Without colours where `NO_COLOR` asks for that
    pub fn of_environment() -> Self {
        Self { is_coloured: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) }
    }

    /// With colours, or with weights alone
    pub fn new(is_coloured: bool) -> Self {
        Self { is_coloured }
    }

    /// What is there and does not matter much
    pub(super) fn calm(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    pub(super) fn bar(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Something that speaks to whoever sits here
    pub(super) fn mention(self) -> Style {
        self.coloured(Color::Magenta).add_modifier(Modifier::BOLD)
    }

    /// What was looked for
    pub(super) fn found(self) -> Style {
        self.coloured(Color::Yellow).add_modifier(Modifier::REVERSED)
    }

    pub(super) fn answer(self) -> Style {
        self.coloured(Color::Cyan)
    }

    pub(super) fn error(self) -> Style {
        self.coloured(Color::Red)
    }

    pub(super) fn alarm(self) -> Style {
        self.coloured(Color::Red).add_modifier(Modifier::BOLD)
    }

    pub(super) fn good(self) -> Style {
        self.coloured(Color::Green)
    }

    /// The colour of somebody's name, the same everywhere
    pub(super) fn person(self, id: Uuid) -> Style {
        let sum = id.as_bytes().iter().fold(0_usize, |sum, byte| sum * 31 % 1_009 + usize::from(*byte));
        self.coloured(PEOPLE[sum % PEOPLE.len()]).add_modifier(Modifier::BOLD)
    }

    fn coloured(self, colour: Color) -> Style {
        if self.is_coloured { Style::new().fg(colour) } else { Style::new() }
    }
}

/// Those of the 16 that can be read on white as well as on black
const PEOPLE: [Color; 5] = [Color::Red, Color::Green, Color::Blue, Color::Magenta, Color::Cyan];
