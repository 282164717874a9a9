//! Bytes as choices

use lanchat_protocol::PeerKey;

/// Makes choices as bytes tell; when there are none left, each choice is the first
#[derive(Debug)]
pub(crate) struct Draw<'a>(&'a [u8]);

impl<'a> Draw<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Less than `count`, which is not 0
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let wide = if count > 256 { usize::from(self.byte()) << 8 } else { 0 };
        (wide | usize::from(self.byte())) % count
    }

    pub(crate) fn is(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Small ones, those near the end, times, and any others
    pub(crate) fn number(&mut self) -> u64 {
        const START: u64 = 1_795_000_000_000;
        match self.byte() {
            small @ 0..0xc0 => small.into(),
            0xc0..0xd0 => u64::from(self.byte()) << 8 | u64::from(self.byte()),
            0xd0..0xe0 => START + u64::from(self.byte()),
            end @ 0xe0..0xf0 => u64::MAX - u64::from(end - 0xe0),
            0xf0.. => u64::from_le_bytes(self.array()),
        }
    }

    pub(crate) fn array<const LEN: usize>(&mut self) -> [u8; LEN] {
        std::array::from_fn(|_| self.byte())
    }

    /// At most `most`, or as many as there are
    pub(crate) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let count = self.below(most + 1).min(self.0.len());
        let (bytes, rest) = self.0.split_at(count);
        self.0 = rest;
        bytes
    }

    /// One of these people, or somebody who is nowhere
    pub(crate) fn key(&mut self, people: &[PeerKey]) -> PeerKey {
        let which = self.below(people.len() + 1);
        people.get(which).copied().unwrap_or_else(|| PeerKey::from_bytes([self.byte(); 32]))
    }

    /// All that is left
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
