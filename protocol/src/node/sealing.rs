//! How a node comes to sessions with others, and what goes in them

use alloc::vec::Vec;
use core::{net::SocketAddr, time::Duration};

use super::{Node, Output};
use crate::{
    MessageId, PeerKey, Time,
    wire::{Body, Confidence, Dropped, HandshakeInit, HandshakeResponse, SealedFrame},
};

impl Node {
    /// Begins and repeats handshakes with those who are there and to whom something is to be whispered
    pub(super) fn shake_hands(&mut self, now: Time) {
        let wanted = self.whispers.waiting().filter_map(|key| {
            let peer =
                self.peers.find(&key).filter(|peer| peer.is_present() && !self.blocked.contains(&key))?;
            Some((key, peer.whisper_key?))
        });
        let wanted: Vec<_> = wanted.collect();
        self.seals.want(now, &wanted);
        let retry = self.tempo.timeout(0).clamp(MIN_RETRY, MAX_RETRY);
        let mut unanswered: Vec<PeerKey> = Vec::new();
        while let Some((key, init)) = self.seals.poll_init(now, &wanted, retry, &mut self.rng) {
            if let Some(peer) = self.peers.find(&key) {
                let to = peer.addr;
                self.send(to, Body::HandshakeInit(init));
            }
            unanswered.extend(Some(key).filter(|key| self.seals.has_become_unanswered(key)));
        }
        for key in unanswered {
            let waiting: Vec<MessageId> = self.whispers.unsent(&key).collect();
            waiting.into_iter().for_each(|id| self.tell_queued(key.id(), id));
        }
    }

    pub(super) fn on_handshake(
        &mut self,
        now: Time,
        from: SocketAddr,
        sender: PeerKey,
        init: &HandshakeInit,
    ) -> Result<(), Dropped> {
        let whisper_key = self.peers.find(&sender).and_then(|peer| peer.whisper_key);
        let whispers = &self.whispers;
        let is_needed = |key: &PeerKey| whispers.is_waiting(key);
        if let Some(response) = self.seals.on_init(now, (sender, whisper_key), init, is_needed)? {
            self.send(from, Body::HandshakeResponse(response));
        }
        Ok(())
    }

    pub(super) fn on_handshake_response(
        &mut self,
        now: Time,
        sender: PeerKey,
        response: &HandshakeResponse,
    ) -> Result<(), Dropped> {
        if self.seals.on_response(now, sender, response)? {
            self.whispers.hasten(now, &sender);
        }
        self.send_whispers(now);
        if self.seals.owes_confirmation(&sender)
            && let Some(peer) = self.peers.find(&sender)
        {
            let to = peer.addr;
            self.send_sealed(&sender, to, &Confidence::Confirm);
        }
        Ok(())
    }

    pub(super) fn on_sealed(
        &mut self,
        now: Time,
        from: SocketAddr,
        frame: SealedFrame<'_>,
    ) -> Result<(), Dropped> {
        let opened = self.seals.open(now, frame)?;
        let standing = self.peers.on_sealed(now, &opened.from);
        self.on_standing(now, &opened.from, standing);
        let taken = match Confidence::decode(&opened.text) {
            Ok(Confidence::Confirm) => Ok(()),
            Ok(Confidence::Whisper(whisper)) => self.on_whisper(now, from, opened.from, whisper),
            Ok(Confidence::WhisperAck(ack)) => {
                self.on_ack(now, &opened.from, &ack);
                Ok(())
            }
            Err(why) => Err(why.into()),
        };
        if opened.is_first {
            self.send_whispers(now);
        }
        taken
    }

    /// Sends something to `key` at `to` that nobody else can read
    ///
    /// Without a session it is not sent: whispers are repeated, and so are the acknowledgements that follow from them.
    pub(super) fn send_sealed(&mut self, key: &PeerKey, to: SocketAddr, what: &Confidence) {
        if let Some((session, nonce, ciphertext)) = self.seals.seal(self.now, key, what) {
            let frame = SealedFrame { session, nonce, ciphertext: &ciphertext };
            let datagram = frame.encode(&self.room);
            self.outputs.push_back(Output::Send { to, datagram });
        }
    }
}

/// How soon a handshake is repeated at first: what it costs the other side must fit in
const MIN_RETRY: Duration = Duration::from_millis(20);
const MAX_RETRY: Duration = Duration::from_millis(200);
