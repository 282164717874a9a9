//! How a node finds others and is found

use alloc::vec::Vec;
use core::{net::SocketAddr, time::Duration};

use super::{Cast, Node, Output, Role};
use crate::{
    Event, InstanceId, Record, Time,
    peer::Peer,
    tempo::Tempo,
    wire::{Announce, Answer, Body, Dropped, Extension, Frame, Recent, bounded::List},
};

impl Node {
    /// Announces this node to all, if it is time to
    pub(super) fn announce(&mut self, now: Time) {
        let members = self.peers.present() + 1;
        if let Some(due) = self.announcer.handle_timeout(now, members, &mut self.rng) {
            let announce = self.announcement(due.interval, due.solicits);
            self.broadcast(announce);
            if !due.solicits && members <= Tempo::SMALL_ROOM {
                self.have_some_proven();
            }
        }
    }

    /// Pings some of those who are there and have answered nothing yet, a few at a time
    fn have_some_proven(&mut self) {
        const AT_ONCE: usize = 4;
        if self.role == Role::Visitor {
            return;
        }
        let unproven = self.peers.iter_present().map(|(_, peer)| peer);
        let unproven = unproven.filter(|peer| !peer.is_proven() || !self.replies.is_proven(peer.addr));
        let some: Vec<_> = self.rng.choose_multiple(unproven.map(|peer| peer.addr), AT_ONCE);
        for to in some {
            self.ping(to);
        }
    }

    pub(super) fn on_announce(
        &mut self,
        now: Time,
        from: SocketAddr,
        cast: Cast,
        frame: &Frame,
        announce: &Announce,
    ) -> Result<(), Dropped> {
        let run = (from, announce.instance);
        if announce.visitor {
            self.answer(now, run, cast, announce.solicits);
            return Ok(());
        }
        if self.may_be_recorded(frame, announce) {
            self.ask_whether_recorded(now, run, cast, announce.solicits);
            return Err(Dropped::Unproven);
        }
        if self.peers.find(&frame.sender).is_none() && !self.admission.take_newcomer(now, from.ip()) {
            return Err(Dropped::Deferred);
        }
        let changes = self.peers.on_announce(now, from, (frame.sender, frame.place()), announce)?;
        if announce.is_answer_to(self.instance) {
            self.peers.prove(&frame.sender);
        } else if changes.started && self.peers.is_crowded() {
            self.ping(from);
        }
        if let Some(displaced) = changes.displaced {
            self.emit(Event::Gone(displaced));
        }
        if let Some(peer) = self.peers.find(&frame.sender) {
            if changes.started || changes.renamed.is_some() {
                self.safekeeping.keep(|| Record::Peer(peer.kept(frame.sender)));
            }
            let peer = peer.info();
            if changes.joined {
                self.emit(Event::Joined(peer));
            } else if let Some(was) = changes.renamed {
                self.emit(Event::Renamed { peer, was });
            }
        }
        if changes.joined || changes.started {
            self.measure(now);
            self.claims.believe(&frame.sender);
            self.whispers.resume(now, &frame.sender);
            self.answer(now, run, cast, announce.solicits || cast == Cast::Broadcast);
        } else {
            let members = usize::try_from(announce.members).unwrap_or(usize::MAX);
            let knows_fewer = members < self.peers.present();
            self.answer(now, run, cast, announce.solicits && (knows_fewer || cast == Cast::Unicast));
        }
        self.follow_lamport(announce.lamport);
        self.on_claims(now, frame.sender, announce)
    }

    /// Whether somebody may have been recorded before this node started, so that nobody has to be there
    ///
    /// Who started later cannot have been, and of whom this run was heard the counters tell. A large room has no time to
    /// ask everybody.
    fn may_be_recorded(&self, frame: &Frame, announce: &Announce) -> bool {
        let is_known = |peer: &Peer| peer.was_heard() && peer.is_run(frame.incarnation);
        frame.incarnation < self.speaker.incarnation()
            && self.peers.present() < Tempo::SMALL_ROOM
            && !self.peers.find(&frame.sender).is_some_and(is_known)
            && !announce.is_answer_to(self.instance)
    }

