use serde::Serialize;

use crate::event::Event;

/// An event, and the room that it is about or, where it answers something that was typed, in which that was
///
/// As JSON it is the event with the room among its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The room's name
    pub room: String,
    /// What happened
    pub event: Event,
}

#[derive(Serialize)]
struct Tagged<'a> {
    #[serde(flatten)]
    event: &'a Event,
    room: &'a str,
}

impl Serialize for Happening {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.event.names_its_room() {
            return self.event.serialize(serializer);
        }
        Tagged { event: &self.event, room: &self.room }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::tests::CONTRACT, ui::json};

    #[test]
    fn every_event_has_its_room_once_and_is_the_same_event_without() {
        for line in CONTRACT {
            let event: Event = serde_json::from_str(line).unwrap();
            let json = json::line(&Happening { room: "lobby".to_owned(), event: event.clone() });
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert!(value["room"].is_string(), "{json}");
            assert_eq!(json.matches(r#""room":"#).count(), 1, "{json}");
            assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
        }
    }
}
