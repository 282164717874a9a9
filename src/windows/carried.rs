//! What a window has shown, so that nothing is shown twice or left out when another program goes on with the node

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use uuid::Uuid;

use crate::{
    event::{Deleted, DeliveryState, Edited, Event, PeerChange, Place, Reaction, Topic},
    house::Happening,
    sanitize::Unclean,
    view::View,
};

/// What was shown lately, and who should be there still
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// Of lines and of what is about them, by room
    places: BTreeMap<String, Places>,
    whispers: Ring<Uuid>,
    deliveries: BTreeMap<Uuid, (Uuid, DeliveryState)>,
    /// The last line that was shown, by room
    last: BTreeMap<String, Place>,
    /// Gaps that are shown, by room and id
    gaps: BTreeMap<(String, String), Event>,
    /// Since another program goes on: what has not been told again yet
    awaited: Option<Awaited>,
}

#[derive(Debug)]
struct Awaited {
    until: Instant,
    /// The rooms whose [`Event::Ready`] has not come again
    rooms: BTreeSet<String>,
    /// Where all was known that had been said before
    caught_up: BTreeSet<String>,
    /// Who was there, by room and id
    people: BTreeMap<(String, Uuid), Unclean>,
    gaps: BTreeSet<(String, String)>,
}

/// How long whoever was there may take to be heard by the program that goes on
const SETTLING: Duration = Duration::from_secs(5);
/// How many whispers are kept in mind, more than can be on their way
const MAX_SHOWN: usize = 8_192;
/// How many places of each room are kept in mind, some 1.5 MiB: those of the lines that are read again, and of what people
/// did about them
const MAX_PLACES: usize = 16_384;

impl Carried {
    /// Takes note of what is about to be shown; false if it is known already
    pub(super) fn admits(&mut self, happening: &mut Happening) -> bool {
        let Happening { room, event } = happening;
        self.is_no_news(room, event);
        if let Some(place) = place_of(event) {
            if !self.places.entry(room.clone()).or_default().insert(place) {
                return false;
            }
            self.on_line(room, event, place);
            return true;
        }
        if let Event::Whisper { id, state, to, own, .. } = event {
            if let (true, Some(to)) = (*own, *to) {
                let state = state.unwrap_or(DeliveryState::Queued);
                self.deliveries.entry(*id).or_insert((to, state));
            }
            return self.whispers.insert(*id);
        }
        if let Event::Delivery { id, to, state } = event {
            return self.admits_delivery(*id, *to, *state);
        }
        if let Event::Gap { id, missing, .. } = event {
            let key = (room.clone(), id.clone());
            return self.admits_gap(key, *missing, event);
        }
        if matches!(event, Event::Ready { .. }) {
            return self.awaited.as_mut().is_none_or(|awaited| !awaited.rooms.remove(room));
        }
        self.admits_peer(room, event)
    }

    /// What is known already when a window comes, and is not to be told of as missed later
    pub(super) fn knows(&mut self, room: &str, event: &Event) {
        if let Some(place) = place_of(event) {
            self.places.entry(room.to_owned()).or_default().insert(place);
            self.on_line(room, event, place);
        } else if let Event::Whisper { id, .. } = event {
            self.whispers.insert(*id);
        }
    }

