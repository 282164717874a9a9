use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

use fastrand::Rng;

use super::WINDOW;
use crate::{
    KeptWhisper, MessageId, PeerKey, Text, Ticket, Time, WallTime,
    wire::{Item, Whisper, WhisperAck},
};

/// One series of what this node whispers to one peer, each line until it is delivered or out of time
/// (PROTOCOL.md §8.4)
#[derive(Debug)]
pub(crate) struct Outbox {
    from: PeerKey,
    to: PeerKey,
    epoch: u64,
    next_seq: u64,
    lines: VecDeque<Waiting>,
    round_trip: Option<Duration>,
    resume_at: Time,
}

/// A line that is neither delivered nor given up
#[derive(Debug)]
struct Waiting {
    id: MessageId,
    first: u64,
    parts: Vec<Part>,
    sent_at: WallTime,
    expires: Time,
    /// Until this batch is stored it is not sent
    awaits: Option<Ticket>,
    was_sent: bool,
    is_delivered: bool,
}

#[derive(Debug)]
struct Part {
    item: Item,
    attempts: u32,
    sent: Time,
    next: Time,
    /// Whether the other side keeps it, as far as is known
    is_kept: bool,
}

/// How far a whisper has come
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is on the way
    Sent(MessageId),
    /// The other side has it
    Delivered(MessageId),
    /// It was not acknowledged in time
    Expired(MessageId),
}

impl Outbox {
    /// How long a whisper waits to be delivered
    pub(super) const PATIENCE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// Between two attempts, unless the round trip is known to be short: grows by half each time
    const FIRST_RETRY: Duration = Duration::from_millis(200);
    /// The least time between two attempts
    const MIN_RETRY: Duration = Duration::from_millis(20);
    /// The most time between two of the first attempts
    const MAX_RETRY: Duration = Duration::from_secs(2);
    /// After so many attempts it is unlikely that the next one gets through: the time between them grows on
    const HOPEFUL_ATTEMPTS: u32 = 20;
    /// The most time between two attempts
    const MAX_LATE_RETRY: Duration = Duration::from_secs(30);
    /// How many whispers to one peer may wait at most
    const MAX_LINES: usize = 200;

    /// Nothing said yet by `from` to `to`; the series begins at place `first_seq`
    pub(crate) fn new(from: PeerKey, to: PeerKey, epoch: u64, first_seq: u64) -> Self {
        Self {
            from,
            to,
            epoch,
            next_seq: first_seq,
            lines: VecDeque::new(),
            round_trip: None,
            resume_at: Time::ZERO,
        }
    }

    /// Queues a whisper and gives what is to be kept of it; `None` if too many wait already
    ///
    /// It is sent once the batch that it `awaits` is stored.
    pub(crate) fn queue(
        &mut self,
        now: Time,
        text: &Text,
        sent_at: WallTime,
        awaits: Option<Ticket>,
    ) -> Option<KeptWhisper> {
        if self.lines.len() >= Self::MAX_LINES {
            return None;
        }
        let (epoch, seq) = (self.epoch, self.next_seq);
        let items = Item::from_text(text);
        let id = MessageId::of_whisper(&self.from, &self.to, epoch, seq, items.first()?);
        let kept = KeptWhisper { id, to: self.to, epoch, seq, text: text.clone(), sent_at };
        self.push(now, &kept, items, now + Self::PATIENCE, awaits);
        Some(kept)
    }

    /// Queues a whisper that an earlier run kept, and that waited for so long already
    pub(crate) fn restore(&mut self, now: Time, kept: &KeptWhisper, waited: Duration) {
        let expires = now + Self::PATIENCE.saturating_sub(waited);
        self.push(now, kept, Item::from_text(&kept.text), expires, None);
    }

