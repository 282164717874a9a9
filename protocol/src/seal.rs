//! Sessions in which whispers are sealed: made when there is something to whisper, replaced when they are worn, lost or
//! forgotten by the other side (PROTOCOL.md §8.8)

mod budget;
mod contact;
mod noise;
mod session;
mod window;

use alloc::{collections::BTreeMap, vec::Vec};
use core::time::Duration;

use fastrand::Rng;

use self::{
    budget::Budget,
    contact::{Attempt, Contact},
    noise::Setting,
    session::Session,
};
use crate::{
    Identity, PeerKey, RoomId, Time, WhisperKey,
    entropy::Entropy,
    whisper::backoff,
    wire::{Confidence, Dropped, HandshakeInit, HandshakeResponse, SealedFrame, bounded::Bytes},
};

/// The sessions of this node with everyone
#[derive(Debug)]
pub(crate) struct Seals {
    me: PeerKey,
    room: RoomId,
    secret: Secret,
    key: Option<WhisperKey>,
    entropy: Entropy,
    contacts: BTreeMap<PeerKey, Contact>,
    /// Whose sessions these are, by what this node knows them by
    sessions: BTreeMap<u64, PeerKey>,
    budget: Budget,
}

/// Not to be printed
struct Secret([u8; 32]);

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A frame that was opened
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) from: PeerKey,
    pub(crate) text: Vec<u8>,
    /// Whether from here on something can be sealed for them in the session that it came in
    pub(crate) is_first: bool,
}

impl Seals {
    /// With how many there may be sessions: 512 KiB
    const MAX_CONTACTS: usize = 256;
    /// Those in use make no room for somebody else's handshake unless they were silent for longer
    const SILENCE: Duration = Duration::from_secs(60);
    /// Whom so many handshakes do not reach they will not reach soon
    const HOPEFUL_TRIES: u32 = 8;

    /// None yet
    pub(crate) fn new(now: Time, identity: &Identity, room: &RoomId, entropy: Entropy) -> Self {
        let secret = identity.whisper_secret();
        Self {
            me: *identity.key(),
            room: *room,
            key: noise::public_key(&secret),
            secret: Secret(secret),
            entropy,
            contacts: BTreeMap::new(),
            sessions: BTreeMap::new(),
            budget: Budget::new(now),
        }
    }

    /// To whom others seal what they whisper to this node
    pub(crate) fn key(&self) -> Option<WhisperKey> {
        self.key
    }

    /// Whether something can be sealed for `peer`
    pub(crate) fn is_ready(&self, now: Time, peer: &PeerKey) -> bool {
        self.contacts.get(peer).is_some_and(|contact| contact.is_ready(now))
    }

    /// Whether `peer` is to be told that this node has the session
    pub(crate) fn owes_confirmation(&self, peer: &PeerKey) -> bool {
        self.contacts.get(peer).is_some_and(Contact::owes_confirmation)
    }

    /// Whether `peer` leaves handshakes unanswered, so that it cannot be said when there will be a session
    pub(crate) fn is_unanswered(&self, peer: &PeerKey) -> bool {
        self.tries(peer) > Self::HOPEFUL_TRIES
    }

    /// Whether that has just turned out
    pub(crate) fn has_become_unanswered(&self, peer: &PeerKey) -> bool {
        self.tries(peer) == Self::HOPEFUL_TRIES + 1
    }

    /// How often the handshake that waits for an answer of `peer` was sent
    fn tries(&self, peer: &PeerKey) -> u32 {
        let attempt = self.contacts.get(peer).and_then(|contact| contact.initiation.as_ref());
        attempt.map_or(0, |attempt| attempt.tries)
    }

    /// Seals something for `peer`: what they know the session by, the nonce, the bytes
    pub(crate) fn seal(
        &mut self,
        now: Time,
        peer: &PeerKey,
        what: &Confidence,
    ) -> Option<(u64, u64, Vec<u8>)> {
        let is_whisper = matches!(what, Confidence::Whisper(_));
        self.contacts.get_mut(peer)?.seal(now, &what.encode(), is_whisper)
    }

    /// Opens a frame
    ///
    /// # Errors
    /// If it is of no session, was seen before, or was not sealed by the other side
    pub(crate) fn open(&mut self, now: Time, frame: SealedFrame<'_>) -> Result<Opened, Dropped> {
        let from = *self.sessions.get(&frame.session).ok_or(Dropped::NoSession)?;
        let opened = self.change(from, |contact| contact.open(now, frame));
        let (text, is_first) = opened.unwrap_or(Err(Dropped::NoSession))?;
        Ok(Opened { from, text, is_first })
    }

