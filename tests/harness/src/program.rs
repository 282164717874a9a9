use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::ops::Deref;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Ended, OrFail, Pattern};

/// How long a test waits for what has no bound of its own: long enough for a busy machine
pub const SOON: Duration = Duration::from_secs(10);

/// How many of the last lines a failed test shows
const SHOWN_LINES: usize = 60;

/// A running process: lines go in, printed events are waited for
///
/// It is killed when dropped. On Linux it also ends with the thread that started it, so start it from the thread
/// that runs the test.
pub struct Program {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    incoming: Receiver<(Instant, String)>,
    printed: Vec<Printed>,
    forgotten: usize,
    errors: Option<JoinHandle<String>>,
}

impl Program {
    /// Starts `command`; `name` is what failures call it
    pub fn start(name: &str, mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .or_fail(&format!("{name} did not start"));
        let (lines, incoming) = channel();
        let stdout = child.stdout.take().or_fail("stdout is not a pipe");
        thread::spawn(move || forward_lines(stdout, &lines));
        let mut stderr = child.stderr.take().or_fail("stderr is not a pipe");
        let errors = thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ended = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Self {
            name: name.to_owned(),
            stdin: child.stdin.take(),
            child,
            incoming,
            printed: Vec::new(),
            forgotten: 0,
            errors: Some(errors),
        }
    }

