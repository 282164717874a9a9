//! What the system does with this process and those that it starts

use tokio::process::{Child, Command};

/// Has the system leave no image of the memory, in which secret keys are, on the disk when the program crashes
#[cfg(unix)]
pub(crate) fn leave_no_core_dump() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let refused = getrlimit(Resource::RLIMIT_CORE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_CORE, 0, hard))
        .err();
    if let Some(error) = refused {
        tracing::warn!(%error, "a crash may leave an image of the memory on the disk");
    }
}

/// Has the system leave no image of the memory, in which secret keys are, on the disk when the program crashes
#[cfg(not(unix))]
pub(crate) fn leave_no_core_dump() {}

/// A command line for the shell of this system, the head of a [`Family`]
#[cfg(unix)]
pub(crate) fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]).process_group(0);
    command
}

/// A command line for the shell of this system, the head of a [`Family`]
#[cfg(windows)]
pub(crate) fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    // The shell takes off the outer quotes, and does not know the escapes of those within that other programs know.
    command.raw_arg(format!("/D /S /C \"{line}\""));
    command
}

/// A command line with all that it started, as far as the system can tell: ended together, unless released
#[derive(Debug)]
pub(crate) struct Family {
    #[cfg(unix)]
    group: Option<nix::unistd::Pid>,
}

impl Family {
    /// What this [`shell`] starts; the child itself has to be waited for or dropped later than this is
    #[cfg(unix)]
    pub(crate) fn of(child: &Child) -> Self {
        let group = child.id().and_then(|id| id.try_into().ok()).map(nix::unistd::Pid::from_raw);
        Self { group }
    }

    /// What this [`shell`] starts: here the child alone can be ended
    #[cfg(not(unix))]
    pub(crate) fn of(_child: &Child) -> Self {
        Self {}
    }

    /// Lets those live on that the command line has left behind by its end
    #[cfg(unix)]
    pub(crate) fn release(&mut self) {
        self.group = None;
    }

    /// Lets those live on that the command line has left behind by its end
    #[cfg(not(unix))]
    pub(crate) fn release(&mut self) {}
}

#[cfg(unix)]
impl Drop for Family {
    fn drop(&mut self) {
        use nix::sys::signal::{Signal, killpg};

        if let Some(Err(error)) = self.group.map(|group| killpg(group, Signal::SIGKILL)) {
            tracing::warn!(%error, "what a command line started may still run");
        }
    }
}
