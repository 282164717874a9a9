//! A second opinion on handshakes: Noise_IK_25519_ChaChaPoly_BLAKE2s, written from the specification of Noise alone

use blake2::{Blake2s256, Digest};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use curve25519_dalek::MontgomeryPoint;

const NAME: &[u8] = b"Noise_IK_25519_ChaChaPoly_BLAKE2s";

/// The public half of a secret
pub(crate) fn public(secret: [u8; 32]) -> [u8; 32] {
    MontgomeryPoint::mul_base_clamped(secret).to_bytes()
}

/// After the first message
pub(crate) struct Begun {
    state: Symmetric,
    secret: [u8; 32],
    ephemeral: [u8; 32],
}

/// The keys of the one who began, and of the other
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Keys([u8; 32], [u8; 32]);

/// The first message, of somebody with these secrets to somebody with this public key
pub(crate) fn begin(
    prologue: &[u8],
    secret: [u8; 32],
    ephemeral: [u8; 32],
    theirs: [u8; 32],
) -> (Begun, Vec<u8>) {
    let name = hash(&[NAME]);
    let mut state = Symmetric { hash: name, chaining: name, key: [0; 32] };
    state.mix_hash(prologue);
    state.mix_hash(&theirs);
    let mut message = public(ephemeral).to_vec();
    state.mix_hash(&message.clone());
    state.mix_key(shared(ephemeral, theirs));
    message.extend(state.encrypt_and_hash(&public(secret)));
    state.mix_key(shared(secret, theirs));
    message.extend(state.encrypt_and_hash(&[]));
    (Begun { state, secret, ephemeral }, message)
}

impl Begun {
    /// The second message, of somebody with this ephemeral secret, and the keys
    pub(crate) fn answer(mut self, ephemeral: [u8; 32]) -> (Keys, Vec<u8>) {
        let mut message = public(ephemeral).to_vec();
        self.state.mix_hash(&message.clone());
        self.state.mix_key(shared(ephemeral, public(self.ephemeral)));
        self.state.mix_key(shared(ephemeral, public(self.secret)));
        message.extend(self.state.encrypt_and_hash(&[]));
        (self.state.split(), message)
    }

    /// The keys that follow from the second message
    pub(crate) fn finish(mut self, message: &[u8]) -> Keys {
        let (theirs, sealed) = message.split_first_chunk::<32>().expect("a key");
        self.state.mix_hash(theirs);
        self.state.mix_key(shared(self.ephemeral, *theirs));
        self.state.mix_key(shared(self.secret, *theirs));
        assert_eq!(self.state.encrypt_and_hash(&[]), sealed);
        self.state.split()
    }
}

impl Keys {
    /// What the one who began seals
    pub(crate) fn seal(&self, nonce: u64, text: &[u8]) -> Vec<u8> {
        encrypt(&self.0, nonce, &[], text)
    }

    /// What the other seals
    pub(crate) fn seal_back(&self, nonce: u64, text: &[u8]) -> Vec<u8> {
        encrypt(&self.1, nonce, &[], text)
    }
}

struct Symmetric {
    hash: [u8; 32],
    chaining: [u8; 32],
    key: [u8; 32],
}

impl Symmetric {
    fn mix_hash(&mut self, bytes: &[u8]) {
        self.hash = hash(&[&self.hash, bytes]);
    }

    fn mix_key(&mut self, bytes: [u8; 32]) {
        (self.chaining, self.key) = hkdf(&self.chaining, &bytes);
    }

    /// Each key is used once, so that the nonce is 0
    fn encrypt_and_hash(&mut self, text: &[u8]) -> Vec<u8> {
        let sealed = encrypt(&self.key, 0, &self.hash, text);
        self.mix_hash(&sealed);
        sealed
    }

    fn split(self) -> Keys {
        let (one, other) = hkdf(&self.chaining, &[]);
        Keys(one, other)
    }
}

fn shared(secret: [u8; 32], public: [u8; 32]) -> [u8; 32] {
    MontgomeryPoint(public).mul_clamped(secret).to_bytes()
}

fn encrypt(key: &[u8; 32], nonce: u64, aad: &[u8], msg: &[u8]) -> Vec<u8> {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&nonce.to_le_bytes());
    ChaCha20Poly1305::new(key.into()).encrypt(&bytes.into(), Payload { msg, aad }).expect("it is short")
}

fn hkdf(chaining: &[u8; 32], input: &[u8]) -> ([u8; 32], [u8; 32]) {
    let key = hmac(chaining, &[input]);
    let one = hmac(&key, &[&[1]]);
    (one, hmac(&key, &[&one, &[2]]))
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(padded, key)| *padded ^= key);
        block
    };
    let inner = hash(&[&[pad(0x36).as_slice()], parts].concat());
    hash(&[&pad(0x5c), &inner])
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Blake2s256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}
