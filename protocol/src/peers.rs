use alloc::collections::BTreeMap;
use core::{net::SocketAddr, time::Duration};

use crate::{
    Name, PeerId, PeerInfo, PeerKey, Time,
    liveness::{Check, Liveness},
    replay::ReplayWindow,
    wire::{Announce, Dropped},
};

/// Everyone this node has heard of in the room, and whether they are there (PROTOCOL.md §8.2)
///
/// Bounded: who left or is gone is remembered, against replays and for their names, until the room is needed.
#[derive(Debug)]
pub(crate) struct Peers {
    by_key: BTreeMap<PeerKey, Peer>,
    present: usize,
    next_check: Option<Time>,
}

/// Somebody in the room, or who was
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) id: PeerId,
    pub(crate) name: Name,
    /// Where their datagrams come from, and ours to them go
    pub(crate) addr: SocketAddr,
    /// How many others they know of
    pub(crate) members: u32,
    presence: Presence,
    incarnation: u64,
    window: ReplayWindow,
    addr_heard: Time,
}

#[derive(Clone, Debug)]
enum Presence {
    Present(Liveness),
    Gone(Time),
    Left(Time),
}

/// What an announcement changed
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Somebody is there who was not
    pub(crate) joined: bool,
    /// Somebody's program is another run than the last that was heard of
    pub(crate) started: bool,
    /// Somebody calls themselves something else; this is what they were called
    pub(crate) renamed: Option<Name>,
}

impl Peer {
    /// Whether they are there as far as this node knows
    pub(crate) fn is_present(&self) -> bool {
        matches!(self.presence, Presence::Present(_))
    }

    /// Who and where they are
    pub(crate) fn info(&self) -> PeerInfo {
        PeerInfo { id: self.id, name: self.name.clone(), addr: self.addr }
    }

    /// Whether a frame at this place can be a new one
    fn admits(&self, incarnation: u64, counter: u64) -> bool {
        if incarnation != self.incarnation {
            return incarnation > self.incarnation;
        }
        !matches!(self.presence, Presence::Left(_)) && self.window.is_new(counter)
    }

    fn absent_since(&self) -> Option<Time> {
        match self.presence {
            Presence::Present(_) => None,
            Presence::Gone(since) | Presence::Left(since) => Some(since),
        }
    }

    /// Follows the peer to another address once the known one has been quiet, so that a host with several
    /// interfaces does not seem to hop between them
    fn heard_at(&mut self, now: Time, addr: SocketAddr) {
        const STICKY: Duration = Duration::from_secs(2);
        if self.addr == addr || now.since(self.addr_heard) > STICKY {
            self.addr = addr;
            self.addr_heard = now;
        }
    }
}

impl Peers {
    /// How many are remembered: 2 MiB
    const MAX_PEERS: usize = 4_096;
    /// When somebody who is back is to be heard again, until they say it themselves
    const UNKNOWN_INTERVAL: Duration = Duration::from_secs(1);

    /// Nobody
    pub(crate) fn new() -> Self {
        Self { by_key: BTreeMap::new(), present: 0, next_check: None }
    }

    /// How many are there
    pub(crate) fn present(&self) -> usize {
        self.present
    }

    /// Who has this key, there or not
    pub(crate) fn find(&self, key: &PeerKey) -> Option<&Peer> {
        self.by_key.get(key)
    }

    /// Who has this id, there or not
    pub(crate) fn find_id(&self, id: PeerId) -> Option<(&PeerKey, &Peer)> {
        self.by_key.iter().find(|(_, peer)| peer.id == id)
    }

    /// Everyone who is there
    pub(crate) fn iter_present(&self) -> impl Iterator<Item = (&PeerKey, &Peer)> {
        self.by_key.iter().filter(|(_, peer)| peer.is_present())
    }

    /// Whether a frame that claims this sender and place can be a new one: to be asked before its signature is
    /// looked at
    ///
    /// # Errors
    /// If it was seen before, or is from before the sender's latest start, or from after they left
    pub(crate) fn admit(&self, sender: &PeerKey, (incarnation, counter): (u64, u64)) -> Result<(), Dropped> {
        match self.by_key.get(sender) {
            Some(peer) if !peer.admits(incarnation, counter) => Err(Dropped::Replayed),
            _ => Ok(()),
        }
    }

