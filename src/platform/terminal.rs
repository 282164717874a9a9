//! Giving the terminal back as it was found

use std::{
    io::{self, Write},
    panic,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use ratatui::crossterm;

/// Remembers the modes of the terminal and sets them again when dropped
///
/// The line editor does this only when it ends by itself, not when a signal ends the program.
#[derive(Debug)]
pub(crate) struct TerminalGuard {
    #[cfg(unix)]
    modes: Option<nix::sys::termios::Termios>,
}

impl TerminalGuard {
    /// Remembers the modes of the terminal on standard input, if it is one
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(unix)]
            modes: nix::sys::termios::tcgetattr(io::stdin()).ok(),
        }
    }
}

/// The whole screen of the terminal is in use, and keys come one by one, until this is dropped or the program panics
#[derive(Debug)]
pub(crate) struct FullScreen {
    _whole: (),
}

/// Whether the terminal is to be given back
static IS_FULL: AtomicBool = AtomicBool::new(false);

/// The other screen, pasted text in marks, word of when the window is in front, and nothing on it; the wheel is no ↑↓,
/// which would replace what is typed
pub(crate) const ENTER_SCREEN: &str = "\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?1007s\x1b[?1007l\x1b[2J\x1b[H";
/// All of that taken back, with a cursor that can be seen; terminals that remember nothing usually have the wheel as ↑↓
pub(crate) const LEAVE_SCREEN: &str =
    "\x1b[0m\x1b[?1007h\x1b[?1007r\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l";

impl FullScreen {
    /// Takes keys one by one from here on; [`ENTER_SCREEN`] is to be written then
    ///
    /// # Errors
    /// When standard input is no terminal that can do so
    pub(crate) fn enter() -> io::Result<Self> {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            // What other threads die of does not end the program.
            if thread::current().name() == Some("main") {
                give_back();
            }
            before(panic);
        }));
        Self::resume()?;
        Ok(Self { _whole: () })
    }

    /// The same again, after [`pause`](Self::pause) or when the shell may have changed the modes
    ///
    /// # Errors
    /// As for [`enter`](Self::enter)
    pub(crate) fn resume() -> io::Result<()> {
        // The library remembers what it found, which must not be what it set itself.
        let _ = crossterm::terminal::disable_raw_mode();
        crossterm::terminal::enable_raw_mode()?;
        IS_FULL.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Gives the modes back; [`LEAVE_SCREEN`] has been written
    pub(crate) fn pause() {
        IS_FULL.store(false, Ordering::SeqCst);
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// Where what is drawn goes: standard output, while the screen is in use
///
/// What still waits to be written when the terminal is given back would take it again.
pub(crate) fn screen() -> impl FnMut(&str) -> io::Result<()> + Send {
    |drawn| {
        let mut stdout = io::stdout().lock();
        // Looked at with the lock, under which it is given back.
        if IS_FULL.load(Ordering::SeqCst) {
            stdout.write_all(drawn.as_bytes())?;
        }
        stdout.flush()
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives all back, unless that was done
fn give_back() {
    if !IS_FULL.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = crossterm::terminal::disable_raw_mode();
    let (done, is_done) = mpsc::channel();
    let write = move || {
        let mut stdout = io::stdout().lock();
        // There is nobody left to tell if this fails.
        let _ = stdout.write_all(LEAVE_SCREEN.as_bytes()).and_then(|()| stdout.flush());
        let _ = done.send(());
    };
    // A terminal that takes nothing must not keep the program from ending.
    if thread::Builder::new().spawn(write).is_ok() {
        let _ = is_done.recv_timeout(PATIENCE);
    }
}

const PATIENCE: Duration = Duration::from_secs(1);

/// What is typed is not repeated by the terminal until this is dropped
///
/// The line editor sees to that itself while it edits; where it cannot edit, or not yet, the terminal would show it.
#[derive(Debug)]
pub(crate) struct HiddenTyping {
    #[cfg(unix)]
    modes: Option<nix::sys::termios::Termios>,
}

impl HiddenTyping {
    #[cfg(unix)]
    pub(crate) fn start() -> Self {
        use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};

        let modes = tcgetattr(io::stdin()).ok();
        if let Some(mut hidden) = modes.clone() {
            hidden.local_flags.remove(LocalFlags::ECHO);
            let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &hidden);
        }
        Self { modes }
    }

    #[cfg(not(unix))]
    pub(crate) fn start() -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for HiddenTyping {
    fn drop(&mut self) {
        use nix::sys::termios::{SetArg, tcsetattr};

        if let Some(modes) = &self.modes {
            // There is nobody to tell if this fails.
            let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, modes);
        }
    }
}

impl Default for TerminalGuard {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(unix)]
impl Drop for TerminalGuard {
    fn drop(&mut self) {
        use std::io::IsTerminal;

        use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};

        let Some(modes) = &self.modes else { return };
        if tcgetattr(io::stdin()).is_ok_and(|current| current == *modes) {
            return;
        }
        // There is nobody left to tell if this fails.
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, modes);
        if io::stdout().is_terminal() {
            let _ = io::stdout().write_all(LEAVE_EDITOR).and_then(|()| io::stdout().flush());
        }
    }
}

/// No more bracketed paste, and a fresh line for the shell
#[cfg(unix)]
const LEAVE_EDITOR: &[u8] = b"\x1b[?2004l\n";
