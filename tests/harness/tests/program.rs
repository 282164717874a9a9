//! A program's events are waited for, found once, and shown when a test fails

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::time::Duration;

use lanchat_harness::{Loopback, Program, SOON, Value, json};

#[test]
fn each_event_is_returned_once_and_in_any_order_asked_for() {
    let mut program = sh(r#"echo '{"n":1,"who":"a"}'; echo '{"n":2,"who":"a"}'; echo '{"n":3,"who":"b"}'"#);
    assert_eq!(program.expect(json!({"who": "b"}), SOON)["n"], 3);
    assert_eq!(program.expect(json!({"who": "a"}), SOON)["n"], 1);
    assert_eq!(program.expect(|event: &Value| event["who"] == "a", SOON)["n"], 2);
    assert_eq!(program.events(json!({})).len(), 3);
}

#[test]
fn what_is_forgotten_matches_no_more() {
    let mut program = sh(r#"echo '{"n":1}'; read go; echo '{"n":2}'; read end"#);
    program.expect_line("1", SOON);
    program.forget();
    program.say("go");
    assert_eq!(program.expect(json!({}), SOON)["n"], 2);
}

#[test]
fn a_failed_expectation_shows_the_transcript_and_the_errors() {
    let mut program = sh(r#"echo '{"event":"other"}'; echo oops >&2; read forever"#);
    program.expect_line("other", SOON);
    let wait = || program.expect(json!({"event": "ready"}), Duration::from_millis(10));
    let panic = catch_unwind(AssertUnwindSafe(wait)).unwrap_err();
    let story = panic.downcast_ref::<String>().unwrap();
    for part in ["shell no event like {\"event\":\"ready\"} within 10ms", r#"{"event":"other"}"#, "oops"] {
        assert!(story.contains(part), "{part} is not in:\n{story}");
    }
}

#[test]
fn a_program_that_ends_is_not_waited_for() {
    let mut program = sh("exit 0");
    let wait = || program.expect(json!({}), Duration::from_secs(3600));
    assert!(catch_unwind(AssertUnwindSafe(wait)).is_err());
}

#[test]
fn exit_code_output_and_errors_are_kept() {
    let ended = sh(r#"echo '{"n":1}'; echo "try this" >&2; exit 3"#).wait();
    ended.assert_code(3).assert_one_sentence(&["try this"]);
    assert_eq!(ended.event(json!({"n": 1})), &json!({"n": 1}));
}

#[test]
fn signals_reach_the_program() {
    let mut polite = sh("trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done");
    polite.expect_line("up", SOON);
    polite.terminate();
    polite.wait().assert_code(7);
    let mut killed = sh("read forever");
    killed.kill9();
    assert_eq!(killed.wait().status.code(), None);
}

#[test]
fn people_keep_their_homes_and_share_a_port_that_no_other_test_has() {
    let (one, other) = (Loopback::new("/bin/sh"), Loopback::new("/bin/sh"));
    assert_ne!(one.port(), other.port());
    let mut shell = Program::start("env", one.person("ann").command("env"));
    shell.expect_line(&format!("HOME={}", one.person("ann").home().display()), SOON);
    let variables = shell.wait().stdout;
    let of_lanchat: Vec<_> = variables.lines().filter(|line| line.starts_with("LANCHAT_")).collect();
    assert_eq!(of_lanchat, ["LANCHAT_LANG=en"], "the language alone is not the caller's");
}

fn sh(script: &str) -> Program {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Program::start("shell", command)
}
