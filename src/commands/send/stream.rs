//! `lanchat send -`: each line of standard input as a line or whisper of its own

use std::{
    collections::{BTreeSet, VecDeque},
    io,
};

use anyhow::Context;
use tokio::{sync::mpsc::Receiver, time::Instant};
use uuid::Uuid;

use super::{
    failure,
    sending::{Address, Sending, is_told_as},
};
use crate::{
    cli::{SendArgs, Wait},
    commands::stay::{Stay, Turn, sleep_until},
    event::{DeliveryState, ErrorCode, Event},
    exit::{ExitCode, Failure},
    house::Happening,
    lang::tell,
    sanitize::Unclean,
    session::Role,
    settings::{Format, Settings},
    ui::input::{Input, MAX_LINE_BYTES, read_lines},
};

/// How many lines may be on their way; what is piped in waits with the next one
const WINDOW: usize = 64;

pub(super) async fn run(settings: &Settings, args: SendArgs, deadline: Instant) -> anyhow::Result<ExitCode> {
    let mut finding = Sending::new(args.clone(), !settings.ephemeral, deadline)?;
    let mut stay = Stay::enter(settings, Role::Member, false).await?;
    let lines = read_lines(io::BufReader::new(io::stdin())).with_context(|| tell!("send-no-input"))?;
    let mut stream = Stream::new(args, lines);
    let outcome = stream.pour(&mut stay, &mut finding, settings.format).await;
    stay.leave().await?;
    outcome?;
    Ok(ExitCode::Done)
}

/// Lines on their way
struct Stream {
    args: SendArgs,
    lines: Receiver<Input>,
    is_over: bool,
    /// How many have been read, for saying which one is meant
    read: u64,
    /// Those that were handed over and have not come back
    unsaid: VecDeque<String>,
    whispers: BTreeSet<Uuid>,
    /// When something was said or read last, or arrived where it was to go
    moved: Instant,
    /// The first thing that went wrong; what follows is said all the same
    failure: Option<Failure>,
}

impl Stream {
    fn new(args: SendArgs, lines: Receiver<Input>) -> Self {
        Self {
            args,
            lines,
            is_over: false,
            read: 0,
            unsaid: VecDeque::new(),
            whispers: BTreeSet::new(),
            moved: Instant::now(),
            failure: None,
        }
    }

    async fn pour(&mut self, stay: &mut Stay, finding: &mut Sending, format: Format) -> Result<(), Failure> {
        let Some(first) = self.first(stay, finding, format).await? else { return self.outcome() };
        finding.begin(stay.session().room().is_private(), Instant::now());
        let address = find(stay, finding, format).await?;
        self.say(first, address, stay);
        while !(self.is_over && self.is_paid()) {
            let deadline = (!self.is_paid()).then(|| self.moved + self.args.timeout);
            let may_read = !self.is_over && self.unsaid.len() + self.whispers.len() < WINDOW;
            tokio::select! {
                input = self.lines.recv(), if may_read => {
                    if let Some(line) = self.on_input(input) {
                        self.say(line, address, stay);
                    }
                }
                turn = stay.next(None) => match turn {
                    Turn::Event(happening) => {
                        show(stay, &happening, format);
                        self.on_event(&happening.event);
                    }
                    Turn::Timeout => {}
                    Turn::Interrupted => return Err(finding.interrupted()),
                },
                () = sleep_until(deadline) => return Err(self.too_late()),
            }
        }
        self.outcome()
    }

    /// The first line to be said, if there is one; meanwhile others are found
    async fn first(
        &mut self,
        stay: &mut Stay,
        finding: &Sending,
        format: Format,
    ) -> Result<Option<String>, Failure> {
        while !self.is_over {
            tokio::select! {
                input = self.lines.recv() => {
                    if let Some(line) = self.on_input(input) {
                        return Ok(Some(line));
                    }
                }
                turn = stay.next(None) => match turn {
                    Turn::Event(happening) => show(stay, &happening, format),
                    Turn::Timeout => {}
                    Turn::Interrupted => return Err(finding.interrupted()),
                },
            }
        }
        Ok(None)
    }

