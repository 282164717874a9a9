//! What is said about lines and about the room

use super::*;
use crate::{
    Arrival, Change, Order,
    wire::{Entry, EntryHash, Item, SignedEntry, bounded::Bytes},
};

/// The ids of the lines that `host` was told since it was last asked
fn ids(lan: &mut Lan, host: usize) -> Vec<MessageId> {
    let id = |event: &Event| if let Event::Message { id, .. } = event { Some(*id) } else { None };
    lan.events(host).iter().filter_map(id).collect()
}

fn about(lan: &mut Lan, host: usize, line: &str, about: About) {
    lan.command(host, Command::Say { text: text(line), at: WallTime::default(), about: Some(about) });
}

fn delete(lan: &mut Lan, host: usize, target: MessageId) {
    lan.command(host, Command::Delete { target, at: WallTime::default() });
}

fn react(lan: &mut Lan, host: usize, target: MessageId, with: &str) {
    let with = Reaction::new(with).ok();
    lan.command(host, Command::React { target, with, at: WallTime::default() });
}

fn topic(lan: &mut Lan, host: usize, topic: &str) {
    lan.command(host, Command::Topic { topic: Topic::new(topic).ok(), at: WallTime::default() });
}

/// A room in which ann said a line, and its id
fn with_a_line() -> (Lan, MessageId) {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    (0..2).for_each(|host| drop(lan.heard(host)));
    lan.say(0, "tea?");
    let line = ids(&mut lan, 0)[0];
    assert_eq!(ids(&mut lan, 1), [line]);
    (lan, line)
}

/// Everything that can be said about a line
fn all_about(lan: &mut Lan, line: MessageId) {
    about(lan, 0, "yes", About::Reply(line));
    about(lan, 0, "coffee?", About::Edit(line));
    react(lan, 0, line, "👍");
    react(lan, 0, line, "");
    topic(lan, 0, "drinks");
    topic(lan, 0, "");
    delete(lan, 0, line);
}

/// Which line an event is about, where what it tells stands, and when it came
fn what_of(event: &Event) -> Option<(Option<MessageId>, Order, Arrival)> {
    if let Event::Message { reply_to, order, arrival, .. } = event {
        return Some((*reply_to, *order, *arrival));
    }
    if let Event::Edited { target, order, arrival, .. }
    | Event::Deleted { target, order, arrival, .. }
    | Event::Reaction { target, order, arrival, .. } = event
    {
        return Some((Some(*target), *order, *arrival));
    }
    if let Event::Topic { order, arrival, .. } = event { Some((None, *order, *arrival)) } else { None }
}

const ALL_ABOUT: [&str; 7] = [
    "ann answers yes",
    "ann edits coffee?",
    "ann reacts 👍",
    "ann reacts -",
    "ann topic drinks",
    "ann topic -",
    "ann deletes",
];

#[test]
fn everybody_is_told_once_what_is_said_about_a_line_and_its_author_too() {
    let (mut lan, line) = with_a_line();
    all_about(&mut lan, line);
    lan.run(10 * SECOND);
    assert_eq!(lan.heard(1), ALL_ABOUT);
    assert_eq!(lan.heard(0), ALL_ABOUT);
}

#[test]
fn what_is_told_names_the_line_and_has_a_place_behind_it() {
    let (mut lan, line) = with_a_line();
    all_about(&mut lan, line);
    let events = lan.events(1);
    let mut places = Vec::new();
    for event in &events {
        let (target, order, arrival) = what_of(event).unwrap();
        assert_eq!((target.unwrap_or(line), arrival), (line, Arrival::Live));
        places.push(order);
    }
    assert!(places.is_sorted() && places.len() == 7);
    assert_eq!(lan.events(0).len(), 7);
}

#[test]
fn what_was_said_about_lines_before_somebody_came_is_past_for_them() {
    let (mut lan, line) = with_a_line();
    all_about(&mut lan, line);
    let mut late = config(2, "cid", 1, Role::Member);
    late.wall = WallTime::from_unix_millis(1_000_000);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.start_with(2, late);
    lan.run(5 * SECOND);
    let events = lan.events(2);
    let is_past = |event: &&Event| what_of(event).is_some_and(|(_, _, arrival)| arrival == Arrival::Past);
    assert_eq!(events.iter().filter(is_past).count(), 8, "{events:?}");
}

#[test]
fn a_long_answer_and_a_long_edit_keep_what_they_are_about() {
    let (mut lan, line) = with_a_line();
    let long = "é".repeat(Text::MAX_BYTES / 2);
    about(&mut lan, 1, &long, About::Reply(line));
    about(&mut lan, 1, &long, About::Edit(line));
    lan.run(SECOND);
    for host in [0, 1] {
        assert_eq!(lan.heard(host), [format!("bob answers {long}"), format!("bob edits {long}")]);
    }
}

