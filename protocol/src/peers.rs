use alloc::{
    collections::{BTreeMap, btree_map::Entry},
    vec::Vec,
};
use core::{net::SocketAddr, time::Duration};

use crate::{
    KeptPeer, Name, PeerId, PeerKey, Time,
    liveness::{Check, Liveness},
    peer::Peer,
    wire::{Announce, Dropped, Heartbeat, Place},
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

/// What an announcement changed
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Somebody is there who was not
    pub(crate) joined: bool,
    /// Somebody's program is another run than the last that was heard of
    pub(crate) started: bool,
    /// Somebody calls themselves something else; this is what they were called
    pub(crate) renamed: Option<Name>,
    /// Whispers for them are sealed to another key than before
    pub(crate) rekeyed: bool,
}

/// How the sender of a frame other than an announcement stands
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is known of them, or of this run of their program
    Unknown,
    /// They are there, as was known
    There,
    /// They are there and were thought to be gone
    Back,
}

impl Peers {
    /// How many are remembered: 2 MiB
    const MAX_PEERS: usize = 4_096;

    /// Nobody
    pub(crate) fn new() -> Self {
        Self { by_key: BTreeMap::new(), present: 0, next_check: None }
    }

    /// Those of whom earlier runs heard; nobody of them is there
    pub(crate) fn restored(mut kept: Vec<KeptPeer>) -> Self {
        kept.sort_by_key(|peer| core::cmp::Reverse(peer.incarnation));
        kept.truncate(Self::MAX_PEERS);
        let by_key = kept.iter().map(|peer| (peer.key, Peer::remembered(peer))).collect();
        Self { by_key, ..Self::new() }
    }

