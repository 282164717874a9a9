//! What was said outlives the programs, whatever happens to their disks

#![cfg(test)]

use std::time::Duration;

use lanchat_protocol::Event;
use lanchat_simulator::{HostId, Lan, Weather, seeds};

fn settled<const N: usize>(seed: u64, names: [&str; N]) -> (Lan, [HostId; N]) {
    let mut lan = Lan::new(seed, Weather::wire());
    let hosts = lan.join_durable(names);
    lan.run_secs(2);
    for host in hosts {
        lan.heard(host);
    }
    (lan, hosts)
}

#[test]
fn whoever_left_has_the_same_lines_when_they_are_back() {
    let (mut lan, [ann, bob]) = settled(1, ["ann", "bob"]);
    lan.say(ann, "one");
    lan.say(bob, "two");
    lan.run_secs(1);
    lan.leave(bob);
    lan.run_secs(1);
    lan.say(ann, "three");
    lan.run_secs(1);
    lan.restart(bob);
    lan.run_secs(5);
    lan.say(bob, "four");
    lan.run_secs(2);
    assert_eq!(lan.lines(bob), ["ann: one", "bob: two", "ann: three", "bob: four"]);
    lan.assert_equal_transcripts(&[ann, bob]);
}

#[test]
fn a_log_goes_on_after_a_goodbye_and_begins_anew_after_a_crash() {
    let (mut lan, [ann, bob]) = settled(1, ["ann", "bob"]);
    let epoch_of = |lan: &Lan| lan.transcript(bob).last().unwrap().order.epoch;
    lan.say(ann, "one");
    lan.run_secs(1);
    let first = epoch_of(&lan);
    lan.leave(ann);
    lan.run_secs(1);
    lan.restart(ann);
    lan.run_secs(3);
    lan.say(ann, "two");
    lan.run_secs(1);
    assert_eq!(epoch_of(&lan), first);
    lan.crash(ann);
    lan.restart(ann);
    lan.run_secs(3);
    lan.say(ann, "three");
    lan.run_secs(1);
    assert!(epoch_of(&lan) > first);
    assert_eq!(lan.lines(bob), ["ann: one", "ann: two", "ann: three"]);
}

#[test]
fn nothing_shown_as_said_is_lost_whenever_the_program_is_killed() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob, cid]) = settled(seed, ["ann", "bob", "cid"]);
        lan.set_weather(Weather::wifi());
        lan.set_disk_latency(ann, Duration::from_millis(20));
        for n in 0..30_u64 {
            for m in 0..5 {
                lan.say(ann, &format!("line {n}.{m}"));
                lan.run(Duration::from_millis((seed + n * 7 + m * 3) % 17));
            }
            lan.crash(ann);
            lan.run(Duration::from_millis(300));
            lan.restart(ann);
            lan.run(Duration::from_millis(300));
        }
        lan.run_secs(20);
        lan.assert_equal_transcripts(&[ann, bob, cid]);
    }
}

#[test]
fn a_room_that_was_killed_as_a_whole_has_all_that_anyone_stored() {
    for seed in seeds(0..20) {
        let (mut lan, hosts) = settled(seed, ["ann", "bob", "cid", "dan"]);
        lan.set_weather(Weather::wifi().losing(0.3));
        for n in 0..40 {
            lan.say(hosts[n % 4], &format!("line {n}"));
            lan.run(Duration::from_millis(7));
        }
        hosts.iter().for_each(|host| lan.crash(*host));
        lan.run_secs(1);
        hosts.iter().for_each(|host| lan.restart(*host));
        lan.run_secs(15);
        lan.assert_equal_transcripts(&hosts);
        assert!(lan.lines(hosts[0]).len() >= 36, "seed {seed}: {}", lan.lines(hosts[0]).len());
    }
}

#[test]
fn what_does_not_fit_on_the_disk_is_not_said() {
    let (mut lan, [ann, bob]) = settled(1, ["ann", "bob"]);
    lan.fill_disk(ann);
    lan.say(ann, "into the void");
    lan.say(bob, "hello");
    lan.run_secs(3);
    assert_eq!(lan.lines(bob), ["bob: hello"]);
    assert_eq!(lan.lines(ann), ["bob: hello"], "what others say is shown all the same");
    let unstored =
        |own: bool| lan.told(ann).iter().filter(|(_, event)| *event == Event::NotStored { own }).count();
    assert_eq!((unstored(true), unstored(false) > 0), (1, true));
    lan.clear_disk(ann);
    lan.say(ann, "again");
    lan.run_secs(3);
    lan.assert_equal_transcripts(&[ann, bob]);
    assert_eq!(lan.lines(bob).len(), 2);
}

