//! `lanchat send -`: standard input, line by line

use lanchat_harness::{Loopback, SOON, joined, json, said, whispered};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn each_line_is_said_in_order_and_the_end_waits_for_all() {
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").chat_ready();
    let mut script = lan.person("log").start(&["send", "-"]);
    for number in 0..200 {
        script.say(&format!("line {number}"));
        script.say("");
    }
    script.close_input();
    script.wait().assert_code(0);
    for number in 0..200 {
        bob.expect(said("log", &format!("line {number}")), SOON);
    }
    let texts = bob.events(json!({"event": "message"}));
    assert_eq!(texts.len(), 200);
    let in_order =
        texts.iter().enumerate().all(|(number, line)| line.text("text") == format!("line {number}"));
    assert!(in_order);
}

#[test]
fn what_comes_later_is_said_while_the_input_stays_open() {
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").chat_ready();
    let mut script = lan.person("log").start(&["send", "-"]);
    bob.expect(joined("log"), SOON);
    for line in ["one", "two"] {
        script.say(line);
        bob.expect(said("log", line), SOON);
    }
    script.close_input();
    script.wait().assert_code(0);
}

#[test]
fn whispers_are_waited_for_until_they_are_delivered() {
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").chat_ready();
    let mut script = lan.person("log").start(&["send", "--to", "bob", "--wait", "delivered", "-", "--json"]);
    ["one", "two"].map(|line| script.say(line));
    script.close_input();
    let ended = script.wait();
    let delivered = ended.assert_code(0).events.iter().filter(|event| event["state"] == "delivered");
    assert_eq!(delivered.count(), 2);
    bob.expect(whispered("log", "one"), SOON);
    bob.expect(whispered("log", "two"), SOON);
}

#[test]
fn nobody_there_is_said_and_a_line_that_cannot_be_keeps_nothing_else_back() {
    let lan = Loopback::new(LANCHAT);
    let mut script = lan.person("log").start(&["send", "--timeout", "10ms", "-"]);
    script.say("anybody?");
    script.close_input();
    script.wait().assert_code(3).assert_one_sentence(&["nobody"]);
    let mut bob = lan.person("bob").chat_ready();
    let mut script = lan.person("log").start(&["send", "-"]);
    script.say(&"x".repeat(9_000));
    script.say("after it");
    script.close_input();
    script.wait().assert_code(2).assert_one_sentence(&["8000"]);
    bob.expect(said("log", "after it"), SOON);
}
