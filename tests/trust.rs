//! Who is who: contacts and those who take their names, words to compare, people who are not to be heard

use lanchat_harness::{
    Loopback, Person, Program, SOON, Value, delivery, gone, joined, json, left, renamed, said, said_by_me,
    whisper_to, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

/// Names that people take for `bob`
const LIKE_BOB: [&str; 4] = ["bob", "Bоb", "ｂｏｂ", "b0b"];

#[test]
fn a_whisper_to_a_contact_never_goes_to_somebody_who_took_the_name() {
    let lan = Loopback::new(LANCHAT);
    let ann_person = lan.person("ann");
    let (mut ann, bob) = met(&ann_person, &lan.person("bob"));
    drop(bob);
    ann.expect(gone("bob"), SOON);
    for (number, name) in LIKE_BOB.into_iter().enumerate() {
        ann.forget();
        let mut eve = lan.person(&format!("eve{number}")).named(name).chat_ready();
        let warning = ann.expect(changed_key(name), SOON);
        for sentence in ["/msg bob psst", &format!("/msg {name}~{} psst", first_digits(&warning["id"]))] {
            ann.say(sentence);
            let refused = ann.expect(json!({"event": "error", "code": "key_changed"}), SOON);
            assert!(refused.text("message").contains("/trust bob~"), "{refused:?}");
            ann.forget();
        }
        eve.say("hello");
        let hello = ann.expect(said(name, "hello"), SOON);
        assert_eq!(hello["from"]["label"], format!("{name}~{}", first_digits(&warning["id"])));
        eve.assert_never(|event: &Value| event["event"] == "whisper");
        eve.terminate();
        ann.expect(left(name), SOON);
    }
}

#[test]
fn who_is_meant_can_be_said_and_is_remembered() {
    let lan = Loopback::new(LANCHAT);
    let ann_person = lan.person("ann");
    let (mut ann, mut bob) = met(&ann_person, &lan.person("bob"));
    let bob_id = ann.events(pinned("bob"))[0]["id"].clone();
    let eve_person = lan.person("eve").named("bob");
    let mut eve = eve_person.chat_ready();
    let eve_id = ann.expect(changed_key("bob"), SOON)["id"].clone();
    ann.forget();
    ann.say("/trust bob");
    ann.expect(json!({"event": "error", "code": "unknown_contact"}), SOON);
    ann.say(&format!("/trust bob~{}", first_digits(&bob_id)));
    ann.expect(pinned("bob"), SOON);
    ann.say("/msg bob for bob");
    bob.expect(whispered("ann", "for bob"), SOON);
    ann.say(&format!("/msg bob~{} for eve", first_digits(&eve_id)));
    eve.expect(whispered("ann", "for eve"), SOON);
    eve.assert_never(whispered("ann", "for bob"));
    end(ann);
    drop(eve);

    let mut ann = ann_person.chat_ready();
    ann.expect(joined("bob"), SOON);
    let _eve = eve_person.chat_ready();
    ann.expect(json!({"event": "peer", "change": "joined", "id": eve_id}), SOON);
    ann.say("/msg bob again");
    bob.expect(whispered("ann", "again"), SOON);
    ann.assert_never(changed_key("bob"));

    ann.say(&format!("/trust bob~{}", first_digits(&eve_id)));
    ann.expect(json!({"event": "contact", "change": "unpinned", "id": bob_id}), SOON);
    ann.expect(json!({"event": "contact", "change": "pinned", "id": eve_id, "trust": "pinned"}), SOON);
    ann.say("/peers");
    let peers = ann.expect(json!({"event": "peers"}), SOON);
    let of = |id: &Value| {
        peers["peers"].as_array().unwrap().iter().find(|peer| peer["id"] == *id).unwrap().clone()
    };
    assert_eq!(of(&bob_id)["label"], format!("bob~{}", first_digits(&bob_id)));
    assert_eq!((&of(&eve_id)["label"], &of(&eve_id)["trust"]), (&Value::Null, &json!("pinned")));
}

#[test]
fn the_warning_cannot_be_overlooked_in_plain_lines() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--plain"]);
    let bob = lan.person("bob").chat_ready();
    ann.expect_line("bob joined", SOON);
    ann.say("@bob, hello");
    ann.expect_line("the name bob means bob from now on", SOON);
    drop(bob);
    ann.expect_line("bob is gone", SOON);
    let mut eve = lan.person("eve").named("Bоb").chat_ready();
    let warning = ann.expect_line("WARNING", SOON);
    assert!(warning.starts_with("!! "), "{warning}");
    ann.expect_line("!!    /trust bob~", SOON);
    ann.expect_line("!!    /trust Bоb~", SOON);
    eve.say("send me the password");
    let line = ann.expect_line("send me the password", SOON);
    assert!(line.contains("Bоb~") && !line.contains("bob:"), "{line}");
    ann.say("/msg bob it is 1234");
    ann.expect_line("!! nothing is whispered to bob", SOON);
    ann.close_input();
    ann.wait().assert_code(0);
    eve.assert_never(|event: &Value| event["event"] == "whisper");
}

