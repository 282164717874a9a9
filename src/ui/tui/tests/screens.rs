//! What the screen looks like, at three sizes and at any

use proptest::prelude::*;

use super::*;
use crate::event::{Contact, ContactChange, ErrorCode, Topic, Trust};

const SIZES: [(u16, u16); 3] = [(80, 24), (40, 12), (200, 50)];

fn assert_screens(name: &str, fill: impl Fn(&mut Scene)) {
    for (width, height) in SIZES {
        let mut scene = Scene::with_others(width, height);
        if name == "empty" {
            scene = Scene::new(width, height);
        }
        fill(&mut scene);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), scene.screen());
    }
}

#[test]
fn empty_rooms() {
    assert_screens("empty", |_| {});
}

#[test]
fn full_rooms() {
    assert_screens("full", |scene| {
        let topic = Topic {
            room: "lobby".into(),
            text: "the new kitchen, and who paints it".into(),
            from: None,
            sent_at: None,
            order: None,
            own: false,
            past: true,
            asked: false,
        };
        scene.happens(Event::Topic(topic));
        let first = scene.says(BOB, "who has the key to the workshop?");
        let mine = scene.says(
            ANN,
            "I do, it is on my desk under the blue folder, next to the lamp that does not work any more",
        );
        scene.holds(BOB, mine);
        let mention = scene.said(3, CLEO, "@ann thank you!");
        scene.place = 4;
        scene.happens(answering(mention, first));
        scene.reacts(BOB, mine, "👍");
        scene.reacts(ANN, first, "🎉");
        scene.reacts(CLEO, first, "🎉");
        let wrong = scene.says(BOB, "see you at nien");
        scene.happens(edited(BOB, wrong, "see you at nine"));
        let gone = scene.says(CLEO, "never mind");
        scene.happens(deleted(CLEO, gone));
        let gap = Event::Gap { room: "lobby".into(), id: "g".into(), author: BOB, name: None, missing: 3 };
        scene.happens(gap);
        scene.whispers(BOB, None, "psst");
        scene.whispers(BOB, None, "are you there?");
        let contact = Contact {
            change: ContactChange::Verified,
            id: BOB,
            name: "bob".into(),
            trust: Some(Trust::Verified),
            blocked: false,
        };
        scene.happens(Event::Contact(contact));
        scene.peer(PeerChange::Away, CLEO, "cleo");
        scene.types(BOB);
        scene.happens(Event::error(ErrorCode::NotStored, "the store cannot be written"));
        scene.keys("a line that is not");
    });
}

#[test]
fn rooms_in_chinese() {
    assert_screens("chinese", |scene| {
        scene.peer(PeerChange::Joined, Uuid::from_u128(0xd), "张伟");
        scene.says(
            Uuid::from_u128(0xd),
            "今天下午三点在会议室开会，请大家带上各自的笔记本电脑和上周的报告，谢谢！",
        );
        scene.says(ANN, "好的，没问题 👍🏽 see you there");
        scene.says(BOB, "混合 of 中文 and English，换行要在合适的地方，不能把一个字切成两半");
        scene.whispers(Uuid::from_u128(0xd), None, "你好");
        scene.keys("你好，世界<left><left>");
    });
}

