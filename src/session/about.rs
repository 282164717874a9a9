//! What people do about lines, and about themselves: commands in, events out

use lanchat_protocol::{
    self as protocol, Arrival, Away, Input, MessageId, Note, PeerId, PeerInfo, Reaction, Text,
};
use tracing::warn;
use uuid::Uuid;

use super::{Session, tell::wall_clock};
use crate::{
    command::Command,
    event::{self, Author, Deleted, Edited, ErrorCode, Event, Holds, PeerChange, Received, Topic, Typing},
    lang::{Told as _, tell},
    recall::{self, timestamp},
    sanitize::{Unclean, clean},
    store::{self, History, Named},
};

/// What stands for nothing where something else could be said
const NOTHING: &str = "-";

impl Session {
    /// Whether it is about the last own line, and something of one's own is not in the room yet
    pub(super) fn has_to_wait(&self, command: &Command) -> bool {
        let is_about_last = matches!(
            command,
            Command::Edit { id: None, .. } | Command::Delete { id: None } | Command::Received
        );
        is_about_last && self.unsaid > 0
    }

    /// Remembers what is told of lines, and does what waited for an own one
    pub(super) fn note_line(&mut self, event: &Event) {
        self.lately.apply(event);
        if let Event::Holds(holds) = event {
            self.holders.apply(holds);
        } else if let Event::Message { own: true, past: false, .. }
        | Event::Deleted(Deleted { own: true, past: false, .. }) = event
        {
            self.unsaid = self.unsaid.saturating_sub(1);
        } else if let Event::Error { code: ErrorCode::NotStored, .. } = event {
            // It answers all that was said together.
            self.unsaid = 0;
        }
        while let Some(command) = self.deferred.pop_front() {
            if self.has_to_wait(&command) {
                return self.deferred.push_front(command);
            }
            self.carry_out(command);
        }
    }

    pub(super) fn reply(&mut self, to: &str, text: &str) {
        if let Some(text) = self.text(text)
            && let Some(target) = self.line_meant(to)
        {
            self.unsaid += 1;
            self.say_about(text, protocol::About::Reply(target));
        }
    }

    pub(super) fn edit(&mut self, id: Option<Uuid>, text: &str) {
        if let Some(text) = self.text(text)
            && let Some(target) = self.own_line(id)
        {
            self.say_about(text, protocol::About::Edit(target));
        }
    }

    pub(super) fn delete(&mut self, id: Option<Uuid>) {
        if let Some(target) = self.own_line(id) {
            self.unsaid += 1;
            self.input(Input::Command(protocol::Command::Delete { target, at: wall_clock() }));
        }
    }

    pub(super) fn react(&mut self, to: &str, with: &str) {
        let with = match reaction(with) {
            Ok(with) => with,
            Err(message) => return self.tell_error(ErrorCode::InvalidText, message),
        };
        if let Some(target) = self.line_meant(to) {
            self.input(Input::Command(protocol::Command::React { target, with, at: wall_clock() }));
        }
    }

    pub(super) fn set_topic(&mut self, topic: &str) {
        let topic = match topic {
            NOTHING => Ok(None),
            topic => protocol::Topic::new(topic).map(Some),
        };
        match topic {
            Ok(topic) => self.input(Input::Command(protocol::Command::Topic { topic, at: wall_clock() })),
            Err(error) => self.tell_error(ErrorCode::InvalidText, error.told()),
        }
    }

    pub(super) fn tell_topic(&mut self) {
        let nothing = || Topic {
            room: self.room.name().to_string(),
            text: Unclean::default(),
            from: None,
            sent_at: None,
            order: None,
            own: false,
            past: true,
            asked: true,
        };
        let topic = self.view.topic().map_or_else(nothing, |topic| Topic {
            past: true,
            asked: true,
            ..topic.clone()
        });
        self.waiting.push_back(Event::Topic(topic));
    }