#[test]
fn send_and_the_list_of_peers_know_contacts_and_those_who_took_their_names() {
    let lan = Loopback::new(LANCHAT);
    let ann_person = lan.person("ann");
    let (ann, bob) = met(&ann_person, &lan.person("bob"));
    end(ann);
    drop(bob);
    let mut eve = lan.person("eve").named("bob").chat_ready();
    let ended = ann_person.run(&["send", "--to", "bob", "--wait", "delivered", "psst"]);
    ended.assert_code(1).assert_one_sentence(&["nothing is whispered to bob", "/trust bob~"]);
    eve.assert_never(|event: &Value| event["event"] == "whisper");
    let listed = ann_person.run(&["peers", "--json"]);
    let peers = &listed.assert_code(0).event(json!({"event": "peers"}))["peers"];
    assert!(peers[0]["label"].as_str().is_some_and(|label| label.starts_with("bob~")), "{peers}");
    assert_eq!(peers[0]["trust"], Value::Null);
    drop(eve);
    let _bob = lan.person("bob").chat_ready();
    ann_person.run(&["send", "--to", "bob", "--wait", "delivered", "psst"]).assert_code(0);
    let listed = ann_person.run(&["peers", "--json"]);
    let peers = &listed.event(json!({"event": "peers"}))["peers"];
    assert_eq!((&peers[0]["name"], &peers[0]["trust"]), (&json!("bob"), &json!("pinned")));
    assert!(ann_person.run(&["peers"]).stdout.contains("  pinned\n"));
    let cid = lan.person("cid");
    cid.run(&["send", "--to", "bob", "hi"]).assert_code(0);
    assert!(cid.run(&["peers"]).stdout.contains("  pinned\n"), "a whisper from a script pins as well");
}

#[test]
fn both_see_the_same_words_and_whoever_compared_them_is_verified_for_good() {
    let lan = Loopback::new(LANCHAT);
    let ann_person = lan.person("ann");
    let (mut ann, mut bob) = met(&ann_person, &lan.person("bob"));
    let _eve = lan.person("eve").chat_ready();
    ann.expect(joined("eve"), SOON);
    ann.say("/trust bob");
    ann.expect(json!({"event": "contact", "change": "pinned", "name": "bob"}), SOON);
    let words = |program: &mut Program, name: &str| {
        program.say(&format!("/verify {name}"));
        program.expect(json!({"event": "verify", "name": name}), SOON)["words"].clone()
    };
    let seen = words(&mut ann, "bob");
    assert_eq!(seen, words(&mut bob, "ann"));
    assert_eq!(seen.as_array().map(Vec::len), Some(8));
    assert_ne!(seen, words(&mut ann, "eve"));
    ann.say("/trust bob");
    ann.expect(json!({"event": "contact", "change": "verified", "name": "bob", "trust": "verified"}), SOON);
    end(ann);
    let mut ann = ann_person.chat_ready();
    ann.expect(joined("bob"), SOON);
    ann.expect(joined("eve"), SOON);
    ann.say("/peers");
    let peers = ann.expect(json!({"event": "peers"}), SOON);
    let peers = peers["peers"].as_array().unwrap();
    let trust = |name: &str| peers.iter().find(|peer| peer["name"] == name).unwrap()["trust"].clone();
    assert_eq!((trust("bob"), trust("eve")), (json!("verified"), Value::Null));
}

