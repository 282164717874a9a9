//! `lanchat`: everything in the room, and whatever is typed

use std::{path::Path, time::Duration};

use anyhow::Context;
use lanchat_protocol::{RoomName, Text};
use tokio::{sync::mpsc::Receiver, time::Instant};

use super::{
    earlier::{Earlier, News},
    entrance::{Destination, Opened, Way, enter},
    moving::Moving,
    owed::Owed,
    stay::{close, no_signals, no_thread, sleep_until},
};
use crate::{
    command::{self, Command},
    event::{ErrorCode, Event, Topic},
    exit::ExitCode,
    lang::{Told as _, tell},
    platform::signals::Shutdown,
    profile::Profile,
    rooms::Entrance,
    session::{Role, Session},
    settings::{Format, Settings},
    ui::{
        Screen,
        input::{Input, MAX_LINE_BYTES},
    },
};

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let profile = Profile::open(settings)?;
    let entrance = enter(settings, profile.directory())?;
    let mut shutdown = Shutdown::listen().with_context(no_signals)?;
    let session = open(settings, entrance, profile)?;
    let (screen, mut lines) =
        Screen::open_with_input(settings.format, room_joined).with_context(no_thread)?;
    let mut chat = Chat::new(settings, session, screen);
    while let Some(opened) = chat.talk(&mut lines, &mut shutdown).await {
        chat = chat.go(settings, opened, &mut shutdown).await?;
    }
    chat.tell_earlier(Earlier::tell);
    chat.session.leave().await;
    close(chat.screen, &mut shutdown).await?;
    Ok(ExitCode::Done)
}

fn open(settings: &Settings, entrance: Entrance, profile: Profile) -> anyhow::Result<Session> {
    let mut session = Session::open(settings, entrance, profile, Role::Member)?;
    session.invite_guests(settings)?;
    Ok(session)
}

struct Chat {
    session: Session,
    screen: Screen,
    owed: Owed,
    /// What was kept here of what was said before, until it is shown
    kept: Vec<Event>,
    /// For people; scripts get every line as it comes
    earlier: Option<Earlier>,
    keeps_history: bool,
    takes_weak_codes: bool,
    moving: Option<Moving>,
    /// When whoever is here should have been found
    settled_at: Option<Instant>,
    /// When to leave although not all is said, once there is no more input
    leave_at: Option<Instant>,
}

/// How long whoever is here may take to be found, before piped lines are said and somebody alone is told so
const SETTLING: Duration = Duration::from_secs(1);
/// How many lines of before are shown at most
const EARLIER_LINES: usize = 50;
/// The same where they must leave room for what is said now
const EARLIER_ON_A_TERMINAL: usize = 20;
/// How long the last lines may take
const LEAVING: Duration = Duration::from_secs(2);

impl Chat {
    /// With the newest of the lines kept here
    fn new(settings: &Settings, mut session: Session, screen: Screen) -> Self {
        let kept = session.past(EARLIER_LINES);
        let now = Instant::now();
        let most = if screen.is_interactive() { EARLIER_ON_A_TERMINAL } else { EARLIER_LINES };
        Self {
            session,
            screen,
            owed: Owed::default(),
            kept,
            earlier: (settings.format == Format::Plain).then(|| Earlier::new(most, now)),
            keeps_history: !settings.ephemeral,
            takes_weak_codes: settings.weak_code,
            moving: None,
            settled_at: Some(now + SETTLING),
            leave_at: None,
        }
    }

    /// Leaves this room for another
    async fn go(self, settings: &Settings, to: Opened, shutdown: &mut Shutdown) -> anyhow::Result<Self> {
        let Self { session, screen, .. } = self;
        let profile = session.leave().await;
        let entered = profile
            .start_again()
            .map_err(Into::into)
            .and_then(|profile| open(settings, to.entrance, profile));
        match entered {
            Ok(session) => {
                if let Some(code) = to.code {
                    screen.show_new_room(session.room().name().as_str(), code.as_str());
                }
                Ok(Self::new(settings, session, screen))
            }
            Err(error) => {
                close(screen, shutdown).await?;
                Err(error)
            }
        }
    }

