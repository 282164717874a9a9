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
async fn what_turns_out_damaged_is_looked_at_by_the_next_start() {
    let mut desk = Desk::new();
    let mut opened = desk.open();
    let lines: Vec<Record> = (1..=300).map(|seq| desk.entry(&ann(), 1_001, seq, "hello")).collect();
    keep(&mut opened.store, 1, lines).await;
    opened.store.close().await;
    let bytes = spoil_page_of(&desk, "entries");
    fs::write(desk.path(), &bytes).unwrap();
    let opened = desk.open();
    assert_eq!(opened.moved_aside, None, "nobody has read it yet");
    assert!(opened.store.entries().flatten().count() < 300);
    opened.store.close().await;
    let opened = desk.open();
    assert!(opened.moved_aside.is_some());
    assert_eq!(opened.memory.own, None);
}

/// The file with a page of that table overwritten
fn spoil_page_of(desk: &Desk, table: &str) -> Vec<u8> {
    let db = Connection::open(desk.path()).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: usize = db.query_row(root, [table], |row| row.get(0)).unwrap();
    drop(db);
    let mut bytes = fs::read(desk.path()).unwrap();
    bytes[(page - 1) * 4_096..page * 4_096].fill(0xa5);
    bytes
}

/// A writer that has no more than so many pages, what is handed over to it, and what it reports
struct Bench {
    desk: Desk,
    room: i64,
    jobs: std::sync::mpsc::Sender<Job>,
    reports: mpsc::UnboundedReceiver<(Report, u64)>,
}

impl Bench {
    fn of_pages(more: i64) -> Self {
        let desk = Desk::new();
        let mut db = file::open(&desk.path()).unwrap();
        let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
        let pages: i64 = db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        db.pragma_update_and_check(None, "max_page_count", pages + more, |_| Ok(())).unwrap();
        let (jobs, queue) = std::sync::mpsc::channel();
        let (sender, reports) = mpsc::unbounded_channel();
        let retention = Retention::default();
        let clock = Clock::resume(&db, retention.age, clock::wall()).unwrap();
        let directory = desk.home.path().to_owned();
        let beginning = Beginning { db, directory, room, retention, clock, reports: sender };
        writer::start(beginning, queue).unwrap();
        Self { desk, room, jobs, reports }
    }

    fn batch(&self, ticket: u64, known_failures: u64, lines: u64) {
        let records =
            (1..=lines).map(|number| line(&bob(), 1_000 * ticket + number, &"x".repeat(500))).collect();
        let (room, ticket) = (self.room, Some(Ticket(ticket)));
        self.jobs.send(Job::Store { room, ticket, known_failures, records }).unwrap();
    }

    async fn report(&mut self) -> Report {
        self.reports.recv().await.unwrap().0
    }

    async fn close(self) -> Desk {
        let (closed, done) = oneshot::channel();
        self.jobs.send(Job::Close { room: self.room, is_sound: true, closed }).unwrap();
        done.await.unwrap();
        self.desk
    }
}

#[tokio::test]
async fn a_full_disk_is_reported_and_nothing_of_a_batch_is_kept() {
    let mut bench = Bench::of_pages(8);
    bench.batch(1, 0, 500);
    let Report::NotStored { ticket: Ticket(1), reason } = bench.report().await else { panic!("stored") };
    assert!(reason.contains("full"), "{reason}");
    bench.batch(2, 1, 1);
    assert_eq!(bench.report().await, Report::Stored(Ticket(2)));
    let desk = bench.close().await;
    let history = History::open(desk.home.path(), &desk.room).unwrap().unwrap();
    assert_eq!(history.read(&Query::default()).unwrap().len(), 1);
    let db = Connection::open(desk.path()).unwrap();
    let is_clean: bool = db.query_row("SELECT is_clean FROM run", [], |row| row.get(0)).unwrap();
    assert!(!is_clean, "something is missing");
}

