use alloc::{
    collections::{BTreeMap, VecDeque},
    vec::Vec,
};

use crate::{
    PeerKey, Time,
    feed::{Fact, Feed, Refused},
    wire::{Dropped, Entry, Head, SignedEntry},
};

/// The logs of everyone else in the room
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    by_author: BTreeMap<PeerKey, Feed>,
    waiting: usize,
    next_gap: Option<Time>,
    facts: VecDeque<(PeerKey, Fact)>,
}

impl Feeds {
    /// How many authors are followed: 8 MiB if each leaves a line unfinished
    const MAX_FEEDS: usize = 1_024;
    /// How many entries of all authors wait for others: 5 MiB
    const MAX_WAITING: usize = 4_096;

    /// Whether an entry that claims this place can be a new one: to be asked before its signature is looked at
    ///
    /// # Errors
    /// Why it is not wanted
    pub(crate) fn wants(&self, entry: &Entry) -> Result<(), Dropped> {
        let wants =
            self.by_author.get(&entry.author).map_or(Ok(()), |feed| feed.wants(entry.epoch, entry.seq));
        wants.map_err(|refused| match refused {
            Refused::Old => Dropped::Replayed,
            Refused::Ahead => Dropped::Overflow,
            Refused::Forked => Dropped::Forked,
        })
    }

    /// Takes in an entry whose signature was verified and which is [wanted](Self::wants)
    ///
    /// # Errors
    /// If too many authors are followed or too many entries wait
    pub(crate) fn insert(
        &mut self,
        now: Time,
        entry: &Entry,
        signed: SignedEntry,
        is_present: impl Fn(&PeerKey) -> bool,
    ) -> Result<(), Dropped> {
        let start = Head { epoch: entry.epoch, seq: entry.seq - 1 };
        let is_full = self.waiting >= Self::MAX_WAITING;
        let feed = self.follow(now, entry.author, start, is_present)?;
        if is_full && !feed.takes_at_once(entry) {
            return Err(Dropped::Overflow);
        }
        self.change(entry.author, |feed| feed.insert(now, entry, signed));
        Ok(())
    }

    /// `author` says that their log ends at `head`
    ///
    /// # Errors
    /// If too many authors are followed
    pub(crate) fn on_head(
        &mut self,
        now: Time,
        author: PeerKey,
        head: Head,
        is_present: impl Fn(&PeerKey) -> bool,
    ) -> Result<(), Dropped> {
        self.follow(now, author, head, is_present)?;
        self.change(author, |feed| feed.on_head(now, head));
        Ok(())
    }

    /// The next thing to tell, to be called until there is none
    pub(crate) fn poll_fact(&mut self) -> Option<(PeerKey, Fact)> {
        self.facts.pop_front()
    }

