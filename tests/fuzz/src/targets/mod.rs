mod bodies;
mod entries;
mod envelope;
mod files;
mod rows;
mod session;
mod story;
mod sync;
mod terminal;
mod traffic;
mod typed;

/// Something that takes bytes from outside, and what must hold of it
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called: a directory in `corpus` and a binary in `libfuzzer` are called the same
    pub name: &'static str,
    /// Panics if something does not hold
    pub run: fn(&[u8]),
    /// How many mutations `cargo test` tries
    pub mutations: usize,
}

/// All of them
pub const TARGETS: [Target; 16] = [
    Target { name: "envelope", run: envelope::run, mutations: 20_000 },
    Target { name: "bodies", run: bodies::run, mutations: 20_000 },
    Target { name: "entries", run: entries::run, mutations: 150 },
    Target { name: "sync", run: sync::run, mutations: 150 },
    Target { name: "session", run: session::run, mutations: 150 },
    Target { name: "traffic", run: traffic::run, mutations: 150 },
    Target { name: "private", run: traffic::private, mutations: 150 },
    Target { name: "story", run: story::run, mutations: 30 },
    Target { name: "rows", run: rows::run, mutations: 150 },
    Target { name: "command", run: typed::command, mutations: 20_000 },
    Target { name: "raw", run: typed::raw, mutations: 10_000 },
    Target { name: "code", run: typed::code, mutations: 10_000 },
    Target { name: "arguments", run: typed::arguments, mutations: 500 },
    Target { name: "config", run: files::config, mutations: 2_000 },
    Target { name: "profile", run: files::profile, mutations: 200 },
    Target { name: "terminal", run: terminal::run, mutations: 10_000 },
];

/// Has the target that is called so take bytes
///
/// # Panics
/// If there is none, or something does not hold
pub fn run(name: &str, bytes: &[u8]) {
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        panic!("there is no target {name}")
    };
    (target.run)(bytes);
}

/// Checks that a message for people is one line that says something, however it came about
fn assert_sentence(message: &str) {
    let shown = lanchat::sanitize::clean(message);
    let line = shown.as_str();
    assert!(line.chars().any(char::is_alphabetic), "{line:?} says nothing");
    assert!(!message.contains('\n') && !line.contains('\n'), "{message:?} is more than a line");
    assert!(!line.ends_with('.'), "{line:?} is one sentence, without a full stop");
}
