//! What keys do

use super::*;

fn say(text: &str) -> Command {
    Command::Say { text: text.to_owned() }
}

fn whisper(to: &str, text: &str) -> Command {
    Command::Whisper { to: to.to_owned(), text: text.to_owned() }
}

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
fn a_line_that_is_chosen_is_answered_edited_reacted_to_and_deleted() {
    let mut scene = Scene::with_others(80, 24);
    let (theirs, mine) = (scene.says(BOB, "dinner?"), scene.says(ANN, "yse"));
    let reply = Command::Reply { to: theirs.to_string(), text: "sure".into() };
    assert_eq!(scene.commands("<esc><up>rsure<ret>"), [reply]);
    let edit = Command::Edit { id: Some(mine), text: "yes".into() };
    assert_eq!(scene.commands("<esc>e<bs><bs>es<ret>"), [edit]);
    assert_eq!(scene.commands("<esc>e<esc>"), [], "and what was said stays");
    let react = Command::React { to: theirs.to_string(), with: "👍".into() };
    assert_eq!(scene.commands("<esc>kx<tab><ret>"), [react]);
    assert_eq!(scene.commands("<esc>d<ret>"), [Command::Delete { id: Some(mine) }]);
    assert_eq!(scene.commands("<esc>d<esc>"), []);
    assert_eq!(scene.commands("<esc>kd<esc>e<esc><esc>"), [], "nobody deletes or edits what others said");
}

#[test]
fn who_meant_to_type_deletes_nothing() {
    let mut scene = Scene::with_others(80, 24);
    scene.says(ANN, "said to all");
    assert_eq!(scene.commands("<esc>dynamic<ret>"), [say("ynamic")]);
    assert_eq!(scene.commands("<esc>dY<C-u>"), []);
}

