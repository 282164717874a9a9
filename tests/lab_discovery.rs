//! Hosts of one network find each other

use std::time::Duration;

use lanchat_harness::{
    Host, Only, SOON, Timings, Value, all_expect, all_meet, joined, json, lab_or_skip, left, nobody_goes_for,
    ready, said, start_all, until_heard, until_listed,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
const EIGHT: [&str; 8] = ["ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hal"];

#[test]
fn eight_hosts_that_start_together_all_list_seven_peers() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let mut programs = start_all(&lab.hosts(&EIGHT));
    all_meet(&mut programs, SOON);
    for program in &mut programs {
        program.say("/peers");
        let answer = program.expect(json!({"event": "peers"}), SOON);
        assert_eq!(answer["peers"].as_array().map(Vec::len), Some(7), "{answer:?}");
    }
}

#[test]
fn a_newcomer_is_known_to_all_and_knows_all() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let mut programs = start_all(&lab.hosts(&EIGHT));
    all_meet(&mut programs, SOON);
    let mut ivy = lab.host("ivy").chat();
    let open = ivy.expect(ready(), SOON).at;
    let mut timings = Timings::default();
    for event in all_expect(&mut programs, joined("ivy"), SOON) {
        timings.add(event.at.saturating_duration_since(open));
    }
    for name in EIGHT {
        ivy.expect(joined(name), SOON);
    }
    println!("a ninth is known to all after: {timings}");
}

#[test]
fn a_peers_address_is_the_hosts_own() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let mut ann = lab.host("ann").chat_ready();
    let bob = lab.host("bob");
    let _bob = bob.chat_ready();
    let address = ann.expect(joined("bob"), SOON).text("addr").to_owned();
    assert_eq!(address.rsplit_once(':').map(|(ip, _port)| ip.to_owned()), Some(bob.address()));
}

#[test]
fn a_host_without_a_network_says_so_and_talks_as_soon_as_it_has_one() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let mut bob = lab.host("bob").chat_ready();
    let host = lab.host("ann");
    let mut bare = host.command("ip");
    assert!(bare.args(["addr", "flush", "up"]).status().unwrap().success());
    for command in [["peers", "--timeout", "100ms"].as_slice(), &["send", "--timeout", "100ms", "hi"]] {
        host.run(command).assert_code(1).assert_one_sentence(&["no network"]);
    }
    let mut ann = host.chat_ready();
    ann.expect(json!({"event": "error", "code": "network"}), SOON);
    host.readdress(77);
    ann.expect(joined("bob"), SOON);
    bob.expect(joined("ann"), SOON);
    until_heard(&mut ann, &mut bob, SOON);
}

#[test]
fn at_20_percent_loss_all_find_each_other_and_nobody_is_called_gone() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    lab.loss(20);
    let mut programs = start_all(&lab.hosts(&EIGHT));
    all_meet(&mut programs, Duration::from_secs(20));
    nobody_goes_for(&mut programs, Duration::from_secs(15));
}

#[test]
#[ignore = "takes ten minutes"]
fn at_20_percent_loss_nobody_is_called_gone_for_ten_minutes() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    lab.loss(20);
    let mut programs = start_all(&lab.hosts(&EIGHT));
    all_meet(&mut programs, Duration::from_secs(20));
    nobody_goes_for(&mut programs, Duration::from_secs(600));
}

#[test]
fn a_host_that_gets_another_address_is_still_in_the_room() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let mut programs = start_all(&lab.hosts(&["ann", "bob", "cleo"]));
    all_meet(&mut programs, SOON);
    lab.host("ann").readdress(77);
    let [ann, others @ ..] = programs.as_mut_slice() else { panic!("three programs") };
    for other in others {
        until_heard(ann, other, Duration::from_secs(15));
        until_listed(other, |peers| peers.len() == 2 && peers.iter().any(is_moved_ann), SOON);
        other.assert_never(left("ann"));
    }
}

fn is_moved_ann(peer: &Value) -> bool {
    peer["name"] == "ann" && peer["addr"].as_str().is_some_and(|addr| addr.starts_with("198.18.0.77:"))
}

#[test]
fn where_broadcasts_do_not_get_through_those_who_name_each_other_talk() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let hosts = ["ann", "bob"].map(|name| lab.host(name));
    lab.take_only(Some(Only::Unicast));
    let addresses = hosts.each_ref().map(Host::address);
    let chat = |host: usize| hosts[host].person().start(&["--json", "--peer", &addresses[1 - host]]);
    let (mut ann, mut bob) = (chat(0), chat(1));
    ann.expect(joined("bob"), SOON);
    bob.expect(joined("ann"), SOON);
    ann.say("hello");
    bob.expect(said("ann", "hello"), SOON);
    bob.say("hello yourself");
    ann.expect(said("bob", "hello yourself"), SOON);
}

#[test]
fn where_only_broadcasts_get_through_all_are_found_and_heard() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let hosts = lab.hosts(&["ann", "bob", "cleo"]);
    lab.take_only(Some(Only::Broadcast));
    let mut programs = start_all(&hosts);
    all_meet(&mut programs, SOON);
    programs[0].say("hello");
    all_expect(&mut programs[1..], said("ann", "hello"), SOON);
}
