use alloc::vec::Vec;

use crate::{
    Identity, Room,
    wire::{Body, Frame},
};

/// Signs this node's frames, each with a counter of its own (PROTOCOL.md §4)
#[derive(Debug)]
pub(crate) struct Speaker {
    identity: Identity,
    incarnation: u64,
    counter: u64,
}

impl Speaker {
    /// Nothing sent yet in this incarnation
    pub(crate) fn new(identity: Identity, incarnation: u64) -> Self {
        Self { identity, incarnation, counter: 0 }
    }

    /// Who speaks
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Which start of the program this is
    pub(crate) fn incarnation(&self) -> u64 {
        self.incarnation
    }

    /// The datagram that says `body`
    pub(crate) fn seal(&mut self, room: &Room, body: Body) -> Vec<u8> {
        self.counter += 1;
        let frame = Frame {
            sender: *self.identity.key(),
            incarnation: self.incarnation,
            counter: self.counter,
            body,
        };
        frame.seal(&self.identity, room)
    }
}
