//! `lanchat raw`: plain text datagrams, without a room

use std::{
    io::{self, IsTerminal},
    net::{Ipv4Addr, SocketAddrV4},
    time::Duration,
};

use anyhow::Context;
use tokio::{sync::mpsc::Receiver, time::Instant};

use super::stay::{close, no_signals, no_thread, sleep_until};
use crate::{
    cli::{RawArgs, USUAL_PORT},
    event::{ErrorCode, Event},
    exit::{ExitCode, Failure},
    lang::tell,
    net::{OpenError, OpenRawError, RAW_BUFFER_BYTES, RawSettings, RawSocket},
    platform::signals::Shutdown,
    raw::{
        charset::Charset,
        encodings::{Encodings, MAX_DATAGRAM_BYTES, Outgoing},
        talk::{self, Action, Talk},
    },
    settings::{Format, Notify, Settings},
    ui::{
        Screen,
        input::{Input, MAX_LINE_BYTES},
    },
    view::View,
};

pub(crate) async fn run(settings: &Settings, args: RawArgs) -> anyhow::Result<ExitCode> {
    let shutdown = Shutdown::listen().with_context(no_signals)?;
    let usual_port = if args.text.is_empty() { USUAL_PORT } else { 0 };
    let bind = args.bind.unwrap_or_else(|| SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, usual_port));
    let socket = open(bind, settings)?;
    let choice = args.encoding.unwrap_or(settings.plain_udp.encoding);
    let encodings = Encodings::new(choice, Charset::legacy(|name| std::env::var(name).ok()));
    let talk = Talk::new(socket.local(), args.to, encodings, args.crlf);
    match args.to {
        Some(to) if !args.text.is_empty() => {
            let outgoing = talk.compose(to, &args.text.join(" "));
            let outgoing = outgoing.map_err(|error| Failure::usage(error.to_string()))?;
            send_once(settings.format, socket, outgoing, shutdown).await
        }
        Some(_) | None => {
            let (screen, lines) = open_screen(settings.format, args.listen_only).with_context(no_thread)?;
            let buffer = vec![0; RAW_BUFFER_BYTES].into_boxed_slice();
            let conversation =
                Conversation { socket, talk, screen, buffer, view: View::default(), sent: false };
            conversation.run(lines, shutdown).await
        }
    }
}

fn open(bind: SocketAddrV4, settings: &Settings) -> anyhow::Result<RawSocket> {
    let interfaces = settings.interfaces.clone();
    RawSocket::open(RawSettings { bind, interfaces, neighbours_only: false }).map_err(|error| match error {
        OpenRawError::Interfaces(OpenError::UnknownInterface { .. }) => {
            Failure::usage(error.to_string()).into()
        }
        OpenRawError::Taken { .. } | OpenRawError::Foreign { .. } | OpenRawError::Refused { .. } => {
            anyhow::anyhow!(tell!("raw-with-bind", error = %error))
        }
        OpenRawError::Interfaces(_) => error.into(),
    })
}

async fn send_once(
    format: Format,
    mut socket: RawSocket,
    outgoing: Outgoing,
    mut shutdown: Shutdown,
) -> anyhow::Result<ExitCode> {
    let mut screen = Screen::open(format).with_context(no_thread)?;
    socket.send(outgoing.to, &outgoing.bytes)?;
    let shown = (format == Format::Json).then_some(Event::Datagram(outgoing.shown));
    for event in shown.into_iter().chain(outgoing.notice) {
        screen.show(&event, &View::default());
    }
    close(screen, &mut shutdown).await?;
    Ok(ExitCode::Done)
}

fn open_screen(format: Format, listen_only: bool) -> io::Result<(Screen, Option<Receiver<Input>>)> {
    if listen_only {
        return Ok((Screen::open(format)?, None));
    }
    let (screen, lines) = Screen::open_with_input(format, Notify::OFF, Box::new(|_| None))?;
    Ok((screen, Some(lines)))
}

struct Conversation {
    socket: RawSocket,
    talk: Talk,
    screen: Screen,
    buffer: Box<[u8]>,
    /// Nobody is in it: plain datagrams have no peers
    view: View,
    /// Whether there is something to be answered
    sent: bool,
}

/// How long answers are waited for after the last of the lines that were piped in
const ANSWERS: Duration = Duration::from_secs(1);
/// How many datagrams are taken in before typed lines have their turn
const DATAGRAMS_PER_TURN: usize = 64;

