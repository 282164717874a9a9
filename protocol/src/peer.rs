use core::{
    cmp::Reverse,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use crate::{
    Away, KeptPeer, KnownPeer, Name, PeerId, PeerInfo, PeerKey, Time, WhisperKey,
    liveness::Liveness,
    replay::ReplayWindow,
    wire::{Announce, Dropped, Heartbeat, Link, Place, Pulse},
};

/// Somebody in the room, or who was
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) id: PeerId,
    pub(crate) name: Name,
    /// Where their datagrams come from, and ours to them go
    pub(crate) addr: SocketAddr,
    /// How many others they know of
    pub(crate) members: u32,
    /// To whom whispers for them are sealed, once they said it
    pub(crate) whisper_key: Option<WhisperKey>,
    /// How the person is away, if they are
    pub(crate) away: Option<Away>,
    presence: Presence,
    incarnation: u64,
    window: ReplayWindow,
    /// The counter of the latest announcement that was taken in
    announced: u64,
    addr_heard: Time,
    /// When they were first heard of
    since: Time,
    /// Whether this run of theirs answered something of this node's, so that they are no recording
    is_proven: bool,
    /// When they were last asked to announce themselves, though they are known
    asked: Time,
    /// When as much about them may be news at once again as any
    news: Time,
    /// What their heartbeats repeat
    repeated: Option<Repeated>,
}

#[derive(Clone, Debug)]
struct Repeated {
    announce: Announce,
    interval: Duration,
    /// The link that was shown last as far as is known, and its place
    link: Link,
    place: u16,
}

impl Repeated {
    /// Whether this is the link at this place, one of those up to the last that was shown
    fn was_shown(&self, place: u16, link: Link) -> bool {
        self.place.checked_sub(place).is_some_and(|places| self.link.on(places) == link)
    }

    /// Whether this is the link at this place, one of those beyond the last that was shown
    fn is_followed_by(&self, place: u16, link: Link) -> bool {
        place > self.place && link.on(place - self.place) == self.link
    }
}

#[derive(Clone, Debug)]
enum Presence {
    Present(Liveness),
    Gone(Time),
    Left(Time),
    /// Known from an earlier run of this node, and not heard in this one
    Remembered,
}

impl Peer {
    /// When somebody who is back is to be heard again, until they say it themselves
    const UNKNOWN_INTERVAL: Duration = Duration::from_secs(1);

    /// Somebody whose first announcement, at this place, is about to be taken in
    pub(crate) fn new(now: Time, from: SocketAddr, key: &PeerKey, place: Place, announce: &Announce) -> Self {
        Self {
            id: key.id(),
            name: announce.name.clone(),
            addr: from,
            members: announce.members,
            whisper_key: announce.whisper_key(),
            away: None,
            presence: Presence::Gone(now),
            incarnation: place.incarnation,
            window: ReplayWindow::starting_with(place.counter),
            announced: place.counter,
            addr_heard: now,
            since: now,
            is_proven: false,
            asked: Time::ZERO,
            news: Time::ZERO,
            repeated: None,
        }
    }

    /// Somebody of whom an earlier run heard
    pub(crate) fn remembered(kept: &KeptPeer) -> Self {
        Self {
            id: kept.key.id(),
            name: kept.name.clone(),
            addr: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            members: 0,
            whisper_key: None,
            away: None,
            presence: Presence::Remembered,
            incarnation: kept.incarnation,
            window: ReplayWindow::starting_with(0),
            announced: 0,
            addr_heard: Time::ZERO,
            since: Time::ZERO,
            is_proven: false,
            asked: Time::ZERO,
            news: Time::ZERO,
            repeated: None,
        }
    }

    /// What is to be kept of them
    pub(crate) fn kept(&self, key: PeerKey) -> KeptPeer {
        KeptPeer { key, name: self.name.clone(), incarnation: self.incarnation }
    }

    /// Who they are
    pub(crate) fn known(&self) -> KnownPeer {
        KnownPeer { id: self.id, name: self.name.clone() }
    }

    /// Whether they are there as far as this node knows
    pub(crate) fn is_present(&self) -> bool {
        self.liveness().is_some()
    }

