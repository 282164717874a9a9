//! Looking around as a visitor: what is sent when, and what is noticed
//!
//! Each announcement names a run of its own, so that an answer tells which of them it answers, and so which way it came.
//! First all is said by broadcast only. Whoever answers that sends something that no firewall here takes for the answer to
//! what left; once they are spoken to alone, one that remembers what left lets in everything of theirs.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use lanchat_protocol::{
    Ed25519, Identity, InstanceId, NONCE_BYTES, Name, PeerKey, Room,
    wire::{Announce, Body, Dropped, Frame, Head, Packet, Ping, bounded::List},
};
use uuid::Builder;

use super::{
    loss::Pings,
    peer::PeerFacts,
    people::{Circumstances, People},
};
use crate::net::{Cast, Origin};

/// Looking around, from the first announcement to the end; times are since the start
#[derive(Debug)]
pub(crate) struct Look {
    voice: Voice,
    end: Duration,
    /// The runs that were announced by broadcast, and the one that is announced to one alone
    rounds: Vec<InstanceId>,
    alone: InstanceId,
    next_round: Duration,
    next_pings: Duration,
    people: People,
    pinged: BTreeMap<u64, (PeerKey, u32)>,
    sights: Sights,
    /// Who was heard from which other network
    off_link: BTreeMap<Ipv4Addr, PeerKey>,
    outputs: VecDeque<Output>,
}

/// Who looks, and where
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) identity: Identity,
    pub(crate) name: Name,
    pub(crate) room: Room,
    /// The time in milliseconds since 1970
    pub(crate) now: u64,
    /// Drawn at random
    pub(crate) seed: [u8; 16],
}

/// What is to be sent
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// To all
    Broadcast(Vec<u8>),
    /// To one
    Send(SocketAddr, Vec<u8>),
}

/// What was noticed beside peers, each up to 16 addresses
#[derive(Clone, Debug, Default)]
pub(crate) struct Sights {
    /// Own addresses from which a broadcast came back
    pub(crate) returned: BTreeSet<Ipv4Addr>,
    /// Hosts in the room, but of another network
    pub(crate) off_link: BTreeSet<Ipv4Addr>,
    /// Hosts in other rooms
    pub(crate) other_rooms: BTreeSet<Ipv4Addr>,
}

impl Look {
    /// When something is said to all while nobody is spoken to alone, in milliseconds
    const EARLY: [u64; 8] = [0, 50, 150, 300, 500, 750, 1_000, 1_250];
    /// When those who were noticed are spoken to alone
    const ALONE: Duration = Duration::from_millis(1_500);
    /// How often something is said to all from then on
    const BETWEEN_ROUNDS: Duration = Duration::from_millis(400);
    const BETWEEN_PINGS: Duration = Duration::from_millis(50);
    /// For how long one only listens at the end: sleepy Wi-Fi keeps answers for so long
    const LISTENING: Duration = Duration::from_millis(500);
    /// The latest rounds may still be answered
    const ANSWERABLE: usize = 16;

