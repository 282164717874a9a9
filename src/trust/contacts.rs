//! Whom one knows by a key, and whom one does not want to hear

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Looks, Namesakes};
use crate::event::Trust;

/// What a person holds of others, by the ids of those
///
/// A name is pinned to one key at most, and so is all that looks like it. It grows only by what that person does.
#[derive(Clone, Debug, Default)]
pub struct Contacts {
    people: BTreeMap<Uuid, Acquaintance>,
    /// By the names that are pinned to them
    pinned: Namesakes,
    /// By contact: who else took a name of theirs, before it was said who is meant
    contested: BTreeMap<Uuid, BTreeSet<Uuid>>,
}

/// What a person holds of somebody
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acquaintance {
    /// What they were called last when something of this changed
    pub name: String,
    /// The names that mean them and nobody else
    pub pinned: Vec<String>,
    /// Whether they are a contact
    pub trust: Option<Trust>,
    /// Whether nothing of them is to be shown or answered
    pub is_blocked: bool,
    /// Others with such a name who are known not to be them
    pub told_apart: BTreeSet<Uuid>,
}

/// The names that somebody is known by; whoever changes theirs more often is known by the latest
const MAX_PINNED: usize = 8;
/// More namesakes than anybody has; of those beyond one is warned again
const MAX_TOLD_APART: usize = 256;
/// With so many at once further ones are no news
const MAX_CONTESTED: usize = 8;

impl Acquaintance {
    /// Whether there is nothing in it to be remembered
    pub fn is_nobody(&self) -> bool {
        self.trust.is_none() && !self.is_blocked
    }
}

impl Contacts {
    /// Takes over what was kept of somebody
    pub fn insert(&mut self, id: Uuid, who: Acquaintance) {
        who.pinned.iter().for_each(|name| self.pinned.insert(id, name));
        self.people.insert(id, who);
    }

    /// What is held of somebody
    pub fn get(&self, id: Uuid) -> Option<&Acquaintance> {
        self.people.get(&id)
    }

    /// Of whom something is held
    pub fn iter(&self) -> impl Iterator<Item = (Uuid, &Acquaintance)> {
        self.people.iter().map(|(id, who)| (*id, who))
    }

    /// Whether somebody is a contact
    pub fn trust(&self, id: Uuid) -> Option<Trust> {
        self.get(id).and_then(|who| who.trust)
    }

    /// Whether nothing of somebody is to be shown or answered
    pub fn is_blocked(&self, id: Uuid) -> bool {
        self.get(id).is_some_and(|who| who.is_blocked)
    }

    /// Everybody who is blocked
    pub fn blocked(&self) -> impl Iterator<Item = (Uuid, &str)> {
        self.people.iter().filter(|(_, who)| who.is_blocked).map(|(id, who)| (*id, who.name.as_str()))
    }

    /// To whom names that look like this are pinned: one, unless it looks like two names that do not look alike
    pub fn holders(&self, looks: &Looks) -> BTreeSet<Uuid> {
        self.pinned.like(looks)
    }

    /// The names that are pinned to others and look like this
    pub fn held_by_others(&self, id: Uuid, looks: &Looks) -> Vec<(Uuid, String)> {
        let names = |holder| {
            let names = self.get(holder).map(|who| who.pinned.as_slice()).unwrap_or_default();
            names.iter().filter(|name| Looks::of(name).is_like(looks)).map(move |name| (holder, name.clone()))
        };
        self.holders(looks).into_iter().filter(|holder| *holder != id).flat_map(names).collect()
    }

    /// Whose name somebody took who is not known to be somebody else
    pub fn robbed(&self, id: Uuid, looks: &Looks) -> Option<Uuid> {
        let holders = self.holders(looks);
        if holders.contains(&id) || self.is_blocked(id) {
            return None;
        }
        holders.into_iter().find(|holder| !self.are_told_apart(*holder, id))
    }

