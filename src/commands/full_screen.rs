//! `lanchat` on a terminal: rooms, conversations and people on the whole screen

mod pages;
mod seat;

use std::{io, time::Duration};

use anyhow::Context;
use jiff::tz::TimeZone;
use lanchat_protocol::RoomName;
use tokio::{sync::mpsc::Receiver, task::JoinSet, time::Instant};

use self::seat::Seat;
use super::{
    entrance::{Destination, Opened, Way, enter},
    moving::Moving,
    owed::Owed,
    stay::{no_signals, sleep_until, unwritable},
};
use crate::{
    command::Command,
    event::{ErrorCode, Event},
    exit::ExitCode,
    lang::{Told as _, tell},
    platform::signals::{Pause, Pauses, Shutdown, can_stop, stop_group},
    profile::Profile,
    settings::Settings,
    ui::{
        notify::Notifier,
        terminal::{Canvas, Done},
        tui::{Action, Older, Theme, Tui},
    },
};

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let profile = Profile::open(settings)?;
    let entrance = enter(settings, profile.directory())?;
    let mut shutdown = Shutdown::listen().with_context(no_signals)?;
    let pauses = Pauses::listen().with_context(no_signals)?;
    let seat = Seat::open(settings, entrance, profile)?;
    let (canvas, done) = Canvas::open().map_err(|error| no_screen(&error))?;
    let mut desk = Desk::new(settings, seat, canvas, pauses);
    let outcome = desk.sit(settings, done, &mut shutdown).await;
    let Desk { seat, canvas, .. } = desk;
    let closed = close(canvas, &mut shutdown).await;
    if let Some(seat) = seat {
        seat.leave().await;
    }
    outcome?;
    closed?;
    Ok(ExitCode::Done)
}

/// Somebody at the screen
struct Desk {
    tui: Tui,
    /// None if there is no way back into any room
    seat: Option<Seat>,
    canvas: Canvas,
    pauses: Pauses,
    pages: JoinSet<(Older, Vec<Event>)>,
    owed: Owed,
    moving: Option<Moving>,
    takes_weak_codes: bool,
    notifier: Notifier,
    start: Instant,
    /// Before this nothing is drawn again
    next_drawing: Instant,
    /// When to leave although not all is said
    leave_at: Option<Instant>,
}

/// Between two drawings, so that a flood of lines costs no more than the eye can follow
const FRAME: Duration = Duration::from_millis(16);
/// How many events are taken in before keys have their turn
const EVENTS_PER_TURN: usize = 64;
/// How long the last lines may take
const LEAVING: Duration = Duration::from_secs(2);
/// How long a terminal that takes nothing holds up a program that was asked to end
const PATIENCE: Duration = Duration::from_secs(1);

impl Desk {
    fn new(settings: &Settings, seat: Seat, mut canvas: Canvas, pauses: Pauses) -> Self {
        let tui = Tui::new(TimeZone::system(), Theme::of_environment(), canvas.size());
        let now = Instant::now();
        Self {
            tui,
            seat: Some(seat),
            canvas,
            pauses,
            pages: JoinSet::new(),
            owed: Owed::default(),
            moving: None,
            takes_weak_codes: settings.weak_code,
            notifier: Notifier::new(settings.notify, now.into_std()),
            start: now,
            next_drawing: now,
            leave_at: None,
        }
    }

