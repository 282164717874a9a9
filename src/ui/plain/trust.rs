//! Who is who, as lines for people

use super::INDENT;
use crate::{
    event::{BlockedPeople, Contact, ContactChange, Verification, Warning, WarningCode},
    lang::tell,
    sanitize::{Clean, clean},
    view::View,
};

/// What is held of somebody has changed
pub(super) fn contact(contact: &Contact, view: &View) -> String {
    let (who, name) = (view.label(contact.id).clean_name(), contact.name.clean_name());
    let change = match contact.change {
        ContactChange::Pinned => tell!("contact-pinned", name = %name, who = %who),
        ContactChange::Verified => tell!("contact-verified", who = %who),
        ContactChange::Unpinned => tell!("contact-unpinned", name = %name, who = %who),
        ContactChange::Blocked => tell!("contact-blocked", who = %who),
        ContactChange::Unblocked => tell!("contact-unblocked", who = %who),
    };
    format!("-- {change}\n")
}

/// What to compare with somebody, and what then
pub(super) fn verification(verification: &Verification, view: &View) -> String {
    let who = view.label(verification.id).clean_name();
    let rows = verification.words.chunks(WORDS_A_ROW).map(|row| {
        let row: Vec<String> = row.iter().map(|word| clean(word).to_string()).collect();
        format!("{INDENT}{}\n", row.join(" "))
    });
    let words: String = rows.collect();
    format!("-- {}\n{words}-- {}\n", tell!("verify-compare", who = %who), tell!("verify-then", who = %who))
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
    let lines = tell!("key-changed", name = %name, contact = %contact, other = %other);
    let lines: String = lines.lines().map(|line| format!("!! {line}\n")).collect();
    format!("!!\n{lines}!!\n")
}

/// Everybody who is blocked
pub(super) fn blocked(blocked: &BlockedPeople, view: &View) -> String {
    if blocked.people.is_empty() {
        return format!("-- {}\n", tell!("blocked-nobody"));
    }
    let people = blocked.people.iter().map(|who| {
        let label = view.label_as(who.id, &who.name).clean_name();
        format!("   {label}  {}\n", who.id)
    });
    format!("-- {}\n{}", tell!("blocked-list"), people.collect::<String>())
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
