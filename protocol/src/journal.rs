use alloc::{collections::VecDeque, vec::Vec};

use crate::{
    Identity, Name, OwnTip, PeerKey, RoomId, Text, WallTime,
    wire::{
        Entry, EntryHash, Head, Item, MAX_ENTRY_BYTES, MAX_ITEM_BYTES, MAX_ITEMS, SignedEntry, bounded::List,
    },
};

/// This node's own log: what was said here becomes signed entries, each chained to the one before (PROTOCOL.md §7)
///
/// Items that queue up before an entry is made share it, so that a burst costs few signatures and full datagrams,
/// and a lone line none of the wait.
#[derive(Debug)]
pub(crate) struct Journal {
    author: PeerKey,
    head: Head,
    prev: EntryHash,
    queue: VecDeque<(Item, WallTime)>,
    name: Option<Item>,
    /// After how many entries the name is said again
    name_in: u64,
}

impl Journal {
    /// How often the name is said, in entries: whoever has some of the log knows whose it is
    const NAME_EVERY: u64 = 50;

    /// An empty log
    pub(crate) fn new(author: PeerKey, epoch: u64) -> Self {
        Self {
            author,
            head: Head { epoch, seq: 0 },
            prev: EntryHash::default(),
            queue: VecDeque::new(),
            name: None,
            name_in: 0,
        }
    }

    /// A log that is gone on with
    pub(crate) fn resume(author: PeerKey, tip: OwnTip) -> Self {
        let head = Head { epoch: tip.epoch, seq: tip.seq };
        Self { author, head, prev: tip.hash, queue: VecDeque::new(), name: None, name_in: 0 }
    }

    /// What the author is called from here on; it goes along with what is said
    pub(crate) fn introduce(&mut self, name: &Name) {
        self.name = Item::from_name(name);
        self.name_in = 0;
    }

    /// Begins another log: this one may have been gone on with elsewhere, or its end was lost
    pub(crate) fn start_epoch(&mut self, epoch: u64) {
        self.head = Head { epoch, seq: 0 };
        self.prev = EntryHash::default();
        self.name_in = 0;
    }

    /// The end of the log, sent or not
    pub(crate) fn head(&self) -> Head {
        self.head
    }

    /// Whether something waits to be made an entry
    pub(crate) fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Queues a line
    pub(crate) fn say(&mut self, text: &Text, sent_at: WallTime) {
        self.queue(Item::from_text(text), sent_at);
    }

    /// Queues items
    pub(crate) fn queue(&mut self, items: impl IntoIterator<Item = Item>, sent_at: WallTime) {
        self.queue.extend(items.into_iter().map(|item| (item, sent_at)));
    }

    /// Makes an entry of what is queued, or of as much as fits into one
    pub(crate) fn next_entry(
        &mut self,
        identity: &Identity,
        room: &RoomId,
        lamport: u64,
    ) -> Option<(Entry, SignedEntry)> {
        let (_, sent_at) = *self.queue.front()?;
        let mut room_left = MAX_ENTRY_BYTES - Entry::OVERHEAD_BYTES;
        let fitting = self
            .queue
            .iter()
            .take(MAX_ITEMS)
            .take_while(|(item, _)| match room_left.checked_sub(item.encoded_bytes()) {
                Some(left) => {
                    room_left = left;
                    true
                }
                None => false,
            })
            .count();
        let fitting = self.without_marker_at_end(fitting);
        let mut items: Vec<_> = self.queue.drain(..fitting).map(|(item, _)| item).collect();
        self.name_in = self.name_in.saturating_sub(1);
        let has_room = |name: &&Item| items.len() < MAX_ITEMS && name.encoded_bytes() <= room_left;
        if self.name_in == 0
            && let Some(name) = self.name.as_ref().filter(has_room).cloned()
        {
            items.push(name);
            self.name_in = Self::NAME_EVERY;
        }
        let entry = Entry {
            author: self.author,
            epoch: self.head.epoch,
            seq: self.head.seq + 1,
            prev: self.prev,
            lamport,
            sent_at,
            items: List::new(items)?,
        };
        let signed = SignedEntry::sign(&entry, identity, room)?;
        self.head.seq = entry.seq;
        self.prev = signed.hash();
        Some((entry, signed))
    }

    /// How many of the first `fitting` items are to be taken, so that what is said of a line goes with it
    fn without_marker_at_end(&self, fitting: usize) -> usize {
        let is_marker = |place: usize| self.queue.get(place).is_some_and(|(item, _)| item.about().is_some());
        let kept = (0..fitting).rev().find(|place| !is_marker(*place)).map_or(0, |place| place + 1);
        if kept == 0 || fitting == self.queue.len() { fitting } else { kept }
    }
}

