//! Whatever stands in the rows of a store: the rest can be read, and what comes is kept

mod template;

use std::{path::Path, time::Duration};

use lanchat::store::{History, Query, Report, Store, acquaintances};
use lanchat_protocol::{Record, Retention, Ticket};
use rusqlite::{Connection, types::Value};
use tokio::{runtime::Builder, time::timeout};

use self::template::{line, own, room, store};
use crate::{draw::Draw, home};

pub(crate) fn run(bytes: &[u8]) {
    let home = home::directory();
    let path = home.path().join("history.db");
    home::write(&path, store());
    home::write(&home.path().join("history.run"), b"1000");
    spoil(&path, &mut Draw::new(bytes));
    read(home.path());
    for start in 1..=2 {
        go_on(home.path(), start);
    }
}

/// The tables, and their columns
const TABLES: [(&str, &[&str]); 13] = [
    ("run", &["own", "incarnation", "is_clean", "oldest_epoch", "lag"]),
    ("rooms", &["name", "lamport", "own_epoch", "own_seq", "own_hash", "is_open"]),
    ("peers", &["room", "peer", "id", "name", "incarnation", "heard_at"]),
    ("entries", &["room", "author", "epoch", "seq", "lamport", "sent_at", "hash", "bytes", "signature"]),
    (
        "lines",
        &[
            "room", "id", "lamport", "author", "epoch", "seq", "place", "sent_at", "kept_at", "text",
            "marks", "reply_to",
        ],
    ),
    (
        "changes",
        &[
            "room", "target", "author", "kind", "reaction", "lamport", "epoch", "seq", "place", "kept_at",
            "text",
        ],
    ),
    ("topics", &["lamport", "author", "epoch", "seq", "place", "sent_at", "text"]),
    ("arrivals", &["room", "author", "epoch", "kept_at", "lines"]),
    (
        "whispers",
        &["room", "id", "lamport", "peer", "is_own", "state", "epoch", "seq", "sent_at", "kept_at", "text"],
    ),
    ("heard", &["room", "peer", "epoch", "upto"]),
    ("acquaintances", &["peer", "name", "trust", "is_blocked"]),
    ("pinned_names", &["peer", "place", "name"]),
    ("told_apart", &["peer", "other"]),
];

/// Changes columns of rows, and adds copies of rows with changed columns
fn spoil(path: &Path, draw: &mut Draw<'_>) {
    let db = match Connection::open(path) {
        Ok(db) => db,
        Err(error) => panic!("{error}"),
    };
    for _ in 0..16 {
        if draw.is_over() {
            break;
        }
        let (table, columns) = TABLES[draw.below(TABLES.len())];
        let column = columns[draw.below(columns.len())];
        let value = value(draw);
        // What the types of a table forbid cannot be in it.
        let _ = match draw.below(3) {
            0 => db.execute(&format!("UPDATE OR IGNORE {table} SET {column} = ?1"), [value]),
            1 => {
                let some = format!("{column} = (SELECT max({column}) FROM {table})");
                db.execute(&format!("UPDATE OR IGNORE {table} SET {column} = ?1 WHERE {some}"), [value])
            }
            _ => {
                let names = columns.join(", ");
                let values = names.replacen(column, "?1", 1);
                let copy = format!("INSERT OR IGNORE INTO {table} ({names}) SELECT {values} FROM {table}");
                db.execute(&copy, [value])
            }
        };
    }
}

fn value(draw: &mut Draw<'_>) -> Value {
    const LINES: [&str; 5] = [
        "[[\"00112233445566778899aabbccddeeff\", 1, 2, 0, 5, \"hi\", \"00\"]]",
        "[[\"00112233445566778899aabbccddeeff\", 1, 2, 0, 5, \"hi\"]]",
        "[[\"0011\", 1.5, \"x\", -1, null, {}]]",
        "[[]]",
        "{\"a\": [1, 2]}",
    ];
    match draw.below(8) {
        0 => Value::Integer(i64::from(draw.byte()) - 128),
        1 => Value::Integer(draw.number().cast_signed()),
        2 => Value::Integer((draw.number() ^ 1 << 63).cast_signed()),
        3 => Value::Blob(draw.bytes(100).to_vec()),
        4 => Value::Blob(vec![draw.byte(); [0, 1, 16, 31, 32, 33, 64, 1_061][draw.below(8)]]),
        5 => Value::Text(LINES[draw.below(LINES.len())].to_owned()),
        6 => Value::Null,
        _ => Value::Text(String::from_utf8_lossy(draw.bytes(200)).into_owned()),
    }
}

fn read(directory: &Path) {
    let history = match History::open(directory, &room()) {
        Ok(history) => history,
        Err(error) => panic!("the history cannot be opened: {error}"),
    };
    let Some(history) = history else { panic!("the room is forgotten") };
    if let Err(error) = acquaintances(directory) {
        panic!("nobody is known any more: {error}");
    }
    let query = |search: Option<&str>, with: Option<&str>, limit| Query {
        search: search.map(str::to_owned),
        with: with.map(str::to_owned),
        limit,
        ..Query::default()
    };
    for query in [
        Query::default(),
        query(Some("dinner"), None, None),
        query(Some("h"), None, Some(3)),
        query(None, Some("bob"), Some(2)),
    ] {
        if let Err(error) = history.read(&query) {
            panic!("{query:?}: {error}");
        }
    }
    if let Err(error) = history.topics() {
        panic!("the topic: {error}");
    }
}

/// A run of the program: it remembers, says a line, and has it
fn go_on(directory: &Path, start: u64) {
    let runtime = Builder::new_current_thread().enable_time().build();
    let Ok(runtime) = runtime else { panic!("no runtime") };
    let opened = match Store::open(directory, &room(), own(1_000 + start), Retention::default()) {
        Ok(opened) => opened,
        Err(error) => panic!("the store cannot be opened: {error}"),
    };
    assert_eq!(opened.moved_aside, None, "nothing is damaged");
    let mut store = opened.store;
    for entry in store.entries().flatten() {
        let signed = entry.signed.claim();
        assert!(signed.is_some_and(|claim| claim.author == entry.author && claim.seq == entry.seq));
    }
    let text = format!("after all {start}");
    store.store(Ticket(1), vec![Record::Line(line(start, &text))]);
    let report = runtime.block_on(async { timeout(PATIENCE, store.report()).await });
    assert_eq!(report, Ok(Report::Stored(Ticket(1))));
    let has_it = |history: &History, search: Option<&str>| {
        let query = Query { search: search.map(str::to_owned), ..Query::default() };
        let said = history.read(&query).unwrap_or_else(|error| panic!("{query:?}: {error}"));
        said.iter().filter(|said| said.text == text).count() == 1
    };
    assert!(
        has_it(store.history(), None) && has_it(store.history(), Some("after ALL")),
        "{text} is not there"
    );
    let closed = runtime.block_on(async { timeout(PATIENCE, store.close()).await });
    assert!(closed.is_ok(), "the store does not close");
    let Ok(Some(history)) = History::open(directory, &room()) else { panic!("nothing is there any more") };
    assert!(has_it(&history, None), "{text} is not there any more");
    let settled = Connection::open(directory.join("history.db"));
    let left = settled.and_then(|db| db.query_row("SELECT count(*) FROM arrivals", [], |row| row.get(0)));
    assert_eq!(left, Ok(0), "lines are on their way for ever");
}

/// The thread that writes answers within milliseconds, or has ended, or the whole machine stands still for a while
const PATIENCE: Duration = Duration::from_secs(600);
