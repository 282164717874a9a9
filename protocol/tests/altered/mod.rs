//! Every bit of every golden frame matters: with another, a node that knows everybody drops it and is as it was
//!
//! No byte of any frame is left out: what no signature covers (the header of Data, Heartbeat and Sealed frames, all of a
//! heartbeat) has to fit what was signed, sealed or chained before, or does not lead to a frame at all.

use lanchat_protocol::{Counters, PeerInfo, Reason};

use super::*;

/// By whom it is, who hears it, and what they have heard before
const FRAMES: [(&str, Hearer, &[&str]); 15] = [
    ("announce", Hearer::Bob, &[]),
    ("announce-extended", Hearer::Bob, &["announce"]),
    ("announce-with-pulse", Hearer::Bob, &["announce"]),
    ("announce-with-whisper-key", Hearer::Bob, &["announce"]),
    ("announce-with-logs", Hearer::Ann, &[]),
    ("announce-answer", Hearer::Ann, &[]),
    ("ping", Hearer::Bob, &["announce"]),
    ("pong", Hearer::Ann, &[EARLIER]),
    ("ping-request", Hearer::Bob, &["announce"]),
    ("heads", Hearer::Ann, &[EARLIER]),
    ("want", Hearer::Bob, &["announce", "data"]),
    ("heads-request", Hearer::Bob, &["announce", "data"]),
    ("bye", Hearer::Bob, &["announce"]),
    ("handshake-init", Hearer::Bob, &["announce-with-whisper-key"]),
    ("heartbeat", Hearer::Bob, &["announce-with-pulse"]),
];

/// Names an announcement of Bob's from before all golden frames of his: what is older than the first counts as recorded
const EARLIER: &str = "";

fn earlier_announcement() -> Vec<u8> {
    let body = Body::Announce(announce_with_logs());
    Frame { sender: *bob().key(), incarnation: INCARNATION_OF_BOB, counter: 1, body }.seal(&bob(), &lobby())
}

#[derive(Clone, Copy)]
enum Hearer {
    Ann,
    Bob,
}

/// A node, and what it gave out
struct Ears {
    node: Node,
    shown: Vec<(Uuid, String)>,
    sent: Vec<Vec<u8>>,
}

impl Ears {
    fn new(hearer: Hearer, before: &[&str]) -> Self {
        let node = match hearer {
            Hearer::Ann => node_of(ann(), INCARNATION_OF_ANN, &[]),
            Hearer::Bob => node_of(bob(), INCARNATION_OF_ANN, &[]),
        };
        let mut ears = Self { node, shown: Vec::new(), sent: Vec::new() };
        ears.drain();
        for name in before {
            ears.hear(&if *name == EARLIER { earlier_announcement() } else { vector(name) });
        }
        ears.shown.clear();
        ears.sent.clear();
        ears
    }

    fn drain(&mut self) {
        let (shown, sent) = outputs(&mut self.node);
        self.shown.extend(shown);
        self.sent.extend(sent);
    }

    fn hear(&mut self, bytes: &[u8]) {
        hear(&mut self.node, bytes);
        self.drain();
    }

    /// Takes in one altered datagram after the other: after two forgeries at once nothing more is read for 10 ms
    fn hear_altered(&mut self, number: u64, bytes: &[u8]) {
        hear_at(&mut self.node, Time::from_millis(10 * number), bytes);
        self.drain();
    }

    /// Takes in a datagram after all that were made of it
    fn hear_after(&mut self, bytes: &[u8]) {
        hear_at(&mut self.node, Time::from_millis(200), bytes);
        self.drain();
    }

    fn state(&self) -> (Vec<PeerInfo>, Option<(Time, Reason)>, bool) {
        (self.node.peers().collect(), self.node.poll_timeout(), self.node.has_caught_up())
    }
}

fn drops(counters: &Counters) -> u64 {
    counters.all_dropped().map(|(_, count)| count).sum()
}

/// The datagram with each bit of the byte at `at` turned, and with that byte at its ends
fn altered(datagram: &[u8], at: usize) -> impl Iterator<Item = Vec<u8>> {
    let byte = datagram[at];
    let others =
        (0..8).map(move |bit| byte ^ 1 << bit).chain([0x00, 0xff]).filter(move |other| *other != byte);
    others.map(move |other| {
        let mut datagram = datagram.to_vec();
        datagram[at] = other;
        datagram
    })
}

