//! How a node takes in what others say, finds out what it lacks, and asks for it

use alloc::vec::Vec;
use core::net::SocketAddr;

use super::{
    Cast, Node,
    saying::{event, record},
};
use crate::{
    Arrival, Event, KeptChange, KeptEntry, KeptLine, KeptPeer, Name, PeerKey, Record, Time, WallTime,
    admission::{Admission, Flow},
    intake::{Arrived, Sifted},
    lines::Told,
    log::{Fact, Genuine},
    requests::{Ask, Room},
    wire::{Announce, Body, Dropped, Heads, Holding, LogId, SignedEntry, Want, bounded::List},
};

impl Node {
    pub(super) fn on_entries(&mut self, from: SocketAddr, flow: Flow, cast: Cast, entries: Vec<SignedEntry>) {
        if self.safekeeping.is_crowded() {
            // Others still have them, and are asked once the disk is through with what came before.
            return self.counters.count_dropped(Dropped::Overflow);
        }
        for signed in entries {
            let is_time = match signed.claim() {
                Some(entry) => {
                    let hash = signed.hash();
                    self.intake.push(Arrived { from, flow, cast, entry, hash, signed })
                }
                None => {
                    self.counters.count_dropped(Dropped::Malformed);
                    false
                }
            };
            if is_time {
                self.take_in();
            }
        }
    }

    /// Takes in the entries that arrived since the last call
    pub(super) fn take_in(&mut self) {
        let now = self.now;
        if self.intake.is_empty(now) {
            return;
        }
        let (room, verifier, admission) = (self.room.id(), &*self.verifier, &mut self.admission);
        let next = now + Admission::PERIOD;
        let sifted = self.intake.sift(now, next, &self.archive, |Arrived { flow, entry, signed, .. }| {
            let may = !admission.is_shut(now, *flow) && admission.may_verify(now, *flow);
            let is_signed = may.then(|| signed.is_signed_by(&entry.author, room, verifier));
            if is_signed == Some(false) {
                admission.on_forgery(now, *flow);
            }
            is_signed
        });
        for sifted in sifted {
            match sifted {
                Sifted::Genuine { from, cast, genuine } => self.on_genuine(from, cast, *genuine),
                Sifted::Known { cast, entry } => self.on_known(cast, entry),
                Sifted::Dropped(why) => self.counters.count_dropped(why),
                Sifted::TooMany(flow) => {
                    self.admission.shut(now, flow);
                    self.counters.count_dropped(Dropped::Deferred);
                }
                Sifted::Forked(log) => {
                    self.archive.fork(log);
                    self.counters.count_dropped(Dropped::Forked);
                }
            }
        }
        self.archive.trim();
        self.forget();
        self.tell_facts();
    }

    fn on_genuine(&mut self, from: SocketAddr, cast: Cast, genuine: Genuine) {
        let (now, entry) = (self.now, &genuine.entry);
        let (id, seq, author, lamport) = (entry.log(), entry.seq, entry.author, entry.lamport);
        if author == *self.speaker.identity().key() {
            if id.epoch == self.own.head().epoch && self.own.has_unsaid() {
                return self.counters.count_dropped(Dropped::Own);
            }
        } else if cast == Cast::Broadcast && self.peers.find(&author).is_none() {
            self.ask_who(now, from);
        }
        let is_live = self.archive.log(&id).map_or(cast == Cast::Broadcast, |log| seq > log.base());
        if !is_live && entry.sent_at < self.oldest() {
            return self.on_expired(id, seq);
        }
        if self.archive.log(&id).is_none()
            && let Some(claimed) = self.claims.greatest(&id)
        {
            self.archive.expect(now, &claimed, |key| self.peers.is_present(key));
        }
        let is_repair = self.archive.lacks(&id, seq);
        let is_past = entry.sent_at < self.clock.at_start();
        match self.archive.insert(now, genuine, is_past, |key| self.peers.is_present(key)) {
            Ok(true) => {}
            Ok(false) => self.counters.count_dropped(Dropped::Forked),
            Err(why) => return self.counters.count_dropped(why),
        }
        self.follow_lamport(lamport);
        if !is_past && author != *self.speaker.identity().key() {
            let is_answer = cast == Cast::Unicast || self.requests.has_asked(&id);
            self.loss.on_entry(is_repair && is_answer);
        }
        self.claims.on_entry(&id);
        let sample = self.requests.on_entry(now, &id, seq, is_repair, &self.tempo);
        if let Some(sample) = sample.filter(|_| cast == Cast::Unicast) {
            self.tempo.measured(now, sample);
        }
        self.tell_facts();
    }

