//! What people do about lines, before they come and after, settled or not

use std::time::Duration;

use lanchat_protocol::{Change, KeptChange, Reaction, Topic};
use proptest::prelude::*;

use super::*;
use crate::store::value::Blob;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn they_come_to_the_same_in_any_order(
        records in Just(story()).prop_shuffle(), settled in prop::collection::vec(any::<bool>(), 24)
    ) {
        let desk = Desk::new();
        let mut db = file::open(&desk.path()).unwrap();
        let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
        for (record, is_settled) in records.iter().zip(settled) {
            apply_all(&db, room, [record.clone()]);
            while is_settled && arrivals::settle(&mut db).unwrap() {}
        }
        for _ in 0..2 {
            prop_assert_eq!(outcome(&desk), expected());
            while arrivals::settle(&mut db).unwrap() {}
        }
    }
}

#[tokio::test]
async fn what_a_line_says_now_is_found_and_what_it_said_before_is_not() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    keep(&mut store, 1, vec![line(&bob(), 1, "dinner at seven"), line(&bob(), 2, "my secret")]).await;
    settle(&desk);
    keep(&mut store, 2, vec![edit(&bob(), 1, 3, "dinner at eight"), delete(&bob(), 2, 4)]).await;
    keep(&mut store, 3, vec![line(&bob(), 5, "lunch at nine"), edit(&bob(), 5, 6, "lunch at ten")]).await;
    for _ in 0..2 {
        for (part, found) in [
            ("eight", vec!["dinner at eight"]),
            ("seven", vec![]),
            ("secret", vec![]),
            ("ten", vec!["lunch at ten"]),
            ("nine", vec![]),
            ("t", vec!["dinner at eight", "lunch at ten"]),
        ] {
            assert_eq!(search(&store, part), found, "{part}");
        }
        settle(&desk);
    }
}

#[tokio::test]
async fn the_text_of_a_deleted_line_is_forgotten_whatever_comes_after() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    keep(&mut store, 1, vec![edit(&bob(), 1, 2, "secret one"), delete(&bob(), 1, 3)]).await;
    keep(&mut store, 2, vec![line(&bob(), 1, "secret two"), edit(&bob(), 1, 4, "secret three")]).await;
    settle(&desk);
    keep(&mut store, 3, vec![edit(&bob(), 1, 5, "secret four")]).await;
    store.close().await;
    let db = Connection::open(desk.path()).unwrap();
    for table in ["lines", "changes", "arrivals"] {
        let column = if table == "arrivals" { "lines" } else { "text" };
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} LIKE '%secret%'");
        assert_eq!(db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0, "{table}");
    }
    let check = "INSERT INTO line_texts (line_texts, rank) VALUES ('integrity-check', 1)";
    db.execute(check, []).unwrap();
}

#[tokio::test]
async fn a_reply_comes_back_with_the_beginning_of_what_it_answers() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let reply = |lamport, to| {
        let line = kept_line(&ann(), lamport, "yes");
        Record::Line(KeptLine { reply_to: Some(line_id(&bob(), to)), ..line })
    };
    let long = "x".repeat(1_000);
    let records = vec![peer(&bob(), "bob"), line(&bob(), 1, &long), reply(2, 1), reply(3, 9)];
    keep(&mut store, 1, records).await;
    for _ in 0..2 {
        let said = store.history().read(&Query::default()).unwrap();
        let quote = said[1].about.quote.as_ref().unwrap();
        assert_eq!((quote.author.name.as_deref(), quote.text.as_str()), (Some("bob"), &long[..200]));
        assert_eq!(said[2].about.reply_to, Some(line_id(&bob(), 9)));
        assert_eq!(said[2].about.quote, None, "that line never came");
        settle(&desk);
    }
    let last = store.history().read(&Query { limit: Some(2), ..Query::default() }).unwrap();
    assert_eq!(last[0].about.quote.as_ref().map(|quote| quote.text.len()), Some(200));
    keep(&mut store, 2, vec![delete(&bob(), 1, 8)]).await;
    let last = store.history().read(&Query { limit: Some(2), ..Query::default() }).unwrap();
    assert_eq!(last[0].about.quote.as_ref().map(|quote| quote.text.as_str()), Some(""));
    drop(store);
    Connection::open(desk.path()).unwrap().execute(BLOCK, [Blob::from(bob().key())]).unwrap();
    let history = History::open(desk.home.path(), &desk.room).unwrap().unwrap();
    let said = history.read(&Query::default()).unwrap();
    assert!(said.iter().all(|said| said.about.quote.is_none()), "whoever is blocked is not quoted");
}

const BLOCK: &str = "INSERT INTO acquaintances (peer, name, trust, is_blocked) VALUES (?1, 'bob', 0, TRUE)";

