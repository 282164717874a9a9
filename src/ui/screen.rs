//! What a command prints on: a format and the output behind it

use std::io::{self, IsTerminal};

use jiff::tz::TimeZone;
use tokio::sync::mpsc::Receiver;

use crate::{
    event::{ErrorCode, Event},
    lang::tell,
    platform::terminal::TerminalGuard,
    settings::Format,
    ui::{
        input::{self, Input, Joined},
        json,
        output::{self, Output},
        plain::Plain,
    },
    view::{Transcript, View},
};

/// Prints events in one format, on standard output or above the line that is being typed
#[derive(Debug)]
pub struct Screen {
    renderer: Renderer,
    output: Output,
    terminal: Option<TerminalGuard>,
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
        Ok(Self { renderer: Renderer::new(format, false), output, terminal: None })
    }

    /// A screen and the lines typed on it, or piped in where it is no terminal
    ///
    /// Where somebody types, the code of a room is asked for after a line that leads to it, as `joined` tells.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn open_with_input(format: Format, joined: Joined) -> io::Result<(Self, Receiver<Input>)> {
        if format == Format::Plain && io::stdin().is_terminal() && io::stdout().is_terminal() {
            let terminal = TerminalGuard::new();
            // A terminal that the editor cannot handle still has lines.
            if let Ok((lines, sink)) = input::edit_lines(joined) {
                let output = Output::start(sink, plain_notice)?;
                let renderer = Renderer::new(format, true);
                return Ok((Self { renderer, output, terminal: Some(terminal) }, lines));
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

    /// Takes in a line, or what was done about one, that is not shown now, for what is said about it later
    pub fn learn(&mut self, event: &Event) {
        if let Renderer::Plain(plain) = &mut self.renderer {
            plain.learn(event);
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
    pub fn show_earlier(&self, transcript: &Transcript, view: &View) {
        if let Renderer::Plain(plain) = &self.renderer {
            self.output.print(&plain.earlier(transcript, view));
        }
    }

    /// Tells people how many earlier lines came that are not shown, and where they are if they are kept
    pub fn show_more_earlier(&self, count: u64, is_kept: bool) {
        if let Renderer::Plain(plain) = &self.renderer {
            self.output.print(&plain.more_earlier(count, is_kept));
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
