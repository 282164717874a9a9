//! Which encoding is spoken with whom, and the datagrams that come of it

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    net::{Ipv4Addr, SocketAddrV4},
    str::FromStr,
};

use jiff::Timestamp;
use thiserror::Error;

use super::charset::{Charset, CharsetError, Decoded};
use crate::{
    event::{Datagram, ErrorCode, Event},
    lang::tell,
};

/// What was asked for
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// UTF-8 where it is UTF-8, else what the locale's other programs speak
    #[default]
    Auto,
    /// Always this one
    Fixed(Charset),
}

impl FromStr for Choice {
    type Err = CharsetError;

    fn from_str(name: &str) -> Result<Self, CharsetError> {
        if name.eq_ignore_ascii_case("auto") { Ok(Self::Auto) } else { name.parse().map(Self::Fixed) }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Fixed(charset) => charset.fmt(f),
        }
    }
}

/// The longest text of an IPv4 UDP datagram, in bytes
pub const MAX_DATAGRAM_BYTES: usize = 65_507;

/// The encodings of a conversation with many
///
/// With [`Choice::Auto`], somebody is answered in the encoding that they were last understood in, for which they must
/// have sent more than ASCII; a host that sends from one port and listens on another is taken for one.
#[derive(Debug)]
pub struct Encodings {
    choice: Choice,
    legacy: Charset,
    heard: Heard,
}

/// A datagram to be sent
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it goes
    pub to: SocketAddrV4,
    /// Its bytes
    pub bytes: Vec<u8>,
    /// What a front end shows once it is sent
    pub shown: Datagram,
    /// What could not be written, if anything
    pub notice: Option<Event>,
}

impl Encodings {
    /// With what programs without UTF-8 speak here
    pub fn new(choice: Choice, legacy: Charset) -> Self {
        Self { choice, legacy, heard: Heard::default() }
    }

    /// What was asked for
    pub fn choice(&self) -> Choice {
        self.choice
    }

    /// What [`Choice::Auto`] falls back to
    pub fn legacy(&self) -> Charset {
        self.legacy
    }

    /// Takes another choice from now on
    pub fn choose(&mut self, choice: Choice) {
        self.choice = choice;
    }

    /// What arrived from somewhere, as a front end shows it
    pub fn read(&mut self, from: SocketAddrV4, bytes: &[u8], with_hex: bool) -> Datagram {
        let decoded = match self.choice {
            Choice::Fixed(charset) => charset.decode(bytes),
            Choice::Auto => self.guess(from, bytes),
        };
        if !decoded.replaced && !bytes.is_ascii() {
            self.heard.note(from, decoded.charset);
        }
        Datagram {
            from: Some(from.into()),
            to: None,
            text: decoded.text.into(),
            bytes: bytes.len(),
            encoding: decoded.charset.to_string(),
            replaced: decoded.replaced,
            hex: with_hex.then(|| hex(bytes)),
            relayed: false,
            own: false,
            at: Timestamp::now(),
        }
    }

    /// The datagram that says `text` and what ends each of its lines, which is not shown
    ///
    /// # Errors
    /// When it would be longer than a datagram can be.
    pub fn write(&self, to: SocketAddrV4, text: &str, line_end: &str) -> Result<Outgoing, TooLong> {
        let charset = match self.choice {
            Choice::Fixed(charset) => charset,
            Choice::Auto => self.heard.from(to).unwrap_or(Charset::UTF_8),
        };
        let encoded = charset.encode(&with_line_ends(text, line_end));
        if encoded.bytes.len() > MAX_DATAGRAM_BYTES {
            return Err(TooLong { bytes: encoded.bytes.len(), charset });
        }
        let replaced = !encoded.lost.is_empty();
        let notice = replaced.then(|| {
            let sentence = tell!("raw-replaced", charset = %charset, lost = &encoded.lost);
            Event::error(ErrorCode::Replaced, sentence)
        });
        let shown = Datagram {
            from: None,
            to: Some(to.into()),
            text: text.into(),
            bytes: encoded.bytes.len(),
            encoding: charset.to_string(),
            replaced,
            hex: None,
            relayed: false,
            own: true,
            at: Timestamp::now(),
        };
        Ok(Outgoing { to, bytes: encoded.bytes, shown, notice })
    }

