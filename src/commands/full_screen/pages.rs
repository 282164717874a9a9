//! What was said before, read beside whoever writes and whoever draws

use std::path::Path;

use lanchat_protocol::Room;

use crate::{
    event::Event,
    recall,
    store::{History, Query, whispers_with},
    ui::tui::Older,
};

/// The lines that were asked for, each followed by what is under it; none if they cannot be read
pub(super) fn read(directory: &Path, room: &Room, older: &Older) -> Vec<Event> {
    let query = Query {
        only_lines: true,
        before: older.before.map(Into::into),
        limit: Some(older.count),
        ..Query::default()
    };
    let said = match older.with {
        Some(id) => whispers_with(directory, id, older.count),
        None => History::open(directory, room).and_then(|history| match history {
            Some(history) => history.read(&query),
            None => Ok(Vec::new()),
        }),
    };
    let said = said.inspect_err(|error| tracing::warn!(%error, "what was said before cannot be shown"));
    said.unwrap_or_default().into_iter().flat_map(|said| recall::events(said, &older.room)).collect()
}
