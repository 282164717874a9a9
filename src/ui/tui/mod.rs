//! The full-screen interface: a pure machine that takes events and keys, and draws what they add up to
//!
//! It touches neither terminal nor clock: whoever drives it hands over keys, events and the time, does what
//! [`Action`]s ask for, and lets it draw when [`Tui::is_changed`] says so.

mod acting;
mod completion;
mod conversation;
mod draw;
mod hearing;
mod key;
mod layout;
mod line;
mod lists;
mod loading;
mod log;
mod room;
mod scroll;
mod search;
mod secret;
mod selecting;
#[cfg(test)]
mod tests;
mod theme;
mod typed;
mod typing;
mod wrap;

use std::{collections::BTreeMap, time::Duration};

use jiff::tz::TimeZone;
use lanchat_protocol::{RoomCode, RoomName};
use uuid::Uuid;

use self::{
    completion::Completion,
    conversation::{Conversation, With},
    layout::Layout,
    room::Room,
    search::Search,
    secret::Asked,
    typed::Typed,
};
pub use self::{
    key::{Code, Key},
    loading::Older,
    room::Network,
    theme::Theme,
};
use crate::{command::Command, event::Event, ui::plain::Plain, view::View};

/// Something that is to be done for whoever sits here
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// A command, in this room
    Do {
        /// The room that is looked at, or whose the conversation is
        room: String,
        /// What
        command: Command,
    },
    /// Go to a room, with the code that was typed unseen; without one it is open, or its key is remembered
    Enter {
        /// The room
        room: RoomName,
        /// Its code
        code: Option<RoomCode>,
    },
    /// Read what was said before, and hand it to [`Tui::on_older`]
    Load(Older),
    /// Another room is looked at
    LookAt {
        /// Its name
        room: String,
    },
    /// Stop the program until the shell goes on with it
    Suspend,
    /// Draw everything anew
    Redraw,
    /// Say goodbye and end
    Quit,
}

/// What keys are for at the moment
#[derive(Debug)]
enum Mode {
    Type,
    Select,
    Search(Search),
    /// With how many rows of it are above the window
    Help(usize),
    Secret(Asked),
    /// The code of a new room, which is shown once
    NewRoom {
        room: String,
        code: RoomCode,
    },
}

/// Whether one is away
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Here,
    /// Since nothing was typed for a while
    Idle,
    /// Since one said so
    Away,
}

/// The interface
#[derive(Debug)]
pub struct Tui {
    zone: TimeZone,
    theme: Theme,
    width: u16,
    height: u16,
    now: Duration,
    rooms: Vec<Room>,
    /// What says in words what no conversation shows by itself, by room
    words: BTreeMap<String, Plain>,
    /// Those of one room stand together, with everybody first
    conversations: Vec<Conversation>,
    current: usize,
    mode: Mode,
    typed: Typed,
    completion: Option<Completion>,
    presence: Presence,
    last_key: Duration,
    /// When it was told last that something is being typed
    typing_told: Option<Duration>,
    /// Whether Ctrl-C was typed, and the next one leaves
    is_leaving: bool,
    /// Whether lists are shown where they cover something
    has_lists: bool,
    is_changed: bool,
    actions: Vec<Action>,
}

/// After so long without a key one is away
const IDLE: Duration = Duration::from_secs(600);

impl Tui {
    /// An interface of this size in columns and rows, with the time zone that times are shown in
    pub fn new(zone: TimeZone, theme: Theme, (width, height): (u16, u16)) -> Self {
        Self {
            zone,
            theme,
            width,
            height,
            now: Duration::ZERO,
            rooms: Vec::new(),
            words: BTreeMap::new(),
            conversations: Vec::new(),
            current: 0,
            mode: Mode::Type,
            typed: Typed::default(),
            completion: None,
            presence: Presence::Here,
            last_key: Duration::ZERO,
            typing_told: None,
            is_leaving: false,
            has_lists: false,
            is_changed: true,
            actions: Vec::new(),
        }
    }

    /// The window has another size now, in columns and rows
    pub fn on_resize(&mut self, width: u16, height: u16) {
        (self.width, self.height, self.is_changed) = (width, height, true);
    }

    /// So long is it since the start; what is due is done
    pub fn on_time(&mut self, now: Duration) -> Vec<Action> {
        self.now = self.now.max(now);
        for conversation in &mut self.conversations {
            self.is_changed |= conversation.stop_typing(self.now);
        }
        if self.presence == Presence::Here && self.now >= self.last_key + IDLE {
            self.presence = Presence::Idle;
            self.do_here(Command::Away { note: None, auto: true });
        }
        std::mem::take(&mut self.actions)
    }

