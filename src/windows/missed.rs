use std::path::Path;

use lanchat_protocol::Room;
use tracing::warn;

use super::carried::{Carried, MAX_SHOWN};
use crate::{
    event::Event,
    house::Happening,
    recall,
    store::{History, Query},
};

/// What was kept in a room and not shown, which is shown now
pub(super) fn missed(directory: &Path, room: &Room, carried: &mut Carried) -> Vec<Happening> {
    let kept = kept(directory, room);
    let missed = carried.missed(room.name().as_str(), kept);
    let happenings = missed.into_iter().map(|event| Happening { room: room.name().to_string(), event });
    happenings.filter_map(|mut happening| carried.admits(&mut happening).then_some(happening)).collect()
}

/// What there is before a window comes is no news
pub(super) fn knows_kept(directory: &Path, room: &Room, carried: &mut Carried) {
    kept(directory, room).iter().for_each(|event| carried.knows(room.name().as_str(), event));
}

fn kept(directory: &Path, room: &Room) -> Vec<Event> {
    let query = Query { limit: Some(MAX_SHOWN / 2), ..Query::default() };
    let said = History::open(directory, room)
        .and_then(|history| history.map_or_else(|| Ok(Vec::new()), |history| history.read(&query)));
    let said = said.inspect_err(|error| warn!(%error, "what is kept cannot be read"));
    said.unwrap_or_default().into_iter().flat_map(|said| recall::events(said, room.name().as_str())).collect()
}
