//! Recordings that are played back, made-up identities, floods: nobody who behaves notices

#![cfg(test)]

use std::{net::SocketAddr, time::Duration};

use lanchat_protocol::{
    Cast, Event, Identity, InstanceId, Name,
    wire::{Announce, Body, Dropped, Frame, Head, bounded::List},
};
use lanchat_simulator::{HostId, Lan, Sent, Weather};

/// Ann, bob and cid, who talk, whisper, leave and come back for an hour
fn busy_hour() -> (Lan, [HostId; 3], Vec<Sent>) {
    let mut lan = Lan::new(1, Weather::wire().losing(0.01));
    lan.record();
    let hosts = lan.join(["ann", "bob", "cid"]);
    lan.run_secs(3);
    for minute in 0..60 {
        for second in 0..60 {
            if second % 7 == 0 {
                lan.say(hosts[second % 3], &format!("{minute}:{second}"));
            }
            lan.run_secs(1);
        }
        lan.whisper(hosts[minute % 3], hosts[(minute + 1) % 3], &format!("between us: {minute}"));
        match minute % 20 {
            5 => lan.leave(hosts[2]),
            15 => lan.crash(hosts[1]),
            6 => lan.restart(hosts[2]),
            16 => lan.restart(hosts[1]),
            _ => {}
        }
    }
    lan.run_secs(10);
    let recording = lan.recording().to_vec();
    (lan, hosts, recording)
}

/// All that people can see at this host
fn seen(lan: &Lan, host: HostId) -> (Vec<Event>, usize) {
    (lan.told(host).iter().map(|(_, event)| event.clone()).collect(), lan.listed(host))
}

#[test]
fn a_recording_of_an_hour_played_back_changes_nothing_but_counters() {
    let (mut lan, hosts, recording) = busy_hour();
    assert!(recording.len() > 10_000, "{}", recording.len());
    let before = hosts.map(|host| seen(&lan, host));
    let sent_before = lan.datagrams();
    for (nth, (from, cast, bytes)) in recording.iter().enumerate() {
        let source =
            if nth % 2 == 0 { lan.addr(*from) } else { SocketAddr::from(([198, 18, 200, 1], 25_253)) };
        for host in hosts {
            lan.forge(host, source, *cast, bytes);
        }
        if nth % 20 == 0 {
            lan.run(Duration::from_millis(1));
        }
    }
    lan.run_secs(20);
    for (host, (told, listed)) in hosts.into_iter().zip(before) {
        let (told_now, listed_now) = seen(&lan, host);
        assert_eq!(told_now[told.len()..], [], "host {host} told something");
        assert_eq!(listed_now, listed);
    }
    let counters = lan.node(hosts[0]).unwrap().counters();
    assert!(counters.dropped(Dropped::Replayed) > 5_000);
    let sent = lan.datagrams() - sent_before;
    assert!(sent < 400, "{sent} datagrams: announcements of some twenty seconds, and nearly nothing else");
}

#[test]
fn a_newcomer_to_whom_a_dead_room_is_played_back_lists_nobody() {
    let (mut lan, hosts, recording) = busy_hour();
    for host in hosts {
        lan.crash(host);
    }
    lan.run_secs(60);
    let new = lan.join_one("new");
    for (nth, (from, cast, bytes)) in recording.iter().enumerate() {
        let source = lan.addr(*from);
        lan.forge(new, source, *cast, bytes);
        if nth % 20 == 0 {
            lan.run(Duration::from_millis(1));
            assert_eq!(lan.listed(new), 0, "a ghost after {nth} datagrams");
        }
    }
    assert!(!lan.told(new).iter().any(|(_, event)| matches!(event, Event::Joined(_))));
}

#[test]
fn whoever_joins_with_a_clock_that_is_behind_is_known_as_soon_as_others() {
    for behind in [0, 3_600_000, 86_400_000] {
        let mut lan = Lan::new(behind, Weather::wire());
        let hosts = lan.join(["ann", "bob", "cid"]);
        lan.run_secs(10);
        let late = lan.join_one("late");
        lan.run_secs(1);
        lan.leave(late);
        lan.run_secs(10);
        lan.step_clock(late, -i64::try_from(behind).unwrap());
        lan.restart(late);
        lan.run(Duration::from_micros(if behind == 0 { 300 } else { 500 }));
        assert_eq!(lan.listed(late), 3, "{behind}");
        assert!(hosts.iter().all(|host| lan.listed(*host) == 3), "{behind}");
    }
}

/// The first announcement of an identity that somebody made up
fn invented(lan: &Lan, n: u64) -> Vec<u8> {
    let mut secret = [0x77; 32];
    secret[..8].copy_from_slice(&n.to_le_bytes());
    let identity = Identity::from_secret(secret);
    let announce = Announce {
        instance: InstanceId::from_uuid(uuid::Uuid::from_u128(n.into())),
        name: Name::new(&format!("nobody {n}")).unwrap(),
        interval_ms: 60_000,
        members: 1_000_000,
        solicits: true,
        visitor: false,
        head: Head::default(),
        lamport: 1,
        extensions: List::empty(),
    };
    let incarnation = 1_900_000_000_000;
    Frame { sender: *identity.key(), incarnation, counter: 1, body: Body::Announce(announce) }
        .seal(&identity, lan.room())
}

#[test]
fn under_thousands_of_made_up_identities_those_who_are_there_stay_listed_and_talk() {
    let mut lan = Lan::new(1, Weather::wire());
    let hosts = lan.join(["ann", "bob", "cid"]);
    lan.run_secs(10);
    let names = ["ann", "bob", "cid"];
    for n in 0..10_000_u32 {
        let datagram = invented(&lan, n.into());
        let [.., high, low] = n.to_be_bytes();
        // A third from one host, the others from addresses that are made up, too
        let host = if n % 3 == 0 { [198, 18, 250, 1] } else { [198, 18, 100 + high, low] };
        for to in hosts {
            lan.forge(to, SocketAddr::from((host, 25_253)), Cast::Broadcast, &datagram);
        }
        if n % 10 == 0 {
            lan.run(Duration::from_millis(10));
        }
        if n % 1_000 == 0 {
            lan.say(hosts[0], &format!("still here: {n}"));
            lan.run(Duration::from_millis(1));
            let line = format!("ann: still here: {n}");
            assert!(lan.heard(hosts[1]).contains(&line));
        }
    }
    lan.run_secs(5);
    for host in hosts {
        assert!(lan.listed(host) <= 4_096);
        let node = lan.node(host).unwrap();
        let listed: Vec<_> = node.peers().map(|peer| peer.name.to_string()).collect();
        let others = names.iter().enumerate().filter(|(other, _)| *other != host);
        assert!(others.map(|(_, name)| *name).all(|name| listed.iter().any(|one| one == name)));
    }
    let new = lan.join_one("new");
    lan.run(Duration::from_millis(5));
    for host in hosts {
        assert!(lan.node(host).unwrap().peers().any(|peer| peer.name.as_str() == "new"), "host {host}");
    }
    // In what looks like a room of thousands few answer a newcomer, but whoever talks is asked who they are.
    for (host, name) in hosts.into_iter().zip(names) {
        lan.say(host, "hi");
        lan.run(Duration::from_millis(5));
        assert!(lan.node(new).unwrap().peers().any(|peer| peer.name.as_str() == name), "{name}");
    }
}