    /// Takes in a verified announcement
    ///
    /// # Errors
    /// If nobody more can be remembered
    pub(crate) fn on_announce(
        &mut self,
        now: Time,
        from: SocketAddr,
        (sender, incarnation, counter): (PeerKey, u64, u64),
        announce: &Announce,
    ) -> Result<Changes, Dropped> {
        let known = self.by_key.contains_key(&sender);
        if !known {
            self.make_room()?;
        }
        let peer = self.by_key.entry(sender).or_insert_with(|| Peer {
            id: sender.id(),
            name: announce.name.clone(),
            addr: from,
            members: announce.members,
            presence: Presence::Gone(now),
            incarnation,
            window: ReplayWindow::starting_with(counter),
            addr_heard: now,
        });
        let started = !known || incarnation > peer.incarnation;
        if started {
            peer.incarnation = incarnation;
            peer.window = ReplayWindow::starting_with(counter);
            peer.addr = from;
        }
        peer.window.mark(counter);
        peer.heard_at(now, from);
        peer.members = announce.members;
        let was = core::mem::replace(&mut peer.name, announce.name.clone());
        let renamed = (was != announce.name).then_some(was);
        let joined = self.make_present(now, &sender, Duration::from_millis(announce.interval_ms.into()));
        Ok(Changes { joined, started, renamed })
    }

    /// Takes in any other verified frame; true if it shows that somebody is there who was thought to be gone
    ///
    /// Where it came from says nothing: pings have sockets of their own, and others pass on pongs.
    pub(crate) fn on_frame(
        &mut self,
        now: Time,
        sender: &PeerKey,
        (incarnation, counter): (u64, u64),
    ) -> bool {
        let Some(peer) = self.by_key.get_mut(sender).filter(|peer| peer.incarnation == incarnation) else {
            return false;
        };
        peer.window.mark(counter);
        if let Presence::Present(liveness) = &mut peer.presence {
            liveness.heard(now);
            return false;
        }
        self.make_present(now, sender, Self::UNKNOWN_INTERVAL)
    }

    /// Takes in a verified goodbye; true if somebody is not there any more who was
    pub(crate) fn on_bye(&mut self, now: Time, sender: &PeerKey, incarnation: u64) -> bool {
        if let Some(peer) = self.by_key.get_mut(sender) {
            peer.incarnation = peer.incarnation.max(incarnation);
        }
        self.make_absent(sender, Presence::Left(now))
    }

    /// Somebody's port turned out to be closed; who is gone for it
    ///
    /// It counts against those only who are in doubt already: others have been heard since.
    pub(crate) fn on_refused(&mut self, now: Time, addr: SocketAddr) -> Option<PeerKey> {
        let in_doubt = |peer: &Peer| match &peer.presence {
            Presence::Present(liveness) => liveness.is_in_doubt(),
            Presence::Gone(_) | Presence::Left(_) => false,
        };
        let key = *self.by_key.iter().find(|(_, peer)| peer.addr == addr && in_doubt(peer))?.0;
        self.make_absent(&key, Presence::Gone(now));
        Some(key)
    }

    /// This node itself was asleep for `lag` until `now`
    pub(crate) fn forgive(&mut self, now: Time, lag: Duration) {
        for peer in self.by_key.values_mut() {
            if let Presence::Present(liveness) = &mut peer.presence {
                liveness.forgive(now, lag);
            }
        }
    }

