//! `lanchat`: everything in the room, and whatever is typed

mod going;
mod visit;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context;
use lanchat_protocol::{RoomId, RoomName, Text};
use tokio::{sync::mpsc::Receiver, time::Instant};
use uuid::Uuid;

use self::{
    going::{not_said_here, nowhere_to_show, room_joined},
    visit::Visit,
};
use super::{
    earlier::{Earlier, News},
    entrance::{Way, enter},
    moving::Moving,
    stay::{close, no_signals, no_thread, show, sleep_until},
};
use crate::{
    command::{self, Command},
    event::{ErrorCode, Event, Topic},
    exit::ExitCode,
    house::Happening,
    lang::tell,
    platform::signals::Shutdown,
    rooms::Entrance,
    settings::{Format, Settings},
    ui::{
        Screen,
        input::{Input, MAX_LINE_BYTES},
    },
    windows::{Sight, Window},
};

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut shutdown = Shutdown::listen().with_context(no_signals)?;
    let (house, refused) = enter(settings).await?;
    let joined = Rooms::default();
    let asked = Rooms::clone(&joined);
    let leads_to = Box::new(move |line: &str| room_joined(line, &asked));
    let (screen, mut lines) =
        Screen::open_with_input(settings.format, settings.notify, leads_to).with_context(no_thread)?;
    let mut chat = Chat::new(settings, house, screen, joined, refused);
    chat.talk(&mut lines, &mut shutdown).await;
    chat.tell_earlier(Earlier::tell);
    chat.house.leave().await;
    close(chat.screen, &mut shutdown).await?;
    Ok(ExitCode::Done)
}

struct Chat {
    house: Window,
    screen: Screen,
    /// By room
    visits: BTreeMap<String, Visit>,
    /// Where one is, for whoever asks for codes
    joined: Rooms,
    /// What is told once one is in a room
    untold: Vec<Event>,
    /// How many lines of before are shown to people
    shown: Option<usize>,
    keeps_history: bool,
    takes_weak_codes: bool,
    moving: Option<Moving>,
    /// A room to be entered, at the latest then: where it takes the place of another, once all is said there
    arriving: Option<(Entrance, Instant)>,
    /// Whether one is not in the room that was asked for last: what is typed next was meant for it
    is_astray: bool,
    /// When to leave although not all is said, once there is no more input
    leave_at: Option<Instant>,
}

/// The names of rooms, known to another thread as well
type Rooms = Arc<Mutex<BTreeSet<RoomName>>>;

/// How long whoever is here may take to be found, before piped lines are said and somebody alone is told so
const SETTLING: Duration = Duration::from_secs(1);
/// How many lines of before are shown at most
const EARLIER_LINES: usize = 50;
/// The same where they must leave room for what is said now
const EARLIER_ON_A_TERMINAL: usize = 20;
/// How long the last lines may take
const LEAVING: Duration = Duration::from_secs(2);
/// The same in a room that is left while others go on
const SAYING: Duration = Duration::from_secs(2);

impl Chat {
    fn new(settings: &Settings, house: Window, screen: Screen, joined: Rooms, untold: Vec<Event>) -> Self {
        let most = if screen.is_interactive() { EARLIER_ON_A_TERMINAL } else { EARLIER_LINES };
        Self {
            house,
            screen,
            visits: BTreeMap::new(),
            joined,
            untold,
            shown: (settings.format == Format::Plain).then_some(most),
            keeps_history: !settings.ephemeral,
            takes_weak_codes: settings.weak_code,
            moving: None,
            arriving: None,
            is_astray: false,
            leave_at: None,
        }
    }

    /// Until one leaves
    async fn talk(&mut self, lines: &mut Receiver<Input>, shutdown: &mut Shutdown) {
        while self.leave_at.is_none() || !self.is_paid() {
            let wants_input = self.wants_input();
            let due = self.visits.values().filter_map(Visit::due);
            let due = due.chain(self.arriving.as_ref().map(|(_, by)| *by)).min();
            tokio::select! {
                () = shutdown.requested() => return,
                _ = self.screen.failed() => return,
                () = sleep_until(self.leave_at) => return,
                outcome = Moving::opened(&mut self.moving) => self.on_opened(outcome),
                () = sleep_until(due) => self.on_due(),
                happening = self.house.next() => self.on_happening(happening),
                input = lines.recv(), if wants_input => self.on_inputs(input, lines),
            }
            self.arrive_when_all_is_said();
            self.part_when_all_is_said();
        }
        self.tell_waiting();
    }

    /// Whether all that was typed has come of age, in whatever room
    fn is_paid(&self) -> bool {
        self.visits.values().all(|visit| visit.owed.is_paid())
    }

