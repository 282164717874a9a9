//! Somebody sits before the whole screen of a terminal, which is made by tmux
#![cfg(test)]
#![cfg(target_os = "linux")]

mod terminal;

use std::{env, fs, thread, time::Duration};

use lanchat::ui::terminal::Canvas;
use lanchat_harness::{SOON, joined, left, said, whispered};

use self::terminal::{Terminal, lan_with_tmux, pair};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn one_types_hears_and_is_heard() {
    let Some((_lan, ann, mut bob)) = pair(80, 24, "en") else { return };
    bob.say("hello ann");
    ann.shows("bob: hello ann");
    ann.types("hi bob");
    ann.presses("Enter");
    bob.expect(said("ann", "hi bob"), SOON);
    ann.shows("ann: hi bob");
    ann.types("/msg b");
    ann.presses("Tab");
    ann.types("psst");
    ann.presses("Enter");
    bob.expect(whispered("ann", "psst"), SOON);
    ann.shows("bob>");
    ann.shows("ann: psst ✓");
}

#[test]
fn the_window_changes_its_size_and_all_is_still_there() {
    let Some((_lan, ann, mut bob)) = pair(80, 24, "en") else { return };
    ann.types("half a sen");
    bob.say("interrupting");
    let sizes = [(40, 12, "half"), (20, 5, "half"), (200, 50, "half"), (10, 2, "  sen"), (80, 24, "half")];
    for (width, height, shown) in sizes {
        ann.tmux(&["resize-window", "-t", "0", "-x", &width.to_string(), "-y", &height.to_string()]);
        ann.shows(shown);
    }
    ann.shows("bob: interrupting");
    ann.types("tence");
    ann.presses("Enter");
    bob.expect(said("ann", "half a sentence"), SOON);
}

#[test]
fn whoever_is_suspended_comes_back() {
    let Some((_lan, ann, mut bob)) = pair(80, 24, "en") else { return };
    ann.types("before");
    ann.presses("C-z");
    ann.shows("Stopped");
    ann.types("stty -a | tr ';' '\\n' | grep -o '[^ ]*icanon'");
    ann.presses("Enter");
    ann.shows("\nicanon");
    ann.types("fg");
    ann.presses("Enter");
    ann.shows("> before");
    ann.types(" and after");
    ann.presses("Enter");
    bob.expect(said("ann", "before and after"), SOON);
    ann.signals("-TSTP");
    ann.shows("Stopped");
    ann.types("fg");
    ann.presses("Enter");
    ann.shows("before and after");
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    let leave: [fn(&Terminal); 4] = [
        |ann| {
            ann.types("/quit");
            ann.presses("Enter");
        },
        |ann| ann.presses("C-d"),
        |ann| {
            ann.presses("C-c");
            ann.shows("Ctrl-C again leaves");
            ann.presses("C-c");
        },
        |ann| ann.signals("-TERM"),
    ];
    for leave in leave {
        let Some((_lan, ann, mut bob)) = pair(80, 24, "en") else { return };
        leave(&ann);
        bob.expect(left("ann"), SOON);
        ann.has_a_shell();
        ann.types("echo code $?; stty -a | tr ';' '\\n' | grep -o '[^ ]*icanon'");
        ann.presses("Enter");
        ann.shows("code 0\nicanon");
        assert_eq!(ann.asks("#{alternate_on} #{cursor_flag}"), "0 1");
    }
}

#[test]
fn after_kill_9_the_shell_can_be_typed_in() {
    let Some((_lan, ann, _bob)) = pair(80, 24, "en") else { return };
    ann.signals("-KILL");
    ann.shows("Killed");
    // Nobody is left to give the terminal back: Enter is not yet the end of a line.
    ann.types("tput rmcup; reset; echo do''ne");
    ann.presses("C-j");
    ann.shows("done");
    ann.types("echo he''re-again");
    ann.presses("Enter");
    ann.shows("\nhere-again");
    assert_eq!(ann.asks("#{alternate_on} #{cursor_flag}"), "0 1");
}

#[test]
fn a_panic_gives_the_terminal_back() {
    if env::var_os(PANICS).is_some() {
        // Only the panic of the thread that has the screen ends the program.
        let sits = || {
            let canvas = Canvas::open();
            panic!("it is {}", if canvas.is_ok() { "full" } else { "no terminal" });
        };
        let ended = thread::Builder::new().name("main".to_owned()).spawn(sits).unwrap().join();
        assert!(ended.is_ok());
        return;
    }
    let Some(lan) = lan_with_tmux() else { return };
    let ann = Terminal::start_with(&lan, 80, 24, "en", &[]);
    let test = env::current_exe().unwrap().display().to_string();
    ann.types(&format!("{PANICS}=1 {test} --exact a_panic_gives_the_terminal_back --nocapture"));
    ann.presses("Enter");
    ann.shows("it is full");
    ann.has_a_shell();
    ann.types("stty -a | tr ';' '\\n' | grep -o '[^ ]*icanon'");
    ann.presses("Enter");
    ann.shows("\nicanon");
    assert_eq!(ann.asks("#{alternate_on} #{cursor_flag}"), "0 1");
}

