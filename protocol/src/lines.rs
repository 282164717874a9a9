use alloc::string::String;

use crate::{MessageId, Text, WallTime, wire::Item};

/// A line as somebody said it, whole
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The id of its first item
    pub(crate) id: MessageId,
    pub(crate) text: Text,
    pub(crate) sent_at: WallTime,
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
        if item.kind != Item::TEXT && item.kind != Item::TEXT_PART {
            return None;
        }
        let line =
            self.begun.get_or_insert_with(|| Begun { id, sent_at, text: String::new(), is_full: false });
        let piece = String::from_utf8_lossy(&item.body);
        line.is_full |= line.text.len() + piece.len() > Text::MAX_BYTES;
        if !line.is_full {
            line.text.reserve_exact(piece.len());
            line.text.push_str(&piece);
        }
        if item.kind == Item::TEXT { self.finish() } else { None }
    }

    /// Whether a line was begun and has not ended
    pub(crate) fn is_open(&self) -> bool {
        self.begun.is_some()
    }

    /// What there is of a line whose rest will not come
    pub(crate) fn finish(&mut self) -> Option<Line> {
        let Begun { id, sent_at, text, .. } = self.begun.take()?;
        Some(Line { id, text: Text::new(&text).ok()?, sent_at })
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

    #[test]
    fn a_line_without_end_stays_within_the_bound() {
        let part = Item { kind: Item::TEXT_PART, body: Bytes::new([b'x'; MAX_ITEM_BYTES].to_vec()).unwrap() };
        let mut lines = Lines::default();
        for place in 0..1_000 {
            assert_eq!(push(&mut lines, place, &part), None);
        }
        assert!(lines.finish().unwrap().text.as_str().len() <= Text::MAX_BYTES);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_has_no_hole() {
        let part = |byte: u8, length| {
            let body = Bytes::new(alloc::vec![byte; length]).unwrap();
            Item { kind: Item::TEXT_PART, body }
        };
        let mut lines = Lines::default();
        for place in 0..9 {
            push(&mut lines, place, &part(b'x', MAX_ITEM_BYTES));
        }
        let last = Item { kind: Item::TEXT, ..part(b'y', 10) };
        let line = push(&mut lines, 9, &last).unwrap();
        assert_eq!(line.text.as_str(), "x".repeat(8 * MAX_ITEM_BYTES));
        assert_eq!(push(&mut lines, 10, &last).unwrap().text.as_str(), "y".repeat(10));
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
