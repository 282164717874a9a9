//! What people are called, and who is meant by that

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use uuid::Uuid;

use super::View;
use crate::{
    event::Event,
    lang::tell,
    sanitize::{Clean, Unclean},
    trust::{Looks, Namesakes},
};

/// How many labels are known by heart, since it takes longer to find one than to carry a line
const MAX_TOLD: usize = 1_024;

/// How many of those who took a name are listed
const MAX_LISTED: usize = 8;

impl View {
    /// To whom a person wants to whisper by a name, `NAME~abcd` (the first hex digits of the id, four or more) or an id
    ///
    /// Names are equal that look the same. A name that is pinned means the contact, here or not. Otherwise whoever is
    /// here is meant rather than somebody of the same name who was here before.
    ///
    /// # Errors
    /// When nobody or more than one is meant, whoever is meant is blocked, or somebody else took the name of a contact
    /// and it was not said yet who is meant by it; an id means one key, whatever its owner is called.
    pub fn resolve(&self, wanted: &str) -> Result<Uuid, ResolveError> {
        let (id, by) = self.meant(wanted)?;
        if by != By::Id {
            self.is_settled(wanted, id, by)?;
        }
        if self.contacts.is_blocked(id) {
            return Err(ResolveError::Blocked {
                wanted: wanted.to_owned(),
                label: self.label(id).clean_name(),
            });
        }
        Ok(id)
    }

    /// Whom a person means, to do something else than to whisper to them
    ///
    /// # Errors
    /// When nobody or more than one is meant
    pub fn find(&self, wanted: &str) -> Result<Uuid, ResolveError> {
        self.meant(wanted).map(|(id, _)| id)
    }

    /// The same, to say that it is they who are meant by their name from now on
    ///
    /// # Errors
    /// The same, and when somebody else took a contact's name and this is no more than the name
    pub fn find_exactly(&self, wanted: &str) -> Result<Uuid, ResolveError> {
        let (id, by) = self.meant(wanted)?;
        if by == By::Name {
            self.is_settled(wanted, id, by)?;
        }
        Ok(id)
    }

    /// Who of those who are blocked is meant
    ///
    /// # Errors
    /// When none or more than one is
    pub fn find_blocked(&self, wanted: &str) -> Result<Uuid, ResolveError> {
        let blocked: Vec<(Uuid, &str)> = self
            .contacts
            .blocked()
            .map(|(id, name)| (id, self.name_of(id).map_or(name, Unclean::as_written)))
            .collect();
        if let Some((id, _)) = blocked.iter().find(|(id, _)| id.to_string() == wanted.to_ascii_lowercase()) {
            return Ok(*id);
        }
        let namesakes = blocked.into_iter().collect::<Namesakes>();
        one_of(wanted, called(wanted, |looks| namesakes.like(looks))).map(|(id, _)| id)
    }

    /// The name of a peer, with the first digits of the id unless it can mean nobody else
    ///
    /// A contact has the pinned name alone. Somebody of whom nothing is known is called by the first digits of the id.
    pub fn label(&self, id: Uuid) -> Unclean {
        self.name_of(id).map_or_else(|| digits(id).into(), |name| self.told_apart(id, name))
    }

    /// The same for somebody who gave this name, and may not be here any more
    ///
    /// Who had no name yet, only digits, is called by the name that has become known since.
    pub fn label_as(&self, id: Uuid, name: &Unclean) -> Unclean {
        if name.as_written() == digits(id) { self.label(id) } else { self.told_apart(id, name) }
    }

    /// The same where it is not the name itself
    pub fn other_label(&self, id: Uuid, name: &Unclean) -> Option<Box<Unclean>> {
        let label = self.label_as(id, name);
        (label != *name).then(|| label.into())
    }

    /// Gives the author of a line or a whisper a label where somebody else could be meant by the name alone
    pub fn tell_apart(&mut self, event: &mut Event) {
        let Some(from) = event.author_mut() else { return };
        let known = self.told.get(&from.id).filter(|(name, _)| *name == from.name);
        from.label = match known {
            Some((_, label)) => label.clone(),
            None => {
                let label = self.other_label(from.id, &from.name);
                if self.told.len() >= MAX_TOLD {
                    self.told.clear();
                }
                self.told.insert(from.id, (from.name.clone(), label.clone()));
                label
            }
        };
    }

