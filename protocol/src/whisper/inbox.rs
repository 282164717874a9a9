use alloc::collections::{BTreeMap, VecDeque};

use super::WINDOW;
use crate::{
    MessageId, PeerKey, Time, WallTime,
    lines::{Line, Lines},
    wire::{Item, Whisper, WhisperAck},
};

/// What one peer whispers to this node: each whisper once, in order, and acknowledged as often as it comes
/// (PROTOCOL.md §8.4)
#[derive(Debug)]
pub(crate) struct Inbox {
    from: PeerKey,
    epoch: u64,
    upto: u64,
    waiting: BTreeMap<u64, (Item, WallTime)>,
    lines: Lines,
    out: VecDeque<Line>,
    used: Time,
}

/// A whisper came so far ahead of what is missing before it that it cannot be kept
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooFarAhead;

impl Inbox {
    /// Nothing yet from `from`
    pub(crate) fn new(from: PeerKey) -> Self {
        Self {
            from,
            epoch: 0,
            upto: 0,
            waiting: BTreeMap::new(),
            lines: Lines::default(),
            out: VecDeque::new(),
            used: Time::ZERO,
        }
    }

    /// Takes in a verified whisper and says what to acknowledge
    ///
    /// # Errors
    /// If it cannot be kept, and so must not be acknowledged
    pub(crate) fn accept(&mut self, now: Time, whisper: Whisper) -> Result<WhisperAck, TooFarAhead> {
        self.used = now;
        if whisper.epoch > self.epoch {
            self.give_up_before(u64::MAX, whisper.to);
            self.out.extend(self.lines.finish());
            self.waiting.clear();
            self.epoch = whisper.epoch;
            self.upto = 0;
        }
        if whisper.epoch == self.epoch {
            let oldest = whisper.oldest.min(whisper.seq);
            self.give_up_before(oldest, whisper.to);
            if whisper.seq > self.upto.saturating_add(WINDOW) {
                return Err(TooFarAhead);
            }
            if whisper.seq > self.upto {
                self.waiting.insert(whisper.seq, (whisper.item, whisper.sent_at));
            }
            self.take_in_order(whisper.to);
        }
        Ok(self.acknowledgement())
    }

    /// The next whisper to show
    pub(crate) fn poll_line(&mut self) -> Option<Line> {
        self.out.pop_front()
    }

    /// When something of theirs last came, old or new
    pub(crate) fn used(&self) -> Time {
        self.used
    }

    /// Whispers before `oldest` that are missing will not come any more
    fn give_up_before(&mut self, oldest: u64, to: PeerKey) {
        while let Some(first) = self.waiting.first_entry().filter(|first| *first.key() < oldest) {
            let (seq, (item, sent_at)) = first.remove_entry();
            self.pass_over_to(seq);
            self.take(to, &item, sent_at);
        }
        self.pass_over_to(oldest);
    }

    fn pass_over_to(&mut self, seq: u64) {
        if let Some(last) = seq.checked_sub(1).filter(|last| *last > self.upto) {
            self.out.extend(self.lines.finish());
            self.upto = last;
        }
    }

    fn take_in_order(&mut self, to: PeerKey) {
        while let Some((item, sent_at)) = self.waiting.remove(&self.upto.saturating_add(1)) {
            self.take(to, &item, sent_at);
        }
    }

    /// Takes the item at the next place
    fn take(&mut self, to: PeerKey, item: &Item, sent_at: WallTime) {
        self.upto += 1;
        let id = MessageId::of_whisper(&self.from, &to, self.epoch, self.upto, item);
        self.out.extend(self.lines.push(id, sent_at, item));
    }

    fn acknowledgement(&self) -> WhisperAck {
        let first_beyond = self.upto.saturating_add(2);
        let beyond = self.waiting.keys().fold(0, |bits, seq| match seq.checked_sub(first_beyond) {
            Some(bit) if bit < u64::from(u64::BITS) => bits | 1 << bit,
            Some(_) | None => bits,
        });
        WhisperAck { to: self.from, epoch: self.epoch, upto: self.upto, beyond }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec::Vec};

