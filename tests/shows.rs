//! What is promised in milliseconds, measured on hosts of the lab
//!
//! Run by hand, best with `--release`, on a machine that does nothing else.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use lanchat_harness::{
    Event, Host, Lab, Program, SOON, Timings, Value, all_agree, all_expect, all_hear_all, all_meet, attacker,
    flood, gone, joined, json, lab_or_skip, left, ready, said, said_by_me, start_all, talk_together,
    transcript,
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

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn six_talk_for_five_minutes_at_30_percent_loss_and_end_with_one_transcript() {
    let Some((mut lab, mut programs)) = room_of(&EIGHT[..6]) else {
        return;
    };
    lab.loss(30);
    let count = talk_together(&mut programs, Duration::from_secs(300));
    let begin = Instant::now();
    all_agree(&mut programs, count, Duration::from_secs(60));
    println!(
        "6 hosts, 30% loss: {count} lines in 5 minutes, all agree {:.1?} after the last",
        begin.elapsed()
    );
    let arrivals = arrivals(&mut programs);
    println!("6 hosts, 30% loss: a line reaches each: {arrivals}, p99.9 {:.1?}", arrivals.p999());
    assert_within(&arrivals, Duration::from_secs(10));
    assert!(arrivals.p999() <= Duration::from_secs(2), "p99.9 {:?}", arrivals.p999());
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn a_line_whose_author_is_killed_when_only_one_has_heard_it_reaches_all() {
    let mut timings = Timings::default();
    let Some((mut lab, mut programs)) = room_of(&EIGHT[..6]) else {
        return;
    };
    let mut ann = Some(programs.remove(0));
    for round in 0..10 {
        let mut author = ann.take().unwrap_or_else(|| return_to("ann", &mut lab, &mut programs));
        lab.muffle("ann", &["bob"]);
        let line = format!("only you: {round}");
        author.say(&line);
        author.expect(said_by_me(&line), SOON);
        let begin = Instant::now();
        author.kill9();
        timings.add(
            latest(&mut programs, &said("ann", &line), Duration::from_secs(60))
                .saturating_duration_since(begin),
        );
        lab.unmuffle();
        all_expect(&mut programs, gone("ann"), SOON);
    }
    println!("a line that one of five heard reaches all, from the death of its author: {timings}");
    assert_within(&timings, Duration::from_secs(10));
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn a_partition_with_both_sides_talking_heals_to_one_transcript() {
    let mut timings = Timings::default();
    let Some((lab, mut programs)) = room_of(&EIGHT[..6]) else {
        return;
    };
    let mut count = 0;
    for round in 0..5 {
        lab.partition(&[&EIGHT[..3], &EIGHT[3..6]]);
        count += talk_together(&mut programs, Duration::from_secs(10));
        let begin = Instant::now();
        lab.heal();
        all_agree(&mut programs, count, Duration::from_secs(60));
        let last = programs
            .iter_mut()
            .filter_map(|program| program.events(message_of_all()).last().map(|event| event.at));
        timings.add(last.max().unwrap_or(begin).saturating_duration_since(begin));
        println!("round {round}: {count} lines, one transcript");
    }
    println!("3 : 3 partition of 10 s, from healing to one transcript: {timings}");
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn a_newcomer_has_the_last_50_lines_within_2_s_and_10000_within_10_s() {
    let Some((mut lab, mut programs)) = room_of(&EIGHT[..3]) else {
        return;
    };
    let count = 10_000;
    for number in 0..count {
        let line = format!("line {number}");
        programs[number % 3].say(&line);
        programs[number % 3].expect(said_by_me(&line), SOON);
        programs[number % 3].forget();
    }
    all_agree(&mut programs, count, Duration::from_secs(60));
    let mut newest: Vec<String> = transcript(&mut programs[0]).into_iter().map(|[_, id, _]| id).collect();
    newest.drain(..count - 50);
    for (loss, bound) in [(0, Duration::from_secs(2)), (30, Duration::from_secs(5))] {
        lab.loss(loss);
        let (mut last_50, mut all) = (Timings::default(), Timings::default());
        for round in 0..3 {
            let host = lab.host(&format!("new{loss}x{round}"));
            let mut newcomer = host.chat();
            let open = newcomer.expect(ready(), SOON).at;
            let lines = until_there(&mut newcomer, count, Duration::from_secs(120));
            let since = |event: &Event| event.at.saturating_duration_since(open);
            let is_new = |event: &&Event| newest.iter().any(|id| id == event.text("id"));
            last_50.add(lines.iter().filter(is_new).map(since).max().unwrap_or_default());
            all.add(lines.iter().map(since).max().unwrap_or_default());
            newcomer.kill9();
        }
        println!("a newcomer at {loss}% loss has the last 50 of {count} lines: {last_50}");
        println!("a newcomer at {loss}% loss has all {count} lines: {all}");
        assert_within(&last_50, bound);
        if loss == 0 {
            assert_within(&all, Duration::from_secs(10));
        }
    }
}

#[test]
#[ignore = "measures; run by hand: cargo test --test shows -- --ignored --nocapture"]
fn under_a_flood_of_20000_datagrams_a_second_two_talk_as_before() {
    let Some((mut lab, mut programs)) = room_of(&EIGHT[..2]) else {
        return;
    };
    println!("two hosts, before the flood: {}", one_minute_of_talk(&mut programs));
    let mut mallory = attacker(&lab.host("mallory"));
    mallory.expect(ready(), SOON);
    println!("two hosts, under the flood: {}", one_minute_of_talk(&mut programs));
    mallory.close_input();
    println!("the attacker: {}", mallory.expect(json!({"event": "sent"}), SOON).json);
}

#[test]
#[ignore = "not a test: another one runs it on a host of the lab"]
fn the_attacker() {
    flood(20_000);
}

/// How long lines of a minute take, what part of a processor the hearer takes, and how much memory it took
fn one_minute_of_talk(programs: &mut [Program]) -> String {
    let (begin, busy) = (Instant::now(), programs[1].busy());
    programs.iter_mut().for_each(Program::forget);
    let mut timings = Timings::default();
    for number in 0..1_200 {
        let line = format!("{number} after {:?}", begin.elapsed());
        programs[0].say(&line);
        let begun = programs[0].expect(said_by_me(&line), SOON).at;
        let heard = programs[1].expect(said("ann", &line), SOON).at;
        timings.add(heard.saturating_duration_since(begun));
        std::thread::sleep((Duration::from_millis(50) * (number + 1)).saturating_sub(begin.elapsed()));
    }
    let part = (programs[1].busy() - busy).as_secs_f64() / begin.elapsed().as_secs_f64();
    let mebibytes = programs[1].most_memory() >> 20;
    format!("{timings}, p99 {:.1?}; {:.0} % of a core, {mebibytes} MiB", timings.p99(), 100.0 * part)
}

/// All lines that a program showed, once there are so many
#[track_caller]
fn until_there(program: &mut Program, count: usize, within: Duration) -> Vec<Event> {
    let deadline = Instant::now() + within;
    loop {
        let lines = program.events(message_of_all());
        if lines.len() >= count {
            assert_eq!(lines.len(), count);
            return lines;
        }
        assert!(Instant::now() < deadline, "{} of {count} lines after {within:?}", lines.len());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// How long lines took from where they were said to each of the others
fn arrivals(programs: &mut [Program]) -> Timings {
    let lines: Vec<Event> =
        programs.iter_mut().flat_map(|program| program.events(message_of_all())).collect();
    let (own, heard): (Vec<&Event>, Vec<&Event>) = lines.iter().partition(|event| event["own"] == true);
    let said: BTreeMap<&str, Instant> = own.iter().map(|event| (event.text("id"), event.at)).collect();
    let mut timings = Timings::default();
    timings.extend(heard.iter().map(|event| event.at.saturating_duration_since(said[event.text("id")])));
    timings
}

fn message_of_all() -> Value {
    json!({"event": "message"})
}

/// How long the others take to print `event` after `depart`, with hal back in the room for each of so many rounds
fn departures(rounds: usize, event: &Value, depart: impl Fn(&Lab, &mut Program)) -> Timings {
    let mut timings = Timings::default();
    let Some((mut lab, mut programs)) = room() else {
        return timings;
    };
    let mut hal = programs.pop();
    for _round in 0..rounds {
        let mut leaver = hal.take().unwrap_or_else(|| return_to("hal", &mut lab, &mut programs));
        let begin = Instant::now();
        depart(&lab, &mut leaver);
        timings.add(latest(&mut programs, event, SOON) - begin);
        leaver.kill9();
        lab.plug("hal");
    }
    timings
}

fn return_to(name: &str, lab: &mut Lab, programs: &mut [Program]) -> Program {
    for program in &mut *programs {
        program.forget();
    }
    let back = lab.host(name).chat_ready();
    all_expect(programs, joined(name), SOON);
    back
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
    room_of(&EIGHT)
}

/// These hosts, who know each other
fn room_of(names: &[&str]) -> Option<(Lab, Vec<Program>)> {
    let mut lab = lab_or_skip(LANCHAT)?;
    let mut programs = start_all(&lab.hosts(names));
    all_meet(&mut programs, SOON);
    Some((lab, programs))
}
