use std::{net::SocketAddr, sync::Arc, time::Duration};

use lanchat_protocol::{
    Config, Event, Identity, Input, InstanceId, KeptEntry, Name, Node, PeerId, PeerKey, Retention, Role,
    Room, RoomName, SecretSeed, Storage, Time, Verifier, WallTime,
};
use uuid::Uuid;

use crate::disk::Disk;

/// One machine with at most one running program
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: Name,
    pub(crate) addr: SocketAddr,
    pub(crate) key: PeerKey,
    pub(crate) id: PeerId,
    /// The running program, unless it was killed or left
    pub(crate) node: Option<Node>,
    /// Where it keeps what is said, unless in memory only
    pub(crate) disk: Option<Disk>,
    /// Tells the runs of the program apart
    pub(crate) run: u64,
    /// The incarnation of the latest run
    incarnation: u64,
    pub(crate) is_plugged: bool,
    /// Until when the machine sleeps
    pub(crate) asleep_until: Option<Time>,
    /// What its program told, in order
    pub(crate) told: Vec<(Time, Event)>,
    /// What of it the present run of the program told
    pub(crate) told_before: usize,
    /// How far [`Lan::heard`](crate::Lan::heard) has read
    pub(crate) read: usize,
    /// Which room it is in
    pub(crate) room: Room,
    secret: [u8; 32],
    clock_ahead: i64,
}

/// What all hosts of a network have in common
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) room: Room,
    pub(crate) retention: Retention,
    pub(crate) verifier: Arc<dyn Verifier>,
}

impl Common {
    pub(crate) fn new(verifier: Arc<dyn Verifier>) -> Self {
        Self { room: Room::open(RoomName::lobby()), retention: Retention::default(), verifier }
    }
}

/// The identity of the host with this number
pub(crate) fn secret(index: u16) -> [u8; 32] {
    let mut secret = [0x5e; 32];
    secret[..2].copy_from_slice(&index.to_be_bytes());
    secret
}

impl Host {
    pub(crate) fn new(index: u16, name: Name, room: Room) -> Self {
        let [high, low] = index.to_be_bytes();
        let secret = secret(index);
        let identity = Identity::from_secret(secret);
        Self {
            name,
            addr: SocketAddr::from(([198, 18, high, low], 25_253)),
            key: *identity.key(),
            id: identity.id(),
            node: None,
            disk: None,
            run: 0,
            incarnation: 0,
            is_plugged: true,
            asleep_until: None,
            told: Vec::new(),
            told_before: 0,
            read: 0,
            room,
            secret,
            clock_ahead: 0,
        }
    }

    /// Starts the program anew, as its profile would: the same person, a later incarnation
    pub(crate) fn start(&mut self, now: Time, seed: u64, common: &Common) {
        self.run += 1;
        self.told_before = self.told.len();
        let wall = self.wall_clock(now);
        let at_least = wall.as_unix_millis().max(self.incarnation + 1);
        let (incarnation, storage) = match &mut self.disk {
            None => (at_least, Storage::Ephemeral),
            Some(disk) => {
                let (incarnation, memory) = disk.open(at_least);
                (incarnation, Storage::Durable(memory))
            }
        };
        self.incarnation = incarnation;
        let config = Config {
            identity: Identity::from_secret(self.secret),
            instance: InstanceId::from_uuid(Uuid::from_u128(u128::from(seed))),
            incarnation,
            name: self.name.clone(),
            room: self.room.clone(),
            role: Role::Member,
            seed,
            secret_seed: SecretSeed::new(std::array::from_fn(|i| seed.to_le_bytes()[i % 8])),
            wall,
            storage,
            retention: common.retention,
            verifier: Arc::clone(&common.verifier),
            blocked: Vec::new(),
        };
        let mut node = Node::new(config, now);
        for portion in self.kept_entries().chunks(PORTION) {
            node.handle_input(now, Input::Restored(portion.to_vec()));
        }
        self.node = Some(node);
    }

    fn kept_entries(&self) -> Vec<KeptEntry> {
        self.disk.as_ref().map(|disk| disk.database().entries()).unwrap_or_default()
    }

    /// What the present run of its program told
    pub(crate) fn told_now(&self) -> &[(Time, Event)] {
        &self.told[self.told_before..]
    }

    /// Moves the wall clock; nothing but what people see may depend on it
    pub(crate) fn step_clock(&mut self, millis: i64) {
        self.clock_ahead += millis;
    }

    pub(crate) fn wall_clock(&self, now: Time) -> WallTime {
        const BEGINNING: Duration = Duration::from_secs(1_795_000_000);
        let millis = u64::try_from(BEGINNING.as_millis()).unwrap_or(0) + now.as_micros() / 1_000;
        WallTime::from_unix_millis(millis.saturating_add_signed(self.clock_ahead))
    }

    pub(crate) fn is_awake(&self, now: Time) -> bool {
        self.asleep_until.is_none_or(|until| until <= now)
    }

    /// When something is due here, if the program is running and the machine awake then
    pub(crate) fn next_call(&self) -> Option<Time> {
        let node = self.node.as_ref()?.poll_timeout().map(|(at, _)| at);
        let disk = self.disk.as_ref().and_then(Disk::poll_timeout);
        let at = node.into_iter().chain(disk).min()?;
        Some(self.asleep_until.map_or(at, |until| at.max(until)))
    }
}

/// A store that is restored hands over so many entries at a time
const PORTION: usize = 256;
