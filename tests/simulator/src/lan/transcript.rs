//! What people can scroll through

use std::{collections::BTreeMap, fmt};

use lanchat_protocol::{Change, Event, MessageId, Order, PeerId, Text};

use super::{HostId, Lan};
use crate::story::change;

/// A line of a transcript
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptLine {
    /// Its place
    pub order: Order,
    /// Who said it
    pub author: PeerId,
    /// What was said
    pub text: Text,
    /// The line that it answers
    pub reply_to: Option<MessageId>,
}

impl fmt::Display for TranscriptLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.author, self.text)
    }
}

impl Lan {
    /// All lines that `host` has, in their order: what its program showed since it started, and what is on its disk
    pub fn transcript(&self, host: HostId) -> Vec<TranscriptLine> {
        let machine = &self.hosts[host];
        let shown = machine.told_now().iter().filter_map(|(_, event)| {
            let Event::Message { author, text, order, reply_to, .. } = event else { return None };
            Some((*order, author.id, text, *reply_to))
        });
        let kept = machine.disk.iter().flat_map(|disk| disk.database().lines());
        let kept = kept.map(|line| (line.order, line.order.author.id(), &line.text, line.reply_to));
        let lines: BTreeMap<_, _> = kept
            .chain(shown)
            .map(|(order, author, text, reply_to)| {
                (order, TranscriptLine { order, author, text: text.clone(), reply_to })
            })
            .collect();
        lines.into_values().collect()
    }

    /// All changes that `host` has, by their places: what its program told since it started, and what is on its disk
    pub fn changes(&self, host: HostId) -> BTreeMap<Order, Change> {
        let machine = &self.hosts[host];
        let told = machine.told_now().iter().filter_map(|(_, event)| Some((place(event)?, change(event)?)));
        let kept = machine.disk.iter().flat_map(|disk| disk.database().changes());
        kept.map(|kept| (kept.order, kept.change.clone())).chain(told).collect()
    }

    /// Everybody in `hosts` has the same lines in the same order, and the same changes
    pub fn assert_equal_transcripts(&self, hosts: &[HostId]) {
        let [first, others @ ..] = hosts else { return };
        for other in others {
            assert_eq!(self.changes(*other), self.changes(*first), "{}", self.hosts[*other].name);
        }
        let expected = self.transcript(*first);
        for other in others {
            let found = self.transcript(*other);
            if found == expected {
                continue;
            }
            let names = (&self.hosts[*first].name, &self.hosts[*other].name);
            if let Some(line) = expected.iter().find(|line| !found.contains(line)) {
                panic!("{} has not what {} has: {line}", names.1, names.0);
            }
            if let Some(line) = found.iter().find(|line| !expected.contains(line)) {
                panic!("{} has not what {} has: {line}", names.0, names.1);
            }
        }
    }

    /// What `host` has of what was said, in short: `ann: hi`
    pub fn lines(&self, host: HostId) -> Vec<String> {
        let name = |id| self.hosts.iter().find(|host| host.id == id).map_or("?", |host| host.name.as_str());
        self.transcript(host).iter().map(|line| format!("{}: {}", name(line.author), line.text)).collect()
    }
}

/// Where the change stands that an event tells of
fn place(event: &Event) -> Option<Order> {
    if let Event::Edited { order, .. }
    | Event::Deleted { order, .. }
    | Event::Reaction { order, .. }
    | Event::Topic { order, .. } = event
    {
        return Some(*order);
    }
    None
}
