//! How much is sent on the word of somebody who may not be there

use super::{
    flood::{EVE, Siege, announcement},
    *,
};
use crate::wire::{LogId, Pong, Range, Want, kind};

/// What ann sends to where nobody is
fn sent_to_nobody(lan: &Lan, from: usize) -> usize {
    lan.sent[from..]
        .iter()
        .filter(|sent| sent.from == 0 && sent.cast == Cast::Unicast)
        .map(|sent| sent.bytes.len())
        .sum()
}

#[test]
fn whoever_forges_an_address_has_it_sent_three_times_what_they_send() {
    let mut siege = Siege::new();
    for _ in 0..300 {
        siege
            .lan
            .command(0, Command::Say { text: text(&"x".repeat(900)), at: WallTime::default(), about: None });
    }
    siege.lan.run(5 * SECOND);
    siege.lan.kill(1);
    siege.lan.run(20 * SECOND);
    let begin = siege.lan.sent.len();
    let mut eve = Speaker::new(identity(EVE), 1);
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    let want = Want { ranges: List::new(vec![Range { log, from: 1, count: 64 }]).unwrap() };
    let request = crate::wire::HeadsRequest { after: LogId { epoch: 0, ..log } };
    let mut put = 0;
    for n in 0..2_000_u32 {
        let (cast, body) = match n % 4 {
            0 => (Cast::Broadcast, Body::Announce(announcement("eve"))),
            1 => (Cast::Unicast, Body::Want(want.clone())),
            2 => (Cast::Unicast, Body::HeadsRequest(request)),
            _ => (Cast::Unicast, Body::Ping(Ping { nonce: 5 })),
        };
        let datagram = eve.seal(&lobby(), body);
        put += datagram.len();
        siege.hit(addr(EVE), cast, &datagram);
        siege.lan.carry();
        siege.lan.run(MOMENT);
    }
    siege.lan.run(60 * SECOND);
    let got = sent_to_nobody(&siege.lan, begin);
    assert!(got <= 3 * put, "{got} bytes for {put}");
    assert!(got > put, "what is allowed is used");
}

#[test]
fn whoever_hears_what_is_sent_to_them_gets_all_they_ask_for() {
    let mut siege = Siege::new();
    for _ in 0..64 {
        siege
            .lan
            .command(0, Command::Say { text: text(&"x".repeat(900)), at: WallTime::default(), about: None });
    }
    siege.lan.run(5 * SECOND);
    let mut eve = Speaker::new(identity(EVE), 1);
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    let want = Want { ranges: List::new(vec![Range { log, from: 1, count: 64 }]).unwrap() };
    let announce = eve.seal(&lobby(), Body::Announce(announcement("eve")));
    let asks = [(); 2].map(|()| eve.seal(&lobby(), Body::Want(want.clone())));
    let begin = siege.lan.sent.len();
    siege.hit(addr(EVE), Cast::Broadcast, &announce);
    siege.hit(addr(EVE), Cast::Unicast, &asks[0]);
    siege.lan.carry();
    let nonce = siege.lan.sent[begin..].iter().find_map(|sent| {
        let Ok(Packet::Frame(frame)) = Packet::decode(&sent.bytes, lobby().tag()) else { return None };
        let Body::Ping(Ping { nonce }) = frame.verify(lobby().id(), &Ed25519)?.body else { return None };
        Some(nonce)
    });
    let pong = eve.seal(&lobby(), Body::Pong(Pong { nonce: nonce.expect("asked whether it is heard") }));
    siege.hit(addr(EVE), Cast::Unicast, &pong);
    siege.lan.sent.clear();
    siege.hit(addr(EVE), Cast::Unicast, &asks[1]);
    siege.lan.carry();
    assert!(sent_to_nobody(&siege.lan, 0) > 64 * 900);
}

#[test]
fn one_who_asks_without_end_costs_one_repair_of_each_line_and_leaves_others_theirs() {
    let mut siege = Siege::new();
    (0..10).for_each(|n| siege.lan.say(0, &format!("{n}")));
    siege.lan.run(5 * SECOND);
    siege.lan.sent.clear();
    let log = LogId { author: *identity(0).key(), epoch: 1 };
    let ranges = List::new(vec![Range { log, from: 1, count: 10 }]).unwrap();
    let mut eves: Vec<_> = (EVE..EVE + 5).map(|n| Speaker::new(identity(n), 1)).collect();
    for (nth, eve) in eves.iter_mut().enumerate() {
        let announce = eve.seal(&lobby(), Body::Announce(announcement("eve")));
        siege.hit(addr(EVE + nth), Cast::Broadcast, &announce);
    }
    for _ in 0..500 {
        for (nth, eve) in eves.iter_mut().enumerate() {
            let want = eve.seal(&lobby(), Body::Want(Want { ranges: ranges.clone() }));
            siege.hit(addr(EVE + nth), Cast::Broadcast, &want);
        }
        siege.lan.run(2 * MOMENT);
    }
    let repairs = siege.lan.sent.iter().filter(|sent| sent.kind() == kind::DATA).count();
    // Once in three group round trips, of 2 ms at least, ten lines share two datagrams.
    assert!(repairs <= 2 * 1_000 / 6 * 3, "{repairs} datagrams in a second");
}
