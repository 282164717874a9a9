//! What one peer hears of this machine, and this machine of the peer

use std::{net::SocketAddr, time::Duration};

use uuid::Uuid;

use super::loss::Loss;
use crate::sanitize::Unclean;

/// How often something was tried, and how often it worked
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) made: u32,
    pub(crate) worked: u32,
}

/// What is known of a peer after looking
#[derive(Clone, Debug)]
pub(crate) struct PeerFacts {
    pub(crate) id: Uuid,
    /// `None` if it never said
    pub(crate) name: Option<Unclean>,
    pub(crate) addr: SocketAddr,
    /// Whether it is on this machine
    pub(crate) is_own: bool,
    /// Whether it was named by `--peer`, so that broadcasts need not reach it
    pub(crate) is_configured: bool,
    /// Whether its room is so large that not everybody answers, nor announces every second
    pub(crate) is_crowded: bool,
    /// How long it was listened to
    pub(crate) watched: Duration,
    /// How many of its broadcasts came
    pub(crate) heard: u32,
    /// Own broadcasts that it answered before anything was sent to it alone
    pub(crate) early: Tries,
    /// Own broadcasts that it answered afterwards, when a firewall on the way lets in what it takes for answers
    pub(crate) late: Tries,
    /// Whether it answered something that was sent to it alone
    pub(crate) is_reached: bool,
    pub(crate) loss: Option<Loss>,
    /// How far its clock was ahead of this machine's at its start
    pub(crate) ahead: Duration,
}

/// What is wrong between this machine and a peer
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It is heard, and answers nothing
    NoAnswer,
    /// It does not hear what is sent to all
    NotHeardByPeer,
    /// What it sends to all is not heard
    NotHeardHere,
    /// It hears and is heard, but what it sends unasked to this machine alone is kept out
    AnswersBlocked,
    /// It answers what is sent to all, but nothing that is sent to it alone
    UnicastBlocked,
}

impl PeerFacts {
    /// What is wrong, as far as that is no accident
    pub(super) fn troubles(&self) -> Vec<Trouble> {
        let is_asked_enough = self.loss.is_some_and(|loss| loss.sent >= ENOUGH_SILENCE);
        if !self.answers() {
            return is_asked_enough.then_some(Trouble::NoAnswer).into_iter().collect();
        }
        let mut troubles = Vec::new();
        let can_tell = !self.is_configured && !self.is_crowded;
        let hears = self.hears_all();
        if !self.is_reached && is_asked_enough {
            troubles.push(Trouble::UnicastBlocked);
        }
        if can_tell && !hears && is_beyond_chance(self.part_answered(), self.late.made) {
            troubles.push(Trouble::NotHeardByPeer);
        }
        let late = f64::from(self.late.worked) / f64::from(self.late.made.max(1));
        if can_tell && self.early.worked == 0 && is_beyond_chance(late, self.early.made) {
            troubles.push(Trouble::AnswersBlocked);
        }
        let due = self.watched.as_millis() / LONGEST_INTERVAL.as_millis();
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        if can_tell && self.heard == 0 && is_beyond_chance(self.part_returned(), due) {
            troubles.push(Trouble::NotHeardHere);
        }
        troubles
    }

    /// Whether it answered anything
    pub(super) fn answers(&self) -> bool {
        self.is_reached || self.hears_all()
    }

    /// Whether it answered what was sent to all
    fn hears_all(&self) -> bool {
        self.early.worked + self.late.worked > 0
    }

    fn part_answered(&self) -> f64 {
        self.loss.as_ref().map_or(1.0, Loss::part_answered)
    }

    fn part_returned(&self) -> f64 {
        let ways = self.loss.and_then(|loss| loss.ways);
        ways.map_or_else(|| self.part_answered(), |(_, back)| 1.0 - back)
    }
}

/// After this a member of a small room has announced itself once more (PROTOCOL.md §8.1)
const LONGEST_INTERVAL: Duration = Duration::from_millis(1_200);