    /// Until one leaves
    async fn sit(
        &mut self,
        settings: &Settings,
        mut done: Receiver<Done>,
        shutdown: &mut Shutdown,
    ) -> anyhow::Result<()> {
        while self.leave_at.is_none() || !self.owed.is_paid() {
            if let Some(opened) = Moving::take(&mut self.moving, self.owed.is_paid()) {
                self.go(settings, opened).await?;
            }
            let Some(seat) = &mut self.seat else { return Ok(()) };
            let (is_changed, next_drawing, due) = (self.tui.is_changed(), self.next_drawing, self.tui.due());
            let due = due.map(|due| self.start + due);
            let canvas = &self.canvas;
            tokio::select! {
                () = shutdown.requested() => return Ok(()),
                () = sleep_until(self.leave_at) => return Ok(()),
                () = sleep_until(due) => self.on_time(),
                () = sleep_until(Moving::due(self.moving.as_ref())) => {}
                outcome = Moving::opened(&mut self.moving) => self.on_opened(outcome),
                pause = self.pauses.heard() => self.on_pause(pause).await?,
                what = done.recv() => match what {
                    Some(what) => self.on_done(what, &mut done).await?,
                    None => return Ok(()),
                },
                event = seat.next() => self.on_events(event),
                Some(Ok((older, events))) = self.pages.join_next() => self.on_page(&older, &events),
                () = may_draw(canvas, next_drawing), if is_changed => self.draw()?,
                _ = canvas.failed() => return Ok(()),
            }
            self.act();
        }
        Ok(())
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        if let Some(seat) = &self.seat {
            self.tui.on_network(seat.room(), seat.network());
            self.tui.refresh(seat.room(), seat.view());
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

    /// Takes in an event and those that are there already
    fn on_events(&mut self, event: Event) {
        self.on_event(&event);
        for _ in 1..EVENTS_PER_TURN {
            let Some(event) = self.seat.as_mut().and_then(Seat::take) else { return };
            self.on_event(&event);
        }
    }

    fn on_event(&mut self, event: &Event) {
        self.owed.on_event(event);
        if let Some(seat) = &self.seat {
            self.tui.on_event(seat.room(), event, seat.view());
            let now = Instant::now().into_std();
            if self.notifier.on_event(seat.room(), event, seat.view(), now) {
                self.canvas.ring();
            }
        }
    }

    fn on_page(&mut self, older: &Older, events: &[Event]) {
        if let Some(seat) = self.seat.as_ref().filter(|seat| seat.room() == older.room) {
            self.tui.on_older(older, events, seat.view());
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
                Done::Focus(_) => Vec::new(),
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
                    | Action::LookAt { .. }
                    | Action::Quit) => self.perform(vec![action]),
                }
            }
            next = done.try_recv().ok();
        }
        Ok(())
    }

    fn act(&mut self) {
        let actions = self.tui.take_actions();
        self.perform(actions);
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Do { command, .. } => self.on_command(command),
                Action::Enter { room, code } => self.move_to(room, code.map_or(Way::Usual, Way::Code)),
                Action::Load(older) => self.load(older),
                Action::Quit => {
                    self.leave_at.get_or_insert_with(|| Instant::now() + LEAVING);
                }
                Action::LookAt { .. } | Action::Suspend | Action::Redraw => {}
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Join { room, code_file } => {
                self.move_to_named(&room, code_file.map_or(Way::Usual, Way::File));
            }
            Command::NewRoom { room, code_file } => {
                self.move_to_named(&room, code_file.map_or(Way::New, Way::NewInFile));
            }
            command @ (Command::Say { .. }
            | Command::Whisper { .. }
            | Command::Peers
            | Command::Verify { .. }
            | Command::Trust { .. }
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::Blocked
            | Command::Rename { .. }
            | Command::Raw { .. }
            | Command::Reply { .. }
            | Command::Edit { .. }
            | Command::Delete { .. }
            | Command::React { .. }
            | Command::Topic { .. }
            | Command::Away { .. }
            | Command::Back
            | Command::Typing { .. }
            | Command::Received
            | Command::Rooms
            | Command::Part { .. }
            | Command::Quit
            | Command::Help) => {
                let says = is_said(&command);
                self.owed.lines += usize::from(says);
                let Some(seat) = &mut self.seat else { return };
                seat.execute(command);
                if !says {
                    // What is typed next may rely on it.
                    while let Some(event) = self.seat.as_mut().and_then(Seat::take) {
                        self.on_event(&event);
                    }
                }
            }
        }
    }

    fn move_to_named(&mut self, room: &str, way: Way) {
        match RoomName::new(room) {
            Ok(room) => self.move_to(room, way),
            Err(error) => self.answer(&Event::error(ErrorCode::InvalidName, error.told())),
        }
    }

    fn move_to(&mut self, name: RoomName, way: Way) {
        let directory = self.seat.as_ref().and_then(Seat::directory);
        let destination = Destination { name, way, directory, takes_weak: self.takes_weak_codes };
        self.moving = Some(Moving::to(destination));
    }

    fn on_opened(&mut self, outcome: anyhow::Result<Opened>) {
        self.moving = None;
        match outcome {
            Ok(opened) => self.moving = Some(Moving::open(opened)),
            Err(error) => self.answer(&Event::error(ErrorCode::NotJoined, error)),
        }
    }

    /// Leaves the room for another
    async fn go(&mut self, settings: &Settings, to: Opened) -> anyhow::Result<()> {
        let Some(seat) = self.seat.take() else { return Ok(()) };
        let (before, after) = (seat.room().to_owned(), to.entrance.room().name().to_string());
        let seat = seat.move_to(settings, to.entrance).await?;
        if before != after {
            self.tui.on_event(&before, &Event::Parted { room: before.clone() }, seat.view());
        }
        self.seat = Some(seat);
        if let Some(code) = to.code {
            self.tui.on_new_room(&after, code);
        }
        Ok(())
    }

    fn answer(&mut self, event: &Event) {
        if let Some(seat) = &self.seat {
            self.tui.on_event(seat.room(), event, seat.view());
        }
    }

    /// Reads what was said before, beside all else
    fn load(&mut self, older: Older) {
        let place =
            self.seat.as_ref().and_then(|seat| Some((seat.directory()?, seat.session_room().clone())));
        self.pages.spawn_blocking(move || {
            let events =
                place.map(|(directory, room)| pages::read(&directory, &room, &older)).unwrap_or_default();
            (older, events)
        });
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

/// Whether it comes back as a line, or as what is done about one
fn is_said(command: &Command) -> bool {
    matches!(
        command,
        Command::Say { .. }
            | Command::Whisper { .. }
            | Command::Raw { .. }
            | Command::Reply { .. }
            | Command::Edit { .. }
            | Command::Delete { .. }
            | Command::React { .. }
            | Command::Topic { text: Some(_) }
    )
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