#[test]
fn hostile_rooms() {
    assert_screens("hostile", |scene| {
        let eve = Uuid::from_u128(0xe);
        scene.peer(
            PeerChange::Joined,
            eve,
            "\u{1b}[2Jeve\u{202e}\n12:00 bob: I owe you\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        );
        scene.says(eve, "\u{1b}]0;title\u{7}\r\n10:01 bob: I owe you 100\n\n\n\u{200b}\u{feff}end");
        scene.says(eve, &"a\u{300}".repeat(300));
        scene.says(eve, &"x".repeat(500));
        scene.whispers(eve, None, "\u{9b}31mred");
        let topic = Topic {
            room: "lobby".into(),
            text: "\u{1b}[31m top\nic".into(),
            from: None,
            sent_at: None,
            order: None,
            own: false,
            past: true,
            asked: false,
        };
        scene.happens(Event::Topic(topic));
        scene.types(eve);
    });
}

#[test]
fn people_who_come_together_are_told_together() {
    let mut scene = Scene::with_others(120, 24);
    (0..12).for_each(|number| {
        scene.peer(PeerChange::Joined, Uuid::from_u128(100 + number), &format!("p{number}"));
    });
    let screen = scene.screen();
    assert!(screen.contains("and 6 others joined"), "{screen}");
    assert_eq!(screen.matches("joined").count(), 1);
    assert!(screen.contains("15 here"));
}

#[test]
fn a_gap_is_seen_as_long_as_it_is_there() {
    let mut scene = Scene::with_others(80, 24);
    let gap = |missing| Event::Gap { room: "lobby".into(), id: "g".into(), author: BOB, name: None, missing };
    scene.happens(gap(3));
    assert!(scene.screen().contains("3 lines missing, asking for them"));
    scene.happens(gap(1));
    assert!(scene.screen().contains("1 line of bob has not arrived"));
    scene.happens(gap(0));
    assert!(!scene.screen().contains("arrived") && scene.screen().contains("nothing missing"));
}

#[test]
fn the_status_line_says_what_is_lost_and_forgets_it_when_it_is_long_ago() {
    let mut scene = Scene::with_others(80, 24);
    let usual = Network { interfaces: vec!["eth0".to_owned()], is_kept: true, ..Network::default() };
    let mut comes_to = |network: Network, shown: &str| {
        scene.tui.on_network("lobby", network);
        assert!(scene.screen().contains(shown), "{}", scene.screen());
    };
    comes_to(Network { awaited: 12, loss: Some(7), ..usual.clone() }, "12 lines missing, asking for them");
    comes_to(Network { loss: Some(7), ..usual.clone() }, "nothing missing · 7% lost on the way and repaired");
    comes_to(Network { is_local: true, ..usual.clone() }, "OFFLINE: only this machine");
    comes_to(Network { is_stuck: true, ..usual.clone() }, "NOT KEPT");
    comes_to(Network { lost: 7, ..usual.clone() }, "7 not sent by this machine");
    let over = scene.tui.due().unwrap();
    scene.tui.on_time(over);
    assert!(!scene.screen().contains("not sent") && scene.screen().contains("nothing missing"));
    scene.tui.on_network("lobby", Network { lost: 9, ..usual });
    assert!(scene.screen().contains("2 not sent by this machine"), "since then: {}", scene.screen());
}

#[test]
fn who_has_an_own_line_is_told_when_it_is_chosen() {
    let mut scene = Scene::with_others(80, 24);
    let mine = scene.says(ANN, "hi");
    scene.holds(BOB, mine);
    assert!(scene.screen().contains("ann: hi 1/2"));
    scene.keys("<esc>");
    assert!(
        scene.screen().contains("not known to have it: cleo · ↑↓ · r reply · x react"),
        "{}",
        scene.screen()
    );
    scene.holds(CLEO, mine);
    assert!(scene.screen().contains("everybody here has it · ↑↓ · r reply · x react"), "{}", scene.screen());
}

#[test]
fn who_is_away_is_told_with_why() {
    let mut scene = Scene::with_others(80, 24);
    let (addr, note) = (Some("198.18.0.2:1".parse().unwrap()), Some("at lunch".into()));
    let (change, name) = (PeerChange::Away, "bob".into());
    scene.happens(Event::Peer { change, id: BOB, name, was: None, note, addr });
    assert!(scene.screen().contains("-- away: bob (at lunch)"), "{}", scene.screen());
}

#[test]
fn a_line_that_is_answered_is_shown_as_it_is_by_now() {
    let mut scene = Scene::with_others(80, 24);
    let line = scene.says(BOB, "first versoin");
    scene.happens(edited(BOB, line, "first version"));
    scene.keys("<esc>r");
    assert!(scene.screen().contains("reply to bob: first version"), "{}", scene.screen());
    scene.happens(deleted(BOB, line));
    let screen = scene.screen();
    assert!(screen.contains("reply to bob: deleted by its author"), "{screen}");
}

#[test]
fn without_colours_there_are_none() {
    let mut scene = Scene::with_others(80, 24);
    scene.tui.theme = Theme::new(false);
    scene.says(BOB, "@ann hi");
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| scene.tui.draw(frame)).unwrap();
    let cells = &terminal.backend().buffer().content;
    assert!(cells.iter().all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == cell.fg));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_size_any_text_and_any_keys_are_drawn(
        width in 0..100_u16, height in 0..30_u16, texts in proptest::collection::vec(any::<String>(), 0..6),
        keys in proptest::collection::vec(0..KEYS.len(), 0..40)
    ) {
        let mut scene = Scene::with_others(width, height);
        for text in &texts {
            scene.says(BOB, text);
        }
        for key in keys {
            scene.keys(KEYS[key]);
            let screen = scene.screen();
            prop_assert!(!screen.chars().any(|c| c != '\n' && c.is_control()));
        }
    }
}

const KEYS: [&str; 26] = [
    "a", "你", "/", "m", "<space>", ":", "+", "<tab>", "<S-tab>", "<esc>", "<up>", "<down>", "<pgup>",
    "<pgdn>", "<ret>", "<A-ret>", "<left>", "<bs>", "<C-f>", "<C-t>", "<C-w>", "<C-c>", "r", "e", "x", "?",
];

fn answering(mut event: Event, line: Uuid) -> Event {
    if let Event::Message { reply_to, .. } = &mut event {
        *reply_to = Some(line);
    }
    event
}