/// What is said before a line stands in one entry with the line's beginning
const _: () = assert!(
    Entry::OVERHEAD_BYTES + Item::OVERHEAD_BYTES + MARKER_BYTES + Item::OVERHEAD_BYTES + MAX_ITEM_BYTES
        <= MAX_ENTRY_BYTES
);
const MARKER_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use super::*;
    use crate::{About, MessageId, Room, RoomName};

    fn drain(journal: &mut Journal) -> Vec<(Entry, SignedEntry)> {
        let (identity, room) = (Identity::from_secret([1; 32]), Room::open(RoomName::lobby()));
        core::iter::from_fn(|| journal.next_entry(&identity, room.id(), 1)).collect()
    }

    fn line(text: &str) -> Text {
        Text::new(text).unwrap()
    }

    fn journal() -> Journal {
        Journal::new(*Identity::from_secret([1; 32]).key(), 5)
    }

    #[test]
    fn entries_are_numbered_from_one_and_chained() {
        let mut journal = journal();
        let mut entries = Vec::new();
        for n in 0..3 {
            journal.say(&line(&format!("line {n}")), WallTime::default());
            entries.extend(drain(&mut journal));
        }
        assert_eq!(journal.head(), Head { epoch: 5, seq: 3 });
        assert_eq!(entries[0].0.prev, EntryHash::default());
        for pair in entries.windows(2) {
            assert_eq!(pair[1].0.seq, pair[0].0.seq + 1);
            assert_eq!(pair[1].0.prev, pair[0].1.hash());
        }
    }

    #[test]
    fn lines_that_queued_up_share_entries_in_order() {
        let mut journal = journal();
        for n in 0..1_000 {
            journal.say(&line(&format!("{n:0100}")), WallTime::default());
        }
        let entries = drain(&mut journal);
        assert!(entries.len() <= 120, "{} entries for 1,000 lines of 100 bytes", entries.len());
        let said: Vec<_> = entries.iter().flat_map(|(entry, _)| entry.items.iter()).collect();
        assert_eq!(said.len(), 1_000);
        for (n, item) in said.iter().enumerate() {
            assert_eq!(&*item.body, format!("{n:0100}").as_bytes());
        }
    }

    #[test]
    fn tiny_lines_fill_an_entry_up_to_its_bound_of_items() {
        let mut journal = journal();
        for _ in 0..100 {
            journal.say(&line("x"), WallTime::default());
        }
        let counts: Vec<_> = drain(&mut journal).iter().map(|(entry, _)| entry.items.len()).collect();
        assert_eq!(counts, [64, 36]);
    }

    #[test]
    fn what_is_written_can_be_read_whatever_it_is_made_of() {
        for length in 1..=MAX_ITEM_BYTES {
            let mut journal = journal();
            let text = "x".repeat(length);
            (0..=MAX_ITEMS).for_each(|_| journal.say(&line(&text), WallTime::default()));
            for (entry, signed) in drain(&mut journal).into_iter().take(2) {
                assert_eq!(signed.claim(), Some(entry), "lines of {length} bytes");
            }
        }
    }

    #[test]
    fn the_longest_line_is_said_in_several_entries() {
        let mut journal = journal();
        journal.say(&line(&"x".repeat(Text::MAX_BYTES)), WallTime::default());
        assert_eq!(drain(&mut journal).len(), Text::MAX_BYTES.div_ceil(MAX_ITEM_BYTES));
    }

    #[test]
    fn what_a_line_is_about_stands_in_the_entry_in_which_it_begins() {
        let target = MessageId::from_uuid(uuid::Uuid::from_u128(7));
        for (length, fill) in [(1, 63), (900, 1), (900, 63), (8_000, 0), (8_000, 2)] {
            let mut journal = journal();
            (0..fill).for_each(|_| journal.say(&line("x"), WallTime::default()));
            for about in [About::Reply(target), About::Edit(target)] {
                let items = Item::from_text(&line(&"y".repeat(length)));
                journal.queue(Item::from_about(about).into_iter().chain(items), WallTime::default());
            }
            let entries = drain(&mut journal);
            let abouts = entries.iter().flat_map(|(entry, _)| {
                let items = (0..).zip(entry.items.iter()).filter(|(_, item)| item.begins_line());
                items.filter_map(|(index, _)| entry.about_line_at(index)).collect::<Vec<_>>()
            });
            let abouts: Vec<_> = abouts.collect();
            assert_eq!(abouts, [About::Reply(target), About::Edit(target)], "{fill} before {length} bytes");
        }
    }
}
