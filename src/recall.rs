//! What was said before, as the events that it was

use jiff::Timestamp;
use lanchat_protocol::{PeerId, WallTime};
use serde::Serialize;

use crate::{
    event::{Author, DeliveryState, Event},
    store::{Fate, Kind, Person, Said},
    view::digits,
};

/// The event that told of something, and what has become of it since; its serde form is the event's with one field more
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recalled {
    /// The event
    #[serde(flatten)]
    pub event: Event,
    /// How far an own whisper has come; nothing of anything else
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DeliveryState>,
}

/// What was said in this room and what has become of it
pub fn recall(said: Said, room: &str) -> Recalled {
    let state = match said.kind {
        Kind::Whispered { fate: Fate::Waiting, .. } => Some(DeliveryState::Queued),
        Kind::Whispered { fate: Fate::Delivered, .. } => Some(DeliveryState::Delivered),
        Kind::Whispered { fate: Fate::Expired, .. } => Some(DeliveryState::Expired),
        Kind::Line { .. } | Kind::Heard => None,
    };
    Recalled { event: event(said, room), state }
}

/// The event that told of it in this room
pub fn event(said: Said, room: &str) -> Event {
    let Said { id, author, own, kind, text, sent_at } = said;
    let (id, from, sent_at) = (id.as_uuid(), person(author), timestamp(sent_at));
    match kind {
        Kind::Line { order } => Event::Message {
            room: room.to_owned(),
            id,
            from,
            text,
            sent_at,
            own,
            order: order.into(),
            late: false,
            past: true,
        },
        Kind::Heard => Event::Whisper { id, from, to: None, text, sent_at, own: false, past: true },
        Kind::Whispered { to, .. } => {
            Event::Whisper { id, from, to: Some(to.id.as_uuid()), text, sent_at, own: true, past: true }
        }
    }
}

fn person(person: Person) -> Author {
    let id: PeerId = person.id;
    let id = id.as_uuid();
    Author { id, name: person.name.unwrap_or_else(|| digits(id)) }
}

/// A clock that says what no calendar has is not believed at all
pub(crate) fn timestamp(wall: WallTime) -> Timestamp {
    let millis = i64::try_from(wall.as_unix_millis()).ok();
    millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()).unwrap_or_else(Timestamp::now)
}
