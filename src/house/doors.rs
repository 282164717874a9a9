//! Coming and going: neither keeps the other rooms waiting for the store to open, or for what is left to be stored

use std::{
    collections::{BTreeMap, VecDeque},
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use anyhow::anyhow;
use lanchat_protocol::{Room, RoomId, RoomName};
use thiserror::Error;
use tokio::task::JoinHandle;

use super::{House, MAX_ROOMS, Outcome};
use crate::{
    event::{ErrorCode, Event},
    home::Place,
    lang::tell,
    rooms::Entrance,
    session::Session,
};

/// Rooms that are being left, and those that are being entered, one after the other
#[derive(Debug, Default)]
pub(super) struct Doors {
    leaving: BTreeMap<RoomId, JoinHandle<()>>,
    next: VecDeque<(Entrance, As)>,
    entering: Option<(Entry, JoinHandle<anyhow::Result<Place>>)>,
}

/// A room that is being entered
#[derive(Clone, Debug)]
pub(super) struct Entry {
    room: Room,
    purpose: As,
}

/// What a room is entered as
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    /// The current one from then on
    Current,
    /// One of those where one is
    OneMore,
    /// One for a while, of which nothing is noted
    Passing,
}

/// Why a room is not left
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotLeft {
    /// One is not in it
    #[error("{}", tell!("room-not-there", room = room.as_str()))]
    NotThere {
        /// Which
        room: String,
    },
    /// There is no other
    #[error("{}", tell!("room-the-last"))]
    TheLast,
}

impl House {
    /// Goes to a room in addition, or back to one of those where one is: it is the current one from then on
    ///
    /// An [`Event::Ready`] of that room tells when, an error of the kind [`ErrorCode::NotJoined`] why not. A room of the
    /// same name with another key is left for it.
    pub fn join(&mut self, entrance: Entrance) {
        self.doors.next.push_back((entrance, As::Current));
        self.open_doors();
    }

    /// Goes to a room in addition, and the current one stays that; for a while only, if nothing is to be noted of it
    ///
    /// An [`Event::Ready`] of that room tells when, [`turned_away`](Self::turned_away) why not; neither, where one is in it.
    pub(crate) fn join_beside(&mut self, entrance: Entrance, is_passing: bool) {
        let purpose = if is_passing { As::Passing } else { As::OneMore };
        self.doors.next.push_back((entrance, purpose));
        self.open_doors();
    }

    /// The next room that was to be entered beside the current one and was not, and why
    pub(crate) fn turned_away(&mut self) -> Option<(Room, String)> {
        self.turned_away.pop_front()
    }

    /// Makes a room the current one, if one is in it; its [`Event::Ready`] comes again
    pub fn go_to(&mut self, room: &str) -> bool {
        let Some(index) = self.index_of(room) else { return false };
        self.current = self.sessions[index].room().name().clone();
        self.sessions[index].introduce();
        self.note_rooms();
        true
    }

    /// Whether a room is being entered, or it is not told yet why not
    pub fn is_joining(&self) -> bool {
        self.doors.entering.is_some() || !self.doors.next.is_empty() || !self.waiting.is_empty()
    }

    /// Whether a room can be left
    ///
    /// # Errors
    /// When one is not there, or in no other
    pub fn may_part(&self, room: &str) -> Result<(), NotLeft> {
        match self.index_of(room) {
            None if self.is_remembered(room) => Ok(()),
            None => Err(NotLeft::NotThere { room: room.to_owned() }),
            Some(_) if self.sessions.len() == 1 => Err(NotLeft::TheLast),
            Some(_) => Ok(()),
        }
    }

    /// Says goodbye in a room, and goes on in the others; what is on its way there is given up or, whispers, kept
    ///
    /// A room that could not be entered, and is remembered all the same, is so no more.
    ///
    /// # Errors
    /// As [`House::may_part`]
    pub fn part(&mut self, room: &str) -> Result<(), NotLeft> {
        self.may_part(room)?;
        let Some(index) = self.index_of(room) else {
            self.decide(&RoomName::new(room).unwrap_or_else(|_| self.current.clone()));
            self.answer(Event::Parted { room: room.to_owned() });
            self.note_rooms();
            return Ok(());
        };
        let name = self.go_out_of(index);
        self.decide(&name);
        self.note_rooms();
        Ok(())
    }

