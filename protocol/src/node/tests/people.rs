//! Who is away, who types, and who has what was said

use super::*;
use crate::{
    wire,
    wire::{Heads, Holding, LogId, kind},
};

fn away(by_itself: bool, note: &str) -> Option<Away> {
    Some(Away { by_itself, note: Note::new(note).ok() })
}

fn be(lan: &mut Lan, host: usize, away: Option<Away>) {
    lan.command(host, Command::Status(away));
    lan.run(MOMENT);
}

fn types(lan: &mut Lan, host: usize, to: Option<usize>) {
    lan.command(host, Command::Typing { to: to.map(|to| identity(to).id()) });
}

fn count(lan: &Lan, kind: u8) -> usize {
    lan.sent.iter().filter(|sent| sent.kind() == kind).count()
}

/// The greatest place of a line of `host` that each other has, as it was told
fn holds(lan: &Lan, host: usize) -> Vec<(PeerId, u64)> {
    let mut holds: Vec<(PeerId, u64)> = Vec::new();
    for event in &lan.hosts[host].heard {
        if let Event::Holds { peer, upto } = event {
            holds.retain(|(known, seq)| {
                known != peer || {
                    assert!(*seq < upto.seq, "{upto:?}");
                    false
                }
            });
            holds.push((*peer, upto.seq));
        }
    }
    holds.sort();
    holds
}

fn room_of(count: usize) -> Lan {
    let names: Vec<_> = (0..count).map(|n| format!("host{n}")).collect();
    let mut lan = Lan::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    lan.run(2 * SECOND);
    (0..count).for_each(|host| drop(lan.events(host)));
    lan.sent.clear();
    lan
}

#[test]
fn who_goes_away_is_away_for_all_at_once_and_back_at_once() {
    let mut lan = Lan::of(&["ann", "bob", "cid"]);
    lan.run(20 * SECOND);
    (0..3).for_each(|host| drop(lan.heard(host)));
    be(&mut lan, 0, away(false, "at lunch"));
    assert_eq!(
        (lan.heard(1), lan.heard(2)),
        (vec!["ann is away: at lunch".into()], vec!["ann is away: at lunch".into()])
    );
    be(&mut lan, 0, away(true, ""));
    assert_eq!(lan.heard(1), ["ann is away by itself: -"]);
    be(&mut lan, 0, None);
    be(&mut lan, 0, None);
    assert_eq!(lan.heard(1), ["ann is back"]);
    lan.run(120 * SECOND);
    assert_eq!(lan.heard(1), Vec::<String>::new());
}

#[test]
fn who_is_away_is_away_for_those_who_come_and_beats_on() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    be(&mut lan, 0, away(false, "at lunch"));
    lan.run(20 * SECOND);
    assert_eq!(lan.sent.last().unwrap().kind(), kind::HEARTBEAT);
    let cid = lan.join("cid");
    lan.run(SECOND);
    let told = lan.heard(cid);
    let joined = told.iter().position(|told| *told == "+ann").unwrap();
    assert_eq!(told[joined + 1], "ann is away: at lunch", "{told:?}");
    assert_eq!(told.iter().filter(|told| told.contains("away")).count(), 1);
}

#[test]
fn who_missed_it_is_told_by_the_next_heartbeats() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(20 * SECOND);
    lan.heard(1);
    lan.cut = vec![(0, 1)];
    be(&mut lan, 0, away(false, ""));
    lan.run(Duration::from_millis(1_300));
    lan.cut.clear();
    lan.run(4 * SECOND);
    assert_eq!(lan.heard(1), ["ann is away: -"]);
}

#[test]
fn whoever_comes_back_or_is_unblocked_is_still_away_and_a_new_run_is_not() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    be(&mut lan, 0, away(false, ""));
    lan.unplug(0);
    lan.run(10 * SECOND);
    lan.cut.clear();
    lan.run(5 * SECOND);
    assert_eq!(lan.heard(1), ["+ann", "ann is away: -", "!ann", "+ann", "ann is away: -"]);
    lan.command(1, Command::Block(*identity(0).key()));
    lan.command(1, Command::Unblock(*identity(0).key()));
    lan.run(MOMENT);
    assert_eq!(lan.heard(1), ["+ann", "ann is away: -"]);
    lan.kill(0);
    lan.start(0, "ann", 2, Role::Member);
    lan.run(SECOND);
    assert_eq!(lan.heard(1), ["ann is back"]);
}

