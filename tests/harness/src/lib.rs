//! What lanchat's black-box tests share
//!
//! A [`Program`] is a running process whose printed events a test waits for. A [`Person`] starts programs with a
//! home of its own, either next to others on this machine's loopback ([`Loopback`]) or on a host of its own in a
//! [`Lab`], a switched network made of namespaces. Everything that a test expects within a time fails with the
//! transcript of the program that let it down.

mod capture;
mod ended;
mod events;
mod fail;
mod flood;
mod host;
mod lab;
mod loopback;
mod pattern;
mod person;
mod program;
mod room;
mod shell;
mod stranger;
mod timings;

pub use capture::{Capture, tshark_or_skip};
pub use ended::Ended;
pub use events::{
    changed, delivery, error, gone, joined, left, message, ready, renamed, said, said_by_me, whisper_to,
    whispered,
};
pub use fail::OrFail;
pub use flood::{attacker, flood};
pub use host::{Host, Only};
pub use lab::{Lab, available, lab_or_skip, namespaces_or_skip};
pub use loopback::{Loopback, is_udp_port_free};
pub use pattern::Pattern;
pub use person::Person;
pub use program::{Event, Program, SOON};
pub use room::{
    all_agree, all_expect, all_hear_all, all_meet, nobody_goes_for, start_all, talk_together, transcript,
    until_heard, until_listed,
};
pub use serde_json::{Value, json};
pub use stranger::Stranger;
pub use timings::Timings;
