//! What people can scroll through

use std::{collections::BTreeMap, fmt};

use lanchat_protocol::{Event, Order, PeerId, Text};

use super::{HostId, Lan};

/// A line of a transcript
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptLine {
    /// Its place
    pub order: Order,
    /// Who said it
    pub author: PeerId,
    /// What was said
    pub text: Text,
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
            let Event::Message { author, text, order, .. } = event else { return None };
            Some((*order, author.id, text))
        });
        let kept = machine.disk.iter().flat_map(|disk| disk.database().lines());
        let kept = kept.map(|line| (line.order, line.order.author.id(), &line.text));
        let lines: BTreeMap<_, _> =
            kept.chain(shown).map(|(order, author, text)| (order, (author, text))).collect();
        lines
            .into_iter()
            .map(|(order, (author, text))| TranscriptLine { order, author, text: text.clone() })
            .collect()
    }

    /// Everybody in `hosts` has the same lines in the same order
    pub fn assert_equal_transcripts(&self, hosts: &[HostId]) {
        let [first, others @ ..] = hosts else { return };
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
