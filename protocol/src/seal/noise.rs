//! The one place that knows snow: Noise_IK_25519_ChaChaPoly_BLAKE2s without payloads (PROTOCOL.md §5.5)

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use snow::{
    Builder, Error, HandshakeState, StatelessTransportState,
    params::{CipherChoice, DHChoice, HashChoice, NoiseParams},
    resolvers::{CryptoResolver, DefaultResolver},
    types::{Cipher, Dh, Hash, Random},
};

use crate::{PeerKey, RoomId, WhisperKey};

const PROTOCOL: &str = "Noise_IK_25519_ChaChaPoly_BLAKE2s";
/// How much longer a sealed text is
pub(crate) const TAG_BYTES: usize = 16;
const INIT_BYTES: usize = 96;
const RESPONSE_BYTES: usize = 48;

/// What both sides of a handshake know, and what is bound to it
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) room: &'a RoomId,
    pub(crate) initiator: &'a PeerKey,
    pub(crate) responder: &'a PeerKey,
    /// This side's static secret
    pub(crate) secret: &'a [u8; 32],
    /// The other side's static public key
    pub(crate) theirs: &'a WhisperKey,
}

/// A handshake that this node began
pub(crate) struct Initiation(HandshakeState);

/// The keys of a session, one for each direction
#[derive(Debug)]
pub(crate) struct Keys(StatelessTransportState);

/// The public half of a static secret
pub(crate) fn public_key(secret: &[u8; 32]) -> Option<WhisperKey> {
    let mut dh = DefaultResolver.resolve_dh(&DHChoice::Curve25519)?;
    dh.set(secret);
    dh.pubkey().try_into().ok().map(WhisperKey::from_bytes)
}

/// Begins a handshake with this ephemeral secret: the handshake, and the first message
pub(crate) fn initiate(setting: Setting<'_>, ephemeral: [u8; 32]) -> Option<(Initiation, Vec<u8>)> {
    let prologue = setting.prologue();
    let builder = setting.builder(&prologue, ephemeral).ok()?;
    let mut state = builder.remote_public_key(setting.theirs.as_bytes()).ok()?.build_initiator().ok()?;
    let message = write::<INIT_BYTES>(&mut state)?;
    Some((Initiation(state), message))
}

/// Answers a first message: the keys, and the second message; `None` if it is not from whom it is said to be
pub(crate) fn respond(setting: Setting<'_>, ephemeral: [u8; 32], message: &[u8]) -> Option<(Keys, Vec<u8>)> {
    let prologue = setting.prologue();
    let mut state = setting.builder(&prologue, ephemeral).ok()?.build_responder().ok()?;
    let payload = state.read_message(message, &mut [0; INIT_BYTES]).ok()?;
    if payload != 0 || state.get_remote_static() != Some(setting.theirs.as_bytes().as_slice()) {
        return None;
    }
    let answer = write::<RESPONSE_BYTES>(&mut state)?;
    Some((Keys(state.into_stateless_transport_mode().ok()?), answer))
}

impl Initiation {
    /// The keys that follow from the second message; `None` if it is none
    pub(crate) fn finish(self, message: &[u8]) -> Option<Keys> {
        let Self(mut state) = self;
        let payload = state.read_message(message, &mut [0; RESPONSE_BYTES]).ok()?;
        (payload == 0).then_some(())?;
        state.into_stateless_transport_mode().ok().map(Keys)
    }
}

impl fmt::Debug for Initiation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Initiation(…)")
    }
}

impl Keys {
    /// `text`, sealed under a nonce that is never used again
    pub(crate) fn seal(&self, nonce: u64, text: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = alloc::vec![0; text.len() + TAG_BYTES];
        self.0.write_message(nonce, text, &mut sealed).ok()?;
        Some(sealed)
    }

    /// What was sealed under this nonce by the other side; `None` if it was not
    pub(crate) fn open(&self, nonce: u64, sealed: &[u8]) -> Option<Vec<u8>> {
        let mut text = alloc::vec![0; sealed.len().checked_sub(TAG_BYTES)?];
        self.0.read_message(nonce, sealed, &mut text).ok()?;
        Some(text)
    }
}

impl<'a> Setting<'a> {
    fn builder(&self, prologue: &'a [u8], ephemeral: [u8; 32]) -> Result<Builder<'a>, Error> {
        let params: NoiseParams = PROTOCOL.parse()?;
        let builder = Builder::with_resolver(params, Box::new(Resolver { ephemeral }));
        builder.local_private_key(self.secret)?.prologue(prologue)
    }

    fn prologue(&self) -> Vec<u8> {
        const CONTEXT: &[u8] = b"lanchat 1 whisper session";
        let keys = [self.initiator.as_bytes().as_slice(), self.responder.as_bytes()].concat();
        [CONTEXT, self.room.as_bytes(), &keys].concat()
    }
}

fn write<const LEN: usize>(state: &mut HandshakeState) -> Option<Vec<u8>> {
    let mut message = alloc::vec![0; LEN];
    let written = state.write_message(&[], &mut message).ok()?;
    (written == LEN).then_some(message)
}

/// snow's own primitives, but for randomness, which is given, and shared secrets, which are looked at
struct Resolver {
    ephemeral: [u8; 32],
}

impl CryptoResolver for Resolver {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Once(Some(self.ephemeral))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        Some(Box::new(Contributory(DefaultResolver.resolve_dh(choice)?)))
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

/// One ephemeral secret
struct Once(Option<[u8; 32]>);

impl Random for Once {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let secret = self.0.take().filter(|secret| secret.len() == bytes.len()).ok_or(Error::Rng)?;
        bytes.copy_from_slice(&secret);
        Ok(())
    }
}

/// Refuses shared secrets to which only one side contributed, since the other's key is a point of low order
struct Contributory(Box<dyn Dh>);

impl Dh for Contributory {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn pub_len(&self) -> usize {
        self.0.pub_len()
    }

    fn priv_len(&self) -> usize {
        self.0.priv_len()
    }

    fn set(&mut self, secret: &[u8]) {
        self.0.set(secret);
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), Error> {
        self.0.generate(rng)
    }

    fn pubkey(&self) -> &[u8] {
        self.0.pubkey()
    }

    fn privkey(&self) -> &[u8] {
        self.0.privkey()
    }

    fn dh(&self, key: &[u8], out: &mut [u8]) -> Result<(), Error> {
        self.0.dh(key, out)?;
        let shared = &out[..self.dh_len()];
        if shared.iter().fold(0, |any, byte| any | byte) == 0 { Err(Error::Dh) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
