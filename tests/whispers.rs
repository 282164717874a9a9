//! Whispers wait for those who are away, while programs come and go

use lanchat_harness::{Loopback, SOON, Value, delivery, gone, joined, json, whisper_to, whispered};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn a_whisper_waits_while_neither_program_runs_and_comes_once() {
    let lan = Loopback::new(LANCHAT);
    let (ann_person, bob_person) = (lan.person("ann"), lan.person("bob"));
    let (mut ann, mut bob) = (ann_person.chat_ready(), bob_person.chat_ready());
    ann.expect(joined("bob"), SOON);
    bob.expect(joined("ann"), SOON);
    drop(bob);
    ann.expect(gone("bob"), SOON);
    ann.say("/msg bob one");
    let one = ann.expect(whisper_to("one"), SOON);
    ann.expect(delivery(&one["id"], "queued"), SOON);
    drop(ann);

    let mut ann = ann_person.chat_ready();
    ann.expect(json!({"event": "whisper", "text": "one", "past": true, "state": "queued"}), SOON);
    ann.say("/msg bob two");
    let two = ann.expect(whisper_to("two"), SOON);
    ann.expect(delivery(&two["id"], "queued"), SOON);
    let mut bob = bob_person.chat_ready();
    for (id, text) in [(&one["id"], "one"), (&two["id"], "two")] {
        bob.expect(whispered("ann", text), SOON);
        ann.expect(delivery(id, "delivered"), SOON);
    }

    drop(bob);
    ann.expect(gone("bob"), SOON);
    drop(ann);

    let (mut ann, mut bob) = (ann_person.chat_ready(), bob_person.chat_ready());
    ann.expect(joined("bob"), SOON);
    ann.say("/msg bob three");
    bob.expect(whispered("ann", "three"), SOON);
    let history = bob_person.run(&["history", "--json"]);
    let texts: Vec<_> = history.events.iter().map(|event| event["text"].as_str()).collect();
    assert_eq!(texts, [Some("one"), Some("two"), Some("three")]);
    bob.assert_never(|event: &Value| {
        ["one", "two"].contains(&event["text"].as_str().unwrap_or_default()) && event["past"] != true
    });
}

#[test]
fn what_send_leaves_for_somebody_away_is_delivered_by_the_next_run() {
    let lan = Loopback::new(LANCHAT);
    let (ann_person, bob_person) = (lan.person("ann"), lan.person("bob"));
    let (mut ann, bob) = (ann_person.chat_ready(), bob_person.chat_ready());
    ann.expect(joined("bob"), SOON);
    ann.say("/msg bob hi");
    let hi = ann.expect(whisper_to("hi"), SOON);
    ann.expect(delivery(&hi["id"], "delivered"), SOON);
    drop((ann, bob));
    for (timeout, text) in [("2s", "are you there?"), ("10ms", "in haste")] {
        let ended = ann_person.run(&["send", "--to", "bob", "--timeout", timeout, text]);
        ended.assert_code(3).assert_one_sentence(&["waits up to 7 days"]);
    }
    let mut bob = bob_person.chat_ready();
    let mut ann = ann_person.chat_ready();
    ann.expect(joined("bob"), SOON);
    for text in ["are you there?", "in haste"] {
        bob.expect(whispered("ann", text), SOON);
    }
}
