//! A terminal made by tmux

use std::{
    env, fs,
    io::{self, Write},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use lanchat_harness::{Loopback, Program, SOON, joined};

use super::LANCHAT;

static STARTED: AtomicU32 = AtomicU32::new(0);

/// A terminal with a shell, in which ann starts lanchat; it ends with this
pub(super) struct Terminal {
    socket: String,
}

impl Terminal {
    pub(super) fn start(lan: &Loopback, width: u16, height: u16, language: &str) -> Self {
        let terminal = Self::start_with(lan, width, height, language, &[]);
        terminal.starts_lanchat(lan);
        terminal
    }

    /// With a shell alone
    pub(super) fn start_with(
        lan: &Loopback,
        width: u16,
        height: u16,
        language: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        let ann = lan.person("ann");
        // That of a terminal before may not have gone yet.
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let socket = format!("{}/tmux{number}", lan.scratch().display());
        let terminal = Self { socket };
        let mut command = ann.command("tmux");
        command.args(["-S", &terminal.socket, "-f", "/dev/null", "-u", "new-session", "-d"]);
        command.args(["-x", &width.to_string(), "-y", &height.to_string()]);
        command.env("LANCHAT_LANG", language).env("TERM", "screen-256color").envs(environment.to_vec());
        assert!(command.arg("sh -i").status().is_ok_and(|status| status.success()), "no tmux");
        terminal.has_a_shell();
        terminal
    }

    pub(super) fn starts_lanchat(&self, lan: &Loopback) {
        let (port, data) = (lan.port(), lan.person("ann").data_dir().display().to_string());
        self.types(&format!("{LANCHAT} --interface lo --port {port} --name ann --data-dir {data}"));
        self.presses("Enter");
    }

    pub(super) fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux").args(["-u", "-S", &self.socket]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub(super) fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-t", "0", "-l", text]);
    }

    pub(super) fn presses(&self, key: &str) {
        self.tmux(&["send-keys", "-t", "0", key]);
    }

    pub(super) fn screen(&self) -> String {
        let screen = self.tmux(&["capture-pane", "-p", "-t", "0"]);
        screen.lines().map(|row| row.trim_end().to_owned() + "\n").collect()
    }

    pub(super) fn asks(&self, format: &str) -> String {
        self.tmux(&["display-message", "-p", "-t", "0", format]).trim_end().to_owned()
    }

    /// Waits until this is on the screen
    #[track_caller]
    pub(super) fn shows(&self, text: &str) {
        self.comes_to(text, |screen| screen.contains(text));
    }

    /// Waits until a shell asks what to do
    #[track_caller]
    pub(super) fn has_a_shell(&self) {
        self.comes_to("a prompt", |screen| screen.trim_end().ends_with(['$', '#']));
    }

    #[track_caller]
    pub(super) fn comes_to(&self, what: &str, is_there: impl Fn(&str) -> bool) {
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
    pub(super) fn pid(&self) -> u32 {
        let shell = self.asks("#{pane_pid}");
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        children.split_whitespace().next().and_then(|pid| pid.parse().ok()).expect("nothing runs there")
    }

    /// How many bytes lanchat has written so far, as Linux counts it
    pub(super) fn written(&self) -> u64 {
        let io = fs::read_to_string(format!("/proc/{}/io", self.pid())).unwrap();
        let line = io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap();
        line.parse().unwrap()
    }

    pub(super) fn signals(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.pid().to_string()]).status();
        assert!(kill.is_ok_and(|status| status.success()));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ended = Command::new("tmux").args(["-S", &self.socket, "kill-server"]).output();
    }
}

pub(super) fn lan_with_tmux() -> Option<Loopback> {
    if Command::new("tmux").arg("-V").output().is_err() {
        assert!(env::var("CI").as_deref() != Ok("true"), "install tmux");
        let _written = io::stderr().write_all(b"skipped: there is no tmux here\n");
        return None;
    }
    Some(Loopback::new(LANCHAT))
}

/// Somebody at a terminal and somebody who is there already, if this system has tmux
pub(super) fn pair(width: u16, height: u16, language: &str) -> Option<(Loopback, Terminal, Program)> {
    let lan = lan_with_tmux()?;
    let mut bob = lan.person("bob").chat_ready();
    let ann = Terminal::start(&lan, width, height, language);
    bob.expect(joined("ann"), SOON);
    ann.shows(if language == "en" { "2 here" } else { "2 人在线" });
    Some((lan, ann, bob))
}