    fn push(
        &mut self,
        now: Time,
        kept: &KeptWhisper,
        items: Vec<Item>,
        expires: Time,
        awaits: Option<Ticket>,
    ) {
        let part = |item| Part { item, attempts: 0, sent: now, next: now, is_kept: false };
        let line = Waiting {
            id: kept.id,
            first: kept.seq,
            parts: items.into_iter().map(part).collect(),
            sent_at: kept.sent_at,
            expires,
            awaits,
            was_sent: false,
            is_delivered: false,
        };
        self.next_seq = line.end();
        self.lines.push_back(line);
    }

    /// The first place that was not used yet
    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Whether nothing waits
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether something is to be sent, now or when it is due
    pub(crate) fn may_send(&self) -> bool {
        self.open().next().is_some()
    }

    /// The whispers that were never sent yet
    pub(crate) fn unsent(&self) -> impl Iterator<Item = MessageId> {
        self.lines.iter().filter(|line| !line.was_sent).map(|line| line.id)
    }

    /// How many lines wait, and of how many bytes
    pub(crate) fn load(&self) -> (usize, usize) {
        let parts = self.lines.iter().flat_map(|line| &line.parts);
        (self.lines.len(), parts.map(|part| part.item.body.len()).sum())
    }

    /// What awaited this batch or an earlier one may be sent
    pub(crate) fn on_stored(&mut self, ticket: Ticket) {
        for line in self.lines.iter_mut().filter(|line| line.awaits <= Some(ticket)) {
            line.awaits = None;
        }
    }

    /// What awaited this batch or an earlier one is forgotten; how many lines that are
    pub(crate) fn on_lost(&mut self, ticket: Ticket) -> usize {
        let before = self.lines.len();
        self.lines.retain(|line| line.awaits.is_none_or(|awaited| awaited > ticket));
        before - self.lines.len()
    }

    /// The peer is back, and may have forgotten what it kept: what waits is sent at once, from the beginning of each
    /// whisper
    pub(crate) fn resume(&mut self, now: Time) {
        for part in self.lines.iter_mut().flat_map(|line| &mut line.parts) {
            part.next = part.next.min(now);
            part.attempts = 0;
            part.is_kept = false;
        }
        self.resume_at = now;
    }

    /// What was sent before probably never arrived: what waits is sent at once
    pub(crate) fn hasten(&mut self, now: Time) {
        for part in self.lines.iter_mut().flat_map(|line| &mut line.parts) {
            part.next = part.next.min(now);
        }
    }

    /// What is due to be sent, to be called until there is nothing
    pub(crate) fn poll_transmit(&mut self, now: Time, rng: &mut Rng) -> Option<(Whisper, Option<Progress>)> {
        let retry = self.retry();
        let oldest = self.lines.front()?.first;
        let (line, part, seq) =
            self.open().find(|(line, part, _)| self.lines[*line].parts[*part].next <= now)?;
        let line = &mut self.lines[line];
        let part = &mut line.parts[part];
        part.next = now + backoff(retry, part.attempts).mul_f64(0.9 + 0.2 * rng.f64());
        part.attempts = part.attempts.saturating_add(1);
        part.sent = now;
        let item = part.item.clone();
        let whisper = Whisper { epoch: self.epoch, seq, oldest, sent_at: line.sent_at, item };
        let is_first = !core::mem::replace(&mut line.was_sent, true);
        Some((whisper, is_first.then_some(Progress::Sent(line.id))))
    }

    /// Takes in a verified acknowledgement; what it says of the whispers that wait is told by
    /// [`poll_progress`](Self::poll_progress)
    pub(crate) fn on_ack(&mut self, now: Time, ack: &WhisperAck) {
        if ack.epoch > self.epoch {
            return self.give_up_sent(now);
        }
        if ack.epoch < self.epoch {
            return;
        }
        let mut sample = None;
        for line in &mut self.lines {
            line.is_delivered |= line.end() <= ack.upto.saturating_add(1) && line.is_sent();
            for (seq, part) in (line.first..).zip(&mut line.parts).filter(|(_, part)| part.attempts > 0) {
                let is_kept = covers(ack, seq);
                if is_kept && !part.is_kept && part.attempts == 1 && part.sent >= self.resume_at {
                    sample = Some(now.since(part.sent));
                }
                part.is_kept = is_kept;
            }
        }
        if let Some(sample) = sample {
            self.round_trip = Some(self.round_trip.map_or(sample, |mean| (mean * 7 + sample) / 8));
        }
    }

