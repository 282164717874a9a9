use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use fastrand::Rng;
use lanchat_protocol::{Cast, Command, Event, Input, Name, Node, Output, Text, Time};

use crate::{
    checks::Checks,
    host::Host,
    story::in_short,
    verifier::SharedVerifier,
    weather::{Link, Weather},
};

/// A host of a [`Lan`]
pub type HostId = usize;

/// One broadcast domain and the hosts on it
///
/// Everyone hears a broadcast, its sender included, each copy with a fate of its own. All the verbs take effect at the
/// present moment; [`run`](Self::run) lets time pass.
#[derive(Debug)]
pub struct Lan {
    now: Time,
    rng: Rng,
    weather: Weather,
    hosts: Vec<Host>,
    by_addr: BTreeMap<SocketAddr, HostId>,
    links: BTreeMap<(HostId, HostId), Link>,
    /// Who cannot hear whom
    cut: BTreeSet<(HostId, HostId)>,
    on_the_way: BinaryHeap<Reverse<Arrival>>,
    calls: BTreeSet<(Time, HostId)>,
    call_of: BTreeMap<HostId, Time>,
    sent: u64,
    copies: u64,
    checks: Checks,
    verifier: Arc<SharedVerifier>,
}

/// A datagram that will arrive, or a refusal
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    at: Time,
    /// Breaks ties in the order of sending
    number: u64,
    to: HostId,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Datagram { from: SocketAddr, is_broadcast: bool, is_probe: bool, bytes: Rc<[u8]> },
    Refused { to: SocketAddr },
}

impl Lan {
    /// An empty network
    pub fn new(seed: u64, weather: Weather) -> Self {
        Self {
            now: Time::from_secs(1),
            rng: Rng::with_seed(seed),
            weather,
            hosts: Vec::new(),
            by_addr: BTreeMap::new(),
            links: BTreeMap::new(),
            cut: BTreeSet::new(),
            on_the_way: BinaryHeap::new(),
            calls: BTreeSet::new(),
            call_of: BTreeMap::new(),
            sent: 0,
            copies: 0,
            checks: Checks::new(seed),
            verifier: Arc::default(),
        }
    }

    /// New hosts that start at this moment
    pub fn join<const N: usize>(&mut self, names: [&str; N]) -> [HostId; N] {
        names.map(|name| self.join_one(name))
    }

    /// A new host that starts at this moment
    pub fn join_one(&mut self, name: &str) -> HostId {
        let id = self.hosts.len();
        let (Ok(index), Ok(name)) = (u16::try_from(id + 1), Name::new(name)) else {
            panic!("{name} cannot be host number {id}")
        };
        let host = Host::new(index, name);
        self.by_addr.insert(host.addr, id);
        self.hosts.push(host);
        self.restart(id);
        id
    }

    /// Changes the weather for whatever is sent from here on
    pub fn set_weather(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// `host` says something to all
    pub fn say(&mut self, host: HostId, line: &str) {
        let at = self.hosts[host].wall_clock(self.now);
        self.command(host, Command::Say { text: text(line), at });
    }

    /// `host` says something to one
    pub fn whisper(&mut self, host: HostId, to: HostId, line: &str) {
        let (at, to) = (self.hosts[host].wall_clock(self.now), self.hosts[to].id());
        self.command(host, Command::Whisper { to, text: text(line), at });
    }

    /// `host` says goodbye and ends
    pub fn leave(&mut self, host: HostId) {
        self.command(host, Command::Leave);
    }

    /// The program of `host` is killed; the machine answers for it that its port is closed
    pub fn crash(&mut self, host: HostId) {
        self.hosts[host].node = None;
        self.plan_call(host);
    }

    /// The program of `host` starts, again if it ran before
    pub fn restart(&mut self, host: HostId) {
        let (now, seed, verifier) = (self.now, self.rng.u64(..), Arc::clone(&self.verifier));
        self.hosts[host].start(now, seed, verifier);
        self.drain(host);
    }

    /// `host` sleeps for so long: it neither hears nor does anything
    pub fn suspend(&mut self, host: HostId, duration: Duration) {
        self.hosts[host].asleep_until = Some(self.now + duration);
        self.plan_call(host);
    }

    /// The wall clock of `host` jumps by so many milliseconds
    pub fn step_clock(&mut self, host: HostId, millis: i64) {
        self.hosts[host].step_clock(millis);
    }

    /// The cable of `host` is pulled
    pub fn unplug(&mut self, host: HostId) {
        self.hosts[host].is_plugged = false;
    }

    /// The cable of `host` is back, and its program sees that
    pub fn plug(&mut self, host: HostId) {
        self.hosts[host].is_plugged = true;
        self.input(host, Input::LinksChanged);
    }

    /// Only hosts in the same group hear each other; hosts in no group hear everybody
    pub fn partition(&mut self, groups: &[&[HostId]]) {
        self.cut.clear();
        for (index, group) in groups.iter().enumerate() {
            for other in
                groups.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(_, other)| *other)
            {
                self.cut.extend(group.iter().map(|host| (*host, *other)));
            }
        }
    }

    /// What `from` sends does not reach `to`
    pub fn cut_one_way(&mut self, from: HostId, to: HostId) {
        self.cut.insert((from, to));
    }

    /// Everybody hears everybody again
    pub fn heal(&mut self) {
        self.cut.clear();
    }

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

