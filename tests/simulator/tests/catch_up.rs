//! Newcomers, and those who were away, have what was said

#![cfg(test)]

use std::time::Duration;

use lanchat_protocol::{Event, Time};
use lanchat_simulator::{HostId, Lan, Weather, seeds};

/// Two who said so many lines in turn
fn after_lines(seed: u64, lines: usize) -> (Lan, [HostId; 2]) {
    let mut lan = Lan::new(seed, Weather::wire());
    let hosts = lan.join(["ann", "bob"]);
    lan.run_secs(2);
    for n in 0..lines {
        lan.say(hosts[n % 2], &format!("line {n}"));
        lan.run(Duration::from_millis(5));
    }
    lan.run_secs(2);
    assert_eq!(lan.lines(hosts[0]).len(), lines);
    (lan, hosts)
}

/// When each line came to `host`, the last that was said first
fn arrivals(lan: &Lan, host: HostId) -> Vec<Time> {
    let lines = lan.told(host).iter().filter_map(|(at, event)| {
        let Event::Message { order, .. } = event else { return None };
        Some((*order, *at))
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by_key(|(order, _)| std::cmp::Reverse(*order));
    lines.into_iter().map(|(_, at)| at).collect()
}

/// A newcomer joins a room of 10,000 lines: how long the last 50 and all of them take
fn newcomer(seed: u64, weather: Weather) -> (Duration, Duration) {
    const LINES: usize = 10_000;
    let (mut lan, [ann, _]) = after_lines(seed, LINES);
    lan.set_weather(weather);
    let began = lan.now();
    let new = lan.join_one("new");
    lan.run_secs(30);
    let arrivals = arrivals(&lan, new);
    assert_eq!(arrivals.len(), LINES, "seed {seed}");
    lan.assert_equal_transcripts(&[ann, new]);
    let within = |lines: &[Time]| lines.iter().max().map_or(Duration::ZERO, |at| at.since(began));
    (within(&arrivals[..50]), within(&arrivals))
}

#[test]
fn a_newcomer_has_the_last_lines_within_two_seconds_and_all_within_ten() {
    for seed in seeds(0..2) {
        let (last, all) = newcomer(seed, Weather::wire());
        assert!(last <= Duration::from_secs(2), "seed {seed}: {last:?}");
        assert!(all <= Duration::from_secs(10), "seed {seed}: {all:?}");
    }
}

#[test]
fn and_at_30_percent_loss_within_five_and_in_full() {
    for seed in seeds(0..2) {
        let (last, all) = newcomer(seed, Weather::wire().losing(0.3));
        assert!(last <= Duration::from_secs(5), "seed {seed}: {last:?}");
        assert!(all <= Duration::from_secs(10), "seed {seed}: {all:?}");
    }
}

#[test]
fn and_on_wifi() {
    for seed in seeds(0..2) {
        let (last, all) = newcomer(seed, Weather::wifi());
        assert!(last <= Duration::from_secs(5), "seed {seed}: {last:?}");
        assert!(all <= Duration::from_secs(30), "seed {seed}: {all:?}");
    }
}

#[test]
fn whoever_it_learns_from_may_be_killed_on_the_way() {
    for seed in seeds(0..10) {
        let (mut lan, [ann, bob]) = after_lines(seed, 2_000);
        let new = lan.join_one("new");
        lan.run(Duration::from_millis(60 + 20 * (seed % 10)));
        lan.crash(ann);
        lan.run_secs(20);
        assert_eq!(lan.lines(new).len(), 2_000, "seed {seed}");
        lan.assert_equal_transcripts(&[bob, new]);
    }
}

#[test]
fn many_newcomers_at_once_all_have_everything() {
    for seed in seeds(0..2) {
        let (mut lan, [ann, _]) = after_lines(seed, 1_000);
        lan.set_weather(Weather::wifi());
        let mut hosts: Vec<_> = (0..20).map(|n| lan.join_one(&format!("new{n}"))).collect();
        lan.run_secs(30);
        hosts.push(ann);
        assert_eq!(lan.lines(ann).len(), 1_000);
        lan.assert_equal_transcripts(&hosts);
    }
}

#[test]
fn whoever_slept_for_ten_minutes_catches_up_within_five_seconds() {
    for seed in seeds(0..5) {
        let mut lan = Lan::new(seed, Weather::wifi());
        let hosts = lan.join(["ann", "bob", "cid"]);
        lan.run_secs(3);
        let [ann, bob, cid] = hosts;
        lan.suspend(cid, Duration::from_secs(600));
        for n in 0..200 {
            lan.say([ann, bob][n % 2], &format!("line {n}"));
            lan.run_secs(3);
        }
        lan.run_secs(5);
        assert_eq!(lan.lines(cid).len(), 200, "seed {seed}");
        lan.assert_equal_transcripts(&hosts);
    }
}

#[test]
fn talk_goes_on_while_a_newcomer_catches_up() {
    for seed in seeds(0..5) {
        let (mut lan, [ann, bob]) = after_lines(seed, 3_000);
        lan.set_weather(Weather::wifi());
        let new = lan.join_one("new");
        for n in 0..100 {
            lan.say([ann, bob, new][n % 3], &format!("more {n}"));
            lan.run(Duration::from_millis(20));
        }
        lan.run_secs(20);
        assert_eq!(lan.lines(new).len(), 3_100, "seed {seed}");
        lan.assert_equal_transcripts(&[ann, bob, new]);
    }
}