/// Whether it is a heartbeat that repeats an announcement which is not known: whoever it says it is from is asked
fn repeats_the_unknown(name: &str, at: usize) -> bool {
    name == "heartbeat" && at >= Header::LEN
}

#[test]
fn a_frame_with_another_bit_is_dropped_and_changes_nothing() {
    for (name, hearer, before) in FRAMES {
        let datagram = vector(name);
        let mut twin = Ears::new(hearer, before);
        let (state, drops_before) = (twin.state(), drops(twin.node.counters()));
        twin.hear_after(&datagram);
        assert_eq!(drops(twin.node.counters()), drops_before, "{name} itself is dropped");
        for at in 0..datagram.len() {
            let mut ears = Ears::new(hearer, before);
            for (number, other) in (1..).zip(altered(&datagram, at)) {
                ears.hear_altered(number, &other);
                assert_eq!(drops(ears.node.counters()), drops_before + number, "byte {at} of {name}");
                let asks = repeats_the_unknown(name, at);
                assert!(ears.sent.is_empty() || asks, "byte {at} of {name} is answered");
                ears.sent.clear();
            }
            assert_eq!((&ears.state(), &ears.shown[..]), (&state, &[][..]), "byte {at} of {name}");
            ears.hear_after(&datagram);
            let same = (ears.state(), &ears.shown) == (twin.state(), &twin.shown);
            assert!(same, "after byte {at} of {name} the frame itself does not do the same");
            assert!(ears.sent.len() == twin.sent.len(), "after byte {at} of {name} it is answered otherwise");
        }
    }
}

#[test]
fn an_entry_with_another_bit_is_dropped_and_keeps_nothing_away() {
    let one = Data::of(entries()[0].1.clone()).seal(&lobby());
    for datagram in [one, vector("data")] {
        let mut twin = Ears::new(Hearer::Bob, &["announce"]);
        twin.hear(&datagram);
        assert!(!twin.shown.is_empty());
        for at in 0..datagram.len() {
            for other in altered(&datagram, at) {
                let mut ears = Ears::new(Hearer::Bob, &["announce"]);
                let state = ears.state();
                ears.hear(&other);
                assert!(drops(ears.node.counters()) > 0, "nothing is dropped for byte {at}");
                let genuine = ears.shown.iter().all(|line| twin.shown.contains(line));
                assert!(genuine && ears.shown.len() < twin.shown.len(), "{:?} for byte {at}", ears.shown);
                if datagram.len() < vector("data").len() {
                    assert_eq!((ears.state(), &ears.shown[..], ears.sent.len()), (state, &[][..], 0));
                }
                ears.hear(&datagram);
                assert_eq!(ears.shown, twin.shown, "after byte {at}");
            }
        }
    }
}

#[test]
fn a_sealed_frame_with_another_bit_is_dropped_and_changes_nothing() {
    let in_session = || {
        let mut ears = Ears::new(Hearer::Bob, &["announce-with-whisper-key"]);
        ears.hear(&vector("handshake-init"));
        let (datagram, _) = sealed::whisper_to(&ears.sent);
        ears.sent.clear();
        (ears, datagram)
    };
    let (mut twin, datagram) = in_session();
    let (state, before) = (twin.state(), drops(twin.node.counters()));
    twin.hear_after(&datagram);
    assert_eq!((twin.shown.len(), drops(twin.node.counters())), (1, before));
    for at in 0..datagram.len() {
        let (mut ears, _) = in_session();
        for (number, other) in (1..).zip(altered(&datagram, at)) {
            ears.hear_altered(number, &other);
            assert_eq!(drops(ears.node.counters()), before + number, "byte {at}");
            assert_eq!((&ears.state(), ears.shown.len(), ears.sent.len()), (&state, 0, 0), "byte {at}");
        }
        ears.hear_after(&datagram);
        assert_eq!((ears.shown, ears.sent), (twin.shown.clone(), twin.sent.clone()), "after byte {at}");
    }
}

