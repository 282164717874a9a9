//! The examples talk with the built program, and the README has one of them word for word

use std::path::Path;

use lanchat_harness::{Loopback, Program, SOON, delivery, joined, left, said, whisper_to, whispered};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
const ECHO_BOT: &str = include_str!("../examples/echo_bot.rs");

#[test]
fn the_bot_of_the_readme_is_the_echo_bot_and_has_15_lines() {
    let readme = include_str!("../README.md");
    assert!(readme.contains(&format!("```rust\n{ECHO_BOT}```\n")), "README.md has another bot");
    assert!(ECHO_BOT.lines().count() <= 15);
}

#[test]
fn the_echo_bot_answers_whispers_and_says_goodbye() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bot = example(&lan, "echo_bot", &[]);
    ann.expect(joined("echo"), SOON);
    for text in ["hello?", "嗨", "// and -- this"] {
        ann.say(&format!("/msg echo {text}"));
        let echo = ann.expect(whisper_to(text), SOON);
        ann.expect(delivery(&echo["id"], "delivered"), SOON);
        ann.expect(whispered("echo", text), SOON);
    }
    bot.interrupt();
    bot.wait().assert_code(0);
    ann.expect(left("echo"), SOON);
}

#[test]
fn the_build_notifier_tells_the_room_and_whispers_to_one_when_it_failed() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let done = example(&lan, "build_notifier", &["ann", "true"]);
    ann.expect(said("build", "true is done"), SOON);
    done.wait().assert_code(0);
    ann.expect(left("build"), SOON);
    let failed = example(&lan, "build_notifier", &["ann", "false"]);
    ann.expect(said("build", "false has failed"), SOON);
    ann.expect(whispered("build", "false ended with exit status: 1"), SOON);
    failed.wait().assert_code(1);
}

#[test]
fn the_room_logger_prints_what_is_said_cleanly_and_goes_on_after_a_restart() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--json", "--room", "kitchen"]);
    let log = lan.scratch().join("log");
    let arguments = ["kitchen", log.to_str().unwrap()];
    let mut logger = example(&lan, "room_logger", &arguments);
    logger.expect_line("ann came", SOON);
    ann.expect(joined("logger"), SOON);
    ann.say("soup \u{1b}[31mis ready");
    logger.expect_line(" ann: soup \u{fffd}[31mis ready", SOON);
    logger.interrupt();
    logger.wait().assert_code(0);
    let mut logger = example(&lan, "room_logger", &arguments);
    logger.expect_line(" ann: soup \u{fffd}[31mis ready", SOON);
}

/// Starts an example on the loopback, with a home of its own
fn example(lan: &Loopback, name: &str, arguments: &[&str]) -> Program {
    let path = Path::new(LANCHAT).with_file_name("examples").join(name);
    let path = path.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(path.exists(), "run `cargo build --examples` first: there is no {}", path.display());
    let mut command = lan.person(name).command(path);
    command.env("LANCHAT_PORT", lan.port().to_string()).env("LANCHAT_INTERFACE", "lo").args(arguments);
    Program::start(name, command)
}
