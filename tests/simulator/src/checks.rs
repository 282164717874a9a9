//! What must hold at every moment, whatever the network does

use std::collections::{BTreeMap, BTreeSet};

use lanchat_protocol::{Event, MessageId, Node, PeerId, Time};

/// Watches everything that all programs tell
#[derive(Debug, Default)]
pub(crate) struct Checks {
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
    /// A program told something
    pub(crate) fn on_event(&mut self, host: usize, run: u64, event: &Event) {
        let seen = self.seen.entry((host, run)).or_default();
        match event {
            Event::Message { id, author, text, .. } => {
                if author.own {
                    let count = self.counts.entry(author.id).or_default();
                    *count += 1;
                    self.said.insert(*id, (author.id, *count));
                }
                let Some((who, place)) = self.said.get(id) else { panic!("{text} was never said") };
                assert_eq!(*who, author.id, "{text} is attributed to somebody else");
                assert!(seen.messages.insert(*id), "{text} is shown twice");
                let before = seen.latest.insert(author.id, *place).unwrap_or(0);
                assert!(before < *place, "{text} is shown after what followed it");
            }
            Event::Whisper { id, text, .. } => {
                assert!(seen.messages.insert(*id), "the whisper {text} is shown twice");
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
            | Event::Departed => {}
        }
    }

    /// A program did what was due
    pub(crate) fn after_timeout(node: &Node, now: Time) {
        if let Some((at, reason)) = node.poll_timeout() {
            assert!(at > now, "{reason:?} was due at {at} and still is at {now}");
        }
    }
}
