//! The tables, and how a file of an earlier version gets them
//!
//! A version that was released is never changed: what comes next is a further step.

use rusqlite::Connection;

use super::error::Trouble;

/// What makes version N out of version N - 1
const STEPS: [&str; 6] = [TABLES, SEARCH, ARRIVALS, ACQUAINTANCES, CHANGES, STAYS];

/// Marks the file as ours: "lanc"
const APPLICATION: i64 = 0x6c61_6e63;

/// Brings the file to the version of this program, in one go: who is killed meanwhile leaves no older one behind
pub(super) fn migrate(db: &mut Connection) -> Result<(), Trouble> {
    let version = version(db)?;
    if version == STEPS.len() {
        return Ok(());
    }
    let change = db.transaction()?;
    for sql in STEPS.iter().skip(version) {
        change.execute_batch(sql)?;
    }
    change.pragma_update(None, "user_version", STEPS.len())?;
    change.pragma_update(None, "application_id", APPLICATION)?;
    change.commit()?;
    Ok(())
}

/// Checks that the file is one to be read as it is; `false` if there is nothing in it yet
pub(super) fn is_current(db: &Connection) -> Result<bool, Trouble> {
    match version(db)? {
        0 => Ok(false),
        version if version < STEPS.len() => Err(Trouble::Older),
        _ => Ok(true),
    }
}

fn version(db: &Connection) -> Result<usize, Trouble> {
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let version = usize::try_from(number("user_version")?).map_err(|_| Trouble::Newer)?;
    let is_empty = db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
    match number("application_id")? {
        0 if version == 0 && is_empty => Ok(0),
        APPLICATION if version > STEPS.len() => Err(Trouble::Newer),
        APPLICATION => Ok(version),
        _ => Err(Trouble::Damaged),
    }
}

