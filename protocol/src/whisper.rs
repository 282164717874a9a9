//! Whispers between this node and others: what is sent until it is acknowledged, what arrives once and in order
//! (PROTOCOL.md §8.4)

mod inbox;
mod outbox;

use alloc::{collections::BTreeMap, vec::Vec};
use core::{net::SocketAddr, time::Duration};

use fastrand::Rng;

use self::inbox::Inbox;
pub(crate) use self::inbox::Intake;
use self::outbox::Outbox;
pub(crate) use self::outbox::{Progress, backoff};
use crate::{
    HeardUpTo, KeptWhisper, MessageId, PeerKey, Text, Ticket, Time, WallTime,
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
    /// Where series begin: beyond all places that forgotten ones of this run used
    first_seq: u64,
    /// By recipient and epoch: what is left of earlier runs goes first
    outboxes: BTreeMap<(PeerKey, u64), Outbox>,
    /// Series of earlier runs in which nothing waits any more once this is stored
    closing: Vec<(Ticket, (PeerKey, u64))>,
    inboxes: BTreeMap<PeerKey, Inbox>,
    /// Of those who have no inbox: how far their whispers are stored, and when one last came
    heard: BTreeMap<PeerKey, (Time, (u64, u64))>,
}

impl Whispers {
    /// How many series of its own a node has: one in which nothing waits makes room for another
    const MAX_OUTBOXES: usize = 256;
    /// How many own whispers may wait in all
    const MAX_LINES: usize = 1_000;
    /// Of how many bytes
    const MAX_BYTES: usize = 4 << 20;
    /// How many others may have whispers under way to this node: 8 MiB if each leaves one unfinished
    const MAX_INBOXES: usize = 256;
    /// Of how many others it is remembered how far their whispers came: 512 KiB
    const MAX_HEARD: usize = 4_096;
    /// Whoever was silent for longer is hardly in the middle of a whisper
    const SILENCE: Duration = Duration::from_secs(60);

