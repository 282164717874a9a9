//! A session with a screen, for the commands that type nothing

use std::{io, time::Duration};

use anyhow::Context;
use tokio::time::Instant;

use super::entrance::enter;
use crate::{
    event::Event,
    lang::{Told as _, tell},
    platform::signals::Shutdown,
    profile::Profile,
    session::{Role, Session},
    settings::Settings,
    ui::Screen,
};

/// A stay in the room, from the first announcement to the goodbye
#[derive(Debug)]
pub(crate) struct Stay {
    pub(crate) session: Session,
    pub(crate) screen: Screen,
    shutdown: Shutdown,
}

/// What happened next
#[derive(Debug)]
pub(crate) enum Turn {
    /// Something in the room
    Event(Box<Event>),
    /// The deadline has passed
    Timeout,
    /// Somebody wants the program to end, or nobody reads what it prints
    Interrupted,
}

impl Stay {
    /// Enters the room
    pub(crate) fn enter(settings: &Settings, role: Role) -> anyhow::Result<Self> {
        let profile = Profile::open(settings)?;
        let entrance = enter(settings, profile.directory())?;
        let shutdown = Shutdown::listen().with_context(no_signals)?;
        let session = Session::open(settings, entrance, profile, role)?;
        let screen = Screen::open(settings.format).with_context(no_thread)?;
        Ok(Self { session, screen, shutdown })
    }

    /// Waits for what happens next, until the deadline if there is one
    pub(crate) async fn next(&mut self, deadline: Option<Instant>) -> Turn {
        tokio::select! {
            biased;
            () = self.shutdown.requested() => Turn::Interrupted,
            _ = self.screen.failed() => Turn::Interrupted,
            () = sleep_until(deadline) => Turn::Timeout,
            event = self.session.next() => Turn::Event(Box::new(event)),
        }
    }

    /// Prints an event
    pub(crate) fn show(&mut self, event: &Event) {
        self.screen.show(event, self.session.view());
    }

    /// Says goodbye
    pub(crate) async fn leave(mut self) -> anyhow::Result<()> {
        self.session.leave().await;
        close(self.screen, &mut self.shutdown).await
    }
}

/// Sleeps until then, or for ever
pub(crate) async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Writes what is left, however slowly it is read, but not much longer than somebody wants the program to run
pub(crate) async fn close(screen: Screen, shutdown: &mut Shutdown) -> anyhow::Result<()> {
    let enough = async {
        shutdown.requested().await;
        tokio::time::sleep(PATIENCE).await;
    };
    let outcome = tokio::select! {
        outcome = screen.close() => outcome,
        () = enough => Ok(()),
    };
    outcome.map_err(|error| unwritable(&error))
}

/// When what was asked for could not be printed
pub(crate) fn unwritable(error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!(tell!("output-failed", reason = error.told()))
}

/// How long a reader who does not read holds up a program that was asked to end
const PATIENCE: Duration = Duration::from_secs(1);

/// When there was no network all the time
pub(crate) fn offline() -> String {
    tell!("offline")
}

/// When signals cannot be heard
pub(crate) fn no_signals() -> String {
    tell!("no-signals")
}

/// When no thread can be started
pub(crate) fn no_thread() -> String {
    tell!("no-thread")
}
