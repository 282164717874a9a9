//! What a guest says, said into the room by this person: quoted, and no faster than a room bears

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Decides which lines of guests the room hears
#[derive(Debug, Default)]
pub struct Relay {
    /// When the lines relayed so far would have been said at the steady pace
    paced_until: Option<Instant>,
    left_out: u64,
    report_at: Option<Instant>,
}

/// Five lines a second
const PACE: Duration = Duration::from_millis(200);
/// What may come at once, in lines
const BURST: u32 = 20;
/// How long the lines that are left out are counted before they are told
const COUNTING: Duration = Duration::from_secs(1);

impl Relay {
    /// The line to say for this text of a guest; none when it has none, was relayed already, or is too much
    ///
    /// A room is never sent out as plain datagrams by lanchat itself, so a circle needs a bridge that somebody else
    /// made; a line that went round through it has the mark of a guest's and ends here.
    pub fn handle_guest(&mut self, now: Instant, from: SocketAddr, text: &str) -> Option<String> {
        let text = text.trim_end_matches(['\r', '\n', '\0']);
        if text.is_empty() || text.contains(MARK) {
            return None;
        }
        let paced_until = self.paced_until.map_or(now, |until| until.max(now));
        if paced_until > now + PACE * (BURST - 1) {
            self.left_out += 1;
            self.report_at.get_or_insert(now + COUNTING);
            return None;
        }
        self.paced_until = Some(paced_until + PACE);
        Some(quote(from, text))
    }

    /// How many lines were left out, once it is time to tell
    pub fn poll_left_out(&mut self, now: Instant) -> Option<u64> {
        self.report_at.take_if(|at| *at <= now)?;
        Some(std::mem::take(&mut self.left_out))
    }

    /// When to call [`poll_left_out`](Self::poll_left_out)
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.report_at
    }
}

/// What a line of a guest carries after the address
pub const MARK: &str = " (not verified): ";

fn quote(from: SocketAddr, text: &str) -> String {
    let (text, cut) = match text.char_indices().nth(MAX_QUOTED_CHARS) {
        Some((end, _)) => (&text[..end], " …"),
        None => (text, ""),
    };
    let text = text.replace("\r\n", "\n").replace('\n', "\n> ");
    format!("guest {from}{MARK}{text}{cut}")
}

/// With four bytes a character, and every second one a line break with its mark, still within what a person can say
const MAX_QUOTED_CHARS: usize = 1_900;

#[cfg(test)]
mod tests {
    use lanchat_protocol::Text;

    use super::*;

    #[test]
    fn a_line_is_quoted_with_its_address() {
        let mut relay = Relay::default();
        let said = relay.handle_guest(Instant::now(), guest(), "hi\r\nbob: I owe you\n");
        assert_eq!(said.as_deref(), Some("guest 198.18.0.9:8899 (not verified): hi\n> bob: I owe you"));
    }

    #[test]
    fn a_flood_is_paced_counted_and_told() {
        let (mut relay, start) = (Relay::default(), Instant::now());
        let said =
            |relay: &mut Relay, now| (0..100).filter_map(|_| relay.handle_guest(now, guest(), "x")).count();
        assert_eq!(said(&mut relay, start), 20);
        assert_eq!(relay.poll_timeout(), Some(start + COUNTING));
        assert_eq!(relay.poll_left_out(start), None);
        let later = start + Duration::from_secs(1);
        assert_eq!(said(&mut relay, later), 5);
        assert_eq!(relay.poll_left_out(later), Some(80 + 95));
        assert_eq!((relay.poll_left_out(later), relay.poll_timeout()), (None, None));
        assert_eq!(said(&mut relay, start + Duration::from_secs(60)), 20);
    }

    #[test]
    fn what_has_nothing_to_say_or_was_relayed_already_is_not_said() {
        let (mut relay, now) = (Relay::default(), Instant::now());
        for text in ["", "\n", "\0", "ann: guest 198.18.0.9:8899 (not verified): hi"] {
            assert_eq!(relay.handle_guest(now, guest(), text), None, "{text:?}");
        }
        assert_eq!(relay.poll_timeout(), None);
    }

    #[test]
    fn the_longest_text_of_a_guest_can_be_said() {
        for text in ["\n", "🙂", "🙂\n", "x"] {
            let said =
                Relay::default().handle_guest(Instant::now(), guest(), &format!("x{}x", text.repeat(65_000)));
            let said = said.unwrap();
            assert!(said.ends_with(" …") && Text::new(&said).is_ok(), "{}", said.len());
        }
    }

    fn guest() -> SocketAddr {
        "198.18.0.9:8899".parse().unwrap()
    }
}
