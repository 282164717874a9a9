//! Whatever is wrong with what the user asks for or has: one sentence that says what to do

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};

use lanchat_harness::{Loopback, Program, SOON, Value, all_meet, error, said};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn an_unknown_option_is_a_usage_error() {
    let lan = Loopback::new(LANCHAT);
    let ended = lan.person("ann").run(&["--colour-of-the-bikeshed"]);
    ended.assert_code(2).assert_one_sentence(&["--colour-of-the-bikeshed"]);
}

#[test]
fn an_unknown_interface_is_named() {
    let lan = Loopback::new(LANCHAT);
    let port = lan.port().to_string();
    let options = ["--port", &port, "--interface", "nonesuch0"].map(str::to_owned);
    let ended = lan.person_with("ann", &options).run(&[]);
    ended.assert_code(2).assert_one_sentence(&["nonesuch0"]);
}

#[test]
fn a_port_that_another_program_keeps_for_itself_is_named() {
    let lan = Loopback::new(LANCHAT);
    let _taken = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, lan.port())).unwrap();
    let ended = lan.person("ann").run(&[]);
    ended.assert_code(1).assert_one_sentence(&[&lan.port().to_string(), "--port"]);
}

#[test]
fn a_key_file_of_garbage_is_named_and_left_alone() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    ann.run(&["id"]).assert_code(0);
    let key = key_file(ann.data_dir());
    fs::write(&key, b"not a key at all").unwrap();
    let ended = ann.run(&["id"]);
    ended.assert_code(1).assert_one_sentence(&[key.to_str().unwrap()]);
    assert_eq!(fs::read(&key).unwrap(), b"not a key at all");
}

#[test]
fn a_key_that_cannot_be_read_is_named() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    ann.run(&["id"]).assert_code(0);
    let key = key_file(ann.data_dir());
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    ann.run(&["id"]).assert_code(1).assert_one_sentence(&[key.to_str().unwrap()]);
}

#[test]
fn a_data_directory_that_cannot_be_is_named() {
    let lan = Loopback::new(LANCHAT);
    let file = lan.scratch().join("file");
    fs::write(&file, "").unwrap();
    let ann = lan.person("ann").with_data_dir(&file.join("data"));
    ann.run(&["id"]).assert_code(1).assert_one_sentence(&[file.to_str().unwrap()]);
    ann.run(&["--ephemeral", "id"]).assert_code(0);
}

#[test]
fn names_that_hide_something_or_are_too_long_are_refused() {
    let lan = Loopback::new(LANCHAT);
    let too_long = "n".repeat(65);
    for name in ["a\u{1b}[31mb", "a\u{202e}b", "a\u{200b}b", "line\nbreak", "", &too_long] {
        let ended = lan.person("ann").named(name).run(&[]);
        ended.assert_code(2).assert_one_sentence(&[]);
        assert!(!ended.stderr.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{:?}", ended.stderr);
    }
}

#[test]
fn a_bad_new_name_is_an_error_and_the_old_one_stays() {
    let (_lan, [mut ann, mut bob]) = pair();
    ann.say("/name a\u{202e}b");
    ann.expect(error(), SOON);
    ann.say("still me");
    bob.expect(said("ann", "still me"), SOON);
}

#[test]
fn a_line_over_the_limit_is_an_error_and_one_at_the_limit_is_said() {
    let (_lan, [mut ann, mut bob]) = pair();
    ann.say(&"x".repeat(8_001));
    ann.expect(error(), SOON);
    ann.say(&"y".repeat(1_000_000));
    ann.expect(error(), SOON);
    let longest = "é".repeat(4_000);
    ann.say(&longest);
    bob.expect(said("ann", &longest), SOON);
    bob.assert_never(|event: &Value| event["text"].as_str().is_some_and(|text| text.starts_with(['x', 'y'])));
}

#[test]
fn input_that_is_not_utf8_does_not_end_the_chat() {
    let (_lan, [mut ann, mut bob]) = pair();
    ann.type_bytes(b"caf\xe9 \xff\xfe\n");
    ann.say("and on");
    bob.expect(said("ann", "and on"), SOON);
}

#[test]
fn a_variable_that_makes_no_sense_is_named() {
    let lan = Loopback::new(LANCHAT);
    let mut command = lan.person_with("ann", &[]).command(LANCHAT);
    command.env("LANCHAT_PORT", "many").args(["--interface", "lo", "id"]);
    let ended = Program::start("ann", command).wait();
    ended.assert_code(2).assert_one_sentence(&["port"]);
}

#[test]
fn an_option_that_is_typed_goes_before_the_variable_of_its_opposite() {
    let lan = Loopback::new(LANCHAT);
    for (typed, variable, is_json) in [("--plain", "LANCHAT_JSON", false), ("--json", "LANCHAT_PLAIN", true)]
    {
        for arguments in [[typed, "id"], ["id", typed]] {
            let mut command = lan.person_with("ann", &[]).command(LANCHAT);
            command.env(variable, "1").arg("--ephemeral").args(arguments);
            let ended = Program::start("ann", command).wait();
            assert_eq!(ended.assert_code(0).stdout.starts_with('{'), is_json, "{ended:?}");
        }
    }
}

#[test]
fn a_config_file_that_makes_no_sense_is_named() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let folder = ann.home().join("config/lanchat");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "name = [1, 2").unwrap();
    ann.run(&["id"]).assert_code(2).assert_one_sentence(&["config.toml"]);
}

fn pair() -> (Loopback, [Program; 2]) {
    let lan = Loopback::new(LANCHAT);
    let mut programs = ["ann", "bob"].map(|name| lan.person(name).chat_ready());
    all_meet(&mut programs, SOON);
    (lan, programs)
}

/// The file under `folder` that has a key's name
fn key_file(folder: &Path) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if entry.file_name().to_string_lossy().contains("key") {
                return path;
            }
        }
    }
    panic!("no key under {}", folder.display());
}
