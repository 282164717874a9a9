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
    let done = scene.commands("hello<ret>/msg bob psst<ret>//etc<ret>/name anna<ret>");
    assert_eq!(
        done,
        [say("hello"), whisper("bob", "psst"), say("/etc"), Command::Rename { name: "anna".into() }]
    );
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
    scene.keys(":tad");
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
    assert_eq!(scene.commands("<esc>dy"), [Command::Delete { id: Some(mine) }]);
    assert_eq!(scene.commands("<esc>dn"), []);
    assert_eq!(scene.commands("<esc>kd<esc>e<esc><esc>"), [], "nobody deletes or edits what others said");
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
    assert_eq!(scene.tui.on_time(IDLE), [away(true)]);
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
    scene.keys("x");
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
