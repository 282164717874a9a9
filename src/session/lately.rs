//! Which lines were said lately, so that one can be meant by who said it, and what was whispered, so that it is not

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lanchat_protocol::PeerId;
use uuid::Uuid;

use crate::{
    event::{Event, Place},
    store::Named,
};

/// The last lines of everybody in a room, and the last whispers in all
#[derive(Debug, Default)]
pub(super) struct Lately {
    lines: BTreeMap<Uuid, BTreeMap<Place, Uuid>>,
    authors: BTreeMap<Uuid, Uuid>,
    whispers: BTreeSet<Uuid>,
    /// The same, as they came
    whispered: VecDeque<Uuid>,
}

/// Of how many people something is remembered: of those who spoke last
const MAX_AUTHORS: usize = 1_024;
/// How many lines of each
const MAX_LINES: usize = 64;
/// How many lines of one's own, which one may want to edit although nothing is kept on the disk
const MAX_OWN_LINES: usize = 4_096;
/// How many whispers; those of before that are kept on the disk
const MAX_WHISPERS: usize = 4_096;

impl Lately {
    /// Takes in a line, a whisper or a deletion; a line that is deleted is not meant any more
    pub(super) fn apply(&mut self, event: &Event) {
        if let Event::Message { id, from, order, own, deleted: false, .. } = event {
            let most = if *own { MAX_OWN_LINES } else { MAX_LINES };
            self.remember(from.id, *order, *id, most);
        } else if let Event::Whisper { id, .. } = event {
            self.remember_whisper(*id);
        } else if let Event::Deleted(deleted) = event
            && self.author(deleted.target) == Some(deleted.from.id)
        {
            self.forget(deleted.from.id, |id| id == deleted.target);
        }
    }

    /// The last line of somebody
    pub(super) fn last_of(&self, author: Uuid) -> Option<(Place, Uuid)> {
        let (place, id) = self.lines.get(&author)?.last_key_value()?;
        Some((*place, *id))
    }

    /// What an id names, if that is remembered
    pub(super) fn named(&self, id: Uuid) -> Option<Named> {
        match self.author(id) {
            Some(author) => Some(Named::Line { author: PeerId::from_uuid(author) }),
            None => self.whispers.contains(&id).then_some(Named::Whisper),
        }
    }

    fn author(&self, id: Uuid) -> Option<Uuid> {
        self.authors.get(&id).copied()
    }

    fn remember_whisper(&mut self, id: Uuid) {
        if self.whispers.insert(id) {
            self.whispered.push_back(id);
        }
        if self.whispered.len() > MAX_WHISPERS
            && let Some(oldest) = self.whispered.pop_front()
        {
            self.whispers.remove(&oldest);
        }
    }

    fn remember(&mut self, author: Uuid, place: Place, id: Uuid, most: usize) {
        let lines = self.lines.entry(author).or_default();
        lines.insert(place, id);
        self.authors.insert(id, author);
        if lines.len() > most
            && let Some((_, oldest)) = lines.pop_first()
        {
            self.authors.remove(&oldest);
        }
        if self.lines.len() > MAX_AUTHORS {
            let silent = self.lines.iter().min_by_key(|(_, lines)| lines.keys().next_back().copied());
            if let Some(silent) = silent.map(|(author, _)| *author) {
                self.forget(silent, |_| true);
            }
        }
    }

    fn forget(&mut self, author: Uuid, is_meant: impl Fn(Uuid) -> bool) {
        let Some(lines) = self.lines.get_mut(&author) else { return };
        lines.retain(|_, id| !is_meant(*id));
        if lines.is_empty() {
            self.lines.remove(&author);
        }
        self.authors.retain(|id, by| *by != author || !is_meant(*id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{
        Author, Deleted,
        tests::{contract, line},
    };

    const BOB: Uuid = Uuid::from_u128(0x8000_8000_0000_0000_000b);

    #[test]
    fn the_last_line_is_the_one_with_the_greatest_place_that_is_not_deleted() {
        let mut lately = Lately::default();
        [3, 1, 2].into_iter().for_each(|number| lately.apply(&line(number, "hi")));
        assert_eq!(last(&lately, BOB), Some(3));
        for (by, left) in [(Uuid::nil(), 3), (BOB, 2)] {
            lately.apply(&deleted(3, by));
            assert_eq!(last(&lately, BOB), Some(left), "only its author deletes a line");
        }
        assert_eq!((lately.author(Uuid::from_u128(2)), lately.author(Uuid::from_u128(3))), (Some(BOB), None));
        assert_eq!(last(&lately, Uuid::nil()), None);
    }

    #[test]
    fn much_talk_by_many_does_not_fill_the_memory() {
        let mut lately = Lately::default();
        for number in 0..3_000 {
            let mut event = line(number, "hi");
            let speaker = if number % 2 == 0 { u128::from(number) } else { 0 };
            if let Event::Message { from, .. } = &mut event {
                *from = Author::new(Uuid::from_u128(speaker), "x");
            }
            lately.apply(&event);
        }
        assert_eq!(lately.lines.len(), MAX_AUTHORS);
        assert_eq!(lately.lines[&Uuid::nil()].len(), MAX_LINES);
        assert_eq!(lately.authors.len(), MAX_AUTHORS - 1 + MAX_LINES);
        assert_eq!(last(&lately, Uuid::from_u128(2_998)), Some(2_998));
        assert_eq!(last(&lately, Uuid::from_u128(2)), None, "they have been silent for longest");
    }

    fn last(lately: &Lately, author: Uuid) -> Option<u128> {
        lately.last_of(author).map(|(_, id)| id.as_u128())
    }

    fn deleted(target: u128, by: Uuid) -> Event {
        let Event::Message { room, order, .. } = contract()[4].clone() else { panic!("no message") };
        let (target, from) = (Uuid::from_u128(target), Author::new(by, "x"));
        Event::Deleted(Deleted { room, target, from, order, own: false, late: false, past: false })
    }
}
