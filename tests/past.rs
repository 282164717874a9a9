//! What was said before somebody came, as they see it

use lanchat_harness::{Loopback, Program, SOON, Value, joined, json, left, said, said_by_me};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn a_newcomer_reads_the_last_lines_in_order_above_what_is_said_now() {
    let (lan, mut ann) = someone_who_said(60);
    let mut bob = lan.person("bob").start(&["--plain"]);
    ann.expect(joined("bob"), SOON);
    bob.expect_line("line 59", SOON);
    ann.say("hello, bob");
    bob.expect_line("hello, bob", SOON);
    let lines = bob.lines();
    let heading = lines.iter().position(|line| *line == "-- earlier in lobby");
    let heading = heading.unwrap_or_else(|| panic!("no heading: {lines:#?}"));
    let earlier: Vec<&str> = lines[heading + 1..].iter().take(50).filter_map(|line| line.get(6..)).collect();
    let expected: Vec<String> = (10..60).map(|number| format!("ann: line {number}")).collect();
    assert_eq!(earlier, expected);
    assert_eq!(lines[heading + 51], "-- now in lobby");
    assert!(lines[heading + 52..].iter().any(|line| line.ends_with("ann: hello, bob")), "{lines:#?}");
}

#[test]
fn where_there_is_no_past_nothing_is_said_of_it() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bob = lan.person("bob").start(&["--plain"]);
    ann.expect(joined("bob"), SOON);
    ann.say("hello, bob");
    bob.expect_line("hello, bob", SOON);
    bob.close_input();
    let ended = bob.wait();
    ended.assert_code(0);
    assert!(!ended.stdout.contains("earlier") && !ended.stdout.contains("now in lobby"), "{ended:?}");
}

#[test]
fn a_script_gets_all_earlier_lines_and_sees_that_they_are() {
    let (lan, mut ann) = someone_who_said(60);
    let mut bob = lan.person("bob").chat_ready();
    let mut past: Vec<_> =
        (0..60).map(|number| bob.expect(said("ann", &format!("line {number}")), SOON)).collect();
    assert!(past.iter().all(|event| event["past"] == true));
    past.sort_by(|one, other| one.text("order").cmp(other.text("order")));
    let texts: Vec<&str> = past.iter().map(|event| event.text("text")).collect();
    assert_eq!(texts, (0..60).map(|number| format!("line {number}")).collect::<Vec<_>>());
    ann.say("now");
    assert_eq!(bob.expect(said("ann", "now"), SOON)["past"], Value::Null);
}

#[test]
fn listen_leaves_the_past_out_unless_asked() {
    let (lan, mut ann) = someone_who_said(3);
    let ended = lan.person("curious").run(&["listen", "--json", "--past", "--count", "3"]);
    let all = ended.assert_code(0).events.iter().filter(|event| event["past"] == true).count();
    assert_eq!(all, 3, "{ended:?}");
    let bot = lan.person("bot").start(&["listen", "--json", "--count", "1"]);
    ann.expect(joined("bot"), SOON);
    ann.say("now");
    let ended = bot.wait();
    let texts: Vec<&Value> =
        ended.events.iter().filter(|event| event["event"] == "message").map(|event| &event["text"]).collect();
    assert_eq!(texts, ["now"]);
}

#[test]
fn what_one_said_oneself_at_an_earlier_time_is_not_taken_for_what_is_said_now() {
    let (lan, mut ann) = someone_who_said(3);
    let bob = lan.person("bob");
    bob.run(&["send", "first"]).assert_code(0);
    ann.expect(said("bob", "first"), SOON);
    ann.expect(left("bob"), SOON);
    bob.run(&["send", "second"]).assert_code(0);
    ann.expect(said("bob", "second"), SOON);
}

/// Somebody who is alone and said so many lines
fn someone_who_said(lines: usize) -> (Loopback, Program) {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    for number in 0..lines {
        ann.say(&format!("line {number}"));
    }
    ann.expect(said_by_me(&format!("line {}", lines - 1)), SOON);
    ann.assert_never(json!({"past": true}));
    (lan, ann)
}
