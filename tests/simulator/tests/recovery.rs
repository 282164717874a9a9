//! What is lost comes back, from whoever still has it

#![cfg(test)]

use std::time::Duration;

use lanchat_protocol::{Arrival, Event};
use lanchat_simulator::{HostId, Lan, Spikes, Weather, seeds};

const SIX: [&str; 6] = ["ann", "bob", "cid", "dan", "eve", "fay"];

fn settled<const N: usize>(seed: u64, names: [&str; N]) -> (Lan, [HostId; N]) {
    let mut lan = Lan::new(seed, Weather::wire());
    let hosts = lan.join(names);
    lan.run_secs(3);
    for host in hosts {
        lan.heard(host);
    }
    (lan, hosts)
}

/// Everybody has the same, and it is so much
fn agree(lan: &Lan, hosts: &[HostId], lines: usize) -> bool {
    let first = lan.transcript(hosts[0]);
    first.len() == lines && hosts[1..].iter().all(|host| lan.transcript(*host) == first)
}

#[test]
fn what_only_one_heard_of_somebody_who_was_killed_reaches_everyone() {
    for seed in seeds(0..50) {
        let (mut lan, [ann, bob, cid, dan, eve, fay]) = settled(seed, SIX);
        lan.set_weather(Weather::wire().losing(0.1));
        for deaf in [cid, dan, eve, fay] {
            lan.cut_one_way(ann, deaf);
        }
        lan.set_link(ann, bob, Weather::wire());
        lan.say(ann, "my last words");
        lan.run(Duration::from_micros(400));
        lan.crash(ann);
        assert!(lan.lines(cid).is_empty() && lan.lines(bob).len() == 1, "seed {seed}");
        lan.heal();
        lan.run_secs(5);
        for host in [bob, cid, dan, eve, fay] {
            assert_eq!(lan.lines(host), ["ann: my last words"], "seed {seed}, host {host}");
        }
    }
}

#[test]
fn two_halves_that_both_talked_have_one_transcript_soon_after_they_meet() {
    for seed in seeds(0..20) {
        let (mut lan, hosts) = settled(seed, SIX);
        let [ann, bob, cid, dan, eve, fay] = hosts;
        lan.set_weather(Weather::wifi());
        lan.partition(&[&[ann, bob, cid], &[dan, eve, fay]]);
        for n in 0..240 {
            lan.say(hosts[n % 6], &format!("line {n}"));
            lan.run(Duration::from_millis(100));
        }
        lan.run_secs(3);
        assert_eq!((lan.lines(ann).len(), lan.lines(fay).len()), (120, 120), "seed {seed}");
        lan.heal();
        let two_intervals_and_transfer = Duration::from_millis(2 * 1_200 + 2_000);
        lan.run(two_intervals_and_transfer);
        assert!(agree(&lan, &hosts, 240), "seed {seed}: {:?}", hosts.map(|host| lan.lines(host).len()));
    }
}

#[test]
fn partitions_that_come_and_go_leave_nothing_behind() {
    for seed in seeds(0..10) {
        let (mut lan, hosts) = settled(seed, SIX);
        lan.set_weather(Weather::wifi());
        for n in 0..120 {
            let (left, right) = hosts.split_at(1 + n % 5);
            if n % 8 < 5 {
                lan.partition(&[left, right]);
            } else {
                lan.heal();
            }
            lan.say(hosts[n % 6], &format!("line {n}"));
            lan.run(Duration::from_millis(300));
        }
        lan.heal();
        lan.run_secs(10);
        assert!(agree(&lan, &hosts, 120), "seed {seed}: {:?}", hosts.map(|host| lan.lines(host).len()));
    }
}

#[test]
fn copies_reordering_and_long_delays_change_nothing() {
    for seed in seeds(0..10) {
        let (mut lan, hosts) = settled(seed, SIX);
        let spikes = Some(Spikes { part: 0.05, delay: Duration::from_secs(1) });
        lan.set_weather(Weather { duplicated: 0.5, spikes, ..Weather::congested().losing(0.3) });
        for n in 0..200 {
            lan.say(hosts[n % 6], &format!("line {n}"));
            lan.run(Duration::from_millis(50));
        }
        lan.run_secs(20);
        assert!(agree(&lan, &hosts, 200), "seed {seed}: {:?}", hosts.map(|host| lan.lines(host).len()));
    }
}

