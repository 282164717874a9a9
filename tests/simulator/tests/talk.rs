//! What is said arrives once and in order, and what does not is said to be missing

use std::{collections::BTreeMap, time::Duration};

use lanchat_protocol::{Delivery, Event};
use lanchat_simulator::{Lan, Weather, seeds};

#[test]
fn nothing_lost_means_nothing_missing_whatever_the_order_on_the_way() {
    for seed in seeds(0..20) {
        let weather = Weather { loss: 0.0, duplicated: 0.5, ..Weather::wifi() };
        let mut lan = Lan::new(seed, weather);
        let hosts = lan.join(["ann", "bob", "cid"]);
        lan.run_secs(1);
        for n in 0..100 {
            lan.say(hosts[n % 3], &format!("line {n}"));
            lan.run(Duration::from_millis(3));
        }
        lan.run_secs(5);
        for host in hosts {
            let lines =
                lan.told(host).iter().filter(|(_, event)| matches!(event, Event::Message { .. })).count();
            let gaps = lan.told(host).iter().filter(|(_, event)| matches!(event, Event::Gap { .. })).count();
            assert_eq!((lines, gaps), (100, 0), "seed {seed}");
        }
    }
}

#[test]
fn every_line_arrives_though_a_third_is_lost_and_nothing_stays_missing() {
    for seed in seeds(0..20) {
        let mut lan = Lan::new(seed, Weather::wire());
        let [ann, bob] = lan.join(["ann", "bob"]);
        lan.run_secs(1);
        lan.set_weather(Weather::wifi().losing(0.3));
        for n in 0..100 {
            lan.say(ann, &format!("line {n}"));
            lan.run(Duration::from_millis(40));
        }
        lan.run_secs(20);
        assert_eq!(lan.lines(bob).len(), 100, "seed {seed}");
        let mut gaps = BTreeMap::new();
        for (_, event) in lan.told(bob) {
            if let Event::Gap { epoch, first, missing, .. } = event {
                gaps.insert((*epoch, *first), *missing);
            }
        }
        assert!(gaps.values().all(|missing| *missing == 0), "seed {seed}: {gaps:?}");
    }
}

#[test]
fn whispers_come_through_at_30_percent_loss_once_and_in_order() {
    for seed in seeds(0..50) {
        let mut lan = Lan::new(seed, Weather::wire());
        let [ann, bob, _] = lan.join(["ann", "bob", "cid"]);
        lan.run_secs(1);
        lan.set_weather(Weather { duplicated: 0.3, ..Weather::wifi().losing(0.3) });
        lan.heard(bob);
        for n in 0..50 {
            lan.whisper(ann, bob, &format!("secret {n}"));
            lan.run(Duration::from_millis(20));
        }
        lan.run_secs(25);
        let expected: Vec<_> = (0..50).map(|n| format!("ann whispers secret {n}")).collect();
        assert_eq!(lan.heard(bob), expected, "seed {seed}");
        let delivered = |event: &Event| matches!(event, Event::Delivery { state: Delivery::Delivered, .. });
        assert_eq!(lan.told(ann).iter().filter(|(_, event)| delivered(event)).count(), 50, "seed {seed}");
    }
}

#[test]
fn a_whisper_waits_for_whoever_is_back_in_time() {
    let mut lan = Lan::new(1, Weather::wire());
    let [ann, bob] = lan.join(["ann", "bob"]);
    lan.run_secs(1);
    lan.unplug(bob);
    lan.run_secs(5);
    lan.heard(ann);
    lan.whisper(ann, bob, "psst");
    lan.run_secs(10);
    lan.plug(bob);
    lan.run_secs(1);
    assert_eq!(lan.heard(ann), ["to bob: psst", "queued", "+bob", "sent", "delivered"]);
}
