//! Lines that somebody types or pipes in, read by a thread of its own

use std::{
    io::{self, BufRead, Read},
    thread,
};

use lanchat_protocol::{RoomCode, RoomName};
use rustyline::{ExternalPrinter, error::ReadlineError};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::{
    command::Command,
    lang::Told as _,
    ui::{
        output::{self, Sink},
        secret::{self, Answer, LineEditor},
    },
};

/// Something that came in
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line without its line break; what was not UTF-8 has been replaced
    Line(String),
    /// A line that leads to a room, and the code that was typed unseen; none for an open room, or a remembered code
    Join {
        /// The room
        room: RoomName,
        /// Its code
        code: Option<RoomCode>,
    },
    /// A line over [`MAX_LINE_BYTES`], which was skipped
    TooLong,
    /// Reading failed; the end follows
    Failed(String),
}

/// Which room a line leads to, if that may take a code
pub type Joined = Box<dyn Fn(&str) -> Option<RoomName> + Send>;

/// The longest line that is read, in bytes: the longest plain datagram, of characters that UTF-8 takes more bytes for
pub const MAX_LINE_BYTES: usize = 128 << 10;

/// Reads lines until the end, then closes the channel
///
/// # Errors
/// When no thread can be started.
pub fn read_lines(mut source: impl BufRead + Send + 'static) -> io::Result<Receiver<Input>> {
    start(move |lines| {
        let outcome = forward_lines(&mut source, lines);
        report(outcome, lines);
    })
}

/// Reads lines with an editor on the terminal until Ctrl-C or Ctrl-D, then closes the channel
///
/// What goes to the sink appears above the line that is being typed. After a line that leads to a room, as `joined` tells,
/// the room's code is asked for.
///
/// # Errors
/// When standard input and output are not a terminal that the editor can use.
pub fn edit_lines(joined: Joined) -> io::Result<(Receiver<Input>, Sink)> {
    let mut editor = secret::editor()?;
    let mut printer = editor.create_external_printer().map_err(io::Error::other)?;
    let lines = start(move |lines| report(forward_edited(&mut editor, &joined, lines), lines))?;
    let mut stdout = output::stdout();
    // Once the editor has ended, it prints nothing any more.
    let sink: Sink = Box::new(move |lines| printer.print(lines.to_owned()).or_else(|_| stdout(lines)));
    Ok((lines, sink))
}

/// How many lines may wait; the reader waits with the next one
const QUEUE_LINES: usize = 64;

fn start(read: impl FnOnce(&Sender<Input>) + Send + 'static) -> io::Result<Receiver<Input>> {
    let (sender, receiver) = mpsc::channel(QUEUE_LINES);
    thread::Builder::new().name("input".to_owned()).spawn(move || read(&sender))?;
    Ok(receiver)
}

fn report(outcome: io::Result<()>, lines: &Sender<Input>) {
    if let Err(error) = outcome {
        // Nobody listens any more when this fails.
        let _ = lines.blocking_send(Input::Failed(error.told()));
    }
}

fn forward_lines(source: &mut impl BufRead, lines: &Sender<Input>) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = MAX_LINE_BYTES as u64 + 1;
        if source.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let input = if line.len() > MAX_LINE_BYTES && line.last() != Some(&b'\n') {
            source.skip_until(b'\n')?;
            Input::TooLong
        } else {
            let text = String::from_utf8_lossy(&line);
            Input::Line(text.trim_end_matches(['\r', '\n']).to_owned())
        };
        if lines.blocking_send(input).is_err() {
            return Ok(());
        }
    }
}

fn forward_edited(editor: &mut LineEditor, joined: &Joined, lines: &Sender<Input>) -> io::Result<()> {
    loop {
        let line = match editor.readline("> ") {
            // Of what is pasted, the end may be there twice.
            Ok(line) => line.trim_end_matches(['\r', '\n']).to_owned(),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(()),
            // The window changed its size.
            Err(ReadlineError::Signal(_)) => continue,
            Err(error) => return Err(io::Error::other(error)),
        };
        let _ = editor.add_history_entry(line.as_str());
        // What is typed ahead is for whoever has the terminal next.
        let is_last = Command::parse(&line) == Ok(Some(Command::Quit));
        let input = match joined(&line) {
            Some(room) => with_code(editor, room)?,
            None => Some(Input::Line(line)),
        };
        let is_heard = input.is_none_or(|input| lines.blocking_send(input).is_ok());
        if !is_heard || is_last {
            return Ok(());
        }
    }
}

/// Asks for the code of a room; nothing when that is cancelled
fn with_code(editor: &mut LineEditor, room: RoomName) -> io::Result<Option<Input>> {
    Ok(match secret::ask_whether_private(editor, &room)? {
        Answer::Code(code) => Some(Input::Join { room, code: Some(code) }),
        Answer::Nothing => Some(Input::Join { room, code: None }),
        Answer::Cancelled => None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn lines_come_in_order_and_the_last_needs_no_break() {
        assert_eq!(all(b"one\r\n\ntwo"), [line("one"), line(""), line("two")]);
        assert_eq!(all(b""), []);
    }

    #[test]
    fn what_is_not_utf8_is_replaced() {
        assert_eq!(all(b"a\xff\xfeb\n"), [line("a\u{FFFD}\u{FFFD}b")]);
    }

    #[test]
    fn an_overlong_line_is_skipped_and_the_next_one_read() {
        let just_fits = "x".repeat(MAX_LINE_BYTES);
        let text = format!("{}\n{just_fits}\nshort\n", "y".repeat(3 * MAX_LINE_BYTES));
        assert_eq!(all(text.as_bytes()), [Input::TooLong, line(&just_fits), line("short")]);
    }

    #[test]
    fn a_source_that_fails_says_so_before_the_end() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("torn"))
            }
        }
        let mut lines = read_lines(io::BufReader::new(Broken)).unwrap();
        assert_eq!(lines.blocking_recv(), Some(Input::Failed("torn".to_owned())));
        assert_eq!(lines.blocking_recv(), None);
    }

    fn all(bytes: &[u8]) -> Vec<Input> {
        let mut lines = read_lines(Cursor::new(bytes.to_vec())).unwrap();
        std::iter::from_fn(|| lines.blocking_recv()).collect()
    }

    fn line(text: &str) -> Input {
        Input::Line(text.to_owned())
    }
}
