//! What one conversation shows: lines in their places, and notices where they came up

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    event::{DeliveryState, Event, Place},
    sanitize::{Clean, Unclean},
    view::{Changes, Made, Pending},
};

/// Where something stands: lines of a room by their place, all else by a number behind what was the newest
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) place: Option<Place>,
    pub(super) number: i64,
}

/// Something that is shown
#[derive(Clone, Debug)]
pub(super) enum Item {
    Said(Said),
    Notice(Notice),
}

/// A line of a room or a whisper
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) id: Uuid,
    pub(super) author: Uuid,
    /// What the author is called, fit to be shown
    pub(super) who: Clean,
    /// What was said, or what its author says instead by now; empty once it is deleted
    pub(super) text: Unclean,
    pub(super) sent_at: Timestamp,
    pub(super) own: bool,
    pub(super) late: bool,
    pub(super) reply_to: Option<Uuid>,
    pub(super) is_edited: bool,
    pub(super) is_deleted: bool,
    pub(super) mentions_me: bool,
    /// How far an own whisper has come
    pub(super) delivery: Option<DeliveryState>,
    /// What people did about it
    pub(super) changes: Changes,
}

/// Something that the program says
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) text: Clean,
    pub(super) tone: Tone,
}

/// How loud it is said
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Calm,
    Answer,
    Error,
    Alarm,
}

/// The items in order
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    items: BTreeMap<Position, Item>,
    by_id: BTreeMap<Uuid, Position>,
    notices: i64,
    pending: Pending,
    /// Whether nothing older is kept anywhere
    pub(super) is_whole: bool,
}

/// How many go at once, so that it does not happen with every line
const PORTION: usize = 2_000;

impl Log {
    /// Puts a line into its place; `None` if it is there already
    pub(super) fn insert(&mut self, place: Option<Place>, mut said: Said) -> Option<Position> {
        if self.by_id.contains_key(&said.id) {
            self.change(said.id, |changes| changes.take_in(said.changes));
            return None;
        }
        said.changes.take_in(self.pending.take(said.id));
        said.settle();
        let at = match place {
            Some(place) => Position { place: Some(place), number: 0 },
            None => self.behind(),
        };
        self.by_id.insert(said.id, at);
        self.items.insert(at, Item::Said(said));
        Some(at)
    }

    /// Puts lines without places before all others, the oldest first; gives how many are new
    pub(super) fn prepend(&mut self, lines: Vec<Said>) -> usize {
        let new: Vec<Said> = lines.into_iter().filter(|said| !self.by_id.contains_key(&said.id)).collect();
        let first = self.items.keys().next().map_or(1, |first| first.number);
        let count = new.len();
        for (number, said) in (1..).zip(new.into_iter().rev()) {
            let at = Position { place: None, number: first - number };
            self.by_id.insert(said.id, at);
            self.items.insert(at, Item::Said(said));
        }
        count
    }

    /// What people do about lines counts the same whatever comes first, the line or that
    pub(super) fn on_change(&mut self, event: &Event) {
        if let Event::Edited(edited) = event {
            self.change(edited.target, |changes| changes.edit(edited));
        } else if let Event::Deleted(deleted) = event {
            self.change(deleted.target, |changes| changes.delete(deleted));
        } else if let Event::Reaction(reaction) = event {
            self.change(reaction.target, |changes| changes.react(reaction));
        }
    }

    pub(super) fn notice(&mut self, text: Clean, tone: Tone) -> Position {
        let at = self.behind();
        self.items.insert(at, Item::Notice(Notice { text, tone }));
        at
    }

    /// Puts another text where a notice stands, or takes it away
    pub(super) fn renew(&mut self, at: Position, text: Option<Clean>) {
        match (text, self.items.get_mut(&at)) {
            (Some(text), Some(Item::Notice(notice))) => notice.text = text,
            (None, Some(Item::Notice(_))) => drop(self.items.remove(&at)),
            (_, Some(Item::Said(_)) | None) => {}
        }
    }

    /// These people are called this now
    pub(super) fn call(&mut self, called: &BTreeMap<Uuid, Clean>) {
        if called.is_empty() {
            return;
        }
        for item in self.items.values_mut() {
            if let Item::Said(said) = item
                && let Some(label) = called.get(&said.author)
            {
                said.who = label.clone();
            }
        }
    }

    pub(super) fn set_delivery(&mut self, id: Uuid, state: DeliveryState) {
        if let Some(Item::Said(said)) = self.by_id.get(&id).and_then(|at| self.items.get_mut(at)) {
            said.delivery = Some(state);
        }
    }

    pub(super) fn get(&self, at: Position) -> Option<&Item> {
        self.items.get(&at)
    }

    pub(super) fn said(&self, id: Uuid) -> Option<&Said> {
        match self.by_id.get(&id).and_then(|at| self.items.get(at)) {
            Some(Item::Said(said)) => Some(said),
            Some(Item::Notice(_)) | None => None,
        }
    }

    pub(super) fn position(&self, id: Uuid) -> Option<Position> {
        self.by_id.get(&id).copied()
    }