#[test]
fn what_is_typed_while_the_terminal_changes_hands_is_not_lost() {
    let Some((_lan, ann, mut bob)) = pair(80, 24, "en") else { return };
    ann.types("one ");
    ann.presses("C-z");
    ann.shows("Stopped");
    ann.tmux(&["send-keys", "-t", "0", "f", "g", "Enter", "t", "w", "o"]);
    ann.shows("> one two");
    ann.presses("Enter");
    bob.expect(said("ann", "one two"), SOON);
}

#[test]
fn no_more_colours_are_used_than_the_16_of_the_terminal_and_none_where_that_is_asked_for() {
    for (environment, has_colours) in [(&[][..], true), (&[("NO_COLOR", "1")][..], false)] {
        let Some(lan) = lan_with_tmux() else { return };
        let mut bob = lan.person("bob").chat_ready();
        let ann = Terminal::start_with(&lan, 80, 24, "en", environment);
        ann.starts_lanchat(&lan);
        bob.expect(joined("ann"), SOON);
        bob.say("@ann hi");
        ann.shows("bob: @ann hi");
        let screen = ann.tmux(&["capture-pane", "-p", "-e", "-t", "0"]);
        let styles = screen.split("\u{1b}[").skip(1).filter_map(|rest| rest.split('m').next());
        let styles: Vec<Vec<&str>> = styles.map(|style| style.split(';').collect()).collect();
        let colours: Vec<&[&str]> = styles
            .iter()
            .filter_map(|style| {
                style.iter().position(|code| ["38", "48"].contains(code)).map(|at| &style[at..])
            })
            .collect();
        assert_eq!(!colours.is_empty(), has_colours, "{styles:?}");
        // By their numbers, of which those up to 15 are the terminal's own.
        let is_own =
            |colour: &[&str]| colour[1] == "5" && colour[2].parse::<u8>().is_ok_and(|number| number < 16);
        assert!(colours.iter().all(|colour| is_own(colour)), "{colours:?}");
        assert!(
            styles.iter().flatten().any(|code| *code == "7"),
            "bars are seen without colours: {styles:?}"
        );
    }
}

#[test]
fn several_rooms_are_gone_through_in_windows_of_all_sizes() {
    for (width, height) in [(40, 12), (200, 50)] {
        let Some((lan, ann, mut bob)) = pair(width, height, "en") else { return };
        let mut cleo = lan.person("cleo").start(&["--json", "--room", "attic"]);
        ann.types("/join attic");
        ann.presses("Enter");
        ann.presses("Enter");
        cleo.expect(joined("ann"), SOON);
        ann.types("hi attic");
        ann.presses("Enter");
        cleo.expect(said("ann", "hi attic"), SOON);
        bob.say("@ann are you there?");
        ann.shows("@1");
        ann.presses("C-g");
        ann.shows("bob: @ann are you there?");
        ann.types("yes");
        ann.presses("Enter");
        bob.expect(said("ann", "yes"), SOON);
        cleo.say("and here");
        ann.presses("M-2");
        ann.shows("cleo: and here");
        if width < 72 {
            assert!(!ann.screen().contains("lobby"), "{}", ann.screen());
            ann.presses("C-t");
        }
        ann.shows("lobby");
        ann.shows("● cleo");
    }
}

#[test]
fn hostile_names_and_texts_do_nothing_to_the_terminal() {
    let Some((lan, ann, _bob)) = pair(80, 24, "en") else { return };
    let mut eve = lan.person("eve").named("eve: all is well").chat_ready();
    eve.say("\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}\u{1b}[?1049lgone");
    ann.shows("gone");
    ann.shows("\"eve: all is well\": \u{FFFD}]0;owned");
    assert_ne!(ann.asks("#{pane_title}"), "owned");
    assert_eq!(ann.asks("#{alternate_on}"), "1");
}

#[test]
fn chinese_is_typed_shown_and_the_language_of_the_screen() {
    let Some((_lan, ann, mut bob)) = pair(80, 24, "zh-CN") else { return };
    ann.shows("2 人在线");
    bob.say("今天下午三点开会，请带上笔记本电脑");
    ann.shows("bob: 今天下午三点开会，请带上笔记本电脑");
    ann.types("好的，没有问题");
    ann.presses("BSpace");
    ann.presses("Enter");
    bob.expect(said("ann", "好的，没有问"), SOON);
}

#[test]
fn a_paste_is_one_message() {
    let Some((_lan, ann, mut bob)) = pair(80, 24, "en") else { return };
    ann.tmux(&["set-buffer", "one\n/quit\nthree"]);
    ann.tmux(&["paste-buffer", "-p", "-t", "0"]);
    ann.shows("three");
    ann.presses("Enter");
    bob.expect(said("ann", "one\n/quit\nthree"), SOON);
}

