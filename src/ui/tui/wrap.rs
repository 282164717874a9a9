//! Text in rows of so many columns: breaks at spaces where it can, and anywhere beside wide characters

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The rows of a text of which the first has this many columns, and all others that many; as ranges of its bytes
///
/// Its own line breaks are kept. Spaces where a row is broken are left out. There is at least one row.
pub(super) fn rows(text: &str, first: usize, others: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let width = |rows: &Vec<_>| if rows.is_empty() { first } else { others };
        wrap_line(line, start, &mut rows, width);
        start += line.len() + 1;
    }
    rows
}

fn wrap_line(
    line: &str,
    offset: usize,
    rows: &mut Vec<Range<usize>>,
    width: impl Fn(&Vec<Range<usize>>) -> usize,
) {
    let (mut begin, mut columns) = (0, 0);
    // Where the row can be broken: where it ends then, where the next begins, and how wide it is up to there
    let mut border: Option<(usize, usize, usize)> = None;
    let mut was_wide = false;
    for (at, grapheme) in line.grapheme_indices(true) {
        let wide = grapheme.width();
        let is_space = grapheme == " ";
        if (was_wide || wide > 1) && at > begin && !is_space {
            border = Some((at, at, columns));
        }
        if is_space {
            let end =
                if border.is_some_and(|(_, next, _)| next == at) { border.map_or(at, |b| b.0) } else { at };
            border = Some((end, at + 1, columns + 1));
        }
        // What goes to the next row may not fit into that either.
        while !is_space && columns + wide > width(rows).max(1) && at > begin {
            let (end, next, before) =
                border.take().filter(|(end, ..)| *end > begin).unwrap_or((at, at, columns));
            rows.push(offset + begin..offset + end);
            (begin, columns) = (next, columns - before);
        }
        columns += wide;
        was_wide = wide > 1;
    }
    rows.push(offset + begin..offset + line.len());
}

/// As much of a text as fits, with an ellipsis if that is not all
pub(super) fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let (mut fitted, mut used) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used + 1 > columns {
            break;
        }
        fitted.push_str(grapheme);
    }
    if columns > 0 {
        fitted.push('…');
    }
    fitted
}

/// Where a text stands in another, in upper or lower case
pub(super) fn find_all(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let wanted: Vec<char> = wanted.chars().flat_map(char::to_lowercase).collect();
    let folded: Vec<(usize, char)> =
        text.char_indices().flat_map(|(at, c)| c.to_lowercase().map(move |c| (at, c))).collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while !wanted.is_empty() && at + wanted.len() <= folded.len() {
        let end = at + wanted.len();
        if folded[at..end].iter().map(|(_, c)| *c).eq(wanted.iter().copied()) {
            found.push(folded[at].0..folded.get(end).map_or(text.len(), |(next, _)| *next));
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(text: &str, first: usize, others: usize) -> Vec<&str> {
        rows(text, first, others).into_iter().map(|row| &text[row]).collect()
    }

    #[test]
    fn rows_break_at_spaces_and_beside_wide_characters() {
        assert_eq!(wrapped("to be or not to be", 8, 8), ["to be or", "not to", "be"]);
        assert_eq!(wrapped("to be or not", 5, 12), ["to be", "or not"]);
        assert_eq!(wrapped("今天天气很好", 5, 4), ["今天", "天气", "很好"]);
        assert_eq!(wrapped("see 今天 there", 8, 8), ["see 今天", "there"]);
        assert_eq!(wrapped("abcdefgh", 3, 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("🎉aaaaaa", 4, 2), ["🎉", "aa", "aa", "aa"]);
        assert_eq!(wrapped("a\n\nb", 3, 3), ["a", "", "b"]);
        assert_eq!(wrapped("", 3, 3), [""]);
    }

    #[test]
    fn what_does_not_fit_is_cut_by_columns() {
        assert_eq!(
            [fit("hello", 5), fit("hello", 4), fit("你好吗", 5), fit("x", 0)],
            ["hello", "hel…", "你好…", ""]
        );
    }

    #[test]
    fn found_is_what_people_would_find() {
        assert_eq!(find_all("Bob and BOB", "bob"), [0..3, 8..11]);
        assert_eq!(find_all("İstanbul x", "X").first(), Some(&(10..11)));
        assert_eq!(find_all("你好", "好").first(), Some(&(3..6)));
        assert!(find_all("aa", "").is_empty());
    }

    proptest! {
        #[test]
        fn no_row_is_too_wide_and_no_word_is_lost(text in "[a-c 你🎉\n]{0,40}", first in 2..9_usize, others in 2..9_usize) {
            let rows = wrapped(&text, first, others);
            for (number, row) in rows.iter().enumerate() {
                let width = if number == 0 { first } else { others };
                prop_assert!(row.trim_end().width() <= width, "{row:?} in {rows:?}");
            }
            let squeezed = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(squeezed(&rows.concat()), squeezed(&text));
        }

        #[test]
        fn anything_is_wrapped_and_found(text in any::<String>(), wanted in any::<String>(), width in 0..9_usize) {
            rows(&text, width, width).into_iter().for_each(|row| assert!(text.get(row).is_some()));
            find_all(&text, &wanted).into_iter().for_each(|at| assert!(text.get(at).is_some()));
            assert!(fit(&text, width).width() <= width.max(text.width().min(width)));
        }
    }
}
