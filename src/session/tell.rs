//! Between the protocol's words and those of the front ends: commands in, events out

use std::net::SocketAddr;

use jiff::Timestamp;
use lanchat_protocol::{
    self as protocol, Delivery, Input, MessageId, Name, NotWhispered, PeerId, PeerInfo, Text, WallTime,
};

use super::Session;
use crate::{
    event::{Author, DeliveryState, ErrorCode, Event, Peer, PeerChange},
    lang::{Told as _, tell},
    recall::timestamp,
    sanitize::Unclean,
    view::{ResolveError, digits},
};

impl Session {
    pub(super) fn say(&mut self, text: &str) {
        match Text::new(text) {
            Ok(text) => {
                self.unsaid += 1;
                self.input(Input::Command(protocol::Command::Say { text, at: wall_clock(), about: None }));
            }
            Err(error) => self.tell_error(ErrorCode::InvalidText, error.told()),
        }
    }

    pub(super) fn whisper(&mut self, to: &str, text: &str) {
        let text = match Text::new(text) {
            Ok(text) => text,
            Err(error) => return self.tell_error(ErrorCode::InvalidText, error.told()),
        };
        match self.view.resolve(to) {
            Ok(id) => {
                let to = PeerId::from_uuid(id);
                self.input(Input::Command(protocol::Command::Whisper { to, text, at: wall_clock() }));
            }
            Err(error) => self.tell_unresolved(error),
        }
    }

    pub(super) fn tell_unresolved(&mut self, error: ResolveError) {
        let code = match &error {
            ResolveError::Unknown { .. } => ErrorCode::UnknownPeer,
            ResolveError::Ambiguous { .. } => ErrorCode::AmbiguousPeer,
            ResolveError::KeyChanged { .. } => ErrorCode::KeyChanged,
            ResolveError::Blocked { .. } => ErrorCode::Blocked,
        };
        self.tell_error(code, error);
    }

    pub(super) fn rename(&mut self, name: &str) {
        match Name::new(name) {
            Ok(name) => {
                self.keeping.rename(&name);
                self.input(Input::Command(protocol::Command::Rename(name)));
                self.tell_ready();
            }
            Err(error) => self.tell_error(ErrorCode::InvalidName, error.told()),
        }
    }

    /// What is known before anything happens
    pub(super) fn tell_what_is_known(&mut self, topics: Vec<crate::store::Topic>) {
        self.tell_ready();
        self.tell_what_was_moved_aside();
        self.tell_kept_topic(topics);
    }

    /// Who and where this node is
    pub(super) fn tell_ready(&mut self) {
        let ready = self.ready();
        self.waiting.push_back(ready);
    }

    /// The event that tells so
    pub(crate) fn ready(&self) -> Event {
        let (id, name) = (self.node.id().as_uuid(), self.node.name().as_str().into());
        let (room, private) = (self.room.name().to_string(), self.room.is_private());
        Event::Ready { id, name, room, port: self.port, private }
    }

    fn tell_what_was_moved_aside(&mut self) {
        if let Some(path) = self.keeping.moved_aside() {
            let message = tell!("history-damaged", file = %path.display());
            self.tell_error(ErrorCode::StoreDamaged, message);
        }
    }

    pub(super) fn tell_error(&mut self, code: ErrorCode, message: impl ToString) {
        self.waiting.push_back(Event::error(code, message));
    }

    /// Says so when the last link goes, and when the first comes
    pub(super) fn tell_whether_offline(&mut self) {
        let is_offline = !self.net.is_online();
        if is_offline && !self.is_offline {
            let message = tell!("no-network");
            self.tell_error(ErrorCode::Network, message);
        }
        self.is_offline = is_offline;
        let is_local = self.net.is_local();
        if is_local && !self.is_local && !is_offline {
            self.tell_error(ErrorCode::Network, tell!("only-this-machine"));
        }
        self.is_local = is_local;
    }

