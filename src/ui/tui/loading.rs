//! Older lines: asked for when one comes near the top, and taken in when they are read

use uuid::Uuid;

use super::{Action, Mode, Tui, hearing::said, log::Said};
use crate::{
    event::{Event, Place},
    view::View,
};

/// What is to be read of what was said before
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Older {
    /// Of which room
    pub room: String,
    /// What was whispered with somebody, rather than what was said to all
    pub with: Option<Uuid>,
    /// What stands before this place; the end without it
    pub before: Option<Place>,
    /// So many, the newest of them
    pub count: usize,
}

/// As many as one looks at in a while
const PAGE: usize = 200;
/// The same while nobody looks, only a machine
const LONG_PAGE: usize = 2_000;

impl Tui {
    /// Takes in what was asked for, the oldest first; fewer than were asked for are all that there are
    pub fn on_older(&mut self, older: &Older, events: &[Event], view: &View) {
        self.is_changed = true;
        let Some(index) = self.find(&older.room, older.with) else { return };
        let is_seen = self.is_seen(index);
        let conversation = &mut self.conversations[index];
        conversation.is_loading = false;
        conversation.log.is_whole = events.iter().filter(|event| event.is_past()).count() < older.count;
        let lines = events.iter().filter_map(|event| said(event, view));
        match older.with {
            None => lines.filter(|(with, ..)| with.is_none()).for_each(|(_, place, said)| {
                conversation.log.insert(place, said);
            }),
            Some(person) => {
                let lines = lines.filter(|(with, ..)| *with == Some(person));
                let lines: Vec<Said> = lines.map(|(.., said)| said).collect();
                conversation.log.prepend(lines);
            }
        }
        events.iter().for_each(|event| conversation.log.on_change(event));
        conversation.on_read(is_seen);
        self.search_on();
    }

    /// What there is to be done since, beside what keys ask for
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    pub(super) fn load_if_empty(&mut self) {
        if self.conversation().is_some_and(|conversation| conversation.log.lines() < PAGE) {
            self.load();
        }
    }

    /// Asks for older lines, if there may be some
    pub(super) fn load(&mut self) {
        self.load_in(self.current);
    }

    pub(super) fn load_in(&mut self, index: usize) {
        let is_searching = matches!(self.mode, Mode::Search(_));
        let conversation = self.conversations.get_mut(index);
        let Some(conversation) = conversation.filter(|conversation| conversation.can_load()) else { return };
        conversation.is_loading = true;
        let page = if is_searching { LONG_PAGE } else { PAGE };
        let (room, with) = (conversation.room.clone(), conversation.person());
        // Whispers have no places: one reads more of them, and leaves out what is there.
        let older = match with {
            None => Older { room, with, before: conversation.log.oldest(), count: page },
            Some(_) => Older { room, with, before: None, count: conversation.log.lines() + page },
        };
        self.actions.push(Action::Load(older));
    }
}
