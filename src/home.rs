//! One person at home on this machine: the profile and the store that all their rooms share

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use lanchat_protocol::{Identity, KeptPeer, Name, PeerKey, Retention, Role, Room, Storage};
use tracing::warn;

use crate::{
    profile::Profile,
    rooms::Entrance,
    settings::Settings,
    store::{self, Opened, Shelves, Store, StoreError, Topic},
    trust::{Acquaintance, People},
};

/// A profile in use by this program, and its store once somebody takes part in a room
///
/// It can be shared among threads: what it does may wait for the disk.
#[derive(Debug)]
pub struct Home {
    profile: Profile,
    retention: Retention,
    shelves: Mutex<Option<Shelves>>,
}

/// All that a session needs of its person, for one room
#[derive(Debug)]
pub struct Place {
    pub(crate) entrance: Entrance,
    pub(crate) role: Role,
    pub(crate) name: Name,
    pub(crate) incarnation: u64,
    pub(crate) store: Option<Store>,
    pub(crate) storage: Storage,
    /// Where a store is now that could not be used
    pub(crate) moved_aside: Option<PathBuf>,
    /// What the person holds of others, where the disk was asked for it
    pub(crate) held: Option<Vec<(PeerKey, Acquaintance)>>,
    /// What people last said about what the room is about, the one that counts first
    pub(crate) topics: Vec<Topic>,
}

impl Home {
    /// Takes the profile of the settings for this program
    ///
    /// # Errors
    /// As [`Profile::open`]
    pub fn open(settings: &Settings) -> anyhow::Result<Self> {
        let profile = Profile::open(settings)?;
        Ok(Self { profile, retention: settings.retention, shelves: Mutex::default() })
    }

    /// Who it is
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Where their files are; nowhere for somebody who leaves nothing on the disk
    pub fn directory(&self) -> Option<&Path> {
        self.profile.directory()
    }

    /// Counts a start, and has the store open for whoever takes part in the room under this name; others may look into it
    ///
    /// # Errors
    /// When the start cannot be counted, or the store not be used, in one sentence
    pub fn prepare(&self, entrance: Entrance, name: Name, role: Role) -> anyhow::Result<Place> {
        let incarnation = self.profile.count_start()?;
        let mut place = Place {
            entrance,
            role,
            name,
            incarnation,
            store: None,
            storage: Storage::Ephemeral,
            moved_aside: None,
            held: None,
            topics: Vec::new(),
        };
        match (self.directory(), role) {
            (None, _) => {}
            (Some(directory), Role::Visitor) => place.held = Some(glance(directory)),
            (Some(directory), Role::Member) => self.open_store(directory, &mut place)?,
        }
        Ok(place)
    }

    fn open_store(&self, directory: &Path, place: &mut Place) -> Result<(), StoreError> {
        let key = *Identity::from_secret(self.profile.secret()).key();
        let own = KeptPeer { key, name: place.name.clone(), incarnation: place.incarnation };
        let room = place.entrance.room();
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let (store, memory) = match &*shelves {
            Some(shelves) => shelves.enter(room, own)?,
            None => {
                let Opened { store, memory, moved_aside, acquaintances } =
                    Store::open(directory, room, own, self.retention)?;
                *shelves = Some(store.shelves());
                place.moved_aside = moved_aside;
                place.held = Some(acquaintances);
                (store, memory)
            }
        };
        let topics = store.history().topics();
        let topics = topics.inspect_err(|error| warn!(%error, "what the room is about cannot be read"));
        place.topics = topics.unwrap_or_default();
        place.store = Some(store);
        place.storage = Storage::Durable(memory);
        Ok(())
    }
}

impl Place {
    /// The room
    pub fn room(&self) -> &Room {
        self.entrance.room()
    }

    /// Gives it up: nobody comes into the room after all
    pub async fn close(self) {
        if let Some(store) = self.store {
            store.close().await;
        }
    }

    /// What is known of others at the start
    pub(crate) fn people(&mut self) -> People {
        People { held: self.held.take().unwrap_or_default(), ..People::default() }
    }
}

fn glance(directory: &Path) -> Vec<(PeerKey, Acquaintance)> {
    let kept = store::acquaintances(directory);
    kept.inspect_err(|error| warn!(%error, "who is trusted or blocked cannot be read")).unwrap_or_default()
}
