//! The window that runs the node, and those that are attached to it

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use lanchat_protocol::RoomId;
use tokio::{sync::mpsc::Sender, time::Instant};

use super::{
    Wants,
    carried::Carried,
    door::{Door, Knock},
    heirs::Heirs,
    lent::Lent,
    lines::{Ask, Snapshot, Told, Venue, Way, line},
    missed::missed,
    unsaid::Unsaid,
};
use crate::{
    command::Command,
    commands::sleep_until,
    event::{ErrorCode, Event, Topic},
    house::{Happening, House, NotLeft},
    lang::tell,
    rooms::{Entrance, joined},
    session::{Session, Status},
};

/// The rooms of the person, told to all windows
#[derive(Debug)]
pub(super) struct Host {
    pub(super) house: House,
    pub(super) door: Option<Door>,
    pub(super) windows: BTreeMap<u64, Attachment>,
    /// What the own window has not taken yet
    waiting: VecDeque<Happening>,
    /// Which room has each name that was told of
    told: BTreeMap<String, RoomId>,
    lent: Lent,
    statuses: BTreeMap<String, Status>,
    next_look: Instant,
    /// What the own window showed before it ran the node
    carried: Option<Carried>,
    has_guests: bool,
    /// Whether somebody sits before the own window
    sits: bool,
    /// Whether nobody sits anywhere, and the others see the person as away for that
    is_deserted: bool,
}

/// A window that is attached
#[derive(Debug)]
pub(super) struct Attachment {
    lines: Sender<Arc<str>>,
    /// The rooms that it is told of; all where there are none
    rooms: Option<BTreeMap<String, RoomId>>,
    /// Those that it asked for and that are being entered
    pending: BTreeSet<RoomId>,
    is_attached: bool,
    /// Whether somebody sits before it
    sits: bool,
}

/// How long a change of how rooms do may go untold
const LOOK: Duration = Duration::from_millis(250);

impl Host {
    /// Runs the node; others attach if the person's files are anywhere
    pub(super) fn new(house: House, wants: &Wants) -> Self {
        let directory = house.profile_directory().filter(|_| wants.hosts).map(PathBuf::from);
        let mut host = Self {
            house,
            door: directory.and_then(|directory| Door::open(&directory)),
            windows: BTreeMap::new(),
            waiting: VecDeque::new(),
            told: BTreeMap::new(),
            lent: Lent::default(),
            statuses: BTreeMap::new(),
            next_look: Instant::now(),
            carried: None,
            has_guests: false,
            sits: wants.sits,
            is_deserted: false,
        };
        host.look_who_sits();
        host
    }

    /// Goes on for a window that has shown this, and is about to show that
    pub(super) fn succeed(
        house: House,
        wants: &Wants,
        carried: Carried,
        waiting: VecDeque<Happening>,
    ) -> Self {
        Self { carried: Some(carried), waiting, ..Self::new(house, wants) }
    }

    /// Does what was asked of the program that ran the node before
    pub(super) fn do_again(&mut self, ask: Ask) {
        match ask {
            Ask::Attach { .. } | Ask::GoOn => {}
            Ask::Do { at, command } => {
                self.execute_for(None, &at, command);
            }
            Ask::Enter { way } => match way.entrance() {
                Ok(entrance) => self.house.join(entrance),
                Err(error) => self.tell_own(Event::error(ErrorCode::NotJoined, error)),
            },
            Ask::Part { room } => {
                if let Err(error) = self.part(&room) {
                    self.tell_own(Event::error(ErrorCode::NotJoined, error));
                }
            }
            Ask::Guests => {
                if let Err(error) = self.invite_guests() {
                    self.tell_own(Event::error(ErrorCode::Network, error));
                }
            }
        }
    }

    /// The rooms that the own window shows
    pub(super) fn rooms(&self) -> impl Iterator<Item = &Session> {
        self.house.rooms().filter(|session| !self.lent.has(session.room().name().as_str()))
    }