    /// Begins to look around, until `end`
    pub(crate) fn new(visitor: Visitor, end: Duration) -> Self {
        let mut voice = Voice { visitor, counter: 0 };
        Self {
            alone: voice.instance(),
            voice,
            end,
            rounds: Vec::new(),
            next_round: Duration::ZERO,
            next_pings: Self::ALONE,
            people: People::default(),
            pinged: BTreeMap::new(),
            sights: Sights::default(),
            off_link: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next; `None` at the end
    pub(crate) fn poll_timeout(&self, now: Duration) -> Option<Duration> {
        (now < self.end).then(|| self.next_round.min(self.next_pings).min(self.end))
    }

    /// What is to be sent
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Says what is due
    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        let is_over = now + Self::LISTENING >= self.end;
        if is_over {
            (self.next_round, self.next_pings) = (self.end, self.end);
            return;
        }
        if self.next_round <= now {
            let instance = self.voice.instance();
            self.rounds.push(instance);
            let datagram = self.voice.announce(instance);
            self.outputs.push_back(Output::Broadcast(datagram));
            self.next_round = match Self::EARLY.get(self.rounds.len()) {
                Some(next) => Duration::from_millis(*next),
                None => (now + Self::BETWEEN_ROUNDS).max(Self::ALONE),
            };
            if now >= Self::ALONE {
                self.ask();
            }
        }
        if self.next_pings <= now {
            self.ping();
            self.next_pings = now + Self::BETWEEN_PINGS;
        }
    }

    /// Asks those who are strangers who they are
    fn ask(&mut self) {
        for (_, seen) in self.people.spoken_to().filter(|(_, seen)| seen.is_stranger()) {
            seen.is_spoken_to = true;
            self.outputs.push_back(Output::Send(seen.addr, self.voice.announce(self.alone)));
        }
    }

    fn ping(&mut self) {
        for (key, seen) in self.people.spoken_to().filter(|(_, seen)| seen.pings.sent() < Pings::ENOUGH) {
            seen.is_spoken_to = true;
            let (nonce, datagram) = self.voice.ping();
            self.pinged.insert(nonce, (key, seen.pings.ping()));
            self.outputs.push_back(Output::Send(seen.addr, datagram));
        }
    }

    /// Takes in what came
    pub(crate) fn handle_datagram(
        &mut self,
        now: Duration,
        (from, cast, origin): (SocketAddr, Cast, Origin),
        bytes: &[u8],
    ) {
        let IpAddr::V4(ip) = from.ip() else { return };
        if origin == Origin::Own {
            if cast == Cast::Broadcast {
                note(&mut self.sights.returned, ip);
            }
            return;
        }
        let room = self.voice.visitor.room.clone();
        let opened = match room.unseal(bytes) {
            Ok(opened) => opened,
            Err(Dropped::OtherRoom) if origin == Origin::Admitted => {
                return note(&mut self.sights.other_rooms, ip);
            }
            Err(_) => return,
        };
        match Packet::decode(&opened, room.tag()) {
            Ok(Packet::Frame(frame)) => match frame.verify(room.id(), &Ed25519) {
                Some(frame) if origin == Origin::OffLink => self.on_off_link(ip, &frame),
                Some(frame) => self.on_frame(now, (from, cast), &frame),
                None => {}
            },
            Ok(_) if origin == Origin::OffLink => {}
            // It is not worth to follow its chain: nobody is believed to be there because of it.
            Ok(Packet::Heartbeat(beat)) if cast == Cast::Broadcast => {
                let when = (now, self.rounds.len());
                if let Some(seen) = self.people.notice(beat.sender, when, from, beat.incarnation) {
                    seen.on_broadcast(false);
                }
            }
            Ok(Packet::Heartbeat(_) | Packet::Data(_) | Packet::Sealed(_)) | Err(_) => {}
        }
    }

    fn on_off_link(&mut self, ip: Ipv4Addr, frame: &Frame) {
        let is_member = matches!(&frame.body, Body::Announce(announce) if !announce.visitor);
        if is_member && self.off_link.len() < MOST_SIGHTS {
            self.off_link.insert(ip, frame.sender);
        }
    }

    fn on_frame(&mut self, now: Duration, (from, cast): (SocketAddr, Cast), frame: &Frame) {
        match &frame.body {
            Body::Announce(announce)
                if !announce.visitor && frame.sender != *self.voice.visitor.identity.key() =>
            {
                self.on_announce(now, (from, cast), frame, announce);
            }
            Body::Pong(pong) => {
                let pinged = self.pinged.get(&pong.nonce).filter(|(key, _)| *key == frame.sender);
                if let (Some((_, ping)), Some(seen)) = (pinged, self.people.find(&frame.sender)) {
                    seen.pings.on_pong(*ping, frame.counter);
                    seen.on_reached();
                }
            }
            Body::Bye(_) => self.people.forget(&frame.sender),
            Body::Announce(_)
            | Body::Ping(_)
            | Body::PingRequest(_)
            | Body::Heads(_)
            | Body::Want(_)
            | Body::HeadsRequest(_)
            | Body::HandshakeInit(_)
            | Body::HandshakeResponse(_)
            | Body::Typing(_) => {}
        }
    }

    fn on_announce(
        &mut self,
        now: Duration,
        (from, cast): (SocketAddr, Cast),
        frame: &Frame,
        announce: &Announce,
    ) {
        let when = (now, self.rounds.len());
        let Some(seen) = self.people.notice(frame.sender, when, from, frame.incarnation) else { return };
        seen.on_announce(announce);
        if cast == Cast::Broadcast {
            return seen.on_broadcast(announce.solicits);
        }
        if announce.is_answer_to(self.alone) {
            return seen.on_reached();
        }
        let latest = self.rounds.iter().enumerate().rev().take(Self::ANSWERABLE);
        if let Some((round, _)) = latest.into_iter().find(|(_, instance)| announce.is_answer_to(**instance)) {
            seen.on_answer(round);
        }
    }

    /// What was noticed beside peers; who has an address of this network as well is not of another
    pub(crate) fn sights(&self) -> Sights {
        let others = self.off_link.iter().filter(|(_, key)| !self.people.has(key));
        Sights { off_link: others.map(|(ip, _)| *ip).collect(), ..self.sights.clone() }
    }

    /// What is known of all peers, on a machine with these addresses that was told of those others
    pub(crate) fn peers(&self, own: &[Ipv4Addr], configured: &[Ipv4Addr]) -> Vec<PeerFacts> {
        let rounds = (self.rounds.len().min(Self::EARLY.len()), self.rounds.len());
        let began = self.voice.visitor.now;
        self.people.facts(Circumstances { looked: self.end, rounds, began, own, configured })
    }
}

const MOST_SIGHTS: usize = 16;

fn note(addresses: &mut BTreeSet<Ipv4Addr>, ip: Ipv4Addr) {
    if addresses.len() < MOST_SIGHTS {
        addresses.insert(ip);
    }
}

/// What signs what is sent, and numbers it
#[derive(Debug)]
struct Voice {
    visitor: Visitor,
    counter: u64,
}

impl Voice {
    /// A run that was never announced
    fn instance(&mut self) -> InstanceId {
        self.counter += 1;
        let bytes = u128::from_le_bytes(self.visitor.seed) ^ u128::from(self.counter);
        InstanceId::from_uuid(Builder::from_random_bytes(bytes.to_le_bytes()).into_uuid())
    }

