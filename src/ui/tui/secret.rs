//! Typing the code of a room, which nobody sees

use lanchat_protocol::{RoomCode, RoomName};

use super::line::Line;
use crate::{
    lang::{Told as _, tell},
    rooms::code::weakness,
};

/// A code that is asked for
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) room: RoomName,
    pub(super) line: Line,
    /// What is said above the line
    pub(super) says: String,
    /// A code that can be guessed, until it is taken all the same
    weak: Option<RoomCode>,
}

/// What came of Enter
#[derive(Debug)]
pub(super) enum Answer {
    /// Go there, with the code if there is one
    Enter(RoomName, Option<RoomCode>),
    /// Something else is to be typed
    Again,
}

impl Asked {
    pub(super) fn new(room: RoomName) -> Self {
        let says = tell!("tui-code", room = room.as_str());
        Self { room, line: Line::default(), says, weak: None }
    }

    /// Whether what is typed may be seen
    pub(super) fn is_open(&self) -> bool {
        self.weak.is_some()
    }

    /// Takes what was typed
    pub(super) fn take(&mut self) -> Answer {
        let typed = self.line.take();
        if let Some(code) = self.weak.take() {
            if tell!("tui-yes").split(' ').any(|yes| typed.trim().eq_ignore_ascii_case(yes)) {
                return Answer::Enter(self.room.clone(), Some(code));
            }
            self.says = tell!("tui-code", room = self.room.as_str());
            return Answer::Again;
        }
        if typed.trim().is_empty() {
            return Answer::Enter(self.room.clone(), None);
        }
        match RoomCode::new(&typed) {
            Err(error) => self.says = error.told(),
            Ok(code) => match weakness(&code, &self.room) {
                None => return Answer::Enter(self.room.clone(), Some(code)),
                Some(cost) => {
                    self.says = tell!("tui-weak-code", cost = cost);
                    self.weak = Some(code);
                }
            },
        }
        Answer::Again
    }
}
