//! What the program generates for shells and for `man`

use std::{
    env,
    io::{self, Write},
    process::{Command, Stdio},
};

use lanchat_harness::Loopback;

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn every_shell_gets_completions_that_name_the_commands_and_options() {
    let lan = Loopback::new(LANCHAT);
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let ended = lan.person("ann").run(&["completions", shell]);
        let script = &ended.assert_code(0).stdout;
        for word in ["history", "listen", "doctor", "room-code-file", "timeout"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    lan.person("ann").run(&["completions", "tcsh"]).assert_code(2).assert_one_sentence(&["tcsh"]);
}

#[test]
fn bash_completes_with_them() {
    let lan = Loopback::new(LANCHAT);
    let script = lan.person("ann").run(&["completions", "bash"]).stdout;
    if Command::new("bash").arg("--version").output().is_err() {
        let _written = io::stderr().write_all(b"skipped: there is no bash here\n");
        return;
    }
    let tried = "\nCOMP_WORDS=(lanchat his); COMP_CWORD=1; COMP_LINE='lanchat his'; COMP_POINT=11
_lanchat lanchat his lanchat; echo \"${COMPREPLY[@]}\"
COMP_WORDS=(lanchat send --wait d); COMP_CWORD=3
_lanchat lanchat d --wait; echo \"${COMPREPLY[@]}\"\n";
    let mut bash = Command::new("bash");
    let mut bash = bash.args(["--norc", "-s"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all((script + tried).as_bytes()).unwrap();
    let output = bash.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "history\ndelivered\n");
}

#[test]
fn man_has_a_page_of_the_program_and_of_each_command() {
    let lan = Loopback::new(LANCHAT);
    let whole = lan.person("ann").run(&["man"]);
    let page = &whole.assert_code(0).stdout;
    assert!(page.contains(".TH lanchat 1") && page.contains("LANCHAT_ROOM"), "{page}");
    let page = lan.person("ann").run(&["man", "send"]);
    let page = &page.assert_code(0).stdout;
    assert!(page.contains("lanchat\\-send") && page.contains("\\-\\-wait"), "{page}");
    lan.person("ann").run(&["man", "dance"]).assert_code(2).assert_one_sentence(&["dance"]);
}

#[test]
fn a_damaged_config_file_keeps_nobody_from_the_manual() {
    let lan = Loopback::new(LANCHAT);
    lan.person("ann").run(&["--config", "/nowhere", "man"]).assert_code(0);
}
