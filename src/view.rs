//! Who is here and what they are called: a pure fold of [`Event`]s that all front ends share

mod changes;
mod holders;
mod naming;
mod transcript;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
};

use uuid::Uuid;

pub(crate) use changes::{Changes, Made, Pending};
pub(crate) use holders::Holders;
pub use naming::{ResolveError, digits};
pub use transcript::{Gap, Kind, Line, Transcript};

use crate::{
    event::{Contact, ContactChange, Event, Peer, PeerChange, Topic, Trust, Warning, WarningCode},
    sanitize::Unclean,
    trust::{Acquaintance, Contacts, Looks, Namesakes, mention::mentions},
};

/// What the events so far add up to
#[derive(Clone, Debug, Default)]
pub struct View {
    id: Uuid,
    name: Unclean,
    room: String,
    /// The latest, for the room
    topic: Option<Topic>,
    /// Whether the person here is away, and what they say about it
    absence: Option<Option<Unclean>>,
    peers: BTreeMap<Uuid, Peer>,
    /// Who was here before, by id, and what they were called
    away: BTreeMap<Uuid, Unclean>,
    /// Those of `peers` and of `away`, by what their names look like
    called_here: Namesakes,
    called_away: Namesakes,
    contacts: Contacts,
    /// The labels of those who spoke lately, by the names that they had, until something changes about anybody
    told: BTreeMap<Uuid, (Unclean, Option<Box<Unclean>>)>,
}

/// How many people who are not here are remembered
const MAX_AWAY: usize = 4_096;

