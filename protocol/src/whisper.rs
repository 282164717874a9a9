//! Whispers between this node and others: what is sent until it is acknowledged, what arrives once and in order
//! (PROTOCOL.md §8.4)

mod inbox;
mod outbox;

use alloc::collections::BTreeMap;

use fastrand::Rng;

use self::inbox::Inbox;
use self::outbox::Outbox;
pub(crate) use self::outbox::Progress;
use crate::{
    MessageId, PeerKey, Text, Time, WallTime,
    lines::Line,
    wire::{Dropped, Whisper, WhisperAck},
};

/// Places in a series of whispers that may be on the way at once; an acknowledgement has a bit for each
const WINDOW: u64 = 32;

/// What this node whispers to others, and others to it
///
/// The two are kept apart, so that nothing that arrives keeps this node from whispering.
#[derive(Debug)]
pub(crate) struct Whispers {
    me: PeerKey,
    epoch: u64,
    /// Where series begin: beyond all places that forgotten ones used
    first_seq: u64,
    outboxes: BTreeMap<PeerKey, Outbox>,
    inboxes: BTreeMap<PeerKey, Inbox>,
}

impl Whispers {
    /// How many peers this node may have whispered to: one to whom nothing is on the way makes room for another
    const MAX_OUTBOXES: usize = 256;
    /// How many peers may have whispered to this node: 10 MiB if each leaves a whisper unfinished
    const MAX_INBOXES: usize = 256;

    /// None yet; `epoch` marks whispers as this run's
    pub(crate) fn new(me: PeerKey, epoch: u64) -> Self {
        Self { me, epoch, first_seq: 1, outboxes: BTreeMap::new(), inboxes: BTreeMap::new() }
    }

    /// Queues a whisper and gives its id; `None` if too many wait already
    pub(crate) fn queue(
        &mut self,
        now: Time,
        to: PeerKey,
        text: &Text,
        sent_at: WallTime,
    ) -> Option<MessageId> {
        if self.outboxes.len() == Self::MAX_OUTBOXES && !self.outboxes.contains_key(&to) {
            self.forget_outbox()?;
        }
        let outbox = self.outboxes.entry(to);
        let outbox = outbox.or_insert_with(|| Outbox::new(self.me, to, self.epoch, self.first_seq));
        outbox.queue(now, text, sent_at)
    }

    /// Takes in a verified whisper and says what to acknowledge
    ///
    /// # Errors
    /// If it is for somebody else or cannot be kept, and so must not be acknowledged
    pub(crate) fn accept(
        &mut self,
        now: Time,
        from: PeerKey,
        whisper: Whisper,
    ) -> Result<WhisperAck, Dropped> {
        if whisper.to != self.me {
            return Err(Dropped::Misdirected);
        }
        if self.inboxes.len() == Self::MAX_INBOXES && !self.inboxes.contains_key(&from) {
            self.forget_inbox(now).ok_or(Dropped::Overflow)?;
        }
        let inbox = self.inboxes.entry(from).or_insert_with(|| Inbox::new(from));
        inbox.accept(now, whisper).map_err(|inbox::TooFarAhead| Dropped::Overflow)
    }

    /// The next whisper of `from` to show
    pub(crate) fn poll_line(&mut self, from: &PeerKey) -> Option<Line> {
        self.inboxes.get_mut(from)?.poll_line()
    }

    /// Takes in a verified acknowledgement
    pub(crate) fn on_ack(&mut self, now: Time, from: &PeerKey, ack: &WhisperAck) {
        if let Some(outbox) = self.outboxes.get_mut(from).filter(|_| ack.to == self.me) {
            outbox.on_ack(now, ack);
        }
    }

    /// `peer` is back: what waits for them is sent at once
    pub(crate) fn resume(&mut self, now: Time, peer: &PeerKey) {
        if let Some(outbox) = self.outboxes.get_mut(peer) {
            outbox.resume(now);
        }
    }

    /// The next whisper that is due to be sent to somebody `reachable`, to be called until there is none
    pub(crate) fn poll_transmit(
        &mut self,
        now: Time,
        reachable: impl Fn(&PeerKey) -> bool,
        rng: &mut Rng,
    ) -> Option<(PeerKey, Whisper, Option<Progress>)> {
        self.outboxes.iter_mut().filter(|(peer, _)| reachable(peer)).find_map(|(peer, outbox)| {
            let (whisper, progress) = outbox.poll_transmit(now, rng)?;
            Some((*peer, whisper, progress))
        })
    }

