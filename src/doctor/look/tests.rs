use std::sync::Arc;

use lanchat_protocol::{
    Cast as NodeCast, Config, Input, Node, Output as NodeOutput, Retention, Role, RoomKey, RoomName,
    SecretSeed, Storage, Time, WallTime,
};
use uuid::Uuid;

use super::*;
use crate::doctor::peer::Trouble;

const END: Duration = Duration::from_secs(6);
const OWN: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);

/// What passes between the visitor and the other, whatever the direction
#[derive(Clone, Copy)]
struct Wire {
    broadcasts_there: bool,
    broadcasts_back: bool,
    unicast_there: bool,
    /// What comes back by unicast before anything was sent there by unicast
    unasked_back: bool,
}

const OPEN: Wire =
    Wire { broadcasts_there: true, broadcasts_back: true, unicast_there: true, unasked_back: true };

fn lobby() -> Room {
    Room::open(RoomName::lobby())
}

fn other(room: &Room) -> Node {
    Node::new(
        Config {
            identity: Identity::from_secret([2; 32]),
            instance: InstanceId::from_uuid(Uuid::from_u128(2)),
            incarnation: 1,
            name: Name::new("bob").unwrap(),
            room: room.clone(),
            role: Role::Member,
            seed: 2,
            secret_seed: SecretSeed::new([2; 32]),
            wall: WallTime::from_unix_millis(1),
            storage: Storage::Ephemeral,
            retention: Retention::default(),
            verifier: Arc::new(Ed25519),
            blocked: Vec::new(),
        },
        Time::ZERO,
    )
}

/// Looks around where one other has been for ten seconds
fn look_through(wire: Wire, room: &Room) -> Look {
    let visitor = Visitor {
        identity: Identity::from_secret([1; 32]),
        name: Name::new("ann").unwrap(),
        room: room.clone(),
        now: 10_000,
        seed: [7; 16],
    };
    let (mut look, mut bob) = (Look::new(visitor, END), other(room));
    let (ann_at, bob_at) = (SocketAddr::from((OWN, 25253)), SocketAddr::from(([198, 18, 0, 2], 25253)));
    let mut is_asked = false;
    for micros in (0_u64..16_000).map(|millis| millis * 1_000) {
        let (time, started) = (Time::from_micros(micros), micros >= 10_000_000);
        let now = Duration::from_micros(micros.saturating_sub(10_000_000));
        if started && look.poll_timeout(now).is_some_and(|due| due <= now) {
            look.handle_timeout(now);
        }
        while let Some(output) = look.poll_output() {
            let (cast, bytes, passes) = match output {
                Output::Broadcast(bytes) => {
                    look.handle_datagram(now, (ann_at, Cast::Broadcast, Origin::Own), &bytes);
                    (NodeCast::Broadcast, bytes, wire.broadcasts_there)
                }
                Output::Send(_, bytes) => {
                    is_asked = true;
                    (NodeCast::Unicast, bytes, wire.unicast_there)
                }
            };
            if passes {
                bob.handle_input(time, Input::Datagram { from: ann_at, cast, bytes: &bytes });
            }
        }
        if bob.poll_timeout().is_some_and(|(due, _)| due <= time) {
            bob.handle_timeout(time);
        }
        while let Some(output) = bob.poll_output() {
            let (cast, bytes, passes) = match output {
                NodeOutput::Broadcast(bytes) => (Cast::Broadcast, bytes, wire.broadcasts_back),
                NodeOutput::Send { datagram, .. } | NodeOutput::Probe { datagram, .. } => {
                    (Cast::Unicast, datagram, wire.unasked_back || is_asked)
                }
                NodeOutput::Store { .. } | NodeOutput::Event(_) => continue,
            };
            if passes && started {
                look.handle_datagram(now, (bob_at, cast, Origin::Admitted), &bytes);
            }
        }
    }
    look
}

#[test]
fn whom_nothing_keeps_apart_hear_each_other() {
    let look = look_through(OPEN, &lobby());
    let peers = look.peers(&[OWN], &[]);
    let [bob] = peers.as_slice() else { panic!("{peers:?}") };
    assert_eq!(bob.name, Some("bob".into()));
    assert!(bob.is_reached && !bob.is_crowded && !bob.is_own && bob.troubles().is_empty(), "{bob:?}");
    let loss = bob.loss.unwrap();
    assert_eq!((loss.sent, loss.answered, loss.ways), (40, 40, Some((0.0, 0.0))));
    assert!(bob.heard >= 4 && bob.early.worked == bob.early.made && bob.early.made == 8, "{bob:?}");
    assert_eq!(bob.late.made, bob.late.worked, "{bob:?}");
    assert_eq!(look.sights().returned, [OWN].into());
}

