//! Who was noticed while one looked, and what each of them did

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use lanchat_protocol::{PeerKey, wire::Announce};

use super::{
    loss::Pings,
    peer::{PeerFacts, Tries},
};
use crate::sanitize::Unclean;

/// Somebody who was noticed
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) addr: SocketAddr,
    pub(super) pings: Pings,
    /// Whether anything was sent to it alone
    pub(super) is_spoken_to: bool,
    name: Option<Unclean>,
    /// Its run, and when that was noticed
    incarnation: u64,
    started: Duration,
    /// Whether it asked everybody to answer, as those do who have just started
    is_new: bool,
    /// How many others it knows
    members: u32,
    since: Duration,
    /// How many rounds there had been by then
    rounds_before: usize,
    heard: u32,
    /// Which rounds it answered before anything was sent to it alone, and which since
    early: BTreeSet<usize>,
    late: BTreeSet<usize>,
    is_reached: bool,
}

/// All who were noticed, each by its key
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    seen: BTreeMap<PeerKey, Seen>,
    order: Vec<PeerKey>,
}

/// What has to be known to tell facts about somebody
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances<'a> {
    /// How long one looked
    pub(super) looked: Duration,
    /// How many rounds there were before anybody was spoken to alone, and how many in all
    pub(super) rounds: (usize, usize),
    /// When one began, in milliseconds since 1970
    pub(super) began: u64,
    /// The addresses of this machine
    pub(super) own: &'a [Ipv4Addr],
    /// Those that were named by `--peer`
    pub(super) configured: &'a [Ipv4Addr],
}

impl People {
    /// How many are remembered: a few hundred KiB
    const MOST: usize = 1_024;
    /// Up to so many members, everyone answers everybody at once (PROTOCOL.md §8.1)
    const SMALL_ROOM: usize = 16;
    /// With how many one speaks alone
    const SPOKEN_TO: usize = 16;

    /// Whoever has this key, noticed now if not before; `None` if there are too many
    pub(super) fn notice(
        &mut self,
        key: PeerKey,
        (now, rounds): (Duration, usize),
        from: SocketAddr,
        incarnation: u64,
    ) -> Option<&mut Seen> {
        if !self.seen.contains_key(&key) {
            if self.order.len() >= Self::MOST {
                return None;
            }
            self.order.push(key);
        }
        let seen = self.seen.entry(key).or_insert_with(|| Seen::new(now, rounds, from, incarnation));
        seen.addr = from;
        if seen.incarnation != incarnation {
            (seen.incarnation, seen.started) = (incarnation, now);
        }
        Some(seen)
    }

    pub(super) fn find(&mut self, key: &PeerKey) -> Option<&mut Seen> {
        self.seen.get_mut(key)
    }

    pub(super) fn has(&self, key: &PeerKey) -> bool {
        self.seen.contains_key(key)
    }

    /// It has left
    pub(super) fn forget(&mut self, key: &PeerKey) {
        self.order.retain(|other| other != key);
        self.seen.remove(key);
    }

    /// Those with whom one speaks alone
    pub(super) fn spoken_to(&mut self) -> impl Iterator<Item = (PeerKey, &mut Seen)> {
        let few = &self.order[..self.order.len().min(Self::SPOKEN_TO)];
        self.seen.iter_mut().filter(|(key, _)| few.contains(key)).map(|(key, seen)| (*key, seen))
    }

    /// What is known of everybody, in the order in which they were noticed
    pub(super) fn facts(&self, circumstances: Circumstances<'_>) -> Vec<PeerFacts> {
        let most = self.seen.values().map(|seen| usize::try_from(seen.members).unwrap_or(usize::MAX));
        let is_crowded = most.max().unwrap_or(0).max(self.seen.len()) >= Self::SMALL_ROOM;
        let everybody = self.order.iter().filter_map(|key| Some((key, self.seen.get(key)?)));
        everybody.map(|(key, seen)| seen.facts(key, is_crowded, circumstances)).collect()
    }
}

impl Seen {
    fn new(since: Duration, rounds_before: usize, addr: SocketAddr, incarnation: u64) -> Self {
        Self {
            addr,
            pings: Pings::default(),
            is_spoken_to: false,
            name: None,
            incarnation,
            started: since,
            is_new: false,
            members: 0,
            since,
            rounds_before,
            heard: 0,
            early: BTreeSet::new(),
            late: BTreeSet::new(),
            is_reached: false,
        }
    }

    /// It said who it is
    pub(super) fn on_announce(&mut self, announce: &Announce) {
        self.name = Some(announce.name.as_str().into());
        self.members = announce.members;
    }

    /// It was heard by broadcast, and asked everybody to answer or not
    pub(super) fn on_broadcast(&mut self, solicits: bool) {
        self.heard += 1;
        self.is_new |= solicits;
    }

    /// It answered the broadcast of this round
    pub(super) fn on_answer(&mut self, round: usize) {
        if self.is_spoken_to {
            self.late.insert(round)
        } else {
            self.early.insert(round)
        };
    }

    /// It answered something that was sent to it alone
    pub(super) fn on_reached(&mut self) {
        self.is_reached = true;
    }

    /// Whether it is yet to be asked who it is
    pub(super) fn is_stranger(&self) -> bool {
        self.name.is_none() || !self.is_reached
    }

    fn facts(&self, key: &PeerKey, is_crowded: bool, circumstances: Circumstances<'_>) -> PeerFacts {
        let Circumstances { looked, rounds: (early, all), began, own, configured } = circumstances;
        let is_one_of = |addresses: &[Ipv4Addr]| match self.addr.ip() {
            IpAddr::V4(ip) => addresses.contains(&ip),
            IpAddr::V6(_) => false,
        };
        // Who started since then heard none of the rounds before; their clock may be behind.
        let heard_early = match self.incarnation < began {
            true if self.is_new => early.saturating_sub(self.rounds_before),
            true => early,
            false => 0,
        };
        let noticed = began.saturating_add(u64::try_from(self.started.as_millis()).unwrap_or(u64::MAX));
        let late = self.late.iter().filter(|round| **round >= early).count();
        PeerFacts {
            id: key.id().as_uuid(),
            name: self.name.clone(),
            addr: self.addr,
            is_own: is_one_of(own) && !self.addr.ip().is_loopback(),
            is_configured: is_one_of(configured),
            is_crowded,
            watched: looked.saturating_sub(self.since),
            heard: self.heard,
            early: tries(heard_early, self.early.len()),
            late: tries(all - self.rounds_before.max(early).min(all), late),
            is_reached: self.is_reached,
            loss: self.pings.loss(),
            ahead: Duration::from_millis(self.incarnation.saturating_sub(noticed)),
        }
    }
}

fn tries(made: usize, worked: usize) -> Tries {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Tries { made: count(made.max(worked)), worked: count(worked) }
}
