//! Review
use super::*;
use crate::{
    KeptEntry, Memory, OwnTip,
    wire::{Announce, Entry, EntryHash, Head, Heads, Holding, Item, LogId, Range, SignedEntry, Want, kind, MAX_RANGES},
};

fn signed(by: &Identity, epoch: u64, seq: u64, prev: EntryHash, lamport: u64, at: u64) -> (Entry, SignedEntry) {
    let entry = Entry {
        author: *by.key(), epoch, seq, prev, lamport,
        sent_at: WallTime::from_unix_millis(at),
        items: List::new(Item::from_text(&text(&format!("e{epoch}s{seq}")))).unwrap(),
    };
    let s = SignedEntry::sign(&entry, by, lobby().id()).unwrap();
    (entry, s)
}
fn kept(by: &Identity, epoch: u64, seq: u64, prev: EntryHash, lamport: u64, at: u64) -> KeptEntry {
    let (e, s) = signed(by, epoch, seq, prev, lamport, at);
    KeptEntry::new(&e, s.hash(), s)
}
fn hist(by: &Identity, epoch: u64, n: u64, at: u64) -> Vec<KeptEntry> {
    let mut prev = EntryHash::default();
    (1..=n).map(|seq| { let k = kept(by, epoch, seq, prev, seq, at); prev = k.hash; k }).collect()
}
fn said(lan: &mut Lan, host: usize) -> Vec<String> { lan.heard(host).into_iter().filter(|t| !t.starts_with(['+', '!', '-'])).collect() }

#[test]
fn rev_lamport_of_a_stored_entry_poisons_after_restart() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    let (_, evil) = signed(&identity(9), 1, 1, EntryHash::default(), u64::MAX, 0);
    let data = Data::of(evil.clone()).seal(&lobby());
    lan.hosts.extend((0..8).map(|_| Host { node: None, heard: Vec::new() }));
    for to in [0, 1] { lan.hand_over(9, to, Cast::Broadcast, &data); }
    lan.carry();
    lan.say(0, "before");
    std::println!("before restart bob: {:?}", said(&mut lan, 1));
    // restart of ann: the driver hands back what was stored
    lan.kill(0);
    lan.start(0, "ann", 2, Role::Member);
    let k = kept(&identity(9), 1, 1, EntryHash::default(), u64::MAX, 0);
    lan.hosts[0].node.as_mut().unwrap().handle_input(lan.now, Input::Restored(vec![k]));
    lan.run(SECOND);
    for n in 0..4 { lan.say(0, &format!("{n}")); lan.run(SECOND); }
    std::println!("ann: {:?}", said(&mut lan, 0));
    let bob = said(&mut lan, 1);
    std::println!("bob: {bob:?}");
    assert!(bob.contains(&"ann: 3".to_string()));
}

#[test]
fn rev_expired_unknown_log_is_asked_for_at_full_speed() {
    let mut lan = Lan::new();
    let day = 24 * 60 * 60 * 1000;
    let wall = WallTime::from_unix_millis(1000 * day);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.start_with(1, Config { wall, ..config(1, "bob", 1, Role::Member) });
    // bob keeps a year; 40 lines of somebody absent, 60 days old
    let h = hist(&identity(9), 1, 40, 940 * day);
    lan.hosts[1].node.as_mut().unwrap().handle_input(lan.now, Input::Restored(h));
    lan.run(SECOND);
    lan.cut = vec![(0, 1), (1, 0)];
    let retention = Retention { age: Duration::from_secs(30 * 24 * 3600), ..Retention::default() };
    lan.start_with(0, Config { wall, retention, ..config(0, "ann", 1, Role::Member) });
    lan.cut.clear();
    let (mut total, mut way) = (0, Vec::<(usize, usize, Cast, Vec<u8>)>::new());
    for s in 0..15 {
        let (mut wants, mut bytes, mut count) = (0, 0, 0);
        for _ in 0..1000 {
            lan.now = lan.now + MOMENT;
            for (from, to, cast, d) in core::mem::take(&mut way) { lan.hand_over(from, to, cast, &d); }
            for h in [0, 1] {
                let node = lan.hosts[h].node.as_mut().unwrap();
                if node.poll_timeout().is_some_and(|(at, _)| at <= lan.now) { node.handle_timeout(lan.now); }
                while let Some(o) = node.poll_output() {
                    let (cast, d) = match o { Output::Broadcast(d) => (Cast::Broadcast, d), Output::Send { datagram, .. } | Output::Probe { datagram, .. } => (Cast::Unicast, datagram), _ => continue };
                    count += 1; bytes += d.len();
                    wants += usize::from(Header::decode(&d).unwrap().0.kind == kind::WANT);
                    way.push((h, 1 - h, cast, d));
                }
            }
        }
        total += wants;
        std::println!("second {s}: {wants} wants, {count} datagrams, {bytes} bytes");
    }
    assert!(total < 100, "{total}");
}

