//! `lanchat` on a terminal: rooms, conversations and people on the whole screen

mod marks;
mod pages;
mod rooms;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    time::Duration,
};

use anyhow::Context;
use jiff::tz::TimeZone;
use lanchat_protocol::{Room, RoomId};
use tokio::{sync::mpsc::Receiver, task::JoinSet, time::Instant};

use super::{
    entrance::{Destination, Way, enter},
    moving::Moving,
    owed::Owed,
    stay::{no_signals, sleep_until, unwritable},
};
use crate::{
    event::Event,
    exit::ExitCode,
    house::Happening,
    lang::{Told as _, tell},
    notes::Notes,
    platform::signals::{Pause, Pauses, Shutdown, can_stop, stop_group},
    settings::Settings,
    ui::{
        notify::Notifier,
        terminal::{Canvas, Done},
        tui::{Action, Mark, Older, Theme, Tui},
    },
    windows::{Sight, Window},
};

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut shutdown = Shutdown::listen().with_context(no_signals)?;
    let pauses = Pauses::listen().with_context(no_signals)?;
    let (house, refused) = enter(settings).await?;
    let (canvas, done) = Canvas::open().map_err(|error| no_screen(&error))?;
    let mut desk = Desk::new(settings, house, canvas, pauses);
    desk.begin(refused, settings.rooms.is_empty());
    let outcome = desk.sit(done, &mut shutdown).await;
    desk.remember();
    let Desk { house, canvas, notes, .. } = desk;
    let closed = close(canvas, &mut shutdown).await;
    house.leave().await;
    if let Some(notes) = notes {
        notes.finish().await;
    }
    outcome?;
    closed?;
    Ok(ExitCode::Done)
}

/// Somebody at the screen
struct Desk {
    tui: Tui,
    house: Window,
    canvas: Canvas,
    pauses: Pauses,
    pages: JoinSet<(Room, Older, Vec<Event>)>,
    /// What was typed and is on its way, by room
    owed: BTreeMap<String, Owed>,
    /// Which rooms are left once all is said there, and when at the latest
    parting: BTreeMap<String, Instant>,
    /// Where it is noted how far one read, if it is
    notes: Option<Notes>,
    /// Which room has each name that is shown
    shown: BTreeMap<String, RoomId>,
    moving: Option<Moving>,
    /// Where one wants to go after that
    to_open: VecDeque<Destination>,
    /// The room that one asked for, until one is there
    wanted: Option<String>,
    takes_weak_codes: bool,
    is_kept: bool,
    notifier: Notifier,
    start: Instant,
    /// Before this nothing is drawn again
    next_drawing: Instant,
    /// When to look how the network does
    next_look: Instant,
    /// When to leave although not all is said
    leave_at: Option<Instant>,
}

/// Between two drawings, so that a flood of lines costs no more than the eye can follow
const FRAME: Duration = Duration::from_millis(16);
/// How long the status line may be out of date; it is drawn anew only if it is
const LOOK: Duration = Duration::from_secs(2);
/// How many events are taken in before keys have their turn
const EVENTS_PER_TURN: usize = 64;
/// How long the last lines may take
const LEAVING: Duration = Duration::from_secs(2);
/// How long a terminal that takes nothing holds up a program that was asked to end
const PATIENCE: Duration = Duration::from_secs(1);

impl Desk {
    fn new(settings: &Settings, house: Window, mut canvas: Canvas, pauses: Pauses) -> Self {
        let tui = Tui::new(TimeZone::system(), Theme::of_environment(), canvas.size());
        let now = Instant::now();
        let notes = house.profile_directory().map(|directory| Notes::new(directory, marks::FILE));
        Self {
            tui,
            notes,
            house,
            canvas,
            pauses,
            pages: JoinSet::new(),
            owed: BTreeMap::new(),
            parting: BTreeMap::new(),
            shown: BTreeMap::new(),
            moving: None,
            to_open: VecDeque::new(),
            wanted: None,
            takes_weak_codes: settings.weak_code,
            is_kept: !settings.ephemeral,
            notifier: Notifier::new(settings.notify, now.into_std()),
            start: now,
            next_drawing: now,
            next_look: now,
            leave_at: None,
        }
    }

