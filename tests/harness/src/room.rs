//! What several programs of one room do together

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Event, Host, Pattern, Program, SOON, joined, json, message, ready, said};

/// Starts a program on every host, one right after the other, and waits until all are ready
#[track_caller]
pub fn start_all(hosts: &[Host]) -> Vec<Program> {
    let mut programs: Vec<Program> = hosts.iter().map(Host::chat).collect();
    all_expect(&mut programs, ready(), SOON);
    programs
}

/// Every program gets to know every other; fails unless all do `within` the time, counted from now
#[track_caller]
pub fn all_meet(programs: &mut [Program], within: Duration) {
    let names: Vec<String> = programs.iter().map(|program| program.name().to_owned()).collect();
    let deadline = Instant::now() + within;
    for program in programs {
        for name in &names {
            if name != program.name() {
                program.expect(joined(name), deadline.saturating_duration_since(Instant::now()));
            }
        }
    }
}

/// The event that each program prints; fails unless all do `within` the time, counted from now
#[track_caller]
pub fn all_expect(programs: &mut [Program], pattern: impl Pattern + Clone, within: Duration) -> Vec<Event> {
    let deadline = Instant::now() + within;
    let mut events = Vec::new();
    for program in programs {
        events.push(program.expect(pattern.clone(), deadline.saturating_duration_since(Instant::now())));
    }
    events
}

/// Says something new again and again until the listener hears it: a network that has just changed may still drop
#[track_caller]
pub fn until_heard(speaker: &mut Program, listener: &mut Program, within: Duration) {
    let deadline = Instant::now() + within;
    for attempt in 0.. {
        let line = format!("can {} hear me? ({attempt})", listener.name());
        speaker.say(&line);
        let last = Instant::now() >= deadline;
        let patience = if last { Duration::ZERO } else { BETWEEN_ATTEMPTS };
        if listener.wait_for(said(speaker.name(), &line), patience).is_some() {
            return;
        }
        if last {
            listener.expect(said(speaker.name(), &line), Duration::ZERO);
        }
    }
}

/// Asks for the list of peers again and again until it is as wanted
#[track_caller]
pub fn until_listed(program: &mut Program, wanted: impl Fn(&[Value]) -> bool, within: Duration) {
    let is_wanted = |event: &Value| event["peers"].as_array().is_some_and(|peers| wanted(peers));
    let deadline = Instant::now() + within;
    while Instant::now() < deadline {
        program.say("/peers");
        if program.wait_for(is_wanted, BETWEEN_ATTEMPTS).is_some() {
            return;
        }
    }
    program.expect(is_wanted, Duration::ZERO);
}

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(200);

/// Fails if anybody is called gone, or leaves, while `time` passes
#[track_caller]
pub fn nobody_goes_for(programs: &mut [Program], time: Duration) {
    let deadline = Instant::now() + time;
    for program in programs {
        for change in ["gone", "left"] {
            let change = json!({"event": "peer", "change": change});
            let event = program.wait_for(&change, deadline.saturating_duration_since(Instant::now()));
            assert!(event.is_none(), "{} saw {event:?}", program.name());
        }
    }
}

/// The first `speakers` programs each say `lines` numbered lines, one every `pause`; all must have all of them,
/// in each author's order, once
#[track_caller]
pub fn all_hear_all(programs: &mut [Program], speakers: usize, lines: usize, pause: Duration) {
    let expected: Vec<String> = (0..lines).map(|number| format!("line {number}")).collect();
    let mut next = Instant::now();
    for line in &expected {
        for speaker in programs.iter_mut().take(speakers) {
            speaker.say(line);
        }
        next += pause;
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    let names: Vec<String> =
        programs.iter().take(speakers).map(|program| program.name().to_owned()).collect();
    for program in programs {
        for name in &names {
            assert_heard(program, name, &expected);
        }
    }
}

/// Everybody says a line every half second or so; how many lines that were
#[track_caller]
pub fn talk_together(programs: &mut [Program], time: Duration) -> usize {
    let begin = Instant::now();
    let mut count = 0;
    while begin.elapsed() < time {
        let speaker = count % programs.len();
        programs[speaker].say(&format!("{count}: said {:.1?} after the start", begin.elapsed()));
        count += 1;
        thread::sleep(BETWEEN_LINES / u32::try_from(programs.len()).unwrap_or(1));
    }
    count
}

const BETWEEN_LINES: Duration = Duration::from_millis(500);

/// Everything said in the room as one program showed it, sorted as it says that it belongs: place, id and text
pub fn transcript(program: &mut Program) -> Vec<[String; 3]> {
    let said = program.events(json!({"event": "message"}));
    let mut lines: Vec<_> =
        said.iter().map(|event| ["order", "id", "text"].map(|field| event.text(field).to_owned())).collect();
    lines.sort();
    lines
}

/// All come to have `count` lines `within` the time, counted from now, and the same ones in the same order
#[track_caller]
pub fn all_agree(programs: &mut [Program], count: usize, within: Duration) {
    let deadline = Instant::now() + within;
    for program in programs.iter_mut() {
        while program.events(json!({"event": "message"})).len() < count && Instant::now() < deadline {
            program.wait_for(json!({"event": "message"}), BETWEEN_ATTEMPTS);
        }
    }
    let transcripts: Vec<_> = programs.iter_mut().map(transcript).collect();
    for (program, lines) in programs.iter().zip(&transcripts) {
        assert_eq!(
            lines.len(),
            count,
            "lines that {} has: {:?}",
            program.name(),
            texts_missing(lines, &transcripts)
        );
        let differs = lines.iter().zip(&transcripts[0]).find(|(one, other)| one != other);
        assert_eq!(differs, None, "{} and {} have different transcripts", program.name(), programs[0].name());
    }
}

fn texts_missing(lines: &[[String; 3]], everyones: &[Vec<[String; 3]>]) -> Vec<String> {
    let all: BTreeSet<_> = everyones.iter().flatten().collect();
    all.into_iter().filter(|line| !lines.contains(line)).map(|[_, _, text]| text.clone()).collect()
}

#[track_caller]
fn assert_heard(program: &mut Program, name: &str, expected: &[String]) {
    if let Some(last) = expected.last() {
        program.expect(said(name, last), SOON);
    }
    let numbered =
        |event: &Event| event.text("text").starts_with("line ").then(|| event.text("text").to_owned());
    let heard: Vec<String> = program.events(message(name)).iter().filter_map(numbered).collect();
    if heard != expected {
        let (listener, count, lines) = (program.name(), heard.len(), expected.len());
        panic!("{listener} heard {count} of {lines} lines of {name}: {}", first_difference(&heard, expected));
    }
}

fn first_difference(heard: &[String], expected: &[String]) -> String {
    let differs = heard.iter().zip(expected).position(|(heard, expected)| heard != expected);
    let place = differs.unwrap_or_else(|| heard.len().min(expected.len()));
    format!("at {place} it has {:?} and not {:?}", heard.get(place), expected.get(place))
}
