use std::{net::SocketAddr, sync::Arc, time::Duration};

use lanchat_protocol::{
    Config, Event, Identity, InstanceId, Name, Node, PeerId, Retention, Role, Room, RoomName, Storage, Time,
    Verifier, WallTime,
};
use uuid::Uuid;

/// One machine with at most one running program
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: Name,
    pub(crate) addr: SocketAddr,
    /// The running program, unless it was killed or left
    pub(crate) node: Option<Node>,
    /// Tells the runs of the program apart
    pub(crate) run: u64,
    pub(crate) is_plugged: bool,
    /// Until when the machine sleeps
    pub(crate) asleep_until: Option<Time>,
    /// What its program told, in order
    pub(crate) told: Vec<(Time, Event)>,
    /// How far [`Lan::heard`](crate::Lan::heard) has read
    pub(crate) read: usize,
    secret: [u8; 32],
    clock_ahead: i64,
}

impl Host {
    pub(crate) fn new(index: u16, name: Name) -> Self {
        let [high, low] = index.to_be_bytes();
        let mut secret = [0x5e; 32];
        secret[..2].copy_from_slice(&[high, low]);
        Self {
            name,
            addr: SocketAddr::from(([198, 18, high, low], 25_253)),
            node: None,
            run: 0,
            is_plugged: true,
            asleep_until: None,
            told: Vec::new(),
            read: 0,
            secret,
            clock_ahead: 0,
        }
    }

    pub(crate) fn id(&self) -> PeerId {
        Identity::from_secret(self.secret).id()
    }

    /// Starts the program anew, as its profile would: the same person, a later incarnation
    pub(crate) fn start(&mut self, now: Time, seed: u64, verifier: Arc<dyn Verifier>) {
        self.run += 1;
        let config = Config {
            identity: Identity::from_secret(self.secret),
            instance: InstanceId::from_uuid(Uuid::from_u128(u128::from(seed))),
            incarnation: self.run,
            name: self.name.clone(),
            room: Room::open(RoomName::lobby()),
            role: Role::Member,
            seed,
            wall: self.wall_clock(now),
            storage: Storage::Ephemeral,
            retention: Retention::default(),
            verifier,
        };
        self.node = Some(Node::new(config, now));
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

    /// When the program is to be called, if it is running and the machine awake then
    pub(crate) fn next_call(&self) -> Option<Time> {
        let (at, _) = self.node.as_ref()?.poll_timeout()?;
        Some(self.asleep_until.map_or(at, |until| at.max(until)))
    }
}
