//! What was said before one came: the end of it is shown, in order, and the rest is counted

use std::time::Duration;

use tokio::time::Instant;

use crate::{event::Event, view::Transcript};

/// Collects earlier lines until their end can be shown, and holds back what is said meanwhile so that it stands below
#[derive(Debug)]
pub(super) struct Earlier {
    tail: Transcript,
    is_shown: bool,
    /// What is held back; nothing any more once the first time is over
    held: Option<Vec<Event>>,
    /// How many came from others and were not told of yet
    came: u64,
    /// Whether something was said about what the room is about that was not told of yet
    has_topic: bool,
    due: Option<Instant>,
}

/// What is to be shown
#[derive(Debug)]
pub(super) enum News {
    /// The end of what was said before
    Tail(Transcript),
    /// So many earlier lines came and are not shown
    More(u64),
    /// What the room is about was learned
    Topic,
    /// Something that had to wait
    Event(Event),
}

/// How long earlier lines are collected, once there are some or may be
const GATHERING: Duration = Duration::from_secs(1);
/// How often lines that are not shown are told of at most
const CALM: Duration = Duration::from_secs(3);
/// Somebody who floods the room must not fill the memory
const MAX_HELD: usize = 1_000;

impl Earlier {
    /// Shows so many lines at most
    pub(super) fn new(most: usize, now: Instant) -> Self {
        Self {
            tail: Transcript::of_newest(most),
            is_shown: false,
            held: Some(Vec::new()),
            came: 0,
            has_topic: false,
            due: Some(now + GATHERING),
        }
    }

    /// Takes in a line or a whisper that was kept here, which is no news
    pub(super) fn keep(&mut self, mut line: Event) {
        if let Event::Message { past, .. } | Event::Whisper { past, .. } = &mut line {
            *past = false;
        }
        self.tail.apply(&line);
    }

    /// Takes in an event, and gives it back if it can be shown at once
    pub(super) fn on_event(&mut self, event: Event, now: Instant) -> Option<Event> {
        if event.is_past() {
            self.on_past(&event, now);
            return None;
        }
        match &mut self.held {
            Some(held) if waits(&event) => {
                held.push(event);
                if held.len() >= MAX_HELD {
                    self.due = Some(now);
                }
                None
            }
            Some(_) | None => Some(event),
        }
    }

    /// When [`on_due`](Self::on_due) has something to do
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What is to be shown by now
    pub(super) fn on_due(&mut self, now: Instant) -> Vec<News> {
        if self.due.is_some_and(|due| due <= now) { self.tell(now) } else { Vec::new() }
    }

    /// Nothing is gained by waiting for more: what is to be shown if this was waited for
    pub(super) fn on_caught_up(&mut self, now: Instant) -> Vec<News> {
        if self.held.is_some() { self.tell(now) } else { Vec::new() }
    }

    fn on_past(&mut self, event: &Event, now: Instant) {
        if matches!(event, Event::Message { .. } | Event::Whisper { .. }) {
            self.came += 1;
        } else if matches!(event, Event::Topic(_)) {
            self.has_topic = true;
        } else if self.is_shown {
            // It is about lines that are shown no more.
            return;
        }
        if self.is_shown {
            self.due.get_or_insert(now + CALM);
        } else {
            self.tail.apply(event);
            self.due.get_or_insert(now + GATHERING);
        }
    }

    /// What is to be shown if nothing more is waited for at all
    pub(super) fn tell(&mut self, now: Instant) -> Vec<News> {
        self.due = None;
        let mut news = Vec::new();
        if self.is_shown && self.came > 0 {
            news.push(News::More(std::mem::take(&mut self.came)));
        } else if !self.is_shown && !self.tail.is_empty() {
            self.is_shown = true;
            let tail = std::mem::replace(&mut self.tail, Transcript::of_newest(0));
            let shown = tail.lines().filter(|line| line.past).count();
            self.came = self.came.saturating_sub(u64::try_from(shown).unwrap_or(u64::MAX));
            self.due = (self.came > 0).then(|| now + CALM);
            news.push(News::Tail(tail));
        }
        if std::mem::take(&mut self.has_topic) {
            news.push(News::Topic);
        }
        news.extend(self.held.take().into_iter().flatten().map(News::Event));
        news
    }
}

