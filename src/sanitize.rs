//! The gate for what others wrote: it comes in as [`Unclean`], and only as [`Clean`] can it be shown
//!
//! Control characters can move the cursor and recolour the screen, bidi and zero-width characters make one text
//! look like another, and heaps of marks on one letter cover the lines around it. All of them become U+FFFD, which is
//! visible.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::lang::tell;

/// Text as somebody else may have written it, which can be compared, kept and counted, and cannot be printed
///
/// There is no way to put it into a line but through [`clean_lines`](Self::clean_lines) and
/// [`clean_name`](Self::clean_name):
///
/// ```compile_fail
/// let name = lanchat::sanitize::Unclean::from("bob");
/// println!("{name} is here");
/// ```
///
/// ```
/// let name = lanchat::sanitize::Unclean::from("bob");
/// println!("{} is here", name.clean_name());
/// ```
///
/// As JSON it comes out as it was written, and [`json`](crate::ui::json) escapes what cannot be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unclean(String);

impl Unclean {
    /// What was written, to be compared, searched and kept
    pub fn as_written(&self) -> &str {
        &self.0
    }

    /// [`clean_lines`] of it
    pub fn clean_lines(&self, indent: &'static str) -> Clean {
        clean_lines(&self.0, indent)
    }

    /// [`clean_name`] of it
    pub fn clean_name(&self) -> Clean {
        clean_name(&self.0)
    }

    /// How it begins, as a quote in one line
    pub fn clean_quote(&self) -> Clean {
        clean_quote(&self.0)
    }
}

