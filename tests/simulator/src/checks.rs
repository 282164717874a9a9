//! What must hold at every moment, whatever the network does

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lanchat_protocol::{Arrival, Author, Change, Event, MessageId, Node, Order, PeerId, Text, Time};

use crate::{HostId, host::Host, story::change};

/// Watches everything that all programs tell
#[derive(Debug, Default)]
pub(crate) struct Checks {
    /// What people wanted to say
    intended: BTreeSet<(PeerId, String)>,
    /// What people wanted to change
    intended_changes: BTreeSet<(PeerId, Change)>,
    /// Every line that anybody was shown
    lines: BTreeMap<MessageId, Line>,
    ids: BTreeMap<Order, MessageId>,
    /// Every change that anybody was told
    changes: BTreeMap<Order, (MessageId, PeerId, Change)>,
    /// What each host showed that must not be shown again: by this run, and for whoever keeps it by any run
    runs: BTreeMap<HostId, Run>,
    /// Own lines, and changes, that hosts with a disk showed as said
    promised: BTreeMap<HostId, BTreeMap<Order, String>>,
    /// Who says whatever they like, in whatever order
    distrusted: BTreeSet<PeerId>,
}

#[derive(Debug)]
struct Line {
    author: PeerId,
    text: Text,
    order: Order,
}

#[derive(Debug, Default)]
struct Run {
    number: u64,
    shown: BTreeSet<MessageId>,
    /// What follows in the transcript, and since when it has been on screen
    latest: Vec<(Order, Time)>,
    /// The latest line of each log that came as it was said
    live: BTreeMap<(PeerId, u64), Order>,
    /// From which place on each log is known to have gaps
    gaps: BTreeMap<(PeerId, u64), u64>,
}

/// For how long what follows a line may be on screen before it counts as late
const LATE: Duration = Duration::from_secs(1);
/// The same where lines wait for a slow disk before they are shown
const LATE_ON_DISK: Duration = Duration::from_secs(4);

impl Checks {
    /// Somebody is about to say something
    pub(crate) fn on_say(&mut self, author: PeerId, text: &Text) {
        self.intended.insert((author, text.as_str().to_owned()));
    }

    /// Somebody is about to change something
    pub(crate) fn on_change(&mut self, author: PeerId, change: &Change) {
        self.intended_changes.insert((author, change.clone()));
    }

    /// What this one says, and where, is not known beforehand
    pub(crate) fn distrust(&mut self, author: PeerId) {
        self.distrusted.insert(author);
    }

    /// The program of a host told something
    pub(crate) fn on_event(&mut self, now: Time, host: HostId, machine: &Host, event: &Event) {
        match event {
            Event::Message { id, author, text, .. } if self.distrusted.contains(&author.id) => {
                let run = self.run(host, machine);
                assert!(run.shown.insert(*id), "{text} is shown twice to {}", machine.name);
            }
            Event::Message { id, author, text, order, arrival, .. } => {
                self.attribute(*id, author, text, *order);
                if author.own && *arrival == Arrival::Live && machine.disk.is_some() {
                    self.promised.entry(host).or_default().insert(*order, text.to_string());
                }
                let run = self.run(host, machine);
                assert!(run.shown.insert(*id), "{text} is shown twice to {}", machine.name);
                if *arrival == Arrival::Live && !author.own {
                    let late = if machine.disk.is_some() { LATE_ON_DISK } else { LATE };
                    self.check_order(now, late, host, *order, author.id);
                }
                self.run(host, machine).note(*order, now);
            }
            Event::Whisper { id, text, .. } => {
                let run = self.run(host, machine);
                assert!(run.shown.insert(*id), "the whisper {text} is shown twice to {}", machine.name);
            }
            Event::Gap { author, epoch, first, .. } => {
                let gaps = &mut self.run(host, machine).gaps;
                let place = gaps.entry((author.id, *epoch)).or_insert(*first);
                *place = (*place).min(*first);
            }
            Event::Edited { id, author, order, arrival, .. }
            | Event::Deleted { id, author, order, arrival, .. }
            | Event::Reaction { id, author, order, arrival, .. }
            | Event::Topic { id, author, order, arrival, .. } => {
                let run = self.run(host, machine);
                assert!(run.shown.insert(*id), "{event:?} is told twice to {}", machine.name);
                if let Some(change) = change(event).filter(|_| !self.distrusted.contains(&author.id)) {
                    self.attribute_change(*id, author.id, change, *order);
                }
                if author.own && *arrival == Arrival::Live && machine.disk.is_some() {
                    self.promised.entry(host).or_default().insert(*order, format!("{event:?}"));
                }
            }
            Event::Joined(_)
            | Event::Status { .. }
            | Event::Typing { .. }
            | Event::Holds { .. }
            | Event::Left(_)
            | Event::Gone(_)
            | Event::Renamed { .. }
            | Event::Whispered { .. }
            | Event::Delivery { .. }
            | Event::Forked(_)
            | Event::KeyInUse { .. }
            | Event::NotWhispered { .. }
            | Event::NotStored { .. }
            | Event::Departed => {}
        }
    }