#[test]
fn what_was_said_before_is_there_again_and_further_back() {
    let Some((lan, ann, mut bob)) = pair(80, 24, "en") else { return };
    for number in 0..300 {
        bob.say(&format!("line {number}"));
    }
    ann.shows("line 299");
    ann.presses("C-d");
    ann.has_a_shell();
    drop((ann, bob));
    let ann = Terminal::start(&lan, 80, 24, "en");
    ann.shows("line 299");
    ann.presses("C-f");
    ann.types("line 7");
    // Once it is found, all that is to be read from the disk has been.
    ann.shows("bob: line 79");
    ann.types(" ");
    ann.presses("BSpace");
    for _ in 0..13 {
        ann.presses("Enter");
    }
    ann.shows("bob: line 7 ");
}

#[test]
fn one_is_back_with_whom_one_talked_and_what_came_meanwhile_is_counted() {
    let Some((lan, ann, mut bob)) = pair(80, 24, "en") else { return };
    ann.types("/msg bob psst");
    ann.presses("Enter");
    bob.expect(whispered("ann", "psst"), SOON);
    ann.shows("ann: psst ✓");
    ann.presses("C-d");
    ann.has_a_shell();
    bob.say("/msg ann are you there?");
    bob.say("one line");
    drop(ann);
    let ann = Terminal::start(&lan, 80, 24, "en");
    ann.shows("bob>");
    ann.shows("bob: are you there?");
    ann.comes_to("a count", |screen| {
        screen.lines().any(|row| row.starts_with("lobby") && row.contains("1│"))
    });
}

#[test]
fn a_code_is_typed_unseen_and_leads_to_its_room() {
    let Some((lan, ann, mut bob)) = pair(80, 24, "en") else { return };
    let cleo = lan.person("cleo");
    let file = cleo.home().join("code");
    fs::write(&file, CODE).unwrap();
    let mut cleo = cleo.start(&["--json", "--room", "attic", "--room-code-file", file.to_str().unwrap()]);
    ann.types("/join attic");
    ann.presses("Enter");
    ann.shows("which nobody sees");
    ann.types(CODE);
    for word in CODE.split(' ').skip(1) {
        assert!(!ann.screen().contains(word), "{}", ann.screen());
    }
    ann.presses("Enter");
    cleo.expect(joined("ann"), SOON);
    ann.shows("attic (private)");
    ann.types("seen");
    ann.presses("Enter");
    cleo.expect(said("ann", "seen"), SOON);
    bob.say("still there?");
    ann.types("/join lobby");
    ann.presses("Enter");
    ann.shows("bob: still there?");
    ann.types("still");
    ann.presses("Enter");
    bob.expect(said("ann", "still"), SOON);
    ann.types("/part attic");
    ann.presses("Enter");
    cleo.expect(left("ann"), SOON);
}

#[test]
fn the_code_of_a_new_room_is_on_the_screen_until_it_is_read() {
    let Some((_lan, ann, _bob)) = pair(80, 24, "en") else { return };
    ann.types("/room new attic");
    ann.presses("Enter");
    ann.shows("is shown only once");
    ann.shows("attic (private)");
    ann.presses("C-n");
    ann.shows("is shown only once");
    ann.presses("Enter");
    ann.comes_to("the room", |screen| screen.contains("attic (private)") && !screen.contains("only once"));
}

#[test]
fn what_is_asked_is_answered_where_one_looks_after_a_room_was_left() {
    let Some((_lan, ann, _bob)) = pair(80, 24, "en") else { return };
    for room in ["attic", "kitchen"] {
        ann.types(&format!("/join {room}"));
        ann.presses("Enter");
        ann.shows("which nobody sees");
        ann.presses("Enter");
        ann.comes_to(room, |screen| screen.starts_with(&format!(" {room}")));
    }
    ann.types("/part");
    ann.presses("Enter");
    ann.comes_to("the lobby", |screen| screen.starts_with(" lobby"));
    ann.types("/rooms");
    ann.presses("Enter");
    ann.shows("* lobby");
}

#[test]
fn nothing_happens_while_nothing_happens() {
    let Some((_lan, ann, _bob)) = pair(80, 24, "en") else { return };
    ann.shows("nothing missing");
    thread::sleep(Duration::from_secs(1));
    // What is sent is no write; that the node wakes up is one of 8 bytes.
    let before = ann.written();
    thread::sleep(Duration::from_secs(2));
    assert!(ann.written() - before < 300, "{} bytes", ann.written() - before);
}

/// Where a test is to panic on a terminal
const PANICS: &str = "LANCHAT_TEST_PANICS";
const CODE: &str = "able about above absent absorb abuse";