    /// What the room was about when one left it, or is about by those who are not blocked, if that is news
    pub(super) fn tell_kept_topic(&mut self, kept: Vec<store::Topic>) {
        let contacts = self.view.contacts();
        let counts = kept.into_iter().find(|topic| !contacts.is_blocked(topic.author.id.as_uuid()));
        let known = self.view.topic().and_then(|topic| topic.order);
        if let Some(topic) = counts.filter(|topic| known != Some(topic.order.into())) {
            self.waiting.push_back(recall::topic(topic, self.room.name().as_str()));
        }
    }

    /// Looks anew at what the room is about: somebody is blocked by now, or is not any more
    pub(super) fn look_at_topics(&mut self) {
        let kept = self.keeping.history().map(History::topics);
        let kept = kept.map(|kept| kept.inspect_err(|error| warn!(%error, "the topic cannot be read")));
        self.tell_kept_topic(kept.and_then(Result::ok).unwrap_or_default());
    }

    pub(super) fn go_away(&mut self, note: Option<&str>, by_itself: bool) {
        if by_itself && self.view.is_away() {
            return;
        }
        match note.map(Note::new).transpose() {
            Ok(note) => {
                let told = note.as_ref().map(|note| note.as_str().into());
                self.input(Input::Command(protocol::Command::Status(Some(Away { by_itself, note }))));
                self.tell_own_change(PeerChange::Away, told);
            }
            Err(error) => self.tell_error(ErrorCode::InvalidText, error.told()),
        }
    }

    /// Is away from the start, as in other rooms, where that was told
    pub fn stay_away(&mut self, away: Away) {
        self.view.be_away(away.note.as_ref().map(|note| note.as_str().into()));
        self.input(Input::Command(protocol::Command::Status(Some(away))));
    }

    pub(super) fn come_back(&mut self) {
        self.input(Input::Command(protocol::Command::Status(None)));
        self.tell_own_change(PeerChange::Back, None);
    }

    pub(super) fn typing(&mut self, to: Option<&str>) {
        if !self.tells_typing {
            return;
        }
        let to = match to.map(|to| self.view.resolve(to)) {
            None => None,
            Some(Ok(id)) => Some(PeerId::from_uuid(id)),
            // It is said what is wrong with the name when something is whispered.
            Some(Err(_)) => return,
        };
        self.input(Input::Command(protocol::Command::Typing { to }));
    }

    pub(super) fn tell_received(&mut self) {
        let last = self.lately.last_of(self.node.id().as_uuid());
        let people = self.view.peers().values().map(|peer| Author {
            label: self.view.other_label(peer.id, &peer.name),
            ..Author::new(peer.id, peer.name.clone())
        });
        let (by, not_by) = match &last {
            Some((place, _)) => people.partition(|peer| self.holders.has(peer.id, place)),
            None => Default::default(),
        };
        self.waiting.push_back(Event::Received(Received { id: last.map(|(_, id)| id), by, not_by }));
    }

    /// What is told of somebody who is away or back
    pub(super) fn restated(peer: &PeerInfo, away: Option<Away>) -> Event {
        Event::Peer {
            change: if away.is_some() { PeerChange::Away } else { PeerChange::Back },
            id: peer.id.as_uuid(),
            name: peer.name.as_str().into(),
            was: None,
            note: away.and_then(|away| away.note).map(|note| note.as_str().into()),
            addr: Some(peer.addr),
        }
    }

    pub(super) fn is_typing(peer: &PeerInfo, whisper: bool) -> Event {
        Event::Typing(Typing { id: peer.id.as_uuid(), name: peer.name.as_str().into(), whisper })
    }

    pub(super) fn holds(peer: PeerId, upto: protocol::Order) -> Event {
        Event::Holds(Holds { peer: peer.as_uuid(), upto: upto.into() })
    }

