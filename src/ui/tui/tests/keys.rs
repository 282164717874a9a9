//! What keys do

use super::*;

#[test]
fn lines_and_commands_are_done_in_order() {
    let mut scene = Scene::with_others(80, 24);
    let done = scene.commands("hello<ret>//etc<ret>/name anna<ret>/msg bob psst<ret>more<ret>");
    let rename = Command::Rename { name: "anna".into() };
    let whispers = [whisper("bob", "psst"), whisper(&BOB.to_string(), "more")];
    assert_eq!(done, [vec![say("hello"), say("/etc"), rename], whispers.into()].concat());
    assert_eq!(scene.keys("/quit<ret>"), [Action::Quit]);
    assert_eq!(scene.keys("/dance<ret>"), []);
    assert!(scene.screen().contains("there is no command /dance"));
}

#[test]
fn who_is_whispered_to_has_a_conversation_of_their_own() {
    let mut scene = Scene::with_others(80, 24);
    scene.whispers(BOB, None, "psst");
    assert!(scene.screen().lines().any(|row| row.starts_with("  bob") && row.contains("@1")));
    assert_eq!(scene.commands("<tab>what<ret>"), [whisper(&BOB.to_string(), "what")]);
    assert!(scene.screen().contains("bob>") && scene.screen().contains("bob: psst"));
    assert!(!scene.screen().contains("@1"));
    scene.keys("<tab>/msg cleo<ret>");
    assert_eq!(scene.commands("hi<ret>"), [whisper(&CLEO.to_string(), "hi")]);
}

#[test]
fn what_was_typed_comes_back() {
    let mut scene = Scene::with_others(80, 24);
    scene.keys("one<ret>two<ret>dra<up>");
    assert!(scene.screen().contains("> two"));
    assert_eq!(scene.commands("<up><ret>"), [say("one")]);
    assert_eq!(scene.commands("a b<C-w>c<home>x<ret>"), [say("xa c")]);
}

#[test]
fn words_are_completed_and_offered() {
    let mut scene = Scene::with_others(80, 24);
    assert_eq!(scene.commands("b<tab>hi<ret>"), [say("bob: hi")]);
    assert_eq!(scene.commands("/ms<tab>cl<tab>hi<ret>"), [whisper("cleo", "hi")]);
    scene.keys("<A-1>:tad");
    assert!(scene.screen().contains("🎉 :tada:"), "{}", scene.screen());
    assert_eq!(scene.commands("<tab><ret>"), [say("🎉")]);
    scene.keys("/un");
    assert!(scene.screen().contains(" /unblock"));
}

#[test]
fn a_paste_of_several_rows_is_one_message() {
    let mut scene = Scene::with_others(80, 24);
    scene.tui.on_paste("one\r\n/quit\r");
    let screen = scene.screen();
    assert!(screen.contains("> one\n  /quit\n"), "{screen}");
    assert_eq!(scene.commands("<ret>"), [say("one\n/quit")]);
    assert_eq!(scene.commands("one<A-ret>two<ret>"), [say("one\ntwo")]);
}

#[test]
fn what_was_typed_in_one_conversation_is_not_offered_in_another() {
    let mut scene = Scene::with_others(80, 24);
    scene.whispers(BOB, None, "psst");
    assert_eq!(scene.commands("<tab>for you alone<ret><tab><up>").len(), 1);
    assert!(!scene.screen().contains("> for you alone"), "{}", scene.screen());
    let done = scene.commands("to all<ret>draft<up><A-2><down>x<ret>");
    assert_eq!(done, [say("to all"), whisper(&BOB.to_string(), "x")]);
    assert_eq!(scene.commands("<A-1><down><ret>"), [say("draft")]);
}

#[test]
fn what_is_being_typed_stays_where_it_is_typed() {
    let mut scene = Scene::with_others(80, 24);
    scene.keys("half a line");
    scene.happens_in("attic", ready("attic"));
    scene.whispers(ANN, Some(BOB), "typed elsewhere");
    assert!(scene.screen().contains("> half a line"), "{}", scene.screen());
    scene.keys("<C-u>");
    scene.whispers(ANN, Some(CLEO), "typed elsewhere");
    assert!(scene.screen().contains("cleo>"), "{}", scene.screen());
}