    /// Has somebody answer who is there, unless everybody was asked to just now; answers them as if they were known
    fn ask_whether_recorded(&mut self, now: Time, run: (SocketAddr, InstanceId), cast: Cast, solicits: bool) {
        let asks = !self.announcer.has_just_asked(now);
        let is_wanted = self.role == Role::Member && (solicits || cast == Cast::Broadcast);
        if (asks || is_wanted) && self.farewell.is_none() && self.replies.allow(now, run.0) {
            self.send_announcement(now, run.0, Some(run.1), asks);
        }
    }

    /// Answers whoever announced this run of theirs, if they are to be answered
    ///
    /// Who asks by unicast asks this node alone, so that there is no crowd to choose from.
    fn answer(&mut self, now: Time, run: (SocketAddr, InstanceId), cast: Cast, wanted: bool) {
        if !wanted || self.role == Role::Visitor || self.farewell.is_some() {
            return;
        }
        let members = self.peers.present() + 1;
        let is_due = cast == Cast::Unicast || self.answers.ask(now, run, members, &mut self.rng);
        if is_due && self.replies.allow(now, run.0) {
            self.send_announcement(now, run.0, Some(run.1), false);
        }
    }

    /// Gives the answers that were put off
    pub(super) fn send_answers(&mut self, now: Time) {
        while let Some((to, run)) = self.answers.handle_timeout(now) {
            if self.replies.allow(now, to) {
                self.send_announcement(now, to, Some(run), false);
            }
        }
    }

    /// Asks whoever sent something and is not known to announce themselves
    pub(super) fn ask_who(&mut self, now: Time, at: SocketAddr) {
        if self.farewell.is_none() && self.replies.allow(now, at) {
            self.send_announcement(now, at, None, true);
        }
    }

    /// Announces this node to one address, at less length if they may not be sent all of it
    fn send_announcement(&mut self, now: Time, to: SocketAddr, answers: Option<InstanceId>, solicits: bool) {
        let interval = self.announcer.poll_timeout().since(now);
        let answer = answers.and_then(|to| Extension::of(Extension::ANSWER, &Answer { to }));
        for extensions in [self.holdings(), Vec::new()] {
            let extensions: Vec<_> = answer.iter().cloned().chain(extensions).collect();
            let body = self.announcement_with(interval, solicits, extensions);
            let datagram = self.speaker.seal(&self.room, body);
            if self.replies.may_send(to, datagram.len()) {
                return self.outputs.push_back(Output::Send { to, datagram });
            }
        }
    }

    /// What this node holds, for those who hold less
    fn holdings(&self) -> Vec<Extension> {
        if self.role == Role::Visitor {
            return Vec::new();
        }
        let digest = Extension::of(Extension::DIGEST, &self.archive.digest());
        let recent = List::new(self.archive.recent(self.now)).filter(|recent| !recent.is_empty());
        let recent = recent.and_then(|holdings| Extension::of(Extension::RECENT, &Recent { holdings }));
        digest.into_iter().chain(recent).collect()
    }

    pub(super) fn announcement(&self, interval: Duration, solicits: bool) -> Body {
        self.announcement_with(interval, solicits, self.holdings())
    }

    fn announcement_with(&self, interval: Duration, solicits: bool, extensions: Vec<Extension>) -> Body {
        Body::Announce(Announce {
            instance: self.instance,
            name: self.name.clone(),
            interval_ms: u32::try_from(interval.as_millis()).unwrap_or(u32::MAX),
            members: u32::try_from(self.peers.present()).unwrap_or(u32::MAX),
            solicits,
            visitor: self.role == Role::Visitor,
            head: self.own.head(),
            lamport: self.lamport,
            extensions: List::new(extensions).unwrap_or_else(List::empty),
        })
    }
}