    /// Announces this run as a visitor who would like to be answered
    fn announce(&mut self, instance: InstanceId) -> Vec<u8> {
        self.seal(Body::Announce(Announce {
            instance,
            name: self.visitor.name.clone(),
            interval_ms: 1_000,
            members: 0,
            solicits: true,
            visitor: true,
            head: Head::default(),
            lamport: 0,
            extensions: List::empty(),
        }))
    }

    /// A ping, and its nonce
    fn ping(&mut self) -> (u64, Vec<u8>) {
        let [a, b, c, d, e, f, g, h, ..] = self.visitor.seed;
        let nonce = u64::from_le_bytes([a, b, c, d, e, f, g, h]).wrapping_add(self.counter);
        (nonce, self.seal(Body::Ping(Ping { nonce })))
    }

    fn seal(&mut self, body: Body) -> Vec<u8> {
        self.counter += 1;
        let Visitor { identity, room, now, seed, .. } = &self.visitor;
        let frame = Frame { sender: *identity.key(), incarnation: *now, counter: self.counter, body };
        // What is drawn at random with what is never the same twice
        let mut nonce = [0; NONCE_BYTES];
        let unique = seed.iter().copied().chain(self.counter.to_le_bytes());
        nonce.iter_mut().zip(unique).for_each(|(to, from)| *to = from);
        room.seal(frame.seal(identity, room), || nonce)
    }
}

#[cfg(test)]
mod tests;
