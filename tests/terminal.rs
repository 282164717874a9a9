//! Somebody sits at a terminal, which is made by `script` of util-linux
#![cfg(test)]
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    io::{self, Write},
    process::Command,
};

use lanchat_harness::{Loopback, Program, SOON, joined, left, ready, said};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn what_is_half_typed_survives_what_arrives() {
    let Some((_lan, mut ann, mut bob)) = pair() else {
        return;
    };
    ann.type_bytes(b"half a sen");
    bob.say("interrupting");
    ann.expect_line("bob: interrupting", SOON);
    ann.type_bytes(b"tence\r");
    bob.expect(said("ann", "half a sentence"), SOON);
}

#[test]
fn several_lines_that_are_pasted_are_one_message_and_no_command() {
    let Some((_lan, mut ann, mut bob)) = pair() else {
        return;
    };
    ann.type_bytes(b"\x1b[200~one\r/quit\r\x1b[201~\r");
    bob.expect(said("ann", "one\n/quit"), SOON);
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    for leave in [leave_by_quit, leave_by_ctrl_c, leave_by_ctrl_d, leave_by_signal] {
        let Some((_lan, mut ann, mut bob)) = pair() else {
            return;
        };
        leave(&mut ann);
        bob.expect(left("ann"), SOON);
        let modes = ann.expect_line("icanon", SOON);
        assert!(!modes.contains("-icanon") && !modes.contains("-echo "), "{modes}");
        ann.wait().assert_code(0);
    }
}

#[test]
fn after_quit_nothing_more_is_asked_for() {
    let Some((_lan, mut ann, mut bob)) = pair() else {
        return;
    };
    leave_by_quit(&mut ann);
    bob.expect(left("ann"), SOON);
    let printed = ann.wait().stdout;
    let prompts: Vec<&str> = printed.split("> ").collect();
    assert!(prompts.last().is_some_and(|last| last.contains("/quit")), "{printed:?}");
}

#[test]
fn a_code_is_typed_unseen_and_leads_to_its_room() {
    let Some((lan, mut ann, mut bob)) = pair() else {
        return;
    };
    let mut cleo = in_the_attic(&lan);
    ann.type_bytes(b"/join attic\r");
    ann.expect_line("/join attic", SOON);
    bob.say("hush");
    ann.expect_line("bob: hush", SOON);
    ann.type_bytes(CODE.as_bytes());
    ann.type_bytes(b"\r");
    cleo.expect(joined("ann"), SOON);
    ann.expect_line("you are ann in attic (private)", SOON);
    ann.type_bytes(b"seen\r");
    cleo.expect(said("ann", "seen"), SOON);
    ann.type_bytes(b"/join lobby\r");
    ann.expect_line("you are ann in lobby", SOON);
    ann.type_bytes(b"below\r/join attic\r");
    bob.expect(said("ann", "below"), SOON);
    ann.expect_line("you are ann in attic (private)", SOON);
    ann.type_bytes(b"no code again\r");
    cleo.expect(said("ann", "no code again"), SOON);
    leave_by_quit(&mut ann);
    let printed = ann.wait().stdout;
    for word in CODE.split(' ') {
        assert!(!printed.contains(word), "{word} is on the screen: {printed:?}");
    }
}

#[test]
fn a_code_that_is_made_is_shown_once() {
    let Some((lan, mut ann, _bob)) = pair() else {
        return;
    };
    ann.type_bytes(b"/room new attic\r");
    let line = ann.expect_line("the code of attic is shown only once: ", SOON);
    let code = line.rsplit(": ").next().unwrap_or_default().trim().to_owned();
    let cleo = lan.person("cleo");
    fs::write(cleo.home().join("code"), &code).unwrap();
    let file = cleo.home().join("code");
    let mut cleo = cleo.start(&["--json", "--room", "attic", "--room-code-file", file.to_str().unwrap()]);
    cleo.expect(joined("ann"), SOON);
    leave_by_quit(&mut ann);
    assert_eq!(ann.wait().stdout.matches(&code).count(), 1);
}

const CODE: &str = "able about above absent absorb abuse";

fn in_the_attic(lan: &Loopback) -> Program {
    let cleo = lan.person("cleo");
    let file = cleo.home().join("code");
    fs::write(&file, CODE).unwrap();
    let mut program = cleo.start(&["--json", "--room", "attic", "--room-code-file", file.to_str().unwrap()]);
    program.expect(ready(), SOON);
    program
}

fn leave_by_quit(ann: &mut Program) {
    ann.type_bytes(b"/quit\r");
}

fn leave_by_ctrl_c(ann: &mut Program) {
    ann.type_bytes(b"half\x03");
}

fn leave_by_ctrl_d(ann: &mut Program) {
    ann.type_bytes(b"\x04");
}

fn leave_by_signal(ann: &mut Program) {
    let line = ann.expect_line("pid ", SOON);
    let pid = line.trim().trim_start_matches("pid ");
    let kill = Command::new("kill").args(["-TERM", pid]).status();
    assert!(kill.is_ok_and(|status| status.success()));
}

/// Somebody at a terminal and somebody who is there already, if this system has `script`
fn pair() -> Option<(Loopback, Program, Program)> {
    if Command::new("script").arg("--version").output().is_err() {
        assert!(env::var("CI").as_deref() != Ok("true"), "install the package that has script");
        let _written = io::stderr().write_all(b"skipped: there is no script of util-linux here\n");
        return None;
    }
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").chat_ready();
    let chat = r#"sh -c 'echo "pid $$"; exec "$LANCHAT" $OPTIONS' && stty -a | grep -o '[^ ]*icanon.*'"#;
    let mut command = lan.person("ann").command("script");
    command.args(["-qec", chat, "/dev/null"]).env("LANCHAT", LANCHAT).env("TERM", "xterm");
    command.env("OPTIONS", format!("--plain --interface lo --port {} --name ann", lan.port()));
    let mut ann = Program::start("ann", command);
    ann.expect_line("bob joined", SOON);
    bob.expect(joined("ann"), SOON);
    Some((lan, ann, bob))
}
