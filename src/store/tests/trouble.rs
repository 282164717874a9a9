//! Files that are damaged, new, old or full

use super::*;

#[tokio::test]
async fn what_is_no_store_is_moved_aside_and_a_new_log_begins() {
    for spoil in [spoil_start as Spoil, truncate, spoil_end] {
        let mut desk = Desk::new();
        let mut opened = desk.open();
        let lines: Vec<Record> = (1..=300).map(|seq| desk.entry(&ann(), 1_001, seq, "hello")).collect();
        keep(&mut opened.store, 1, lines).await;
        opened.store.close().await;
        // As after a run that was killed.
        Connection::open(desk.path()).unwrap().execute("UPDATE run SET is_clean = FALSE", []).unwrap();
        let bytes = spoil(fs::read(desk.path()).unwrap());
        fs::write(desk.path(), &bytes).unwrap();
        let mut opened = desk.open();
        let aside = opened.moved_aside.unwrap();
        assert!(aside.file_name().unwrap().to_str().unwrap().starts_with("history.db.broken-"), "{aside:?}");
        assert_eq!(fs::read(aside).unwrap(), bytes);
        assert_eq!((opened.memory.own, opened.memory.lamport), (None, 0));
        keep(&mut opened.store, 1, vec![line(&bob(), 1, "hi")]).await;
        opened.store.close().await;
        assert_eq!(desk.open().moved_aside, None);
    }
}

type Spoil = fn(Vec<u8>) -> Vec<u8>;

fn spoil_start(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[..20].fill(b'x');
    bytes
}

fn truncate(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2 - 100);
    bytes
}

fn spoil_end(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    bytes
}

#[tokio::test]
async fn a_newer_store_is_refused_and_left_alone() {
    let mut desk = Desk::new();
    desk.open().store.close().await;
    Connection::open(desk.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(desk.path()).unwrap();
    let message =
        Store::open(desk.home.path(), &desk.room, desk.own(), Retention::default()).unwrap_err().to_string();
    assert!(message.contains("newer") && message.contains("history.db"), "{message}");
    let reading = History::open(desk.home.path(), &desk.room).unwrap_err();
    assert!(matches!(reading, StoreError::Newer { .. }));
    assert_eq!(fs::read(desk.path()).unwrap(), before);
}

#[tokio::test]
async fn a_full_disk_is_reported_and_nothing_of_a_batch_is_kept() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    let pages: i64 = db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    db.pragma_update_and_check(None, "max_page_count", pages + 8, |_| Ok(())).unwrap();
    let (jobs, queue) = std::sync::mpsc::channel();
    let (sender, mut reports) = mpsc::unbounded_channel();
    writer::start(db, room, Retention::default(), queue, sender).unwrap();
    let batch = |ticket, count: u64| {
        let records =
            (1..=count).map(|number| line(&bob(), 1_000 * ticket + number, &"x".repeat(500))).collect();
        jobs.send(Job::Batch { ticket: Some(Ticket(ticket)), records }).unwrap();
    };
    batch(1, 500);
    let Some(Report::NotStored { ticket: Ticket(1), reason }) = reports.recv().await else {
        panic!("stored")
    };
    assert!(reason.contains("full"), "{reason}");
    batch(2, 1);
    assert_eq!(reports.recv().await, Some(Report::Stored(Ticket(2))));
    let (closed, done) = oneshot::channel();
    jobs.send(Job::Close(closed)).unwrap();
    done.await.unwrap();
    let history = History::open(desk.home.path(), &desk.room).unwrap().unwrap();
    assert_eq!(history.read(&Query::default()).unwrap().len(), 1);
    let db = Connection::open(desk.path()).unwrap();
    let is_clean: bool = db.query_row("SELECT is_clean FROM run", [], |row| row.get(0)).unwrap();
    assert!(!is_clean, "something is missing");
}

#[tokio::test]
async fn what_is_too_old_or_too_much_goes_and_whispers_that_wait_stay() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    let now = memory::now();
    for number in 1..=250 {
        apply::apply(&db, room, &line(&bob(), number, "hello there"), now).unwrap();
    }
    apply::apply(&db, room, &outgoing(1, "wait for it"), now).unwrap();
    apply::apply(&db, room, &incoming(9, "hello bob"), now).unwrap();
    let mut retention = Retention { entries: 3, ..Retention::default() };
    let count = |db: &Connection, table: &str| -> i64 {
        db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    assert!(prune::prune(&mut db, room, &retention, now).unwrap(), "more than a portion");
    assert!(!prune::prune(&mut db, room, &retention, now).unwrap());
    assert_eq!((count(&db, "lines"), count(&db, "whispers")), (30, 2));
    let oldest: i64 = db.query_row("SELECT min(line) FROM lines", [], |row| row.get(0)).unwrap();
    assert_eq!(oldest, 221);
    retention.age = std::time::Duration::from_secs(1);
    let tomorrow = WallTime::from_unix_millis(now.as_unix_millis() + 86_400_000);
    prune::prune(&mut db, room, &retention, tomorrow).unwrap();
    assert_eq!((count(&db, "lines"), count(&db, "whispers")), (0, 1));
    let found = "SELECT count(*) FROM line_texts WHERE line_texts MATCH 'hello'";
    assert_eq!(db.query_row(found, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}
