//! What the events of rooms change in what is shown

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Tui,
    conversation::Conversation,
    log::{Said, Tone},
    room::Room,
};
use crate::{
    event::{Author, ErrorCode, Event, PeerChange, Place, Typing},
    sanitize::{Unclean, clean},
    ui::plain::Plain,
    view::{Changes, View},
};

impl Tui {
    /// Takes in what happened in a room; its view has taken it in already
    pub fn on_event(&mut self, room: &str, event: &Event, view: &View) {
        self.is_changed = true;
        self.conversations.iter_mut().for_each(Conversation::let_go);
        let index = self.enter(room);
        if let Some(known) = self.rooms.iter_mut().find(|known| known.name == room) {
            known.on_event(event);
        }
        match event {
            Event::Message { .. } | Event::Whisper { .. } => self.on_line(room, event, view),
            Event::Delivery { id, to, state } => {
                if let Some(with) = self.find(room, Some(*to)) {
                    self.conversations[with].log.set_delivery(*id, *state);
                }
            }
            Event::Gap { id, author, name, missing, .. } => {
                let who =
                    name.as_ref().map_or_else(|| view.label(*author), |name| view.label_as(*author, name));
                self.conversations[index].tell_gap(id, *missing, &who.clean_name());
            }
            Event::Edited(_) | Event::Deleted(_) | Event::Reaction(_) => {
                self.conversations[index].log.on_change(event);
            }
            Event::Typing(typing) => self.on_typing(room, typing, view),
            Event::Peer { change, id, name, note, .. } if *change != PeerChange::Renamed => {
                let who = view.label_as(*id, name).clean_name();
                let who = note
                    .as_ref()
                    .map_or_else(|| who.clone(), |note| clean(&format!("{who} ({})", note.as_written())));
                self.conversations[index].tell_presence(*change, who);
            }
            Event::Holds(_) => {}
            Event::Parted { .. } => self.on_parted(room),
            // It stands in the title.
            Event::Topic(topic) if topic.past && !topic.asked => {}
            Event::Error { code, .. } => {
                self.on_trouble(room, *code);
                self.say_in_words(room, event, view, Tone::Error);
            }
            Event::Warning(_) => self.say_in_words(room, event, view, Tone::Alarm),
            Event::Peer { .. }
            | Event::Ready { .. }
            | Event::Guest(_)
            | Event::Datagram(_)
            | Event::Raw(_) => {
                self.say_in_words(room, event, view, Tone::Calm);
            }
            Event::Alone { .. }
            | Event::Topic(_)
            | Event::Received(_)
            | Event::Rooms { .. }
            | Event::Peers { .. }
            | Event::Help { .. }
            | Event::Contact(_)
            | Event::Verify(_)
            | Event::Blocked(_) => self.say_in_words(room, event, view, Tone::Answer),
        }
    }

    /// The conversation with everybody in a room, which is looked at if it is new and nothing is being typed
    fn enter(&mut self, room: &str) -> usize {
        let index = self.open_room(room);
        if !self.rooms.iter().any(|known| known.name == room) {
            self.rooms.push(Room::new(room));
            if self.is_free() || self.rooms.len() == 1 {
                self.look_at(index);
            } else {
                self.conversations[index].unread += 1;
            }
        }
        index
    }

    fn on_typing(&mut self, room: &str, typing: &Typing, view: &View) {
        // Only what is said opens a conversation.
        let Some(index) = self.find(room, typing.whisper.then_some(typing.id)) else { return };
        let who = view.label_as(typing.id, &typing.name).clean_name();
        let now = self.now;
        self.conversations[index].on_typing(typing.id, who, now);
    }

