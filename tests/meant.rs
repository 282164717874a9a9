//! What is meant by what is typed, and where it is said: rather nothing is said than the wrong thing, or in the wrong place

use lanchat_harness::{
    Loopback, Program, SOON, Value, all_meet, error, joined, json, said, said_by_me, whisper_to, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn what_is_typed_after_a_room_that_cannot_be_entered_is_not_said_in_another() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    for attempt in ["/join attic no-such-file", "/join", "/join attic\u{202e}", "/room new attic"] {
        ann.say(&format!("{attempt}\nsecret\n/topic secret\n/msg bob after {attempt}\n/join lobby\nhello"));
        ann.expect(error(), SOON);
        for _ in 0..2 {
            refused(&mut ann, "not_joined", "/join");
        }
        bob.expect(json!({"event": "whisper"}), SOON);
        bob.expect(said("ann", "hello"), SOON);
    }
    bob.assert_never(json!({"text": "secret"}));
}

#[test]
fn what_is_typed_after_one_room_too_many_is_not_said_in_another() {
    let lan = Loopback::new(LANCHAT);
    let rooms = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let arguments: Vec<&str> = rooms.iter().flat_map(|room| ["--room", room]).collect();
    let mut ann = lan.person("ann").start(&[&["--json"], arguments.as_slice()].concat());
    ann.expect(json!({"event": "ready", "room": "h"}), SOON);
    ann.say("/join h\nin h\n/join i\nin i\n/part a\nagain");
    ann.expect(said_by_me("in h"), SOON);
    refused(&mut ann, "not_joined", "8 rooms");
    refused(&mut ann, "not_joined", "/join");
    assert_eq!(ann.expect(said_by_me("again"), SOON)["room"], "h");
    ann.assert_never(json!({"text": "in i"}));
}

#[test]
fn a_whisper_is_neither_edited_nor_answered_before_everybody() {
    let (lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    bob.say("/msg ann psst");
    ann.say("hello\n/msg bob secret");
    let own = ann.expect(whisper_to("secret"), SOON).text("id").to_owned();
    let heard = ann.expect(json!({"event": "whisper", "text": "psst"}), SOON).text("id").to_owned();
    bob.expect(json!({"event": "whisper", "text": "secret"}), SOON);
    let not_said = |ann: &mut Program| {
        for id in [&own, &heard] {
            for typed in ["/edit {} no secret", "/delete {}", "/reply {} no secret", "/react {} 👍"] {
                ann.say(&typed.replace("{}", id));
                refused(ann, "unknown_line", "whisper");
            }
        }
    };
    not_said(&mut ann);
    ann.say("/join attic");
    ann.expect(json!({"event": "ready", "room": "attic"}), SOON);
    not_said(&mut ann);
    ann.terminate();
    ann.wait().assert_code(0);
    let mut ann = lan.person("ann").chat_ready();
    not_said(&mut ann);
    ann.say("/join lobby\nthe end");
    bob.expect(said("ann", "the end"), SOON);
    bob.assert_never(json!({"text": "no secret"}));
    bob.assert_never(|event: &Value| {
        matches!(event["event"].as_str(), Some("edited" | "deleted" | "reaction"))
    });
}

#[test]
fn a_line_that_nobody_said_here_is_neither_edited_nor_deleted() {
    let (lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("long ago");
    let old = bob.expect(said("ann", "long ago"), SOON).text("id").to_owned();
    for number in 0..70 {
        ann.say(&number.to_string());
    }
    bob.expect(said("ann", "69"), SOON);
    ann.say("/edit 00000000-0000-8000-8000-0000000000ff x\n/delete 00000000-0000-8000-8000-0000000000ff");
    for _ in 0..2 {
        refused(&mut ann, "unknown_line", "");
    }
    ann.terminate();
    ann.wait().assert_code(0);
    let mut ann = lan.person("ann").chat_ready();
    ann.say(&format!("/edit {old} just now"));
    bob.expect(json!({"event": "edited", "target": old, "text": "just now"}), SOON);
    bob.say(&format!("/delete {old}"));
    refused(&mut bob, "not_yours", "");
}

#[test]
fn who_is_called_like_a_line_is_not_taken_for_it() {
    let (_lan, [mut ann, mut bob, mut eve]) = room(["ann", "bob", "eve"]);
    bob.say("tea?");
    let line = ann.expect(said("bob", "tea?"), SOON).text("id").to_owned();
    eve.expect(said("bob", "tea?"), SOON);
    eve.say(&format!("/name {line}\nI hate tea"));
    ann.expect(json!({"event": "message", "text": "I hate tea"}), SOON);
    ann.say(&format!("/reply {line} yes please"));
    assert_eq!(bob.expect(said("ann", "yes please"), SOON)["reply_to"], line.as_str());
    let eve_id = ann.expect(json!({"event": "peer", "change": "renamed"}), SOON).text("id").to_owned();
    ann.say(&format!("/reply {eve_id} why?"));
    let hated = bob.expect(json!({"event": "message", "text": "I hate tea"}), SOON);
    assert_eq!(bob.expect(said("ann", "why?"), SOON)["reply_to"], hated["id"], "a person has an id as well");
}

#[test]
fn two_people_of_one_name_in_two_rooms_are_asked_about_before_one_is_trusted_or_blocked() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--json", "--room", "lobby", "--room", "r1", "--room", "r2"]);
    let mut bobs = ["r1", "r2"].map(|room| {
        let person = lan.person(&format!("bob in {room}")).named("bob");
        let mut bob = person.start(&["--json", "--room", room]);
        ann.expect(json!({"event": "peer", "change": "joined", "room": room}), SOON);
        bob.expect(json!({"event": "ready"}), SOON).text("id").to_owned()
    });
    let digits: Vec<String> = bobs.iter().map(|id| id[..4].to_owned()).collect();
    for command in ["verify", "trust", "block"] {
        ann.say(&format!("/{command} bob"));
        let told = ann.expect(error(), SOON);
        assert_eq!(told["code"], "unknown_contact", "{told:?}");
        assert!(digits.iter().all(|digits| told.text("message").contains(digits)), "{told:?}");
    }
    ann.say(&format!("/block bob~{}", digits[1]));
    let blocked = ann.expect(json!({"event": "contact", "change": "blocked"}), SOON);
    assert_eq!(blocked.text("id"), std::mem::take(&mut bobs[1]));
    ann.assert_never(json!({"event": "contact", "change": "pinned"}));
}

#[test]
fn deletions_and_edits_in_a_row_are_about_one_line_after_the_other() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bob = lan.person("bob").chat();
    bob.type_bytes(b"zero\none\ntwo\n/delete\n/delete\n/edit null\n");
    bob.close_input();
    ann.expect(joined("bob"), SOON);
    let [zero, one, two] =
        ["zero", "one", "two"].map(|text| ann.expect(said("bob", text), SOON)["id"].clone());
    for line in [two, one] {
        ann.expect(json!({"event": "deleted", "target": line}), SOON);
    }
    ann.expect(json!({"event": "edited", "target": zero, "text": "null"}), SOON);
    bob.wait().assert_code(0);
}