impl Conversation {
    async fn run(
        mut self,
        lines: Option<Receiver<Input>>,
        mut shutdown: Shutdown,
    ) -> anyhow::Result<ExitCode> {
        self.show_status();
        self.talk(lines, &mut shutdown).await;
        close(self.screen, &mut shutdown).await?;
        Ok(ExitCode::Done)
    }

    async fn talk(&mut self, mut lines: Option<Receiver<Input>>, shutdown: &mut Shutdown) {
        let mut end = None;
        loop {
            tokio::select! {
                () = shutdown.requested() => return,
                _ = self.screen.failed() => return,
                () = sleep_until(end) => return,
                input = next_input(&mut lines) => match input {
                    Some(input) => if self.on_input(input).is_none() { return },
                    None if self.sent && !io::stdin().is_terminal() => {
                        lines = None;
                        end = Some(Instant::now() + ANSWERS);
                    }
                    None => return,
                },
                (len, from) = self.socket.receive(&mut self.buffer) => self.take_in(len, from),
            }
        }
    }

    /// Takes in a datagram and others that arrived with it
    fn take_in(&mut self, len: usize, from: SocketAddrV4) {
        self.on_datagram(len, from);
        for _ in 1..DATAGRAMS_PER_TURN {
            let Some((len, from)) = self.socket.try_receive(&mut self.buffer) else { return };
            self.on_datagram(len, from);
        }
    }

    fn on_datagram(&mut self, len: usize, from: SocketAddrV4) {
        let datagram = self.talk.handle_datagram(from, &self.buffer[..len]);
        self.show(&Event::Datagram(datagram));
    }

    /// Nothing when the talk is to end
    fn on_input(&mut self, input: Input) -> Option<()> {
        match input {
            Input::Line(line) => match self.talk.handle_line(&line) {
                Ok(None) => {}
                Ok(Some(Action::Quit)) => return None,
                Ok(Some(action)) => self.on_action(action),
                Err(error) => self.show(&Event::error(ErrorCode::InvalidCommand, error)),
            },
            // There are no rooms here.
            Input::Join { .. } => {}
            Input::TooLong => {
                let sentence = tell!("raw-line-long", bytes = MAX_LINE_BYTES, most = MAX_DATAGRAM_BYTES);
                self.show(&Event::error(ErrorCode::NotSent, sentence));
            }
            Input::Failed(reason) => {
                let sentence = tell!("input-failed", reason = reason);
                self.show(&Event::error(ErrorCode::Other, sentence));
            }
        }
        Some(())
    }

    fn on_action(&mut self, action: Action) {
        match action {
            Action::Send { to, text } => self.send(to, &text, |socket, bytes| {
                socket.send(to, bytes).map(|()| vec![to]).map_err(|error| error.to_string())
            }),
            Action::Broadcast { port, text } => {
                let everybody = SocketAddrV4::new(Ipv4Addr::BROADCAST, port);
                self.send(everybody, &text, |socket, bytes| {
                    socket.broadcast(port, bytes).map_err(|error| error.to_string())
                });
            }
            Action::Status => self.show_status(),
            Action::Help => self.show(&Event::Help { text: talk::help() }),
            Action::Quit => {}
        }
    }

    fn send(
        &mut self,
        to: SocketAddrV4,
        text: &str,
        send: impl FnOnce(&mut RawSocket, &[u8]) -> Result<Vec<SocketAddrV4>, String>,
    ) {
        let outgoing = self.talk.compose(to, text).map_err(|error| error.to_string());
        let sent = outgoing.and_then(|outgoing| Ok((send(&mut self.socket, &outgoing.bytes)?, outgoing)));
        match sent {
            Ok((reached, outgoing)) => self.show_sent(&reached, outgoing),
            Err(sentence) => self.show(&Event::error(ErrorCode::NotSent, sentence)),
        }
    }

    fn show_sent(&mut self, reached: &[SocketAddrV4], outgoing: Outgoing) {
        self.sent = true;
        let mut shown = outgoing.shown;
        for to in reached {
            shown.to = Some((*to).into());
            self.show(&Event::Datagram(shown.clone()));
        }
        if let Some(notice) = outgoing.notice {
            self.show(&notice);
        }
    }

    fn show_status(&mut self) {
        let status = self.talk.status();
        self.show(&Event::Raw(status));
    }

    fn show(&mut self, event: &Event) {
        self.screen.show(event, &self.view);
    }
}

/// The next typed line, nothing at their end; where none are read, neither comes
async fn next_input(lines: &mut Option<Receiver<Input>>) -> Option<Input> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}
