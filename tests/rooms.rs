//! One person in several rooms at once

use std::{
    fs,
    net::UdpSocket,
    thread,
    time::{Duration, Instant},
};

use lanchat_harness::{
    Loopback, Person, Program, SOON, Stranger, Value, delivery, error, joined, json, left, ready, said,
    said_by_me, whisper_to, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
const CODE: &str = "able about above absent absorb abuse\n";

/// Somebody who starts in these rooms
fn in_rooms(person: &Person, rooms: &[&str]) -> Program {
    let mut arguments = vec!["--json"];
    rooms.iter().for_each(|room| arguments.extend(["--room", room]));
    let mut program = person.start(&arguments);
    rooms.iter().for_each(|room| drop(program.expect(ready_in(room), SOON)));
    program
}

fn ready_in(room: &str) -> Value {
    json!({"event": "ready", "room": room})
}

fn joined_in(room: &str, name: &str) -> Value {
    json!({"event": "peer", "change": "joined", "name": name, "room": room})
}

fn said_in(room: &str, name: &str, text: &str) -> Value {
    json!({"event": "message", "room": room, "from": {"name": name}, "text": text})
}

fn end(mut program: Program) {
    program.terminate();
    program.wait().assert_code(0);
}

#[test]
fn what_is_typed_is_said_in_the_current_room_and_all_rooms_are_heard() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = in_rooms(&lan.person("ann"), &["lobby", "attic"]);
    let mut bob = in_rooms(&lan.person("bob"), &["lobby"]);
    let mut cleo = in_rooms(&lan.person("cleo"), &["attic"]);
    ann.expect(joined_in("lobby", "bob"), SOON);
    ann.expect(joined_in("attic", "cleo"), SOON);
    bob.expect(joined("ann"), SOON);
    cleo.expect(joined("ann"), SOON);
    ann.say("downstairs\n/join attic\nupstairs\n/rooms\n/peers");
    bob.expect(said_in("lobby", "ann", "downstairs"), SOON);
    cleo.expect(said_in("attic", "ann", "upstairs"), SOON);
    let rooms = ann.expect(json!({"event": "rooms"}), SOON);
    assert_eq!(
        rooms["rooms"],
        json!([{"room": "lobby", "peers": 1}, {"room": "attic", "peers": 1, "current": true}])
    );
    let peers = ann.expect(json!({"event": "peers", "room": "attic"}), SOON);
    assert_eq!(
        (peers["peers"].as_array().map(Vec::len), &peers["peers"][0]["name"]),
        (Some(1), &json!("cleo"))
    );
    bob.say("hello");
    cleo.say("hello");
    ann.expect(said_in("lobby", "bob", "hello"), SOON);
    ann.expect(said_in("attic", "cleo", "hello"), SOON);
    ann.say("/name Annabel");
    for other in [&mut bob, &mut cleo] {
        other.expect(json!({"event": "peer", "change": "renamed", "name": "Annabel"}), SOON);
    }
    bob.assert_never(json!({"text": "upstairs"}));
    cleo.assert_never(json!({"text": "downstairs"}));
    ann.assert_never(error());
    ann.assert_never(|event: &Value| !event["room"].is_string());
    end(ann);
    bob.expect(left("Annabel"), SOON);
    cleo.expect(left("Annabel"), SOON);
}

#[test]
fn a_whisper_goes_through_the_room_where_the_person_is() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = in_rooms(&lan.person("ann"), &["lobby", "attic", "cellar"]);
    let mut bob = in_rooms(&lan.person("bob"), &["attic", "cellar"]);
    for room in ["attic", "cellar"] {
        ann.expect(joined_in(room, "bob"), SOON);
        bob.expect(joined_in(room, "ann"), SOON);
    }
    for (current, through) in [("lobby", "attic"), ("cellar", "cellar"), ("lobby", "attic")] {
        ann.say(&format!("/join {current}\n/msg bob from {current}"));
        let told = ann.expect(whisper_to(&format!("from {current}")), SOON);
        assert_eq!(told["room"], through);
        bob.expect(whispered("ann", &format!("from {current}")), SOON);
        ann.expect(delivery(&told["id"], "delivered"), SOON);
    }
    assert_eq!(bob.events(json!({"event": "whisper"})).len(), 3, "each once");
    let contacts = ann.events(json!({"event": "contact"}));
    assert_eq!(contacts.len(), 1, "one person is known once: {contacts:?}");
    ann.say("/msg nobody hi");
    let refused = ann.expect(json!({"event": "error", "code": "unknown_peer"}), SOON);
    assert_eq!(refused["room"], "lobby");
}

