//! One person in several windows: one program runs the node, the others attach, and one of them goes on when it ends

use lanchat_harness::{
    Loopback, Person, Program, SOON, changed, delivery, gone, joined, json, left, ready, said, said_by_me,
    whisper_to, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

/// Somebody in two windows, of which the first runs the node, and bob, who is somebody else
fn two_windows(lan: &Loopback) -> (Person, Program, Program, Program) {
    let person = lan.person("ann");
    let mut first = person.chat_ready();
    let mut bob = lan.person("bob").chat_ready();
    bob.expect(joined("ann"), SOON);
    first.expect(joined("bob"), SOON);
    let mut second = person.chat_ready();
    second.expect(joined("bob"), SOON);
    (person, first, second, bob)
}

/// The texts of what a window showed of bob, in order
fn heard(window: &mut Program) -> Vec<String> {
    let lines = window.events(json!({"event": "message", "from": {"name": "bob"}}));
    lines.iter().map(|line| line.text("text").to_owned()).collect()
}

#[test]
fn two_windows_are_one_person_and_each_shows_everything_once() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, mut bob) = two_windows(&lan);
    assert_eq!(first.events(ready())[0]["id"], second.events(ready())[0]["id"]);
    second.say("from the second window");
    first.say("from the first window");
    for text in ["from the second window", "from the first window"] {
        bob.expect(said("ann", text), SOON);
        first.expect(said_by_me(text), SOON);
        second.expect(said_by_me(text), SOON);
    }
    bob.say("to both");
    bob.say("/msg ann psst");
    for window in [&mut first, &mut second] {
        window.expect(said("bob", "to both"), SOON);
        window.expect(whispered("bob", "psst"), SOON);
    }
    second.say("/msg bob and to you");
    let whisper = second.expect(whisper_to("and to you"), SOON);
    second.expect(delivery(&whisper["id"], "delivered"), SOON);
    first.expect(whisper_to("and to you"), SOON);
    second.say("/peers");
    second.expect(json!({"event": "peers"}), SOON);
    second.say("/msg nobody hello");
    second.expect(json!({"event": "error", "code": "unknown_peer"}), SOON);
    first.say("done");
    first.expect(said_by_me("done"), SOON);
    first.assert_never(json!({"event": "peers"}));
    first.assert_never(json!({"event": "error", "code": "unknown_peer"}));
    for window in [&mut first, &mut second] {
        assert_eq!(heard(window), ["to both"]);
    }
    assert_eq!(bob.events(joined("ann")).len(), 1);
}

#[test]
fn when_the_first_is_killed_the_second_goes_on_and_nobody_notices() {
    let lan = Loopback::new(LANCHAT);
    let (person, mut first, mut second, mut bob) = two_windows(&lan);
    let mut third = person.chat_ready();
    third.expect(joined("bob"), SOON);
    bob.say("before");
    for window in [&mut second, &mut third] {
        window.expect(said("bob", "before"), SOON);
    }
    first.kill9();
    bob.say("meanwhile");
    second.say("still here");
    third.say("so am I");
    for text in ["still here", "so am I"] {
        bob.expect(said("ann", text), SOON);
        second.expect(said_by_me(text), SOON);
        third.expect(said_by_me(text), SOON);
    }
    bob.say("after");
    for window in [&mut second, &mut third] {
        window.expect(said("bob", "meanwhile"), SOON);
        window.expect(said("bob", "after"), SOON);
        assert_eq!(heard(window), ["before", "meanwhile", "after"]);
        assert_eq!(window.events(ready()).len(), 1);
        assert_eq!(window.events(joined("bob")).len(), 1);
    }
    second.kill9();
    third.say("and now alone");
    bob.expect(said("ann", "and now alone"), SOON);
    assert_eq!(bob.events(json!({"event": "message", "from": {"name": "ann"}})).len(), 3);
    for gone in [left("ann"), gone("ann")] {
        bob.assert_never(gone);
    }
}

