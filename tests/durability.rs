//! Whenever a program is killed, what it showed as sent is kept here and arrives there, once

use std::{
    collections::{BTreeMap, BTreeSet},
    process, thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use lanchat_harness::{
    Loopback, Person, Program, SOON, Value, joined, json, message, said, whisper_to, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn who_is_killed_while_talking_loses_nothing_that_was_shown_as_sent() {
    println!("{}", kill_who_talks(10));
}

#[test]
#[ignore = "takes minutes; run by hand: cargo test --release --test durability -- --ignored --nocapture"]
fn who_is_killed_200_times_while_talking_loses_nothing_that_was_shown_as_sent() {
    println!("{}", kill_who_talks(200));
}

#[test]
fn who_is_killed_while_being_whispered_to_sees_each_whisper_at_most_once_and_has_it_kept() {
    println!("{}", kill_who_is_whispered_to(5));
}

#[test]
#[ignore = "takes minutes; run by hand: cargo test --release --test durability -- --ignored --nocapture"]
fn who_is_killed_200_times_while_being_whispered_to_sees_each_whisper_at_most_once_and_has_it_kept() {
    println!("{}", kill_who_is_whispered_to(200));
}

fn kill_who_talks(times: usize) -> String {
    let (lan, mut random) = (Loopback::new(LANCHAT), random());
    let ann = lan.person("ann");
    let mut bob = lan.person("bob").chat_ready();
    let mut sent = Sent::default();
    for round in 0..times {
        let mut life = ann.chat();
        talk_for_a_while(&mut life, round, &mut random);
        sent.add(&killed(life));
        sent.assert_kept(&history(&ann));
    }
    let mut life = ann.chat_ready();
    life.expect(joined("bob"), SOON);
    life.say("the end");
    bob.expect(said("ann", "the end"), SOON);
    until(|| sent.all().is_subset(&ids(&heard_of(&mut bob, "ann"))));
    let heard = heard_of(&mut bob, "ann");
    assert_missing("sent and never heard", &sent.all(), &ids(&heard));
    assert_missing("called delivered and never heard", &sent.delivered, &ids(&heard));
    assert_each_once(&heard);
    let kept = history(&ann);
    assert_one_line_a_place(heard.iter().chain(&kept).chain(&history(&lan.person("bob"))));
    assert_no_trouble(&killed(bob));
    format!(
        "{times} kills of who talks: {} lines and {} whispers shown as sent, none lost, none twice",
        sent.lines.len(),
        sent.whispers.len()
    )
}

fn kill_who_is_whispered_to(times: usize) -> String {
    let (lan, mut random) = (Loopback::new(LANCHAT), random());
    let (mut ann, bob) = (lan.person("ann").chat_ready(), lan.person("bob"));
    let mut life = bob.chat_ready();
    ann.expect(joined("bob"), SOON);
    let mut seen = Vec::new();
    for round in 0..times {
        whisper_for_a_while(&mut ann, round, &mut random);
        seen.extend(killed(life));
        let delivered = Sent::of(&printed(&mut ann)).delivered;
        assert_missing("called delivered and not kept", &delivered, &ids(&history(&bob)));
        life = bob.chat();
    }
    ann.say("/msg bob the end");
    ann.expect(whisper_to("the end"), SOON);
    let all_delivered = |ann: &mut Program| {
        let sent = Sent::of(&printed(ann));
        sent.whispers == sent.delivered
    };
    until(|| all_delivered(&mut ann));
    let sent = Sent::of(&printed(&mut ann));
    assert_missing("never delivered", &sent.whispers, &sent.delivered);
    life.expect(whispered("ann", "the end"), SOON);
    until(|| sent.all().is_subset(&ids(&history(&bob))));
    seen.extend(killed(life));
    assert_no_trouble(&seen);
    let kept = history(&bob);
    assert_missing("sent and not kept by the other side", &sent.all(), &ids(&kept));
    assert_each_once(&kept);
    let seen: Vec<Value> = seen.into_iter().filter(|event| is_news(event) && is_of(event, "ann")).collect();
    assert_each_once(&seen);
    format!(
        "{times} kills of who is whispered to: {} whispers sent, all delivered and kept once, {} of them seen before a kill",
        sent.whispers.len(),
        seen.iter().filter(|event| event["event"] == "whisper").count()
    )
}

/// Says lines and whispers to bob, alone and in bursts, up to a random moment, which may come before anybody is found
fn talk_for_a_while(life: &mut Program, round: usize, random: &mut Rng) {
    let end = Instant::now() + Duration::from_millis(random.u64(0..400));
    let mut number = 0;
    while Instant::now() < end {
        let burst = if random.u8(0..8) == 0 { 40 } else { 1 };
        let lines: String = (0..burst).map(|more| format!("{round}: {}\n", number + more)).collect();
        life.type_bytes(lines.as_bytes());
        number += burst;
        if round > 0 && random.u8(0..4) == 0 {
            life.say(&format!("/msg bob {round}: psst {number}"));
        }
        thread::sleep(Duration::from_millis(random.u64(0..20)));
    }
}

fn whisper_for_a_while(ann: &mut Program, round: usize, random: &mut Rng) {
    let end = Instant::now() + Duration::from_millis(random.u64(0..300));
    let mut number = 0;
    loop {
        ann.say(&format!("/msg bob {round}: psst {number}"));
        ann.say(&format!("{round}: {number}"));
        number += 1;
        if Instant::now() >= end || number >= 8 {
            break;
        }
        thread::sleep(Duration::from_millis(random.u64(0..60)));
    }
    thread::sleep(end.saturating_duration_since(Instant::now()));
}

/// What a program showed as sent, by id
#[derive(Default)]
struct Sent {
    lines: BTreeSet<String>,
    whispers: BTreeSet<String>,
    delivered: BTreeSet<String>,
}

impl Sent {
    fn of(events: &[Value]) -> Self {
        let mut sent = Self::default();
        sent.add(events);
        sent
    }

    fn add(&mut self, events: &[Value]) {
        assert_no_trouble(events);
        for event in events.iter().filter(|event| is_news(event)) {
            match (event["event"].as_str(), event["own"] == true) {
                (Some("message"), true) => self.lines.insert(id(event)),
                (Some("whisper"), true) => self.whispers.insert(id(event)),
                (Some("delivery"), _) if event["state"] == "delivered" => self.delivered.insert(id(event)),
                _ => false,
            };
        }
    }

    fn all(&self) -> BTreeSet<String> {
        self.lines.union(&self.whispers).cloned().collect()
    }

    #[track_caller]
    fn assert_kept(&self, history: &[Value]) {
        assert_missing("shown as sent and not kept", &self.all(), &ids(history));
        assert_each_once(history);
    }
}

/// All that a program printed until now, which is its end
fn killed(mut life: Program) -> Vec<Value> {
    life.kill9();
    life.wait().events
}

fn history(person: &Person) -> Vec<Value> {
    let ended = person.run(&["history", "--json", "--limit", "0"]);
    ended.assert_code(0);
    ended.events
}

fn printed(program: &mut Program) -> Vec<Value> {
    program.events(json!({})).into_iter().map(|event| event.json).collect()
}

/// Lines and whispers of this person's that a program showed
fn heard_of(program: &mut Program, name: &str) -> Vec<Value> {
    let heard = [message(name), json!({"event": "whisper", "from": {"name": name}})];
    heard.into_iter().flat_map(|kind| program.events(kind)).map(|event| event.json).collect()
}

fn is_of(event: &Value, name: &str) -> bool {
    event["from"]["name"] == name
}

fn is_news(event: &Value) -> bool {
    event["past"] != true
}

fn id(event: &Value) -> String {
    event["id"].as_str().unwrap_or_default().to_owned()
}

fn ids(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(id).collect()
}

#[track_caller]
fn assert_missing(what: &str, wanted: &BTreeSet<String>, there: &BTreeSet<String>) {
    let missing: Vec<_> = wanted.difference(there).collect();
    assert!(missing.is_empty(), "{} of {} {what}: {missing:?}", missing.len(), wanted.len());
}

#[track_caller]
fn assert_each_once(events: &[Value]) {
    let mut seen = BTreeSet::new();
    for event in events {
        assert!(seen.insert(id(event)), "twice: {event}");
    }
}

/// No two lines at one place of one log, and no entry with two times
#[track_caller]
fn assert_one_line_a_place<'a>(events: impl Iterator<Item = &'a Value>) {
    let mut places = BTreeMap::new();
    for event in events.filter(|event| event["event"] == "message") {
        let order = event["order"].as_str().unwrap_or_default();
        let (lamport, place) = order.split_once('-').unwrap_or_default();
        let (entry, _index) = place.rsplit_once('-').unwrap_or_default();
        for (place, what) in [(place, id(event)), (entry, lamport.to_owned())] {
            let first = places.entry(place.to_owned()).or_insert_with(|| what.clone());
            assert_eq!(*first, what, "two at {place}, one of them {event}");
        }
    }
}

#[track_caller]
fn assert_no_trouble(events: &[Value]) {
    for event in events {
        assert_ne!(event["event"], "error", "{event}");
    }
}

/// Waits for what is asserted afterwards
fn until(mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + 2 * SOON;
    while !done() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(50));
    }
}

fn random() -> Rng {
    Rng::with_seed(process::id().into())
}
