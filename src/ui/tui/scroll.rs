//! Going up and down in a conversation by rows, without laying out more than what is passed

use ratatui::text::Line as Row;

use super::{
    conversation::Anchor,
    layout::Layout,
    log::{Item, Position},
};

/// A row of the window, and whose it is
pub(super) struct Seen {
    pub(super) at: Position,
    pub(super) row: Row<'static>,
    /// How many rows of the same item are below it
    below: usize,
}

impl Layout<'_> {
    /// So many rows from the anchor upwards, the lowest first; fewer where nothing is above
    pub(super) fn upwards(&self, anchor: Option<Anchor>, count: usize) -> Vec<Seen> {
        let mut seen = Vec::with_capacity(count);
        for (at, item) in self.conversation.log.upto(anchor.map(|anchor| anchor.last)).rev() {
            let rows = self.rows(at, item);
            let skip = anchor.filter(|anchor| anchor.last == at).map_or(0, |anchor| anchor.below);
            // It may have been higher before it was folded.
            let skip = skip.min(rows.len().saturating_sub(1));
            let rows = rows.into_iter().rev().enumerate().skip(skip);
            seen.extend(rows.map(|(below, row)| Seen { at, row, below }));
            if seen.len() >= count {
                seen.truncate(count);
                break;
            }
        }
        seen
    }

    /// Where the window of this height ends when it goes up by so many rows, and whether it met the top
    pub(super) fn up(&self, height: usize, by: usize) -> (Option<Anchor>, bool) {
        let from = self.conversation.anchor;
        let seen = self.upwards(from, height + by);
        let is_top = seen.len() < height + by;
        let by = seen.len().saturating_sub(height);
        let anchor = seen.get(by).filter(|_| by > 0);
        (anchor.map(|seen| Anchor { last: seen.at, below: seen.below }).or(from), is_top)
    }

    /// The same downwards; nothing at the end
    pub(super) fn down(&self, by: usize) -> Option<Anchor> {
        let Anchor { last, below } = self.conversation.anchor?;
        if by < below {
            return Some(Anchor { last, below: below - by });
        }
        let mut left = by - below;
        let mut end = Anchor { last, below: 0 };
        for (at, item) in self.conversation.log.behind_of(last) {
            if left == 0 {
                return Some(end);
            }
            let height = self.rows(at, item).len();
            end = Anchor { last: at, below: height.saturating_sub(left) };
            left = left.saturating_sub(height);
        }
        // At the very end, the window follows what is said.
        (end.below > 0).then_some(end)
    }

    /// How many rows of an item are above a window of this height, and below it
    pub(super) fn hidden(&self, at: Position, height: usize) -> (usize, usize) {
        let seen = self.upwards(self.conversation.anchor, height);
        let rows = self.conversation.log.get(at).map_or(0, |item| self.rows(at, item).len());
        let mut seen = seen.iter().filter(|seen| seen.at == at).map(|seen| seen.below);
        let lowest = seen.next().unwrap_or_default();
        let highest = seen.next_back().unwrap_or(lowest);
        (rows.saturating_sub(highest + 1), lowest)
    }

    /// Where the window ends so that this item is seen, amid others if it was not; of one that is higher, its beginning
    ///
    /// So many rows are seen now, and that many when one looks back.
    pub(super) fn show(&self, at: Position, now: usize, height: usize) -> Option<Anchor> {
        let anchor = self.conversation.anchor;
        let seen = self.upwards(anchor, now);
        let rows = self.conversation.log.get(at).map_or(0, |item: &Item| self.rows(at, item).len());
        if seen.iter().filter(|seen| seen.at == at).count() >= rows.min(now) {
            return anchor;
        }
        let mut end = Anchor { last: at, below: rows.saturating_sub(height) };
        if end.below > 0 {
            return Some(end);
        }
        let mut left = height / 2;
        for (next, item) in self.conversation.log.behind_of(at) {
            if left == 0 {
                return Some(end);
            }
            let height = self.rows(next, item).len();
            end = Anchor { last: next, below: height.saturating_sub(left) };
            left = left.saturating_sub(height);
        }
        (end.below > 0).then_some(end)
    }
}
