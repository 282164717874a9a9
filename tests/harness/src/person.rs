use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::{Ended, OrFail, Program, SOON, events};

/// Somebody who uses the program under test: a name, a home, a place in some network
///
/// Nothing of the real user's settings reaches what a person starts.
#[derive(Clone)]
pub struct Person {
    name: String,
    home: PathBuf,
    data_dir: PathBuf,
    binary: PathBuf,
    prefix: Vec<OsString>,
    options: Vec<OsString>,
}

impl Person {
    /// Gives `name` a home under `homes`; `prefix` is put before every command, `options` before its arguments
    pub(crate) fn new(
        name: &str,
        homes: &Path,
        binary: &Path,
        prefix: Vec<OsString>,
        options: &[String],
    ) -> Self {
        let home = homes.join(name);
        fs::create_dir_all(&home).or_fail("cannot make a home");
        Self {
            name: name.to_owned(),
            data_dir: home.join("data"),
            home,
            binary: binary.to_owned(),
            prefix,
            options: options.iter().map(OsString::from).collect(),
        }
    }

    /// The same home under another name
    pub fn named(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }

    /// The same person with the data kept elsewhere
    pub fn with_data_dir(&self, data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned(), ..self.clone() }
    }

    /// What `HOME` is for this person
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Where the key of this person is
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Starts `lanchat --json`
    pub fn chat(&self) -> Program {
        self.start(&["--json"])
    }

    /// Starts `lanchat --json` and waits until its sockets are open
    #[track_caller]
    pub fn chat_ready(&self) -> Program {
        let mut program = self.chat();
        program.expect(events::ready(), SOON);
        program
    }

    /// Starts `lanchat` with these arguments, after those that name the person
    pub fn start(&self, arguments: &[&str]) -> Program {
        let mut command = self.command(&self.binary);
        command.args(&self.options).args(["--name", &self.name]);
        command.arg("--data-dir").arg(&self.data_dir).args(arguments);
        Program::start(&self.name, command)
    }

    /// Runs `lanchat` with these arguments to its end, without input
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let mut program = self.start(arguments);
        program.close_input();
        program.wait()
    }

    /// The command `program` at this person's place in the network, with this person's environment
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut words = self.prefix.iter().map(OsString::as_os_str).chain([program.as_ref()]);
        let mut command = Command::new(words.next().or_fail("a command has a first word"));
        command.args(words);
        isolate(&mut command, &self.home);
        command
    }
}

/// Puts a program's settings, data and caches under `home`, and has it speak English wherever the test runs
fn isolate(command: &mut Command, home: &Path) {
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("LANCHAT_") || name.starts_with("XDG_") || name == "RUST_LOG" {
            command.env_remove(&variable);
        }
    }
    command.env("HOME", home).env("LANCHAT_LANG", "en");
    for (variable, folder) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "share"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "runtime"),
    ] {
        command.env(variable, home.join(folder));
    }
}