#[test]
fn what_was_being_typed_is_there_again_after_something_was_done_about_a_line() {
    let mut scene = Scene::with_others(80, 24);
    let (theirs, mine) = (scene.says(BOB, "dinner?"), scene.says(ANN, "yse"));
    scene.keys("half a thought");
    let react = Command::React { to: theirs.to_string(), with: "👍".into() };
    assert_eq!(scene.commands("<A-up>kx<tab><ret>"), [react]);
    assert!(scene.screen().contains("> half a thought"), "{}", scene.screen());
    let reply = Command::Reply { to: theirs.to_string(), text: "sure".into() };
    assert_eq!(scene.commands("<A-up>krsure<ret>"), [reply]);
    let edit = Command::Edit { id: Some(mine), text: "yse!".into() };
    assert_eq!(scene.commands("<A-up>e!<ret>"), [edit]);
    assert_eq!(scene.commands("<A-up>d<ret>"), [Command::Delete { id: Some(mine) }]);
    assert_eq!(scene.commands("<A-up>rno<esc><A-up>eno<C-c><A-up>d<esc>"), []);
    assert_eq!(scene.commands("!<ret>"), [say("half a thought!")]);
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
fn what_is_new_since_one_left_is_marked_until_one_goes_on() {
    let mut scene = Scene::with_others(80, 24);
    scene.whispers(CLEO, None, "psst");
    scene.says(BOB, "seen");
    assert!(!scene.screen().contains("── new"));
    scene.keys("<A-2>");
    scene.says(BOB, "missed");
    scene.keys("<A-1>");
    let screen = scene.screen();
    let rows: Vec<&str> = screen.lines().filter_map(|row| row.split('│').nth(1)).collect();
    let new = rows.iter().position(|row| row.contains("── new")).expect("a rule");
    assert!(rows[new - 1].contains("bob: seen") && rows[new + 1].contains("bob: missed"), "{screen}");
    scene.keys("hm<ret>");
    scene.says(BOB, "and on");
    assert!(!scene.screen().contains("── new"), "{}", scene.screen());
}

#[test]
fn what_comes_while_nobody_looks_is_not_seen() {
    let mut scene = Scene::with_others(80, 24);
    scene.says(BOB, "seen");
    scene.tui.on_focus(false);
    scene.says(BOB, "missed");
    assert!(
        scene.screen().lines().any(|row| row.starts_with("lobby") && row.contains("1│")),
        "{}",
        scene.screen()
    );
    scene.tui.on_focus(true);
    let screen = scene.screen();
    assert!(screen.contains("── new") && !screen.contains("1│"), "{screen}");
    scene.tui.on_time(IDLE);
    scene.says(BOB, "missed as well");
    assert!(scene.screen().contains("1│"), "{}", scene.screen());
    scene.keys("x");
    assert!(!scene.screen().contains("1│"), "{}", scene.screen());
}

#[test]
fn after_a_restart_conversations_go_on_where_one_stopped_reading() {
    let mut before = Scene::with_others(80, 24);
    before.says(BOB, "line 1");
    let lines: Vec<Event> =
        (1..4).map(|number| past(before.said(number, BOB, &format!("line {number}")))).collect();
    let whispers: Vec<Event> = (1..4).map(|_| past(before.whispered(CLEO, None, "psst"))).collect();
    let Event::Whisper { id, .. } = &whispers[0] else { unreachable!() };
    let mut marks = before.tui.marks();
    marks.push(Mark::Person { id: CLEO, upto: Some(*id) });

    let mut scene = Scene::with_others(80, 24);
    scene.tui.on_kept("lobby", CLEO, clean_name("cleo"));
    scene.tui.on_kept("cellar", BOB, clean_name("bob"));
    scene.tui.go_to_person(BOB);
    scene.tui.on_marks(marks.clone());
    let mut asked = 0;
    for action in scene.tui.take_actions() {
        let Action::Load(older) = action else { continue };
        asked += 1;
        let events = match older.with {
            None => &lines[..],
            Some(CLEO) => &whispers[..],
            Some(_) => &[],
        };
        scene.tui.on_older(&older, events, &scene.view);
    }
    let screen = scene.screen();
    let row = |name| screen.lines().find(|row| row.starts_with(name)).unwrap_or_default();
    assert!(row("lobby").contains(" 2│") && row("  cleo").contains("@2│") && asked == 3, "{screen}");
    assert_eq!(scene.tui.marks()[1..], marks, "nothing of it is read yet");
    scene.keys("<A-1>");
    let screen = scene.screen();
    assert!(screen.find("line 1").unwrap() < screen.find("── new").unwrap(), "{screen}");
    assert!(screen.find("── new").unwrap() < screen.find("line 2").unwrap(), "{screen}");
}

#[test]
fn what_others_bring_after_a_restart_is_new_also_where_one_looks() {
    let mut before = Scene::with_others(80, 24);
    before.says(BOB, "line 1");
    let marks = before.tui.marks();
    let line = |number| before.said(number, BOB, &format!("line {number}"));
    let mut scene = Scene::with_others(80, 24);
    scene.tui.on_marks(marks);
    for action in scene.tui.take_actions() {
        let Action::Load(older) = action else { continue };
        scene.tui.on_older(&older, &[past(line(1))], &scene.view);
    }
    scene.happens_in("lobby", line(9));
    assert!(!scene.screen().contains("── new"), "one saw it come: {}", scene.screen());
    for number in [5, 4] {
        scene.happens_in("lobby", past(line(number)));
    }
    let screen = scene.screen();
    let order = ["line 1", "── new", "line 4", "line 5", "line 9"].map(|part| screen.find(part));
    assert!(order.is_sorted() && order[0].is_some(), "{screen}");
}

fn past(mut event: Event) -> Event {
    if let Event::Message { past, .. } | Event::Whisper { past, .. } = &mut event {
        *past = true;
    }
    event
}

#[test]
fn no_room_is_left_by_mistake_in_a_whisper() {
    let mut scene = Scene::with_others(80, 24);
    scene.whispers(BOB, None, "psst");
    assert_eq!(scene.keys("<tab>/part<ret>"), []);
    assert!(scene.screen().contains("/part ROOM"), "{}", scene.screen());
}

#[test]
fn what_cannot_be_done_about_a_line_is_not_offered_and_says_why() {
    let mut scene = Scene::with_others(80, 24);
    scene.says(BOB, "hi");
    scene.whispers(CLEO, None, "psst");
    scene.keys("<esc>");
    assert!(scene.screen().contains("x react · / find"), "{}", scene.screen());
    for key in ["e", "d"] {
        scene.keys(key);
        assert!(scene.screen().contains("only who said it"), "{}", scene.screen());
    }
    scene.keys("<A-2><esc>");
    assert!(scene.screen().contains("↑↓ · / find"), "{}", scene.screen());
    for key in ["r", "x", "e", "d"] {
        scene.keys(key);
        assert!(scene.screen().contains("whispers cannot be"), "{}", scene.screen());
    }
}

#[test]
fn no_line_stays_chosen_once_one_types() {
    let mut scene = Scene::with_others(80, 24);
    scene.says(BOB, "hi");
    for leave in ["?<esc>", "<A-1>"] {
        scene.keys("<esc>");
        assert!(scene.tui.conversation().unwrap().selected.is_some());
        scene.keys(leave);
        assert!(scene.tui.conversation().unwrap().selected.is_none(), "{leave}");
        assert_eq!(scene.commands("r<ret>"), [say("r")]);
    }
    scene.keys("<esc>");
    scene.tui.on_paste("pasted");
    assert!(scene.tui.conversation().unwrap().selected.is_none());
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
fn text_is_found_however_far_back() {
    let mut scene = Scene::with_others(80, 24);
    scene.says(BOB, "the needle");
    for number in 0..60 {
        scene.says(CLEO, &format!("hay {number}"));
    }
    assert!(!scene.screen().contains("needle"));
    scene.keys("<C-f>NEED");
    assert!(scene.screen().contains("bob: the needle"), "{}", scene.screen());
    assert_eq!(scene.commands("<esc>rfound it<ret>").len(), 1);
    assert!(scene.screen().contains("hay 59"));
}

#[test]
fn older_lines_come_page_by_page_until_there_are_none() {
    let mut scene = Scene::with_others(80, 24);
    let (mut pages, all) = (0, 10_000_u64);
    let mut seen_first = false;
    for _ in 0..2_000 {
        let mut actions = scene.tui.take_actions();
        actions.extend(script("<pgup>").into_iter().flat_map(|key| scene.tui.on_key(key)));
        for action in actions {
            let Action::Load(older) = action else { continue };
            pages += 1;
            let before = older.before.map(|before| lanchat_protocol::Order::from(before).lamport);
            let end = before.unwrap_or(1_000_000 + all);
            let start = end.saturating_sub(older.count as u64).max(1_000_000);
            let past = |number| {
                let mut event = scene.said(number, BOB, &format!("line {}", number - 1_000_000));
                if let Event::Message { past, .. } = &mut event {
                    *past = true;
                }
                event
            };
            let events: Vec<Event> = (start..end).map(past).collect();
            scene.tui.on_older(&older, &events, &scene.view);
        }
        seen_first = scene.screen().contains("line 0\n") || scene.screen().contains("line 0 ");
        if seen_first {
            break;
        }
    }
    assert!(seen_first, "{}", scene.screen());
    assert!((50..=52).contains(&pages), "{pages} pages");
    scene.keys("<esc>");
    assert!(scene.screen().contains("line 9999"));
}

#[test]
fn a_window_that_looks_back_stays_where_it_is_and_counts_what_is_new() {
    let mut scene = Scene::with_others(80, 24);
    for number in 0..60 {
        scene.says(BOB, &format!("line {number}"));
    }
    scene.keys("<pgup>");
    let before = scene.screen();
    for _ in 0..3 {
        scene.says(CLEO, "news");
    }
    let after = scene.screen();
    let row = |row: &str| row.split('│').nth(1).map(str::to_owned);
    let body = |screen: &str| screen.lines().skip(1).take(18).map(row).collect::<Vec<_>>();
    assert_eq!(body(&before), body(&after));
    assert!(after.contains("3 new lines below"), "{after}");
    scene.keys("<pgdn><pgdn>");
    assert!(!scene.screen().contains("below"), "{}", scene.screen());
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
fn ctrl_d_leaves_wherever_it_does_not_throw_something_away_and_touches_no_line() {
    for way in ["<esc>", "?"] {
        let mut scene = Scene::with_others(80, 24);
        scene.says(ANN, "mine");
        scene.keys(way);
        assert_eq!(scene.keys("<C-d>"), [Action::Quit], "after {way}");
        let mut scene = Scene::with_others(80, 24);
        scene.says(ANN, "mine");
        scene.keys("draft<A-up>");
        assert_eq!(scene.keys("<C-d>"), []);
        assert_eq!(scene.commands("<ret>"), [say("draft")]);
    }
    let mut scene = Scene::with_others(80, 24);
    scene.says(ANN, "mine");
    assert_eq!(scene.keys("<esc><C-e><C-r><A-x>"), []);
    assert!(scene.screen().contains("e edit"), "the line is still chosen: {}", scene.screen());
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
fn each_row_is_seen_while_one_goes_back_and_a_line_that_is_chosen_is() {
    for height in [12, 13, 24] {
        let mut scene = Scene::with_others(80, height);
        for number in 0..100 {
            scene.says(BOB, &format!("line {number}."));
        }
        let mut seen = String::new();
        for _ in 0..60 {
            seen.push_str(&scene.screen());
            scene.keys("<pgup>");
        }
        let missed = |seen: &str| (0..100).find(|number| !seen.contains(&format!("line {number}.")));
        assert_eq!(missed(&seen), None, "up, {height} rows");
        seen.clear();
        for _ in 0..60 {
            seen.push_str(&scene.screen());
            scene.keys("<pgdn>");
        }
        assert_eq!(missed(&seen), None, "down, {height} rows");
        scene.keys("<pgup>");
        for key in ["<A-up>", "k", "k"] {
            scene.keys(key);
            let chosen = scene.tui.conversations[0].selected_line().unwrap().text.as_written().to_owned();
            assert!(scene.screen().contains(&chosen), "{chosen} {}", scene.screen());
        }
    }
}

#[test]
fn a_very_long_line_is_folded_until_it_is_chosen_and_then_read_to_its_end() {
    let mut scene = Scene::with_others(40, 12);
    let words = (0..400).map(|number| format!("word{number} ")).collect::<String>();
    scene.says(BOB, "before");
    scene.says(CLEO, &words);
    scene.says(BOB, "after");
    let screen = scene.screen();
    assert!(screen.contains("more rows") && screen.contains("after"), "{screen}");
    scene.keys("<esc><up>");
    let mut seen = String::new();
    for _ in 0..60 {
        seen.push_str(&scene.screen());
        scene.keys("<pgdn>");
    }
    for number in 0..400 {
        assert!(
            seen.contains(&format!("word{number} ")) || seen.contains(&format!("word{number}\n")),
            "{number}"
        );
    }
    assert!(scene.screen().contains("more rows"), "folded again: {}", scene.screen());
    scene.keys("<esc><up>");
    let first = scene.screen();
    assert!(first.contains("word0 "), "{first}");
    scene.keys("<pgdn><pgdn><pgup><pgup>");
    assert_eq!(scene.screen(), first);
    scene.keys("<up>");
    assert!(scene.screen().contains("before"), "{}", scene.screen());
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
