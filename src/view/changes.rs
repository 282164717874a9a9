//! What people did about one line, which may not have come yet

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    event::{Author, Deleted, Edited, Event, Place, Reaction},
    sanitize::Unclean,
};

/// Edits, deletions and reactions about one line, as far as they can count, in whatever order they came
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Whose line it is said to be; only its author's count in the end
    edits: BTreeMap<Uuid, (Place, Unclean)>,
    deletions: BTreeMap<Uuid, Place>,
    /// By who and what; an empty text takes back all that they did before
    reactions: BTreeMap<(Uuid, Unclean), (Place, Author)>,
}

/// What its author made of a line
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made<'a> {
    /// Nothing
    Unchanged,
    /// Another text
    Anew(&'a Unclean),
    /// Something to be forgotten
    Deleted,
}

/// What was done about lines that are not here, or not yet
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    lines: BTreeMap<Uuid, Changes>,
}

/// About how many lines that are not here something is kept: what others claim must not fill the memory
pub(super) const MAX_PENDING: usize = 500;
/// How many people may change one line whose author is not known yet
const MAX_AUTHORS: usize = 8;
/// How many reactions of one person to one line are kept, the newest
const MAX_REACTIONS_OF_ONE: usize = 8;
/// How many there are at most under one line, the newest
const MAX_REACTIONS: usize = 256;

impl Changes {
    /// What is known of a line from the event that tells of it
    pub(crate) fn of_message(event: &Event) -> Self {
        let mut changes = Self::default();
        if let Event::Message { from, text, order, edited_order, deleted, .. } = event {
            if let Some(order) = edited_order {
                changes.edits.insert(from.id, (*order, text.clone()));
            }
            if *deleted {
                changes.deletions.insert(from.id, *order);
            }
        }
        changes
    }

    pub(crate) fn edit(&mut self, edited: &Edited) {
        self.put_edit(edited.from.id, (edited.order, edited.text.clone()));
    }

    pub(crate) fn delete(&mut self, deleted: &Deleted) {
        self.put_deletion(deleted.from.id, deleted.order);
    }

    pub(crate) fn react(&mut self, reaction: &Reaction) {
        let Reaction { from, with, order, .. } = reaction;
        self.put_reaction((from.id, with.clone()), (*order, from.clone()));
    }

    /// Adds what was kept elsewhere about the same line
    pub(crate) fn take_in(&mut self, other: Self) {
        other.edits.into_iter().for_each(|(author, edit)| self.put_edit(author, edit));
        other.deletions.into_iter().for_each(|(author, order)| self.put_deletion(author, order));
        other.reactions.into_iter().for_each(|(key, reaction)| self.put_reaction(key, reaction));
    }

    /// What the author of the line made of it; what nobody else may do is forgotten, and what a deleted line was to say
    pub(crate) fn made_by(&mut self, author: Uuid) -> Made<'_> {
        self.edits.retain(|who, _| *who == author);
        self.deletions.retain(|who, _| *who == author);
        if !self.deletions.is_empty() {
            self.edits.clear();
            return Made::Deleted;
        }
        self.edits.get(&author).map_or(Made::Unchanged, |(_, text)| Made::Anew(text))
    }

    /// What is under the line, in the order of the transcript
    pub(crate) fn reactions(&self) -> Vec<(&Author, &Unclean)> {
        let taken_back = |who: Uuid| self.reactions.get(&(who, Unclean::default())).map(|(order, _)| order);
        let mut under: Vec<_> = self
            .reactions
            .iter()
            .filter(|((who, with), (order, _))| {
                *with != "" && taken_back(*who).is_none_or(|back| order > back)
            })
            .collect();
        under.sort_by_key(|(_, (order, _))| *order);
        under.into_iter().map(|((_, with), (_, from))| (from, with)).collect()
    }

    /// The place of the newest of them
    fn newest(&self) -> Option<Place> {
        let edits = self.edits.values().map(|(order, _)| *order);
        let reactions = self.reactions.values().map(|(order, _)| *order);
        edits.chain(reactions).chain(self.deletions.values().copied()).max()
    }

    fn put_edit(&mut self, author: Uuid, edit: (Place, Unclean)) {
        put_newer(&mut self.edits, author, edit, |(order, _)| *order);
        shorten(&mut self.edits, MAX_AUTHORS, |_| true, |(order, _)| *order);
    }

    fn put_deletion(&mut self, author: Uuid, order: Place) {
        put_newer(&mut self.deletions, author, order, |order| *order);
        shorten(&mut self.deletions, MAX_AUTHORS, |_| true, |order| *order);
    }

    fn put_reaction(&mut self, key: (Uuid, Unclean), reaction: (Place, Author)) {
        let who = key.0;
        put_newer(&mut self.reactions, key, reaction, |(order, _)| *order);
        shorten(&mut self.reactions, MAX_REACTIONS_OF_ONE, |(by, _)| *by == who, |(order, _)| *order);
        shorten(&mut self.reactions, MAX_REACTIONS, |_| true, |(order, _)| *order);
    }
}

impl Pending {
    /// Keeps what is done about a line, and forgets the oldest of too much
    pub(crate) fn change(&mut self, line: Uuid, change: impl FnOnce(&mut Changes)) {
        change(self.lines.entry(line).or_default());
        if self.lines.len() > MAX_PENDING {
            let oldest = self.lines.iter().min_by_key(|(id, changes)| (changes.newest(), **id));
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.lines.remove(&oldest);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// What was done about a line that is here now
    pub(crate) fn take(&mut self, line: Uuid) -> Changes {
        self.lines.remove(&line).unwrap_or_default()
    }
}

/// Keeps that of two which has the greater place
fn put_newer<K: Ord, V>(all: &mut BTreeMap<K, V>, key: K, value: V, order: impl Fn(&V) -> Place) {
    if all.get(&key).is_none_or(|known| order(known) < order(&value)) {
        all.insert(key, value);
    }
}

/// Takes away the one with the smallest place of those that match if they are more than so many
fn shorten<K: Ord + Clone, V>(
    all: &mut BTreeMap<K, V>,
    most: usize,
    matches: impl Fn(&K) -> bool,
    order: impl Fn(&V) -> Place,
) {
    if all.len() <= most || all.keys().filter(|key| matches(key)).count() <= most {
        return;
    }
    let oldest = all.iter().filter(|(key, _)| matches(key)).min_by_key(|(_, value)| order(value));
    if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
        all.remove(&oldest);
    }
}
