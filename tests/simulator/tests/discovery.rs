//! Who starts is known to all, soon and quietly, whatever is lost

use std::time::Duration;

use lanchat_simulator::{HostId, Lan, Weather, seeds};

fn crowd(lan: &mut Lan, size: usize) -> Vec<HostId> {
    (0..size).map(|n| lan.join_one(&format!("host{n}"))).collect()
}

fn everyone_lists_everyone(lan: &Lan, hosts: &[HostId]) -> bool {
    hosts.iter().all(|host| lan.listed(*host) == hosts.len() - 1)
}

#[test]
fn on_a_wire_everyone_knows_everyone_within_a_millisecond() {
    let mut lan = Lan::new(1, Weather::wire());
    let hosts = crowd(&mut lan, 16);
    lan.run(Duration::from_millis(1));
    assert!(everyone_lists_everyone(&lan, &hosts));
}

#[test]
fn a_newcomer_is_known_to_a_settled_room_in_a_round_trip() {
    let mut lan = Lan::new(1, Weather::wire());
    let mut hosts = crowd(&mut lan, 15);
    lan.run_secs(60);
    hosts.push(lan.join_one("new"));
    lan.run(Duration::from_micros(300));
    assert!(everyone_lists_everyone(&lan, &hosts));
}

#[test]
fn at_20_percent_loss_eight_know_each_other_within_a_second() {
    for seed in seeds(0..100) {
        let mut lan = Lan::new(seed, Weather::wire().losing(0.2));
        let hosts = crowd(&mut lan, 8);
        lan.run_secs(1);
        assert!(everyone_lists_everyone(&lan, &hosts), "seed {seed}");
    }
}

#[test]
fn a_hundred_at_once_know_each_other_in_time_and_fall_quiet() {
    let mut lan = Lan::new(1, Weather::wifi());
    let hosts = crowd(&mut lan, 100);
    lan.run_secs(40);
    assert!(everyone_lists_everyone(&lan, &hosts));
    let before = lan.datagrams();
    lan.run_secs(20);
    let rate = (lan.datagrams() - before) / 20;
    assert!(rate <= 40, "{rate} datagrams a second, pings for what was lost included");
}