    /// The other side takes a later series already: what was sent of this one came to an end that is not known any more
    fn give_up_sent(&mut self, now: Time) {
        let sent = self.lines.iter_mut().filter(|line| line.parts.iter().any(|part| part.attempts > 0));
        sent.for_each(|line| line.expires = now);
    }

    /// The next whisper that came to an end by `now`
    pub(crate) fn poll_progress(&mut self, now: Time) -> Option<Progress> {
        let is_over = |line: &Waiting| line.is_delivered || line.awaits.is_none() && line.expires <= now;
        let line = self.lines.remove(self.lines.iter().position(is_over)?)?;
        if let Some(part) = self.lines.front_mut().and_then(|next| next.parts.first_mut())
            && part.is_kept
        {
            part.next = now;
        }
        Some(if line.is_delivered { Progress::Delivered(line.id) } else { Progress::Expired(line.id) })
    }

    /// When something is to be sent or given up; `reachable` says whether sending makes sense
    pub(crate) fn poll_timeout(&self, reachable: bool) -> Option<Time> {
        let stored = self.lines.iter().filter(|line| line.awaits.is_none());
        let expires = stored.map(|line| line.expires).min();
        let open = self.open().filter(|_| reachable);
        let due = open.map(|(line, part, _)| self.lines[line].parts[part].next).min();
        expires.into_iter().chain(due).min()
    }

    /// The parts in the window that may be sent and are not known to be kept: which line, which part of it, which place
    ///
    /// Whoever keeps the first of all does not know that it is the first: something before it was given up.
    fn open(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        let oldest = self.lines.front().map_or(self.next_seq, |line| line.first);
        let end = oldest.saturating_add(WINDOW);
        let in_window = self.lines.iter().enumerate().take_while(move |(_, line)| line.first < end);
        in_window.filter(|(_, line)| line.awaits.is_none()).flat_map(move |(index, line)| {
            let parts = (line.first..end).zip(line.parts.iter().enumerate());
            let open = parts.filter(move |(seq, (_, part))| !part.is_kept || *seq == oldest);
            open.map(move |(seq, (part, _))| (index, part, seq))
        })
    }

    /// Four round trips, once they are known
    fn retry(&self) -> Duration {
        match self.round_trip {
            Some(mean) => (mean * 4).clamp(Self::MIN_RETRY, Self::FIRST_RETRY),
            None => Self::FIRST_RETRY,
        }
    }
}

impl Waiting {
    /// The place after its last
    fn end(&self) -> u64 {
        let parts = u64::try_from(self.parts.len()).unwrap_or(u64::MAX);
        self.first.saturating_add(parts)
    }

    /// Whether all of it was sent since the peer was last back
    fn is_sent(&self) -> bool {
        self.parts.iter().all(|part| part.attempts > 0)
    }
}

/// Whether the other side has what is at this place
fn covers(ack: &WhisperAck, seq: u64) -> bool {
    let bit = seq.checked_sub(ack.upto.saturating_add(2)).filter(|bit| *bit < u64::from(u64::BITS));
    seq <= ack.upto || bit.is_some_and(|bit| ack.beyond & 1 << bit != 0)
}

/// The wait after attempt number `attempts`, counted from 0, where the first one is `retry`
pub(crate) fn backoff(retry: Duration, attempts: u32) -> Duration {
    let grow = |wait, times| (0..times).fold(wait, |wait, _| wait * 3 / 2);
    match attempts.checked_sub(Outbox::HOPEFUL_ATTEMPTS) {
        None => grow(retry, attempts).min(Outbox::MAX_RETRY),
        Some(late) => grow(Outbox::MAX_RETRY, late.min(16)).min(Outbox::MAX_LATE_RETRY),
    }
}

#[cfg(test)]
mod tests;
