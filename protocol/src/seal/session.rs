use alloc::vec::Vec;
use core::time::Duration;

use super::{noise::Keys, window::Window};
use crate::{
    Time,
    wire::{Dropped, SealedFrame},
};

/// The keys that two have for a while, and how far they have got with them (PROTOCOL.md §5.4)
#[derive(Debug)]
pub(crate) struct Session {
    /// What this node knows it by
    pub(crate) own: u64,
    /// What the other side knows it by
    theirs: u64,
    keys: Keys,
    next_nonce: u64,
    window: Window,
    began: Time,
}

impl Session {
    /// After this time it is to be replaced
    pub(crate) const WORN: Duration = Duration::from_secs(60 * 60);
    /// After this time it is not used any more
    pub(crate) const OVER: Duration = Duration::from_secs(61 * 60);
    /// After so many frames it is to be replaced
    const WORN_FRAMES: u64 = 1 << 20;
    /// So many frames it has at most in each direction
    const MAX_FRAMES: u64 = 1 << 21;

    /// Begins at `now`
    pub(crate) fn new(now: Time, own: u64, theirs: u64, keys: Keys) -> Self {
        Self { own, theirs, keys, next_nonce: 0, window: Window::default(), began: now }
    }

    /// Whether another is to take its place
    pub(crate) fn is_worn(&self, now: Time) -> bool {
        now >= self.began + Self::WORN || self.next_nonce >= Self::WORN_FRAMES
    }

    /// Whether something can be sealed still
    pub(crate) fn can_seal(&self, now: Time) -> bool {
        now < self.ends() && self.next_nonce < Self::MAX_FRAMES
    }

    /// When it is to be forgotten
    pub(crate) fn ends(&self) -> Time {
        self.began + Self::OVER
    }

    /// Whether nothing was sealed yet
    pub(crate) fn is_unused(&self) -> bool {
        self.next_nonce == 0
    }

    /// Seals `text`: its nonce and its bytes
    pub(crate) fn seal(&mut self, text: &[u8]) -> Option<(u64, u64, Vec<u8>)> {
        let nonce = self.next_nonce;
        let sealed = self.keys.seal(nonce, text)?;
        self.next_nonce += 1;
        Some((self.theirs, nonce, sealed))
    }

    /// What the other side sealed
    ///
    /// # Errors
    /// If it was seen before, or if they did not seal it
    pub(crate) fn open(&mut self, frame: SealedFrame<'_>) -> Result<Vec<u8>, Dropped> {
        if frame.nonce >= Self::MAX_FRAMES || !self.window.is_new(frame.nonce) {
            return Err(Dropped::Replayed);
        }
        let text = self.keys.open(frame.nonce, frame.ciphertext).ok_or(Dropped::Forged)?;
        self.window.mark(frame.nonce);
        Ok(text)
    }

    #[cfg(test)]
    pub(crate) fn skip_to(&mut self, nonce: u64) {
        self.next_nonce = nonce;
    }
}
