//! A private room keeps what it says to itself, in any weather

#![cfg(test)]

use lanchat_protocol::{Room, RoomCode, RoomKey, RoomName};
use lanchat_simulator::{Lan, Weather};

fn private(code: &str) -> Room {
    let (name, code) = (RoomName::new("headquarters").unwrap(), RoomCode::new(code).unwrap());
    Room::private(name.clone(), &RoomKey::derive(&name, &code).unwrap())
}

#[test]
fn members_have_all_that_is_said_and_whoever_listens_has_nothing() {
    let mut lan = Lan::new(7, Weather::wire().losing(0.2));
    lan.record();
    lan.set_room(private("able about above"));
    let members = lan.join(["annabel", "bobby", "cecilia"]);
    lan.set_room(private("able about absent"));
    let [eve] = lan.join(["eve"]);
    lan.set_room(Room::open(RoomName::new("headquarters").unwrap()));
    let [oscar] = lan.join(["oscar"]);
    lan.run_secs(3);
    for round in 0..20 {
        lan.say(members[round % 3], &format!("attack at dawn {round}"));
        lan.whisper(members[0], members[1], "between ourselves");
        lan.run_secs(1);
    }
    let [late] = {
        lan.set_room(private("Able-About-Above"));
        lan.join(["deborah"])
    };
    lan.run_secs(10);
    lan.assert_equal_transcripts(&[members[0], members[1], members[2], late]);
    assert_eq!(lan.transcript(late).len(), 20);
    lan.leave(members[2]);
    lan.run_secs(1);
    for outsider in [eve, oscar] {
        assert_eq!(lan.heard(outsider), Vec::<String>::new());
    }
    let words = ["attack", "dawn", "between", "annabel", "bobby", "cecilia", "deborah"];
    let recorded: Vec<_> = lan.recording().iter().map(|(.., datagram)| datagram.clone()).collect();
    let secret = recorded.iter().filter(|datagram| datagram[6] == 1);
    assert!(secret.clone().count() > 200);
    for (datagram, word) in secret.flat_map(|datagram| words.map(|word| (datagram, word))) {
        let is_in = datagram.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!is_in, "{word} was sent for everybody to read");
    }
    for datagram in recorded {
        assert!(!datagram.windows(12).any(|window| window == b"headquarters"));
        assert!(datagram.len() <= 1_200);
    }
}