    /// What the program of `host` told since this was last asked, in short: `+bob`, `bob: hi`, `-bob`, `!bob` for gone
    pub fn heard(&mut self, host: HostId) -> Vec<String> {
        let host = &mut self.hosts[host];
        let news = host.told[host.read..].iter().map(|(_, event)| in_short(event)).collect();
        host.read = host.told.len();
        news
    }

    /// Everything that the program of `host` told, and when
    pub fn told(&self, host: HostId) -> &[(Time, Event)] {
        &self.hosts[host].told
    }

    /// How many others `host` lists
    pub fn listed(&self, host: HostId) -> usize {
        self.hosts[host].node.as_ref().map_or(0, |node| node.peers().count())
    }

    /// The program of `host`, if it runs
    pub fn node(&self, host: HostId) -> Option<&Node> {
        self.hosts[host].node.as_ref()
    }

    /// What time it is
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many datagrams were sent, a broadcast counted once
    pub fn datagrams(&self) -> u64 {
        self.sent
    }

    fn command(&mut self, host: HostId, command: Command) {
        self.input(host, Input::Command(command));
    }

    fn input(&mut self, host: HostId, input: Input<'_>) {
        if let Some(node) = &mut self.hosts[host].node {
            node.handle_input(self.now, input);
            self.drain(host);
        }
    }

    /// Lets the next thing happen, if it is due by `until`
    fn step(&mut self, until: Time) -> bool {
        let call = self.calls.first().copied();
        let arrival = self.on_the_way.peek().map(|Reverse(arrival)| arrival.at);
        let next = arrival.into_iter().chain(call.map(|(at, _)| at)).min();
        let Some(next) = next.filter(|next| *next <= until) else { return false };
        self.now = self.now.max(next);
        match call {
            Some((at, host)) if arrival.is_none_or(|arrival| at < arrival) => self.call(host),
            _ => self.arrive(),
        }
        true
    }

    fn call(&mut self, host: HostId) {
        if let Some(node) = &mut self.hosts[host].node {
            node.handle_timeout(self.now);
            self.checks.after_timeout(node, self.now);
        }
        self.drain(host);
    }

    fn arrive(&mut self) {
        let Some(Reverse(Arrival { to, what, .. })) = self.on_the_way.pop() else { return };
        let host = &self.hosts[to];
        if !host.is_plugged || !host.is_awake(self.now) {
            return;
        }
        match what {
            What::Datagram { from, is_probe: true, .. } if host.node.is_none() => {
                let refused = What::Refused { to: host.addr };
                if let Some(prober) = self.by_addr.get(&from) {
                    self.send_one(to, *prober, false, refused);
                }
            }
            What::Datagram { from, is_broadcast, bytes, .. } => {
                let cast = if is_broadcast { Cast::Broadcast } else { Cast::Unicast };
                self.input(to, Input::Datagram { from, cast, bytes: &bytes });
            }
            What::Refused { to: refused } => self.input(to, Input::Refused { to: refused }),
        }
    }

    /// Carries out what the program of `host` wants done
    fn drain(&mut self, host: HostId) {
        while let Some(output) = self.hosts[host].node.as_mut().and_then(Node::poll_output) {
            match output {
                Output::Broadcast(bytes) => self.broadcast(host, bytes.into()),
                Output::Send { to, datagram } => self.unicast(host, to, datagram.into(), false),
                Output::Probe { to, datagram } => self.unicast(host, to, datagram.into(), true),
                Output::Store { .. } => {}
                Output::Event(event) => self.on_event(host, event),
            }
        }
        self.plan_call(host);
    }

    fn on_event(&mut self, host: HostId, event: Event) {
        self.checks.on_event(host, self.hosts[host].run, &event);
        if event == Event::Departed {
            self.hosts[host].node = None;
        }
        self.hosts[host].told.push((self.now, event));
    }

    fn broadcast(&mut self, host: HostId, bytes: Rc<[u8]>) {
        self.sent += 1;
        for to in 0..self.hosts.len() {
            let from = self.hosts[host].addr;
            let bytes = Rc::clone(&bytes);
            self.send_one(
                host,
                to,
                true,
                What::Datagram { from, is_broadcast: true, is_probe: false, bytes },
            );
        }
    }

    fn unicast(&mut self, host: HostId, to: SocketAddr, bytes: Rc<[u8]>, is_probe: bool) {
        self.sent += 1;
        if let Some(to) = self.by_addr.get(&to).copied() {
            let from = self.hosts[host].addr;
            self.send_one(host, to, false, What::Datagram { from, is_broadcast: false, is_probe, bytes });
        }
    }

    /// Sends one copy on its way, if it gets that far
    fn send_one(&mut self, from: HostId, to: HostId, is_broadcast: bool, what: What) {
        if !self.hosts[from].is_plugged || self.cut.contains(&(from, to)) {
            return;
        }
        let link = self.links.entry((from, to)).or_default();
        let [first, second] = self.weather.arrivals(self.now, is_broadcast, link, &mut self.rng);
        let copy = what.clone();
        for (at, what) in [(first, what), (second, copy)] {
            if let Some(at) = at {
                self.copies += 1;
                self.on_the_way.push(Reverse(Arrival { at, number: self.copies, to, what }));
            }
        }
    }

    fn plan_call(&mut self, host: HostId) {
        if let Some(at) = self.call_of.remove(&host) {
            self.calls.remove(&(at, host));
        }
        if let Some(at) = self.hosts[host].next_call() {
            self.calls.insert((at, host));
            self.call_of.insert(host, at);
        }
    }
}

fn text(line: &str) -> Text {
    match Text::new(line) {
        Ok(text) => text,
        Err(error) => panic!("{line}: {error}"),
    }
}
