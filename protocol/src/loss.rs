/// How much of what others say just now does not arrive when it is said, and has to be asked for
///
/// The last some hundred entries count, the latest the most; what was said before the node started does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    arrived: u32,
    repaired: u32,
}

impl Loss {
    /// When so many have arrived, all count half
    const MANY: u32 = 512;
    /// Of fewer, no share is worth telling
    const FEW: u32 = 20;

    /// The share of them that had to be asked for, in percent, rounded up; none before enough has arrived
    pub fn percent(&self) -> Option<u32> {
        (self.arrived >= Self::FEW).then(|| (self.repaired * 100).div_ceil(self.arrived))
    }

    pub(crate) fn on_entry(&mut self, is_repaired: bool) {
        self.arrived += 1;
        self.repaired += u32::from(is_repaired);
        if self.arrived >= Self::MANY {
            self.arrived /= 2;
            self.repaired /= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_that_of_the_latest() {
        let mut loss = Loss::default();
        (0..19).for_each(|_| loss.on_entry(true));
        assert_eq!(loss.percent(), None, "of a few");
        (0..181).for_each(|_| loss.on_entry(false));
        assert_eq!(loss.percent(), Some(10));
        (0..4_000).for_each(|_| loss.on_entry(false));
        assert_eq!(loss.percent(), Some(0));
        (0..4_000).for_each(|n| loss.on_entry(n % 4 == 0));
        assert!(loss.percent().is_some_and(|percent| (25..=26).contains(&percent)), "{loss:?}");
    }
}
