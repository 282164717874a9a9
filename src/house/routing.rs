//! Which room a command is for

use std::collections::BTreeSet;

use lanchat_protocol::{Away, Name, Note};
use uuid::Uuid;

use super::{Happening, House};
use crate::{
    command::Command,
    event::{ErrorCode, Event},
    view::{ResolveError, View},
};

impl House {
    /// Does something, as typed in this room; gives back the room where what comes of it is told
    ///
    /// Whom a command means may be in another room: then it goes there. Joining and leaving are [`House::join`] and
    /// [`House::part`].
    pub fn execute(&mut self, room: &str, command: Command) -> String {
        let here = self.index_of(room).unwrap_or_else(|| self.current_index());
        match command {
            Command::Rooms => {
                self.tell_rooms();
                self.current.to_string()
            }
            Command::Rename { name } => {
                if let Ok(name) = Name::new(&name) {
                    self.name = name;
                    self.in_all(&Command::Rename { name: self.name.to_string() });
                    return self.name_of(here);
                }
                self.execute_in(here, Command::Rename { name })
            }
            Command::Away { note, auto } => self.go_away(here, note, auto),
            Command::Back => {
                self.away = None;
                self.in_all(&Command::Back);
                self.name_of(here)
            }
            Command::Whisper { to, text } => self.whisper(here, &to, text),
            command @ Command::Raw { .. } => {
                let host = self.index_of(self.host.as_str()).unwrap_or(here);
                self.execute_in(host, command)
            }
            Command::Verify { ref who } | Command::Block { ref who } => {
                self.about_somebody(here, who, View::find, command.clone())
            }
            Command::Trust { ref who } => self.about_somebody(here, who, View::find_exactly, command.clone()),
            command @ (Command::Say { .. }
            | Command::Reply { .. }
            | Command::Edit { .. }
            | Command::Delete { .. }
            | Command::React { .. }
            | Command::Topic { .. }
            | Command::Typing { .. }
            | Command::Received
            | Command::Peers
            | Command::Unblock { .. }
            | Command::Blocked
            | Command::Part { .. }
            | Command::Join { .. }
            | Command::NewRoom { .. }
            | Command::Help
            | Command::Quit) => self.execute_in(here, command),
        }
    }

    fn execute_in(&mut self, index: usize, command: Command) -> String {
        self.sessions[index].execute(command);
        self.name_of(index)
    }

    fn in_all(&mut self, command: &Command) {
        self.sessions.iter_mut().for_each(|session| session.execute(command.clone()));
    }

    fn go_away(&mut self, here: usize, note: Option<String>, auto: bool) -> String {
        let known = note.as_deref().map(Note::new).transpose();
        let command = Command::Away { note, auto };
        match known {
            Ok(_) if auto && self.away.is_some() => {}
            Ok(note) => {
                self.away = Some(Away { by_itself: auto, note });
                self.in_all(&command);
            }
            // One room says what is wrong with it.
            Err(_) => return self.execute_in(here, command),
        }
        self.name_of(here)
    }

    /// Is no longer away, if nobody said to be
    pub(crate) fn come_back_by_itself(&mut self) {
        if self.away.take_if(|away| away.by_itself).is_some() {
            self.in_all(&Command::Back);
        }
    }

    fn name_of(&self, index: usize) -> String {
        self.sessions[index].room().name().to_string()
    }

    /// Goes through the room where the person is, this one first
    fn whisper(&mut self, here: usize, to: &str, text: String) -> String {
        match self.route(here, to, View::resolve) {
            Route::Through(index, id) => {
                self.execute_in(index, Command::Whisper { to: id.to_string(), text })
            }
            Route::Refused(index) => self.execute_in(index, Command::Whisper { to: to.to_owned(), text }),
            Route::Two(ids) => self.refuse_two(here, to, ids, ErrorCode::AmbiguousPeer),
        }
    }

    /// Does something about who is who where the person is known, this room first
    fn about_somebody(&mut self, here: usize, who: &str, resolve: Resolve, command: Command) -> String {
        match self.route(here, who, resolve) {
            Route::Through(index, _) | Route::Refused(index) => self.execute_in(index, command),
            Route::Two(ids) => self.refuse_two(here, who, ids, ErrorCode::UnknownContact),
        }
    }

    fn route(&self, here: usize, wanted: &str, resolve: Resolve) -> Route {
        let views = self.in_turn(here).map(|index| (index, self.sessions[index].view()));
        route(views, wanted, resolve)
    }

    fn refuse_two(&mut self, here: usize, wanted: &str, ids: Vec<Uuid>, code: ErrorCode) -> String {
        let error = ResolveError::Ambiguous { wanted: wanted.to_owned(), ids };
        let room = self.name_of(here);
        self.waiting.push_back(Happening { room: room.clone(), event: Event::error(code, error) });
        room
    }

    /// This room and then the others
    fn in_turn(&self, here: usize) -> impl Iterator<Item = usize> + use<> {
        std::iter::once(here).chain((0..self.sessions.len()).filter(move |index| *index != here))
    }
}

