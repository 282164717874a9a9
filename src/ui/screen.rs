//! What a command prints on: a format and the output behind it

use std::{
    io::{self, IsTerminal},
    time::Instant,
};

use jiff::tz::TimeZone;
use tokio::sync::mpsc::Receiver;

use crate::{
    command::{Command, CommandError},
    event::{ErrorCode, Event},
    house::Happening,
    lang::tell,
    platform::terminal::TerminalGuard,
    settings::{Format, Notify},
    ui::{
        input::{self, Input, Joined},
        json,
        notify::Notifier,
        output::{self, Output},
        plain::{self, Plain},
    },
    view::{Transcript, View},
};

/// Prints events in one format, on standard output or above the line that is being typed
#[derive(Debug)]
pub struct Screen {
    renderer: Renderer,
    output: Output,
    terminal: Option<TerminalGuard>,
    /// Calls whoever sits before it and looks elsewhere
    notifier: Option<Notifier>,
}

impl Screen {
    /// A screen that is only written to
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn open(format: Format) -> io::Result<Self> {
        let notice = match format {
            Format::Json => json_notice,
            Format::Plain => plain_notice,
        };
        let output = Output::start(output::stdout(), notice)?;
        Ok(Self { renderer: Renderer::new(format, false), output, terminal: None, notifier: None })
    }

    /// A screen and the lines typed on it, or piped in where it is no terminal
    ///
    /// Where somebody types, the code of a room is asked for after a line that leads to it, as `joined` tells.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn open_with_input(
        format: Format,
        notify: Notify,
        joined: Joined,
    ) -> io::Result<(Self, Receiver<Input>)> {
        if format == Format::Plain && io::stdin().is_terminal() && io::stdout().is_terminal() {
            let terminal = TerminalGuard::new();
            // A terminal that the editor cannot handle still has lines.
            if let Ok((lines, sink)) = input::edit_lines(joined) {
                let output = Output::start(sink, plain_notice)?;
                let renderer = Renderer::new(format, true);
                let notifier = Some(Notifier::new(notify, Instant::now()));
                return Ok((Self { renderer, output, terminal: Some(terminal), notifier }, lines));
            }
        }
        let lines = input::read_lines(io::BufReader::new(io::stdin()))?;
        Ok((Self::open(format)?, lines))
    }

    /// Whether somebody sits before it and types
    pub fn is_interactive(&self) -> bool {
        self.terminal.is_some()
    }

    /// Prints an event that the view has taken in already
    pub fn show(&mut self, event: &Event, view: &View) {
        self.output.print(&self.renderer.render(event, view));
    }

    /// Takes in a line of a room, or what was done about one, that is not shown now, for what is said about it later
    pub fn learn(&mut self, event: &Event, room: &str) {
        if let Renderer::Plain(plain) = &mut self.renderer {
            plain.learn(event, room);
        }
    }

    /// One is in another room of this name
    pub fn forget(&mut self, room: &str) {
        if let Renderer::Plain(plain) = &mut self.renderer {
            plain.forget(room);
        }
    }

    /// Prints what happened in a room whose view has taken it in; people see the room's name unless it is the current one
    pub fn show_in(&mut self, happening: &Happening, is_current: bool, view: &View) {
        let lines = match &mut self.renderer {
            Renderer::Json => json::line(happening),
            Renderer::Plain(plain) => {
                let lines = plain.render(&happening.event, view);
                if is_current || happening.event.is_for_the_program() {
                    lines
                } else {
                    plain::in_room(&lines, &happening.room)
                }
            }
        };
        let notifier = self.notifier.as_mut();
        let rings = notifier.is_some_and(|notifier| {
            notifier.on_event(&happening.room, &happening.event, view, Instant::now())
        });
        self.output.print(&(if rings { BELL.to_owned() + &lines } else { lines }));
    }

    /// Reads a line as it is sent to a screen of this format
    ///
    /// # Errors
    /// As [`Command::parse_scripted`] for JSON, else as [`Command::parse`].
    pub fn parse(&self, line: &str) -> Result<Option<Command>, CommandError> {
        match self.renderer {
            Renderer::Json => Command::parse_scripted(line),
            Renderer::Plain(_) => Command::parse(line),
        }
    }

    /// Somebody typed a line, and so looks at it
    pub fn on_typed(&mut self) {
        if let Some(notifier) = &mut self.notifier {
            notifier.on_key(Instant::now());
        }
    }

    /// Tells somebody who types that nobody else is here
    pub fn show_alone(&self) {
        if let Renderer::Plain(plain) = &self.renderer {
            self.output.print(&plain.alone());
        }
    }

    /// Shows somebody who made a private room its code
    pub fn show_new_room(&self, room: &str, code: &str) {
        if let Renderer::Plain(plain) = &self.renderer {
            self.output.print(&plain.new_room(room, code));
        }
    }

    /// Shows people the end of what was said before
    pub fn show_earlier(&self, transcript: &Transcript, is_current: bool, view: &View) {
        if let Renderer::Plain(plain) = &self.renderer {
            self.print_in(view.room(), is_current, &plain.earlier(transcript, view));
        }
    }

    /// Tells people how many earlier lines came that are not shown, and where they are if they are kept
    pub fn show_more_earlier(&self, count: u64, is_kept: bool, is_current: bool, view: &View) {
        if let Renderer::Plain(plain) = &self.renderer {
            self.print_in(view.room(), is_current, &plain.more_earlier(count, is_kept));
        }
    }

    fn print_in(&self, room: &str, is_current: bool, lines: &str) {
        if is_current {
            self.output.print(lines);
        } else {
            self.output.print(&plain::in_room(lines, room));
        }
    }

    /// Prints lines that are clean already
    pub fn print(&self, lines: &str) {
        self.output.print(lines);
    }

    /// Waits until writing has failed, forever if it never does; cancel-safe
    pub async fn failed(&mut self) -> io::ErrorKind {
        self.output.failed().await
    }

    /// Waits for what is left to be written, for as long as the reader takes
    ///
    /// # Errors
    /// When it could not be written. That the reader has gone away is none.
    pub async fn close(self) -> io::Result<()> {
        self.output.finish().await
    }
}

const BELL: &str = "\u{7}";

#[derive(Debug)]
enum Renderer {
    Json,
    Plain(Box<Plain>),
}

impl Renderer {
    fn new(format: Format, typed_here: bool) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Plain => Self::Plain(Box::new(Plain::new(TimeZone::system(), typed_here))),
        }
    }

    fn render(&mut self, event: &Event, view: &View) -> String {
        match self {
            Self::Json => json::line(event),
            Self::Plain(plain) => plain.render(event, view),
        }
    }
}

fn left_out(dropped: u64) -> Event {
    let message = tell!("output-slow", count = dropped);
    Event::error(ErrorCode::OutputTooSlow, message)
}

fn json_notice(dropped: u64) -> String {
    json::line(&left_out(dropped))
}

fn plain_notice(dropped: u64) -> String {
    Plain::new(TimeZone::UTC, false).render(&left_out(dropped), &View::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_told_in_the_format_of_the_rest() {
        assert_eq!(
            json_notice(7),
            "{\"event\":\"error\",\"code\":\"output_too_slow\",\
             \"message\":\"7 lines were left out because the output was not read in time\"}\n"
        );
        assert_eq!(plain_notice(7), "!! 7 lines were left out because the output was not read in time\n");
    }
}
