//! The line that is being typed: a text of any number of rows, and where the cursor is in it

use unicode_segmentation::UnicodeSegmentation;

/// A text that is being edited
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    text: String,
    /// In bytes, at the border of a grapheme
    cursor: usize,
    /// What was cut off last
    cut: String,
    /// Texts and cursors of before, the latest last
    before: Vec<(String, usize)>,
    /// Whether the last change was typing, which is undone a word at a time
    is_typing: bool,
}

/// How much one types and does not want any more after all
const MAX_UNDO: usize = 100;

impl Line {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// In bytes
    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Another text, with the cursor at its end
    pub(super) fn set(&mut self, text: impl Into<String>) {
        self.remember(false);
        self.text = text.into();
        self.cursor = self.text.len();
    }

    /// The text, which is gone then
    pub(super) fn take(&mut self) -> String {
        self.before.clear();
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Types a character
    pub(super) fn insert(&mut self, c: char) {
        self.remember(!c.is_whitespace());
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
    }

    /// Puts a text in at once
    pub(super) fn paste(&mut self, text: &str) {
        self.remember(false);
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
    }

    /// Puts a text where another stands
    pub(super) fn replace(&mut self, range: std::ops::Range<usize>, with: &str) {
        self.remember(false);
        self.cursor = range.start + with.len();
        self.text.replace_range(range, with);
    }

    pub(super) fn left(&mut self) {
        self.cursor = self.previous();
    }

    pub(super) fn right(&mut self) {
        self.cursor = self.next();
    }

    pub(super) fn word_left(&mut self) {
        self.cursor = self.word_before();
    }

    pub(super) fn word_right(&mut self) {
        self.cursor = self.word_after();
    }

    /// To the beginning of the row
    pub(super) fn home(&mut self) {
        self.cursor = self.row_start();
    }

    /// To the end of the row
    pub(super) fn end(&mut self) {
        self.cursor = self.row_end();
    }

    /// Whether there is no row above the cursor's
    pub(super) fn is_first_row(&self) -> bool {
        self.row_start() == 0
    }

    /// Whether there is no row below the cursor's
    pub(super) fn is_last_row(&self) -> bool {
        self.row_end() == self.text.len()
    }

    /// To the row above, as far from its beginning
    pub(super) fn up(&mut self) {
        let start = self.row_start();
        let column = self.text[start..self.cursor].graphemes(true).count();
        if let Some(end) = start.checked_sub(1) {
            let above = self.text[..end].rfind('\n').map_or(0, |at| at + 1);
            self.cursor = above + prefix(&self.text[above..end], column);
        }
    }

    /// To the row below, as far from its beginning
    pub(super) fn down(&mut self) {
        let column = self.text[self.row_start()..self.cursor].graphemes(true).count();
        let end = self.row_end();
        if end < self.text.len() {
            let below = &self.text[end + 1..];
            let row = below.split('\n').next().unwrap_or_default();
            self.cursor = end + 1 + prefix(row, column);
        }
    }

    pub(super) fn backspace(&mut self) {
        self.erase(self.previous(), self.cursor);
    }

    pub(super) fn delete(&mut self) {
        self.erase(self.cursor, self.next());
    }

    /// Cuts off the word before the cursor, up to the space before it
    pub(super) fn cut_word_before(&mut self) {
        let kept = self.text[..self.cursor].trim_end();
        let start = kept.rfind(char::is_whitespace).map_or(0, |at| at + width_at(kept, at));
        self.cut(start, self.cursor);
    }

    pub(super) fn cut_word_after(&mut self) {
        self.cut(self.cursor, self.word_after());
    }

    pub(super) fn cut_to_start(&mut self) {
        self.cut(self.row_start(), self.cursor);
    }

    pub(super) fn cut_to_end(&mut self) {
        let end = self.row_end();
        // At the end of a row, the next one is drawn up.
        let end = if end == self.cursor { self.next() } else { end };
        self.cut(self.cursor, end);
    }

    /// Puts in what was cut off last
    pub(super) fn yank(&mut self) {
        let cut = self.cut.clone();
        self.paste(&cut);
    }

    pub(super) fn undo(&mut self) {
        if let Some((text, cursor)) = self.before.pop() {
            (self.text, self.cursor, self.is_typing) = (text, cursor, false);
        }
    }

    fn cut(&mut self, start: usize, end: usize) {
        if start < end {
            self.cut = self.text[start..end].to_owned();
            self.erase(start, end);
        }
    }

    fn erase(&mut self, start: usize, end: usize) {
        if start < end {
            self.remember(false);
            self.text.replace_range(start..end, "");
            self.cursor = start;
        }
    }

    fn remember(&mut self, is_typing: bool) {
        if !(is_typing && self.is_typing) {
            self.before.push((self.text.clone(), self.cursor));
            if self.before.len() > MAX_UNDO {
                self.before.remove(0);
            }
        }
        self.is_typing = is_typing;
    }

    fn previous(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn next(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let words = self.text[..self.cursor].unicode_word_indices();
        { words }.next_back().map_or(0, |(at, _)| at)
    }

    fn word_after(&self) -> usize {
        let word = self.text[self.cursor..].unicode_word_indices().next();
        word.map_or(self.text.len(), |(at, word)| self.cursor + at + word.len())
    }

    fn row_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1)
    }