#[test]
fn a_line_that_the_killed_program_did_not_say_is_said_once_by_the_next() {
    let lan = Loopback::new(LANCHAT);
    for round in 0..5 {
        let (_, mut first, mut second, mut bob) = two_windows(&lan);
        let lines: Vec<String> = (0..20).map(|number| format!("{round}: line {number}")).collect();
        for (number, line) in lines.iter().enumerate() {
            second.say(line);
            if number == 4 * round {
                first.kill9();
            }
        }
        for line in &lines {
            bob.expect(said("ann", line), SOON);
            second.expect(said_by_me(line), SOON);
        }
        let told = bob.events(json!({"event": "message", "from": {"name": "ann"}}));
        let told: Vec<&str> =
            told.iter().filter(|line| line["past"] != true).map(|line| line.text("text")).collect();
        assert_eq!(told, lines);
        for window in [bob, second] {
            let mut window = window;
            window.close_input();
            window.wait().assert_code(0);
        }
    }
}

#[test]
fn when_the_first_is_closed_the_second_goes_on_and_nobody_notices() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, mut bob) = two_windows(&lan);
    first.say("bye, window");
    first.close_input();
    first.wait().assert_code(0);
    second.expect(said_by_me("bye, window"), SOON);
    second.say("/msg bob it is still me");
    let whisper = second.expect(whisper_to("it is still me"), SOON);
    second.expect(delivery(&whisper["id"], "delivered"), SOON);
    bob.expect(whispered("ann", "it is still me"), SOON);
    bob.say("after");
    second.expect(said("bob", "after"), SOON);
    assert_eq!(second.events(joined("bob")).len(), 1);
    for gone in [left("ann"), gone("ann")] {
        bob.assert_never(gone);
    }
    second.close_input();
    second.wait().assert_code(0);
    bob.expect(left("ann"), SOON);
}

#[test]
fn whoever_went_while_nobody_ran_the_node_is_gone_for_the_next() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, mut bob) = two_windows(&lan);
    bob.kill9();
    first.kill9();
    second.expect(gone("bob"), 2 * SOON);
}

#[test]
fn commands_act_as_the_person_whose_window_is_open() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let mut window = person.chat_ready();
    let mut bob = lan.person("bob").chat_ready();
    bob.expect(joined("ann"), SOON);
    window.expect(joined("bob"), SOON);
    person.run(&["send", "from a script"]).assert_code(0);
    bob.expect(said("ann", "from a script"), SOON);
    window.expect(said_by_me("from a script"), SOON);
    person.run(&["send", "--to", "bob", "--wait", "delivered", "psst"]).assert_code(0);
    bob.expect(whispered("ann", "psst"), SOON);
    assert!(person.run(&["peers"]).assert_code(0).stdout.contains("bob"));
    let mut listener = person.start(&["listen", "--json", "--count", "1", "--timeout", "10s"]);
    listener.expect(ready(), SOON);
    bob.say("to whoever listens");
    listener.wait().assert_code(0);
    person.run(&["send", "--to", "nobody", "--timeout", "300ms", "hi"]).assert_code(3);
    assert!(person.run(&["history"]).assert_code(0).stdout.contains("from a script"));
    assert_eq!(bob.events(joined("ann")).len(), 1);
    window.assert_never(json!({"event": "error"}));
}

#[test]
fn a_room_that_a_command_is_in_for_a_moment_is_no_matter_of_the_windows() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let mut window = person.chat_ready();
    let mut bob = lan.person("bob").start(&["--json", "--room", "attic"]);
    bob.expect(ready(), SOON);
    person.run(&["send", "--room", "attic", "to the attic"]).assert_code(0);
    bob.expect(said("ann", "to the attic"), SOON);
    bob.expect(left("ann"), SOON);
    window.say("/rooms");
    let rooms = window.expect(json!({"event": "rooms"}), SOON);
    assert_eq!(rooms["rooms"].as_array().map(Vec::len), Some(1), "{rooms:?}");
    assert!(!window.lines().iter().any(|line| line.contains("attic")), "{:?}", window.lines());
}

