//! How the program ends: the exit codes that scripts rely on

use thiserror::Error;

/// The exit code of the process
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// What was asked for is done
    Done = 0,
    /// It could not be done; standard error says why
    Failed = 1,
    /// The command line, a variable or the config file asks for something that cannot be
    Usage = 2,
    /// Nobody was there, or it was not delivered in time
    Nobody = 3,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// An end other than [`ExitCode::Done`], with the one sentence for standard error
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code to end with
    pub code: ExitCode,
    /// One sentence that says what to do; it may quote others and is cleaned where it is printed
    pub message: String,
}

impl Failure {
    /// A mistake in what was asked for
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: ExitCode::Usage, message: message.into() }
    }

    /// It could not be done
    pub fn failed(message: impl Into<String>) -> Self {
        Self { code: ExitCode::Failed, message: message.into() }
    }

    /// Nobody there, or not delivered in time
    pub fn nobody(message: impl Into<String>) -> Self {
        Self { code: ExitCode::Nobody, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_contract() {
        let codes = [ExitCode::Done, ExitCode::Failed, ExitCode::Usage, ExitCode::Nobody];
        assert_eq!(codes.map(|code| code as u8), [0, 1, 2, 3]);
    }
}
