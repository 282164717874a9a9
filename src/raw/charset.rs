//! Text to bytes and back, in the encodings that programs without UTF-8 speak

use std::{fmt, str::FromStr};

use encoding_rs::{EncoderResult, Encoding, UTF_8};
use thiserror::Error;

use crate::lang::tell;

/// A character encoding, by one of the names and aliases of the WHATWG Encoding Standard
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// UTF-8
    pub const UTF_8: Self = Self(UTF_8);

    /// What programs without UTF-8 speak where this environment is at home: the locale's charset, or its language's
    ///
    /// Where neither tells, and for English, which is the locale of servers everywhere, it is GBK: most of the scripts
    /// and debug assistants that this is for come from there, and English needs no other encoding than ASCII.
    pub fn legacy(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| variable(name).filter(|value| !value.is_empty()))
            .unwrap_or_default()
            .to_lowercase();
        let (place, charset) = locale.split_once('.').unwrap_or((&locale, ""));
        let charset = charset.split('@').next().unwrap_or_default();
        let named = charset.parse().ok().filter(|named| *named != Self::UTF_8);
        named.or_else(|| language_charset(place).parse().ok()).unwrap_or(Self::UTF_8)
    }

    /// Whether some characters take several bytes, in another way than that of UTF-8
    pub fn is_multi_byte(self) -> bool {
        self != Self::UTF_8 && !self.0.is_single_byte()
    }

    /// Reads bytes; what is no text in this encoding becomes U+FFFD
    pub fn decode(self, bytes: &[u8]) -> Decoded {
        let (text, replaced) = self.0.decode_with_bom_removal(bytes);
        Decoded { text: text.into_owned(), charset: self, replaced }
    }

    /// Writes text; each character that the encoding lacks becomes `?`
    pub fn encode(self, text: &str) -> Encoded {
        let mut encoder = self.0.new_encoder();
        let mut encoded = Encoded { bytes: Vec::new(), lost: String::new() };
        let mut rest = text;
        loop {
            let needed = encoder.max_buffer_length_from_utf8_without_replacement(rest.len());
            encoded.bytes.reserve(needed.unwrap_or(4 * rest.len()));
            let (result, read) =
                encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut encoded.bytes, true);
            rest = &rest[read..];
            match result {
                EncoderResult::InputEmpty => return encoded,
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(lost) => encoded.on_lost(lost),
            }
        }
    }
}

/// By the language and country of a locale, in lower case
fn language_charset(place: &str) -> &'static str {
    let language = place.split(['_', '-', '@']).next().unwrap_or_default();
    match (language, place) {
        ("zh", "zh_tw" | "zh_hk" | "zh_mo") => "big5",
        ("ja", _) => "shift_jis",
        ("ko", _) => "euc-kr",
        ("ru" | "uk" | "be" | "bg" | "sr" | "mk", _) => "windows-1251",
        ("pl" | "cs" | "sk" | "hu" | "sl" | "hr" | "ro", _) => "windows-1250",
        ("el", _) => "windows-1253",
        ("tr", _) => "windows-1254",
        ("he", _) => "windows-1255",
        ("ar" | "fa", _) => "windows-1256",
        ("lt" | "lv" | "et", _) => "windows-1257",
        ("vi", _) => "windows-1258",
        ("th", _) => "windows-874",
        ("de" | "fr" | "es" | "it" | "pt" | "nl" | "sv" | "da" | "nb" | "nn" | "fi" | "is" | "ca", _) => {
            "windows-1252"
        }
        _ => "gbk",
    }
}

impl FromStr for Charset {
    type Err = CharsetError;

    fn from_str(name: &str) -> Result<Self, CharsetError> {
        let encoding = Encoding::for_label(name.trim().as_bytes());
        // The standard can read UTF-16 but not write it.
        let both_ways = encoding.filter(|encoding| encoding.output_encoding() == *encoding);
        both_ways.map(Self).ok_or_else(|| CharsetError { given: name.to_owned() })
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name().to_lowercase())
    }
}

/// There is no such encoding
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", tell!("raw-encoding-unknown", given = given))]
pub struct CharsetError {
    given: String,
}

/// Text that was read
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text
    pub text: String,
    /// The encoding that it was read in
    pub charset: Charset,
    /// Whether some of it is U+FFFD because it is no text in that encoding
    pub replaced: bool,
}

/// Text that was written
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The bytes
    pub bytes: Vec<u8>,
    /// The characters that became `?`, each once and no more than [`SHOWN_LOST`] of them
    pub lost: String,
}