#[test]
fn a_flood_of_statuses_changes_a_screen_only_so_often() {
    let mut lan = Lan::of(&["ann", "bob"]);
    lan.run(SECOND);
    lan.heard(1);
    for n in 0..50 {
        be(&mut lan, 0, away(false, &format!("{n}")));
    }
    assert!((1..=9).contains(&lan.heard(1).len()));
    lan.run(10 * SECOND);
    assert_eq!(lan.heard(1).last().unwrap(), "ann is away: 49");
}

#[test]
fn who_types_to_all_is_seen_typing_now_and_then() {
    let mut lan = room_of(3);
    for _ in 0..90 {
        types(&mut lan, 0, None);
        lan.run(100 * MOMENT);
    }
    assert_eq!(count(&lan, kind::TYPING), 3);
    for host in [1, 2] {
        assert_eq!(lan.heard(host), ["host0 types"; 3]);
    }
    assert_eq!(lan.heard(0), Vec::<String>::new());
}

#[test]
fn who_types_a_whisper_is_seen_by_the_other_alone() {
    let mut lan = room_of(3);
    types(&mut lan, 0, Some(2));
    types(&mut lan, 0, Some(2));
    types(&mut lan, 0, Some(0));
    types(&mut lan, 0, Some(77));
    assert_eq!(lan.heard(2), ["host0 types to me"]);
    assert_eq!((lan.heard(1), count(&lan, kind::TYPING)), (vec![], 1));
}

#[test]
fn in_a_large_room_nobody_is_told_who_types_to_all() {
    let mut lan = room_of(16);
    types(&mut lan, 0, None);
    assert_eq!((lan.heard(15), count(&lan, kind::TYPING)), (vec!["host0 types".to_string()], 1));
    let mut lan = room_of(17);
    types(&mut lan, 0, None);
    assert_eq!(count(&lan, kind::TYPING), 0);
    types(&mut lan, 0, Some(16));
    assert_eq!(lan.heard(16), ["host0 types to me"]);
    let counter = 1_000_000;
    let frame = wire::Frame {
        sender: *identity(0).key(),
        incarnation: 1,
        counter,
        body: Body::Typing(wire::Typing::TO_ALL),
    };
    lan.hand_over(0, 1, Cast::Broadcast, &frame.seal(&identity(0), &lobby()));
    lan.carry();
    assert_eq!((lan.heard(1), lan.dropped(1, Dropped::Misdirected)), (vec![], 1));
}

#[test]
fn typing_that_is_no_news_or_nobodys_costs_no_signature_and_is_never_answered() {
    let mut lan = room_of(2);
    let typing = |host: usize, counter, to| {
        let body = Body::Typing(wire::Typing { to });
        wire::Frame { sender: *identity(host).key(), incarnation: 1, counter, body }
            .seal(&identity(host), &lobby())
    };
    let (all, bob) = (wire::Typing::TO_ALL.to, *identity(1).key());
    let forged = |mut datagram: Vec<u8>| {
        *datagram.last_mut().unwrap() ^= 1;
        datagram
    };
    let good = typing(0, 1_000_000, all);
    let sent = lan.sent.len();
    for (cast, datagram, why) in [
        (Cast::Broadcast, forged(good.clone()), Some(Dropped::Forged)),
        (Cast::Broadcast, forged(typing(0, 1_000_001, bob)), Some(Dropped::Misdirected)),
        (Cast::Unicast, forged(typing(0, 1_000_001, all)), Some(Dropped::Misdirected)),
        (Cast::Unicast, forged(typing(0, 1_000_001, *identity(5).key())), Some(Dropped::Misdirected)),
        (Cast::Broadcast, forged(typing(9, 1, all)), Some(Dropped::Stranger)),
        (Cast::Broadcast, good.clone(), None),
        (Cast::Broadcast, good, Some(Dropped::Replayed)),
        (Cast::Broadcast, forged(typing(0, 1_000_002, all)), Some(Dropped::Deferred)),
        (Cast::Unicast, typing(0, 1_000_003, bob), None),
    ] {
        let before = why.map(|why| lan.dropped(1, why));
        lan.hand_over(0, 1, cast, &datagram);
        assert_eq!(why.map(|why| lan.dropped(1, why)), before.map(|count| count + 1), "{why:?}");
    }
    lan.carry();
    assert_eq!(
        (lan.heard(1), lan.sent.len()),
        (vec!["host0 types".into(), "host0 types to me".into()], sent)
    );
}