    /// Whether these two are known to be two
    pub fn are_told_apart(&self, contact: Uuid, other: Uuid) -> bool {
        self.get(contact).is_some_and(|who| who.told_apart.contains(&other))
    }

    /// Who took names of this contact, and it was not said yet who is meant
    pub fn contesters(&self, contact: Uuid) -> impl Iterator<Item = Uuid> {
        self.contested.get(&contact).into_iter().flatten().copied().filter(|other| !self.is_blocked(*other))
    }

    /// Whether one more who takes a name of this contact is worth a word
    pub fn is_news(&self, contact: Uuid, other: Uuid) -> bool {
        let contesters = self.contested.get(&contact);
        contesters.is_none_or(|others| !others.contains(&other) && others.len() < MAX_CONTESTED)
    }

    /// Somebody took a name of this contact
    pub fn contest(&mut self, contact: Uuid, other: Uuid) {
        self.contested.entry(contact).or_default().insert(other);
    }

    /// A name means this one from now on, and not these others, who have it or one that looks like it
    pub fn pin(&mut self, id: Uuid, name: &str, trust: Trust, others: BTreeSet<Uuid>) {
        let settled = self.contested.remove(&id).unwrap_or_default();
        for contesters in self.contested.values_mut() {
            contesters.remove(&id);
        }
        let is_pinned = self.holders(&Looks::of(name)).contains(&id);
        let who = self.people.entry(id).or_default();
        name.clone_into(&mut who.name);
        who.trust = Some(trust);
        who.told_apart.extend(others.into_iter().chain(settled).filter(|other| *other != id));
        while who.told_apart.len() > MAX_TOLD_APART {
            who.told_apart.pop_first();
        }
        if is_pinned {
            return;
        }
        who.pinned.push(name.to_owned());
        let oldest = (who.pinned.len() > MAX_PINNED).then(|| who.pinned.remove(0));
        self.pinned.insert(id, name);
        if let Some(oldest) = oldest {
            self.pinned.remove(id, &oldest);
        }
    }

    /// These others are known not to be this contact
    pub fn tell_apart(&mut self, id: Uuid, others: &BTreeSet<Uuid>) {
        if let Some(who) = self.people.get_mut(&id).filter(|who| who.trust.is_some()) {
            who.told_apart.extend(others.iter().filter(|other| **other != id));
            while who.told_apart.len() > MAX_TOLD_APART {
                who.told_apart.pop_first();
            }
        }
    }

    /// A name does not mean this one any more; who has none left is no contact
    pub fn unpin(&mut self, id: Uuid, name: &str) {
        let Some(who) = self.people.get_mut(&id) else { return };
        who.pinned.retain(|pinned| pinned != name);
        if who.pinned.is_empty() {
            who.trust = None;
            who.told_apart.clear();
            self.contested.remove(&id);
        }
        self.pinned.remove(id, name);
        self.forget_nobody(id);
    }

    /// Whether something of somebody, who is called this, is to be shown or answered
    pub fn set_blocked(&mut self, id: Uuid, name: &str, is_blocked: bool) {
        let who = self.people.entry(id).or_default();
        name.clone_into(&mut who.name);
        who.is_blocked = is_blocked;
        self.forget_nobody(id);
    }

