//! What is settled and what goes when there is time

use super::{chores::Chores, value::Blob, *};

#[tokio::test]
async fn every_text_and_number_comes_back_before_it_is_settled_and_after() {
    let mut desk = Desk::new();
    let mut store = desk.open().store;
    let texts = ["a\0b", "\0", "\"\\\\\"", "\u{1}\u{7f}\u{2028}\u{fffe}😀", "\\u0000", "{}", " ", "null"];
    let long = (0..150).map(|number| ["\0", "x"][number % 2].repeat(Text::MAX_BYTES));
    let texts: Vec<String> = texts.into_iter().map(str::to_owned).chain(long).collect();
    let numbers = [0, 1, u64::from(u32::MAX), i64::MAX.cast_unsigned(), 1 << 63, u64::MAX];
    let number = |index: usize| numbers[index % numbers.len()];
    let lines = texts.iter().enumerate().map(|(index, text)| {
        let said = kept_line(&bob(), u64::try_from(index).unwrap(), text);
        let (epoch, seq) = (number(index / 50), number(index + 1));
        let order = Order { epoch, seq, index: u32::MAX, ..said.order };
        KeptLine { order, sent_at: WallTime::from_unix_millis(number(index)), ..said }
    });
    let lines: Vec<KeptLine> = lines.collect();
    keep(&mut store, 1, lines.iter().cloned().map(Record::Line).collect()).await;
    let end = Order { lamport: u64::MAX, ..lines[0].order };
    let end = KeptLine { id: whisper_id(u128::MAX), order: end, ..lines[0].clone() };
    keep(&mut store, 2, vec![Record::Line(end.clone())]).await;
    for _ in 0..2 {
        let said = store.history().read(&Query::default()).unwrap();
        let back = said.into_iter().map(|said| {
            let Kind::Line { order } = said.kind else { panic!("no line") };
            let text = Text::new(&said.text).unwrap();
            KeptLine { id: said.id, order, text, sent_at: said.sent_at, reply_to: None }
        });
        assert!(back.eq(lines.iter().chain([&end]).cloned()));
        settle(&desk);
    }
}

#[tokio::test]
async fn what_is_too_old_or_too_much_goes_and_whispers_that_wait_stay() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    let now = clock::wall();
    let records = (1..=250).map(|number| line(&bob(), number, "hello there"));
    // Somebody whose clock shows 1970
    let unset = KeptLine { sent_at: WallTime::default(), ..kept_line(&ann(), 251, "hello") };
    let whispers = [outgoing(1, "wait for it"), incoming(9, "hello bob")];
    apply(&db, room, now, records.chain([Record::Line(unset)]).chain(whispers));
    while arrivals::settle(&mut db).unwrap() {}
    let mut retention = Retention { entries: 3, ..Retention::default() };
    assert!(prune::prune(&mut db, &retention, now).unwrap(), "more than a portion");
    assert!(!prune::prune(&mut db, &retention, now).unwrap());
    assert_eq!((count(&db, "lines"), count(&db, "whispers")), (30, 2));
    let oldest: i64 = db.query_row("SELECT min(line) FROM lines", [], |row| row.get(0)).unwrap();
    assert_eq!(oldest, 222);
    retention.age = std::time::Duration::from_secs(1);
    let tomorrow = WallTime::from_unix_millis(now.as_unix_millis() + 86_400_000);
    prune::prune(&mut db, &retention, tomorrow).unwrap();
    assert_eq!((count(&db, "lines"), count(&db, "whispers")), (0, 1));
    let found = "SELECT count(*) FROM line_texts WHERE line_texts MATCH 'hello'";
    assert_eq!(db.query_row(found, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn the_next_run_knows_how_far_the_clock_is_behind() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (age, start) = (Retention::default().age, wall(0));
    let in_years = WallTime::from_unix_millis(start.as_unix_millis() << 1);
    let mut stamps = Vec::new();
    for (number, wall) in [(1, start), (2, in_years), (3, in_years)] {
        let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
        let mut clock = Clock::resume(&db, age, wall).unwrap();
        let stamp = clock.stamp(wall, std::time::Duration::ZERO);
        apply(&db, room, stamp, [line(&bob(), number, "hi")].into_iter());
        clock.note(&db).unwrap();
        stamps.push(stamp);
    }
    assert_eq!(stamps[0], start);
    assert_eq!(u128::from(stamps[1].as_unix_millis() - start.as_unix_millis()), age.as_millis() / 2);
    assert_eq!(stamps[2], stamps[1]);
}

#[tokio::test]
async fn whoever_says_much_drives_out_only_their_own_lines_and_other_rooms_are_tidied_too() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    let attic = Room::open(RoomName::new("attic").unwrap());
    memory::begin(&mut db, desk.home.path(), &attic, &desk.own()).unwrap();
    let lines = (1..=5).map(|number| line(&ann(), number, "hi"));
    let flood = (6..=100).map(|number| line(&bob(), number, "buy now"));
    apply(&db, room, clock::wall(), lines.chain(flood));
    while arrivals::settle(&mut db).unwrap() {}
    let retention = Retention { entries: 1, ..Retention::default() };
    while prune::prune(&mut db, &retention, clock::wall()).unwrap() {}
    let of_ann = "SELECT count(*) FROM lines WHERE text = 'hi'";
    assert_eq!(db.query_row(of_ann, [], |row| row.get::<_, i64>(0)).unwrap(), 5);
    assert_eq!(count(&db, "lines"), 10);
}