#[test]
fn a_window_is_never_in_a_room_that_only_a_command_asked_for() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let mut window = person.chat_ready();
    let mut bob = lan.person("bob").chat_ready();
    bob.expect(joined("ann"), SOON);
    bob.say("/join attic");
    let mut script = person.start(&["send", "--json", "--room", "attic", "-"]);
    bob.expect(json!({"event": "peer", "change": "joined", "room": "attic"}), SOON);
    window.say("/part lobby");
    window.expect(json!({"event": "error", "code": "not_joined"}), SOON);
    window.say("/join garden");
    window.expect(json!({"event": "ready", "room": "garden"}), SOON);
    window.say("/part");
    window.expect(json!({"event": "parted", "room": "garden"}), SOON);
    window.say("/rooms");
    let rooms = window.expect(json!({"event": "rooms"}), SOON);
    assert_eq!(rooms["rooms"].as_array().map(Vec::len), Some(1), "{rooms:?}");
    window.say("where am I?");
    window.expect(json!({"event": "message", "room": "lobby", "text": "where am I?"}), SOON);
    script.say("in the attic");
    bob.expect(json!({"event": "message", "room": "attic", "text": "in the attic"}), SOON);
    assert!(!window.lines().iter().any(|line| line.contains("attic")), "{:?}", window.lines());
}

#[test]
fn rooms_are_the_persons_in_all_windows_and_each_is_in_one_of_its_own() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, mut bob) = two_windows(&lan);
    second.say("/join attic");
    second.expect(json!({"event": "ready", "room": "attic"}), SOON);
    first.expect(json!({"event": "ready", "room": "attic"}), SOON);
    bob.say("/join attic");
    bob.expect(json!({"event": "peer", "change": "joined", "room": "attic"}), SOON);
    second.expect(json!({"event": "peer", "change": "joined", "room": "attic"}), SOON);
    second.say("up here");
    first.say("down here");
    bob.expect(json!({"event": "message", "room": "attic", "text": "up here"}), SOON);
    bob.expect(json!({"event": "message", "room": "lobby", "text": "down here"}), SOON);
    first.kill9();
    second.say("still up here");
    bob.expect(json!({"event": "message", "room": "attic", "text": "still up here"}), SOON);
    second.say("/part");
    second.expect(json!({"event": "parted", "room": "attic"}), SOON);
    second.say("down at last");
    bob.expect(json!({"event": "message", "room": "lobby", "text": "down at last"}), SOON);
}

#[test]
fn a_command_goes_on_when_its_room_is_left_in_a_window() {
    let lan = Loopback::new(LANCHAT);
    let (person, mut first, _, mut bob) = two_windows(&lan);
    first.say("/join attic");
    first.expect(json!({"event": "ready", "room": "attic"}), SOON);
    let mut listener = person.start(&["listen", "--json", "--room", "attic", "--count", "1"]);
    listener.expect(json!({"event": "ready", "room": "attic"}), SOON);
    first.say("/part attic");
    listener.expect(json!({"event": "parted", "room": "attic"}), SOON);
    first.say("/join attic");
    bob.say("/join attic");
    bob.expect(json!({"event": "peer", "change": "joined", "room": "attic"}), SOON);
    bob.say("up here");
    listener.expect(said("bob", "up here"), SOON);
    listener.wait().assert_code(0);
}

#[test]
fn a_room_that_was_asked_for_is_entered_although_the_first_is_killed() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, mut bob) = two_windows(&lan);
    bob.say("/join attic");
    bob.expect(json!({"event": "ready", "room": "attic"}), SOON);
    second.say("/join attic");
    first.kill9();
    second.expect(json!({"event": "ready", "room": "attic"}), SOON);
    second.say("here I am");
    bob.expect(json!({"event": "message", "room": "attic", "text": "here I am"}), SOON);
}

