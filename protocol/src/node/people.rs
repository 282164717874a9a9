//! What nodes tell each other of the people in front of the screens: who is away, who types, who has read on

use super::{Cast, Node, Role};
use crate::{
    Away, Event, PeerId, PeerKey, Time,
    tempo::Tempo,
    wire::{Announce, Body, Dropped, LogId, Place, Typing, Want},
};

impl Node {
    /// Has others know whether somebody is at the screen
    pub(super) fn be(&mut self, now: Time, away: Option<Away>) {
        if self.status.as_ref().is_some_and(|status| *status == away)
            || self.status.is_none() && away.is_none()
        {
            return;
        }
        self.status = Some(away);
        self.announcer.hasten(now);
    }

    /// Has others know that somebody types, unless they were told just now or are too many
    pub(super) fn type_to(&mut self, now: Time, to: Option<PeerId>) {
        if self.role == Role::Visitor || self.farewell.is_some() {
            return;
        }
        let Some(to) = to else {
            if self.is_small_room() && self.peers.present() > 0 && self.typists.tell(now, None) {
                self.broadcast(Body::Typing(Typing::TO_ALL));
            }
            return;
        };
        let known =
            self.peers.find_id(to).filter(|(key, peer)| peer.is_present() && !self.blocked.contains(key));
        let Some((key, addr)) = known.map(|(key, peer)| (*key, peer.addr)) else { return };
        if self.typists.tell(now, Some(key)) {
            self.send(addr, Body::Typing(Typing { to: key }));
        }
    }

    /// Whether it is worth a look at the signature that somebody says that they type
    ///
    /// # Errors
    /// Why not
    pub(super) fn expects_typing(
        &self,
        now: Time,
        (sender, place): (&PeerKey, Place),
        cast: Cast,
        typing: Typing,
    ) -> Result<(), Dropped> {
        let to_me = typing.to == *self.speaker.identity().key();
        let is_meant = match cast {
            Cast::Broadcast => typing == Typing::TO_ALL && self.is_small_room(),
            Cast::Unicast => to_me,
        };
        if !is_meant {
            return Err(Dropped::Misdirected);
        }
        let known = self.peers.find(sender);
        if !known.is_some_and(|peer| peer.is_present() && peer.is_run(place.incarnation)) {
            return Err(Dropped::Stranger);
        }
        if self.typists.is_too_soon(now, sender, to_me) { Err(Dropped::Deferred) } else { Ok(()) }
    }

    pub(super) fn on_typing(&mut self, now: Time, sender: PeerKey, typing: Typing) {
        let to_me = typing != Typing::TO_ALL;
        self.typists.on_heard(now, sender, to_me);
        if let Some(peer) = self.peers.find(&sender) {
            let peer = peer.info();
            self.emit(Event::Typing { peer, to_me });
        }
    }

    /// Tells that somebody is away who was just told to be there, if they are
    pub(super) fn tell_if_away(&mut self, key: &PeerKey) {
        if let Some(peer) = self.peers.find(key).filter(|peer| peer.away.is_some()) {
            let (peer, away) = (peer.info(), peer.away.clone());
            self.emit(Event::Status { peer, away });
        }
    }

    /// Tells how somebody's announcement changed whether they are away; who joins is not, until it is told
    pub(super) fn tell_status(&mut self, key: &PeerKey, joined: bool, restated: bool) {
        if joined {
            return self.tell_if_away(key);
        }
        if let Some(peer) = self.peers.find(key).filter(|_| restated) {
            let (peer, away) = (peer.info(), peer.away.clone());
            self.emit(Event::Status { peer, away });
        }
    }

    /// Looks in an announcement for how far its sender has the logs of this node
    pub(super) fn on_reach(&mut self, now: Time, who: PeerKey, announce: &Announce) {
        let me = *self.speaker.identity().key();
        for holding in announce.recent() {
            self.on_held(now, who, holding.log, holding.seq);
        }
        let latest = self.archive.latest_of(&me).map(|(epoch, _)| LogId { author: me, epoch });
        if let (Some(log), Some(digest)) = (latest, announce.digest())
            && let Some(seq) = self.archive.place_when(&log, digest.sum)
        {
            self.on_held(now, who, log, seq);
        }
    }

    /// Somebody holds a log up to a place
    pub(super) fn on_held(&mut self, now: Time, who: PeerKey, log: LogId, seq: u64) {
        if log.author != *self.speaker.identity().key() {
            return;
        }
        let Some(own) = self.archive.log(&log) else { return };
        let Some((last, _)) = own.last() else { return };
        if let Some(upto) = self.reach.on_holding(now, who, log.epoch, seq.min(last))
            && let Some(upto) = own.whole_upto(upto)
            && self.reach.is_news(who, upto)
        {
            self.emit(Event::Holds { peer: who.id(), upto });
        }
    }

    /// Whoever asks for something of this node's lacks it
    pub(super) fn on_lack(&mut self, now: Time, who: &PeerKey, want: &Want) {
        let me = *self.speaker.identity().key();
        for range in want.ranges.iter().filter(|range| range.log.author == me) {
            if self.archive.log(&range.log).is_some() {
                self.reach.on_want(now, *who, range.log.epoch, range.from);
            }
        }
    }

    fn is_small_room(&self) -> bool {
        self.peers.present() < Tempo::SMALL_ROOM
    }
}
