//! Rooms with a screen, for the commands that type nothing

use std::{io, time::Duration};

use anyhow::Context;
use lanchat_protocol::RoomName;
use tokio::time::Instant;

use super::entrance::enter_all;
use crate::{
    home::Home,
    house::{Happening, House},
    lang::{Told as _, tell},
    platform::signals::Shutdown,
    profile,
    rooms::Entrance,
    session::Role,
    settings::Settings,
    ui::Screen,
    windows::{Sight, Wants, Window},
};

/// A stay in the rooms of the settings, from the first announcement to the goodbye
#[derive(Debug)]
pub(crate) struct Stay {
    pub(crate) house: Window,
    pub(crate) screen: Screen,
    shutdown: Shutdown,
}

/// What happened next
#[derive(Debug)]
pub(crate) enum Turn {
    /// Something in a room
    Event(Box<Happening>),
    /// The deadline has passed
    Timeout,
    /// Somebody wants the program to end, or nobody reads what it prints
    Interrupted,
}

impl Stay {
    /// Enters the rooms, or those where another lanchat of the profile is
    pub(crate) async fn enter(settings: &Settings, role: Role, hears_guests: bool) -> anyhow::Result<Self> {
        let directory = profile::directory_in_use(settings);
        let rooms = enter_all(settings, directory.as_deref())?;
        let wants =
            Wants { rooms, all: false, guests: hears_guests, sits: true, hosts: role == Role::Member };
        let shutdown = Shutdown::listen().with_context(no_signals)?;
        let open = |home| open_all(settings, wants.rooms.clone(), home, role);
        let house = Window::open(settings, &wants, open).await?;
        let screen = Screen::open(settings.format).with_context(no_thread)?;
        Ok(Self { house, screen, shutdown })
    }

    /// The first of the rooms
    pub(crate) fn session(&self) -> Sight<'_> {
        self.house.current_session()
    }

    /// Waits for what happens next, until the deadline if there is one
    pub(crate) async fn next(&mut self, deadline: Option<Instant>) -> Turn {
        tokio::select! {
            biased;
            () = self.shutdown.requested() => Turn::Interrupted,
            _ = self.screen.failed() => Turn::Interrupted,
            () = sleep_until(deadline) => Turn::Timeout,
            happening = self.house.next() => Turn::Event(Box::new(happening)),
        }
    }

    /// Prints what happened
    pub(crate) fn show(&mut self, happening: &Happening) {
        show(&mut self.screen, happening, &self.house);
    }

    /// Says goodbye
    pub(crate) async fn leave(mut self) -> anyhow::Result<()> {
        self.house.leave().await;
        close(self.screen, &mut self.shutdown).await
    }
}

/// Prints what happened in one of the rooms
pub(crate) fn show(screen: &mut Screen, happening: &Happening, house: &Window) {
    let is_current = happening.room == house.current().as_str();
    // A room that was just left has no session any more.
    let session = house.session(&happening.room).unwrap_or_else(|| house.current_session());
    screen.show_in(happening, is_current, session.view());
}

/// Enters these rooms, or the lobby where there are none, the first of which is the current one
pub(crate) fn open_all(
    settings: &Settings,
    entrances: Vec<Entrance>,
    home: Home,
    role: Role,
) -> anyhow::Result<House> {
    let mut entrances = entrances.into_iter();
    let first = entrances.next().unwrap_or_else(|| Entrance::open(RoomName::lobby()));
    let mut house = House::open(settings, first, home, role)?;
    entrances.try_for_each(|entrance| house.add(entrance))?;
    Ok(house)
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
