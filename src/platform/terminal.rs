//! Giving the terminal back as it was found

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
            modes: nix::sys::termios::tcgetattr(std::io::stdin()).ok(),
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
        use std::io::{self, IsTerminal, Write};

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