#[test]
fn rev_more_logs_of_one_than_are_kept() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    let it = |range: core::ops::Range<u64>| -> Vec<KeptEntry> { range.map(|e| kept(&identity(9), e, 1, EntryHash::default(), e, 0)).collect() };
    // bob holds the first 200 logs, ann the last 200, of 300
    lan.kill(0); lan.kill(1);
    for (host, name, range) in [(0, "ann", 101..301), (1, "bob", 1..201)] {
        lan.start(host, name, 2, Role::Member);
        lan.hosts[host].node.as_mut().unwrap().handle_input(lan.now, Input::Restored(it(range)));
    }
    let mut all: [Vec<String>; 2] = [vec![], vec![]];
    for m in 0..20 {
        let n = lan.sent.len();
        lan.run(Duration::from_secs(60));
        for h in [0, 1] { all[h].extend(said(&mut lan, h)); }
        let d: Vec<_> = [0,1].iter().map(|h| lan.hosts[*h].node.as_ref().unwrap().archive.digest()).collect();
        std::println!("minute {m}: {} datagrams, told {} {}, digests {d:?}", lan.sent.len() - n, all[0].len(), all[1].len());
    }
    for h in [0, 1] {
        let mut once = all[h].clone(); once.sort(); once.dedup();
        std::println!("host {h}: told {} lines, {} different", all[h].len(), once.len());
        assert_eq!(once.len(), all[h].len());
    }
}

#[test]
fn rev_one_want_of_all() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.run(SECOND);
    for _ in 0..1100 { lan.command(0, Command::Say { text: text(&"x".repeat(900)), at: WallTime::default() }); }
    lan.run(5 * SECOND);
    lan.cut = vec![(0, 1)];
    let mut eve = Speaker::new(identity(2), 1);
    let Body::Announce(ours) = lan.hosts[0].node.as_ref().unwrap().announcement(SECOND, false) else { panic!() };
    let announce = Announce { instance: InstanceId::from_uuid(uuid::Uuid::from_u128(7)), name: Name::new("eve").unwrap(), head: Head::default(), extensions: List::empty(), ..ours };
    let d = eve.seal(&lobby(), Body::Announce(announce));
    lan.hand_over(2, 0, Cast::Broadcast, &d);
    lan.carry();
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    let ranges: Vec<_> = (0..MAX_RANGES as u64).map(|n| Range { log, from: 1 + 64 * n, count: 64 }).collect();
    lan.sent.clear();
    let mut put = 0;
    for _ in 0..10 {
        let d = eve.seal(&lobby(), Body::Want(Want { ranges: List::new(ranges.clone()).unwrap() }));
        put += d.len();
        lan.hand_over(2, 0, Cast::Broadcast, &d);
        lan.run(SECOND / 10);
    }
    let got: Vec<_> = lan.sent.iter().filter(|s| s.from == 0 && s.kind() == kind::DATA).collect();
    let bytes: usize = got.iter().map(|s| s.bytes.len()).sum();
    std::println!("{put} bytes in 10 datagrams -> {} broadcasts, {bytes} bytes", got.len());
    assert!(bytes < 100 * put);
}

#[test]
fn rev_a_set_back_store_beside_a_newcomer_who_knows_nothing() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(SECOND);
    lan.cut = vec![(0, 2), (2, 0), (1, 2), (2, 1)];
    for n in 1..=5 { lan.say(0, &format!("{n}")); lan.run(SECOND); }
    let tips: Vec<_> = lan.sent.iter().filter_map(|s| match Packet::decode(&s.bytes, lobby().tag()) { Ok(Packet::Data(e)) => Some(e[0].clone()), _ => None }).collect();
    let third = tips.iter().find(|s| s.claim().unwrap().seq == 3).unwrap().clone();
    lan.kill(0); lan.kill(2);
    lan.run(10 * SECOND);
    lan.heard(1);
    // cid starts anew and has not caught up yet; what bob says is lost for 100 ms
    lan.cut = vec![(1, 0), (1, 2)];
    lan.start(2, "cid", 2, Role::Member);
    let memory = Memory { own: Some(OwnTip { epoch: 1, seq: 3, hash: third.hash() }), lamport: 3, ..Memory::default() };
    lan.start_with(0, Config { storage: Storage::Durable(memory), ..config(0, "ann", 7, Role::Member) });
    let e = third.claim().unwrap();
    lan.hosts[0].node.as_mut().unwrap().handle_input(lan.now, Input::Restored(vec![KeptEntry::new(&e, third.hash(), third)]));
    lan.say(0, "after");
    for n in 0..200 {
        if n == 10 { lan.cut.clear(); }
        lan.run(SECOND / 100);
        while let Some((host, ticket, _)) = lan.asked.pop() {
            let node = lan.hosts[host].node.as_mut().unwrap();
            node.handle_input(lan.now, Input::Stored(ticket));
            lan.carry();
        }
    }
    let bob = said(&mut lan, 1);
    std::println!("bob: {bob:?}");
    assert!(bob.contains(&"ann: after".to_string()));
}