    /// When to stop waiting for something
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.next_gap
    }

    /// Goes on without what was waited for long enough
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        if self.next_gap.is_none_or(|at| now < at) {
            return;
        }
        self.next_gap = None;
        let waiting = self.by_author.iter().filter(|(_, feed)| feed.is_waiting());
        let authors: Vec<_> = waiting.map(|(author, _)| *author).collect();
        for author in authors {
            self.change(author, |feed| feed.handle_timeout(now));
        }
    }

    /// Lets something happen to a feed and notes what comes of it
    fn change(&mut self, author: PeerKey, happen: impl FnOnce(&mut Feed)) {
        let Some(feed) = self.by_author.get_mut(&author) else {
            return;
        };
        let waited = feed.waiting();
        happen(feed);
        self.waiting = self.waiting - waited + feed.waiting();
        self.next_gap = self.next_gap.into_iter().chain(feed.poll_timeout()).min();
        self.facts.extend(core::iter::from_fn(|| feed.poll_fact()).map(|fact| (author, fact)));
    }

    fn follow(
        &mut self,
        now: Time,
        author: PeerKey,
        start: Head,
        is_present: impl Fn(&PeerKey) -> bool,
    ) -> Result<&mut Feed, Dropped> {
        if self.by_author.len() == Self::MAX_FEEDS && !self.by_author.contains_key(&author) {
            self.make_room(&author, is_present)?;
        }
        Ok(self.by_author.entry(author).or_insert_with(|| Feed::starting_after(now, start)))
    }

    /// Forgets whoever has said nothing for longest, of those who are not there and have nothing outstanding; for
    /// somebody who is there, of all others, too, unless they are there and have
    fn make_room(&mut self, author: &PeerKey, is_present: impl Fn(&PeerKey) -> bool) -> Result<(), Dropped> {
        let candidates = self.by_author.iter();
        let candidates =
            candidates.map(|(key, feed)| ((is_present(key), feed.is_waiting()), feed.used(), *key));
        let (worth, _, longest_silent) = candidates.min().ok_or(Dropped::Overflow)?;
        if worth >= (is_present(author), true) {
            return Err(Dropped::Overflow);
        }
        let forgotten = self.by_author.remove(&longest_silent);
        self.waiting -= forgotten.map_or(0, |feed| feed.waiting());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Identity, Room, RoomName, Text, WallTime, journal::Journal};

    fn key(n: usize) -> PeerKey {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        PeerKey::from_bytes(bytes)
    }

    fn entries(secret: u8, count: u64) -> Vec<(Entry, SignedEntry)> {
        let (identity, room) = (Identity::from_secret([secret; 32]), Room::open(RoomName::lobby()));
        let mut journal = Journal::new(*identity.key(), 1);
        (1..=count)
            .map(|n| {
                journal.say(&Text::new("hi").unwrap(), WallTime::default());
                journal.next_entry(&identity, room.id(), n).unwrap()
            })
            .collect()
    }

    fn offer(feeds: &mut Feeds, (entry, signed): &(Entry, SignedEntry)) -> Result<(), Dropped> {
        feeds.wants(entry)?;
        feeds.insert(Time::ZERO, entry, signed.clone(), |_| false)
    }

    fn follow(feeds: &mut Feeds, now: Time, author: usize, present: usize) -> Result<(), Dropped> {
        feeds.on_head(now, key(author), Head { epoch: 1, seq: 0 }, |key| *key < self::key(present))
    }

    #[test]
    fn no_stranger_takes_the_place_of_somebody_who_is_there() {
        let mut feeds = Feeds::default();
        for n in 0..Feeds::MAX_FEEDS {
            follow(&mut feeds, Time::ZERO, n, 1_000).unwrap();
        }
        for stranger in 2_000..3_000 {
            follow(&mut feeds, Time::from_secs(1), stranger, 1_000).unwrap();
        }
        assert_eq!(feeds.by_author.len(), Feeds::MAX_FEEDS);
        assert!((0..1_000).all(|n| feeds.by_author.contains_key(&key(n))));
        for newcomer in 1_024..1_048 {
            follow(&mut feeds, Time::from_secs(2), newcomer, 1_100).unwrap();
        }
        assert_eq!(follow(&mut feeds, Time::from_secs(3), 2_000, 1_100), Err(Dropped::Overflow));
        assert_eq!(follow(&mut feeds, Time::from_secs(3), 1_050, 1_100), Ok(()), "a room of any size");
        assert_eq!(feeds.by_author.len(), Feeds::MAX_FEEDS);
    }

    #[test]
    fn what_waits_of_all_authors_together_is_counted() {
        let (ann, bob) = (entries(1, 4), entries(2, 3));
        let mut feeds = Feeds::default();
        for entry in [&ann[0], &ann[3], &bob[0], &bob[2], &bob[1]] {
            offer(&mut feeds, entry).unwrap();
        }
        assert_eq!(feeds.waiting, 1);
        assert_eq!(offer(&mut feeds, &bob[1]), Err(Dropped::Replayed));
        let due = feeds.poll_timeout().unwrap();
        feeds.handle_timeout(due);
        assert_eq!((feeds.waiting, feeds.poll_timeout()), (0, None));
        let told = core::iter::from_fn(|| feeds.poll_fact()).filter(|(_, fact)| *fact == Fact::Gap(2));
        assert_eq!(told.count(), 1);
    }
}
