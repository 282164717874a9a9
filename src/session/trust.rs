//! Who is who: what a person says about it, and what is noticed

use std::collections::{BTreeMap, BTreeSet};

use lanchat_protocol::{self as protocol, Input, PeerId, PeerKey};
use uuid::Uuid;

use super::Session;
use crate::{
    event::{
        Author, BlockedPeople, Contact, ContactChange, ErrorCode, Event, Peer, Trust, Verification, Warning,
        WarningCode,
    },
    lang::tell,
    sanitize::Unclean,
    trust::{Looks, People, mention::mentions, words::words},
    view::ResolveError,
};

/// What the session knows of it beyond its view
#[derive(Debug, Default)]
pub(super) struct Acquaintances {
    /// Of those of whom something is kept, and who may not be known to the node
    keys: BTreeMap<Uuid, PeerKey>,
    /// With whom words were compared, as far as this program knows
    compared: BTreeSet<Uuid>,
    /// The own name that somebody else was said to have
    taken: Option<Unclean>,
}

impl Acquaintances {
    pub(super) fn new(people: &People) -> Self {
        let keys = people.held.iter().map(|(key, _)| (key.id().as_uuid(), *key)).collect();
        Self { keys, compared: people.compared.clone(), taken: None }
    }
}

impl Session {
    /// Everybody else who is here, as they are known, blocked or not
    pub fn peers(&self) -> Vec<Peer> {
        let peers = self.node.peers().map(Peer::from);
        let known = peers.map(|peer| Peer {
            label: self.view.other_label(peer.id, &peer.name),
            trust: self.view.contacts().trust(peer.id),
            blocked: self.view.contacts().is_blocked(peer.id),
            away: self.view.peers().get(&peer.id).is_some_and(|known| known.away),
            note: self.view.peers().get(&peer.id).and_then(|known| known.note.clone()),
            ..peer
        });
        known.collect()
    }

    /// What is to be known of them in another room
    pub fn people(&self) -> People {
        let held = self
            .view
            .contacts()
            .iter()
            .filter_map(|(id, who)| Some((*self.acquaintances.keys.get(&id)?, who.clone())));
        People { held: held.collect(), compared: self.acquaintances.compared.clone() }
    }

    /// Takes in what an event of another room of the same person has changed about somebody
    pub fn learn(&mut self, event: &Event, elsewhere: &Self) {
        if let Event::Contact(contact) = event {
            self.learn_of_contact(contact, elsewhere);
        } else if let Event::Whisper { .. } = event {
            self.lately.apply(event);
        } else if let Event::Verify(verification) = event {
            self.acquaintances.compared.insert(verification.id);
        }
    }

    fn learn_of_contact(&mut self, contact: &Contact, elsewhere: &Self) {
        let Some(key) = elsewhere.key_of(contact.id) else { return };
        self.acquaintances.keys.insert(contact.id, key);
        let who = elsewhere.view.contacts().get(contact.id);
        self.view.learn(contact, who);
        if matches!(contact.change, ContactChange::Blocked | ContactChange::Unblocked) {
            self.look_at_topics();
        }
        let command = match contact.change {
            ContactChange::Pinned | ContactChange::Verified => protocol::Command::Befriend(key),
            ContactChange::Blocked => protocol::Command::Block(key),
            ContactChange::Unblocked => protocol::Command::Unblock(key),
            ContactChange::Unpinned => return,
        };
        self.input(Input::Command(command));
        // Here others may have the name as well, and they are told apart for good.
        if self.view.contacts().get(contact.id) != who {
            self.keeping.remember(key, self.view.contacts().get(contact.id).cloned());
        }
    }

    pub(super) fn verify(&mut self, who: &str) {
        let Some((id, key)) = self.found(self.view.find(who)) else { return };
        self.acquaintances.compared.insert(id);
        let words = words(self.node.key(), &key);
        self.waiting.push_back(Event::Verify(Verification { id, name: self.called(id), words }));
    }

    pub(super) fn trust(&mut self, who: &str) {
        let Some((id, _)) = self.found(self.view.find_exactly(who)) else { return };
        let name = self.called(id);
        for (holder, name) in self.view.contacts().held_by_others(id, &Looks::of(name.as_written())) {
            let pinned = self.view.contacts().get(holder).map_or(0, |who| who.pinned.len());
            let trust = self.view.contacts().trust(holder).filter(|_| pinned > 1);
            self.change(ContactChange::Unpinned, holder, name.into(), trust);
        }
        let was_verified = self.view.contacts().trust(id) == Some(Trust::Verified);
        let (change, trust) = if was_verified || self.acquaintances.compared.contains(&id) {
            (ContactChange::Verified, Trust::Verified)
        } else {
            (ContactChange::Pinned, Trust::Pinned)
        };
        self.change(change, id, name, Some(trust));
    }

    pub(super) fn block(&mut self, who: &str) {
        let Some((id, key)) = self.found(self.view.find(who)) else { return };
        self.acquaintances.keys.insert(id, key);
        self.input(Input::Command(protocol::Command::Block(key)));
        self.change(ContactChange::Blocked, id, self.called(id), self.view.contacts().trust(id));
    }

    pub(super) fn unblock(&mut self, who: &str) {
        let found = self.view.find_blocked(who).map_err(|error| match error {
            ResolveError::Unknown { wanted } => {
                tell!("nobody-blocked-called", wanted = wanted)
            }
            error @ (ResolveError::Ambiguous { .. }
            | ResolveError::KeyChanged { .. }
            | ResolveError::Blocked { .. }) => error.to_string(),
        });
        let Some((id, key)) = self.found(found) else { return };
        self.change(ContactChange::Unblocked, id, self.called(id), self.view.contacts().trust(id));
        self.input(Input::Command(protocol::Command::Unblock(key)));
    }