#[tokio::test]
async fn one_who_reacts_much_hides_nobody_elses_reactions() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let many = (0..600).map(|number| react(&ann(), 1, 3 + number, &format!("w{number}")));
    let records = [line(&bob(), 1, "hi"), react(&bob(), 1, 2, "wow")].into_iter().chain(many);
    keep(&mut store, 1, records.collect()).await;
    let under = |store: &Store| -> Vec<String> {
        let said = store.history().read(&Query::default()).unwrap().remove(0);
        said.about.reactions.into_iter().map(|reacted| reacted.with).collect()
    };
    let newest = (592..600).map(|number| format!("w{number}"));
    assert_eq!(under(&store), ["wow".to_owned()].into_iter().chain(newest).collect::<Vec<_>>());
    keep(&mut store, 2, vec![react(&ann(), 1, 900, ""), react(&ann(), 1, 901, "back")]).await;
    assert_eq!(under(&store), ["wow", "back"]);
}

#[tokio::test]
async fn a_topic_takes_none_away_that_somebody_else_set_and_each_has_its_time() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let topic = |author: &Identity, at, text: &str| change(author, at, Change::Topic(Topic::new(text).ok()));
    let records = vec![topic(&ann(), 4, "dogs"), topic(&bob(), 5, "cats"), topic(&bob(), 3, "birds")];
    keep(&mut store, 1, records).await;
    let texts = |store: &Store| -> Vec<String> {
        store.history().topics().unwrap().into_iter().map(|topic| topic.text).collect()
    };
    assert_eq!(texts(&store), ["cats", "dogs"], "the latest of each, the one that counts first");
    store.close().await;
    let mut db = file::open(&desk.path()).unwrap();
    let old = "UPDATE topics SET kept_at = kept_at - 1000000 WHERE author = ?1";
    db.execute(old, [Blob::from(ann().key())]).unwrap();
    let kept_at: Wide =
        db.query_row("SELECT kept_at FROM topics ORDER BY kept_at DESC", [], |row| row.get(0)).unwrap();
    let retention = Retention { age: Duration::ZERO, ..Retention::default() };
    prune::prune(&mut db, &retention, WallTime::from_unix_millis(kept_at.0)).unwrap();
    drop(db);
    assert_eq!(texts(&desk.open().store), ["cats"]);
}

#[tokio::test]
async fn topics_of_many_have_a_bound() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    for number in 0..300_u32 {
        let insert = "INSERT INTO topics VALUES (?1, ?2, ?3, 0, 0, 0, 0, 0, 'x')";
        let author = [&number.to_be_bytes()[..], &[0; 28]].concat();
        db.execute(insert, params![room, author, number]).unwrap();
    }
    let retention = Retention { age: Duration::MAX, ..Retention::default() };
    prune::prune(&mut db, &retention, WallTime::from_unix_millis(0)).unwrap();
    let left = "SELECT count(*), min(lamport) FROM topics";
    let left = db.query_row(left, [], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?))).unwrap();
    assert_eq!(left, (256, 44), "those that count most stay");
}

#[tokio::test]
async fn what_is_changed_anew_is_kept_from_then_on() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    keep(&mut store, 1, vec![edit(&bob(), 1, 3, "one"), edit(&bob(), 2, 4, "two")]).await;
    store.close().await;
    let db = file::open(&desk.path()).unwrap();
    db.execute("UPDATE changes SET kept_at = kept_at - 1000000", []).unwrap();
    drop(db);
    let mut store = desk.open().store;
    keep(&mut store, 1, vec![edit(&bob(), 1, 5, "three")]).await;
    store.close().await;
    let db = file::open(&desk.path()).unwrap();
    let mut query = db.prepare("SELECT text FROM changes ORDER BY change").unwrap();
    let texts: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(texts, ["two", "three"], "later rows were kept later");
    let newer = "SELECT max(kept_at) - min(kept_at) >= 1000000 FROM changes";
    assert!(db.query_row(newer, [], |row| row.get::<_, bool>(0)).unwrap());
}

#[tokio::test]
async fn of_topics_the_one_with_the_greatest_place_comes_back_in_the_next_run() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    assert_eq!(store.history().topics().unwrap(), []);
    let topic = |author: &Identity, at, text: &str| change(author, at, Change::Topic(Topic::new(text).ok()));
    keep(&mut store, 1, vec![topic(&bob(), 5, "cats"), topic(&ann(), 4, "dogs"), peer(&bob(), "bob")]).await;
    store.close().await;
    let mut store = desk.open().store;
    let kept = store.history().topics().unwrap().remove(0);
    assert_eq!((kept.text.as_str(), kept.author.name.as_deref(), kept.own), ("cats", Some("bob"), false));
    keep(&mut store, 1, vec![topic(&ann(), 6, "")]).await;
    let kept = store.history().topics().unwrap().remove(0);
    assert_eq!((kept.text.as_str(), kept.own), ("", true));
}

