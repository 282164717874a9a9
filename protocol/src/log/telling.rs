//! What a log tells: the lines in its entries, each whole and once (PROTOCOL.md §7)

use super::{Fact, Log};
use crate::{
    KeptChange, KeptEntry, MessageId, Order,
    lines::{Line, Lines},
    wire::{Entry, EntryHash, Item, LogId},
};

impl Log {
    /// Over how many entries a line may go on: it has nine parts at most, with some entries in between that have none
    const MAX_LINE_ENTRIES: usize = 64;

    /// Tells the lines that an entry completes
    pub(super) fn tell(&mut self, entry: &Entry, hash: EntryHash) {
        if let Some(held) = self.held.get(&entry.seq) {
            self.out.push_back(Fact::Entry(KeptEntry::new(entry, hash, held.signed.clone())));
        }
        self.out.extend(entry.items.iter().filter_map(Item::name).map(Fact::Name));
        let first_text = entry.items.iter().find(|item| item.begins_line() || item.continues_line());
        if first_text.is_none_or(Item::continues_line)
            && let Some((seq, index)) = self.beginning_before(entry.seq)
        {
            self.tell_long_line(seq, index);
        }
        let mut lines = Lines::default();
        let mut begun = 0;
        for (index, item) in (0..).zip(entry.items.iter()) {
            if item.begins_line() {
                begun = index;
            }
            let id = MessageId::of_item(hash.as_bytes(), index);
            if let Some(line) = lines.push(id, entry.sent_at, item) {
                let about = entry.about_line_at(begun);
                self.tell_line(Line { about, ..line }, entry.seq, entry.lamport, begun);
            } else if let Some(change) = item.change() {
                let order = self.order(entry.seq, entry.lamport, index);
                let change = KeptChange { id, order, change, sent_at: entry.sent_at };
                self.out.push_back(Fact::Change { change, is_past: entry.seq <= self.base });
            }
        }
        if lines.is_open() {
            self.tell_long_line(entry.seq, begun);
        }
    }

    fn tell_line(&mut self, line: Line, seq: u64, lamport: u64, index: u32) {
        let order = self.order(seq, lamport, index);
        self.out.push_back(Fact::Line { line, order, is_past: seq <= self.base });
    }

    /// The last place of a line that ends, or of a change, in the entries up to the one at `seq`, if it is near
    pub(crate) fn whole_upto(&self, seq: u64) -> Option<Order> {
        for (seq, _) in (1..=seq).rev().zip(0..Self::MAX_LINE_ENTRIES) {
            let entry = self.held.get(&seq)?.signed.claim()?;
            let is_end =
                |item: &Item| matches!(item.kind, Item::TEXT | Item::TEXT_END) || item.change().is_some();
            let end = (0..).zip(entry.items.iter()).filter(|(_, item)| is_end(item)).last();
            if let Some((index, _)) = end {
                return Some(self.order(seq, entry.lamport, index));
            }
        }
        None
    }

    fn order(&self, seq: u64, lamport: u64, index: u32) -> Order {
        let LogId { author, epoch } = self.id;
        Order { lamport, author, epoch, seq, index }
    }

    /// Where the line begins that goes on in the entry at `seq`
    fn beginning_before(&self, seq: u64) -> Option<(u64, u32)> {
        for (seq, _) in (1..seq).rev().zip(1..Self::MAX_LINE_ENTRIES) {
            let entry = self.held.get(&seq)?.signed.claim()?;
            for (index, item) in entry.items.iter().enumerate().rev() {
                match item.kind {
                    Item::TEXT_BEGIN => return Some((seq, u32::try_from(index).ok()?)),
                    Item::TEXT | Item::TEXT_END => return None,
                    _ => {}
                }
            }
        }
        None
    }

    /// Tells the line that begins at this item and goes on in later entries, once all of it is here
    fn tell_long_line(&mut self, seq: u64, index: u32) {
        let Some(held) = self.held.get(&seq).filter(|held| !held.is_open_line_told) else { return };
        let lamport = held.lamport;
        let Some(line) = self.long_line(seq, index) else { return };
        if let Some(held) = self.held.get_mut(&seq) {
            held.is_open_line_told = true;
        }
        self.tell_line(line, seq, lamport, index);
    }

    fn long_line(&self, seq: u64, index: u32) -> Option<Line> {
        let beginning = self.held.get(&seq)?;
        let id = MessageId::of_item(beginning.hash.as_bytes(), index);
        let about = beginning.signed.claim()?.about_line_at(index);
        let mut lines = Lines::default();
        let mut sent_at = None;
        for seq in (seq..=u64::MAX).take(Self::MAX_LINE_ENTRIES) {
            let entry = self.held.get(&seq)?.signed.claim()?;
            let sent_at = *sent_at.get_or_insert(entry.sent_at);
            let skipped = if lines.is_open() { 0 } else { usize::try_from(index).unwrap_or(usize::MAX) };
            for item in entry.items.iter().skip(skipped) {
                if lines.is_open() && item.begins_line() {
                    return None;
                }
                let line = lines.push(id, sent_at, item);
                if line.is_some() || !lines.is_open() {
                    return line.map(|line| Line { about, ..line });
                }
            }
        }
        None
    }
}
