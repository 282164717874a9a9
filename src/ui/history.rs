//! What was said before, as lines for people: as in a chat, under the day on which it was

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use uuid::Uuid;

use crate::{
    event::Event,
    lang::tell,
    sanitize::Clean,
    ui::plain::{Quote, Said, answers, said, says, under, you_whispered},
    view::View,
};

/// Writes lines and whispers; what others said goes through [`Clean`]
#[derive(Debug)]
pub struct Transcript<'a> {
    zone: TimeZone,
    view: &'a View,
    day: Option<Date>,
}

impl<'a> Transcript<'a> {
    /// With the time zone that times are shown in, and who is called what
    pub fn new(zone: TimeZone, view: &'a View) -> Self {
        Self { zone, view, day: None }
    }

    /// The line for a message or a whisper, under its day if that is another than before; below it what is under it
    ///
    /// The events are of the message and of what is under it, the quote is of the line that it answers.
    pub fn render(&mut self, events: &[Event], quote: Option<&Quote>) -> String {
        let Some((event, under)) = events.split_first() else { return String::new() };
        let line = match event {
            Event::Message { from, text, sent_at, edited, deleted, reply_to, .. } => {
                let quote = quote.map(|quote| (self.label(quote.from.id), &quote.text));
                let reply = reply_to.map(|_| answers(quote));
                let line = Said { reply, edited: *edited, deleted: *deleted, text };
                let who = self.label(from.id);
                return self.at(*sent_at, |time| says(time, who.as_str(), line)) + &self.under(under);
            }
            Event::Whisper { to: Some(to), text, sent_at, state, .. } => {
                Some((sent_at, you_whispered(&self.label(*to), *state), text))
            }
            Event::Whisper { from, text, sent_at, .. } => {
                Some((sent_at, tell!("whispers", name = %self.label(from.id)), text))
            }
            Event::Ready { .. }
            | Event::Alone { .. }
            | Event::Peer { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Edited(_)
            | Event::Deleted(_)
            | Event::Reaction(_)
            | Event::Topic(_)
            | Event::Typing(_)
            | Event::Holds(_)
            | Event::Received(_)
            | Event::Rooms { .. }
            | Event::Parted { .. }
            | Event::Error { .. }
            | Event::Peers { .. }
            | Event::Help { .. }
            | Event::Contact(_)
            | Event::Verify(_)
            | Event::Warning(_)
            | Event::Blocked(_)
            | Event::Raw(_)
            | Event::Datagram(_)
            | Event::Guest(_) => None,
        };
        line.map_or_else(String::new, |(sent_at, says, text)| {
            self.at(*sent_at, |time| said(time, &says, text))
        })
    }

    fn under(&self, events: &[Event]) -> String {
        under(events.iter().filter_map(|event| {
            let Event::Reaction(reaction) = event else { return None };
            Some((&reaction.with, self.label(reaction.from.id)))
        }))
    }

    fn at(&mut self, sent_at: Timestamp, line: impl FnOnce(&str) -> String) -> String {
        let time = sent_at.to_zoned(self.zone.clone());
        let line = line(&time.strftime("%H:%M").to_string());
        if self.day.replace(time.date()) == Some(time.date()) {
            return line;
        }
        let day = tell!("day", weekday = weekday(time.weekday()), date = %time.date());
        format!("-- {day}\n{line}")
    }

    fn label(&self, id: Uuid) -> Clean {
        self.view.label(id).clean_name()
    }
}

fn weekday(day: Weekday) -> String {
    match day {
        Weekday::Monday => tell!("monday"),
        Weekday::Tuesday => tell!("tuesday"),
        Weekday::Wednesday => tell!("wednesday"),
        Weekday::Thursday => tell!("thursday"),
        Weekday::Friday => tell!("friday"),
        Weekday::Saturday => tell!("saturday"),
        Weekday::Sunday => tell!("sunday"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        event::{Peer, tests::CONTRACT},
        sanitize::is_hidden,
    };

    fn contract(line: usize) -> Event {
        serde_json::from_str(CONTRACT[line]).unwrap()
    }

    #[test]
    fn lines_stand_under_their_day() {
        let mut view = View::default();
        for line in [0, 1] {
            view.apply(&contract(line));
        }
        let mut next_day = contract(4);
        if let Event::Message { sent_at, from, .. } = &mut next_day {
            *sent_at = "2026-11-24T00:30:00Z".parse().unwrap();
            from.id = Uuid::from_u128(0xdead_beef << 96);
        }
        let mut transcript = Transcript::new(TimeZone::UTC, &view);
        let lines: String =
            [20, 4, 5, 6, 7, 8].map(|line| transcript.render(&[contract(line)], None)).concat()
                + &transcript.render(&[next_day], None);
        let expected = "\
-- Sunday, 2026-11-22
12:03 you whisper to bob (waiting): well?
-- Monday, 2026-11-23
12:03 bob: hi
12:03 alice: ho
12:03 bob whispers: psst
12:03 you whisper to bob: what
-- Tuesday, 2026-11-24
00:30 ~deadbeef: hi
";
        assert_eq!(lines, expected);
    }

    proptest! {
        #[test]
        fn nothing_that_others_write_reaches_the_screen_as_it_is(name in any::<String>(), said in any::<String>()) {
            let mut event = contract(4);
            let Event::Message { from, text, .. } = &mut event else { panic!("no message") };
            *text = said.into();
            let mut view = View::default();
            let peer = Peer::new(from.id, name, "198.18.0.2:1".parse().unwrap());
            view.apply(&Event::Peers { peers: vec![peer] });
            let lines = Transcript::new(TimeZone::UTC, &view).render(&[event], None);
            prop_assert!(!lines.chars().any(|c| c != '\n' && is_hidden(c)), "{:?}", lines);
        }
    }
}
