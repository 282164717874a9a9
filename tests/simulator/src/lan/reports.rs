//! What can be seen from outside

use lanchat_protocol::{Event, Node, PeerId, PeerKey, Room, Time};

use super::{HostId, Lan, Sent};
use crate::{story::in_short, traffic::Traffic};

impl Lan {
    /// What the program of `host` told since this was last asked, in short: `+bob`, `bob: hi`, `-bob`, `!bob` for gone;
    /// nothing of how far its own lines came
    pub fn heard(&mut self, host: HostId) -> Vec<String> {
        let host = &mut self.hosts[host];
        let news = host.told[host.read..].iter().map(|(_, event)| event);
        let news = news.filter(|event| !matches!(event, Event::Holds { .. })).map(in_short).collect();
        host.read = host.told.len();
        news
    }

    /// Everything that the program of `host` told, and when
    pub fn told(&self, host: HostId) -> &[(Time, Event)] {
        &self.hosts[host].told
    }

    /// How many others `host` lists
    pub fn listed(&self, host: HostId) -> usize {
        self.hosts[host].node.as_ref().map_or(0, |node| node.peers().count())
    }

    /// The program of `host`, if it runs
    pub fn node(&self, host: HostId) -> Option<&Node> {
        self.hosts[host].node.as_ref()
    }

    /// Whether the program of `host` runs
    pub fn is_running(&self, host: HostId) -> bool {
        self.node(host).is_some()
    }

    /// Who `host` is
    pub fn id(&self, host: HostId) -> PeerId {
        self.hosts[host].id
    }

    /// The key of `host`
    pub fn key(&self, host: HostId) -> PeerKey {
        self.hosts[host].key
    }

    /// The room that those are in who join from here on
    pub fn room(&self) -> &Room {
        &self.common.room
    }

    /// What time it is
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many datagrams were sent, a broadcast counted once
    pub fn datagrams(&self) -> u64 {
        self.traffic().all().datagrams
    }

    /// What was kept since [`record`](Self::record): who sent it, how, and what it was, a broadcast once
    pub fn recording(&self) -> &[Sent] {
        self.recording.as_deref().unwrap_or_default()
    }

    /// What was sent so far
    pub fn traffic(&self) -> &Traffic {
        self.wiretap.traffic()
    }
}
