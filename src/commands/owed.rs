//! What was typed and is still on its way

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::event::{Deleted, DeliveryState, Edited, ErrorCode, Event, Reaction, Topic};

/// What was typed and has not come of age yet
#[derive(Debug, Default)]
pub(super) struct Owed {
    pub(super) lines: usize,
    whispers: BTreeSet<Uuid>,
}

impl Owed {
    pub(super) fn is_paid(&self) -> bool {
        self.lines == 0 && self.whispers.is_empty()
    }

    pub(super) fn on_event(&mut self, event: &Event) {
        match event {
            Event::Message { own: true, past: false, .. }
            | Event::Edited(Edited { own: true, past: false, .. })
            | Event::Deleted(Deleted { own: true, past: false, .. })
            | Event::Reaction(Reaction { own: true, past: false, .. })
            | Event::Topic(Topic { own: true, past: false, .. })
            | Event::Datagram(_) => self.pay(),
            // It answers all that was said together.
            Event::Error { code: ErrorCode::NotStored, .. } => self.lines = 0,
            Event::Whisper { own: true, id, .. } => {
                self.whispers.insert(*id);
                self.pay();
            }
            Event::Delivery { id, state: DeliveryState::Delivered | DeliveryState::Expired, .. } => {
                self.whispers.remove(id);
            }
            Event::Error { code, .. } if code.refuses_a_line() => self.pay(),
            Event::Guest(guest) if guest.relayed => self.lines += 1,
            Event::Error { .. }
            | Event::Ready { .. }
            | Event::Alone { .. }
            | Event::Peer { .. }
            | Event::Message { .. }
            | Event::Whisper { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Edited(_)
            | Event::Deleted(_)
            | Event::Reaction(_)
            | Event::Topic(_)
            | Event::Typing(_)
            | Event::Holds(_)
            | Event::Received(_)
            | Event::Rooms { .. }
            | Event::Parted { .. }
            | Event::Peers { .. }
            | Event::Help { .. }
            | Event::Contact(_)
            | Event::Verify(_)
            | Event::Warning(_)
            | Event::Blocked(_)
            | Event::Raw(_)
            | Event::Guest(_) => {}
        }
    }

    fn pay(&mut self) {
        self.lines = self.lines.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::CONTRACT;

    #[test]
    fn a_line_is_said_when_it_comes_back() {
        let mut owed = Owed { lines: 2, ..Owed::default() };
        owed.on_event(&event(4));
        owed.on_event(&event(18));
        assert_eq!(owed.lines, 2, "a line of somebody else, and an own one of yesterday");
        owed.on_event(&event(5));
        owed.on_event(&Event::error(ErrorCode::Network, "no route"));
        assert!(!owed.is_paid());
        owed.on_event(&Event::error(ErrorCode::InvalidText, "too long"));
        assert!(owed.is_paid());
    }

    #[test]
    fn what_cannot_be_stored_is_not_waited_for() {
        let mut owed = Owed { lines: 2, ..Owed::default() };
        owed.on_event(&Event::error(ErrorCode::NotKept, "of others"));
        assert_eq!(owed.lines, 2);
        owed.on_event(&Event::error(ErrorCode::NotStored, "make room"));
        assert!(owed.is_paid());
    }

    #[test]
    fn a_whisper_is_done_when_it_is_delivered() {
        let mut owed = Owed { lines: 1, ..Owed::default() };
        owed.on_event(&event(7));
        assert!(!owed.is_paid());
        owed.on_event(&event(8));
        assert!(owed.is_paid());
    }

    fn event(line: usize) -> Event {
        serde_json::from_str(CONTRACT[line]).unwrap()
    }
}