impl View {
    /// Takes in one event; each is applied once, in the order of arrival
    pub fn apply(&mut self, event: &Event) {
        if changes_people(event) {
            self.told.clear();
        }
        match event {
            Event::Ready { id, name, room, .. } => {
                self.id = *id;
                self.name.clone_from(name);
                if self.room != *room {
                    self.room.clone_from(room);
                    self.topic = None;
                }
            }
            Event::Topic(topic) => self.on_topic(topic),
            Event::Peer { change, id, name, addr, note, .. } => {
                self.on_peer(*change, *id, name, *addr, note.as_ref());
            }
            Event::Peers { peers } => {
                self.peers = peers.iter().filter(|peer| !peer.blocked).map(|p| (p.id, p.clone())).collect();
                self.called_here =
                    self.peers.values().map(|peer| (peer.id, peer.name.as_written())).collect();
            }
            Event::Contact(contact) => self.on_contact(contact),
            Event::Warning(Warning { code: WarningCode::KeyChanged, id, contact: Some(contact), .. }) => {
                self.contacts.contest(*contact, *id);
            }
            Event::Warning(_)
            | Event::Message { .. }
            | Event::Whisper { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Alone { .. }
            | Event::Edited(_)
            | Event::Deleted(_)
            | Event::Reaction(_)
            | Event::Typing(_)
            | Event::Holds(_)
            | Event::Received(_)
            | Event::Rooms { .. }
            | Event::Parted { .. }
            | Event::Error { .. }
            | Event::Help { .. }
            | Event::Verify(_)
            | Event::Blocked(_)
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
    pub fn name(&self) -> &Unclean {
        &self.name
    }

    /// The room joined
    pub fn room(&self) -> &str {
        &self.room
    }

    /// What was last said about what the room is about
    pub fn topic(&self) -> Option<&Topic> {
        self.topic.as_ref()
    }

    /// Whether the person here is away
    pub fn is_away(&self) -> bool {
        self.absence.is_some()
    }

    /// What the person here says about being away
    pub fn note(&self) -> Option<&Unclean> {
        self.absence.as_ref().and_then(Option::as_ref)
    }

    /// The person here is away, without an event that says so
    pub fn be_away(&mut self, note: Option<Unclean>) {
        self.absence = Some(note);
    }

    /// Everybody else who is here and not blocked, by id
    pub fn peers(&self) -> &BTreeMap<Uuid, Peer> {
        &self.peers
    }

    /// Whom the person here knows, and whom they do not want to hear
    pub fn contacts(&self) -> &Contacts {
        &self.contacts
    }

    /// Who was here before, and what they were called
    pub fn known(&self) -> impl Iterator<Item = (Uuid, &Unclean)> {
        self.away.iter().map(|(id, name)| (*id, name))
    }

    /// Somebody was here before this session, and is not here now
    pub fn remember(&mut self, id: Uuid, name: impl Into<Unclean>) {
        if id == self.id || self.peers.contains_key(&id) {
            return;
        }
        self.forget_away(id);
        let name = name.into();
        self.called_away.insert(id, name.as_written());
        self.away.insert(id, name);
        if self.away.len() > MAX_AWAY
            && let Some(first) = self.away.keys().next().copied()
        {
            self.forget_away(first);
        }
    }

    /// This was held of somebody before this session
    pub fn know(&mut self, id: Uuid, who: Acquaintance) {
        self.told.clear();
        if self.name_of(id).is_none() {
            self.remember(id, who.name.as_str());
        }
        self.contacts.insert(id, who);
    }

    /// Something changed about somebody in another room where the person here is, and this is held of them there now
    pub fn learn(&mut self, contact: &Contact, who: Option<&Acquaintance>) {
        if self.name_of(contact.id).is_none() {
            self.remember(contact.id, contact.name.clone());
        }
        self.apply(&Event::Contact(contact.clone()));
        if let Some(who) = who {
            self.contacts.tell_apart(contact.id, &who.told_apart);
        }
    }

    /// What somebody who is or was here is called, which others may be as well
    pub fn name_of(&self, id: Uuid) -> Option<&Unclean> {
        let here = self.peers.get(&id).map(|peer| &peer.name);
        here.or_else(|| (id == self.id).then_some(&self.name)).or_else(|| self.away.get(&id))
    }

    /// Whether somebody is here under this name, which is no news then
    pub fn is_called(&self, id: Uuid, name: &Unclean) -> bool {
        self.peers.get(&id).is_some_and(|peer| peer.name == *name)
    }

    /// Whose name somebody took with this event who is not known to be somebody else, if that is news
    pub fn robbed_by(&self, event: &Event) -> Option<Uuid> {
        let (id, name) = event.live_name()?;
        let robbed = self.contacts.robbed(id, &Looks::of(name.as_written())).filter(|_| id != self.id)?;
        self.contacts.is_news(robbed, id).then_some(robbed)
    }

    /// Whether a name could be taken for the own one
    pub fn is_like_mine(&self, name: &Unclean) -> bool {
        Looks::of(name.as_written()).is_like(&Looks::of(self.name.as_written()))
    }

    /// Whether a line speaks to whoever sits here
    pub fn is_spoken_to(&self, line: &Unclean) -> bool {
        mentions(line.as_written()).iter().flatten().any(|name| self.is_like_mine(&(*name).into()))
    }

    fn on_peer(
        &mut self,
        change: PeerChange,
        id: Uuid,
        name: &Unclean,
        addr: Option<SocketAddr>,
        note: Option<&Unclean>,
    ) {
        if id == self.id {
            self.name.clone_from(name);
            match change {
                PeerChange::Away => self.absence = Some(note.cloned()),
                PeerChange::Back => self.absence = None,
                PeerChange::Joined | PeerChange::Left | PeerChange::Gone | PeerChange::Renamed => {}
            }
            return;
        }
        let was = self.peers.get(&id).cloned();
        self.forget_here(id);
        match change {
            PeerChange::Joined | PeerChange::Renamed | PeerChange::Away | PeerChange::Back => {
                self.forget_away(id);
                let known = was.as_ref().map(|was| was.addr);
                let addr = addr.or(known).unwrap_or_else(|| (Ipv4Addr::UNSPECIFIED, 0).into());
                let mut peer = Peer::new(id, name.clone(), addr);
                if change == PeerChange::Away {
                    (peer.away, peer.note) = (true, note.cloned());
                } else if let (PeerChange::Renamed, Some(was)) = (change, was) {
                    (peer.away, peer.note) = (was.away, was.note);
                }
                self.called_here.insert(id, name.as_written());
                self.peers.insert(id, peer);
            }
            PeerChange::Left | PeerChange::Gone => self.remember(id, name.clone()),
        }
    }

    fn on_topic(&mut self, topic: &Topic) {
        if self.topic.as_ref().is_none_or(|known| known.order <= topic.order) {
            self.topic = Some(Topic { past: false, asked: false, ..topic.clone() });
        }
    }

    fn on_contact(&mut self, contact: &Contact) {
        let Contact { change, id, name, trust, .. } = contact;
        match change {
            ContactChange::Pinned | ContactChange::Verified => {
                let mut others: BTreeSet<Uuid> = self.called_here.like(&Looks::of(name.as_written()));
                others.remove(id);
                self.contacts.pin(*id, name.as_written(), trust.unwrap_or(Trust::Pinned), others);
            }
            ContactChange::Unpinned => self.contacts.unpin(*id, name.as_written()),
            ContactChange::Blocked => {
                self.contacts.set_blocked(*id, name.as_written(), true);
                let is_theirs = |topic: &mut Topic| topic.from.as_ref().is_some_and(|from| from.id == *id);
                self.topic.take_if(is_theirs);
                self.forget_here(*id);
                self.remember(*id, name.clone());
            }
            ContactChange::Unblocked => self.contacts.set_blocked(*id, name.as_written(), false),
        }
    }

    fn forget_here(&mut self, id: Uuid) {
        if let Some(peer) = self.peers.remove(&id) {
            self.called_here.remove(id, peer.name.as_written());
        }
    }

    fn forget_away(&mut self, id: Uuid) {
        if let Some(name) = self.away.remove(&id) {
            self.called_away.remove(id, name.as_written());
        }
    }
}

/// Whether names that were told apart may not be any more
fn changes_people(event: &Event) -> bool {
    let is_said = matches!(event, Event::Message { .. } | Event::Whisper { .. } | Event::Delivery { .. });
    let is_about = matches!(event, Event::Edited(_) | Event::Deleted(_) | Event::Reaction(_));
    !is_said && !is_about && !matches!(event, Event::Typing(_) | Event::Holds(_))
}

#[cfg(test)]
mod tests;
