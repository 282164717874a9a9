//! What must come of a story, known without any protocol

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lanchat_protocol::{Change, Delivery, Event, MessageId, Reaction, Text, Time, Topic};

use crate::{
    DiskCopy, HostId, Lan, Weather,
    steps::{Step, Steps},
};

/// Tells a story and compares what people saw with what they must have seen
///
/// Whatever was said by somebody who still knows of it is in everybody's transcript, once; transcripts are equal;
/// a whisper is shown once, and called delivered only if it was.
///
/// # Panics
/// If that is not so, or anything else does not hold that must at every moment
pub fn tell(seed: u64, steps: &Steps) {
    let mut story = Story::begin(seed);
    for step in steps.iter() {
        story.take(step);
    }
    story.end();
}

/// A network, and what is to be expected of it
struct Story {
    lan: Lan,
    people: Vec<Person>,
    lines: usize,
}

/// What is known of somebody without looking
struct Person {
    host: HostId,
    is_durable: bool,
    /// Whether they take part: not any more once they begin to say goodbye
    is_here: bool,
    copy: Option<DiskCopy>,
    is_full: bool,
    /// What they said and cannot have forgotten
    said: BTreeSet<String>,
    /// What they said just now: if they are killed now, who knows?
    unsure: Vec<(Time, String)>,
}

/// Within this time what somebody said is on their disk
const STORED_WITHIN: Duration = Duration::from_secs(2);
/// Within this time after the last step everybody knows everything
const SETTLED_WITHIN: Duration = Duration::from_secs(60);
const MAX_PEOPLE: usize = 7;

impl Story {
    /// Two with a disk and one without know each other
    fn begin(seed: u64) -> Self {
        let mut story = Self { lan: Lan::new(seed, Weather::wire()), people: Vec::new(), lines: 0 };
        [true, true, false].into_iter().for_each(|durable| story.join(durable));
        story.lan.run_secs(1);
        story
    }

    fn take(&mut self, step: Step) {
        self.lan.trace(|| format!("{step:?} of {}", self.people.len()));
        match step {
            Step::Join { durable } => self.join(durable),
            Step::Say(who) => self.say(who, 1, ""),
            Step::Burst(who) => self.say(who, 10, ""),
            Step::SayMuch(who) => self.say(who, 1, &"much ".repeat(400)),
            Step::Whisper(who, whom) => {
                self.lines += 1;
                let (who, whom) = (self.person(who).host, self.person(whom).host);
                self.lan.whisper(who, whom, &format!("whisper {}", self.lines));
            }
            Step::Change(who, what) => self.change(who, what),
            Step::Leave(who) => self.stop(who, Lan::leave),
            Step::Crash(who) => self.stop(who, Lan::crash),
            Step::Restart(who) => {
                let person = person(&mut self.people, who);
                if !self.lan.is_running(person.host) {
                    person.is_here = true;
                    self.lan.restart(person.host);
                }
            }
            Step::Partition(sides) => self.partition(sides),
            Step::CutOneWay(from, to) => {
                let (from, to) = (self.person(from).host, self.person(to).host);
                self.lan.cut_one_way(from, to);
            }
            Step::Heal => self.lan.heal(),
            Step::Weather(which) => self.lan.set_weather(weather(which)),
            Step::SlowDisk(who) => self.with_disk(who, |lan, person| {
                lan.set_disk_latency(person.host, Duration::from_millis(150));
            }),
            Step::FillDisk(who) => self.with_disk(who, |lan, person| {
                lan.fill_disk(person.host);
                person.is_full = true;
                person.unsure.clear();
            }),
            Step::ClearDisk(who) => self.with_disk(who, |lan, person| {
                lan.clear_disk(person.host);
                // What is being written yet may still fail, and what builds on it with it.
                lan.run(Duration::from_millis(500));
                person.is_full = false;
            }),
            Step::CopyDisk(who) => self.with_disk(who, |lan, person| {
                person.copy = Some(lan.copy_disk(person.host));
            }),
            Step::RestoreDisk(who) => self.replace_disk(who, |person| person.copy.clone()),
            Step::LoseDisk(who) => self.replace_disk(who, |_| Some(DiskCopy::default())),
            Step::Wait(duration) => self.lan.run(duration),
        }
        self.become_sure();
    }

    fn join(&mut self, is_durable: bool) {
        if self.people.len() == MAX_PEOPLE {
            return;
        }
        let name = format!("host{}", self.people.len());
        let host = if is_durable { self.lan.join_one_durable(&name) } else { self.lan.join_one(&name) };
        let (said, unsure) = (BTreeSet::new(), Vec::new());
        self.people.push(Person {
            host,
            is_durable,
            is_here: true,
            copy: None,
            is_full: false,
            said,
            unsure,
        });
    }

    fn say(&mut self, who: u8, lines: usize, much: &str) {
        let now = self.lan.now();
        for _ in 0..lines {
            self.lines += 1;
            let line = format!("{much}line {}", self.lines);
            let person = person(&mut self.people, who);
            if person.is_here {
                self.lan.say(person.host, &line);
                if !person.is_full {
                    person.unsure.push((now, line));
                }
            }
        }
    }

