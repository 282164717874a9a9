//! What is claimed and not held, lost with whoever said it, or set back

use super::*;
use crate::{
    Memory, OwnTip,
    wire::{
        Announce, Digest, Entry, EntryHash, Extension, Head, Heads, Holding, Item, LogId, MAX_HOLDINGS,
        SignedEntry, kind,
    },
};

const MINUTE: Duration = Duration::from_secs(60);

/// Ann and bob, and eve who has a key and no node
struct Den {
    lan: Lan,
    eve: Speaker,
    lies: u64,
}

const EVE: usize = 2;

impl Den {
    fn new() -> Self {
        let mut lan = Lan::of(&["ann", "bob"]);
        lan.hosts.push(Host { node: None, heard: Vec::new() });
        lan.run(SECOND);
        Self { lan, eve: Speaker::new(identity(EVE), 1), lies: 0 }
    }

    fn say(&mut self, to: usize, cast: Cast, body: Body) {
        let datagram = self.eve.seal(&lobby(), body);
        self.lan.hand_over(EVE, to, cast, &datagram);
        self.lan.carry();
    }

    /// Eve announces herself, and that she holds something that nobody else does
    fn announce(&mut self, head: Head, holdings: &[Holding]) {
        let Body::Announce(ours) = self.lan.hosts[0].node.as_ref().unwrap().announcement(SECOND, false)
        else {
            panic!("not an announcement");
        };
        let digest = Digest { sum: 1 + self.lies, entries: u64::MAX };
        let recent = crate::wire::Recent { holdings: List::new(holdings.to_vec()).unwrap() };
        let extensions = [
            Extension::of(Extension::DIGEST, &digest).unwrap(),
            Extension::of(Extension::RECENT, &recent).unwrap(),
        ];
        let announce = Announce {
            instance: InstanceId::from_uuid(uuid::Uuid::from_u128(7)),
            name: Name::new("eve").unwrap(),
            head,
            extensions: List::new(extensions.to_vec()).unwrap(),
            ..ours
        };
        for to in (0..self.lan.hosts.len()).filter(|host| *host != EVE) {
            self.say(to, Cast::Broadcast, Body::Announce(announce.clone()));
        }
    }

    /// Logs that nobody wrote
    fn lies(&mut self, are_new: bool) -> Vec<Holding> {
        self.lies += u64::from(are_new);
        let log = |n: usize| LogId { author: *identity(10_000 + n).key(), epoch: 1 + self.lies };
        let mut lies: Vec<_> = (0..MAX_HOLDINGS)
            .map(|n| Holding { log: log(n), floor: 1, seq: u64::MAX, lamport: u64::MAX })
            .collect();
        lies.sort_by_key(|holding| holding.log);
        lies
    }

    /// Eve goes on lying for some minutes; how many datagrams of each kind she is sent in the last half of the time
    fn lie(&mut self, minutes: u32, are_new: bool) -> (usize, usize) {
        for second in 0..minutes * 60 {
            if second == minutes * 30 {
                self.lan.sent.clear();
            }
            let before = self.lan.sent.len();
            let lies = self.lies(are_new);
            self.announce(Head { epoch: 1, seq: 0 }, &lies[..6]);
            self.lan.run(SECOND / 2);
            let asks = self.lan.sent[before.min(self.lan.sent.len())..].iter();
            let asking: Vec<_> =
                asks.filter(|sent| sent.kind() == kind::HEADS_REQUEST).map(|sent| sent.from).collect();
            for host in asking {
                let heads = Heads { holdings: List::new(self.lies(are_new)).unwrap(), more: true };
                self.say(host, Cast::Unicast, Body::Heads(heads));
            }
            self.lan.run(SECOND / 2);
        }
        (self.sent(kind::HEADS_REQUEST), self.sent(kind::WANT))
    }

    fn sent(&self, kind: u8) -> usize {
        self.lan.sent.iter().filter(|sent| sent.kind() == kind).count()
    }
}