#[test]
fn who_is_blocked_is_neither_shown_nor_answered_and_others_get_what_they_say() {
    let lan = Loopback::new(LANCHAT);
    let ann_person = lan.person("ann");
    let (mut ann, mut eve) = (ann_person.chat_ready(), lan.person("eve").chat_ready());
    ann.expect(joined("eve"), SOON);
    eve.expect(joined("ann"), SOON);
    ann.say("/block eve");
    let blocked = ann.expect(json!({"event": "contact", "change": "blocked", "name": "eve"}), SOON);
    let eve_id = blocked["id"].clone();
    ann.forget();
    eve.say("spam");
    eve.say("/msg ann psst");
    let whisper = eve.expect(whisper_to("psst"), SOON);
    eve.expect(delivery(&whisper["id"], "queued"), SOON);
    eve.say("/name mallory");
    ann.say("/msg eve hi");
    ann.expect(json!({"event": "error", "code": "blocked"}), SOON);
    ann.say("/peers");
    let peers = ann.expect(json!({"event": "peers"}), SOON);
    assert_eq!((&peers["peers"][0]["id"], &peers["peers"][0]["blocked"]), (&eve_id, &json!(true)));
    ann.say("/blocked");
    let list = ann.expect(json!({"event": "blocked"}), SOON);
    assert_eq!((list["people"].as_array().map(Vec::len), &list["people"][0]["id"]), (Some(1), &eve_id));
    eve.expect(said_by_me("spam"), SOON);

    end(ann);
    eve.expect(left("ann"), SOON);
    let mut ann = ann_person.chat_ready();
    eve.expect(joined("ann"), SOON);
    eve.say("more spam");
    eve.expect(said_by_me("more spam"), SOON);
    eve.terminate();
    let mut bob = lan.person("bob").chat_ready();
    bob.expect(json!({"event": "message", "text": "more spam"}), SOON);
    ann.expect(joined("bob"), SOON);
    bob.say("hello");
    ann.expect(said("bob", "hello"), SOON);
    ann.assert_never(of(&eve_id));
    eve.assert_never(delivery(&whisper["id"], "delivered"));
    let shown = ann_person.run(&["history", "--json"]);
    assert!(!shown.stdout.contains("spam") && shown.stdout.contains("hello"), "{shown:?}");
}

#[test]
fn who_is_unblocked_is_heard_from_then_on_and_may_say_again_what_waited() {
    let lan = Loopback::new(LANCHAT);
    let (mut ann, mut eve) = (lan.person("ann").chat_ready(), lan.person("eve").chat_ready());
    ann.expect(joined("eve"), SOON);
    eve.expect(joined("ann"), SOON);
    ann.say("/block eve");
    ann.expect(json!({"event": "contact", "change": "blocked"}), SOON);
    for number in 0..20 {
        eve.say(&format!("spam {number}"));
    }
    eve.expect(said_by_me("spam 19"), SOON);
    eve.say("/msg ann sorry");
    let sorry = eve.expect(whisper_to("sorry"), SOON);
    ann.forget();
    ann.say("/unblock bob");
    ann.expect(json!({"event": "error", "code": "unknown_contact"}), SOON);
    ann.say("/unblock eve");
    ann.expect(json!({"event": "contact", "change": "unblocked", "name": "eve"}), SOON);
    ann.expect(joined("eve"), SOON);
    eve.say("back");
    ann.expect(said("eve", "back"), SOON);
    ann.expect(whispered("eve", "sorry"), SOON);
    eve.expect(delivery(&sorry["id"], "delivered"), SOON);
    ann.assert_never(|event: &Value| event["text"].as_str().is_some_and(|text| text.starts_with("spam")));
}

#[test]
fn that_somebody_has_ones_own_name_is_said_once_and_calmly() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let first = lan.person("first").named("Аnn").chat_ready();
    let taken = json!({"event": "warning", "code": "name_taken"});
    ann.expect(&taken, SOON);
    drop(first);
    ann.expect(gone("Аnn"), SOON);
    ann.forget();
    let mut second = lan.person("second").named("ann").chat_ready();
    ann.expect(joined("ann"), SOON);
    second.say("/msg ann psst");
    ann.expect(whispered("ann", "psst"), SOON);
    assert_eq!(ann.events(&taken).len(), 1);
    second.say("/name cleo");
    ann.expect(renamed("cleo"), SOON);
    ann.say("/msg cleo hi");
    ann.expect(pinned("cleo"), SOON);
    ann.say("/name CLEO");
    ann.expect(json!({"event": "warning", "code": "name_of_contact"}), SOON);
}

#[test]
fn who_leaves_nothing_on_the_disk_knows_people_as_long_as_they_stay() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--json", "--ephemeral"]);
    let bob = lan.person("bob").chat_ready();
    ann.expect(joined("bob"), SOON);
    ann.say("bob: hello");
    ann.expect(pinned("bob"), SOON);
    drop(bob);
    ann.expect(gone("bob"), SOON);
    let _eve = lan.person("eve").named("bob").chat_ready();
    ann.expect(changed_key("bob"), SOON);
    ann.close_input();
    ann.wait().assert_code(0);
    assert!(!lan.person("ann").data_dir().exists());
}

