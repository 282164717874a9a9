//! What a node does with what happens outside

use core::net::SocketAddr;

use super::{Cast, Command, Input, Node, Output};
use crate::{
    Change, Event, PeerKey, Time,
    admission::Flow,
    farewell::Farewell,
    peers::Standing,
    wire::{
        Body, Bye, Dropped, Frame, Head, LogId, Packet, Ping, PingRequest, Pong, UnverifiedFrame,
        claimed_sender,
    },
};

impl Node {
    /// Takes in something that happened at `now`
    ///
    /// Nothing that arrives from the network is an error: what is no good is counted and dropped.
    pub fn handle_input(&mut self, now: Time, input: Input<'_>) {
        self.now = now;
        match input {
            Input::Datagram { from, cast, bytes } => self.on_datagram(now, from, cast, bytes),
            Input::Refused { to } => self.on_refused(now, to),
            Input::LinksChanged => self.announcer.start_burst(now),
            Input::Restored(entries) => self.restore(entries),
            Input::Stored(ticket) => self.on_stored(ticket),
            Input::NotStored(ticket) => self.on_not_stored(ticket),
            Input::Command(command) => self.on_command(now, command),
        }
    }

    fn on_command(&mut self, now: Time, command: Command) {
        match command {
            Command::Say { text, at, about: None } => self.own.say(&text, at),
            Command::Say { text, at, about: Some(about) } => self.own.say_about(about, &text, at),
            Command::Delete { target, at } => self.own.change(&Change::Delete { target }, at),
            Command::React { target, with, at } => self.own.change(&Change::React { target, with }, at),
            Command::Topic { topic, at } => self.own.change(&Change::Topic(topic), at),
            Command::Status(away) => self.be(now, away),
            Command::Typing { to } => self.type_to(now, to),
            Command::Whisper { to, text, at } => {
                if let Some(key) = self.peers.find_id(to).map(|(key, _)| *key) {
                    self.peers.befriend(&key);
                }
                self.whisper(now, to, text, at);
            }
            Command::Rename(name) => {
                self.own.introduce(&name);
                self.name = name;
                self.announcer.hasten(now);
            }
            Command::Befriend(key) => self.peers.befriend(&key),
            Command::Block(key) => self.block(key),
            Command::Unblock(key) => self.unblock(now, &key),
            Command::Leave => {
                self.farewell.get_or_insert_with(|| Farewell::new(now));
            }
        }
    }

    fn on_datagram(&mut self, now: Time, from: SocketAddr, cast: Cast, bytes: &[u8]) {
        self.counters.count_received();
        let taken = match self.room.unseal(bytes) {
            Ok(opened) => self.on_opened(now, from, cast, &opened, bytes.len()),
            Err(why) => Err(why),
        };
        if let Err(why) = taken {
            self.counters.count_dropped(why);
        }
    }

    /// Takes in a datagram of the room, of which so many bytes travelled
    fn on_opened(
        &mut self,
        now: Time,
        from: SocketAddr,
        cast: Cast,
        opened: &[u8],
        travelled: usize,
    ) -> Result<(), Dropped> {
        let flow = self.flow(from, opened);
        if self.admission.is_shut(now, flow) {
            return Err(Dropped::Deferred);
        }
        self.replies.on_received(from.ip(), travelled);
        if cast == Cast::Unicast {
            self.deaf_from = None;
        }
        let packet = Packet::decode(opened, self.room.tag());
        let is_signed = matches!(packet, Ok(Packet::Frame(_)));
        let taken = match packet {
            Ok(Packet::Frame(frame)) => self.on_unverified(now, (from, flow), cast, frame, opened),
            Ok(Packet::Heartbeat(heartbeat)) => self.on_heartbeat(now, (from, flow), &heartbeat),
            Ok(Packet::Data(entries)) => {
                self.on_entries(from, flow, cast, entries);
                Ok(())
            }
            Ok(Packet::Sealed(frame)) => self.on_sealed(now, from, frame),
            Err(why) => Err(why),
        };
        if is_signed && taken == Err(Dropped::Forged) {
            self.admission.on_forgery(now, flow);
        } else if matches!(taken, Err(Dropped::Malformed | Dropped::Forged | Dropped::Deferred)) {
            self.admission.on_waste(now, flow);
        }
        taken
    }