    /// What is told of a line or a change
    pub(super) fn said_to_all(&self, told: protocol::Event) -> Option<Event> {
        use protocol::Event as Said;
        let room = self.room.name().to_string();
        if let Said::Message { id, author, text, sent_at, order, arrival, reply_to } = told {
            return Some(Event::Message {
                room,
                id: id.as_uuid(),
                from: self.author(&author),
                text: text.as_str().into(),
                sent_at: timestamp(sent_at),
                order: order.into(),
                reply_to: reply_to.map(MessageId::as_uuid),
                edited: false,
                edited_order: None,
                deleted: false,
                own: author.own,
                late: arrival == Arrival::Late,
                past: arrival == Arrival::Past,
            });
        }
        if let Said::Edited { id, target, author, text, sent_at, order, arrival } = told {
            let (from, text, sent_at) = (self.author(&author), text.as_str().into(), timestamp(sent_at));
            let (id, target, order) = (id.as_uuid(), target.as_uuid(), order.into());
            let (own, (late, past)) = (author.own, when(arrival));
            return Some(Event::Edited(Edited {
                room,
                id,
                target,
                from,
                text,
                sent_at,
                order,
                own,
                late,
                past,
            }));
        }
        if let Said::Deleted { target, author, order, arrival, .. } = told {
            let (target, from, order) = (target.as_uuid(), self.author(&author), order.into());
            let (own, (late, past)) = (author.own, when(arrival));
            return Some(Event::Deleted(Deleted { room, target, from, order, own, late, past }));
        }
        if let Said::Reaction { target, author, with, order, arrival, .. } = told {
            let with = with.as_ref().map_or("", Reaction::as_str).into();
            let (target, from, order) = (target.as_uuid(), self.author(&author), order.into());
            let (own, (late, past)) = (author.own, when(arrival));
            return Some(Event::Reaction(event::Reaction {
                room,
                target,
                from,
                with,
                order,
                own,
                late,
                past,
            }));
        }
        self.topic_told(told)
    }

    fn topic_told(&self, told: protocol::Event) -> Option<Event> {
        let protocol::Event::Topic { topic, author, sent_at, order, arrival, .. } = told else { return None };
        let room = self.room.name().to_string();
        Some(Event::Topic(Topic {
            room,
            text: topic.as_ref().map_or("", protocol::Topic::as_str).into(),
            from: Some(self.author(&author)),
            sent_at: Some(timestamp(sent_at)),
            order: Some(order.into()),
            own: author.own,
            past: arrival == Arrival::Past,
            asked: false,
        }))
    }

    fn say_about(&mut self, text: Text, about: protocol::About) {
        let (at, about) = (wall_clock(), Some(about));
        self.input(Input::Command(protocol::Command::Say { text, at, about }));
    }

    fn text(&mut self, text: &str) -> Option<Text> {
        Text::new(text).inspect_err(|error| self.tell_error(ErrorCode::InvalidText, error.told())).ok()
    }

    /// The line that is meant by its id, or by who said it last
    ///
    /// Anybody may be called like an id: that means the line, or whoever has it.
    fn line_meant(&mut self, wanted: &str) -> Option<MessageId> {
        let id = Uuid::try_parse(wanted).ok();
        let author = match (id.and_then(|id| self.named(id)), id) {
            (Some(Named::Whisper), _) => return self.refuse_line(tell!("line-of-whisper")),
            (Some(Named::Line { .. }), Some(id)) => return Some(MessageId::from_uuid(id)),
            (_, Some(id)) if self.view.name_of(id).is_some() => id,
            (_, Some(id)) => return Some(MessageId::from_uuid(id)),
            (_, None) => self.author_meant(wanted)?,
        };
        let last = self.lately.last_of(author).map(|(_, id)| MessageId::from_uuid(id));
        last.or_else(|| self.refuse_line(tell!("line-of-nobody", name = %clean(wanted))))
    }

    fn author_meant(&mut self, wanted: &str) -> Option<Uuid> {
        match self.view.find(wanted) {
            Ok(author) => Some(author),
            Err(_) if self.view.is_like_mine(&wanted.into()) => Some(self.node.id().as_uuid()),
            Err(error) => {
                self.tell_unresolved(error);
                None
            }
        }
    }

