mod discovery;
mod input;
mod people;
mod recovery;
mod repairing;
mod saying;
mod sealing;
mod timeout;
mod whispers;

use alloc::{collections::VecDeque, sync::Arc, vec::Vec};
use core::{net::SocketAddr, time::Duration};

use fastrand::Rng;

use crate::{
    About, Author, Away, Event, Identity, InstanceId, KeptEntry, Memory, MessageId, Name, PeerId, PeerKey,
    Reaction, Record, Room, SecretSeed, Text, Ticket, Time, Topic, Verifier, WallTime,
    admission::Admission,
    announcer::Announcer,
    answers::Answers,
    archive::Archive,
    blocked::Blocked,
    catch_up::CatchUp,
    claims::Claims,
    clock::Clock,
    counters::Counters,
    entropy::Entropy,
    farewell::Farewell,
    heartbeat::Heart,
    intake::Intake,
    lateness::Lateness,
    loss::Loss,
    own::Own,
    peers::Peers,
    reach::Reach,
    relay::Relay,
    repairs::Repairs,
    replies::Replies,
    requests::Requests,
    room::SEAL_BYTES,
    safekeeping::{IfLost, Safekeeping},
    seal::Seals,
    speaker::Speaker,
    tempo::Tempo,
    typing::Typists,
    whisper::Whispers,
    wire::Body,
};

/// What a node is made with
#[derive(Clone, Debug)]
pub struct Config {
    /// Who it is
    pub identity: Identity,
    /// A random UUIDv4, drawn anew at each start
    pub instance: InstanceId,
    /// Greater at each start of this identity than at any before
    pub incarnation: u64,
    /// What people call it
    pub name: Name,
    /// Where it is
    pub room: Room,
    /// Whether it takes part or only looks in
    pub role: Role,
    /// Where its randomness comes from: the same seed and the same inputs give the same outputs
    pub seed: u64,
    /// Where the keys of its sessions come from, which nobody else may know
    pub secret_seed: SecretSeed,
    /// What people's clock shows as the node starts
    pub wall: WallTime,
    /// Where what is said is kept
    pub storage: Storage,
    /// How much of what is said is kept for others
    pub retention: Retention,
    /// What looks at signatures: [`Ed25519`](crate::Ed25519)
    pub verifier: Arc<dyn Verifier>,
    /// Whom it neither shows nor answers: [`Command::Block`] adds to them
    pub blocked: Vec<PeerKey>,
}

/// Where a node keeps what is said
#[derive(Clone, Debug)]
pub enum Storage {
    /// In memory only: the node begins with nothing and leaves nothing
    Ephemeral,
    /// On disk, by a driver that answers each [`Output::Store`]; this is what is there already
    Durable(Memory),
}

/// How much of a room a node keeps: what is oldest in the transcript goes when it is more
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// So many log entries at most
    pub entries: usize,
    /// So many bytes of them at most
    pub bytes: usize,
    /// None whose author's clock showed a time longer ago than this
    pub age: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { entries: 20_000, bytes: 16 << 20, age: Duration::from_secs(365 * 24 * 60 * 60) }
    }
}

/// Whether a node takes part
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is listed and talks
    Member,
    /// It asks who is there and is not listed
    Visitor,
}

/// Something that happened outside
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A datagram arrived
    Datagram {
        /// Whose socket it came from
        from: SocketAddr,
        /// Which of this node's sockets it came to
        cast: Cast,
        /// What is in it
        bytes: &'a [u8],
    },
    /// A probe came back: nobody has that port open
    Refused {
        /// Where it was sent
        to: SocketAddr,
    },
    /// Networks came or went
    LinksChanged,
    /// Entries from the store; what was kept by a run before is handed over so, in any portions, before anything else
    Restored(Vec<KeptEntry>),
    /// All batches of records up to this one are stored
    Stored(Ticket),
    /// The batches of records up to this one that were not stored yet cannot be
    NotStored(Ticket),
    /// Somebody in front of the screen wants something
    Command(Command),
}

/// Which kind of socket a datagram came to
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// The shared one, that hears broadcasts
    Broadcast,
    /// This node's own
    Unicast,
}

