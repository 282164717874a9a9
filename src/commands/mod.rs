//! What the program can be asked to do, each in a file of its own

mod chat;
mod daemon;
mod doctor;
mod earlier;
mod entrance;
mod full_screen;
mod history;
mod id;
mod listen;
mod moving;
mod owed;
mod peers;
mod raw;
mod send;
mod stay;

use std::io::{self, IsTerminal};

pub(crate) use stay::{sleep_until, unwritable};

use crate::{cli::Action, exit::ExitCode, settings::Settings};

/// Does it, inside a runtime
///
/// # Errors
/// One sentence for standard error; a [`Failure`](crate::exit::Failure) brings its exit code along.
pub async fn run(action: Option<Action>, settings: &Settings) -> anyhow::Result<ExitCode> {
    match action {
        None if settings.full_screen && is_terminal() => full_screen::run(settings).await,
        None => chat::run(settings).await,
        Some(Action::Peers(args)) => peers::run(settings, &args).await,
        Some(Action::Send(args)) => send::run(settings, args).await,
        Some(Action::Listen(args)) => listen::run(settings, &args).await,
        Some(Action::History(args)) => history::run(settings, &args),
        Some(Action::Doctor(args)) => doctor::run(settings, &args).await,
        Some(Action::Raw(args)) => raw::run(settings, args).await,
        Some(Action::Daemon) => daemon::run(settings).await,
        Some(Action::Id) => id::run(settings).await,
        // They need nothing of all this.
        Some(Action::Completions(_) | Action::Man(_)) => Ok(ExitCode::Done),
    }
}

/// Whether somebody sits there who can be shown a screen
fn is_terminal() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
    !is_dumb && io::stdin().is_terminal() && io::stdout().is_terminal()
}
