//! The lab does what its verbs say, tried with a program that only shouts

use std::time::Duration;

use lanchat_harness::{Host, Lab, Program, SOON, Value, json, lab_or_skip, ready};

const SHOUT: &str = env!("CARGO_BIN_EXE_shout");

#[test]
fn a_broadcast_reaches_every_host_and_its_address_is_the_hosts_own() {
    let Some(mut lab) = lab_or_skip(SHOUT) else { return };
    let [mut ann, mut bob, mut cleo] = three(&mut lab);
    ann.say("hello");
    for listener in [&mut bob, &mut cleo] {
        listener.expect(json!({"event": "heard", "text": "hello", "from": "198.18.0.1"}), SOON);
    }
}

#[test]
fn who_is_unplugged_hears_nothing_until_plugged_in_again() {
    let Some(mut lab) = lab_or_skip(SHOUT) else { return };
    let [mut ann, mut bob, mut cleo] = three(&mut lab);
    lab.unplug("bob");
    ann.say("without you");
    cleo.expect(heard("without you"), SOON);
    lab.plug("bob");
    until_heard(&mut ann, &mut bob, "again");
    bob.assert_never(heard("without you"));
}

#[test]
fn groups_of_a_partition_hear_only_themselves_until_it_heals() {
    let Some(mut lab) = lab_or_skip(SHOUT) else { return };
    let [mut ann, mut bob, mut cleo] = three(&mut lab);
    lab.partition(&[&["ann"], &["bob", "cleo"]]);
    ann.say("alone");
    ann.expect(heard("alone"), SOON);
    bob.say("two of us");
    cleo.expect(heard("two of us"), SOON);
    lab.heal();
    until_heard(&mut ann, &mut cleo, "together");
    cleo.assert_never(heard("alone"));
    ann.assert_never(heard("two of us"));
}

#[test]
fn who_is_muffled_is_heard_only_by_some() {
    let Some(mut lab) = lab_or_skip(SHOUT) else { return };
    let [mut ann, mut bob, mut cleo] = three(&mut lab);
    lab.muffle("ann", &["bob"]);
    ann.say("only you");
    bob.expect(heard("only you"), SOON);
    bob.say("all");
    for listener in [&mut ann, &mut cleo] {
        listener.expect(heard("all"), SOON);
    }
    lab.unmuffle();
    ann.say("again");
    cleo.expect(heard("again"), SOON);
    cleo.assert_never(heard("only you"));
}

#[test]
fn every_receiver_draws_its_own_die_when_packets_are_lost() {
    let Some(mut lab) = lab_or_skip(SHOUT) else { return };
    lab.loss(30);
    let [mut ann, mut bob, mut cleo] = three(&mut lab);
    for hundred in 0..10 {
        for number in 0..100 {
            ann.say(&format!("{hundred}{number:02}"));
        }
        until_heard(&mut ann, &mut bob, &format!("pause {hundred}"));
    }
    lab.loss(0);
    let [bobs, cleos] = [&mut bob, &mut cleo].map(|listener| {
        until_heard(&mut ann, listener, "the end");
        texts(listener)
    });
    for heard in [&bobs, &cleos] {
        assert!((550..850).contains(&heard.len()), "{} of 1000 came through 30% loss", heard.len());
    }
    assert_ne!(bobs, cleos, "two hosts lost the very same packets");
}

#[test]
fn a_host_that_gets_another_address_talks_from_there() {
    let Some(mut lab) = lab_or_skip(SHOUT) else { return };
    let [mut ann, mut bob, _cleo] = three(&mut lab);
    lab.host("ann").readdress(77);
    ann.say("moved");
    bob.expect(json!({"event": "heard", "text": "moved", "from": "198.18.0.77"}), SOON);
}

#[test]
fn the_process_on_a_host_is_the_program_itself() {
    let Some(mut lab) = lab_or_skip(SHOUT) else { return };
    let ann = shout(&lab.host("ann"));
    let started = std::fs::read_to_string(format!("/proc/{}/comm", ann.pid())).unwrap();
    assert_eq!(started.trim(), "shout");
}

fn three(lab: &mut Lab) -> [Program; 3] {
    ["ann", "bob", "cleo"].map(|name| shout(&lab.host(name)))
}

fn shout(host: &Host) -> Program {
    let mut program = Program::start("shout", host.command(SHOUT));
    program.expect(ready(), SOON);
    program
}

fn heard(text: &str) -> Value {
    json!({"event": "heard", "text": text})
}

/// Says it again and again: a link that has just come up may still drop
fn until_heard(speaker: &mut Program, listener: &mut Program, text: &str) {
    for _try in 0..200 {
        speaker.say(text);
        if !listener.events(heard(text)).is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    listener.expect(heard(text), SOON);
}

fn texts(listener: &mut Program) -> Vec<String> {
    let heard = listener.events(json!({"event": "heard"}));
    heard.iter().map(|event| event.text("text").to_owned()).filter(|text| text != "end").collect()
}