    /// Another program goes on: whoever was there in these rooms should be so still; in some all was known
    pub(super) fn begin_again<'a>(
        &mut self,
        rooms: impl Iterator<Item = (&'a str, &'a View, bool)>,
        now: Instant,
    ) {
        let mut awaited = Awaited {
            until: now + SETTLING,
            rooms: BTreeSet::new(),
            caught_up: BTreeSet::new(),
            people: BTreeMap::new(),
            gaps: self.gaps.keys().cloned().collect(),
        };
        for (room, view, has_caught_up) in rooms {
            awaited.rooms.insert(room.to_owned());
            awaited.caught_up.extend(has_caught_up.then(|| room.to_owned()));
            let people = view.peers().values();
            awaited.people.extend(people.map(|peer| ((room.to_owned(), peer.id), peer.name.clone())));
        }
        self.awaited = Some(awaited);
    }

    /// When [`on_time`](Self::on_time) has something to tell
    pub(super) fn due(&self) -> Option<Instant> {
        self.awaited.as_ref().map(|awaited| awaited.until)
    }

    /// Tells who is not there any more, and which gaps are none
    pub(super) fn on_time(&mut self, now: Instant) -> Vec<Happening> {
        let Some(awaited) = self.awaited.take_if(|awaited| awaited.until <= now) else { return Vec::new() };
        let gone = awaited.people.into_iter().map(|((room, id), name)| Happening {
            room,
            event: Event::Peer { change: PeerChange::Gone, id, name, was: None, note: None, addr: None },
        });
        let mut told: Vec<Happening> = gone.collect();
        for key in awaited.gaps {
            if let Some(mut event) = self.gaps.remove(&key) {
                if let Event::Gap { missing, .. } = &mut event {
                    *missing = 0;
                }
                told.push(Happening { room: key.0, event });
            }
        }
        told
    }

    /// Of what is kept of a room, that which was stored and not shown: lines, whispers, and how far whispers came
    pub(super) fn missed(&self, room: &str, kept: Vec<Event>) -> Vec<Event> {
        let mut missed = Vec::new();
        for mut event in kept {
            if let Event::Whisper { id, own: true, state: Some(state), .. } = &event
                && let Some((to, before)) = self.deliveries.get(id)
                && rank(*before) < rank(*state)
            {
                missed.push(Event::Delivery { id: *id, to: *to, state: *state });
            }
            let is_shown = match (&event, place_of(&event)) {
                (_, Some(place)) => self.has_shown(room, place),
                (Event::Whisper { id, .. }, None) => self.whispers.has(id),
                (_, None) => true,
            };
            if is_shown {
                continue;
            }
            be_news(&mut event);
            missed.push(event);
        }
        missed
    }

    /// Whether any of this was shown, or was known when the window came
    pub(super) fn knows_any(&self, room: &str, events: &[Event]) -> bool {
        events.iter().filter_map(place_of).any(|place| self.has_shown(room, place))
    }

    fn has_shown(&self, room: &str, place: Place) -> bool {
        self.places.get(room).is_some_and(|places| places.0.contains(&place))
    }

    /// What comes late because another program had to go on is news, as if that had not happened
    fn is_no_news(&self, room: &str, event: &mut Event) {
        let Some(awaited) = &self.awaited else { return };
        let is_news = |place| match self.last.get(room) {
            Some(last) => *last < place,
            None => awaited.caught_up.contains(room),
        };
        if place_of(event).is_some_and(is_news) {
            be_news(event);
        }
    }

    fn on_line(&mut self, room: &str, event: &Event, place: Place) {
        if matches!(event, Event::Message { .. }) {
            let last = self.last.entry(room.to_owned()).or_insert(place);
            *last = place.max(*last);
        }
    }

    fn admits_peer(&mut self, room: &str, event: &mut Event) -> bool {
        let Event::Peer { change, id, name, was, .. } = event else { return true };
        let Some(awaited) = &mut self.awaited else { return true };
        let Some(before) = awaited.people.remove(&(room.to_owned(), *id)) else { return true };
        if *change != PeerChange::Joined {
            return true;
        }
        if before == *name {
            return false;
        }
        (*change, *was) = (PeerChange::Renamed, Some(before));
        true
    }

    fn admits_delivery(&mut self, id: Uuid, to: Uuid, state: DeliveryState) -> bool {
        while self.deliveries.len() > MAX_SHOWN {
            self.deliveries.pop_first();
        }
        let known = self.deliveries.get(&id);
        let is_news = known.is_none_or(|(_, before)| rank(*before) < rank(state));
        if is_news {
            self.deliveries.insert(id, (to, state));
        }
        is_news
    }

    fn admits_gap(&mut self, key: (String, String), missing: u64, event: &Event) -> bool {
        if let Some(awaited) = &mut self.awaited {
            awaited.gaps.remove(&key);
        }
        if missing == 0 {
            return self.gaps.remove(&key).is_some();
        }
        let is_news = self.gaps.get(&key) != Some(event);
        self.gaps.insert(key, event.clone());
        while self.gaps.len() > MAX_SHOWN {
            self.gaps.pop_first();
        }
        is_news
    }
}

/// Where something stands that has a place of its own
fn place_of(event: &Event) -> Option<Place> {
    if let Event::Message { order, .. }
    | Event::Edited(Edited { order, .. })
    | Event::Deleted(Deleted { order, .. })
    | Event::Reaction(Reaction { order, .. }) = event
    {
        return Some(*order);
    }
    if let Event::Topic(Topic { order, asked: false, .. }) = event { *order } else { None }
}