    /// The next whisper that came to an end, to be called until there is none
    pub(crate) fn poll_progress(&mut self, now: Time) -> Option<(PeerKey, Progress)> {
        self.outboxes.iter_mut().find_map(|(peer, outbox)| Some((*peer, outbox.poll_progress(now)?)))
    }

    /// When something is to be sent to somebody `reachable`, or to be given up
    pub(crate) fn poll_timeout(&self, reachable: impl Fn(&PeerKey) -> bool) -> Option<Time> {
        self.outboxes.iter().filter_map(|(peer, outbox)| outbox.poll_timeout(reachable(peer))).min()
    }

    fn forget_outbox(&mut self) -> Option<()> {
        let idle = *self.outboxes.iter().find(|(_, outbox)| outbox.is_empty())?.0;
        let forgotten = self.outboxes.remove(&idle)?;
        self.first_seq = self.first_seq.max(forgotten.next_seq());
        Some(())
    }

    /// Forgets who was silent for longest, if that is so long that nothing of theirs can come again
    fn forget_inbox(&mut self, now: Time) -> Option<()> {
        let (used, longest_silent) = self.inboxes.iter().map(|(peer, inbox)| (inbox.used(), *peer)).min()?;
        if now.since(used) <= 2 * Outbox::PATIENCE {
            return None;
        }
        self.inboxes.remove(&longest_silent);
        Some(())
    }
}

#[cfg(test)]
mod bad_network_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Item;

    fn me() -> PeerKey {
        PeerKey::from_bytes([9; 32])
    }

    fn key(n: u16) -> PeerKey {
        PeerKey::from_bytes(core::array::from_fn(|i| if i < 2 { n.to_be_bytes()[i] } else { 77 }))
    }

    fn queue(whispers: &mut Whispers, now: Time, to: PeerKey) -> Option<MessageId> {
        whispers.queue(now, to, &Text::new("psst").unwrap(), WallTime::default())
    }

    fn hear(whispers: &mut Whispers, now: Time, from: PeerKey, seq: u64) -> bool {
        let item = Item::from_text(&Text::new("psst").unwrap()).remove(0);
        let whisper = Whisper { to: me(), epoch: 1, seq, oldest: seq, sent_at: WallTime::default(), item };
        whispers.accept(now, from, whisper).is_ok()
    }

    #[test]
    fn those_to_whom_nothing_is_on_the_way_make_room_for_others() {
        let mut whispers = Whispers::new(me(), 1);
        for n in 0..256 {
            assert!(queue(&mut whispers, Time::ZERO, key(n)).is_some());
        }
        assert!(queue(&mut whispers, Time::ZERO, key(256)).is_none());
        while whispers.poll_progress(Time::from_secs(60)).is_some() {}
        assert!(queue(&mut whispers, Time::from_secs(60), key(256)).is_some());
    }

    #[test]
    fn however_many_whisper_none_is_heard_twice_and_one_can_still_whisper() {
        let mut whispers = Whispers::new(me(), 1);
        assert!(hear(&mut whispers, Time::ZERO, key(0), 1));
        assert!(whispers.poll_line(&key(0)).is_some());
        for n in 1..=300 {
            assert_eq!(hear(&mut whispers, Time::from_secs(1), key(n), 1), n < 256);
        }
        assert!(hear(&mut whispers, Time::from_secs(29), key(0), 1));
        assert!(whispers.poll_line(&key(0)).is_none());
        assert!(queue(&mut whispers, Time::from_secs(29), key(500)).is_some());
        assert!(hear(&mut whispers, Time::from_secs(62), key(300), 1));
    }

    #[test]
    fn a_conversation_begun_again_does_not_use_a_place_twice() {
        let mut whispers = Whispers::new(me(), 1);
        let mut rng = Rng::with_seed(1);
        let mut whisper = |whispers: &mut Whispers, to: PeerKey| {
            queue(whispers, Time::ZERO, to).unwrap();
            let (_, whisper, _) = whispers.poll_transmit(Time::ZERO, |_| true, &mut rng).unwrap();
            let ack = WhisperAck { to: me(), epoch: 1, upto: whisper.seq, beyond: 0 };
            whispers.on_ack(Time::ZERO, &to, &ack);
            while whispers.poll_progress(Time::ZERO).is_some() {}
            whisper.seq
        };
        assert_eq!(whisper(&mut whispers, key(0)), 1);
        for n in 1..=256 {
            whisper(&mut whispers, key(n));
        }
        assert!(!whispers.outboxes.contains_key(&key(0)));
        assert_eq!(whisper(&mut whispers, key(0)), 2);
    }
}
