//! The `lanchat` program

use std::process::ExitCode;

fn main() -> ExitCode {
    lanchat::app::run(std::env::args_os()).into()
}
