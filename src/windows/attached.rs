//! A window on rooms that another program of the same person is in

use std::{
    collections::{BTreeMap, VecDeque},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::anyhow;
use lanchat_protocol::{Name, RoomId, RoomName};
use tokio::{task::JoinHandle, time::Instant};
use tracing::{info, warn};

use super::{
    Wants,
    carried::Carried,
    host::Host,
    lines::{Ask, Snapshot, Told, Venue, Way},
    link::Link,
    missed::{knows_kept, missed},
    outlook::{Outlook, told},
    sight::Sight,
    succession::{Return, Successor, come_back},
    unsaid::Unsaid,
};
use crate::{
    command::Command,
    commands::sleep_until,
    event::{ErrorCode, Event, RoomInfo},
    exit::Failure,
    house::{Happening, House, NotLeft},
    lang::tell,
    recall,
    rooms::Entrance,
    settings::Settings,
    store::{History, Query},
};

/// What happened next
pub(super) enum Turn {
    Happening(Box<Happening>),
    /// This program runs the node from now on
    Taken(Box<House>),
}

/// How often it is tried again when nobody can run the node
const TRYING: Duration = Duration::from_secs(2);
/// When it is looked once more for what was stored just as another program took over
const LOOKING_AGAIN: Duration = Duration::from_secs(1);

/// The rooms of a person whose node another program runs
#[derive(Debug)]
pub(super) struct Attached {
    settings: Settings,
    directory: PathBuf,
    wants: Wants,
    link: Option<Link>,
    /// Who runs the node next, while nobody does
    returning: Option<JoinHandle<Return>>,
    rooms: Vec<Outlook>,
    current: RoomName,
    waiting: VecDeque<Happening>,
    /// Rooms that were asked for: the current ones from when one is there
    joining: BTreeMap<RoomId, Way>,
    carried: Carried,
    unsaid: Unsaid,
    /// What else was asked for while nobody ran the node
    unasked: Vec<Ask>,
    look_again: Option<Instant>,
    /// Why nobody could run the node, once it was told
    told_lost: Option<String>,
}

impl Attached {
    /// Attaches, and waits until all rooms that are wanted are there
    ///
    /// # Errors
    /// Why this cannot be, in one sentence; `Ok(None)` where nobody answers, who may just be ending or beginning
    pub(super) async fn attach(
        settings: &Settings,
        directory: &Path,
        wants: &Wants,
    ) -> anyhow::Result<Option<Self>> {
        let mut carried = Carried::default();
        for entrance in &wants.rooms {
            knows_kept(directory, entrance.room(), &mut carried);
        }
        let Some((link, told)) = Link::open(directory, wants).await? else { return Ok(None) };
        let first = wants.rooms.first().map_or_else(RoomName::lobby, |first| first.room().name().clone());
        let mut attached = Self {
            settings: settings.clone(),
            directory: directory.to_owned(),
            wants: wants.clone(),
            link: None,
            returning: None,
            rooms: Vec::new(),
            current: first,
            waiting: VecDeque::new(),
            joining: BTreeMap::new(),
            carried,
            unsaid: Unsaid::default(),
            unasked: Vec::new(),
            look_again: None,
            told_lost: None,
        };
        attached.settle_in(link, told, true)?;
        Ok(Some(attached))
    }

    /// Takes in what it was told when it came in
    fn settle_in(&mut self, link: Link, told: Vec<Told>, is_new: bool) -> anyhow::Result<()> {
        for told in told {
            match told {
                Told::Refused { message } if is_new && !self.wants.all => return Err(anyhow!("{message}")),
                Told::Room(snapshot) => self.on_room(*snapshot, is_new),
                told @ (Told::Refused { .. }
                | Told::Attached
                | Told::Ending
                | Told::Happening { .. }
                | Told::Status { .. }) => {
                    self.on_told(told);
                }
            }
        }
        self.is_at_home()?;
        if self.index_of(self.current.as_str()).is_none()
            && let Some(first) = self.rooms.first()
        {
            self.current = first.room.name().clone();
        }
        self.link = Some(link);
        if self.wants.guests {
            self.ask(Ask::Guests);
        }
        Ok(())
    }

    /// Whether there is a room at all, and on the network that was asked for
    fn is_at_home(&self) -> anyhow::Result<()> {
        let Some(Outlook { ready: Event::Ready { port, .. }, .. }) = self.rooms.first() else {
            return Err(anyhow!(tell!("window-silent")));
        };
        if *port == self.settings.port {
            return Ok(());
        }
        let sentence =
            tell!("window-other-port", port = port.to_string(), wanted = self.settings.port.to_string());
        Err(Failure::usage(sentence).into())
    }

    /// What happens next; cancel-safe
    pub(super) async fn next(&mut self) -> Turn {
        loop {
            if let Some(happening) = self.take() {
                return Turn::Happening(Box::new(happening));
            }
            let due = self.carried.due().map(Instant::from_std);
            let look_again = self.look_again;
            tokio::select! {
                told = Link::told(&mut self.link) => match told {
                    Some(told) => self.on_told(told),
                    None => self.on_lost(),
                },
                returned = returned(&mut self.returning) => {
                    self.returning = None;
                    match returned {
                        Return::Own(house) => return Turn::Taken(house),
                        Return::Other(link, told) => self.on_found(link, told),
                        Return::Nobody(error) => self.try_again(&error),
                    }
                }
                () = sleep_until(due) => self.waiting.extend(self.carried.on_time(std::time::Instant::now())),
                () = sleep_until(look_again) => {
                    self.look_again = None;
                    self.tell_missed();
                }
            }
        }
    }

    /// Something that has happened already
    pub(super) fn take(&mut self) -> Option<Happening> {
        let Happening { mut room, event } = self.waiting.pop_front()?;
        match self.index_of(&room) {
            Some(index) => self.rooms[index].view.apply(&event),
            None if !matches!(event, Event::Parted { .. }) => self.current.as_str().clone_into(&mut room),
            None => {}
        }
        if let Event::Contact(contact) = &event {
            let who = self.index_of(&room).and_then(|here| self.rooms[here].view.contacts().get(contact.id));
            let who = who.cloned();
            for other in self.rooms.iter_mut().filter(|other| other.room.name().as_str() != room) {
                other.view.learn(contact, who.as_ref());
            }
        }
        Some(Happening { room, event })
    }

    pub(super) fn execute(&mut self, room: &str, command: Command) -> String {
        if command == Command::Rooms {
            let rooms = self.list();
            self.answer(Event::Rooms { rooms });
            return self.current.to_string();
        }
        let at = self.index_of(room).map(|index| Venue::of(&self.rooms[index].room));
        let at = at.unwrap_or_else(|| Venue::nowhere(room));
        let is_line = self.unsaid.on_command(&at, &command);
        if self.is_heard() || !is_line {
            self.ask(Ask::Do { at, command });
        }
        room.to_owned()
    }

    pub(super) fn join(&mut self, entrance: &Entrance) {
        if self.rooms.iter().any(|outlook| outlook.room == *entrance.room()) {
            self.go_to(entrance.room().name().as_str());
            return;
        }
        let way = Way::of(entrance);
        self.joining.insert(*entrance.room().id(), way.clone());
        self.ask(Ask::Enter { way });
    }

    pub(super) fn go_to(&mut self, room: &str) -> bool {
        let Some(index) = self.index_of(room) else { return false };
        self.current = self.rooms[index].room.name().clone();
        let event = self.rooms[index].ready.clone();
        self.waiting.push_back(Happening { room: room.to_owned(), event });
        true
    }

    pub(super) fn is_joining(&self) -> bool {
        !self.joining.is_empty()
    }

    pub(super) fn may_part(&self, room: &str) -> Result<(), NotLeft> {
        match self.index_of(room) {
            Some(_) if self.rooms.len() == 1 => Err(NotLeft::TheLast),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn part(&mut self, room: &str) -> Result<(), NotLeft> {
        self.may_part(room)?;
        self.ask(Ask::Part { room: room.to_owned() });
        Ok(())
    }

    pub(super) fn rooms(&self) -> impl Iterator<Item = Sight<'_>> {
        self.rooms.iter().map(|outlook| self.sight(outlook))
    }

    pub(super) fn session(&self, room: &str) -> Option<Sight<'_>> {
        self.index_of(room).map(|index| self.sight(&self.rooms[index]))
    }

    /// There is always one once this is attached
    pub(super) fn current_session(&self) -> Sight<'_> {
        self.sight(&self.rooms[self.index_of(self.current.as_str()).unwrap_or_default()])
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn current(&self) -> &RoomName {
        &self.current
    }

    pub(super) fn past(&mut self, room: &str, limit: usize) -> Vec<Event> {
        let Some(index) = self.index_of(room) else { return Vec::new() };
        let outlook = &mut self.rooms[index];
        let query = Query { limit: Some(limit), ..Query::default() };
        let said = History::open(&self.directory, &outlook.room)
            .and_then(|history| history.map_or_else(|| Ok(Vec::new()), |history| history.read(&query)));
        let said = said.inspect_err(|error| warn!(%error, "what was said before cannot be shown"));
        let mut past: Vec<Event> =
            said.unwrap_or_default().into_iter().flat_map(|said| recall::events(said, room)).collect();
        past.iter_mut().for_each(|event| outlook.view.tell_apart(event));
        past.iter().for_each(|event| self.carried.knows(room, event));
        past
    }

    /// Nobody runs the node: nothing can be said for a moment
    fn on_lost(&mut self) {
        info!("the lanchat that ran the node has ended");
        self.link = None;
        let views = self
            .rooms
            .iter()
            .map(|outlook| (outlook.room.name().as_str(), &outlook.view, outlook.status.caught_up));
        self.carried.begin_again(views, std::time::Instant::now());
        for outlook in &mut self.rooms {
            outlook.status.offline = true;
            outlook.status.complete = false;
        }
        self.returning = Some(tokio::spawn(come_back(self.successor())));
    }

    /// Somebody else runs it: shows what was missed, and says again what was not said
    fn on_found(&mut self, link: Link, told: Vec<Told>) {
        if let Err(error) = self.settle_in(link, told, false) {
            return self.try_again(&error);
        }
        self.told_lost = None;
        self.look_again = Some(Instant::now() + LOOKING_AGAIN);
        self.tell_missed();
        for (at, command) in self.unsaid.again() {
            self.ask(Ask::Do { at, command });
        }
        self.joining.clone().into_values().for_each(|way| self.ask(Ask::Enter { way }));
        for ask in std::mem::take(&mut self.unasked) {
            self.ask(ask);
        }
    }

    fn try_again(&mut self, error: &anyhow::Error) {
        warn!(%error, "nobody runs the node");
        self.link = None;
        let reason = error.to_string();
        if self.told_lost.replace(reason.clone()).as_ref() != Some(&reason) {
            self.answer(Event::error(ErrorCode::Network, tell!("window-lost", reason = reason)));
        }
        let successor = self.successor();
        self.returning = Some(tokio::spawn(async {
            tokio::time::sleep(TRYING).await;
            come_back(successor).await
        }));
    }

    /// What another program needs to go on: who one is by now, and the ways into the rooms, the current one first
    fn successor(&self) -> Successor {
        let (current, others): (Vec<_>, Vec<_>) =
            self.rooms.iter().partition(|outlook| *outlook.room.name() == self.current);
        let ways = current.into_iter().chain(others).map(|outlook| &outlook.way);
        let entrances: Vec<Entrance> = ways.filter_map(|way| way.entrance().ok()).collect();
        let mut wants = self.wants.clone();
        if wants.all {
            wants.rooms.clone_from(&entrances);
        }
        let mut settings = self.settings.clone();
        if let Ok(name) = Name::new(self.current_session().view().name().as_written()) {
            settings.name = name;
        }
        Successor { settings, directory: self.directory.clone(), wants, entrances }
    }

    /// Runs the node from now on: goes on with all that was shown, asked for and not said
    pub(super) fn take_over(&mut self, house: House) -> Host {
        let view = self.current_session().view();
        let away =
            view.is_away().then(|| (self.venue(), view.note().map(|note| note.as_written().to_owned())));
        let carried = std::mem::take(&mut self.carried);
        let mut host = Host::succeed(house, &self.wants, carried, std::mem::take(&mut self.waiting));
        host.tell_missed(&mut self.unsaid);
        if let Some((at, note)) = away.filter(|_| !host.is_deserted()) {
            host.do_again(Ask::Do { at, command: Command::Away { note, auto: false } });
        }
        if self.wants.guests {
            host.do_again(Ask::Guests);
        }
        self.unsaid.again().for_each(|(at, command)| host.do_again(Ask::Do { at, command }));
        std::mem::take(&mut self.joining).into_values().for_each(|way| host.do_again(Ask::Enter { way }));
        self.unasked.drain(..).for_each(|ask| host.do_again(ask));
        host
    }

    /// Ends; what was asked for while nobody ran the node is done before
    pub(super) async fn leave(mut self) {
        if let Some(returning) = self.returning.take() {
            match returning.await {
                Ok(Return::Own(house)) => return self.take_over(*house).leave().await,
                Ok(Return::Other(link, told)) => self.on_found(link, told),
                Ok(Return::Nobody(error)) => warn!(%error, "nobody runs the node"),
                Err(error) => warn!(%error, "nobody runs the node"),
            }
        }
        if let Some(link) = self.link {
            link.close().await;
        }
    }

    fn venue(&self) -> Venue {
        Venue::of(self.current_session().room())
    }

    fn is_heard(&self) -> bool {
        self.link.as_ref().is_some_and(Link::is_open)
    }

    fn answer(&mut self, event: Event) {
        self.waiting.push_back(Happening { room: self.current.to_string(), event });
    }

    fn ask(&mut self, ask: Ask) {
        match &self.link {
            Some(link) if link.is_open() => link.ask(ask),
            Some(_) | None => self.unasked.push(ask),
        }
    }

    fn tell_missed(&mut self) {
        for outlook in &self.rooms {
            let missed = missed(&self.directory, &outlook.room, &mut self.carried);
            missed.iter().for_each(|Happening { room, event }| self.unsaid.on_event(room, event));
            self.waiting.extend(missed);
        }
    }

    fn on_told(&mut self, told: Told) {
        match told {
            Told::Room(snapshot) => self.on_room(*snapshot, false),
            Told::Attached => {}
            Told::Ending => {
                if let Some(link) = &mut self.link {
                    link.go_on();
                }
            }
            Told::Happening { room, event } => self.on_happening(Happening { room, event: *event }),
            Told::Status { room, status } => {
                if let Some(index) = self.index_of(&room) {
                    self.rooms[index].status = status;
                }
            }
            Told::Refused { message } => {
                self.joining.clear();
                self.answer(Event::error(ErrorCode::NotJoined, message));
            }
        }
    }

    fn on_happening(&mut self, mut happening: Happening) {
        self.unsaid.on_event(&happening.room, &happening.event);
        if let (Event::Ready { .. }, Some(index)) = (&happening.event, self.index_of(&happening.room)) {
            let outlook = &mut self.rooms[index];
            if outlook.ready == happening.event {
                return;
            }
            outlook.ready = happening.event.clone();
        }
        if let Event::Parted { room } = &happening.event {
            let room = room.clone();
            return self.on_parted(&room);
        }
        if self.carried.admits(&mut happening) {
            self.waiting.push_back(happening);
        }
    }

    fn on_parted(&mut self, room: &str) {
        let event = Event::Parted { room: room.to_owned() };
        self.waiting.push_back(Happening { room: room.to_owned(), event });
        // Where there is nothing else to show, the person may come back into it.
        let Some(index) = self.index_of(room).filter(|_| self.rooms.len() > 1) else { return };
        self.rooms.remove(index);
        if self.current.as_str() == room
            && let Some(next) = self.rooms.get(index.saturating_sub(1))
        {
            let next = next.room.name().to_string();
            self.go_to(&next);
        }
    }

    fn on_room(&mut self, snapshot: Snapshot, is_new: bool) {
        let Ok(entrance) = snapshot.way.entrance() else { return };
        let room = entrance.room().clone();
        let known = self.index_of(room.name().as_str()).filter(|index| self.rooms[*index].room == room);
        let is_kept_known = is_new && self.wants.rooms.iter().any(|wanted| *wanted.room() == room);
        if known.is_none() && !is_kept_known {
            // What was said there before is no news.
            knows_kept(&self.directory, &room, &mut self.carried);
        }
        let is_introduced = known.is_some_and(|index| self.rooms[index].ready == snapshot.ready);
        let index = known.unwrap_or_else(|| self.put(Outlook::new(&snapshot, room.clone())));
        self.rooms[index].renew(&snapshot);
        if self.joining.remove(room.id()).is_some() {
            self.current = room.name().clone();
        }
        let told = told(snapshot).into_iter();
        for mut happening in told.map(|event| Happening { room: room.name().to_string(), event }) {
            let is_other_ready = matches!(happening.event, Event::Ready { .. }) && !is_introduced;
            if self.carried.admits(&mut happening) || is_other_ready {
                self.waiting.push_back(happening);
            }
        }
    }

    /// In the place of another room of its name, if there is one
    fn put(&mut self, outlook: Outlook) -> usize {
        match self.index_of(outlook.room.name().as_str()) {
            Some(index) => {
                self.rooms[index] = outlook;
                index
            }
            None => {
                self.rooms.push(outlook);
                self.rooms.len() - 1
            }
        }
    }

    fn list(&self) -> Vec<RoomInfo> {
        let rooms = self.rooms.iter().map(|outlook| RoomInfo {
            room: outlook.room.name().to_string(),
            private: outlook.room.is_private(),
            peers: outlook.view.peers().len(),
            current: *outlook.room.name() == self.current,
        });
        rooms.collect()
    }

    fn sight<'a>(&self, outlook: &'a Outlook) -> Sight<'a> {
        Sight::Attached(outlook, self.waiting.is_empty())
    }

    fn index_of(&self, room: &str) -> Option<usize> {
        self.rooms.iter().position(|outlook| outlook.room.name().as_str() == room)
    }
}

async fn returned(returning: &mut Option<JoinHandle<Return>>) -> Return {
    match returning {
        Some(task) => task.await.unwrap_or_else(|error| Return::Nobody(error.into())),
        None => std::future::pending().await,
    }
}