    /// Takes in a line and those that came with it, so that they travel together
    fn on_inputs(&mut self, first: Option<Input>, lines: &mut Receiver<Input>) {
        self.on_input(first);
        while self.wants_input()
            && let Ok(input) = lines.try_recv()
        {
            self.on_input(Some(input));
        }
    }

    /// Piped lines wait until there is somebody to hear them, and go no faster than they can be said
    fn wants_input(&self) -> bool {
        let Some(visit) = self.visits.get(self.house.current().as_str()) else { return false };
        let is_settled =
            visit.settled_at.is_none() || self.screen.is_interactive() || self.everybody_is_known();
        let is_going = self.moving.is_some() || self.arriving.is_some() || self.house.is_joining();
        let is_parting = self.visits.values().any(Visit::is_parting);
        self.leave_at.is_none() && !is_going && !is_parting && is_settled && visit.owed.lines < MAX_OWED
    }

    fn everybody_is_known(&self) -> bool {
        let session = self.house.current_session();
        !session.view().peers().is_empty() && session.complete()
    }

    fn on_due(&mut self) {
        let now = Instant::now();
        let is_settled = |visit: &Visit| visit.settled_at.is_some_and(|at| at <= now);
        let settled: Vec<String> =
            self.visits.iter().filter(|(_, visit)| is_settled(visit)).map(|(room, _)| room.clone()).collect();
        self.tell_earlier(Earlier::on_due);
        settled.iter().for_each(|room| self.on_settled(room));
    }

    fn on_settled(&mut self, room: &str) {
        if let Some(visit) = self.visits.get_mut(room) {
            visit.settled_at = None;
        }
        let is_alone = |session: Sight<'_>| !session.room().is_private() && session.view().peers().is_empty();
        let is_current = self.house.current().as_str() == room;
        if is_current && self.screen.is_interactive() && is_alone(self.house.current_session()) {
            self.screen.show_alone();
        }
    }

    fn on_happening(&mut self, Happening { room, event }: Happening) {
        let is_ready = matches!(event, Event::Ready { .. });
        if self.is_told_elsewhere(&room, &event) {
            return;
        }
        if is_ready && let Some(id) = self.begins(&room) {
            self.screen.forget(&room);
            let kept = self.house.past(&room, EARLIER_LINES);
            self.visits.insert(room.clone(), Visit::new(id, kept, self.shown, Instant::now()));
            self.rooms().extend(RoomName::new(&room));
        } else if let Event::Error { code: ErrorCode::NotJoined, .. } = &event {
            self.is_astray = true;
        } else if let Event::Parted { room } = &event {
            self.is_astray = false;
            self.visits.remove(room);
            self.rooms().retain(|joined| joined.as_str() != room);
        }
        let at_once = match self.visits.get_mut(&room) {
            None => Some(event),
            Some(visit) => {
                visit.owed.on_event(&event);
                match &mut visit.earlier {
                    Some(earlier) => {
                        if event.is_past() {
                            self.screen.learn(&event, &room);
                        }
                        earlier.on_event(event, Instant::now())
                    }
                    None => Some(event),
                }
            }
        };
        if let Some(event) = at_once {
            self.show(&Happening { room: room.clone(), event });
        }
        if is_ready {
            self.recall(room.clone());
        }
        if self.house.session(&room).is_some_and(Sight::has_caught_up) {
            self.tell_earlier_in(&room, Earlier::on_caught_up);
        }
    }

    /// Whether this is about oneself, in all rooms alike: it is told in the current one
    fn is_told_elsewhere(&self, room: &str, event: &Event) -> bool {
        let is_me = |id: Uuid| id == self.house.current_session().view().id();
        let is_about_me = matches!(event, Event::Peer { id, .. } if is_me(*id));
        let is_known = matches!(event, Event::Ready { .. }) && self.begins(room).is_none();
        (is_about_me || is_known) && room != self.house.current().as_str()
    }

