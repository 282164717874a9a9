//! What is said to one

use super::*;
use crate::{HeardUpTo, HeardWhisper, KeptPeer, KeptWhisper, wire::kind};

/// What somebody's disk has of whispers
#[derive(Clone, Default)]
struct Disk {
    peers: Vec<KeptPeer>,
    outgoing: Vec<KeptWhisper>,
    heard: Vec<HeardUpTo>,
    incoming: Vec<HeardWhisper>,
}

impl Disk {
    fn write(&mut self, record: Record) {
        match record {
            Record::Peer(peer) => {
                self.peers.retain(|known| known.key != peer.key);
                self.peers.push(peer);
            }
            Record::Outgoing(kept) => self.outgoing.push(kept),
            Record::Outcome { id, .. } => self.outgoing.retain(|kept| kept.id != id),
            Record::Incoming(whisper) => self.incoming.push(whisper),
            Record::Heard(heard) => {
                self.heard.retain(|known| known.from != heard.from);
                self.heard.push(heard);
            }
            Record::Entry(_)
            | Record::Said(_)
            | Record::Line(_)
            | Record::Change(_)
            | Record::Forget { .. } => {}
        }
    }

    fn config(&self, host: usize, name: &str, incarnation: u64) -> Config {
        let memory = Memory {
            peers: self.peers.clone(),
            outgoing: self.outgoing.clone(),
            heard: self.heard.clone(),
            ..Memory::default()
        };
        Config { storage: Storage::Durable(memory), ..config(host, name, incarnation, Role::Member) }
    }
}

/// Nodes with disks
struct Kept {
    lan: Lan,
    disks: Vec<Disk>,
}

impl Kept {
    fn of(names: &[&str]) -> Self {
        let mut lan = Lan::new();
        for name in names {
            lan.hosts.push(Host { node: None, heard: Vec::new() });
            lan.start_with(lan.hosts.len() - 1, Disk::default().config(lan.hosts.len() - 1, name, 1));
        }
        let mut kept = Self { lan, disks: names.iter().map(|_| Disk::default()).collect() };
        kept.run(SECOND);
        kept
    }

    /// Time passes, with disks that are quick
    fn run(&mut self, duration: Duration) {
        let until = self.lan.now + duration;
        self.store_all();
        while self.lan.now < until {
            self.lan.run(10 * MOMENT);
            self.store_all();
        }
    }

    fn store_all(&mut self) {
        while let Some((host, ..)) = self.lan.asked.first() {
            self.store(*host);
        }
    }

    /// What `host` asked to be stored
    fn asked(&mut self, host: usize) -> Vec<(Ticket, Vec<Record>)> {
        let asked = self.lan.asked.extract_if(.., |(from, ..)| *from == host);
        asked.map(|(_, ticket, records)| (ticket, records)).collect()
    }

    fn store(&mut self, host: usize) {
        for (ticket, records) in self.asked(host) {
            records.into_iter().for_each(|record| self.disks[host].write(record));
            self.answer(host, Input::Stored(ticket));
        }
    }

    fn refuse(&mut self, host: usize) {
        for (ticket, _) in self.asked(host) {
            self.answer(host, Input::NotStored(ticket));
        }
    }

    fn answer(&mut self, host: usize, input: Input<'_>) {
        if let Some(node) = &mut self.lan.hosts[host].node {
            node.handle_input(self.lan.now, input);
        }
        self.lan.carry();
    }

    fn start(&mut self, host: usize, name: &str, incarnation: u64) {
        self.lan.start_with(host, self.disks[host].config(host, name, incarnation));
    }

    fn heard(&mut self, host: usize) -> Vec<String> {
        self.lan.heard(host)
    }
}

#[test]
fn a_whisper_waits_for_somebody_absent_over_restarts_of_both() {
    let mut kept = Kept::of(&["ann", "bob"]);
    kept.lan.kill(1);
    kept.run(5 * SECOND);
    kept.heard(0);
    kept.lan.whisper(0, 1, "one");
    assert_eq!(kept.heard(0), [""; 0], "not before it is stored");
    kept.store(0);
    assert_eq!(kept.heard(0), ["to bob: one", "queued"]);
    kept.lan.kill(0);
    kept.start(0, "ann", 2);
    kept.lan.whisper(0, 1, "two");
    kept.run(5 * SECOND);
    assert_eq!(kept.heard(0), ["to bob: two", "queued"]);
    kept.heard(1);
    kept.start(1, "bob", 2);
    kept.run(SECOND);
    assert_eq!(kept.heard(0), ["+bob", "sent", "delivered", "sent", "delivered"]);
    assert_eq!(kept.heard(1), ["+ann", "ann whispers one", "ann whispers two"]);
    for host in 0..2 {
        kept.lan.kill(host);
        kept.start(host, ["ann", "bob"][host], 3);
    }
    kept.run(5 * SECOND);
    assert_eq!(kept.disks[1].incoming.len(), 2);
    assert!(kept.disks[0].outgoing.is_empty());
}