    /// Until one leaves, or goes to another room
    async fn talk(&mut self, lines: &mut Receiver<Input>, shutdown: &mut Shutdown) -> Option<Opened> {
        while self.leave_at.is_none() || !self.owed.is_paid() {
            if let Some(opened) = Moving::take(&mut self.moving, self.owed.is_paid()) {
                self.tell_waiting();
                self.tell_earlier(Earlier::tell);
                return Some(opened);
            }
            let wants_input = self.wants_input();
            let earlier_due = self.earlier.as_ref().and_then(Earlier::due);
            tokio::select! {
                () = shutdown.requested() => return None,
                _ = self.screen.failed() => return None,
                () = sleep_until(self.leave_at) => return None,
                () = sleep_until(Moving::due(self.moving.as_ref())) => {}
                outcome = Moving::opened(&mut self.moving) => self.on_opened(outcome),
                () = sleep_until(self.settled_at) => self.on_settled(),
                () = sleep_until(earlier_due) => self.tell_earlier(Earlier::on_due),
                event = self.session.next() => self.on_event(event),
                input = lines.recv(), if wants_input => self.on_inputs(input, lines),
            }
        }
        self.tell_waiting();
        None
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
        let is_settled =
            self.settled_at.is_none() || self.screen.is_interactive() || self.everybody_is_known();
        self.leave_at.is_none() && self.moving.is_none() && is_settled && self.owed.lines < MAX_OWED
    }

    fn everybody_is_known(&self) -> bool {
        !self.session.view().peers().is_empty() && self.session.complete()
    }

    fn on_settled(&mut self) {
        self.settled_at = None;
        self.tell_earlier(Earlier::on_due);
        let is_open = !self.session.room().is_private();
        if is_open && self.screen.is_interactive() && self.session.view().peers().is_empty() {
            self.screen.show_alone();
        }
    }

    fn on_event(&mut self, event: Event) {
        self.owed.on_event(&event);
        let is_ready = matches!(event, Event::Ready { .. });
        let at_once = match &mut self.earlier {
            Some(earlier) => {
                if event.is_past() {
                    self.screen.learn(&event);
                }
                earlier.on_event(event, Instant::now())
            }
            None => Some(event),
        };
        if let Some(event) = at_once {
            self.answer(&event);
        }
        if is_ready {
            self.recall();
        }
        if self.session.has_caught_up() {
            self.tell_earlier(Earlier::on_caught_up);
        }
    }

    /// Takes in what was kept here
    fn recall(&mut self) {
        for line in std::mem::take(&mut self.kept) {
            match &mut self.earlier {
                Some(earlier) => {
                    self.screen.learn(&line);
                    earlier.keep(line);
                }
                None => self.answer(&line),
            }
        }
    }

    fn tell_earlier(&mut self, news: fn(&mut Earlier, Instant) -> Vec<News>) {
        let Some(earlier) = &mut self.earlier else { return };
        for news in news(earlier, Instant::now()) {
            match news {
                News::Tail(transcript) => self.screen.show_earlier(&transcript, self.session.view()),
                News::More(count) => self.screen.show_more_earlier(count, self.keeps_history),
                News::Topic => {
                    if let Some(topic) = self.session.view().topic().cloned() {
                        self.answer(&Event::Topic(Topic { past: true, ..topic }));
                    }
                }
                News::Event(event) => self.answer(&event),
            }
        }
    }