#[test]
fn a_line_is_said_in_no_other_room_than_where_it_was_typed() {
    let lan = Loopback::new(LANCHAT);
    let (person, mut first, _, mut bob) = two_windows(&lan);
    first.say("/join attic");
    first.expect(json!({"event": "ready", "room": "attic"}), SOON);
    let mut script = person.start(&["send", "--json", "--room", "attic", "-"]);
    bob.say("/join attic");
    bob.expect(json!({"event": "peer", "change": "joined", "room": "attic"}), SOON);
    script.say("for the attic");
    bob.expect(json!({"event": "message", "room": "attic", "text": "for the attic"}), SOON);
    first.say("/part attic");
    first.expect(json!({"event": "parted", "room": "attic"}), SOON);
    script.say("for the attic alone");
    script.close_input();
    script.wait().assert_code(1).assert_one_sentence(&["attic"]);
    first.say("/msg bob done");
    bob.expect(whispered("ann", "done"), SOON);
    bob.assert_never(said("ann", "for the attic alone"));
}

#[test]
fn a_room_that_whoever_goes_on_is_not_in_is_entered_for_the_windows_that_are() {
    let lan = Loopback::new(LANCHAT);
    let (person, mut first, mut second, mut bob) = two_windows(&lan);
    second.say("/join attic");
    second.expect(json!({"event": "ready", "room": "attic"}), SOON);
    bob.say("/join attic");
    bob.expect(json!({"event": "peer", "change": "joined", "room": "attic"}), SOON);
    let mut listener = person.start(&["listen", "--json"]);
    listener.expect(ready(), SOON);
    second.stop();
    first.kill9();
    bob.say("/join lobby");
    bob.say("is anybody there?");
    listener.expect(said("bob", "is anybody there?"), SOON);
    bob.say("/msg ann and here?");
    listener.expect(whispered("bob", "and here?"), SOON);
    second.go_on();
    second.say("still in the attic");
    bob.expect(json!({"event": "message", "room": "attic", "text": "still in the attic"}), SOON);
    bob.assert_never(json!({"event": "message", "room": "lobby", "text": "still in the attic"}));
}

#[test]
fn a_room_that_is_left_is_told_of_once() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, _) = two_windows(&lan);
    second.say("/join attic");
    second.expect(json!({"event": "ready", "room": "attic"}), SOON);
    second.say("/part attic");
    second.expect(json!({"event": "parted", "room": "attic"}), SOON);
    second.say("down again");
    first.expect(said_by_me("down again"), SOON);
    second.expect(said_by_me("down again"), SOON);
    for window in [&mut first, &mut second] {
        assert_eq!(window.events(json!({"event": "parted"})).len(), 1);
    }
}

#[test]
fn a_window_that_was_stopped_for_long_misses_nothing_and_shows_nothing_twice() {
    const LINES: usize = 12_000;
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, mut bob) = two_windows(&lan);
    second.stop();
    for number in 0..LINES {
        bob.say(&format!("line {number}"));
    }
    first.expect(said("bob", &format!("line {}", LINES - 1)), 12 * SOON);
    second.go_on();
    bob.say("the end");
    second.expect(said("bob", "the end"), 3 * SOON);
    second.expect(said("bob", &format!("line {}", LINES - 1)), SOON);
    let all: Vec<String> = (0..LINES).map(|number| format!("line {number}")).collect();
    let mut shown = heard(&mut second);
    shown.retain(|line| line != "the end");
    assert_eq!(shown.len(), LINES);
    assert!(shown == all);
}

#[test]
fn what_is_typed_while_nobody_runs_the_node_is_said_although_the_window_is_closed() {
    let lan = Loopback::new(LANCHAT);
    let (person, mut first, mut second, mut bob) = two_windows(&lan);
    second.stop();
    first.kill9();
    let lock = std::fs::File::open(person.data_dir().join("default/lock")).unwrap();
    lock.lock().unwrap();
    second.go_on();
    second.say("the last words");
    second.say("/rooms");
    second.expect(json!({"event": "rooms"}), SOON);
    second.terminate();
    drop(lock);
    bob.expect(said("ann", "the last words"), SOON);
    second.wait().assert_code(0);
    bob.expect(left("ann"), SOON);
}