    /// Who and where they are
    pub(crate) fn info(&self) -> PeerInfo {
        PeerInfo { id: self.id, name: self.name.clone(), addr: self.addr }
    }

    /// Whether the latest run of their program that was heard of is the one with this incarnation
    pub(crate) fn is_run(&self, incarnation: u64) -> bool {
        incarnation == self.incarnation
    }

    /// Whether it is known in this run of the node where they are, if they are there
    pub(crate) fn was_heard(&self) -> bool {
        !matches!(self.presence, Presence::Remembered)
    }

    /// Whether a frame at this place can be a new one
    pub(crate) fn admits(&self, place: Place) -> bool {
        if !self.is_run(place.incarnation) {
            return place.incarnation > self.incarnation;
        }
        !matches!(self.presence, Presence::Left(_)) && self.window.is_new(place.counter)
    }

    /// How sure it is that they are there; `None` if they are not
    pub(crate) fn liveness(&self) -> Option<&Liveness> {
        match &self.presence {
            Presence::Present(liveness) => Some(liveness),
            Presence::Gone(_) | Presence::Left(_) | Presence::Remembered => None,
        }
    }

    /// How sure it is that they are there; `None` if they are not
    pub(crate) fn liveness_mut(&mut self) -> Option<&mut Liveness> {
        match &mut self.presence {
            Presence::Present(liveness) => Some(liveness),
            Presence::Gone(_) | Presence::Left(_) | Presence::Remembered => None,
        }
    }

    /// Since when they are not there
    pub(crate) fn absent_since(&self) -> Option<Time> {
        match self.presence {
            Presence::Present(_) => None,
            Presence::Gone(since) | Presence::Left(since) => Some(since),
            Presence::Remembered => Some(Time::ZERO),
        }
    }

    /// Whether this announcement, of a run that may be new, may change what they are called, whether they are away, or
    /// which run it is; if it would, that is counted
    ///
    /// It changes a screen and is stored. What is too much is announced again.
    pub(crate) fn may_change(&mut self, now: Time, place: Place, announce: &Announce) -> bool {
        const BETWEEN: Duration = Duration::from_secs(1);
        const AT_ONCE: u32 = 8;
        let is_same = announce.name == self.name && announce.status().is_none_or(|away| away == self.away);
        if is_same && self.is_run(place.incarnation) {
            return true;
        }
        let may = self.news.since(now) < BETWEEN * AT_ONCE;
        if may {
            self.news = self.news.max(now) + BETWEEN;
        }
        may
    }

    /// Whether they may be asked to announce themselves, though they are known; they are then
    pub(crate) fn ask(&mut self, now: Time) -> bool {
        const RARELY: Duration = Duration::from_millis(500);
        let may = self.asked == Time::ZERO || now.since(self.asked) >= RARELY;
        if may {
            self.asked = now;
        }
        may
    }

    /// They answered something of this node's
    pub(crate) fn prove(&mut self) {
        self.is_proven = true;
    }

    /// Whether they answered something of this node's in this run of theirs
    pub(crate) fn is_proven(&self) -> bool {
        self.is_proven
    }

    /// How little is lost if they are forgotten, the least first, being one of so many of a host; `None` if they must
    /// not be
    ///
    /// Of those who have answered nothing whoever came last goes: the others have been heard again and again.
    pub(crate) fn worth(&self, of_host: usize) -> Option<(u8, Reverse<usize>, u64)> {
        let is_hearsay = !self.was_heard() && self.incarnation == 0;
        match self.absent_since() {
            Some(since) if is_hearsay || self.was_heard() && !self.is_proven => {
                Some((0, Reverse(of_host), since.as_micros()))
            }
            None if !self.is_proven => Some((1, Reverse(of_host), u64::MAX - self.since.as_micros())),
            Some(since) => Some((2, Reverse(0), since.as_micros())),
            None => None,
        }
    }

    /// A frame at this place arrived from `from`; true if their program is another run than the last
    pub(crate) fn starts(&mut self, from: SocketAddr, place: Place) -> bool {
        if place.incarnation <= self.incarnation {
            if !self.was_heard() {
                self.window = ReplayWindow::starting_with(place.counter);
                self.addr = from;
            }
            return false;
        }
        self.incarnation = place.incarnation;
        self.window = ReplayWindow::starting_with(place.counter);
        self.announced = place.counter;
        self.addr = from;
        self.is_proven = false;
        self.repeated = None;
        self.whisper_key = None;
        self.away = None;
        true
    }