    /// An own line: this one, or the last
    fn own_line(&mut self, id: Option<Uuid>) -> Option<MessageId> {
        let me = self.node.id();
        let Some(id) = id else {
            let last = self.lately.last_of(me.as_uuid()).map(|(_, id)| MessageId::from_uuid(id));
            return last.or_else(|| self.refuse_line(tell!("line-own-none")));
        };
        match self.named(id) {
            Some(Named::Line { author }) if author == me => Some(MessageId::from_uuid(id)),
            Some(Named::Line { .. }) => {
                self.tell_error(ErrorCode::NotYours, tell!("line-not-yours"));
                None
            }
            Some(Named::Whisper) => self.refuse_line(tell!("line-of-whisper")),
            None => self.refuse_line(tell!("line-not-here")),
        }
    }

    /// What an id names that was told here, or is kept
    fn named(&self, id: Uuid) -> Option<Named> {
        self.lately.named(id).or_else(|| {
            let kept = self.keeping.history()?.named(MessageId::from_uuid(id));
            kept.inspect_err(|error| warn!(%error, "a line cannot be looked up")).ok().flatten()
        })
    }

    fn refuse_line(&mut self, message: String) -> Option<MessageId> {
        self.tell_error(ErrorCode::UnknownLine, message);
        None
    }

    fn tell_own_change(&mut self, change: PeerChange, note: Option<Unclean>) {
        let (id, name) = (self.node.id().as_uuid(), self.node.name().as_str().into());
        self.waiting.push_back(Event::Peer { change, id, name, was: None, note, addr: None });
    }
}

/// Whether it comes late, and whether it is of before
fn when(arrival: Arrival) -> (bool, bool) {
    (arrival == Arrival::Late, arrival == Arrival::Past)
}

/// Whether it is said, or means lines, after what was said before it
pub(super) fn keeps_its_turn(command: &Command) -> bool {
    command.is_said_to_all() || *command == Command::Received
}

/// What somebody reacts with: an emoji, its short code, a word, or nothing any more
fn reaction(with: &str) -> Result<Option<Reaction>, String> {
    if with == NOTHING {
        return Ok(None);
    }
    let code = with.strip_prefix(':').and_then(|code| code.strip_suffix(':')).filter(|code| !code.is_empty());
    let with = match code {
        None => with,
        Some(code) => emojis::get_by_shortcode(code)
            .map(emojis::Emoji::as_str)
            .ok_or_else(|| tell!("emoji-unknown", name = %clean(with)))?,
    };
    Reaction::new(with).map(Some).map_err(|error| error.told())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_to_all_waits_for_what_was_said_before() {
        let commands =
            ["hi", "/reply bob hi", "/edit hi", "/delete", "/react bob x", "/topic x", "/received"];
        let others =
            ["/peers", "/msg bob hi", "/topic", "/away", "/name x", "/block bob", "/raw 1.2.3.4:5 x"];
        let keeps = |typed: &&str| keeps_its_turn(&Command::parse(typed).unwrap().unwrap());
        assert!(commands.iter().all(&keeps) && !others.iter().any(&keeps));
    }

    #[test]
    fn a_reaction_is_an_emoji_its_code_a_word_or_nothing() {
        let with = |with: &str| reaction(with).map(|with| with.map(|with| with.to_string()));
        for (typed, expected) in
            [("👍", "👍"), (":+1:", "👍"), (":heart:", "❤️"), ("wow", "wow"), (":)", ":)")]
        {
            assert_eq!(with(typed), Ok(Some(expected.to_owned())), "{typed}");
        }
        assert_eq!(with("-"), Ok(None));
        assert!(with(":no_such_thing:").unwrap_err().contains(":no_such_thing:"));
        assert!(with("two words").is_err());
    }
}
