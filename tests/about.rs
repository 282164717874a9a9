//! What people do about lines, and about themselves, in the built program: in JSON, in plain lines, and after a restart

use lanchat_harness::{
    Event, Loopback, Pattern, Program, SOON, Value, all_meet, changed, error, joined, json, message, said,
    said_by_me,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn a_reply_names_the_line_that_it_answers_by_its_author_or_its_id() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("tea?");
    let first = bob.expect(said("ann", "tea?"), SOON);
    ann.say("or coffee?");
    let last = bob.expect(said("ann", "or coffee?"), SOON);
    bob.say("/reply ann coffee");
    let answer = ann.expect(said("bob", "coffee"), SOON);
    assert_eq!(answer["reply_to"], last["id"]);
    bob.say(&format!("/reply {} no tea", first.text("id")));
    assert_eq!(ann.expect(said("bob", "no tea"), SOON)["reply_to"], first["id"]);
    bob.say("/reply bob of myself");
    assert_eq!(
        ann.expect(said("bob", "of myself"), SOON)["reply_to"],
        bob.expect(said_by_me("no tea"), SOON)["id"]
    );
}

#[test]
fn edits_deletions_and_reactions_are_told_to_all() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("dinner at seven");
    let line = bob.expect(said("ann", "dinner at seven"), SOON)["id"].clone();
    ann.say("/edit dinner at eight");
    let edited = json!({"event": "edited", "target": line, "text": "dinner at eight", "room": "lobby"});
    let (own, others) = both(&mut ann, &mut bob, &edited);
    assert_eq!(
        (&own["own"], &others["own"], &others["from"]["name"]),
        (&json!(true), &Value::Null, &json!("ann"))
    );
    bob.say("/react ann :+1:");
    both(
        &mut ann,
        &mut bob,
        &json!({"event": "reaction", "target": line, "with": "👍", "from": {"name": "bob"}}),
    );
    bob.say("/react ann -");
    both(&mut ann, &mut bob, &json!({"event": "reaction", "target": line, "with": ""}));
    ann.say("/delete");
    both(&mut ann, &mut bob, &json!({"event": "deleted", "target": line, "from": {"name": "ann"}}));
}

#[test]
fn what_cannot_be_meant_is_one_sentence_with_a_code() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    for (typed, code) in [
        ("/reply bob hello?", "unknown_line"),
        ("/react bob 👍", "unknown_line"),
        ("/edit something", "unknown_line"),
        ("/delete", "unknown_line"),
        ("/reply nobody hi", "unknown_peer"),
    ] {
        ann.say(typed);
        refused(&mut ann, code);
    }
    bob.say("hi");
    let id = ann.expect(said("bob", "hi"), SOON).text("id").to_owned();
    let long_note = format!("/away {}", "x".repeat(121));
    for (typed, code) in [
        (format!("/edit {id} mine"), "not_yours"),
        (format!("/delete {id}"), "not_yours"),
        ("/react bob :no_such_emoji:".to_owned(), "invalid_text"),
        ("/react bob two words".to_owned(), "invalid_text"),
        (format!("/topic {}", "x".repeat(301)), "invalid_text"),
        (long_note, "invalid_text"),
    ] {
        ann.say(&typed);
        refused(&mut ann, code);
    }
    ann.say("sorry");
    bob.expect(said("ann", "sorry"), SOON);
    bob.assert_never(|event: &Value| {
        matches!(event["event"].as_str(), Some("edited" | "deleted" | "reaction"))
    });
}

#[test]
fn piped_commands_are_about_the_lines_before_them() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut bob = lan.person("bob").chat();
    bob.type_bytes(b"hello\n/edit hullo\n/topic greetings\nsecond\n/delete\n/react bob :heart:\n");
    bob.close_input();
    let first = ann.expect(said("bob", "hello"), SOON);
    ann.expect(json!({"event": "edited", "target": first["id"], "text": "hullo"}), SOON);
    ann.expect(json!({"event": "topic", "text": "greetings"}), SOON);
    let second = ann.expect(said("bob", "second"), SOON);
    ann.expect(json!({"event": "deleted", "target": second["id"]}), SOON);
    ann.expect(json!({"event": "reaction", "with": "❤️"}), SOON);
    bob.wait().assert_code(0);
}

