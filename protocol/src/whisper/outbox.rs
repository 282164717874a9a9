use alloc::collections::{BTreeMap, VecDeque};
use core::{ops::RangeInclusive, time::Duration};

use fastrand::Rng;

use super::WINDOW;
use crate::{
    MessageId, PeerKey, Text, Time, WallTime,
    wire::{Item, Whisper, WhisperAck},
};

/// What this node whispers to one peer, until it is acknowledged or out of time (PROTOCOL.md §8.4)
#[derive(Debug)]
pub(crate) struct Outbox {
    from: PeerKey,
    to: PeerKey,
    epoch: u64,
    next_seq: u64,
    parts: BTreeMap<u64, Part>,
    messages: VecDeque<Message>,
    round_trip: Option<Duration>,
    resume_at: Time,
}

#[derive(Debug)]
struct Part {
    item: Item,
    sent_at: WallTime,
    attempts: u32,
    sent: Time,
    next: Time,
    reached: Reached,
}

/// How far a part has come, as far as is known
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reached {
    Nowhere,
    /// The other side keeps it, but not all before it
    Kept,
    /// The other side has it and all before it
    Taken,
}

#[derive(Debug)]
struct Message {
    id: MessageId,
    places: RangeInclusive<u64>,
    expires: Time,
    was_sent: bool,
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
    /// How long a whisper is tried
    pub(super) const PATIENCE: Duration = Duration::from_secs(30);
    /// Between two attempts, unless the round trip is known to be short: grows by half each time
    const FIRST_RETRY: Duration = Duration::from_millis(200);
    /// The least time between two attempts
    const MIN_RETRY: Duration = Duration::from_millis(20);
    /// The most time between two attempts
    const MAX_RETRY: Duration = Duration::from_secs(2);
    /// How many whispers to one peer may wait at most: 1.5 MiB if all are as long as can be
    const MAX_MESSAGES: usize = 200;

    /// Nothing said yet by `from` to `to`; the series begins at place `first_seq`
    pub(crate) fn new(from: PeerKey, to: PeerKey, epoch: u64, first_seq: u64) -> Self {
        Self {
            from,
            to,
            epoch,
            next_seq: first_seq,
            parts: BTreeMap::new(),
            messages: VecDeque::new(),
            round_trip: None,
            resume_at: Time::ZERO,
        }
    }

    /// Queues a whisper and gives its id; `None` if too many wait already
    pub(crate) fn queue(&mut self, now: Time, text: &Text, sent_at: WallTime) -> Option<MessageId> {
        if self.messages.len() == Self::MAX_MESSAGES {
            return None;
        }
        let items = Item::from_text(text);
        let id = MessageId::of_whisper(&self.from, &self.to, self.epoch, self.next_seq, items.first()?);
        let first = self.next_seq;
        for item in items {
            let part = Part { item, sent_at, attempts: 0, sent: now, next: now, reached: Reached::Nowhere };
            self.parts.insert(self.next_seq, part);
            self.next_seq += 1;
        }
        let places = first..=self.next_seq - 1;
        self.messages.push_back(Message { id, places, expires: now + Self::PATIENCE, was_sent: false });
        Some(id)
    }

    /// The first place that was not used yet
    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Whether nothing waits
    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The peer is back, and may have forgotten everything: what waits is sent at once, from the beginning of each
    /// whisper
    pub(crate) fn resume(&mut self, now: Time) {
        for part in self.parts.values_mut() {
            part.next = part.next.min(now);
            part.attempts = 0;
            part.reached = Reached::Nowhere;
        }
        self.resume_at = now;
    }

    /// What is due to be sent, to be called until there is nothing
    pub(crate) fn poll_transmit(&mut self, now: Time, rng: &mut Rng) -> Option<(Whisper, Option<Progress>)> {
        let retry = self.retry();
        let oldest = *self.parts.first_key_value()?.0;
        let in_window = self.parts.range_mut(..oldest + WINDOW);
        let (&seq, part) = in_window.into_iter().find(|(_, part)| part.is_due(now))?;
        part.next = now + backoff(retry, part.attempts).mul_f64(0.9 + 0.2 * rng.f64());
        part.attempts += 1;
        part.sent = now;
        let item = part.item.clone();
        let whisper = Whisper { to: self.to, epoch: self.epoch, seq, oldest, sent_at: part.sent_at, item };
        let unsent =
            self.messages.iter_mut().find(|message| message.places.contains(&seq) && !message.was_sent);
        let progress = unsent.map(|message| {
            message.was_sent = true;
            Progress::Sent(message.id)
        });
        Some((whisper, progress))
    }

