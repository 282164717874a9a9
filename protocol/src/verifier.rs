use core::fmt;

use ed25519_dalek::VerifyingKey;

use crate::{PeerKey, Signature};

/// Says whether signatures are genuine
///
/// A node is given one, so that whoever runs many nodes in one program can look at each signature once for all of them.
pub trait Verifier: fmt::Debug + Send + Sync {
    /// Whether the owner of `key` made `signature` over `message`
    fn is_genuine(&self, key: &PeerKey, message: &[u8], signature: &Signature) -> bool;
}

/// Ed25519 (RFC 8032), strictly, so that weak keys and altered encodings of a signature fail
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ed25519;

impl Verifier for Ed25519 {
    fn is_genuine(&self, key: &PeerKey, message: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
        VerifyingKey::from_bytes(key.as_bytes())
            .and_then(|key| key.verify_strict(message, &signature))
            .is_ok()
    }
}
