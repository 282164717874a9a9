//! What is said about lines, and about people, comes to the same everywhere, whatever the network does

#![cfg(test)]

use std::{collections::BTreeMap, time::Duration};

use fastrand::Rng;
use lanchat_protocol::{Away, Change, Event, MessageId, Note, Order, PeerId, Reaction, Text, Topic};
use lanchat_simulator::{HostId, Lan, Weather, seeds};

const SIX: [&str; 6] = ["ann", "bob", "cid", "dan", "eve", "fay"];

fn lines(lan: &Lan, host: HostId) -> Vec<MessageId> {
    let message = |event: &Event| if let Event::Message { id, .. } = event { Some(*id) } else { None };
    lan.told(host).iter().filter_map(|(_, event)| message(event)).collect()
}

/// Somebody says or does something, most often about a line that they have
fn act(lan: &mut Lan, host: HostId, number: usize, rng: &mut Rng) {
    let known = lines(lan, host);
    let Some(target) = rng.choice(known).filter(|_| rng.u8(..) > 60) else {
        return lan.say(host, &format!("line {number}"));
    };
    let words = format!("words {number}");
    match rng.u8(0..8) {
        0 => lan.answer(host, target, &words),
        1 => lan.answer(host, target, &words.repeat(200)),
        2 => lan.change(host, Change::Edit { target, text: Text::new(&words).unwrap() }),
        3 => lan.change(host, Change::Edit { target, text: Text::new(&words.repeat(300)).unwrap() }),
        4 => lan.change(host, Change::Delete { target }),
        5 => lan.change(host, Change::React { target, with: Reaction::new("👍").ok() }),
        6 => lan.change(host, Change::React { target, with: None }),
        _ => lan.change(host, Change::Topic(Topic::new(&words).ok())),
    }
}

/// How everybody else is away, as `host` was told
fn away(lan: &Lan, host: HostId) -> BTreeMap<PeerId, Option<Away>> {
    let mut away = BTreeMap::new();
    for (_, event) in lan.told(host) {
        if let Event::Joined(peer) = event {
            away.insert(peer.id, None);
        } else if let Event::Left(peer) | Event::Gone(peer) = event {
            away.remove(&peer.id);
        } else if let Event::Status { peer, away: how } = event {
            away.insert(peer.id, how.clone());
        }
    }
    away
}

/// The last place up to which each other has the lines of `host`, as it was told
fn reached(lan: &Lan, host: HostId) -> BTreeMap<PeerId, Order> {
    let mut reached: BTreeMap<PeerId, Order> = BTreeMap::new();
    for (_, event) in lan.told(host) {
        if let Event::Holds { peer, upto } = event {
            reached.insert(*peer, *upto);
        }
    }
    reached
}

/// Six, two of them with disks, who talk and change while they lose three of ten datagrams and are parted in two
fn play(seed: u64) -> (Lan, Vec<HostId>) {
    let mut lan = Lan::new(seed, Weather::wire());
    let [ann, bob, cid, dan] = lan.join(["ann", "bob", "cid", "dan"]);
    let [eve, fay] = lan.join_durable(["eve", "fay"]);
    let hosts = vec![ann, bob, cid, dan, eve, fay];
    let mut rng = Rng::with_seed(seed);
    lan.run_secs(3);
    lan.set_weather(Weather::wifi().losing(0.3));
    for round in 0..3 {
        match round {
            1 => lan.partition(&[&[ann, bob, eve], &[cid, dan, fay]]),
            _ => lan.heal(),
        }
        for n in 0..40 {
            let host = *rng.choice(&hosts).unwrap();
            act(&mut lan, host, 100 * round + n, &mut rng);
            lan.run(Duration::from_millis(rng.u64(1..200)));
        }
        lan.crash(eve);
        lan.run_secs(2);
        lan.restart(eve);
    }
    lan.heal();
    lan.run_secs(40);
    (lan, hosts)
}

#[test]
fn changes_converge_at_thirty_percent_loss_with_partitions_and_restarts() {
    for seed in seeds(0..10) {
        let (lan, hosts) = play(seed);
        lan.assert_equal_transcripts(&hosts);
        let changes = lan.changes(hosts[0]);
        let answers = lan.transcript(hosts[0]).iter().filter(|line| line.reply_to.is_some()).count();
        assert!(
            changes.len() > 20 && answers > 3,
            "seed {seed}: {} changes, {answers} answers",
            changes.len()
        );
    }
}

#[test]
fn in_the_end_everybody_knows_that_everybody_has_what_they_said() {
    for seed in seeds(0..5) {
        let (mut lan, hosts) = play(seed);
        for host in &hosts {
            lan.say(*host, "my last words");
        }
        lan.run_secs(15);
        for host in &hosts {
            let mut mine = lan.transcript(*host).into_iter().filter(|line| line.author == lan.id(*host));
            let last = mine.next_back().unwrap().order;
            let reached = reached(&lan, *host);
            assert_eq!(reached.len(), SIX.len() - 1, "seed {seed}");
            assert!(reached.values().all(|upto| *upto >= last), "seed {seed}: {last:?} in {reached:?}");
        }
    }
}

#[test]
fn nobody_is_said_to_have_what_they_have_not() {
    let (mut told, mut wrong) = (0, 0);
    for seed in seeds(0..10) {
        let mut lan = Lan::new(seed, Weather::wire());
        let hosts = lan.join(SIX);
        lan.run_secs(3);
        lan.set_weather(Weather::wifi().losing(0.3));
        let mut seen = [0; SIX.len()];
        for step in 0..1_200 {
            if step < 800 {
                lan.say(hosts[step % 2], &format!("line {step}"));
            }
            lan.run(Duration::from_millis(25));
            for (host, seen) in hosts.iter().zip(&mut seen) {
                let news = &lan.told(*host)[*seen..];
                *seen += news.len();
                for (_, event) in news {
                    let Event::Holds { peer, upto } = event else { continue };
                    let peer = *hosts.iter().find(|other| lan.id(**other) == *peer).unwrap();
                    let theirs = lan.transcript(peer);
                    let own = lan.transcript(*host).into_iter().filter(|line| line.author == lan.id(*host));
                    told += 1;
                    wrong += usize::from(
                        !own.filter(|line| line.order <= *upto).all(|line| theirs.contains(&line)),
                    );
                }
            }
        }
    }
    assert!(told > 500 && wrong == 0, "{wrong} of {told} are wrong");
}

#[test]
fn who_is_away_is_away_for_everybody_in_the_end() {
    for seed in seeds(0..10) {
        let mut lan = Lan::new(seed, Weather::wire());
        let hosts = lan.join(SIX);
        let mut rng = Rng::with_seed(seed);
        lan.run_secs(3);
        lan.set_weather(Weather::wifi().losing(0.3));
        let mut truth = BTreeMap::new();
        for n in 0..60 {
            if n == 20 {
                lan.partition(&[&hosts[..3], &hosts[3..]]);
            }
            let host = *rng.choice(&hosts).unwrap();
            let how =
                rng.bool().then(|| Away { by_itself: rng.bool(), note: Note::new(&format!("{n}")).ok() });
            lan.be(host, how.clone());
            truth.insert(lan.id(host), how);
            lan.type_to(host, None);
            lan.run(Duration::from_millis(rng.u64(1..1_000)));
        }
        lan.heal();
        lan.run_secs(30);
        for host in hosts {
            let mut expected = truth.clone();
            expected.remove(&lan.id(host));
            let mut found = away(&lan, host);
            found.retain(|peer, how| expected.contains_key(peer) || how.is_some());
            assert_eq!(found, expected, "seed {seed}");
        }
    }
}
