//! What the system does with this process

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

/// A command line for the shell of this system
pub(crate) fn shell(line: &str) -> tokio::process::Command {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = tokio::process::Command::new(shell);
    command.args([option, line]);
    command
}
