//! `lanchat`: everything in the room, and whatever is typed

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context;
use lanchat_protocol::{RoomName, Text};
use tokio::{sync::mpsc::Receiver, time::Instant};
use uuid::Uuid;

use super::stay::{NO_SIGNALS, NO_THREAD, close, sleep_until};
use crate::{
    command::{Command, HELP},
    event::{DeliveryState, ErrorCode, Event},
    exit::ExitCode,
    platform::signals::Shutdown,
    profile::Profile,
    session::{Role, Session},
    settings::Settings,
    ui::{
        Screen,
        input::{Input, MAX_LINE_BYTES},
    },
};

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut shutdown = Shutdown::listen().context(NO_SIGNALS)?;
    let mut session = Session::open(settings, Profile::open(settings)?, Role::Member)?;
    session.invite_guests(settings)?;
    let (screen, lines) = Screen::open_with_input(settings.format).context(NO_THREAD)?;
    let mut chat = Chat::new(session, screen);
    chat.talk(lines, &mut shutdown).await;
    chat.session.leave().await;
    close(chat.screen, &mut shutdown).await?;
    Ok(ExitCode::Done)
}

struct Chat {
    session: Session,
    screen: Screen,
    owed: Owed,
    /// When whoever is here should have been found
    settled_at: Option<Instant>,
    /// When to leave although not all is said, once there is no more input
    leave_at: Option<Instant>,
}

/// How long whoever is here may take to be found, before piped lines are said and somebody alone is told so
const SETTLING: Duration = Duration::from_secs(1);
/// How long the last lines may take
const LEAVING: Duration = Duration::from_secs(2);

impl Chat {
    fn new(session: Session, screen: Screen) -> Self {
        let settled_at = Some(Instant::now() + SETTLING);
        Self { session, screen, owed: Owed::default(), settled_at, leave_at: None }
    }

    async fn talk(&mut self, mut lines: Receiver<Input>, shutdown: &mut Shutdown) {
        while self.leave_at.is_none() || !self.owed.is_paid() {
            let wants_input = self.wants_input();
            tokio::select! {
                () = shutdown.requested() => return,
                _ = self.screen.failed() => return,
                () = sleep_until(self.leave_at) => return,
                () = sleep_until(self.settled_at) => self.on_settled(),
                event = self.session.next() => self.on_event(&event),
                input = lines.recv(), if wants_input => self.on_inputs(input, &mut lines),
            }
        }
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
        self.leave_at.is_none() && is_settled && self.owed.lines < MAX_OWED
    }

    fn everybody_is_known(&self) -> bool {
        !self.session.view().peers().is_empty() && self.session.complete()
    }

    fn on_settled(&mut self) {
        self.settled_at = None;
        if self.screen.is_interactive() && self.session.view().peers().is_empty() {
            self.screen.show_alone();
        }
    }

    fn on_event(&mut self, event: &Event) {
        self.owed.on_event(event);
        self.screen.show(event, self.session.view());
    }

    fn on_input(&mut self, input: Option<Input>) {
        match input {
            None => self.leave_soon(),
            Some(Input::Line(line)) => match Command::parse(&line) {
                Ok(None) => {}
                Ok(Some(command)) => self.on_command(command),
                Err(error) => self.answer(&Event::error(ErrorCode::InvalidCommand, error)),
            },
            Some(Input::TooLong) => {
                let most = Text::MAX_BYTES;
                let message = format!(
                    "a line has at most {most} bytes of UTF-8, this one has over {MAX_LINE_BYTES}: say it in several"
                );
                self.answer(&Event::error(ErrorCode::InvalidText, message));
            }
            Some(Input::Failed(reason)) => {
                let message = format!("no more can be typed ({reason}): start lanchat again");
                self.answer(&Event::error(ErrorCode::Other, message));
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Quit => self.leave_soon(),
            Command::Help => self.answer(&Event::Help { text: HELP.to_owned() }),
            Command::Join { room } => self.answer(&cannot_join(&room)),
            Command::Say { .. } | Command::Whisper { .. } | Command::Raw { .. } => {
                self.owed.lines += 1;
                self.session.execute(command);
            }
            Command::Peers | Command::Rename { .. } => self.session.execute(command),
        }
    }

    fn answer(&mut self, event: &Event) {
        self.screen.show(event, self.session.view());
    }

    fn leave_soon(&mut self) {
        self.leave_at.get_or_insert_with(|| Instant::now() + LEAVING);
    }
}

fn cannot_join(room: &str) -> Event {
    match RoomName::new(room) {
        Ok(room) => Event::error(
            ErrorCode::Unsupported,
            format!(
                "one lanchat is in one room: /quit and start it with --room {room}, or start a second one with \
                 --room {room} --profile NAME"
            ),
        ),
        Err(error) => Event::error(ErrorCode::InvalidName, error),
    }
}

/// How many lines may be on their way into the room at once
const MAX_OWED: usize = 64;

/// What was typed and has not come of age yet
#[derive(Debug, Default)]
struct Owed {
    lines: usize,
    whispers: BTreeSet<Uuid>,
}

impl Owed {
    fn is_paid(&self) -> bool {
        self.lines == 0 && self.whispers.is_empty()
    }

    fn on_event(&mut self, event: &Event) {
        match event {
            Event::Message { own: true, .. } | Event::Datagram(_) => self.pay(),
            Event::Whisper { own: true, id, .. } => {
                self.whispers.insert(*id);
                self.pay();
            }
            Event::Delivery { id, state: DeliveryState::Delivered | DeliveryState::Expired, .. } => {
                self.whispers.remove(id);
            }
            Event::Error { code, .. } if code.refuses_a_line() => self.pay(),
            Event::Guest(guest) if guest.relayed => self.lines += 1,
            Event::Error { .. }
            | Event::Ready { .. }
            | Event::Peer { .. }
            | Event::Message { .. }
            | Event::Whisper { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Peers { .. }
            | Event::Help { .. }
            | Event::Raw(_)
            | Event::Guest(_) => {}
        }
    }

    fn pay(&mut self) {
        self.lines = self.lines.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::CONTRACT;

    #[test]
    fn a_line_is_said_when_it_comes_back() {
        let mut owed = Owed { lines: 2, ..Owed::default() };
        owed.on_event(&event(4));
        assert_eq!(owed.lines, 2, "a line of somebody else");
        owed.on_event(&event(5));
        owed.on_event(&Event::error(ErrorCode::Network, "no route"));
        assert!(!owed.is_paid());
        owed.on_event(&Event::error(ErrorCode::InvalidText, "too long"));
        assert!(owed.is_paid());
    }

    #[test]
    fn a_whisper_is_done_when_it_is_delivered() {
        let mut owed = Owed { lines: 1, ..Owed::default() };
        owed.on_event(&event(7));
        assert!(!owed.is_paid());
        owed.on_event(&event(8));
        assert!(owed.is_paid());
    }

    #[test]
    fn another_room_is_explained() {
        let Event::Error { code, message } = cannot_join("attic") else { panic!("no error") };
        assert_eq!(code, ErrorCode::Unsupported);
        assert!(message.contains("--room attic"), "{message}");
        assert!(matches!(cannot_join("two words"), Event::Error { code: ErrorCode::InvalidName, .. }));
    }

    fn event(line: usize) -> Event {
        serde_json::from_str(CONTRACT[line]).unwrap()
    }
}
