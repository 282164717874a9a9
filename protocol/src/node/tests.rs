//! Nodes on a small perfect network: bytes travel, time jumps to the next deadline

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
    Event, RoomName,
    wire::{Dropped, Packet, Ping, PingRequest, bounded::List},
};

/// Some nodes on one broadcast domain, each hearing the others but not itself
struct Lan {
    now: Time,
    hosts: Vec<Host>,
    /// Directed pairs between which nothing gets through
    cut: Vec<(usize, usize)>,
    sent: Vec<Sent>,
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

impl Lan {
    fn new() -> Self {
        Self { now: Time::from_secs(10), hosts: Vec::new(), cut: Vec::new(), sent: Vec::new() }
    }

    fn of(names: &[&str]) -> Self {
        let mut lan = Self::new();
        for name in names {
            lan.join(name);
        }
        lan
    }

    fn join(&mut self, name: &str) -> usize {
        self.hosts.push(Host { node: None, heard: Vec::new() });
        self.start(self.hosts.len() - 1, name, 1, Role::Member);
        self.hosts.len() - 1
    }

    fn start(&mut self, host: usize, name: &str, incarnation: u64, role: Role) {
        self.hosts[host].node = Some(Node::new(config(host, name, incarnation, role), self.now));
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
        self.command(host, Command::Say { text: text(line), at: WallTime::default() });
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
                        output @ (Output::Broadcast(_) | Output::Send { .. } | Output::Probe { .. }) => {
                            on_the_way.push_back((from, output));
                        }
                    }
                }
            }
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
                if self.hosts[target].node.is_none() && !self.cut.contains(&(from, target)) {
                    let node = self.hosts[from].node.as_mut().unwrap();
                    node.handle_input(self.now, Input::Refused { to });
                } else {
                    self.hand_over(from, target, Cast::Unicast, &datagram);
                }
            }
            Output::Event(_) => {}
        }
    }

    fn hand_over(&mut self, from: usize, to: usize, cast: Cast, bytes: &[u8]) {
        if self.cut.contains(&(from, to)) {
            return;
        }
        if let Some(node) = &mut self.hosts[to].node {
            node.handle_input(self.now, Input::Datagram { from: addr(from), cast, bytes });
        }
    }

    /// Cuts `host` off from everybody, both ways
    fn unplug(&mut self, host: usize) {
        for other in 0..self.hosts.len() {
            self.cut.extend([(host, other), (other, host)]);
        }
    }

    /// What `host` was told since it was last asked, in short words
    fn heard(&mut self, host: usize) -> Vec<String> {
        self.hosts[host].heard.drain(..).map(|event| in_short(&event)).collect()
    }

    fn count(&self, host: usize) -> usize {
        self.hosts[host].node.as_ref().unwrap().peers().count()
    }

    fn dropped(&self, host: usize, why: Dropped) -> u64 {
        self.hosts[host].node.as_ref().unwrap().counters().dropped(why)
    }
}

fn identity(host: usize) -> Identity {
    Identity::from_secret([u8::try_from(host + 1).unwrap(); 32])
}

fn config(host: usize, name: &str, incarnation: u64, role: Role) -> Config {
    Config {
        identity: identity(host),
        instance: InstanceId::from_uuid(uuid::Uuid::from_u128(incarnation.into())),
        incarnation,
        name: Name::new(name).unwrap(),
        room: Room::open(RoomName::lobby()),
        role,
        seed: u64::try_from(host).unwrap(),
    }
}

fn addr(host: usize) -> SocketAddr {
    SocketAddr::from(([198, 18, 0, u8::try_from(host).unwrap()], 25_253))
}

