//! A command that is run for each line: a few at once, none for long

use std::{collections::VecDeque, process::Stdio, time::Duration};

use tokio::{io::AsyncWriteExt as _, process::Command, task::JoinSet};
use tracing::warn;

use crate::platform::process::{Family, shell};

/// Runs a command for each line, with the event as JSON on its standard input
///
/// Text of others is on no command line, so that no shell takes it for a command.
#[derive(Debug)]
pub(super) struct Exec {
    command: String,
    running: JoinSet<()>,
    waiting: VecDeque<String>,
    skipped: u64,
}

impl Exec {
    /// How many run at once
    const AT_ONCE: usize = 4;
    /// How many wait for their turn; what comes then is skipped
    const WAITING: usize = 1_024;
    /// How long one may take before it is ended
    const TIME: Duration = Duration::from_secs(30);

    pub(super) fn new(command: String) -> Self {
        Self { command, running: JoinSet::new(), waiting: VecDeque::new(), skipped: 0 }
    }

    /// Runs it for this event, now or when it is its turn
    pub(super) fn on_event(&mut self, json: String) {
        if self.waiting.len() < Self::WAITING {
            self.waiting.push_back(json);
            self.go_on();
        } else {
            self.skipped += 1;
        }
    }

    /// Waits until one has ended, and lets the next have its turn; for ever while none runs
    pub(super) async fn ended(&mut self) {
        if self.running.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
        self.go_on();
    }

    /// Whether any runs or waits for its turn
    pub(super) fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    /// Ends those that run; for how many events none was run
    pub(super) fn end(self) -> u64 {
        self.skipped + u64::try_from(self.waiting.len()).unwrap_or(u64::MAX)
    }

    fn go_on(&mut self) {
        while self.running.len() < Self::AT_ONCE
            && let Some(json) = self.waiting.pop_front()
        {
            self.running.spawn(run(shell(&self.command), json));
        }
    }
}

async fn run(mut command: Command, json: String) {
    let child = command.stdin(Stdio::piped()).kill_on_drop(true).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return warn!(%error, "the command cannot be started"),
    };
    let mut family = Family::of(&child);
    let stdin = child.stdin.take();
    let fed_and_over = async {
        if let Some(mut stdin) = stdin {
            // Whoever does not read it does not want it.
            let _ = stdin.write_all(json.as_bytes()).await;
        }
        child.wait().await
    };
    let outcome = tokio::time::timeout(Exec::TIME, fed_and_over).await;
    if outcome.is_ok() {
        family.release();
    }
    match outcome {
        Ok(Ok(status)) if !status.success() => warn!(%status, "the command failed"),
        Ok(Ok(_)) => {}
        Ok(Err(error)) => warn!(%error, "the command cannot be waited for"),
        Err(_) => warn!("the command took too long and was ended"),
    }
}