    fn row_end(&self) -> usize {
        self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at)
    }
}

/// How many bytes so many graphemes take, or all of them
fn prefix(row: &str, graphemes: usize) -> usize {
    row.grapheme_indices(true).nth(graphemes).map_or(row.len(), |(at, _)| at)
}

fn width_at(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str) -> Line {
        let mut line = Line::default();
        line.set(text);
        line
    }

    /// With a bar where the cursor is
    fn shown(line: &Line) -> String {
        let (before, after) = line.text().split_at(line.cursor());
        format!("{before}|{after}")
    }

    #[test]
    fn the_cursor_goes_by_what_people_take_for_characters() {
        let mut line = line("ae\u{301}张👍🏽");
        for expected in ["ae\u{301}张|👍🏽", "ae\u{301}|张👍🏽", "a|e\u{301}张👍🏽"] {
            line.left();
            assert_eq!(shown(&line), expected);
        }
        line.delete();
        assert_eq!(shown(&line), "a|张👍🏽");
        line.end();
        line.backspace();
        assert_eq!(shown(&line), "a张|");
    }

    #[test]
    fn words_are_gone_over_cut_off_and_put_back() {
        let mut line = line("to be, or not");
        line.word_left();
        line.word_left();
        assert_eq!(shown(&line), "to be, |or not");
        line.cut_word_before();
        assert_eq!(shown(&line), "to |or not");
        line.end();
        line.yank();
        assert_eq!(shown(&line), "to or notbe, |");
        line.home();
        line.word_right();
        line.cut_to_end();
        assert_eq!(shown(&line), "to|");
        line.cut_to_start();
        assert_eq!(shown(&line), "|");
    }

    #[test]
    fn several_rows_are_gone_through() {
        let mut line = line("one\n两个\nthree");
        assert!(line.is_last_row() && !line.is_first_row());
        line.up();
        assert_eq!(shown(&line), "one\n两个|\nthree");
        line.up();
        assert_eq!(shown(&line), "on|e\n两个\nthree");
        assert!(line.is_first_row());
        line.down();
        assert_eq!(shown(&line), "one\n两个|\nthree");
    }

    #[test]
    fn what_was_done_is_undone_a_word_at_a_time() {
        let mut line = Line::default();
        "one two".chars().for_each(|c| line.insert(c));
        line.cut_to_start();
        for expected in ["one two|", "one |", "one|", "|", "|"] {
            line.undo();
            assert_eq!(shown(&line), expected);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_the_cursor_stays_within(
            text in ".{0,12}", keys in proptest::collection::vec((0..16_u8, any::<char>()), 0..40)
        ) {
            let mut line = line(&text);
            for (key, c) in keys {
                match key {
                    0 => line.left(),
                    1 => line.right(),
                    2 => line.word_left(),
                    3 => line.word_right(),
                    4 => line.home(),
                    5 => line.end(),
                    6 => line.up(),
                    7 => line.down(),
                    8 => line.backspace(),
                    9 => line.delete(),
                    10 => line.cut_word_before(),
                    11 => line.cut_word_after(),
                    12 => line.cut_to_end(),
                    13 => line.yank(),
                    14 => line.undo(),
                    _ => line.insert(c),
                }
                prop_assert!(line.text().is_char_boundary(line.cursor()));
            }
        }
    }
}
