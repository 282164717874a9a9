//! People on one machine chat over its loopback

use std::time::Duration;

use lanchat_harness::{
    Loopback, Program, SOON, Stranger, Value, all_meet, delivery, error, joined, json, left, message, ready,
    renamed, said, said_by_me, whisper_to, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn the_first_line_says_who_and_where_one_is() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat();
    ann.expect(json!({"event": "ready", "name": "ann", "room": "lobby", "port": lan.port()}), SOON);
    assert!(ann.lines()[0].contains("ready"), "something came before ready");
}

#[test]
fn two_people_find_each_other_and_a_line_reaches_the_other() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("hello, bob");
    let echo = ann.expect(said_by_me("hello, bob"), SOON);
    let heard = bob.expect(said("ann", "hello, bob"), SOON);
    for field in ["id", "from", "room", "sent_at", "order"] {
        assert_eq!(echo[field], heard[field], "{field} is not the same on both sides");
    }
    assert!(heard["own"].is_null(), "a line of somebody else is not one's own");
}

#[test]
fn lines_sort_as_they_answer_each_other() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    let mut orders = Vec::new();
    for _ in 0..3 {
        ann.say("ping");
        orders.push(bob.expect(said("ann", "ping"), SOON).text("order").to_owned());
        bob.say("pong");
        orders.push(ann.expect(said("bob", "pong"), SOON).text("order").to_owned());
    }
    assert!(orders.is_sorted_by(|one, next| one < next), "{orders:?}");
}

#[test]
fn a_whisper_reaches_only_one_and_is_called_delivered() {
    let (_lan, [mut ann, mut bob, mut cleo]) = room(["ann", "bob", "cleo"]);
    ann.say("/msg bob psst");
    let echo = ann.expect(whisper_to("psst"), SOON);
    bob.expect(whispered("ann", "psst"), SOON);
    let delivered = ann.expect(delivery(&echo["id"], "delivered"), SOON);
    assert_eq!(delivered["to"], echo["to"]);
    ann.say("that was a secret");
    cleo.expect(said("ann", "that was a secret"), SOON);
    cleo.assert_never(json!({"event": "whisper"}));
}

#[test]
fn two_slashes_say_a_line_that_starts_with_one() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("//etc/hosts");
    bob.expect(said("ann", "/etc/hosts"), SOON);
}

#[test]
fn an_unknown_command_is_an_error_and_is_not_said() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("/dance");
    ann.expect(error(), SOON);
    ann.say("sorry");
    bob.expect(said("ann", "sorry"), SOON);
    bob.assert_never(|event: &Value| event["text"].as_str().is_some_and(|text| text.contains("dance")));
}

#[test]
fn a_new_name_is_known_to_the_others() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("/name Annabel Lee");
    bob.expect(renamed("Annabel Lee"), SOON);
    ann.say("it is me");
    bob.expect(said("Annabel Lee", "it is me"), SOON);
}

#[test]
fn peers_lists_the_others() {
    let (_lan, [mut ann, mut bob, _cleo]) = room(["ann", "bob", "cleo"]);
    bob.say("/quit");
    ann.expect(left("bob"), SOON);
    ann.say("/peers");
    let answer = ann.expect(json!({"event": "peers"}), SOON);
    let peers = answer["peers"].as_array().unwrap();
    assert_eq!(peers.len(), 1, "{answer:?}");
    assert_eq!(peers[0]["name"], "cleo");
    assert!(peers[0]["addr"].as_str().unwrap().starts_with("127."), "{answer:?}");
}

#[test]
fn every_way_to_end_says_goodbye_and_exits_0() {
    let (_lan, [mut watcher, mut quits, mut terminated, mut interrupted]) =
        room(["watcher", "quits", "terminated", "interrupted"]);
    quits.say("/quit");
    terminated.terminate();
    interrupted.interrupt();
    for program in [quits, terminated, interrupted] {
        watcher.expect(left(program.name()), SOON);
        program.wait().assert_code(0);
    }
    watcher.assert_never(json!({"change": "gone"}));
}

#[test]
fn a_restart_is_the_same_person() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bob = lan.person("bob").chat();
    let id = bob.expect(ready(), SOON)["id"].clone();
    ann.expect(joined("bob"), SOON);
    bob.terminate();
    bob.wait().assert_code(0);
    let mut bob = lan.person("bob").chat();
    assert_eq!(bob.expect(ready(), SOON)["id"], id);
    assert_eq!(ann.expect(joined("bob"), SOON)["id"], id);
    bob.say("back again");
    ann.expect(said("bob", "back again"), SOON);
}

#[test]
fn a_name_that_two_share_is_refused_and_more_of_the_id_tells_them_apart() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bobs = ["one", "other"].map(|home| lan.person(home).named("bob").chat());
    let [one, other] = bobs.each_mut().map(|bob| bob.expect(ready(), SOON).text("id").to_owned());
    for id in [&one, &other] {
        ann.expect(json!({"event": "peer", "change": "joined", "id": id, "name": "bob"}), SOON);
    }
    ann.say("/msg bob which of you?");
    let refused = ann.expect(json!({"event": "error", "code": "ambiguous_peer"}), SOON);
    for id in [&one, &other] {
        assert!(refused.text("message").contains(id.as_str()), "{id} is not in {refused:?}");
    }
    ann.say(&format!("/msg bob~{} you", &one[..4]));
    bobs[0].expect(whispered("ann", "you"), SOON);
    ann.say(&format!("/msg {other} and you"));
    bobs[1].expect(whispered("ann", "and you"), SOON);
    bobs[1].assert_never(whispered("ann", "you"));
    for bob in &mut bobs {
        bob.assert_never(whispered("ann", "which of you?"));
    }
}

#[test]
fn an_unknown_name_is_an_error() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    ann.say("/msg nobody hello?");
    ann.expect(json!({"event": "error", "code": "unknown_peer"}), SOON);
}

#[test]
fn lines_that_come_together_travel_together() {
    let (lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    let stranger = Stranger::on_port(lan.port());
    let lines: String = (0..400).map(|number| format!("line {number}\n")).collect();
    ann.type_bytes(lines.as_bytes());
    bob.expect(said("ann", "line 399"), SOON);
    assert_eq!(bob.events(message("ann")).len(), 400);
    let datagrams = stranger.overhear(400, Duration::from_millis(1)).len();
    assert!(datagrams < 100, "400 lines typed at once took {datagrams} datagrams");
}

/// People who know each other, on a port of their own
fn room<const N: usize>(names: [&str; N]) -> (Loopback, [Program; N]) {
    let lan = Loopback::new(LANCHAT);
    let mut programs = names.map(|name| lan.person(name).chat_ready());
    all_meet(&mut programs, SOON);
    (lan, programs)
}