#[test]
fn who_is_blocked_or_known_is_so_in_every_room_at_once() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = in_rooms(&lan.person("ann"), &["lobby", "attic"]);
    let mut eve = in_rooms(&lan.person("eve"), &["lobby", "attic"]);
    let mut bob = in_rooms(&lan.person("bob"), &["attic"]);
    for name in ["eve", "bob"] {
        ann.expect(joined_in("attic", name), SOON);
    }
    ann.expect(joined_in("lobby", "eve"), SOON);
    bob.expect(joined("eve"), SOON);
    ann.say("/verify bob\n/block eve\n/join attic\n/trust bob\n/blocked");
    ann.expect(json!({"event": "contact", "change": "blocked"}), SOON);
    ann.expect(json!({"event": "contact", "change": "verified", "name": "bob"}), SOON);
    assert_eq!(ann.expect(json!({"event": "blocked"}), SOON)["people"][0]["name"], "eve");
    eve.say("/join attic\nspam\n/join lobby\nspam");
    bob.expect(said("eve", "spam"), SOON);
    eve.expect(said_in("lobby", "eve", "spam"), SOON);
    bob.say("that was eve");
    ann.expect(said("bob", "that was eve"), SOON);
    ann.assert_never(json!({"text": "spam"}));
    ann.say("/unblock eve\n/peers");
    ann.expect(json!({"event": "contact", "change": "unblocked"}), SOON);
    eve.say("/join attic\nsorry\n/join lobby\nsorry");
    ann.expect(said_in("attic", "eve", "sorry"), SOON);
    ann.expect(said_in("lobby", "eve", "sorry"), SOON);
}

#[test]
fn a_room_is_left_once_all_is_said_there_and_the_others_go_on() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = in_rooms(&lan.person("ann"), &["lobby", "attic"]);
    let mut bob = in_rooms(&lan.person("bob"), &["lobby", "attic"]);
    for room in ["lobby", "attic"] {
        ann.expect(joined_in(room, "bob"), SOON);
        bob.expect(joined_in(room, "ann"), SOON);
    }
    ann.say("/join attic\nlast words\n/part\nin the lobby\n/part attic\n/part\n/join attic\nback again");
    bob.expect(said_in("attic", "ann", "last words"), SOON);
    bob.expect(json!({"event": "peer", "change": "left", "name": "ann", "room": "attic"}), SOON);
    bob.expect(said_in("lobby", "ann", "in the lobby"), SOON);
    bob.expect(said_in("attic", "ann", "back again"), SOON);
    ann.expect(json!({"event": "parted", "room": "attic"}), SOON);
    for reason in ["not in attic", "no other room"] {
        let refused = ann.expect(json!({"event": "error", "code": "not_joined"}), SOON);
        assert!(refused.text("message").contains(reason), "{refused:?}");
    }
    bob.assert_never(json!({"event": "peer", "change": "left", "room": "lobby"}));
    bob.assert_never(json!({"event": "gap"}));
    let order =
        |event: lanchat_harness::Event| event.text("order").rsplit('-').nth(2).unwrap_or_default().to_owned();
    let [before, after] =
        ["last words", "back again"].map(|text| order(bob.events(said_in("attic", "ann", text)).remove(0)));
    assert_eq!(before, after, "the log of the room goes on where it ended");
}

#[test]
fn rooms_are_joined_again_private_ones_with_their_key_and_one_that_cannot_be_is_told() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let code = person.home().join("code");
    fs::write(&code, CODE).unwrap();
    let mut bob = lan.person("bob").chat_ready();
    let mut ann = person.chat_ready();
    ann.say(&format!(
        "/room new den {}\n/join cellar\n/join attic {}",
        person.home().join("new").display(),
        code.display()
    ));
    for room in ["den", "cellar", "attic"] {
        ann.expect(ready_in(room), SOON);
    }
    ann.say("/join den\nhere");
    ann.expect(said_in("den", "ann", "here"), SOON);
    end(ann);
    let mut ann = person.chat();
    for room in ["den", "lobby", "cellar"] {
        let told = ann.expect(ready_in(room), SOON);
        assert_eq!(told["private"] == true, room == "den");
    }
    let refused = ann.expect(json!({"event": "error", "code": "not_joined"}), SOON);
    assert!(refused.text("message").contains("/join attic"), "{refused:?}");
    ann.say("still here");
    ann.expect(said_in("den", "ann", "still here"), SOON);
    bob.expect(joined("ann"), SOON);
    ann.say("/part den\n/part cellar\n/part attic");
    ann.expect(json!({"event": "parted", "room": "attic"}), SOON);
    let noted = person.data_dir().join("default/rooms");
    let deadline = Instant::now() + SOON;
    while fs::read_to_string(&noted).unwrap() != "lobby\n" {
        assert!(Instant::now() < deadline, "the rooms are not noted");
        thread::yield_now();
    }
    ann.kill9();
    drop(ann);
    let mut ann = person.chat_ready();
    ann.say("/rooms");
    assert_eq!(ann.expect(json!({"event": "rooms"}), SOON)["rooms"].as_array().map(Vec::len), Some(1));
    end(ann);
    let mut ann = lan.person("eph").start(&["--json", "--ephemeral"]);
    ann.expect(ready_in("lobby"), SOON);
    ann.say("/join attic");
    ann.expect(ready_in("attic"), SOON);
    end(ann);
    assert!(!lan.person("eph").data_dir().exists());
}