    /// Takes in a verified acknowledgement; what it says of the whispers that wait is told by
    /// [`poll_progress`](Self::poll_progress)
    pub(crate) fn on_ack(&mut self, now: Time, ack: &WhisperAck) {
        if ack.epoch != self.epoch {
            return;
        }
        let is_beyond = |seq: u64| {
            let bit = seq.checked_sub(ack.upto.saturating_add(2)).filter(|bit| *bit < u64::from(u64::BITS));
            bit.is_some_and(|bit| ack.beyond & 1 << bit != 0)
        };
        for (seq, part) in self.parts.iter_mut().filter(|(_, part)| part.attempts > 0) {
            let reached = match *seq {
                seq if seq <= ack.upto => Reached::Taken,
                seq if is_beyond(seq) => Reached::Kept,
                _ => continue,
            };
            let is_news = part.reached == Reached::Nowhere;
            if is_news && part.attempts == 1 && part.sent >= self.resume_at {
                let sample = now.since(part.sent);
                self.round_trip = Some(self.round_trip.map_or(sample, |mean| (mean * 7 + sample) / 8));
            }
            part.reached = part.reached.max(reached);
        }
    }

    /// The next whisper that came to an end by `now`
    pub(crate) fn poll_progress(&mut self, now: Time) -> Option<Progress> {
        let is_delivered = |message: &Message| {
            self.parts.range(message.places.clone()).all(|(_, part)| part.reached == Reached::Taken)
        };
        let index =
            self.messages.iter().position(|message| is_delivered(message) || message.expires <= now)?;
        let delivered = is_delivered(&self.messages[index]);
        let message = self.messages.remove(index)?;
        self.parts.retain(|seq, _| !message.places.contains(seq));
        if delivered {
            return Some(Progress::Delivered(message.id));
        }
        self.send_kept_again(now);
        Some(Progress::Expired(message.id))
    }

    /// What was kept behind something that is given up is sent once more, so that the other side goes on to it
    fn send_kept_again(&mut self, now: Time) {
        for part in self.parts.values_mut().filter(|part| part.reached == Reached::Kept) {
            part.reached = Reached::Nowhere;
            part.next = now;
        }
    }

    /// When something is to be sent or given up; `reachable` says whether sending makes sense
    pub(crate) fn poll_timeout(&self, reachable: bool) -> Option<Time> {
        let expires = self.messages.iter().map(|message| message.expires).min();
        let oldest = *self.parts.first_key_value()?.0;
        let open = self.parts.range(..oldest + WINDOW).filter(|(_, part)| part.reached == Reached::Nowhere);
        let due = open.map(|(_, part)| part.next).min().filter(|_| reachable);
        expires.into_iter().chain(due).min()
    }

    /// Four round trips, once they are known
    fn retry(&self) -> Duration {
        match self.round_trip {
            Some(mean) => (mean * 4).clamp(Self::MIN_RETRY, Self::FIRST_RETRY),
            None => Self::FIRST_RETRY,
        }
    }
}

impl Part {
    fn is_due(&self, now: Time) -> bool {
        self.reached == Reached::Nowhere && self.next <= now
    }
}

