//! Talk in a room, and how well it comes through

use std::{collections::BTreeMap, time::Duration};

use fastrand::Rng;
use lanchat_protocol::{Event, MessageId};

use crate::{
    HostId, Lan,
    traffic::{Traffic, kind},
};

/// Lines that members of a room say one after the other
#[derive(Clone, Copy, Debug)]
pub struct Talk {
    /// How many lines
    pub lines: usize,
    /// Between two of them
    pub pause: Duration,
    /// After the last of them
    pub silence: Duration,
}

/// How it came through
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// How many lines were said
    pub lines: usize,
    /// How many of them reached somebody else, each counted for each
    pub delivered: usize,
    /// How many should have
    pub expected: usize,
    /// How long each that did took, the fastest first
    pub latencies: Vec<Duration>,
    /// What was sent meanwhile
    pub traffic: Traffic,
    /// How long it all took
    pub duration: Duration,
}

impl Talk {
    /// A hundred lines, ten in a second
    pub const fn lively() -> Self {
        Self { lines: 100, pause: Duration::from_millis(100), silence: Duration::from_secs(10) }
    }

    /// So many lines of the kind
    #[must_use]
    pub const fn of_lines(self, lines: usize) -> Self {
        Self { lines, ..self }
    }

    /// Lets random ones of `hosts` say the lines, which all of them are to be shown
    pub fn play(self, lan: &mut Lan, hosts: &[HostId], seed: u64) -> Figures {
        let mut rng = Rng::with_seed(seed);
        let told_before: Vec<_> = hosts.iter().map(|host| lan.told(*host).len()).collect();
        let (traffic, began) = (lan.traffic().clone(), lan.now());
        for n in 0..self.lines {
            if let Some(host) = rng.choice(hosts) {
                lan.say(*host, &format!("line {n}"));
            }
            lan.run(self.pause);
        }
        lan.run(self.silence);
        let traffic = lan.traffic().clone() - &traffic;
        let duration = lan.now().since(began);
        Figures { traffic, duration, ..figures(lan, hosts, &told_before) }
    }
}

fn figures(lan: &Lan, hosts: &[HostId], told_before: &[usize]) -> Figures {
    let mut said = BTreeMap::new();
    let mut heard: Vec<(MessageId, _)> = Vec::new();
    for (host, before) in hosts.iter().zip(told_before) {
        for (at, event) in &lan.told(*host)[*before..] {
            let Event::Message { id, author, .. } = event else { continue };
            if author.own {
                said.insert(*id, *at);
            } else {
                heard.push((*id, *at));
            }
        }
    }
    let latency = |(id, at): &(MessageId, lanchat_protocol::Time)| Some(at.since(*said.get(id)?));
    let mut latencies: Vec<_> = heard.iter().filter_map(latency).collect();
    latencies.sort_unstable();
    Figures {
        lines: said.len(),
        delivered: latencies.len(),
        expected: said.len() * hosts.len().saturating_sub(1),
        latencies,
        ..Figures::default()
    }
}

impl Figures {
    /// These and others of the same kind
    pub fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.delivered += other.delivered;
        self.expected += other.expected;
        self.latencies.extend(other.latencies);
        self.latencies.sort_unstable();
        self.duration += other.duration;
        self.traffic += &other.traffic;
    }

    /// How long so many of a thousand took at most; zero if there are none
    pub fn latency(&self, per_mille: usize) -> Duration {
        let rank = (self.latencies.len() * per_mille).div_ceil(1_000);
        self.latencies.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// How long the slowest took
    pub fn slowest(&self) -> Duration {
        self.latency(1_000)
    }

    /// How many requests were sent for each line
    pub fn requests_per_line(&self) -> f64 {
        self.per_line(self.traffic.of(kind::WANT).datagrams)
    }

    /// How often each line was sent again, by whomever
    pub fn repairs_per_line(&self) -> f64 {
        self.per_line(self.traffic.repairs)
    }

    /// How many bytes were sent for each line: itself, repairs, requests, ends of logs
    pub fn bytes_per_line(&self) -> f64 {
        let kinds = [kind::DATA, kind::HEADS, kind::WANT, kind::HEADS_REQUEST];
        self.per_line(kinds.iter().map(|kind| self.traffic.of(*kind).bytes).sum())
    }

    /// How many announcements were sent in a second, heartbeats included
    pub fn announcements_per_second(&self) -> f64 {
        let kinds = [kind::ANNOUNCE, kind::HEARTBEAT];
        let datagrams = kinds.iter().map(|kind| self.traffic.of(*kind).datagrams).sum();
        as_f64(datagrams) / self.duration.as_secs_f64()
    }

    fn per_line(&self, count: u64) -> f64 {
        as_f64(count) / as_f64(u64::try_from(self.lines.max(1)).unwrap_or(u64::MAX))
    }
}

fn as_f64(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
