//! The lanchat protocol as one deterministic state machine.
//!
//! The wire is specified in `PROTOCOL.md` beside this crate; section numbers in these docs refer to it. Nothing
//! here opens a socket, reads a clock, starts a thread or draws from the system's randomness: time is an argument
//! of type [`Time`], randomness is the seed in [`Config`], and the iteration order of every table is fixed. The
//! same inputs at the same times therefore give the same outputs, byte for byte.
//!
//! A driver does three things with a [`Node`]: it hands over what happened ([`Node::handle_input`],
//! [`Node::handle_timeout`]), drains [`Node::poll_output`] until that is `None`, and sleeps until
//! [`Node::poll_timeout`].
//!
//! A node with [`Storage::Durable`] also gives out batches of [`Record`]s to be kept ([`Output::Store`]). The driver need
//! not wait for the disk: it reports later what is stored ([`Input::Stored`]) or cannot be ([`Input::NotStored`]), and the
//! node holds back until then what must not be sent or shown before. At the next start the node is given what was kept:
//! a [`Memory`], and the log entries as [`Input::Restored`].
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod admission;
mod announcer;
mod answers;
mod archive;
mod blocked;
mod budget;
mod catch_up;
mod change;
mod claims;
mod clock;
mod counters;
mod digest;
mod echo;
mod entropy;
mod event;
mod farewell;
mod heartbeat;
mod id;
mod identity;
mod intake;
mod journal;
mod lateness;
mod lines;
mod liveness;
mod log;
mod loss;
mod node;
mod order;
mod own;
mod peer;
mod peers;
mod ranges;
mod reach;
mod record;
mod relay;
mod repairs;
mod replay;
mod replies;
mod requests;
mod room;
mod round_trip;
mod safekeeping;
mod seal;
mod speaker;
mod tempo;
mod text;
mod time;
mod typing;
mod verification;
mod verifier;
mod whisper;
pub mod wire;

pub use change::{About, Away, Change};
pub use counters::Counters;
pub use entropy::SecretSeed;
pub use event::{Arrival, Author, Delivery, Event, KnownPeer, NotWhispered, PeerInfo};
pub use id::{InstanceId, MessageId, PeerId, PeerKey, WhisperKey};
pub use identity::{Identity, Signature};
pub use loss::Loss;
pub use node::{Cast, Command, Config, Input, Node, Output, Reason, Retention, Role, Storage};
pub use order::Order;
pub use record::{
    HeardUpTo, HeardWhisper, KeptChange, KeptEntry, KeptLine, KeptPeer, KeptWhisper, Memory, OwnTip, Record,
    Ticket,
};
pub use room::{NONCE_BYTES, NoMemory, Room, RoomCode, RoomCodeError, RoomId, RoomKey, RoomTag, SEAL_BYTES};
pub use text::{
    Name, NameError, Note, NoteError, Reaction, ReactionError, RoomName, RoomNameError, Text, TextError,
    Topic, TopicError,
};
pub use time::{Time, WallTime};
pub use verification::{VERIFICATION_WORDS, verification};
pub use verifier::{Ed25519, Verifier};
