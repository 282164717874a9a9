//! Whom a line speaks to by name

/// Names that a line may mention: `@NAME` anywhere, and `NAME:` or `NAME,` at its beginning
///
/// Each mention comes as what it may stand for, the longest first, because a name may have spaces in it.
pub fn mentions(line: &str) -> Vec<Vec<&str>> {
    let addressed = line.find([':', ',']).map(|end| line[..end].trim()).filter(|name| is_short(name));
    let marked = line.match_indices('@').map(|(at, _)| &line[at + 1..]);
    let mentions = addressed.map(|name| vec![name]).into_iter().chain(marked.map(beginnings));
    mentions.filter(|names| !names.is_empty()).take(MAX_MENTIONS).collect()
}

/// More people than one speaks to at once
const MAX_MENTIONS: usize = 16;

/// As long as a name may be
const MAX_BYTES: usize = lanchat_protocol::Name::MAX_BYTES;

fn is_short(name: &str) -> bool {
    (1..=MAX_BYTES).contains(&name.len())
}

/// What stands before each space or the end, with and without the punctuation at its own end
fn beginnings(rest: &str) -> Vec<&str> {
    let rest = &rest[..rest.floor_char_boundary(MAX_BYTES + 1)];
    let ends = rest.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let mut names: Vec<&str> = Vec::new();
    for end in ends.chain([rest.len()]).filter(|end| *end > 0) {
        let word = &rest[..end];
        names.extend([word.trim_end_matches(|c: char| c.is_ascii_punctuation()), word]);
    }
    names.retain(|name| is_short(name) && !name.starts_with(char::is_whitespace));
    names.dedup();
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_is_addressed_at_the_beginning_is_mentioned() {
        assert_eq!(mentions("bob: are you there?"), [["bob"]]);
        assert_eq!(mentions("Mary Ann, hi"), [["Mary Ann"]]);
        assert_eq!(mentions("hi bob"), Vec::<Vec<&str>>::new());
    }

    #[test]
    fn who_is_marked_is_mentioned_anywhere() {
        assert_eq!(mentions("hi @bob"), [["bob"]]);
        assert_eq!(mentions("hi @bob!"), [["bob!", "bob"]]);
        assert_eq!(mentions("@Mary Ann hi")[0], ["Mary Ann hi", "Mary Ann", "Mary"]);
        assert_eq!(mentions("a @ b @"), Vec::<Vec<&str>>::new());
    }

    #[test]
    fn a_line_of_nothing_but_marks_costs_little() {
        assert!(mentions(&"@a ".repeat(3_000)).len() <= MAX_MENTIONS);
    }

    proptest! {
        #[test]
        fn any_line_is_taken_apart(line in any::<String>()) {
            for names in mentions(&line) {
                prop_assert!(names.iter().all(|name| line.contains(name) && is_short(name)));
            }
        }
    }
}
