//! Several rooms at once: the sessions of one person in one program, driven by whoever awaits [`House::next`]

mod doors;
mod happening;
mod routing;
mod waiting;

use std::{
    collections::{BTreeSet, VecDeque},
    path::Path,
    sync::Arc,
};

use lanchat_protocol::{Away, Name, Room, RoomName};

pub use self::{doors::NotLeft, happening::Happening};
use self::{
    doors::{Doors, Entry},
    waiting::Waiting,
};
use crate::{
    event::{Event, RoomInfo},
    home::{Home, Place},
    rooms::{
        Entrance,
        joined::{Joined, Remembered},
    },
    session::{Role, Session},
    settings::Settings,
};

/// The rooms that one is in, the current one of which is where what is typed is said
///
/// Nothing happens unless somebody awaits [`next`](Self::next). There is always at least one room.
#[derive(Debug)]
pub struct House {
    settings: Settings,
    home: Arc<Home>,
    /// What one is called now
    name: Name,
    /// That one is away, and why
    away: Option<Away>,
    role: Role,
    /// In the order of joining
    sessions: Vec<Session>,
    current: RoomName,
    /// The room that hears guests, where plain datagrams come from
    host: RoomName,
    doors: Doors,
    /// Where the rooms are noted for the next start, if they are
    notes: Option<Remembered>,
    /// Rooms that others wanted to be entered beside the current one, and why they were not
    turned_away: VecDeque<(Room, String)>,
    waiting: VecDeque<Happening>,
    /// Whose turn it is to be asked first
    turn: usize,
}

/// In how many rooms one can be at once: each takes one of the 16 ports of each interface, and looks at what all others
/// broadcast
pub const MAX_ROOMS: usize = 8;

/// What came of waiting
enum Outcome {
    Event(usize, Box<Event>),
    Left,
    Entered(Entry, anyhow::Result<Box<Place>>),
}

impl House {
    /// Enters a room, which is the current one
    ///
    /// # Errors
    /// When it cannot be entered, in one sentence
    pub fn open(
        settings: &Settings,
        entrance: Entrance,
        home: impl Into<Arc<Home>>,
        role: Role,
    ) -> anyhow::Result<Self> {
        let home = home.into();
        let session = Session::open(settings, entrance, Arc::clone(&home), role)?;
        let current = session.room().name().clone();
        Ok(Self {
            settings: settings.clone(),
            home,
            name: settings.name.clone(),
            away: None,
            role,
            sessions: vec![session],
            host: current.clone(),
            current,
            doors: Doors::default(),
            notes: None,
            turned_away: VecDeque::new(),
            waiting: VecDeque::new(),
            turn: 0,
        })
    }

    /// Enters a further room, and waits for the disk; the current one stays that
    ///
    /// # Errors
    /// When it cannot be entered, in one sentence
    pub fn add(&mut self, entrance: Entrance) -> anyhow::Result<()> {
        self.has_space(entrance.room())?;
        let place = self.home.prepare(entrance, self.name.clone(), self.role)?;
        let session = self.session_in(place)?;
        self.sessions.push(session);
        Ok(())
    }

    /// Hears guests, in the current room; see [`Session::invite_guests`]
    ///
    /// # Errors
    /// When the port cannot be opened, in one sentence
    pub fn invite_guests(&mut self) -> anyhow::Result<()> {
        let settings = self.settings.clone();
        self.host = self.current.clone();
        self.current_session_mut().invite_guests(&settings)
    }

    /// What happens next, in whatever room, none of which has to wait for another; cancel-safe
    pub async fn next(&mut self) -> Happening {
        loop {
            self.open_doors();
            if let Some(happening) = self.take() {
                return happening;
            }
            match Waiting::of(self).await {
                Outcome::Event(index, event) => return self.tell(index, *event),
                Outcome::Left => {}
                Outcome::Entered(entry, outcome) => self.on_entered(entry, outcome.map(|place| *place)),
            }
        }
    }

    /// Something that has happened already, without waiting for what may come
    pub fn take(&mut self) -> Option<Happening> {
        if let Some(happening) = self.waiting.pop_front() {
            return Some(happening);
        }
        let rooms = self.sessions.len();
        for index in (self.turn..self.turn + rooms).map(|index| index % rooms) {
            if let Some(event) = self.sessions[index].try_next() {
                self.turn = (index + 1) % rooms;
                return Some(self.tell(index, event));
            }
        }
        None
    }

    /// The rooms that one is in, in the order of joining
    pub fn rooms(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter()
    }

