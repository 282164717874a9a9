//! Everything between the sockets: who hears whom, when, and how often

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    net::SocketAddr,
    rc::Rc,
};

use fastrand::Rng;
use lanchat_protocol::{Cast, Time};

use crate::{
    HostId,
    weather::{Link, Weather},
};

/// One broadcast domain: datagrams on their way, and their fate
#[derive(Debug)]
pub(crate) struct Network {
    rng: Rng,
    weather: Weather,
    /// Directions between two hosts with a weather of their own
    exceptions: BTreeMap<(HostId, HostId), Weather>,
    links: BTreeMap<(HostId, HostId), Link>,
    /// Who cannot hear whom
    cut: BTreeSet<(HostId, HostId)>,
    on_the_way: BinaryHeap<Reverse<Arrival>>,
    copies: u64,
}

/// Something that will arrive
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrival {
    pub(crate) at: Time,
    /// Breaks ties in the order of sending
    number: u64,
    pub(crate) to: HostId,
    pub(crate) what: Rc<Parcel>,
}

/// What travels
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Parcel {
    /// A broadcast
    Broadcast { from: SocketAddr, bytes: Box<[u8]> },
    /// To one
    Unicast { from: SocketAddr, is_probe: bool, bytes: Box<[u8]> },
    /// What was sent there came to a closed port
    Refused { to: SocketAddr },
}

impl Parcel {
    fn cast(&self) -> Cast {
        match self {
            Self::Broadcast { .. } => Cast::Broadcast,
            Self::Unicast { .. } | Self::Refused { .. } => Cast::Unicast,
        }
    }
}

impl Network {
    /// Nothing on its way yet
    pub(crate) fn new(rng: Rng, weather: Weather) -> Self {
        Self {
            rng,
            weather,
            exceptions: BTreeMap::new(),
            links: BTreeMap::new(),
            cut: BTreeSet::new(),
            on_the_way: BinaryHeap::new(),
            copies: 0,
        }
    }

    /// The weather of every direction that has none of its own, for whatever is sent from here on
    pub(crate) fn set_weather(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// The weather of one direction between two hosts
    pub(crate) fn set_link(&mut self, from: HostId, to: HostId, weather: Weather) {
        self.exceptions.insert((from, to), weather);
    }

    /// What `from` sends does not reach `to`
    pub(crate) fn cut(&mut self, from: HostId, to: HostId) {
        self.cut.insert((from, to));
    }

    /// Nobody is cut off, and the same weather everywhere
    pub(crate) fn heal(&mut self) {
        self.cut.clear();
        self.exceptions.clear();
    }

    /// Sends one copy on its way, if it gets that far
    pub(crate) fn send(&mut self, now: Time, from: HostId, to: HostId, what: &Rc<Parcel>) {
        if self.cut.contains(&(from, to)) {
            return;
        }
        let weather = self.exceptions.get(&(from, to)).unwrap_or(&self.weather);
        let mut steady = Link::default();
        let link = match weather.bursts {
            Some(_) => self.links.entry((from, to)).or_default(),
            None => &mut steady,
        };
        for at in weather.arrivals(now, what.cast(), link, &mut self.rng).into_iter().flatten() {
            self.copies += 1;
            self.on_the_way.push(Reverse(Arrival { at, number: self.copies, to, what: Rc::clone(what) }));
        }
    }

    /// When the next thing arrives
    pub(crate) fn next_arrival(&self) -> Option<Time> {
        self.on_the_way.peek().map(|Reverse(arrival)| arrival.at)
    }

    /// The next thing that arrives
    pub(crate) fn arrive(&mut self) -> Option<Arrival> {
        self.on_the_way.pop().map(|Reverse(arrival)| arrival)
    }
}