/// Whom a name means in one room
type Resolve = fn(&View, &str) -> Result<Uuid, ResolveError>;

/// Where something that is about one person goes
#[derive(Debug, PartialEq, Eq)]
enum Route {
    /// Through this room, to this one
    Through(usize, Uuid),
    /// Nowhere: this room says why
    Refused(usize),
    /// Nowhere: in different rooms different people have the name
    Two(Vec<Uuid>),
}

/// Asks the rooms in turn whom a name means: one person, who may be there in several, and be known in others from before
fn route<'a>(views: impl Iterator<Item = (usize, &'a View)>, wanted: &str, resolve: Resolve) -> Route {
    let (mut first, mut through) = (None, None);
    let mut ids = BTreeSet::new();
    for (place, (index, view)) in views.enumerate() {
        first.get_or_insert(index);
        match resolve(view, wanted) {
            Ok(id) => {
                let is_here = view.peers().contains_key(&id);
                if is_here && place == 0 {
                    return Route::Through(index, id);
                }
                through = match through {
                    Some((_, false)) if is_here => Some((index, true)),
                    None => Some((index, is_here)),
                    Some(found) => Some(found),
                };
                ids.insert(id);
            }
            Err(ResolveError::Unknown { .. }) => {}
            Err(
                ResolveError::Ambiguous { .. }
                | ResolveError::KeyChanged { .. }
                | ResolveError::Blocked { .. },
            ) => return Route::Refused(index),
        }
    }
    match (through, ids.pop_first(), ids.is_empty()) {
        (Some((index, _)), Some(id), true) => Route::Through(index, id),
        (_, Some(id), false) => Route::Two(std::iter::once(id).chain(ids).collect()),
        (_, _, _) => Route::Refused(first.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Contact, ContactChange, Peer, Trust};

    const BOB: Uuid = Uuid::from_u128(0xb0b << 112);
    const OTHER: Uuid = Uuid::from_u128(0x07e << 112);

    fn room(here: &[(Uuid, &str)], away: &[(Uuid, &str)]) -> View {
        let addr = "198.18.0.2:25253".parse().unwrap();
        let peers = here.iter().map(|(id, name)| Peer::new(*id, *name, addr)).collect();
        let mut view = View::default();
        view.apply(&Event::Peers { peers });
        away.iter().for_each(|(id, name)| view.remember(*id, *name));
        view
    }

    fn routed(rooms: &[&View], wanted: &str) -> Route {
        route(rooms.iter().copied().enumerate(), wanted, View::resolve)
    }

    #[test]
    fn a_whisper_goes_where_the_person_is_and_through_the_current_room_if_they_are_in_it() {
        let (empty, there) = (room(&[], &[]), room(&[(BOB, "bob")], &[]));
        let before = room(&[], &[(BOB, "bob")]);
        assert_eq!(routed(&[&there, &there], "bob"), Route::Through(0, BOB));
        assert_eq!(routed(&[&empty, &there], "bob"), Route::Through(1, BOB));
        assert_eq!(routed(&[&before, &empty, &there], "bob"), Route::Through(2, BOB));
        assert_eq!(routed(&[&empty, &there, &there], "bob"), Route::Through(1, BOB), "one person");
        assert_eq!(routed(&[&empty, &before], "bob"), Route::Through(1, BOB), "to wait for them");
        assert_eq!(routed(&[&empty, &there], "rob"), Route::Refused(0));
    }

    #[test]
    fn two_people_of_one_name_are_told_apart_across_rooms() {
        let (one, other) = (room(&[(BOB, "bob")], &[]), room(&[(OTHER, "Bob")], &[]));
        let (empty, before) = (room(&[], &[]), room(&[], &[(OTHER, "bob")]));
        assert_eq!(
            routed(&[&one, &other], "bob"),
            Route::Through(0, BOB),
            "who is in the current room is meant"
        );
        for rooms in [[&empty, &one, &other], [&before, &empty, &one]] {
            assert_eq!(routed(&rooms, "bob"), Route::Two(vec![OTHER, BOB]));
        }
        assert_eq!(routed(&[&empty, &one, &other], &OTHER.to_string()), Route::Through(2, OTHER));
    }

    #[test]
    fn what_one_room_must_not_do_another_does_not() {
        let contact = |trust| Contact {
            change: ContactChange::Pinned,
            id: BOB,
            name: "bob".into(),
            trust,
            blocked: false,
        };
        let mut both = room(&[(BOB, "bob"), (OTHER, "bob")], &[]);
        let (empty, one) = (room(&[], &[]), room(&[(BOB, "bob")], &[]));
        assert_eq!(routed(&[&empty, &both, &one], "bob"), Route::Refused(1));
        assert_eq!(routed(&[&one, &both], "bob"), Route::Through(0, BOB));
        both.learn(&contact(Some(Trust::Pinned)), None);
        assert_eq!(routed(&[&empty, &both, &one], "bob"), Route::Through(1, BOB));
    }
}
