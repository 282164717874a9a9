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

        let modes = tcgetattr(std::io::stdin()).ok();
        if let Some(mut hidden) = modes.clone() {
            hidden.local_flags.remove(LocalFlags::ECHO);
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSADRAIN, &hidden);
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
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSADRAIN, modes);
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