    /// These have something to be told, and no others: handshakes are made with those of them who have no good session
    pub(crate) fn want(&mut self, now: Time, wanted: &[(PeerKey, WhisperKey)]) {
        let is_wanted = |peer: &PeerKey| wanted.iter().any(|(wanted, _)| wanted == peer);
        self.contacts.retain(|peer, contact| {
            contact.initiation.take_if(|_| !is_wanted(peer));
            !contact.is_empty()
        });
        for (peer, _) in wanted {
            if !self.contacts.contains_key(peer) && !self.make_room(now, is_wanted, true) {
                continue;
            }
            let contact = self.contacts.entry(*peer).or_insert_with(|| Contact::new(now));
            match contact.wants_session(now) {
                Some(next) => {
                    contact.initiation.get_or_insert(Attempt { begun: None, tries: 0, next });
                }
                None => contact.initiation = None,
            }
        }
    }

    /// The next handshake that is to be begun or repeated with one of these, to be called until there is none; the
    /// first repetition comes after `retry`
    pub(crate) fn poll_init(
        &mut self,
        now: Time,
        wanted: &[(PeerKey, WhisperKey)],
        retry: Duration,
        rng: &mut Rng,
    ) -> Option<(PeerKey, HandshakeInit)> {
        for (peer, theirs) in wanted {
            let Some(attempt) = self.contacts.get_mut(peer).and_then(|contact| contact.initiation.as_mut())
            else {
                continue;
            };
            if attempt.next > now {
                continue;
            }
            attempt.next = now + backoff(retry, attempt.tries).mul_f64(0.9 + 0.2 * rng.f64());
            attempt.tries = attempt.tries.saturating_add(1);
            if attempt.begun.is_none() {
                let session = u64::from_le_bytes(self.entropy.bytes());
                let setting = Setting {
                    room: &self.room,
                    initiator: &self.me,
                    responder: peer,
                    secret: &self.secret.0,
                    theirs,
                };
                attempt.begun = begin(setting, *peer, session, self.entropy.bytes());
            }
            if let Some((_, init)) = &attempt.begun {
                return Some((*peer, init.clone()));
            }
        }
        None
    }

    /// Answers a handshake of `peer`, whose announced key is `theirs`; `None` if this node's own goes first
    ///
    /// `is_needed` says whether something waits to be whispered to somebody.
    ///
    /// # Errors
    /// If it is for somebody else, not from `peer`, or too much
    pub(crate) fn on_init(
        &mut self,
        now: Time,
        (peer, theirs): (PeerKey, Option<WhisperKey>),
        init: &HandshakeInit,
        is_needed: impl Fn(&PeerKey) -> bool,
    ) -> Result<Option<HandshakeResponse>, Dropped> {
        if init.to != self.me {
            return Err(Dropped::Misdirected);
        }
        let theirs = theirs.ok_or(Dropped::Stranger)?;
        let contact = self.contacts.get(&peer);
        if let Some(again) = contact.and_then(|contact| contact.answer_again(init)) {
            return Ok(Some(again));
        }
        let is_familiar = contact.is_some_and(|contact| contact.is_spoken_to) || is_needed(&peer);
        if self.me < peer && self.contacts.get_mut(&peer).is_some_and(|contact| contact.goes_first(now)) {
            return Ok(None);
        }
        let contact = self.contacts.get(&peer);
        if contact.is_none() && !self.can_make_room(now, &is_needed, false) {
            return Err(Dropped::Overflow);
        }
        if !self.budget.allow(now, &peer, is_familiar) {
            return Err(Dropped::Deferred);
        }
        self.answer(now, (peer, theirs), init, is_needed).map(Some)
    }

    fn answer(
        &mut self,
        now: Time,
        (peer, theirs): (PeerKey, WhisperKey),
        init: &HandshakeInit,
        is_needed: impl Fn(&PeerKey) -> bool,
    ) -> Result<HandshakeResponse, Dropped> {
        let setting = Setting {
            room: &self.room,
            initiator: &peer,
            responder: &self.me,
            secret: &self.secret.0,
            theirs: &theirs,
        };
        let answered = noise::respond(setting, self.entropy.bytes(), &init.noise);
        let (keys, noise) = answered.ok_or(Dropped::Forged)?;
        let own = u64::from_le_bytes(self.entropy.bytes());
        let noise = Bytes::new(noise).ok_or(Dropped::Forged)?;
        let response = HandshakeResponse { to: peer, session: own, answers: init.session, noise };
        if !self.contacts.contains_key(&peer) && !self.make_room(now, is_needed, false) {
            return Err(Dropped::Overflow);
        }
        self.contacts.entry(peer).or_insert_with(|| Contact::new(now));
        let session = Session::new(now, own, init.session, keys);
        let (init, answer) = (init.clone(), response.clone());
        self.change(peer, |contact| contact.on_answered(now, session, init, answer));
        Ok(response)
    }

