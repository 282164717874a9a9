use alloc::{collections::VecDeque, vec::Vec};

use crate::{Output, Record, Ticket};

/// Holds back what must not be sent or shown before it is stored (PROTOCOL.md §8.5)
///
/// Without a store everything passes at once. With one, what depends on records waits until the driver says that they
/// are on disk; order is kept among all that passes through here.
#[derive(Debug)]
pub(crate) struct Safekeeping {
    is_on: bool,
    batch: Vec<Record>,
    ticket: Ticket,
    held: VecDeque<Held>,
}

#[derive(Debug)]
struct Held {
    since: Ticket,
    if_lost: IfLost,
    output: Output,
}

/// What becomes of an output whose records could not be stored
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfLost {
    /// It happens all the same
    Keep,
    /// It does not happen
    Drop,
}

impl Safekeeping {
    /// With so many outputs held back the disk has stalled: 10 MiB of lines, and as much on their way to it
    const MANY_HELD: usize = 8_192;

    /// With a store or without
    pub(crate) fn new(is_on: bool) -> Self {
        Self { is_on, batch: Vec::new(), ticket: Ticket(1), held: VecDeque::new() }
    }

    /// Has something stored
    pub(crate) fn keep(&mut self, record: impl FnOnce() -> Record) {
        if self.is_on {
            self.batch.push(record());
        }
    }

    /// Gives `output` back once all that was kept so far is stored; at once if nothing is outstanding
    pub(crate) fn release(&mut self, output: Output, if_lost: IfLost) -> Option<Output> {
        if self.batch.is_empty() && self.held.is_empty() {
            return Some(output);
        }
        let outstanding = Ticket(self.ticket.0 - u64::from(self.batch.is_empty()));
        self.held.push_back(Held { since: outstanding, if_lost, output });
        None
    }

    /// The batch with which what is kept now will be stored; `None` without a store
    pub(crate) fn current(&self) -> Option<Ticket> {
        self.is_on.then_some(self.ticket)
    }

    /// Whether so much waits for the disk that nothing more is to be taken in from others
    pub(crate) fn is_crowded(&self) -> bool {
        self.held.len() >= Self::MANY_HELD
    }

    /// The records that came together since the last call, if there are any
    pub(crate) fn poll_batch(&mut self) -> Option<Output> {
        if self.batch.is_empty() {
            return None;
        }
        let ticket = self.ticket;
        self.ticket = Ticket(ticket.0 + 1);
        Some(Output::Store { ticket, records: core::mem::take(&mut self.batch) })
    }

    /// The next output that waited for nothing but what was stored up to `ticket`
    pub(crate) fn on_stored(&mut self, ticket: Ticket) -> Option<Output> {
        self.held.pop_front_if(|held| held.since <= ticket).map(|held| held.output)
    }

    /// The next output that waited for what could not be stored up to `ticket`, and is to happen all the same
    pub(crate) fn on_lost(&mut self, ticket: Ticket) -> Option<Output> {
        while let Some(held) = self.held.pop_front_if(|held| held.since <= ticket) {
            if held.if_lost == IfLost::Keep {
                return Some(held.output);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PeerKey, record::HeardUpTo};

    fn record() -> Record {
        Record::Heard(HeardUpTo { from: PeerKey::from_bytes([1; 32]), epoch: 1, upto: 1 })
    }

    fn output(n: u8) -> Output {
        Output::Broadcast([n].to_vec())
    }

    #[test]
    fn without_a_store_nothing_waits() {
        let mut safekeeping = Safekeeping::new(false);
        safekeeping.keep(record);
        assert_eq!(safekeeping.release(output(1), IfLost::Drop), Some(output(1)));
        assert_eq!(safekeeping.poll_batch(), None);
    }

    #[test]
    fn what_depends_on_a_record_waits_for_it_and_so_does_what_follows() {
        let mut safekeeping = Safekeeping::new(true);
        assert_eq!(safekeeping.release(output(0), IfLost::Keep), Some(output(0)));
        safekeeping.keep(record);
        assert_eq!(safekeeping.release(output(1), IfLost::Drop), None);
        assert!(matches!(safekeeping.poll_batch(), Some(Output::Store { ticket: Ticket(1), .. })));
        safekeeping.keep(record);
        assert_eq!(safekeeping.release(output(2), IfLost::Keep), None);
        assert!(safekeeping.poll_batch().is_some());
        assert_eq!(safekeeping.on_stored(Ticket(1)), Some(output(1)));
        assert_eq!(safekeeping.on_stored(Ticket(1)), None);
        assert_eq!(safekeeping.on_stored(Ticket(2)), Some(output(2)));
    }

    #[test]
    fn what_only_follows_waits_for_no_batch_that_may_never_come() {
        let mut safekeeping = Safekeeping::new(true);
        safekeeping.keep(record);
        assert_eq!(safekeeping.release(output(1), IfLost::Drop), None);
        assert!(safekeeping.poll_batch().is_some());
        assert_eq!(safekeeping.release(output(2), IfLost::Drop), None);
        assert_eq!(safekeeping.on_stored(Ticket(1)), Some(output(1)));
        assert_eq!(safekeeping.on_stored(Ticket(1)), Some(output(2)));
    }

    #[test]
    fn what_could_not_be_stored_is_not_sent_and_shown_if_it_is_others() {
        let mut safekeeping = Safekeeping::new(true);
        safekeeping.keep(record);
        for n in 0..4 {
            let if_lost = if n % 2 == 0 { IfLost::Drop } else { IfLost::Keep };
            assert_eq!(safekeeping.release(output(n), if_lost), None);
        }
        assert!(safekeeping.poll_batch().is_some());
        let passed: Vec<_> = core::iter::from_fn(|| safekeeping.on_lost(Ticket(1))).collect();
        assert_eq!(passed, [output(1), output(3)]);
        assert_eq!(safekeeping.release(output(4), IfLost::Drop), Some(output(4)));
    }
}