    /// Those up to here, from the end, or all of them
    pub(super) fn upto(&self, last: Option<Position>) -> impl DoubleEndedIterator<Item = (Position, &Item)> {
        let (from, to) = (std::ops::Bound::Unbounded, last);
        let to = to.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Included);
        self.items.range((from, to)).map(|(at, item)| (*at, item))
    }

    /// Those behind here, from the beginning
    pub(super) fn behind_of(&self, at: Position) -> impl Iterator<Item = (Position, &Item)> {
        let from = (std::ops::Bound::Excluded(at), std::ops::Bound::Unbounded);
        self.items.range(from).map(|(at, item)| (*at, item))
    }

    pub(super) fn first(&self) -> Option<Position> {
        self.items.keys().next().copied()
    }

    pub(super) fn last(&self) -> Option<Position> {
        self.items.keys().next_back().copied()
    }

    /// The place of the oldest line, before which older ones are to be loaded
    pub(super) fn oldest(&self) -> Option<Place> {
        self.items.iter().find_map(|(at, item)| at.place.filter(|_| matches!(item, Item::Said(_))))
    }

    /// How many lines there are
    pub(super) fn lines(&self) -> usize {
        self.by_id.len()
    }

    fn change(&mut self, line: Uuid, change: impl FnOnce(&mut Changes)) {
        match self.by_id.get(&line).and_then(|at| self.items.get_mut(at)) {
            Some(Item::Said(said)) => {
                change(&mut said.changes);
                said.settle();
            }
            Some(Item::Notice(_)) | None => self.pending.change(line, change),
        }
    }

    fn behind(&mut self) -> Position {
        self.notices += 1;
        let newest = self.items.keys().next_back().copied();
        let place = newest.and_then(|newest| newest.place);
        Position { place, number: self.notices }
    }

    /// Lets go of the oldest items when there are more than so many; they can be loaded again
    pub(super) fn forget(&mut self, most: usize) {
        if self.items.len() <= most {
            return;
        }
        while self.items.len() > most.saturating_sub(PORTION) {
            if let Some((_, Item::Said(said))) = self.items.pop_first() {
                self.by_id.remove(&said.id);
            }
        }
        self.is_whole = false;
    }
}

impl Said {
    /// What it says now; `None` if its author asked to forget it
    pub(super) fn says(&self) -> Option<&Unclean> {
        (!self.is_deleted).then_some(&self.text)
    }

    /// What people react with, how many of them, and whether one does so oneself
    pub(super) fn reactions(&self, own: Uuid) -> Vec<(&Unclean, usize, bool)> {
        let mut counts: Vec<(&Unclean, usize, bool)> = Vec::new();
        let reactions = if self.is_deleted { Vec::new() } else { self.changes.reactions() };
        for (author, with) in reactions {
            match counts.iter_mut().find(|(known, ..)| *known == with) {
                Some((_, count, is_own)) => {
                    *count += 1;
                    *is_own |= author.id == own;
                }
                None => counts.push((with, 1, author.id == own)),
            }
        }
        counts
    }

    /// Becomes what its author made of it
    fn settle(&mut self) {
        match self.changes.made_by(self.author) {
            Made::Unchanged => {}
            Made::Anew(text) => (self.text, self.is_edited) = (text.clone(), true),
            Made::Deleted => {
                (self.text, self.is_edited, self.is_deleted) = (Unclean::default(), false, true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::{Event, tests::line},
        sanitize::clean,
    };

    fn said(number: u128) -> Said {
        Said {
            id: Uuid::from_u128(number),
            author: Uuid::nil(),
            who: clean("bob"),
            text: number.to_string().into(),
            sent_at: Timestamp::UNIX_EPOCH,
            own: false,
            late: false,
            reply_to: None,
            is_edited: false,
            is_deleted: false,
            mentions_me: false,
            delivery: None,
            changes: Changes::default(),
        }
    }

    fn place(number: u64) -> Option<Place> {
        let Event::Message { order, .. } = line(number, "") else { return None };
        Some(order)
    }

    fn shown(log: &Log) -> Vec<String> {
        let text = |item: &Item| match item {
            Item::Said(said) => said.text.as_written().to_owned(),
            Item::Notice(notice) => notice.text.to_string(),
        };
        log.upto(None).map(|(_, item)| text(item)).collect()
    }

    #[test]
    fn lines_go_to_their_places_and_notices_stay_where_they_came_up() {
        let mut log = Log::default();
        log.notice(clean("begin"), Tone::Calm);
        log.insert(place(5), said(5));
        let gap = log.notice(clean("gap"), Tone::Calm);
        log.insert(place(9), said(9));
        log.insert(place(3), said(3));
        assert_eq!(log.insert(place(3), said(3)), None, "twice");
        assert_eq!(shown(&log), ["begin", "3", "5", "gap", "9"]);
        log.renew(gap, None);
        assert_eq!((shown(&log).len(), log.oldest()), (4, place(3)));
    }

    #[test]
    fn older_whispers_go_before_the_others_each_once() {
        let mut log = Log::default();
        log.insert(None, said(8));
        log.insert(None, said(9));
        assert_eq!(log.prepend([6, 7, 8].map(said).into()), 2);
        assert_eq!(log.prepend([4, 5, 6, 7, 8].map(said).into()), 2);
        assert_eq!(shown(&log), ["4", "5", "6", "7", "8", "9"]);
    }

    #[test]
    fn a_log_does_not_grow_for_ever_and_knows_that_something_is_missing() {
        let mut log = Log { is_whole: true, ..Log::default() };
        for number in 0..=5_000 {
            log.insert(place(number), said(number.into()));
        }
        log.forget(5_001);
        assert_eq!((log.lines(), log.is_whole), (5_001, true));
        log.forget(5_000);
        assert_eq!((log.lines(), log.is_whole), (5_000 - PORTION, false));
        assert!(log.said(Uuid::from_u128(1)).is_none());
    }
}
