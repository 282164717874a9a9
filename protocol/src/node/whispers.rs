//! What a node whispers to others, and others to it

use core::net::SocketAddr;

use super::{Node, Output};
use crate::{
    Delivery, Event, HeardWhisper, KnownPeer, MessageId, NotWhispered, PeerId, PeerKey, Record, Text, Ticket,
    Time, WallTime,
    lines::Line,
    safekeeping::IfLost,
    whisper::{Intake, Progress},
    wire::{Confidence, Dropped, Whisper, WhisperAck},
};

impl Node {
    /// The key of somebody who was heard of, there or not
    pub fn key_of(&self, id: PeerId) -> Option<&PeerKey> {
        self.peers.find_id(id).map(|(key, _)| key)
    }

    /// Everyone who was heard of, in this run or an earlier one, and is not there
    pub fn known(&self) -> impl Iterator<Item = KnownPeer> {
        self.peers.iter_absent().map(|peer| peer.known())
    }

    pub(super) fn whisper(&mut self, now: Time, to: PeerId, text: Text, sent_at: WallTime) {
        let Some((key, peer)) = self.peers.find_id(to) else {
            return self.emit(Event::NotWhispered { to, why: NotWhispered::Unknown });
        };
        let (key, known, is_there) = (*key, peer.known(), peer.is_present() && peer.whisper_key.is_some());
        let current = self.safekeeping.current();
        let Some(kept) = self.whispers.queue(now, key, (&text, sent_at), current) else {
            return self.emit(Event::NotWhispered { to, why: NotWhispered::TooMany });
        };
        let id = kept.id;
        self.safekeeping.keep(|| Record::Outgoing(kept));
        self.tell_once_stored(Event::Whispered { id, to: known, text, sent_at }, IfLost::Drop);
        if !is_there || self.seals.is_unanswered(&key) {
            self.tell_queued(to, id);
        }
        if is_there {
            self.send_whispers(now);
        }
    }

    /// It cannot be said when this is sent
    pub(super) fn tell_queued(&mut self, to: PeerId, id: MessageId) {
        self.tell_once_stored(Event::Delivery { id, to, state: Delivery::Queued }, IfLost::Drop);
    }

    pub(super) fn on_whisper(
        &mut self,
        now: Time,
        from: SocketAddr,
        sender: PeerKey,
        whisper: Whisper,
    ) -> Result<(), Dropped> {
        self.whispers.receive(now, (sender, from), whisper)?;
        self.take_whispers();
        Ok(())
    }

    pub(super) fn on_ack(&mut self, now: Time, sender: &PeerKey, ack: &WhisperAck) {
        self.whispers.on_ack(now, sender, ack);
        self.tell_endings(now);
    }

    pub(super) fn on_whispers_stored(&mut self, now: Time, ticket: Ticket) {
        self.whispers.on_stored(ticket);
        self.acknowledge();
        self.take_whispers();
        self.send_whispers(now);
    }

    /// True if a whisper of this node's is not sent because it could not be stored
    pub(super) fn on_whispers_lost(&mut self, ticket: Ticket) -> bool {
        self.whispers.on_lost(ticket)
    }

    /// Has what is whole stored and shown, and acknowledges it once that is done
    fn take_whispers(&mut self) {
        while let Some(Intake { lines, heard }) = self.whispers.poll_intake(self.safekeeping.current()) {
            let author = self.author(&heard.from);
            for Line { id, text, sent_at, .. } in lines {
                let from = heard.from;
                let incoming = || Record::Incoming(HeardWhisper { id, from, text: text.clone(), sent_at });
                self.safekeeping.keep(incoming);
                let author = author.clone();
                self.tell_once_stored(Event::Whisper { id, author, text, sent_at }, IfLost::Drop);
            }
            self.safekeeping.keep(|| Record::Heard(heard));
        }
        self.acknowledge();
    }

    fn acknowledge(&mut self) {
        while let Some((key, to, ack)) = self.whispers.poll_answer() {
            self.send_sealed(&key, to, &Confidence::WhisperAck(ack));
        }
    }

    /// Whether something can be whispered to them now
    pub(super) fn can_whisper(&self, key: &PeerKey) -> bool {
        self.peers.is_present(key) && !self.blocked.contains(key) && self.seals.is_ready(self.now, key)
    }

    /// Sends what is due to those with whom there is a session, and makes sessions with the others
    pub(super) fn send_whispers(&mut self, now: Time) {
        loop {
            let (peers, seals, blocked) = (&self.peers, &self.seals, &self.blocked);
            let reachable =
                |key: &PeerKey| peers.is_present(key) && !blocked.contains(key) && seals.is_ready(now, key);
            let Some((key, whisper, progress)) = self.whispers.poll_transmit(now, reachable, &mut self.rng)
            else {
                break;
            };
            if let Some(peer) = self.peers.find(&key) {
                let to = peer.addr;
                self.send_sealed(&key, to, &Confidence::Whisper(whisper));
            }
            if let Some(progress) = progress {
                self.tell_progress(&key, progress);
            }
        }
        self.shake_hands(now);
    }

    /// Tells of whispers that were delivered or are given up
    pub(super) fn tell_endings(&mut self, now: Time) {
        while let Some((peer, progress)) = self.whispers.poll_progress(now, self.safekeeping.current()) {
            self.tell_progress(&peer, progress);
        }
    }

    fn tell_progress(&mut self, to: &PeerKey, progress: Progress) {
        let (id, state): (MessageId, Delivery) = match progress {
            Progress::Sent(id) => (id, Delivery::Sent),
            Progress::Delivered(id) => (id, Delivery::Delivered),
            Progress::Expired(id) => (id, Delivery::Expired),
        };
        if state != Delivery::Sent {
            self.safekeeping.keep(|| Record::Outcome { id, delivered: state == Delivery::Delivered });
        }
        self.tell_once_stored(Event::Delivery { id, to: to.id(), state }, IfLost::Keep);
    }

    fn tell_once_stored(&mut self, event: Event, if_lost: IfLost) {
        self.after_storing(Output::Event(event), if_lost);
    }
}