    /// Which room this is, if one has just come into it: perhaps another one of the same name
    fn begins(&self, room: &str) -> Option<RoomId> {
        let id = *self.house.session(room)?.room().id();
        self.visits.get(room).is_none_or(|visit| visit.id != id).then_some(id)
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeSet<RoomName>> {
        self.joined.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what was kept here
    fn recall(&mut self, room: String) {
        let untold = std::mem::take(&mut self.untold);
        let Some(visit) = self.visits.get_mut(&room) else { return };
        if visit.earlier.is_some() {
            visit.kept().iter().for_each(|line| self.screen.learn(line, &room));
        }
        let kept = visit.recall();
        for event in untold.into_iter().chain(kept) {
            self.show(&Happening { room: room.clone(), event });
        }
    }

    fn tell_earlier(&mut self, news: fn(&mut Earlier, Instant) -> Vec<News>) {
        let rooms: Vec<String> = self.visits.keys().cloned().collect();
        rooms.iter().for_each(|room| self.tell_earlier_in(room, news));
    }

    fn tell_earlier_in(&mut self, room: &str, news: fn(&mut Earlier, Instant) -> Vec<News>) {
        let earlier = self.visits.get_mut(room).and_then(|visit| visit.earlier.as_mut());
        let Some(earlier) = earlier else { return };
        let is_current = self.house.current().as_str() == room;
        for news in news(earlier, Instant::now()) {
            let Some(session) = self.house.session(room) else { return };
            let (view, is_kept) = (session.view(), self.keeps_history);
            match news {
                News::Tail(transcript) => self.screen.show_earlier(&transcript, is_current, view),
                News::More(count) => self.screen.show_more_earlier(count, is_kept, is_current, view),
                News::Topic => {
                    if let Some(topic) = view.topic().cloned() {
                        let event = Event::Topic(Topic { past: true, ..topic });
                        self.show(&Happening { room: room.to_owned(), event });
                    }
                }
                News::Event(event) => self.show(&Happening { room: room.to_owned(), event }),
            }
        }
    }

    fn on_input(&mut self, input: Option<Input>) {
        self.screen.on_typed();
        match input {
            None => self.leave_soon(),
            Some(Input::Line(line)) => match self.screen.parse(&line) {
                Ok(None) => {}
                Ok(Some(command)) => self.on_command(command),
                Err(error) => {
                    self.is_astray |= command::goes_to_a_room(&line);
                    self.answer(Event::error(ErrorCode::InvalidCommand, error));
                }
            },
            Some(Input::Join { room, code }) => self.move_to(room, code.map_or(Way::Usual, Way::Code)),
            Some(Input::TooLong) => {
                let most = Text::MAX_BYTES;
                let message = tell!("line-long", most = most, bytes = MAX_LINE_BYTES);
                self.answer(Event::error(ErrorCode::InvalidText, message));
            }
            Some(Input::Failed(reason)) => {
                let message = tell!("input-failed", reason = reason);
                self.answer(Event::error(ErrorCode::Other, message));
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        if self.is_astray() && command.is_said_to_all() {
            return self.answer(not_said_here());
        }
        let is_said = command.is_said();
        match command {
            Command::Quit => self.leave_soon(),
            Command::Help => self.answer(Event::Help { text: command::help() }),
            Command::Join { room, code_file } => {
                self.move_to_named(&room, code_file.map_or(Way::Usual, Way::File));
            }
            Command::NewRoom { room, code_file: None } if self.screen.is_interactive() => {
                self.move_to_named(&room, Way::New);
            }
            Command::NewRoom { room, code_file: None } => self.stay_behind(nowhere_to_show(&room)),
            Command::NewRoom { room, code_file: Some(path) } => {
                self.move_to_named(&room, Way::NewInFile(path));
            }
            Command::Part { room } => self.part(room.as_deref()),
            Command::Say { .. }
            | Command::Whisper { .. }
            | Command::Raw { .. }
            | Command::Reply { .. }
            | Command::Edit { .. }
            | Command::Delete { .. }
            | Command::React { .. }
            | Command::Topic { .. }
            | Command::Rooms
            | Command::Peers
            | Command::Away { .. }
            | Command::Back
            | Command::Typing { .. }
            | Command::Received
            | Command::Rename { .. }
            | Command::Verify { .. }
            | Command::Trust { .. }
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::Blocked => {
                let room = self.execute(command);
                if !is_said {
                    // What is typed next may rely on it.
                    self.tell_waiting();
                } else if let Some(visit) = self.visits.get_mut(&room) {
                    visit.owed.lines += 1;
                }
            }
        }
    }

    /// In the current room; gives back where what comes of it is told
    fn execute(&mut self, command: Command) -> String {
        let room = self.house.current().to_string();
        self.house.execute(&room, command)
    }

    fn tell_waiting(&mut self) {
        while let Some(happening) = self.house.take() {
            self.on_happening(happening);
        }
    }

    /// Tells something about what was typed
    fn answer(&mut self, event: Event) {
        self.show(&Happening { room: self.house.current().to_string(), event });
    }

    fn show(&mut self, happening: &Happening) {
        show(&mut self.screen, happening, &self.house);
    }

    fn leave_soon(&mut self) {
        self.leave_at.get_or_insert_with(|| Instant::now() + LEAVING);
    }
}

/// How many lines may be on their way into the room at once
const MAX_OWED: usize = 64;