    /// Shows the rooms that there are, and why one is not in others; one is back where one was, or in the first room
    fn begin(&mut self, refused: Vec<Event>, is_back: bool) {
        let current = self.house.current().to_string();
        while let Some(happening) = self.house.take() {
            self.on_happening(happening);
        }
        refused.into_iter().for_each(|event| self.answer(event));
        self.tui.go_to(&current);
        self.recall(is_back);
        self.act();
    }

    /// Until one leaves
    async fn sit(&mut self, mut done: Receiver<Done>, shutdown: &mut Shutdown) -> anyhow::Result<()> {
        while self.leave_at.is_none() || !self.owed.values().all(Owed::is_paid) {
            let (is_changed, next_drawing, due) = (self.tui.is_changed(), self.next_drawing, self.tui.due());
            let due = due.map(|due| self.start + due);
            let canvas = &self.canvas;
            tokio::select! {
                () = shutdown.requested() => return Ok(()),
                () = sleep_until(self.leave_at) => return Ok(()),
                () = sleep_until(due) => self.on_time(),
                () = sleep_until(Some(self.next_look)) => self.look_at_network(),
                () = sleep_until(self.parting.values().min().copied()) => {}
                outcome = Moving::opened(&mut self.moving) => self.on_opened(outcome),
                pause = self.pauses.heard() => self.on_pause(pause).await?,
                what = done.recv() => match what {
                    Some(what) => self.on_done(what, &mut done).await?,
                    None => return Ok(()),
                },
                happening = self.house.next() => self.on_happenings(happening),
                Some(Ok((room, older, events))) = self.pages.join_next() => self.on_page(&room, &older, &events),
                () = may_draw(canvas, next_drawing), if is_changed => self.draw()?,
                _ = canvas.failed() => return Ok(()),
            }
            self.act();
            self.part_when_all_is_said();
        }
        Ok(())
    }

    /// Looks how the network does, about which there is no event
    fn look_at_network(&mut self) {
        self.next_look = Instant::now() + LOOK;
        for session in self.house.rooms() {
            let room = session.room().name().as_str();
            self.tui.on_network(room, rooms::network(session, self.is_kept));
        }
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        self.look_at_network();
        for session in self.house.rooms() {
            self.tui.refresh(session.room().name().as_str(), session.view());
        }
        self.next_drawing = Instant::now() + FRAME;
        self.tui.is_drawn();
        let Self { tui, canvas, .. } = self;
        canvas.draw(|frame| tui.draw(frame)).map_err(|error| no_screen(&error))
    }

    fn on_time(&mut self) {
        let actions = self.tui.on_time(self.start.elapsed());
        self.perform(actions);
    }

    /// Takes in what happened and what else has happened already
    fn on_happenings(&mut self, first: Happening) {
        self.on_happening(first);
        for _ in 1..EVENTS_PER_TURN {
            let Some(happening) = self.house.take() else { return };
            self.on_happening(happening);
        }
    }

    fn on_happening(&mut self, Happening { room, event }: Happening) {
        let room = if let Event::Parted { room } = &event { room.clone() } else { room };
        let is_asked_for = self.wanted.as_ref() == Some(&room);
        if self.is_back(&room, &event) {
            return;
        }
        // Another window may have led here, which is no reason to look there.
        let is_elsewhere = matches!(event, Event::Ready { .. }) && !is_asked_for && !self.shown.is_empty();
        let place = if is_elsewhere { self.tui.marks().into_iter().next() } else { None };
        self.owed.entry(room.clone()).or_default().on_event(&event);
        // A room that was just left has no session any more.
        let session = self.house.session(&room).unwrap_or_else(|| self.house.current_session());
        self.tui.on_event(&room, &event, session.view());
        match place {
            Some(Mark::Room { room, .. }) => self.tui.go_to(&room),
            Some(Mark::Person { id, .. }) => self.tui.go_to_person(id),
            None => {}
        }
        if self.notifier.on_event(&room, &event, session.view(), Instant::now().into_std()) {
            self.canvas.ring();
        }
        if matches!(event, Event::Parted { .. }) {
            self.owed.remove(&room);
            self.parting.remove(&room);
            self.shown.remove(&room);
        }
    }

