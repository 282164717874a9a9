//! What an attached window knows of a room

use lanchat_protocol::Room;

use super::lines::{Snapshot, Way};
use crate::{
    event::{Event, Peer},
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
