use alloc::collections::BTreeMap;

use crate::{Event, PeerId, PeerKey, wire::Body};

/// Whom the person here wants neither to see nor to answer (PROTOCOL.md §8.9)
///
/// Nobody but that person adds to it, so it needs no bound.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocked(BTreeMap<PeerKey, PeerId>);

impl Blocked {
    /// These, from the start
    pub(crate) fn new(keys: impl IntoIterator<Item = PeerKey>) -> Self {
        Self(keys.into_iter().map(|key| (key, key.id())).collect())
    }

    /// From now on this one, too
    pub(crate) fn block(&mut self, key: PeerKey) {
        self.0.insert(key, key.id());
    }

    /// This one no more; false if it was not blocked
    pub(crate) fn unblock(&mut self, key: &PeerKey) -> bool {
        self.0.remove(key).is_some()
    }

    /// Whether whoever has this key is blocked
    pub(crate) fn contains(&self, key: &PeerKey) -> bool {
        self.0.contains_key(key)
    }

    /// Whether this frame of this sender asks something of this node that it will not do
    ///
    /// What only tells something is taken in: who is there and who holds what concerns others as well.
    pub(crate) fn refuses(&self, sender: &PeerKey, body: &Body) -> bool {
        let asks = match body {
            Body::Ping(_)
            | Body::PingRequest(_)
            | Body::Want(_)
            | Body::HeadsRequest(_)
            | Body::HandshakeInit(_)
            | Body::HandshakeResponse(_)
            | Body::Typing(_) => true,
            Body::Announce(_) | Body::Bye(_) | Body::Pong(_) | Body::Heads(_) => false,
        };
        asks && self.contains(sender)
    }

    /// Whether this is about somebody who is not to be seen
    pub(crate) fn hides(&self, event: &Event) -> bool {
        let whose = match event {
            Event::Joined(peer)
            | Event::Left(peer)
            | Event::Gone(peer)
            | Event::Renamed { peer, .. }
            | Event::Status { peer, .. }
            | Event::Typing { peer, .. } => peer.id,
            Event::Holds { peer, .. } => *peer,
            Event::Message { author, .. }
            | Event::Edited { author, .. }
            | Event::Deleted { author, .. }
            | Event::Reaction { author, .. }
            | Event::Topic { author, .. }
            | Event::Whisper { author, .. }
            | Event::Gap { author, .. }
            | Event::Forked(author) => author.id,
            Event::Whispered { .. }
            | Event::Delivery { .. }
            | Event::KeyInUse { .. }
            | Event::NotWhispered { .. }
            | Event::NotStored { .. }
            | Event::Departed => return false,
        };
        self.0.values().any(|blocked| *blocked == whose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Author,
        wire::{Bye, Head, Ping},
    };

    const EVE: PeerKey = PeerKey::from_bytes([6; 32]);
    const BOB: PeerKey = PeerKey::from_bytes([2; 32]);

    #[test]
    fn who_is_blocked_is_refused_what_they_ask_and_heard_in_what_they_tell() {
        let mut blocked = Blocked::new([EVE]);
        let (ping, bye) = (Body::Ping(Ping { nonce: 1 }), Body::Bye(Bye { head: Head { epoch: 1, seq: 0 } }));
        assert!(blocked.refuses(&EVE, &ping) && !blocked.refuses(&EVE, &bye));
        assert!(!blocked.refuses(&BOB, &ping));
        assert!(blocked.unblock(&EVE) && !blocked.unblock(&EVE));
        assert!(!blocked.refuses(&EVE, &ping));
        blocked.block(EVE);
        assert!(blocked.contains(&EVE));
    }

    #[test]
    fn what_is_about_them_is_hidden_and_nothing_else() {
        let blocked = Blocked::new([EVE]);
        let forked = |key: PeerKey| Event::Forked(Author { id: key.id(), name: None, own: false });
        assert!(blocked.hides(&forked(EVE)) && !blocked.hides(&forked(BOB)));
        assert!(!blocked.hides(&Event::Departed));
    }
}
