use alloc::{collections::BTreeMap, vec::Vec};
use core::{
    net::SocketAddr,
    ops::Bound::{Excluded, Unbounded},
};

use super::WINDOW;
use crate::{
    HeardUpTo, MessageId, PeerKey, Ticket, Time, WallTime,
    lines::{Line, Lines},
    wire::{Item, Whisper, WhisperAck},
};

/// What one peer whispers to this node: each line once, whole and in order, and acknowledged once it is stored
/// (PROTOCOL.md §8.4)
///
/// While a batch with lines of theirs is being stored no other line is taken, so that a batch that is lost takes
/// nothing with it that was stored after it.
#[derive(Debug)]
pub(crate) struct Inbox {
    from: PeerKey,
    me: PeerKey,
    epoch: u64,
    /// All up to here is on its way to the store, or there: the end of a line
    taken: u64,
    /// What survives: the series and place of the last line that is stored
    stored: (u64, u64),
    awaits: Option<Ticket>,
    /// What is before this place and not here will not come
    oldest: u64,
    /// What is beyond the last place that is stored
    waiting: BTreeMap<u64, (Item, WallTime)>,
    /// What came of a series that is over
    left: Vec<Line>,
    answer_to: Option<SocketAddr>,
    owes_answer: bool,
    used: Time,
}

/// A whisper that cannot be kept now, and so must not be acknowledged
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotKept;

/// Lines that are to be shown once it is stored that they came
#[derive(Debug)]
pub(crate) struct Intake {
    pub(crate) lines: Vec<Line>,
    pub(crate) heard: HeardUpTo,
}

impl Inbox {
    /// What `from` whispers to `me`, beyond the place up to which it was taken before
    pub(crate) fn new(me: PeerKey, from: PeerKey, (epoch, upto): (u64, u64)) -> Self {
        Self {
            from,
            me,
            epoch,
            taken: upto,
            stored: (epoch, upto),
            awaits: None,
            oldest: 0,
            waiting: BTreeMap::new(),
            left: Vec::new(),
            answer_to: None,
            owes_answer: false,
            used: Time::ZERO,
        }
    }

    /// Takes in a verified whisper
    ///
    /// # Errors
    /// If it cannot be kept
    pub(crate) fn receive(&mut self, now: Time, from: SocketAddr, whisper: Whisper) -> Result<(), NotKept> {
        self.used = now;
        if whisper.epoch > self.epoch {
            if self.awaits.is_some() {
                return Err(NotKept);
            }
            self.begin(whisper.epoch);
        }
        if whisper.epoch == self.epoch {
            self.oldest = self.oldest.max(whisper.oldest.min(whisper.seq));
            let gone_before = self.taken.max(self.oldest.saturating_sub(1));
            let is_full = self.awaits.is_some() && self.waiting.len() >= MAX_WAITING;
            if whisper.seq > gone_before.saturating_add(WINDOW) || is_full {
                return Err(NotKept);
            }
            if whisper.seq > self.taken {
                self.waiting.entry(whisper.seq).or_insert((whisper.item, whisper.sent_at));
            }
        }
        self.answer_to = Some(from);
        self.owes_answer = true;
        Ok(())
    }

    /// The lines that are whole, and how far this is; what is kept now is stored with the batch `current`, or at once
    pub(crate) fn poll_intake(&mut self, current: Option<Ticket>) -> Option<Intake> {
        if self.awaits.is_some() && self.awaits != current {
            return None;
        }
        let (lines, upto) = self.whole_lines();
        if upto == self.taken && self.left.is_empty() {
            return None;
        }
        let mut shown = core::mem::take(&mut self.left);
        shown.extend(lines);
        self.taken = upto;
        self.awaits = current;
        if current.is_none() {
            self.settle();
        }
        Some(Intake { lines: shown, heard: HeardUpTo { from: self.from, epoch: self.epoch, upto } })
    }

    /// What to acknowledge, and where, once all that was taken is stored
    pub(crate) fn poll_answer(&mut self) -> Option<(SocketAddr, WhisperAck)> {
        if self.awaits.is_some() || !core::mem::take(&mut self.owes_answer) {
            return None;
        }
        Some((self.answer_to?, self.acknowledgement()))
    }

    /// What awaited this batch or an earlier one is stored
    pub(crate) fn on_stored(&mut self, ticket: Ticket) {
        if self.awaits.take_if(|awaited| *awaited <= ticket).is_some() {
            self.owes_answer = true;
            self.settle();
        }
    }

    /// What awaited this batch or an earlier one could not be stored: it was not taken
    pub(crate) fn on_lost(&mut self, ticket: Ticket) {
        if self.awaits.take_if(|awaited| *awaited <= ticket).is_some() {
            self.owes_answer = false;
            self.taken = if self.stored.0 == self.epoch { self.stored.1 } else { 0 };
        }
    }

    /// How far lines are stored
    pub(crate) fn stored(&self) -> (u64, u64) {
        self.stored
    }

    /// Whether nothing is kept but how far lines are stored
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.left.is_empty() && self.awaits.is_none()
    }

    /// Whether something is being stored
    pub(crate) fn is_storing(&self) -> bool {
        self.awaits.is_some()
    }

    /// When something of theirs last came, old or new
    pub(crate) fn used(&self) -> Time {
        self.used
    }

    fn begin(&mut self, epoch: u64) {
        self.oldest = u64::MAX;
        let (lines, _) = self.whole_lines();
        self.left.extend(lines);
        self.waiting.clear();
        self.epoch = epoch;
        self.taken = 0;
        self.oldest = 0;
    }

    fn settle(&mut self) {
        self.stored = (self.epoch, self.taken);
        let taken = self.taken;
        self.waiting.retain(|seq, _| *seq > taken);
    }

    /// The lines beyond the place up to which they are taken, and the end of the last
    ///
    /// What was given up before `oldest` leaves holes, and lines that are shown as far as they came.
    fn whole_lines(&self) -> (Vec<Line>, u64) {
        let (mut out, mut lines) = (Vec::new(), Lines::default());
        let (mut at, mut end) = (self.taken, self.taken);
        for (&seq, (item, sent_at)) in self.waiting.range((Excluded(self.taken), Unbounded)) {
            if at < self.oldest.min(seq).saturating_sub(1) {
                out.extend(lines.finish());
                at = self.oldest.min(seq) - 1;
                end = at;
            }
            if seq != at.saturating_add(1) {
                break;
            }
            let id = MessageId::of_whisper(&self.from, &self.me, self.epoch, seq, item);
            out.extend(lines.push(id, *sent_at, item));
            at = seq;
            if !lines.is_open() {
                end = at;
            }
        }
        if end < self.oldest.saturating_sub(1) || at - end >= WINDOW {
            out.extend(lines.finish());
            end = at.max(self.oldest.saturating_sub(1));
        }
        (out, end)
    }

    fn acknowledgement(&self) -> WhisperAck {
        let first_beyond = self.taken.saturating_add(2);
        let beyond = self.waiting.keys().fold(0, |bits, seq| match seq.checked_sub(first_beyond) {
            Some(bit) if bit < u64::from(u64::BITS) => bits | 1 << bit,
            Some(_) | None => bits,
        });
        WhisperAck { epoch: self.epoch, upto: self.taken, beyond }
    }
}

/// How many parts are kept while others are being stored: all that a sender has on the way
const MAX_WAITING: usize = 32;

#[cfg(test)]
mod tests;
