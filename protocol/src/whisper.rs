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

/// This node's conversations with single peers
#[derive(Debug)]
pub(crate) struct Whispers {
    me: PeerKey,
    epoch: u64,
    /// Where series begin: beyond all places that forgotten ones used
    first_seq: u64,
    by_peer: BTreeMap<PeerKey, Conversation>,
}

#[derive(Debug)]
struct Conversation {
    outbox: Outbox,
    inbox: Inbox,
    used: Time,
}

impl Whispers {
    /// How many conversations are kept: those with nothing on the way are forgotten first, longest unused first
    const MAX_CONVERSATIONS: usize = 256;

    /// None yet; `epoch` marks whispers as this run's
    pub(crate) fn new(me: PeerKey, epoch: u64) -> Self {
        Self { me, epoch, first_seq: 1, by_peer: BTreeMap::new() }
    }

    /// Queues a whisper and gives its id; `None` if too many wait already
    pub(crate) fn queue(
        &mut self,
        now: Time,
        to: PeerKey,
        text: &Text,
        sent_at: WallTime,
    ) -> Option<MessageId> {
        self.with(now, to)?.outbox.queue(now, text, sent_at)
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
        let inbox = &mut self.with(now, from).ok_or(Dropped::Overflow)?.inbox;
        inbox.accept(whisper).map_err(|inbox::TooFarAhead| Dropped::Overflow)
    }

    /// The next whisper of `from` to show
    pub(crate) fn poll_line(&mut self, from: &PeerKey) -> Option<Line> {
        self.by_peer.get_mut(from)?.inbox.poll_line()
    }

    /// Takes in a verified acknowledgement
    pub(crate) fn on_ack(&mut self, now: Time, from: &PeerKey, ack: &WhisperAck) {
        if let Some(conversation) = self.by_peer.get_mut(from).filter(|_| ack.to == self.me) {
            conversation.outbox.on_ack(now, ack);
        }
    }

    /// `peer` is back: what waits for them is sent at once
    pub(crate) fn resume(&mut self, now: Time, peer: &PeerKey) {
        if let Some(conversation) = self.by_peer.get_mut(peer) {
            conversation.outbox.resume(now);
        }
    }

    /// The next whisper that is due to be sent to somebody `reachable`, to be called until there is none
    pub(crate) fn poll_transmit(
        &mut self,
        now: Time,
        reachable: impl Fn(&PeerKey) -> bool,
        rng: &mut Rng,
    ) -> Option<(PeerKey, Whisper, Option<Progress>)> {
        self.by_peer.iter_mut().filter(|(peer, _)| reachable(peer)).find_map(|(peer, conversation)| {
            let (whisper, progress) = conversation.outbox.poll_transmit(now, rng)?;
            Some((*peer, whisper, progress))
        })
    }

    /// The next whisper that came to an end, to be called until there is none
    pub(crate) fn poll_progress(&mut self, now: Time) -> Option<(PeerKey, Progress)> {
        self.by_peer
            .iter_mut()
            .find_map(|(peer, conversation)| Some((*peer, conversation.outbox.poll_progress(now)?)))
    }

    /// When something is to be sent to somebody `reachable`, or to be given up
    pub(crate) fn poll_timeout(&self, reachable: impl Fn(&PeerKey) -> bool) -> Option<Time> {
        self.by_peer
            .iter()
            .filter_map(|(peer, conversation)| conversation.outbox.poll_timeout(reachable(peer)))
            .min()
    }

    fn with(&mut self, now: Time, peer: PeerKey) -> Option<&mut Conversation> {
        if !self.by_peer.contains_key(&peer) {
            self.make_room()?;
        }
        let conversation = self.by_peer.entry(peer).or_insert_with(|| Conversation {
            outbox: Outbox::new(self.me, peer, self.epoch, self.first_seq),
            inbox: Inbox::new(peer),
            used: now,
        });
        conversation.used = now;
        Some(conversation)
    }

    fn make_room(&mut self) -> Option<()> {
        if self.by_peer.len() == Self::MAX_CONVERSATIONS {
            let idle = self.by_peer.iter().filter(|(_, conversation)| conversation.is_idle());
            let (_, longest_unused) = idle.map(|(peer, conversation)| (conversation.used, *peer)).min()?;
            let forgotten = self.by_peer.remove(&longest_unused)?;
            self.first_seq = self.first_seq.max(forgotten.outbox.next_seq());
        }
        Some(())
    }
}

impl Conversation {
    fn is_idle(&self) -> bool {
        self.outbox.is_empty() && self.inbox.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Item;

    #[test]
    fn conversations_have_a_bound_and_idle_ones_make_room() {
        let key = |n: u16| {
            PeerKey::from_bytes(core::array::from_fn(|i| if i < 2 { n.to_be_bytes()[i] } else { 0 }))
        };
        let mut whispers = Whispers::new(PeerKey::from_bytes([9; 32]), 1);
        let text = Text::new("psst").unwrap();
        for n in 0..256 {
            assert!(whispers.queue(Time::ZERO, key(n), &text, WallTime::default()).is_some());
        }
        assert!(whispers.queue(Time::ZERO, key(256), &text, WallTime::default()).is_none());
        while whispers.poll_progress(Time::from_secs(60)).is_some() {}
        assert!(whispers.queue(Time::from_secs(60), key(256), &text, WallTime::default()).is_some());
    }

    #[test]
    fn a_conversation_begun_again_does_not_use_a_place_twice() {
        let (me, peer) = (PeerKey::from_bytes([9; 32]), PeerKey::from_bytes([8; 32]));
        let mut whispers = Whispers::new(me, 1);
        let mut rng = Rng::with_seed(1);
        let mut whisper = |whispers: &mut Whispers, now: Time| {
            whispers.queue(now, peer, &Text::new("psst").unwrap(), WallTime::default()).unwrap();
            let (_, whisper, _) = whispers.poll_transmit(now, |_| true, &mut rng).unwrap();
            let ack = WhisperAck { to: me, epoch: 1, upto: whisper.seq, beyond: 0 };
            whispers.on_ack(now, &peer, &ack);
            while whispers.poll_progress(now).is_some() {}
            whisper.seq
        };
        assert_eq!(whisper(&mut whispers, Time::ZERO), 1);
        for n in 0..=255 {
            let stranger = PeerKey::from_bytes(core::array::from_fn(|i| if i == 0 { n } else { 77 }));
            whispers.accept(Time::from_secs(1), stranger, whisper_at(1)).unwrap();
        }
        assert!(!whispers.by_peer.contains_key(&peer));
        assert_eq!(whisper(&mut whispers, Time::from_secs(2)), 2);
    }

    fn whisper_at(seq: u64) -> Whisper {
        let item = Item::from_text(&Text::new("psst").unwrap()).remove(0);
        let to = PeerKey::from_bytes([9; 32]);
        Whisper { to, epoch: 1, seq, oldest: seq, sent_at: WallTime::default(), item }
    }
}