    /// What is to be said of what came in
    fn on_input(&mut self, input: Option<Input>) -> Option<String> {
        let Some(input) = input else {
            self.is_over = true;
            return None;
        };
        self.read += 1;
        match input {
            Input::Line(text) => return Some(text).filter(|text| !text.trim().is_empty()),
            Input::TooLong => {
                let told = tell!("send-line-too-long", number = self.read, bytes = MAX_LINE_BYTES);
                self.fail(Failure::usage(told));
            }
            Input::Failed(reason) => self.fail(Failure::failed(tell!("send-unreadable", reason = reason))),
            // Only an editor asks for codes.
            Input::Join { .. } => {}
        }
        None
    }

    fn say(&mut self, line: String, address: Address, stay: &mut Stay) {
        let room = stay.house.current().to_string();
        stay.house.execute(&room, address.say(line.clone()));
        self.unsaid.push_back(line);
        self.moved = Instant::now();
    }

    fn on_event(&mut self, event: &Event) {
        if let Event::Error { code, message } = event {
            self.on_error(*code, message);
        } else if let Event::Message { own: true, past: false, text, .. } = event {
            self.on_said(text);
        } else if let Event::Whisper { own: true, past: false, id, text, .. } = event {
            if self.on_said(text) {
                self.whispers.insert(*id);
            }
        } else if let Event::Delivery { id, state, .. } = event {
            self.on_delivery(*id, *state);
        }
    }

    fn on_error(&mut self, code: ErrorCode, message: &str) {
        // It answers all that was said together.
        let answered = if code == ErrorCode::NotStored { self.unsaid.len() } else { 1 };
        if let Some(failure) = failure(code, message).filter(|_| !self.unsaid.is_empty()) {
            self.unsaid.drain(..answered);
            self.fail(failure);
        }
    }

    /// An own line came back; false if it is one of another window
    fn on_said(&mut self, told: &Unclean) -> bool {
        let Some(index) = self.unsaid.iter().position(|said| is_told_as(said, told)) else { return false };
        self.unsaid.remove(index);
        self.moved = Instant::now();
        true
    }

    fn on_delivery(&mut self, id: Uuid, state: DeliveryState) {
        let is_final = match (state, self.args.wait) {
            (DeliveryState::Delivered | DeliveryState::Expired, _) | (DeliveryState::Sent, Wait::Sent) => {
                true
            }
            (DeliveryState::Queued, _) | (DeliveryState::Sent, Wait::Delivered) => false,
        };
        if is_final && self.whispers.remove(&id) {
            self.moved = Instant::now();
            if state == DeliveryState::Expired {
                self.fail(Failure::nobody(tell!("send-expired")));
            }
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    fn outcome(&mut self) -> Result<(), Failure> {
        self.failure.take().map_or(Ok(()), Err)
    }

    fn is_paid(&self) -> bool {
        self.unsaid.is_empty() && self.whispers.is_empty()
    }

    fn too_late(&self) -> Failure {
        let (count, timeout) = (self.unsaid.len() + self.whispers.len(), format!("{:?}", self.args.timeout));
        Failure::nobody(tell!("send-lines-left", count = count, timeout = timeout))
    }
}

/// To whom it goes, once they are there
async fn find(stay: &mut Stay, finding: &mut Sending, format: Format) -> Result<Address, Failure> {
    loop {
        let (view, complete) = (stay.session().view(), stay.session().complete());
        if let Some(address) = finding.address(view, complete, Instant::now())? {
            return Ok(address);
        }
        match stay.next(Some(finding.wake_at())).await {
            Turn::Event(happening) => show(stay, &happening, format),
            Turn::Timeout if Instant::now() < finding.give_up_at() => {}
            Turn::Timeout => return Err(finding.too_late()),
            Turn::Interrupted => return Err(finding.interrupted()),
        }
    }
}

fn show(stay: &mut Stay, happening: &Happening, format: Format) {
    if format == Format::Json && !happening.event.is_past() {
        stay.show(happening);
    }
}
