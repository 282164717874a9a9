//! What is promised in milliseconds, measured on eight hosts
//!
//! Run by hand, best with `--release`, on a machine that does nothing else.

use std::time::{Duration, Instant};

use lanchat_harness::{
    Host, Lab, Program, SOON, Timings, Value, all_expect, all_hear_all, all_meet, gone, joined, lab_or_skip,
    left, ready, start_all,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
const EIGHT: [&str; 8] = ["ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hal"];

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn eight_that_start_within_a_second_all_know_each_other() {
    let mut timings = Timings::default();
    for _round in 0..5 {
        let Some(mut lab) = lab_or_skip(LANCHAT) else {
            return;
        };
        let hosts = lab.hosts(&EIGHT);
        let begin = Instant::now();
        let mut programs: Vec<Program> = hosts.iter().map(Host::chat).collect();
        let mut last_known = begin;
        for program in &mut programs {
            let myself = program.name().to_owned();
            for name in EIGHT.iter().filter(|name| **name != myself) {
                last_known = last_known.max(program.expect(joined(name), SOON).at);
            }
        }
        timings.add(last_known - begin);
    }
    println!("8 hosts, first start to full mesh: {timings}");
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn a_ninth_is_known_to_all_within_10_ms_of_its_sockets_being_open() {
    let Some((mut lab, mut programs)) = room() else {
        return;
    };
    let ivy = lab.host("ivy");
    let (mut open, mut started) = (Timings::default(), Timings::default());
    for _round in 0..20 {
        let begin = Instant::now();
        let mut ninth = ivy.chat();
        let ready = ninth.expect(ready(), SOON).at;
        let known = latest(&mut programs, &joined("ivy"), SOON);
        open.add(known.saturating_duration_since(ready));
        started.add(known - begin);
        ninth.say("/quit");
        all_expect(&mut programs, left("ivy"), SOON);
    }
    println!("a ninth is known to all, from ready: {open}");
    println!("a ninth is known to all, from process start: {started}");
    assert_within(&open, Duration::from_millis(10));
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn a_goodbye_is_known_to_all_within_10_ms() {
    let timings = departures(20, &left("hal"), |_lab, hal| hal.say("/quit"));
    println!("a goodbye is known to all: {timings}");
    assert_within(&timings, Duration::from_millis(10));
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn kill_9_is_noticed_by_all_within_1500_ms() {
    let timings = departures(10, &gone("hal"), |_lab, hal| hal.kill9());
    println!("kill -9 is noticed by all: {timings}");
    assert_within(&timings, Duration::from_millis(1500));
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn a_pulled_cable_is_noticed_by_all_within_4_s() {
    let timings = departures(5, &gone("hal"), |lab, _hal| lab.unplug("hal"));
    println!("a pulled cable is noticed by all: {timings}");
    assert_within(&timings, Duration::from_secs(4));
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn four_say_a_thousand_lines_and_everyone_has_everything_in_order_once() {
    let Some((_lab, mut programs)) = room() else {
        return;
    };
    let begin = Instant::now();
    all_hear_all(&mut programs, 4, 1000, Duration::from_millis(20));
    println!("4 x 1000 lines at 50/s to 8 hosts: complete after {:.1?}", begin.elapsed());
}

/// How long the others take to print `event` after `depart`, with hal back in the room for each of so many rounds
fn departures(rounds: usize, event: &Value, depart: impl Fn(&Lab, &mut Program)) -> Timings {
    let mut timings = Timings::default();
    let Some((mut lab, mut programs)) = room() else {
        return timings;
    };
    let mut hal = programs.pop();
    for _round in 0..rounds {
        let mut leaver = hal.take().unwrap_or_else(|| return_to(&mut lab, &mut programs));
        let begin = Instant::now();
        depart(&lab, &mut leaver);
        timings.add(latest(&mut programs, event, SOON) - begin);
        leaver.kill9();
        lab.plug("hal");
    }
    timings
}

fn return_to(lab: &mut Lab, programs: &mut [Program]) -> Program {
    for program in &mut *programs {
        program.forget();
    }
    let hal = lab.host("hal").chat_ready();
    all_expect(programs, joined("hal"), SOON);
    hal
}

/// When the last of these programs printed the event
fn latest(programs: &mut [Program], event: &Value, within: Duration) -> Instant {
    let events = all_expect(programs, event, within);
    events.iter().map(|event| event.at).max().unwrap_or_else(Instant::now)
}

#[track_caller]
fn assert_within(timings: &Timings, bound: Duration) {
    assert!(timings.worst() <= bound, "{timings}; the bound is {bound:?}");
}

/// Eight hosts that know each other
fn room() -> Option<(Lab, Vec<Program>)> {
    let mut lab = lab_or_skip(LANCHAT)?;
    let mut programs = start_all(&lab.hosts(&EIGHT));
    all_meet(&mut programs, SOON);
    Some((lab, programs))
}
