//! Where somebody at the screen takes part: a session, and what it costs to go to another room

use std::path::{Path, PathBuf};

use lanchat_protocol::Room;

use crate::{
    command::Command,
    event::Event,
    net::LinkStatus,
    profile::Profile,
    rooms::Entrance,
    session::{Role, Session},
    settings::Settings,
    ui::tui::Network,
    view::View,
};

/// One's place in a room
#[derive(Debug)]
pub(super) struct Seat {
    session: Session,
    is_kept: bool,
}

impl Seat {
    pub(super) fn open(settings: &Settings, entrance: Entrance, profile: Profile) -> anyhow::Result<Self> {
        let mut session = Session::open(settings, entrance, profile, Role::Member)?;
        session.invite_guests(settings)?;
        Ok(Self { session, is_kept: !settings.ephemeral })
    }

    /// The room's name
    pub(super) fn room(&self) -> &str {
        self.session.room().name().as_str()
    }

    pub(super) fn session_room(&self) -> &Room {
        self.session.room()
    }

    pub(super) fn view(&self) -> &View {
        self.session.view()
    }

    pub(super) fn directory(&self) -> Option<PathBuf> {
        self.session.profile_directory().map(Path::to_owned)
    }

    /// What happens next; cancel-safe
    pub(super) async fn next(&mut self) -> Event {
        self.session.next().await
    }

    /// What has happened already
    pub(super) fn take(&mut self) -> Option<Event> {
        self.session.take()
    }

    pub(super) fn execute(&mut self, command: Command) {
        self.session.execute(command);
    }

    pub(super) fn network(&self) -> Network {
        let traffic = self.session.traffic();
        let mut interfaces: Vec<String> =
            self.session.links().into_iter().map(|LinkStatus { name, .. }| name).collect();
        interfaces.dedup();
        Network {
            interfaces,
            is_offline: self.session.is_offline(),
            lost: traffic.send_failed + traffic.send_dropped,
            is_kept: self.is_kept,
        }
    }

    /// Leaves this room, and enters another
    pub(super) async fn move_to(self, settings: &Settings, entrance: Entrance) -> anyhow::Result<Self> {
        let profile = self.session.leave().await;
        Self::open(settings, entrance, profile.start_again()?)
    }

    /// Says goodbye
    pub(super) async fn leave(self) {
        self.session.leave().await;
    }
}
