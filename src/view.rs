//! Who is here and what they are called: a pure fold of [`Event`]s that all front ends share

mod transcript;

use std::{collections::BTreeMap, net::SocketAddr};

use thiserror::Error;
use uuid::Uuid;

pub use transcript::{Gap, Kind, Line, Transcript};

use crate::event::{Event, Peer, PeerChange};

/// What the events so far add up to
#[derive(Clone, Debug, Default)]
pub struct View {
    id: Uuid,
    name: String,
    room: String,
    peers: BTreeMap<Uuid, Peer>,
    /// Who was here before, by id, and what they were called
    away: BTreeMap<Uuid, String>,
}

/// How many people who are not here are remembered
const MAX_AWAY: usize = 4_096;

impl View {
    /// Takes in one event; each is applied once, in the order of arrival
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Ready { id, name, room, .. } => {
                self.id = *id;
                self.name.clone_from(name);
                self.room.clone_from(room);
            }
            Event::Peer { change, id, name, addr, .. } => self.on_peer(*change, *id, name, *addr),
            Event::Peers { peers } => {
                self.peers = peers.iter().map(|peer| (peer.id, peer.clone())).collect();
            }
            Event::Message { .. }
            | Event::Whisper { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Alone { .. }
            | Event::Error { .. }
            | Event::Help { .. }
            | Event::Raw(_)
            | Event::Datagram(_)
            | Event::Guest(_) => {}
        }
    }

    /// The own id; nil before [`Event::Ready`]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The own name
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The room joined
    pub fn room(&self) -> &str {
        &self.room
    }

    /// Everybody else who is here, by id
    pub fn peers(&self) -> &BTreeMap<Uuid, Peer> {
        &self.peers
    }

    /// Somebody was here before this session, and is not here now
    pub fn remember(&mut self, id: Uuid, name: &str) {
        if id != self.id && !self.peers.contains_key(&id) {
            self.away.insert(id, name.to_owned());
            if self.away.len() > MAX_AWAY {
                self.away.pop_first();
            }
        }
    }

    /// Whom a person means by a name, `NAME~abcd` (the first hex digits of the id, four or more) or an id
    ///
    /// Whoever is here is meant rather than somebody of the same name who was here before.
    ///
    /// # Errors
    /// When nobody or more than one is meant.
    pub fn resolve(&self, wanted: &str) -> Result<Uuid, ResolveError> {
        if let Ok(id) = Uuid::parse_str(wanted)
            && (self.peers.contains_key(&id) || self.away.contains_key(&id))
        {
            return Ok(id);
        }
        let mut found = meant(wanted, || self.peers.values().map(|peer| (peer.id, peer.name.as_str())));
        if found.is_empty() {
            found = meant(wanted, || self.away.iter().map(|(id, name)| (*id, name.as_str())));
        }
        match found.as_slice() {
            [] => Err(ResolveError::Unknown { wanted: wanted.to_owned() }),
            [id] => Ok(*id),
            _ => Err(ResolveError::Ambiguous { wanted: wanted.to_owned(), ids: found }),
        }
    }

    /// The name of a peer, with the first digits of the id when another here has the same name
    ///
    /// Somebody of whom nothing is known is called by the first digits of the id alone.
    pub fn label(&self, id: Uuid) -> String {
        self.name_of(id).map_or_else(|| digits(id), |name| self.told_apart(id, name))
    }

    /// The same for somebody who gave this name, and may not be here any more
    ///
    /// Who had no name yet, only digits, is called by the name that has become known since.
    pub fn label_as(&self, id: Uuid, name: &str) -> String {
        if name == digits(id) { self.label(id) } else { self.told_apart(id, name) }
    }

    /// What these people are called by now, each with one name that no other of them has, nor anybody here
    ///
    /// Each comes with a name of before, the latest last, which is used when none is known.
    pub fn labels<'a>(&'a self, people: impl IntoIterator<Item = (Uuid, &'a str)>) -> BTreeMap<Uuid, String> {
        let called = |(id, name)| (id, self.name_of(id).unwrap_or(name));
        let people: BTreeMap<Uuid, &str> = people.into_iter().map(called).collect();
        let namesakes = || people.iter().map(|(id, name)| (*id, *name));
        let label = |(id, name): (Uuid, &str)| {
            if name == digits(id) { name.to_owned() } else { self.told_apart_from(namesakes(), id, name) }
        };
        namesakes().map(|person| (person.0, label(person))).collect()
    }

    /// What somebody who is or was here is called, which others may be as well
    pub fn name_of(&self, id: Uuid) -> Option<&str> {
        let here = self.peers.get(&id).map(|peer| &peer.name);
        here.or_else(|| (id == self.id).then_some(&self.name))
            .or_else(|| self.away.get(&id))
            .map(String::as_str)
    }

    fn told_apart(&self, id: Uuid, name: &str) -> String {
        self.told_apart_from([], id, name)
    }

    /// Told apart from whoever is here, and from these
    fn told_apart_from<'a>(
        &'a self,
        others: impl IntoIterator<Item = (Uuid, &'a str)>,
        id: Uuid,
        name: &str,
    ) -> String {
        let everybody = self.peers.values().map(|peer| (peer.id, peer.name.as_str()));
        let namesakes: Vec<Uuid> = everybody
            .chain([(self.id, self.name.as_str())])
            .chain(others)
            .filter(|(other, theirs)| *other != id && is_same_name(theirs, name))
            .map(|(other, _)| other)
            .collect();
        // A name may itself end in what looks like such digits.
        if namesakes.is_empty() && !name.contains('~') {
            return name.to_owned();
        }
        let digits = hex(id);
        let length = (MIN_DIGITS..digits.len())
            .find(|&length| !namesakes.iter().any(|other| is_prefix(&digits[..length], *other)))
            .unwrap_or(digits.len());
        format!("{name}~{}", &digits[..length])
    }

    fn on_peer(&mut self, change: PeerChange, id: Uuid, name: &str, addr: SocketAddr) {
        if id == self.id {
            name.clone_into(&mut self.name);
            return;
        }
        match change {
            PeerChange::Joined | PeerChange::Renamed => {
                self.away.remove(&id);
                self.peers.insert(id, Peer { id, name: name.to_owned(), addr });
            }
            PeerChange::Left | PeerChange::Gone => {
                self.peers.remove(&id);
                self.remember(id, name);
            }
        }
    }
}