    /// A program did what was due
    pub(crate) fn after_timeout(node: &Node, now: Time) {
        if let Some((at, reason)) = node.poll_timeout() {
            assert!(at > now, "{reason:?} was due at {at} and still is at {now}");
        }
    }

    /// A host whose disk is as it was left starts again: what was shown as said is there
    pub(crate) fn on_restart(&self, host: HostId, machine: &Host) {
        let Some(disk) = machine.disk.as_ref().filter(|disk| !disk.was_tampered_with) else {
            return;
        };
        for (order, text) in self.promised.get(&host).into_iter().flatten() {
            assert!(disk.database().has(order), "{} said {text} and lost it", machine.name);
        }
    }

    /// Whoever is shown a line is shown it as its author said it
    fn attribute(&mut self, id: MessageId, author: &Author, text: &Text, order: Order) {
        let said = (author.id, text.as_str().to_owned());
        assert!(self.intended.contains(&said), "{text} was never said by {}", author.id);
        let line =
            self.lines.entry(id).or_insert_with(|| Line { author: author.id, text: text.clone(), order });
        assert_eq!(
            (line.author, &line.text, line.order),
            (author.id, text, order),
            "{text} is not the same everywhere"
        );
        assert_eq!(*self.ids.entry(order).or_insert(id), id, "{text} stands where another line does");
    }

    /// Whoever is told a change is told it as its author made it
    fn attribute_change(&mut self, id: MessageId, author: PeerId, change: Change, order: Order) {
        let made = (author, change.clone());
        assert!(self.intended_changes.contains(&made), "{change:?} was never made by {author}");
        let found = (id, author, change);
        let known = self.changes.entry(order).or_insert_with(|| found.clone());
        assert_eq!(*known, found, "what is changed at {order:?} is not the same everywhere");
    }

    /// What comes as it is said comes in its author's order, and what is missing before it was told
    fn check_order(&mut self, now: Time, late: Duration, host: HostId, order: Order, author: PeerId) {
        let Some(run) = self.runs.get_mut(&host) else { return };
        let overtaken = run.latest.iter().find(|(following, _)| *following > order);
        if let Some((_, since)) = overtaken {
            let on_screen = now.since(*since);
            assert!(
                on_screen <= late,
                "host {host}: the line at {order:?} is late by {on_screen:?} and is not said to be"
            );
        }
        let log = (author, order.epoch);
        let told_missing = run.gaps.get(&log).copied().unwrap_or(u64::MAX);
        let Some(before) = run.live.get(&log).copied() else {
            run.live.insert(log, order);
            return;
        };
        if order < before {
            assert!(told_missing <= order.seq, "a line at {order:?} came after the one at {before:?}");
            return;
        }
        run.live.insert(log, order);
        let between = self.ids.range(before..order).skip(1);
        for (skipped, id) in between.filter(|(at, _)| (at.author, at.epoch) == (order.author, order.epoch)) {
            // A long line goes on in entries behind its first one; any of them may be what is missing.
            let is_told = run.shown.contains(id) || told_missing <= order.seq;
            assert!(
                is_told,
                "the line at {skipped:?} is skipped before the one at {order:?} and nobody is told"
            );
        }
    }

    /// What the present run of a host's program showed; with a disk, what those before it did
    fn run(&mut self, host: HostId, machine: &Host) -> &mut Run {
        let run = self.runs.entry(host).or_default();
        if run.number != machine.run {
            let remembers = machine.disk.as_ref().is_some_and(|disk| !disk.was_tampered_with);
            let shown = if remembers { core::mem::take(&mut run.shown) } else { BTreeSet::new() };
            *run = Run { number: machine.run, shown, ..Run::default() };
        }
        run
    }
}

impl Run {
    /// A line is on screen from here on
    fn note(&mut self, order: Order, now: Time) {
        if self.latest.last().is_none_or(|(latest, _)| *latest < order) {
            self.latest.push((order, now));
        }
    }
}
