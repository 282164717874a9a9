//! What people did about the lines of one conversation: it counts the same whatever came first, the line or that

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{event::Event, sanitize::Unclean, view::Changes};

/// Edits, deletions and reactions, by the lines that they are about
///
/// Whether somebody may change a line is told when it is asked for, since the line may come later.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    lines: BTreeMap<Uuid, Changes>,
}

/// What others claim about lines that never come must not fill the memory
const MAX_LINES: usize = 20_000;

impl About {
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Message { id, edited: true, .. } => {
                self.lines.entry(*id).or_default().take_in(Changes::of_message(event));
            }
            Event::Edited(edited) => self.lines.entry(edited.target).or_default().edit(edited),
            Event::Deleted(deleted) => self.lines.entry(deleted.target).or_default().delete(deleted),
            Event::Reaction(reaction) => self.lines.entry(reaction.target).or_default().react(reaction),
            Event::Ready { .. }
            | Event::Alone { .. }
            | Event::Peer { .. }
            | Event::Message { .. }
            | Event::Whisper { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Topic(_)
            | Event::Typing(_)
            | Event::Holds(_)
            | Event::Received(_)
            | Event::Rooms { .. }
            | Event::Parted { .. }
            | Event::Error { .. }
            | Event::Peers { .. }
            | Event::Help { .. }
            | Event::Contact(_)
            | Event::Verify(_)
            | Event::Warning(_)
            | Event::Blocked(_)
            | Event::Raw(_)
            | Event::Datagram(_)
            | Event::Guest(_) => {}
        }
        if self.lines.len() > MAX_LINES {
            self.lines.pop_first();
        }
    }

    /// What the author of a line says instead
    pub(super) fn new_text(&self, line: Uuid, author: Uuid) -> Option<&Unclean> {
        self.lines.get(&line)?.text_of(author)
    }

    /// Whether the author of a line asked to forget it
    pub(super) fn is_deleted(&self, line: Uuid, author: Uuid) -> bool {
        self.lines.get(&line).is_some_and(|changes| changes.are_deleted_by(author))
    }

    /// What people react with, how many of them, and whether one does so oneself
    pub(super) fn reactions(&self, line: Uuid, own: Uuid) -> Vec<(&Unclean, usize, bool)> {
        let mut counts: Vec<(&Unclean, usize, bool)> = Vec::new();
        for (author, with) in self.lines.get(&line).map(Changes::reactions).into_iter().flatten() {
            match counts.iter_mut().find(|(known, ..)| *known == with) {
                Some((_, count, is_own)) => {
                    *count += 1;
                    *is_own |= author.id == own;
                }
                None => counts.push((with, 1, author.id == own)),
            }
        }
        counts
    }
}