    /// As [`House::join`]; a room that only others asked for is the own window's as well from then on
    pub(super) fn join(&mut self, entrance: Entrance) {
        self.lent.end(entrance.room().name().as_str());
        self.house.join(entrance);
    }

    /// As [`House::may_part`]: a room that is only lent is none to go on in
    pub(super) fn may_part(&self, room: &str) -> Result<(), NotLeft> {
        let is_another = |session: &Session| session.room().name().as_str() != room;
        if self.house.session(room).is_some() && !self.rooms().any(is_another) {
            return Err(NotLeft::TheLast);
        }
        self.house.may_part(room)
    }

    /// As [`House::part`]
    pub(super) fn part(&mut self, room: &str) -> Result<(), NotLeft> {
        self.may_part(room)?;
        self.house.part(room)?;
        let first = self.rooms().next().map(|session| session.room().name().to_string());
        if let Some(first) = first.filter(|_| self.lent.has(self.house.current().as_str())) {
            self.house.go_to(&first);
        }
        Ok(())
    }

    fn tell_own(&mut self, event: Event) {
        self.waiting.push_back(Happening { room: self.house.current().to_string(), event });
    }

    /// What happens next, as [`House::next`]; cancel-safe
    pub(super) async fn next(&mut self) -> Happening {
        loop {
            self.look();
            if let Some(happening) = self.waiting.pop_front() {
                return happening;
            }
            let look = (!self.windows.is_empty()).then_some(self.next_look);
            let due = self.carried.as_ref().and_then(Carried::due).map(Instant::from_std);
            tokio::select! {
                happening = self.house.next() => self.pass(happening),
                knock = Door::knock(&mut self.door) => self.on_knock(knock),
                () = sleep_until(look) => {}
                () = sleep_until(due) => self.tell_who_is_gone(),
            }
        }
    }

    /// Something that has happened already, as [`House::take`]
    pub(super) fn take(&mut self) -> Option<Happening> {
        loop {
            if let Some(happening) = self.waiting.pop_front() {
                return Some(happening);
            }
            let happening = self.house.take()?;
            self.pass(happening);
        }
    }

    /// Does something for the own window, as [`House::execute`]
    pub(super) fn execute(&mut self, room: &str, command: Command) -> String {
        if command == Command::Rooms {
            let rooms = self.house.list().into_iter().filter(|listed| !self.lent.has(&listed.room)).collect();
            self.tell_own(Event::Rooms { rooms });
            return self.house.current().to_string();
        }
        if self.windows.is_empty() {
            return self.house.execute(room, command);
        }
        let at = self.house.session(room).map(|session| Venue::of(session.room()));
        self.execute_for(None, &at.unwrap_or_else(|| Venue::nowhere(room)), command)
    }

    /// Hears plain datagrams, if it does not already
    pub(super) fn invite_guests(&mut self) -> anyhow::Result<()> {
        if !std::mem::replace(&mut self.has_guests, true) {
            self.house.invite_guests()?;
        }
        Ok(())
    }

    /// Ends; somebody who is attached goes on without anybody noticing
    pub(super) async fn leave(mut self) {
        let heirs = Heirs::of(&mut self).await;
        while self.take().is_some() {}
        let seen = self.house.rooms().map(|session| session.room().name().to_string());
        let goes_on: BTreeSet<String> = seen.filter(|room| heirs.any(|heir| self.sees(heir, room))).collect();
        self.door = None;
        self.windows.clear();
        self.house.hand_over(|room| goes_on.contains(room)).await;
    }

    /// Tells of something that was missed while nobody ran the node
    pub(super) fn tell_missed(&mut self, unsaid: &mut Unsaid) {
        let Some(carried) = &mut self.carried else { return };
        let Some(directory) = self.house.profile_directory() else { return };
        for session in self.house.rooms() {
            let missed = missed(directory, session.room(), carried);
            missed.iter().for_each(|Happening { room, event }| unsaid.on_event(room, event));
            self.waiting.extend(missed);
        }
    }