#[test]
fn a_lost_change_comes_all_the_same_and_none_twice() {
    let (mut lan, line) = with_a_line();
    lan.loss = 40;
    for _ in 0..5 {
        all_about(&mut lan, line);
        lan.run(SECOND);
    }
    lan.loss = 0;
    lan.run(10 * SECOND);
    assert_eq!(lan.heard(1).into_iter().filter(|told| !told.contains("gap")).count(), 35);
}

#[test]
fn what_a_blocked_one_says_about_lines_is_kept_and_not_told() {
    let (mut lan, line) = with_a_line();
    lan.command(1, Command::Block(*identity(0).key()));
    all_about(&mut lan, line);
    lan.run(SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new());
    lan.join("cid");
    lan.kill(0);
    lan.run(10 * SECOND);
    let told = lan.heard(2);
    assert_eq!(
        told.iter().filter(|told| ALL_ABOUT.contains(&told.replace('?', "ann").as_str())).count(),
        6,
        "{told:?}"
    );
}

#[test]
fn a_marker_without_a_line_or_with_a_body_of_another_length_says_nothing() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    (0..2).for_each(|host| drop(lan.heard(host)));
    let item = |kind, body: &[u8]| Item { kind, body: Bytes::new(body.to_vec()).unwrap() };
    let target = [7; 16];
    let wrong = [target.as_slice(), b"x"].concat();
    let entries: [&[Item]; 4] = [
        &[item(Item::REPLY, &target), item(Item::DELETE, &wrong), item(Item::REACTION, &target[..15])],
        &[item(Item::TEXT, b"one"), item(Item::EDIT, &target[..3]), item(Item::TEXT, b"two")],
        &[
            item(Item::REACTION, &[target.as_slice(), b"a b"].concat()),
            item(Item::TOPIC, b" x"),
            item(Item::TOPIC, &[b'x'; 301]),
        ],
        &[
            item(Item::TEXT_BEGIN, b"th"),
            item(Item::REPLY, &target),
            item(Item::TEXT_END, b"ree"),
            item(Item::TEXT, b"four"),
        ],
    ];
    let (mut prev, eve) = (EntryHash::default(), identity(0));
    for (seq, items) in (1..).zip(entries) {
        let entry = Entry {
            author: *eve.key(),
            epoch: 9,
            seq,
            prev,
            lamport: seq + 10,
            sent_at: WallTime::default(),
            items: List::new(items.to_vec()).unwrap(),
        };
        let signed = SignedEntry::sign(&entry, &eve, lobby().id()).unwrap();
        prev = signed.hash();
        lan.hand_over(0, 1, Cast::Broadcast, &Data::of(signed).seal(&lobby()));
    }
    lan.carry();
    assert_eq!(lan.heard(1), ["ann: one", "ann: two", "ann: three", "ann: four"]);
}

#[test]
fn a_store_is_given_every_change_once_and_after_a_restart_none_is_told_again() {
    let mut lan = Lan::of(&["ann"]);
    let durable = |incarnation, memory| Config {
        storage: Storage::Durable(memory),
        ..config(1, "bob", incarnation, Role::Member)
    };
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.start_with(1, durable(1, Memory::default()));
    lan.say(0, "tea?");
    lan.run(SECOND);
    let line = ids(&mut lan, 0)[0];
    all_about(&mut lan, line);
    react(&mut lan, 1, line, "🫖");
    let mut records = Vec::new();
    for _ in 0..20 {
        for (host, ticket, batch) in core::mem::take(&mut lan.asked) {
            records.extend(batch);
            lan.hosts[host].node.as_mut().unwrap().handle_input(lan.now, Input::Stored(ticket));
            lan.carry();
        }
        lan.run(SECOND / 4);
    }
    let changes: Vec<_> = records
        .iter()
        .filter_map(|record| if let Record::Change(kept) = record { Some(kept.change.clone()) } else { None })
        .collect();
    let react = |with| Change::React { target: line, with: Reaction::new(with).ok() };
    let mut expected = vec![
        Change::Edit { target: line, text: text("coffee?") },
        react("👍"),
        react(""),
        Change::Topic(Topic::new("drinks").ok()),
        Change::Topic(None),
        Change::Delete { target: line },
        react("🫖"),
    ];
    expected.sort();
    let mut found = changes;
    found.sort();
    assert_eq!(found, expected);
    let answers = records
        .iter()
        .filter_map(|record| if let Record::Line(kept) = record { kept.reply_to } else { None });
    assert_eq!(answers.collect::<Vec<_>>(), [line]);
    assert!(lan.heard(1).ends_with(&["bob reacts 🫖".to_string()]));
    let entries = records.into_iter().filter_map(|record| {
        if let Record::Entry(kept) | Record::Said(kept) = record { Some(kept) } else { None }
    });
    let entries: Vec<_> = entries.collect();
    lan.kill(1);
    lan.start_with(1, durable(2, Memory::default()));
    lan.hosts[1].node.as_mut().unwrap().handle_input(lan.now, Input::Restored(entries));
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(1), ["+ann"]);
}