/// How many of the characters that an encoding lacks are named
pub const SHOWN_LOST: usize = 10;

impl Encoded {
    fn on_lost(&mut self, lost: char) {
        self.bytes.push(b'?');
        if !self.lost.contains(lost) && self.lost.chars().count() < SHOWN_LOST {
            self.lost.push(lost);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chinese_travels_as_gbk_to_the_byte() {
        let encoded = charset("gbk").encode("你好, A");
        assert_eq!(encoded.bytes, b"\xc4\xe3\xba\xc3, A");
        assert_eq!(charset("gbk").decode(&encoded.bytes).text, "你好, A");
    }

    #[test]
    fn every_encoding_of_the_region_keeps_its_own_text() {
        for (name, text) in [
            ("utf-8", "你好 🙂"),
            ("gb18030", "你好 🙂 €"),
            ("big5", "你好嗎"),
            ("shift_jis", "こんにちは"),
            ("euc-jp", "こんにちは"),
            ("iso-2022-jp", "a こんにちは b"),
            ("euc-kr", "안녕하세요"),
            ("windows-1251", "привет"),
            ("windows-1252", "grüß €"),
        ] {
            let encoded = charset(name).encode(text);
            assert_eq!(encoded.lost, "", "{name}");
            let decoded = charset(name).decode(&encoded.bytes);
            assert_eq!((decoded.text.as_str(), decoded.replaced), (text, false), "{name}");
        }
    }

    #[test]
    fn what_an_encoding_lacks_becomes_a_question_mark_and_is_named_once() {
        let encoded = charset("gbk").encode("好🙂🙂吗👍");
        assert_eq!(encoded.bytes, b"\xba\xc3??\xc2\xf0?");
        assert_eq!(encoded.lost, "🙂👍");
        let many: String = ('\u{1F600}'..='\u{1F640}').collect();
        assert_eq!(charset("euc-kr").encode(&many).lost.chars().count(), SHOWN_LOST);
    }

    #[test]
    fn what_is_no_text_shows_and_is_told() {
        let decoded = charset("gbk").decode(b"ok \xff\xff!");
        assert!(decoded.replaced && decoded.text.contains('\u{FFFD}'));
        assert!(decoded.text.starts_with("ok ") && decoded.text.ends_with('!'));
    }

    #[test]
    fn names_are_those_that_people_write() {
        for (given, name) in
            [("GBK", "gbk"), ("cp1251", "windows-1251"), ("sjis", "shift_jis"), ("UTF8", "utf-8")]
        {
            assert_eq!(charset(given).to_string(), name);
        }
        for given in ["klingon", "utf-16", "replacement", ""] {
            assert!(given.parse::<Charset>().is_err(), "{given}");
        }
    }

    #[test]
    fn the_locale_tells_what_its_neighbours_speak() {
        for (lang, expected) in [
            ("zh_CN.UTF-8", "gbk"),
            ("zh_CN.GB18030", "gb18030"),
            ("zh_TW.UTF-8", "big5"),
            ("zh_HK", "big5"),
            ("ja_JP.UTF-8", "shift_jis"),
            ("ko_KR.UTF-8", "euc-kr"),
            ("ru_RU.UTF-8", "windows-1251"),
            ("ru_RU.KOI8-R", "koi8-r"),
            ("de_DE@euro", "windows-1252"),
            ("en_US.UTF-8", "gbk"),
            ("C.UTF-8", "gbk"),
            ("", "gbk"),
        ] {
            let legacy = Charset::legacy(|name| (name == "LANG").then(|| lang.to_owned()));
            assert_eq!(legacy.to_string(), expected, "{lang}");
        }
        let legacy = Charset::legacy(|name| match name {
            "LC_ALL" => Some(String::new()),
            "LC_CTYPE" => Some("ja_JP.UTF-8".to_owned()),
            _ => Some("ko_KR.UTF-8".to_owned()),
        });
        assert_eq!(legacy, charset("shift_jis"));
    }

    proptest! {
        #[test]
        fn any_text_can_be_written_and_any_bytes_can_be_read(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            for name in ["utf-8", "gbk", "gb18030", "big5", "shift_jis", "iso-2022-jp", "euc-kr", "windows-1252"] {
                let charset = charset(name);
                let encoded = charset.encode(&text);
                prop_assert!(!encoded.lost.is_empty() || !charset.decode(&encoded.bytes).replaced, "{}", name);
                charset.decode(&bytes);
            }
        }
    }

    fn charset(name: &str) -> Charset {
        name.parse().unwrap()
    }
}
