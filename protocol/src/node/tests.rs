//! Nodes on a small network: bytes travel, time jumps to the next deadline

mod adversity;
mod amplification;
mod blocking;
mod changes;
mod discovery;
mod extremes;
mod faults;
mod flood;
mod heartbeats;
mod hostile;
mod liars;
mod lines;
mod people;
mod presence;
mod private;
mod recordings;
mod sealed;
mod whispers;

use alloc::{
    collections::VecDeque,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::{net::SocketAddr, time::Duration};

use super::*;
use crate::{
    Ed25519, Event, Note, RoomName,
    wire::{Data, Dropped, Header, Packet, Ping, PingRequest, bounded::List},
};

/// Some nodes on one broadcast domain, each hearing the others but not itself
struct Lan {
    now: Time,
    hosts: Vec<Host>,
    /// Directed pairs between which nothing gets through
    cut: Vec<(usize, usize)>,
    /// Of 100 datagrams, how many get lost on the way to each receiver
    loss: u32,
    rng: Rng,
    sent: Vec<Sent>,
    /// What hosts asked to be stored, and were not answered about
    asked: Vec<(usize, Ticket, Vec<Record>)>,
}

struct Host {
    node: Option<Node>,
    heard: Vec<Event>,
}

/// One datagram that was sent
#[derive(Clone)]
struct Sent {
    from: usize,
    cast: Cast,
    bytes: Vec<u8>,
}

impl Sent {
    fn kind(&self) -> u8 {
        Header::decode(&self.bytes).unwrap().0.kind
    }
}

impl Lan {
    fn new() -> Self {
        Self {
            now: Time::from_secs(10),
            hosts: Vec::new(),
            cut: Vec::new(),
            loss: 0,
            rng: Rng::with_seed(1),
            sent: Vec::new(),
            asked: Vec::new(),
        }
    }

    fn of(names: &[&str]) -> Self {
        let mut lan = Self::new();
        for name in names {
            lan.join(name);
        }
        lan
    }

    /// Some who know each other, and the first two of whom have a session
    fn acquainted(names: &[&str]) -> Self {
        let mut lan = Self::of(names);
        lan.run(SECOND);
        lan.whisper(0, 1, "hello");
        lan.run(10 * MOMENT);
        (0..names.len()).for_each(|host| drop(lan.heard(host)));
        lan
    }

    fn join(&mut self, name: &str) -> usize {
        self.hosts.push(Host { node: None, heard: Vec::new() });
        self.start(self.hosts.len() - 1, name, 1, Role::Member);
        self.hosts.len() - 1
    }

    fn start(&mut self, host: usize, name: &str, incarnation: u64, role: Role) {
        self.start_with(host, config(host, name, incarnation, role));
    }

    fn start_with(&mut self, host: usize, config: Config) {
        self.hosts[host].node = Some(Node::new(config, self.now));
        self.asked.retain(|(from, ..)| *from != host);
        self.tick();
    }

    fn kill(&mut self, host: usize) {
        self.hosts[host].node = None;
    }

    fn command(&mut self, host: usize, command: Command) {
        self.hosts[host].node.as_mut().unwrap().handle_input(self.now, Input::Command(command));
        self.carry();
    }

    fn say(&mut self, host: usize, line: &str) {
        self.command(host, Command::Say { text: text(line), at: WallTime::default(), about: None });
    }

    fn whisper(&mut self, host: usize, to: usize, line: &str) {
        let to = identity(to).id();
        self.command(host, Command::Whisper { to, text: text(line), at: WallTime::default() });
    }

    /// Lets everything happen that is due within `duration`
    fn run(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(next) = self.next_deadline().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.tick();
        }
        self.now = until;
    }

    fn next_deadline(&self) -> Option<Time> {
        self.nodes().filter_map(|node| Some(node.poll_timeout()?.0)).min()
    }

    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.hosts.iter().filter_map(|host| host.node.as_ref())
    }

    fn tick(&mut self) {
        let now = self.now;
        for node in self.hosts.iter_mut().filter_map(|host| host.node.as_mut()) {
            if node.poll_timeout().is_some_and(|(at, _)| at <= now) {
                node.handle_timeout(now);
                assert!(
                    node.poll_timeout().is_none_or(|(at, _)| at > now),
                    "busy: {:?}",
                    node.poll_timeout()
                );
            }
        }
        self.carry();
    }

    /// Carries datagrams until none is on the way
    fn carry(&mut self) {
        loop {
            let mut on_the_way = VecDeque::new();
            for (from, host) in self.hosts.iter_mut().enumerate() {
                while let Some(output) = host.node.as_mut().and_then(Node::poll_output) {
                    match output {
                        Output::Event(event) => host.heard.push(event),
                        Output::Store { ticket, records } => self.asked.push((from, ticket, records)),
                        output @ (Output::Broadcast(_) | Output::Send { .. } | Output::Probe { .. }) => {
                            on_the_way.push_back((from, output));
                        }
                    }
                }
            }
            assert!(self.sent.len() < 300_000, "endless");
            if on_the_way.is_empty() {
                return;
            }
            for (from, output) in on_the_way {
                self.deliver(from, output);
            }
        }
    }

    fn deliver(&mut self, from: usize, output: Output) {
        match output {
            Output::Broadcast(bytes) => {
                self.sent.push(Sent { from, cast: Cast::Broadcast, bytes: bytes.clone() });
                for to in (0..self.hosts.len()).filter(|to| *to != from) {
                    self.hand_over(from, to, Cast::Broadcast, &bytes);
                }
            }
            Output::Send { to, datagram } => {
                self.sent.push(Sent { from, cast: Cast::Unicast, bytes: datagram.clone() });
                self.hand_over(from, host_at(to), Cast::Unicast, &datagram);
            }
            Output::Probe { to, datagram } => {
                let target = host_at(to);
                if self.hosts.get(target).is_none_or(|host| host.node.is_some()) {
                    self.hand_over(from, target, Cast::Unicast, &datagram);
                } else if self.gets_through(from, target) && self.gets_through(target, from) {
                    let node = self.hosts[from].node.as_mut().unwrap();
                    node.handle_input(self.now, Input::Refused { to });
                }
            }
            Output::Event(_) | Output::Store { .. } => {}
        }
    }

    fn hand_over(&mut self, from: usize, to: usize, cast: Cast, bytes: &[u8]) {
        if self.gets_through(from, to)
            && let Some(Host { node: Some(node), .. }) = self.hosts.get_mut(to)
        {
            node.handle_input(self.now, Input::Datagram { from: addr(from), cast, bytes });
        }
    }

    fn gets_through(&mut self, from: usize, to: usize) -> bool {
        !self.cut.contains(&(from, to)) && self.rng.u32(0..100) >= self.loss
    }

    /// Cuts `host` off from everybody, both ways
    fn unplug(&mut self, host: usize) {
        for other in 0..self.hosts.len() {
            self.cut.extend([(host, other), (other, host)]);
        }
    }

    /// What `host` was told since it was last asked, in short words
    fn heard(&mut self, host: usize) -> Vec<String> {
        self.events(host).iter().map(in_short).collect()
    }

    /// The same whole, but for how far own lines came
    fn events(&mut self, host: usize) -> Vec<Event> {
        let told = self.hosts[host].heard.drain(..);
        told.filter(|event| !matches!(event, Event::Holds { .. })).collect()
    }

    fn count(&self, host: usize) -> usize {
        self.hosts[host].node.as_ref().unwrap().peers().count()
    }

    fn dropped(&self, host: usize, why: Dropped) -> u64 {
        self.hosts[host].node.as_ref().unwrap().counters().dropped(why)
    }
}

