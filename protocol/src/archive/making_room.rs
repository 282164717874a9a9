//! Which log goes when there are too many (PROTOCOL.md §8.3)

use core::time::Duration;

use super::{Archive, Worth};
use crate::{
    PeerKey, Time,
    log::Log,
    wire::{Dropped, LogId},
};

impl Archive {
    /// How long nobody looks again where nothing was found that could go: a look takes as long as twenty signatures
    const LOOK_AGAIN: Duration = Duration::from_millis(100);

    /// The log with this name, a new one if there is room for it
    pub(super) fn follow(
        &mut self,
        now: Time,
        id: LogId,
        has_entry: bool,
        is_present: impl Fn(&PeerKey) -> bool,
    ) -> Result<&mut Log, Dropped> {
        if !self.logs.contains_key(&id) {
            if self.logs_of.get(&id.author).is_some_and(|count| *count >= Self::MAX_LOGS_OF_ONE) {
                let (first, last) = (LogId { epoch: 0, ..id }, LogId { epoch: u64::MAX, ..id });
                let oldest = self.logs.range(first..=last).next().map(|(id, _)| *id);
                oldest.into_iter().for_each(|oldest| self.remove(oldest));
            }
            if self.logs.len() >= Self::MAX_LOGS {
                self.make_room(now, &id, has_entry, is_present)?;
            }
        }
        Ok(self.open(now, id))
    }

    pub(super) fn open(&mut self, now: Time, id: LogId) -> &mut Log {
        self.logs.entry(id).or_insert_with(|| {
            *self.logs_of.entry(id.author).or_default() += 1;
            Log::new(id, now)
        })
    }

    /// Lets go of a log: of empty ones before others, of the absent before the present, whichever was silent longest;
    /// at last of one of whoever has most
    ///
    /// Nobody who is not there displaces anything that is kept, and nobody does who only announces something.
    fn make_room(
        &mut self,
        now: Time,
        newcomer: &LogId,
        has_entry: bool,
        is_present: impl Fn(&PeerKey) -> bool,
    ) -> Result<(), Dropped> {
        let bar = match (has_entry, is_present(&newcomer.author)) {
            (false, false) => (false, true),
            (false, true) | (true, false) => (true, false),
            (true, true) => (true, true),
        };
        let has_right = bar == (true, true);
        let greedy = self.greediest(&newcomer.author).filter(|_| has_right);
        if greedy.is_none() && self.no_room.is_some_and(|(until, least)| now < until && least >= bar) {
            return Err(Dropped::Overflow);
        }
        let worth = |id: &LogId, log: &Log| -> Worth { (log.len() > 0, is_present(&id.author)) };
        let candidates = self.logs.iter().map(|(id, log)| (worth(id, log), log.used(), *id));
        let (least, _, id) = candidates.min().ok_or(Dropped::Overflow)?;
        if least < bar {
            self.remove(id);
            return Ok(());
        }
        self.no_room = Some((now + Self::LOOK_AGAIN, least));
        let of_greedy = self.logs.iter().filter(|(id, _)| greedy == Some(id.author));
        let oldest = of_greedy.min_by_key(|(id, log)| (log.used(), **id)).map(|(id, _)| *id);
        self.remove(oldest.ok_or(Dropped::Overflow)?);
        Ok(())
    }

    /// Who has most logs, if that is so many more than this author has that one of them can go
    fn greediest(&self, author: &PeerKey) -> Option<PeerKey> {
        let own = self.logs_of.get(author).copied().unwrap_or(0);
        let (greedy, most) = self.logs_of.iter().max_by_key(|(_, count)| **count)?;
        (*most > own + 1).then_some(*greedy)
    }

    pub(super) fn remove(&mut self, id: LogId) {
        if let Some((last, _)) = self.logs.get(&id).and_then(Log::last) {
            self.forget(id, last);
        }
        if self.logs.remove(&id).is_some()
            && let Some(count) = self.logs_of.get_mut(&id.author)
        {
            *count -= 1;
            if *count == 0 {
                self.logs_of.remove(&id.author);
            }
        }
        self.lacking.remove(&id);
    }
}
