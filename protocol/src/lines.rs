use alloc::string::String;

use crate::{About, Change, KeptChange, KeptLine, MessageId, Order, Text, WallTime, wire::Item};

/// A line as somebody said it, whole
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The id of its first item
    pub(crate) id: MessageId,
    pub(crate) text: Text,
    pub(crate) sent_at: WallTime,
    /// What it is about, as far as that was said before it
    pub(crate) about: Option<About>,
}

/// Something that was said to all: a line, or a change to lines or to the room
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Line(KeptLine),
    Change(KeptChange),
}

impl Line {
    /// What it is in a room, where it stands there
    pub(crate) fn told(self, order: Order) -> Told {
        let Self { id, text, sent_at, about } = self;
        match about {
            Some(About::Edit(target)) => {
                Told::Change(KeptChange { id, order, change: Change::Edit { target, text }, sent_at })
            }
            Some(About::Reply(target)) => {
                Told::Line(KeptLine { id, order, text, sent_at, reply_to: Some(target) })
            }
            None => Told::Line(KeptLine { id, order, text, sent_at, reply_to: None }),
        }
    }
}

/// Puts lines together from one author's items, in the order of the log (PROTOCOL.md §7)
#[derive(Debug, Default)]
pub(crate) struct Lines {
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    id: MessageId,
    sent_at: WallTime,
    text: String,
    is_full: bool,
}

impl Lines {
    /// The line that this item completes, if it is text and completes one
    pub(crate) fn push(&mut self, id: MessageId, sent_at: WallTime, item: &Item) -> Option<Line> {
        if item.begins_line() {
            self.begun = Some(Begun { id, sent_at, text: String::new(), is_full: false });
        } else if !item.continues_line() {
            return None;
        }
        let line = self.begun.as_mut()?;
        let piece = String::from_utf8_lossy(&item.body);
        line.is_full |= line.text.len() + piece.len() > Text::MAX_BYTES;
        if !line.is_full {
            line.text.reserve_exact(piece.len());
            line.text.push_str(&piece);
        }
        if matches!(item.kind, Item::TEXT | Item::TEXT_END) { self.finish() } else { None }
    }

    /// Whether a line was begun and has not ended
    pub(crate) fn is_open(&self) -> bool {
        self.begun.is_some()
    }

    /// What there is of a line whose rest will not come
    pub(crate) fn finish(&mut self) -> Option<Line> {
        let Begun { id, sent_at, text, .. } = self.begun.take()?;
        Some(Line { id, text: Text::new(&text).ok()?, sent_at, about: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{EntryHash, MAX_ITEM_BYTES, bounded::Bytes};

    fn push(lines: &mut Lines, place: u32, item: &Item) -> Option<Line> {
        let id = MessageId::of_item(EntryHash::default().as_bytes(), place);
        lines.push(id, WallTime::from_unix_millis(u64::from(place)), item)
    }

    #[test]
    fn a_long_line_arrives_whole_under_its_first_items_id() {
        let text = Text::new(&"é".repeat(Text::MAX_BYTES / 2)).unwrap();
        let items = Item::from_text(&text);
        assert!(items.len() > Text::MAX_BYTES / MAX_ITEM_BYTES);
        let mut lines = Lines::default();
        let (last, parts) = items.split_last().unwrap();
        for (place, part) in (0..).zip(parts) {
            assert_eq!(push(&mut lines, place, part), None);
        }
        let line = push(&mut lines, 99, last).unwrap();
        assert_eq!(line.text, text);
        assert_eq!(line.id, MessageId::of_item(EntryHash::default().as_bytes(), 0));
    }

    fn part(kind: u16, byte: u8, length: usize) -> Item {
        Item { kind, body: Bytes::new(alloc::vec![byte; length]).unwrap() }
    }

    #[test]
    fn a_line_without_end_stays_within_the_bound() {
        let mut lines = Lines::default();
        assert_eq!(push(&mut lines, 0, &part(Item::TEXT_BEGIN, b'x', MAX_ITEM_BYTES)), None);
        for place in 1..1_000 {
            assert_eq!(push(&mut lines, place, &part(Item::TEXT_MORE, b'x', MAX_ITEM_BYTES)), None);
        }
        assert!(lines.finish().unwrap().text.as_str().len() <= Text::MAX_BYTES);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_has_no_hole() {
        let mut lines = Lines::default();
        push(&mut lines, 0, &part(Item::TEXT_BEGIN, b'x', MAX_ITEM_BYTES));
        for place in 1..9 {
            push(&mut lines, place, &part(Item::TEXT_MORE, b'x', MAX_ITEM_BYTES));
        }
        let line = push(&mut lines, 9, &part(Item::TEXT_END, b'y', 10)).unwrap();
        assert_eq!(line.text.as_str(), "x".repeat(8 * MAX_ITEM_BYTES));
        assert_eq!(push(&mut lines, 10, &part(Item::TEXT, b'y', 10)).unwrap().text.as_str(), "y".repeat(10));
    }

    #[test]
    fn a_part_whose_beginning_is_missing_is_no_line() {
        let mut lines = Lines::default();
        assert_eq!(push(&mut lines, 0, &part(Item::TEXT_MORE, b'x', 3)), None);
        assert_eq!(push(&mut lines, 1, &part(Item::TEXT_END, b'x', 3)), None);
        assert_eq!(push(&mut lines, 2, &part(Item::TEXT, b'y', 3)).unwrap().text.as_str(), "yyy");
    }

    #[test]
    fn what_is_not_utf8_is_shown_replaced_and_unknown_kinds_are_passed_over() {
        let mut lines = Lines::default();
        let text = Item { kind: Item::TEXT, body: Bytes::new(b"a\xffb".to_vec()).unwrap() };
        assert_eq!(push(&mut lines, 0, &text).unwrap().text.as_str(), "a\u{fffd}b");
        let unknown = Item { kind: 999, body: Bytes::new(b"?".to_vec()).unwrap() };
        assert_eq!(push(&mut lines, 1, &unknown), None);
    }
}
