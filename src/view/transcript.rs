//! What was said in the room, in the order that is the same for everyone

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    event::{Author, DeliveryState, Event, Place},
    sanitize::Unclean,
};

/// The newest lines of the room, each in its place however late it came, and what is missing among them
///
/// A fold of [`Event`]s like [`View`](super::View), but apart from it: who shows no transcript need not keep one.
#[derive(Clone, Debug)]
pub struct Transcript {
    most: usize,
    lines: BTreeMap<Position, Line>,
    gaps: BTreeMap<String, Gap>,
}

/// A line's own place; whispers stand behind the line that was the newest when they came, by their number
type Position = (Option<Place>, u64);

/// A line of the transcript, or a whisper among them
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The message id
    pub id: Uuid,
    /// Who said it
    pub from: Author,
    /// For whom it was
    pub kind: Kind,
    /// What was said, as it was sent
    pub text: Unclean,
    /// The author's wall clock
    pub sent_at: Timestamp,
    /// Whether it is an own line
    pub own: bool,
    /// Whether it came after lines that follow it had been told
    pub late: bool,
    /// Whether it was said before this node was there
    pub past: bool,
    /// How far an own whisper of an earlier session has come
    pub state: Option<DeliveryState>,
}

/// For whom a line was
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For all
    Said,
    /// For the person of this profile
    Heard,
    /// For this peer, an own whisper
    Whispered(Uuid),
}

/// Lines that exist and have not arrived
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Whose lines
    pub author: Uuid,
    /// What the author is called, if that is known
    pub name: Option<Unclean>,
    /// How many
    pub missing: u64,
}

impl Transcript {
    /// An empty one that is to hold so many lines at most
    pub fn of_newest(most: usize) -> Self {
        Self { most, lines: BTreeMap::new(), gaps: BTreeMap::new() }
    }

    /// Takes in one event; all but messages, whispers and gaps leave the transcript as it is
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Message { id, from, text, sent_at, order, own, late, past, .. } => {
                let (from, text, kind) = (from.clone(), text.clone(), Kind::Said);
                let line = Line {
                    id: *id,
                    from,
                    kind,
                    text,
                    sent_at: *sent_at,
                    own: *own,
                    late: *late,
                    past: *past,
                    state: None,
                };
                self.insert((Some(*order), 0), line);
            }
            Event::Whisper { id, from, to, text, sent_at, own, past, state } => {
                let (from, text, kind) =
                    (from.clone(), text.clone(), to.map_or(Kind::Heard, Kind::Whispered));
                let line = Line {
                    id: *id,
                    from,
                    kind,
                    text,
                    sent_at: *sent_at,
                    own: *own,
                    late: false,
                    past: *past,
                    state: *state,
                };
                let newest = self.lines.keys().next_back().copied();
                self.insert(newest.map_or((None, 1), |(place, number)| (place, number + 1)), line);
            }
            Event::Gap { id, author, name, missing, .. } => {
                self.on_gap(id, Gap { author: *author, name: name.clone(), missing: *missing });
            }
            Event::Ready { .. }
            | Event::Alone { .. }
            | Event::Peer { .. }
            | Event::Delivery { .. }
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
            | Event::Guest(_) => {}
        }
    }

    /// The lines in order, the oldest first
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.values()
    }

    /// Whether there is no line
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// What is missing, by the ids of the gaps
    pub fn gaps(&self) -> &BTreeMap<String, Gap> {
        &self.gaps
    }

    fn insert(&mut self, at: Position, line: Line) {
        self.lines.entry(at).or_insert(line);
        if self.lines.len() > self.most {
            self.lines.pop_first();
        }
    }

    fn on_gap(&mut self, id: &str, gap: Gap) {
        if gap.missing == 0 {
            self.gaps.remove(id);
            return;
        }
        self.gaps.insert(id.to_owned(), gap);
        if self.gaps.len() > MAX_GAPS {
            self.gaps.pop_first();
        }
    }
}

impl Default for Transcript {
    /// One of the usual length
    fn default() -> Self {
        Self::of_newest(USUAL_LINES)
    }
}

const USUAL_LINES: usize = 2_000;
/// More than one can look at: what others claim must not fill the memory
const MAX_GAPS: usize = 1_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::tests::{contract, line};

    proptest! {
        #[test]
        fn the_newest_lines_stand_in_order_whatever_order_they_came_in(
            numbers in Just((0..40).collect::<Vec<u64>>()).prop_shuffle(), most in 1..50_usize
        ) {
            let mut transcript = Transcript::of_newest(most);
            numbers.iter().for_each(|number| transcript.apply(&line(*number, "hi")));
            let kept: Vec<u128> = transcript.lines().map(|line| line.id.as_u128()).collect();
            let expected: Vec<u128> = (0..40).skip(40_usize.saturating_sub(most)).collect();
            prop_assert_eq!(kept, expected);
        }
    }

    #[test]
    fn a_line_told_twice_stands_once_and_as_it_came_first() {
        let mut transcript = Transcript::default();
        transcript.apply(&line(1, "first"));
        transcript.apply(&line(1, "again"));
        assert_eq!(texts(&transcript), ["first"]);
    }

    #[test]
    fn a_late_line_goes_to_its_place_with_its_mark() {
        let transcript = told(&[4, 5, 16]);
        assert_eq!(texts(&transcript), ["hi", "hello?", "ho"]);
        let late: Vec<bool> = transcript.lines().map(|line| line.late).collect();
        assert_eq!(late, [false, true, false]);
    }

    #[test]
    fn whispers_stand_behind_what_was_said_before_them() {
        let transcript = told(&[6, 4, 6, 7, 16, 5]);
        assert_eq!(texts(&transcript), ["psst", "hi", "psst", "what", "hello?", "ho"]);
        let bob = transcript.lines().nth(1).map(|line| line.from.id);
        assert_eq!(transcript.lines().nth(3).map(|line| line.kind), bob.map(Kind::Whispered));
    }

    #[test]
    fn a_gap_shrinks_and_closes() {
        assert_eq!(told(&[9]).gaps().values().map(|gap| gap.missing).collect::<Vec<_>>(), [3]);
        assert!(told(&[9, 9, 17]).gaps().is_empty());
    }

    fn told(events: &[usize]) -> Transcript {
        let (contract, mut transcript) = (contract(), Transcript::default());
        events.iter().for_each(|index| transcript.apply(&contract[*index]));
        transcript
    }

    fn texts(transcript: &Transcript) -> Vec<&str> {
        transcript.lines().map(|line| line.text.as_written()).collect()
    }
}
