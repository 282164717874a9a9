use alloc::vec::Vec;
use core::time::Duration;

use super::{noise::Initiation, session::Session};
use crate::{
    Time,
    wire::{Dropped, HandshakeInit, HandshakeResponse, SealedFrame},
};

/// The sessions with one peer: the one in use, one before it and one after it
///
/// Who answered a handshake does not seal in the session before the other side has: a recording of a handshake, or an
/// answer that got lost, leaves things as they were.
#[derive(Debug)]
pub(crate) struct Contact {
    current: Option<Session>,
    answered: Option<Answered>,
    /// Can still be read, and until when; no time is set before something was heard in the one that follows
    previous: Option<(Session, Option<Time>)>,
    pub(crate) initiation: Option<Attempt>,
    /// The handshake that this node answered last
    answer: Option<(HandshakeInit, HandshakeResponse)>,
    silence: Silence,
    /// When something was last sealed or opened
    pub(crate) used: Time,
    /// Whether this node whispered to them
    pub(crate) is_spoken_to: bool,
}

/// A session of which it is not known whether the other side has it
#[derive(Debug)]
struct Answered {
    session: Session,
    at: Time,
}

/// A handshake of this node's
#[derive(Debug)]
pub(crate) struct Attempt {
    /// What was sent, and goes on when it is answered
    pub(crate) begun: Option<(Initiation, HandshakeInit)>,
    pub(crate) tries: u32,
    pub(crate) next: Time,
}

/// What was whispered since something was last heard
#[derive(Debug)]
struct Silence {
    since: Time,
    whispers: u32,
    patience: Duration,
}

impl Default for Silence {
    fn default() -> Self {
        Self { since: Time::ZERO, whispers: 0, patience: Self::PATIENCE }
    }
}

impl Silence {
    /// After so many whispers without an answer the other side may have lost the session
    const WHISPERS: u32 = 4;
    /// If that takes so long
    const PATIENCE: Duration = Duration::from_millis(500);
    /// The most that patience grows to when new sessions do not help
    const MAX_PATIENCE: Duration = Duration::from_secs(60);

    fn is_too_long(&self, now: Time) -> bool {
        self.whispers >= Self::WHISPERS && now.since(self.since) >= self.patience
    }

    fn on_whisper(&mut self, now: Time) {
        if self.whispers == 0 {
            self.since = now;
        }
        self.whispers = self.whispers.saturating_add(1);
    }

    fn on_new_session(&mut self) {
        if self.whispers > 0 {
            self.patience = (self.patience * 2).min(Self::MAX_PATIENCE);
        }
        self.whispers = 0;
    }
}

impl Contact {
    /// For how long an earlier session can be read
    const OVERLAP: Duration = Duration::from_secs(10);
    /// For how long a session waits for the first frame of who began it
    const UNCONFIRMED: Duration = Duration::from_secs(10);
    /// How soon after answering a handshake one of this node's own makes sense
    const COURTESY: Duration = Duration::from_secs(1);

    /// No session yet
    pub(crate) fn new(now: Time) -> Self {
        Self {
            current: None,
            answered: None,
            previous: None,
            initiation: None,
            answer: None,
            silence: Silence::default(),
            used: now,
            is_spoken_to: false,
        }
    }

    /// Whether something can be sealed
    pub(crate) fn is_ready(&self, now: Time) -> bool {
        self.current.as_ref().is_some_and(|session| session.can_seal(now))
    }

    /// Whether a handshake of this node's waits for its answer; if it waits for long it is repeated now, since the other
    /// side is heard
    pub(crate) fn goes_first(&mut self, now: Time) -> bool {
        let Some(attempt) = self.initiation.as_mut().filter(|attempt| attempt.begun.is_some()) else {
            return false;
        };
        if attempt.next.since(now) > Self::COURTESY {
            (attempt.next, attempt.tries) = (now, 0);
        }
        true
    }

    /// From when on a new session is to be asked for, if one is needed before, or while, more is whispered
    pub(crate) fn wants_session(&self, now: Time) -> Option<Time> {
        let is_good = |session: &Session| session.can_seal(now) && !session.is_worn(now);
        if self.current.as_ref().is_some_and(is_good) && !self.silence.is_too_long(now) {
            return None;
        }
        let answered = self.answered.as_ref().map(|answered| answered.at + Self::COURTESY);
        Some(answered.map_or(now, |at| at.max(now)))
    }

    /// Whether nothing has to be kept of it
    pub(crate) fn is_empty(&self) -> bool {
        self.current.is_none()
            && self.answered.is_none()
            && self.previous.is_none()
            && self.initiation.is_none()
    }

