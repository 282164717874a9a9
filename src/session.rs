//! One stay in one room: the node and its sockets, driven by whoever awaits [`Session::next`]

mod about;
mod guests;
mod keeping;
mod lately;
mod solitude;
mod status;
mod tell;
mod trust;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use lanchat_protocol as protocol;
use lanchat_protocol::{
    Config, Ed25519, Identity, Input, InstanceId, Node, Output, Room, RoomKey, SecretSeed, Time,
};
use tracing::warn;
use uuid::Uuid;

pub use self::status::Status;
pub use protocol::Role;

use self::{guests::Guests, keeping::Keeping, lately::Lately, solitude::Solitude, trust::Acquaintances};
use crate::{
    command::Command,
    event::Event,
    exit::Failure,
    home::{Home, Place},
    lang::tell,
    net::{self, Cast, LinkStatus, Net, NetSettings, OpenError, Received},
    recall,
    rooms::{Entrance, Origin},
    settings::Settings,
    store::{Query, Report},
    trust::People,
    view::{Holders, View},
};

/// A stay in a room, from the first announcement to the goodbye
///
/// Nothing happens unless somebody awaits [`next`](Self::next): the task that does owns the node.
#[derive(Debug)]
pub struct Session {
    node: Node,
    net: Net,
    guests: Guests,
    keeping: Keeping,
    view: View,
    acquaintances: Acquaintances,
    lately: Lately,
    holders: Holders,
    /// How many own lines, and requests to forget one, are not in the room yet
    unsaid: usize,
    /// What is about the last of them, and what was to be said after that
    deferred: VecDeque<Command>,
    room: Room,
    /// That of a private one
    key: Option<RoomKey>,
    solitude: Solitude,
    /// Whether others are told while something is being typed
    tells_typing: bool,
    port: u16,
    start: Instant,
    waiting: VecDeque<Event>,
    buffer: Box<[u8]>,
    is_offline: bool,
    is_local: bool,
    not_kept_is_told: bool,
    departed: bool,
    /// When what arrived was last looked at
    looked: Instant,
    /// Held so that no other program becomes the same person meanwhile
    home: Arc<Home>,
}

/// A datagram of the protocol has at most 1,200 bytes; a longer one shows by not fitting either
const BUFFER_BYTES: usize = 2_048;

/// How long what arrives may have to wait for events to be told
const LOOKING_AROUND: Duration = Duration::from_millis(5);

/// How long a disk may take for what is left to store at the end
const CLOSING: Duration = Duration::from_secs(5);

/// How many datagrams are taken in before what is to be sent goes out, and timers and front ends have their turn
///
/// More take signatures together a little better, but make whoever speaks through a flood wait for all of them.
const DATAGRAMS_PER_TURN: usize = 8;

impl Session {
    /// Opens the sockets and announces this node in the room of the entrance
    ///
    /// # Errors
    /// When the sockets or the store cannot be opened, in one sentence
    pub fn open(
        settings: &Settings,
        entrance: Entrance,
        home: Arc<Home>,
        role: Role,
    ) -> anyhow::Result<Self> {
        let net = open_net(settings)?;
        let mut place = home.prepare(entrance, settings.name.clone(), role)?;
        let people = place.people();
        Self::begin(settings, net, place, home, people)
    }

    /// The same for somebody who is in other rooms already, and knows these people
    ///
    /// The store was opened elsewhere, but the other rooms wait until the log is read that is kept: the node must know what it
    /// has before it hears what others have.
    ///
    /// # Errors
    /// When the sockets cannot be opened, in one sentence
    pub fn open_beside(
        settings: &Settings,
        place: Place,
        home: Arc<Home>,
        people: People,
    ) -> anyhow::Result<Self> {
        match open_net(settings) {
            Ok(net) => Self::begin(settings, net, place, home, people),
            Err(error) => {
                drop(tokio::spawn(place.close()));
                Err(error)
            }
        }
    }

