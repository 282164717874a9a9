//! A host floods the network with 20,000 datagrams a second, of all that is no good

use std::time::Duration;

use lanchat_harness::{
    Program, SOON, all_hear_all, all_meet, attacker, flood, json, lab_or_skip, ready, start_all,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

/// What a program may take of memory, whatever arrives
const MOST_MEMORY: u64 = 64 << 20;

#[test]
fn two_talk_through_a_flood_and_nothing_is_lost() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let mut programs = start_all(&lab.hosts(&["ann", "bob"]));
    all_meet(&mut programs, SOON);
    let mut mallory = attacker(&lab.host("mallory"));
    mallory.expect(ready(), SOON);
    all_hear_all(&mut programs, 2, 200, Duration::from_millis(20));
    let most = programs.iter().map(Program::most_memory).max();
    assert!(most < Some(MOST_MEMORY), "{most:?} bytes");
    mallory.close_input();
    let sent = mallory.expect(json!({"event": "sent"}), SOON);
    assert!(sent["datagrams"].as_u64() > Some(10_000), "hardly a flood: {}", sent.json);
}

#[test]
#[ignore = "not a test: other tests run it on a host of the lab"]
fn the_attacker() {
    flood(20_000);
}