    /// Takes in an announcement of the present run in a room of `members`; what they were called if it was otherwise
    ///
    /// One that was overtaken by a later one says no more than that they are there.
    pub(crate) fn on_announce(
        &mut self,
        now: Time,
        from: SocketAddr,
        counter: u64,
        announce: &Announce,
        members: usize,
    ) -> Option<Name> {
        if counter < self.announced {
            self.on_frame(now, counter, members);
            return None;
        }
        self.announced = counter;
        self.window.mark(counter);
        self.heard_at(now, from);
        self.members = announce.members;
        self.whisper_key = announce.whisper_key().or(self.whisper_key);
        if let Some(away) = announce.status() {
            self.away = away;
        }
        self.repeats(announce);
        self.announced_until(now, Duration::from_millis(announce.interval_ms.into()), members);
        let was = core::mem::replace(&mut self.name, announce.name.clone());
        (was != announce.name).then_some(was)
    }

    fn repeats(&mut self, announce: &Announce) {
        let Some(Pulse { link, place, interval_ms }) = announce.pulse() else { return };
        match self.repeated.as_mut().filter(|known| known.was_shown(place, link)) {
            // A heartbeat came first.
            Some(known) => known.announce = announce.clone(),
            None => {
                let (announce, interval) = (announce.clone(), Duration::from_millis(interval_ms.into()));
                self.repeated = Some(Repeated { announce, interval, link, place });
            }
        }
    }

    /// Takes in a heartbeat of the present run in a room of `members`; what it repeats
    ///
    /// Where it came from says nothing: an announcement, which is signed, says where they are.
    ///
    /// # Errors
    /// If it was seen before, or repeats an announcement that is not the last one known, or they are not there and
    /// come not back by it
    pub(crate) fn on_heartbeat(
        &mut self,
        now: Time,
        heartbeat: &Heartbeat,
        members: usize,
        comes_back: bool,
    ) -> Result<Announce, Dropped> {
        let is_there = self.is_present() || comes_back;
        let has_left = matches!(self.presence, Presence::Left(_));
        if heartbeat.incarnation < self.incarnation || has_left && self.is_run(heartbeat.incarnation) {
            return Err(Dropped::Replayed);
        }
        let is_known_run = self.is_run(heartbeat.incarnation);
        let known = self.repeated.as_mut().filter(|_| is_known_run).ok_or(Dropped::Stranger)?;
        if known.was_shown(heartbeat.place, heartbeat.link) {
            return Err(Dropped::Replayed);
        }
        if !known.is_followed_by(heartbeat.place, heartbeat.link) || !is_there {
            return Err(Dropped::Stranger);
        }
        (known.link, known.place) = (heartbeat.link, heartbeat.place);
        let (interval, announce) = (known.interval, known.announce.clone());
        self.announced_until(now, interval, members);
        Ok(announce)
    }

    /// Takes in any other frame of the present run in a room of `members`
    pub(crate) fn on_frame(&mut self, now: Time, counter: u64, members: usize) {
        self.window.mark(counter);
        self.on_life(now, members);
    }

    /// Takes in that they are there, in a room of `members`
    pub(crate) fn on_life(&mut self, now: Time, members: usize) {
        match self.liveness_mut() {
            Some(liveness) => liveness.heard(now, members),
            None => self.announced_until(now, Self::UNKNOWN_INTERVAL, members),
        }
    }

    /// They say that they leave in the run with this incarnation
    pub(crate) fn leave(&mut self, now: Time, incarnation: u64) {
        self.incarnation = self.incarnation.max(incarnation);
        self.presence = Presence::Left(now);
    }

    /// They have been silent for too long
    pub(crate) fn lose(&mut self, now: Time) {
        self.presence = Presence::Gone(now);
    }

    fn announced_until(&mut self, now: Time, interval: Duration, members: usize) {
        match self.liveness_mut() {
            Some(liveness) => liveness.announced(now, interval, members),
            None => self.presence = Presence::Present(Liveness::new(now, interval, members)),
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