    /// Where a datagram comes from, as far as that can be told without looking at its signature
    fn flow(&self, from: SocketAddr, bytes: &[u8]) -> Flow {
        let host = from.ip();
        let is_members = match claimed_sender(bytes) {
            Some(key) => self.peers.find(&key).is_some_and(|peer| peer.was_heard() && peer.addr.ip() == host),
            None => self.peers.is_host(host),
        };
        if is_members { Flow::Member(host) } else { Flow::Stranger(host) }
    }

    fn on_unverified(
        &mut self,
        now: Time,
        (from, flow): (SocketAddr, Flow),
        cast: Cast,
        unverified: UnverifiedFrame<'_>,
        bytes: &[u8],
    ) -> Result<(), Dropped> {
        if unverified.sender() == self.speaker.identity().key() {
            return Err(self.on_own_key((from, flow), unverified));
        }
        if self.blocked.refuses(unverified.sender(), unverified.body()) {
            return Err(Dropped::Blocked);
        }
        self.peers.admit(unverified.sender(), unverified.place())?;
        if let Body::Typing(typing) = unverified.body() {
            self.expects_typing(now, (unverified.sender(), unverified.place()), cast, *typing)?;
        }
        let sender = unverified.sender();
        let is_unknown = self.peers.find(sender).is_none() && !self.peers.is_friend(sender);
        let is_newcomer = unverified.announces_member() && is_unknown;
        if is_newcomer && !self.admission.has_room_for_newcomer(now, from.ip())
            || !self.admission.may_verify(now, flow)
        {
            return Err(Dropped::Deferred);
        }
        let frame = unverified.verify(self.room.id(), &*self.verifier).ok_or(Dropped::Forged)?;
        let is_for_one = matches!(frame.body, Body::Ping(_) | Body::PingRequest(_) | Body::HeadsRequest(_));
        if is_for_one && cast == Cast::Broadcast {
            return Err(Dropped::Misdirected);
        }
        let is_known = self.on_sign_of_life(now, &frame);
        match frame.body {
            Body::Announce(ref announce) => return self.on_announce(now, from, cast, &frame, announce),
            Body::Bye(Bye { head }) => return self.on_bye(now, frame.sender, frame.incarnation, head),
            Body::Ping(Ping { nonce }) => self.on_ping(now, from, is_known, nonce),
            Body::Pong(Pong { nonce }) => {
                self.tempo.on_pong(now, nonce);
                if self.replies.on_pong(now, &frame.sender, nonce) {
                    self.peers.prove(&frame.sender);
                }
                self.pass_on(now, &frame.sender, nonce, bytes);
            }
            Body::PingRequest(_)
            | Body::HandshakeInit(_)
            | Body::HandshakeResponse(_)
            | Body::Want(_)
            | Body::Heads(_)
            | Body::HeadsRequest(_)
                if !is_known =>
            {
                self.ask_who(now, from);
                return Err(Dropped::Stranger);
            }
            Body::PingRequest(request) => self.on_ping_request(now, from, request),
            Body::Heads(heads) => self.on_heads(now, from, &frame.sender, &heads),
            Body::HeadsRequest(request) => self.on_heads_request(from, &frame.sender, request),
            Body::Want(want) => self.on_want(now, from, &frame.sender, cast, &want),
            Body::HandshakeInit(init) => return self.on_handshake(now, from, frame.sender, &init),
            Body::HandshakeResponse(response) => {
                return self.on_handshake_response(now, frame.sender, &response);
            }
            Body::Typing(typing) => self.on_typing(now, frame.sender, typing),
        }
        Ok(())
    }