    /// Whether nobody sits anywhere
    pub(super) fn is_deserted(&self) -> bool {
        self.is_deserted
    }

    fn tell_who_is_gone(&mut self) {
        let Some(carried) = &mut self.carried else { return };
        self.waiting.extend(carried.on_time(std::time::Instant::now()));
    }

    /// Tells everybody who is to know
    pub(super) fn pass(&mut self, mut happening: Happening) {
        let Happening { room, event } = &happening;
        if let Event::Parted { room } = event
            && self.lent.is_given_back(room)
        {
            self.lent.end(room);
            return;
        }
        if matches!(event, Event::Ready { .. }) && self.lent.is_given_back(room) {
            // Whoever asked for it was gone before one was there.
            return self.house.withdraw(&room.clone());
        }
        if matches!(event, Event::Ready { .. }) {
            self.tell_of_room(&room.clone());
        } else if let Event::Parted { room } = event {
            self.told.remove(room);
            self.lent.end(room);
        }
        self.tell_windows(&happening);
        let is_lent = self.lent.has(&happening.room) && !happening.event.is_for_the_program();
        if !is_lent && self.carried.as_mut().is_none_or(|carried| carried.admits(&mut happening)) {
            self.waiting.push_back(happening);
        }
    }

    fn tell_windows(&mut self, happening: &Happening) {
        if self.windows.is_empty() {
            return;
        }
        let told: Arc<str> = line(&Told::happening(happening.clone())).into();
        let Happening { room, event } = happening;
        let to: Vec<u64> = self.windows.keys().copied().collect();
        for number in to {
            if event.is_for_the_program() || self.sees(number, room) {
                self.send(number, Arc::clone(&told));
            }
        }
    }

    fn sees(&self, number: u64, room: &str) -> bool {
        let Some(window) = self.windows.get(&number).filter(|_| !self.lent.hides(room, number)) else {
            return false;
        };
        let there = self.house.session(room).map(|session| *session.room().id());
        let is_it = |wanted: &RoomId| there.is_none_or(|there| there == *wanted);
        window.rooms.as_ref().is_none_or(|rooms| rooms.get(room).is_some_and(is_it))
    }

    /// A room is there, perhaps another one of the name than before
    fn tell_of_room(&mut self, room: &str) {
        let Some(session) = self.house.session(room) else { return };
        let id = *session.room().id();
        if self.told.insert(room.to_owned(), id) == Some(id) || self.windows.is_empty() {
            return;
        }
        let told: Arc<str> = line(&Told::Room(Box::new(Snapshot::of(session)))).into();
        let seeing: Vec<u64> =
            self.windows.keys().copied().filter(|number| self.sees(*number, room)).collect();
        seeing.into_iter().for_each(|number| self.send(number, Arc::clone(&told)));
        self.settle(id);
    }

    /// A room is there that windows waited for, or is not to be had
    fn settle(&mut self, room: RoomId) {
        let mut attached = Vec::new();
        for (number, window) in &mut self.windows {
            window.pending.remove(&room);
            if window.pending.is_empty() && !std::mem::replace(&mut window.is_attached, true) {
                attached.push(*number);
            }
        }
        attached.into_iter().for_each(|number| self.tell(number, &Told::Attached));
    }

    pub(super) fn tell(&mut self, number: u64, told: &Told) {
        self.send(number, line(told).into());
    }

    /// Who does not take it is let go, and attaches again
    fn send(&mut self, number: u64, line: Arc<str>) {
        let Some(window) = self.windows.get(&number) else { return };
        if window.lines.try_send(line).is_err() {
            self.let_go(number);
        }
    }

    fn let_go(&mut self, number: u64) {
        self.windows.remove(&number);
        self.look_who_sits();
        for room in self.lent.give_back(number) {
            self.told.remove(&room);
            self.house.withdraw(&room);
        }
    }

