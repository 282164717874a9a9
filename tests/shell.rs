//! A shell script does its work with the commands and the JSON of the contract
#![cfg(target_os = "linux")]

use lanchat_harness::{Loopback, Program, SOON, joined, said, whispered};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

/// Waits for the person who is to review, asks them, and prints their answer
const SCRIPT: &str = r#"
set -eu
until "$LANCHAT" $OPTIONS --ephemeral --name script peers --json | grep -q '"name":"ann"'; do :; done
"$LANCHAT" $OPTIONS --ephemeral --name script send 'the build is green'
mkfifo "$HOME/heard"
timeout 20 "$LANCHAT" $OPTIONS --ephemeral --name ear listen --json --count 1 >"$HOME/heard" &
answer=$(sed -n 's/.*"event":"message".*"text":"\([^"]*\)".*/\1/p' "$HOME/heard")
wait $!
if "$LANCHAT" $OPTIONS --ephemeral --name script send --to nobody --wait delivered --timeout 1s x 2>"$HOME/why"
then exit 9
else code=$?
fi
"$LANCHAT" $OPTIONS --ephemeral --name script send --to ann --wait delivered 'you are welcome'
echo "answer: $answer, code: $code, sentences: $(wc -l <"$HOME/why")"
"#;

#[test]
fn a_script_sees_who_is_there_talks_and_listens() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let script = lan.person("script");
    let mut command = script.command("sh");
    command.args(["-c", SCRIPT]).env("LANCHAT", LANCHAT);
    command.env("OPTIONS", format!("--interface lo --port {}", lan.port()));
    let mut shell = Program::start("script", command);
    ann.expect(said("script", "the build is green"), SOON);
    ann.expect(joined("ear"), SOON);
    ann.say("thanks");
    ann.expect(whispered("script", "you are welcome"), SOON);
    let words = shell.expect_line("answer:", SOON);
    assert_eq!(words.replace("  ", ""), "answer: thanks, code: 3, sentences: 1");
    shell.wait().assert_code(0);
}

#[test]
fn a_reader_who_takes_his_time_gets_everything() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let listen =
        r#""$LANCHAT" $OPTIONS listen --json --count 2000 | { sleep 2; grep -c '"event":"message"'; }"#;
    let mut shell = shell(&lan, listen);
    ann.expect(joined("ear"), SOON);
    let lines: String = (0..2000).map(|number| format!("line {number}\n")).collect();
    ann.type_bytes(lines.as_bytes());
    shell.expect_line("2000", SOON);
    shell.wait().assert_code(0);
}

#[test]
fn a_reader_who_goes_away_is_no_error() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let script = r#"{
        { "$LANCHAT" $OPTIONS listen; echo "code $?" >&3; } | { head -1; exec <&-; echo gone; }
    } 3>&1"#;
    let mut shell = shell(&lan, script);
    shell.expect_line("gone", SOON);
    ann.say("is nobody listening?");
    shell.expect_line("code 0", SOON);
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let lan = Loopback::new(LANCHAT);
    let ended = shell(&lan, r#"exec "$LANCHAT" $OPTIONS listen >/dev/full"#).wait();
    ended.assert_code(1).assert_one_sentence(&["standard output"]);
}

/// Runs a script that starts lanchat as somebody called ear
fn shell(lan: &Loopback, script: &str) -> Program {
    let mut command = lan.person("script").command("sh");
    command.args(["-c", script]).env("LANCHAT", LANCHAT);
    command.env("OPTIONS", format!("--interface lo --port {} --ephemeral --name ear", lan.port()));
    Program::start("script", command)
}
