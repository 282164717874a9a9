use alloc::collections::BTreeMap;
use core::{net::SocketAddr, time::Duration};

use fastrand::Rng;

use crate::{InstanceId, Time};

/// Answers to newcomers who asked: at once in a small room, spread out and by some only in a large one (§8.1)
#[derive(Debug, Default)]
pub(crate) struct Answers {
    waiting: BTreeMap<SocketAddr, (Time, InstanceId)>,
}

impl Answers {
    /// Up to so many members, everyone answers at once
    const SMALL_ROOM: usize = 16;
    /// About how many answer in a larger one
    const EXPECTED: usize = 8;
    /// Over how long those answers are spread
    const SPREAD: Duration = Duration::from_millis(250);
    /// How many wait at most: 16 KiB
    const MAX_WAITING: usize = 256;

    /// Notes that whoever is at `to` asked, in this run of theirs and a room of `members`; true if the answer is due at
    /// once
    pub(crate) fn ask(
        &mut self,
        now: Time,
        (to, run): (SocketAddr, InstanceId),
        members: usize,
        rng: &mut Rng,
    ) -> bool {
        if members <= Self::SMALL_ROOM {
            return true;
        }
        if self.waiting.len() < Self::MAX_WAITING && rng.usize(0..members) < Self::EXPECTED {
            self.waiting.entry(to).or_insert_with(|| (now + Self::SPREAD.mul_f64(rng.f64()), run));
        }
        false
    }

    /// When the next answer is due
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.waiting.values().map(|(due, _)| *due).min()
    }

    /// Whom to answer now, and which run of theirs
    pub(crate) fn handle_timeout(&mut self, now: Time) -> Option<(SocketAddr, InstanceId)> {
        let (to, run) =
            self.waiting.iter().find(|(_, (due, _))| *due <= now).map(|(to, (_, run))| (*to, *run))?;
        self.waiting.remove(&to);
        Some((to, run))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newcomer(port: u16) -> (SocketAddr, InstanceId) {
        (SocketAddr::from(([198, 18, 0, 1], port)), InstanceId::from_uuid(uuid::Uuid::from_u128(port.into())))
    }

    #[test]
    fn a_small_room_answers_at_once() {
        assert!(Answers::default().ask(Time::ZERO, newcomer(1), 16, &mut Rng::with_seed(1)));
    }

    #[test]
    fn in_a_large_room_some_eight_answer_within_a_quarter_second() {
        let mut rng = Rng::with_seed(1);
        let mut answered = 0;
        for _ in 0..100 * 100 {
            let mut answers = Answers::default();
            assert!(!answers.ask(Time::ZERO, newcomer(1), 100, &mut rng));
            if let Some(due) = answers.poll_timeout() {
                assert!(due <= Time::from_millis(250));
                assert_eq!(answers.handle_timeout(due), Some(newcomer(1)));
                assert_eq!(answers.handle_timeout(due), None);
                answered += 1;
            }
        }
        assert!((700..900).contains(&answered), "{answered} answers to 100 newcomers");
    }

    #[test]
    fn a_crowd_of_newcomers_has_a_bound() {
        let (mut rng, mut answers) = (Rng::with_seed(1), Answers::default());
        for port in 0..u16::MAX {
            answers.ask(Time::ZERO, newcomer(port), 17, &mut rng);
        }
        assert_eq!(answers.waiting.len(), Answers::MAX_WAITING);
    }
}
