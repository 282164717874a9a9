//! What an attached window knows of a room

use lanchat_protocol::Room;

use super::lines::{Snapshot, Way};
use crate::{
    event::{Event, Peer, PeerChange, Topic},
    session::Status,
    view::View,
};

/// What this window knows of a room
#[derive(Debug)]
pub(crate) struct Outlook {
    pub(super) way: Way,
    pub(super) room: Room,
    pub(super) ready: Event,
    pub(super) view: View,
    pub(super) status: Status,
    /// Who is there and not to be heard
    blocked: Vec<Peer>,
}

impl Outlook {
    pub(super) fn new(snapshot: &Snapshot, room: Room) -> Self {
        let mut view = View::default();
        view.apply(&snapshot.ready);
        let blocked = snapshot.peers.iter().filter(|peer| peer.blocked).cloned().collect();
        Self {
            way: snapshot.way.clone(),
            room,
            ready: snapshot.ready.clone(),
            view,
            status: snapshot.status.clone(),
            blocked,
        }
    }

    /// Takes in how things are by now, but for what is told of it
    pub(super) fn renew(&mut self, snapshot: &Snapshot) {
        self.way.clone_from(&snapshot.way);
        self.status.clone_from(&snapshot.status);
        self.ready.clone_from(&snapshot.ready);
        snapshot.contacts.iter().for_each(|(id, who)| self.view.know(*id, who.clone()));
        snapshot.known.iter().for_each(|(id, name)| self.view.remember(*id, name.clone()));
        if let Some(note) = &snapshot.away {
            self.view.be_away(note.clone());
        }
    }

    pub(super) fn room(&self) -> &Room {
        &self.room
    }

    pub(super) fn view(&self) -> &View {
        &self.view
    }

    pub(super) fn status(&self) -> &Status {
        &self.status
    }

    pub(super) fn peers(&self) -> Vec<Peer> {
        let here = self.view.peers().values().map(|peer| Peer {
            label: self.view.other_label(peer.id, &peer.name),
            trust: self.view.contacts().trust(peer.id),
            ..peer.clone()
        });
        let is_blocked = |peer: &&Peer| self.view.contacts().is_blocked(peer.id);
        let mut peers: Vec<Peer> = here.chain(self.blocked.iter().filter(is_blocked).cloned()).collect();
        peers.sort_by_key(|peer| peer.id);
        peers
    }
}

/// The events by which one learns who is there, and what the room is about
pub(super) fn told(snapshot: Snapshot) -> Vec<Event> {
    let mut told = vec![snapshot.ready];
    for peer in snapshot.peers.into_iter().filter(|peer| !peer.blocked) {
        told.extend(presence(peer));
    }
    told.extend(snapshot.topic.map(|topic| Event::Topic(Topic { past: true, asked: false, ..topic })));
    told
}

fn presence(peer: Peer) -> Vec<Event> {
    let Peer { id, name, addr, away, note, .. } = peer;
    let event =
        |change, note| Event::Peer { change, id, name: name.clone(), was: None, note, addr: Some(addr) };
    let joined = event(PeerChange::Joined, None);
    if away { vec![joined, event(PeerChange::Away, note)] } else { vec![joined] }
}
