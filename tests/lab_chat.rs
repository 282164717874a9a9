//! What is said on one host arrives on the others

use std::time::Duration;

use lanchat_harness::{
    Lab, Program, SOON, all_expect, all_hear_all, all_meet, delivery, json, lab_or_skip, said, start_all,
    whisper_to, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
const SIX: [&str; 6] = ["ann", "bob", "cleo", "dan", "eve", "finn"];

#[test]
fn a_line_reaches_all_and_a_whisper_one() {
    let Some((_lab, mut programs)) = room() else {
        return;
    };
    let [ann, bob, others @ ..] = programs.as_mut_slice() else { panic!("six programs") };
    ann.say("/msg bob psst");
    let whisper = ann.expect(whisper_to("psst"), SOON);
    bob.expect(whispered("ann", "psst"), SOON);
    ann.expect(delivery(&whisper["id"], "delivered"), SOON);
    ann.say("hello, all");
    bob.expect(said("ann", "hello, all"), SOON);
    all_expect(others, said("ann", "hello, all"), SOON);
    for other in others {
        other.assert_never(json!({"event": "whisper"}));
    }
}

#[test]
fn a_long_line_arrives_whole() {
    let Some((_lab, mut programs)) = room() else {
        return;
    };
    let long = "čž漢".repeat(8_000 / 7);
    programs[0].say(&long);
    all_expect(&mut programs, said("ann", &long), SOON);
}

#[test]
fn whispers_are_delivered_once_at_20_percent_loss() {
    let Some((mut lab, mut programs)) = room() else {
        return;
    };
    lab.loss(20);
    let [ann, bob, ..] = programs.as_mut_slice() else { panic!("six programs") };
    let secrets: Vec<String> = (0..20).map(|number| format!("secret {number}")).collect();
    for secret in &secrets {
        ann.say(&format!("/msg bob {secret}"));
    }
    for secret in &secrets {
        let whisper = ann.expect(whisper_to(secret), SOON);
        ann.expect(delivery(&whisper["id"], "delivered"), Duration::from_secs(20));
        bob.expect(whispered("ann", secret), SOON);
    }
    let heard = bob.events(json!({"event": "whisper", "from": {"name": "ann"}}));
    assert_eq!(heard.len(), secrets.len(), "a whisper was shown twice");
}

#[test]
fn four_talk_at_once_and_everyone_has_everything_in_order_once() {
    let Some((_lab, mut programs)) = room() else {
        return;
    };
    all_hear_all(&mut programs, 4, 100, Duration::from_millis(20));
}

#[test]
fn lines_typed_all_at_once_arrive_in_order_once() {
    let Some((_lab, mut programs)) = room() else {
        return;
    };
    all_hear_all(&mut programs, 1, 200, Duration::ZERO);
}

#[test]
fn a_script_sends_to_a_host_and_waits_until_it_is_delivered() {
    let Some((mut lab, mut programs)) = room() else {
        return;
    };
    let script = lab.host("script");
    script.run(&["send", "--to", "bob", "--wait", "delivered", "done"]).assert_code(0);
    programs[1].expect(whispered("script", "done"), SOON);
    lab.unplug("bob");
    let ended = script.run(&["send", "--to", "bob", "--wait", "delivered", "--timeout", "2s", "again"]);
    ended.assert_code(3).assert_one_sentence(&["bob"]);
}

/// Six hosts that know each other
fn room() -> Option<(Lab, Vec<Program>)> {
    let mut lab = lab_or_skip(LANCHAT)?;
    let mut programs = start_all(&lab.hosts(&SIX));
    all_meet(&mut programs, SOON);
    Some((lab, programs))
}