    fn begin(
        settings: &Settings,
        net: Net,
        place: Place,
        home: Arc<Home>,
        people: People,
    ) -> anyhow::Result<Self> {
        let Place { entrance, role, name, incarnation, store, storage, moved_aside, topics, .. } = place;
        let solitude = Solitude::new(&entrance, Instant::now());
        let Entrance { room, key, .. } = entrance;
        let keeping = Keeping::new(store, moved_aside);
        keeping.rename(&name);
        let (seed, secret_seed) = seeds().with_context(|| tell!("no-randomness"))?;
        let mut node = Node::new(
            Config {
                identity: Identity::from_secret(home.profile().secret()),
                instance: InstanceId::from_uuid(Uuid::new_v4()),
                incarnation,
                name,
                room: room.clone(),
                role,
                seed,
                secret_seed,
                wall: tell::wall_clock(),
                storage,
                retention: settings.retention,
                verifier: Arc::new(Ed25519),
                blocked: people.blocked().collect(),
            },
            Time::ZERO,
        );
        let befriend = |key| Input::Command(protocol::Command::Befriend(key));
        people.contacts().for_each(|key| node.handle_input(Time::ZERO, befriend(key)));
        let mut view = View::default();
        node.known().for_each(|peer| view.remember(peer.id.as_uuid(), peer.name.as_str()));
        let acquaintances = Acquaintances::new(&people);
        people.held.into_iter().for_each(|(key, who)| view.know(key.id().as_uuid(), who));
        let mut session = Self {
            node,
            net,
            guests: Guests::new(settings),
            keeping,
            view,
            acquaintances,
            lately: Lately::default(),
            holders: Holders::default(),
            unsaid: 0,
            deferred: VecDeque::new(),
            solitude,
            room,
            key,
            tells_typing: settings.typing,
            port: settings.port,
            start: Instant::now(),
            waiting: VecDeque::new(),
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            is_offline: false,
            is_local: true,
            not_kept_is_told: false,
            departed: false,
            looked: Instant::now(),
            home,
        };
        session.tell_what_is_known(topics);
        session.do_what_is_due();
        session.restore();
        Ok(session)
    }

