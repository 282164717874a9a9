//! How much is lost on the way to somebody, and on the way back

use std::collections::BTreeMap;

/// Pings to one peer, and which of them were answered
///
/// Each frame of a peer has a number, one more than the frame before. So the numbers of the pongs tell how many frames the
/// peer has sent meanwhile, those that were lost included, and what is missing from them was lost on the way there.
#[derive(Clone, Debug, Default)]
pub(super) struct Pings {
    sent: u32,
    /// The number that the peer gave its pong, by the number of the ping
    pongs: BTreeMap<u32, u64>,
}

/// What became of pings
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Loss {
    /// How many were sent
    pub(crate) sent: u32,
    /// How many of them were answered
    pub(crate) answered: u32,
    /// Which part of what was sent there, and of what was sent back, was lost, if that can be told apart: from 0 to 1
    ///
    /// A peer that talks with others at the same time numbers that as well, and seems to lose less there and more back.
    pub(crate) ways: Option<(f64, f64)>,
}

impl Pings {
    /// How many tell enough
    pub(super) const ENOUGH: u32 = 40;

    /// The number of the next ping, which is sent now
    pub(super) fn ping(&mut self) -> u32 {
        self.sent += 1;
        self.sent
    }

    /// A pong that the peer gave this number answers this ping
    pub(super) fn on_pong(&mut self, ping: u32, number: u64) {
        self.pongs.insert(ping, number);
    }

    pub(super) fn sent(&self) -> u32 {
        self.sent
    }

    /// What became of them; `None` if there were none
    pub(super) fn loss(&self) -> Option<Loss> {
        let answered = u32::try_from(self.pongs.len()).unwrap_or(u32::MAX);
        (self.sent > 0).then(|| Loss { sent: self.sent, answered, ways: self.ways() })
    }

    /// Between the first and the last that were answered, of which one counts
    fn ways(&self) -> Option<(f64, f64)> {
        let (first, last) = (self.pongs.first_key_value()?, self.pongs.last_key_value()?);
        let numbered = self.pongs.values().max()? - self.pongs.values().min()?;
        let asked = f64::from(last.0 - first.0);
        let returned = f64::from(u32::try_from(self.pongs.len() - 1).ok()?);
        let answers = f64::from(u32::try_from(numbered).unwrap_or(u32::MAX)).clamp(returned, asked);
        (returned > 0.0).then(|| (1.0 - answers / asked, 1.0 - returned / answers))
    }
}

impl Loss {
    /// Which part of the pings was answered, from 0 to 1
    pub(super) fn part_answered(&self) -> f64 {
        f64::from(self.answered) / f64::from(self.sent.max(1))
    }

    /// Whether so much was lost that it is felt, and no accident: one ping of forty is
    pub(super) fn is_felt(&self) -> bool {
        const FELT: f64 = 0.05;
        const NO_ACCIDENT: u32 = 3;
        self.answered > 0 && self.sent - self.answered >= NO_ACCIDENT && self.part_answered() <= 1.0 - FELT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forty pings, of which those are lost that `there` says, and of the pongs those that `back` says
    fn loss(there: fn(u32) -> bool, back: fn(u32) -> bool) -> Loss {
        let (mut pings, mut number) = (Pings::default(), 1_000);
        for _ in 0..Pings::ENOUGH {
            let ping = pings.ping();
            if !there(ping) {
                number += 1;
                if !back(ping) {
                    pings.on_pong(ping, number);
                }
            }
        }
        pings.loss().unwrap()
    }

    #[test]
    fn where_all_come_back_nothing_is_lost() {
        let none = loss(|_| false, |_| false);
        assert_eq!(none, Loss { sent: 40, answered: 40, ways: Some((0.0, 0.0)) });
        assert!(!none.is_felt());
    }

    #[test]
    fn the_two_ways_are_told_apart() {
        let near = |ways: Option<(f64, f64)>, there: f64, back: f64| {
            let (a, b) = ways.unwrap();
            (a - there).abs() < 0.03 && (b - back).abs() < 0.03
        };
        let there = loss(|ping| ping % 4 == 2, |_| false);
        assert!(near(there.ways, 0.25, 0.0) && there.is_felt(), "{there:?}");
        let back = loss(|_| false, |ping| ping % 4 == 2);
        assert!(near(back.ways, 0.0, 0.25) && back.is_felt(), "{back:?}");
        let both = loss(|ping| ping % 4 == 2, |ping| ping % 4 == 3);
        assert!(near(both.ways, 0.25, 0.33), "{both:?}");
    }

    #[test]
    fn a_peer_that_talks_to_others_is_not_believed_to_have_answered_more_than_it_was_asked() {
        let mut pings = Pings::default();
        for number in [10, 300, 700] {
            let ping = pings.ping();
            pings.on_pong(ping, number);
        }
        assert_eq!(pings.loss().unwrap().ways, Some((0.0, 0.0)));
    }

    #[test]
    fn one_lost_ping_is_an_accident_and_silence_is_something_else() {
        assert!(!loss(|ping| ping == 7, |_| false).is_felt());
        let silence = loss(|_| true, |_| false);
        assert_eq!((silence.answered, silence.ways, silence.is_felt()), (0, None, false));
        assert_eq!(Pings::default().loss(), None);
    }
}
