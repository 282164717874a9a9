mod faults;
mod motion;
mod reports;
mod transcript;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use fastrand::Rng;
use lanchat_protocol::{
    About, Away, Cast, Change, Command, Input, MessageId, Name, PeerKey, Retention, Room, Text, Time,
};

use crate::{
    checks::Checks,
    disk::Disk,
    host::{Common, Host},
    network::Network,
    replay,
    verifier::SharedVerifier,
    weather::Weather,
    wiretap::Wiretap,
};

pub use self::transcript::TranscriptLine;

/// A host of a [`Lan`]
pub type HostId = usize;

/// Who sent it, how, and what it was
pub type Sent = (HostId, Cast, Vec<u8>);

/// One broadcast domain and the hosts on it
///
/// Everyone hears a broadcast, its sender included, each copy with a fate of its own. All the verbs take effect at the
/// present moment; [`run`](Self::run) lets time pass. What must hold at every moment is looked at after every event; if
/// it does not, or the story fails otherwise, it is said how to see it again.
#[derive(Debug)]
pub struct Lan {
    seed: u64,
    is_traced: bool,
    now: Time,
    rng: Rng,
    network: Network,
    hosts: Vec<Host>,
    by_addr: BTreeMap<SocketAddr, HostId>,
    calls: BTreeSet<(Time, HostId)>,
    call_of: BTreeMap<HostId, Time>,
    common: Common,
    checks: Checks,
    wiretap: Wiretap,
    recording: Option<Vec<Sent>>,
}

impl Lan {
    /// An empty network
    pub fn new(seed: u64, weather: Weather) -> Self {
        let mut rng = Rng::with_seed(seed);
        Self {
            seed,
            is_traced: replay::is_traced(),
            now: Time::from_secs(1),
            network: Network::new(rng.fork(), weather),
            rng,
            hosts: Vec::new(),
            by_addr: BTreeMap::new(),
            calls: BTreeSet::new(),
            call_of: BTreeMap::new(),
            common: Common::new(Arc::new(SharedVerifier::default())),
            checks: Checks::default(),
            wiretap: Wiretap::default(),
            recording: None,
        }
    }

    /// A network of so many hosts on a wire that started at once, all of whom know each other by now
    pub fn settled(seed: u64, members: usize) -> (Self, Vec<HostId>) {
        let mut lan = Self::new(seed, Weather::wire());
        let hosts: Vec<_> = (0..members).map(|n| lan.join_one(&format!("host{n}"))).collect();
        lan.run(Duration::from_millis(10));
        // Of the four announcements at the start of each, a thousand listeners are spared the two in the middle.
        lan.set_weather(Weather::wire().losing(1.0));
        lan.run(Duration::from_millis(190));
        lan.set_weather(Weather::wire());
        lan.run_secs(3);
        for host in &hosts {
            assert_eq!(lan.listed(*host), members - 1, "host {host} does not know everyone");
        }
        (lan, hosts)
    }

    /// How much of the room those keep who start from here on
    pub fn set_retention(&mut self, retention: Retention) {
        self.common.retention = retention;
    }

    /// Which room those are in who join from here on
    pub fn set_room(&mut self, room: Room) {
        self.common.room = room;
    }

    /// New hosts that start at this moment and keep everything in memory only
    pub fn join<const N: usize>(&mut self, names: [&str; N]) -> [HostId; N] {
        names.map(|name| self.join_one(name))
    }

    /// New hosts with a disk that start at this moment
    pub fn join_durable<const N: usize>(&mut self, names: [&str; N]) -> [HostId; N] {
        names.map(|name| self.join_one_durable(name))
    }

    /// A new host that starts at this moment and keeps everything in memory only
    pub fn join_one(&mut self, name: &str) -> HostId {
        let id = self.add(name);
        self.restart(id);
        id
    }

    /// A new host with a disk that starts at this moment
    pub fn join_one_durable(&mut self, name: &str) -> HostId {
        const LATENCY: Duration = Duration::from_millis(2);
        let id = self.add(name);
        self.hosts[id].disk = Some(Disk::new(LATENCY));
        self.restart(id);
        id
    }