    /// The next event, the first of which is [`Event::Ready`]; cancel-safe
    pub async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.try_next() {
                return event;
            }
            self.turn().await;
        }
    }

    /// An event that there is already; however many are asked for, others in the room are heard meanwhile
    pub fn try_next(&mut self) -> Option<Event> {
        // What is kept of before is read when one is told that one is there, and nothing has been added to it by then.
        let is_introduced = !matches!(self.waiting.front(), Some(Event::Ready { .. }));
        if is_introduced && self.looked.elapsed() >= LOOKING_AROUND {
            self.look_around();
        }
        self.take()
    }

    /// An event that there is already, without waiting for what may come
    pub fn take(&mut self) -> Option<Event> {
        let mut event = self.waiting.pop_front()?;
        self.view.apply(&event);
        self.notice(&mut event);
        self.note_line(&event);
        Some(event)
    }

    /// Does something; what comes of it arrives as events
    ///
    /// Lines said before the next event is awaited travel together. What is about the last own line waits until that is in
    /// the room, and what is said after it waits as well; all else does not.
    pub fn execute(&mut self, command: Command) {
        let is_in_turn = self.deferred.is_empty() || !about::keeps_its_turn(&command);
        if is_in_turn && !self.has_to_wait(&command) {
            self.carry_out(command);
        } else {
            self.deferred.push_back(command);
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Say { text } => self.say(&text),
            Command::Whisper { to, text } => self.whisper(&to, &text),
            Command::Raw { to, text } => self.send_raw(&to, &text),
            Command::Peers => self.waiting.push_back(Event::Peers { peers: self.peers() }),
            Command::Verify { who } => self.verify(&who),
            Command::Trust { who } => self.trust(&who),
            Command::Block { who } => self.block(&who),
            Command::Unblock { who } => self.unblock(&who),
            Command::Blocked => self.tell_blocked(),
            Command::Rename { name } => self.rename(&name),
            Command::Reply { to, text } => self.reply(&to, &text),
            Command::Edit { id, text } => self.edit(id, &text),
            Command::Delete { id } => self.delete(id),
            Command::React { to, with } => self.react(&to, &with),
            Command::Topic { text: Some(text) } => self.set_topic(&text),
            Command::Topic { text: None } => self.tell_topic(),
            Command::Away { note, auto } => self.go_away(note.as_deref(), auto),
            Command::Back => self.come_back(),
            Command::Typing { to } => self.typing(to.as_deref()),
            Command::Received => self.tell_received(),
            // Matters of the house and of front ends
            Command::Rooms
            | Command::Part { .. }
            | Command::Join { .. }
            | Command::NewRoom { .. }
            | Command::Help
            | Command::Quit => {}
        }
    }

    /// Where this is
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// Where the files of its person are, if they are anywhere
    pub fn profile_directory(&self) -> Option<&Path> {
        self.home.directory()
    }

    /// What the events returned so far add up to
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Whether as many others are known as any of them knows of, and all of that was told
    pub fn complete(&self) -> bool {
        self.waiting.is_empty() && self.node.knows_everyone()
    }

    /// Whether all that is known of the past has come, so that nothing is gained by waiting for more
    pub fn has_caught_up(&self) -> bool {
        self.complete() && self.node.has_caught_up()
    }

    /// Whether there is no network to talk on at the moment
    pub fn is_offline(&self) -> bool {
        self.is_offline
    }

    /// Whether only programs of this machine are reached, although nobody asked for that
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// Whether what others say is kept, as far as the disk takes it at the moment
    pub fn is_keeping(&self) -> bool {
        !self.not_kept_is_told
    }

    /// The interface addresses in use, and what their sockets went through
    pub fn links(&self) -> Vec<LinkStatus> {
        self.net.links()
    }

    /// How many entries were asked for and are on their way
    pub fn awaited(&self) -> u64 {
        self.node.awaited()
    }

    /// How much of what others say just now is lost on its way and has to be asked for
    pub fn loss(&self) -> protocol::Loss {
        self.node.loss()
    }

    /// What the sockets went through
    pub fn traffic(&self) -> &net::Counters {
        self.net.counters()
    }

    /// The last lines and whispers that are kept, so many at most, in the order of the transcript, each followed by what is
    /// under it
    pub fn past(&mut self, limit: usize) -> Vec<Event> {
        let Some(history) = self.keeping.history() else { return Vec::new() };
        let said = history.read(&Query { limit: Some(limit), ..Query::default() });
        let said = said.inspect_err(|error| warn!(%error, "what was said before cannot be shown"));
        let room = self.room.name().as_str();
        let mut past: Vec<Event> =
            said.unwrap_or_default().into_iter().flat_map(|said| recall::events(said, room)).collect();
        past.iter_mut().for_each(|event| self.view.tell_apart(event));
        past.iter().for_each(|event| self.lately.apply(event));
        past
    }

    /// How to get into the room
    pub(crate) fn entrance(&self) -> Entrance {
        let origin = if self.solitude.is_proven() { Origin::Known } else { Origin::Unproven };
        Entrance { room: self.room.clone(), key: self.key.clone(), origin }
    }

    /// Says goodbye, and ends once all is stored, or the disk seems to have stalled
    pub async fn leave(mut self) {
        self.input(Input::Command(protocol::Command::Leave));
        while !self.departed {
            // Nobody reads events any more, but what they change about people is to be kept.
            while self.take().is_some() {}
            self.turn().await;
        }
        self.close().await;
    }

    /// Ends as [`leave`](Self::leave) does, without a goodbye: another program of the same person goes on at once
    pub async fn hand_over(self) {
        self.close().await;
    }

    async fn close(mut self) {
        self.drain();
        while self.take().is_some() {}
        if tokio::time::timeout(CLOSING, self.keeping.close()).await.is_err() {
            warn!("the disk did not take all in time, what it did not is gone");
        }
    }

    /// Tells once more who and where this node is
    pub fn introduce(&mut self) {
        self.tell_ready();
    }

    /// Hands over what the store has, after the first announcement, so that being found does not wait for it
    fn restore(&mut self) {
        let now = self.now();
        for entries in self.keeping.entries() {
            self.node.handle_input(now, Input::Restored(entries));
        }
        self.drain();
    }

    /// Takes in what arrived and does what is due, having waited for one of them
    async fn turn(&mut self) {
        self.drain();
        if !self.waiting.is_empty() || self.departed {
            return;
        }
        let wake = tokio::time::Instant::from_std(self.wake_at());
        tokio::select! {
            biased;
            report = self.keeping.report() => self.on_report(report),
            received = self.net.receive(&mut self.buffer) => self.take_in(received),
            arrived = self.guests.receive() => self.take_in_guests(arrived),
            () = tokio::time::sleep_until(wake) => {}
        }
        self.do_what_is_due();
    }

    /// Takes in what arrived and does what is due without waiting: however much there is to tell, others are heard
    fn look_around(&mut self) {
        if let Some(received) = self.net.try_receive(&mut self.buffer) {
            self.take_in(received);
        }
        self.do_what_is_due();
    }

    fn on_report(&mut self, report: Report) {
        match report {
            Report::NotRemembered { reason } => {
                warn!(reason, "the store cannot be written");
                self.tell_not_remembered();
            }
            Report::Stored(ticket) => self.input(Input::Stored(ticket)),
            Report::NotStored { ticket, reason } => {
                warn!(reason, "the history cannot be written");
                self.input(Input::NotStored(ticket));
            }
        }
    }

    fn wake_at(&self) -> Instant {
        let refresh = self.net.refresh_at();
        let refresh = self.guests.poll_timeout().map_or(refresh, |report| refresh.min(report));
        let refresh = self.solitude.poll_timeout().map_or(refresh, |alone| refresh.min(alone));
        match self.node.poll_timeout() {
            Some((at, _)) => refresh.min(self.start + Duration::from_micros(at.as_micros())),
            None => refresh,
        }
    }

    /// Takes in a datagram and others that arrived with it
    fn take_in(&mut self, first: Received) {
        self.on_received(first);
        for _ in 1..DATAGRAMS_PER_TURN {
            let Some(received) = self.net.try_receive(&mut self.buffer) else { return };
            self.on_received(received);
        }
    }

    fn on_received(&mut self, received: Received) {
        match received {
            Received::Datagram { from, cast, len } => self.on_datagram(from, cast, len),
            Received::Refused { to } => self.input(Input::Refused { to }),
        }
    }

    fn on_datagram(&mut self, from: SocketAddr, cast: Cast, len: usize) {
        let cast = match cast {
            Cast::Broadcast => protocol::Cast::Broadcast,
            Cast::Unicast => protocol::Cast::Unicast,
        };
        let now = self.now();
        self.node.handle_input(now, Input::Datagram { from, cast, bytes: &self.buffer[..len] });
    }

    fn do_what_is_due(&mut self) {
        if self.net.needs_refresh() && self.net.refresh() {
            self.input(Input::LinksChanged);
        }
        self.looked = Instant::now();
        self.tell_whether_offline();
        self.tell_what_was_not_relayed();
        self.tell_whether_alone();
        let now = self.now();
        if self.node.poll_timeout().is_some_and(|(at, _)| at <= now) {
            self.node.handle_timeout(now);
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.node.poll_output() {
            match output {
                Output::Broadcast(datagram) => self.net.broadcast(&datagram),
                Output::Send { to, datagram } => self.net.send(to, &datagram),
                Output::Probe { to, datagram } => self.net.probe(to, &datagram),
                Output::Store { ticket, records } => self.keeping.store(ticket, records),
                Output::Event(event) => self.tell(event),
            }
        }
    }

    fn input(&mut self, input: Input<'_>) {
        if matches!(input, Input::Stored(_)) {
            self.not_kept_is_told = false;
        }
        let now = self.now();
        self.node.handle_input(now, input);
    }

    fn now(&self) -> Time {
        Time::from_micros(u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX))
    }
}

fn open_net(settings: &Settings) -> anyhow::Result<Net> {
    Net::open(NetSettings {
        port: settings.port,
        interfaces: settings.interfaces.clone(),
        peers: settings.peers.iter().map(|peer| peer.or_port(settings.port)).collect(),
    })
    .map_err(|error| match error {
        OpenError::UnknownInterface { .. } => Failure::usage(error.to_string()).into(),
        OpenError::PortTaken { .. } | OpenError::Port { .. } | OpenError::Interfaces(_) => {
            anyhow::Error::from(error)
        }
    })
}

/// Where the node's choices come from, and where its keys do
fn seeds() -> Result<(u64, SecretSeed), getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    Ok((getrandom::u64()?, SecretSeed::new(secret)))
}