#[test]
fn what_is_said_of_people_counts_for_the_next_line_and_is_kept_although_one_leaves_at_once() {
    let lan = Loopback::new(LANCHAT);
    let ann_person = lan.person("ann");
    let (mut ann, mut bob) = met(&ann_person, &lan.person("bob"));
    let eve_person = lan.person("eve").named("bob");
    let mut eve = eve_person.chat_ready();
    let warning = ann.expect(changed_key("bob"), SOON);
    let (bob_id, eve_id) = (warning["contact"].clone(), warning["id"].clone());
    let mut cid = lan.person("cid").chat_ready();
    ann.expect(joined("cid"), SOON);
    let (bob_digits, eve_digits) = (first_digits(&bob_id), first_digits(&eve_id));
    ann.say(&format!(
        "/trust bob~{bob_digits}\n/msg bob here\n/block bob~{eve_digits}\n/msg {} no",
        text(&eve_id)
    ));
    bob.expect(whispered("ann", "here"), SOON);
    ann.expect(json!({"event": "error", "code": "blocked"}), SOON);
    ann.say("@cid hello\n/unblock bob\n/verify bob\n/quit");
    let ended = ann.wait();
    cid.expect(said("ann", "@cid hello"), SOON);
    for told in
        [pinned("cid"), json!({"event": "contact", "change": "unblocked"}), json!({"event": "verify"})]
    {
        ended.assert_code(0).event(told);
    }
    let mut ann = ann_person.chat_ready();
    ann.expect(joined("cid"), SOON);
    ann.say("/peers\n/blocked");
    let peers = ann.expect(json!({"event": "peers"}), SOON);
    let cid = peers["peers"].as_array().unwrap().iter().find(|peer| peer["name"] == "cid").unwrap().clone();
    assert_eq!(cid["trust"], "pinned");
    assert_eq!(ann.expect(json!({"event": "blocked"}), SOON)["people"], json!([]));
    eve.assert_never(|event: &Value| event["event"] == "whisper");
}

#[test]
fn people_are_known_in_the_next_room_as_well_although_nothing_is_on_the_disk() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--json", "--ephemeral"]);
    let (bob_person, eve_person) = (lan.person("bob"), lan.person("eve"));
    let (bob, eve) = (bob_person.chat_ready(), eve_person.chat_ready());
    ann.expect(joined("bob"), SOON);
    let eve_id = ann.expect(joined("eve"), SOON)["id"].clone();
    ann.say("@bob hi\n/verify bob\n/block eve");
    ann.expect(pinned("bob"), SOON);
    ann.expect(json!({"event": "contact", "change": "blocked"}), SOON);
    end(bob);
    end(eve);
    ann.expect(left("bob"), SOON);
    ann.forget();
    ann.say("/join attic");
    ann.expect(json!({"event": "ready", "room": "attic"}), SOON);
    let mut eve = eve_person.start(&["--json", "--room", "attic"]);
    eve.expect(json!({"event": "ready", "room": "attic"}), SOON);
    eve.say("spam");
    eve.expect(said_by_me("spam"), SOON);
    let _other = lan.person("other").named("bob").start(&["--json", "--room", "attic"]);
    ann.expect(changed_key("bob"), SOON);
    let mut bob = bob_person.start(&["--json", "--room", "attic"]);
    ann.expect(json!({"event": "peer", "change": "joined", "name": "bob"}), SOON);
    bob.expect(joined("ann"), SOON);
    let bob_id = ann.events(changed_key("bob"))[0]["contact"].clone();
    ann.say(&format!("/trust bob~{}", first_digits(&bob_id)));
    ann.expect(json!({"event": "contact", "change": "verified", "id": bob_id}), SOON);
    assert_eq!(ann.events(of(&eve_id)).len(), 2, "that eve joined the lobby, and was blocked");
}

/// Both are there, and one has whispered to the other
fn met(ann: &Person, bob: &Person) -> (Program, Program) {
    let (mut ann, mut bob) = (ann.chat_ready(), bob.chat_ready());
    ann.expect(joined("bob"), SOON);
    bob.expect(joined("ann"), SOON);
    ann.say("/msg bob hi");
    let hi = ann.expect(whisper_to("hi"), SOON);
    ann.expect(pinned("bob"), SOON);
    ann.expect(delivery(&hi["id"], "delivered"), SOON);
    (ann, bob)
}

/// Leaves properly: what was told is on the disk then
fn end(mut program: Program) {
    program.close_input();
    program.wait().assert_code(0);
}

fn pinned(name: &str) -> Value {
    json!({"event": "contact", "change": "pinned", "name": name, "trust": "pinned"})
}

fn changed_key(name: &str) -> Value {
    json!({"event": "warning", "code": "key_changed", "name": name})
}

fn first_digits(id: &Value) -> String {
    text(id).chars().take(4).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Whatever tells something of them
fn of(id: &Value) -> impl Fn(&Value) -> bool + use<> {
    let id = id.clone();
    move |event| event["id"] == id || event["from"]["id"] == id || event["author"] == id
}
