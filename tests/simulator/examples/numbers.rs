//! Writes `NUMBERS.md` beside the simulator: how well talk comes through in rooms of all sizes, in all weathers
//!
//! `cargo run -p lanchat-simulator --example numbers`; it takes some minutes, and the same code gives the same numbers.

use std::{fmt::Write, fs, path::Path, time::Duration};

use lanchat_protocol::{Event, PeerId};
use lanchat_simulator::{Bursts, Figures, HostId, Lan, Talk, Weather};

const INTRODUCTION: &str = "\
# Numbers

Simulated, in virtual time: a wire of 0.1 ms with this part of all copies lost, each on its own, in a room whose members
know each other. Random members say ten lines a second, then are silent for ten seconds. Written by
`cargo run -p lanchat-simulator --example numbers`.

- **delivered**: of all lines to all other members; **p50, p99, p99.9, max**: how long it took, in ms
- **requests**: datagrams that ask for entries; **repairs**: entries sent again by whomever, their author's repetitions
  included; **bytes**: of entries, repairs, requests and ends of logs, a broadcast counted once; all for each line
- **announcements**: of the whole room in a second
- **join**: ms until everyone lists a newcomer who starts in this weather, `-` if not within ten seconds
";

const HEADINGS: &str = "\
| members | loss | delivered | p50 | p99 | p99.9 | max | requests | repairs | bytes | announcements | join |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
";

/// Members of a room, how many rooms of that size there are, and how many lines are said in each
const ROOMS: [(usize, u64, usize); 5] =
    [(2, 40, 100), (8, 20, 100), (32, 8, 100), (128, 3, 100), (1_000, 1, 20)];

const LOSSES: [(f64, &str); 6] =
    [(0.0, "0 %"), (0.01, "1 %"), (0.05, "5 %"), (0.2, "20 %"), (0.3, "30 %"), (0.5, "50 %")];

fn main() -> std::io::Result<()> {
    let losses: Vec<_> = LOSSES.iter().map(|(loss, name)| (Weather::wire().losing(*loss), *name)).collect();
    let mut page = format!("{INTRODUCTION}\n## Loss\n\n{HEADINGS}");
    for (members, seeds, lines) in ROOMS {
        add_rows(&mut page, members, seeds, lines, &losses);
    }
    page += "\n## Losses in bursts, and broadcasts that an access point collects\n\n";
    page +=
        "Bursts of 8 copies on average; broadcasts leave every so many ms only (DTIM), unicasts at once.\n\n";
    page += HEADINGS;
    for (members, seeds, lines) in [(8, 10, 100), (32, 5, 100), (128, 2, 100)] {
        add_rows(&mut page, members, seeds, lines, &bad_weathers());
    }
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("NUMBERS.md"), page)
}

fn bad_weathers() -> Vec<(Weather, &'static str)> {
    let bursts = |part: f64| Weather {
        bursts: Some(Bursts { begin: part / (1.0 - part) / 8.0, end: 1.0 / 8.0 }),
        ..Weather::wifi().losing(0.0)
    };
    let dtim =
        |millis, loss| Weather { dtim: Some(Duration::from_millis(millis)), ..Weather::wifi().losing(loss) };
    vec![
        (bursts(0.1), "10 % in bursts"),
        (bursts(0.3), "30 % in bursts"),
        (dtim(102, 0.05), "5 %, DTIM 102"),
        (dtim(307, 0.0), "0 %, DTIM 307"),
        (dtim(307, 0.05), "5 %, DTIM 307"),
        (dtim(307, 0.3), "30 %, DTIM 307"),
    ]
}

/// A row for each weather; the rooms are the same for all of them, one weather after the other
fn add_rows(page: &mut String, members: usize, seeds: u64, lines: usize, weathers: &[(Weather, &str)]) {
    let mut rows: Vec<_> = weathers.iter().map(|_| (Figures::default(), Vec::new())).collect();
    for seed in 0..seeds {
        let (mut lan, hosts) = Lan::settled(seed, members);
        for ((figures, joins), (weather, _)) in rows.iter_mut().zip(weathers) {
            lan.set_weather(*weather);
            figures.add(Talk::lively().of_lines(lines).play(&mut lan, &hosts, seed));
            joins.push(join(&mut lan, &hosts));
            lan.set_weather(Weather::wire());
            lan.run_secs(20);
        }
    }
    for ((figures, joins), (_, name)) in rows.into_iter().zip(weathers) {
        page.push_str(&row(members, name, &figures, joins));
    }
}

/// How long until everyone lists a newcomer, who then leaves again
fn join(lan: &mut Lan, hosts: &[HostId]) -> Option<Duration> {
    let told: Vec<_> = hosts.iter().map(|host| lan.told(*host).len()).collect();
    let began = lan.now();
    let newcomer = lan.join_one("newcomer");
    lan.run_secs(10);
    let id = lan.id(newcomer);
    lan.leave(newcomer);
    let listed = hosts.iter().zip(told).map(|(host, told)| {
        let mut news = lan.told(*host)[told..].iter();
        news.find(|(_, event)| is_joined(event, id)).map(|(at, _)| at.since(began))
    });
    listed.collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn is_joined(event: &Event, id: PeerId) -> bool {
    matches!(event, Event::Joined(peer) if peer.id == id)
}

fn row(members: usize, loss: &str, figures: &Figures, mut joins: Vec<Option<Duration>>) -> String {
    let delivered = 100.0 * as_f64(figures.delivered) / as_f64(figures.expected);
    let mut row = format!("| {members} | {loss} | {delivered:.3} % |");
    for per_mille in [500, 990, 999, 1_000] {
        let _ = write!(row, " {} |", millis(figures.latency(per_mille)));
    }
    let (requests, repairs) = (figures.requests_per_line(), figures.repairs_per_line());
    let (bytes, announcements) = (figures.bytes_per_line(), figures.announcements_per_second());
    let _ = write!(row, " {requests:.2} | {repairs:.2} | {bytes:.0} | {announcements:.1} |");
    joins.sort_unstable_by_key(|join| join.unwrap_or(Duration::MAX));
    let median = joins.get(joins.len() / 2).copied().flatten();
    let _ = writeln!(row, " {} |", median.map_or_else(|| "-".to_owned(), millis));
    row
}

fn millis(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1_000.0;
    if millis < 10.0 { format!("{millis:.1}") } else { format!("{millis:.0}") }
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
