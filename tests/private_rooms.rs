//! Private rooms: who has the code is in, who has not learns nothing

#![cfg(test)]

use std::{fs, path::PathBuf, time::Duration};

use lanchat_harness::{
    Loopback, Person, Program, SOON, Stranger, Value, error, joined, json, left, message, ready, said,
    said_by_me, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
const CODE: &str = "able about above absent absorb abuse\n";
const SAME_CODE: &str = "Able-About-Above-Absent-Absorb-Abuse";
const OTHER_CODE: &str = "able about above absent absorb access";
const A_WHILE: Duration = Duration::from_millis(500);

/// A file in this person's home
fn file(person: &Person, name: &str, text: &str) -> PathBuf {
    let path = person.home().join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Somebody who starts in the attic with this code
fn in_the_attic(lan: &Loopback, name: &str, code: &str) -> Program {
    let person = lan.person(name);
    let code = file(&person, "code", code);
    let mut program =
        person.start(&["--json", "--room", "attic", "--room-code-file", code.to_str().unwrap()]);
    program.expect(json!({"event": "ready", "room": "attic", "private": true}), SOON);
    program
}

#[test]
fn who_has_the_code_hears_all_and_who_has_not_hears_and_sees_nothing() {
    let lan = Loopback::new(LANCHAT);
    let stranger = Stranger::on_port(lan.port());
    let mut ann = in_the_attic(&lan, "annabel", CODE);
    let mut bob = in_the_attic(&lan, "bobby", SAME_CODE);
    let mut eve = in_the_attic(&lan, "eve", OTHER_CODE);
    let mut oscar = lan.person("oscar").start(&["--json", "--room", "attic"]);
    oscar.expect(ready(), SOON);
    ann.expect(joined("bobby"), SOON);
    bob.expect(joined("annabel"), SOON);
    ann.say("attack at dawn");
    bob.expect(said("annabel", "attack at dawn"), SOON);
    bob.say("/msg annabel between ourselves");
    ann.expect(whispered("bobby", "between ourselves"), SOON);
    let alone = eve.expect(json!({"event": "alone", "room": "attic"}), SOON);
    assert!(alone.text("message").contains("nobody answers with this code"), "{alone:?}");
    eve.say("anybody?");
    eve.expect(said_by_me("anybody?"), SOON);
    bob.say("/quit");
    ann.expect(left("bobby"), SOON);
    for outsider in [&mut eve, &mut oscar] {
        outsider.assert_never(json!({"event": "peer"}));
        outsider.assert_never(message("annabel"));
    }
    for member in [&mut ann, &mut bob] {
        member.assert_never(json!({"event": "alone"}));
        member.assert_never(json!({"text": "anybody?"}));
    }
    let sent = stranger.overhear(500, A_WHILE);
    assert!(sent.len() > 10, "{} datagrams", sent.len());
    for part in ["attic", "annabel", "bobby", "dawn", "able"] {
        assert!(!sent.iter().any(|bytes| contains(bytes, part)), "{part} was sent for everybody to read");
    }
}

#[test]
fn commands_find_the_room_and_its_history_once_somebody_has_answered() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = in_the_attic(&lan, "ann", CODE);
    let bob = lan.person("bob");
    let unknown = bob.run(&["send", "--room", "attic", "--private", "hi"]);
    unknown.assert_code(2).assert_one_sentence(&["--room-code-file"]);
    let code = file(&bob, "code", CODE);
    let with_code = ["--room", "attic", "--room-code-file", code.to_str().unwrap()];
    bob.run(&[&["send", "hi"], with_code.as_slice()].concat()).assert_code(0);
    ann.expect(said("bob", "hi"), SOON);
    bob.run(&["send", "--room", "attic", "--private", "it is me"]).assert_code(0);
    ann.expect(said("bob", "it is me"), SOON);
    bob.run(&["peers", "--room", "attic", "--private"]).assert_code(0);
    let open = bob.run(&["history", "--room", "attic"]);
    assert!(!open.assert_code(0).stdout.contains("it is me"), "{open:?}");
    for way in [["--room", "attic", "--private"].as_slice(), &with_code] {
        let history = bob.run(&[&["history"], way].concat());
        assert!(history.assert_code(0).stdout.contains("bob: it is me"), "{history:?}");
    }
    let keys = fs::read_to_string(bob.data_dir().join("default/room-keys")).unwrap();
    assert!(keys.starts_with("attic ") && !keys.contains("able"), "{keys}");
}

#[test]
fn what_was_said_with_an_earlier_code_stays_in_the_history() {
    let lan = Loopback::new(LANCHAT);
    let ann_person = lan.person("ann");
    let mut ann = ann_person.chat_ready();
    for (number, line) in ["with the first code", "with the second"].into_iter().enumerate() {
        let code = ann_person.home().join(format!("code {number}"));
        ann.say(&format!("/room new attic {}", code.display()));
        ann.expect(json!({"event": "ready", "room": "attic", "private": true}), SOON);
        ann.say(line);
        ann.expect(json!({"event": "message", "text": line, "own": true}), SOON);
    }
    ann.terminate();
    ann.wait().assert_code(0);
    let history = ann_person.run(&["history", "--room", "attic", "--private"]);
    let said = |line| history.stdout.find(&format!("ann: {line}"));
    assert!(said("with the first code").unwrap() < said("with the second").unwrap(), "{history:?}");
    let last = ann_person.run(&["history", "--room", "attic", "--private", "--limit", "1"]);
    assert!(last.stdout.contains("second") && !last.stdout.contains("first"), "{last:?}");
}

#[test]
fn a_wrong_code_is_not_remembered_and_commands_say_that_nobody_answers_to_it() {
    let lan = Loopback::new(LANCHAT);
    let _ann = in_the_attic(&lan, "ann", CODE);
    let bob = lan.person("bob");
    let code = file(&bob, "code", OTHER_CODE);
    let wrong = ["--room", "attic", "--room-code-file", code.to_str().unwrap(), "--timeout", "1s"];
    for command in [["peers"].as_slice(), &["send", "hi"]] {
        let ended = bob.run(&[command, &wrong].concat());
        ended.assert_code(3).assert_one_sentence(&["with this code"]);
    }
    assert!(!bob.data_dir().join("default/room-keys").exists());
}

#[test]
fn nothing_is_left_of_a_room_by_somebody_ephemeral() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = in_the_attic(&lan, "ann", CODE);
    let bob = lan.person("bob");
    let code = file(&bob, "code", CODE);
    let send = ["send", "--ephemeral", "--room", "attic", "--room-code-file", code.to_str().unwrap(), "hi"];
    bob.run(&send).assert_code(0);
    ann.expect(said("bob", "hi"), SOON);
    assert!(!bob.data_dir().exists());
}