    /// The name of somebody, always with the first digits of the id
    pub fn full_label(&self, id: Uuid) -> Unclean {
        self.name_of(id)
            .map_or_else(|| self.full_label_as(id, &Unclean::default()), |name| self.full_label_as(id, name))
    }

    /// The same for somebody who gave this name
    pub fn full_label_as(&self, id: Uuid, name: &Unclean) -> Unclean {
        let namesakes = self.namesakes(&Namesakes::default(), id, &Looks::of(name.as_written()));
        with_digits(id, name, &namesakes)
    }

    /// What these people are called by now, each with one name that no other of them has, nor anybody here
    ///
    /// Each comes with a name of before, the latest last, which is used when none is known.
    pub fn labels<'a>(
        &'a self,
        people: impl IntoIterator<Item = (Uuid, &'a Unclean)>,
    ) -> BTreeMap<Uuid, Unclean> {
        let called = |(id, name)| (id, self.name_of(id).unwrap_or(name));
        let people: BTreeMap<Uuid, &Unclean> = people.into_iter().map(called).collect();
        let others = people.iter().map(|(id, name)| (*id, name.as_written())).collect();
        let label = |id, name: &Unclean| {
            if name.as_written() == digits(id) {
                name.clone()
            } else {
                self.told_apart_from(&others, id, name)
            }
        };
        people.iter().map(|(id, name)| (*id, label(*id, name))).collect()
    }

    fn told_apart(&self, id: Uuid, name: &Unclean) -> Unclean {
        self.told_apart_from(&Namesakes::default(), id, name)
    }

    /// Told apart from whoever is here, from contacts wherever they are, and from these
    fn told_apart_from(&self, others: &Namesakes, id: Uuid, name: &Unclean) -> Unclean {
        let looks = Looks::of(name.as_written());
        let namesakes = self.namesakes(others, id, &looks);
        let holders = self.contacts.holders(&looks);
        let is_theirs = holders.len() == 1 && holders.contains(&id);
        // A name may itself end in what looks like digits of an id.
        if (is_theirs || namesakes.is_empty()) && !looks.has_tilde() {
            return name.clone();
        }
        with_digits(id, name, &namesakes)
    }

    fn namesakes(&self, others: &Namesakes, id: Uuid, looks: &Looks) -> BTreeSet<Uuid> {
        let mut namesakes = self.called_here.like(looks);
        namesakes.extend(self.contacts.holders(looks));
        namesakes.extend(others.like(looks));
        if Looks::of(self.name.as_written()).is_like(looks) {
            namesakes.insert(self.id);
        }
        namesakes.remove(&id);
        namesakes
    }

    fn meant(&self, wanted: &str) -> Result<(Uuid, By), ResolveError> {
        if let Ok(id) = Uuid::parse_str(wanted)
            && (self.peers.contains_key(&id)
                || self.away.contains_key(&id)
                || self.contacts.get(id).is_some())
        {
            return Ok((id, By::Id));
        }
        let found = called(wanted, |looks| self.contacts.holders(looks));
        // Digits may mean a namesake as well.
        let found = found.filter(|(_, by)| *by == By::Name).or_else(|| {
            called(wanted, |looks| {
                let mut people = self.called_here.like(looks);
                people.extend(self.contacts.holders(looks));
                people
            })
        });
        one_of(wanted, found.or_else(|| called(wanted, |looks| self.called_away.like(looks))))
    }

    /// Who has a name of this contact's and is not known to be somebody else, among them perhaps this one
    fn others_called_like(&self, contact: Uuid, id: Uuid) -> BTreeSet<Uuid> {
        let pinned = self.contacts.get(contact).map(|who| who.pinned.as_slice()).unwrap_or_default();
        let here = pinned.iter().flat_map(|name| self.called_here.like(&Looks::of(name)));
        let mut others: BTreeSet<Uuid> = here.chain([id]).collect();
        others.retain(|other| *other != contact && !self.contacts.are_told_apart(contact, *other));
        others.extend(self.contacts.contesters(contact));
        others
    }