#[test]
fn a_private_room_is_looked_at_in_its_own_seal() {
    let room = |key| Room::private(RoomName::lobby(), &RoomKey::from_bytes([key; 32]));
    let peers = look_through(OPEN, &room(1)).peers(&[OWN], &[]);
    assert!(peers.len() == 1 && peers[0].is_reached && peers[0].troubles().is_empty(), "{peers:?}");
}

#[test]
fn each_wall_between_them_is_told_from_the_others() {
    for (wire, trouble) in [
        (Wire { broadcasts_there: false, ..OPEN }, Trouble::NotHeardByPeer),
        (Wire { broadcasts_back: false, ..OPEN }, Trouble::NotHeardHere),
        (Wire { unicast_there: false, ..OPEN }, Trouble::UnicastBlocked),
        (Wire { unasked_back: false, ..OPEN }, Trouble::AnswersBlocked),
        (Wire { broadcasts_there: false, unicast_there: false, ..OPEN }, Trouble::NoAnswer),
    ] {
        let peers = look_through(wire, &lobby()).peers(&[OWN], &[]);
        assert_eq!(peers[0].troubles(), [trouble], "{peers:?}");
    }
}

/// What a member says to all
fn announcement(secret: u8, room: Room, incarnation: u64, solicits: bool) -> Vec<u8> {
    let identity = Identity::from_secret([secret; 32]);
    let visitor =
        Visitor { identity, name: Name::new("eve").unwrap(), room, now: incarnation, seed: [9; 16] };
    let mut voice = Voice { visitor, counter: 0 };
    voice.seal(Body::Announce(Announce {
        instance: InstanceId::from_uuid(Uuid::from_u128(9)),
        name: Name::new("eve").unwrap(),
        interval_ms: 1_000,
        members: 0,
        solicits,
        visitor: false,
        head: Head::default(),
        lamport: 0,
        extensions: List::empty(),
    }))
}

/// What is known of somebody who was heard at this time, with a clock that says so
fn heard_at(now: Duration, clock: u64, solicits: bool) -> PeerFacts {
    let (identity, name) = (Identity::from_secret([1; 32]), Name::new("ann").unwrap());
    let visitor = Visitor { identity, name, room: lobby(), now: 1_000_000, seed: [7; 16] };
    let mut look = Look::new(visitor, Duration::from_secs(300));
    let pass = |look: &mut Look, time| {
        while let Some(due) = look.poll_timeout(time).filter(|due| *due < time) {
            look.handle_timeout(due);
        }
    };
    pass(&mut look, now);
    let from = SocketAddr::from(([198, 18, 0, 2], 25253));
    let datagram = announcement(2, lobby(), clock, solicits);
    look.handle_datagram(now, (from, Cast::Broadcast, Origin::Admitted), &datagram);
    pass(&mut look, now + Duration::from_secs(5));
    look.peers(&[OWN], &[]).remove(0)
}

#[test]
fn who_starts_meanwhile_is_ahead_only_as_far_as_its_clock_is() {
    let late = Duration::from_secs(200);
    assert_eq!(heard_at(late, 1_200_000, true).ahead, Duration::ZERO);
    assert_eq!(heard_at(late, 1_800_000, true).ahead, Duration::from_secs(600));
    assert_eq!(heard_at(late, 1_000, false).ahead, Duration::ZERO);
}

#[test]
fn who_starts_meanwhile_could_not_answer_before_also_if_its_clock_is_behind() {
    assert_eq!(heard_at(Duration::from_secs(3), 1_000, true).early.made, 0);
    assert_eq!(heard_at(Duration::from_millis(200), 1_000, true).early.made, 5);
    assert_eq!(heard_at(Duration::from_secs(3), 1_000, false).early.made, 8);
}

#[test]
fn whoever_is_of_another_network_or_room_is_noticed_and_noise_is_not() {
    let mut look = look_through(OPEN, &lobby());
    let other = |name: &str| Room::open(RoomName::new(name).unwrap());
    let from = |host: u8| SocketAddr::from(([198, 18, 1, host], 25253));
    let mut says = |secret, room, host, origin| {
        let datagram = announcement(secret, room, 1, true);
        look.handle_datagram(END, (from(host), Cast::Broadcast, origin), &datagram);
    };
    says(9, other("lobby"), 1, Origin::OffLink);
    says(9, other("attic"), 2, Origin::OffLink);
    says(9, other("attic"), 3, Origin::Admitted);
    // Bob has an address of this network, too.
    says(2, other("lobby"), 5, Origin::OffLink);
    look.handle_datagram(END, (from(4), Cast::Broadcast, Origin::OffLink), b"noise");
    assert_eq!(look.sights().off_link, [Ipv4Addr::new(198, 18, 1, 1)].into());
    assert_eq!(look.sights().other_rooms, [Ipv4Addr::new(198, 18, 1, 3)].into());
}

#[test]
fn at_the_end_one_only_listens() {
    let look = look_through(OPEN, &lobby());
    assert_eq!(look.poll_timeout(END), None);
    assert_eq!(look.poll_timeout(END - Look::LISTENING), Some(END));
}
