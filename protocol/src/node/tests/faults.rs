//! Presence while datagrams get lost, cables are pulled, and everyone starts at once

use super::*;
use crate::wire::kind;

/// A room of `count` that started at once and of whose datagrams so many in a hundred get lost
fn room(count: usize, loss: u32, seed: u64) -> Lan {
    let mut lan = Lan { loss, rng: Rng::with_seed(seed), ..Lan::new() };
    for host in 0..count {
        let node = Node::new(config(host, &format!("p{host}"), 1, Role::Member), lan.now);
        lan.hosts.push(Host { node: Some(node), heard: Vec::new() });
    }
    lan
}

/// Lets time pass until each of `witnesses` was told that somebody is gone; how long that took
fn until_gone(lan: &mut Lan, witnesses: core::ops::Range<usize>) -> Duration {
    let start = lan.now;
    let mut unaware: Vec<usize> = witnesses.collect();
    while !unaware.is_empty() && lan.now.since(start) < 10 * SECOND {
        lan.run(10 * MOMENT);
        unaware.retain(|host| !lan.hosts[*host].heard.iter().any(|event| matches!(event, Event::Gone(_))));
    }
    lan.now.since(start)
}

#[test]
fn nobody_is_called_gone_who_is_there_though_every_fifth_datagram_gets_lost() {
    let mut lan = room(8, 20, 1);
    lan.run(600 * SECOND);
    let told = (0..8).flat_map(|host| lan.heard(host)).filter(|told| !told.starts_with('+'));
    assert_eq!(told.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn everyone_knows_everyone_within_a_second_though_every_fifth_datagram_gets_lost() {
    for seed in 0..20 {
        let mut lan = room(8, 20, seed);
        lan.run(SECOND);
        assert!((0..8).all(|host| lan.count(host) == 7), "seed {seed}");
    }
}

#[test]
fn a_pulled_cable_is_noticed_within_four_seconds_though_every_fifth_datagram_gets_lost() {
    for seed in 0..10 {
        let mut lan = room(8, 20, seed);
        lan.run(10 * SECOND + 97 * u32::try_from(seed).unwrap() * MOMENT);
        lan.unplug(0);
        let noticed = until_gone(&mut lan, 1..8);
        assert!(noticed <= 4 * SECOND, "{noticed:?} with seed {seed}");
    }
}

#[test]
fn a_killed_program_is_noticed_within_one_and_a_half_seconds() {
    for seed in 0..10 {
        let mut lan = room(8, 0, seed);
        lan.run(10 * SECOND + 97 * u32::try_from(seed).unwrap() * MOMENT);
        lan.kill(0);
        let noticed = until_gone(&mut lan, 1..8);
        assert!(noticed <= 3 * SECOND / 2, "{noticed:?} with seed {seed}");
    }
}

#[test]
fn two_halves_that_lost_each_other_find_together_again() {
    let mut lan = room(8, 0, 1);
    lan.run(5 * SECOND);
    for (one, other) in (0..4).flat_map(|one| (4..8).map(move |other| (one, other))) {
        lan.cut.extend([(one, other), (other, one)]);
    }
    lan.run(4 * SECOND);
    assert!((0..8).all(|host| lan.count(host) == 3));
    (0..8).for_each(|host| drop(lan.heard(host)));
    lan.say(0, "one");
    lan.cut.clear();
    lan.say(0, "two");
    lan.run(2 * SECOND);
    assert!((0..8).all(|host| lan.count(host) == 7));
    assert_eq!(sorted(lan.heard(1)), ["+p4", "+p5", "+p6", "+p7", "p0: one", "p0: two"]);
    let told = sorted(lan.heard(7));
    assert_eq!(told, ["+p0", "+p1", "+p2", "+p3", "p0: one", "p0: two"]);
}

#[test]
fn who_slept_for_ten_seconds_is_back_within_one() {
    let mut lan = room(3, 0, 1);
    lan.run(5 * SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.unplug(0);
    let asleep = lan.hosts[0].node.take();
    lan.run(10 * SECOND);
    lan.hosts[0].node = asleep;
    lan.cut.clear();
    lan.run(SECOND);
    assert_eq!(lan.heard(0), Vec::<String>::new());
    assert_eq!(lan.heard(1), ["!p0", "+p0"]);
    lan.run(20 * SECOND);
    assert!((0..3).all(|host| lan.heard(host).len() <= 2 && lan.count(host) == 2));
}

#[test]
fn a_crowd_that_starts_at_once_is_complete_in_a_moment_and_quiet_afterwards() {
    let mut lan = room(60, 0, 1);
    lan.run(SECOND / 2);
    assert!((0..60).all(|host| lan.count(host) == 59));
    lan.run(20 * SECOND);
    lan.sent.clear();
    lan.run(20 * SECOND);
    assert!(lan.sent.iter().all(|sent| matches!(sent.kind(), kind::ANNOUNCE | kind::HEARTBEAT)));
    assert!((150..=220).contains(&lan.sent.len()), "{} announcements", lan.sent.len());
}
