//! The whole program: parse, resolve, run, and one line on standard error when it fails

use std::{
    ffi::OsString,
    io::{self, Write},
};

use crate::{
    cli::{Action, Cli, completions, manual},
    commands,
    exit::{ExitCode, Failure},
    log,
    platform::process,
    sanitize::clean,
    settings::{Login, Settings},
};

pub use crate::cli::sentence;

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
    if let Some(Action::Completions(args)) = &cli.action {
        return hand_out(&completions(args.shell));
    }
    if let Some(Action::Man(args)) = &cli.action {
        return hand_out(&manual(args.command.as_deref())?);
    }
    let settings = Settings::resolve(cli.globals, &Login::current())
        .map_err(|error| Failure::usage(error.to_string()))?;
    log::start(settings.verbosity);
    process::leave_no_core_dump();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(commands::run(cli.action, &settings))
}

/// Prints what was generated, as far as somebody reads it
fn hand_out(text: &[u8]) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(commands::unwritable(&error)),
        Ok(()) | Err(_) => Ok(ExitCode::Done),
    }
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

fn complain(message: &str) {
    // There is nowhere else to say it.
    let _ = writeln!(io::stderr(), "lanchat: {}", clean(message));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_no_error_and_nonsense_is() {
        let run = |args: &[&str]| run(args.iter().map(OsString::from));
        assert_eq!(run(&["lanchat", "--version"]), ExitCode::Done);
        assert_eq!(run(&["lanchat", "dance"]), ExitCode::Usage);
        assert_eq!(run(&["lanchat", "id", "--ephemeral", "--name", "a\u{7}"]), ExitCode::Usage);
    }
}