/// The wait after attempt number `attempts`, counted from 0
fn backoff(retry: Duration, attempts: u32) -> Duration {
    let wait = (0..attempts.min(16)).fold(retry, |wait, _| wait * 3 / 2);
    wait.min(Outbox::MAX_RETRY)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const ANN: PeerKey = PeerKey::from_bytes([1; 32]);
    const BOB: PeerKey = PeerKey::from_bytes([2; 32]);

    fn outbox() -> Outbox {
        Outbox::new(ANN, BOB, 7, 1)
    }

    fn text(text: &str) -> Text {
        Text::new(text).unwrap()
    }

    fn transmits(outbox: &mut Outbox, now: Time) -> Vec<u64> {
        let mut rng = Rng::with_seed(1);
        core::iter::from_fn(|| outbox.poll_transmit(now, &mut rng)).map(|(whisper, _)| whisper.seq).collect()
    }

    fn ack(upto: u64, beyond: u64) -> WhisperAck {
        WhisperAck { to: ANN, epoch: 7, upto, beyond }
    }

    #[test]
    fn a_whisper_is_repeated_more_and_more_slowly_until_it_is_acknowledged() {
        let mut outbox = outbox();
        let id = outbox.queue(Time::ZERO, &text("psst"), WallTime::default()).unwrap();
        let mut times = Vec::new();
        for _ in 0..4 {
            let now = outbox.poll_timeout(true).unwrap();
            assert_eq!(transmits(&mut outbox, now), [1]);
            times.push(now);
        }
        assert_eq!(times[0], Time::ZERO);
        assert!(times[3].since(times[2]) > times[2].since(times[1]));
        outbox.on_ack(times[3], &ack(1, 0));
        assert_eq!(outbox.poll_progress(times[3]), Some(Progress::Delivered(id)));
        assert!(outbox.is_empty());
        assert_eq!(outbox.poll_timeout(true), None);
    }

    #[test]
    fn nobody_answering_has_a_clear_end() {
        let mut outbox = outbox();
        let id = outbox.queue(Time::ZERO, &text("psst"), WallTime::default()).unwrap();
        let mut now = Time::ZERO;
        let mut attempts = 0;
        let end = loop {
            attempts += transmits(&mut outbox, now).len();
            if let Some(progress) = outbox.poll_progress(now) {
                break progress;
            }
            now = outbox.poll_timeout(true).unwrap();
        };
        assert_eq!(end, Progress::Expired(id));
        assert_eq!(now, Time::from_secs(30));
        assert!((15..30).contains(&attempts), "{attempts}");
        assert_eq!(outbox.poll_timeout(true), None);
    }

    #[test]
    fn only_what_was_not_acknowledged_is_repeated() {
        let mut outbox = outbox();
        for _ in 0..4 {
            outbox.queue(Time::ZERO, &text("psst"), WallTime::default()).unwrap();
        }
        assert_eq!(transmits(&mut outbox, Time::ZERO), [1, 2, 3, 4]);
        outbox.on_ack(Time::from_millis(1), &ack(1, 0b01));
        assert_eq!(transmits(&mut outbox, Time::from_secs(1)), [2, 4]);
    }

    #[test]
    fn what_is_kept_behind_something_given_up_is_sent_once_more_and_delivered_only_then() {
        let mut outbox = outbox();
        let first = outbox.queue(Time::ZERO, &text("a"), WallTime::default()).unwrap();
        let second = outbox.queue(Time::from_secs(1), &text("b"), WallTime::default()).unwrap();
        transmits(&mut outbox, Time::from_secs(1));
        outbox.on_ack(Time::from_secs(1), &ack(0, 0b01));
        assert_eq!(transmits(&mut outbox, Time::from_secs(29)), [1]);
        assert_eq!(outbox.poll_progress(Time::from_secs(30)), Some(Progress::Expired(first)));
        assert_eq!(outbox.poll_progress(Time::from_secs(30)), None);
        assert_eq!(transmits(&mut outbox, Time::from_secs(30)), [2]);
        outbox.on_ack(Time::from_secs(30), &ack(2, 0));
        assert_eq!(outbox.poll_progress(Time::from_secs(30)), Some(Progress::Delivered(second)));
    }

    #[test]
    fn whoever_starts_anew_has_kept_nothing() {
        let mut outbox = outbox();
        for line in ["a", "b"] {
            outbox.queue(Time::ZERO, &text(line), WallTime::default()).unwrap();
        }
        transmits(&mut outbox, Time::ZERO);
        outbox.on_ack(Time::ZERO, &ack(0, 0b01));
        outbox.resume(Time::from_millis(10));
        assert_eq!(transmits(&mut outbox, Time::from_millis(10)), [1, 2]);
    }

    #[test]
    fn a_long_whisper_is_delivered_when_its_last_part_is() {
        let mut outbox = outbox();
        let long = text(&"x".repeat(2_000));
        let id = outbox.queue(Time::ZERO, &long, WallTime::default()).unwrap();
        assert_eq!(transmits(&mut outbox, Time::ZERO), [1, 2, 3]);
        outbox.on_ack(Time::ZERO, &ack(2, 0));
        assert_eq!(outbox.poll_progress(Time::ZERO), None);
        outbox.on_ack(Time::ZERO, &ack(3, 0));
        assert_eq!(outbox.poll_progress(Time::ZERO), Some(Progress::Delivered(id)));
    }

    #[test]
    fn no_more_than_a_window_is_on_the_way() {
        let mut outbox = outbox();
        for _ in 0..100 {
            outbox.queue(Time::ZERO, &text("psst"), WallTime::default()).unwrap();
        }
        assert_eq!(transmits(&mut outbox, Time::ZERO).len(), 32);
        outbox.on_ack(Time::ZERO, &ack(10, 0));
        while outbox.poll_progress(Time::ZERO).is_some() {}
        assert_eq!(transmits(&mut outbox, Time::ZERO).len(), 10);
    }

    #[test]
    fn what_was_never_sent_cannot_be_acknowledged() {
        let mut outbox = outbox();
        outbox.queue(Time::ZERO, &text("psst"), WallTime::default()).unwrap();
        outbox.on_ack(Time::ZERO, &ack(u64::MAX, u64::MAX));
        assert_eq!(outbox.poll_progress(Time::ZERO), None);
        assert_eq!(transmits(&mut outbox, Time::ZERO), [1]);
    }

    #[test]
    fn what_waits_has_a_bound() {
        let mut outbox = outbox();
        let queued = (0..1_000)
            .filter(|_| outbox.queue(Time::ZERO, &text("x"), WallTime::default()).is_some())
            .count();
        assert_eq!(queued, Outbox::MAX_MESSAGES);
    }

    #[test]
    fn a_short_round_trip_makes_for_quick_retries() {
        let mut outbox = outbox();
        outbox.queue(Time::ZERO, &text("a"), WallTime::default()).unwrap();
        transmits(&mut outbox, Time::ZERO);
        outbox.on_ack(Time::from_micros(400), &ack(1, 0));
        outbox.queue(Time::from_secs(1), &text("b"), WallTime::default()).unwrap();
        transmits(&mut outbox, Time::from_secs(1));
        let next = outbox.poll_timeout(true).unwrap();
        assert!(next.since(Time::from_secs(1)) <= Duration::from_millis(22));
    }
}