    /// What failures call it
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process id
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it took so far, in bytes, as Linux counts it
    pub fn most_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).or_fail("no status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).or_fail("no VmHWM");
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().or_fail("not a number");
        kib * 1_024
    }

    /// How long it kept a processor busy so far, as Linux counts it
    pub fn busy(&self) -> Duration {
        const TICK: Duration = Duration::from_millis(10);
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).or_fail("no stat");
        let (_, fields) = stat.rsplit_once(')').or_fail("no name");
        let ticks =
            fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u32>().or_fail("ticks"));
        TICK * ticks.sum::<u32>()
    }

    /// Types one line
    #[track_caller]
    pub fn say(&mut self, line: &str) {
        self.type_bytes(format!("{line}\n").as_bytes());
    }

    /// Types these bytes, whatever they are
    #[track_caller]
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().or_fail("its input is closed");
        if let Err(error) = stdin.write_all(bytes).and_then(|()| stdin.flush()) {
            self.fail(&format!("does not take input: {error}"));
        }
    }

    /// Closes its input, as Ctrl-D does
    pub fn close_input(&mut self) {
        self.stdin = None;
    }

    /// The first event that matches and was not returned before; waits for it
    #[track_caller]
    pub fn expect(&mut self, pattern: impl Pattern, within: Duration) -> Event {
        let wanted = |line: &Printed| line.json.as_ref().is_some_and(|json| pattern.matches(json));
        match self.take_line(wanted, within) {
            Ok(index) => self.event(index).or_fail("a matching line is an event"),
            Err(why) => self.fail(&format!("no event like {} {why}", pattern.describe())),
        }
    }

    /// As [`expect`](Self::expect), but `None` when nothing matches `within` the time
    pub fn wait_for(&mut self, pattern: impl Pattern, within: Duration) -> Option<Event> {
        let wanted = |line: &Printed| line.json.as_ref().is_some_and(|json| pattern.matches(json));
        self.take_line(wanted, within).ok().and_then(|index| self.event(index))
    }

    /// The first line, JSON or not, that contains `part` and was not returned before; waits for it
    #[track_caller]
    pub fn expect_line(&mut self, part: &str, within: Duration) -> String {
        match self.take_line(|line| line.text.contains(part), within) {
            Ok(index) => self.printed[index].text.clone(),
            Err(why) => self.fail(&format!("no line with {part:?} {why}")),
        }
    }

    /// Lets what was printed so far not match any more
    pub fn forget(&mut self) {
        self.drain();
        self.forgotten = self.printed.len();
    }

    /// All events so far that match, returned before or not, forgotten or not
    pub fn events(&mut self, pattern: impl Pattern) -> Vec<Event> {
        self.matching(&pattern)
    }

    /// Fails if any event so far matches
    #[track_caller]
    pub fn assert_never(&mut self, pattern: impl Pattern) {
        if let Some(event) = self.matching(&pattern).first() {
            self.fail(&format!("printed {}, which it should not", event.json));
        }
    }

    /// All lines printed so far
    pub fn lines(&mut self) -> Vec<&str> {
        self.drain();
        self.printed.iter().map(|line| line.text.as_str()).collect()
    }

    /// Asks it to end, as `kill` does (SIGTERM)
    pub fn terminate(&mut self) {
        self.signal("TERM");
    }

    /// Asks it to end, as Ctrl-C does (SIGINT)
    pub fn interrupt(&mut self) {
        self.signal("INT");
    }

    /// Lets it do nothing (SIGSTOP) until it is to [`go on`](Self::go_on)
    pub fn stop(&self) {
        self.signal("STOP");
    }

    /// Lets it go on (SIGCONT)
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    /// Ends it without asking (SIGKILL)
    pub fn kill9(&mut self) {
        self.child.kill().or_fail("cannot kill");
        self.child.wait().or_fail("cannot wait");
    }

    /// Waits until it has ended
    #[track_caller]
    pub fn wait(mut self) -> Ended {
        let deadline = Instant::now() + SOON;
        while !matches!(self.read_one(deadline), Err(Silence::Ended)) {
            if Instant::now() >= deadline {
                self.fail("did not end");
            }
        }
        let status = self.child.wait().or_fail("cannot wait");
        let stderr =
            self.errors.take().map(JoinHandle::join).map(|read| read.unwrap_or_default()).unwrap_or_default();
        let stdout = self.printed.iter().map(|line| format!("{}\n", line.text)).collect();
        let events = self.printed.iter().filter_map(|line| line.json.clone()).collect();
        Ended { status, stdout, stderr, events }
    }

    fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.pid());
        let status = Command::new("sh").args(["-c", &kill]).status().or_fail("cannot run sh");
        assert!(status.success(), "{}: {kill} failed", self.name);
    }

    fn event(&self, index: usize) -> Option<Event> {
        let line = self.printed.get(index)?;
        Some(Event { at: line.at, json: line.json.clone()? })
    }

    fn matching(&mut self, pattern: &impl Pattern) -> Vec<Event> {
        self.drain();
        let all = 0..self.printed.len();
        all.filter_map(|index| self.event(index)).filter(|event| pattern.matches(event)).collect()
    }

    fn take_line(&mut self, wanted: impl Fn(&Printed) -> bool, within: Duration) -> Result<usize, String> {
        let deadline = Instant::now() + within;
        let mut next = self.forgotten;
        loop {
            while next < self.printed.len() {
                let line = &mut self.printed[next];
                if !line.returned && wanted(line) {
                    line.returned = true;
                    return Ok(next);
                }
                next += 1;
            }
            match self.read_one(deadline) {
                Ok(()) => {}
                Err(Silence::Timeout) => return Err(format!("within {within:?}")),
                Err(Silence::Ended) => return Err("before it ended".to_owned()),
            }
        }
    }

    fn read_one(&mut self, deadline: Instant) -> Result<(), Silence> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.incoming.recv_timeout(left) {
            Ok((at, text)) => {
                self.printed.push(Printed::new(at, text));
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => Err(Silence::Timeout),
            Err(RecvTimeoutError::Disconnected) => Err(Silence::Ended),
        }
    }

    fn drain(&mut self) {
        let printed = self.incoming.try_iter().map(|(at, text)| Printed::new(at, text));
        self.printed.extend(printed);
    }

    #[track_caller]
    fn fail(&mut self, what: &str) -> ! {
        self.drain();
        let mut story = format!("{} {what}\n", self.name);
        let hidden = self.printed.len().saturating_sub(SHOWN_LINES);
        let _written = writeln!(story, "--- {} printed ({hidden} earlier lines not shown):", self.name);
        for line in self.printed.iter().skip(hidden) {
            let _written = writeln!(story, "{}", line.text);
        }
        let _ended = self.child.kill();
        if let Some(errors) = self.errors.take().and_then(|reader| reader.join().ok()) {
            let _written = write!(story, "--- and on stderr:\n{errors}");
        }
        panic!("{story}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// One printed JSON object and when it arrived; indexes like the JSON value that it is
#[derive(Clone, Debug)]
pub struct Event {
    /// When the line had been read
    pub at: Instant,
    /// The object
    pub json: Value,
}

impl Event {
    /// The text of a field, empty if there is none
    pub fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_default()
    }
}

impl Deref for Event {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.json
    }
}

struct Printed {
    at: Instant,
    text: String,
    json: Option<Value>,
    returned: bool,
}

impl Printed {
    fn new(at: Instant, text: String) -> Self {
        let json = serde_json::from_str(&text).ok().filter(Value::is_object);
        Self { at, text, json, returned: false }
    }
}

enum Silence {
    Timeout,
    Ended,
}

fn forward_lines(stdout: impl Read, lines: &Sender<(Instant, String)>) {
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let at = Instant::now();
        let text = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).into_owned();
        if lines.send((at, text)).is_err() {
            return;
        }
        line.clear();
    }
}
