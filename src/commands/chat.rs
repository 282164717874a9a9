//! `lanchat`: everything in the room, and whatever is typed

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context;
use lanchat_protocol::{RoomName, Text};
use tokio::{sync::mpsc::Receiver, time::Instant};
use uuid::Uuid;

use super::{
    earlier::{Earlier, News},
    stay::{NO_SIGNALS, NO_THREAD, close, sleep_until},
};
use crate::{
    command::{Command, HELP},
    event::{DeliveryState, ErrorCode, Event},
    exit::ExitCode,
    platform::signals::Shutdown,
    profile::Profile,
    session::{Role, Session},
    settings::{Format, Settings},
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
    let kept = session.past(EARLIER_LINES);
    let mut chat = Chat::new(settings, session, screen, kept);
    chat.talk(lines, &mut shutdown).await;
    chat.tell_earlier(Earlier::tell);
    chat.session.leave().await;
    close(chat.screen, &mut shutdown).await?;
    Ok(ExitCode::Done)
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
    fn new(settings: &Settings, session: Session, screen: Screen, kept: Vec<Event>) -> Self {
        let now = Instant::now();
        let most = if screen.is_interactive() { EARLIER_ON_A_TERMINAL } else { EARLIER_LINES };
        Self {
            session,
            screen,
            owed: Owed::default(),
            kept,
            earlier: (settings.format == Format::Plain).then(|| Earlier::new(most, now)),
            keeps_history: !settings.ephemeral,
            settled_at: Some(now + SETTLING),
            leave_at: None,
        }
    }

    async fn talk(&mut self, mut lines: Receiver<Input>, shutdown: &mut Shutdown) {
        while self.leave_at.is_none() || !self.owed.is_paid() {
            let wants_input = self.wants_input();
            let earlier_due = self.earlier.as_ref().and_then(Earlier::due);
            tokio::select! {
                () = shutdown.requested() => return,
                _ = self.screen.failed() => return,
                () = sleep_until(self.leave_at) => return,
                () = sleep_until(self.settled_at) => self.on_settled(),
                () = sleep_until(earlier_due) => self.tell_earlier(Earlier::on_due),
                event = self.session.next() => self.on_event(event),
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
        self.tell_earlier(Earlier::on_due);
        if self.screen.is_interactive() && self.session.view().peers().is_empty() {
            self.screen.show_alone();
        }
    }

    fn on_event(&mut self, event: Event) {
        self.owed.on_event(&event);
        let is_ready = matches!(event, Event::Ready { .. });
        let at_once = match &mut self.earlier {
            Some(earlier) => earlier.on_event(event, Instant::now()),
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
                Some(earlier) => earlier.keep(line),
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
            Command::Peers
            | Command::Rename { .. }
            | Command::Verify { .. }
            | Command::Trust { .. }
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::Blocked => self.session.execute(command),
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
            Event::Message { own: true, past: false, .. } | Event::Datagram(_) => self.pay(),
            // It answers all that was said together.
            Event::Error { code: ErrorCode::NotStored, .. } => self.lines = 0,
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
            | Event::Contact(_)
            | Event::Verify(_)
            | Event::Warning(_)
            | Event::Blocked(_)
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
        owed.on_event(&event(18));
        assert_eq!(owed.lines, 2, "a line of somebody else, and an own one of yesterday");
        owed.on_event(&event(5));
        owed.on_event(&Event::error(ErrorCode::Network, "no route"));
        assert!(!owed.is_paid());
        owed.on_event(&Event::error(ErrorCode::InvalidText, "too long"));
        assert!(owed.is_paid());
    }

    #[test]
    fn what_cannot_be_stored_is_not_waited_for() {
        let mut owed = Owed { lines: 2, ..Owed::default() };
        owed.on_event(&Event::error(ErrorCode::NotKept, "of others"));
        assert_eq!(owed.lines, 2);
        owed.on_event(&Event::error(ErrorCode::NotStored, "make room"));
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