/// Whether it belongs below what was said before
fn waits(event: &Event) -> bool {
    match event {
        Event::Message { .. }
        | Event::Whisper { .. }
        | Event::Delivery { .. }
        | Event::Gap { .. }
        | Event::Edited(_)
        | Event::Deleted(_)
        | Event::Reaction(_)
        | Event::Datagram(_)
        | Event::Guest(_) => true,
        Event::Ready { .. }
        | Event::Alone { .. }
        | Event::Peer { .. }
        | Event::Peers { .. }
        | Event::Error { .. }
        | Event::Topic(_)
        | Event::Typing(_)
        | Event::Holds(_)
        | Event::Received(_)
        | Event::Rooms { .. }
        | Event::Parted { .. }
        | Event::Help { .. }
        | Event::Contact(_)
        | Event::Verify(_)
        | Event::Warning(_)
        | Event::Blocked(_)
        | Event::Raw(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{
        Edited, Topic,
        tests::{contract, line, past_line},
    };

    #[test]
    fn the_newest_earlier_lines_are_shown_in_order_and_then_what_was_said_meanwhile() {
        let (mut earlier, start) = begin(3);
        for number in [7, 5, 8, 6] {
            past(&mut earlier, number, start);
        }
        assert_eq!(earlier.on_event(line(9, "now"), start), None);
        assert_eq!(told(&mut earlier, start), "");
        assert_eq!(told(&mut earlier, start + GATHERING), "[6 7 8] now");
        assert_eq!(told(&mut earlier, start + GATHERING + CALM), "1 more");
        assert_eq!(earlier.due(), None);
    }

    #[test]
    fn who_comes_and_goes_and_what_is_answered_does_not_wait() {
        let (mut earlier, start) = begin(3);
        let at_once: Vec<bool> =
            contract().into_iter().map(|event| earlier.on_event(event, start).is_some()).collect();
        for (index, event) in contract().iter().enumerate() {
            assert_eq!(at_once[index], !waits(event) && !event.is_past(), "{event:?}");
        }
        assert!(at_once[1] && at_once[10] && !at_once[4]);
    }

    #[test]
    fn who_has_caught_up_need_not_wait() {
        let (mut earlier, start) = begin(3);
        past(&mut earlier, 1, start);
        earlier.on_event(line(9, "now"), start);
        assert_eq!(words(earlier.on_caught_up(start)), "[1] now");
        assert_eq!(earlier.on_event(line(10, "then"), start), Some(line(10, "then")));
        assert_eq!(words(earlier.on_caught_up(start)), "");
    }

    #[test]
    fn earlier_lines_that_come_when_nobody_waits_any_more_are_still_collected() {
        let (mut earlier, start) = begin(3);
        assert_eq!(told(&mut earlier, start + GATHERING), "");
        let later = start + 10 * GATHERING;
        past(&mut earlier, 2, later);
        past(&mut earlier, 1, later + GATHERING / 2);
        assert!(earlier.on_event(line(9, "now"), later).is_some());
        assert_eq!(told(&mut earlier, later + GATHERING), "[1 2]");
    }

    #[test]
    fn what_comes_afterwards_is_counted_calmly() {
        let (mut earlier, start) = begin(1);
        past(&mut earlier, 1, start);
        assert_eq!(told(&mut earlier, start + GATHERING), "[1]");
        let mut now = start + GATHERING;
        let mut notices = Vec::new();
        for number in 0..100 {
            past(&mut earlier, 100 - number, now);
            now += CALM / 50;
            notices.push(told(&mut earlier, now));
        }
        notices.retain(|notice| !notice.is_empty());
        assert_eq!(notices, ["50 more", "50 more"]);
    }

    #[test]
    fn what_was_kept_here_is_shown_and_not_counted() {
        let (mut earlier, start) = begin(2);
        (1..=5).for_each(|number| earlier.keep(past_line(number, &number.to_string())));
        past(&mut earlier, 6, start);
        past(&mut earlier, 1, start);
        assert_eq!(told(&mut earlier, start + GATHERING), "[5 6]");
        assert_eq!(told(&mut earlier, start + GATHERING + CALM), "1 more");
    }

    #[test]
    fn earlier_lines_are_shown_as_they_are_by_now_and_what_the_room_is_about_below_them() {
        let (mut earlier, start) = begin(3);
        let mut about = [30, 33].map(|index| contract()[index].clone());
        for event in &mut about {
            if let Event::Edited(Edited { past, .. }) | Event::Topic(Topic { past, .. }) = event {
                *past = true;
            }
            assert_eq!(earlier.on_event(event.clone(), start), None);
        }
        let mut line = contract()[29].clone();
        if let Event::Message { past, .. } = &mut line {
            *past = true;
        }
        assert_eq!(earlier.on_event(line, start), None);
        assert_eq!(told(&mut earlier, start + GATHERING), "[coffee?] topic");
        about.into_iter().for_each(|event| assert_eq!(earlier.on_event(event, start), None));
        assert_eq!(
            told(&mut earlier, start + GATHERING + CALM),
            "topic",
            "an edit of one that is not shown is no news"
        );
    }

    #[test]
    fn what_is_asked_about_the_topic_is_answered_at_once() {
        let (mut earlier, start) = begin(3);
        let Event::Topic(topic) = contract()[33].clone() else { panic!("no topic") };
        let answer = Event::Topic(Topic { past: true, asked: true, ..topic });
        assert!(earlier.on_event(answer, start).is_some());
    }

    #[test]
    fn kept_whispers_stand_among_the_lines() {
        let (mut earlier, start) = begin(9);
        for event in [past_line(1, "1"), contract()[19].clone(), past_line(4, "4")] {
            earlier.keep(event);
        }
        past(&mut earlier, 2, start);
        assert_eq!(told(&mut earlier, start + GATHERING), "[1 psst 2 4]");
    }

    #[test]
    fn a_flood_is_not_held_back_for_long() {
        let (mut earlier, start) = begin(2);
        for number in 0..1_000 {
            assert!(earlier.on_event(line(number, "x"), start).is_none());
        }
        assert_eq!(earlier.on_due(start).len(), 1_000);
    }

    fn begin(most: usize) -> (Earlier, Instant) {
        let start = Instant::now();
        (Earlier::new(most, start), start)
    }

    fn past(earlier: &mut Earlier, number: u64, now: Instant) {
        assert_eq!(earlier.on_event(past_line(number, &number.to_string()), now), None);
    }

    fn told(earlier: &mut Earlier, now: Instant) -> String {
        words(earlier.on_due(now))
    }

    fn words(news: Vec<News>) -> String {
        let words = news.into_iter().map(|news| match news {
            News::Tail(tail) => {
                let texts: Vec<&str> = tail.lines().map(|line| line.text.as_written()).collect();
                format!("[{}]", texts.join(" "))
            }
            News::More(count) => format!("{count} more"),
            News::Topic => "topic".to_owned(),
            News::Event(Event::Message { text, .. }) => text.as_written().to_owned(),
            News::Event(other) => format!("{other:?}"),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}