    pub(super) fn tell_blocked(&mut self) {
        let blocked = self.view.contacts().blocked();
        let people = blocked.map(|(id, _)| Author::new(id, self.called(id))).collect();
        self.waiting.push_back(Event::Blocked(BlockedPeople { people }));
    }

    /// Looks at what is about to be told, which the view has taken in: what is to be kept of it, and what to warn of
    pub(super) fn notice(&mut self, event: &mut Event) {
        if let Event::Contact(contact) = event {
            self.keep(contact.id);
            if matches!(contact.change, ContactChange::Blocked | ContactChange::Unblocked) {
                self.look_at_topics();
            }
        } else if let Event::Ready { .. } = event {
            self.notice_own_name();
        } else if let Event::Whisper { own: true, past: false, to: Some(to), .. } = event {
            self.meet(*to);
        } else if let Event::Message { own: true, past: false, text, .. } = event {
            self.notice_mentions(text.as_written());
        } else {
            self.notice_name(event);
        }
        self.view.tell_apart(event);
    }

    fn notice_mentions(&mut self, text: &str) {
        for names in mentions(text) {
            let here =
                |name: &&str| self.view.find(name).ok().filter(|id| self.view.peers().contains_key(id));
            if let Some(id) = names.iter().find_map(here) {
                self.meet(id);
            }
        }
    }

    /// The name of somebody to whom one speaks means them from now on, unless it means somebody else
    fn meet(&mut self, id: Uuid) {
        let Some(name) = self.view.name_of(id).cloned() else { return };
        if self.view.contacts().holders(&Looks::of(name.as_written())).is_empty() {
            let trust = self.view.contacts().trust(id).unwrap_or(Trust::Pinned);
            let change = ContactChange::Pinned;
            let blocked = self.view.contacts().is_blocked(id);
            let contact = Contact { change, id, name, trust: Some(trust), blocked };
            self.waiting.push_front(Event::Contact(contact));
        }
    }

    fn notice_name(&mut self, event: &Event) {
        let Some((id, name)) = event.live_name() else { return };
        let is_presence = matches!(event, Event::Peer { .. });
        if !is_presence && self.view.is_called(id, name) {
            return;
        }
        if let Some(contact) = self.view.robbed_by(event) {
            let message = tell!(
                "name-robbed",
                name = %name.clean_name(),
                contact = %self.view.full_label(contact).clean_name(),
                other = %self.view.full_label_as(id, name).clean_name()
            );
            self.warn(WarningCode::KeyChanged, id, name, Some(contact), message);
        } else if id != self.view.id() && self.view.is_like_mine(name) {
            self.notice_namesake(id, name);
        }
    }

    fn notice_namesake(&mut self, id: Uuid, name: &Unclean) {
        let mine = self.view.name().clone();
        if self.acquaintances.taken.as_ref() != Some(&mine) {
            let message = tell!("name-shared", name = %self.view.full_label_as(id, name).clean_name());
            self.acquaintances.taken = Some(mine);
            self.warn(WarningCode::NameTaken, id, name, None, message);
        }
    }

    fn notice_own_name(&mut self) {
        let (id, name) = (self.view.id(), self.view.name().clone());
        if let Some(contact) = self.view.contacts().holders(&Looks::of(name.as_written())).pop_first() {
            let message = tell!("name-of-contact", name = %self.view.full_label(contact).clean_name());
            return self.warn(WarningCode::NameOfContact, id, &name, Some(contact), message);
        }
        let namesake = self.view.peers().values().find(|peer| self.view.is_like_mine(&peer.name));
        if let Some((id, name)) = namesake.map(|peer| (peer.id, peer.name.clone())) {
            self.notice_namesake(id, &name);
        }
    }

    fn warn(&mut self, code: WarningCode, id: Uuid, name: &Unclean, contact: Option<Uuid>, message: String) {
        self.waiting.push_front(Event::Warning(Warning { code, id, name: name.clone(), contact, message }));
    }

    fn change(&mut self, change: ContactChange, id: Uuid, name: Unclean, trust: Option<Trust>) {
        let blocked = match change {
            ContactChange::Blocked => true,
            ContactChange::Unblocked => false,
            ContactChange::Pinned | ContactChange::Verified | ContactChange::Unpinned => {
                self.view.contacts().is_blocked(id)
            }
        };
        self.waiting.push_back(Event::Contact(Contact { change, id, name, trust, blocked }));
    }

    fn keep(&mut self, id: Uuid) {
        let Some(key) = self.key_of(id) else { return };
        self.acquaintances.keys.insert(id, key);
        if self.view.contacts().trust(id).is_some() {
            self.input(Input::Command(protocol::Command::Befriend(key)));
        }
        self.keeping.remember(key, self.view.contacts().get(id).cloned());
    }

    fn found(&mut self, found: Result<Uuid, impl ToString>) -> Option<(Uuid, PeerKey)> {
        let key = match found {
            Ok(id) => self.key_of(id).map(|key| (id, key)).ok_or_else(|| tell!("key-unknown")),
            Err(error) => Err(error.to_string()),
        };
        key.map_err(|message| self.tell_error(ErrorCode::UnknownContact, message)).ok()
    }

    fn key_of(&self, id: Uuid) -> Option<PeerKey> {
        let known = self.node.key_of(PeerId::from_uuid(id)).copied();
        known.or_else(|| self.acquaintances.keys.get(&id).copied())
    }

    fn called(&self, id: Uuid) -> Unclean {
        let kept = || self.view.contacts().get(id).map(|who| who.name.as_str().into());
        self.view.name_of(id).cloned().or_else(kept).unwrap_or_default()
    }
}