    fn on_line(&mut self, room: &str, event: &Event, view: &View) {
        let Some((person, place, said)) = said(event, view) else { return };
        let is_past = event.is_past();
        let index = match person {
            None => self.open_room(room),
            Some(id) => self.open_with(room, id, view.label(id).clean_name()),
        };
        if said.own && !is_past {
            self.on_own_line(room);
        }
        if !is_past {
            room.clone_into(&mut self.conversations[index].room);
        }
        // What was whispered from elsewhere is to be seen.
        if said.own && !is_past && person.is_some() && self.current != index {
            if self.is_free() {
                self.look_at(index);
            } else {
                self.conversations[index].unread += 1;
            }
        }
        let is_seen = self.is_seen(index);
        let conversation = &mut self.conversations[index];
        if is_past {
            conversation.recall(place, said, is_seen);
        } else {
            conversation.hear(place, said, is_seen);
        }
    }

    /// Own lines are sent, so that nothing stands in their way any more
    fn on_own_line(&mut self, room: &str) {
        if let Some(room) = self.rooms.iter_mut().find(|known| known.name == room) {
            room.is_not_sent = false;
        }
    }

    fn on_trouble(&mut self, room: &str, code: ErrorCode) {
        if let Some(room) = self.rooms.iter_mut().find(|known| known.name == room) {
            room.is_not_sent |= code == ErrorCode::NotStored;
        }
    }

    /// Answers stand where one looks; what nobody asked for, where everybody talks
    fn say_in_words(&mut self, room: &str, event: &Event, view: &View, tone: Tone) {
        let zone = self.zone.clone();
        let words = self.words.entry(room.to_owned()).or_insert_with(|| Plain::new(zone, true));
        let text = words.render(event, view);
        let is_here = self.room() == room && tone != Tone::Calm;
        let index = if is_here { Some(self.current) } else { self.find(room, None) };
        if let Some(conversation) = index.and_then(|index| self.conversations.get_mut(index)) {
            conversation.notice(&text, tone);
        }
    }

    fn on_parted(&mut self, room: &str) {
        let looked_at = self.conversation().map(|here| (here.room.clone(), here.person()));
        self.conversations.retain(|known| known.person().is_some() || known.room != room);
        self.rooms.retain(|known| known.name != room);
        self.words.remove(room);
        for known in self.conversations.iter_mut().filter(|known| known.room == room) {
            let has = |room: &&Room| room.people.iter().any(|person| known.person() == Some(person.id));
            let next = self.rooms.iter().find(has).or_else(|| self.rooms.first());
            next.map(|next| next.name.as_str()).unwrap_or_default().clone_into(&mut known.room);
        }
        match looked_at.and_then(|(room, person)| self.find(&room, person)) {
            Some(still) => self.current = still,
            None => {
                self.current = 0;
                self.look_at(0);
            }
        }
    }
}

/// A line or a whisper, with whom it was whispered, and its place
pub(super) fn said(event: &Event, view: &View) -> Option<(Option<Uuid>, Option<Place>, Said)> {
    if let Event::Message {
        id, from, text, sent_at, order, reply_to, edited, deleted, own, late, past, ..
    } = event
    {
        let said = Said {
            late: *late && !past,
            reply_to: *reply_to,
            is_edited: *edited,
            is_deleted: *deleted,
            mentions_me: !own && view.is_spoken_to(text),
            changes: Changes::of_message(event),
            ..plain(*id, from, text, *sent_at, *own, view)
        };
        return Some((None, Some(*order), said));
    }
    if let Event::Whisper { id, from, to, text, sent_at, own, state, .. } = event {
        let said = Said { delivery: *state, ..plain(*id, from, text, *sent_at, *own, view) };
        return Some((Some(to.unwrap_or(from.id)), None, said));
    }
    None
}

/// A line of which there is nothing more to say
fn plain(id: Uuid, from: &Author, text: &Unclean, sent_at: Timestamp, own: bool, view: &View) -> Said {
    Said {
        id,
        author: from.id,
        who: view.label_as(from.id, &from.name).clean_name(),
        text: text.clone(),
        sent_at,
        own,
        late: false,
        reply_to: None,
        is_edited: false,
        is_deleted: false,
        mentions_me: false,
        delivery: None,
        changes: Changes::default(),
    }
}