#[track_caller]
fn refused(program: &mut Program, code: &str, part: &str) {
    let told = program.expect(error(), SOON);
    assert_eq!(told.text("code"), code, "{told:?}");
    assert!(told.text("message").contains(part), "{told:?}");
}

/// People who know each other, on a port of their own
fn room<const N: usize>(names: [&str; N]) -> (Loopback, [Program; N]) {
    let lan = Loopback::new(LANCHAT);
    let mut programs = names.map(|name| lan.person(name).chat_ready());
    all_meet(&mut programs, SOON);
    (lan, programs)
}

#[test]
fn a_script_sends_line_breaks_and_exact_names_as_json() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bob = lan.person("bob's \"own\"").chat_ready();
    ann.expect(joined("bob's \"own\""), SOON);
    ann.say(r#"{"command":"say","text":"two\nlines"}"#);
    bob.expect(said("ann", "two\nlines"), SOON);
    ann.say(r#"{"command":"say","text":"/quit"}"#);
    bob.expect(said("ann", "/quit"), SOON);
    ann.say(r#"{"command":"whisper","to":"bob's \"own\"","text":"psst"}"#);
    bob.expect(whispered("ann", "psst"), SOON);
    ann.say(r#"{"text":"said as it was typed"}"#);
    bob.expect(said("ann", r#"{"text":"said as it was typed"}"#), SOON);
    ann.say(r#"{"command":"quit"}"#);
    ann.wait().assert_code(0);
}

#[test]
fn an_object_that_is_no_command_is_an_error_and_not_said() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bob = lan.person("bob").chat_ready();
    ann.expect(joined("bob"), SOON);
    let invalid = json!({"event": "error", "code": "invalid_command"});
    for line in [
        r#"{"command":"dance"}"#,
        r#"{"command":"whisper","to":"bob"}"#,
        r#"{"command":"whisper","to":"bob","text":"a "secret""}"#,
        r#"{"command":"join"}"#,
    ] {
        ann.say(line);
        ann.expect(&invalid, SOON);
    }
    ann.say("meant for the other room");
    ann.expect(json!({"event": "error", "code": "not_joined"}), SOON);
    ann.say(r#"{"command":"join","room":"lobby"}"#);
    ann.say("and this for the lobby");
    bob.expect(said("ann", "and this for the lobby"), SOON);
    assert_eq!(bob.events(json!({"event": "message"})).len(), 1);
}
