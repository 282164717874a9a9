//! Plain datagrams as lines for people

use crate::{
    event::{Datagram, Talking},
    lang::tell,
    sanitize::clean,
    ui::plain::said,
};

/// How a talk stands
pub(super) fn talking(talking: &Talking) -> String {
    let encoding = match &talking.fallback {
        Some(fallback) => tell!("raw-auto", fallback = fallback),
        None if talking.encoding == "auto" => "UTF-8".to_owned(),
        None => talking.encoding.clone(),
    };
    let target = match talking.to {
        Some(to) => tell!("raw-target", to = %to),
        None => tell!("raw-target-none"),
    };
    let (bind, encoding) = (talking.bind, clean(&encoding));
    let status = match talking.hex {
        true => tell!("raw-status-hex", bind = %bind, encoding = %encoding, target = target),
        false => tell!("raw-status", bind = %bind, encoding = %encoding, target = target),
    };
    format!("-- {status}\n")
}

/// One that came or went; `who` stands before the address it came from
pub(super) fn line(time: &str, who: &str, datagram: &Datagram) -> String {
    let peer = match (datagram.to, datagram.from) {
        (Some(to), _) => tell!("raw-to", to = %to),
        (None, Some(from)) => format!("{who}{from}{}", remarks(who, datagram)),
        (None, None) => tell!("somebody"),
    };
    let mut line = match datagram.bytes {
        0 if datagram.own => tell!("raw-sent-empty", time = time, peer = peer) + "\n",
        0 => tell!("raw-empty", time = time, peer = peer) + "\n",
        _ => said(time, &peer, &datagram.text),
    };
    if let Some(hex) = &datagram.hex {
        line += &bytes(hex);
    }
    line
}

const INDENT: &str = "      ";

fn remarks(who: &str, datagram: &Datagram) -> String {
    let unknown = (!who.is_empty()).then(|| tell!("not-verified"));
    let replaced = datagram.replaced.then(|| tell!("not-all-decoded", encoding = %clean(&datagram.encoding)));
    let remarks: Vec<String> = unknown.into_iter().chain(replaced).collect();
    if remarks.is_empty() {
        String::new()
    } else {
        tell!("remarks", remarks = remarks.join(&tell!("list-comma")))
    }
}

/// Rows of 16; a screen has no room for more than a few of them
fn bytes(hex: &str) -> String {
    let digits: Vec<char> = hex.chars().filter(char::is_ascii_hexdigit).collect();
    let pairs: Vec<String> = digits.chunks(2).map(String::from_iter).collect();
    let mut rows: String =
        pairs.chunks(ROW).take(SHOWN_ROWS).map(|row| format!("{INDENT}{}\n", row.join(" "))).collect();
    if let Some(rest) = pairs.len().checked_sub(ROW * SHOWN_ROWS).filter(|rest| *rest > 0) {
        rows += &format!("{INDENT}{}\n", tell!("raw-more-bytes", count = rest));
    }
    rows
}

const ROW: usize = 16;
const SHOWN_ROWS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown_as_nothing() {
        let arrived = Datagram { text: String::new().into(), bytes: 0, ..datagram() };
        assert_eq!(line("12:03", "", &arrived), "12:03 198.18.0.2:8899 sent an empty datagram\n");
        let own = Datagram { from: None, to: arrived.from, own: true, ..arrived };
        assert_eq!(line("12:03", "", &own), "12:03 to 198.18.0.2:8899 an empty datagram\n");
    }

    #[test]
    fn a_text_of_several_lines_cannot_pass_for_several_datagrams() {
        let arrived = Datagram { text: "hi\n12:03 198.18.0.3:8899: me\n".into(), ..datagram() };
        let expected = "12:03 198.18.0.2:8899: hi\n      12:03 198.18.0.3:8899: me\n";
        assert_eq!(line("12:03", "", &arrived), expected);
    }

    #[test]
    fn many_bytes_are_cut_aloud() {
        let rows = bytes(&"ab".repeat(256));
        assert_eq!((rows.lines().count(), rows.contains("more")), (16, false));
        assert!(bytes(&"ab".repeat(300)).ends_with("      … and 44 bytes more, all of which --json shows\n"));
    }

    #[test]
    fn how_it_stands_is_one_line() {
        let mut status = Talking {
            bind: "0.0.0.0:8899".parse().unwrap(),
            to: None,
            encoding: "gbk".to_owned(),
            fallback: None,
            hex: true,
        };
        let expected =
            "-- plain text on 0.0.0.0:8899 in gbk; no target yet, /to IP:PORT sets one; bytes are shown\n";
        assert_eq!(talking(&status), expected);
        status.encoding = "auto".to_owned();
        assert!(talking(&status).contains("in UTF-8;"));
    }

    fn datagram() -> Datagram {
        let line = crate::event::tests::CONTRACT[13];
        let crate::event::Event::Datagram(datagram) = serde_json::from_str(line).unwrap() else {
            panic!("{line}")
        };
        Datagram { hex: None, ..datagram }
    }
}