    /// What the sessions are known by here
    pub(crate) fn names(&self) -> impl Iterator<Item = u64> {
        let answered = self.answered.as_ref().map(|answered| &answered.session);
        let previous = self.previous.as_ref().map(|(session, _)| session);
        [self.current.as_ref(), answered, previous].into_iter().flatten().map(|session| session.own)
    }

    /// The answer that this handshake was given before, if it is the same
    pub(crate) fn answer_again(&self, init: &HandshakeInit) -> Option<HandshakeResponse> {
        let (answered, response) = self.answer.as_ref()?;
        let is_there = self.names().any(|name| name == response.session);
        (answered == init && is_there).then(|| response.clone())
    }

    /// A handshake of the other side's was answered
    pub(crate) fn on_answered(
        &mut self,
        now: Time,
        session: Session,
        init: HandshakeInit,
        response: HandshakeResponse,
    ) {
        self.initiation = None;
        self.answered = Some(Answered { session, at: now });
        self.answer = Some((init, response));
    }

    /// A handshake of this node's was answered; true if what was sealed before cannot have been read
    pub(crate) fn on_established(&mut self, now: Time, session: Session) -> bool {
        let was_lost = !self.is_ready(now) || self.silence.is_too_long(now);
        self.used = now;
        self.initiation = None;
        self.answered = None;
        self.previous = self.current.replace(session).map(|before| (before, None));
        self.silence.on_new_session();
        was_lost
    }

    /// Seals something: what the other side knows the session by, the nonce, the bytes
    pub(crate) fn seal(&mut self, now: Time, text: &[u8], is_whisper: bool) -> Option<(u64, u64, Vec<u8>)> {
        let sealed = self.current.as_mut().filter(|session| session.can_seal(now))?.seal(text)?;
        self.used = now;
        if is_whisper {
            self.is_spoken_to = true;
            self.silence.on_whisper(now);
        }
        Some(sealed)
    }

    /// Whether the session in use was made by this node and the other side cannot know yet that it has it
    pub(crate) fn owes_confirmation(&self) -> bool {
        self.current.as_ref().is_some_and(Session::is_unused)
    }

    /// Opens a frame of one of the sessions; true if it is the first one of a session that this node answered
    ///
    /// # Errors
    /// If it was seen before, or was not sealed in that session
    pub(crate) fn open(&mut self, now: Time, frame: SealedFrame<'_>) -> Result<(Vec<u8>, bool), Dropped> {
        let is_named = |session: &&mut Session| session.own == frame.session;
        let is_new = self.answered.as_ref().is_some_and(|answered| answered.session.own == frame.session);
        let text = if is_new {
            self.confirm(now, frame)?
        } else if let Some(session) = self.current.as_mut().filter(is_named) {
            let text = session.open(frame)?;
            if let Some((_, until @ None)) = &mut self.previous {
                *until = Some(now + Self::OVERLAP);
            }
            text
        } else {
            let previous = self.previous.as_mut().map(|(session, _)| session).filter(is_named);
            previous.ok_or(Dropped::NoSession)?.open(frame)?
        };
        self.silence = Silence::default();
        self.used = now;
        Ok((text, is_new))
    }

    fn confirm(&mut self, now: Time, frame: SealedFrame<'_>) -> Result<Vec<u8>, Dropped> {
        let answered = self.answered.as_mut().ok_or(Dropped::NoSession)?;
        let text = answered.session.open(frame)?;
        if let Some(Answered { session, .. }) = self.answered.take() {
            let before = self.current.replace(session);
            self.previous = before.map(|before| (before, Some(now + Self::OVERLAP)));
        }
        Ok(text)
    }

    /// When a session is to be forgotten, or a handshake to be repeated
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let attempt = self.initiation.as_ref().map(|attempt| attempt.next);
        let current = self.current.as_ref().map(Session::ends);
        let answered = self.answered.as_ref().map(|answered| answered.at + Self::UNCONFIRMED);
        let previous = self.previous.as_ref().map(|(session, until)| until.unwrap_or_else(|| session.ends()));
        [attempt, current, answered, previous].into_iter().flatten().min()
    }

    /// Forgets the keys of sessions that are over
    pub(crate) fn expire(&mut self, now: Time) {
        self.current.take_if(|session| session.ends() <= now);
        self.answered.take_if(|answered| answered.at + Self::UNCONFIRMED <= now);
        self.previous.take_if(|(session, until)| until.is_some_and(|at| at <= now) || session.ends() <= now);
    }

    #[cfg(test)]
    pub(crate) fn current_mut(&mut self) -> Option<&mut Session> {
        self.current.as_mut()
    }
}
