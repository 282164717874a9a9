//! How a node finds others and is found

use alloc::vec::Vec;
use core::{net::SocketAddr, time::Duration};

use super::{Cast, Node, Output, Role};
use crate::{
    Event, InstanceId, PeerInfo, Record, Time,
    admission::Flow,
    announcer::Announcer,
    peers::Standing,
    tempo::Tempo,
    wire::{
        Announce, Answer, Body, Dropped, Extension, Frame, Heartbeat, Link, MAX_EXTENSIONS, Recent, Status,
        bounded::List,
    },
};

impl Node {
    /// Everyone else who is there, blocked or not
    pub fn peers(&self) -> impl Iterator<Item = PeerInfo> {
        self.peers.iter_present().map(|(_, peer)| peer.info())
    }

    /// Whether as many others are known as others know of, though nobody alone is believed about that: nobody is left to
    /// be discovered
    pub fn knows_everyone(&self) -> bool {
        let uncounted = match self.role {
            Role::Member => 0,
            Role::Visitor => 1,
        };
        let most = self.peers.believed_members().map(|members| members.saturating_add(uncounted));
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
            if !due.solicits && members <= Tempo::SMALL_ROOM {
                self.have_some_proven();
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
        (from, flow): (SocketAddr, Flow),
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
                    // It took as many hashes as a chain has links to find out.
                    self.admission.on_waste(now, flow);
                    if self.peers.may_ask(now, &heartbeat.sender) {
                        self.ask_who(now, from);
                    }
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
        let run = (from, announce.instance);
        let is_answered = !self.blocked.contains(&frame.sender);
        if announce.visitor {
            self.answer(now, run, cast, is_answered && announce.solicits);
            return Ok(());
        }
        if self.may_be_recorded(now, frame, announce) {
            if is_answered {
                self.ask_whether_recorded(now, run, cast, announce.solicits);
            }
            return Err(Dropped::Unproven);
        }
        let is_newcomer = self.peers.find(&frame.sender).is_none() && !self.peers.is_friend(&frame.sender);
        if is_newcomer && !self.admission.take_newcomer(now, from.ip())
            || !self.peers.may_change(now, &frame.sender, frame.place(), announce)
        {
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
        self.tell_status(&frame.sender, changes.joined, changes.restated);
        if changes.started || changes.rekeyed {
            self.seals.forget(&frame.sender);
        }
        if changes.joined || changes.started {
            self.measure(now);
            self.claims.believe(&frame.sender);
            self.whispers.resume(now, &frame.sender);
            self.answer(now, run, cast, is_answered && (announce.solicits || cast == Cast::Broadcast));
        } else {
            let members = usize::try_from(announce.members).unwrap_or(usize::MAX);
            let knows_fewer = members < self.peers.present();
            let is_new_to_them = knows_fewer || cast == Cast::Unicast;
            self.answer(now, run, cast, is_answered && announce.solicits && is_new_to_them);
        }
        self.follow_lamport(announce.lamport);
        self.on_claims(now, frame.sender, announce)
    }

    /// Whether somebody may have been recorded before this node started, so that nobody has to be there
    ///
    /// Who started later cannot have been, and as long as somebody is there the counters tell. Of who is gone something
    /// may come that was not heard here when it was sent. A large room has no time to ask everybody, and whom nothing
    /// reaches by unicast cannot hear an answer: some firewalls let in only what is for all.
    fn may_be_recorded(&self, now: Time, frame: &Frame, announce: &Announce) -> bool {
        if self.deaf_from.is_some_and(|from| from <= now) {
            return false;
        }
        let known = self.peers.find(&frame.sender);
        let known = known.filter(|peer| peer.was_heard() && peer.is_run(frame.incarnation));
        let may_be = match known {
            Some(peer) => !peer.is_present(),
            None => frame.incarnation < self.speaker.incarnation(),
        };
        may_be && !self.peers.comes_back_by_itself() && !announce.is_answer_to(self.instance)
    }

    /// Has somebody answer who is there, unless everybody was asked to just now; answers them as if they were known
    fn ask_whether_recorded(&mut self, now: Time, run: (SocketAddr, InstanceId), cast: Cast, solicits: bool) {
        let asks = !self.announcer.has_just_asked(now);
        let is_wanted = self.role == Role::Member && (solicits || cast == Cast::Broadcast);
        if (asks || is_wanted) && self.farewell.is_none() && self.replies.allow(now, run.0) {
            self.send_announcement(now, run, asks);
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
            self.send_announcement(now, run, false);
        }
    }

    /// Gives the answers that were put off
    pub(super) fn send_answers(&mut self, now: Time) {
        while let Some((to, run)) = self.answers.handle_timeout(now) {
            if self.replies.allow(now, to) {
                self.send_announcement(now, (to, run), false);
            }
        }
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

    /// Announces this node to one address, at less length if they may not be sent all of it
    fn send_announcement(&mut self, now: Time, (to, run): (SocketAddr, InstanceId), solicits: bool) {
        const TOLD: &[u16] = &[
            Extension::DIGEST,
            Extension::WHISPER_KEY,
            Extension::PULSE,
            Extension::STATUS,
            Extension::RECENT,
        ];
        let interval = self.announcer.poll_timeout().since(now);
        let answer = Extension::of(Extension::ANSWER, &Answer { to: run });
        for told in [TOLD, &TOLD[..4], &TOLD[..3], &[]] {
            let is_told = |extension: &Extension| told.contains(&extension.kind);
            let body = self.announcement_with(interval, solicits, answer.clone(), is_told);
            let datagram = self.speaker.seal(&self.room, body);
            if self.replies.may_send(to, datagram.len()) {
                return self.outputs.push_back(Output::Send { to, datagram });
            }
        }
    }

    /// What this node holds, for those who hold less, to whom whispers for it are sealed, and who is at its screen
    fn extensions(&self) -> List<Extension, MAX_EXTENSIONS> {
        if self.role == Role::Visitor {
            return List::empty();
        }
        let digest = Extension::of(Extension::DIGEST, &self.archive.digest());
        let recent = List::new(self.archive.recent(self.now)).filter(|recent| !recent.is_empty());
        let recent = recent.and_then(|holdings| Extension::of(Extension::RECENT, &Recent { holdings }));
        let whisper_key = self.seals.key().and_then(|key| Extension::of(Extension::WHISPER_KEY, &key));
        let status = self.status.as_ref().and_then(|away| Status::of(away.as_ref()));
        let status = status.and_then(|status| Extension::of(Extension::STATUS, &status));
        List::new(digest.into_iter().chain(recent).chain(whisper_key).chain(status).collect())
            .unwrap_or_else(List::empty)
    }

    pub(super) fn announcement(&self, interval: Duration, solicits: bool) -> Body {
        self.announcement_with(interval, solicits, None, |_| true)
    }

    /// An announcement with one extension more, and those others that are told
    fn announcement_with(
        &self,
        interval: Duration,
        solicits: bool,
        first: Option<Extension>,
        is_told: impl Fn(&Extension) -> bool,
    ) -> Body {
        let what = self.what_is_announced();
        // While it is what heartbeats repeat
        let pulse = self.heart.interval(&what).and_then(|_| self.heart.extension());
        let others = what.extensions.iter().cloned().chain(pulse).filter(is_told);
        let extensions = first.into_iter().chain(others).collect();
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
