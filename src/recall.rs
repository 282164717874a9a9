//! What was said before, as the events that it was

use jiff::Timestamp;
use lanchat_protocol::{MessageId, PeerId, WallTime};
use uuid::Uuid;

use crate::{
    event::{Author, DeliveryState, Event, Place, Reaction, Topic},
    store::{self, Fate, Kind, Person, Reacted, Said},
    view::digits,
};

/// The events that told of it in this room: of itself as it is by now, and of what is under it
pub fn events(said: Said, room: &str) -> Vec<Event> {
    let Said { id, author, own, kind, text, sent_at, about } = said;
    let (id, from, text, sent_at) = (id.as_uuid(), person(author), text.into(), timestamp(sent_at));
    let said = match kind {
        Kind::Line { order } => Event::Message {
            room: room.to_owned(),
            id,
            from,
            text,
            sent_at,
            own,
            order: order.into(),
            reply_to: about.reply_to.map(MessageId::as_uuid),
            edited: about.edited && !about.deleted,
            edited_order: about.edited_order.filter(|_| !about.deleted).map(Place::from),
            deleted: about.deleted,
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
    };
    let under = about.reactions.into_iter().map(|reacted| reaction(reacted, id, room));
    [said].into_iter().chain(under).collect()
}

fn reaction(reacted: Reacted, target: Uuid, room: &str) -> Event {
    let Reacted { author, own, with, order } = reacted;
    let (room, from, with, order) = (room.to_owned(), person(author), with.into(), order.into());
    Event::Reaction(Reaction { room, target, from, with, order, own, late: false, past: true })
}

/// The event that told what a room is about
pub fn topic(topic: store::Topic, room: &str) -> Event {
    let store::Topic { text, author, own, order, sent_at } = topic;
    Event::Topic(Topic {
        room: room.to_owned(),
        text: text.into(),
        from: Some(person(author)),
        sent_at: Some(timestamp(sent_at)),
        order: Some(order.into()),
        own,
        past: true,
        asked: false,
    })
}

fn state(fate: Fate) -> DeliveryState {
    match fate {
        Fate::Waiting => DeliveryState::Queued,
        Fate::Delivered => DeliveryState::Delivered,
        Fate::Expired => DeliveryState::Expired,
    }
}

/// Somebody as the author of something
pub(crate) fn person(person: Person) -> Author {
    let id: PeerId = person.id;
    let id = id.as_uuid();
    Author::new(id, person.name.unwrap_or_else(|| digits(id)))
}

/// A clock that says what no calendar has is not believed at all
pub(crate) fn timestamp(wall: WallTime) -> Timestamp {
    let millis = i64::try_from(wall.as_unix_millis()).ok();
    millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()).unwrap_or_else(Timestamp::now)
}
