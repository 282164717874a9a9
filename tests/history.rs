//! What was said is kept, found again, and read beside whoever writes it

use std::{fs, path::PathBuf};

use lanchat::store::{Report, Store};
use lanchat_harness::{Ended, Loopback, OrFail, Person, Program, SOON, error, json, ready};
use lanchat_protocol::{
    HeardWhisper, Identity, KeptLine, KeptPeer, KeptWhisper, MessageId, Name, Order, Record, Retention, Room,
    RoomName, Text, Ticket, WallTime,
};
use uuid::Uuid;

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

/// 2026-11-23T12:00:00Z
const NOON: u64 = 1_795_435_200_000;

#[test]
fn without_a_history_it_says_so() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let plain = history(&ann, &[]);
    assert_eq!(
        (plain.stdout.lines().count(), plain.stdout.starts_with("-- nothing is kept of lobby")),
        (1, true)
    );
    assert_eq!(history(&ann, &["--json"]).stdout, "");
    assert!(!ann.data_dir().exists(), "reading makes nothing");
}

#[test]
fn a_profile_that_does_not_exist_is_a_mistake_that_names_those_that_do() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let mistaken = ["history", "--profile", "bbo"];
    ann.run(&mistaken).assert_code(2).assert_one_sentence(&["no profile called bbo"]);
    assert!(!ann.data_dir().exists(), "reading makes nothing");
    ann.run(&["id"]).assert_code(0);
    ann.run(&["id", "--profile", "bob"]).assert_code(0);
    fs::create_dir(ann.data_dir().join("notes")).unwrap();
    let refused = ann.run(&mistaken);
    refused
        .assert_code(2)
        .assert_one_sentence(&["no profile called bbo", "take --profile bob or --profile default"]);
    assert!(history(&ann, &["--profile", "bob"]).stdout.contains("nothing is kept of lobby yet"));
}

#[test]
fn lines_and_whispers_are_printed_under_their_day_and_exported_as_the_events_that_they_were() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    keep(
        &ann,
        vec![line(1, "hello\u{1b}[31m"), line(2, "two\nlines"), whisper(1, "psst"), outgoing(1, "what?")],
    );
    let plain = history(&ann, &[]).stdout;
    let expected = "\
-- Monday, 2026-11-23
12:01 bob: hello\u{FFFD}[31m
12:02 bob: two
      lines
12:00 bob whispers: psst
12:01 you whisper to bob (waiting): what?
";
    assert_eq!(plain, expected);
    let exported = history(&ann, &["--json"]);
    let said = exported.event(json!({"event": "message", "text": "hello\u{1b}[31m", "room": "lobby"}));
    assert_eq!((&said["from"]["name"], &said["sent_at"]), (&json!("bob"), &json!("2026-11-23T12:01:00Z")));
    let whispered = exported.event(json!({"event": "whisper", "text": "what?", "own": true}));
    assert_eq!((&whispered["from"]["name"], &whispered["to"]), (&json!("ann"), &said["from"]["id"]));
    assert_eq!(exported.events.len(), 4);
    let states: Vec<_> = exported.events.iter().map(|event| event["state"].as_str()).collect();
    assert_eq!(states, [None, None, None, Some("queued")], "of own whispers only");
    assert!(history(&ann, &["--room", "attic"]).stdout.contains("nothing is kept of attic"));
}

#[test]
fn it_is_searched_in_any_script_and_limited() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let mut records: Vec<Record> = (1..=150).map(|number| line(number, &format!("line {number}"))).collect();
    records.extend([line(200, "今天晚上一起吃饭吗"), whisper(2, "Dinner at eight")]);
    keep(&ann, records);
    let found = |options: &[&str]| {
        let events = history(&ann, &[&["--json"], options].concat()).events;
        events.iter().map(|event| event["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for part in ["晚", "晚上", "一起吃"] {
        assert_eq!(found(&["--search", part]), ["今天晚上一起吃饭吗"], "{part}");
    }
    assert_eq!(found(&["--search", "dinner"]), ["Dinner at eight"]);
    assert_eq!(found(&["--with", "bob"]), ["Dinner at eight"]);
    assert_eq!(found(&["--search", "line", "--limit", "2"]), ["line 149", "line 150"]);
    assert_eq!((found(&[]).len(), found(&["--limit", "0"]).len()), (100, 152));
    let nothing = history(&ann, &["--search", "lunch"]).stdout;
    assert!(nothing.contains("matches") && nothing.lines().count() == 1, "{nothing}");
}

#[test]
fn it_is_read_while_another_lanchat_of_the_profile_runs() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    keep(&ann, vec![line(1, "hello")]);
    let mut chat = ann.chat_ready();
    assert!(history(&ann, &[]).stdout.contains("bob: hello"));
    chat.close_input();
    chat.wait().assert_code(0);
    assert!(history(&ann, &[]).stdout.contains("bob: hello"));
}

#[test]
fn it_is_read_while_it_is_written() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let mut store = open(&ann);
    for number in 1..=20 {
        write(&mut store, number, vec![line(number, "hello")]);
        let count = history(&ann, &["--json"]).events.len();
        assert_eq!(count, usize::try_from(number).unwrap());
    }
}

#[test]
fn a_damaged_history_is_moved_aside_and_said_so() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    keep(&ann, vec![line(1, "hello")]);
    let path = profile(&ann).join("history.db");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    ann.run(&["history"]).assert_code(1).assert_one_sentence(&["history.db", "damaged"]);
    let mut chat = ann.chat();
    chat.expect(ready(), SOON);
    let told = chat.expect(json!({"event": "error", "code": "store_damaged"}), SOON);
    let aside = told.text("message").split(' ').next_back().unwrap();
    assert_eq!(fs::read(aside).unwrap(), whole[..whole.len() / 2]);
    chat.close_input();
    chat.wait().assert_code(0);
    assert!(history(&ann, &[]).stdout.contains("nothing is kept"));
    let mut again = ann.chat_ready();
    again.close_input();
    assert_eq!(again.wait().events.iter().filter(|event| event["event"] == "error").count(), 0);
}

