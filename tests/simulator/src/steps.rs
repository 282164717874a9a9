//! Stories that bytes tell

use std::time::Duration;

use fastrand::Rng;

/// What happens in a story, one after the other; every string of bytes is one
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(Vec<Step>);

/// Something that happens; people and copies that are not there stand for others that are
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody new starts
    Join {
        /// Whether they have a disk
        durable: bool,
    },
    /// Somebody says a line to all
    Say(u8),
    /// Somebody says several lines to all at once
    Burst(u8),
    /// Somebody says a line that is too long for one entry
    SayMuch(u8),
    /// Somebody whispers to somebody
    Whisper(u8, u8),
    /// Somebody answers or changes a line that they have, or the topic
    Change(u8, u8),
    /// Somebody says goodbye
    Leave(u8),
    /// Somebody's program is killed
    Crash(u8),
    /// Somebody starts again
    Restart(u8),
    /// The network falls into two; a bit for each says on which side they are
    Partition(u8),
    /// Somebody cannot be heard by somebody
    CutOneWay(u8, u8),
    /// Everybody hears everybody again
    Heal,
    /// The weather is another
    Weather(u8),
    /// Somebody's disk takes long
    SlowDisk(u8),
    /// Somebody's disk is full
    FillDisk(u8),
    /// There is room again on somebody's disk
    ClearDisk(u8),
    /// Somebody's disk is copied
    CopyDisk(u8),
    /// Somebody's database is replaced by the copy of it, if there is one and they do not run
    RestoreDisk(u8),
    /// Somebody's database is gone, if they do not run
    LoseDisk(u8),
    /// Time passes
    Wait(Duration),
}

impl Steps {
    /// No story is longer
    const MAX: usize = 256;

    /// The story that these bytes tell: a byte says what happens, as many more as it needs to whom
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut bytes = bytes.iter().copied();
        let mut steps = Vec::new();
        while let Some(what) = bytes.next().filter(|_| steps.len() < Self::MAX) {
            steps.push(step(what, || bytes.next().unwrap_or(0)));
        }
        Self(steps)
    }

    /// A story that this seed tells, of about so many steps
    pub fn from_seed(seed: u64, steps: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        let bytes: Vec<_> = (0..2 * steps).map(|_| rng.u8(..)).collect();
        Self::from_bytes(&bytes)
    }

    /// What happens, one after the other
    pub fn iter(&self) -> impl Iterator<Item = Step> {
        self.0.iter().copied()
    }
}

fn step(what: u8, mut next: impl FnMut() -> u8) -> Step {
    match what % 32 {
        0 => Step::Join { durable: next().is_multiple_of(2) },
        1..=7 => Step::Say(next()),
        8 => Step::Burst(next()),
        9 => Step::SayMuch(next()),
        10 => Step::Whisper(next(), next()),
        11 => Step::Leave(next()),
        12 | 13 => Step::Crash(next()),
        14..=16 => Step::Restart(next()),
        17 => Step::Partition(next()),
        18 => Step::CutOneWay(next(), next()),
        19 => Step::Heal,
        20 => Step::Weather(next()),
        21 => Step::SlowDisk(next()),
        22 => Step::FillDisk(next()),
        23 => Step::ClearDisk(next()),
        24 => Step::CopyDisk(next()),
        25 => Step::RestoreDisk(next()),
        26 => Step::LoseDisk(next()),
        27 => Step::Change(next(), next()),
        28 | 29 => Step::Wait(Duration::from_millis(next().into())),
        _ => Step::Wait(Duration::from_millis(20 * u64::from(next()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_of_bytes_is_a_story() {
        assert_eq!(Steps::from_bytes(&[]).iter().count(), 0);
        assert_eq!(Steps::from_bytes(&[1]), Steps(vec![Step::Say(0)]));
        assert_eq!(Steps::from_bytes(&[10, 1, 2, 19]), Steps(vec![Step::Whisper(1, 2), Step::Heal]));
        assert_eq!(Steps::from_bytes(&[19; 1_000]).iter().count(), Steps::MAX);
    }

    #[test]
    fn seeds_tell_of_everything() {
        let kinds: std::collections::BTreeSet<_> = (0..20)
            .flat_map(|seed| {
                Steps::from_seed(seed, 100).iter().map(|step| format!("{step:?}")).collect::<Vec<_>>()
            })
            .map(|step| step.split(['(', ' ']).next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(kinds.len(), 20, "{kinds:?}");
    }
}
