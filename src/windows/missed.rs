use std::path::Path;

use lanchat_protocol::{Order, Room};
use tracing::warn;

use super::carried::Carried;
use crate::{
    event::Event,
    house::Happening,
    recall,
    store::{History, Kind, Query, Said},
};

/// How many lines are read at once, more than can be on their way
const PAGE: usize = 4_096;
/// How many times: whoever was away for more of it has the history
const MAX_PAGES: usize = 16;

/// What was kept in a room and not shown, which is shown now
pub(super) fn missed(directory: &Path, room: &Room, carried: &mut Carried) -> Vec<Happening> {
    let name = room.name().as_str();
    let (mut kept, mut before) = (Vec::new(), None);
    for _ in 0..MAX_PAGES {
        let page = page(directory, room, before);
        let first = page.iter().find_map(place);
        let events = events(page, name);
        let is_known = carried.knows_any(name, &events);
        kept.splice(0..0, events);
        before = first.filter(|_| !is_known);
        if before.is_none() {
            break;
        }
    }
    let missed = carried.missed(name, kept);
    let happenings = missed.into_iter().map(|event| Happening { room: name.to_owned(), event });
    happenings.filter_map(|mut happening| carried.admits(&mut happening).then_some(happening)).collect()
}

/// What there is before a window comes is no news
pub(super) fn knows_kept(directory: &Path, room: &Room, carried: &mut Carried) {
    let name = room.name().as_str();
    events(page(directory, room, None), name).iter().for_each(|event| carried.knows(name, event));
}

fn events(said: Vec<Said>, room: &str) -> Vec<Event> {
    said.into_iter().flat_map(|said| recall::events(said, room)).collect()
}

fn place(said: &Said) -> Option<Order> {
    if let Kind::Line { order } = said.kind { Some(order) } else { None }
}

fn page(directory: &Path, room: &Room, before: Option<Order>) -> Vec<Said> {
    let query = Query { limit: Some(PAGE), before, ..Query::default() };
    let said = History::open(directory, room)
        .and_then(|history| history.map_or_else(|| Ok(Vec::new()), |history| history.read(&query)));
    said.inspect_err(|error| warn!(%error, "what is kept cannot be read")).unwrap_or_default()
}