fn identity(host: usize) -> Identity {
    let mut secret = [1; 32];
    secret[..8].copy_from_slice(&host.to_le_bytes());
    Identity::from_secret(secret)
}

fn config(host: usize, name: &str, incarnation: u64, role: Role) -> Config {
    Config {
        identity: identity(host),
        instance: InstanceId::from_uuid(uuid::Uuid::from_u128(incarnation.into())),
        incarnation,
        name: Name::new(name).unwrap(),
        room: lobby(),
        role,
        seed: u64::try_from(host).unwrap(),
        secret_seed: SecretSeed::new([7; 32]),
        wall: WallTime::default(),
        storage: Storage::Ephemeral,
        retention: Retention::default(),
        verifier: Arc::new(Ed25519),
        blocked: Vec::new(),
    }
}

fn addr(host: usize) -> SocketAddr {
    let [high, low] = u16::try_from(host).unwrap().to_be_bytes();
    SocketAddr::from(([198, 18, high, low], 25_253))
}

fn host_at(addr: SocketAddr) -> usize {
    match addr {
        SocketAddr::V4(addr) => {
            let [.., high, low] = addr.ip().octets();
            u16::from_be_bytes([high, low]).into()
        }
        SocketAddr::V6(_) => panic!("{addr} is nobody's"),
    }
}