#[test]
fn whoever_claims_what_nobody_proves_is_asked_a_few_times_and_then_left_alone() {
    let mut den = Den::new();
    let (heads_requests, wants) = den.lie(20, false);
    assert!(heads_requests <= 4 * 60, "{heads_requests} in ten minutes");
    assert!(wants <= 3 * 200, "{wants} in ten minutes");
    den.lan.heard(0);
    den.lan.say(0, "hi");
    assert_eq!(den.lan.heard(1).last().map(String::as_str), Some("ann: hi"));
}

#[test]
fn whoever_claims_something_new_each_second_is_asked_no_more_than_that() {
    let (heads_requests, wants) = Den::new().lie(1, true);
    assert!(heads_requests <= 3 * 30, "{heads_requests} in half a minute");
    assert!(wants <= 2 * 20 * 30, "{wants} in half a minute");
}

#[test]
fn whoever_lies_about_what_others_hold_does_not_keep_a_newcomer_from_the_truth() {
    let mut den = Den::new();
    (0..100).for_each(|n| den.lan.say(0, &format!("{n}")));
    den.lie(1, true);
    let cid = den.lan.join("cid");
    den.lie(1, true);
    assert_eq!(den.lan.heard(cid).iter().filter(|told| told.starts_with("ann: ")).count(), 100);
}

#[test]
fn a_place_far_away_makes_nobody_ask_for_ever() {
    let mut den = Den::new();
    let entry = Entry {
        author: *identity(EVE).key(),
        epoch: 1,
        seq: 1_000_000_000_000,
        prev: EntryHash::from_bytes([7; 32]),
        lamport: 5,
        sent_at: WallTime::default(),
        items: List::new(Item::from_text(&text("far"))).unwrap(),
    };
    let far = Data::of(SignedEntry::sign(&entry, &identity(EVE), lobby().id()).unwrap()).seal(&lobby());
    den.announce(Head { epoch: 1, seq: 0 }, &[]);
    for to in [0, 1] {
        den.lan.hand_over(EVE, to, Cast::Broadcast, &far);
    }
    den.lan.carry();
    for minute in 0..90 {
        if minute == 30 {
            assert!(den.sent(kind::WANT) < 2 * 150, "{}", den.sent(kind::WANT));
            den.lan.sent.clear();
        }
        den.announce(Head { epoch: 1, seq: entry.seq }, &[]);
        den.lan.run(MINUTE);
    }
    assert_eq!(den.sent(kind::WANT), 0);
    assert!(den.lan.heard(0).contains(&"eve: far".to_string()));
}

#[test]
fn what_one_heard_of_somebody_who_died_all_get() {
    let mut lan = Lan::of(&["ann", "bob", "cid", "dan"]);
    lan.run(SECOND);
    (1..4).for_each(|host| drop(lan.heard(host)));
    lan.cut = vec![(0, 2), (0, 3)];
    lan.say(0, "last");
    lan.kill(0);
    lan.run(3 * SECOND);
    for host in 1..4 {
        let lines: Vec<_> = lan.heard(host).into_iter().filter(|told| told.starts_with("ann:")).collect();
        assert_eq!(lines, ["ann: last"], "{host}");
    }
}

#[test]
fn a_liar_about_one_s_own_log_makes_nobody_use_a_place_twice() {
    let mut den = Den::new();
    let ann = *identity(0).key();
    for epoch in [1, 2, u64::MAX - 1, u64::MAX] {
        let holding = Holding { log: LogId { author: ann, epoch }, floor: 1, seq: 1_000, lamport: 1 };
        den.announce(Head { epoch: 1, seq: 0 }, &[holding]);
        den.lan.say(0, "hi");
        den.lan.say(0, "again");
    }
    den.lan.run(SECOND);
    assert_eq!(places(&den.lan, &ann), (1..=8).map(|seq| (1, seq)).collect::<Vec<_>>());
}

/// All places of somebody's logs that were on the air, each as often as something else was said there
fn places(lan: &Lan, author: &PeerKey) -> Vec<(u64, u64)> {
    let data = lan.sent.iter().filter_map(|sent| match Packet::decode(&sent.bytes, lobby().tag()) {
        Ok(Packet::Data(entries)) => Some(entries),
        Ok(Packet::Frame(_) | Packet::Heartbeat(_) | Packet::Sealed(_)) | Err(_) => None,
    });
    let mut said: Vec<_> = data
        .flatten()
        .filter_map(|signed| {
            signed.claim().map(|entry| (entry.author, entry.epoch, entry.seq, signed.hash()))
        })
        .filter(|(by, ..)| by == author)
        .collect();
    said.sort_unstable();
    said.dedup();
    said.into_iter().map(|(_, epoch, seq, _)| (epoch, seq)).collect()
}

