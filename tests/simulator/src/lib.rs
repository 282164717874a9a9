//! Nodes on a local network that exists only in memory, in virtual time
//!
//! Real bytes travel: every datagram is encoded by one [`Node`](lanchat_protocol::Node) and decoded by the others, each
//! copy with a fate of its own. Time jumps from one event to the next, so that an hour takes as long as its datagrams
//! take to handle, and everything follows from one seed: a story that failed fails again.
//!
//! ```
//! use lanchat_simulator::{Lan, Weather};
//!
//! let mut lan = Lan::new(1, Weather::wifi());
//! let [ann, bob] = lan.join(["ann", "bob"]);
//! lan.run_secs(2);
//! lan.say(ann, "hi");
//! lan.run_secs(1);
//! assert_eq!(lan.heard(bob), ["+ann", "ann: hi"]);
//! ```

mod checks;
mod database;
mod disk;
mod host;
mod lan;
mod model;
mod network;
mod replay;
mod steps;
mod story;
mod talk;
mod traffic;
mod verifier;
mod weather;
mod wiretap;

pub use disk::DiskCopy;
pub use lan::{HostId, Lan, Sent, TranscriptLine};
pub use model::tell;
pub use replay::seeds;
pub use steps::{Step, Steps};
pub use talk::{Figures, Talk};
pub use traffic::{Amount, Traffic, kind};
pub use weather::{Bursts, Spikes, Weather};
