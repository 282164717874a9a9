//! How far one has read, what is new, and what was said before

use super::*;

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