    fn forget_nobody(&mut self, id: Uuid) {
        if self.get(id).is_some_and(Acquaintance::is_nobody) {
            self.people.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: Uuid = Uuid::from_u128(0xb);
    const OTHER: Uuid = Uuid::from_u128(0xbb);
    const EVE: Uuid = Uuid::from_u128(0xe);

    #[test]
    fn a_name_and_all_that_look_like_it_mean_the_contact() {
        let contacts = bob_is_known();
        for name in ["bob", "BOB", "bоb"] {
            assert_eq!(contacts.holders(&Looks::of(name)), [BOB].into(), "{name}");
            assert_eq!(contacts.robbed(OTHER, &Looks::of(name)), Some(BOB), "{name}");
            assert_eq!(contacts.robbed(BOB, &Looks::of(name)), None, "{name}");
        }
        assert_eq!(contacts.robbed(OTHER, &Looks::of("rob")), None);
    }

    #[test]
    fn who_was_told_apart_is_no_news_and_a_third_one_is() {
        let mut contacts = bob_is_known();
        contacts.contest(BOB, OTHER);
        assert!(!contacts.is_news(BOB, OTHER) && contacts.is_news(BOB, EVE));
        assert_eq!(contacts.contesters(BOB).collect::<Vec<_>>(), [OTHER]);
        contacts.pin(BOB, "bob", Trust::Verified, BTreeSet::new());
        assert_eq!(contacts.contesters(BOB).count(), 0);
        assert_eq!(contacts.robbed(OTHER, &Looks::of("bob")), None);
        assert_eq!(contacts.robbed(EVE, &Looks::of("bob")), Some(BOB));
        assert_eq!(contacts.trust(BOB), Some(Trust::Verified));
    }

    #[test]
    fn a_name_can_go_to_somebody_else() {
        let mut contacts = bob_is_known();
        contacts.pin(BOB, "rob", Trust::Pinned, BTreeSet::new());
        contacts.contest(BOB, OTHER);
        assert_eq!(contacts.held_by_others(OTHER, &Looks::of("Bob")), [(BOB, "bob".to_owned())]);
        contacts.unpin(BOB, "bob");
        contacts.pin(OTHER, "bob", Trust::Pinned, [BOB].into());
        assert_eq!(contacts.holders(&Looks::of("bob")), [OTHER].into());
        assert_eq!((contacts.trust(BOB), contacts.contesters(BOB).count()), (Some(Trust::Pinned), 0));
        assert_eq!(contacts.robbed(BOB, &Looks::of("bob")), None);
        contacts.unpin(BOB, "rob");
        assert_eq!(contacts.get(BOB), None);
    }

    #[test]
    fn who_is_blocked_takes_nobodys_name_and_is_remembered() {
        let mut contacts = bob_is_known();
        contacts.contest(BOB, OTHER);
        contacts.set_blocked(OTHER, "bob", true);
        assert_eq!((contacts.robbed(OTHER, &Looks::of("bob")), contacts.contesters(BOB).count()), (None, 0));
        assert_eq!(contacts.blocked().collect::<Vec<_>>(), [(OTHER, "bob")]);
        contacts.set_blocked(OTHER, "bob", false);
        assert_eq!((contacts.get(OTHER), contacts.contesters(BOB).count()), (None, 1));
    }

    #[test]
    fn names_and_namesakes_without_number_are_not_all_kept() {
        let mut contacts = Contacts::default();
        for number in 0..2 * MAX_PINNED {
            contacts.pin(BOB, &format!("bob-{number}"), Trust::Pinned, BTreeSet::new());
        }
        contacts.pin(BOB, "bob", Trust::Pinned, (0..1_000).map(Uuid::from_u128).collect());
        let bob = contacts.get(BOB).unwrap();
        assert_eq!((bob.pinned.len(), bob.told_apart.len()), (MAX_PINNED, MAX_TOLD_APART));
        assert!(contacts.holders(&Looks::of("bob-0")).is_empty());
        assert_eq!(
            (0..1_000).filter(|number| contacts.is_news(BOB, Uuid::from_u128(*number))).count(),
            1_000
        );
        (0..MAX_CONTESTED).for_each(|number| contacts.contest(BOB, Uuid::from_u128(number as u128)));
        assert!(!contacts.is_news(BOB, Uuid::from_u128(999)));
    }

    fn bob_is_known() -> Contacts {
        let mut contacts = Contacts::default();
        contacts.pin(BOB, "bob", Trust::Pinned, BTreeSet::new());
        contacts
    }
}
