//! People in a room, and programs beside it that speak plain UDP

use std::net::UdpSocket;

use lanchat_harness::{Loopback, OrFail, Program, SOON, Value, all_meet, json, ready, said, said_by_me};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn guests_are_shown_with_their_address_and_are_nobody_in_the_room() {
    let lan = Loopback::new(LANCHAT);
    let (device, [mut ann, mut bob]) = room(&lan, &[]);
    device.tell("你好".as_bytes());
    let guest = ann.expect(json!({"event": "guest", "text": "你好", "encoding": "utf-8"}), SOON);
    assert_eq!((guest.text("from"), guest["relayed"].is_null()), (device.address().as_str(), true));
    ann.say("/peers");
    let answer = ann.expect(json!({"event": "peers"}), SOON);
    assert_eq!(answer["peers"].as_array().map(Vec::len), Some(1), "{answer:?}");
    ann.say(&format!("/msg {} psst", device.address()));
    ann.expect(json!({"event": "error", "code": "unknown_peer"}), SOON);
    ann.say("that was a device");
    bob.expect(said("ann", "that was a device"), SOON);
    bob.assert_never(|event: &Value| event["text"].as_str().is_some_and(|text| text.contains("你好")));
    bob.assert_never(json!({"event": "guest"}));
}

#[test]
fn a_line_of_a_guest_is_marked_for_people_and_harmless() {
    let lan = Loopback::new(LANCHAT);
    let device = Device::new(&lan);
    let mut ann = lan.person("ann").start(&["--raw-port", &device.raw_port.to_string()]);
    ann.expect_line("-- you are ann", SOON);
    device.tell(b"\x1b[2Jhi\nann: I owe you");
    let line = ann.expect_line("guest", SOON);
    assert!(line.ends_with(&format!(" guest {} (not verified): \u{FFFD}[2Jhi", device.address())), "{line}");
    assert!(ann.expect_line("I owe you", SOON).starts_with("      ann"));
}

#[test]
fn a_plain_datagram_goes_out_of_a_room_and_its_answer_comes_in() {
    let lan = Loopback::new(LANCHAT);
    let (device, [mut ann, mut bob]) = room(&lan, &["--raw-encoding", "gbk"]);
    ann.say(&format!("/raw {} 开灯", device.address()));
    ann.expect(json!({"event": "datagram", "to": device.address(), "text": "开灯", "own": true}), SOON);
    assert_eq!(device.hear(), (b"\xbf\xaa\xb5\xc6".to_vec(), device.raw_port));
    bob.say(&format!("/raw {} on", device.address()));
    bob.expect(json!({"event": "datagram", "own": true}), SOON);
    let (bytes, port) = device.hear();
    assert_eq!(bytes, b"on");
    device.tell_port(port, b"done");
    bob.expect(json!({"event": "guest", "text": "done", "from": device.address()}), SOON);
    for (line, part) in [("/raw nowhere hi", "nowhere"), ("/raw 198.19.255.254:9 hi", "198.19.255.254:9")] {
        ann.say(line);
        let told = ann.expect(json!({"event": "error", "code": "not_sent"}), SOON);
        assert!(told.text("message").contains(part), "{told:?}");
    }
}

#[test]
fn a_relay_quotes_guests_and_bears_no_flood() {
    let lan = Loopback::new(LANCHAT);
    let (device, [mut ann, mut bob]) = room(&lan, &["--raw-relay", "--raw-encoding", "gbk"]);
    device.tell(b"\xc4\xe3\xba\xc3");
    let quote = format!("guest {} (not verified): 你好", device.address());
    ann.expect(json!({"event": "guest", "text": "你好", "encoding": "gbk", "relayed": true}), SOON);
    ann.expect(said_by_me(&quote), SOON);
    bob.expect(said("ann", &quote), SOON);
    device.tell(quote.as_bytes());
    for _ in 0..200 {
        device.tell(b"junk");
    }
    let told = ann.expect(json!({"event": "error", "code": "not_relayed"}), SOON);
    assert!(told.text("message").contains("lines of guests"), "{told:?}");
    ann.say("it stopped");
    bob.expect(said("ann", "it stopped"), SOON);
    let junk = |event: &Value| event["text"].as_str().is_some_and(|text| text.ends_with(": junk"));
    let relayed = bob.events(junk).len();
    assert!((15..60).contains(&relayed), "{relayed} of 200");
    let of_quote = |event: &Value| event["event"] == "message" && event["text"] == json!(quote);
    assert_eq!(bob.events(of_quote).len(), 1, "what was relayed is not relayed again");
}

#[test]
fn what_cannot_be_is_said_at_the_start() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    ann.run(&["--raw-relay"]).assert_code(2).assert_one_sentence(&["--raw-port"]);
    ann.run(&["--raw-port", "8899", "--raw-encoding", "klingon"])
        .assert_code(2)
        .assert_one_sentence(&["klingon"]);
    let taken = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    ann.run(&["--raw-port", &port]).assert_code(1).assert_one_sentence(&[&port, "--raw-port"]);
    let room_port = lan.port().to_string();
    ann.run(&["--raw-port", &room_port]).assert_code(2).assert_one_sentence(&[&room_port, "--raw-port"]);
    let own = (lan.port() + 1).to_string();
    ann.run(&["--raw-port", &own]).assert_code(1).assert_one_sentence(&[&own, "lanchat itself"]);
    ann.run(&["listen", "--raw-port", &port]).assert_code(1).assert_one_sentence(&[&port]);
}

/// A program without lanchat
struct Device {
    socket: UdpSocket,
    /// Where ann hears it
    raw_port: u16,
}

impl Device {
    fn new(lan: &Loopback) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).or_fail("no port for the device");
        socket.set_read_timeout(Some(SOON)).or_fail("no time limit");
        Self { socket, raw_port: lan.port() + 16 }
    }

    fn address(&self) -> String {
        self.socket.local_addr().or_fail("no address").to_string()
    }

    fn tell(&self, bytes: &[u8]) {
        self.tell_port(self.raw_port, bytes);
    }

    fn tell_port(&self, port: u16, bytes: &[u8]) {
        self.socket.send_to(bytes, ("127.0.0.1", port)).or_fail("the device cannot send");
    }

    #[track_caller]
    fn hear(&self) -> (Vec<u8>, u16) {
        let mut buffer = [0; 2_048];
        let (len, from) = self.socket.recv_from(&mut buffer).or_fail("nothing reached the device");
        (buffer[..len].to_vec(), from.port())
    }
}

/// ann, whose raw port the device knows, and bob, who has none
fn room(lan: &Loopback, options: &[&str]) -> (Device, [Program; 2]) {
    let device = Device::new(lan);
    let port = device.raw_port.to_string();
    let mut people = [
        lan.person("ann").start(&[&["--json", "--raw-port", &port], options].concat()),
        lan.person("bob").start(&["--json"]),
    ];
    for person in &mut people {
        person.expect(ready(), SOON);
    }
    all_meet(&mut people, SOON);
    (device, people)
}
