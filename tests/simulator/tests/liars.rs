//! Nobody can make others ask for what no signed entry proves

#![cfg(test)]

use lanchat_protocol::{
    Cast, Identity, InstanceId, Name, PeerKey,
    wire::{
        Announce, Body, Digest, Extension, Frame, Head, Holding, LogId, Recent,
        bounded::{Bytes, List},
        codec,
    },
};
use lanchat_simulator::{HostId, Lan, Weather, kind};

/// Somebody who announces whatever they like
struct Liar {
    identity: Identity,
    counter: u64,
}

impl Liar {
    fn new() -> Self {
        Self { identity: Identity::from_secret([0x11; 32]), counter: 0 }
    }

    /// Announces to all `hosts` a log that ends at `head`, and what else is claimed
    fn announce(&mut self, lan: &mut Lan, hosts: &[HostId], head: u64, extensions: Vec<Extension>) {
        self.counter += 1;
        let announce = Announce {
            instance: InstanceId::from_uuid(uuid::Uuid::nil()),
            name: Name::new("liar").unwrap(),
            interval_ms: 1_000,
            members: 3,
            solicits: false,
            visitor: false,
            head: Head { epoch: 1, seq: head },
            lamport: 1,
            extensions: List::new(extensions).unwrap(),
        };
        let frame = Frame {
            sender: *self.identity.key(),
            incarnation: 1,
            counter: self.counter,
            body: Body::Announce(announce),
        };
        let datagram = frame.seal(&self.identity, lan.room());
        for host in hosts {
            lan.inject(*host, Cast::Broadcast, &datagram);
        }
    }
}

fn extension(kind: u16, body: &[u8]) -> Extension {
    Extension { kind, body: Bytes::new(body.to_vec()).unwrap() }
}

fn requests(lan: &Lan) -> u64 {
    lan.traffic().of(kind::WANT).datagrams + lan.traffic().of(kind::HEADS_REQUEST).datagrams
}

/// Lets the liar announce the same once a second for two minutes; how many requests three hosts send in the second
fn requests_in_the_second_minute(head: u64, extensions: impl Fn(PeerKey) -> Vec<Extension>) -> u64 {
    let mut lan = Lan::new(1, Weather::wire());
    let hosts = lan.join(["ann", "bob", "cid"]);
    lan.run_secs(3);
    lan.say(hosts[0], "the truth");
    let ann = lan.key(hosts[0]);
    let mut liar = Liar::new();
    let mut before = 0;
    for second in 0..120 {
        if second == 60 {
            before = requests(&lan);
        }
        liar.announce(&mut lan, &hosts, head, extensions(ann));
        lan.run_secs(1);
    }
    lan.assert_equal_transcripts(&hosts);
    requests(&lan) - before
}

#[test]
fn a_log_that_its_author_never_shows_is_not_asked_for_for_ever() {
    let asked = requests_in_the_second_minute(1_000_000_000_000, |_| vec![]);
    assert!(asked <= 30, "{asked}");
}

#[test]
fn nor_is_more_of_somebody_elses_log_than_they_wrote() {
    let asked = requests_in_the_second_minute(0, |ann| {
        let log = LogId { author: ann, epoch: 1 };
        let holding = Holding { log, floor: 1, seq: 1_000_000_000_000, lamport: 1_000 };
        let recent = Recent { holdings: List::new(vec![holding]).unwrap() };
        vec![extension(Extension::RECENT, &codec::encode(&recent))]
    });
    assert!(asked <= 90, "{asked}");
}

#[test]
fn a_digest_that_nobody_else_has_costs_little() {
    let asked = requests_in_the_second_minute(0, |_| {
        let digest = Digest { sum: 0x1234, entries: 1_000_000 };
        vec![extension(Extension::DIGEST, &codec::encode(&digest))]
    });
    assert!(asked <= 100, "{asked}");
}