    use proptest::prelude::*;

    use super::*;
    use crate::Text;

    const ANN: PeerKey = PeerKey::from_bytes([1; 32]);
    const BOB: PeerKey = PeerKey::from_bytes([2; 32]);

    fn whisper(epoch: u64, seq: u64, oldest: u64) -> Whisper {
        let item = Item::from_text(&Text::new(&format!("{epoch}.{seq}")).unwrap()).remove(0);
        Whisper { to: BOB, epoch, seq, oldest, sent_at: WallTime::default(), item }
    }

    fn shown(inbox: &mut Inbox) -> Vec<String> {
        core::iter::from_fn(|| inbox.poll_line()).map(|line| line.text.as_str().into()).collect()
    }

    proptest! {
        #[test]
        fn whispers_show_once_and_in_order_whatever_happens_on_the_way(
            order in Just((1..=20_u64).collect::<Vec<_>>()).prop_shuffle(),
            again in prop::collection::vec(1..=20_u64, 0..20),
        ) {
            let mut inbox = Inbox::new(ANN);
            let mut last = None;
            for seq in order.iter().chain(&again) {
                last = Some(inbox.accept(Time::ZERO, whisper(7, *seq, 1)).unwrap());
            }
            prop_assert_eq!(last, Some(WhisperAck { to: ANN, epoch: 7, upto: 20, beyond: 0 }));
            prop_assert_eq!(shown(&mut inbox), (1..=20).map(|n| format!("7.{n}")).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_acknowledgement_names_what_came_out_of_order() {
        let mut inbox = Inbox::new(ANN);
        inbox.accept(Time::ZERO, whisper(7, 1, 1)).unwrap();
        inbox.accept(Time::ZERO, whisper(7, 3, 1)).unwrap();
        let ack = inbox.accept(Time::ZERO, whisper(7, 6, 1)).unwrap();
        assert_eq!(ack, WhisperAck { to: ANN, epoch: 7, upto: 1, beyond: 0b1001 });
    }

    #[test]
    fn what_the_sender_gave_up_is_not_waited_for() {
        let mut inbox = Inbox::new(ANN);
        inbox.accept(Time::ZERO, whisper(7, 1, 1)).unwrap();
        inbox.accept(Time::ZERO, whisper(7, 4, 4)).unwrap();
        assert_eq!(shown(&mut inbox), ["7.1", "7.4"]);
    }

    #[test]
    fn what_came_after_something_given_up_is_not_lost_with_it() {
        let mut inbox = Inbox::new(ANN);
        inbox.accept(Time::ZERO, whisper(7, 1, 1)).unwrap();
        inbox.accept(Time::ZERO, whisper(7, 3, 1)).unwrap();
        let ack = inbox.accept(Time::ZERO, whisper(7, 6, 6)).unwrap();
        assert_eq!(shown(&mut inbox), ["7.1", "7.3", "7.6"]);
        assert_eq!(ack, WhisperAck { to: ANN, epoch: 7, upto: 6, beyond: 0 });
    }

    #[test]
    fn a_series_begun_anew_shows_and_the_old_one_does_not_come_back() {
        let mut inbox = Inbox::new(ANN);
        inbox.accept(Time::ZERO, whisper(7, 1, 1)).unwrap();
        inbox.accept(Time::ZERO, whisper(7, 3, 1)).unwrap();
        inbox.accept(Time::ZERO, whisper(8, 1, 1)).unwrap();
        inbox.accept(Time::ZERO, whisper(7, 2, 1)).unwrap();
        assert_eq!(shown(&mut inbox), ["7.1", "7.3", "8.1"]);
    }

    #[test]
    fn what_cannot_be_kept_is_not_acknowledged() {
        let mut inbox = Inbox::new(ANN);
        assert_eq!(inbox.accept(Time::ZERO, whisper(7, WINDOW + 1, 1)), Err(TooFarAhead));
        assert!(inbox.accept(Time::ZERO, whisper(7, u64::MAX, u64::MAX)).is_ok());
        assert!(inbox.accept(Time::ZERO, whisper(7, u64::MAX, u64::MAX)).is_ok());
    }
}