    fn change(&mut self, who: u8, what: u8) {
        self.lines += 1;
        let (host, words) = (self.person(who).host, format!("change {}", self.lines));
        let told = self.lan.told(host).iter().rev();
        let mut lines = told.filter_map(
            |(_, event)| {
                if let Event::Message { id, .. } = event { Some(*id) } else { None }
            },
        );
        let Some(target) = lines.nth(usize::from(what >> 4)) else { return };
        let text =
            |words: &str| Text::new(words).unwrap_or_else(|_| unreachable!("neither empty nor too long"));
        let change = match what % 6 {
            0 => return self.lan.answer(host, target, &words),
            1 => Change::Edit { target, text: text(&words) },
            2 => Change::Edit { target, text: text(&words.repeat(200)) },
            3 => Change::Delete { target },
            4 => Change::React { target, with: Reaction::new(&words.replace(' ', "-")).ok() },
            _ => Change::Topic(Topic::new(&words).ok()),
        };
        self.lan.change(host, change);
    }

    /// Somebody's program ends: in memory nothing is left, on a disk all but the latest
    fn stop(&mut self, who: u8, end: impl Fn(&mut Lan, HostId)) {
        self.become_sure();
        let person = person(&mut self.people, who);
        if self.lan.is_running(person.host) {
            end(&mut self.lan, person.host);
            person.is_here = false;
            person.unsure.clear();
            if !person.is_durable {
                person.said.clear();
            }
        }
    }

    fn partition(&mut self, sides: u8) {
        let on_side = |side: bool| {
            let hosts = self.people.iter().enumerate().map(|(n, person)| (sides >> n & 1 == 1, person.host));
            hosts.filter(|(is_right, _)| *is_right == side).map(|(_, host)| host).collect::<Vec<_>>()
        };
        let (left, right) = (on_side(false), on_side(true));
        self.lan.partition(&[&left, &right]);
    }

    fn with_disk(&mut self, who: u8, act: impl FnOnce(&mut Lan, &mut Person)) {
        let person = person(&mut self.people, who);
        if person.is_durable {
            act(&mut self.lan, person);
        }
    }

    fn replace_disk(&mut self, who: u8, by: impl FnOnce(&Person) -> Option<DiskCopy>) {
        self.with_disk(who, |lan, person| {
            if let Some(copy) = by(person).filter(|_| !lan.is_running(person.host)) {
                lan.restore_disk(person.host, &copy);
                person.said.clear();
            }
        });
    }

    /// What was said some time ago is stored by now
    fn become_sure(&mut self) {
        let now = self.lan.now();
        for person in &mut self.people {
            let is_sure = |at: &Time| !person.is_durable || now.since(*at) >= STORED_WITHIN;
            let (sure, unsure): (Vec<_>, Vec<_>) =
                core::mem::take(&mut person.unsure).into_iter().partition(|(at, _)| is_sure(at));
            person.said.extend(sure.into_iter().map(|(_, line)| line));
            person.unsure = unsure;
        }
    }

    /// All is well again for as long as it takes; then people look at their screens
    fn end(mut self) {
        self.lan.heal();
        self.lan.set_weather(Weather::wire());
        for person in self.people.iter().filter(|person| person.is_durable) {
            self.lan.clear_disk(person.host);
        }
        self.lan.run(SETTLED_WITHIN);
        self.become_sure();
        let present: Vec<_> = self.people.iter().filter(|person| self.lan.is_running(person.host)).collect();
        let hosts: Vec<_> = present.iter().map(|person| person.host).collect();
        self.lan.assert_equal_transcripts(&hosts);
        for person in present {
            let transcript = self.lan.transcript(person.host);
            let own = transcript.iter().filter(|line| line.author == self.lan.id(person.host));
            let mut count: BTreeMap<&str, usize> = BTreeMap::new();
            own.for_each(|line| *count.entry(line.text.as_str()).or_default() += 1);
            for line in &person.said {
                assert_eq!(count.get(line.as_str()), Some(&1), "host {} said {line} once", person.host);
            }
        }
        self.check_whispers();
    }

    /// What is called delivered was shown; whoever has a disk may have it there only, if they were killed just then
    fn check_whispers(&self) {
        let told = || self.people.iter().flat_map(|person| self.lan.told(person.host));
        let shown: BTreeSet<MessageId> = told()
            .filter_map(|(_, event)| if let Event::Whisper { id, .. } = event { Some(*id) } else { None })
            .collect();
        let in_memory = self.people.iter().filter(|person| !person.is_durable);
        let in_memory: BTreeSet<_> = in_memory.map(|person| self.lan.id(person.host)).collect();
        for (_, event) in told() {
            if let Event::Delivery { id, to, state: Delivery::Delivered } = event {
                let is_shown = shown.contains(id) || !in_memory.contains(to);
                assert!(is_shown, "the whisper {id:?} is called delivered and was not shown");
            }
        }
    }

    fn person(&mut self, who: u8) -> &mut Person {
        person(&mut self.people, who)
    }
}

fn person(people: &mut [Person], who: u8) -> &mut Person {
    let count = people.len();
    &mut people[usize::from(who) % count]
}

fn weather(which: u8) -> Weather {
    let spikes = Some(crate::Spikes { part: 0.05, delay: Duration::from_secs(1) });
    match which % 6 {
        0 => Weather::wire(),
        1 => Weather::wifi(),
        2 => Weather::congested(),
        3 => Weather::wire().losing(0.3),
        4 => Weather { duplicated: 0.5, spikes, ..Weather::wifi() },
        _ => Weather { dtim: Some(Duration::from_millis(205)), ..Weather::wifi() },
    }
}
