//! Whoever records all that is sent and sends it again changes nothing

#![cfg(test)]

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use lanchat_protocol::{Cast, Event, Room, RoomKey, RoomName};
use lanchat_simulator::{HostId, Lan, Weather};

type Recording = Vec<(SocketAddr, Cast, Vec<u8>)>;

/// An hour in this room: all talk and whisper, some restart, come, leave or are killed
struct Hour {
    lan: Lan,
    ann: HostId,
    bob: HostId,
    cleo: HostId,
    dan: HostId,
    recording: Recording,
}

fn attic() -> Room {
    Room::private(RoomName::new("attic").unwrap(), &RoomKey::from_bytes([7; 32]))
}

impl Hour {
    fn in_the(room: Room) -> Self {
        let mut lan = Lan::new(4, Weather::wire());
        lan.record();
        lan.set_room(room);
        let [ann, bob] = lan.join(["ann", "bob"]);
        let [cleo, dan, eve, finn] = lan.join_durable(["cleo", "dan", "eve", "finn"]);
        lan.run_secs(10);
        let all = [ann, bob, cleo, dan, eve, finn];
        for minute in 0..60 {
            match minute {
                10 => lan.crash(dan),
                11 => lan.restart(dan),
                20 => lan.leave(bob),
                21 => lan.restart(bob),
                30 => lan.leave(eve),
                40 => lan.crash(finn),
                50 => drop(lan.join_one("gus")),
                _ => {}
            }
            let (speaker, other) = (all[minute % 6], all[(minute + 1) % 6]);
            lan.say(speaker, &format!("line {minute}"));
            if lan.is_running(speaker) {
                lan.whisper(speaker, other, &format!("secret {minute}"));
            }
            lan.run_secs(59);
        }
        let sent = lan.recording().iter();
        let recording = sent.map(|(from, cast, bytes)| (lan.addr(*from), *cast, bytes.clone())).collect();
        Self { lan, ann, bob, cleo, dan, recording }
    }

    /// All of it arrives at each of these once more, as fast as the network is, from where it was sent and from elsewhere
    fn replay(&mut self, hosts: &[HostId]) {
        let elsewhere = SocketAddr::from(([198, 18, 255, 254], 25_253));
        for (index, (from, cast, bytes)) in self.recording.iter().enumerate() {
            for host in hosts {
                self.lan.forge(*host, elsewhere, *cast, bytes);
                self.lan.forge(*host, *from, *cast, bytes);
            }
            if index % 20 == 0 {
                self.lan.run(Duration::from_millis(10));
            }
        }
        self.lan.run_secs(60);
    }
}

/// All that one can see at a host
#[derive(Debug, PartialEq)]
struct Sight {
    events: Vec<Event>,
    lines: Vec<String>,
    peers: Vec<String>,
    known: Vec<String>,
}

fn sight(lan: &Lan, host: HostId) -> Sight {
    let node = lan.node(host).unwrap();
    let sorted = |mut lines: Vec<String>| {
        lines.sort_unstable();
        lines
    };
    Sight {
        events: lan.told(host).iter().map(|(_, event)| event.clone()).collect(),
        lines: lan.lines(host),
        peers: sorted(node.peers().map(|peer| format!("{peer:?}")).collect()),
        known: sorted(node.known().map(|peer| format!("{peer:?}")).collect()),
    }
}

fn dropped(lan: &Lan, host: HostId) -> u64 {
    lan.node(host).unwrap().counters().all_dropped().map(|(_, count)| count).sum()
}

fn assert_nothing_changes(mut hour: Hour, hosts: &[HostId]) {
    let before: BTreeMap<HostId, _> =
        hosts.iter().map(|host| (*host, (sight(&hour.lan, *host), dropped(&hour.lan, *host)))).collect();
    assert!(hour.recording.len() > 10_000, "{} datagrams", hour.recording.len());
    hour.replay(hosts);
    for (host, (sight_before, dropped_before)) in before {
        let after = sight(&hour.lan, host);
        assert_eq!(after.events[sight_before.events.len()..], [], "host {host}");
        assert_eq!(after, sight_before, "host {host}");
        let count = u64::try_from(2 * hour.recording.len()).unwrap();
        let dropped = dropped(&hour.lan, host) - dropped_before;
        assert!(dropped >= count, "{dropped} of {count} at host {host}");
    }
    hour.lan.say(hour.ann, "still here");
    hour.lan.whisper(hour.bob, hour.ann, "so am I");
    hour.lan.run_secs(1);
    for host in [hour.bob, hour.cleo, hour.dan] {
        assert!(hour.lan.heard(host).contains(&"ann: still here".to_owned()), "host {host}");
    }
    assert!(hour.lan.heard(hour.ann).iter().any(|news| news.contains("so am I")));
}

#[test]
fn a_recording_of_an_hour_changes_nothing_where_it_was_heard() {
    for room in [Room::open(RoomName::lobby()), attic()] {
        let hour = Hour::in_the(room);
        let hosts = [hour.ann, hour.bob, hour.cleo, hour.dan];
        assert_nothing_changes(hour, &hosts);
    }
}

#[test]
fn nor_where_it_is_in_the_history_of_somebody_who_started_since() {
    for room in [Room::open(RoomName::lobby()), attic()] {
        let mut hour = Hour::in_the(room);
        hour.lan.leave(hour.cleo);
        hour.lan.run_secs(60);
        hour.lan.restart(hour.cleo);
        hour.lan.run_secs(10);
        let cleo = hour.cleo;
        assert_nothing_changes(hour, &[cleo]);
    }
}
