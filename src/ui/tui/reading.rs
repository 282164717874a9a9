//! How far conversations were read: what is new is counted and marked from there on, also after a restart

use uuid::Uuid;

use super::{
    Action, Tui,
    conversation::Conversation,
    log::{Item, Position},
};
use crate::{event::Place, sanitize::Clean};

/// How far one conversation was read
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// That with all in a room
    Room {
        /// Its name
        room: String,
        /// The place of the last line that was seen, if there is one
        upto: Option<Place>,
    },
    /// That with one person
    Person {
        /// Who
        id: Uuid,
        /// The last whisper that was seen, if there is one
        upto: Option<Uuid>,
    },
}

impl Tui {
    /// How far each conversation was read, with that which is looked at first
    pub fn marks(&self) -> Vec<Mark> {
        let (before, from) = self.conversations.split_at(self.current.min(self.conversations.len()));
        let others = from.iter().skip(1);
        from.iter().take(1).chain(before).chain(others).map(Conversation::mark).collect()
    }

    /// Goes on with the conversation with somebody, which was through this room
    pub fn on_kept(&mut self, room: &str, person: Uuid, label: Clean) {
        let room = self.rooms.iter().find(|known| known.name == room).or_else(|| self.rooms.first());
        if let Some(room) = room.map(|known| known.name.clone()) {
            self.open_with(&room, person, label);
        }
    }

    /// Conversations were read so far before; what came since is read as far as it is kept
    pub fn on_marks(&mut self, marks: Vec<Mark>) {
        for mark in marks {
            let found = match &mark {
                Mark::Room { room, .. } => self.find(room, None),
                Mark::Person { id, .. } => self.find("", Some(*id)),
            };
            if let Some(index) = found {
                self.conversations[index].restore(mark);
            }
        }
        (0..self.conversations.len()).for_each(|index| self.load_in(index));
    }

    /// Looks at the conversation with somebody, if there is one
    pub fn go_to_person(&mut self, id: Uuid) {
        if let Some(index) = self.find("", Some(id)) {
            self.look_at(index);
        }
    }

    /// The window came to the front, or went from there
    pub fn on_focus(&mut self, is_in_front: bool) -> Vec<Action> {
        if is_in_front {
            self.watch();
        } else {
            self.stop_watching();
        }
        self.take_actions()
    }

    /// Whoever sits here looks at the screen
    pub(super) fn watch(&mut self) {
        if !std::mem::replace(&mut self.is_watched, true)
            && let Some(here) = self.conversation_mut().filter(|here| here.anchor.is_none())
        {
            here.see();
            self.is_changed = true;
        }
    }

    /// What comes from now on is seen by nobody
    pub(super) fn stop_watching(&mut self) {
        if std::mem::replace(&mut self.is_watched, false) {
            self.leave();
        }
    }

    /// The conversation that is looked at is not any more
    pub(super) fn leave(&mut self) {
        if let Some(here) = self.conversation_mut() {
            here.leave();
        }
        self.actions.push(Action::Remember);
    }

    /// Whether what is new there is seen at once
    pub(super) fn is_seen(&self, index: usize) -> bool {
        self.is_watched && self.current == index && self.conversations[index].anchor.is_none()
    }
}

impl Conversation {
    /// Whoever sits here sees all of it now
    pub(super) fn see(&mut self) {
        // Before anything was read from the disk, nobody knows what is new.
        if self.unread == 0 && self.log.lines() > 0 {
            self.seen = None;
        }
        (self.unread, self.mentions) = (0, 0);
    }

    pub(super) fn leave(&mut self) {
        (self.selected, self.read) = (None, None);
        if self.unread == 0 && self.log.lines() > 0 {
            self.seen = self.log.last();
        }
    }

    /// What was read from the disk is in the log
    pub(super) fn on_read(&mut self, is_seen: bool) {
        if let Some(Mark::Person { upto, .. }) = self.mark.take_if(|mark| matches!(mark, Mark::Person { .. }))
        {
            let read = upto.and_then(|id| self.log.position(id));
            let first = self.log.upto(None).next().map(|(first, _)| first);
            let before = first.map(|first| Position { number: first.number.saturating_sub(1), ..first });
            self.seen = read.or(before);
        }
        let Some(seen) = self.seen else { return };
        let is_new = |(_, item): &(Position, &Item)| matches!(item, Item::Said(said) if !said.own);
        let unread = self.log.behind_of(seen).filter(is_new).count();
        let mentions = self.log.behind_of(seen).filter(|(_, item)| {
            matches!(item, Item::Said(said) if !said.own && (said.mentions_me || self.person().is_some()))
        });
        match (is_seen, unread) {
            // Others may still bring what was said behind it.
            (true, 0) => self.read = self.seen.take(),
            (true, _) => {}
            (false, _) => (self.unread, self.mentions) = (unread, mentions.count()),
        }
    }

    fn restore(&mut self, mark: Mark) {
        if let Mark::Room { upto: Some(place), .. } = mark {
            self.seen = Some(Position { place: Some(place), number: i64::MAX });
        }
        self.mark = Some(mark);
    }

    fn mark(&self) -> Mark {
        let last = if self.unread == 0 { self.log.last() } else { self.seen };
        let mut upto = last.into_iter().flat_map(|last| self.log.upto(Some(last)).rev());
        let read = upto.find_map(|(at, item)| match item {
            Item::Said(said) => Some((at.place, said.id)),
            Item::Notice(_) => None,
        });
        match (read, &self.mark, self.person()) {
            (None, Some(mark), _) => mark.clone(),
            (read, _, Some(id)) => Mark::Person { id, upto: read.map(|(_, id)| id) },
            (read, _, None) => {
                Mark::Room { room: self.room.clone(), upto: read.and_then(|(place, _)| place) }
            }
        }
    }
}
