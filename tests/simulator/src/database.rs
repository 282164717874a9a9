//! Records as they are kept, in memory and without a single optimisation

use std::collections::{BTreeMap, BTreeSet};

use lanchat_protocol::{
    HeardUpTo, HeardWhisper, KeptChange, KeptEntry, KeptLine, KeptPeer, KeptWhisper, Memory, MessageId,
    Order, OwnTip, PeerKey, Record,
};

/// What a store of the program keeps
#[derive(Clone, Debug, Default)]
pub(crate) struct Database {
    /// The run that has it or had it last, and whether it closed it
    run: u64,
    is_closed: bool,
    /// The oldest own log of which nothing can be missing
    oldest_epoch: u64,
    own: Option<OwnTip>,
    lamport: u64,
    entries: BTreeMap<(PeerKey, u64, u64), KeptEntry>,
    lines: BTreeMap<Order, KeptLine>,
    changes: BTreeMap<Order, KeptChange>,
    peers: BTreeMap<PeerKey, KeptPeer>,
    outgoing: BTreeMap<MessageId, KeptWhisper>,
    outcomes: BTreeSet<MessageId>,
    incoming: BTreeMap<MessageId, HeardWhisper>,
    heard: BTreeMap<(PeerKey, u64), u64>,
}

impl Database {
    /// A run begins; `before` is the number of the last one as far as is known outside, `run` its own
    pub(crate) fn open(&mut self, before: u64, run: u64) -> Memory {
        if !self.is_closed || self.run != before {
            self.oldest_epoch = run;
        }
        (self.run, self.is_closed) = (run, false);
        let mut outgoing: Vec<_> = self.outgoing.values().cloned().collect();
        outgoing.sort_by_key(|whisper| (whisper.epoch, whisper.seq));
        Memory {
            own: self.own.filter(|tip| tip.epoch >= self.oldest_epoch),
            lamport: self.lamport,
            peers: self.peers.values().cloned().collect(),
            outgoing,
            heard: self
                .heard
                .iter()
                .map(|((from, epoch), upto)| HeardUpTo { from: *from, epoch: *epoch, upto: *upto })
                .collect(),
        }
    }

    /// The run that has it ends as it should
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
    }

    /// Does what a record says
    pub(crate) fn apply(&mut self, record: Record) {
        match record {
            Record::Entry(entry) => self.keep(entry),
            Record::Said(entry) => {
                self.own = Some(OwnTip { epoch: entry.epoch, seq: entry.seq, hash: entry.hash });
                self.keep(entry);
            }
            Record::Line(line) => {
                self.lines.insert(line.order, line);
            }
            Record::Change(change) => {
                self.changes.insert(change.order, change);
            }
            Record::Forget { author, epoch, upto } => {
                self.entries.retain(|(who, which, seq), _| (*who, *which) != (author, epoch) || *seq > upto);
            }
            Record::Peer(peer) => {
                self.peers.insert(peer.key, peer);
            }
            Record::Outgoing(whisper) => self.send(whisper),
            Record::Outcome { id, .. } => {
                self.outgoing.remove(&id);
                self.outcomes.insert(id);
            }
            Record::Incoming(whisper) => {
                self.incoming.insert(whisper.id, whisper);
            }
            Record::Heard(HeardUpTo { from, epoch, upto }) => {
                let place = self.heard.entry((from, epoch)).or_default();
                *place = upto.max(*place);
            }
        }
    }

    /// All entries, as a node gets them back
    pub(crate) fn entries(&self) -> Vec<KeptEntry> {
        self.entries.values().cloned().collect()
    }

    /// All lines, in the order of the transcript
    pub(crate) fn lines(&self) -> impl Iterator<Item = &KeptLine> {
        self.lines.values()
    }

    /// All changes, in the order of the transcript
    pub(crate) fn changes(&self) -> impl Iterator<Item = &KeptChange> {
        self.changes.values()
    }

    /// Whether a line or a change is kept
    pub(crate) fn has(&self, order: &Order) -> bool {
        self.lines.contains_key(order) || self.changes.contains_key(order)
    }

    /// Whether somebody's whisper is kept
    pub(crate) fn has_whisper(&self, id: &MessageId) -> bool {
        self.incoming.contains_key(id)
    }

    fn keep(&mut self, entry: KeptEntry) {
        self.lamport = self.lamport.max(entry.lamport);
        self.entries.insert((entry.author, entry.epoch, entry.seq), entry);
    }

    fn send(&mut self, whisper: KeptWhisper) {
        if !self.outcomes.contains(&whisper.id) {
            self.outgoing.insert(whisper.id, whisper);
        }
    }
}
