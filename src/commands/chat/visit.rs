use lanchat_protocol::RoomId;
use tokio::time::Instant;

use super::{EARLIER_LINES, SAYING, SETTLING};
use crate::{
    commands::{earlier::Earlier, owed::Owed},
    event::Event,
};

/// What a chat knows of one of its rooms beyond what the session does
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) id: RoomId,
    pub(super) owed: Owed,
    /// What was kept here of what was said before, until it is shown
    kept: Vec<Event>,
    /// For people; scripts get every line as it comes
    pub(super) earlier: Option<Earlier>,
    /// When whoever is here should have been found
    pub(super) settled_at: Option<Instant>,
    /// When to leave although not all is said, once one wants to
    part_at: Option<Instant>,
}

impl Visit {
    /// Where this was kept, and so many lines of before are shown, if any
    pub(super) fn new(id: RoomId, kept: Vec<Event>, shown: Option<usize>, now: Instant) -> Self {
        Self {
            id,
            owed: Owed::default(),
            kept,
            earlier: shown.map(|most| Earlier::new(most.min(EARLIER_LINES), now)),
            settled_at: Some(now + SETTLING),
            part_at: None,
        }
    }

    /// When something is due here
    pub(super) fn due(&self) -> Option<Instant> {
        let earlier = self.earlier.as_ref().and_then(Earlier::due);
        [self.settled_at, self.part_at, earlier].into_iter().flatten().min()
    }

    /// Leaves once all is said
    pub(super) fn part_soon(&mut self, now: Instant) {
        self.part_at.get_or_insert(now + SAYING);
    }

    /// Does not leave after all
    pub(super) fn stay(&mut self) {
        self.part_at = None;
    }

    /// Whether one wants to leave
    pub(super) fn is_parting(&self) -> bool {
        self.part_at.is_some()
    }

    /// Whether it is time to leave
    pub(super) fn is_to_be_left(&self, now: Instant) -> bool {
        self.part_at.is_some_and(|by| self.owed.is_paid() || by <= now)
    }

    /// What was kept here, until it is taken in
    pub(super) fn kept(&self) -> &[Event] {
        &self.kept
    }

    /// Takes in what was kept here, and gives back what is to be shown of it at once
    pub(super) fn recall(&mut self) -> Vec<Event> {
        let kept = std::mem::take(&mut self.kept);
        match &mut self.earlier {
            Some(earlier) => {
                kept.into_iter().for_each(|line| earlier.keep(line));
                Vec::new()
            }
            None => kept,
        }
    }
}