/// What somebody is called of whom no name is known: the first digits of the id
pub fn digits(id: Uuid) -> String {
    format!("~{}", &hex(id)[..8])
}

/// Which of these people are called `wanted`, or else `wanted` without some first digits of the id
fn meant<'a, I: Iterator<Item = (Uuid, &'a str)>>(wanted: &str, people: impl Fn() -> I) -> Vec<Uuid> {
    let called = |name| people().filter(move |(_, theirs)| is_same_name(theirs, name)).map(|(id, _)| id);
    let found: Vec<_> = called(wanted).collect();
    match wanted.rsplit_once('~') {
        Some((name, digits)) if found.is_empty() => {
            called(name).filter(|id| is_prefix(digits, *id)).collect()
        }
        Some(_) | None => found,
    }
}

const MIN_DIGITS: usize = 4;

/// Why a name means nobody in particular
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResolveError {
    /// Nobody here has that name or id
    #[error("nobody here is called {wanted}: /peers lists who is here")]
    Unknown {
        /// What was asked for
        wanted: String,
    },
    /// Several have that name
    #[error("{} people are called {wanted}: use one of the ids {}", ids.len(), list(ids))]
    Ambiguous {
        /// What was asked for
        wanted: String,
        /// Whom it may mean
        ids: Vec<Uuid>,
    },
}

fn list(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    ids.join(" and ")
}

