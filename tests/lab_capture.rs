//! What somebody who captures all that passes a switch can read, and what not

#![cfg(test)]

use std::fs;

use lanchat_harness::{
    Host, Program, SOON, all_expect, all_meet, delivery, lab_or_skip, left, said, tshark_or_skip, whisper_to,
    whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
/// Nothing here is so short that it could turn up by chance
const NAMES: [&str; 3] = ["annabel", "bobbie", "cecilia"];
const LINE: &str = "the ferry leaves at midnight";
const SECRETS: [&str; 2] = ["meet me behind the greenhouse", "nobody must know about it"];
const CODE: &str = "walnut velvet umbrella tornado sausage galaxy";

#[test]
fn an_open_room_can_be_read_and_a_whisper_in_it_cannot() {
    let Some(frames) = captured(&[]) else { return };
    for part in NAMES.iter().chain([&LINE]) {
        assert!(is_in(&frames, part), "{part} is not found: nothing could be");
    }
    for part in SECRETS {
        assert!(!is_in(&frames, part), "{part} can be read");
    }
}

#[test]
fn nothing_of_a_private_room_can_be_read() {
    let Some(frames) = captured(&["--room", "hideaway", "--room-code-file", "code"]) else { return };
    let sealed = frames.iter().filter(|frame| frame.windows(7).any(is_sealed)).count();
    assert!(sealed > 30, "{sealed} datagrams of a private room");
    let code = CODE.split(' ').chain([CODE]).map(str::to_owned).chain([CODE.replace(' ', "-")]);
    let said = NAMES.iter().chain(&SECRETS).chain([&LINE, &"hideaway"]).map(ToString::to_string);
    for part in code.chain(said) {
        assert!(!is_in(&frames, &part), "{part} can be read");
    }
}

/// All that passes the switch while three come with these arguments, talk, whisper and leave
fn captured(arguments: &[&str]) -> Option<Vec<Vec<u8>>> {
    if !tshark_or_skip() {
        return None;
    }
    let mut lab = lab_or_skip(LANCHAT)?;
    let hosts = lab.hosts(&NAMES);
    let capture = lab.capture("frames");
    let mut programs: Vec<Program> = hosts.iter().map(|host| start(host, arguments)).collect();
    all_meet(&mut programs, SOON);
    let [annabel, bobbie, _] = programs.as_mut_slice() else { panic!("three programs") };
    whisper(annabel, bobbie, SECRETS[0]);
    whisper(bobbie, annabel, SECRETS[1]);
    programs[0].say(LINE);
    all_expect(&mut programs[1..], said("annabel", LINE), SOON);
    programs[2].say("/quit");
    all_expect(&mut programs[..2], left("cecilia"), SOON);
    Some(capture.end())
}

fn whisper(one: &mut Program, other: &mut Program, secret: &str) {
    one.say(&format!("/msg {} {secret}", other.name()));
    let whisper = one.expect(whisper_to(secret), SOON);
    other.expect(whispered(one.name(), secret), SOON);
    one.expect(delivery(&whisper["id"], "delivered"), SOON);
}

fn start(host: &Host, arguments: &[&str]) -> Program {
    let code = host.person().home().join("code");
    fs::write(&code, CODE).unwrap();
    let path = code.to_str().unwrap();
    let arguments = arguments.iter().map(|argument| if *argument == "code" { path } else { argument });
    host.person().start(&["--json"].into_iter().chain(arguments).collect::<Vec<_>>())
}

fn is_in(frames: &[Vec<u8>], part: &str) -> bool {
    frames.iter().any(|frame| frame.windows(part.len()).any(|bytes| bytes == part.as_bytes()))
}

/// The beginning of a header, with the flag of private rooms
fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"LNCT\x01") && bytes[6] == 1
}