fn durable(incarnation: u64, own: Option<OwnTip>) -> Config {
    let memory = Memory { own, ..Memory::default() };
    Config { storage: Storage::Durable(memory), ..config(0, "ann", incarnation, Role::Member) }
}

fn store_all(lan: &mut Lan) {
    while let Some((host, ticket, _)) =
        lan.asked.first().map(|(host, ticket, records)| (*host, *ticket, records))
    {
        lan.asked.remove(0);
        let node = lan.hosts[host].node.as_mut().unwrap();
        node.handle_input(lan.now, Input::Stored(ticket));
        lan.carry();
    }
}

#[test]
fn a_store_that_was_set_back_begins_a_new_log() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.start_with(0, durable(1, None));
    let mut tips = Vec::new();
    for n in 1..=5 {
        lan.say(0, &format!("{n}"));
        store_all(&mut lan);
        let Some(Ok(Packet::Data(entries))) = lan
            .sent
            .iter()
            .rev()
            .map(|sent| Packet::decode(&sent.bytes, lobby().tag()))
            .find(|packet| matches!(packet, Ok(Packet::Data(_))))
        else {
            panic!("nothing was said");
        };
        let said = entries[0].claim().unwrap();
        tips.push(OwnTip { epoch: said.epoch, seq: said.seq, hash: entries[0].hash() });
    }
    lan.kill(0);
    lan.start_with(0, durable(7, Some(tips[2])));
    lan.say(0, "after");
    store_all(&mut lan);
    for _ in 0..20 {
        lan.run(SECOND / 10);
        store_all(&mut lan);
    }
    let ann = *identity(0).key();
    assert_eq!(places(&lan, &ann), [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (7, 1)]);
    let lines: Vec<_> = lan.heard(1).into_iter().filter(|told| told.starts_with("ann:")).collect();
    assert_eq!(lines.last().map(String::as_str), Some("ann: after"));
}

#[test]
fn a_store_that_was_not_set_back_goes_on_with_its_log() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.start_with(0, durable(1, None));
    lan.say(0, "1");
    store_all(&mut lan);
    let ann = *identity(0).key();
    let hash = lan.sent.iter().find_map(|sent| match Packet::decode(&sent.bytes, lobby().tag()) {
        Ok(Packet::Data(entries)) => Some(entries[0].hash()),
        Ok(Packet::Frame(_) | Packet::Heartbeat(_) | Packet::Sealed(_)) | Err(_) => None,
    });
    lan.kill(0);
    lan.start_with(0, durable(7, Some(OwnTip { epoch: 1, seq: 1, hash: hash.unwrap() })));
    lan.say(0, "2");
    for _ in 0..20 {
        lan.run(SECOND / 10);
        store_all(&mut lan);
    }
    assert_eq!(places(&lan, &ann), [(1, 1), (1, 2)]);
    assert!(!lan.heard(1).iter().any(|told| told.contains("forked") || told.contains("gap")));
}

#[test]
fn whoever_talks_alone_keeps_no_more_than_is_to_be_kept() {
    let mut lan = Lan::new();
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    let retention = Retention { entries: 10, ..Retention::default() };
    lan.start_with(0, Config { retention, ..config(0, "ann", 1, Role::Member) });
    (0..50).for_each(|n| lan.say(0, &format!("{n}")));
    assert!(lan.hosts[0].node.as_ref().unwrap().archive.digest().entries <= 10);
}

#[test]
fn whoever_has_a_wrong_clock_is_heard() {
    let mut lan = Lan::of(&["ann"]);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    let now = WallTime::from_unix_millis(1_700_000_000_000);
    lan.start_with(1, Config { wall: now, ..config(1, "bob", 1, Role::Member) });
    lan.run(SECOND);
    lan.heard(1);
    lan.say(0, "it is 1970");
    assert_eq!(lan.heard(1), ["ann: it is 1970"]);
}