/// Something to do
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Say a line to all
    Say {
        /// The line
        text: Text,
        /// When it is said
        at: WallTime,
        /// What it is about, beside what it says; a line that is edited must be an own one, or nobody heeds it
        about: Option<About>,
    },
    /// Have a line of this node's be shown no more
    Delete {
        /// Which; nobody heeds it if it is somebody else's
        target: MessageId,
        /// When it is said
        at: WallTime,
    },
    /// Put something under a line
    React {
        /// Which
        target: MessageId,
        /// What; `None` takes back all that this node has put there
        with: Option<Reaction>,
        /// When it is said
        at: WallTime,
    },
    /// Say what the room is about
    Topic {
        /// What; `None` for nothing in particular
        topic: Option<Topic>,
        /// When it is said
        at: WallTime,
    },
    /// Tell others that nobody is at the screen, or with `None` that somebody is
    Status(Option<Away>),
    /// Somebody is typing: may be said with each key, others are told of it now and then, if at all
    Typing {
        /// Whom the whisper is for; `None` for a line to all
        to: Option<PeerId>,
    },
    /// Say a line to one
    Whisper {
        /// To whom
        to: PeerId,
        /// The line
        text: Text,
        /// When it is said
        at: WallTime,
    },
    /// Be called something else
    Rename(Name),
    /// Do not forget, nor keep out, whoever has this key because too many others are there
    Befriend(PeerKey),
    /// Neither show nor answer whoever has this key any more
    ///
    /// What they say is still kept for others, and for people to look up. Whispers to them wait.
    Block(PeerKey),
    /// Show and answer them again: what is said from now on
    Unblock(PeerKey),
    /// Say goodbye; [`Event::Departed`] follows
    Leave,
}

/// Something to be done outside
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a datagram to everyone
    Broadcast(Vec<u8>),
    /// Send a datagram to one address
    Send {
        /// Where to
        to: SocketAddr,
        /// What
        datagram: Vec<u8>,
    },
    /// Send a datagram to one address, and tell if its port turns out to be closed ([`Input::Refused`])
    Probe {
        /// Where to
        to: SocketAddr,
        /// What
        datagram: Vec<u8>,
    },
    /// Keep these, all or none, after those of smaller tickets, and answer with [`Input::Stored`] or
    /// [`Input::NotStored`]
    Store {
        /// Names the batch
        ticket: Ticket,
        /// What to keep
        records: Vec<Record>,
    },
    /// Tell somebody
    Event(Event),
}

/// What a node waits for
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// To say goodbye
    Farewell,
    /// To announce itself
    Announce,
    /// To look at what there was no time for
    Admission,
    /// To answer a newcomer
    Answer,
    /// To look whether somebody is still there
    Liveness,
    /// To say something that had to wait
    Publish,
    /// To repeat what was said last
    Echo,
    /// To go on without something missing
    Gap,
    /// To ask for something missing
    Request,
    /// To repair what others asked for
    Repair,
    /// To find out what others hold
    CatchUp,
    /// To stop believing somebody
    Claims,
    /// To forget what is too old
    Expiry,
    /// To repeat or give up a whisper
    Whisper,
    /// To repeat a handshake, or to forget the keys of a session
    Session,
}

/// One member of one room, as a state machine (PROTOCOL.md §8)
///
/// After each [`handle_input`](Self::handle_input) or [`handle_timeout`](Self::handle_timeout), or several in a row,
/// drain [`poll_output`](Self::poll_output) until it is `None`; then sleep until
/// [`poll_timeout`](Self::poll_timeout). Lines said between two drains share log entries. `now` never goes back.
#[derive(Debug)]
pub struct Node {
    speaker: Speaker,
    instance: InstanceId,
    name: Name,
    room: Room,
    role: Role,
    verifier: Arc<dyn Verifier>,
    rng: Rng,
    entropy: Entropy,
    /// From when on nobody's unicast is waited for any more; none once some came
    deaf_from: Option<Time>,
    /// When something last happened
    now: Time,
    next_expiry: Time,
    announcer: Announcer,
    admission: Admission,
    heart: Heart,
    answers: Answers,
    replies: Replies,
    peers: Peers,
    relay: Relay,
    own: Own,
    archive: Archive,
    intake: Intake,
    requests: Requests,
    repairs: Repairs,
    claims: Claims,
    catch_up: CatchUp,
    tempo: Tempo,
    lateness: Lateness,
    retention: Retention,
    clock: Clock,
    whispers: Whispers,
    seals: Seals,
    blocked: Blocked,
    lamport: u64,
    safekeeping: Safekeeping,
    farewell: Option<Farewell>,
    key_in_use: bool,
    /// Whether somebody is at the screen, once anything was said about it
    status: Option<Option<Away>>,
    typists: Typists,
    reach: Reach,
    counters: Counters,
    loss: Loss,
    outputs: VecDeque<Output>,
}

impl Node {
    /// How long a node waits at its start for the first that comes to it alone: many round trips, and several attempts
    const LISTENING: Duration = Duration::from_millis(300);

