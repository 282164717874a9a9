//! Finding a text in a conversation, from the newest line upwards

use super::{
    conversation::Conversation,
    line::Line,
    log::{Item, Position},
    wrap::find_all,
};

/// What is looked for, and where it was found last
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    pub(super) wanted: Line,
    pub(super) at: Option<Position>,
    /// Whether it goes on when older lines have come
    pub(super) is_waiting: bool,
    /// Whether there is nothing that was not seen
    pub(super) is_over: bool,
}

impl Search {
    /// The next older item that has it
    pub(super) fn older(&self, conversation: &Conversation) -> Option<Position> {
        let mut items = conversation.log.upto(self.at).rev();
        items.find(|(at, item)| Some(*at) != self.at && self.is_in(item)).map(|(at, _)| at)
    }

    /// The next newer one
    pub(super) fn newer(&self, conversation: &Conversation) -> Option<Position> {
        let mut items = conversation.log.behind_of(self.at?);
        items.find(|(_, item)| self.is_in(item)).map(|(at, _)| at)
    }

    fn is_in(&self, item: &Item) -> bool {
        let Item::Said(said) = item else { return false };
        let wanted = self.wanted.text();
        let has = |text: &str| !find_all(text, wanted).is_empty();
        !wanted.is_empty() && said.says().is_some_and(|text| has(text.as_written()))
    }
}