fn host_at(addr: SocketAddr) -> usize {
    match addr {
        SocketAddr::V4(addr) => addr.ip().octets()[3].into(),
        SocketAddr::V6(_) => panic!("{addr} is nobody's"),
    }
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
        Event::Message { author, text, .. } if author.own => format!("me: {text}"),
        Event::Message { author, text, .. } => format!("{}: {text}", name(author)),
        Event::Whisper { author, text, .. } => format!("{} whispers {text}", name(author)),
        Event::Whispered { to, text, .. } => format!("to {}: {text}", to.name),
        Event::Delivery { state, .. } => format!("{state:?}").to_lowercase(),
        Event::Gap { author, missing } => format!("{} gap {missing}", name(author)),
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

#[test]
fn whoever_starts_is_known_to_all_and_knows_all_at_once() {
    let mut lan = Lan::of(&["ann", "bob", "cid", "dan"]);
    lan.run(MOMENT);
    for host in 0..4 {
        assert_eq!(lan.count(host), 3);
        assert!(lan.hosts[host].node.as_ref().unwrap().knows_everyone());
    }
    assert_eq!(lan.heard(0), ["+bob", "+cid", "+dan"]);
    assert_eq!(lan.heard(3), ["+ann", "+bob", "+cid"]);
}

#[test]
fn a_start_costs_one_answer_each() {
    let mut lan = Lan::of(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    lan.run(5 * SECOND);
    lan.sent.clear();
    let newcomer = lan.join("new");
    lan.run(Duration::from_millis(300));
    let answers = lan.sent.iter().filter(|sent| sent.cast == Cast::Unicast).count();
    assert_eq!(answers, 8);
    assert_eq!(lan.sent.iter().filter(|sent| sent.from == newcomer).count(), 4);
}

#[test]
fn a_line_reaches_all_once_and_its_author_too() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.say(0, "hi");
    assert_eq!(lan.heard(0), ["me: hi"]);
    assert_eq!(lan.heard(1), ["ann: hi"]);
    assert_eq!(lan.heard(2), ["ann: hi"]);
    lan.run(10 * SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new());
}

#[test]
fn a_long_line_arrives_whole() {
    let mut lan = Lan::of(&["ann", "bob"]);
    let long = "长".repeat(2_600);
    lan.say(0, &long);
    assert_eq!(lan.heard(1).last(), Some(&format!("ann: {long}")));
}

#[test]
fn what_was_said_before_somebody_came_is_not_missed_by_them() {
    let mut lan = Lan::of(&["ann"]);
    lan.say(0, "one");
    lan.join("bob");
    lan.run(5 * SECOND);
    lan.say(0, "two");
    assert_eq!(lan.heard(1), ["+ann", "ann: two"]);
}

#[test]
fn what_a_newcomer_says_comes_after_what_was_said_before_they_came() {
    let mut lan = Lan::of(&["ann"]);
    for _ in 0..5 {
        lan.say(0, "before");
    }
    lan.join("bob");
    lan.run(SECOND);
    lan.say(1, "after");
    let room = Room::open(RoomName::lobby());
    let lamports = lan.sent.iter().filter_map(|sent| match Packet::decode(&sent.bytes, room.tag()) {
        Ok(Packet::Data(entries)) => entries.first()?.claim().map(|entry| entry.lamport),
        Ok(Packet::Frame(_)) | Err(_) => None,
    });
    assert_eq!(lamports.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_lost_line_is_said_to_be_missing() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.cut = vec![(0, 1)];
    lan.say(0, "one");
    lan.cut.clear();
    lan.run(3 * SECOND);
    assert_eq!(lan.heard(1), ["ann gap 1"]);
}

#[test]
fn a_goodbye_is_known_at_once_and_final() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.command(0, Command::Leave);
    lan.run(MOMENT);
    assert_eq!(lan.heard(1), ["-ann"]);
    lan.run(SECOND);
    assert_eq!(lan.heard(0).last().unwrap(), "departed");
    assert_eq!(lan.hosts[0].node.as_ref().unwrap().poll_timeout(), None);
    assert_eq!(lan.heard(1), Vec::<String>::new());
}

#[test]
fn a_killed_program_is_noticed_by_its_closed_port_within_an_interval() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(7 * SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.kill(0);
    lan.run(Duration::from_millis(1_400));
    assert_eq!(lan.heard(1), ["!ann"]);
    assert_eq!(lan.heard(2), ["!ann"]);
}

#[test]
fn a_pulled_cable_is_noticed_within_four_seconds_on_both_ends() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(7 * SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.unplug(0);
    lan.run(4 * SECOND);
    assert_eq!(lan.heard(1), ["!ann"]);
    assert_eq!(sorted(lan.heard(0)), ["!bob", "!cid"]);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(1), ["+ann"]);
    assert_eq!(sorted(lan.heard(0)), ["+bob", "+cid"]);
}

