//! The whole program: parse, resolve, run, and one line on standard error when it fails

use std::{
    ffi::OsString,
    io::{self, Write},
};

use crate::{
    cli::Cli,
    commands,
    exit::{ExitCode, Failure},
    log,
    platform::process,
    sanitize::clean,
    settings::{Login, Settings},
};

/// Runs the program with these arguments, the first of which is its own name
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::read(args) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    match start(cli) {
        Ok(code) => code,
        Err(error) => {
            complain(&error.to_string());
            error.downcast_ref::<Failure>().map_or(ExitCode::Failed, |failure| failure.code)
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = Settings::resolve(cli.globals, &Login::current())
        .map_err(|error| Failure::usage(error.to_string()))?;
    log::start(settings.verbosity);
    process::leave_no_core_dump();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(commands::run(cli.action, &settings))
}

/// Prints the help that was asked for, or what is wrong with the command line
fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A reader that went away has seen enough.
        let _ = error.print();
        return ExitCode::Done;
    }
    complain(&sentence(error));
    ExitCode::Usage
}

/// What is wrong with a command line: clap's message without its usage and its blank lines
pub fn sentence(error: &clap::Error) -> String {
    let rendered = error.to_string();
    let lines = rendered.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines =
        lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    let text = lines.collect::<Vec<_>>().join(" ");
    let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end_matches('.').replace(" tip: ", "; ");
    format!("{text}; --help tells more")
}

fn complain(message: &str) {
    // There is nowhere else to say it.
    let _ = writeln!(io::stderr(), "lanchat: {}", clean(message));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_command_line_makes_one_line() {
        let said = |args: &[&str]| sentence(&Cli::read(args.iter().map(OsString::from)).unwrap_err());
        assert_eq!(
            said(&["lanchat", "--rooom", "x"]),
            "unexpected argument '--rooom' found; a similar argument exists: '--room'; --help tells more"
        );
        let missing = said(&["lanchat", "send"]);
        assert!(
            missing.contains("<TEXT>") && !missing.contains('\n') && !missing.contains("Usage"),
            "{missing}"
        );
    }

    #[test]
    fn help_is_no_error_and_nonsense_is() {
        let run = |args: &[&str]| run(args.iter().map(OsString::from));
        assert_eq!(run(&["lanchat", "--version"]), ExitCode::Done);
        assert_eq!(run(&["lanchat", "dance"]), ExitCode::Usage);
        assert_eq!(run(&["lanchat", "id", "--ephemeral", "--name", "a\u{7}"]), ExitCode::Usage);
    }
}
