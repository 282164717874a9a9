//! `lanchat send -`, standard input line by line, and `listen --exec`, a command a line

use lanchat_harness::{Loopback, SOON, Value, joined, json, said, whispered};

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
    script.say("one");
    script.say("two");
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

#[test]
fn who_has_nothing_to_say_needs_nobody_and_waits_for_nobody() {
    let lan = Loopback::new(LANCHAT);
    for input in ["", "\n \n"] {
        let mut script = lan.person("log").start(&["send", "--timeout", "1h", "-"]);
        script.type_bytes(input.as_bytes());
        script.close_input();
        script.wait().assert_code(0);
    }
}

#[test]
fn the_time_to_find_somebody_begins_with_the_first_line() {
    let lan = Loopback::new(LANCHAT);
    let mut script = lan.person("log").start(&["--json", "send", "--timeout", "10ms", "-"]);
    script.expect(json!({"event": "ready"}), SOON);
    let mut bob = lan.person("bob").chat_ready();
    script.expect(joined("bob"), SOON);
    script.say("here I am");
    bob.expect(said("log", "here I am"), SOON);
    script.close_input();
    script.wait().assert_code(0);
}

#[test]
fn a_command_is_run_for_each_line_with_its_event_on_standard_input() {
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").chat_ready();
    let ear = lan.person("ear");
    let command = format!("cat >> {}", ear.home().join("heard").display());
    let listening = ear.start(&["--json", "listen", "--count", "2", "--exec", &command]);
    bob.expect(joined("ear"), SOON);
    bob.say("hi $(touch /nowhere)");
    bob.say("/msg ear psst");
    listening.wait().assert_code(0);
    let heard = std::fs::read_to_string(ear.home().join("heard")).unwrap();
    let mut texts: Vec<_> = heard
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
        .collect();
    texts.sort();
    assert_eq!(texts, ["hi $(touch /nowhere)", "psst"]);
}

#[test]
fn a_command_that_fails_or_reads_nothing_keeps_nobody_from_listening() {
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").chat_ready();
    let listening = lan.person("ear").start(&["--json", "listen", "--count", "20", "--exec", "exit 7"]);
    bob.expect(joined("ear"), SOON);
    (0..20).for_each(|number| bob.say(&format!("line {number}")));
    let heard = listening.wait();
    assert_eq!(heard.assert_code(0).events.iter().filter(|event| event["event"] == "message").count(), 20);
}

#[test]
#[cfg(unix)]
fn who_waits_for_commands_at_the_end_can_be_interrupted_and_leaves_none_of_them_behind() {
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").chat_ready();
    // The shell has a child, which has this standard output open: as long as it lives, that does not end.
    let arguments = ["listen", "--count", "6", "--exec", "echo started; sleep 3600; true"];
    let mut listening = lan.person("ear").start(&arguments);
    bob.expect(joined("ear"), SOON);
    (0..6).for_each(|number| bob.say(&format!("line {number}")));
    (0..4).for_each(|_| drop(listening.expect_line("started", SOON)));
    listening.expect_line("line 5", SOON);
    // It is still there for others meanwhile.
    bob.say("/msg ear psst");
    bob.expect(json!({"event": "delivery", "state": "delivered"}), SOON);
    listening.interrupt();
    listening.wait().assert_code(1).assert_one_sentence(&["2 lines"]);
}
