//! What a node does when time has passed

use alloc::vec::Vec;
use core::{net::SocketAddr, time::Duration};

use super::{Node, Output, Reason, Role};
use crate::{
    Event, PeerKey, Time,
    liveness::Check,
    wire::{Body, Bye, Ping, PingRequest},
};

/// A node that is called this much later than it asked for was asleep itself
const ASLEEP: Duration = Duration::from_millis(500);

/// How many others are asked to look for somebody
const HELPERS: usize = 3;

impl Node {
    /// When [`handle_timeout`](Self::handle_timeout) is to be called, and what for
    pub fn poll_timeout(&self) -> Option<(Time, Reason)> {
        if let Some(farewell) = &self.farewell {
            return farewell.poll_timeout().map(|at| (at, Reason::Farewell));
        }
        [
            (Some(self.announcer.poll_timeout()), Reason::Announce),
            (self.intake.poll_timeout(), Reason::Admission),
            (self.answers.poll_timeout(), Reason::Answer),
            (self.peers.poll_timeout(), Reason::Liveness),
            (self.own.poll_timeout(), Reason::Publish),
            (self.own.echo.poll_timeout(), Reason::Echo),
            (self.archive.poll_timeout(), Reason::Gap),
            (self.requests.poll_timeout().filter(|_| self.role == Role::Member), Reason::Request),
            (self.repairs.poll_timeout(), Reason::Repair),
            (self.catch_up.poll_timeout(), Reason::CatchUp),
            (self.claims.poll_timeout(), Reason::Claims),
            (Some(self.next_expiry), Reason::Expiry),
            (self.whispers.poll_timeout(|peer| self.can_whisper(peer)), Reason::Whisper),
            (self.seals.poll_timeout(), Reason::Session),
        ]
        .into_iter()
        .filter_map(|(at, reason)| Some((at?, reason)))
        .min()
    }

    /// Does what is due at `now`
    pub fn handle_timeout(&mut self, now: Time) {
        self.now = now;
        if self.farewell.is_some() {
            return self.say_goodbye(now);
        }
        if let Some((at, _)) = self.poll_timeout()
            && now.since(at) > ASLEEP
        {
            self.peers.forgive(now, now.since(at));
        }
        self.announce(now);
        self.send_answers(now);
        for (key, check) in self.peers.handle_timeout(now) {
            self.check(&key, check);
        }
        self.tempo.calm(now);
        self.echo(now);
        self.archive.handle_timeout(now);
        self.tell_facts();
        self.repair(now);
        self.find_out(now);
        self.claims.handle_timeout(now);
        self.expire(now);
        self.tell_endings(now);
        self.seals.expire(now);
        self.send_whispers(now);
        self.take_in();
        self.publish();
        self.recover();
    }

    fn say_goodbye(&mut self, now: Time) {
        let Some(farewell) = &mut self.farewell else {
            return;
        };
        if !farewell.handle_timeout(now) {
            return;
        }
        let is_over = farewell.is_over();
        if self.role == Role::Member {
            if let Some(datagram) = self.own.echo.last(now) {
                self.outputs.push_back(Output::Broadcast(datagram));
            }
            self.broadcast(Body::Bye(Bye { head: self.own.head() }));
        }
        if is_over {
            self.emit(Event::Departed);
        }
    }

    fn check(&mut self, key: &PeerKey, check: Check) {
        let Some(peer) = self.peers.find(key) else { return };
        let info = peer.info();
        match check {
            Check::Ping => self.probe(info.addr),
            Check::PingThroughOthers => {
                self.probe(info.addr);
                self.request_pings(key);
            }
            Check::Gone => self.emit(Event::Gone(info)),
        }
    }

    fn probe(&mut self, to: SocketAddr) {
        let nonce = self.nonce();
        let datagram = self.speaker.seal(&self.room, Body::Ping(Ping { nonce }));
        if self.replies.may_send(to, datagram.len()) {
            self.replies.on_ping(self.now, nonce, to);
            self.outputs.push_back(Output::Probe { to, datagram });
        }
    }

    fn request_pings(&mut self, target: &PeerKey) {
        let others = self.peers.iter_present().filter(|(key, _)| *key != target).map(|(_, peer)| peer.addr);
        let helpers: Vec<_> = self.rng.choose_multiple(others, HELPERS);
        for helper in helpers {
            let nonce = self.rng.u64(..);
            self.send(helper, Body::PingRequest(PingRequest { target: *target, nonce }));
        }
    }
}