#[test]
fn whoever_was_known_before_a_restart_can_be_whispered_to_and_is_not_listed() {
    let mut kept = Kept::of(&["ann", "bob"]);
    let names = |kept: &Kept| {
        let node = kept.lan.hosts[0].node.as_ref().unwrap();
        let listed: Vec<_> = node.peers().map(|peer| peer.name.to_string()).collect();
        (listed, node.known().map(|peer| peer.name.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(names(&kept), (vec!["bob".to_string()], vec![]));
    (0..2).for_each(|host| kept.lan.kill(host));
    kept.start(0, "ann", 2);
    assert_eq!(names(&kept), (vec![], vec!["bob".to_string()]));
    kept.start(1, "rob", 2);
    kept.run(SECOND);
    assert_eq!(names(&kept), (vec!["rob".to_string()], vec![]));
    assert_eq!(kept.disks[0].peers.iter().map(|peer| peer.incarnation).collect::<Vec<_>>(), [2]);
}

#[test]
fn only_news_of_somebody_is_stored() {
    let mut kept = Kept::of(&["ann", "bob"]);
    assert_eq!(kept.disks[0].peers.len(), 1);
    kept.disks[0].peers.clear();
    kept.run(10 * SECOND);
    assert!(kept.disks[0].peers.is_empty());
}

#[test]
fn recorded_announcements_are_replays_after_a_restart_too() {
    let mut kept = Kept::of(&["ann", "bob"]);
    let recorded: Vec<_> = kept.lan.sent.iter().filter(|sent| sent.from == 1).cloned().collect();
    kept.lan.kill(1);
    kept.start(1, "bob", 2);
    kept.run(SECOND);
    (0..2).for_each(|host| kept.lan.kill(host));
    kept.start(0, "ann", 2);
    kept.heard(0);
    for sent in &recorded {
        kept.lan.hand_over(1, 0, sent.cast, &sent.bytes);
    }
    kept.run(SECOND);
    assert_eq!(kept.heard(0), [""; 0]);
}

#[test]
fn who_stayed_while_this_node_restarted_is_found_at_once() {
    let mut kept = Kept::of(&["ann", "bob"]);
    kept.lan.kill(0);
    kept.heard(0);
    kept.start(0, "ann", 2);
    kept.run(SECOND);
    assert_eq!(kept.heard(0), ["+bob"]);
    kept.lan.whisper(0, 1, "psst");
    kept.run(SECOND);
    assert_eq!(kept.heard(0), ["to bob: psst", "sent", "delivered"]);
}

#[test]
fn a_whisper_that_cannot_be_stored_is_not_sent() {
    let mut kept = Kept::of(&["ann", "bob"]);
    (0..2).for_each(|host| drop(kept.heard(host)));
    kept.lan.whisper(0, 1, "lost");
    kept.refuse(0);
    kept.lan.whisper(0, 1, "psst");
    kept.run(5 * SECOND);
    assert_eq!(kept.heard(0), ["not stored: not sent", "to bob: psst", "sent", "delivered"]);
    assert_eq!(kept.heard(1), ["ann whispers psst"]);
}

#[test]
fn a_whisper_is_acknowledged_and_shown_once_it_is_stored() {
    let mut kept = Kept::of(&["ann", "bob"]);
    (0..2).for_each(|host| drop(kept.heard(host)));
    kept.lan.whisper(0, 1, "psst");
    kept.store(0);
    assert!(kept.lan.asked.iter().any(|(host, ..)| *host == 1));
    kept.lan.run(3 * SECOND);
    assert_eq!(kept.heard(0), ["to bob: psst", "sent"]);
    assert_eq!(kept.heard(1), [""; 0]);
    kept.refuse(1);
    assert_eq!(kept.heard(1), ["not stored"]);
    kept.run(3 * SECOND);
    assert_eq!(kept.heard(0), ["delivered"]);
    assert_eq!(kept.heard(1), ["ann whispers psst"]);
    assert_eq!(kept.disks[1].incoming.len(), 1);
}

#[test]
fn a_week_is_a_week_though_the_program_did_not_run() {
    const WEEK: Duration = Duration::from_secs(7 * 86_400);
    let mut kept = Kept::of(&["ann", "bob"]);
    (0..2).for_each(|host| kept.lan.kill(host));
    kept.start(0, "ann", 2);
    kept.lan.whisper(0, 1, "psst");
    kept.run(SECOND);
    kept.lan.kill(0);
    kept.heard(0);
    let wall = WallTime::from_unix_millis(u64::try_from(WEEK.as_millis()).unwrap() - 5_000);
    let config = Config { wall, ..kept.disks[0].config(0, "ann", 3) };
    kept.lan.start_with(0, config);
    kept.run(4 * SECOND);
    assert_eq!(kept.heard(0), [""; 0]);
    kept.run(2 * SECOND);
    assert_eq!(kept.heard(0), ["expired"]);
    assert!(kept.disks[0].outgoing.is_empty());
}

#[test]
fn a_long_whisper_that_a_restart_interrupts_comes_again_whole_and_once() {
    let mut kept = Kept::of(&["ann", "bob"]);
    kept.lan.whisper(0, 1, "hello");
    kept.run(SECOND);
    kept.lan.sent.clear();
    kept.lan.cut = vec![(0, 1)];
    let long = "x".repeat(2_000);
    kept.lan.whisper(0, 1, &long);
    kept.store(0);
    let parts: Vec<_> = kept.lan.sent.iter().filter(|sent| sent.kind() == kind::SEALED).cloned().collect();
    kept.lan.cut.clear();
    for part in &parts[..2] {
        kept.lan.hand_over(0, 1, part.cast, &part.bytes);
    }
    kept.lan.carry();
    kept.store_all();
    kept.lan.kill(1);
    kept.heard(1);
    kept.start(1, "bob", 2);
    kept.run(3 * SECOND);
    assert_eq!(kept.heard(1), ["+ann".to_string(), format!("ann whispers {long}")]);
    assert_eq!(kept.heard(0).last().unwrap(), "delivered");
}

#[test]
fn who_lost_their_store_loses_no_whisper_that_comes_then() {
    let mut kept = Kept::of(&["ann", "bob"]);
    for line in ["one", "two"] {
        kept.lan.whisper(0, 1, line);
        kept.run(SECOND);
    }
    kept.disks[1] = Disk::default();
    kept.lan.kill(1);
    kept.heard(1);
    kept.start(1, "bob", 2);
    kept.run(SECOND);
    kept.lan.whisper(0, 1, "three");
    kept.run(SECOND);
    kept.lan.kill(0);
    kept.disks[0] = Disk::default();
    kept.start(0, "ann", 2);
    kept.run(SECOND);
    kept.lan.whisper(0, 1, "four");
    kept.run(SECOND);
    let whispers: Vec<_> = kept.heard(1).into_iter().filter(|told| told.contains("whispers")).collect();
    assert_eq!(whispers, ["ann whispers three", "ann whispers four"]);
}

#[test]
fn a_whisper_reaches_one_and_its_author_learns_that_it_did() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    lan.whisper(0, 1, "psst");
    lan.run(MOMENT);
    assert_eq!(lan.heard(0), ["to bob: psst", "sent", "delivered"]);
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
    assert_eq!(lan.heard(2), Vec::<String>::new());
}

#[test]
fn a_whisper_is_repeated_until_it_is_through_and_shown_once() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    lan.cut = vec![(1, 0)];
    lan.whisper(0, 1, "psst");
    lan.run(SECOND);
    assert_eq!(lan.heard(0), ["to bob: psst", "sent"]);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(0), ["delivered"]);
    assert_eq!(lan.heard(1), ["ann whispers psst"]);
}

