use alloc::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    vec::Vec,
};
use core::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{
    KeptPeer, Name, PeerId, PeerInfo, PeerKey, Time,
    liveness::{Check, Liveness},
    peer::Peer,
    tempo::Tempo,
    wire::{Announce, Dropped, Heartbeat, Place},
};

/// Everyone this node has heard of in the room, and whether they are there (PROTOCOL.md §8.2)
///
/// Bounded: who left or is gone is remembered, against replays and for their names, until the room is needed. Whoever has
/// answered nothing yet makes room for others; whoever is there and has, or is talked to, makes room for nobody.
#[derive(Debug)]
pub(crate) struct Peers {
    by_key: BTreeMap<PeerKey, Peer>,
    /// Whom the person here talks to, or has pinned: it grows by what that person does only
    friends: BTreeSet<PeerKey>,
    /// How many of those who were heard are at each host
    by_host: BTreeMap<IpAddr, usize>,
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
    /// Somebody who is there, and has answered nothing yet, is not remembered any more
    pub(crate) displaced: Option<PeerInfo>,
    /// Whispers for them are sealed to another key than before
    pub(crate) rekeyed: bool,
    /// They went away, are back, or say something else about it
    pub(crate) restated: bool,
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
    /// How many of them are at one host: who makes up identities is at few
    const MAX_OF_HOST: usize = 256;
    /// From so many hosts on that count the members, no single one is believed
    const MANY_HOSTS: usize = 3;

    /// Nobody
    pub(crate) fn new() -> Self {
        Self {
            by_key: BTreeMap::new(),
            friends: BTreeSet::new(),
            by_host: BTreeMap::new(),
            present: 0,
            next_check: None,
        }
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
        let displaced = match self.by_key.get(&sender) {
            Some(_) => None,
            None => self.make_room(from.ip())?,
        };
        let was_at = self.host_of(&sender);
        let members = self.present + 1;
        let was_away = self.find(&sender).and_then(|peer| peer.away.clone());
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
        let (rekeyed, restated) = (peer.whisper_key != whisper_key, peer.away != was_away);
        let due = peer.liveness().map(Liveness::poll_timeout);
        self.watch(due, was_present);
        self.move_host(was_at, self.host_of(&sender));
        Ok(Changes { joined: !was_present, started, renamed, rekeyed, restated, displaced })
    }

    /// Whether a verified announcement at this place may change what is known of who they are, and not only that they
    /// are there
    pub(crate) fn may_change(
        &mut self,
        now: Time,
        sender: &PeerKey,
        place: Place,
        announce: &Announce,
    ) -> bool {
        self.by_key.get_mut(sender).is_none_or(|peer| peer.may_change(now, place, announce))
    }

    /// Whether whoever is gone is there again for something that may have been recorded before, and only was not heard
    /// here: a large room has no time to ask everybody
    pub(crate) fn comes_back_by_itself(&self) -> bool {
        self.present >= Tempo::SMALL_ROOM
    }

    /// Whether somebody whose heartbeat repeats something unknown may be asked to announce themselves
    pub(crate) fn may_ask(&mut self, now: Time, sender: &PeerKey) -> bool {
        self.by_key.get_mut(sender).is_none_or(|peer| peer.ask(now))
    }

    /// Somebody answered something of this node's
    pub(crate) fn prove(&mut self, key: &PeerKey) {
        if let Some(peer) = self.by_key.get_mut(key) {
            peer.prove();
        }
    }

    /// Somebody here talks to them, or has pinned them: they are not forgotten for others, and not kept out
    pub(crate) fn befriend(&mut self, key: &PeerKey) {
        self.friends.insert(*key);
    }

    /// Whether they may enter the table when there are too many newcomers
    pub(crate) fn is_friend(&self, key: &PeerKey) -> bool {
        self.friends.contains(key)
    }

