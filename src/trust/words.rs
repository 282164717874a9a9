//! What two people compare aloud

use bip39::Language;
use lanchat_protocol::{PeerKey, verification};

/// The words that two people with these keys both see, unless somebody stands in between
pub fn words(one: &PeerKey, other: &PeerKey) -> Vec<String> {
    let list = Language::English.word_list();
    let word = |place: u16| list.get(usize::from(place)).copied().unwrap_or_default().to_owned();
    verification(one, other).into_iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use lanchat_protocol::Identity;

    use super::*;

    #[test]
    fn the_words_of_the_specification_come_out() {
        let [ann, bob] = [1, 2].map(|n| Identity::from_secret([n; 32]));
        let words = words(ann.key(), bob.key()).join(" ");
        let document: Vec<&str> = include_str!("../../protocol/PROTOCOL.md").split_whitespace().collect();
        let document = document.join(" ");
        assert!(document.contains(&format!("`{words}`")), "{words}");
    }

    #[test]
    fn both_see_the_same_eight_words_of_the_list() {
        let (one, other) = (PeerKey::from_bytes([1; 32]), PeerKey::from_bytes([2; 32]));
        let seen = words(&one, &other);
        assert_eq!(seen, words(&other, &one));
        assert!(
            seen.len() == 8 && seen.iter().all(|word| Language::English.find_word(word).is_some()),
            "{seen:?}"
        );
    }
}
