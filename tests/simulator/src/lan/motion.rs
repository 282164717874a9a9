//! How time passes

use std::{net::SocketAddr, rc::Rc, time::Duration};

use lanchat_protocol::{Cast, Delivery, Event, Input, MessageId, Node, Output, PeerId, Time};

use super::{HostId, Lan};
use crate::{
    checks::Checks,
    disk::Disk,
    network::{Arrival, Parcel},
    replay,
    story::in_short,
};

impl Lan {
    /// Lets `secs` seconds pass
    pub fn run_secs(&mut self, secs: u64) {
        self.run(Duration::from_secs(secs));
    }

    /// Lets `duration` pass
    pub fn run(&mut self, duration: Duration) {
        let until = self.now + duration;
        while self.step(until) {}
        self.now = until;
    }

    /// Lets time pass until something is true, but no longer than `limit`; how long it took
    pub fn run_until(&mut self, limit: Duration, mut is_true: impl FnMut(&Self) -> bool) -> Option<Duration> {
        let (begin, end) = (self.now, self.now + limit);
        while !is_true(self) {
            if !self.step(end) {
                self.now = end;
                return is_true(self).then_some(limit);
            }
        }
        Some(self.now.since(begin))
    }

    /// Lets the next thing happen, if it is due by `until`
    fn step(&mut self, until: Time) -> bool {
        let call = self.calls.first().copied();
        let arrival = self.network.next_arrival();
        let next = arrival.into_iter().chain(call.map(|(at, _)| at)).min();
        let Some(next) = next.filter(|next| *next <= until) else { return false };
        self.now = self.now.max(next);
        match call {
            Some((at, host)) if arrival.is_none_or(|arrival| at < arrival) => self.call(host),
            _ => self.arrive(),
        }
        true
    }

    /// The disk of `host` is done with something, or its program is to be called
    fn call(&mut self, host: HostId) {
        let now = self.now;
        let answer = self.hosts[host].disk.as_mut().and_then(|disk| disk.handle_timeout(now));
        if let Some(answer) = answer {
            return self.input(host, answer);
        }
        if let Some(node) = &mut self.hosts[host].node {
            node.handle_timeout(now);
            Checks::after_timeout(node, now);
        }
        self.drain(host);
    }

    fn arrive(&mut self) {
        let Some(Arrival { to, what, .. }) = self.network.arrive() else { return };
        let host = &self.hosts[to];
        if !host.is_plugged || !host.is_awake(self.now) {
            return;
        }
        match &*what {
            Parcel::Unicast { from, is_probe: true, .. } if host.node.is_none() => {
                let refused = Parcel::Refused { to: host.addr };
                if let Some(prober) = self.by_addr.get(from) {
                    self.network.send(self.now, to, *prober, &Rc::new(refused));
                }
            }
            Parcel::Broadcast { from, bytes } => {
                self.input(to, Input::Datagram { from: *from, cast: Cast::Broadcast, bytes });
            }
            Parcel::Unicast { from, bytes, .. } => {
                self.input(to, Input::Datagram { from: *from, cast: Cast::Unicast, bytes });
            }
            Parcel::Refused { to: refused } => self.input(to, Input::Refused { to: *refused }),
        }
    }

    pub(super) fn input(&mut self, host: HostId, input: Input<'_>) {
        if let Some(node) = &mut self.hosts[host].node {
            node.handle_input(self.now, input);
            self.drain(host);
        }
    }

    /// Carries out what the program of `host` wants done
    pub(super) fn drain(&mut self, host: HostId) {
        while let Some(output) = self.hosts[host].node.as_mut().and_then(Node::poll_output) {
            match output {
                Output::Broadcast(bytes) => self.broadcast(host, bytes),
                Output::Send { to, datagram } => self.unicast(host, to, datagram, false),
                Output::Probe { to, datagram } => self.unicast(host, to, datagram, true),
                Output::Store { ticket, records } => match &mut self.hosts[host].disk {
                    Some(disk) => disk.write(self.now, ticket, records),
                    None => panic!("host {host} has no disk and wants something stored"),
                },
                Output::Event(event) => self.on_event(host, event),
            }
        }
        self.plan_call(host);
    }

    /// Prints something that happens, if that is asked for
    pub(crate) fn trace(&self, what: impl FnOnce() -> String) {
        if self.is_traced {
            replay::print(&format!("{} {}", self.now, what()));
        }
    }

    fn on_event(&mut self, host: HostId, event: Event) {
        self.trace(|| format!("{}: {}", self.hosts[host].name, in_short(&event)));
        self.checks.on_event(self.now, host, &self.hosts[host], &event);
        if let Event::Delivery { id, to, state: Delivery::Delivered } = &event {
            self.check_delivered(*id, *to);
        }
        if event == Event::Departed {
            let machine = &mut self.hosts[host];
            machine.node = None;
            machine.disk.as_mut().into_iter().for_each(Disk::close);
        }
        self.hosts[host].told.push((self.now, event));
    }

    /// What is called delivered is stored at the other side
    fn check_delivered(&self, id: MessageId, to: PeerId) {
        let recipient = self.hosts.iter().find(|host| host.id == to);
        let disk = recipient.and_then(|host| host.disk.as_ref()).filter(|disk| !disk.was_tampered_with);
        assert!(
            disk.is_none_or(|disk| disk.database().has_whisper(&id)),
            "the whisper {id:?} is called delivered and was not stored"
        );
    }

    fn broadcast(&mut self, host: HostId, bytes: Vec<u8>) {
        self.on_sent(host, Cast::Broadcast, &bytes);
        let sender = &self.hosts[host];
        if !sender.is_plugged {
            return;
        }
        let what = Rc::new(Parcel::Broadcast { from: sender.addr, bytes: bytes.into() });
        for to in 0..self.hosts.len() {
            self.network.send(self.now, host, to, &what);
        }
    }

    fn unicast(&mut self, host: HostId, to: SocketAddr, bytes: Vec<u8>, is_probe: bool) {
        self.on_sent(host, Cast::Unicast, &bytes);
        let sender = &self.hosts[host];
        if let Some(to) = self.by_addr.get(&to).filter(|_| sender.is_plugged) {
            let what = Parcel::Unicast { from: sender.addr, is_probe, bytes: bytes.into() };
            self.network.send(self.now, host, *to, &Rc::new(what));
        }
    }

    fn on_sent(&mut self, host: HostId, cast: Cast, bytes: &[u8]) {
        self.wiretap.on_datagram(bytes, &self.hosts[host].room, &*self.common.verifier);
        self.recording.iter_mut().for_each(|recording| recording.push((host, cast, bytes.to_vec())));
    }

    pub(super) fn plan_call(&mut self, host: HostId) {
        let next = self.hosts[host].next_call();
        let planned = self.call_of.get(&host).copied();
        if next == planned {
            return;
        }
        if let Some(at) = planned {
            self.calls.remove(&(at, host));
            self.call_of.remove(&host);
        }
        if let Some(at) = next {
            self.calls.insert((at, host));
            self.call_of.insert(host, at);
        }
    }
}