#[test]
fn rev_flapping_link_silences_the_honest() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.say(0, "one");
    lan.run(5 * SECOND);
    lan.heard(1);
    // bob does not hear the line and its repetitions
    lan.cut = vec![(0, 1), (1, 0)];
    lan.say(0, "two");
    lan.run(SECOND);
    // ann is heard again but does not hear bob for 12 s
    lan.cut = vec![(1, 0)];
    lan.run(12 * SECOND);
    lan.cut.clear();
    let mut took = 0;
    let mut heard = vec![];
    while took < 1000 && !heard.contains(&"ann: two".to_string()) {
        lan.run(SECOND); took += 1;
        heard.extend(said(&mut lan, 1));
    }
    std::println!("after {took} s: {heard:?}");
    assert!(took <= 3);
}

#[test]
fn rev_own_log_has_no_place() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.hosts.extend((0..8).map(|_| Host { node: None, heard: Vec::new() }));
    // ann begins after others filled the table of logs
    lan.kill(0);
    lan.start(0, "ann", 2, Role::Member);
    lan.run(SECOND);
    for n in 0..4096_usize {
        let (_, s) = signed(&identity(20 + n), 1, 1, EntryHash::default(), 1, 0);
        let d = Data::of(s).seal(&lobby());
        lan.hand_over(9, 0, Cast::Broadcast, &d);
        if n % 64 == 0 { lan.carry(); }
    }
    lan.carry();
    lan.cut = vec![(0, 1)];
    lan.say(0, "mine");
    lan.run(SECOND/2);
    lan.cut.clear();
    let me = *identity(0).key();
    let node = lan.hosts[0].node.as_ref().unwrap();
    std::println!("own log held: {:?}", node.archive.latest_of(&me));
    lan.run(20 * SECOND);
    std::println!("bob: {:?}", said(&mut lan, 1));
    assert!(lan.hosts[0].node.as_ref().unwrap().archive.latest_of(&me).is_some_and(|(e, s)| e == 2 && s == 1));
}

#[test]
fn rev_not_stored_drops_what_is_stored_afterwards() {
    let mut lan = Lan::new();
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.start_with(0, Config { storage: Storage::Durable(Memory::default()), ..config(0, "ann", 1, Role::Member) });
    lan.say(0, "one");
    lan.say(0, "two");
    let tickets: Vec<_> = lan.asked.iter().map(|a| a.1).collect();
    std::println!("{:?}", lan.asked);
    let n = lan.hosts[0].node.as_mut().unwrap();
    n.handle_input(lan.now, Input::NotStored(tickets[0]));
    n.handle_input(lan.now, Input::Stored(tickets[1]));
    lan.carry();
    let told = lan.heard(0);
    std::println!("{told:?}");
}

fn starve(per_second: usize) -> Option<usize> {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.run(SECOND);
    (0..100).for_each(|n| lan.say(0, &format!("{n}")));
    lan.run(SECOND);
    let cid = lan.join("cid");
    let mut eve = Speaker::new(identity(2), 1);
    let Body::Announce(ours) = lan.hosts[0].node.as_ref().unwrap().announcement(SECOND, false) else { panic!() };
    let mut lies = 0;
    let mut heard = 0;
    for ms100 in 0..600 {
        if ms100 % 10 == 0 {
        let announce = Announce { instance: InstanceId::from_uuid(uuid::Uuid::from_u128(7)), name: Name::new("eve").unwrap(), head: Head::default(), extensions: List::empty(), ..ours.clone() };
        let d = eve.seal(&lobby(), Body::Announce(announce));
        lan.hand_over(2, cid, Cast::Broadcast, &d); }
        for _ in 0..per_second / 10 {
            let holdings: Vec<_> = (0..14).map(|n| { lies += 1; Holding { log: LogId { author: *identity(10_000 + n).key(), epoch: lies }, floor: 1, seq: u64::MAX, lamport: u64::MAX } }).collect();
            let d = eve.seal(&lobby(), Body::Heads(Heads { holdings: List::new(holdings).unwrap(), more: false }));
            lan.hand_over(2, cid, Cast::Unicast, &d);
        }
        lan.carry();
        lan.run(SECOND / 10);
        heard += said(&mut lan, cid).iter().filter(|t| t.starts_with("ann: ")).count();
        if heard >= 100 { return Some(ms100 / 10); }
    }
    None
}

