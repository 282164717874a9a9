//! The session's hold on the store, if it has one

use std::path::PathBuf;

use lanchat_protocol::{Identity, KeptEntry, KeptPeer, Name, PeerKey, Record, Role, Room, Storage, Ticket};
use tracing::warn;

use crate::{
    profile::Profile,
    settings::Settings,
    store::{self, History, Opened, Report, Store, StoreError},
    trust::Acquaintance,
};

/// Of whom something is held, and what
pub(super) type Kept = Vec<(PeerKey, Acquaintance)>;

/// A store, or none for those who leave nothing on the disk
#[derive(Debug)]
pub(super) struct Keeping {
    store: Option<Store>,
    moved_aside: Option<PathBuf>,
}

impl Keeping {
    /// Opens the store of a profile that has a place on the disk, for somebody who takes part; others may look into it
    pub(super) fn open(
        settings: &Settings,
        room: &Room,
        profile: &Profile,
        role: Role,
    ) -> Result<(Self, Storage, Kept), StoreError> {
        let nothing = Self { store: None, moved_aside: None };
        let directory = match (profile.directory(), role) {
            (None, _) => return Ok((nothing, Storage::Ephemeral, Kept::new())),
            (Some(directory), Role::Visitor) => {
                let kept = store::acquaintances(directory);
                let kept =
                    kept.inspect_err(|error| warn!(%error, "who is trusted or blocked cannot be read"));
                return Ok((nothing, Storage::Ephemeral, kept.unwrap_or_default()));
            }
            (Some(directory), Role::Member) => directory,
        };
        let own = KeptPeer {
            key: *Identity::from_secret(profile.secret()).key(),
            name: settings.name.clone(),
            incarnation: profile.incarnation(),
        };
        let opened = Store::open(directory, room, own, settings.retention)?;
        let Opened { store, memory, moved_aside, acquaintances } = opened;
        Ok((Self { store: Some(store), moved_aside }, Storage::Durable(memory), acquaintances))
    }

    /// Where a store is now that could not be used, once
    pub(super) fn moved_aside(&mut self) -> Option<PathBuf> {
        self.moved_aside.take()
    }

    /// What a node is to be handed over at its start
    pub(super) fn entries(&self) -> impl Iterator<Item = Vec<KeptEntry>> {
        self.store.iter().flat_map(Store::entries)
    }

    pub(super) fn store(&mut self, ticket: Ticket, records: Vec<Record>) {
        // A node without storage asks for nothing.
        if let Some(store) = &mut self.store {
            store.store(ticket, records);
        }
    }

    pub(super) fn rename(&self, name: &Name) {
        if let Some(store) = &self.store {
            store.rename(name.clone());
        }
    }

    pub(super) fn remember(&self, key: PeerKey, who: Option<Acquaintance>) {
        if let Some(store) = &self.store {
            store.remember(key, who);
        }
    }

    /// What became of batches; never, if there is no store; cancel-safe
    pub(super) async fn report(&mut self) -> Report {
        match &mut self.store {
            Some(store) => store.report().await,
            None => std::future::pending().await,
        }
    }

    pub(super) fn history(&self) -> Option<&History> {
        self.store.as_ref().map(Store::history)
    }

    /// Waits until all is stored
    pub(super) async fn close(self) {
        if let Some(store) = self.store {
            store.close().await;
        }
    }
}
