//! Lines that a window handed over to the node and that have not come back, to be said again if the node dies

use std::collections::VecDeque;

use lanchat_protocol::Text;

use super::lines::Venue;
use crate::{
    command::Command,
    event::{ErrorCode, Event},
};

/// Lines and whispers on their way to the node and back, in the order of typing
#[derive(Debug, Default)]
pub(super) struct Unsaid {
    lines: VecDeque<(Venue, Command)>,
}

impl Unsaid {
    /// Something was typed in this room; whether it is a line to wait for
    pub(super) fn on_command(&mut self, at: &Venue, command: &Command) -> bool {
        let is_line = text(command).is_some();
        if is_line {
            self.lines.push_back((at.clone(), command.clone()));
        }
        is_line
    }

    /// Something happened in a room: it may be what was typed
    pub(super) fn on_event(&mut self, room: &str, event: &Event) {
        if let Event::Message { own: true, past: false, text, .. } = event {
            let text = text.as_written();
            self.came(|(at, command)| at.room == room && !is_whisper(command) && says(command, text));
        } else if let Event::Whisper { own: true, past: false, text, .. } = event {
            self.came(|(_, command)| is_whisper(command) && says(command, text.as_written()));
        } else if let Event::Error { code: ErrorCode::NotStored, .. } = event {
            self.lines.retain(|(at, _)| at.room != room);
        } else if let Event::Error { code: ErrorCode::NotJoined, .. } = event {
            self.came(|(at, _)| at.room == room);
        } else if let Event::Error { code, .. } = event
            && code.refuses_a_line()
        {
            self.on_refusal(*code);
        }
    }

    /// What is to be said again, in order; it is waited for from then on
    pub(super) fn again(&self) -> impl Iterator<Item = (Venue, Command)> + use<> {
        self.lines.clone().into_iter()
    }

    fn on_refusal(&mut self, code: ErrorCode) {
        use ErrorCode::{
            AmbiguousPeer, Blocked, InvalidText, KeyChanged, NotYours, UnknownLine, UnknownPeer,
        };

        self.came(|(_, command)| {
            if matches!(code, UnknownPeer | AmbiguousPeer | KeyChanged | Blocked) {
                is_whisper(command)
            } else if matches!(code, UnknownLine | NotYours) {
                matches!(command, Command::Reply { .. })
            } else {
                code != InvalidText || text(command).is_some_and(|text| Text::new(text).is_err())
            }
        });
    }

    fn came(&mut self, is_it: impl FnMut(&(Venue, Command)) -> bool) {
        if let Some(index) = self.lines.iter().position(is_it) {
            self.lines.remove(index);
        }
    }
}

fn text(command: &Command) -> Option<&str> {
    if let Command::Say { text } | Command::Whisper { text, .. } | Command::Reply { text, .. } = command {
        return Some(text);
    }
    None
}

fn is_whisper(command: &Command) -> bool {
    matches!(command, Command::Whisper { .. })
}

/// Whether this is what becomes of it: a text is not told as it was typed in every case
fn says(command: &Command, told: &str) -> bool {
    let typed = text(command).unwrap_or_default();
    typed == told || Text::new(typed).is_ok_and(|text| text.as_str() == told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::contract;

    fn lobby() -> Venue {
        Venue::nowhere("lobby")
    }

    fn say(text: &str) -> Command {
        Command::Say { text: text.into() }
    }

    fn left(unsaid: &Unsaid) -> Vec<Command> {
        unsaid.again().map(|(_, command)| command).collect()
    }

    /// An own line and an own whisper
    fn echo(text: &str) -> Event {
        let mut event = contract()[5].clone();
        if let Event::Message { text: told, .. } = &mut event {
            *told = text.into();
        }
        event
    }

    #[test]
    fn a_line_waits_until_it_comes_back_in_its_room_and_others_keep_their_order() {
        let mut unsaid = Unsaid::default();
        for text in ["one", "two", "one"] {
            assert!(unsaid.on_command(&lobby(), &say(text)));
        }
        assert!(!unsaid.on_command(&lobby(), &Command::Peers));
        unsaid.on_event("attic", &echo("one"));
        unsaid.on_event("lobby", &echo("three"));
        assert_eq!(left(&unsaid), ["one", "two", "one"].map(say));
        unsaid.on_event("lobby", &echo("one"));
        assert_eq!(left(&unsaid), ["two", "one"].map(say));
        unsaid.on_event("lobby", &echo("one"));
        unsaid.on_event("lobby", &echo("two"));
        assert!(left(&unsaid).is_empty());
    }

    #[test]
    fn what_is_refused_is_not_waited_for() {
        let mut unsaid = Unsaid::default();
        let whisper = Command::Whisper { to: "bob".into(), text: "psst".into() };
        for command in [say("one"), whisper.clone(), say(""), say("two")] {
            unsaid.on_command(&lobby(), &command);
        }
        unsaid.on_event("lobby", &Event::error(ErrorCode::InvalidText, "empty"));
        assert_eq!(left(&unsaid), [say("one"), whisper, say("two")]);
        unsaid.on_event("lobby", &Event::error(ErrorCode::UnknownPeer, "nobody"));
        unsaid.on_event("lobby", &Event::error(ErrorCode::Network, "no network"));
        assert_eq!(left(&unsaid), [say("one"), say("two")]);
        unsaid.on_event("attic", &Event::error(ErrorCode::NotStored, "the disk is full"));
        assert_eq!(left(&unsaid).len(), 2);
        unsaid.on_event("attic", &Event::error(ErrorCode::NotJoined, "not there"));
        assert_eq!(left(&unsaid).len(), 2);
        unsaid.on_event("lobby", &Event::error(ErrorCode::NotJoined, "not here"));
        assert_eq!(left(&unsaid), [say("two")]);
        unsaid.on_event("lobby", &Event::error(ErrorCode::NotStored, "the disk is full"));
        assert!(left(&unsaid).is_empty());
    }
}