    /// The session in the room of this name
    pub fn session(&self, room: &str) -> Option<&Session> {
        self.index_of(room).map(|index| &self.sessions[index])
    }

    /// Where what is typed is said
    pub fn current(&self) -> &RoomName {
        &self.current
    }

    /// The session there
    pub fn current_session(&self) -> &Session {
        &self.sessions[self.current_index()]
    }

    /// The last lines and whispers that are kept of a room; see [`Session::past`]
    pub fn past(&mut self, room: &str, limit: usize) -> Vec<Event> {
        self.index_of(room).map(|index| self.sessions[index].past(limit)).unwrap_or_default()
    }

    /// The rooms as the answer to [`Command::Rooms`](crate::command::Command::Rooms) has them
    pub fn list(&self) -> Vec<RoomInfo> {
        self.sessions
            .iter()
            .map(|session| RoomInfo {
                room: session.room().name().to_string(),
                private: session.room().is_private(),
                peers: session.view().peers().len(),
                current: *session.room().name() == self.current,
            })
            .collect()
    }

    /// Where the files of the person are, if they are anywhere
    pub fn profile_directory(&self) -> Option<&Path> {
        self.home.directory()
    }

    /// Whether all that is known of the past has come, in all rooms
    pub fn has_caught_up(&self) -> bool {
        self.waiting.is_empty() && self.sessions.iter().all(Session::has_caught_up)
    }

    /// Notes from now on in the profile which rooms one is in, for [`joined::read`](crate::rooms::joined::read), and behind
    /// them these others, until one joins or parts from another of the same name
    pub fn remember_rooms(&mut self, others: Vec<Joined>) {
        self.notes = self.home.directory().map(|home| Remembered::new(home, others, BTreeSet::new()));
        self.note_rooms();
    }

    /// The same where one is in the rooms of now for this time only, and these others are to be joined again
    pub fn remember_other_rooms(&mut self, others: Vec<Joined>) {
        let passing = self.sessions.iter().map(|session| session.room().name().clone()).collect();
        self.notes = self.home.directory().map(|home| Remembered::new(home, others, passing));
        self.note_rooms();
    }

    /// Whether it is noted which rooms one is in
    pub(crate) fn is_remembering(&self) -> bool {
        self.notes.is_some()
    }

    /// Says goodbye in all rooms, and ends once all is stored
    pub async fn leave(self) {
        self.hand_over(|_| false).await;
    }

    /// The same, but says no goodbye in those rooms where another program of the same person goes on at once
    pub async fn hand_over(mut self, goes_on: impl Fn(&str) -> bool) {
        for session in self.sessions.drain(..) {
            let id = *session.room().id();
            if goes_on(session.room().name().as_str()) {
                self.doors.end(id, session.hand_over());
            } else {
                self.doors.end(id, session.leave());
            }
        }
        if let Some(notes) = self.notes {
            notes.finish().await;
        }
        self.doors.closed().await;
    }

    /// Passes on what one room has to tell, and what the others are to know of it
    fn tell(&mut self, index: usize, event: Event) -> Happening {
        if matches!(event, Event::Contact(_) | Event::Verify(_) | Event::Whisper { .. }) {
            let (before, rest) = self.sessions.split_at_mut(index);
            if let Some((here, after)) = rest.split_first_mut() {
                before.iter_mut().chain(after).for_each(|session| session.learn(&event, here));
            }
        }
        Happening { room: self.sessions[index].room().name().to_string(), event }
    }

    fn current_session_mut(&mut self) -> &mut Session {
        let index = self.current_index();
        &mut self.sessions[index]
    }

    fn current_index(&self) -> usize {
        self.index_of(self.current.as_str()).unwrap_or_default()
    }

    fn index_of(&self, room: &str) -> Option<usize> {
        self.sessions.iter().position(|session| session.room().name().as_str() == room)
    }

    /// The current one first
    fn note_rooms(&mut self) {
        let rooms = self.sessions.iter().map(Session::room);
        let (current, others): (Vec<_>, Vec<_>) = rooms.partition(|room| *room.name() == self.current);
        let joined = current.into_iter().chain(others).map(Joined::of).collect();
        if let Some(notes) = &mut self.notes {
            notes.write(joined);
        }
    }

    /// Tells something that is about no room in particular
    fn answer(&mut self, event: Event) {
        self.waiting.push_back(Happening { room: self.current.to_string(), event });
    }

    fn tell_rooms(&mut self) {
        let rooms = self.list();
        self.answer(Event::Rooms { rooms });
    }
}
