//! G1: whatever is said reaches everyone, and soon, in rooms of all sizes and at losses up to 30%
//!
//! `cargo test` tells a part of it; what it leaves out takes minutes: `--ignored` tells the rest, `LANCHAT_SEEDS=100`
//! a hundred times as much.

use std::{ops::Range, time::Duration};

use lanchat_simulator::{Figures, Lan, Talk, Weather, seeds};

const LOSSES: [f64; 5] = [0.0, 0.01, 0.05, 0.2, 0.3];

/// What rooms of this size say, at each loss, one after the other
fn assert_all_is_delivered_soon(members: usize, lines: usize, seeds: Range<u64>) {
    let mut of_all = LOSSES.map(|_| Figures::default());
    for seed in seeds {
        let (mut lan, hosts) = Lan::settled(seed, members);
        for (figures, loss) in of_all.iter_mut().zip(LOSSES) {
            lan.set_weather(Weather::wire().losing(loss));
            let found = Talk::lively().of_lines(lines).play(&mut lan, &hosts, seed);
            let case = format!("seed {seed}, {members} members, loss {loss}");
            assert_eq!(found.lines, lines, "{case}");
            assert_eq!(found.delivered, found.expected, "{case}");
            assert!(found.slowest() <= Duration::from_secs(10), "{case}: {:?}", found.slowest());
            figures.add(found);
        }
        lan.assert_equal_transcripts(&hosts);
    }
    for (figures, loss) in of_all.iter().zip(LOSSES) {
        let slow = figures.latency(999);
        assert!(slow <= Duration::from_secs(2), "{members} members, loss {loss}: {slow:?}");
        let repairs = figures.repairs_per_line();
        assert!(repairs <= 12.0, "{members} members, loss {loss}: {repairs} repairs for each line");
    }
}

#[test]
fn two() {
    assert_all_is_delivered_soon(2, 40, seeds(0..20));
}

#[test]
fn eight() {
    assert_all_is_delivered_soon(8, 40, seeds(0..20));
}

#[test]
fn thirty_two() {
    assert_all_is_delivered_soon(32, 40, seeds(0..20));
}

#[test]
fn a_hundred_and_twenty_eight() {
    assert_all_is_delivered_soon(128, 20, seeds(0..4));
}

#[test]
#[ignore = "takes a minute"]
fn a_hundred_and_twenty_eight_many_times() {
    assert_all_is_delivered_soon(128, 20, seeds(4..20));
}

#[test]
#[ignore = "takes two minutes"]
fn a_thousand() {
    assert_all_is_delivered_soon(1_000, 20, seeds(0..2));
}