#[test]
fn an_open_room_and_a_private_one_are_named_at_once() {
    let lan = Loopback::new(LANCHAT);
    let stranger = Stranger::on_port(lan.port());
    let [mut ann, mut bob] = ["ann", "bob"].map(|name| {
        let person = lan.person(name);
        let code = person.home().join("code");
        fs::write(&code, CODE).unwrap();
        let file = code.to_str().unwrap();
        let rooms = ["--json", "--room", "lobby", "--room", "attic", "--room-code-file", file];
        let mut program = person.start(&rooms);
        program.expect(json!({"event": "ready", "room": "attic", "private": true}), SOON);
        program
    });
    for room in ["lobby", "attic"] {
        ann.expect(joined_in(room, "bob"), SOON);
        bob.expect(joined_in(room, "ann"), SOON);
    }
    ann.say("in the open\n/join attic\nbehind a door");
    bob.expect(said_in("lobby", "ann", "in the open"), SOON);
    bob.expect(said_in("attic", "ann", "behind a door"), SOON);
    let sent = stranger.overhear(500, Duration::from_millis(500));
    let was_sent =
        |part: &str| sent.iter().any(|bytes| bytes.windows(part.len()).any(|at| at == part.as_bytes()));
    assert!(was_sent("in the open") && !was_sent("behind a door") && !was_sent("attic"));
    ann.say(&format!("/room new attic {}\nwith a new code", lan.person("ann").home().join("new").display()));
    ann.expect(said_by_me("with a new code"), SOON);
    bob.expect(json!({"event": "peer", "change": "left", "name": "ann", "room": "attic"}), SOON);
    ann.say("/rooms");
    assert_eq!(ann.expect(json!({"event": "rooms"}), SOON)["rooms"].as_array().map(Vec::len), Some(2));
}

#[test]
fn who_is_killed_in_two_rooms_loses_nothing_in_either_and_uses_no_place_twice() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let mut bob = in_rooms(&lan.person("bob"), &["lobby", "attic"]);
    let mut sent: Vec<Value> = Vec::new();
    for round in 0..4 {
        let mut ann = in_rooms(&person, &["lobby", "attic"]);
        for number in 0..20 {
            let room = if number % 3 == 0 { "lobby" } else { "attic" };
            ann.say(&format!("/join {room}\n{round}: {number} in {room}"));
        }
        ann.expect(said_by_me(&format!("{round}: {} in attic", 5 + 3 * round)), SOON);
        ann.kill9();
        let events = ann.wait().events;
        assert!(!events.iter().any(|event| event["event"] == "error"), "{events:?}");
        sent.extend(events.into_iter().filter(|event| event["event"] == "message" && event["own"] == true));
    }
    sent.retain(|line| line["past"].is_null());
    let ended = person.run(&["history", "--json", "--limit", "0", "--room", "lobby", "--room", "attic"]);
    for line in &sent {
        let is_it = |kept: &&Value| kept["id"] == line["id"] && kept["room"] == line["room"];
        assert_eq!(ended.events.iter().filter(is_it).count(), 1, "{line}");
    }
    let mut ann = in_rooms(&person, &["lobby", "attic"]);
    for room in ["lobby", "attic"] {
        ann.say(&format!("/join {room}\nthe end"));
        bob.expect(said_in(room, "ann", "the end"), SOON);
    }
    for line in &sent {
        bob.expect(json!({"event": "message", "id": line["id"], "room": line["room"]}), SOON);
    }
    let place = |line: &Value| {
        let order = line["order"].as_str().unwrap_or_default().split_once('-').unwrap_or_default().1;
        format!("{} {order}", line["room"])
    };
    let mut heard: Vec<(String, String)> = bob
        .events(json!({"event": "message"}))
        .iter()
        .map(|line| (place(line), line.text("id").to_owned()))
        .chain(sent.iter().map(|line| (place(line), line["id"].as_str().unwrap_or_default().to_owned())))
        .collect();
    heard.sort();
    heard.dedup();
    assert!(heard.windows(2).all(|two| two[0].0 != two[1].0), "two lines at one place");
    bob.assert_never(json!({"event": "error"}));
}