    /// Somebody was heard of who is not known; false if they are, or if nobody more can be remembered
    pub(crate) fn remember(&mut self, kept: &KeptPeer) -> bool {
        let is_new = self.by_key.len() < Self::MAX_PEERS && !self.by_key.contains_key(&kept.key);
        if is_new {
            self.by_key.insert(kept.key, Peer::remembered(kept));
        }
        is_new
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

    /// Whether whoever has this key is there
    pub(crate) fn is_present(&self, key: &PeerKey) -> bool {
        self.find(key).is_some_and(Peer::is_present)
    }

    /// Everyone who is there
    pub(crate) fn iter_present(&self) -> impl Iterator<Item = (&PeerKey, &Peer)> {
        self.by_key.iter().filter(|(_, peer)| peer.is_present())
    }

    /// Everyone who was heard of and is not there
    pub(crate) fn iter_absent(&self) -> impl Iterator<Item = &Peer> {
        self.by_key.values().filter(|peer| !peer.is_present())
    }

    /// Whether a frame that claims this sender and place can be a new one: to be asked before its signature is
    /// looked at
    ///
    /// # Errors
    /// If it was seen before, or is from before the sender's latest start, or from after they left
    pub(crate) fn admit(&self, sender: &PeerKey, place: Place) -> Result<(), Dropped> {
        match self.by_key.get(sender) {
            Some(peer) if !peer.admits(place) => Err(Dropped::Replayed),
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
        (sender, place): (PeerKey, Place),
        announce: &Announce,
    ) -> Result<Changes, Dropped> {
        if !self.by_key.contains_key(&sender) {
            self.make_room()?;
        }
        let members = self.present + 1;
        let (peer, started) = match self.by_key.entry(sender) {
            Entry::Vacant(entry) => (entry.insert(Peer::new(now, from, &sender, place, announce)), true),
            Entry::Occupied(entry) => {
                let peer = entry.into_mut();
                let started = peer.starts(from, place);
                (peer, started)
            }
        };
        let was_present = peer.is_present();
        let whisper_key = peer.whisper_key;
        let renamed = peer.on_announce(now, from, place.counter, announce, members);
        let rekeyed = peer.whisper_key != whisper_key;
        let due = peer.liveness().map(Liveness::poll_timeout);
        self.watch(due, was_present);
        Ok(Changes { joined: !was_present, started, renamed, rekeyed })
    }

    /// Takes in any other verified frame and says how its sender stands
    ///
    /// Where it came from says nothing: pings have sockets of their own, and others pass on pongs.
    pub(crate) fn on_frame(&mut self, now: Time, sender: &PeerKey, place: Place) -> Standing {
        let members = self.present + 1;
        let is_known_run = |peer: &&mut Peer| peer.was_heard() && peer.is_run(place.incarnation);
        let Some(peer) = self.by_key.get_mut(sender).filter(is_known_run) else {
            return Standing::Unknown;
        };
        let was_present = peer.is_present();
        peer.on_frame(now, place.counter, members);
        let due = peer.liveness().map(Liveness::poll_timeout);
        self.watch(due, was_present);
        if was_present { Standing::There } else { Standing::Back }
    }

    /// Takes in that somebody sealed something in a session that was made in the present run of their program
    pub(crate) fn on_sealed(&mut self, now: Time, sender: &PeerKey) -> Standing {
        let members = self.present + 1;
        let Some(peer) = self.by_key.get_mut(sender).filter(|peer| peer.was_heard()) else {
            return Standing::Unknown;
        };
        let was_present = peer.is_present();
        peer.on_life(now, members);
        let due = peer.liveness().map(Liveness::poll_timeout);
        self.watch(due, was_present);
        if was_present { Standing::There } else { Standing::Back }
    }

    /// Takes in what repeats somebody's announcement; how they stand, and what they announced
    ///
    /// # Errors
    /// If it repeats nothing that is known, was seen before, or is from before the sender's latest start or goodbye
    pub(crate) fn on_heartbeat(
        &mut self,
        now: Time,
        heartbeat: &Heartbeat,
    ) -> Result<(Standing, Announce), Dropped> {
        let members = self.present + 1;
        let peer = self.by_key.get_mut(&heartbeat.sender).ok_or(Dropped::Stranger)?;
        let was_present = peer.is_present();
        let announce = peer.on_heartbeat(now, heartbeat, members)?;
        let due = peer.liveness().map(Liveness::poll_timeout);
        self.watch(due, was_present);
        Ok((if was_present { Standing::There } else { Standing::Back }, announce))
    }

    /// Takes in a verified goodbye; true if somebody is not there any more who was
    pub(crate) fn on_bye(&mut self, now: Time, sender: &PeerKey, incarnation: u64) -> bool {
        let Some(peer) = self.by_key.get_mut(sender) else {
            return false;
        };
        let was_present = peer.is_present();
        peer.leave(now, incarnation);
        self.present -= usize::from(was_present);
        was_present
    }

    /// Somebody's port turned out to be closed; who is gone for it
    ///
    /// It counts against those only who are in doubt already: others have been heard since.
    pub(crate) fn on_refused(&mut self, now: Time, addr: SocketAddr) -> Option<PeerKey> {
        let is_meant = |peer: &Peer| peer.addr == addr && peer.liveness().is_some_and(Liveness::is_in_doubt);
        let (key, peer) = self.by_key.iter_mut().find(|(_, peer)| is_meant(peer))?;
        peer.lose(now);
        self.present -= 1;
        Some(*key)
    }

    /// This node itself was asleep for `lag` until `now`
    pub(crate) fn forgive(&mut self, now: Time, lag: Duration) {
        for liveness in self.by_key.values_mut().filter_map(Peer::liveness_mut) {
            liveness.forgive(now, lag);
        }
    }

    /// When to look whether somebody is silent
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.next_check
    }

    /// What is to be done about silent peers
    pub(crate) fn handle_timeout(&mut self, now: Time) -> Vec<(PeerKey, Check)> {
        let mut checks = Vec::new();
        if self.next_check.is_none_or(|at| now < at) {
            return checks;
        }
        self.next_check = None;
        for (key, peer) in &mut self.by_key {
            let Some(liveness) = peer.liveness_mut() else {
                continue;
            };
            let check = liveness.handle_timeout(now);
            let due = liveness.poll_timeout();
            if check == Some(Check::Gone) {
                peer.lose(now);
                self.present -= 1;
            } else {
                self.next_check = Some(self.next_check.map_or(due, |at| at.min(due)));
            }
            checks.extend(check.map(|check| (*key, check)));
        }
        checks
    }

    /// Counts somebody in who is there now, and looks after them no later than they are `due`
    fn watch(&mut self, due: Option<Time>, was_present: bool) {
        self.present += usize::from(!was_present);
        self.next_check = self.next_check.into_iter().chain(due).min();
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
    use alloc::format;

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

    fn place(incarnation: u64, counter: u64) -> Place {
        Place { incarnation, counter }
    }

    fn hear(peers: &mut Peers, at: Time, incarnation: u64, counter: u64, name: &str) -> Changes {
        let place = place(incarnation, counter);
        peers.admit(&ANN, place).unwrap();
        peers.on_announce(at, addr(1), (ANN, place), &announce(name)).unwrap()
    }

    #[test]
    fn who_announces_is_there_until_they_say_goodbye() {
        let mut peers = Peers::new();
        assert_eq!(
            hear(&mut peers, Time::ZERO, 1, 1, "ann"),
            Changes { joined: true, started: true, ..Changes::default() }
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
        assert_eq!(peers.admit(&ANN, place(1, 99)), Err(Dropped::Replayed));
        assert!(hear(&mut peers, Time::ZERO, 2, 1, "ann").joined);
    }

    #[test]
    fn a_restart_is_the_same_person_and_what_came_before_it_is_over() {
        let mut peers = Peers::new();
        hear(&mut peers, Time::ZERO, 1, 50, "ann");
        let changes = hear(&mut peers, Time::ZERO, 2, 1, "ann");
        assert_eq!(changes, Changes { started: true, ..Changes::default() });
        assert_eq!(peers.present(), 1);
        assert_eq!(peers.admit(&ANN, place(1, 51)), Err(Dropped::Replayed));
        assert_eq!(peers.admit(&ANN, place(2, 1)), Err(Dropped::Replayed));
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
    fn an_announcement_overtaken_by_a_later_one_changes_nothing() {
        let mut peers = Peers::new();
        for (counter, name) in [(9, "ann"), (12, "anna")] {
            hear(&mut peers, Time::ZERO, 1, counter, name);
        }
        let late = (ANN, place(1, 11));
        let changes = peers.on_announce(Time::from_secs(3), addr(2), late, &announce("ann")).unwrap();
        assert_eq!(changes, Changes::default());
        assert_eq!(peers.find(&ANN).unwrap().name.as_str(), "anna");
        assert_eq!(peers.find(&ANN).unwrap().addr, addr(1));
        assert_eq!(peers.admit(&ANN, place(1, 11)), Err(Dropped::Replayed));
    }

    #[test]
    fn whoever_announces_more_often_is_looked_after_more_often() {
        let mut peers = Peers::new();
        let often = announce("ann");
        let seldom = Announce { interval_ms: 600_000, ..often.clone() };
        peers.on_announce(Time::ZERO, addr(1), (ANN, place(1, 1)), &seldom).unwrap();
        peers.on_announce(Time::ZERO, addr(1), (ANN, place(1, 2)), &often).unwrap();
        assert!(peers.poll_timeout().unwrap() < Time::from_secs(2));
    }

    #[test]
    fn a_closed_port_counts_once_its_owner_is_in_doubt() {
        let mut peers = Peers::new();
        hear(&mut peers, Time::ZERO, 1, 1, "ann");
        assert_eq!(peers.on_refused(Time::ZERO, addr(1)), None);
        let due = peers.poll_timeout().unwrap();
        assert_eq!(peers.handle_timeout(due), [(ANN, Check::Ping)]);
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
            peers.handle_timeout(now);
        }
        assert_eq!(peers.on_frame(now, &ANN, place(2, 1)), Standing::Unknown);
        assert_eq!(peers.on_frame(now, &ANN, place(1, 2)), Standing::Back);
        assert_eq!(peers.on_frame(now, &ANN, place(1, 3)), Standing::There);
        assert_eq!(peers.present(), 1);
    }

    #[test]
    fn a_peer_moves_to_another_address_only_when_the_old_one_is_quiet() {
        let mut peers = Peers::new();
        let mut hear_at = |secs, port, counter| {
            let place = (ANN, place(1, counter));
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
            peers.on_announce(Time::ZERO, addr(n.into()), (key, place(1, 1)), &announce("x")).unwrap();
        }
        let due = peers.poll_timeout().unwrap();
        assert_eq!(peers.handle_timeout(due).len(), 3);
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
            peers
                .on_announce(Time::ZERO, addr(n), (key(n), place(1, 1)), &announce(&format!("p{n}")))
                .unwrap();
        }
        let more = (key(5_000), place(1, 1));
        assert_eq!(peers.on_announce(Time::ZERO, addr(1), more, &announce("x")), Err(Dropped::Overflow));
        peers.on_bye(Time::ZERO, &key(7), 1);
        let joined = Changes { joined: true, started: true, ..Changes::default() };
        assert_eq!(peers.on_announce(Time::ZERO, addr(1), more, &announce("x")), Ok(joined));
        assert!(peers.find(&key(7)).is_none());
    }
}
