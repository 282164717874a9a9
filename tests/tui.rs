//! Somebody sits before the whole screen of a terminal, which is made by tmux
#![cfg(test)]
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    io::{self, Write},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use lanchat::ui::terminal::Canvas;
use lanchat_harness::{Loopback, Program, SOON, joined, left, said, whispered};

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

/// A terminal with a shell, in which ann starts lanchat; it ends with this
struct Terminal {
    socket: String,
}

impl Terminal {
    fn start(lan: &Loopback, width: u16, height: u16, language: &str) -> Self {
        let terminal = Self::start_with(lan, width, height, language, &[]);
        terminal.starts_lanchat(lan);
        terminal
    }

    /// With a shell alone
    fn start_with(
        lan: &Loopback,
        width: u16,
        height: u16,
        language: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        let ann = lan.person("ann");
        let socket = format!("{}/tmux", lan.scratch().display());
        let terminal = Self { socket };
        let mut command = ann.command("tmux");
        command.args(["-S", &terminal.socket, "-f", "/dev/null", "-u", "new-session", "-d"]);
        command.args(["-x", &width.to_string(), "-y", &height.to_string()]);
        command.env("LANCHAT_LANG", language).env("TERM", "screen-256color").envs(environment.to_vec());
        assert!(command.arg("sh -i").status().is_ok_and(|status| status.success()), "no tmux");
        terminal.has_a_shell();
        terminal
    }

    fn starts_lanchat(&self, lan: &Loopback) {
        let (port, data) = (lan.port(), lan.person("ann").data_dir().display().to_string());
        self.types(&format!("{LANCHAT} --interface lo --port {port} --name ann --data-dir {data}"));
        self.presses("Enter");
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux").args(["-u", "-S", &self.socket]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-t", "0", "-l", text]);
    }

    fn presses(&self, key: &str) {
        self.tmux(&["send-keys", "-t", "0", key]);
    }

    fn screen(&self) -> String {
        let screen = self.tmux(&["capture-pane", "-p", "-t", "0"]);
        screen.lines().map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    fn asks(&self, format: &str) -> String {
        self.tmux(&["display-message", "-p", "-t", "0", format]).trim_end().to_owned()
    }

    /// Waits until this is on the screen
    #[track_caller]
    fn shows(&self, text: &str) {
        self.comes_to(text, |screen| screen.contains(text));
    }

    /// Waits until a shell asks what to do
    #[track_caller]
    fn has_a_shell(&self) {
        self.comes_to("a prompt", |screen| screen.trim_end().ends_with(['$', '#']));
    }

    #[track_caller]
    fn comes_to(&self, what: &str, is_there: impl Fn(&str) -> bool) {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return;
            }
            assert!(start.elapsed() < SOON, "{what:?} is not on the screen:\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// That of lanchat, which the shell has started
    fn pid(&self) -> u32 {
        let shell = self.asks("#{pane_pid}");
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        children.split_whitespace().next().and_then(|pid| pid.parse().ok()).expect("nothing runs there")
    }

    /// How many bytes lanchat has written so far, as Linux counts it
    fn written(&self) -> u64 {
        let io = fs::read_to_string(format!("/proc/{}/io", self.pid())).unwrap();
        let line = io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap();
        line.parse().unwrap()
    }

    fn signals(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.pid().to_string()]).status();
        assert!(kill.is_ok_and(|status| status.success()));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ended = Command::new("tmux").args(["-S", &self.socket, "kill-server"]).output();
    }
}

fn lan_with_tmux() -> Option<Loopback> {
    if Command::new("tmux").arg("-V").output().is_err() {
        assert!(env::var("CI").as_deref() != Ok("true"), "install tmux");
        let _written = io::stderr().write_all(b"skipped: there is no tmux here\n");
        return None;
    }
    Some(Loopback::new(LANCHAT))
}

/// Somebody at a terminal and somebody who is there already, if this system has tmux
fn pair(width: u16, height: u16, language: &str) -> Option<(Loopback, Terminal, Program)> {
    let lan = lan_with_tmux()?;
    let mut bob = lan.person("bob").chat_ready();
    let ann = Terminal::start(&lan, width, height, language);
    bob.expect(joined("ann"), SOON);
    ann.shows(if language == "en" { "2 here" } else { "2 人在线" });
    Some((lan, ann, bob))
}
