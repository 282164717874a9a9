//! What people did about lines: it counts the same whatever came first, the line or that

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{
    event::{Deleted, Edited, Event, Place, Reaction},
    sanitize::Unclean,
};

/// Edits, deletions and reactions of one conversation, by the lines that they are about
///
/// Whether somebody may change a line is told when it is asked for, since the line may come later.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    edits: BTreeMap<(Uuid, Uuid), (Place, Unclean)>,
    deletions: BTreeSet<(Uuid, Uuid)>,
    reactions: BTreeMap<Uuid, BTreeMap<Uuid, Reactions>>,
}

/// What others claim about lines that never come must not fill the memory
const MAX_LINES: usize = 20_000;
/// Different ones of one person to one line
const MAX_REACTIONS: usize = 8;

/// Those of one person to one line
#[derive(Clone, Debug, Default)]
struct Reactions {
    taken_back: Option<Place>,
    with: BTreeMap<Unclean, Place>,
}

impl About {
    /// Whether the event is about a line
    pub(super) fn apply(&mut self, event: &Event) -> bool {
        match event {
            Event::Edited(edited) => self.on_edited(edited),
            Event::Deleted(deleted) => self.on_deleted(deleted),
            Event::Reaction(reaction) => self.on_reaction(reaction),
            _ => return false,
        }
        true
    }

    /// What the author of a line says instead
    pub(super) fn new_text(&self, line: Uuid, author: Uuid) -> Option<&Unclean> {
        self.edits.get(&(line, author)).map(|(_, text)| text)
    }

    /// Whether the author of a line asked to forget it
    pub(super) fn is_deleted(&self, line: Uuid, author: Uuid) -> bool {
        self.deletions.contains(&(line, author))
    }

    /// What people react with, how many of them, and whether one does so oneself
    pub(super) fn reactions(&self, line: Uuid, own: Uuid) -> Vec<(&Unclean, usize, bool)> {
        let mut counts: BTreeMap<&Unclean, (usize, bool)> = BTreeMap::new();
        for (author, reactions) in self.reactions.get(&line).into_iter().flatten() {
            for with in reactions.counting() {
                let (count, is_own) = counts.entry(with).or_default();
                *count += 1;
                *is_own |= *author == own;
            }
        }
        counts.into_iter().map(|(with, (count, is_own))| (with, count, is_own)).collect()
    }

    fn on_edited(&mut self, edited: &Edited) {
        let of = (edited.target, edited.from.id);
        if self.edits.get(&of).is_none_or(|(place, _)| *place < edited.order) {
            self.edits.insert(of, (edited.order, edited.text.clone()));
        }
        if self.edits.len() > MAX_LINES {
            self.edits.pop_first();
        }
    }

    fn on_deleted(&mut self, deleted: &Deleted) {
        self.deletions.insert((deleted.target, deleted.from.id));
        if self.deletions.len() > MAX_LINES {
            self.deletions.pop_first();
        }
    }

    fn on_reaction(&mut self, reaction: &Reaction) {
        let people = self.reactions.entry(reaction.target).or_default();
        let theirs = people.entry(reaction.from.id).or_default();
        let place = Some(reaction.order);
        if reaction.with == "" {
            theirs.taken_back = theirs.taken_back.max(place);
        } else if theirs.with.len() < MAX_REACTIONS || theirs.with.contains_key(&reaction.with) {
            let last = theirs.with.entry(reaction.with.clone()).or_insert(reaction.order);
            *last = (*last).max(reaction.order);
        }
        if self.reactions.len() > MAX_LINES {
            self.reactions.pop_first();
        }
    }
}

impl Reactions {
    fn counting(&self) -> impl Iterator<Item = &Unclean> {
        self.with.iter().filter(|(_, place)| Some(**place) > self.taken_back).map(|(with, _)| with)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::{Author, tests::line};

    const TARGET: Uuid = Uuid::from_u128(7);

    fn place(number: u64) -> Place {
        let Event::Message { order, .. } = line(number, "") else { panic!("no line") };
        order
    }

    fn author(number: u128) -> Author {
        Author::new(Uuid::from_u128(number), "x")
    }

    fn reaction(from: u128, with: &str, at: u64) -> Event {
        let (room, with, order) = (String::new(), with.into(), place(at));
        let from = author(from);
        Event::Reaction(Reaction { room, target: TARGET, from, with, order, own: false, past: false })
    }

    fn edited(from: u128, text: &str, at: u64) -> Event {
        let (room, text, order) = (String::new(), text.into(), place(at));
        let (id, from, sent_at) = (Uuid::from_u128(at.into()), author(from), jiff::Timestamp::UNIX_EPOCH);
        Event::Edited(Edited { room, id, target: TARGET, from, text, sent_at, order, own: false, past: false })
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_changes_nothing(order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle()) {
            let events = [
                edited(1, "first", 10), edited(1, "last", 12), edited(2, "forged", 20),
                reaction(1, "👍", 11), reaction(1, "", 13), reaction(1, "🎉", 14), reaction(2, "🎉", 9),
            ];
            let mut about = About::default();
            order.iter().for_each(|at| assert!(about.apply(&events[*at])));
            prop_assert_eq!(about.new_text(TARGET, Uuid::from_u128(1)), Some(&"last".into()));
            prop_assert_eq!(about.reactions(TARGET, Uuid::from_u128(2)), [(&"🎉".into(), 2, true)]);
        }
    }

    #[test]
    fn nobody_deletes_what_others_said() {
        let mut about = About::default();
        let deleted = Deleted {
            room: String::new(),
            target: TARGET,
            from: author(2),
            order: place(1),
            own: false,
            past: false,
        };
        about.apply(&Event::Deleted(deleted));
        assert!(!about.is_deleted(TARGET, Uuid::from_u128(1)) && about.is_deleted(TARGET, Uuid::from_u128(2)));
    }
}
