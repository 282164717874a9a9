//! How a node finds others and is found

use core::{net::SocketAddr, time::Duration};

use super::{Cast, Node, Output, Role};
use crate::{
    Event, PeerInfo, Record, Time,
    announcer::Announcer,
    peers::Standing,
    wire::{
        Announce, Body, Dropped, Extension, Frame, Heartbeat, Link, MAX_EXTENSIONS, Recent, bounded::List,
    },
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
        if now < self.announcer.poll_timeout() {
            return;
        }
        let members = self.peers.present() + 1;
        let what = self.what_is_announced();
        let steady = self.heart.interval(&what);
        let Some(due) = self.announcer.handle_timeout(now, members, steady, &mut self.rng) else { return };
        if self.role == Role::Member {
            if steady.is_none() {
                self.heart.begin(what, Announcer::steady(members, &mut self.rng));
            }
            if !due.solicits
                && let Some((place, link)) = self.heart.beat()
            {
                return self.beat(place, link);
            }
        }
        let announce = self.announcement(due.interval, due.solicits);
        self.broadcast(announce);
    }

    /// Says that this node is still here, and all as it announced it
    fn beat(&mut self, place: u16, link: Link) {
        let (sender, incarnation) = (*self.speaker.identity().key(), self.speaker.incarnation());
        let datagram = Heartbeat { sender, incarnation, place, link }.seal(&self.room);
        self.outputs.push_back(Output::Broadcast(datagram));
    }

    /// Takes in what repeats somebody's announcement
    pub(super) fn on_heartbeat(
        &mut self,
        now: Time,
        from: SocketAddr,
        heartbeat: &Heartbeat,
    ) -> Result<(), Dropped> {
        if heartbeat.sender == *self.speaker.identity().key() {
            return Err(Dropped::Own);
        }
        match self.peers.on_heartbeat(now, heartbeat) {
            Ok((standing, announce)) => {
                if standing == Standing::Back {
                    self.welcome_back(now, &heartbeat.sender);
                }
                self.on_claims(now, heartbeat.sender, &announce)
            }
            Err(why) => {
                if why == Dropped::Stranger {
                    self.ask_who(now, from);
                }
                Err(why)
            }
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
        if changes.started || changes.rekeyed {
            self.seals.forget(&frame.sender);
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
            self.answer_at(now, to);
        }
    }

    /// Gives the answers that were put off
    pub(super) fn send_answers(&mut self, now: Time) {
        while let Some(to) = self.answers.handle_timeout(now) {
            if self.replies.allow(now, to) {
                self.answer_at(now, to);
            }
        }
    }

    fn answer_at(&mut self, now: Time, to: SocketAddr) {
        let interval = self.announcer.poll_timeout().since(now);
        let announce = self.announcement(interval, false);
        self.send(to, announce);
    }

    /// Asks whoever sent something and is not known to announce themselves
    ///
    /// Anyone may have made it up in somebody else's name: what that draws is as short as can be.
    pub(super) fn ask_who(&mut self, now: Time, at: SocketAddr) {
        if self.farewell.is_none() && self.replies.allow(now, at) {
            let interval_ms = in_ms(self.announcer.poll_timeout().since(now));
            let extensions = List::empty();
            let question = Announce { interval_ms, solicits: true, extensions, ..self.what_is_announced() };
            self.send(at, Body::Announce(question));
        }
    }

    /// What this node holds, for those who hold less, and to whom whispers for it are sealed
    fn extensions(&self) -> List<Extension, MAX_EXTENSIONS> {
        if self.role == Role::Visitor {
            return List::empty();
        }
        let digest = Extension::of(Extension::DIGEST, &self.archive.digest());
        let recent = List::new(self.archive.recent(self.now)).filter(|recent| !recent.is_empty());
        let recent = recent.and_then(|holdings| Extension::of(Extension::RECENT, &Recent { holdings }));
        let whisper_key = self.seals.key().and_then(|key| Extension::of(Extension::WHISPER_KEY, &key));
        List::new(digest.into_iter().chain(recent).chain(whisper_key).collect()).unwrap_or_else(List::empty)
    }

    pub(super) fn announcement(&self, interval: Duration, solicits: bool) -> Body {
        let what = self.what_is_announced();
        // While it is what heartbeats repeat
        let pulse = self.heart.interval(&what).and_then(|_| self.heart.extension());
        let extensions = what.extensions.iter().cloned().chain(pulse).collect();
        Body::Announce(Announce {
            interval_ms: in_ms(interval),
            solicits,
            extensions: List::new(extensions).unwrap_or_else(List::empty),
            ..what
        })
    }

    /// What an announcement says beside when the next one comes
    fn what_is_announced(&self) -> Announce {
        Announce {
            instance: self.instance,
            name: self.name.clone(),
            interval_ms: 0,
            members: u32::try_from(self.peers.present()).unwrap_or(u32::MAX),
            solicits: false,
            visitor: self.role == Role::Visitor,
            head: self.own.head(),
            lamport: self.lamport,
            extensions: self.extensions(),
        }
    }
}

fn in_ms(interval: Duration) -> u32 {
    u32::try_from(interval.as_millis()).unwrap_or(u32::MAX)
}
