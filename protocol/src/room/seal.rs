//! What keeps a private room's datagrams from all who lack its key (PROTOCOL.md §4)

use alloc::vec::Vec;
use core::fmt;

use chacha20poly1305::{AeadInPlace, KeyInit, XChaCha20Poly1305, XNonce};

use super::RoomKey;
use crate::wire::Header;

/// The bytes of a nonce
pub const NONCE_BYTES: usize = 24;

const TAG_BYTES: usize = 16;

/// How many bytes longer a datagram is for being sealed
pub const SEAL_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// Seals and opens datagrams with XChaCha20-Poly1305
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SealingKey([u8; 32]);

impl SealingKey {
    pub(super) fn of(key: &RoomKey) -> Self {
        Self(blake3::derive_key("lanchat 1 private room seal", key.as_bytes()))
    }

    /// The header as it is, which is authenticated, too; then the nonce, and the rest sealed
    pub(super) fn seal(&self, datagram: &[u8], nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
        let (header, rest) = datagram.split_at(Header::LEN.min(datagram.len()));
        let mut sealed = Vec::with_capacity(datagram.len() + SEAL_BYTES);
        sealed.extend_from_slice(header);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(rest);
        let secret = &mut sealed[header.len() + NONCE_BYTES..];
        match self.cipher().encrypt_in_place_detached(&XNonce::from(nonce), header, secret) {
            Ok(tag) => sealed.extend_from_slice(&tag),
            // Only what is longer than 256 GiB cannot be sealed; nothing must ever travel open.
            Err(_) => sealed.clear(),
        }
        sealed
    }

    /// The datagram as it was before it was sealed; `None` if it was not, with this key, under this header
    pub(super) fn open(&self, datagram: &[u8]) -> Option<Vec<u8>> {
        let (header, rest) = datagram.split_first_chunk::<{ Header::LEN }>()?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
        let mut opened = [header.as_slice(), sealed].concat();
        let secret = &mut opened[Header::LEN..];
        let cipher = self.cipher();
        cipher.decrypt_in_place_detached(&XNonce::from(*nonce), header, secret, &(*tag).into()).ok()?;
        Some(opened)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}
