//! How a node helps others with what it has

use alloc::vec::Vec;
use core::net::SocketAddr;

use super::{Cast, Node, Output};
use crate::{
    PeerKey, Time,
    repairs::Answer,
    requests::Room,
    wire::{Body, Data, Heads, HeadsRequest, Ping, Range, Want, bounded::List},
};

/// How many entries one Want is answered with
const MAX_ANSWERED: usize = 64;

impl Node {
    pub(super) fn on_heads_request(&mut self, from: SocketAddr, who: &PeerKey, request: HeadsRequest) {
        self.have_proven(from, who);
        let (holdings, more) = self.archive.page(request.after);
        let Some(holdings) = List::new(holdings) else { return };
        let datagram = self.speaker.seal(&self.room, Body::Heads(Heads { holdings, more }));
        if self.replies.may_answer(from, who, datagram.len()) {
            self.outputs.push_back(Output::Send { to: from, datagram });
        }
    }

    pub(super) fn on_want(&mut self, now: Time, from: SocketAddr, who: &PeerKey, cast: Cast, want: &Want) {
        self.on_lack(now, who, want);
        match cast {
            Cast::Broadcast => {
                let mut left = MAX_ANSWERED;
                want.ranges.iter().for_each(|range| self.on_want_of_all(now, who, range, &mut left));
            }
            Cast::Unicast => self.answer_want(now, from, who, want),
        }
    }

    /// Asks whoever is at `to` for an answer, unless it is known that `who` hears it there: what they want may be much
    fn have_proven(&mut self, to: SocketAddr, who: &PeerKey) {
        if !self.replies.is_proven_by(to, who) && !self.replies.is_pinged(self.now, to) {
            self.ping(to);
        }
    }

    /// Pings whoever is at `to`, so that an answer proves that it is heard there
    pub(super) fn ping(&mut self, to: SocketAddr) -> u64 {
        let nonce = self.nonce();
        self.replies.on_ping(self.now, nonce, to);
        self.send(to, Body::Ping(Ping { nonce }));
        nonce
    }

    /// What nobody can guess who does not receive it
    pub(super) fn nonce(&mut self) -> u64 {
        u64::from_le_bytes(self.entropy.bytes())
    }

    fn on_want_of_all(&mut self, now: Time, who: &PeerKey, range: &Range, left: &mut usize) {
        let room = Room {
            me: *self.speaker.identity().key(),
            archive: &self.archive,
            peers: &self.peers,
            tempo: &self.tempo,
        };
        self.requests.on_heard(now, range, &room, &self.claims, &mut self.rng);
        let (members, hold) = (self.peers.present() + 1, self.tempo.after_repairing());
        let is_author = range.log.author == *self.speaker.identity().key();
        for seq in places(range).take(*left) {
            *left -= 1;
            if self.archive.entry(&range.log, seq).is_some() && self.repairs.may_ask(now, *who) {
                let delay = self.tempo.before_repairing(members, is_author, &mut self.rng);
                self.repairs.on_asked_all(now, (range.log, seq), delay, hold);
            }
        }
    }

    fn answer_want(&mut self, now: Time, from: SocketAddr, who: &PeerKey, want: &Want) {
        /// What an entry takes of a datagram beside itself at most
        const OVERHEAD: usize = 24;
        let hold = self.tempo.after_repairing();
        let to = self.peers.find(who).map_or(from, |peer| peer.addr);
        self.have_proven(to, who);
        let (mut to_one, mut to_all) = (Vec::new(), Vec::new());
        let wanted = want.ranges.iter().flat_map(|range| places(range).map(|seq| (range.log, seq)));
        for (log, seq) in wanted.take(MAX_ANSWERED) {
            let Some(signed) = self.archive.entry(&log, seq) else { continue };
            let bytes = signed.len() + OVERHEAD;
            match self.repairs.on_asked(now, (log, seq), *who, hold) {
                Answer::ToOne
                    if !self.repairs.may_send(now, *who, bytes)
                        || !self.replies.may_answer(to, who, bytes) =>
                {
                    break;
                }
                Answer::ToOne => to_one.push(signed.clone()),
                Answer::ToAll => to_all.push(signed.clone()),
                Answer::Wait => {}
            }
        }
        for datagram in Data::pack(to_one, &self.room) {
            self.outputs.push_back(Output::Send { to, datagram });
        }
        for datagram in Data::pack(to_all, &self.room) {
            self.outputs.push_back(Output::Broadcast(datagram));
        }
    }

    /// Sends what others asked everybody for, unless somebody else was faster
    pub(super) fn repair(&mut self, now: Time) {
        let mut due = Vec::new();
        while let Some((log, seq)) = self.repairs.poll_due(now) {
            due.extend(self.archive.entry(&log, seq).cloned());
        }
        for datagram in Data::pack(due, &self.room) {
            self.outputs.push_back(Output::Broadcast(datagram));
        }
    }
}

fn places(range: &Range) -> impl Iterator<Item = u64> {
    range.from..=range.from.saturating_add(u64::from(range.count)).saturating_sub(1)
}
