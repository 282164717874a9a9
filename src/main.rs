//! The `lanchat` program

use std::{ffi::OsString, process::ExitCode};

use lanchat::{app, lang};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    lang::choose(lang::of_start(&arguments));
    app::run(arguments).into()
}
