//! Which stories are told, and how to see one again

use std::{
    env,
    io::{self, Write},
    ops::Range,
    thread,
};

/// The seeds to tell a story with: those given; so many times as many if `LANCHAT_SEEDS` says so; only the one in
/// `LANCHAT_SEED`, if there is one
pub fn seeds(range: Range<u64>) -> Range<u64> {
    if let Some(seed) = number("LANCHAT_SEED") {
        return seed..seed + 1;
    }
    let factor = number("LANCHAT_SEEDS").unwrap_or(1);
    range.start..range.start + (range.end - range.start) * factor
}

/// Whether to print what happens, as `LANCHAT_TRACE` asks for
pub(crate) fn is_traced() -> bool {
    env::var_os("LANCHAT_TRACE").is_some()
}

/// Prints a line, whatever the test harness does with what tests print
pub(crate) fn print(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Says how to see a story again whose test is failing
pub(crate) fn tell_if_failing(seed: u64) {
    if !thread::panicking() {
        return;
    }
    let test = thread::current().name().unwrap_or("").to_owned();
    let binary = env::current_exe().ok().and_then(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    let target = binary.as_deref().and_then(|name| name.rsplit_once('-')).map_or("", |(name, _)| name);
    let command = format!("cargo test -p lanchat-simulator --test {target} {test} -- --exact --nocapture");
    let _ = writeln!(
        io::stderr(),
        "To see this again, with LANCHAT_TRACE=1 in detail: LANCHAT_SEED={seed} {command}"
    );
}

/// The number in a variable of the environment
fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    match value.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("set {variable} to a number, not to {value}"),
    }
}
