//! Whatever a stranger sends to the ports, or a peer says: no harm, and nothing that a terminal would obey

use std::time::Duration;

use lanchat_harness::{Loopback, Program, SOON, Stranger, all_meet, error, joined, json, said};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn datagrams_of_strangers_do_no_harm() {
    let (lan, [mut ann, mut bob]) = pair();
    let mut stranger = Stranger::on_port(lan.port());
    for datagram in nonsense() {
        stranger.broadcast(&datagram);
        for exclusive in lan.port() + 1..=lan.port() + 2 {
            stranger.send(&datagram, exclusive);
        }
    }
    ann.say("did you hear something?");
    bob.expect(said("ann", "did you hear something?"), SOON);
    bob.say("no");
    ann.expect(said("bob", "no"), SOON);
    for program in [&mut ann, &mut bob] {
        program.assert_never(error());
        assert_eq!(program.events(json!({"event": "peer"})).len(), 1, "a stranger was taken for a person");
    }
}

#[test]
fn real_datagrams_cut_short_or_altered_do_no_harm() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let mut stranger = Stranger::on_port(lan.port());
    let mut bob = lan.person("bob").chat_ready();
    ann.expect(joined("bob"), SOON);
    bob.expect(joined("ann"), SOON);
    ann.say("once");
    bob.expect(said("ann", "once"), SOON);
    let overheard = stranger.overhear(6, Duration::from_millis(500));
    assert!(!overheard.is_empty(), "nothing was broadcast");
    for datagram in overheard {
        for place in 0..datagram.len() {
            stranger.broadcast(&datagram[..place]);
            let mut altered = datagram.clone();
            altered[place] ^= 0x55;
            stranger.broadcast(&altered);
        }
        stranger.broadcast(&[&datagram, b"and more".as_slice()].concat());
        stranger.broadcast(&datagram);
    }
    ann.say("still fine");
    bob.expect(said("ann", "still fine"), SOON);
    assert_eq!(bob.events(said("ann", "once")).len(), 1, "a repeated datagram was taken for a new line");
    assert_eq!(ann.events(joined("bob")).len(), 1);
}

#[test]
fn nothing_that_a_peer_says_reaches_the_terminal_unsanitised() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--plain"]);
    let mut bob = lan.person("bob").chat_ready();
    bob.expect(joined("ann"), SOON);
    let hostile = "innocent\u{1b}]52;c;cm0gLXJm\u{7}\u{1b}[2J\u{202e}live\u{2066}\u{200b}\u{feff}\u{9b}31m\u{8}\r\u{85}end";
    bob.say(hostile);
    ann.expect_line("innocent", SOON);
    bob.say("that is all");
    ann.expect_line("that is all", SOON);
    ann.terminate();
    let ended = ann.wait();
    let text = format!("{}{}", ended.stdout, ended.stderr);
    let shown = text.chars().find(|&c| is_dangerous(c));
    assert_eq!(shown, None, "it reached the terminal in: {text:?}");
}

#[test]
fn a_line_break_in_what_a_peer_says_cannot_forge_a_line() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--plain"]);
    let mut bob = lan.person("bob").chat_ready();
    bob.expect(joined("ann"), SOON);
    bob.say("honest");
    let honest = ann.expect_line("honest", SOON);
    let forged = honest.replace("honest", "forged");
    let cleo = lan.person("cleo").run(&["send", &format!("look\n{forged}")]);
    cleo.assert_code(0);
    ann.expect_line("forged", SOON);
    assert!(!ann.lines().contains(&forged.as_str()), "cleo spoke as bob: {:?}", ann.lines());
}

fn pair() -> (Loopback, [Program; 2]) {
    let lan = Loopback::new(LANCHAT);
    let mut programs = ["ann", "bob"].map(|name| lan.person(name).chat_ready());
    all_meet(&mut programs, SOON);
    (lan, programs)
}

/// Datagrams of every size, from nothing to more than anyone may send
fn nonsense() -> Vec<Vec<u8>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    let sizes = (0..64).chain([100, 500, 1199, 1200, 1201, 1500, 9000, 65_507]);
    sizes.flat_map(|size| [vec![0; size], vec![0xff; size], (0..size).map(|_| random()).collect()]).collect()
}

/// What a terminal may obey, or what hides or reorders what is read
fn is_dangerous(c: char) -> bool {
    let allowed = matches!(c, '\n' | '\t');
    let hidden =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() && !allowed || hidden
}
