//! Which names look the same

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;
use uuid::Uuid;

/// What a name looks like: its skeleton (UTS #39), in any case, width and number of spaces
///
/// Upper and lower case have skeletons of their own: `I` looks like `l`, and `i` does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    forms: [String; 2],
    has_tilde: bool,
}

impl Looks {
    /// What this name looks like
    pub fn of(name: &str) -> Self {
        let has_tilde = name.contains(TILDES) || skeleton(name).any(|c| c == '~');
        let name: String = name.nfkc().collect();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        // There and back, so that what has two letters in upper case has them in lower case, too.
        let lower: String = name.to_lowercase().to_uppercase().to_lowercase().nfkc().collect();
        Self { forms: [&lower, &name].map(|text| folded(text)), has_tilde }
    }

    /// Whether somebody could take one for the other
    pub fn is_like(&self, other: &Self) -> bool {
        self.keys().zip(other.keys()).any(|(one, other)| one == other)
    }

    /// Whether it could pass for a name with the first digits of an id
    pub fn has_tilde(&self) -> bool {
        self.has_tilde
    }

    fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        (0..).zip(self.forms.iter().cloned())
    }
}

/// Which of the two forms, so that one of them is not compared with the other
type Key = (u8, String);

/// What people take for one
const TILDES: [char; 9] =
    ['~', '\u{2DC}', '\u{2F7}', '\u{2053}', '\u{223C}', '\u{223D}', '\u{301C}', '\u{FF5E}', '\u{1FC0}'];

fn folded(text: &str) -> String {
    skeleton(text).collect::<String>().to_lowercase()
}

/// People, found by what their names look like
#[derive(Clone, Debug, Default)]
pub struct Namesakes(BTreeMap<Key, BTreeSet<Uuid>>);

impl Namesakes {
    /// Somebody is called this
    pub fn insert(&mut self, id: Uuid, name: &str) {
        for key in Looks::of(name).keys() {
            self.0.entry(key).or_default().insert(id);
        }
    }

    /// Somebody is not called this any more, nor anything like it
    pub fn remove(&mut self, id: Uuid, name: &str) {
        for key in Looks::of(name).keys() {
            if let Some(ids) = self.0.get_mut(&key) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.0.remove(&key);
                }
            }
        }
    }

    /// Everybody whose name looks like this
    pub fn like(&self, looks: &Looks) -> BTreeSet<Uuid> {
        looks.keys().filter_map(|key| self.0.get(&key)).flatten().copied().collect()
    }
}

impl<'a> FromIterator<(Uuid, &'a str)> for Namesakes {
    fn from_iter<I: IntoIterator<Item = (Uuid, &'a str)>>(people: I) -> Self {
        let mut namesakes = Self::default();
        people.into_iter().for_each(|(id, name)| namesakes.insert(id, name));
        namesakes
    }
}

#[cfg(test)]
mod tests {
    use lanchat_protocol::Name;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_look_the_same_are_like_each_other() {
        for (name, like) in [
            ("alice", "Alice"),
            ("alice", "аlice"),
            ("alice", "ａｌｉｃｅ"),
            ("alice", "𝐚𝐥𝐢𝐜𝐞"),
            ("alice", "a1ice"),
            ("Alice", "AIice"),
            ("alice", "aIice"),
            ("Bob", "Воb"),
            ("bob", "bοb"),
            ("BOB", "В0В"),
            ("paypal", "раураl"),
            ("Mary Ann", "Mary\u{a0}Ann"),
            ("Mary Ann", "mary  ann"),
            ("Mary Ann", "Mary\u{2003}Ann"),
            ("tom", "torn"),
            ("José", "Jose\u{301}"),
            ("ΣΟΦΟΣ", "σοφος"),
            ("straße", "STRASSE"),
            ("straße", "STRAẞE"),
            ("l33t", "I33t"),
        ] {
            assert!(Looks::of(name).is_like(&Looks::of(like)), "{name} {like}");
            assert!(Looks::of(like).is_like(&Looks::of(name)), "{like} {name}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for (one, other) in [
            ("alice", "bob"),
            ("ann", "anna"),
            ("José", "Jose"),
            ("张伟", "张玮"),
            ("bob", "rob"),
            ("a b", "ab"),
        ] {
            assert!(!Looks::of(one).is_like(&Looks::of(other)), "{one} {other}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_no_name_at_all() {
        for hidden in ["ali\u{200b}ce", "alice\u{200d}", "\u{202e}ecila", "al\u{ad}ice", "alice\u{e0041}"] {
            assert!(Name::new(hidden).is_err(), "{hidden:?}");
        }
    }

    #[test]
    fn a_tilde_in_any_shape_is_found() {
        for name in ["bob~12ab", "bob\u{ff5e}12ab", "bob\u{223c}12ab", "bob\u{2dc}12ab", "bob\u{301c}12ab"] {
            assert!(Looks::of(name).has_tilde(), "{name}");
        }
        assert!(!Looks::of("bob-12ab").has_tilde());
    }

    #[test]
    fn namesakes_are_found_until_they_are_gone() {
        let [one, two, three] = [1, 2, 3].map(Uuid::from_u128);
        let mut people: Namesakes = [(one, "alice"), (two, "аlice"), (three, "bob")].into_iter().collect();
        assert_eq!(people.like(&Looks::of("ALICE")), [one, two].into());
        people.remove(two, "аlice");
        people.remove(three, "bob");
        assert_eq!(people.like(&Looks::of("alice")), [one].into());
        people.remove(one, "alice");
        assert!(people.0.is_empty());
    }

    proptest! {
        #[test]
        fn a_name_is_like_itself_however_it_is_written(name in "\\PC{1,20}") {
            let looks = Looks::of(&name);
            prop_assert!(looks.is_like(&looks));
            prop_assert!(looks.is_like(&Looks::of(&name.nfkc().collect::<String>())));
            prop_assert!(looks.is_like(&Looks::of(&name.to_lowercase())));
        }
    }
}
