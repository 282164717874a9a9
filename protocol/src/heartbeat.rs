use core::{fmt, time::Duration};

use crate::{
    Identity, InstanceId,
    wire::{Announce, Extension, Link, Pulse},
};

/// Says "still here, and all as I announced it" by one link of a hash chain, for which nothing is signed (PROTOCOL.md
/// §5.10)
///
/// The idea is Lamport's for passwords (Password Authentication with Insecure Communication, 1981): each heartbeat shows
/// the link before the one that is known. Only who made the chain knows it, and one hash shows that it is the right one.
/// An announcement has the link that was shown last and not the chain's end: to whoever hears it, recordings of the
/// heartbeats before it are no news.
pub(crate) struct Heart {
    secret: [u8; 32],
    chains: u64,
    announced: Option<Announced>,
}

/// What all heartbeats of a chain repeat
#[derive(Debug)]
struct Announced {
    what: Announce,
    interval: Duration,
    /// How often it was announced in full
    times: u32,
    /// The place of the last link that was shown, 0 for the end
    shown: u16,
}

impl Heart {
    /// How often something is announced before heartbeats repeat it; whoever missed it all asks at the first of them
    const ANNOUNCED: u32 = 2;

    /// For one run of the program
    pub(crate) fn new(identity: &Identity, incarnation: u64, instance: InstanceId) -> Self {
        let run = [incarnation.to_le_bytes().as_slice(), instance.as_bytes()].concat();
        Self { secret: identity.derive("lanchat 1 heartbeat run", &run), chains: 0, announced: None }
    }

    /// The interval at which `what` is being repeated; `None` if it is news
    pub(crate) fn interval(&self, what: &Announce) -> Option<Duration> {
        let said = self.announced.as_ref()?;
        (said.what == *what && said.shown < Link::CHAIN).then_some(said.interval)
    }

    /// From here on `what` is repeated, at this interval
    pub(crate) fn begin(&mut self, what: Announce, interval: Duration) {
        self.chains += 1;
        self.announced = Some(Announced { what, interval, times: 0, shown: 0 });
    }

    /// What says in a full announcement that heartbeats will repeat it
    pub(crate) fn extension(&self) -> Option<Extension> {
        let said = self.announced.as_ref()?;
        let interval_ms = u32::try_from(said.interval.as_millis()).unwrap_or(u32::MAX);
        Extension::of(
            Extension::PULSE,
            &Pulse { link: self.link(said.shown), place: said.shown, interval_ms },
        )
    }

    /// The next heartbeat's place and link; `None` if it is time to announce in full
    pub(crate) fn beat(&mut self) -> Option<(u16, Link)> {
        let said = self.announced.as_mut()?;
        if said.times < Self::ANNOUNCED || said.shown >= Link::CHAIN {
            said.times = said.times.saturating_add(1);
            return None;
        }
        said.shown += 1;
        let shown = said.shown;
        Some((shown, self.link(shown)))
    }

    fn link(&self, place: u16) -> Link {
        let chain = [self.secret.as_slice(), &self.chains.to_le_bytes()].concat();
        Link::first(&chain).on(Link::CHAIN - place)
    }
}

impl fmt::Debug for Heart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heart = &mut f.debug_struct("Heart");
        heart.field("chains", &self.chains).field("announced", &self.announced).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use uuid::Uuid;

    use super::*;
    use crate::{
        Name,
        wire::{Head, bounded::List},
    };

    fn what(members: u32) -> Announce {
        Announce {
            instance: InstanceId::from_uuid(Uuid::from_u128(7)),
            name: Name::new("ann").unwrap(),
            interval_ms: 0,
            members,
            solicits: false,
            visitor: false,
            head: Head::default(),
            lamport: 0,
            extensions: List::empty(),
        }
    }

    fn heart(incarnation: u64) -> Heart {
        let identity = Identity::from_secret([1; 32]);
        Heart::new(&identity, incarnation, InstanceId::from_uuid(Uuid::from_u128(7)))
    }

    fn end(heart: &Heart) -> Link {
        heart.link(0)
    }

    #[test]
    fn what_is_news_is_announced_twice_and_then_only_repeated() {
        let mut heart = heart(1);
        assert_eq!(heart.interval(&what(2)), None);
        heart.begin(what(2), Duration::from_secs(1));
        assert_eq!(heart.interval(&what(2)), Some(Duration::from_secs(1)));
        let beats: Vec<bool> = (0..36).map(|_| heart.beat().is_some()).collect();
        let full: Vec<usize> = (0..36).filter(|n| !beats[*n]).collect();
        assert_eq!(full, [0, 1]);
        assert_eq!(heart.interval(&what(3)), None, "somebody came");
    }

    #[test]
    fn each_link_leads_to_the_one_before_and_a_used_up_chain_makes_room_for_another() {
        let mut heart = heart(1);
        heart.begin(what(2), Duration::from_secs(1));
        let mut last = (0, end(&heart));
        while heart.interval(&what(2)).is_some() {
            let Some((place, link)) = heart.beat() else { continue };
            assert_eq!((place, link.on(1)), (last.0 + 1, last.1));
            last = (place, link);
        }
        assert_eq!(last.0, Link::CHAIN);
        let used = end(&heart);
        heart.begin(what(2), Duration::from_secs(1));
        assert_ne!(end(&heart), used);
    }

    #[test]
    fn the_secret_is_not_printed() {
        let mut heart = heart(1);
        heart.secret = [42; 32];
        heart.begin(what(2), Duration::from_secs(1));
        assert!(!format!("{heart:?}").contains("42, 42"));
    }

    #[test]
    fn no_two_runs_have_a_link_in_common() {
        let (mut one, mut other) = (heart(1), heart(2));
        for heart in [&mut one, &mut other] {
            heart.begin(what(2), Duration::from_secs(1));
        }
        assert_ne!(end(&one), end(&other));
    }
}