fn be_news(event: &mut Event) {
    if let Event::Message { past, .. }
    | Event::Edited(Edited { past, .. })
    | Event::Deleted(Deleted { past, .. })
    | Event::Reaction(Reaction { past, .. })
    | Event::Topic(Topic { past, .. }) = event
    {
        *past = false;
    } else if let Event::Whisper { past, state, .. } = event {
        (*past, *state) = (false, None);
    }
}

fn rank(state: DeliveryState) -> u8 {
    match state {
        DeliveryState::Queued => 0,
        DeliveryState::Sent => 1,
        DeliveryState::Delivered | DeliveryState::Expired => 2,
    }
}

/// The newest in the order of the transcript, however late some of them came
#[derive(Debug, Default)]
struct Places(BTreeSet<Place>);

impl Places {
    /// Whether it was not known
    fn insert(&mut self, place: Place) -> bool {
        let is_new = self.0.insert(place);
        if self.0.len() > MAX_PLACES {
            self.0.pop_first();
        }
        is_new
    }
}

/// The latest of something, of which each is known once
#[derive(Debug)]
struct Ring<T> {
    known: BTreeSet<T>,
    order: VecDeque<T>,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self { known: BTreeSet::new(), order: VecDeque::new() }
    }
}

impl<T: Ord + Clone> Ring<T> {
    /// Whether it was not known
    fn insert(&mut self, one: T) -> bool {
        if !self.known.insert(one.clone()) {
            return false;
        }
        self.order.push_back(one);
        if self.order.len() > MAX_SHOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    fn has(&self, one: &T) -> bool {
        self.known.contains(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{
        Peer,
        tests::{contract, line, past_line},
    };

    const BOB: Uuid = Uuid::from_u128(0xb0b);
    const EVE: Uuid = Uuid::from_u128(0xe7e);

    #[test]
    fn what_was_shown_is_not_shown_again_and_what_was_missed_is() {
        let mut carried = Carried::default();
        carried.knows("lobby", &past_line(1, "kept"));
        assert!(admits(&mut carried, line(2, "two")).is_some());
        let kept = (1..=3).map(|number| past_line(number, "kept")).collect();
        assert_eq!(carried.missed("lobby", kept), [line(3, "kept")]);
        assert_eq!(carried.missed("attic", vec![past_line(2, "two")]), [line(2, "two")], "another room");
        assert!(admits(&mut carried, line(2, "two")).is_none());
    }

    #[test]
    fn what_others_said_while_nobody_ran_the_node_is_news_and_what_was_long_before_is_not() {
        let mut carried = Carried::default();
        admits(&mut carried, line(5, "five"));
        assert_eq!(admits(&mut carried, past_line(6, "six")), Some(past_line(6, "six")));
        carried.begin_again([].into_iter(), Instant::now());
        assert_eq!(admits(&mut carried, past_line(7, "seven")), Some(line(7, "seven")));
        assert_eq!(admits(&mut carried, past_line(3, "three")), Some(past_line(3, "three")));
    }

    #[test]
    fn what_others_said_meanwhile_is_news_also_where_nothing_was_said_before() {
        let view = View::default();
        for has_caught_up in [true, false] {
            let mut carried = Carried::default();
            carried.begin_again([("lobby", &view, has_caught_up)].into_iter(), Instant::now());
            let told = if has_caught_up { line(1, "one") } else { past_line(1, "one") };
            assert_eq!(admits(&mut carried, past_line(1, "one")), Some(told));
        }
    }

    #[test]
    fn many_rooms_and_much_of_before_make_nothing_forgotten_that_was_shown() {
        let mut carried = Carried::default();
        let kept = || (1..=4_096).map(|number| past_line(number, "kept")).collect::<Vec<Event>>();
        let rooms: Vec<String> = (0..8).map(|number| format!("room {number}")).collect();
        for room in &rooms {
            kept().iter().for_each(|event| carried.knows(room, event));
        }
        for room in &rooms {
            assert_eq!(carried.missed(room, kept()).len(), 0, "{room}");
        }
        for number in (5_000..50_000).rev() {
            admits(&mut carried, past_line(number, "of before"));
        }
        assert_eq!(carried.missed("lobby", vec![past_line(49_999, "of before")]).len(), 0);
    }

    #[test]
    fn whoever_is_still_there_does_not_join_again_and_whoever_is_not_is_gone_in_the_end() {
        let (mut carried, now) = (Carried::default(), Instant::now());
        let mut view = View::default();
        let addr = "198.18.0.2:25253".parse().unwrap();
        let peers = vec![Peer::new(BOB, "bob", addr), Peer::new(EVE, "eve", addr)];
        view.apply(&Event::Peers { peers });
        carried.begin_again([("lobby", &view, true)].into_iter(), now);
        assert_eq!(admits(&mut carried, contract()[0].clone()), None, "ready again");
        let joined = |id, name: &str| Event::Peer {
            change: PeerChange::Joined,
            id,
            name: name.into(),
            was: None,
            note: None,
            addr: Some(addr),
        };
        assert_eq!(admits(&mut carried, joined(BOB, "bob")), None);
        assert!(admits(&mut carried, joined(Uuid::nil(), "kim")).is_some());
        assert!(carried.on_time(now).is_empty());
        let gone = carried.on_time(now + SETTLING);
        let is_eve =
            |told: &Happening| matches!(told.event, Event::Peer { change: PeerChange::Gone, id: EVE, .. });
        assert!(gone.len() == 1 && is_eve(&gone[0]), "{gone:?}");
        assert!(admits(&mut carried, joined(BOB, "bob")).is_some(), "long after");
    }

    #[test]
    fn whoever_took_another_name_meanwhile_is_renamed() {
        let mut carried = Carried::default();
        let mut view = View::default();
        let addr = "198.18.0.2:25253".parse().unwrap();
        view.apply(&Event::Peers { peers: vec![Peer::new(BOB, "bob", addr)] });
        carried.begin_again([("lobby", &view, true)].into_iter(), Instant::now());
        let joined = Event::Peer {
            change: PeerChange::Joined,
            id: BOB,
            name: "rob".into(),
            was: None,
            note: None,
            addr: Some(addr),
        };
        let Some(Event::Peer { change, was, .. }) = admits(&mut carried, joined) else { panic!("not told") };
        assert_eq!((change, was), (PeerChange::Renamed, Some("bob".into())));
    }

    #[test]
    fn a_whisper_goes_on_from_where_it_was_and_what_came_of_it_is_told() {
        let mut carried = Carried::default();
        let to = Uuid::from_u128(0xb);
        let (id, state) = (Uuid::from_u128(7), |state| Event::Delivery { id: Uuid::from_u128(7), to, state });
        let mut echo = contract()[7].clone();
        if let Event::Whisper { id: of, to: whom, .. } = &mut echo {
            (*of, *whom) = (id, Some(to));
        }
        let mut kept = echo.clone();
        if let Event::Whisper { past, state, .. } = &mut kept {
            (*past, *state) = (true, Some(DeliveryState::Delivered));
        }
        assert!(admits(&mut carried, echo.clone()).is_some());
        assert!(admits(&mut carried, echo).is_none());
        assert!(admits(&mut carried, state(DeliveryState::Sent)).is_some());
        assert!(admits(&mut carried, state(DeliveryState::Queued)).is_none());
        assert_eq!(carried.missed("lobby", vec![kept]), [state(DeliveryState::Delivered)]);
    }

    #[test]
    fn a_gap_is_told_again_only_if_it_changed_and_is_closed_if_nobody_speaks_of_it_any_more() {
        let (mut carried, now) = (Carried::default(), Instant::now());
        let gap = contract().into_iter().find(|event| matches!(event, Event::Gap { .. })).unwrap();
        assert!(admits(&mut carried, gap.clone()).is_some());
        carried.begin_again([].into_iter(), now);
        assert!(admits(&mut carried, gap).is_none());
        assert!(carried.on_time(now + SETTLING).is_empty());
        carried.begin_again([].into_iter(), now);
        let closed = carried.on_time(now + SETTLING);
        assert!(
            matches!(&closed[..], [Happening { event: Event::Gap { missing: 0, .. }, .. }]),
            "{closed:?}"
        );
    }

    fn admits(carried: &mut Carried, event: Event) -> Option<Event> {
        let mut happening = Happening { room: "lobby".into(), event };
        carried.admits(&mut happening).then_some(happening.event)
    }
}