#[test]
fn whoever_closes_all_windows_at_once_leaves() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, mut bob) = two_windows(&lan);
    for window in [&mut first, &mut second] {
        window.terminate();
    }
    bob.expect(left("ann"), SOON);
    bob.assert_never(gone("ann"));
}

#[test]
fn whoever_leaves_the_only_window_that_is_not_stopped_leaves() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, second, mut bob) = two_windows(&lan);
    second.stop();
    first.close_input();
    first.wait().assert_code(0);
    bob.expect(left("ann"), SOON);
    second.go_on();
    bob.expect(joined("ann"), SOON);
}

#[test]
fn what_was_said_in_a_room_before_is_no_news_to_a_window_that_comes_into_it_late() {
    let lan = Loopback::new(LANCHAT);
    let (_, mut first, mut second, mut bob) = two_windows(&lan);
    bob.say("/join attic");
    first.say("/join attic");
    bob.expect(json!({"event": "peer", "change": "joined", "room": "attic"}), SOON);
    bob.say("long ago");
    first.expect(said("bob", "long ago"), SOON);
    first.say("/part attic");
    first.expect(json!({"event": "parted", "room": "attic"}), SOON);
    second.expect(json!({"event": "parted", "room": "attic"}), SOON);
    second.forget();
    second.say("/join attic");
    first.kill9();
    second.expect(json!({"event": "ready", "room": "attic"}), SOON);
    second.say("here I am");
    bob.expect(json!({"event": "message", "room": "attic", "text": "here I am"}), SOON);
    second.expect(json!({"event": "message", "text": "long ago", "past": true}), SOON);
}

#[test]
fn another_port_is_refused_with_what_to_do() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let _window = person.chat_ready();
    let ended = person.run(&["send", "--port", "1234", "hi"]);
    ended.assert_code(2).assert_one_sentence(&["port", "--ephemeral"]);
}

#[test]
fn a_daemon_is_away_until_somebody_sits_before_a_window() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let mut bob = lan.person("bob").chat_ready();
    let mut daemon = person.start(&["daemon"]);
    bob.expect(joined("ann"), SOON);
    bob.expect(changed("away", "ann"), SOON);
    bob.say("/msg ann are you there?");
    let whisper = bob.expect(whisper_to("are you there?"), SOON);
    bob.expect(delivery(&whisper["id"], "delivered"), SOON);
    person.run(&["send", "from a script"]).assert_code(0);
    bob.expect(said("ann", "from a script"), SOON);
    bob.assert_never(changed("back", "ann"));
    let mut window = person.chat_ready();
    bob.expect(changed("back", "ann"), SOON);
    window.expect(json!({"event": "whisper", "text": "are you there?", "past": true}), SOON);
    window.say("now I am");
    bob.expect(said("ann", "now I am"), SOON);
    window.close_input();
    window.wait().assert_code(0);
    bob.expect(changed("away", "ann"), SOON);
    daemon.terminate();
    daemon.wait().assert_code(0);
    bob.expect(left("ann"), SOON);
}

#[test]
fn a_daemon_that_is_started_beside_a_window_goes_on_when_that_is_closed() {
    let lan = Loopback::new(LANCHAT);
    let person = lan.person("ann");
    let mut window = person.chat_ready();
    let mut bob = lan.person("bob").chat_ready();
    bob.expect(joined("ann"), SOON);
    let mut daemon = person.start(&["daemon", "-v"]);
    let mut other = person.chat_ready();
    other.say("hello");
    bob.expect(said("ann", "hello"), SOON);
    other.close_input();
    other.wait().assert_code(0);
    window.close_input();
    window.wait().assert_code(0);
    bob.expect(changed("away", "ann"), SOON);
    bob.assert_never(left("ann"));
    daemon.terminate();
    daemon.wait().assert_code(0);
}

#[test]
fn a_daemon_of_nobody_is_refused() {
    let lan = Loopback::new(LANCHAT);
    lan.person("ann").run(&["daemon", "--ephemeral"]).assert_code(2).assert_one_sentence(&["--ephemeral"]);
}