    /// Whether it was said who is meant where somebody has a contact's name
    fn is_settled(&self, wanted: &str, id: Uuid, by: By) -> Result<(), ResolveError> {
        let name = self.name_of(id).map(Unclean::as_written).unwrap_or_default();
        let contact = match (self.contacts.robbed(id, &Looks::of(name)), by) {
            (Some(contact), _) => contact,
            (None, By::Name) if self.contacts.holders(&Looks::of(wanted)).contains(&id) => id,
            (None, By::Name | By::Digits | By::Id) => return Ok(()),
        };
        let others = self.others_called_like(contact, id);
        if others.is_empty() {
            return Ok(());
        }
        Err(ResolveError::KeyChanged {
            wanted: wanted.to_owned(),
            contact: self.full_label(contact).clean_name(),
            others: others
                .into_iter()
                .take(MAX_LISTED)
                .map(|other| self.full_label(other).clean_name())
                .collect(),
        })
    }
}

/// What somebody is called of whom no name is known: the first digits of the id
pub fn digits(id: Uuid) -> String {
    format!("~{}", &hex(id)[..8])
}

/// By what somebody is meant
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Id,
    Name,
    Digits,
}

/// Who is called this, or else this without some first digits of the id
///
/// Who has a tilde in their name is only meant with digits behind it: they could take those of somebody else for a name.
fn called(wanted: &str, like: impl Fn(&Looks) -> BTreeSet<Uuid>) -> Option<(BTreeSet<Uuid>, By)> {
    let looks = Looks::of(wanted);
    if !looks.has_tilde() {
        return Some((like(&looks), By::Name)).filter(|(found, _)| !found.is_empty());
    }
    let (name, digits) = wanted.rsplit_once('~')?;
    let found: BTreeSet<Uuid> =
        like(&Looks::of(name)).into_iter().filter(|id| is_prefix(digits, *id)).collect();
    Some((found, By::Digits)).filter(|(found, _)| !found.is_empty())
}

fn one_of(wanted: &str, found: Option<(BTreeSet<Uuid>, By)>) -> Result<(Uuid, By), ResolveError> {
    let wanted = wanted.to_owned();
    let Some((found, by)) = found else { return Err(ResolveError::Unknown { wanted }) };
    let ids: Vec<Uuid> = found.into_iter().collect();
    match ids.as_slice() {
        [id] => Ok((*id, by)),
        _ => Err(ResolveError::Ambiguous { wanted, ids }),
    }
}

fn with_digits(id: Uuid, name: &Unclean, namesakes: &BTreeSet<Uuid>) -> Unclean {
    let digits = hex(id);
    let length = (MIN_DIGITS..digits.len())
        .find(|&length| !namesakes.iter().any(|other| is_prefix(&digits[..length], *other)))
        .unwrap_or(digits.len());
    format!("{}~{}", name.as_written(), &digits[..length]).into()
}

const MIN_DIGITS: usize = 4;

/// Why a name means nobody in particular
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResolveError {
    /// Nobody here has that name or id
    #[error("{}", tell!("person-unknown", wanted = wanted))]
    Unknown {
        /// What was asked for
        wanted: String,
    },
    /// Several have that name
    #[error("{}", tell!("person-ambiguous", count = ids.len(), wanted = wanted, ids = list(ids)))]
    Ambiguous {
        /// What was asked for
        wanted: String,
        /// Whom it may mean
        ids: Vec<Uuid>,
    },
    /// Somebody with another key has a contact's name
    #[error("{}", tell!("person-key-changed", wanted = wanted, count = others.len(), contact = %contact, others = alternatives(others)))]
    KeyChanged {
        /// What was asked for
        wanted: String,
        /// The contact, with digits
        contact: Clean,
        /// The others, with digits
        others: Vec<Clean>,
    },
    /// Whoever is meant is blocked
    #[error("{}", tell!("person-blocked", label = %label))]
    Blocked {
        /// What was asked for
        wanted: String,
        /// What they are called
        label: Clean,
    },
}

fn alternatives(others: &[Clean]) -> String {
    let others: Vec<String> = others.iter().map(|other| format!("/trust {other}")).collect();
    others.join(&tell!("list-or"))
}

fn list(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    ids.join(&tell!("list-and"))
}

fn is_prefix(digits: &str, id: Uuid) -> bool {
    let digits = digits.replace('-', "").to_lowercase();
    digits.len() >= MIN_DIGITS && hex(id).starts_with(&digits)
}

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}