#[test]
fn whoever_hears_nothing_of_somebody_has_their_lines_from_others() {
    for seed in seeds(0..10) {
        let (mut lan, [ann, bob, cid]) = settled(seed, ["ann", "bob", "cid"]);
        lan.set_link(ann, bob, Weather::wire().losing(1.0));
        for n in 0..20 {
            lan.say(ann, &format!("line {n}"));
            lan.run(Duration::from_millis(100));
        }
        lan.run_secs(5);
        assert!(agree(&lan, &[ann, bob, cid], 20), "seed {seed}: {:?}", lan.lines(bob));
    }
}

#[test]
fn at_half_and_at_seven_tenths_loss_everything_arrives_in_the_end() {
    for (loss, secs) in [(0.5, 30), (0.7, 120)] {
        for seed in seeds(0..4) {
            let (mut lan, hosts) = settled(seed, ["ann", "bob", "cid", "dan"]);
            lan.set_weather(Weather::wire().losing(loss));
            for n in 0..20 {
                lan.say(hosts[n % 4], &format!("line {n}"));
                lan.run(Duration::from_millis(100));
            }
            lan.run_secs(secs);
            assert!(
                agree(&lan, &hosts, 20),
                "seed {seed}, loss {loss}: {:?}",
                hosts.map(|host| lan.lines(host).len())
            );
        }
    }
}

#[test]
fn what_nobody_has_any_more_is_shown_as_a_gap_within_three_seconds() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob, cid]) = settled(seed, ["ann", "bob", "cid"]);
        lan.say(ann, "one");
        lan.run_secs(1);
        lan.partition(&[&[ann], &[bob, cid]]);
        lan.say(ann, "two");
        lan.run(Duration::from_millis(900));
        lan.heal();
        lan.say(ann, "three");
        lan.run(Duration::from_micros(300));
        lan.crash(ann);
        lan.heard(bob);
        lan.run(Duration::from_millis(3_100));
        let heard: Vec<_> = lan.heard(bob).into_iter().filter(|news| news.starts_with("ann")).collect();
        assert_eq!(heard, ["ann misses 1", "ann: three"], "seed {seed}");
    }
}

#[test]
fn a_gap_is_filled_in_place_when_its_holder_is_back() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob, cid]) = settled(seed, ["ann", "bob", "cid"]);
        lan.say(ann, "one");
        lan.run_secs(1);
        lan.set_link(ann, cid, Weather::wire().losing(1.0));
        lan.say(ann, "two");
        lan.run(Duration::from_millis(1));
        lan.unplug(bob);
        lan.heal();
        lan.say(ann, "three");
        lan.run(Duration::from_micros(300));
        lan.crash(ann);
        lan.heard(cid);
        lan.run_secs(10);
        lan.plug(bob);
        lan.run_secs(5);
        let heard: Vec<_> = lan.heard(cid).into_iter().filter(|news| news.starts_with("ann")).collect();
        assert_eq!(heard, ["ann misses 1", "ann: three", "ann: two", "ann misses 0"], "seed {seed}");
        assert_eq!(lan.lines(cid), ["ann: one", "ann: two", "ann: three"], "seed {seed}");
        let late = lan
            .told(cid)
            .iter()
            .filter(|(_, event)| matches!(event, Event::Message { arrival: Arrival::Late, .. }));
        assert_eq!(late.count(), 1, "seed {seed}");
    }
}

#[test]
fn what_somebody_says_they_had_as_they_leave_does_not_stand_in_the_way_of_the_rest() {
    for seed in seeds(0..10) {
        let (mut lan, [ann, bob, cid]) = settled(seed, ["ann", "bob", "cid"]);
        lan.partition(&[&[ann, bob], &[cid]]);
        for line in ["one", "two", "three"] {
            lan.say(ann, line);
            lan.run_secs(1);
        }
        lan.partition(&[&[ann], &[bob], &[cid]]);
        lan.say(ann, "four");
        lan.run_secs(1);
        lan.heal();
        lan.leave(ann);
        lan.run_secs(10);
        assert_eq!(lan.lines(cid)[..3], ["ann: one", "ann: two", "ann: three"], "seed {seed}");
    }
}
