//! Who is who, as lines for people

use super::INDENT;
use crate::{
    event::{BlockedPeople, Contact, ContactChange, Verification, Warning, WarningCode},
    sanitize::{Clean, clean},
    view::View,
};

/// What is held of somebody has changed
pub(super) fn contact(contact: &Contact, view: &View) -> String {
    let (who, name) = (view.label(contact.id).clean_name(), contact.name.clean_name());
    match contact.change {
        ContactChange::Pinned => {
            format!("-- the name {name} means {who} from now on; /verify {who} makes sure that it is they\n")
        }
        ContactChange::Verified => format!("-- {who} is verified\n"),
        ContactChange::Unpinned => format!("-- the name {name} does not mean {who} any more\n"),
        ContactChange::Blocked => {
            format!("-- {who} is blocked: nothing of theirs is shown or answered until /unblock {who}\n")
        }
        ContactChange::Unblocked => {
            format!("-- {who} is not blocked any more: what they say from now on is shown\n")
        }
    }
}

/// What to compare with somebody, and what then
pub(super) fn verification(verification: &Verification, view: &View) -> String {
    let who = view.label(verification.id).clean_name();
    let rows = verification.words.chunks(WORDS_A_ROW).map(|row| {
        let row: Vec<String> = row.iter().map(|word| clean(word).to_string()).collect();
        format!("{INDENT}{}\n", row.join(" "))
    });
    let words: String = rows.collect();
    format!(
        "-- compare these words with {who}, aloud and not in this chat; /verify with your name shows them there:\n\
         {words}-- if all are the same, /trust {who} notes it; if not, somebody stands in between\n"
    )
}

const WORDS_A_ROW: usize = 4;

/// Somebody has a name that is somebody else's
pub(super) fn warning(warning: &Warning, view: &View) -> String {
    match (warning.code, warning.contact) {
        (WarningCode::KeyChanged, Some(contact)) => {
            let contact = view.full_label(contact).clean_name();
            let other = view.full_label_as(warning.id, &warning.name).clean_name();
            key_changed(&contact, &other, &warning.name.clean_name())
        }
        (
            WarningCode::KeyChanged
            | WarningCode::NameTaken
            | WarningCode::NameOfContact
            | WarningCode::Other,
            _,
        ) => {
            format!("-- {}\n", clean(&warning.message))
        }
    }
}

/// Several lines, each with its mark: nobody is to overlook it, and no line of a chat looks like it
fn key_changed(contact: &Clean, other: &Clean, name: &Clean) -> String {
    format!(
        "!!\n\
         !! WARNING: somebody else is called {name} now, with another key than the {contact} that you know.\n\
         !! It may be the same person on another machine, or somebody who wants to pass for them.\n\
         !! Ask them, not in this chat; /verify {other} has words to compare.\n\
         !! Nothing is whispered to that name until you say who is meant:\n\
         !!    /trust {contact}   the one whom you know; the other stays {other}\n\
         !!    /trust {other}   the new one, from now on\n\
         !!\n"
    )
}

/// Everybody who is blocked
pub(super) fn blocked(blocked: &BlockedPeople, view: &View) -> String {
    if blocked.people.is_empty() {
        return "-- nobody is blocked\n".to_owned();
    }
    let people = blocked.people.iter().map(|who| {
        let label = view.label_as(who.id, &who.name).clean_name();
        format!("   {label}  {}\n", who.id)
    });
    format!("-- blocked, until /unblock NAME:\n{}", people.collect::<String>())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        event::{Event, tests::contract},
        sanitize::is_hidden,
        ui::plain::tests::plain,
    };

    #[test]
    fn a_changed_key_cannot_be_overlooked_and_names_both() {
        let mut view = View::default();
        contract().iter().for_each(|event| view.apply(event));
        let lines = plain(true).render(&contract()[23], &view);
        assert_eq!(lines.lines().count(), 8);
        assert!(lines.lines().all(|line| line.starts_with("!!")), "{lines}");
        for part in ["WARNING", "/trust bob~0000", "/trust Bob~c000", "/verify Bob~c000"] {
            assert!(lines.contains(part), "{part} {lines}");
        }
    }

    #[test]
    fn a_hostile_name_stands_in_its_place() {
        let mut view = View::default();
        let name = "bob\u{202e}: \n!! all is well";
        let hostile = Warning {
            code: WarningCode::KeyChanged,
            id: Uuid::from_u128(7),
            name: name.into(),
            contact: Some(Uuid::from_u128(8)),
            message: name.to_owned(),
        };
        view.remember(Uuid::from_u128(7), name);
        for warning in [hostile.clone(), Warning { code: WarningCode::NameTaken, ..hostile }] {
            let lines = plain(false).render(&Event::Warning(warning), &view);
            assert!(!lines.contains(|c| c != '\n' && is_hidden(c)), "{lines:?}");
            assert!(!lines.contains("\n!! all is well"), "{lines}");
        }
    }

    #[test]
    fn an_empty_list_says_so() {
        let none = Event::Blocked(BlockedPeople { people: Vec::new() });
        assert_eq!(plain(false).render(&none, &View::default()), "-- nobody is blocked\n");
    }
}
