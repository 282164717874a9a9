use alloc::collections::BTreeMap;

use crate::{
    PeerKey, Time,
    feed::{Fact, Feed, Refused},
    wire::{Dropped, Entry, Head, SignedEntry},
};

/// The logs of everyone else in the room
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    by_author: BTreeMap<PeerKey, Feed>,
}

impl Feeds {
    /// How many authors are followed; one who has nothing outstanding makes room for another
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
    pub(crate) fn insert(&mut self, now: Time, entry: Entry, signed: &SignedEntry) -> Result<(), Dropped> {
        let start = Head { epoch: entry.epoch, seq: entry.seq - 1 };
        let waiting: usize = self.by_author.values().map(Feed::waiting).sum();
        let feed = self.with(entry.author, start)?;
        if waiting >= Self::MAX_WAITING && !feed.is_next(&entry) {
            return Err(Dropped::Overflow);
        }
        feed.insert(now, entry, signed);
        Ok(())
    }

    /// `author` says that their log ends at `head`
    ///
    /// # Errors
    /// If too many authors are followed
    pub(crate) fn on_head(&mut self, now: Time, author: PeerKey, head: Head) -> Result<(), Dropped> {
        self.with(author, head)?.on_head(now, head);
        Ok(())
    }

    /// The next thing to tell, to be called until there is none
    pub(crate) fn poll_fact(&mut self) -> Option<(PeerKey, Fact)> {
        self.by_author.iter_mut().find_map(|(author, feed)| Some((*author, feed.poll_fact()?)))
    }

    /// When to stop waiting for something
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.by_author.values().filter_map(Feed::poll_timeout).min()
    }

    /// Goes on without what was waited for long enough
    pub(crate) fn handle_timeout(&mut self, now: Time) {
        for feed in self.by_author.values_mut() {
            feed.handle_timeout(now);
        }
    }

    fn with(&mut self, author: PeerKey, start: Head) -> Result<&mut Feed, Dropped> {
        if self.by_author.len() == Self::MAX_FEEDS && !self.by_author.contains_key(&author) {
            let idle = self.by_author.iter().find(|(_, feed)| feed.is_idle()).map(|(author, _)| *author);
            self.by_author.remove(&idle.ok_or(Dropped::Overflow)?);
        }
        Ok(self.by_author.entry(author).or_insert_with(|| Feed::starting_after(start)))
    }
}