#[test]
fn a_row_that_makes_no_sense_holds_up_no_others() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    apply(&db, room, clock::wall(), [line(&ann(), 1, "hi"), line(&bob(), 2, "ho")].into_iter());
    db.execute("UPDATE arrivals SET lines = substr(lines, 2) WHERE author = ?1", [Blob::from(ann().key())])
        .unwrap();
    let history = History::open(desk.home.path(), &desk.room).unwrap().unwrap();
    assert_eq!(history.read(&Query::default()).unwrap().len(), 1);
    while arrivals::settle(&mut db).unwrap() {}
    assert_eq!((count(&db, "arrivals"), count(&db, "lines")), (0, 1));
}

#[test]
fn many_who_say_little_are_too_much_as_well() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    let lines = (1..=100).map(|number| line(&Identity::from_secret([number; 32]), number.into(), "hi"));
    apply(&db, room, clock::wall(), lines);
    while arrivals::settle(&mut db).unwrap() {}
    let retention = Retention { entries: 1, ..Retention::default() };
    assert!(!prune::prune(&mut db, &retention, clock::wall()).unwrap(), "all at once");
    assert_eq!(count(&db, "lines"), 10);
}

#[test]
fn in_a_talk_without_a_pause_lines_are_settled_and_what_is_too_much_goes() {
    let desk = Desk::new();
    let mut db = file::open(&desk.path()).unwrap();
    let (room, _) = memory::begin(&mut db, desk.home.path(), &desk.room, &desk.own()).unwrap();
    let mut chores = Chores::new(Retention { entries: 10, ..Retention::default() });
    for round in 0..2 {
        let both = |number| [line(&ann(), number, "hi"), line(&bob(), number, "hi")];
        let lines = (1_000 * round..1_000 * (round + 1)).flat_map(both);
        apply(&db, room, clock::wall(), lines);
        // More of them would take long here.
        chores.note(1_000_000);
        for _ in 0..60 {
            chores.note(2);
            while chores.are_pressing() {
                chores.do_one(&mut db, clock::wall()).unwrap();
            }
        }
        assert_eq!(count(&db, "arrivals"), 0);
    }
    assert_eq!(count(&db, "lines"), 100 + 2_000, "what came first is gone");
}

#[tokio::test]
async fn runs_that_last_a_moment_leave_nothing_unsettled_nor_too_old() {
    let mut desk = Desk::new();
    for number in 1..=2 {
        let mut store = desk.open().store;
        keep(&mut store, 1, vec![line(&bob(), number, "hi"), incoming(1, "psst")]).await;
        store.close().await;
        let db = Connection::open(desk.path()).unwrap();
        assert_eq!((count(&db, "arrivals"), count(&db, "lines")), (0, 1));
        db.execute("UPDATE lines SET kept_at = -9223372036854775807", []).unwrap();
    }
}

fn apply(db: &Connection, room: i64, kept_at: WallTime, records: impl Iterator<Item = Record>) {
    let records: Vec<_> = records.collect();
    let mut batch = apply::Batch::new(db, room, kept_at).unwrap();
    records.iter().for_each(|record| batch.apply(record).unwrap());
    batch.finish().unwrap();
}

fn count(db: &Connection, table: &str) -> i64 {
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}