/// Ann, who wants to whisper to Bob, and his answer to her handshake
fn answered() -> (Ears, Vec<u8>) {
    let mut bob = Ears::new(Hearer::Bob, &[]);
    bob.node.handle_timeout(Time::ZERO);
    let mut announced = std::iter::from_fn(|| bob.node.poll_output()).filter_map(|output| match output {
        Output::Broadcast(datagram) => Some(datagram),
        Output::Send { .. } | Output::Probe { .. } | Output::Store { .. } | Output::Event(_) => None,
    });
    let announcement = announced.next().unwrap();
    drop(announced);
    let mut ann = Ears::new(Hearer::Ann, &[]);
    ann.node.handle_timeout(Time::ZERO);
    let announced = std::iter::from_fn(|| ann.node.poll_output()).collect::<Vec<_>>();
    let Some(Output::Broadcast(of_ann)) = announced.first() else { panic!("{announced:?}") };
    bob.hear(of_ann);
    bob.sent.clear();
    ann.hear(&announcement);
    ann.sent.clear();
    let text = Text::new("psst").unwrap();
    let whisper = lanchat_protocol::Command::Whisper { to: self::bob().id(), text, at: SAID_AT };
    ann.node.handle_input(Time::ZERO, Input::Command(whisper));
    ann.drain();
    let init = std::mem::take(&mut ann.sent);
    bob.hear(&init[0]);
    (ann, bob.sent.swap_remove(0))
}

#[test]
fn an_answer_to_a_handshake_with_another_bit_is_dropped_and_changes_nothing() {
    let (mut twin, datagram) = answered();
    assert_eq!((datagram[5], datagram.len()), (0x31, vector("handshake-response").len()));
    let (state, before) = (twin.state(), drops(twin.node.counters()));
    twin.hear_after(&datagram);
    assert_eq!((twin.sent.len(), drops(twin.node.counters())), (1, before), "the whisper follows");
    for at in 0..datagram.len() {
        let (mut ears, _) = answered();
        for (number, other) in (1..).zip(altered(&datagram, at)) {
            ears.hear_altered(number, &other);
            assert_eq!(drops(ears.node.counters()), before + number, "byte {at}");
            assert_eq!((&ears.state(), ears.shown.len(), ears.sent.len()), (&state, 0, 0), "byte {at}");
        }
        ears.hear_after(&datagram);
        assert_eq!(ears.sent, twin.sent, "after byte {at}");
    }
}

#[test]
fn a_frame_of_a_private_room_with_another_bit_is_dropped_and_changes_nothing() {
    let in_private = || {
        let node = node_in(private_room(), bob(), INCARNATION_OF_ANN, &[]);
        let mut ears = Ears { node, shown: Vec::new(), sent: Vec::new() };
        ears.drain();
        ears
    };
    let datagram = vector("sealed-announce");
    let mut twin = in_private();
    let state = twin.state();
    twin.hear_after(&datagram);
    assert_eq!((twin.node.peers().count(), drops(twin.node.counters())), (1, 0));
    for at in 0..datagram.len() {
        let mut ears = in_private();
        for (number, other) in (1..).zip(altered(&datagram, at)) {
            ears.hear_altered(number, &other);
            assert_eq!(drops(ears.node.counters()), number, "byte {at}");
            assert_eq!((&ears.state(), ears.sent.len()), (&state, 0), "byte {at}");
        }
        ears.hear_after(&datagram);
        assert_eq!(ears.state(), twin.state(), "after byte {at}");
    }
    twin.hear(&vector("private-announce"));
    assert_eq!(twin.node.counters().dropped(Dropped::Unsealed), 1, "it was not sealed");
}

#[test]
fn no_golden_frame_is_left_out() {
    // What is in the sealed announcement does not travel as it is, and a heartbeat of before is dropped as it is.
    let others = [
        "heartbeat-shown-before",
        "handshake-response",
        "sealed-announce",
        "private-announce",
        "sealed-whisper",
        "sealed-confirmation",
        "sealed-whisper-ack",
    ];
    let listed = FRAMES.iter().map(|(name, ..)| *name).chain(["data"]).chain(others);
    let listed: std::collections::BTreeSet<_> = listed.collect();
    let document = include_str!("../../PROTOCOL.md");
    let blocks = document.split("```hex ").skip(1).filter_map(|rest| rest.split_once('\n'));
    let frames = blocks.filter(|(_, block)| block.starts_with("4c4e4354")).map(|(name, _)| name);
    assert_eq!(listed, frames.collect());
}