#[test]
fn a_history_of_a_newer_lanchat_is_refused() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    keep(&ann, vec![line(1, "hello")]);
    let path = profile(&ann).join("history.db");
    let mut bytes = fs::read(&path).unwrap();
    // The file's header has `user_version` here.
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&path, &bytes).unwrap();
    for arguments in [["history"].as_slice(), &["listen"]] {
        ann.run(arguments).assert_code(1).assert_one_sentence(&["history.db", "newer"]);
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn an_ephemeral_person_leaves_nothing_on_the_disk_and_has_no_history() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let mut chat = ann.start(&["--ephemeral", "--json"]);
    chat.expect(ready(), SOON);
    chat.say("hello");
    chat.close_input();
    chat.wait().assert_code(0);
    assert_eq!(fs::read_dir(ann.home()).unwrap().count(), 0);
    ann.run(&["history", "--ephemeral"]).assert_code(2).assert_one_sentence(&["--ephemeral"]);
}

#[test]
fn retention_that_cannot_be_is_told_with_its_key_and_file() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let config = ann.home().join("lanchat.toml");
    fs::write(&config, "name = 'ann'\n[retention]\nentries = 1000000\n").unwrap();
    let config = config.to_str().unwrap();
    let refused = ann.run(&["history", "--config", config]);
    refused.assert_code(2).assert_one_sentence(&["lanchat.toml", "line 3", "retention.entries", "100000"]);
    fs::write(config, "[retention]\nentries = 1000\nbytes = 1_000_000\ndays = 7\n").unwrap();
    ann.run(&["history", "--config", config]).assert_code(0);
}

#[cfg(unix)]
#[test]
fn a_disk_without_room_is_one_sentence() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    ann.run(&["id"]).assert_code(0);
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec {LANCHAT} --interface lo --port {} --data-dir {} listen",
        lan.port(),
        ann.data_dir().display()
    );
    let mut command = ann.command("sh");
    command.args(["-c", &script]);
    let full = Program::start("ann", command).wait();
    full.assert_code(1).assert_one_sentence(&["history.db", "--ephemeral"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_was_said() {
    use std::os::unix::fs::PermissionsExt;

    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let mut chat = ann.chat_ready();
    for file in fs::read_dir(profile(&ann)).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{file:?}");
    }
    chat.assert_never(error());
}

/// Runs `lanchat history`, which has nothing to complain about
fn history(person: &Person, options: &[&str]) -> Ended {
    let mut command = person.command(LANCHAT);
    command.arg("history").arg("--data-dir").arg(person.data_dir()).args(options).env("TZ", "UTC");
    let mut program = Program::start("history", command);
    program.close_input();
    let ended = program.wait();
    ended.assert_code(0);
    assert_eq!(ended.stderr, "");
    ended
}

fn profile(person: &Person) -> PathBuf {
    person.data_dir().join("default")
}

/// Puts records into the store of somebody who does not run lanchat at the moment
fn keep(person: &Person, records: Vec<Record>) {
    let mut store = open(person);
    let bob = KeptPeer { key: *bob().key(), name: name("bob"), incarnation: 1 };
    write(&mut store, 1, [vec![Record::Peer(bob)], records].concat());
    block_on(store.close());
}

fn open(person: &Person) -> Store {
    person.run(&["id"]).assert_code(0);
    let secret = fs::read(profile(person).join("key")).or_fail("no key").try_into().or_fail("no key");
    let own = KeptPeer { key: *Identity::from_secret(secret).key(), name: name("ann"), incarnation: 1 };
    let room = Room::open(RoomName::lobby());
    let retention = Retention { age: std::time::Duration::MAX, ..Retention::default() };
    Store::open(&profile(person), &room, own, retention).or_fail("no store").store
}

fn write(store: &mut Store, ticket: u64, records: Vec<Record>) {
    store.store(Ticket(ticket), records);
    assert_eq!(block_on(store.report()), Report::Stored(Ticket(ticket)));
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().or_fail("no runtime").block_on(future)
}

fn bob() -> Identity {
    Identity::from_secret([2; 32])
}

fn name(name: &str) -> Name {
    Name::new(name).or_fail("no name")
}

fn words(text: &str) -> Text {
    Text::new(text).or_fail("no text")
}

fn at_minute(number: u64) -> WallTime {
    WallTime::from_unix_millis(NOON + 60_000 * number)
}

fn line(number: u64, text: &str) -> Record {
    Record::Line(KeptLine {
        id: MessageId::from_uuid(Uuid::from_u64_pair(1, number)),
        order: Order { lamport: number, author: *bob().key(), epoch: 1, seq: number, index: 0 },
        text: words(text),
        sent_at: at_minute(number),
        reply_to: None,
    })
}

fn whisper(number: u64, text: &str) -> Record {
    Record::Incoming(HeardWhisper {
        id: MessageId::from_uuid(Uuid::from_u64_pair(2, number)),
        from: *bob().key(),
        text: words(text),
        sent_at: at_minute(0),
    })
}

fn outgoing(number: u64, text: &str) -> Record {
    Record::Outgoing(KeptWhisper {
        id: MessageId::from_uuid(Uuid::from_u64_pair(3, number)),
        to: *bob().key(),
        epoch: 1,
        seq: number,
        text: words(text),
        sent_at: at_minute(number),
    })
}
