//! Calls somebody whose mind is elsewhere: the desktop and the bell tell of whispers and mentions

mod attention;
mod calm;
mod desktop;

use std::time::Instant;

use uuid::Uuid;

pub use self::{attention::Attention, calm::Calm, desktop::Desktop};
use crate::{
    event::{Author, Event},
    lang::tell,
    sanitize::{Clean, clean},
    settings::Notify,
    view::View,
};

/// Decides which events call the person, and calls on the desktop; the bell is rung by whoever writes to the terminal
#[derive(Debug)]
pub struct Notifier {
    ways: Notify,
    attention: Attention,
    calm: Calm,
    desktop: Option<Desktop>,
}

/// What a call says
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who said it, and where
    pub summary: String,
    /// What was said
    pub body: Clean,
}

impl Notifier {
    /// Calls in these ways; the person is there at `now`
    pub fn new(ways: Notify, now: Instant) -> Self {
        Self { ways, attention: Attention::new(now), calm: Calm::new(now), desktop: None }
    }

    /// The person typed something
    pub fn on_key(&mut self, now: Instant) {
        self.attention.on_key(now);
    }

    /// The window came to the front, or went from there
    pub fn on_focus(&mut self, is_in_front: bool, now: Instant) {
        self.attention.on_focus(is_in_front, now);
    }

    /// Calls the person if this event is for them and their mind is elsewhere; whether the bell is to ring
    ///
    /// The view has taken the event in already.
    pub fn on_event(&mut self, room: &str, event: &Event, view: &View, now: Instant) -> bool {
        if !self.ways.any() || !self.attention.is_elsewhere(now) {
            return false;
        }
        let Some((from, notice)) = notice(room, event, view) else { return false };
        if !self.calm.admits(from, now) {
            return false;
        }
        if self.ways.desktop {
            self.desktop.get_or_insert_with(Desktop::start).show(notice);
        }
        self.ways.bell
    }
}

/// What an event says to the person, if it is a whisper to them or mentions them just now
pub fn notice(room: &str, event: &Event, view: &View) -> Option<(Uuid, Notice)> {
    let label = |from: &Author| view.label_as(from.id, &from.name).clean_name();
    let (from, text, summary) = if let Event::Whisper { from, text, own: false, past: false, .. } = event {
        (from, text, tell!("notice-whisper", who = %label(from)))
    } else if let Event::Message { from, text, own: false, past: false, .. } = event
        && view.is_spoken_to(text)
    {
        (from, text, tell!("notice-mention", who = %label(from), room = %clean(room)))
    } else {
        return None;
    };
    Some((from.id, Notice { summary, body: text.clean_lines("") }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::event::tests::{contract, line, past_line};

    fn view() -> View {
        let mut view = View::default();
        contract().iter().take(2).for_each(|event| view.apply(event));
        view
    }

    #[test]
    fn whispers_and_mentions_call_and_nothing_else_does() {
        let (contract, view) = (contract(), view());
        let said = |event: &Event| notice("lobby", event, &view).map(|(_, notice)| notice);
        let whisper = said(&contract[6]).unwrap();
        assert_eq!((whisper.summary.as_str(), whisper.body.as_str()), ("bob whispers", "psst"));
        let mention = said(&line(1, "Alice: dinner?")).unwrap();
        assert_eq!((mention.summary.as_str(), mention.body.as_str()), ("bob in lobby", "Alice: dinner?"));
        assert!(said(&line(2, "are you there, @alice?")).is_some());
        for event in [&line(3, "dinner?"), &past_line(4, "alice: dinner?"), &contract[7], &contract[1]] {
            assert_eq!(said(event), None);
        }
    }

    #[test]
    fn the_bell_rings_only_for_those_who_are_elsewhere() {
        let (start, view) = (Instant::now(), view());
        let bell = Notify { desktop: false, bell: true };
        let mut notifier = Notifier::new(bell, start);
        let whisper = &contract()[6];
        assert!(!notifier.on_event("lobby", whisper, &view, start));
        notifier.on_focus(false, start);
        assert!(notifier.on_event("lobby", whisper, &view, start));
        notifier.on_focus(true, start);
        assert!(!notifier.on_event("lobby", whisper, &view, start + Duration::from_secs(300)));
        let mut silent = Notifier::new(Notify { desktop: false, bell: false }, start);
        silent.on_focus(false, start);
        assert!(!silent.on_event("lobby", whisper, &view, start));
    }
}