#[test]
fn there_is_one_conversation_with_somebody_through_whichever_room() {
    let mut scene = Scene::with_others(80, 24);
    scene.happens_in("attic", ready("attic"));
    scene.peer_in("attic", BOB, "bob");
    scene.whisper_in("lobby", BOB, "from the lobby");
    scene.whisper_in("attic", BOB, "from the attic");
    assert_eq!(scene.commands("<A-3>x<ret>"), [whisper(&BOB.to_string(), "x")]);
    let screen = scene.screen();
    assert!(screen.contains("from the lobby") && screen.contains("from the attic"), "{screen}");
    assert!(screen.contains("bob, in attic"), "where it goes next: {screen}");
    scene.happens_in("attic", Event::Parted { room: "attic".to_owned() });
    assert!(scene.screen().contains("bob, in lobby"), "{}", scene.screen());
}

#[test]
fn whoever_is_renamed_is_called_so_everywhere() {
    let mut scene = Scene::with_others(80, 24);
    scene.says(BOB, "said before");
    scene.says(ANN, "mine");
    scene.whispers(BOB, None, "psst");
    scene.peer(PeerChange::Renamed, BOB, "robert");
    scene.peer(PeerChange::Renamed, ANN, "anna");
    let screen = scene.screen();
    assert!(screen.contains("robert: said before") && screen.contains("anna: mine"), "{screen}");
    scene.keys("<A-2>");
    let screen = scene.screen();
    assert!(screen.contains("robert>") && screen.contains("robert: psst"), "{screen}");
    assert!(!screen.contains("  bob"), "{screen}");
}

#[test]
fn a_room_that_takes_the_place_of_another_of_its_name_begins_anew() {
    let mut scene = Scene::with_others(80, 24);
    scene.says(BOB, "in the old room");
    scene.tui.on_replaced("lobby");
    scene.happens(ready("lobby"));
    assert!(!scene.screen().contains("in the old room"), "{}", scene.screen());
}

#[test]
fn no_room_is_left_by_mistake_in_a_whisper() {
    let mut scene = Scene::with_others(80, 24);
    scene.whispers(BOB, None, "psst");
    assert_eq!(scene.keys("<tab>/part<ret>"), []);
    assert!(scene.screen().contains("/part ROOM"), "{}", scene.screen());
}

#[test]
fn a_long_name_leaves_space_to_type() {
    let mut scene = Scene::with_others(40, 12);
    scene.peer(PeerChange::Joined, Uuid::from_u128(0xd), &"张".repeat(21));
    scene.whispers(Uuid::from_u128(0xd), None, "psst");
    scene.keys("<tab>seen");
    assert!(scene.screen().contains("> seen"), "{}", scene.screen());
}

#[test]
fn people_of_other_rooms_are_whispered_to_as_well() {
    let mut scene = Scene::with_others(80, 24);
    scene.happens_in("attic", ready("attic"));
    scene.peer_in("attic", Uuid::from_u128(0xd), "dora");
    assert_eq!(scene.commands("<A-1>/msg do<tab><ret>x<ret>").len(), 1);
    assert!(scene.screen().contains("dora>"), "{}", scene.screen());
}

fn ready(room: &str) -> Event {
    Event::Ready { id: ANN, name: "ann".into(), room: room.to_owned(), port: 1, private: false }
}

#[test]
fn typing_is_told_at_most_each_three_seconds_and_seen() {
    let mut scene = Scene::with_others(80, 24);
    let told = |scene: &mut Scene, key: &str| {
        let actions: Vec<Action> = script(key).into_iter().flat_map(|key| scene.tui.on_key(key)).collect();
        actions
            .iter()
            .filter(|action| matches!(action, Action::Do { command: Command::Typing { .. }, .. }))
            .count()
    };
    assert_eq!((told(&mut scene, "hello"), told(&mut scene, " you")), (1, 0));
    scene.tui.on_time(Duration::from_secs(3));
    assert_eq!(told(&mut scene, "!"), 1);
    assert_eq!((told(&mut scene, "<C-u>/msg bob x")), 0);
    scene.types(BOB);
    assert!(scene.screen().contains("bob is typing"));
    assert_eq!(scene.tui.due(), Some(Duration::from_secs(9)));
    scene.tui.on_time(Duration::from_secs(9));
    assert!(!scene.screen().contains("bob is typing"));
}