    fn on_bye(&mut self, now: Time, sender: PeerKey, incarnation: u64, head: Head) -> Result<(), Dropped> {
        if self.peers.on_bye(now, &sender, incarnation)
            && let Some(peer) = self.peers.find(&sender)
        {
            let info = peer.info();
            self.emit(Event::Left(info));
        }
        self.seals.forget(&sender);
        if self.peers.find(&sender).is_some() {
            let log = LogId { author: sender, epoch: head.epoch };
            let lamport = self.lamport;
            self.on_author_head(now, log, head.seq, lamport)?;
        }
        Ok(())
    }

    fn on_refused(&mut self, now: Time, to: SocketAddr) {
        if let Some(peer) = self.peers.on_refused(now, to).and_then(|key| self.peers.find(&key)) {
            let info = peer.info();
            self.emit(Event::Gone(info));
        }
    }

    /// Passes a pong on to whoever had this node ping for them
    fn pass_on(&mut self, now: Time, sender: &PeerKey, nonce: u64, pong: &[u8]) {
        if let Some(to) = self.relay.take(now, nonce, sender) {
            self.outputs.push_back(Output::Send { to, datagram: pong.to_vec() });
        }
    }

    fn on_ping(&mut self, now: Time, from: SocketAddr, is_known: bool, nonce: u64) {
        if is_known || self.replies.allow(now, from) {
            self.send(from, Body::Pong(Pong { nonce }));
        }
    }

    fn on_ping_request(&mut self, now: Time, from: SocketAddr, request: PingRequest) {
        let Some(target) = self.peers.find(&request.target).filter(|peer| peer.is_present()) else {
            return;
        };
        let to = target.addr;
        if self.relay.remember(now, request.nonce, request.target, from) {
            self.send(to, Body::Ping(Ping { nonce: request.nonce }));
        }
    }

    /// Whatever somebody signed just now shows that they are there, and announcements and goodbyes more than that;
    /// false if nothing is known of the run of their program that sent it
    fn on_sign_of_life(&mut self, now: Time, frame: &Frame) -> bool {
        if matches!(frame.body, Body::Announce(_) | Body::Bye(_)) {
            return true;
        }
        let standing = self.peers.on_frame(now, &frame.sender, frame.place());
        self.on_standing(now, &frame.sender, standing)
    }

    /// False if they are a stranger
    pub(super) fn on_standing(&mut self, now: Time, key: &PeerKey, standing: Standing) -> bool {
        match standing {
            Standing::Unknown => return false,
            Standing::There => {}
            Standing::Back => self.welcome_back(now, key),
        }
        true
    }

    pub(super) fn welcome_back(&mut self, now: Time, key: &PeerKey) {
        if let Some(peer) = self.peers.find(key) {
            let info = peer.info();
            self.emit(Event::Joined(info));
            self.tell_if_away(key);
            self.whispers.resume(now, key);
        }
        self.claims.believe(key);
    }

    fn block(&mut self, key: PeerKey) {
        self.blocked.block(key);
        self.seals.forget(&key);
    }

    fn unblock(&mut self, now: Time, key: &PeerKey) {
        if self.blocked.unblock(key) && self.peers.is_present(key) {
            self.welcome_back(now, key);
        }
    }

    /// Another program with this node's key that did not start before this one may write into the same log
    ///
    /// What this node hears of itself is not worth looking at the signature.
    fn on_own_key(&mut self, (from, flow): (SocketAddr, Flow), unverified: UnverifiedFrame<'_>) -> Dropped {
        let started_before = unverified.place().incarnation < self.speaker.incarnation();
        if self.key_in_use || started_before || unverified.instance().is_none_or(|id| *id == self.instance) {
            return Dropped::Own;
        }
        if !self.admission.may_verify(self.now, flow) {
            return Dropped::Deferred;
        }
        if unverified.verify(self.room.id(), &*self.verifier).is_none() {
            return Dropped::Forged;
        }
        self.key_in_use = true;
        self.emit(Event::KeyInUse { addr: from });
        Dropped::Own
    }

    /// Nobody can send this node's clock to the end of time
    pub(super) fn follow_lamport(&mut self, lamport: u64) {
        const MAX_JUMP: u64 = 1 << 32;
        if lamport <= self.lamport.saturating_add(MAX_JUMP) {
            self.lamport = self.lamport.max(lamport);
        }
    }
}
