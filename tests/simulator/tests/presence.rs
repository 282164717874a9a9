//! The list of who is there is true

use std::time::Duration;

use lanchat_simulator::{HostId, Lan, Weather, seeds};

const SECOND: Duration = Duration::from_secs(1);

fn settled<const N: usize>(seed: u64, weather: Weather, names: [&str; N]) -> (Lan, [HostId; N]) {
    let mut lan = Lan::new(seed, Weather::wire());
    let hosts = lan.join(names);
    lan.run_secs(2);
    lan.set_weather(weather);
    for host in hosts {
        lan.heard(host);
    }
    (lan, hosts)
}

#[test]
fn at_20_percent_loss_nobody_is_called_gone_in_ten_minutes() {
    for seed in seeds(0..4) {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let (mut lan, hosts) = settled(seed, Weather::wire().losing(0.2), names);
        lan.run_secs(600);
        for host in hosts {
            assert_eq!(lan.heard(host), Vec::<String>::new(), "seed {seed}");
        }
    }
}

#[test]
fn nor_on_a_crowded_wifi() {
    for seed in seeds(0..2) {
        let (mut lan, hosts) = settled(seed, Weather::congested(), ["a", "b", "c", "d", "e", "f"]);
        lan.run_secs(600);
        for host in hosts {
            assert_eq!(lan.heard(host), Vec::<String>::new(), "seed {seed}");
        }
    }
}

#[test]
fn whoever_is_killed_is_missed_within_one_and_a_half_seconds() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob, cid]) = settled(seed, Weather::wire(), ["ann", "bob", "cid"]);
        lan.run(SECOND.mul_f64(seed as f64 / 20.0));
        lan.crash(ann);
        lan.run(SECOND * 3 / 2);
        assert_eq!(
            (lan.heard(bob), lan.heard(cid)),
            (vec!["!ann".into()], vec!["!ann".into()]),
            "seed {seed}"
        );
    }
}

#[test]
fn whoever_is_unplugged_is_missed_within_four_seconds_and_welcome_back() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob]) = settled(seed, Weather::wire(), ["ann", "bob"]);
        lan.run(SECOND.mul_f64(seed as f64 / 20.0));
        lan.unplug(ann);
        lan.run_secs(4);
        assert_eq!(
            (lan.heard(ann), lan.heard(bob)),
            (vec!["!bob".into()], vec!["!ann".into()]),
            "seed {seed}"
        );
        lan.plug(ann);
        lan.run(Duration::from_millis(100));
        assert_eq!(
            (lan.heard(ann), lan.heard(bob)),
            (vec!["+bob".into()], vec!["+ann".into()]),
            "seed {seed}"
        );
    }
}

#[test]
fn a_goodbye_is_heard_although_it_may_be_lost() {
    let mut unheard = 0;
    for seed in seeds(0..100) {
        let (mut lan, [ann, bob]) = settled(seed, Weather::wire().losing(0.2), ["ann", "bob"]);
        lan.leave(ann);
        lan.run(Duration::from_millis(100));
        unheard += usize::from(lan.heard(bob) != ["-ann"]);
        lan.run_secs(5);
        assert_eq!(lan.listed(bob), 0, "seed {seed}");
    }
    assert!(unheard <= 5, "{unheard} of 100 goodbyes were not heard");
}

#[test]
fn a_restart_in_any_weather_is_the_same_person() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob, cid]) = settled(seed, Weather::wifi(), ["ann", "bob", "cid"]);
        for _ in 0..5 {
            lan.crash(ann);
            lan.restart(ann);
            lan.run_secs(3);
            assert_eq!((lan.listed(bob), lan.listed(cid), lan.listed(ann)), (2, 2, 2), "seed {seed}");
        }
        assert_eq!(lan.heard(bob), Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn a_machine_that_slept_is_missed_and_blames_nobody() {
    let (mut lan, [ann, bob, cid]) = settled(1, Weather::wire(), ["ann", "bob", "cid"]);
    lan.suspend(ann, Duration::from_secs(3_600));
    lan.step_clock(ann, -3_600_000);
    lan.run_secs(3_605);
    assert_eq!(lan.heard(bob), ["!ann", "+ann"]);
    assert_eq!(lan.heard(ann), Vec::<String>::new());
    assert_eq!((lan.listed(ann), lan.listed(cid)), (2, 2));
}

#[test]
fn who_is_heard_through_others_only_is_there() {
    let (mut lan, [ann, bob, _]) = settled(1, Weather::wire().losing(0.1), ["ann", "bob", "cid"]);
    lan.cut_one_way(ann, bob);
    lan.run_secs(120);
    assert_eq!(lan.heard(bob), Vec::<String>::new());
}

#[test]
fn two_halves_miss_each_other_and_meet_again() {
    let (mut lan, [ann, bob, cid, dan]) = settled(1, Weather::wifi(), ["ann", "bob", "cid", "dan"]);
    lan.partition(&[&[ann, bob], &[cid, dan]]);
    lan.run_secs(10);
    assert_eq!((lan.listed(ann), lan.listed(dan)), (1, 1));
    lan.heal();
    lan.run_secs(3);
    for host in [ann, bob, cid, dan] {
        assert_eq!(lan.listed(host), 3);
    }
}
