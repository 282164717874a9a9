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
mod reading;
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

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use jiff::tz::TimeZone;
use lanchat_protocol::{RoomCode, RoomName};
use uuid::Uuid;

use self::{
    completion::Completion,
    conversation::{Conversation, Purpose},
    layout::Layout,
    room::Room,
    search::Search,
    secret::Asked,
};
pub use self::{
    key::{Code, Key},
    loading::Older,
    reading::Mark,
    room::Network,
    theme::Theme,
};
use crate::{
    command::Command,
    event::Event,
    sanitize::{Clean, clean_name},
    ui::plain::Plain,
    view::View,
};

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
    /// Keep [`Tui::marks`], for the next start
    Remember,
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
    /// Those with rooms, and then those with one person
    conversations: Vec<Conversation>,
    current: usize,
    mode: Mode,
    /// The codes of new rooms, each of which is shown once, whatever happens meanwhile
    new_rooms: VecDeque<(String, RoomCode)>,
    completion: Option<Completion>,
    presence: Presence,
    /// Whether somebody looks at the screen, as far as that can be told
    is_watched: bool,
    last_key: Duration,
    /// When it was told last that something is being typed
    typing_told: Option<Duration>,
    /// Whether Ctrl-C was typed, and the next one leaves
    is_leaving: bool,
    /// Why nothing came of the last key
    refusal: Option<String>,
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
            new_rooms: VecDeque::new(),
            completion: None,
            presence: Presence::Here,
            is_watched: true,
            last_key: Duration::ZERO,
            typing_told: None,
            is_leaving: false,
            refusal: None,
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
        for room in &mut self.rooms {
            self.is_changed |= room.forget_lost(self.now);
        }
        for conversation in &mut self.conversations {
            self.is_changed |= conversation.stop_typing(self.now);
        }
        if self.presence == Presence::Here && self.now >= self.last_key + IDLE {
            self.presence = Presence::Idle;
            self.stop_watching();
            self.do_here(Command::Away { note: None, auto: true });
        }
        std::mem::take(&mut self.actions)
    }

    /// When to call [`on_time`](Self::on_time) next, if nothing else happens
    pub fn due(&self) -> Option<Duration> {
        let idle = (self.presence == Presence::Here).then(|| self.last_key + IDLE);
        let lost = self.rooms.iter().filter_map(Room::lost_until);
        self.conversations.iter().filter_map(Conversation::typing_ends).chain(lost).chain(idle).min()
    }

    /// How the network of a room does
    pub fn on_network(&mut self, room: &str, network: Network) {
        let Some(room) = self.rooms.iter_mut().find(|known| known.name == room) else { return };
        self.is_changed |= room.on_network(self.now, network);
    }

    /// A private room was made: shows its code until it is read
    pub fn on_new_room(&mut self, room: &str, code: RoomCode) {
        self.new_rooms.push_back((room.to_owned(), code));
        self.is_changed = true;
    }

    /// Looks anew at who is in a room, before it is drawn
    pub fn refresh(&mut self, room: &str, view: &View) {
        let Some(known) = self.rooms.iter_mut().find(|known| known.name == room) else { return };
        if !known.is_stale() {
            return;
        }
        let called = known.refresh(view);
        for conversation in &mut self.conversations {
            conversation.log.call(&called);
            if let Some(id) = conversation.person().filter(|id| view.name_of(*id).is_some())
                && conversation.room == room
            {
                conversation.label = view.label(id).clean_name();
            }
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

    /// Another room has this name now: nothing of the one before is shown any more
    pub fn on_replaced(&mut self, room: &str) {
        self.rooms.retain(|known| known.name != room);
        self.words.remove(room);
        if let Some(index) = self.find(room, None) {
            self.conversations[index] = Conversation::new(room, None, clean_name(room));
        }
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
        let is_it = |known: &Conversation| known.person().is_some() || known.room == room;
        self.conversations.iter().position(|known| known.person() == person && is_it(known))
    }

    /// Goes to a conversation
    fn look_at(&mut self, index: usize) {
        if index >= self.conversations.len() {
            return;
        }
        if index != self.current {
            self.leave();
            self.current = index;
        }
        self.back_to_typing();
        if self.conversations[index].anchor.is_none() {
            self.conversations[index].see();
        }
        self.load_if_empty();
        self.is_changed = true;
    }

    /// The conversation with all in a room, which may begin with that
    fn open_room(&mut self, room: &str) -> usize {
        if let Some(index) = self.find(room, None) {
            return index;
        }
        let index = self.conversations.iter().take_while(|known| known.person().is_none()).count();
        self.conversations.insert(index, Conversation::new(room, None, clean_name(room)));
        if index <= self.current && self.conversations.len() > 1 {
            self.current += 1;
        }
        index
    }

    /// The conversation with one person, who is called this, through this room if it begins with that
    fn open_with(&mut self, room: &str, person: Uuid, label: Clean) -> usize {
        self.find(room, Some(person)).unwrap_or_else(|| {
            self.conversations.push(Conversation::new(room, Some(person), label));
            self.conversations.len() - 1
        })
    }

    /// Whether nothing is being typed or looked for that going elsewhere would tear apart
    fn is_free(&self) -> bool {
        let is_idle = |here: &Conversation| here.line.is_empty() && here.purpose() == Purpose::Say;
        matches!(self.mode, Mode::Type) && self.conversation().is_none_or(is_idle)
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
            Mode::Type | Mode::Select | Mode::Help(_) | Mode::Secret(_) => "",
        };
        Layout { conversation, room, zone: &self.zone, theme: self.theme, width, wanted }
    }
}