    /// Says goodbye in a room where one was in passing, if it is not the last
    pub(crate) fn withdraw(&mut self, room: &str) {
        if let Some(index) = self.index_of(room).filter(|_| self.sessions.len() > 1) {
            self.go_out_of(index);
        }
    }

    fn go_out_of(&mut self, index: usize) -> RoomName {
        let mut session = self.sessions.remove(index);
        let next = index.saturating_sub(1);
        let name = session.room().name().clone();
        if self.host == name {
            self.sessions[next].take_over_guests(&mut session);
            self.host = self.sessions[next].room().name().clone();
        }
        self.answer(Event::Parted { room: name.to_string() });
        if self.current == name {
            let current = self.sessions[next].room().name().clone();
            self.go_to(current.as_str());
        }
        self.doors.leave(session);
        name
    }

    /// Enters the next room, unless one is being entered or it is still being left
    pub(super) fn open_doors(&mut self) {
        while self.doors.entering.is_none() {
            let Some((entrance, purpose)) = self.doors.next_entrance() else { return };
            let entry = Entry { room: entrance.room().clone(), purpose };
            if let Some(there) = self.sessions.iter().find(|session| *session.room() == entry.room) {
                let name = there.room().name().clone();
                if purpose != As::Passing {
                    self.decide(&name);
                }
                if purpose == As::Current {
                    self.go_to(name.as_str());
                } else {
                    self.note_rooms();
                }
                continue;
            }
            match self.has_space(entrance.room()) {
                Ok(()) => {
                    let (home, name, role) = (Arc::clone(&self.home), self.name.clone(), self.role);
                    let prepare = move || home.prepare(entrance, name, role);
                    self.doors.entering = Some((entry, tokio::task::spawn_blocking(prepare)));
                }
                Err(error) => self.refuse_to_join(entry, &error),
            }
        }
    }

    /// The room is open: from here on one is in it, and what is typed is said there
    pub(super) fn on_entered(&mut self, entry: Entry, outcome: anyhow::Result<Place>) {
        match outcome.and_then(|place| self.session_in(place)) {
            Ok(mut session) => {
                if let Some(away) = self.away.clone() {
                    session.stay_away(away);
                }
                let name = session.room().name().clone();
                match self.index_of(name.as_str()) {
                    Some(index) => self.take_the_place_of(index, session),
                    None => self.sessions.push(session),
                }
                if entry.purpose == As::Current {
                    self.current = name.clone();
                }
                if entry.purpose == As::Passing {
                    return self.pass_through(name);
                }
                self.decide(&name);
                self.note_rooms();
            }
            Err(error) => self.refuse_to_join(entry, &error),
        }
    }

    pub(super) fn has_space(&self, room: &Room) -> anyhow::Result<()> {
        let is_full = self.sessions.len() >= MAX_ROOMS && self.index_of(room.name().as_str()).is_none();
        if is_full {
            return Err(anyhow!(tell!("rooms-enough", most = MAX_ROOMS)));
        }
        Ok(())
    }

    /// Under the name of now: one may have taken another while the way was made
    pub(super) fn session_in(&self, place: Place) -> anyhow::Result<Session> {
        let people = self.current_session().people();
        let place = Place { name: self.name.clone(), ..place };
        Session::open_beside(&self.settings, place, Arc::clone(&self.home), people)
    }

    fn is_remembered(&self, room: &str) -> bool {
        self.notes.as_ref().is_some_and(|notes| notes.has_other(room))
    }

    fn decide(&mut self, room: &RoomName) {
        if let Some(notes) = &mut self.notes {
            notes.decide(room);
        }
    }

