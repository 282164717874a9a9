use std::fmt;
use std::process::ExitStatus;

use serde_json::Value;

use crate::{OrFail, Pattern};

/// What is left of a program that has ended
pub struct Ended {
    /// How it ended
    pub status: ExitStatus,
    /// All that it printed, line by line
    pub stdout: String,
    /// All that it said on stderr
    pub stderr: String,
    /// The JSON objects that it printed
    pub events: Vec<Value>,
}

impl Ended {
    /// Fails unless the exit code is `code`
    #[track_caller]
    pub fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.status.code(), Some(code), "exit code; it ended like this: {self:?}");
        self
    }

    /// Fails unless stderr is exactly one sentence on one line that mentions every one of `parts`
    #[track_caller]
    pub fn assert_one_sentence(&self, parts: &[&str]) -> &Self {
        assert_eq!(self.stderr.lines().count(), 1, "one line on stderr; it ended like this: {self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in: {}", self.stderr);
        }
        self
    }

    /// The first event that matches
    #[track_caller]
    pub fn event(&self, pattern: impl Pattern) -> &Value {
        let found = self.events.iter().find(|event| pattern.matches(event));
        found.or_fail(&format!("no event like {} in {self:?}", pattern.describe()))
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n--- it printed:\n{}--- and on stderr:\n{}", self.status, self.stdout, self.stderr)
    }
}
