use serde_json::Value;

/// What an event is compared with: a JSON value that it must contain, or a closure
pub trait Pattern {
    /// Whether `event` is what the test waits for
    fn matches(&self, event: &Value) -> bool;

    /// The pattern in words, for the message of a failed test
    fn describe(&self) -> String;
}

/// Every field that the pattern has is in the event, with an equal value; the event may have more
impl Pattern for Value {
    fn matches(&self, event: &Value) -> bool {
        match (self, event) {
            (Self::Object(wanted), Self::Object(fields)) => {
                wanted.iter().all(|(name, value)| fields.get(name).is_some_and(|field| value.matches(field)))
            }
            _ => self == event,
        }
    }

    fn describe(&self) -> String {
        self.to_string()
    }
}

impl Pattern for &Value {
    fn matches(&self, event: &Value) -> bool {
        (*self).matches(event)
    }

    fn describe(&self) -> String {
        (*self).describe()
    }
}

impl<F: Fn(&Value) -> bool> Pattern for F {
    fn matches(&self, event: &Value) -> bool {
        self(event)
    }

    fn describe(&self) -> String {
        "what the test's closure accepts".to_owned()
    }
}
