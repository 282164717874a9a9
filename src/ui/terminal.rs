//! The terminal of the full-screen interface: keys come from one thread, drawings go to another

use std::{cell::RefCell, io, rc::Rc, thread};

use ratatui::{
    Frame, Terminal, TerminalOptions, Viewport,
    backend::CrosstermBackend,
    crossterm::{self, event::Event as Reported},
    layout::Rect,
};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::{
    platform::terminal::{ENTER_SCREEN, FullScreen, LEAVE_SCREEN, screen},
    ui::{output::Output, tui::Key},
};

/// Something that whoever sits at the terminal did
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Pressed a key
    Key(Key),
    /// Pasted a text
    Paste(String),
    /// Changed the size of the window, to so many columns and rows
    Resize(u16, u16),
    /// Brought the window to the front, or turned to another one
    Focus(bool),
}

/// A terminal that is drawn on
#[derive(Debug)]
pub struct Canvas {
    terminal: Terminal<CrosstermBackend<Drawing>>,
    drawing: Drawing,
    output: Output,
    guard: FullScreen,
}

/// What is drawn, until it is handed over to be written
#[derive(Clone, Debug, Default)]
struct Drawing(Rc<RefCell<Vec<u8>>>);

/// How many keys may wait; the reader waits with the next one
const QUEUE_KEYS: usize = 256;

impl Canvas {
    /// Takes the whole screen, with what is done on the terminal
    ///
    /// # Errors
    /// When it is no terminal that can be drawn on, or no thread can be started
    pub fn open() -> io::Result<(Self, Receiver<Done>)> {
        let (width, height) = crossterm::terminal::size()?;
        let drawing = Drawing::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
        let backend = CrosstermBackend::new(drawing.clone());
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport })?;
        let output = Output::start(Box::new(screen()), |_| String::new())?;
        let guard = FullScreen::enter()?;
        output.print(ENTER_SCREEN);
        let (sender, done) = mpsc::channel(QUEUE_KEYS);
        thread::Builder::new().name("keys".to_owned()).spawn(move || read(&sender))?;
        Ok((Self { terminal, drawing, output, guard }, done))
    }

    /// Columns and rows
    pub fn size(&mut self) -> (u16, u16) {
        let area = self.terminal.get_frame().area();
        (area.width, area.height)
    }

    /// Draws, and hands over what has changed; nothing waits for it
    ///
    /// To be called when [`drawn`](Self::drawn) says that the last one is on the terminal.
    ///
    /// # Errors
    /// Never, since it draws in memory
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw)?;
        self.hand_over();
        Ok(())
    }

    /// Waits until the terminal has taken what was drawn last; cancel-safe
    pub async fn drawn(&self) {
        self.output.written().await;
    }

    /// The window has another size
    ///
    /// # Errors
    /// Never, since it draws in memory
    pub fn resize(&mut self, width: u16, height: u16) -> io::Result<()> {
        self.terminal.resize(Rect::new(0, 0, width, height))
    }

    /// Draws all of it the next time, as after something else was on the screen
    ///
    /// # Errors
    /// Never, since it draws in memory
    pub fn forget(&mut self) -> io::Result<()> {
        let area = self.terminal.get_frame().area();
        // To clear it would ask the terminal where its cursor is.
        self.terminal.resize(area)
    }

    /// Rings the bell
    pub fn ring(&self) {
        self.output.print("\x07");
    }

    /// Waits until writing has failed, forever if it never does; cancel-safe
    pub async fn failed(&self) -> io::ErrorKind {
        self.output.failed().await
    }

    /// Gives the terminal back for a while
    pub async fn pause(&mut self) {
        self.output.print(LEAVE_SCREEN);
        self.output.written().await;
        FullScreen::pause();
    }

    /// Takes it again, with the size that it has now
    ///
    /// # Errors
    /// When it is no terminal any more
    pub fn resume(&mut self) -> io::Result<(u16, u16)> {
        FullScreen::resume()?;
        let (width, height) = crossterm::terminal::size()?;
        self.resize(width, height)?;
        self.output.print(ENTER_SCREEN);
        self.forget()?;
        Ok((width, height))
    }

    /// Gives it back for good, with what is to be read afterwards
    ///
    /// # Errors
    /// When it could not be written. That the terminal has gone away is none.
    pub async fn close(self) -> io::Result<()> {
        let Self { output, guard, .. } = self;
        output.print(LEAVE_SCREEN);
        let written = output.finish().await;
        if written.is_ok() {
            FullScreen::pause();
        }
        drop(guard);
        written
    }

    fn hand_over(&self) {
        let drawn = std::mem::take(&mut *self.drawing.0.borrow_mut());
        self.output.print(&String::from_utf8_lossy(&drawn));
    }
}

impl io::Write for Drawing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads until there is no terminal any more, or nobody wants to know
fn read(done: &Sender<Done>) {
    while let Ok(reported) = crossterm::event::read() {
        let what = match reported {
            Reported::Key(key) => Key::read(key).map(Done::Key),
            Reported::Paste(text) => Some(Done::Paste(text)),
            Reported::Resize(width, height) => Some(Done::Resize(width, height)),
            Reported::FocusGained => Some(Done::Focus(true)),
            Reported::FocusLost => Some(Done::Focus(false)),
            Reported::Mouse(_) => None,
        };
        if what.is_some_and(|what| done.blocking_send(what).is_err()) {
            return;
        }
    }
}