/// So many pings without any answer are no accident, nor sent just before the end
const ENOUGH_SILENCE: u32 = 10;

/// Whether it is no accident that of so many tries none worked, each of which works with this probability
fn is_beyond_chance(probability: f64, tries: u32) -> bool {
    const CHANCE: f64 = 0.001;
    const LEAST: u32 = 2;
    tries >= LEAST && (1.0 - probability).powi(i32::try_from(tries).unwrap_or(i32::MAX)) < CHANCE
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A peer with whom all is well
    pub(in crate::doctor) fn healthy() -> PeerFacts {
        PeerFacts {
            id: Uuid::from_u128(2),
            name: Some("bob".into()),
            addr: SocketAddr::from(([198, 18, 0, 2], 25253)),
            is_own: false,
            is_configured: false,
            is_crowded: false,
            watched: Duration::from_secs(6),
            heard: 5,
            early: Tries { made: 8, worked: 8 },
            late: Tries { made: 9, worked: 9 },
            is_reached: true,
            loss: Some(Loss { sent: 40, answered: 40, ways: Some((0.0, 0.0)) }),
            ahead: Duration::ZERO,
        }
    }

    const NEVER: Tries = Tries { made: 9, worked: 0 };

    #[test]
    fn each_way_that_is_blocked_is_told() {
        assert!(healthy().troubles().is_empty());
        let silent = Some(Loss { sent: 40, answered: 0, ways: None });
        let deaf = PeerFacts { early: NEVER, late: NEVER, ..healthy() };
        for (facts, trouble) in [
            (deaf.clone(), Trouble::NotHeardByPeer),
            (PeerFacts { heard: 0, ..healthy() }, Trouble::NotHeardHere),
            (PeerFacts { early: NEVER, ..healthy() }, Trouble::AnswersBlocked),
            (PeerFacts { is_reached: false, loss: silent, ..healthy() }, Trouble::UnicastBlocked),
            (PeerFacts { is_reached: false, loss: silent, ..deaf }, Trouble::NoAnswer),
        ] {
            assert_eq!(facts.troubles(), [trouble], "{facts:?}");
        }
    }

    #[test]
    fn where_much_is_lost_silence_may_be_an_accident() {
        let half = Some(Loss { sent: 40, answered: 10, ways: Some((0.5, 0.5)) });
        let late = Tries { made: 9, worked: 2 };
        for facts in [
            PeerFacts { early: NEVER, late: NEVER, loss: half, ..healthy() },
            PeerFacts { heard: 0, loss: half, ..healthy() },
            PeerFacts { early: NEVER, late, ..healthy() },
            PeerFacts { heard: 0, watched: Duration::from_secs(2), ..healthy() },
        ] {
            assert!(facts.troubles().is_empty(), "{facts:?}");
        }
    }

    #[test]
    fn nobody_is_called_silent_who_was_hardly_asked() {
        let pinged = |sent| Some(Loss { sent, answered: 0, ways: None });
        let never = Tries::default();
        for loss in [None, pinged(2)] {
            let facts = PeerFacts {
                is_reached: false,
                early: never,
                late: never,
                loss,
                is_crowded: true,
                ..healthy()
            };
            assert!(facts.troubles().is_empty() && !facts.answers(), "{facts:?}");
            let hears = PeerFacts { late: Tries { made: 1, worked: 1 }, ..facts };
            assert!(hears.troubles().is_empty() && hears.answers(), "{hears:?}");
        }
    }

    #[test]
    fn nothing_follows_from_silence_where_not_everybody_answers() {
        for (is_crowded, is_configured) in [(true, false), (false, true)] {
            let facts =
                PeerFacts { is_crowded, is_configured, heard: 0, early: NEVER, late: NEVER, ..healthy() };
            assert!(facts.troubles().is_empty());
        }
    }
}