#[test]
fn who_does_nothing_for_ten_minutes_is_away_until_a_key() {
    let mut scene = Scene::with_others(80, 24);
    scene.tui.take_actions();
    assert_eq!(scene.tui.due(), Some(IDLE));
    let away = |auto| Action::Do { room: "lobby".into(), command: Command::Away { note: None, auto } };
    assert_eq!(scene.tui.on_time(IDLE), [Action::Remember, away(true)]);
    assert_eq!((scene.tui.on_time(2 * IDLE), scene.tui.due()), (Vec::new(), None));
    assert!(scene.screen().contains("you are away"));
    assert_eq!(scene.commands("x"), [Command::Back]);
    assert_eq!(scene.commands("<C-u>/away<ret>"), [Command::Away { note: None, auto: false }]);
    assert_eq!((scene.commands("y<C-u>"), scene.tui.due()), (Vec::new(), None), "until one says so");
}

#[test]
fn leaving_takes_two_times_ctrl_c_or_ctrl_d_on_an_empty_line() {
    let mut scene = Scene::with_others(80, 24);
    assert_eq!(scene.keys("half<C-c><C-c>"), []);
    assert!(scene.screen().contains("Ctrl-C again leaves"));
    assert_eq!(scene.keys("x<bs><C-c>"), []);
    assert_eq!(scene.keys("<C-c>"), [Action::Quit]);
    assert_eq!(scene.keys("x<C-d>"), []);
    assert_eq!(scene.keys("<bs><C-d>"), [Action::Quit]);
    assert_eq!(scene.keys("<C-z><C-l>"), [Action::Suspend, Action::Redraw]);
}

#[test]
fn help_is_a_key_away_and_says_all() {
    let mut scene = Scene::with_others(80, 60);
    scene.keys("?");
    let screen = scene.screen();
    for part in ["Ctrl-F", "Ctrl-Z", "/msg NAME", "/quit"] {
        assert!(screen.contains(part), "{part} {screen}");
    }
    scene.keys("<esc>is that so?");
    assert!(scene.screen().contains("> is that so?"));
}

#[test]
fn a_code_is_typed_unseen_and_a_weak_one_confirmed() {
    let mut scene = Scene::with_others(80, 24);
    scene.keys("/join attic<ret>secret");
    assert!(!scene.screen().contains("secret") && !scene.screen().contains("***"), "{}", scene.screen());
    assert_eq!(scene.keys("<ret>"), []);
    assert!(scene.screen().contains("yes takes it all the same"), "{}", scene.screen());
    let attic = || RoomName::new("attic").unwrap();
    let code = Some(RoomCode::new("secret").unwrap());
    assert_eq!(scene.keys("yes<ret>"), [Action::Enter { room: attic(), code }]);
    assert_eq!(scene.keys("/join attic<ret><ret>"), [Action::Enter { room: attic(), code: None }]);
    assert_eq!(scene.keys("/join attic<ret>x<esc>"), []);
    assert_eq!(scene.keys("/join lobby<ret>"), [], "one is there");
    assert_eq!(scene.commands("<up><up><ret>").len(), 0, "no code is among what was typed");
}

#[test]
fn the_code_of_a_new_room_is_shown_until_it_is_read() {
    let mut scene = Scene::with_others(80, 24);
    scene.tui.on_new_room("attic", RoomCode::new("able-about-above").unwrap());
    let ready = |name| Event::Ready { id: ANN, name, room: "attic".to_owned(), port: 1, private: true };
    scene.happens_in("attic", ready("ann".into()));
    scene.keys("x<tab><A-1><C-n><C-g><C-c><C-t>?");
    scene.tui.on_paste("x");
    assert!(scene.screen().contains("able-about-above"));
    scene.keys("<ret>");
    assert!(!scene.screen().contains("able-about-above"));
}

#[test]
fn a_paste_ends_being_away_and_leaving_like_a_key() {
    let mut scene = Scene::with_others(80, 24);
    scene.tui.on_time(IDLE);
    let back = Action::Do { room: "lobby".into(), command: Command::Back };
    assert!(scene.tui.on_paste("here").contains(&back));
    scene.keys("<C-c><C-c>");
    scene.tui.on_paste("x");
    assert_eq!(scene.keys("<bs><C-c>"), []);
}