    /// An answer was from before what is kept: so is all that is before it
    fn on_expired(&mut self, log: LogId, seq: u64) {
        self.counters.count_dropped(Dropped::Expired);
        self.requests.on_entry(self.now, &log, seq, true, &self.tempo);
        if self.archive.log(&log).is_none() {
            self.claims.reject(self.now, &log);
        }
        self.archive.forget(log, seq);
    }

    /// An entry that is here already was heard again
    fn on_known(&mut self, cast: Cast, entry: (LogId, u64)) {
        self.counters.count_dropped(Dropped::Replayed);
        if cast == Cast::Unicast {
            return;
        }
        let members = self.peers.present() + 1;
        if self.repairs.on_heard(self.now, entry, members) {
            self.tempo.on_duplicate_repair();
        }
    }

    /// Tells what the logs have to tell, once it is stored
    pub(super) fn tell_facts(&mut self) {
        while let Some((id, fact)) = self.archive.poll_fact() {
            self.tell_fact(id, fact);
        }
    }

    pub(super) fn tell_fact(&mut self, id: LogId, fact: Fact) {
        match fact {
            Fact::Entry(kept) => self.safekeeping.keep(|| Record::Entry(kept)),
            Fact::Name(name) => self.remember_name(id.author, name),
            Fact::Line { line, order, is_past } => self.tell(line.told(order), is_past),
            Fact::Change { change, is_past } => self.tell(Told::Change(change), is_past),
            Fact::Gap { first, missing } => {
                let author = self.author(&id.author);
                self.show(Event::Gap { author, epoch: id.epoch, first, missing });
            }
            Fact::Forked => {
                let author = self.author(&id.author);
                self.show(Event::Forked(author));
            }
        }
    }

    /// Whoever is not there and never was is called what they say in their log
    fn remember_name(&mut self, key: PeerKey, name: Name) {
        let kept = KeptPeer { key, name, incarnation: 0 };
        if key != *self.speaker.identity().key() && self.peers.remember(&kept) {
            self.safekeeping.keep(|| Record::Peer(kept));
        }
    }

    fn tell(&mut self, told: Told, is_past: bool) {
        let (order, sent_at, is_late) = match &told {
            Told::Line(KeptLine { order, sent_at, .. }) => {
                (*order, *sent_at, self.lateness.is_late(self.now, *order))
            }
            Told::Change(KeptChange { order, sent_at, .. }) => {
                (*order, *sent_at, self.lateness.is_behind(self.now, *order))
            }
        };
        let arrival = if is_past && sent_at < self.clock.at_start() {
            Arrival::Past
        } else if is_late || is_past {
            Arrival::Late
        } else {
            Arrival::Live
        };
        self.safekeeping.keep(|| record(&told));
        let author = self.author(&order.author);
        self.show(event(told, author, arrival));
    }

    /// What an announcement says about logs: the author's own, those that grew lately, and all in one number
    pub(super) fn on_claims(&mut self, now: Time, who: PeerKey, announce: &Announce) -> Result<(), Dropped> {
        let log = LogId { author: who, epoch: announce.head.epoch };
        self.on_author_head(now, log, announce.head.seq, announce.lamport)?;
        for holding in announce.recent() {
            self.on_holding(now, who, &holding);
        }
        self.on_reach(now, who, announce);
        if let Some(digest) = announce.digest() {
            let is_ahead = self.archive.is_behind(&digest);
            let members = self.peers.present() + 1;
            self.catch_up.on_digest(now, who, digest, is_ahead, members, &mut self.rng);
        }
        Ok(())
    }

    /// The author of a log says where it ends
    pub(super) fn on_author_head(
        &mut self,
        now: Time,
        log: LogId,
        seq: u64,
        lamport: u64,
    ) -> Result<(), Dropped> {
        self.archive.on_head(now, log, seq, |key| self.peers.is_present(key))?;
        let known = self.archive.log(&log).map(|known| (known.top(), known.base()));
        if let Some((top, base)) = known.filter(|(top, _)| seq > *top) {
            let floor = top.max(base).saturating_add(1);
            self.on_holding(now, log.author, &Holding { log, floor, seq, lamport });
        }
        self.tell_facts();
        Ok(())
    }

