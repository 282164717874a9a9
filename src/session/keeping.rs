//! The session's hold on the store, if it has one

use std::path::PathBuf;

use lanchat_protocol::{KeptEntry, Name, PeerKey, Record, Ticket};

use crate::{
    store::{History, Report, Store},
    trust::Acquaintance,
};

/// A store, or none for those who leave nothing on the disk
#[derive(Debug)]
pub(super) struct Keeping {
    store: Option<Store>,
    moved_aside: Option<PathBuf>,
}

impl Keeping {
    pub(super) fn new(store: Option<Store>, moved_aside: Option<PathBuf>) -> Self {
        Self { store, moved_aside }
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
