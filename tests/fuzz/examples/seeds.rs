//! Writes the first inputs of the corpora: golden vectors, recorded traffic, and what people and files say
//!
//! `cargo run -p lanchat-fuzz --example seeds`; inputs that were found later have other names and stay.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
};

use lanchat_fuzz::{TARGETS, corpus_directory, mutations, record};

fn main() -> io::Result<()> {
    let vectors = vectors();
    let recorded = recorded();
    let datagrams: Vec<_> = vectors.iter().filter(|bytes| bytes.starts_with(b"LNCT")).cloned().collect();
    write("envelope", [datagrams.clone(), recorded].concat())?;
    write("bodies", bodies(&datagrams, &vectors))?;
    for (number, name) in
        ["entries", "sync", "session", "traffic", "private", "story", "rows"].into_iter().enumerate()
    {
        write(name, choices(number))?;
    }
    for (name, lines) in TEXTS {
        write(name, lines.iter().map(|line| line.as_bytes().to_vec()))?;
    }
    let mut key = vec![0];
    key.extend([7; 32]);
    write(
        "profile",
        [key, b"\x01100".to_vec(), b"\x0212".to_vec(), b"\x03100".to_vec(), b"\x00diary".to_vec()],
    )?;
    assert!(TARGETS.iter().all(|target| corpus_directory(target.name).is_dir()));
    Ok(())
}

fn write(target: &str, inputs: impl IntoIterator<Item = Vec<u8>>) -> io::Result<()> {
    let directory = corpus_directory(target);
    fs::create_dir_all(&directory)?;
    let different: BTreeSet<_> = inputs.into_iter().collect();
    for (number, bytes) in different.iter().enumerate() {
        fs::write(directory.join(format!("seed-{number:02}")), bytes)?;
    }
    Ok(())
}

/// The hex blocks of PROTOCOL.md
fn vectors() -> Vec<Vec<u8>> {
    let document = include_str!("../../../protocol/PROTOCOL.md");
    let blocks =
        document.split("```hex ").skip(1).filter_map(|rest| rest.split_once('\n')?.1.split_once("```"));
    blocks
        .map(|(block, _)| {
            let digits: Vec<_> = block.chars().filter_map(|c| c.to_digit(16)).collect();
            digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap_or(0)).collect()
        })
        .collect()
}

/// One datagram of each kind and length
fn recorded() -> Vec<Vec<u8>> {
    let all = record().into_iter().map(|bytes| ((bytes[5], bytes.len()), bytes));
    all.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// What signed frames have in them, behind each number that says what it claims to be, and the values themselves
fn bodies(datagrams: &[Vec<u8>], vectors: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let inner = datagrams
        .iter()
        .flat_map(|bytes| [bytes.len().checked_sub(64).and_then(|end| bytes.get(64..end)), bytes.get(16..)]);
    let inner: Vec<_> = inner.flatten().chain(vectors.iter().map(Vec::as_slice)).collect();
    let numbered = inner.iter().enumerate().map(|(number, body)| {
        let kind = u8::try_from(number % 24).unwrap_or(0);
        [&[kind], *body].concat()
    });
    let own: [(u8, usize); 10] =
        [(0, 0), (1, 10), (2, 4), (3, 5), (4, 6), (5, 7), (6, 9), (7, 8), (8, 11), (9, 12)];
    let fitting = own.iter().flat_map(|(kind, which)| {
        let body = inner.get(2 * which).copied();
        body.map(|body| [&[*kind], body].concat())
    });
    numbered.chain(fitting).collect()
}

/// Bytes that choose
fn choices(seed: usize) -> Vec<Vec<u8>> {
    let seed = u64::try_from(seed).unwrap_or(0);
    let rising: Vec<u8> = (0..=255).collect();
    let first = [rising, vec![0; 8], (0..120).map(|n: u8| n.wrapping_mul(37)).collect()];
    first.iter().cloned().chain(mutations(&first, 9, seed)).collect()
}

const TEXTS: [(&str, &[&str]); 6] = [
    (
        "code",
        &[
            "abandon ability able about above absent",
            " Abandon—ability\u{a0}able\n",
            "x",
            "",
            "correct horse battery staple",
        ],
    ),
    (
        "command",
        &[
            "hi there",
            "//etc/hosts",
            "/msg bob psst",
            "/msg \"Mary Ann\" hi",
            "/peers",
            "/name Mary",
            "/quit",
            "/raw 198.18.0.9:8899 你好",
            "/join attic",
            "/help",
            "/dance",
            "/msg \"",
            "/",
            " ",
            "/name \u{202e}x",
        ],
    ),
    (
        "raw",
        &[
            "/to 127.0.0.1:9000\nhello\n/encoding gbk\n你好\n/hex\n/reply yes",
            "\0\u{1}hi\n/reply\nback\n/all 9000 hello\n/all x\n/encoding\n/help",
            "/encoding utf-8\n/to\n/to x\n/quit\n/encoding klingon",
        ],
    ),
    (
        "arguments",
        &[
            "",
            "--room\nattic\n--name\nann",
            "peers\n--timeout\n3s",
            "send\n--to\nbob\n--wait\ndelivered\nhi",
            "--json=false\n--plain",
            "listen\n--count\n0",
            "history\n--search\nx\n--limit\n5",
            "--rooom\nx",
            "raw\n--encoding\ngbk\n--to\n198.18.0.2:8899\nhi",
            "id\n--profile\n../x",
            "--peer\n198.18.0.2,1:x",
            "--port\n70000",
            "--help",
            "send",
            "--raw-port\n1\n--raw-relay",
            "peers\n--timeout\n1m 30s",
        ],
    ),
    (
        "config",
        &[
            "room = 'attic'\nname = 'ann'\nport = 25252\njson = true\n",
            "interface = ['eth0', 'lo']\npeer = '198.18.0.2'",
            "[retention]\nentries = 1000\nbytes = 100000\ndays = 30\n",
            "profile = 'bob'\nephemeral = true\nverbose = 2",
            "raw_port = 8899\nraw_relay = true\nraw_encoding = 'gbk'\ndata_dir = '/tmp/x'",
            "nmae = 1",
            "name = [1, 2",
            "json = true\nplain = true",
            "port = 0",
            "retention = 5",
            "name = \"a\\u0007\"",
        ],
    ),
    (
        "terminal",
        &[
            "hi",
            "a\u{1b}[2Jb\r\nc\td",
            "\u{202e}evil\u{200b}",
            "ann: \"hi\"",
            "e\u{301}\u{302}\u{303}",
            "👩\u{200d}🚀 🏴\u{e0067}",
        ],
    ),
];