fn is_same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn is_prefix(digits: &str, id: Uuid) -> bool {
    let digits = digits.replace('-', "").to_lowercase();
    digits.len() >= MIN_DIGITS && hex(id).starts_with(&digits)
}

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Uuid = Uuid::from_u128(0xa11c_e000 << 96);
    const BOB: Uuid = Uuid::from_u128(0x1234_5678 << 96);
    const OTHER_BOB: Uuid = Uuid::from_u128(0x1234_9999 << 96);
    const ADDR: &str = "198.18.0.2:25253";

    #[test]
    fn peers_come_go_and_change_their_names() {
        let mut view = room();
        joined(&mut view, BOB, "bob");
        assert_eq!(view.label(BOB), "bob");
        change(&mut view, PeerChange::Renamed, BOB, "rob");
        assert_eq!(view.resolve("rob"), Ok(BOB));
        change(&mut view, PeerChange::Gone, BOB, "rob");
        assert!(view.peers().is_empty());
        assert_eq!(view.label(BOB), "rob");
        assert_eq!(view.label(OTHER_BOB), "~12349999");
    }

    #[test]
    fn who_is_away_can_be_named_unless_somebody_here_is_meant() {
        let mut view = room();
        view.remember(BOB, "bob");
        assert_eq!(view.resolve("bob"), Ok(BOB));
        assert!(view.peers().is_empty());
        joined(&mut view, OTHER_BOB, "Bob");
        assert_eq!(view.resolve("bob"), Ok(OTHER_BOB));
        assert_eq!(view.resolve("bob~12345"), Ok(BOB));
        assert_eq!(view.resolve(&BOB.to_string()), Ok(BOB));
        assert_eq!((view.label(BOB), view.label(OTHER_BOB)), ("bob~12345".into(), "Bob".into()));
        joined(&mut view, BOB, "bob");
        assert!(matches!(view.resolve("bob"), Err(ResolveError::Ambiguous { .. })));
    }

    #[test]
    fn a_name_an_id_or_its_first_digits_name_one() {
        let mut view = room();
        joined(&mut view, BOB, "Bob");
        joined(&mut view, OTHER_BOB, "bob");
        assert_eq!(view.resolve(&BOB.to_string()), Ok(BOB));
        assert_eq!(view.resolve("bob~12345"), Ok(BOB));
        assert_eq!(view.resolve("BOB~1234-9"), Ok(OTHER_BOB));
        assert_eq!(
            view.resolve("bob"),
            Err(ResolveError::Ambiguous { wanted: "bob".into(), ids: vec![BOB, OTHER_BOB] })
        );
        assert!(matches!(view.resolve("bob~1234"), Err(ResolveError::Ambiguous { .. })));
        assert!(matches!(view.resolve("bob~123"), Err(ResolveError::Unknown { .. })));
        assert!(matches!(view.resolve("alice"), Err(ResolveError::Unknown { .. })));
    }

    #[test]
    fn the_message_for_an_ambiguous_name_lists_both_ids() {
        let mut view = room();
        joined(&mut view, BOB, "bob");
        joined(&mut view, OTHER_BOB, "bob");
        let message = view.resolve("bob").unwrap_err().to_string();
        assert!(message.contains(&BOB.to_string()) && message.contains(&OTHER_BOB.to_string()), "{message}");
    }

    #[test]
    fn namesakes_are_told_apart_by_as_many_digits_as_that_takes() {
        let mut view = room();
        joined(&mut view, BOB, "bob");
        joined(&mut view, OTHER_BOB, "BOB");
        assert_eq!(view.label(BOB), "bob~12345");
        assert_eq!(view.label(OTHER_BOB), "BOB~12349");
        for id in [BOB, OTHER_BOB] {
            assert_eq!(view.resolve(&view.label(id)), Ok(id));
        }
    }

    #[test]
    fn nobody_passes_for_me_or_for_a_label() {
        let mut view = room();
        joined(&mut view, BOB, "Alice");
        assert_eq!(view.label(BOB), "Alice~1234");
        joined(&mut view, OTHER_BOB, "carol~5678");
        assert_eq!(view.label(OTHER_BOB), "carol~5678~1234");
    }

    #[test]
    fn who_has_no_name_is_called_by_digits_once() {
        let mut view = room();
        assert_eq!(view.label(BOB), "~12345678");
        assert_eq!(view.label_as(BOB, "~12345678"), "~12345678");
        joined(&mut view, OTHER_BOB, "~12345678");
        assert_eq!(view.label(OTHER_BOB), "~12345678~1234", "another's digits");
        joined(&mut view, BOB, "bob");
        assert_eq!(view.label_as(BOB, "~12345678"), "bob", "by now");
    }

    #[test]
    fn the_own_name_changes_too() {
        let mut view = room();
        change(&mut view, PeerChange::Renamed, ALICE, "alicia");
        assert_eq!((view.name(), view.peers().len()), ("alicia", 0));
        assert_eq!(view.label(ALICE), "alicia");
    }

    fn room() -> View {
        let mut view = View::default();
        view.apply(&Event::Ready {
            id: ALICE,
            name: "alice".into(),
            room: "lobby".into(),
            port: 25252,
            private: false,
        });
        view
    }

    fn joined(view: &mut View, id: Uuid, name: &str) {
        change(view, PeerChange::Joined, id, name);
    }

    fn change(view: &mut View, change: PeerChange, id: Uuid, name: &str) {
        let addr = ADDR.parse().unwrap();
        view.apply(&Event::Peer { change, id, name: name.into(), was: None, addr });
    }
}