    fn on_page(&mut self, room: &Room, older: &Older, events: &[Event]) {
        let is_it = |session: &Sight<'_>| *session.room() == *room || older.with.is_some();
        if let Some(session) = self.house.session(&older.room).filter(is_it) {
            self.tui.on_older(older, events, session.view());
        }
    }

    /// Takes in what was done, and what was done meanwhile
    async fn on_done(&mut self, what: Done, done: &mut Receiver<Done>) -> anyhow::Result<()> {
        let mut next = Some(what);
        while let Some(what) = next {
            let mut actions = self.tui.on_time(self.start.elapsed());
            let now = Instant::now().into_std();
            match what {
                Done::Focus(is_in_front) => self.notifier.on_focus(is_in_front, now),
                Done::Key(_) | Done::Paste(_) => self.notifier.on_key(now),
                Done::Resize(..) => {}
            }
            actions.extend(match what {
                Done::Key(key) => self.tui.on_key(key),
                Done::Paste(text) => self.tui.on_paste(&text),
                Done::Focus(is_in_front) => self.tui.on_focus(is_in_front),
                Done::Resize(width, height) => {
                    self.tui.on_resize(width, height);
                    self.canvas.resize(width, height)?;
                    Vec::new()
                }
            });
            for action in actions {
                match action {
                    Action::Suspend => self.suspend().await?,
                    Action::Redraw => self.canvas.forget()?,
                    action @ (Action::Do { .. }
                    | Action::Enter { .. }
                    | Action::Load(_)
                    | Action::Remember
                    | Action::Quit) => {
                        self.perform(vec![action]);
                    }
                }
            }
            next = done.try_recv().ok();
        }
        Ok(())
    }

    fn act(&mut self) {
        let actions = self.tui.take_actions();
        self.perform(actions);
        // What is asked and answered next is so in the room that is looked at, however one came there.
        if self.house.current().as_str() != self.tui.room() {
            self.house.go_to(self.tui.room());
        }
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Do { room, command } => self.on_command(&room, command),
                Action::Enter { room, code } => self.move_to(room, code.map_or(Way::Usual, Way::Code)),
                Action::Load(older) => self.load(older),
                Action::Remember => self.remember(),
                Action::Quit => {
                    self.leave_at.get_or_insert_with(|| Instant::now() + LEAVING);
                }
                Action::Suspend | Action::Redraw => {}
            }
        }
    }

    async fn on_pause(&mut self, pause: Pause) -> anyhow::Result<()> {
        match pause {
            Pause::Stop => self.suspend().await,
            Pause::GoOn => self.resume(),
        }
    }

    async fn suspend(&mut self) -> anyhow::Result<()> {
        if !can_stop() {
            return Ok(());
        }
        self.canvas.pause().await;
        stop_group();
        self.resume()
    }

    fn resume(&mut self) -> anyhow::Result<()> {
        let (width, height) = self.canvas.resume().map_err(|error| no_screen(&error))?;
        self.tui.on_resize(width, height);
        Ok(())
    }
}

/// Waits until something can be drawn
async fn may_draw(canvas: &Canvas, at: Instant) {
    sleep_until(Some(at)).await;
    canvas.drawn().await;
}

/// Gives the terminal back; it may take nothing any more
async fn close(canvas: Canvas, shutdown: &mut Shutdown) -> anyhow::Result<()> {
    let enough = async {
        shutdown.requested().await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        outcome = canvas.close() => outcome.map_err(|error| unwritable(&error)),
        () = enough => Ok(()),
    }
}

fn no_screen(error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!(tell!("tui-no-screen", reason = error.told()))
}
