//! Several rooms share a store

use super::*;

fn attic() -> Room {
    Room::open(RoomName::new("attic").unwrap())
}

/// The next start, in another room of the same program
fn enter(desk: &mut Desk, opened: &Opened, room: &Room) -> (Store, Memory) {
    desk.incarnation += 1;
    opened.store.shelves().enter(room, desk.own()).unwrap()
}

fn place(memory: &Memory) -> Option<(u64, u64)> {
    memory.own.as_ref().map(|tip| (tip.epoch, tip.seq))
}

/// Two rooms in each of which something was said and stored, and the epochs of what was
async fn two_rooms(desk: &mut Desk) -> (Opened, Store, [u64; 2]) {
    let mut opened = desk.open();
    let lobby = desk.incarnation;
    keep(&mut opened.store, 1, vec![desk.said(lobby, 1, "hi"), line(&ann(), 1, "hi")]).await;
    let (mut upstairs, memory) = enter(desk, &opened, &attic());
    let above = desk.incarnation;
    assert_eq!(memory.own, None);
    let records = vec![desk.said(above, 1, "ho"), desk.said(above, 2, "ho"), line(&ann(), 2, "ho")];
    keep(&mut upstairs, 1, records).await;
    (opened, upstairs, [lobby, above])
}

#[tokio::test]
async fn each_room_has_its_own_lines_log_and_reports() {
    let mut desk = Desk::new();
    let (mut opened, mut upstairs, [lobby, above]) = two_rooms(&mut desk).await;
    opened.store.store(Ticket(2), vec![line(&bob(), 5, "down here")]);
    upstairs.store(Ticket(7), vec![line(&bob(), 6, "up there")]);
    assert_eq!(opened.store.report().await, Report::Stored(Ticket(2)));
    assert_eq!(upstairs.report().await, Report::Stored(Ticket(7)));
    let texts = |store: &Store| {
        let said = store.history().read(&Query::default()).unwrap();
        said.into_iter().map(|said| said.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(&opened.store), ["hi", "down here"]);
    assert_eq!(texts(&upstairs), ["ho", "up there"]);
    upstairs.close().await;
    opened.store.close().await;
    let opened = desk.open();
    assert_eq!(place(&opened.memory), Some((lobby, 1)));
    assert_eq!(place(&enter(&mut desk, &opened, &attic()).1), Some((above, 2)));
}

#[tokio::test]
async fn a_room_that_was_left_well_goes_on_although_the_program_is_killed_in_another() {
    let mut desk = Desk::new();
    let (opened, upstairs, [lobby, _]) = two_rooms(&mut desk).await;
    opened.store.close().await;
    drop(upstairs);
    let opened = desk.open();
    assert_eq!(place(&opened.memory), Some((lobby, 1)));
    let (upstairs, memory) = enter(&mut desk, &opened, &attic());
    assert_eq!(memory.own, None, "nobody knows what was lost there");
    upstairs.close().await;
    let (_, memory) = enter(&mut desk, &opened, &attic());
    assert_eq!(memory.own, None, "and it is not known later, either");
}

#[tokio::test]
async fn a_room_can_be_left_and_entered_again_while_another_goes_on() {
    let mut desk = Desk::new();
    let (mut opened, upstairs, [_, above]) = two_rooms(&mut desk).await;
    upstairs.close().await;
    let (mut upstairs, memory) = enter(&mut desk, &opened, &attic());
    assert_eq!(place(&memory), Some((above, 2)));
    assert_eq!(upstairs.entries().flatten().count(), 2);
    keep(&mut upstairs, 1, vec![desk.said(above, 3, "again")]).await;
    keep(&mut opened.store, 2, vec![line(&bob(), 9, "still here")]).await;
    drop(upstairs);
    let (_, memory) = enter(&mut desk, &opened, &attic());
    assert_eq!(memory.own, None, "it was not left well");
}

#[tokio::test]
async fn a_room_of_which_the_disk_lost_the_last_stay_does_not_go_on() {
    let mut desk = Desk::new();
    let (opened, upstairs, _) = two_rooms(&mut desk).await;
    upstairs.close().await;
    opened.store.close().await;
    let copy = fs::read(desk.path()).unwrap();
    let opened = desk.open();
    let (mut upstairs, memory) = enter(&mut desk, &opened, &attic());
    let (epoch, seq) = place(&memory).unwrap();
    keep(&mut upstairs, 1, vec![desk.said(epoch, seq + 1, "lost")]).await;
    upstairs.close().await;
    opened.store.close().await;
    fs::write(desk.path(), copy).unwrap();
    let opened = desk.open();
    assert_eq!(opened.memory.own, None);
    assert_eq!(enter(&mut desk, &opened, &attic()).1.own, None);
}

#[tokio::test]
async fn whoever_is_known_is_known_in_all_rooms_and_the_last_to_leave_closes_the_store() {
    let mut desk = Desk::new();
    let (opened, upstairs, _) = two_rooms(&mut desk).await;
    let bob_is_blocked = Acquaintance { name: "bob".into(), is_blocked: true, ..Acquaintance::default() };
    upstairs.remember(*bob().key(), Some(bob_is_blocked.clone()));
    let shelves = upstairs.shelves();
    upstairs.close().await;
    opened.store.close().await;
    assert!(shelves.enter(&attic(), desk.own()).is_err(), "nobody is in any room");
    let is_clean = "SELECT is_clean FROM run WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE is_open)";
    let db = Connection::open(desk.path()).unwrap();
    assert!(db.query_row(is_clean, [], |row| row.get::<_, bool>(0)).unwrap());
    assert_eq!(desk.open().acquaintances, [(*bob().key(), bob_is_blocked)]);
}

#[tokio::test]
async fn whispers_with_one_person_are_one_talk_through_whichever_room() {
    let mut desk = Desk::new();
    let (mut opened, mut upstairs, _) = two_rooms(&mut desk).await;
    keep(&mut opened.store, 2, vec![peer(&bob(), "bob"), incoming(1, "psst")]).await;
    keep(&mut upstairs, 2, vec![incoming(2, "and up here"), line(&bob(), 7, "to all")]).await;
    let directory = desk.path();
    let directory = directory.parent().unwrap();
    let known: Vec<_> = correspondents(directory, 9).unwrap();
    let bob = Person { id: bob().key().id(), name: Some("bob".to_owned()) };
    assert_eq!(known, [Correspondent { person: bob.clone(), room: "attic".to_owned() }]);
    let texts = |most| {
        let said = whispers_with(directory, bob.id.as_uuid(), most).unwrap();
        said.into_iter().map(|said| said.text).collect::<Vec<_>>()
    };
    assert_eq!(
        (texts(9), texts(1)),
        (vec!["psst".to_owned(), "and up here".into()], vec!["and up here".into()])
    );
    assert!(whispers_with(directory, ann().key().id().as_uuid(), 9).unwrap().is_empty());
}