    /// UTF-8 is so unlike anything else that what can be read as it is it, but for a few short words
    fn guess(&self, from: SocketAddrV4, bytes: &[u8]) -> Decoded {
        let is_utf8 = match std::str::from_utf8(bytes) {
            Ok(text) => !could_be_two_byte(text, self.legacy) || self.heard.from(from) != Some(self.legacy),
            // Many programs cut their text at a number of bytes, in the middle of a character.
            Err(error) => error.error_len().is_none() && !bytes[..error.valid_up_to()].is_ascii(),
        };
        if is_utf8 { Charset::UTF_8 } else { self.legacy }.decode(bytes)
    }
}

/// Whether it may as well be a word of an East Asian encoding, of which many are two bytes that are a letter of UTF-8
fn could_be_two_byte(text: &str, legacy: Charset) -> bool {
    legacy.is_multi_byte()
        && !text.is_ascii()
        && text.chars().all(|letter| letter.len_utf8() <= 2)
        && !legacy.decode(text.as_bytes()).replaced
}

fn with_line_ends(text: &str, line_end: &str) -> String {
    if line_end.is_empty() {
        return text.to_owned();
    }
    text.split('\n').map(|line| format!("{}{line_end}", line.trim_end_matches('\r'))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// A text is longer than a datagram can be
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{}", tell!("raw-long", bytes = bytes, charset = %charset, most = MAX_DATAGRAM_BYTES))]
pub struct TooLong {
    bytes: usize,
    charset: Charset,
}

/// Who was last understood in which encoding, about the latest 1,000 of them (64 KiB)
#[derive(Debug, Default)]
struct Heard {
    recent: BTreeMap<(Ipv4Addr, u16), Charset>,
    older: BTreeMap<(Ipv4Addr, u16), Charset>,
}

/// How many make a generation, of which there are two
const GENERATION: usize = 512;
/// The entry of a host as a whole
const ANY_PORT: u16 = 0;

impl Heard {
    fn note(&mut self, from: SocketAddrV4, charset: Charset) {
        for port in [from.port(), ANY_PORT] {
            if self.recent.len() >= GENERATION {
                self.older = std::mem::take(&mut self.recent);
            }
            self.recent.insert((*from.ip(), port), charset);
        }
    }

    fn from(&self, address: SocketAddrV4) -> Option<Charset> {
        [address.port(), ANY_PORT].iter().find_map(|port| {
            let key = (*address.ip(), *port);
            self.recent.get(&key).or_else(|| self.older.get(&key)).copied()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(198, 18, 0, 2), 8899);
    const OTHER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(198, 18, 0, 3), 8899);
    const HELLO: &[u8] = b"\xc4\xe3\xba\xc3";

    #[test]
    fn auto_reads_utf8_and_what_the_neighbours_speak() {
        let mut encodings = auto();
        let read = encodings.read(SCRIPT, "你好🙂".as_bytes(), false);
        assert_eq!((read.text.as_written(), read.encoding.as_str()), ("你好🙂", "utf-8"));
        let read = encodings.read(SCRIPT, HELLO, true);
        assert_eq!((read.text.as_written(), read.encoding.as_str(), read.bytes), ("你好", "gbk", 4));
        assert_eq!((read.hex.as_deref(), read.from), (Some("c4e3bac3"), Some(SCRIPT.into())));
        assert_eq!(encodings.read(SCRIPT, b"\xef\xbb\xbfhi", false).text, "hi");
    }

    #[test]
    fn utf8_that_was_cut_off_is_still_utf8() {
        let read = auto().read(SCRIPT, &"你好".as_bytes()[..5], false);
        assert_eq!((read.text.as_written(), read.replaced), ("你\u{FFFD}", true));
    }

    #[test]
    fn what_could_be_either_is_read_as_its_sender_was_last_understood() {
        let mut encodings = auto();
        // 要 in GBK is a letter of Kazakh in UTF-8.
        let both: &[u8] = b"\xd2\xaa";
        assert_eq!(encodings.read(SCRIPT, both, false).encoding, "utf-8");
        encodings.read(SCRIPT, HELLO, false);
        assert_eq!(encodings.read(SCRIPT, both, false).text, "要");
        assert_eq!(written(&encodings, SCRIPT, "你好").bytes, HELLO);
        assert_eq!(encodings.read(OTHER, both, false).encoding, "utf-8");
        assert_eq!(encodings.read(SCRIPT, "你们".as_bytes(), false).text, "你们");
        let mut russian = Encodings::new(Choice::Auto, "windows-1251".parse().unwrap());
        russian.read(SCRIPT, b"\xef\xf0\xe8\xe2\xe5\xf2", false);
        assert_eq!(russian.read(SCRIPT, "привет".as_bytes(), false).text, "привет");
    }

    #[test]
    fn each_line_of_several_has_its_end() {
        let encodings = auto();
        let bytes = |text: &str, line_end: &str| encodings.write(SCRIPT, text, line_end).unwrap().bytes;
        assert_eq!(bytes("one\ntwo", "\r\n"), b"one\r\ntwo\r\n");
        assert_eq!(bytes("one\r\ntwo", "\r\n"), b"one\r\ntwo\r\n");
        assert_eq!(bytes("", "\r\n"), b"\r\n");
        assert_eq!(bytes("one\ntwo", ""), b"one\ntwo");
    }

    #[test]
    fn auto_answers_as_it_was_spoken_to() {
        let mut encodings = auto();
        assert_eq!(written(&encodings, SCRIPT, "你好").bytes, "你好".as_bytes());
        encodings.read(SCRIPT, HELLO, false);
        encodings.read(SCRIPT, b"plain ASCII says nothing", false);
        encodings.read(SCRIPT, b"\xff\xff\xff", false);
        assert_eq!(written(&encodings, SCRIPT, "你好").bytes, HELLO);
        assert_eq!(written(&encodings, OTHER, "你好").bytes, "你好".as_bytes());
        let other_port = SocketAddrV4::new(*SCRIPT.ip(), 9999);
        assert_eq!(written(&encodings, other_port, "你好").bytes, HELLO);
        encodings.read(SCRIPT, "你".as_bytes(), false);
        assert_eq!(written(&encodings, SCRIPT, "你好").bytes, "你好".as_bytes());
    }

    #[test]
    fn a_choice_holds_for_both_directions_until_the_next() {
        let mut encodings = auto();
        encodings.choose("shift_jis".parse().unwrap());
        let sent = written(&encodings, SCRIPT, "さ🙂");
        assert_eq!(
            (sent.bytes.as_slice(), sent.shown.encoding.as_str()),
            (b"\x82\xb3?".as_slice(), "shift_jis")
        );
        assert!(sent.shown.replaced && sent.shown.own);
        let Some(Event::Error { code: ErrorCode::Replaced, message }) = sent.notice else {
            panic!("not told")
        };
        assert!(message.contains("🙂") && message.contains("shift_jis"), "{message}");
        assert_eq!(encodings.read(SCRIPT, b"\x82\xb3", false).text, "さ");
        encodings.choose("auto".parse().unwrap());
        assert_eq!(encodings.choice().to_string(), "auto");
    }

    #[test]
    fn a_datagram_holds_65507_bytes_with_the_end_of_its_line() {
        let encodings = auto();
        let just_fits = "x".repeat(MAX_DATAGRAM_BYTES - 2);
        let sent = encodings.write(SCRIPT, &just_fits, "\r\n").unwrap();
        assert_eq!(
            (sent.bytes.len(), sent.shown.text.as_written().len()),
            (MAX_DATAGRAM_BYTES, MAX_DATAGRAM_BYTES - 2)
        );
        let error = encodings.write(SCRIPT, &just_fits, "\r\n!").unwrap_err().to_string();
        assert!(error.contains("65508") && error.contains("at most 65507"), "{error}");
    }

    #[test]
    fn who_was_heard_long_ago_is_forgotten() {
        let mut encodings = auto();
        encodings.read(SCRIPT, HELLO, false);
        for host in 0..2_000_u32 {
            encodings.read(SocketAddrV4::new(Ipv4Addr::from_bits(host), 1), HELLO, false);
        }
        assert!(encodings.heard.recent.len() + encodings.heard.older.len() <= 2 * GENERATION);
        assert_eq!(encodings.heard.from(SCRIPT), None);
        assert!(encodings.heard.from(SocketAddrV4::new(Ipv4Addr::from_bits(1_999), 1)).is_some());
    }

    fn auto() -> Encodings {
        Encodings::new(Choice::Auto, "gbk".parse().unwrap())
    }

    fn written(encodings: &Encodings, to: SocketAddrV4, text: &str) -> Outgoing {
        encodings.write(to, text, "").unwrap()
    }
}