impl From<String> for Unclean {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Unclean {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq<str> for Unclean {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<String> for Unclean {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

impl PartialEq<&str> for Unclean {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// Text without a character that cannot be seen, fit to be printed
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clean(String);

impl Clean {
    /// The text
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Makes one line of it: line breaks and tabs become spaces
pub fn clean(text: &str) -> Clean {
    let mut line = String::with_capacity(text.len());
    push_clean(&mut line, &text.replace("\r\n", "\n").replace('\n', " "));
    Clean(line)
}

/// Keeps its lines, and puts this before all but the first so that none can pass for a line of somebody else
///
/// Of more than 200 lines the others are counted only, so that nobody can push everything else off the screen.
pub fn clean_lines(text: &str, indent: &'static str) -> Clean {
    let mut lines = String::with_capacity(text.len());
    for (number, line) in text.lines().take(MAX_LINES).enumerate() {
        if number > 0 {
            lines.push('\n');
            lines.push_str(indent);
        }
        push_clean(&mut lines, line);
    }
    let others = text.lines().skip(MAX_LINES).count();
    if others > 0 {
        lines.push_str(&format!("\n{indent}{}", tell!("more-lines", count = others)));
    }
    Clean(lines)
}

/// More lines than somebody shows others on purpose in one message
const MAX_LINES: usize = 200;

/// What a person is called where others could mistake a part of the name for something else that is printed there
///
/// A name of several words or with a colon stands in quotes, or `alice: hi, bob` could speak in the name of alice.
pub fn clean_name(name: &str) -> Clean {
    let name = clean(name);
    let is_plain =
        |c: char| !c.is_whitespace() && !matches!(c, ':' | '"' | '\u{FF1A}' | '\u{A789}' | '\u{2236}');
    if !name.0.is_empty() && name.0.chars().all(is_plain) {
        return name;
    }
    Clean(format!("\"{}\"", name.0.replace('"', "'")))
}

/// How a text begins, in quotes: so many of its words that they can be recognised
pub fn clean_quote(text: &str) -> Clean {
    let (mut quote, mut width, mut end) = (String::new(), 0, 0);
    let mut words = text.split_whitespace();
    for word in words.by_ref() {
        let word = clean(word).0.replace('"', "'");
        let space = usize::from(!quote.is_empty());
        if width + space + word.width() > QUOTED_COLUMNS && !quote.is_empty() {
            return Clean(format!("\"{quote}…\""));
        }
        quote.push_str(if space == 1 { " " } else { "" });
        quote.push_str(&word);
        width += space + word.width();
    }
    for (at, c) in quote.char_indices() {
        end += c.width().unwrap_or(0);
        if end > QUOTED_COLUMNS {
            return Clean(format!("\"{}…\"", &quote[..at]));
        }
    }
    Clean(format!("\"{quote}\""))
}

/// How long a quote is at most, without what it stands in
const QUOTED_COLUMNS: usize = 40;

/// Whether a character cannot be seen, or changes how others are seen
pub fn is_hidden(c: char) -> bool {
    match c.general_category() {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::Surrogate => true,
        GeneralCategory::UppercaseLetter
        | GeneralCategory::LowercaseLetter
        | GeneralCategory::TitlecaseLetter
        | GeneralCategory::ModifierLetter
        | GeneralCategory::OtherLetter
        | GeneralCategory::NonspacingMark
        | GeneralCategory::SpacingMark
        | GeneralCategory::EnclosingMark
        | GeneralCategory::DecimalNumber
        | GeneralCategory::LetterNumber
        | GeneralCategory::OtherNumber
        | GeneralCategory::ConnectorPunctuation
        | GeneralCategory::DashPunctuation
        | GeneralCategory::OpenPunctuation
        | GeneralCategory::ClosePunctuation
        | GeneralCategory::InitialPunctuation
        | GeneralCategory::FinalPunctuation
        | GeneralCategory::OtherPunctuation
        | GeneralCategory::MathSymbol
        | GeneralCategory::CurrencySymbol
        | GeneralCategory::ModifierSymbol
        | GeneralCategory::OtherSymbol
        | GeneralCategory::SpaceSeparator
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned => is_default_ignorable(c),
    }
}

/// The characters of Unicode's `Default_Ignorable_Code_Point` that are not of the categories above
fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{034F}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{2065}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{E0000}'..='\u{E0FFF}')
}

/// As many marks on one letter as a script has: stacked Tibetan, or Hebrew with vowels and accents
const MAX_MARKS: usize = 5;

fn push_clean(line: &mut String, text: &str) {
    let mut previous = ' ';
    // A mark at the very beginning would stand on what is before the text.
    let mut marks = MAX_MARKS;
    for c in text.chars() {
        let is_mark = c.general_category_group() == GeneralCategoryGroup::Mark;
        marks = if is_mark { marks + 1 } else { 0 };
        match c {
            _ if is_mark && marks > MAX_MARKS + 1 && line.ends_with(char::REPLACEMENT_CHARACTER) => continue,
            _ if is_mark && marks > MAX_MARKS => line.push(char::REPLACEMENT_CHARACTER),
            '\t' => line.push(' '),
            // Without its joiners an emoji sequence falls apart into its parts, which is what old fonts show too.
            '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' if !previous.is_ascii() && previous.is_emoji_char() => {
                continue;
            }
            '\u{FE0F}' if is_keycap(previous) => continue,
            c if is_hidden(c) => line.push(char::REPLACEMENT_CHARACTER),
            c => line.push(c),
        }
        previous = c;
    }
}

/// Whether it is what the keys of a telephone show, as in 1️⃣
fn is_keycap(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '#' | '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quote_is_one_line_of_whole_words_where_there_are_some() {
        for (text, quote) in [
            ("hi", "\"hi\""),
            ("say \"hi\"\nto\tall", "\"say 'hi' to all\""),
            ("a\u{202e}b", "\"a\u{FFFD}b\""),
            ("", "\"\""),
            (
                "one two three four five six seven eight nine ten",
                "\"one two three four five six seven eight…\"",
            ),
        ] {
            assert_eq!(clean_quote(text).as_str(), quote);
        }
        assert_eq!(clean_quote(&"x".repeat(41)).as_str(), format!("\"{}…\"", "x".repeat(40)));
        assert_eq!(clean_quote(&"吃".repeat(21)).as_str(), format!("\"{}…\"", "吃".repeat(20)));
        assert_eq!(clean_quote(&"x".repeat(40)).as_str(), format!("\"{}\"", "x".repeat(40)));
    }

    #[test]
    fn escapes_and_what_turns_text_around_become_visible() {
        assert_eq!(clean("a\u{1b}[31mb\u{7}\u{9b}2J").as_str(), "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}2J");
        assert_eq!(clean("abc\u{202e}def\u{2066}").as_str(), "abc\u{FFFD}def\u{FFFD}");
        assert_eq!(clean("b\u{200b}o\u{200d}b\u{E0041}").as_str(), "b\u{FFFD}o\u{FFFD}b\u{FFFD}");
        assert_eq!(clean("a\u{2028}b\u{85}c").as_str(), "a\u{FFFD}b\u{FFFD}c");
    }