    /// Somebody says that they hold this; true if that is news, and something of it is not here
    fn on_holding(&mut self, now: Time, who: PeerKey, holding: &Holding) -> bool {
        let is_own = holding.log.author == *self.speaker.identity().key();
        if is_own && holding.log.epoch == self.own.head().epoch && self.own.has_unsaid() {
            return false;
        }
        let is_ahead = self.archive.on_holding(holding);
        let lacks = || self.archive.log(&holding.log).is_some_and(|log| !log.missing().is_empty());
        let is_news = (is_ahead || lacks()) && self.claims.add(now, who, holding);
        if is_news {
            self.requests.on_claim(now, holding);
        }
        is_news
    }

    pub(super) fn on_heads(&mut self, now: Time, from: SocketAddr, who: &PeerKey, heads: &Heads) {
        let mut is_fruitful = false;
        for holding in heads.holdings.iter() {
            is_fruitful |= self.on_holding(now, *who, holding);
            self.on_held(now, *who, holding.log, holding.seq);
        }
        let timeout = self.tempo.timeout(1);
        if let Some(request) = self.catch_up.on_heads(now, who, heads, is_fruitful, timeout) {
            self.send(from, Body::HeadsRequest(request));
        }
    }

    /// Pings somebody to know how fast this network is, unless that is known
    pub(super) fn measure(&mut self, now: Time) {
        if !self.tempo.is_stale(now) || self.role == super::Role::Visitor || self.farewell.is_some() {
            return;
        }
        let others: Vec<_> = self.peers.iter_present().map(|(_, peer)| peer.addr).collect();
        if let Some(to) = self.rng.choice(others) {
            let nonce = self.ping(to);
            self.tempo.on_ping(now, nonce);
        }
    }

    /// Asks for what is missing
    pub(super) fn recover(&mut self) {
        if self.role == super::Role::Visitor || self.farewell.is_some() {
            return;
        }
        let room = Room {
            me: *self.speaker.identity().key(),
            archive: &self.archive,
            peers: &self.peers,
            tempo: &self.tempo,
        };
        let asks = self.requests.poll(self.now, &room, &mut self.claims, &mut self.rng);
        for Ask { whom, ranges } in asks {
            let Some(ranges) = List::new(ranges) else { continue };
            let body = Body::Want(Want { ranges });
            match whom {
                None => self.broadcast(body),
                Some(key) => {
                    if let Some(to) = self.peers.find(&key).map(|peer| peer.addr) {
                        self.send(to, body);
                    }
                }
            }
        }
    }

    /// Asks somebody what they hold, if they seem to hold more
    pub(super) fn find_out(&mut self, now: Time) {
        let (archive, peers) = (&self.archive, &self.peers);
        let timeout = self.tempo.timeout(1);
        let asked = self.catch_up.handle_timeout(
            now,
            timeout,
            |digest| archive.is_behind(digest),
            |key| peers.is_present(key),
        );
        if let Some((whom, request)) = asked
            && self.role == super::Role::Member
            && let Some(to) = self.peers.find(&whom).map(|peer| peer.addr)
        {
            self.send(to, Body::HeadsRequest(request));
        }
    }

    /// Takes over what an earlier run kept
    pub(super) fn restore(&mut self, entries: Vec<KeptEntry>) {
        for kept in entries {
            self.follow_lamport(kept.lamport);
            self.archive.restore(kept);
        }
        self.archive.trim();
        self.forget();
    }

    /// Forgets what is older than is to be kept
    pub(super) fn expire(&mut self, now: Time) {
        const EVERY: core::time::Duration = core::time::Duration::from_secs(600);
        if self.next_expiry <= now {
            self.next_expiry = now + EVERY;
            self.archive.expire(self.oldest());
            self.forget();
        }
    }

    pub(super) fn forget(&mut self) {
        for (LogId { author, epoch }, upto) in self.archive.take_forgotten() {
            self.safekeeping.keep(|| Record::Forget { author, epoch, upto });
        }
    }

    /// Nothing that was said before this is kept
    fn oldest(&self) -> WallTime {
        let age = u64::try_from(self.retention.age.as_millis()).unwrap_or(u64::MAX);
        WallTime::from_unix_millis(self.clock.wall(self.now).as_unix_millis().saturating_sub(age))
    }
}
