//! scratch
#![allow(clippy::print_stdout, missing_docs)]
use lanchat_simulator::{Figures, Lan, Talk, Weather};
use std::time::Duration;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let sizes: Vec<usize> = args[1].split(',').map(|s| s.parse().unwrap()).collect();
    let losses: Vec<f64> = args[2].split(',').map(|s| s.parse().unwrap()).collect();
    let seeds: u64 = args[3].parse().unwrap();
    let lines: usize = args[4].parse().unwrap();
    let kind = args.get(5).map(String::as_str).unwrap_or("wire");
    for members in sizes {
        for loss in &losses {
            let t = std::time::Instant::now();
            let mut all = Figures::default();
            for seed in 0..seeds {
                let (mut lan, hosts) = Lan::settled(seed, members);
                let w = match kind {
                    "wifi" => Weather::wifi(),
                    "dtim" => Weather { dtim: Some(Duration::from_micros(307_200)), ..Weather::wifi() },
                    "bursts" => Weather { bursts: Some(lanchat_simulator::Bursts { begin: 0.3 / 0.7 / 8.0, end: 0.125 }), ..Weather::wire() },
                    _ => Weather::wire(),
                };
                lan.set_weather(w.losing(*loss));
                let f = Talk::lively().of_lines(lines).play(&mut lan, &hosts, seed);
                if f.delivered != f.expected { println!("  seed {seed}: {}/{}", f.delivered, f.expected); }
                all.add(f);
            }
            println!("{kind} N={members} loss={loss}: {:.3}% p50 {:?} p99 {:?} p999 {:?} max {:?} req/l {:.2} rep/l {:.2} bytes/l {:.0} ann/s {:.1} [{:.1?}]",
                100.0 * all.delivered as f64 / all.expected as f64, all.latency(500), all.latency(990), all.latency(999), all.slowest(),
                all.requests_per_line(), all.repairs_per_line(), all.bytes_per_line(), all.announcements_per_second(), t.elapsed());
        }
    }
}