#[test]
fn people_see_which_room_a_line_is_of_unless_it_is_the_current_one() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--plain", "--room", "lobby", "--room", "attic"]);
    ann.expect_line("-- you are ann in lobby", SOON);
    ann.expect_line("[attic] -- you are ann in attic", SOON);
    let mut bob = in_rooms(&lan.person("bob"), &["lobby", "attic"]);
    ann.expect_line("[attic] -- bob joined", SOON);
    bob.expect(joined_in("attic", "ann"), SOON);
    bob.expect(joined_in("lobby", "ann"), SOON);
    bob.say("below\n/join attic\nabove");
    assert!(ann.expect_line("bob: above", SOON).starts_with("[attic] "));
    assert!(!ann.expect_line("bob: below", SOON).contains('['));
    ann.say("/join attic");
    assert!(ann.expect_line("you are ann in attic", SOON).starts_with("-- "));
    bob.say("here\n/join lobby\nthere");
    assert!(!ann.expect_line("bob: here", SOON).contains('['));
    assert!(ann.expect_line("bob: there", SOON).starts_with("[lobby] "));
    ann.say("/rooms\n/part");
    ann.expect_line(" * attic: 1 other", SOON);
    ann.expect_line("-- you have left attic", SOON);
    ann.expect_line("-- you are ann in lobby", SOON);
    bob.expect(json!({"event": "peer", "change": "left", "name": "ann", "room": "attic"}), SOON);
}

#[test]
fn a_guest_is_heard_once_whatever_rooms_one_is_in_or_leaves() {
    let lan = Loopback::new(LANCHAT);
    let device = UdpSocket::bind("127.0.0.1:0").unwrap();
    let raw_port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = raw_port.to_string();
    let mut ann =
        lan.person("ann").start(&["--json", "--room", "lobby", "--room", "attic", "--raw-port", &port]);
    ann.expect(ready_in("attic"), SOON);
    for (text, parted) in [("one", "lobby"), ("two", "")] {
        device.send_to(text.as_bytes(), ("127.0.0.1", raw_port)).unwrap();
        ann.expect(json!({"event": "guest", "text": text}), SOON);
        if !parted.is_empty() {
            ann.say(&format!("/part {parted}"));
            ann.expect(json!({"event": "parted", "room": parted}), SOON);
        }
    }
    assert_eq!(ann.events(json!({"event": "guest"})).len(), 2);
}

#[test]
fn commands_take_several_rooms_where_that_makes_sense() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = in_rooms(&lan.person("ann"), &["lobby", "attic"]);
    let bob = lan.person("bob");
    let two = ["--room", "lobby", "--room", "attic"];
    bob.run(&[&["send", "hi"], two.as_slice()].concat()).assert_code(2).assert_one_sentence(&["--room NAME"]);
    let mut listener = bob.start(&[&["listen", "--json", "--count", "2"], two.as_slice()].concat());
    listener.expect(joined_in("attic", "ann"), SOON);
    listener.expect(joined_in("lobby", "ann"), SOON);
    let peers = lan.person("cleo").run(&[&["peers", "--json"], two.as_slice()].concat());
    let rooms: Vec<&Value> = peers.assert_code(0).events.iter().map(|event| &event["room"]).collect();
    assert_eq!(rooms, ["lobby", "attic"]);
    ann.say("below\n/join attic\nabove");
    listener.wait().assert_code(0);
    let history = bob.run(&[&["history"], two.as_slice()].concat());
    let lines = &history.assert_code(0).stdout;
    assert!(lines.find("-- in lobby").unwrap() < lines.find("ann: below").unwrap(), "{lines}");
    assert!(lines.find("-- in attic").unwrap() < lines.find("ann: above").unwrap(), "{lines}");
    let many: Vec<String> = (0..9).map(|number| format!("--room=room{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    bob.run(&many).assert_code(2).assert_one_sentence(&["--room"]);
}

#[test]
fn so_many_rooms_are_enough_and_the_chatter_is_theirs() {
    let lan = Loopback::new(LANCHAT);
    let rooms = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut ann = in_rooms(&lan.person("ann"), &rooms);
    let mut bob = in_rooms(&lan.person("bob"), &rooms);
    for room in rooms {
        ann.expect(joined_in(room, "bob"), SOON);
        bob.expect(joined_in(room, "ann"), SOON);
    }
    ann.say("/join one-more");
    let refused = ann.expect(json!({"event": "error", "code": "not_joined"}), SOON);
    assert!(refused.text("message").contains("8 rooms"), "{refused:?}");
    for room in rooms {
        ann.say(&format!("/join {room}\nhello"));
        bob.expect(said_in(room, "ann", "hello"), SOON);
    }
    ann.expect(ready(), SOON);
}
