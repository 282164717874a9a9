//! Private rooms, and those who are outside

use super::*;
use crate::{RoomKey, SEAL_BYTES, wire::MAX_DATAGRAM_BYTES};

fn private(key: u8) -> Room {
    Room::private(RoomName::new("attic").unwrap(), &RoomKey::from_bytes([key; 32]))
}

fn config_in(room: Room, host: usize, name: &str) -> Config {
    let secret_seed = SecretSeed::new([u8::try_from(host).unwrap(); 32]);
    Config { room, secret_seed, ..config(host, name, 1, Role::Member) }
}

/// Hosts in the rooms of these keys, or in the open room of the same name
fn lan_of(hosts: &[(&str, Option<u8>)]) -> Lan {
    let mut lan = Lan::new();
    for (host, (name, key)) in hosts.iter().enumerate() {
        let room = key.map_or_else(|| Room::open(RoomName::new("attic").unwrap()), private);
        lan.hosts.push(Host { node: None, heard: Vec::new() });
        lan.start_with(host, config_in(room, host, name));
    }
    lan.run(2 * SECOND);
    lan
}

#[test]
fn members_see_each_other_and_outsiders_nobody() {
    let mut lan = lan_of(&[("ann", Some(1)), ("bob", Some(1)), ("eve", Some(2)), ("oscar", None)]);
    lan.say(0, &"a long line ".repeat(600));
    lan.whisper(1, 0, "psst");
    lan.command(0, Command::Leave);
    lan.run(SECOND);
    let bob = lan.heard(1).join(" ");
    for heard in ["+ann", "ann: a long line", "delivered", "-ann"] {
        assert!(bob.contains(heard), "{heard} is not in {bob}");
    }
    assert!(lan.heard(0).contains(&"bob whispers psst".into()));
    for outsider in [2, 3] {
        assert_eq!(lan.heard(outsider), Vec::<String>::new());
        assert!(lan.dropped(outsider, Dropped::OtherRoom) > 20);
        assert_eq!(lan.dropped(outsider, Dropped::OtherRoom), received(&lan, outsider));
    }
}

#[test]
fn neither_text_nor_names_nor_keys_travel_and_no_datagram_is_too_long_or_the_same_twice() {
    let mut lan = lan_of(&[("annabelle", Some(1)), ("bartholomew", Some(1))]);
    lan.loss = 30;
    for _ in 0..20 {
        lan.say(0, &"dinner is ready ".repeat(400));
        lan.whisper(1, 0, &"nothing for me ".repeat(300));
        lan.run(SECOND);
    }
    let keys = [0, 1].map(|host| identity(host).key().as_bytes()[..8].to_vec());
    let words =
        ["dinner", "nothing", "annabelle", "bartholomew", "attic"].map(|word| word.as_bytes().to_vec());
    for sent in &lan.sent {
        for part in keys.iter().chain(&words) {
            assert!(!sent.bytes.windows(part.len()).any(|window| window == part), "{part:?}");
        }
        assert!(sent.bytes.len() <= MAX_DATAGRAM_BYTES && sent.bytes.len() >= Header::LEN + SEAL_BYTES);
    }
    let mut sealed: Vec<_> = lan.sent.iter().map(|sent| &sent.bytes).collect();
    sealed.sort();
    sealed.dedup();
    assert_eq!(sealed.len(), lan.sent.len());
    assert!(lan.sent.iter().any(|sent| sent.bytes.len() > 1_100));
}

#[test]
fn nothing_that_was_altered_on_the_way_or_moved_to_another_room_is_taken() {
    let mut lan = lan_of(&[("ann", Some(1)), ("bob", Some(1)), ("eve", Some(2))]);
    lan.cut = vec![(0, 1), (0, 2)];
    lan.say(0, "one");
    let sent = lan.sent.iter().rfind(|sent| sent.from == 0).unwrap().clone();
    lan.cut.clear();
    (1..=2).for_each(|host| drop(lan.heard(host)));
    let unsealed = lan.dropped(1, Dropped::Unsealed);
    for byte in Header::LEN..sent.bytes.len() {
        let mut altered = sent.clone();
        altered.bytes[byte] ^= 0x10;
        lan.hand_over(0, 1, altered.cast, &altered.bytes);
    }
    let tag_of_eves = private(2).tag();
    let moved = [&sent.bytes[..8], tag_of_eves.as_bytes(), &sent.bytes[16..]].concat();
    lan.hand_over(0, 2, sent.cast, &moved);
    lan.carry();
    assert_eq!((lan.heard(1), lan.heard(2)), (vec![], vec![]));
    let altered = u64::try_from(sent.bytes.len() - Header::LEN).unwrap();
    assert_eq!(lan.dropped(1, Dropped::Unsealed), unsealed + altered);
    assert_eq!(lan.dropped(2, Dropped::Unsealed), 1);
    lan.hand_over(0, 1, sent.cast, &sent.bytes);
    lan.carry();
    assert_eq!(lan.heard(1), ["ann: one"]);
}

#[test]
fn a_recording_of_a_private_room_changes_nothing() {
    let mut lan = lan_of(&[("ann", Some(1)), ("bob", Some(1))]);
    lan.say(0, "one");
    lan.whisper(0, 1, "psst");
    lan.run(SECOND);
    lan.heard(1);
    let recorded: Vec<_> = lan.sent.iter().filter(|sent| sent.from == 0).cloned().collect();
    for sent in &recorded {
        lan.hand_over(0, 1, sent.cast, &sent.bytes);
    }
    lan.carry();
    assert_eq!(lan.heard(1), Vec::<String>::new());
    assert!(lan.dropped(1, Dropped::Replayed) >= u64::try_from(recorded.len() - 1).unwrap());
}

#[test]
fn what_a_member_signed_outside_the_seal_is_not_heard() {
    let mut lan = lan_of(&[("ann", Some(1)), ("bob", Some(1))]);
    lan.sent.clear();
    let datagram = Speaker::new(identity(7), 1).seal(&private(1), Body::Ping(Ping { nonce: 1 }));
    lan.hand_over(0, 1, Cast::Unicast, &datagram);
    let mut unmarked = datagram.clone();
    unmarked[6] = 0;
    lan.hand_over(0, 1, Cast::Unicast, &unmarked);
    lan.carry();
    assert!(lan.sent.is_empty());
    assert_eq!(lan.dropped(1, Dropped::Unsealed), 2);
}

fn received(lan: &Lan, host: usize) -> u64 {
    lan.hosts[host].node.as_ref().unwrap().counters().received()
}