const TABLES: &str = "
    -- The latest run that wrote here, and the oldest of its own epochs that is all here
    CREATE TABLE run (
        one INTEGER PRIMARY KEY CHECK (one = 1), own BLOB NOT NULL, incarnation INTEGER NOT NULL,
        is_clean INTEGER NOT NULL, oldest_epoch INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE rooms (
        room INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL, lamport INTEGER NOT NULL,
        own_epoch INTEGER, own_seq INTEGER, own_hash BLOB
    ) STRICT;
    CREATE TABLE peers (
        room INTEGER NOT NULL, peer BLOB NOT NULL, id BLOB NOT NULL, name TEXT NOT NULL,
        incarnation INTEGER NOT NULL, heard_at INTEGER NOT NULL,
        PRIMARY KEY (room, peer)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE entries (
        room INTEGER NOT NULL, author BLOB NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
        lamport INTEGER NOT NULL, sent_at INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL,
        signature BLOB NOT NULL,
        PRIMARY KEY (room, author, epoch, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE lines (
        line INTEGER PRIMARY KEY, room INTEGER NOT NULL, id BLOB NOT NULL, lamport INTEGER NOT NULL,
        author BLOB NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL,
        sent_at INTEGER NOT NULL, text TEXT NOT NULL,
        UNIQUE (room, id)
    ) STRICT;
    CREATE INDEX transcript ON lines (room, lamport, author, epoch, seq, place);
    -- lamport: that of the room when it was whispered, which is its place among the lines
    CREATE TABLE whispers (
        whisper INTEGER PRIMARY KEY, room INTEGER NOT NULL, id BLOB NOT NULL, lamport INTEGER NOT NULL,
        peer BLOB NOT NULL, is_own INTEGER NOT NULL, state INTEGER NOT NULL, epoch INTEGER, seq INTEGER,
        sent_at INTEGER NOT NULL, text TEXT NOT NULL,
        UNIQUE (room, id)
    ) STRICT;
    CREATE INDEX whispered ON whispers (room, lamport, whisper);
    CREATE INDEX outbox ON whispers (room, epoch, seq) WHERE state = 1;
    CREATE TABLE heard (
        room INTEGER NOT NULL, peer BLOB NOT NULL, epoch INTEGER NOT NULL, upto INTEGER NOT NULL,
        PRIMARY KEY (room, peer, epoch)
    ) STRICT, WITHOUT ROWID;
";

/// Trigrams, because words are not told apart by spaces in every language
const SEARCH: &str = "
    CREATE VIRTUAL TABLE line_texts USING fts5 (text, content = 'lines', content_rowid = 'line', tokenize = 'trigram');
    CREATE TRIGGER line_added AFTER INSERT ON lines BEGIN
        INSERT INTO line_texts (rowid, text) VALUES (new.line, new.text);
    END;
    CREATE TRIGGER line_removed AFTER DELETE ON lines BEGIN
        INSERT INTO line_texts (line_texts, rowid, text) VALUES ('delete', old.line, old.text);
    END;
    CREATE VIRTUAL TABLE whisper_texts
        USING fts5 (text, content = 'whispers', content_rowid = 'whisper', tokenize = 'trigram');
    CREATE TRIGGER whisper_added AFTER INSERT ON whispers BEGIN
        INSERT INTO whisper_texts (rowid, text) VALUES (new.whisper, new.text);
    END;
    CREATE TRIGGER whisper_removed AFTER DELETE ON whispers BEGIN
        INSERT INTO whisper_texts (whisper_texts, rowid, text) VALUES ('delete', old.whisper, old.text);
    END;
    INSERT INTO line_texts (line_texts) VALUES ('rebuild');
    INSERT INTO whisper_texts (whisper_texts) VALUES ('rebuild');
";

/// Lines come in faster than they can be put in order and indexed; and how long ago is a matter of this clock alone
const ARRIVALS: &str = "
    -- lines: a JSON array of what the view takes apart; lag: of the store's clock, in milliseconds
    CREATE TABLE arrivals (
        arrival INTEGER PRIMARY KEY, room INTEGER NOT NULL, author BLOB NOT NULL, epoch INTEGER NOT NULL,
        kept_at INTEGER NOT NULL, lines TEXT NOT NULL
    ) STRICT;
    CREATE VIEW arriving AS
        SELECT arrival, room, unhex(value ->> 0) AS id, value ->> 1 AS lamport, author, epoch, value ->> 2 AS seq,
            value ->> 3 AS place, value ->> 4 AS sent_at, kept_at, value ->> 5 AS text
        FROM arrivals, json_each(iif(json_valid(lines), lines, '[]'));
    ALTER TABLE run ADD COLUMN lag INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE lines ADD COLUMN kept_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE whispers ADD COLUMN kept_at INTEGER NOT NULL DEFAULT 0;
    -- As numbers are written here, 0 is the smallest
    UPDATE lines SET kept_at = unixepoch() * 1000 - 9223372036854775807 - 1;
    UPDATE whispers SET kept_at = unixepoch() * 1000 - 9223372036854775807 - 1;
    -- For who said most
    CREATE INDEX said ON lines (room, author);
    -- There are few whispers: they are searched by reading them.
    DROP TRIGGER whisper_added;
    DROP TRIGGER whisper_removed;
    DROP TABLE whisper_texts;
";

/// A person knows others, and blocks them, in whatever room they meet
const ACQUAINTANCES: &str = "
    -- trust: 0 is none, 1 pinned, 2 verified
    CREATE TABLE acquaintances (
        peer BLOB PRIMARY KEY, name TEXT NOT NULL, trust INTEGER NOT NULL, is_blocked INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE pinned_names (
        peer BLOB NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (peer, place)
    ) STRICT, WITHOUT ROWID;
    -- other: the id of somebody who has such a name and is not them
    CREATE TABLE told_apart (
        peer BLOB NOT NULL, other BLOB NOT NULL,
        PRIMARY KEY (peer, other)
    ) STRICT, WITHOUT ROWID;
";

/// What people do about lines: it may come before the line, and is kept beside it
const CHANGES: &str = "
    -- kind: 0 edit, 1 deletion, 2 reaction; reaction: what with, empty when all are taken back
    -- Of several of one author that differ in nothing else the one with the greatest place stays.
    CREATE TABLE changes (
        change INTEGER PRIMARY KEY, room INTEGER NOT NULL, target BLOB NOT NULL, author BLOB NOT NULL,
        kind INTEGER NOT NULL, reaction TEXT NOT NULL, lamport INTEGER NOT NULL, epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL, place INTEGER NOT NULL, kept_at INTEGER NOT NULL, text TEXT NOT NULL,
        UNIQUE (room, target, author, kind, reaction)
    ) STRICT;
    CREATE INDEX changed ON changes (room, author);
    -- The latest of each author: which of them counts is a matter of whom one blocks
    CREATE TABLE topics (
        room INTEGER NOT NULL, author BLOB NOT NULL, lamport INTEGER NOT NULL, epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL, place INTEGER NOT NULL, sent_at INTEGER NOT NULL, kept_at INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (room, author)
    ) STRICT, WITHOUT ROWID;
    -- marks: 1 edited, 2 deleted, which the text follows
    ALTER TABLE lines ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE lines ADD COLUMN reply_to BLOB;
    CREATE TRIGGER line_changed AFTER UPDATE OF text ON lines BEGIN
        INSERT INTO line_texts (line_texts, rowid, text) VALUES ('delete', old.line, old.text);
        INSERT INTO line_texts (rowid, text) VALUES (new.line, new.text);
    END;
    -- A line as it stands, changed by what is kept of its author's; those on their way end with what they answer
    DROP VIEW arriving;
    CREATE VIEW arriving AS
        SELECT arrival, arrivals.room, unhex(value ->> 0) AS id, value ->> 1 AS lamport, arrivals.author,
            arrivals.epoch, value ->> 2 AS seq, value ->> 3 AS place, value ->> 4 AS sent_at, arrivals.kept_at,
            CASE WHEN deletion.change IS NOT NULL THEN '' ELSE coalesce(edit.text, value ->> 5) END AS text,
            iif(edit.change IS NULL, 0, 1) | iif(deletion.change IS NULL, 0, 2) AS marks,
            unhex(value ->> 6) AS reply_to
        FROM arrivals, json_each(iif(json_valid(lines), lines, '[]'))
        LEFT JOIN changes AS edit ON edit.room = arrivals.room AND edit.target = unhex(value ->> 0)
            AND edit.author = arrivals.author AND edit.kind = 0 AND edit.reaction = ''
        LEFT JOIN changes AS deletion ON deletion.room = arrivals.room AND deletion.target = unhex(value ->> 0)
            AND deletion.author = arrivals.author AND deletion.kind = 1 AND deletion.reaction = '';
";

/// Rooms are entered and left one by one: each has its own good end, or none
const STAYS: &str = "
    -- is_open: somebody of this profile is in the room, or was and did not leave it well
    ALTER TABLE rooms ADD COLUMN is_open INTEGER NOT NULL DEFAULT FALSE;
    UPDATE rooms SET is_open = TRUE WHERE NOT EXISTS (SELECT 1 FROM run WHERE is_clean);
";

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file as a program made it that knew the first so many steps
    pub(in crate::store) fn make(db: &Connection, version: usize) {
        STEPS[..version].iter().for_each(|sql| db.execute_batch(sql).unwrap());
        db.pragma_update(None, "application_id", APPLICATION).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
    }

    fn fresh() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn an_earlier_version_keeps_its_lines_and_they_can_be_searched() {
        let mut db = fresh();
        make(&db, 1);
        db.execute("INSERT INTO lines VALUES (7, 1, x'01', 1, x'02', 1, 1, 0, 0, 'dinner is ready')", [])
            .unwrap();
        assert!(matches!(is_current(&db), Err(Trouble::Older)));
        migrate(&mut db).unwrap();
        assert!(is_current(&db).unwrap());
        let is_new = "SELECT kept_at > unixepoch() * 1000 - 9223372036854775807 - 60000 FROM lines";
        assert!(db.query_row(is_new, [], |row| row.get::<_, bool>(0)).unwrap());
        let found = "SELECT rowid FROM line_texts WHERE line_texts MATCH 'inner'";
        assert_eq!(db.query_row(found, [], |row| row.get::<_, i64>(0)).unwrap(), 7);
        migrate(&mut db).unwrap();
    }

    #[test]
    fn lines_on_their_way_in_an_earlier_version_arrive() {
        let mut db = fresh();
        make(&db, 4);
        let arrived =
            r#"INSERT INTO arrivals VALUES (1, 1, x'02', 1, 0, '[["0a", 1, 1, 0, 5, "dinner is ready"]]')"#;
        db.execute(arrived, []).unwrap();
        assert!(matches!(is_current(&db), Err(Trouble::Older)));
        migrate(&mut db).unwrap();
        while super::super::arrivals::settle(&mut db).unwrap() {}
        let line = "SELECT text, marks, reply_to FROM lines WHERE id = x'0a'";
        let line = db.query_row(line, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(line, ("dinner is ready".to_owned(), 0_i64, None::<Vec<u8>>));
    }

    #[test]
    fn a_run_of_an_earlier_version_that_was_killed_left_no_room_well() {
        for (is_clean, is_open) in [(true, false), (false, true)] {
            let mut db = fresh();
            make(&db, 4);
            db.execute("INSERT INTO run VALUES (1, x'01', 1, ?1, 1, 0)", [is_clean]).unwrap();
            db.execute("INSERT INTO rooms VALUES (1, x'01', 'lobby', 1, 1, 1, x'01')", []).unwrap();
            migrate(&mut db).unwrap();
            let found = db.query_row("SELECT is_open FROM rooms", [], |row| row.get::<_, bool>(0)).unwrap();
            assert_eq!(found, is_open);
        }
    }

    #[test]
    fn a_store_that_is_being_made_is_empty_or_whole() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut db = Connection::open(file.path()).unwrap();
        migrate(&mut db).unwrap();
        // The file's header counts its transactions here.
        assert_eq!(std::fs::read(file.path()).unwrap()[24..28], 1_u32.to_be_bytes());
    }

    #[test]
    fn a_newer_version_is_not_touched() {
        let mut db = fresh();
        migrate(&mut db).unwrap();
        db.pragma_update(None, "user_version", STEPS.len() + 1).unwrap();
        assert!(matches!(migrate(&mut db), Err(Trouble::Newer)));
        assert!(matches!(is_current(&db), Err(Trouble::Newer)));
    }

    #[test]
    fn a_database_of_another_program_is_none_of_ours() {
        let mut db = fresh();
        assert!(!is_current(&db).unwrap());
        db.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
        assert!(matches!(migrate(&mut db), Err(Trouble::Damaged)));
    }
}
