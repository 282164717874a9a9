use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::OrFail;

/// A shell that stays: it keeps a namespace alive and runs scripts in it
///
/// It ends when its input is closed, so a killed test leaves no shell and therefore no namespace behind.
pub(crate) struct Shell {
    child: Child,
    pipes: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

impl Shell {
    /// Starts a shell with `command`, which must end by becoming `sh`
    pub(crate) fn start(mut command: Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot run {:?}: {error}", command.get_program()))?;
        let pipes = child.stdin.take().zip(child.stdout.take().map(BufReader::new));
        let mut shell = Self { child, pipes: Mutex::new(pipes) };
        match shell.run("PATH=$PATH:/usr/sbin:/sbin") {
            Ok(_) => Ok(shell),
            Err(_) => Err(shell.last_words()),
        }
    }

    /// The process whose namespaces these are
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Runs a script; all that it printed is the result, or the error if its last command fails
    pub(crate) fn run(&self, script: &str) -> Result<String, String> {
        let mut guard = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = guard.as_mut().ok_or("the shell is closed")?;
        let bracketed = format!("{{\n{script}\n}} 2>&1 </dev/null\necho \"{MARK} $?\"\n");
        stdin.write_all(bracketed.as_bytes()).map_err(|error| error.to_string())?;
        let mut printed = String::new();
        loop {
            let mut line = String::new();
            match stdout.read_line(&mut line) {
                Ok(0) => return Err(format!("the shell ended: {printed}")),
                Ok(_) => {}
                Err(error) => return Err(error.to_string()),
            }
            match line.trim_end().strip_prefix(MARK) {
                Some(" 0") => return Ok(printed),
                Some(_) => return Err(printed),
                None => printed.push_str(&line),
            }
        }
    }

    /// Runs a script that must work
    #[track_caller]
    pub(crate) fn must_run(&self, script: &str) -> String {
        match self.run(script) {
            Ok(printed) => printed,
            Err(printed) => panic!("{script}\nfailed: {printed}"),
        }
    }

    fn last_words(&mut self) -> String {
        let mut words = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let _ended = stderr.read_to_string(&mut words);
        }
        words.trim().to_owned()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        *self.pipes.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.child.wait().or_fail("cannot wait for a shell");
    }
}

const MARK: &str = "-- lab script ended:";
