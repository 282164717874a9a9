//! What must hold at every moment, whatever the network does

use std::collections::{BTreeMap, BTreeSet};

use lanchat_protocol::{Event, MessageId, Node, PeerId, Time};

/// Watches everything that all programs tell
#[derive(Debug)]
pub(crate) struct Checks {
    /// Replays the story in which a check fails
    seed: u64,
    /// Every line that was said: who said it, and as which of theirs
    said: BTreeMap<MessageId, (PeerId, u64)>,
    counts: BTreeMap<PeerId, u64>,
    /// What each run of each program was told already
    seen: BTreeMap<(usize, u64), Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    messages: BTreeSet<MessageId>,
    latest: BTreeMap<PeerId, u64>,
}

impl Checks {
    /// Nothing happened yet in the story of this seed
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, said: BTreeMap::new(), counts: BTreeMap::new(), seen: BTreeMap::new() }
    }

    /// A program told something
    pub(crate) fn on_event(&mut self, host: usize, run: u64, event: &Event) {
        let (seed, seen) = (self.seed, self.seen.entry((host, run)).or_default());
        match event {
            Event::Message { id, author, text, .. } => {
                if author.own {
                    let count = self.counts.entry(author.id).or_default();
                    *count += 1;
                    self.said.insert(*id, (author.id, *count));
                }
                let Some((who, place)) = self.said.get(id) else {
                    panic!("seed {seed}: {text} was never said")
                };
                assert_eq!(*who, author.id, "seed {seed}: {text} is attributed to somebody else");
                assert!(seen.messages.insert(*id), "seed {seed}: {text} is shown twice");
                let before = seen.latest.insert(author.id, *place).unwrap_or(0);
                assert!(before < *place, "seed {seed}: {text} is shown after what followed it");
            }
            Event::Whisper { id, text, .. } => {
                assert!(seen.messages.insert(*id), "seed {seed}: the whisper {text} is shown twice");
            }
            Event::Joined(_)
            | Event::Left(_)
            | Event::Gone(_)
            | Event::Renamed { .. }
            | Event::Whispered { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Forked(_)
            | Event::KeyInUse { .. }
            | Event::NotWhispered { .. }
            | Event::NotStored { .. }
            | Event::Departed => {}
        }
    }

    /// A program did what was due
    pub(crate) fn after_timeout(&self, node: &Node, now: Time) {
        if let Some((at, reason)) = node.poll_timeout() {
            assert!(at > now, "seed {}: {reason:?} was due at {at} and still is at {now}", self.seed);
        }
    }
}
