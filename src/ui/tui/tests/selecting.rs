//! Lines that are chosen, and what is done about them

use super::*;

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