#[test]
fn what_a_full_disk_did_not_keep_comes_back_from_others() {
    let (mut lan, [ann, bob]) = settled(1, ["ann", "bob"]);
    lan.fill_disk(ann);
    for n in 0..10 {
        lan.say(bob, &format!("line {n}"));
        lan.run(Duration::from_millis(100));
    }
    lan.clear_disk(ann);
    lan.crash(ann);
    lan.restart(ann);
    lan.run_secs(5);
    assert_eq!(lan.lines(ann).len(), 10);
    lan.assert_equal_transcripts(&[ann, bob]);
}

#[test]
fn a_database_from_an_old_copy_learns_from_others_what_was_said_since() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob]) = settled(seed, ["ann", "bob"]);
        lan.say(ann, "before");
        lan.run_secs(1);
        lan.leave(ann);
        lan.run_secs(1);
        let copy = lan.copy_disk(ann);
        lan.restart(ann);
        lan.run_secs(3);
        lan.say(ann, "since");
        lan.run_secs(1);
        lan.leave(ann);
        lan.run_secs(1);
        lan.restore_disk(ann, &copy);
        lan.restart(ann);
        lan.run(Duration::from_millis(50 * (seed % 4)));
        lan.say(ann, "after");
        lan.run_secs(8);
        assert_eq!(lan.lines(bob), ["ann: before", "ann: since", "ann: after"], "seed {seed}");
        lan.assert_equal_transcripts(&[ann, bob]);
    }
}

#[test]
fn a_lost_database_costs_nothing_while_others_have_what_was_in_it() {
    let (mut lan, [ann, bob, cid]) = settled(1, ["ann", "bob", "cid"]);
    for (n, host) in [ann, bob, cid, ann].into_iter().enumerate() {
        lan.say(host, &format!("line {n}"));
        lan.run_secs(1);
    }
    lan.crash(ann);
    lan.lose_disk(ann);
    lan.restart(ann);
    lan.run_secs(5);
    assert_eq!(lan.lines(ann).len(), 4);
    lan.say(ann, "still me");
    lan.run_secs(2);
    lan.assert_equal_transcripts(&[ann, bob, cid]);
}

#[test]
fn a_machine_that_went_back_in_time_begins_another_log_once_it_hears_of_its_own() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob, cid]) = settled(seed, ["ann", "bob", "cid"]);
        lan.say(ann, "before");
        lan.run_secs(1);
        lan.leave(ann);
        lan.run_secs(1);
        let copy = lan.copy_disk(ann);
        lan.restart(ann);
        lan.run_secs(3);
        lan.say(ann, "since");
        lan.run_secs(1);
        lan.leave(ann);
        lan.run_secs(1);
        lan.restore_whole_disk(ann, &copy);
        lan.restart(ann);
        lan.run_secs(3);
        lan.say(ann, "after");
        lan.run_secs(5);
        assert_eq!(lan.lines(cid), ["ann: before", "ann: since", "ann: after"], "seed {seed}");
        lan.assert_equal_transcripts(&[ann, bob, cid]);
    }
}

#[test]
fn a_whisper_outlives_both_programs_and_is_shown_once() {
    for seed in seeds(0..20) {
        let (mut lan, [ann, bob]) = settled(seed, ["ann", "bob"]);
        lan.set_weather(Weather::wifi().losing(0.3));
        lan.crash(bob);
        lan.run_secs(5);
        lan.whisper(ann, bob, "psst");
        lan.run(Duration::from_millis(100));
        lan.crash(ann);
        lan.restart(ann);
        lan.run_secs(2);
        for n in 0..5 {
            lan.restart(bob);
            lan.run(Duration::from_millis(20 + 90 * ((seed + n) % 7)));
            lan.crash(bob);
            lan.run_secs(1);
        }
        lan.restart(bob);
        lan.run_secs(20);
        let shown = lan.told(bob).iter().filter(|(_, event)| matches!(event, Event::Whisper { .. }));
        assert!(shown.count() <= 1, "seed {seed}");
        assert!(lan.heard(ann).contains(&"delivered".to_owned()), "seed {seed}");
    }
}

#[test]
fn whoever_remembers_several_series_of_whispers_of_somebody_goes_on_with_the_latest() {
    let (mut lan, [ann, bob]) = settled(1, ["ann", "bob"]);
    for n in 0..2 {
        lan.whisper(ann, bob, &format!("psst {n}"));
        lan.run_secs(1);
        lan.crash(ann);
        lan.restart(ann);
        lan.run_secs(2);
    }
    lan.set_link(bob, ann, Weather::wire().losing(1.0));
    lan.whisper(ann, bob, "psst 2");
    lan.run(Duration::from_millis(50));
    lan.crash(bob);
    lan.heal();
    lan.restart(bob);
    lan.run_secs(10);
    let shown = lan.told(bob).iter().filter(|(_, event)| matches!(event, Event::Whisper { .. }));
    assert_eq!(shown.count(), 3);
}