#[tokio::test]
async fn what_was_handed_over_before_a_failure_was_known_is_not_stored_either() {
    let mut bench = Bench::of_pages(8);
    bench.batch(1, 0, 500);
    assert!(matches!(bench.report().await, Report::NotStored { ticket: Ticket(1), .. }));
    bench.batch(2, 0, 1);
    bench.batch(3, 0, 1);
    bench.batch(4, 1, 1);
    assert_eq!(bench.report().await, Report::Stored(Ticket(4)));
    let desk = bench.close().await;
    let history = History::open(desk.home.path(), &desk.room).unwrap().unwrap();
    assert_eq!(history.read(&Query::default()).unwrap().len(), 1);
}

#[tokio::test]
async fn a_failure_is_told_once_for_all_that_was_handed_over_until_then() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let db = Connection::open(desk.path()).unwrap();
    db.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON arrivals WHEN instr(new.lines, 'too much')
         BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .unwrap();
    store.store(Ticket(1), vec![line(&ann(), 1, "too much")]);
    while store.reports.is_empty() {
        tokio::task::yield_now().await;
    }
    store.store(Ticket(2), vec![line(&ann(), 2, "behind it")]);
    // A second report for what is behind it would come after the node has begun anew.
    assert!(matches!(store.report().await, Report::NotStored { ticket: Ticket(2), .. }));
    keep(&mut store, 3, vec![line(&ann(), 3, "anew")]).await;
    assert_eq!(texts(&store, &Query::default()), ["anew"]);
}

/// What stands in a row, and what is left of what is read if that makes no sense
const NONSENSE: [(&str, &[&str]); 7] = [
    ("UPDATE lines SET author = x'01' WHERE text = 'one'", &["two", "psst"]),
    ("UPDATE lines SET place = -1 WHERE text = 'two'", &["one", "psst"]),
    ("UPDATE lines SET text = CAST(x'ff' AS TEXT) WHERE text = 'two'", &["one", "psst"]),
    ("UPDATE whispers SET id = x''", &["one", "two"]),
    ("UPDATE peers SET peer = x'07' WHERE name = 'bob'", &["one", "two", "psst"]),
    ("UPDATE rooms SET own_hash = x'00'", &["one", "two", "psst"]),
    ("UPDATE run SET own = x'00'", &["one", "two", "psst"]),
];

#[tokio::test]
async fn a_row_that_makes_no_sense_is_left_out_and_keeps_nobody_from_the_rest() {
    for (sql, left) in NONSENSE {
        let mut desk = Desk::new();
        let mut store = desk.open().store;
        let said = desk.said(desk.incarnation, 1, "hi");
        let lines = vec![said, line(&bob(), 2, "one"), line(&bob(), 3, "two"), incoming(1, "psst")];
        keep(&mut store, 1, [lines, vec![peer(&bob(), "bob")]].concat()).await;
        store.close().await;
        let db = Connection::open(desk.path()).unwrap();
        assert!(db.execute(sql, []).unwrap() > 0, "{sql}");
        drop(db);
        let history = History::open(desk.home.path(), &desk.room).unwrap().unwrap();
        let read: Vec<_> =
            history.read(&Query::default()).unwrap().into_iter().map(|said| said.text).collect();
        assert_eq!(read, left, "{sql}");
        let mut opened = desk.open();
        assert_eq!(opened.moved_aside, None, "{sql}");
        keep(&mut opened.store, 1, vec![line(&bob(), 4, "three")]).await;
        assert_eq!(texts(&opened.store, &Query::default()), [left, &["three"]].concat(), "{sql}");
    }
}

#[tokio::test]
async fn lines_on_their_way_that_make_no_sense_keep_no_others_from_settling() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    keep(&mut store, 1, vec![line(&bob(), 1, "one")]).await;
    settle(&desk);
    let db = Connection::open(desk.path()).unwrap();
    for lines in [
        "[[\"0011\", 1.5, \"x\", -1, null, {}]]",
        "[[]]",
        "[5]",
        "{}",
        "nonsense",
        "[[\"00\",1,2,3,4,x'00']]",
    ] {
        let sql = "INSERT INTO arrivals (room, author, epoch, kept_at, lines) VALUES (1, x'00', 1, 1, ?1)";
        db.execute(sql, [lines]).unwrap();
    }
    keep(&mut store, 2, vec![line(&bob(), 2, "two")]).await;
    settle(&desk);
    assert_eq!(db.query_row("SELECT count(*) FROM arrivals", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert_eq!(texts(&store, &Query::default()), ["one", "two"]);
}
