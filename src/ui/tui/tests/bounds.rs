//! What others send does not fill memory or screen

use super::*;

#[test]
fn who_only_types_opens_no_conversation() {
    let mut scene = Scene::with_others(80, 24);
    let typing = Typing { id: BOB, name: "bob".into(), whisper: true };
    scene.happens(Event::Typing(typing.clone()));
    assert_eq!(scene.tui.conversations.len(), 1);
    scene.whispers(BOB, None, "psst");
    scene.keys("<tab>");
    scene.happens(Event::Typing(typing));
    assert!(scene.screen().contains("bob is typing"), "{}", scene.screen());
}

#[test]
fn who_comes_and_goes_where_nobody_speaks_is_forgotten_in_the_end() {
    let mut scene = Scene::with_others(80, 24);
    for _ in 0..12_000 {
        scene.peer(PeerChange::Left, BOB, "bob");
        scene.peer(PeerChange::Joined, BOB, "bob");
    }
    assert!(scene.tui.conversations[0].log.upto(None).count() <= 20_000);
    scene.says(BOB, "and this is seen");
    assert!(scene.screen().contains("and this is seen"));
}

#[test]
fn a_window_that_looks_back_for_long_does_not_keep_all_that_is_said_meanwhile() {
    let mut scene = Scene::with_others(80, 24);
    for number in 0..60 {
        scene.says(BOB, &format!("line {number}"));
    }
    scene.keys("<pgup>");
    for number in 0..130_000 {
        scene.tui.conversations[0].notice(&format!("hay {number}"), log::Tone::Calm);
    }
    scene.says(CLEO, "the last one");
    assert!(scene.tui.conversations[0].log.upto(None).count() <= 120_001);
    assert!(scene.screen().contains("cleo: the last one"), "{}", scene.screen());
}

#[test]
fn a_line_that_was_deleted_or_said_anew_stays_so_whatever_else_is_claimed() {
    let mut scene = Scene::with_others(80, 24);
    let (gone, anew) = (scene.says(BOB, "the old secret"), scene.says(BOB, "the old word"));
    scene.happens(deleted(BOB, gone));
    scene.happens(edited(BOB, anew, "the new word"));
    for number in 0..1_000 {
        scene.reacts(CLEO, Uuid::from_u128(u128::MAX - number), "x");
    }
    let screen = scene.screen();
    assert!(!screen.contains("the old") && screen.contains("the new word"), "{screen}");
    assert_eq!(scene.tui.conversations[0].log.said(gone).unwrap().text, "", "and the text is forgotten");
}

#[test]
fn what_is_too_long_to_be_said_is_not_pasted() {
    let mut scene = Scene::with_others(80, 24);
    scene.keys("draft");
    scene.tui.on_paste(&"x".repeat(8_000));
    let screen = scene.screen();
    assert!(screen.contains("> draft\n") && screen.contains("at most 8000 bytes"), "{screen}");
    scene.keys("<C-u>");
    scene.tui.on_paste(&"x".repeat(8_000));
    assert_eq!(scene.commands("<ret>").len(), 1);
}

#[test]
fn a_long_name_leaves_room_for_what_is_typed() {
    let mut scene = Scene::with_others(40, 12);
    scene.peer(PeerChange::Renamed, BOB, &"张".repeat(21));
    scene.whispers(BOB, None, "psst");
    scene.keys("<tab>seen");
    assert!(scene.screen().contains("…> seen"), "{}", scene.screen());
}
