//! Two who talk, and strangers who send whatever bytes tell

mod acts;
mod stranger;

use std::collections::BTreeSet;

use lanchat_protocol::{Event, PeerId, PeerKey, Room, RoomKey, RoomName};
use lanchat_simulator::{HostId, Lan, Weather};

use self::stranger::Stranger;
use crate::draw::Draw;

pub(crate) use self::acts::{
    alter, announce, change, confide, entries, frame, greet, noise, replay, restart, say, wait, whisper,
};

/// What can happen: to whom and with what is drawn
pub(crate) type Act = fn(&mut Stage, &mut Draw<'_>);

/// Lets happen what bytes tell, of these acts; then everybody but the two is quiet, and the two talk as ever
///
/// # Panics
/// If somebody is told of what nobody signed, or the two do not get through to each other any more
pub(crate) fn play(bytes: &[u8], acts: &[Act]) {
    play_in(lobby(), bytes, acts);
}

/// The same in a room of which strangers have the key, if it is private
pub(crate) fn play_in(room: Room, bytes: &[u8], acts: &[Act]) {
    // Strangers who say by chance what was whispered would be taken for a leak; comparisons lead a fuzzer there.
    if bytes.windows(WHISPER.len()).any(|part| part == WHISPER.as_bytes()) {
        return;
    }
    let mut stage = Stage::open(room);
    let mut draw = Draw::new(bytes);
    for _ in 0..MAX_ACTS {
        if draw.is_over() {
            break;
        }
        acts[draw.below(acts.len())](&mut stage, &mut draw);
        stage.look();
    }
    stage.close();
}

/// The datagrams of two who meet, talk, whisper, miss each other and part
pub fn record() -> Vec<Vec<u8>> {
    let mut stage = Stage::open(lobby());
    stage.lan.leave(stage.hosts[0]);
    stage.lan.run_secs(1);
    stage.look();
    stage.lan.recording().iter().map(|(.., datagram)| datagram.clone()).collect()
}

/// The room of all
pub(crate) fn lobby() -> Room {
    Room::open(RoomName::lobby())
}

/// A room with a key
pub(crate) fn attic() -> Room {
    let name = RoomName::new("attic").unwrap_or_else(|_| RoomName::lobby());
    Room::private(name, &RoomKey::from_bytes([7; 32]))
}

const MAX_ACTS: usize = 48;

/// What whispers begin with
const WHISPER: &str = "whisper";

pub(crate) struct Stage {
    lan: Lan,
    /// One in memory only, one with a disk
    hosts: [HostId; 2],
    strangers: [Stranger; 3],
    lines: usize,
    /// What the other is to have in the end
    said: Vec<(HostId, String)>,
}

impl Stage {
    fn open(room: Room) -> Self {
        let mut lan = Lan::new(1, Weather::wire());
        lan.set_room(room);
        let [ann] = lan.join(["ann"]);
        let [bob] = lan.join_durable(["bob"]);
        lan.record();
        let strangers = [0, 1, 2].map(Stranger::new);
        strangers.iter().for_each(|stranger| lan.distrust(&stranger.key()));
        let mut stage = Self { lan, hosts: [ann, bob], strangers, lines: 0, said: Vec::new() };
        stage.lan.run_secs(1);
        stage.talk();
        // What is said while nobody hears it is asked for afterwards.
        stage.lan.partition(&[&[ann], &[bob]]);
        stage.say(ann, "missed");
        stage.lan.run_secs(1);
        stage.lan.heal();
        stage.lan.run_secs(2);
        stage.look();
        stage
    }

    fn people(&self) -> Vec<PeerKey> {
        let hosts = self.hosts.iter().map(|host| self.lan.key(*host));
        hosts.chain(self.strangers.iter().map(Stranger::key)).collect()
    }

    fn say(&mut self, host: HostId, what: &str) {
        self.lines += 1;
        let line = format!("{what} {}", self.lines);
        self.lan.say(host, &line);
        self.said.push((host, line));
    }

    fn talk(&mut self) {
        let [ann, bob] = self.hosts;
        self.say(ann, "line");
        self.say(bob, "line");
        self.lines += 1;
        self.lan.whisper(ann, bob, &format!("whisper {}", self.lines));
        self.lan.whisper(bob, ann, &format!("whisper back {}", self.lines));
        self.lan.run_secs(1);
    }

    /// What anybody was told is of those who signed something
    fn look(&self) {
        let hosts = self.hosts.map(|host| self.lan.id(host));
        let spoke = self.strangers.iter().filter(|stranger| stranger.has_signed()).map(|s| s.key().id());
        let known: BTreeSet<PeerId> = hosts.into_iter().chain(spoke).collect();
        for host in self.hosts {
            for (_, event) in self.lan.told(host) {
                let whose = match event {
                    Event::Joined(peer) | Event::Left(peer) | Event::Gone(peer) => peer.id,
                    Event::Renamed { peer, .. } | Event::Status { peer, .. } | Event::Typing { peer, .. } => {
                        peer.id
                    }
                    Event::Holds { peer, .. } => *peer,
                    Event::Message { author, .. }
                    | Event::Edited { author, .. }
                    | Event::Deleted { author, .. }
                    | Event::Reaction { author, .. }
                    | Event::Topic { author, .. }
                    | Event::Gap { author, .. } => author.id,
                    Event::Whisper { author, .. } => {
                        assert!(hosts.contains(&author.id), "{event:?} of somebody without a session");
                        author.id
                    }
                    Event::Forked(author) => {
                        assert!(!hosts.contains(&author.id), "{event:?}: they wrote one log only");
                        author.id
                    }
                    Event::Whispered { to, .. } => to.id,
                    Event::Delivery { to, .. } | Event::NotWhispered { to, .. } => *to,
                    Event::KeyInUse { .. } | Event::NotStored { .. } => panic!("{event:?} is not so"),
                    Event::Departed => continue,
                };
                assert!(known.contains(&whose), "{event:?} of somebody who never signed anything");
            }
            assert!(self.lan.listed(host) < known.len(), "more are listed than there are");
        }
    }

    /// Whatever was done to them: the two know each other, have all that each said, and whisper
    fn close(mut self) {
        let [ann, bob] = self.hosts;
        let begun = self.lan.traffic().all();
        self.lan.run_secs(30);
        let ended = self.lan.traffic().all();
        let idle = ended.datagrams - begun.datagrams;
        assert!(idle <= MOST_IDLE, "{idle} datagrams in half a minute in which nobody said anything");
        self.talk();
        self.lan.run_secs(10);
        self.look();
        for (listener, speaker) in [(ann, bob), (bob, ann)] {
            let lines = self.said.iter().filter(|(host, _)| *host == speaker).map(|(_, line)| line);
            for line in lines {
                let shown = self.shown(listener, speaker, line);
                assert_eq!(shown, 1, "{line} of host {speaker} was shown {shown} times to host {listener}");
            }
            let back = if listener == ann { " back" } else { "" };
            let whisper = format!("whisper{back} {}", self.lines);
            let came = self.lan.told(listener).iter();
            let came = came.filter(
                |(_, event)| matches!(event, Event::Whisper { text, .. } if text.as_str() == whisper),
            );
            assert_eq!(came.count(), 1, "{whisper} did not come to host {listener} once");
        }
    }

    fn shown(&self, listener: HostId, speaker: HostId, line: &str) -> usize {
        let id = self.lan.id(speaker);
        let told = self.lan.told(listener).iter();
        told.filter(|(_, event)| {
            matches!(event, Event::Message { author, text, .. } if author.id == id && text.as_str() == line)
        })
        .count()
    }
}

/// Two who are there beat once a second, and ask for what strangers claimed to hold until they give up
const MOST_IDLE: u64 = 600;
