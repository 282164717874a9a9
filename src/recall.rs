//! What was said before, as the events that it was

use jiff::Timestamp;
use lanchat_protocol::{PeerId, WallTime};

use crate::{
    event::{Author, DeliveryState, Event},
    store::{Fate, Kind, Person, Said},
    view::digits,
};

/// The event that told of it in this room
pub fn event(said: Said, room: &str) -> Event {
    let Said { id, author, own, kind, text, sent_at } = said;
    let (id, from, text, sent_at) = (id.as_uuid(), person(author), text.into(), timestamp(sent_at));
    match kind {
        Kind::Line { order } => Event::Message {
            room: room.to_owned(),
            id,
            from,
            text,
            sent_at,
            own,
            order: order.into(),
            reply_to: None,
            edited: false,
            deleted: false,
            late: false,
            past: true,
        },
        Kind::Heard => {
            Event::Whisper { id, from, to: None, text, sent_at, own: false, past: true, state: None }
        }
        Kind::Whispered { to, fate } => {
            let (to, state) = (Some(to.id.as_uuid()), Some(state(fate)));
            Event::Whisper { id, from, to, text, sent_at, own: true, past: true, state }
        }
    }
}

fn state(fate: Fate) -> DeliveryState {
    match fate {
        Fate::Waiting => DeliveryState::Queued,
        Fate::Delivered => DeliveryState::Delivered,
        Fate::Expired => DeliveryState::Expired,
    }
}

fn person(person: Person) -> Author {
    let id: PeerId = person.id;
    let id = id.as_uuid();
    Author::new(id, person.name.unwrap_or_else(|| digits(id)))
}

/// A clock that says what no calendar has is not believed at all
pub(crate) fn timestamp(wall: WallTime) -> Timestamp {
    let millis = i64::try_from(wall.as_unix_millis()).ok();
    millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()).unwrap_or_else(Timestamp::now)
}