    pub(super) fn on_knock(&mut self, knock: Knock) {
        match knock {
            Knock::Came(number, lines, Ask::Attach { rooms, all, sits, .. }) => {
                self.on_window(number, lines, rooms, (all, sits));
            }
            Knock::Came(..) => {}
            Knock::Asked(number, ask) => self.on_ask(number, ask),
            Knock::Went(number) => self.let_go(number),
        }
    }

    fn on_window(&mut self, number: u64, lines: Sender<Arc<str>>, ways: Vec<Way>, (all, sits): (bool, bool)) {
        // What has happened is no news to whoever comes now.
        while let Some(happening) = self.house.take() {
            self.pass(happening);
        }
        let entrances: Vec<Entrance> = ways.iter().filter_map(|way| way.entrance().ok()).collect();
        let wanted = entrances.iter().map(|entrance| (entrance.room.name().to_string(), *entrance.room.id()));
        let rooms = (!all).then(|| wanted.collect());
        let window = Attachment { lines, rooms, pending: BTreeSet::new(), is_attached: false, sits };
        self.windows.insert(number, window);
        self.look_who_sits();
        if all {
            self.remember_rooms();
        }
        for entrance in entrances {
            self.enter_for(number, entrance, !all);
        }
        for room in self.house.rooms().map(|session| session.room().name().to_string()).collect::<Vec<_>>() {
            if self.sees(number, &room)
                && let Some(session) = self.house.session(&room)
            {
                let snapshot = Snapshot::of(session);
                self.told.insert(room, *session.room().id());
                self.tell(number, &Told::Room(Box::new(snapshot)));
            }
        }
        if let Some(window) = self.windows.get_mut(&number).filter(|window| window.pending.is_empty()) {
            window.is_attached = true;
            self.tell(number, &Told::Attached);
        }
    }

    /// Is in a room for a window, if it is not there
    fn enter_for(&mut self, number: u64, entrance: Entrance, is_passing: bool) {
        let (id, name) = (*entrance.room.id(), entrance.room.name().to_string());
        let there = self.house.session(&name).map(|session| *session.room().id());
        if there == Some(id) && is_passing {
            return self.lent.share(&name, number);
        }
        let was_lent = !is_passing && self.lent.end(&name);
        if there == Some(id) {
            if was_lent {
                self.house.join_beside(entrance, false);
                self.tell_of_room_anew(&name);
            }
            return;
        }
        if is_passing && there.is_some() {
            let message = tell!("window-other-room", room = name);
            return self.tell(number, &Told::Refused { message });
        }
        if let Some(window) = self.windows.get_mut(&number) {
            window.pending.insert(id);
        }
        if is_passing {
            self.lent.lend(&name, number);
        }
        self.house.join_beside(entrance, is_passing);
    }

    /// A room that was somebody's alone is everybody's
    fn tell_of_room_anew(&mut self, room: &str) {
        self.told.remove(room);
        if let Some(ready) = self.house.session(room).map(Session::ready) {
            self.pass(Happening { room: room.to_owned(), event: ready });
        }
    }

    fn on_ask(&mut self, number: u64, ask: Ask) {
        match ask {
            // Too late, or too early.
            Ask::Attach { .. } | Ask::GoOn => {}
            Ask::Do { at, command } => {
                self.execute_for(Some(number), &at, command);
            }
            Ask::Enter { way } => match way.entrance() {
                Ok(entrance) => {
                    self.pass_on();
                    self.enter_for(number, entrance, false);
                }
                Err(error) => self.tell(number, &Told::Refused { message: error.to_string() }),
            },
            Ask::Part { room } => {
                if let Err(error) = self.part(&room) {
                    self.answer(number, &room, Event::error(ErrorCode::NotJoined, error));
                }
            }
            Ask::Guests => {
                if let Err(error) = self.invite_guests() {
                    let room = self.house.current().to_string();
                    self.answer(number, &room, Event::error(ErrorCode::Network, error));
                }
            }
        }
    }