#[test]
fn a_whisper_to_somebody_gone_waits_for_them() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.unplug(1);
    lan.run(5 * SECOND);
    lan.heard(0);
    lan.whisper(0, 1, "one");
    assert_eq!(lan.heard(0), ["to bob: one", "queued"]);
    lan.cut.clear();
    lan.run(2 * SECOND);
    assert_eq!(lan.heard(0), ["+bob", "sent", "delivered"]);
    lan.unplug(1);
    lan.run(5 * SECOND);
    lan.whisper(0, 1, "two");
    lan.sent.clear();
    lan.run(120 * SECOND);
    assert_eq!(lan.heard(0), ["!bob", "to bob: two", "queued"]);
    assert!(lan.sent.iter().all(|sent| ![kind::HANDSHAKE_INIT, kind::SEALED].contains(&sent.kind())));
    lan.command(0, Command::Whisper { to: identity(9).id(), text: text("?"), at: WallTime::default() });
    assert_eq!(lan.heard(0), ["not whispered: Unknown"]);
}

#[test]
fn a_long_whisper_is_whole_though_its_receiver_starts_anew_in_the_middle() {
    let mut lan = Lan::acquainted(&["ann", "bob"]);
    lan.sent.clear();
    lan.cut = vec![(0, 1)];
    let long = "x".repeat(2_000);
    lan.whisper(0, 1, &long);
    let parts: Vec<_> = lan.sent.iter().filter(|sent| sent.kind() == kind::SEALED).cloned().collect();
    lan.cut.clear();
    for part in &parts[..2] {
        lan.hand_over(0, 1, part.cast, &part.bytes);
    }
    lan.carry();
    lan.kill(1);
    lan.heard(1);
    lan.start(1, "bob", 2, Role::Member);
    lan.run(3 * SECOND);
    assert!(lan.heard(1).contains(&format!("ann whispers {long}")));
    assert_eq!(lan.heard(0).last().unwrap(), "delivered");
}

#[test]
fn who_is_back_says_so_before_what_they_whisper() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.cut = vec![(0, 1)];
    lan.run(5 * SECOND);
    lan.heard(1);
    lan.cut.clear();
    lan.whisper(0, 1, "psst");
    lan.run(SECOND / 2);
    assert_eq!(lan.heard(1), ["+ann", "ann whispers psst"]);
}
