//! Who goes on with the node when the program that ran it ends: whoever gets the lock of the profile

use std::{path::PathBuf, time::Duration};

use tokio::time::Instant;
use tracing::warn;

use super::{Wants, lines::Told, link::Link};
use crate::{
    home::Home,
    house::House,
    profile::ProfileError,
    rooms::{Entrance, joined},
    session::Role,
    settings::Settings,
};

/// How long whoever runs the node may take to begin or to end
pub(super) const CHANGING: Duration = Duration::from_secs(5);
/// How often it is looked whether they have
pub(super) const LOOKING: Duration = Duration::from_millis(20);

/// How long a command waits for others to go on
const LETTING_PASS: Duration = Duration::from_millis(100);

/// All that a program needs to go on
#[derive(Debug)]
pub(super) struct Successor {
    pub(super) settings: Settings,
    pub(super) directory: PathBuf,
    pub(super) wants: Wants,
    /// Where the person is, the current room first
    pub(super) entrances: Vec<Entrance>,
}

/// Who runs the node from now on
#[derive(Debug)]
pub(super) enum Return {
    /// This program
    Own(Box<House>),
    /// Another one, which has told this already
    Other(Link, Vec<Told>),
    /// Nobody, and why
    Nobody(anyhow::Error),
}

/// Runs the node, or attaches to whoever was faster
pub(super) async fn come_back(successor: Successor) -> Return {
    let deadline = Instant::now() + CHANGING;
    if !successor.wants.all {
        // Whoever is in all rooms and stays goes first.
        tokio::time::sleep(LETTING_PASS).await;
    }
    loop {
        let error = match Home::open(&successor.settings) {
            Ok(home) => {
                return successor
                    .enter(home)
                    .map_or_else(Return::Nobody, |house| Return::Own(Box::new(house)));
            }
            Err(error) => error,
        };
        if !matches!(error.downcast_ref(), Some(ProfileError::InUse { .. })) {
            return Return::Nobody(error);
        }
        match Link::open(&successor.directory, &successor.wants).await {
            Ok(Some((link, told))) => return Return::Other(link, told),
            Ok(None) if Instant::now() < deadline => tokio::time::sleep(LOOKING).await,
            Ok(None) => return Return::Nobody(error),
            Err(error) => return Return::Nobody(error),
        }
    }
}

impl Successor {
    fn enter(&self, home: Home) -> anyhow::Result<House> {
        let mut entrances = self.entrances.iter().cloned();
        let first = entrances.next().unwrap_or_else(|| Entrance::open(lanchat_protocol::RoomName::lobby()));
        let mut house = House::open(&self.settings, first, home, Role::Member)?;
        for entrance in entrances {
            let name = entrance.room().name().clone();
            if let Err(error) = house.add(entrance) {
                warn!(%error, room = %name, "a room cannot be entered again");
            }
        }
        if self.wants.all {
            house.remember_other_rooms(joined::read(&self.directory));
        }
        Ok(house)
    }
}