    fn answer(&mut self, number: u64, room: &str, event: Event) {
        self.tell(number, &Told::happening(Happening { room: room.to_owned(), event }));
    }

    /// Does something where it was asked for, and nowhere else; the answers to it are for the window that asked
    fn execute_for(&mut self, window: Option<u64>, at: &Venue, command: Command) -> String {
        self.pass_on();
        let room = &at.room;
        if self.house.session(room).is_none_or(|session| Venue::of(session.room()) != *at) {
            let error = Event::error(ErrorCode::NotJoined, NotLeft::NotThere { room: room.clone() });
            match window {
                Some(number) => self.answer(number, room, error),
                None => self.waiting.push_back(Happening { room: room.clone(), event: error }),
            }
            return room.clone();
        }
        let there = self.house.execute(room, command);
        for happening in self.taken() {
            match window {
                _ if !is_answer(&happening.event) => self.pass(happening),
                Some(number) => self.tell(number, &Told::happening(happening)),
                None => self.waiting.push_back(happening),
            }
        }
        there
    }

    fn pass_on(&mut self) {
        self.taken().into_iter().for_each(|happening| self.pass(happening));
    }

    fn taken(&mut self) -> Vec<Happening> {
        std::iter::from_fn(|| self.house.take()).take(MAX_TAKEN).collect()
    }

    /// A window where somebody chats: where one goes is noted for the next time
    fn remember_rooms(&mut self) {
        if !self.house.is_remembering()
            && let Some(directory) = self.house.profile_directory()
        {
            let before = joined::read(directory);
            self.house.remember_other_rooms(before);
        }
    }

    /// Where nobody sits before any window, the person is away
    fn look_who_sits(&mut self) {
        let is_deserted = !self.sits && !self.windows.values().any(|window| window.sits);
        if std::mem::replace(&mut self.is_deserted, is_deserted) == is_deserted {
            return;
        }
        let room = self.house.current().to_string();
        let is_away = self.house.current_session().view().is_away();
        if is_deserted && !is_away {
            self.house.execute(&room, Command::Away { note: None, auto: true });
        } else if !is_deserted {
            self.house.come_back_by_itself();
        }
    }

    /// Looks at what there are no events of
    fn look(&mut self) {
        while let Some((room, message)) = self.house.turned_away() {
            let waiting = self.windows.iter().filter(|(_, window)| window.pending.contains(room.id()));
            let waiting: Vec<u64> = waiting.map(|(number, _)| *number).collect();
            for number in waiting {
                self.tell(number, &Told::Refused { message: message.clone() });
            }
            self.lent.end(room.name().as_str());
            self.settle(*room.id());
        }
        if self.windows.is_empty() || self.next_look > Instant::now() {
            return;
        }
        self.next_look = Instant::now() + LOOK;
        let statuses: Vec<(String, Status)> =
            self.house.rooms().map(|session| (session.room().name().to_string(), session.status())).collect();
        for (room, status) in statuses {
            if self.statuses.get(&room) == Some(&status) {
                continue;
            }
            self.statuses.insert(room.clone(), status.clone());
            let told: Arc<str> = line(&Told::Status { room: room.clone(), status }).into();
            let seeing: Vec<u64> =
                self.windows.keys().copied().filter(|number| self.sees(*number, &room)).collect();
            seeing.into_iter().for_each(|number| self.send(number, Arc::clone(&told)));
        }
    }
}

/// How much is told before what was asked for is done
const MAX_TAKEN: usize = 4_096;

/// Whether it is of interest to whoever asked, and to nobody else
fn is_answer(event: &Event) -> bool {
    matches!(
        event,
        Event::Peers { .. }
            | Event::Rooms { .. }
            | Event::Received(_)
            | Event::Help { .. }
            | Event::Verify(_)
            | Event::Blocked(_)
            | Event::Topic(Topic { asked: true, .. })
            | Event::Error { .. }
    )
}