    /// None yet; `epoch` marks whispers as this run's
    pub(crate) fn new(me: PeerKey, epoch: u64) -> Self {
        Self {
            me,
            epoch,
            first_seq: 1,
            outboxes: BTreeMap::new(),
            closing: Vec::new(),
            inboxes: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    /// Goes on with what earlier runs kept, at `now`, when people's clock shows `wall`
    pub(crate) fn restore(
        &mut self,
        (now, wall): (Time, WallTime),
        mut outgoing: Vec<KeptWhisper>,
        mut heard: Vec<HeardUpTo>,
    ) {
        outgoing.sort_by_key(|kept| (kept.to, kept.epoch, kept.seq));
        for kept in outgoing {
            let outbox = self.outboxes.entry((kept.to, kept.epoch));
            let outbox = outbox.or_insert_with(|| Outbox::new(self.me, kept.to, kept.epoch, kept.seq));
            let waited = wall.as_unix_millis().saturating_sub(kept.sent_at.as_unix_millis());
            outbox.restore(now, &kept, Duration::from_millis(waited));
        }
        heard.sort_by_key(|heard| core::cmp::Reverse(heard.epoch));
        for HeardUpTo { from, epoch, upto } in heard.into_iter().take(Self::MAX_HEARD) {
            self.heard.entry(from).or_insert((now, (epoch, upto)));
        }
    }

    /// Queues a whisper that is to be sent once the batch `current` is stored, and gives what is to be kept of it;
    /// `None` if too many wait already
    pub(crate) fn queue(
        &mut self,
        now: Time,
        to: PeerKey,
        (text, sent_at): (&Text, WallTime),
        current: Option<Ticket>,
    ) -> Option<KeptWhisper> {
        let loads = self.outboxes.values().map(Outbox::load);
        let (lines, bytes) = loads.fold((0, 0), |sum, load| (sum.0 + load.0, sum.1 + load.1));
        if lines >= Self::MAX_LINES || bytes + text.as_str().len() > Self::MAX_BYTES {
            return None;
        }
        let series = (to, self.epoch);
        if self.outboxes.len() >= Self::MAX_OUTBOXES && !self.outboxes.contains_key(&series) {
            self.forget_outbox()?;
        }
        let outbox = self.outboxes.entry(series);
        let outbox = outbox.or_insert_with(|| Outbox::new(self.me, to, self.epoch, self.first_seq));
        outbox.queue(now, text, sent_at, current)
    }

    /// All batches up to this one are stored
    pub(crate) fn on_stored(&mut self, ticket: Ticket) {
        self.outboxes.values_mut().for_each(|outbox| outbox.on_stored(ticket));
        self.inboxes.values_mut().for_each(|inbox| inbox.on_stored(ticket));
        self.close(ticket);
    }

    /// The batches up to this one that were not stored yet cannot be; true if a whisper of this node's is forgotten
    /// for it
    pub(crate) fn on_lost(&mut self, ticket: Ticket) -> bool {
        self.inboxes.values_mut().for_each(|inbox| inbox.on_lost(ticket));
        self.close(ticket);
        self.outboxes.values_mut().map(|outbox| outbox.on_lost(ticket)).sum::<usize>() > 0
    }

    /// Takes in an authentic whisper
    ///
    /// # Errors
    /// If it cannot be kept, and so must not be acknowledged
    pub(crate) fn receive(
        &mut self,
        now: Time,
        (from, addr): (PeerKey, SocketAddr),
        whisper: Whisper,
    ) -> Result<(), Dropped> {
        if !self.inboxes.contains_key(&from) {
            if self.inboxes.len() >= Self::MAX_INBOXES {
                self.forget_inbox(now).ok_or(Dropped::Overflow)?;
            }
            let (_, heard) = self.heard.remove(&from).unwrap_or_default();
            self.inboxes.insert(from, Inbox::new(self.me, from, heard));
        }
        let inbox = self.inboxes.get_mut(&from).ok_or(Dropped::Overflow)?;
        inbox.receive(now, addr, whisper).map_err(|inbox::NotKept| Dropped::Overflow)
    }

    /// The next whispers that are whole, to be shown once the batch `current` is stored; to be called until there are
    /// none
    pub(crate) fn poll_intake(&mut self, current: Option<Ticket>) -> Option<Intake> {
        self.inboxes.values_mut().find_map(|inbox| inbox.poll_intake(current))
    }

    /// The next acknowledgement and where it goes, to be called until there is none
    pub(crate) fn poll_answer(&mut self) -> Option<(PeerKey, SocketAddr, WhisperAck)> {
        self.inboxes.iter_mut().find_map(|(peer, inbox)| {
            let (addr, ack) = inbox.poll_answer()?;
            Some((*peer, addr, ack))
        })
    }

    /// Takes in an authentic acknowledgement
    pub(crate) fn on_ack(&mut self, now: Time, from: &PeerKey, ack: &WhisperAck) {
        if let Some((_, outbox)) = self.outboxes.range_mut(all_series(from)).next() {
            outbox.on_ack(now, ack);
        }
    }

    /// Those for whom something waits that may be sent
    pub(crate) fn waiting(&self) -> impl Iterator<Item = PeerKey> {
        let mut before = None;
        let first = self.outboxes.iter().filter(move |((peer, _), _)| before.replace(*peer) != Some(*peer));
        first.filter(|(_, outbox)| outbox.may_send()).map(|((peer, _), _)| *peer)
    }

    /// Whether something waits for `peer`, or is to be stored before it does
    pub(crate) fn is_waiting(&self, peer: &PeerKey) -> bool {
        self.outboxes.range(all_series(peer)).any(|(_, outbox)| !outbox.is_empty())
    }

    /// What was never sent to `peer` yet
    pub(crate) fn unsent(&self, peer: &PeerKey) -> impl Iterator<Item = MessageId> {
        self.outboxes.range(all_series(peer)).flat_map(|(_, outbox)| outbox.unsent())
    }

    /// `peer` is back: what waits for them is sent at once
    pub(crate) fn resume(&mut self, now: Time, peer: &PeerKey) {
        self.outboxes.range_mut(all_series(peer)).for_each(|(_, outbox)| outbox.resume(now));
    }

    /// What was sent to `peer` before probably never arrived: what waits is sent at once
    pub(crate) fn hasten(&mut self, now: Time, peer: &PeerKey) {
        self.outboxes.range_mut(all_series(peer)).for_each(|(_, outbox)| outbox.hasten(now));
    }

    /// The next whisper that is due to be sent to somebody `reachable`, to be called until there is none
    pub(crate) fn poll_transmit(
        &mut self,
        now: Time,
        reachable: impl Fn(&PeerKey) -> bool,
        rng: &mut Rng,
    ) -> Option<(PeerKey, Whisper, Option<Progress>)> {
        let mut before = None;
        self.outboxes.iter_mut().find_map(|((peer, _), outbox)| {
            let is_first = before.replace(*peer) != Some(*peer);
            let (whisper, progress) =
                if is_first && reachable(peer) { outbox.poll_transmit(now, rng)? } else { return None };
            Some((*peer, whisper, progress))
        })
    }

    /// The next whisper that came to an end, which is stored with the batch `current`; to be called until there is none
    ///
    /// A series goes on to the next only when it is stored that it is over: the other side takes nothing of it then.
    pub(crate) fn poll_progress(
        &mut self,
        now: Time,
        current: Option<Ticket>,
    ) -> Option<(PeerKey, Progress)> {
        let mut ended = self.outboxes.iter_mut();
        let (series, progress) =
            ended.find_map(|(series, outbox)| Some((*series, outbox.poll_progress(now)?)))?;
        if series.1 != self.epoch && self.outboxes.get(&series).is_some_and(Outbox::is_empty) {
            match current {
                Some(ticket) => self.closing.push((ticket, series)),
                None => drop(self.outboxes.remove(&series)),
            }
        }
        Some((series.0, progress))
    }

    /// When something is to be sent to somebody `reachable`, or to be given up
    pub(crate) fn poll_timeout(&self, reachable: impl Fn(&PeerKey) -> bool) -> Option<Time> {
        let mut before = None;
        let timeouts = self.outboxes.iter().filter_map(|((peer, _), outbox)| {
            let is_first = before.replace(*peer) != Some(*peer);
            outbox.poll_timeout(is_first && reachable(peer))
        });
        timeouts.min()
    }

    fn close(&mut self, ticket: Ticket) {
        let outboxes = &mut self.outboxes;
        self.closing.retain(|(closing, series)| {
            let is_open = *closing > ticket;
            if !is_open {
                outboxes.remove(series);
            }
            is_open
        });
    }

    fn forget_outbox(&mut self) -> Option<()> {
        let idle = *self.outboxes.iter().find(|(_, outbox)| outbox.is_empty())?.0;
        let forgotten = self.outboxes.remove(&idle)?;
        self.first_seq = self.first_seq.max(forgotten.next_seq());
        Some(())
    }

    /// Forgets what is under way from whoever was silent for longest, but not how far it is stored
    ///
    /// Nothing is lost with what was kept: the next acknowledgement says that it is not there any more.
    fn forget_inbox(&mut self, now: Time) -> Option<()> {
        let can_go =
            |inbox: &Inbox| inbox.is_idle() || !inbox.is_storing() && now.since(inbox.used()) > Self::SILENCE;
        let by_silence = self.inboxes.iter().filter(|(_, inbox)| can_go(inbox));
        let (_, used, silent) =
            by_silence.map(|(peer, inbox)| (!inbox.is_idle(), inbox.used(), *peer)).min()?;
        if self.heard.len() >= Self::MAX_HEARD {
            self.forget_heard(now)?;
        }
        let inbox = self.inboxes.remove(&silent)?;
        self.heard.insert(silent, (used, inbox.stored()));
        Some(())
    }

    fn forget_heard(&mut self, now: Time) -> Option<()> {
        let (used, silent) = self.heard.iter().map(|(peer, (used, _))| (*used, *peer)).min()?;
        (now.since(used) > Self::SILENCE).then_some(())?;
        self.heard.remove(&silent);
        Some(())
    }
}

fn all_series(peer: &PeerKey) -> core::ops::RangeInclusive<(PeerKey, u64)> {
    (*peer, 0)..=(*peer, u64::MAX)
}

#[cfg(test)]
mod restart_tests;

#[cfg(test)]
mod tests;