fn lobby() -> Room {
    Room::open(RoomName::lobby())
}

fn text(line: &str) -> Text {
    Text::new(line).unwrap()
}

fn in_short(event: &Event) -> String {
    let name = |author: &Author| author.name.as_ref().map_or_else(|| "?".to_string(), ToString::to_string);
    match event {
        Event::Joined(peer) => format!("+{}", peer.name),
        Event::Left(peer) => format!("-{}", peer.name),
        Event::Gone(peer) => format!("!{}", peer.name),
        Event::Renamed { peer, was } => format!("{was}={}", peer.name),
        Event::Status { peer, away: None } => format!("{} is back", peer.name),
        Event::Status { peer, away: Some(away) } => {
            let note = away.note.as_ref().map_or("-", Note::as_str);
            format!("{} is away{}: {note}", peer.name, if away.by_itself { " by itself" } else { "" })
        }
        Event::Typing { peer, to_me } => format!("{} types{}", peer.name, if *to_me { " to me" } else { "" }),
        Event::Holds { upto, .. } => format!("holds {}", upto.seq),
        Event::Message { author, text, reply_to: Some(_), .. } => format!("{} answers {text}", name(author)),
        Event::Edited { author, text, .. } => format!("{} edits {text}", name(author)),
        Event::Deleted { author, .. } => format!("{} deletes", name(author)),
        Event::Reaction { author, with, .. } => {
            format!("{} reacts {}", name(author), with.as_ref().map_or("-", Reaction::as_str))
        }
        Event::Topic { author, topic, .. } => {
            format!("{} topic {}", name(author), topic.as_ref().map_or("-", Topic::as_str))
        }
        Event::Message { author, text, .. } if author.own => format!("me: {text}"),
        Event::Message { author, text, .. } => format!("{}: {text}", name(author)),
        Event::Whisper { author, text, .. } => format!("{} whispers {text}", name(author)),
        Event::Whispered { to, text, .. } => format!("to {}: {text}", to.name),
        Event::Delivery { state, .. } => format!("{state:?}").to_lowercase(),
        Event::NotStored { own } => format!("not stored{}", if *own { ": not sent" } else { "" }),
        Event::Gap { author, missing, .. } => format!("{} gap {missing}", name(author)),
        Event::NotWhispered { why, .. } => format!("not whispered: {why:?}"),
        Event::Forked(author) => format!("{} forked", name(author)),
        Event::KeyInUse { .. } => "key in use".to_string(),
        Event::Departed => "departed".to_string(),
    }
}

fn sorted(mut told: Vec<String>) -> Vec<String> {
    told.sort();
    told
}

const MOMENT: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