#[tokio::test]
async fn a_store_of_the_version_before_is_gone_on_with() {
    let mut desk = Desk::new();
    older(&desk, 4);
    let Opened { mut store, memory, moved_aside, .. } = desk.open();
    assert_eq!((memory.lamport, moved_aside), (7, None));
    assert_eq!(search(&store, "before"), ["said before"]);
    keep(&mut store, 1, vec![edit(&bob(), 1, 8, "said anew")]).await;
    assert_eq!((search(&store, "before"), search(&store, "anew")), (vec![], vec!["said anew".to_owned()]));
}

#[test]
fn what_is_about_lines_that_never_come_does_not_fill_the_disk() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    apply_all(&db, room, (1..=150).map(|number| edit(&bob(), number, number, "x")));
    apply_all(&db, room, [edit(&ann(), 1, 151, "x")]);
    let retention = Retention { entries: 3, ..Retention::default() };
    while prune::prune(&mut db, &retention, clock::wall()).unwrap() {}
    let left = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(left("SELECT count(*) FROM changes"), 30);
    assert_eq!(left("SELECT count(DISTINCT author) FROM changes"), 2, "whoever has most loses first");
}

/// Lines, and what their authors and others do about them
fn story() -> Vec<Record> {
    let cleo = Identity::from_secret([3; 32]);
    vec![
        line(&bob(), 1, "one"),
        line(&bob(), 2, "two"),
        line(&bob(), 3, "three"),
        line(&cleo, 4, "four"),
        edit(&bob(), 1, 10, "one, edited"),
        edit(&bob(), 1, 12, "one, edited again"),
        edit_of(&cleo, line_id(&bob(), 1), 13, "not mine"),
        edit(&bob(), 2, 11, "two, edited"),
        delete(&bob(), 2, 14),
        edit(&bob(), 2, 15, "two, edited after all"),
        react(&cleo, 2, 16, "👍"),
        change(&cleo, 17, Change::Delete { target: line_id(&bob(), 3) }),
        react(&cleo, 3, 18, "😢"),
        react(&cleo, 3, 19, ""),
        react(&cleo, 3, 20, "👍"),
        react(&bob(), 3, 21, "❤"),
        react(&bob(), 3, 22, "👍"),
        react(&bob(), 3, 9, ""),
    ]
}

fn expected() -> Vec<String> {
    let expected =
        ["one, edited again EDITED at 12 []", "DELETED []", "three [👍 at 20, ❤ at 21, 👍 at 22]", "four []"];
    expected.map(str::to_owned).to_vec()
}

fn outcome(desk: &Desk) -> Vec<String> {
    let history = History::open(desk.home.path(), &desk.room).unwrap().unwrap();
    let said = history.read(&Query::default()).unwrap();
    let lines = said.into_iter().map(|Said { text, about, .. }| {
        let mark = match (about.deleted, about.edited_order) {
            (true, _) => "DELETED".to_owned(),
            (false, Some(order)) => format!("{text} EDITED at {}", order.lamport),
            (false, None) => text,
        };
        let reactions = about.reactions.iter();
        let reactions: Vec<String> =
            reactions.map(|reacted| format!("{} at {}", reacted.with, reacted.order.lamport)).collect();
        format!("{mark} [{}]", reactions.join(", "))
    });
    lines.collect()
}

fn apply_all(db: &Connection, room: i64, records: impl IntoIterator<Item = Record>) {
    let records: Vec<Record> = records.into_iter().collect();
    let mut batch = apply::Batch::new(db, room, clock::wall()).unwrap();
    records.iter().for_each(|record| batch.apply(record).unwrap());
    batch.finish().unwrap();
}

fn line_id(author: &Identity, lamport: u64) -> MessageId {
    kept_line(author, lamport, "x").id
}

fn edit(author: &Identity, target: u64, at: u64, text: &str) -> Record {
    edit_of(author, line_id(author, target), at, text)
}

fn edit_of(author: &Identity, target: MessageId, at: u64, text: &str) -> Record {
    change(author, at, Change::Edit { target, text: Text::new(text).unwrap() })
}

fn delete(author: &Identity, target: u64, at: u64) -> Record {
    change(author, at, Change::Delete { target: line_id(author, target) })
}

/// To a line of bob's
fn react(author: &Identity, target: u64, at: u64, with: &str) -> Record {
    change(author, at, Change::React { target: line_id(&bob(), target), with: Reaction::new(with).ok() })
}

fn change(author: &Identity, at: u64, change: Change) -> Record {
    let KeptLine { id, order, sent_at, .. } = kept_line(author, at, "x");
    Record::Change(KeptChange { id, order, change, sent_at })
}