#[test]
fn rev_claims_of_one_starve_a_newcomer() {
    let took: Vec<_> = [0, 10, 50, 200].map(|rate| (rate, starve(rate))).to_vec();
    std::println!("(lying datagrams a second, seconds until all is here): {took:?}");
    assert!(took.iter().all(|(_, took)| took.is_some_and(|took| took < 10)));
}

#[test]
fn rev_a_hole_nobody_can_fill_and_caught_up() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    let h = hist(&identity(9), 1, 6, 0);
    for host in [0, 1] {
        lan.kill(host);
        lan.start(host, ["ann", "bob"][host], 2, Role::Member);
        let some = h.iter().filter(|k| k.seq != 4).cloned().collect();
        lan.hosts[host].node.as_mut().unwrap().handle_input(lan.now, Input::Restored(some));
    }
    for minute in 0..40 {
        let n = lan.sent.len();
        lan.run(Duration::from_secs(60));
        if minute % 8 == 0 || minute == 39 {
        let wants = lan.sent[n..].iter().filter(|s| s.kind() == kind::WANT).count();
        std::println!("minute {minute}: {wants} wants; caught up {:?}", lan.hosts[0].node.as_ref().unwrap().has_caught_up()); }
    }
}

#[test]
fn rev_what_was_told_not_sent_is_sent_after_a_restart() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.kill(0);
    lan.start_with(0, Config { storage: Storage::Durable(Memory::default()), ..config(0, "ann", 5, Role::Member) });
    lan.run(SECOND);
    while let Some((h, t, _)) = lan.asked.pop() { lan.hosts[h].node.as_mut().unwrap().handle_input(lan.now, Input::Stored(t)); }
    lan.carry(); lan.asked.clear();
    lan.say(0, "one");
    lan.say(0, "two");
    let asked = core::mem::take(&mut lan.asked);
    let n = lan.hosts[0].node.as_mut().unwrap();
    n.handle_input(lan.now, Input::NotStored(asked[0].1));
    n.handle_input(lan.now, Input::Stored(asked[1].1));
    lan.carry();
    std::println!("ann is told {:?}", lan.heard(0));
    lan.run(SECOND);
    std::println!("bob {:?}", lan.heard(1));
    let stored: Vec<_> = asked[1].2.iter().filter_map(|r| match r { Record::Said(k) => Some(k.clone()), _ => None }).collect();
    lan.kill(0);
    lan.start_with(0, Config { storage: Storage::Durable(Memory { lamport: 9, ..Memory::default() }), ..config(0, "ann", 50, Role::Member) });
    lan.hosts[0].node.as_mut().unwrap().handle_input(lan.now, Input::Restored(stored));
    lan.run(10 * SECOND);
    let bob = lan.heard(1);
    std::println!("after a restart bob {bob:?}");
    assert!(!bob.contains(&"ann: two".to_string()));
}

#[test]
fn rev_one_want_of_one() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.hosts.push(Host { node: None, heard: Vec::new() });
    lan.run(SECOND);
    for _ in 0..200 { lan.command(0, Command::Say { text: text(&"x".repeat(900)), at: WallTime::default() }); }
    lan.run(5 * SECOND);
    let mut eve = Speaker::new(identity(2), 1);
    let Body::Announce(ours) = lan.hosts[0].node.as_ref().unwrap().announcement(SECOND, false) else { panic!() };
    let announce = Announce { instance: InstanceId::from_uuid(uuid::Uuid::from_u128(7)), name: Name::new("eve").unwrap(), head: Head::default(), extensions: List::empty(), ..ours };
    let d = eve.seal(&lobby(), Body::Announce(announce));
    lan.hand_over(2, 0, Cast::Broadcast, &d);
    lan.carry();
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    lan.sent.clear();
    let mut put = 0;
    for _ in 0..100 {
        let d = eve.seal(&lobby(), Body::Want(Want { ranges: List::new(vec![Range { log, from: 1, count: 64 }]).unwrap() }));
        put += d.len();
        lan.hand_over(2, 0, Cast::Unicast, &d);
        lan.carry();
    }
    let got: Vec<_> = lan.sent.iter().filter(|s| s.from == 0 && s.kind() == kind::DATA).collect();
    let bytes: usize = got.iter().map(|s| s.bytes.len()).sum();
    std::println!("{put} bytes in 100 datagrams at once -> {} datagrams, {bytes} bytes to one address", got.len());
}