    /// Takes in an answer of `peer`, after which something can be sealed for them; true if what was sealed before is lost
    ///
    /// # Errors
    /// If it is for somebody else, answers no handshake of this node's, or is not from `peer`
    pub(crate) fn on_response(
        &mut self,
        now: Time,
        peer: PeerKey,
        response: &HandshakeResponse,
    ) -> Result<bool, Dropped> {
        if response.to != self.me {
            return Err(Dropped::Misdirected);
        }
        let attempt = self.contacts.get_mut(&peer).and_then(|contact| contact.initiation.as_mut());
        let attempt = attempt.ok_or(Dropped::NoSession)?;
        let is_meant = |(_, init): &mut (_, HandshakeInit)| init.session == response.answers;
        let (initiation, init) = attempt.begun.take_if(is_meant).ok_or(Dropped::NoSession)?;
        let keys = initiation.finish(&response.noise).ok_or(Dropped::Forged)?;
        let session = Session::new(now, init.session, response.session, keys);
        Ok(self.change(peer, |contact| contact.on_established(now, session)).unwrap_or_default())
    }

    /// `peer` has started anew, left, or has another key: they know of no session
    pub(crate) fn forget(&mut self, peer: &PeerKey) {
        if let Some(contact) = self.contacts.remove(peer) {
            for name in contact.names() {
                self.sessions.remove(&name);
            }
        }
    }

    /// When a handshake is to be repeated, or keys are to be forgotten
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.contacts.values().filter_map(Contact::poll_timeout).min()
    }

    /// Forgets the keys of sessions that are over
    pub(crate) fn expire(&mut self, now: Time) {
        if self.poll_timeout().is_none_or(|at| at > now) {
            return;
        }
        self.contacts.values_mut().for_each(|contact| contact.expire(now));
        self.contacts.retain(|_, contact| !contact.is_empty());
        let contacts = &self.contacts;
        self.sessions.retain(|name, peer| {
            contacts.get(peer).is_some_and(|contact| contact.names().any(|known| known == *name))
        });
    }

    /// Keeps the index of sessions right while something changes in one contact
    fn change<T>(&mut self, peer: PeerKey, act: impl FnOnce(&mut Contact) -> T) -> Option<T> {
        let contact = self.contacts.get_mut(&peer)?;
        for name in contact.names() {
            self.sessions.remove(&name);
        }
        let result = act(contact);
        self.sessions.extend(contact.names().map(|name| (name, peer)));
        Some(result)
    }

    fn make_room(&mut self, now: Time, is_needed: impl Fn(&PeerKey) -> bool, is_for_own: bool) -> bool {
        if self.contacts.len() < Self::MAX_CONTACTS {
            return true;
        }
        let Some(victim) = self.victim(now, is_needed, is_for_own) else { return false };
        self.forget(&victim);
        true
    }

    fn can_make_room(&self, now: Time, is_needed: impl Fn(&PeerKey) -> bool, is_for_own: bool) -> bool {
        self.contacts.len() < Self::MAX_CONTACTS || self.victim(now, is_needed, is_for_own).is_some()
    }

    /// Who makes room: of those for whom nothing waits, who was whispered to least lately, those before the others to
    /// whom this node never said anything
    fn victim(&self, now: Time, is_needed: impl Fn(&PeerKey) -> bool, is_for_own: bool) -> Option<PeerKey> {
        let can_go = |contact: &Contact| {
            is_for_own || !contact.is_spoken_to || now.since(contact.used) > Self::SILENCE
        };
        let idle = self.contacts.iter().filter(|(peer, contact)| !is_needed(peer) && can_go(contact));
        idle.map(|(peer, contact)| (contact.is_spoken_to, contact.used, *peer)).min().map(|(.., peer)| peer)
    }
}

/// Begins a handshake; `None` if that cannot be done with this key
fn begin(
    setting: Setting<'_>,
    to: PeerKey,
    session: u64,
    ephemeral: [u8; 32],
) -> Option<(noise::Initiation, HandshakeInit)> {
    let (initiation, message) = noise::initiate(setting, ephemeral)?;
    Some((initiation, HandshakeInit { to, session, noise: Bytes::new(message)? }))
}

#[cfg(test)]
mod tests;