    fn on_input(&mut self, input: Option<Input>) {
        match input {
            None => self.leave_soon(),
            Some(Input::Line(line)) => match Command::parse(&line) {
                Ok(None) => {}
                Ok(Some(command)) => self.on_command(command),
                Err(error) => self.answer(&Event::error(ErrorCode::InvalidCommand, error)),
            },
            Some(Input::Join { room, code }) => self.move_to(room, code.map_or(Way::Usual, Way::Code)),
            Some(Input::TooLong) => {
                let most = Text::MAX_BYTES;
                let message = tell!("line-long", most = most, bytes = MAX_LINE_BYTES);
                self.answer(&Event::error(ErrorCode::InvalidText, message));
            }
            Some(Input::Failed(reason)) => {
                let message = tell!("input-failed", reason = reason);
                self.answer(&Event::error(ErrorCode::Other, message));
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Quit => self.leave_soon(),
            Command::Help => self.answer(&Event::Help { text: command::help() }),
            Command::Join { room, code_file } => {
                self.move_to_named(&room, code_file.map_or(Way::Usual, Way::File));
            }
            Command::NewRoom { room, code_file: None } if self.screen.is_interactive() => {
                self.move_to_named(&room, Way::New);
            }
            Command::NewRoom { room, code_file: None } => self.answer(&nowhere_to_show(&room)),
            Command::NewRoom { room, code_file: Some(path) } => {
                self.move_to_named(&room, Way::NewInFile(path));
            }
            Command::Say { .. }
            | Command::Whisper { .. }
            | Command::Raw { .. }
            | Command::Reply { .. }
            | Command::Edit { .. }
            | Command::Delete { .. }
            | Command::React { .. }
            | Command::Topic { text: Some(_) } => {
                self.owed.lines += 1;
                self.session.execute(command);
            }
            Command::Rooms | Command::Part { .. } => {}
            Command::Peers
            | Command::Topic { text: None }
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
                self.session.execute(command);
                // What is typed next may rely on it.
                self.tell_waiting();
            }
        }
    }

    fn tell_waiting(&mut self) {
        while let Some(event) = self.session.take() {
            self.on_event(event);
        }
    }

    fn move_to_named(&mut self, room: &str, way: Way) {
        match RoomName::new(room) {
            Ok(room) => self.move_to(room, way),
            Err(error) => self.answer(&Event::error(ErrorCode::InvalidName, error.told())),
        }
    }

    fn move_to(&mut self, name: RoomName, way: Way) {
        let directory = self.session.profile_directory().map(Path::to_owned);
        let destination = Destination { name, way, directory, takes_weak: self.takes_weak_codes };
        self.moving = Some(Moving::to(destination));
    }

    fn on_opened(&mut self, outcome: anyhow::Result<Opened>) {
        self.moving = None;
        match outcome {
            Ok(opened) if opened.entrance.room().id() == self.session.room().id() => {
                let message = tell!("room-same", room = self.session.room().name().as_str());
                self.answer(&Event::error(ErrorCode::NotJoined, message));
            }
            Ok(opened) => self.moving = Some(Moving::open(opened)),
            Err(error) => self.answer(&Event::error(ErrorCode::NotJoined, error)),
        }
    }

    fn answer(&mut self, event: &Event) {
        self.screen.show(event, self.session.view());
    }

    fn leave_soon(&mut self) {
        self.leave_at.get_or_insert_with(|| Instant::now() + LEAVING);
    }
}

/// The room that a typed line leads to, if its code is not in a file
fn room_joined(line: &str) -> Option<RoomName> {
    match Command::parse(line) {
        Ok(Some(Command::Join { room, code_file: None })) => {
            RoomName::new(&room).ok().filter(|room| *room != RoomName::lobby())
        }
        Ok(_) | Err(_) => None,
    }
}

fn nowhere_to_show(room: &str) -> Event {
    let message = tell!("code-not-shown", room = room);
    Event::error(ErrorCode::NotJoined, message)
}

/// How many lines may be on their way into the room at once
const MAX_OWED: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_asked_for_where_there_can_be_one() {
        let attic = RoomName::new("attic").unwrap();
        assert_eq!(room_joined("/join Attic"), Some(attic));
        for line in ["/join lobby", "/join Lobby", "/join attic code", "/join", "join attic"] {
            assert_eq!(room_joined(line), None, "{line}");
        }
    }
}
