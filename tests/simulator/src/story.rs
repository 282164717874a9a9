//! What happened, in few words, so that stories can be compared with what was expected

use lanchat_protocol::{Author, Change, Delivery, Event};

/// An event as a short line, e.g. `+bob`, `bob: hi`, `bob whispers psst`, `delivered`
pub(crate) fn in_short(event: &Event) -> String {
    let name = |author: &Author| author.name.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
    match event {
        Event::Joined(peer) => format!("+{}", peer.name),
        Event::Left(peer) => format!("-{}", peer.name),
        Event::Gone(peer) => format!("!{}", peer.name),
        Event::Renamed { peer, was } => format!("{was} is {}", peer.name),
        Event::Status { peer, away: None } => format!("{} is back", peer.name),
        Event::Status { peer, away: Some(_) } => format!("{} is away", peer.name),
        Event::Typing { peer, .. } => format!("{} types", peer.name),
        Event::Holds { peer, upto } => format!("{peer} holds {}", upto.seq),
        Event::Edited { author, text, .. } => format!("{} edits: {text}", name(author)),
        Event::Deleted { author, target, .. } => format!("{} deletes {target:?}", name(author)),
        Event::Reaction { author, with: Some(with), .. } => format!("{} reacts {with}", name(author)),
        Event::Reaction { author, with: None, .. } => format!("{} reacts no more", name(author)),
        Event::Topic { author, topic: Some(topic), .. } => format!("{} topic: {topic}", name(author)),
        Event::Topic { author, topic: None, .. } => format!("{} wants no topic", name(author)),
        Event::Message { author, text, .. } => format!("{}: {text}", name(author)),
        Event::Whisper { author, text, .. } => format!("{} whispers {text}", name(author)),
        Event::Whispered { to, text, .. } => format!("to {}: {text}", to.name),
        Event::Delivery { state, .. } => match state {
            Delivery::Queued => "queued".to_owned(),
            Delivery::Sent => "sent".to_owned(),
            Delivery::Delivered => "delivered".to_owned(),
            Delivery::Expired => "expired".to_owned(),
        },
        Event::Gap { author, missing, .. } => format!("{} misses {missing}", name(author)),
        Event::Departed => "departed".to_owned(),
        Event::Forked(author) => format!("{} forked", name(author)),
        Event::KeyInUse { addr } => format!("key in use at {addr}"),
        Event::NotStored { own } => format!("not stored, own: {own}"),
        Event::NotWhispered { why, .. } => format!("not whispered: {why:?}"),
    }
}

/// The change that an event tells of
pub(crate) fn change(event: &Event) -> Option<Change> {
    if let Event::Edited { target, text, .. } = event {
        return Some(Change::Edit { target: *target, text: text.clone() });
    }
    if let Event::Deleted { target, .. } = event {
        return Some(Change::Delete { target: *target });
    }
    if let Event::Reaction { target, with, .. } = event {
        return Some(Change::React { target: *target, with: with.clone() });
    }
    if let Event::Topic { topic, .. } = event {
        return Some(Change::Topic(topic.clone()));
    }
    None
}
