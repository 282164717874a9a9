//! The commands that do one thing and end

use std::fs::File;

use lanchat_harness::{Loopback, SOON, Stranger, Value, joined, json, left, ready, said, whispered};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn peers_prints_who_is_there_and_not_oneself() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bob = lan.person("bob").chat_ready();
    ann.expect(joined("bob"), SOON);
    bob.expect(joined("ann"), SOON);
    let ended = lan.person("cleo").run(&["peers", "--json"]);
    let answer = ended.assert_code(0).event(json!({"event": "peers"}));
    assert_eq!(names(answer), ["ann", "bob"]);
    let ended = lan.person("cleo").run(&["peers"]);
    ended.assert_code(0);
    assert!(ended.stdout.contains("ann") && ended.stdout.contains("bob"), "{ended:?}");
}

#[test]
fn peers_that_is_interrupted_does_not_say_that_nobody_answered() {
    let lan = Loopback::new(LANCHAT);
    let stranger = Stranger::on_port(lan.port());
    let mut looking = lan.person("ann").start(&["peers", "--timeout", "1m"]);
    assert_eq!(stranger.overhear(1, SOON).len(), 1);
    looking.interrupt();
    looking.wait().assert_code(1).assert_one_sentence(&["interrupted"]);
}

#[test]
fn asked_for_it_tells_what_the_sockets_do() {
    let lan = Loopback::new(LANCHAT);
    let ended = lan.person("ann").run(&["-v", "peers", "--timeout", "10ms"]);
    assert!(ended.assert_code(3).stderr.contains("link open"), "{ended:?}");
}

#[test]
fn send_says_a_line_to_all() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    lan.person("bob").run(&["send", "the", "build", "is", "green"]).assert_code(0);
    ann.expect(said("bob", "the build is green"), SOON);
    ann.expect(left("bob"), SOON);
}

#[test]
fn send_to_one_ends_when_it_is_delivered() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut cleo = lan.person("cleo").chat_ready();
    let send = ["send", "--to", "ann", "--wait", "delivered", "your", "turn"];
    lan.person("bob").run(&send).assert_code(0);
    ann.expect(whispered("bob", "your turn"), SOON);
    cleo.expect(left("bob"), SOON);
    cleo.assert_never(json!({"event": "whisper"}));
}

#[test]
fn send_with_nobody_there_exits_3_with_one_sentence() {
    let lan = Loopback::new(LANCHAT);
    let ended = lan.person("bob").run(&["send", "--timeout", "1s", "anyone?"]);
    ended.assert_code(3).assert_one_sentence(&[]);
}

#[test]
fn send_to_somebody_who_is_not_there_exits_3_with_one_sentence() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let send = ["send", "--to", "cleo", "--wait", "delivered", "--timeout", "1s", "hello"];
    lan.person("bob").run(&send).assert_code(3).assert_one_sentence(&["cleo"]);
    ann.expect(left("bob"), SOON);
    ann.assert_never(json!({"text": "hello"}));
}

#[test]
fn send_to_a_name_that_two_share_exits_2_and_lists_both() {
    let lan = Loopback::new(LANCHAT);
    let mut bobs = ["one", "other"].map(|home| lan.person(home).named("bob").chat());
    let ids = bobs.each_mut().map(|bob| bob.expect(ready(), SOON).text("id").to_owned());
    let [one, other] = &ids;
    lan.person("ann").run(&["send", "--to", "bob", "hi"]).assert_code(2).assert_one_sentence(&[one, other]);
    lan.person("ann").run(&["send", "--to", one, "--wait", "delivered", "hi"]).assert_code(0);
    bobs[0].expect(whispered("ann", "hi"), SOON);
}

#[test]
fn listen_prints_so_many_lines_and_ends() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let listener = lan.person("listener").start(&["listen", "--json", "--count", "2"]);
    ann.expect(joined("listener"), SOON);
    for line in ["one", "two", "three"] {
        ann.say(line);
    }
    let ended = listener.wait();
    ended.assert_code(0);
    let texts: Vec<&Value> =
        ended.events.iter().filter(|event| event["event"] == "message").map(|event| &event["text"]).collect();
    assert_eq!(texts, ["one", "two"]);
    ann.expect(left("listener"), SOON);
}

#[test]
fn an_id_stays_the_same_and_every_profile_has_its_own() {
    let lan = Loopback::new(LANCHAT);
    let id = |arguments: &[&str]| {
        let ended = lan.person("ann").run(&[arguments, &["id", "--json"]].concat());
        ended.assert_code(0).event(|event: &Value| event["id"].is_string())["id"].clone()
    };
    let (first, again) = (id(&[]), id(&[]));
    assert_eq!(first, again);
    let bob = id(&["--profile", "bob"]);
    assert_ne!(bob, first);
    assert_eq!(bob, id(&["--profile", "bob"]));
    assert_ne!(id(&["--ephemeral"]), id(&["--ephemeral"]));
}

#[test]
fn a_profile_in_use_by_what_does_not_answer_is_refused_with_the_two_ways_out() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    ann.run(&["id"]).assert_code(0);
    let lock = File::options().write(true).open(ann.data_dir().join("default/lock")).unwrap();
    lock.lock().unwrap();
    ann.run(&["peers"]).assert_code(1).assert_one_sentence(&["--profile", "--ephemeral"]);
    drop(lock);
    let mut first = ann.chat_ready();
    for way_out in [["--profile", "bob"].as_slice(), &["--ephemeral"]] {
        let ended = ann.named("bob").run(&[way_out, &["send", "I am bob"]].concat());
        ended.assert_code(0);
        first.expect(said("bob", "I am bob"), SOON);
    }
}

fn names(peers: &Value) -> Vec<&str> {
    let mut names: Vec<&str> =
        peers["peers"].as_array().into_iter().flatten().filter_map(|p| p["name"].as_str()).collect();
    names.sort_unstable();
    names
}
