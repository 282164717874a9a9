//! Namesakes and copycats

#![cfg(test)]

use std::{collections::BTreeSet, time::Duration};

use lanchat_protocol::{Event, MessageId, PeerId};
use lanchat_simulator::{HostId, Lan, Weather, seeds};

/// The ids of the lines that `host` was told, each with its author's name
fn told_lines(lan: &Lan, host: HostId) -> Vec<(MessageId, PeerId)> {
    let told = lan.told(host).iter().filter_map(|(_, event)| {
        if let Event::Message { id, author, .. } = event { Some((*id, author.id)) } else { None }
    });
    told.collect()
}

#[test]
fn an_hour_apart_with_the_same_name_on_both_sides_heals_to_one_transcript() {
    for seed in seeds(0..3) {
        let mut lan = Lan::new(seed, Weather::wire());
        let [ann, bob] = lan.join(["ann", "bob"]);
        lan.run_secs(2);
        lan.partition(&[&[ann], &[bob]]);
        let left = lan.join_one("sam");
        lan.partition(&[&[ann, left], &[bob]]);
        let right = lan.join_one("sam");
        lan.partition(&[&[ann, left], &[bob, right]]);
        for minute in 0..60 {
            for host in [ann, left, bob, right] {
                lan.say(host, &format!("{minute}"));
            }
            lan.run_secs(60);
        }
        lan.heal();
        lan.run_secs(5);
        let all = [ann, bob, left, right];
        lan.assert_equal_transcripts(&all);
        for host in all {
            assert_eq!((lan.lines(host).len(), lan.listed(host)), (240, 3), "seed {seed}, host {host}");
            let ids: BTreeSet<_> = told_lines(&lan, host).into_iter().collect();
            assert_eq!(ids.len(), 240, "seed {seed}, host {host}");
        }
    }
}

#[test]
fn who_takes_a_name_and_says_the_same_is_somebody_else() {
    let mut lan = Lan::new(1, Weather::wire());
    let [alice, mallory, bob] = lan.join(["alice", "alice", "bob"]);
    lan.run_secs(2);
    for host in [alice, mallory] {
        lan.say(host, "I owe you a beer");
        lan.run(Duration::from_millis(10));
    }
    let [(first, one), (second, other)] = <[_; 2]>::try_from(told_lines(&lan, bob)).unwrap();
    assert_ne!(first, second);
    assert_ne!(one, other);
    assert_eq!([one, other], [lan.id(alice), lan.id(mallory)]);
}