#[test]
fn who_cannot_be_heard_directly_but_through_others_is_not_gone() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.cut = vec![(0, 1)];
    lan.run(60 * SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert_eq!(lan.count(1), 2);
}

#[test]
fn a_restart_is_not_a_new_person() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.say(0, "one");
    lan.heard(1);
    lan.kill(0);
    lan.start(0, "ann", 2, Role::Member);
    lan.say(0, "two");
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(1), ["ann: two"]);
    assert_eq!(lan.count(1), 1);
}

#[test]
fn a_new_name_is_known_at_once() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.command(0, Command::Rename(Name::new("anna").unwrap()));
    lan.run(MOMENT);
    assert_eq!(lan.heard(1), ["ann=anna"]);
}

#[test]
fn a_whisper_reaches_one_and_its_author_learns_that_it_did() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.whisper(0, 1, "psst");
    lan.run(MOMENT);
    assert_eq!(lan.heard(0), ["to bob: psst", "sent", "delivered"]);
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
    assert_eq!(lan.heard(2), Vec::<String>::new());
}

#[test]
fn a_whisper_is_repeated_until_it_is_through_and_shown_once() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    (0..2).for_each(|host| drop(lan.heard(host)));
    lan.cut = vec![(1, 0)];
    lan.whisper(0, 1, "psst");
    lan.run(SECOND);
    assert_eq!(lan.heard(0), ["to bob: psst", "sent"]);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(0), ["delivered"]);
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
}

#[test]
fn a_whisper_to_somebody_gone_waits_for_them_or_ends() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.unplug(1);
    lan.run(5 * SECOND);
    lan.heard(0);
    lan.whisper(0, 1, "one");
    assert_eq!(lan.heard(0), ["to bob: one", "queued"]);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(0), ["+bob", "sent", "delivered"]);
    lan.unplug(1);
    lan.run(5 * SECOND);
    lan.whisper(0, 1, "two");
    lan.run(31 * SECOND);
    assert_eq!(lan.heard(0), ["!bob", "to bob: two", "queued", "expired"]);
    lan.command(0, Command::Whisper { to: identity(9).id(), text: text("?"), at: WallTime::default() });
    assert_eq!(lan.heard(0), ["not whispered: Unknown"]);
}

#[test]
fn a_visitor_learns_who_is_there_and_leaves_no_trace() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    (0..2).for_each(|host| drop(lan.heard(host)));
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.start(2, "eve", 1, Role::Visitor);
    assert_eq!(lan.heard(2), ["+ann", "+bob"]);
    assert!(lan.hosts[2].node.as_ref().unwrap().knows_everyone());
    lan.command(2, Command::Leave);
    lan.run(SECOND);
    assert_eq!(lan.heard(0), Vec::<String>::new());
    assert_eq!(lan.count(0), 1);
}

#[test]
fn recorded_traffic_changes_nothing_when_it_comes_again() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.say(0, "one");
    lan.whisper(0, 1, "psst");
    lan.command(0, Command::Leave);
    lan.run(SECOND);
    lan.heard(1);
    let recorded: Vec<_> = lan.sent.iter().filter(|sent| sent.from == 0).cloned().collect();
    for sent in recorded {
        lan.hand_over(0, 1, sent.cast, &sent.bytes);
    }
    lan.carry();
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert_eq!(lan.count(1), 0);
    assert!(lan.dropped(1, Dropped::Replayed) > 5);
}

#[test]
fn nobody_is_believed_to_have_said_what_they_did_not_sign() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.command(0, Command::Rename(Name::new("eve").unwrap()));
    lan.cut = vec![(0, 1)];
    lan.run(MOMENT);
    lan.say(0, "one");
    lan.whisper(0, 1, "psst");
    lan.command(0, Command::Leave);
    lan.run(MOMENT);
    lan.cut.clear();
    let before = lan.dropped(1, Dropped::Forged);
    let unheard: Vec<_> = lan.sent.iter().rev().take(4).cloned().collect();
    for mut sent in unheard {
        let last = sent.bytes.len() - 1;
        sent.bytes[last] ^= 1;
        lan.hand_over(0, 1, sent.cast, &sent.bytes);
    }
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert_eq!(lan.dropped(1, Dropped::Forged), before + 4);
}

