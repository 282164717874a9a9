//! What was asked for and is on its way

use core::{ops::RangeInclusive, time::Duration};

use super::Requests;
use crate::{PeerKey, Time, ranges::Ranges, tempo::Tempo, wire::LogId};

/// What one member was asked for
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) log: LogId,
    pub(super) left: Ranges,
    pub(super) asked: Time,
    pub(super) due: Time,
    /// Whether its first answer says how long an answer takes
    pub(super) is_measured: bool,
    /// Whether some of it came: what has not followed at once was lost
    pub(super) has_answer: bool,
    /// Who was asked, if nothing but their word says that it exists
    pub(super) hearsay_of: Option<PeerKey>,
}

impl Requests {
    /// What did not come is asked for elsewhere; all that did not come together counts once
    pub(super) fn land_late_flights(&mut self, now: Time, tempo: &Tempo) {
        for flight in self.flights.extract_if(.., |flight| flight.due <= now) {
            self.in_flight -= flight.left.count();
            if let Some(who) = flight.hearsay_of.filter(|_| !flight.has_answer) {
                let doubts = self.doubts.entry(who).or_default();
                *doubts = doubts.saturating_add(1);
            }
            if let Some(pace) = self.paces.get_mut(&flight.log) {
                flight.left.iter().for_each(|range| pace.flying.remove(range));
                if !flight.has_answer && !pace.has_landed {
                    pace.tries += 1;
                    pace.has_landed = true;
                }
                let is_hearsay = flight.hearsay_of.is_some();
                let quick = if is_hearsay { 2 } else { Self::QUICK_TRIES };
                let most = if is_hearsay { Duration::MAX } else { Self::MAX_PAUSE };
                let pause =
                    if pace.tries > quick { tempo.timeout(pace.tries).min(most) } else { Duration::ZERO };
                pace.next = Some(now + pause);
                self.next = Some(self.next.map_or(now + pause, |next| next.min(now + pause)));
            }
        }
    }

    /// These places were asked for
    pub(super) fn take_off(
        &mut self,
        now: Time,
        id: LogId,
        chosen: &[RangeInclusive<u64>],
        hearsay_of: Option<PeerKey>,
        tempo: &Tempo,
    ) {
        let Some(pace) = self.paces.get_mut(&id) else { return };
        let mut left = Ranges::default();
        for range in chosen {
            left.insert(range.clone());
            pace.flying.insert(range.clone());
        }
        self.in_flight += left.count();
        (pace.next, pace.has_landed) = (Some(now), false);
        pace.turn = pace.turn.wrapping_add(u32::from(hearsay_of.is_some()));
        let least = if hearsay_of.is_some() { Self::HEARSAY_TIMEOUT } else { Duration::ZERO };
        let due = now + tempo.timeout(pace.tries.min(4)).max(least);
        let is_measured = pace.tries == 0;
        self.flights.push(Flight {
            log: id,
            left,
            asked: now,
            due,
            is_measured,
            has_answer: false,
            hearsay_of,
        });
    }
}