#[test]
fn one_goes_from_room_to_room_and_what_was_said_before_is_said_where_it_was_said() {
    let lan = Loopback::new(LANCHAT);
    let mut cleo = lan.person("cleo").chat_ready();
    let mut ann = lan.person("ann").chat_ready();
    ann.expect(joined("cleo"), SOON);
    let home = lan.person("ann").home().to_owned();
    let code = home.join("attic code");
    ann.say("bye");
    ann.say(&format!("/room new attic {}", code.display()));
    ann.say("in the attic");
    cleo.expect(said("ann", "bye"), SOON);
    ann.expect(json!({"event": "ready", "room": "attic", "private": true}), SOON);
    ann.say("/part lobby");
    cleo.expect(left("ann"), SOON);
    ann.expect(json!({"event": "message", "room": "attic", "text": "in the attic", "own": true}), SOON);
    let words = fs::read_to_string(&code).unwrap();
    assert_eq!(words.trim().split('-').count(), 6);
    cleo.say(&format!("/join attic {}", code.display()));
    cleo.expect(json!({"event": "ready", "room": "attic", "private": true}), SOON);
    cleo.expect(joined("ann"), SOON);
    cleo.expect(said("ann", "in the attic"), SOON);
    cleo.assert_never(json!({"room": "lobby", "text": "in the attic"}));
    ann.say("/join lobby\n/part attic");
    ann.expect(|event: &Value| event["room"] == "lobby" && event["private"].is_null(), SOON);
    cleo.expect(json!({"event": "peer", "change": "left", "name": "ann", "room": "attic"}), SOON);
    ann.say("/join attic");
    ann.expect(json!({"event": "ready", "room": "attic", "private": true}), SOON);
    cleo.expect(joined("ann"), SOON);
    ann.say("back again");
    cleo.expect(said("ann", "back again"), SOON);
    for program in [&mut ann, &mut cleo] {
        let lines = program.lines().join("\n");
        assert!(!lines.contains(words.trim()), "a code is printed: {lines}");
    }
}

#[test]
fn rooms_that_cannot_be_gone_to_are_refused_and_one_stays() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let (weak, strong) = (file(&ann, "weak", "secret"), file(&ann, "strong", CODE));
    let mut ann = ann.chat_ready();
    for (command, reason) in [
        ("/room new attic".to_owned(), "/room new attic FILE"),
        ("/part attic".to_owned(), "not in attic"),
        ("/join attic /nowhere/code".to_owned(), "/nowhere/code"),
        (format!("/join attic {}", weak.display()), "--weak-code"),
        (format!("/room new attic {}", strong.display()), "not there yet"),
    ] {
        ann.say(&command);
        let refused = ann.expect(json!({"event": "error", "code": "not_joined"}), SOON);
        assert!(refused.text("message").contains(reason), "{refused:?}");
    }
    ann.say("/join two\u{200b}words");
    ann.expect(json!({"event": "error", "code": "invalid_name"}), SOON);
    ann.say("/join lobby\nstill here");
    ann.expect(json!({"event": "message", "room": "lobby", "text": "still here"}), SOON);
    assert_eq!(ann.events(error()).len(), 6);
}

#[test]
fn a_weak_code_is_taken_when_one_insists_and_no_code_at_all_is_refused() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let code = file(&ann, "code", "secret");
    let with_code =
        ["peers", "--timeout", "10ms", "--room", "attic", "--room-code-file", code.to_str().unwrap()];
    ann.run(&with_code).assert_code(2).assert_one_sentence(&["0.25 s and 64 MiB", "--weak-code"]);
    ann.run(&[with_code.as_slice(), &["--weak-code"]].concat()).assert_code(3);
    for wrong in [["peers", "--private"].as_slice(), &["peers", "--room-code-file", "/nowhere/code"]] {
        ann.run(wrong).assert_code(2).assert_one_sentence(&["--room NAME"]);
    }
    let nowhere = ["peers", "--room", "attic", "--room-code-file", "/nowhere/code"];
    ann.run(&nowhere).assert_code(2).assert_one_sentence(&["/nowhere/code"]);
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}