#[test]
fn nobody_is_seen_typing_who_is_blocked_nor_told_of_it() {
    let mut lan = room_of(2);
    lan.command(1, Command::Block(*identity(0).key()));
    types(&mut lan, 0, None);
    types(&mut lan, 0, Some(1));
    types(&mut lan, 1, Some(0));
    assert_eq!((lan.heard(0), lan.heard(1)), (vec![], vec![]));
    assert_eq!(lan.dropped(1, Dropped::Blocked), 2);
}

#[test]
fn it_is_known_who_has_what_was_said_here() {
    let mut lan = room_of(3);
    let ids = [1, 2].map(|host| identity(host).id());
    for n in 1..=4 {
        lan.say(0, "hi");
        lan.run(3 * SECOND);
        let mut expected: Vec<_> = ids.map(|id| (id, n)).to_vec();
        expected.sort();
        assert_eq!(holds(&lan, 0), expected);
    }
    lan.say(1, "hi yourself");
    lan.run(60 * SECOND);
    assert_eq!(holds(&lan, 0).len(), 2);
}

#[test]
fn who_cannot_be_reached_has_nothing_until_they_are() {
    let mut lan = room_of(3);
    lan.unplug(2);
    lan.say(0, "hi");
    lan.run(30 * SECOND);
    assert_eq!(holds(&lan, 0), [(identity(1).id(), 1)]);
    lan.cut.clear();
    lan.run(10 * SECOND);
    assert_eq!(holds(&lan, 0).len(), 2);
}

#[test]
fn a_long_line_is_held_when_its_end_is() {
    let mut lan = room_of(2);
    lan.say(0, "first");
    lan.say(0, &"x".repeat(Text::MAX_BYTES));
    lan.run(10 * SECOND);
    let upto = lan.hosts[0]
        .heard
        .iter()
        .rev()
        .find_map(|event| if let Event::Holds { upto, .. } = event { Some(*upto) } else { None });
    let lines = lan.hosts[0]
        .heard
        .iter()
        .filter_map(|event| if let Event::Message { order, .. } = event { Some(*order) } else { None });
    let upto = upto.unwrap();
    assert!(lines.max() < Some(upto) && upto.seq == 10, "{upto:?}");
}

#[test]
fn who_claims_more_than_there_is_has_no_more_than_there_is() {
    let mut lan = room_of(2);
    lan.say(0, "hi");
    lan.run(3 * SECOND);
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    let holding = Holding { log, floor: 1, seq: u64::MAX, lamport: 1 };
    let body = Body::Heads(Heads { holdings: List::of_one(holding), more: false });
    let frame = wire::Frame { sender: *identity(1).key(), incarnation: 1, counter: 1_000_000, body };
    lan.hand_over(1, 0, Cast::Unicast, &frame.seal(&identity(1), &lobby()));
    lan.carry();
    lan.run(5 * SECOND);
    lan.say(0, "more");
    lan.run(MOMENT);
    assert_eq!(holds(&lan, 0), [(identity(1).id(), 1)]);
}

#[test]
fn who_has_just_asked_for_something_has_it_only_once_they_ask_no_more() {
    let mut lan = room_of(2);
    lan.cut = vec![(1, 0), (0, 1)];
    (0..3).for_each(|_| lan.say(0, "hi"));
    lan.cut = vec![(1, 0)];
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    let mut counter = 1_000_000;
    let mut tell = |lan: &mut Lan, body| {
        counter += 1;
        let frame = wire::Frame { sender: *identity(1).key(), incarnation: 1, counter, body };
        let datagram = frame.seal(&identity(1), &lobby());
        let input = Input::Datagram { from: addr(1), cast: Cast::Unicast, bytes: &datagram };
        lan.hosts[0].node.as_mut().unwrap().handle_input(lan.now, input);
        lan.carry();
    };
    let heads = || {
        let holding = Holding { log, floor: 1, seq: 3, lamport: 3 };
        Body::Heads(Heads { holdings: List::of_one(holding), more: false })
    };
    let ranges = List::of_one(wire::Range { log, from: 2, count: 1 });
    tell(&mut lan, Body::Want(wire::Want { ranges }));
    for _ in 0..3 {
        tell(&mut lan, heads());
        lan.run(SECOND);
        assert_eq!(holds(&lan, 0), [(identity(1).id(), 1)]);
    }
    lan.run(SECOND);
    tell(&mut lan, heads());
    assert_eq!(holds(&lan, 0), [(identity(1).id(), 3)]);
}
