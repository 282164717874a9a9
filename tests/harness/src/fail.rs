use std::fmt::Debug;

/// Takes the value out of a result or an option, or ends the test with a sentence
pub trait OrFail<T> {
    /// The value, or a panic that says `what` did not work
    fn or_fail(self, what: &str) -> T;
}

impl<T, E: Debug> OrFail<T> for Result<T, E> {
    #[track_caller]
    fn or_fail(self, what: &str) -> T {
        match self {
            Ok(value) => value,
            Err(error) => panic!("{what}: {error:?}"),
        }
    }
}

impl<T> OrFail<T> for Option<T> {
    #[track_caller]
    fn or_fail(self, what: &str) -> T {
        match self {
            Some(value) => value,
            None => panic!("{what}"),
        }
    }
}
