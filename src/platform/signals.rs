//! Being asked to end: Ctrl-C, and on Unix also SIGTERM and SIGHUP

use std::io;

/// Hears the request to end; from the first one on the process no longer dies of these signals
#[derive(Debug)]
pub(crate) struct Shutdown {
    was_requested: bool,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

impl Shutdown {
    /// Starts to listen; inside a runtime
    ///
    /// # Errors
    /// When the system does not allow it.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self { was_requested: false, signals: [interrupt?, terminate?, hangup?] })
    }

    /// Starts to listen; inside a runtime
    ///
    /// # Errors
    /// When the system does not allow it.
    #[cfg(windows)]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { was_requested: false, ctrl_c: tokio::signal::windows::ctrl_c()? })
    }

    /// Waits for the request to end, which holds from then on; cancel-safe
    pub(crate) async fn requested(&mut self) {
        if !self.was_requested {
            self.heard().await;
            self.was_requested = true;
        }
    }

    #[cfg(unix)]
    async fn heard(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    #[cfg(windows)]
    async fn heard(&mut self) {
        self.ctrl_c.recv().await;
    }
}

/// Hears requests to stop for a while, and that the program goes on after any stop
#[derive(Debug)]
pub(crate) struct Pauses {
    #[cfg(unix)]
    stop: tokio::signal::unix::Signal,
    #[cfg(unix)]
    go_on: tokio::signal::unix::Signal,
}

/// What was heard
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "programs are not stopped there"))]
pub(crate) enum Pause {
    /// Stop, with [`stop_group`]
    Stop,
    /// The program was stopped, and is not any more
    GoOn,
}

impl Pauses {
    /// Starts to listen; inside a runtime
    ///
    /// # Errors
    /// When the system does not allow it.
    pub(crate) fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use nix::sys::signal::Signal::{SIGCONT, SIGTSTP};
            use tokio::signal::unix::{SignalKind, signal};

            let heard = |kind| signal(SignalKind::from_raw(kind as i32));
            Ok(Self { stop: heard(SIGTSTP)?, go_on: heard(SIGCONT)? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for either; cancel-safe
    pub(crate) async fn heard(&mut self) -> Pause {
        #[cfg(unix)]
        tokio::select! {
            _ = self.stop.recv() => Pause::Stop,
            _ = self.go_on.recv() => Pause::GoOn,
        }
        #[cfg(not(unix))]
        std::future::pending().await
    }
}

/// Whether somebody could go on with this program if it stopped: a shell that started it
pub(crate) fn can_stop() -> bool {
    #[cfg(unix)]
    {
        use nix::unistd::{getppid, getsid};

        matches!((getsid(None), getsid(Some(getppid()))), (Ok(own), Ok(parents)) if own == parents)
    }
    #[cfg(not(unix))]
    false
}

/// Stops the program and what it was started together with, as Ctrl-Z does; returns when it goes on
pub(crate) fn stop_group() {
    #[cfg(unix)]
    {
        use nix::{
            sys::signal::{Signal::SIGSTOP, kill},
            unistd::Pid,
        };

        // It cannot be refused to the own group.
        let _ = kill(Pid::from_raw(0), SIGSTOP);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::{Command, id};

    use super::*;

    #[tokio::test]
    async fn each_of_the_signals_is_heard_and_not_forgotten() {
        for signal in ["-INT", "-TERM", "-HUP"] {
            let mut shutdown = Shutdown::listen().unwrap();
            assert!(Command::new("kill").args([signal, &id().to_string()]).status().unwrap().success());
            shutdown.requested().await;
            shutdown.requested().await;
        }
    }
}
