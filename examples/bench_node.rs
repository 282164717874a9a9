//! The library as one host of a measurement: obeys lines on standard input, prints JSON objects on standard output
//!
//! `bench_node --name NAME --iface IFACE`. Commands: `chat RUN COUNT RATE SIZE` says COUNT lines of SIZE bytes, RATE a
//! second (0: at once); `ping PEER COUNT GAP_MS SIZE` whispers and waits for the whisper back; `expect RUN COUNT` counts
//! the lines of RUN anew and says when there are COUNT; `stats` prints the counts and latencies; `quit` leaves. All times
//! are CLOCK_MONOTONIC nanoseconds, so that processes on one kernel compare.

#[cfg(unix)]
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    host::run().await
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod host {
    use std::{
        collections::{BTreeMap, BTreeSet},
        io::{BufRead, Write},
        path::PathBuf,
        sync::Arc,
        time::Duration,
    };

    use anyhow::Context;
    use clap::Parser;
    use lanchat::{
        cli::Globals,
        command::Command,
        event::{Event, PeerChange},
        home::Home,
        rooms::Entrance,
        session::{Role, Session},
        settings::{Login, Settings},
    };
    use lanchat_protocol::RoomName;
    use nix::time::{ClockId, clock_gettime};
    use serde_json::{Value, json};
    use tokio::{sync::mpsc, time::Instant};

    #[derive(Parser)]
    struct Args {
        #[arg(long)]
        name: String,
        #[arg(long)]
        iface: String,
        /// Keep a profile there, in place of none
        #[arg(long)]
        data_dir: Option<PathBuf>,
    }

    pub(super) async fn run() -> anyhow::Result<()> {
        let args = Args::parse();
        let globals = Globals {
            name: Some(args.name.clone()),
            interface: vec![args.iface],
            ephemeral: Some(args.data_dir.is_none()),
            data_dir: args.data_dir,
            ..Globals::default()
        };
        let settings = Settings::resolve(globals, &Login::current())?;
        let entrance = Entrance::open(RoomName::lobby());
        let session = Session::open(&settings, entrance, Arc::new(Home::open(&settings)?), Role::Member)?;
        print(json!({"event": "ready", "t_ns": now_ns()?}))?;
        Host { name: args.name, session, tally: Tally::default(), chat: None, ping: None }.obey().await
    }

    /// One host and what it is busy with
    struct Host {
        name: String,
        session: Session,
        tally: Tally,
        chat: Option<Chat>,
        ping: Option<Ping>,
    }

    /// Lines being said
    struct Chat {
        run: u64,
        count: u64,
        rate: u64,
        size: usize,
        said: u64,
        start: Instant,
        start_ns: u64,
    }

    /// Whispers going back and forth
    struct Ping {
        peer: String,
        count: u64,
        gap: Duration,
        size: usize,
        sent: u64,
        next: Instant,
        round_trips: Vec<u64>,
    }

    /// What arrived of one run
    #[derive(Default)]
    struct Tally {
        run: u64,
        expected: u64,
        received: u64,
        duplicates: u64,
        misordered: u64,
        last_ns: u64,
        latencies: Vec<u64>,
        next: BTreeMap<String, u64>,
        skipped: BTreeSet<(String, u64)>,
    }

    /// How long an answer to a whisper is waited for
    const ANSWER: Duration = Duration::from_secs(2);
    /// How many lines are said before others have their turn
    const LINES_PER_TURN: u64 = 1_000;

    impl Host {
        async fn obey(mut self) -> anyhow::Result<()> {
            let mut lines = stdin_lines();
            loop {
                let wake = self.wake_at();
                tokio::select! {
                    biased;
                    line = lines.recv() => match line.as_deref() {
                        None | Some("quit") => break,
                        Some(line) => self.command(line)?,
                    },
                    () = sleep_until(wake) => {}
                    event = self.session.next() => self.on_event(event)?,
                }
                self.go_on()?;
            }
            self.session.leave().await;
            print(json!({"event": "bye", "t_ns": now_ns()?}))
        }

        fn command(&mut self, line: &str) -> anyhow::Result<()> {
            let words: Vec<_> = line.split_whitespace().collect();
            let number =
                |index: usize| words.get(index).and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
            let size = |index: usize| usize::try_from(number(index)).unwrap_or(0);
            match words.first().copied() {
                Some("chat") => {
                    let (run, count, rate, size) = (number(1), number(2), number(3), size(4));
                    let (start, start_ns) = (Instant::now(), now_ns()?);
                    self.chat = Some(Chat { run, count, rate, size, said: 0, start, start_ns });
                }
                Some("ping") => {
                    let peer = words.get(1).copied().unwrap_or_default().to_owned();
                    let (count, gap, size) = (number(2), Duration::from_millis(number(3)), size(4));
                    let (next, round_trips) = (Instant::now(), Vec::new());
                    self.ping = Some(Ping { peer, count, gap, size, sent: 0, next, round_trips });
                }
                Some("expect") => {
                    self.tally = Tally { run: number(1), expected: number(2), ..Tally::default() };
                    print(json!({"event": "expecting", "run": number(1)}))?;
                }
                Some("stats") => print(self.tally.stats())?,
                Some(_) | None => {}
            }
            Ok(())
        }

        fn on_event(&mut self, event: Event) -> anyhow::Result<()> {
            match event {
                Event::Peer { change: PeerChange::Joined, name, .. } => {
                    print(json!({"event": "peer_joined", "peer": name, "t_ns": now_ns()?}))
                }
                Event::Peer { change: PeerChange::Left | PeerChange::Gone, name, .. } => {
                    print(json!({"event": "peer_left", "peer": name, "t_ns": now_ns()?}))
                }
                Event::Message { own: false, past: false, text, .. } => self.tally.count(text.as_written()),
                Event::Whisper { own: false, text, .. } => self.on_whisper(text.as_written()),
                Event::Ready { .. }
                | Event::Alone { .. }
                | Event::Peer { .. }
                | Event::Message { .. }
                | Event::Whisper { .. }
                | Event::Delivery { .. }
                | Event::Gap { .. }
                | Event::Edited(_)
                | Event::Deleted(_)
                | Event::Reaction(_)
                | Event::Topic(_)
                | Event::Typing(_)
                | Event::Holds(_)
                | Event::Received(_)
                | Event::Rooms { .. }
                | Event::Parted { .. }
                | Event::Error { .. }
                | Event::Peers { .. }
                | Event::Help { .. }
                | Event::Raw(_)
                | Event::Datagram(_)
                | Event::Contact(_)
                | Event::Verify(_)
                | Event::Warning(_)
                | Event::Blocked(_)
                | Event::Guest(_) => Ok(()),
            }
        }

        fn on_whisper(&mut self, text: &str) -> anyhow::Result<()> {
            let Some(payload) = Payload::parse(text) else { return Ok(()) };
            match (payload.kind, &mut self.ping) {
                ("P", _) => {
                    let to = payload.from.to_owned();
                    self.session.execute(Command::Whisper { to, text: text.replacen('P', "R", 1) });
                }
                ("R", Some(ping)) if payload.seq + 1 == ping.sent => {
                    ping.next = Instant::now() + ping.gap;
                    ping.round_trips.push(now_ns()?.saturating_sub(payload.sent_ns));
                }
                _ => {}
            }
            Ok(())
        }

        fn wake_at(&self) -> Option<Instant> {
            let chat = self.chat.as_ref().map(Chat::next);
            chat.into_iter().chain(self.ping.as_ref().map(|ping| ping.next)).min()
        }

        fn go_on(&mut self) -> anyhow::Result<()> {
            if let Some(chat) = &mut self.chat {
                for _ in 0..LINES_PER_TURN {
                    if chat.said == chat.count || chat.next() > Instant::now() {
                        break;
                    }
                    let text = payload('C', chat.run, &self.name, chat.said, chat.size)?;
                    self.session.execute(Command::Say { text });
                    chat.said += 1;
                }
                if chat.said == chat.count {
                    let (run, count, start_ns) = (chat.run, chat.count, chat.start_ns);
                    self.chat = None;
                    let end_ns = now_ns()?;
                    print(
                        json!({"event": "chat_done", "run": run, "count": count, "t_start_ns": start_ns, "t_end_ns": end_ns}),
                    )?;
                }
            }
            if self.ping.as_ref().is_some_and(|ping| ping.next <= Instant::now()) {
                self.ping_again()?;
            }
            Ok(())
        }

        fn ping_again(&mut self) -> anyhow::Result<()> {
            let Some(mut ping) = self.ping.take() else { return Ok(()) };
            if ping.sent == ping.count {
                return print(json!({"event": "ping_done", "sent": ping.sent, "rtt_ns": ping.round_trips}));
            }
            let text = payload('P', 0, &self.name, ping.sent, ping.size)?;
            self.session.execute(Command::Whisper { to: ping.peer.clone(), text });
            ping.sent += 1;
            ping.next = Instant::now() + ANSWER;
            self.ping = Some(ping);
            Ok(())
        }
    }

    impl Chat {
        /// When the next line is due
        fn next(&self) -> Instant {
            match self.said.checked_mul(1_000_000_000).and_then(|nanos| nanos.checked_div(self.rate)) {
                Some(nanos) => self.start + Duration::from_nanos(nanos),
                None => self.start,
            }
        }
    }

    impl Tally {
        fn count(&mut self, text: &str) -> anyhow::Result<()> {
            let Some(payload) =
                Payload::parse(text).filter(|payload| payload.kind == "C" && payload.run == self.run)
            else {
                return Ok(());
            };
            let next = self.next.entry(payload.from.to_owned()).or_default();
            if payload.seq < *next && !self.skipped.remove(&(payload.from.to_owned(), payload.seq)) {
                self.duplicates += 1;
                return Ok(());
            }
            self.misordered += u64::from(payload.seq != *next);
            self.skipped.extend((*next..payload.seq).map(|seq| (payload.from.to_owned(), seq)));
            *next = (payload.seq + 1).max(*next);
            self.received += 1;
            self.last_ns = now_ns()?;
            self.latencies.push(self.last_ns.saturating_sub(payload.sent_ns));
            if self.received == self.expected {
                print(
                    json!({"event": "got", "run": self.run, "count": self.received, "t_ns": self.last_ns}),
                )?;
            }
            Ok(())
        }

        fn stats(&self) -> Value {
            let mut latencies = self.latencies.clone();
            latencies.sort_unstable();
            if latencies.len() > 2_000 {
                let last = latencies.len() - 1;
                latencies = (0..=1_000).map(|quantile| latencies[last * quantile / 1_000]).collect();
            }
            json!({
                "event": "stats", "run": self.run, "received": self.received, "dup": self.duplicates,
                "misordered": self.misordered, "t_last_ns": self.last_ns, "lat_ns": latencies,
            })
        }
    }

    /// What a measured line says: kind, run, sender, number, when it was sent, filling
    struct Payload<'a> {
        kind: &'a str,
        run: u64,
        from: &'a str,
        seq: u64,
        sent_ns: u64,
    }

    impl<'a> Payload<'a> {
        fn parse(text: &'a str) -> Option<Self> {
            let mut words = text.split(' ');
            let (kind, run, from) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
            Some(Self {
                kind,
                run,
                from,
                seq: words.next()?.parse().ok()?,
                sent_ns: words.next()?.parse().ok()?,
            })
        }
    }

    fn payload(kind: char, run: u64, name: &str, seq: u64, size: usize) -> anyhow::Result<String> {
        let text = format!("{kind} {run} {name} {seq} {} ", now_ns()?);
        let filling = size.saturating_sub(text.len());
        Ok(text + &"x".repeat(filling))
    }

    fn stdin_lines() -> mpsc::UnboundedReceiver<String> {
        let (sender, receiver) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        receiver
    }

    async fn sleep_until(wake: Option<Instant>) {
        match wake {
            Some(wake) => tokio::time::sleep_until(wake).await,
            None => std::future::pending().await,
        }
    }

    fn print(line: Value) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).context("standard output is closed")
    }

    fn now_ns() -> anyhow::Result<u64> {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC)?;
        Ok(u64::try_from(now.tv_sec())? * 1_000_000_000 + u64::try_from(now.tv_nsec())?)
    }
}
