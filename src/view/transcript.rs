//! What was said in the room, in the order that is the same for everyone

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    changes::{Changes, Made, Pending},
    holders::Holders,
};
use crate::{
    event::{Author, DeliveryState, Event, Place},
    sanitize::Unclean,
};

/// The newest lines of the room, each in its place however late it came, as people made them since, and what is missing
/// among them
///
/// A fold of [`Event`]s like [`View`](super::View), but apart from it: who shows no transcript need not keep one. In
/// whatever order they come, the same events give the same lines.
#[derive(Clone, Debug)]
pub struct Transcript {
    most: usize,
    lines: BTreeMap<Position, Line>,
    positions: BTreeMap<Uuid, Position>,
    pending: Pending,
    holders: Holders,
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
    /// What was said, as it was sent, or what its author says instead by now; empty once it is deleted
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
    /// The message id of the line that it answers
    pub reply_to: Option<Uuid>,
    /// Whether its author has said it anew
    pub edited: bool,
    /// Whether its author has asked to forget it
    pub deleted: bool,
    changes: Changes,
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
        Self {
            most,
            lines: BTreeMap::new(),
            positions: BTreeMap::new(),
            pending: Pending::default(),
            holders: Holders::default(),
            gaps: BTreeMap::new(),
        }
    }

    /// Takes in one event; those that say nothing about lines leave the transcript as it is
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Message { order, .. } => {
                if let Some(line) = Line::said(event) {
                    self.insert((Some(*order), 0), line);
                }
            }
            Event::Whisper { .. } => {
                let newest = self.lines.keys().next_back().copied();
                if let Some(line) = Line::whispered(event) {
                    self.insert(newest.map_or((None, 1), |(place, number)| (place, number + 1)), line);
                }
            }
            Event::Edited(edited) => self.change(edited.target, |changes| changes.edit(edited)),
            Event::Deleted(deleted) => self.change(deleted.target, |changes| changes.delete(deleted)),
            Event::Reaction(reaction) => self.change(reaction.target, |changes| changes.react(reaction)),
            Event::Holds(holds) => self.holders.apply(holds),
            Event::Gap { id, author, name, missing, .. } => {
                self.on_gap(id, Gap { author: *author, name: name.clone(), missing: *missing });
            }
            Event::Ready { .. }
            | Event::Alone { .. }
            | Event::Peer { .. }
            | Event::Delivery { .. }
            | Event::Topic(_)
            | Event::Typing(_)
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

    /// One of them
    pub fn line(&self, id: Uuid) -> Option<&Line> {
        self.lines.get(self.positions.get(&id)?)
    }

    /// Who of these people is known to have an own line, and who is not; nothing for a line of somebody else
    pub fn received(
        &self,
        id: Uuid,
        people: impl IntoIterator<Item = Uuid>,
    ) -> Option<(Vec<Uuid>, Vec<Uuid>)> {
        let (place, _) = self.positions.get(&id)?;
        let place =
            place.filter(|_| self.line(id).is_some_and(|line| line.own && line.kind == Kind::Said))?;
        Some(people.into_iter().partition(|peer| self.holders.has(*peer, &place)))
    }

    /// Whether there is no line
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// What is missing, by the ids of the gaps
    pub fn gaps(&self) -> &BTreeMap<String, Gap> {
        &self.gaps
    }

    fn insert(&mut self, at: Position, mut line: Line) {
        let id = line.id;
        if line.kind == Kind::Said {
            line.changes.take_in(self.pending.take(id));
        }
        match self.lines.entry(at) {
            Entry::Vacant(vacant) => vacant.insert(line).settle(),
            Entry::Occupied(mut known) => known.get_mut().take_in(line),
        }
        self.positions.insert(id, at);
        if self.lines.len() > self.most
            && let Some((_, oldest)) = self.lines.pop_first()
        {
            self.positions.remove(&oldest.id);
        }
    }

    fn change(&mut self, target: Uuid, change: impl FnOnce(&mut Changes)) {
        if let Some(line) = self.positions.get(&target).and_then(|at| self.lines.get_mut(at)) {
            if line.kind != Kind::Said {
                return;
            }
            change(&mut line.changes);
            return line.settle();
        }
        self.pending.change(target, change);
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

impl Line {
    /// A line as it comes
    fn said(event: &Event) -> Option<Self> {
        let Event::Message { id, from, text, sent_at, own, late, past, reply_to, edited, .. } = event else {
            return None;
        };
        Some(Self {
            id: *id,
            from: from.clone(),
            kind: Kind::Said,
            text: text.clone(),
            sent_at: *sent_at,
            own: *own,
            late: *late,
            past: *past,
            state: None,
            reply_to: *reply_to,
            edited: *edited,
            deleted: false,
            changes: Changes::of_message(event),
        })
    }

    /// A whisper as it comes
    fn whispered(event: &Event) -> Option<Self> {
        let Event::Whisper { id, from, to, text, sent_at, own, past, state } = event else { return None };
        Some(Self {
            id: *id,
            from: from.clone(),
            kind: to.map_or(Kind::Heard, Kind::Whispered),
            text: text.clone(),
            sent_at: *sent_at,
            own: *own,
            late: false,
            past: *past,
            state: *state,
            reply_to: None,
            edited: false,
            deleted: false,
            changes: Changes::default(),
        })
    }

    /// What people put under it, in the order of the transcript
    pub fn reactions(&self) -> Vec<(&Author, &Unclean)> {
        if self.deleted { Vec::new() } else { self.changes.reactions() }
    }

    /// The same line again, which may have been changed since
    fn take_in(&mut self, again: Self) {
        self.changes.take_in(again.changes);
        self.settle();
    }

    /// Becomes what its author made of it
    fn settle(&mut self) {
        match self.changes.made_by(self.from.id) {
            Made::Unchanged => {}
            Made::Anew(text) => (self.text, self.edited) = (text.clone(), true),
            Made::Deleted => {
                (self.text, self.edited, self.deleted) = (Unclean::default(), false, true);
            }
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
mod tests;
