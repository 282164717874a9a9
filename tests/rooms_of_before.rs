//! Which rooms are joined again at the next start, and what is so in those that are joined later
#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, thread, time::Instant};

use lanchat_harness::{Loopback, Person, Program, SOON, Value, error, json, said};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn a_room_that_cannot_be_entered_once_is_entered_once_it_can_be() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let mut ann = person.chat_ready();
    ann.say(&format!("/room new den {}", person.home().join("code").display()));
    ann.expect(ready_in("den"), SOON);
    end(ann);
    let keys = person.data_dir().join("default/room-keys");
    for mode in [0o666, 0o600] {
        fs::set_permissions(&keys, fs::Permissions::from_mode(mode)).unwrap();
        let mut ann = person.chat();
        ann.expect(ready_in("lobby"), SOON);
        if mode == 0o600 {
            ann.expect(ready_in("den"), SOON);
        } else {
            let told = ann.expect(error(), SOON);
            assert!(told["code"] == "not_joined" && told.text("message").contains("chmod 600"), "{told:?}");
        }
        end(ann);
    }
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o666)).unwrap();
    let mut ann = person.chat_ready();
    ann.say("/part den");
    noted(&person, "lobby\n");
    end(ann);
}

#[test]
fn a_room_that_cannot_be_entered_again_keeps_nobody_from_the_others() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    end(person.chat_ready());
    let lines: String = (1..=9).map(|number| format!("room{number}\n")).collect();
    fs::write(rooms_file(&person), &lines).unwrap();
    let mut ann = person.chat();
    for number in 1..=8 {
        ann.expect(ready_in(&format!("room{number}")), SOON);
    }
    let told = ann.expect(error(), SOON);
    assert!(told["code"] == "not_joined" && told.text("message").contains("8 rooms"), "{told:?}");
    end(ann);
    assert_eq!(fs::read_to_string(rooms_file(&person)).unwrap(), lines, "it waits for its turn");
}

#[test]
fn rooms_named_at_a_start_are_for_that_start() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let mut ann = person.chat_ready();
    ann.say("/join kitchen");
    ann.expect(ready_in("kitchen"), SOON);
    noted(&person, "kitchen\nlobby\n");
    end(ann);
    let mut ann = person.start(&["--json", "--room", "garage", "--room", "shed"]);
    ann.expect(ready_in("shed"), SOON);
    ann.say("/join shed\n/part garage");
    ann.expect(json!({"event": "parted", "room": "garage"}), SOON);
    end(ann);
    noted(&person, "kitchen\nlobby\n");
    let mut ann = person.start(&["--json", "--room", "garage"]);
    ann.expect(ready_in("garage"), SOON);
    ann.say("/join attic");
    ann.expect(ready_in("attic"), SOON);
    ann.say("/join garage");
    noted(&person, "attic\nkitchen\nlobby\n");
    ann.say("/part attic");
    noted(&person, "kitchen\nlobby\n");
    end(ann);
    let mut ann = person.chat();
    ann.expect(ready_in("kitchen"), SOON);
    ann.expect(ready_in("lobby"), SOON);
    ann.say("/rooms");
    assert_eq!(ann.expect(json!({"event": "rooms"}), SOON)["rooms"].as_array().map(Vec::len), Some(2));
}

#[test]
fn who_is_away_is_so_in_rooms_that_are_joined_meanwhile_and_is_told_so_once() {
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").start(&["--json", "--room", "lobby", "--room", "kitchen"]);
    bob.expect(ready_in("kitchen"), SOON);
    let mut ann = lan.person("ann").chat_ready();
    bob.expect(json!({"event": "peer", "change": "joined", "room": "lobby"}), SOON);
    ann.say("/away at lunch\n/join kitchen\n/name Annabel\nhello");
    for room in ["lobby", "kitchen"] {
        let away = json!({"event": "peer", "change": "away", "room": room, "note": "at lunch"});
        bob.expect(away, SOON);
    }
    // The message may come before the name does.
    bob.expect(json!({"event": "message", "text": "hello"}), SOON);
    ann.say("/back\nthere");
    for room in ["lobby", "kitchen"] {
        bob.expect(json!({"event": "peer", "change": "back", "room": room}), SOON);
    }
    bob.expect(said("Annabel", "there"), SOON);
    let own = |change: &str| json!({"event": "peer", "change": change, "name": "Annabel"});
    assert_eq!(ann.events(json!({"event": "peer", "change": "away", "name": "ann"})).len(), 1);
    assert_eq!(ann.events(own("away")).len(), 0);
    let back = ann.events(own("back"));
    assert_eq!(back.len(), 1, "{back:?}");
    assert_eq!(back[0]["addr"], Value::Null, "one has no address for oneself");
    let named = ann.events(json!({"event": "ready", "name": "Annabel"}));
    assert_eq!(named.len(), 1, "{named:?}");
}

#[test]
fn that_one_is_away_is_one_line_whatever_rooms_one_is_in() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--plain", "--room", "lobby", "--room", "kitchen"]);
    ann.expect_line("[kitchen] -- you are ann", SOON);
    ann.say("/away\n/back\n/name Annabel\n/rooms");
    ann.expect_line("kitchen: nobody else", SOON);
    for told in ["you are away", "you are back", "you are Annabel"] {
        let lines: Vec<&str> = ann.lines().into_iter().filter(|line| line.contains(told)).collect();
        assert!(lines.len() == 1 && !lines[0].starts_with('['), "{lines:?}");
    }
}

fn ready_in(room: &str) -> Value {
    json!({"event": "ready", "room": room})
}

fn end(mut program: Program) {
    program.terminate();
    program.wait().assert_code(0);
}

fn rooms_file(person: &Person) -> PathBuf {
    person.data_dir().join("default/rooms")
}

/// Waits until these rooms are noted
#[track_caller]
fn noted(person: &Person, expected: &str) {
    let deadline = Instant::now() + SOON;
    let read = || fs::read_to_string(rooms_file(person)).unwrap_or_default();
    while read() != expected {
        assert!(Instant::now() < deadline, "noted: {:?}", read());
        thread::yield_now();
    }
}
