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