    /// When to call [`on_time`](Self::on_time) next, if nothing else happens
    pub fn due(&self) -> Option<Duration> {
        let idle = (self.presence == Presence::Here).then(|| self.last_key + IDLE);
        self.conversations.iter().filter_map(Conversation::typing_ends).chain(idle).min()
    }

    /// How the network of a room does
    pub fn on_network(&mut self, room: &str, network: Network) {
        let Some(room) = self.rooms.iter_mut().find(|known| known.name == room) else { return };
        if room.network != network {
            (room.network, self.is_changed) = (network, true);
        }
    }

    /// A private room was made: shows its code until a key is pressed
    pub fn on_new_room(&mut self, room: &str, code: RoomCode) {
        self.mode = Mode::NewRoom { room: room.to_owned(), code };
        self.is_changed = true;
    }

    /// Looks anew at who is in a room, before it is drawn
    pub fn refresh(&mut self, room: &str, view: &View) {
        if let Some(room) = self.rooms.iter_mut().find(|known| known.name == room) {
            room.refresh(view);
        }
    }

    /// Whether there is something to draw since [`is_drawn`](Self::is_drawn) was called
    pub fn is_changed(&self) -> bool {
        self.is_changed || self.rooms.iter().any(Room::is_stale)
    }

    /// What there was to draw has been drawn
    pub fn is_drawn(&mut self) {
        self.is_changed = false;
    }

    /// The room that is looked at
    pub fn room(&self) -> &str {
        self.conversations.get(self.current).map_or("", |conversation| conversation.room.as_str())
    }

    /// Looks at a room, if one is there
    pub fn go_to(&mut self, room: &str) {
        if let Some(index) = self.find(room, None) {
            self.look_at(index);
        }
    }

    /// Whether it is known already that one is in a room, as this says
    pub fn knows(&self, room: &str, ready: &Event) -> bool {
        self.rooms.iter().any(|known| known.name == room && known.is_as(ready))
    }

    fn conversation(&self) -> Option<&Conversation> {
        self.conversations.get(self.current)
    }

    fn conversation_mut(&mut self) -> Option<&mut Conversation> {
        self.conversations.get_mut(self.current)
    }

    fn room_of(&self, conversation: &Conversation) -> Option<&Room> {
        self.rooms.iter().find(|room| room.name == conversation.room)
    }

    fn find(&self, room: &str, person: Option<Uuid>) -> Option<usize> {
        self.conversations.iter().position(|known| known.room == room && known.person() == person)
    }

    /// Goes to a conversation
    fn look_at(&mut self, index: usize) {
        if index >= self.conversations.len() {
            return;
        }
        if index != self.current {
            let before = self.room().to_owned();
            if let Some(left) = self.conversation_mut() {
                (left.seen, left.selected) = (None, None);
            }
            self.current = index;
            if self.room() != before {
                self.actions.push(Action::LookAt { room: self.room().to_owned() });
            }
            self.mode = Mode::Type;
        }
        self.completion = None;
        if self.conversations[index].anchor.is_none() {
            self.conversations[index].see();
        }
        self.load_if_empty();
        self.is_changed = true;
    }

    /// Goes to the conversation with somebody, which may begin with that
    fn open(&mut self, room: &str, with: With) -> usize {
        let person = match &with {
            With::All => None,
            With::One(id, _) => Some(*id),
        };
        if let Some(index) = self.find(room, person) {
            return index;
        }
        let behind = self.conversations.iter().rposition(|known| known.room == room);
        let index = behind.map_or(self.conversations.len(), |last| last + 1);
        self.conversations.insert(index, Conversation::new(room, with));
        if index <= self.current && self.conversations.len() > 1 {
            self.current += 1;
        }
        index
    }

    fn do_here(&mut self, command: Command) {
        let room = self.room().to_owned();
        if !room.is_empty() {
            self.actions.push(Action::Do { room, command });
        }
    }

    fn layout<'a>(&'a self, conversation: &'a Conversation, room: &'a Room, width: usize) -> Layout<'a> {
        let wanted = match &self.mode {
            Mode::Search(search) => search.wanted.text(),
            Mode::Type | Mode::Select | Mode::Help(_) | Mode::Secret(_) | Mode::NewRoom { .. } => "",
        };
        Layout { conversation, room, zone: &self.zone, theme: self.theme, width, wanted }
    }
}