    /// Whether so many are remembered that it matters who of them has answered something
    pub(crate) fn is_crowded(&self) -> bool {
        self.by_key.len() >= Self::MAX_PEERS / 2
    }

    /// Whether anybody who was heard is at this host
    pub(crate) fn is_host(&self, host: IpAddr) -> bool {
        self.by_host.contains_key(&host)
    }

    /// How many others there are in the room as far as anybody knows who is to be believed
    ///
    /// From three hosts on it is the second greatest count, so that nobody alone keeps others waiting.
    pub(crate) fn believed_members(&self) -> Option<usize> {
        let mut by_host: BTreeMap<IpAddr, u32> = BTreeMap::new();
        for (_, peer) in self.iter_present() {
            let most = by_host.entry(peer.addr.ip()).or_default();
            *most = peer.members.max(*most);
        }
        let mut counts: Vec<_> = by_host.into_values().collect();
        counts.sort_unstable_by_key(|count| core::cmp::Reverse(*count));
        let nth = usize::from(counts.len() >= Self::MANY_HOSTS);
        counts.get(nth).map(|count| usize::try_from(*count).unwrap_or(usize::MAX))
    }

    /// Takes in any other verified frame and says how its sender stands
    ///
    /// Where it came from says nothing: pings have sockets of their own, and others pass on pongs.
    pub(crate) fn on_frame(&mut self, now: Time, sender: &PeerKey, place: Place) -> Standing {
        let members = self.present + 1;
        let comes_back = self.comes_back_by_itself();
        let is_known_run = |peer: &&mut Peer| peer.was_heard() && peer.is_run(place.incarnation);
        let Some(peer) = self.by_key.get_mut(sender).filter(is_known_run) else {
            return Standing::Unknown;
        };
        if !peer.is_present() && !comes_back {
            return Standing::Unknown;
        }
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
        let comes_back = self.comes_back_by_itself();
        let peer = self.by_key.get_mut(&heartbeat.sender).ok_or(Dropped::Stranger)?;
        let was_present = peer.is_present();
        let announce = peer.on_heartbeat(now, heartbeat, members, comes_back)?;
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

    /// Forgets whoever is missed least, if there is no room for one more at this host; who that is, if they are there
    fn make_room(&mut self, host: IpAddr) -> Result<Option<PeerInfo>, Dropped> {
        let of_host = |peer: &Peer| self.by_host.get(&peer.addr.ip()).copied().unwrap_or(0);
        let is_crowded = self.by_host.get(&host).is_some_and(|count| *count >= Self::MAX_OF_HOST);
        if !is_crowded && self.by_key.len() < Self::MAX_PEERS {
            return Ok(None);
        }
        let is_meant = |peer: &Peer| !is_crowded || peer.was_heard() && peer.addr.ip() == host;
        let candidates = self.by_key.iter().filter(|(key, peer)| is_meant(peer) && !self.is_friend(key));
        let candidates = candidates.filter_map(|(key, peer)| Some((peer.worth(of_host(peer))?, *key)));
        let (_, least) = candidates.min().ok_or(Dropped::Overflow)?;
        self.move_host(self.host_of(&least), None);
        let forgotten = self.by_key.remove(&least).filter(Peer::is_present);
        self.present -= usize::from(forgotten.is_some());
        Ok(forgotten.map(|peer| peer.info()))
    }

    /// Where somebody is who was heard
    fn host_of(&self, key: &PeerKey) -> Option<IpAddr> {
        self.by_key.get(key).filter(|peer| peer.was_heard()).map(|peer| peer.addr.ip())
    }

    fn move_host(&mut self, from: Option<IpAddr>, to: Option<IpAddr>) {
        if from == to {
            return;
        }
        if let Some(from) = from
            && let Some(count) = self.by_host.get_mut(&from)
        {
            *count -= 1;
            if *count == 0 {
                self.by_host.remove(&from);
            }
        }
        if let Some(to) = to {
            *self.by_host.entry(to).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests;