    pub(super) fn tell(&mut self, event: protocol::Event) {
        let told = match event {
            protocol::Event::Joined(peer) => self.joined(&peer),
            protocol::Event::Left(peer) => peer_event(PeerChange::Left, &peer, None),
            protocol::Event::Gone(peer) => peer_event(PeerChange::Gone, &peer, None),
            protocol::Event::Renamed { peer, was } => peer_event(PeerChange::Renamed, &peer, Some(&was)),
            protocol::Event::Status { peer, away } => Self::restated(&peer, away),
            protocol::Event::Typing { peer, to_me } => Self::is_typing(&peer, to_me),
            protocol::Event::Holds { peer, upto } => Self::holds(peer, upto),
            event @ (protocol::Event::Message { .. }
            | protocol::Event::Edited { .. }
            | protocol::Event::Deleted { .. }
            | protocol::Event::Reaction { .. }
            | protocol::Event::Topic { .. }) => match self.said_to_all(event) {
                Some(told) => told,
                None => return,
            },
            protocol::Event::Whisper { id, author, text, sent_at } => Event::Whisper {
                id: id.as_uuid(),
                from: self.author(&author),
                to: None,
                text: text.as_str().into(),
                sent_at: timestamp(sent_at),
                own: false,
                past: false,
                state: None,
            },
            protocol::Event::Whispered { id, to, text, sent_at } => Event::Whisper {
                id: id.as_uuid(),
                from: self.myself(),
                to: Some(to.id.as_uuid()),
                text: text.as_str().into(),
                sent_at: timestamp(sent_at),
                own: true,
                past: false,
                state: None,
            },
            protocol::Event::Delivery { id, to, state } => delivery(id, to, state),
            protocol::Event::Gap { author, epoch, first, missing } => {
                self.gap(&author, epoch, first, missing)
            }
            protocol::Event::Forked(author) => self.forked(&author),
            protocol::Event::KeyInUse { addr } => key_in_use(addr),
            protocol::Event::NotWhispered { to, why } => self.not_whispered(to, why),
            protocol::Event::NotStored { own } => match self.not_stored(own) {
                Some(error) => error,
                None => return,
            },
            protocol::Event::Departed => {
                self.departed = true;
                return;
            }
        };
        self.waiting.push_back(told);
    }

    fn joined(&mut self, peer: &PeerInfo) -> Event {
        self.on_answer();
        peer_event(PeerChange::Joined, peer, None)
    }

    fn gap(&self, author: &protocol::Author, epoch: u64, first: u64, missing: u64) -> Event {
        let (whose, name) = (author.id.as_uuid(), author.name.as_ref().map(|name| name.as_str().into()));
        let id = format!("{}-{epoch:x}-{first:x}", whose.simple());
        Event::Gap { room: self.room.name().to_string(), id, author: whose, name, missing }
    }

    /// What cannot be stored now will not be for a while: of others' lines that is said once
    fn not_stored(&mut self, own: bool) -> Option<Event> {
        if own {
            let message = tell!("not-stored");
            return Some(Event::error(ErrorCode::NotStored, message));
        }
        let message = tell!("not-kept");
        let is_told = std::mem::replace(&mut self.not_kept_is_told, true);
        (!is_told).then(|| Event::error(ErrorCode::NotKept, message))
    }

    pub(super) fn tell_not_remembered(&mut self) {
        let message = tell!("not-remembered");
        self.tell_error(ErrorCode::NotKept, message);
    }

    fn forked(&self, author: &protocol::Author) -> Event {
        let name = self.author(author).name;
        let message = tell!("forked", name = %name.clean_name());
        Event::error(ErrorCode::Forked, message)
    }

    fn not_whispered(&self, to: PeerId, why: NotWhispered) -> Event {
        let label = self.view.label(to.as_uuid()).clean_name();
        match why {
            NotWhispered::Unknown => {
                Event::error(ErrorCode::UnknownPeer, tell!("person-unknown", wanted = %label))
            }
            NotWhispered::TooMany => Event::error(ErrorCode::Busy, tell!("whispers-many", name = %label)),
        }
    }

    /// Whoever is not known by name yet is called by the first digits of their id
    pub(super) fn author(&self, author: &protocol::Author) -> Author {
        let id = author.id.as_uuid();
        let known = || self.view.name_of(id).cloned().unwrap_or_else(|| digits(id).into());
        let name: Unclean = author.name.as_ref().map_or_else(known, |name| name.as_str().into());
        Author::new(id, name)
    }

    fn myself(&self) -> Author {
        Author::new(self.node.id().as_uuid(), self.node.name().as_str())
    }
}

impl From<PeerInfo> for Peer {
    fn from(peer: PeerInfo) -> Self {
        Self::new(peer.id.as_uuid(), peer.name.as_str(), peer.addr)
    }
}

fn key_in_use(addr: SocketAddr) -> Event {
    Event::error(ErrorCode::KeyInUse, tell!("key-in-use", addr = %addr))
}

fn peer_event(change: PeerChange, peer: &PeerInfo, was: Option<&Name>) -> Event {
    let (id, name) = (peer.id.as_uuid(), peer.name.as_str().into());
    Event::Peer {
        change,
        id,
        name,
        was: was.map(|was| was.as_str().into()),
        note: None,
        addr: Some(peer.addr),
    }
}

fn delivery(id: MessageId, to: PeerId, state: Delivery) -> Event {
    let state = match state {
        Delivery::Queued => DeliveryState::Queued,
        Delivery::Sent => DeliveryState::Sent,
        Delivery::Delivered => DeliveryState::Delivered,
        Delivery::Expired => DeliveryState::Expired,
    };
    Event::Delivery { id: id.as_uuid(), to: to.as_uuid(), state }
}

pub(super) fn wall_clock() -> WallTime {
    WallTime::from_unix_millis(u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0))
}