    fn add(&mut self, name: &str) -> HostId {
        let id = self.hosts.len();
        let (Ok(index), Ok(name)) = (u16::try_from(id + 1), Name::new(name)) else {
            panic!("{name} cannot be host number {id}")
        };
        let host = Host::new(index, name, self.common.room.clone());
        self.by_addr.insert(host.addr, id);
        self.hosts.push(host);
        id
    }

    /// `host` says something to all
    pub fn say(&mut self, host: HostId, line: &str) {
        self.say_about(host, line, None);
    }

    /// `host` answers a line
    pub fn answer(&mut self, host: HostId, to: MessageId, line: &str) {
        self.say_about(host, line, Some(About::Reply(to)));
    }

    fn say_about(&mut self, host: HostId, line: &str, about: Option<About>) {
        let line = text(line);
        let speaker = &self.hosts[host];
        if speaker.node.is_some() {
            self.checks.on_say(speaker.id, &line);
            let at = self.hosts[host].wall_clock(self.now);
            self.command(host, Command::Say { text: line, at, about });
        }
    }

    /// `host` changes something
    pub fn change(&mut self, host: HostId, change: Change) {
        let (speaker, at) = (&self.hosts[host], self.hosts[host].wall_clock(self.now));
        if speaker.node.is_none() {
            return;
        }
        self.checks.on_change(speaker.id, &change);
        let command = match change {
            Change::Edit { target, text } => Command::Say { text, at, about: Some(About::Edit(target)) },
            Change::Delete { target } => Command::Delete { target, at },
            Change::React { target, with } => Command::React { target, with, at },
            Change::Topic(topic) => Command::Topic { topic, at },
        };
        self.command(host, command);
    }

    /// Somebody is at the screen of `host` no more, or again
    pub fn be(&mut self, host: HostId, away: Option<Away>) {
        if self.hosts[host].node.is_some() {
            self.command(host, Command::Status(away));
        }
    }

    /// Somebody types at `host`
    pub fn type_to(&mut self, host: HostId, to: Option<HostId>) {
        if self.hosts[host].node.is_some() {
            let to = to.map(|to| self.hosts[to].id);
            self.command(host, Command::Typing { to });
        }
    }

    /// `host` says something to one
    pub fn whisper(&mut self, host: HostId, to: HostId, line: &str) {
        let (at, to) = (self.hosts[host].wall_clock(self.now), self.hosts[to].id);
        self.wiretap.on_whisper(line);
        self.command(host, Command::Whisper { to, text: text(line), at });
    }

    /// `host` says goodbye and ends
    pub fn leave(&mut self, host: HostId) {
        self.command(host, Command::Leave);
    }

    /// The program of `host` starts, again if it ran before
    pub fn restart(&mut self, host: HostId) {
        let seed = self.rng.u64(..);
        self.checks.on_restart(host, &self.hosts[host]);
        self.hosts[host].start(self.now, seed, &self.common);
        self.drain(host);
    }

    /// A datagram arrives at `host`, from an address where nobody is
    pub fn inject(&mut self, host: HostId, cast: Cast, bytes: &[u8]) {
        self.forge(host, SocketAddr::from(([198, 18, 255, 254], 25_253)), cast, bytes);
    }

    /// A datagram arrives at `host` that seems to come from this address
    pub fn forge(&mut self, host: HostId, from: SocketAddr, cast: Cast, bytes: &[u8]) {
        self.input(host, Input::Datagram { from, cast, bytes });
    }

    /// Somebody with this key, who is no host, signs whatever they like
    pub fn distrust(&mut self, author: &PeerKey) {
        self.checks.distrust(author.id());
        self.wiretap.excuse(*author);
    }

    /// Where `host` sends from
    pub fn addr(&self, host: HostId) -> SocketAddr {
        self.hosts[host].addr
    }

    /// Keeps all that is sent from here on
    pub fn record(&mut self) {
        self.recording = Some(Vec::new());
    }

    fn command(&mut self, host: HostId, command: Command) {
        self.input(host, Input::Command(command));
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        replay::tell_if_failing(self.seed);
    }
}

fn text(line: &str) -> Text {
    match Text::new(line) {
        Ok(text) => text,
        Err(error) => panic!("{line}: {error}"),
    }
}