    fn pass_through(&mut self, room: RoomName) {
        if let Some(notes) = &mut self.notes {
            notes.pass_through(room);
        }
    }

    fn take_the_place_of(&mut self, index: usize, mut session: Session) {
        if self.host == *session.room().name() {
            session.take_over_guests(&mut self.sessions[index]);
        }
        let old = std::mem::replace(&mut self.sessions[index], session);
        self.doors.leave(old);
    }

    fn refuse_to_join(&mut self, entry: Entry, error: &anyhow::Error) {
        if entry.purpose == As::Current {
            self.answer(Event::error(ErrorCode::NotJoined, error));
        } else {
            self.turned_away.push_back((entry.room, error.to_string()));
        }
    }
}

impl Doors {
    /// Says goodbye in a room and stores what is left, while others go on
    pub(super) fn leave(&mut self, session: Session) {
        self.end(*session.room().id(), session.leave());
    }

    /// Waits for the end of a stay in a room, while others go on
    pub(super) fn end(&mut self, room: RoomId, end: impl Future<Output = ()> + Send + 'static) {
        self.leaving.insert(room, tokio::spawn(end));
    }

    /// Waits until all rooms that are being left are, and one that was being entered as well
    pub(super) async fn closed(mut self) {
        if let Some((_, entering)) = self.entering.take()
            && let Ok(Ok(place)) = entering.await
        {
            place.close().await;
        }
        while !self.leaving.is_empty() {
            poll_fn(|cx| self.poll_left(cx)).await;
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        if self.poll_left(cx).is_ready() {
            return Poll::Ready(Outcome::Left);
        }
        let Some((entry, task)) = &mut self.entering else { return Poll::Pending };
        let entry = entry.clone();
        let Poll::Ready(outcome) = Pin::new(task).poll(cx) else { return Poll::Pending };
        self.entering = None;
        let failed = |error: tokio::task::JoinError| anyhow!(tell!("room-not-opened", reason = %error));
        Poll::Ready(Outcome::Entered(entry, outcome.map_err(failed).and_then(|place| place).map(Box::new)))
    }

    /// The room to enter next, once nobody is leaving it any more: its log goes on from what is stored
    fn next_entrance(&mut self) -> Option<(Entrance, As)> {
        self.next.pop_front_if(|(next, _)| !self.leaving.contains_key(next.room().id()))
    }

    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut is_left = |task: &mut JoinHandle<()>| Pin::new(task).poll(cx).is_ready();
        let left = self.leaving.iter_mut().find_map(|(id, task)| is_left(task).then_some(*id));
        left.map_or(Poll::Pending, |id| {
            self.leaving.remove(&id);
            Poll::Ready(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::{
        cli::Globals,
        command::Command,
        home::Home,
        session::Role,
        settings::{Login, Settings},
    };

    #[tokio::test]
    async fn a_name_and_a_note_that_one_takes_while_a_room_is_being_entered_count_there() {
        let mut house = house();
        let attic = RoomName::new("attic").unwrap();
        house.join(Entrance::open(attic.clone()));
        house.execute("lobby", Command::Rename { name: "Annabel".into() });
        house.execute("lobby", Command::Away { note: Some("lunch".into()), auto: false });
        while house.session("attic").is_none_or(|attic| attic.view().name().as_written().is_empty()) {
            house.next().await;
        }
        let view = house.session("attic").unwrap().view();
        assert_eq!((view.name().as_written(), view.is_away()), ("Annabel", true));
        assert_eq!(view.note().map(|note| note.as_written()), Some("lunch"));
        house.leave().await;
    }

    /// On this machine alone
    fn house() -> House {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let globals = Globals {
            name: Some("ann".into()),
            port: Some(port),
            interface: vec!["127.0.0.1".into()],
            ephemeral: Some(true),
            ..Globals::default()
        };
        let settings = Settings::resolve(globals, &Login::default()).unwrap();
        let home = Home::open(&settings).unwrap();
        House::open(&settings, Entrance::open(RoomName::lobby()), home, Role::Member).unwrap()
    }
}
