//! How a node finds others and is found

use core::{net::SocketAddr, time::Duration};

use super::{Cast, Node, Role};
use crate::{
    Event, PeerInfo, Record, Time,
    wire::{Announce, Body, Dropped, Extension, Frame, MAX_EXTENSIONS, Recent, bounded::List},
};

impl Node {
    /// Everyone else who is there, blocked or not
    pub fn peers(&self) -> impl Iterator<Item = PeerInfo> {
        self.peers.iter_present().map(|(_, peer)| peer.info())
    }

    /// Whether as many others are known as any of them knows of: nobody is left to be discovered
    pub fn knows_everyone(&self) -> bool {
        let uncounted = match self.role {
            Role::Member => 0,
            Role::Visitor => 1,
        };
        let others = |claim: u32| usize::try_from(claim).unwrap_or(usize::MAX).saturating_add(uncounted);
        let most = self.peers.iter_present().map(|(_, peer)| others(peer.members)).max();
        most.is_some_and(|most| self.peers.present() >= most)
    }

    /// Announces this node to all, if it is time to
    pub(super) fn announce(&mut self, now: Time) {
        let members = self.peers.present() + 1;
        if let Some(due) = self.announcer.handle_timeout(now, members, &mut self.rng) {
            let announce = self.announcement(due.interval, due.solicits);
            self.broadcast(announce);
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
        let is_answered = !self.blocked.contains(&frame.sender);
        if announce.visitor {
            self.answer(now, from, cast, is_answered && announce.solicits);
            return Ok(());
        }
        let changes = self.peers.on_announce(now, from, (frame.sender, frame.place()), announce)?;
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
            self.answer(now, from, cast, is_answered && (announce.solicits || cast == Cast::Broadcast));
        } else {
            let members = usize::try_from(announce.members).unwrap_or(usize::MAX);
            let knows_fewer = members < self.peers.present();
            let is_new_to_them = knows_fewer || cast == Cast::Unicast;
            self.answer(now, from, cast, is_answered && announce.solicits && is_new_to_them);
        }
        self.follow_lamport(announce.lamport);
        self.on_claims(now, frame.sender, announce)
    }

    /// Answers whoever announced themselves from `to`, if they are to be answered
    ///
    /// Who asks by unicast asks this node alone, so that there is no crowd to choose from.
    fn answer(&mut self, now: Time, to: SocketAddr, cast: Cast, wanted: bool) {
        if !wanted || self.role == Role::Visitor || self.farewell.is_some() {
            return;
        }
        let members = self.peers.present() + 1;
        let is_due = cast == Cast::Unicast || self.answers.ask(now, to, members, &mut self.rng);
        if is_due && self.replies.allow(now, to) {
            self.send_announcement(now, to, false);
        }
    }

    /// Gives the answers that were put off
    pub(super) fn send_answers(&mut self, now: Time) {
        while let Some(to) = self.answers.handle_timeout(now) {
            if self.replies.allow(now, to) {
                self.send_announcement(now, to, false);
            }
        }
    }

    /// Asks whoever sent something and is not known to announce themselves
    pub(super) fn ask_who(&mut self, now: Time, at: SocketAddr) {
        if self.farewell.is_none() && self.replies.allow(now, at) {
            self.send_announcement(now, at, true);
        }
    }

    fn send_announcement(&mut self, now: Time, to: SocketAddr, solicits: bool) {
        let interval = self.announcer.poll_timeout().since(now);
        let announce = self.announcement(interval, solicits);
        self.send(to, announce);
    }

    /// What this node holds, for those who hold less
    fn extensions(&self) -> List<Extension, MAX_EXTENSIONS> {
        if self.role == Role::Visitor {
            return List::empty();
        }
        let digest = Extension::of(Extension::DIGEST, &self.archive.digest());
        let recent = List::new(self.archive.recent(self.now)).filter(|recent| !recent.is_empty());
        let recent = recent.and_then(|holdings| Extension::of(Extension::RECENT, &Recent { holdings }));
        List::new(digest.into_iter().chain(recent).collect()).unwrap_or_else(List::empty)
    }

    pub(super) fn announcement(&self, interval: Duration, solicits: bool) -> Body {
        Body::Announce(Announce {
            instance: self.instance,
            name: self.name.clone(),
            interval_ms: u32::try_from(interval.as_millis()).unwrap_or(u32::MAX),
            members: u32::try_from(self.peers.present()).unwrap_or(u32::MAX),
            solicits,
            visitor: self.role == Role::Visitor,
            head: self.own.head(),
            lamport: self.lamport,
            extensions: self.extensions(),
        })
    }
}