    /// A node that starts at `now` and announces itself at once
    pub fn new(config: Config, now: Time) -> Self {
        let key = *config.identity.key();
        let (is_durable, memory) = match config.storage {
            Storage::Ephemeral => (false, Memory::default()),
            Storage::Durable(memory) => (true, memory),
        };
        let friends: Vec<_> = memory.outgoing.iter().map(|whisper| whisper.to).collect();
        let mut whispers = Whispers::new(key, config.incarnation);
        whispers.restore((now, config.wall), memory.outgoing, memory.heard);
        let mut peers = Peers::restored(memory.peers);
        friends.iter().for_each(|friend| peers.befriend(friend));
        let mut own = Own::new(key, config.incarnation, memory.own, now);
        own.introduce(&config.name);
        let mut entropy = Entropy::new(&config.secret_seed, &config.identity, config.incarnation);
        let seals = Seals::new(now, &config.identity, config.room.id(), entropy.fork());
        let overhead = if config.room.is_private() { SEAL_BYTES } else { 0 };
        let heart = Heart::new(&config.identity, config.incarnation, config.instance);
        Self {
            speaker: Speaker::new(config.identity, config.incarnation),
            instance: config.instance,
            name: config.name,
            room: config.room,
            role: config.role,
            verifier: config.verifier,
            rng: Rng::with_seed(config.seed),
            entropy,
            deaf_from: Some(now + Self::LISTENING),
            now,
            next_expiry: now,
            heart,
            announcer: Announcer::new(now),
            admission: Admission::new(),
            answers: Answers::default(),
            replies: Replies::new(overhead),
            peers,
            relay: Relay::default(),
            own,
            archive: Archive::new(config.retention),
            intake: Intake::default(),
            requests: Requests::default(),
            repairs: Repairs::new(),
            claims: Claims::default(),
            catch_up: CatchUp::new(now),
            tempo: Tempo::new(),
            lateness: Lateness::default(),
            retention: config.retention,
            clock: Clock::new(now, config.wall),
            whispers,
            seals,
            blocked: Blocked::new(config.blocked),
            lamport: memory.lamport,
            safekeeping: Safekeeping::new(is_durable),
            farewell: None,
            key_in_use: false,
            status: None,
            typists: Typists::default(),
            reach: Reach::default(),
            counters: Counters::default(),
            loss: Loss::default(),
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to be done outside
    pub fn poll_output(&mut self) -> Option<Output> {
        if self.outputs.is_empty() {
            self.take_in();
            self.publish();
            self.recover();
        }
        let output = self.outputs.pop_front().or_else(|| self.safekeeping.poll_batch())?;
        Some(self.sealed(output))
    }

    /// Who this is
    pub fn id(&self) -> PeerId {
        self.speaker.identity().id()
    }

    /// The key that it signs with
    pub fn key(&self) -> &PeerKey {
        self.speaker.identity().key()
    }

    /// What people call this node
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Whether this node has found out what others hold, and has all of it that it is to have
    pub fn has_caught_up(&self) -> bool {
        self.catch_up.is_done_once() && !self.catch_up.is_busy() && !self.requests.is_busy()
    }

    /// What arrived, and what was dropped and why
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How much of what others say has to be asked for
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// How many entries have been asked for and are on their way
    pub fn awaited(&self) -> u64 {
        self.requests.awaited()
    }

    fn author(&self, key: &PeerKey) -> Author {
        let own = key == self.speaker.identity().key();
        let name = if own { Some(&self.name) } else { self.peers.find(key).map(|peer| &peer.name) };
        Author { id: key.id(), name: name.cloned(), own }
    }

    /// Has it happen once all that is to be stored before is stored
    fn after_storing(&mut self, output: Output, if_lost: IfLost) {
        self.outputs.extend(self.safekeeping.release(output, if_lost));
    }

    fn emit(&mut self, event: Event) {
        if !self.blocked.hides(&event) {
            self.outputs.push_back(Output::Event(event));
        }
    }

    /// Whatever is sent leaves here: until then it is as those inside the room see it
    fn sealed(&mut self, output: Output) -> Output {
        let mut seal = |datagram| self.room.seal(datagram, || self.entropy.bytes());
        match output {
            Output::Broadcast(datagram) => Output::Broadcast(seal(datagram)),
            Output::Send { to, datagram } => Output::Send { to, datagram: seal(datagram) },
            Output::Probe { to, datagram } => Output::Probe { to, datagram: seal(datagram) },
            Output::Store { .. } | Output::Event(_) => output,
        }
    }

    fn broadcast(&mut self, body: Body) {
        let datagram = self.speaker.seal(&self.room, body);
        self.outputs.push_back(Output::Broadcast(datagram));
    }

    /// Sends a frame to one address, unless that would be more than may go to where nobody has answered yet
    ///
    /// Somebody here wants a session, so that no datagram of others makes more handshakes.
    fn send(&mut self, to: SocketAddr, body: Body) {
        let is_own_wish = matches!(body, Body::HandshakeInit(_));
        let datagram = self.speaker.seal(&self.room, body);
        if is_own_wish || self.replies.may_send(to, datagram.len()) {
            self.outputs.push_back(Output::Send { to, datagram });
        }
    }
}

#[cfg(test)]
mod tests;