    #[test]
    fn writing_of_all_sorts_stays_as_it_is() {
        for text in ["naïve e\u{301}", "张伟 さくら 한국어", "עברית العربية", "हिन्दी ไทย", "👍🏽 🇩🇪 ∑ «»"]
        {
            assert_eq!(clean(text).as_str(), text);
        }
    }

    #[test]
    fn emoji_fall_apart_but_stay_emoji() {
        assert_eq!(clean("❤\u{FE0F} 👩\u{200D}👧").as_str(), "❤ 👩👧");
        assert_eq!(clean("1\u{FE0F}\u{20E3} #\u{FE0F}\u{20E3}").as_str(), "1\u{20E3} #\u{20E3}");
        assert_eq!(clean("1\u{200D}2").as_str(), "1\u{FFFD}2");
    }

    #[test]
    fn further_lines_are_indented() {
        let text = "hi\r\n12:03 bob: I owe you\n\n\tend\n";
        assert_eq!(clean_lines(text, "    ").as_str(), "hi\n    12:03 bob: I owe you\n    \n     end");
        assert_eq!(clean("a\r\nb\tc").as_str(), "a b c");
    }

    #[test]
    fn heaps_of_marks_are_cut_down_and_stand_on_nothing_of_others() {
        let heap = |marks: usize| format!("a{}b", "\u{0301}\u{0316}".repeat(marks));
        assert_eq!(clean(&heap(2)).as_str(), heap(2));
        assert_eq!(clean(&heap(1_000)).as_str(), "a\u{0301}\u{0316}\u{0301}\u{0316}\u{0301}\u{FFFD}b");
        assert_eq!(clean("\u{0301}\u{0301}a").as_str(), "\u{FFFD}a");
        assert_eq!(clean_name("\u{20DD}bob").as_str(), "\u{FFFD}bob");
        assert_eq!(clean_lines("a\n\u{0301}", "> ").as_str(), "a\n> \u{FFFD}");
        for text in ["ཧཱུྃ", "שָׁ֑", "tiê\u{0323}ng Viê\u{0323}t", "กิ่ำ"] {
            assert_eq!(clean(text).as_str(), text);
        }
    }

    #[test]
    fn nobody_fills_the_screen_with_one_message() {
        let text = clean_lines(&"x\n".repeat(8_000), "    ");
        assert_eq!(text.as_str().lines().count(), MAX_LINES + 1);
        assert!(text.as_str().ends_with("\n    … 7800 more lines"));
        let whole = "x\n".repeat(MAX_LINES);
        assert_eq!(clean_lines(&whole, "").as_str(), whole.trim_end());
    }

    #[test]
    fn a_name_cannot_pass_for_a_line() {
        assert_eq!(clean_name("bob~12ab").as_str(), "bob~12ab");
        assert_eq!(clean_name("alice: \"hi\", bob").as_str(), "\"alice: 'hi', bob\"");
        assert_eq!(clean_name("bob whispers").as_str(), "\"bob whispers\"");
        assert_eq!(clean_name("").as_str(), "\"\"");
    }

    #[test]
    fn no_character_gets_through_that_a_terminal_or_a_reader_could_stumble_over() {
        for c in '\0'..=char::MAX {
            let (one, many) = (clean(&format!("a{c}b")), clean_lines(&format!("👍{c}b\n{c}"), ">"));
            assert!(!one.as_str().chars().any(is_hidden), "{:04X}", u32::from(c));
            let visible = many.as_str().chars().filter(|&c| c != '\n');
            assert!(!visible.into_iter().any(is_hidden), "{:04X}", u32::from(c));
            assert!(!c.is_control() || is_hidden(c));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_clean_afterwards(text in any::<String>()) {
            prop_assert!(!clean(&text).as_str().chars().any(is_hidden));
            prop_assert!(!clean_name(&text).as_str().chars().any(is_hidden));
            for (number, line) in clean_lines(&text, "    ").as_str().split('\n').enumerate() {
                prop_assert!(!line.chars().any(is_hidden));
                prop_assert!(number == 0 || line.starts_with("    "));
            }
        }
    }
}