#[test]
fn who_comes_later_learns_the_topic_and_who_is_away_and_what_became_of_lines() {
    let (lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("/topic dogs");
    both(&mut ann, &mut bob, &json!({"event": "topic", "text": "dogs"}));
    bob.say("/topic cats & tea");
    both(&mut ann, &mut bob, &json!({"event": "topic", "text": "cats & tea", "from": {"name": "bob"}}));
    bob.say("/away at lunch");
    ann.expect(json!({"event": "peer", "change": "away", "name": "bob", "note": "at lunch"}), SOON);
    bob.expect(json!({"event": "peer", "change": "away", "name": "bob", "note": "at lunch"}), SOON);
    let mut cleo = lan.person("cleo").chat_ready();
    cleo.expect(joined("bob"), SOON);
    cleo.expect(json!({"event": "peer", "change": "away", "name": "bob", "note": "at lunch"}), SOON);
    cleo.expect(json!({"event": "topic", "text": "cats & tea", "past": true}), SOON);
    cleo.say("/peers");
    let peers = cleo.expect(json!({"event": "peers"}), SOON);
    let away: Vec<&Value> =
        peers["peers"].as_array().unwrap().iter().filter(|peer| peer["away"] == true).collect();
    assert_eq!((away.len(), &away[0]["name"], &away[0]["note"]), (1, &json!("bob"), &json!("at lunch")));
    bob.say("/back");
    cleo.expect(changed("back", "bob"), SOON);
    cleo.say("/topic");
    cleo.expect(json!({"event": "topic", "text": "cats & tea", "asked": true}), SOON);
}

#[test]
fn received_tells_who_has_the_last_line() {
    let (_lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    ann.say("/received");
    assert_eq!(ann.expect(json!({"event": "received"}), SOON)["id"], Value::Null);
    ann.say("did you get this?");
    let line = bob.expect(said("ann", "did you get this?"), SOON);
    let holds = ann.expect(json!({"event": "holds"}), SOON);
    assert!(holds.text("upto") >= line.text("order"), "{holds:?}");
    ann.say("/received");
    let received = ann.expect(json!({"event": "received", "id": line["id"]}), SOON);
    assert_eq!((&received["by"][0]["name"], &received["not_by"]), (&json!("bob"), &json!([])));
}

#[test]
fn people_read_what_others_do_about_lines() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--plain"]);
    ann.expect_line("-- you are ann in lobby", SOON);
    let mut bob = lan.person("bob").chat_ready();
    bob.expect(joined("ann"), SOON);
    ann.say("shall we have dinner at seven or at eight, or at nine?");
    bob.expect(message("ann"), SOON);
    let quote = "\"shall we have dinner at seven or at…\"";
    for (typed, line) in [
        ("/reply ann at \u{1b}[31mseven", format!(" bob ↳ ann {quote}: at \u{FFFD}[31mseven")),
        ("/edit at eight", " bob edited \"at \u{FFFD}[31mseven\": at eight".to_owned()),
        ("/react ann :+1:", format!("-- bob reacted 👍 to {quote}")),
        ("/react ann -", format!("-- bob took back all reactions to {quote}")),
        ("/delete", "-- bob deleted \"at eight\" (whoever has it may keep it)".to_owned()),
        ("/topic \u{202e}cats", "-- bob set the topic: \u{FFFD}cats".to_owned()),
        ("/topic -", "-- bob took the topic away".to_owned()),
        ("/away at lunch", "-- bob is away: at lunch".to_owned()),
        ("/back", "-- bob is back".to_owned()),
    ] {
        bob.say(typed);
        let shown = ann.expect_line(&line, SOON);
        assert!(shown.ends_with(&line), "{shown}");
    }
    bob.expect(json!({"event": "peer", "change": "back"}), SOON);
    ann.say("/topic");
    ann.expect_line("-- there is no topic: /topic TEXT sets one", SOON);
    ann.say("/received");
    ann.expect_line(&format!("-- bob has {quote}"), SOON);
    ann.say("/away");
    ann.expect_line("-- you are away", SOON);
    ann.say("/back");
    ann.expect_line("-- you are back", SOON);
    assert!(!ann.lines().iter().any(|line| line.contains("holds") || line.contains("typing")));
}

#[test]
fn after_a_restart_lines_are_as_their_authors_and_others_left_them() {
    let (lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    talk_about_dinner(&mut ann, &mut bob);
    bob.terminate();
    bob.wait().assert_code(0);
    let expected = [
        "ann (edited): dinner at eight?",
        "   👍 bob",
        "bob ↳ ann \"dinner at eight?\": yes",
        "ann (deleted by its author)",
    ];
    let history = lan.person("bob").run(&["history"]).assert_code(0).stdout.clone();
    assert_eq!(without_times(history.lines().skip(1)), expected);
    let found = lan.person("bob").run(&["history", "--search", "seven"]);
    assert!(found.stdout.starts_with("-- nothing"), "{found:?}");
    ann.kill9();
    let mut bob = lan.person("bob").start(&["--plain"]);
    bob.expect_line("-- the topic, set by bob: dinner", SOON);
    let lines = bob.lines();
    let heading = lines.iter().position(|line| *line == "-- earlier in lobby");
    let from = heading.unwrap_or_else(|| panic!("{lines:#?}")) + 1;
    assert_eq!(without_times(lines[from..].iter().take(4).copied()), expected);
    bob.say("/edit no, at nine");
    bob.expect_line(" bob edited \"yes\": no, at nine", SOON);
}

#[test]
fn the_history_is_exported_as_lines_are_by_now_and_others_get_what_was_done_about_them() {
    let (lan, [mut ann, mut bob]) = room(["ann", "bob"]);
    talk_about_dinner(&mut ann, &mut bob);
    ann.kill9();
    let exported = lan.person("bob").run(&["history", "--json"]);
    let exported = &exported.assert_code(0).events;
    let kinds: Vec<&str> = exported.iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!(kinds, ["message", "reaction", "message", "message"]);
    assert_eq!((&exported[0]["text"], &exported[0]["edited"]), (&json!("dinner at eight?"), &json!(true)));
    let id = &exported[0]["id"];
    assert_eq!((&exported[1]["target"], &exported[2]["reply_to"]), (id, id));
    assert_eq!((&exported[3]["text"], &exported[3]["deleted"]), (&json!(""), &json!(true)));
    let mut cleo = lan.person("cleo").chat_ready();
    for event in [
        json!({"event": "message", "text": "dinner at seven?", "past": true}),
        json!({"event": "edited", "text": "dinner at eight?", "past": true}),
        json!({"event": "deleted", "past": true}),
        json!({"event": "reaction", "with": "👍", "past": true}),
        json!({"event": "topic", "text": "dinner", "past": true}),
    ] {
        cleo.expect(event, SOON);
    }
}

#[test]
fn who_is_blocked_says_nothing_about_what_the_room_is_about() {
    let (lan, [mut ann, mut bob, mut eve]) = room(["ann", "bob", "eve"]);
    let topic = |text: &str| json!({"event": "topic", "text": text});
    let asked = |text: &str| json!({"event": "topic", "text": text, "asked": true});
    ann.say("/topic cats");
    eve.expect(topic("cats"), SOON);
    eve.say("/topic spam");
    both(&mut ann, &mut bob, &topic("spam"));
    ann.say("/block eve\n/topic");
    ann.expect(asked("cats"), SOON);
    eve.say("/topic more spam\nthe end");
    bob.expect(said("eve", "the end"), SOON);
    bob.say("heard it");
    ann.expect(said("bob", "heard it"), SOON);
    ann.terminate();
    ann.wait().assert_code(0);
    let mut ann = lan.person("ann").chat_ready();
    ann.expect(topic("cats"), SOON);
    ann.say("/topic");
    ann.expect(asked("cats"), SOON);
    ann.assert_never(|event: &Value| event["text"].as_str().is_some_and(|text| text.contains("spam")));
    ann.say("/unblock eve\n/topic");
    ann.expect(asked("more spam"), SOON);
}

/// A line that is edited, reacted to and answered, and one that is deleted; and a topic
fn talk_about_dinner(ann: &mut Program, bob: &mut Program) {
    ann.say("dinner at seven?");
    bob.expect(said("ann", "dinner at seven?"), SOON);
    ann.say("/edit dinner at eight?");
    bob.expect(json!({"event": "edited"}), SOON);
    bob.say("/react ann 👍");
    both(ann, bob, &json!({"event": "reaction"}));
    bob.say("/reply ann yes");
    ann.expect(said("bob", "yes"), SOON);
    ann.say("a secret");
    bob.expect(said("ann", "a secret"), SOON);
    ann.say("/delete");
    bob.expect(json!({"event": "deleted"}), SOON);
    bob.say("/topic dinner");
    both(ann, bob, &json!({"event": "topic"}));
}

/// What both are told
#[track_caller]
fn both(ann: &mut Program, bob: &mut Program, pattern: &(impl Pattern + Clone)) -> (Event, Event) {
    (ann.expect(pattern.clone(), SOON), bob.expect(pattern.clone(), SOON))
}

#[track_caller]
fn refused(program: &mut Program, code: &str) {
    let refused = program.expect(error(), SOON);
    assert_eq!(refused.text("code"), code);
    let message = refused.text("message");
    assert!(!message.is_empty() && !message.contains('\n'), "{message}");
}

/// The lines without the time of day before what was said
fn without_times<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    lines.map(|line| if line.starts_with(|c: char| c.is_ascii_digit()) { &line[6..] } else { line }).collect()
}

/// People who know each other, on a port of their own
fn room<const N: usize>(names: [&str; N]) -> (Loopback, [Program; N]) {
    let lan = Loopback::new(LANCHAT);
    let mut programs = names.map(|name| lan.person(name).chat_ready());
    all_meet(&mut programs, SOON);
    (lan, programs)
}