#[test]
fn a_line_from_a_stranger_is_shown_and_the_stranger_asked_who_they_are() {
    let mut lan = Lan::of(&["ann"]);
    lan.cut = vec![(0, 1), (1, 0)];
    lan.join("bob");
    lan.run(SECOND / 2);
    lan.cut.clear();
    lan.say(0, "hi");
    assert_eq!(lan.heard(1), ["?: hi", "+ann"]);
    assert_eq!(lan.heard(0), ["me: hi", "+bob"]);
}

#[test]
fn an_entry_that_is_known_already_does_not_hide_those_after_it() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    lan.heard(1);
    lan.say(0, "one");
    lan.cut = vec![(0, 1)];
    lan.say(0, "two");
    let entries = lan.sent.iter().filter_map(|sent| {
        match Packet::decode(&sent.bytes, Room::open(RoomName::lobby()).tag()) {
            Ok(Packet::Data(entries)) => Some(entries),
            Ok(Packet::Frame(_)) | Err(_) => None,
        }
    });
    let both = Data { entries: List::new(entries.flatten().collect()).unwrap() };
    let datagram = both.seal(&Room::open(RoomName::lobby()));
    lan.hand_over(2, 1, Cast::Unicast, &datagram);
    lan.carry();
    assert_eq!(lan.heard(1), ["ann: one", "ann: two"]);
    assert_eq!(lan.dropped(1, Dropped::Replayed), 1);
}

#[test]
fn what_everyone_would_answer_is_not_answered_when_everyone_hears_it() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    lan.sent.clear();
    let mut eve = Speaker::new(identity(7), 1);
    let target = *identity(2).key();
    for body in [Body::Ping(Ping { nonce: 1 }), Body::PingRequest(PingRequest { target, nonce: 2 })] {
        let datagram = eve.seal(&Room::open(RoomName::lobby()), body);
        lan.hand_over(0, 1, Cast::Broadcast, &datagram);
        lan.carry();
    }
    assert!(lan.sent.is_empty(), "{} datagrams", lan.sent.len());
    assert_eq!(lan.dropped(1, Dropped::Misdirected), 2);
}

#[test]
fn a_goodbye_of_a_start_that_was_missed_ends_that_start() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.kill(0);
    lan.cut = vec![(0, 1)];
    lan.start(0, "ann", 2, Role::Member);
    let missed = lan.sent.iter().rev().find(|sent| sent.cast == Cast::Broadcast).unwrap().clone();
    lan.cut.clear();
    lan.command(0, Command::Leave);
    lan.run(SECOND);
    lan.heard(1);
    lan.hand_over(0, 1, missed.cast, &missed.bytes);
    lan.carry();
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert_eq!(lan.count(1), 0);
}

#[test]
fn two_programs_with_one_key_are_told_to_the_older_one() {
    let mut lan = Lan::of(&["ann"]);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    let twin = Config { identity: identity(0), ..config(1, "ann", 2, Role::Member) };
    lan.hosts[1].node = Some(Node::new(twin, lan.now));
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(0), ["key in use"]);
    assert_eq!(lan.heard(1), Vec::<String>::new());
}

#[test]
fn a_node_that_slept_does_not_blame_the_others() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(0);
    let asleep = lan.hosts[0].node.take();
    lan.now += 3_600 * SECOND;
    lan.hosts[1].node.as_mut().unwrap().handle_timeout(lan.now);
    lan.hosts[0].node = asleep;
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(0), Vec::<String>::new());
}

#[test]
fn the_same_seeds_and_inputs_give_the_same_bytes() {
    let story = || {
        let mut lan = Lan::of(&["ann", "bob", "cid"]);
        lan.run(3 * SECOND);
        lan.say(0, "hi");
        lan.whisper(1, 2, "psst");
        lan.kill(2);
        lan.run(5 * SECOND);
        lan.sent.into_iter().map(|sent| sent.bytes).collect::<Vec<_>>()
    };
    assert_eq!(story(), story());
}

#[test]
fn a_quiet_small_room_costs_one_announcement_a_second_each_and_nothing_else() {
    let mut lan = Lan::of(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    lan.run(5 * SECOND);
    lan.sent.clear();
    lan.run(100 * SECOND);
    assert!(lan.sent.iter().all(|sent| sent.cast == Cast::Broadcast));
    assert!((700..900).contains(&lan.sent.len()), "{}", lan.sent.len());
}
