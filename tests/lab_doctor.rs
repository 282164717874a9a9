//! `lanchat doctor` names what keeps hosts of one network apart

use std::{
    env,
    io::{self, Write as _},
    process::Command,
};

use lanchat_harness::{Ended, Host, Lab, Program, SOON, Value, all_meet, json, lab_or_skip};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn where_nothing_is_wrong_it_says_so_also_beside_a_chat_of_the_same_profile() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let (ann, _programs) = ann_and_bob_chat(&mut lab);
    let ended = examine(&ann);
    ended.assert_code(0);
    assert_eq!(problems(&ended), [""; 0], "{ended:?}");
    let bob = ended.event(json!({"code": "peer", "peer": {"name": "bob"}}));
    assert_eq!(bob["loss"]["answered"], 40, "{ended:?}");
    ended.event(json!({"code": "interface", "interface": "eth0", "severity": "ok"}));
    let shared = ended.event(json!({"code": "port_shared"}));
    assert!(shared["message"].as_str().is_some_and(|message| message.contains("lanchat")), "{shared}");
    ended.event(json!({"code": "healthy"}));
}

#[test]
fn a_port_that_is_blocked_here_is_told_with_the_command_that_opens_it() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let (ann, _programs) = ann_and_bob_chat(&mut lab);
    ann.firewall("udp dport 25252 drop");
    let ended = examine(&ann);
    ended.assert_code(1);
    assert_eq!(problems(&ended), ["own_broadcast_lost", "not_heard_here"], "{ended:?}");
    ended.event(json!({"code": "not_heard_here", "peer": {"name": "bob"}}));
    let lost = ended.event(json!({"code": "own_broadcast_lost", "interface": "eth0"}));
    let remedy = lost["remedy"].as_str().and_then(|remedy| remedy.strip_prefix("sudo ")).unwrap_or_default();
    assert!(remedy.ends_with("udp dport 25252-25268 accept"), "{ended:?}");
    assert!(ann.command("sh").args(["-c", remedy]).status().unwrap().success(), "{remedy}");
    examine(&ann).assert_code(0);
}

#[test]
fn a_port_that_is_blocked_there_is_told_from_here() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let (ann, _programs) = ann_and_bob_chat(&mut lab);
    lab.host("bob").firewall("udp dport 25252 drop");
    let ended = examine(&ann);
    ended.assert_code(1);
    assert_eq!(problems(&ended), ["not_heard_by_peer"], "{ended:?}");
    let deaf = ended.event(json!({"code": "not_heard_by_peer", "peer": {"name": "bob"}}));
    assert!(deaf["remedy"].as_str().is_some_and(|remedy| remedy.contains("25252 to 25268")), "{deaf}");
}

#[test]
fn a_firewall_that_lets_in_only_answers_is_told() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let (ann, _programs) = ann_and_bob_chat(&mut lab);
    ann.firewall(
        "ct state established accept\nudp dport 25252 accept\niifname \"eth0\" udp dport 25253-25268 drop",
    );
    let ended = examine(&ann);
    ended.assert_code(1);
    let blocked = ended.event(json!({"code": "answers_blocked", "peer": {"name": "bob"}}));
    assert!(blocked["remedy"].as_str().is_some_and(|remedy| remedy.contains("nft insert rule")), "{blocked}");
}

#[test]
fn an_address_without_a_broadcast_address_is_told() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let (ann, _bob) = (lab.host("ann"), lab.host("bob").chat_ready());
    ann.move_to("198.18.0.1/32");
    let ended = examine(&ann);
    ended.assert_code(1);
    assert_eq!(problems(&ended), ["no_broadcast_address"], "{ended:?}");
    ended.event(json!({"code": "no_broadcast_address", "interface": "eth0"}));
}

#[test]
fn a_host_of_another_network_on_the_same_wire_is_told() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let (ann, bob) = (lab.host("ann"), lab.host("bob"));
    bob.move_to("198.18.1.2/24");
    let _bob = bob.chat_ready();
    let ended = examine(&ann);
    ended.assert_code(1);
    assert_eq!(problems(&ended), ["other_subnet"], "{ended:?}");
    ended.event(json!({"code": "other_subnet", "peer": {"addr": "198.18.1.2"}}));
}

#[test]
fn a_program_that_holds_the_port_is_named() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(env::var("CI").as_deref() != Ok("true"), "python3 must be there under CI=true");
        let _written = io::stderr().write_all(b"skipped: there is no python3 here\n");
        return;
    }
    let ann = lab.host("ann");
    let mut python = ann.command("python3");
    python.args(["-c", HOLD]);
    let mut holder = Program::start("holder", python);
    holder.expect_line("held", SOON);
    let ended = examine(&ann);
    ended.assert_code(1);
    assert_eq!(problems(&ended), ["port_taken"], "{ended:?}");
    let taken = ended.event(json!({"code": "port_taken"}));
    let names = format!("process {}", holder.pid());
    assert!(taken["message"].as_str().is_some_and(|message| message.contains(&names)), "{taken}");
    let plain = ann.run(&["doctor"]);
    assert!(plain.assert_code(1).stdout.contains("!! UDP port 25252 is held by python"), "{plain:?}");
}

const HOLD: &str = "import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', 25252))
print('held', flush=True)
sys.stdin.read()";

#[test]
fn loss_is_told_one_way_and_the_other_and_nothing_else_is_blamed() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let (ann, _programs) = ann_and_bob_chat(&mut lab);
    lab.loss(20);
    let ended = examine(&ann);
    ended.assert_code(1);
    assert_eq!(problems(&ended), ["loss"], "{ended:?}");
    let loss = &ended.event(json!({"code": "loss", "peer": {"name": "bob"}}))["loss"];
    assert!(loss["there_percent"].is_u64() && loss["back_percent"].is_u64(), "{loss}");
}

#[test]
fn where_nobody_is_and_nothing_wrong_it_says_that() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let ended = examine(&lab.host("ann"));
    ended.assert_code(3);
    assert_eq!(problems(&ended), [""; 0], "{ended:?}");
    ended.event(json!({"code": "nobody"}));
}

fn ann_and_bob_chat(lab: &mut Lab) -> (Host, [Program; 2]) {
    let mut programs = ["ann", "bob"].map(|name| lab.host(name).chat_ready());
    all_meet(&mut programs, SOON);
    (lab.host("ann"), programs)
}

#[track_caller]
fn examine(host: &Host) -> Ended {
    host.run(&["--json", "doctor"])
}

/// The codes of all that is wrong
fn problems(ended: &Ended) -> Vec<&str> {
    let wrong = ended.events.iter().filter(|event| event["severity"] == "problem");
    wrong.filter_map(|event| event["code"].as_str()).collect()
}

#[test]
fn what_is_asked_for_wrongly_is_refused() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else { return };
    let ann = lab.host("ann");
    ann.run(&["--interface", "eth7", "doctor"]).assert_code(2).assert_one_sentence(&["eth7"]);
    ann.run(&["doctor", "--timeout", "soon"]).assert_code(2).assert_one_sentence(&["soon"]);
    let plain: Value = json!(ann.run(&["doctor", "--timeout", "700ms"]).assert_code(3).stdout);
    assert!(plain.as_str().is_some_and(|plain| plain.contains("nobody answers")), "{plain}");
}