    /// When to look whether somebody is silent
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.next_check
    }

    /// What is to be done about one silent peer; to be called until there is none
    pub(crate) fn handle_timeout(&mut self, now: Time) -> Option<(PeerKey, Check)> {
        if self.next_check.is_none_or(|at| now < at) {
            return None;
        }
        let mut found = None;
        let mut next_check = None;
        for (key, peer) in &mut self.by_key {
            let Presence::Present(liveness) = &mut peer.presence else {
                continue;
            };
            if found.is_none() {
                found = liveness.handle_timeout(now).map(|check| (*key, check));
            }
            let due = liveness.poll_timeout();
            next_check = Some(next_check.map_or(due, |at: Time| at.min(due)));
        }
        self.next_check = next_check;
        if let Some((key, Check::Gone)) = found {
            self.make_absent(&key, Presence::Gone(now));
        }
        found
    }

    /// Somebody announced themselves at `now` and will again within `interval`; true if they were not there before
    fn make_present(&mut self, now: Time, key: &PeerKey, interval: Duration) -> bool {
        let members = self.present + 1;
        let Some(peer) = self.by_key.get_mut(key) else {
            return false;
        };
        if let Presence::Present(liveness) = &mut peer.presence {
            liveness.announced(now, interval, members);
            return false;
        }
        let liveness = Liveness::new(now, interval, members);
        let due = liveness.poll_timeout();
        peer.presence = Presence::Present(liveness);
        self.present += 1;
        self.next_check = Some(self.next_check.map_or(due, |at| at.min(due)));
        true
    }

    fn make_absent(&mut self, key: &PeerKey, presence: Presence) -> bool {
        let Some(peer) = self.by_key.get_mut(key) else {
            return false;
        };
        let was_present = peer.is_present();
        peer.presence = presence;
        self.present -= usize::from(was_present);
        was_present
    }

    fn make_room(&mut self) -> Result<(), Dropped> {
        if self.by_key.len() < Self::MAX_PEERS {
            return Ok(());
        }
        let absent = self.by_key.iter().filter_map(|(key, peer)| Some((peer.absent_since()?, *key)));
        let (_, longest_absent) = absent.min().ok_or(Dropped::Overflow)?;
        self.by_key.remove(&longest_absent);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use super::*;
    use crate::{
        InstanceId,
        wire::{Head, bounded::List},
    };

    const ANN: PeerKey = PeerKey::from_bytes([1; 32]);

    fn addr(port: u16) -> SocketAddr {
        SocketAddr::from(([198, 18, 0, 1], port))
    }

    fn announce(name: &str) -> Announce {
        Announce {
            instance: InstanceId::from_uuid(uuid::Uuid::from_u128(1)),
            name: Name::new(name).unwrap(),
            interval_ms: 1_000,
            members: 0,
            solicits: false,
            visitor: false,
            head: Head::default(),
            lamport: 0,
            extensions: List::empty(),
        }
    }

    fn hear(peers: &mut Peers, at: Time, incarnation: u64, counter: u64, name: &str) -> Changes {
        peers.admit(&ANN, (incarnation, counter)).unwrap();
        peers.on_announce(at, addr(1), (ANN, incarnation, counter), &announce(name)).unwrap()
    }

    #[test]
    fn who_announces_is_there_until_they_say_goodbye() {
        let mut peers = Peers::new();
        assert_eq!(
            hear(&mut peers, Time::ZERO, 1, 1, "ann"),
            Changes { joined: true, started: true, renamed: None }
        );
        assert_eq!(hear(&mut peers, Time::ZERO, 1, 2, "ann"), Changes::default());
        assert_eq!(peers.present(), 1);
        assert!(peers.on_bye(Time::ZERO, &ANN, 1));
        assert!(!peers.on_bye(Time::ZERO, &ANN, 1));
        assert_eq!(peers.present(), 0);
    }

    #[test]
    fn after_a_goodbye_only_a_new_start_counts() {
        let mut peers = Peers::new();
        hear(&mut peers, Time::ZERO, 1, 1, "ann");
        peers.on_bye(Time::ZERO, &ANN, 1);
        assert_eq!(peers.admit(&ANN, (1, 99)), Err(Dropped::Replayed));
        assert!(hear(&mut peers, Time::ZERO, 2, 1, "ann").joined);
    }

    #[test]
    fn a_restart_is_the_same_person_and_what_came_before_it_is_over() {
        let mut peers = Peers::new();
        hear(&mut peers, Time::ZERO, 1, 50, "ann");
        let changes = hear(&mut peers, Time::ZERO, 2, 1, "ann");
        assert_eq!(changes, Changes { joined: false, started: true, renamed: None });
        assert_eq!(peers.present(), 1);
        assert_eq!(peers.admit(&ANN, (1, 51)), Err(Dropped::Replayed));
        assert_eq!(peers.admit(&ANN, (2, 1)), Err(Dropped::Replayed));
    }

    #[test]
    fn a_new_name_is_told_with_the_old_one() {
        let mut peers = Peers::new();
        hear(&mut peers, Time::ZERO, 1, 1, "ann");
        let was = Name::new("ann").unwrap();
        assert_eq!(hear(&mut peers, Time::ZERO, 1, 2, "anna").renamed, Some(was));
        assert_eq!(peers.find(&ANN).unwrap().name.as_str(), "anna");
    }

    #[test]
    fn a_closed_port_counts_once_its_owner_is_in_doubt() {
        let mut peers = Peers::new();
        hear(&mut peers, Time::ZERO, 1, 1, "ann");
        assert_eq!(peers.on_refused(Time::ZERO, addr(1)), None);
        let due = peers.poll_timeout().unwrap();
        assert_eq!(peers.handle_timeout(due), Some((ANN, Check::Ping)));
        assert_eq!(peers.on_refused(due, addr(2)), None);
        assert_eq!(peers.on_refused(due, addr(1)), Some(ANN));
        assert_eq!(peers.present(), 0);
    }

    #[test]
    fn who_was_gone_and_speaks_is_back() {
        let mut peers = Peers::new();
        hear(&mut peers, Time::ZERO, 1, 1, "ann");
        let mut now = Time::ZERO;
        while peers.present() > 0 {
            now = peers.poll_timeout().unwrap();
            while peers.handle_timeout(now).is_some() {}
        }
        assert!(peers.on_frame(now, &ANN, (1, 2)));
        assert_eq!(peers.present(), 1);
    }

    #[test]
    fn a_peer_moves_to_another_address_only_when_the_old_one_is_quiet() {
        let mut peers = Peers::new();
        let mut hear_at = |secs, port, counter| {
            let place = (ANN, 1, counter);
            peers.on_announce(Time::from_secs(secs), addr(port), place, &announce("ann")).unwrap();
            peers.find(&ANN).unwrap().addr
        };
        assert_eq!(hear_at(0, 1, 1), addr(1));
        assert_eq!(hear_at(1, 2, 2), addr(1));
        assert_eq!(hear_at(3, 2, 3), addr(2));
    }

    #[test]
    fn every_silent_peer_gets_its_turn_in_one_round() {
        let mut peers = Peers::new();
        for n in 1..=3_u8 {
            let key = PeerKey::from_bytes([n; 32]);
            peers.on_announce(Time::ZERO, addr(n.into()), (key, 1, 1), &announce("x")).unwrap();
        }
        let due = peers.poll_timeout().unwrap();
        let asked: Vec<_> = core::iter::from_fn(|| peers.handle_timeout(due)).collect();
        assert_eq!(asked.len(), 3);
        assert!(peers.poll_timeout().unwrap() > due);
    }

    #[test]
    fn the_table_has_a_bound_and_forgets_the_absent_first() {
        let mut peers = Peers::new();
        let key = |n: u16| {
            let mut bytes = [0; 32];
            bytes[..2].copy_from_slice(&n.to_be_bytes());
            PeerKey::from_bytes(bytes)
        };
        for n in 0..4_096 {
            peers.on_announce(Time::ZERO, addr(n), (key(n), 1, 1), &announce(&format!("p{n}"))).unwrap();
        }
        let more = (key(5_000), 1, 1);
        assert_eq!(peers.on_announce(Time::ZERO, addr(1), more, &announce("x")), Err(Dropped::Overflow));
        peers.on_bye(Time::ZERO, &key(7), 1);
        let joined = Changes { joined: true, started: true, renamed: None };
        assert_eq!(peers.on_announce(Time::ZERO, addr(1), more, &announce("x")), Ok(joined));
        assert!(peers.find(&key(7)).is_none());
    }
}
