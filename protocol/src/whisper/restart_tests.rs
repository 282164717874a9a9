//! Two who whisper to each other across a bad network, and whose programs and disks fail at any moment

use alloc::{
    collections::{BTreeSet, VecDeque},
    format,
    string::{String, ToString},
    vec::Vec,
};

use fastrand::Rng;
use proptest::prelude::{Just, Strategy, prop, prop_oneof, proptest};

use super::*;
use crate::{HeardWhisper, MessageId, Record};

/// Somebody and their disk
struct Person {
    key: PeerKey,
    run: u64,
    whispers: Whispers,
    /// Whether this run heard that the other is there
    has_met: bool,
    ticket: Ticket,
    batch: Vec<Record>,
    in_flight: VecDeque<(Ticket, Vec<Record>)>,
    disk: Disk,
    /// What is told once a batch is stored
    held: VecDeque<(Ticket, Told)>,
    told: Vec<Told>,
}

/// What survives
#[derive(Default)]
struct Disk {
    outgoing: Vec<KeptWhisper>,
    heard: Vec<HeardUpTo>,
    incoming: Vec<HeardWhisper>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Whispered(MessageId),
    Shown(MessageId),
}

impl Disk {
    fn write(&mut self, record: Record) {
        match record {
            Record::Outgoing(kept) => self.outgoing.push(kept),
            Record::Outcome { id, .. } => self.outgoing.retain(|kept| kept.id != id),
            Record::Incoming(whisper) => {
                assert!(self.incoming.iter().all(|known| known.id != whisper.id), "{whisper:?} twice");
                self.incoming.push(whisper);
            }
            Record::Heard(heard) => {
                self.heard.retain(|known| known.from != heard.from);
                self.heard.push(heard);
            }
            Record::Entry(_)
            | Record::Said(_)
            | Record::Change(_)
            | Record::Line(_)
            | Record::Forget { .. }
            | Record::Peer(_) => {}
        }
    }
}

impl Person {
    fn new(n: u8) -> Self {
        let key = PeerKey::from_bytes([n; 32]);
        Self {
            key,
            run: 1,
            whispers: Whispers::new(key, 1),
            has_met: true,
            ticket: Ticket(1),
            batch: Vec::new(),
            in_flight: VecDeque::new(),
            disk: Disk::default(),
            held: VecDeque::new(),
            told: Vec::new(),
        }
    }

    fn whisper(&mut self, now: Time, to: PeerKey, line: &str) -> Option<MessageId> {
        let text = Text::new(line).unwrap();
        let kept = self.whispers.queue(now, to, (&text, WallTime::default()), Some(self.ticket))?;
        self.held.push_back((self.ticket, Told::Whispered(kept.id)));
        self.batch.push(Record::Outgoing(kept.clone()));
        Some(kept.id)
    }

    fn take(&mut self) {
        while let Some(Intake { lines, heard }) = self.whispers.poll_intake(Some(self.ticket)) {
            for line in lines {
                let (from, id) = (heard.from, line.id);
                let incoming = HeardWhisper { id, from, text: line.text, sent_at: line.sent_at };
                self.batch.push(Record::Incoming(incoming));
                self.held.push_back((self.ticket, Told::Shown(id)));
            }
            self.batch.push(Record::Heard(heard));
        }
    }

    fn flush(&mut self) {
        if !self.batch.is_empty() {
            self.in_flight.push_back((self.ticket, core::mem::take(&mut self.batch)));
            self.ticket.0 += 1;
        }
    }

    fn store(&mut self, is_ok: bool) {
        let Some((ticket, records)) = self.in_flight.pop_front() else { return };
        while let Some((_, told)) = self.held.pop_front_if(|(since, _)| *since <= ticket) {
            self.told.extend(is_ok.then_some(told));
        }
        if is_ok {
            records.into_iter().for_each(|record| self.disk.write(record));
            self.whispers.on_stored(ticket);
            self.take();
        } else {
            self.whispers.on_lost(ticket);
        }
    }

    /// The program is killed and started anew; so many batches still reached the disk
    fn restart(&mut self, now: Time, written: usize) {
        let written = self.in_flight.drain(..).take(written).flat_map(|(_, records)| records);
        written.for_each(|record| self.disk.write(record));
        self.in_flight.clear();
        self.batch.clear();
        self.held.clear();
        self.ticket = Ticket(1);
        self.run += 1;
        self.has_met = false;
        self.whispers = Whispers::new(self.key, self.run);
        let (outgoing, heard) = (self.disk.outgoing.clone(), self.disk.heard.clone());
        self.whispers.restore((now, WallTime::default()), outgoing, heard);
    }
}

/// Something on the way from one of the two
#[derive(Clone)]
enum Sent {
    Whisper(usize, Whisper),
    Ack(usize, WhisperAck),
}

impl Sent {
    fn sender(&self) -> usize {
        match self {
            Self::Whisper(sender, _) | Self::Ack(sender, _) => *sender,
        }
    }
}

struct World {
    now: Time,
    rng: Rng,
    people: [Person; 2],
    on_the_way: Vec<Sent>,
    /// What each whispered, in order
    said: [Vec<(MessageId, String)>; 2],
    delivered: BTreeSet<MessageId>,
    /// Of 100 datagrams, how many are lost
    loss: u8,
    /// Whether a disk ever failed, and with it perhaps the outcome of a whisper
    lost_batches: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Say(usize, bool),
    Pass(u64),
    Carry,
    Store(usize, bool),
    Restart(usize, usize),
    Meet(usize),
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            now: Time::from_secs(1),
            rng: Rng::with_seed(seed),
            people: [Person::new(1), Person::new(2)],
            on_the_way: Vec::new(),
            said: [Vec::new(), Vec::new()],
            delivered: BTreeSet::new(),
            loss: 30,
            lost_batches: false,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Say(who, is_long) => self.say(who, is_long),
            Step::Pass(micros) => self.now += Duration::from_micros(micros),
            Step::Carry => self.carry(),
            Step::Store(who, is_ok) => {
                self.lost_batches |= !is_ok;
                self.people[who].store(is_ok);
            }
            Step::Restart(who, written) => {
                self.people[who].restart(self.now, written);
                // What it signed before is a replay as soon as the other hears of the new run.
                self.on_the_way.retain(|sent| sent.sender() != who);
            }
            Step::Meet(who) => self.meet(who),
        }
        self.turn();
    }

    fn say(&mut self, who: usize, is_long: bool) {
        let line = format!("{}{}", self.said[who].len(), "x".repeat(if is_long { 3_000 } else { 1 }));
        let to = self.people[1 - who].key;
        if let Some(id) = self.people[who].whisper(self.now, to, &line) {
            self.said[who].push((id, line));
        }
    }

    /// `who` hears the other's announcement, and the other theirs
    fn meet(&mut self, who: usize) {
        if !core::mem::replace(&mut self.people[who].has_met, true) {
            for one in 0..2 {
                let other = self.people[1 - one].key;
                self.people[one].whispers.resume(self.now, &other);
            }
        }
    }

    /// Some of what is on the way arrives, in any order; some of it stays on the way, too
    fn carry(&mut self) {
        for _ in 0..self.rng.usize(1..8) {
            if self.on_the_way.is_empty() {
                return;
            }
            let index = self.rng.usize(0..self.on_the_way.len());
            let sent = self.on_the_way[index].clone();
            if self.rng.u8(0..5) > 0 {
                self.on_the_way.swap_remove(index);
            }
            if self.rng.u8(0..100) >= self.loss {
                self.deliver(sent);
            }
        }
    }

    fn deliver(&mut self, sent: Sent) {
        let sender = sent.sender();
        let key = self.people[sender].key;
        let receiver = &mut self.people[1 - sender];
        match sent {
            Sent::Whisper(_, whisper) if receiver.has_met => {
                let addr = SocketAddr::from(([198, 18, 0, 1], 1));
                let _ = receiver.whispers.receive(self.now, (key, addr), whisper);
                receiver.take();
            }
            Sent::Whisper(..) => {}
            Sent::Ack(_, ack) => receiver.whispers.on_ack(self.now, &key, &ack),
        }
    }

    fn turn(&mut self) {
        for who in 0..2 {
            let [ann, bob] = &mut self.people;
            let (person, other) = if who == 0 { (ann, bob) } else { (bob, ann) };
            while let Some((_, progress)) = person.whispers.poll_progress(self.now, Some(person.ticket)) {
                let (id, delivered) = match progress {
                    Progress::Sent(_) => continue,
                    Progress::Delivered(id) => (id, true),
                    Progress::Expired(id) => (id, false),
                };
                assert!(other.disk.incoming.iter().any(|whisper| whisper.id == id), "not there");
                assert!(delivered || self.delivered.contains(&id) && self.lost_batches, "given up");
                person.batch.push(Record::Outcome { id, delivered });
                self.delivered.insert(id);
            }
            let has_met = person.has_met;
            while let Some((_, whisper, _)) =
                person.whispers.poll_transmit(self.now, |_| has_met, &mut self.rng)
            {
                let is_stored = person.disk.outgoing.iter().any(|kept| kept.epoch == whisper.epoch);
                assert!(is_stored, "sent before it was stored");
                self.on_the_way.push(Sent::Whisper(who, whisper));
            }
            while let Some((_, _, ack)) = person.whispers.poll_answer() {
                let known = person.disk.heard.iter().find(|heard| heard.epoch == ack.epoch);
                assert!(known.map_or(0, |heard| heard.upto) >= ack.upto, "acknowledged before it was stored");
                self.on_the_way.push(Sent::Ack(who, ack));
            }
            person.flush();
        }
    }

    /// Nothing goes wrong any more, until nothing waits
    fn settle(&mut self) {
        self.loss = 0;
        // What a disk refused to note is cleared up by the next run.
        (0..2).for_each(|who| self.step(Step::Restart(who, usize::MAX)));
        for turn in 0.. {
            assert!(turn < 2_000, "it never ends");
            for who in 0..2 {
                self.meet(who);
                while !self.people[who].in_flight.is_empty() {
                    self.people[who].store(true);
                    self.turn();
                }
            }
            if self.people.iter().all(|person| person.disk.outgoing.is_empty()) {
                return;
            }
            for sent in core::mem::take(&mut self.on_the_way) {
                self.deliver(sent);
            }
            self.step(Step::Pass(500_000));
        }
    }

    fn assert_exactly_once(&self) {
        for who in 0..2 {
            let (author, reader) = (&self.people[who], &self.people[1 - who]);
            let heard: Vec<_> =
                reader.disk.incoming.iter().map(|line| (line.id, line.text.to_string())).collect();
            let of_those: Vec<_> =
                self.said[who].iter().filter(|said| heard.contains(said)).cloned().collect();
            assert_eq!(heard, of_those, "whole, once and in order");
            for (id, line) in &self.said[who] {
                let was_told = author.told.contains(&Told::Whispered(*id));
                assert!(!was_told || self.delivered.contains(id), "{} was told and is lost", &line[..2]);
            }
            let shown: Vec<_> = reader.told.iter().filter(|told| matches!(told, Told::Shown(_))).collect();
            let once: BTreeSet<_> = heard.iter().map(|(id, _)| *id).collect();
            assert!(shown.len() <= once.len() && heard.len() == once.len());
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..2_usize;
    prop_oneof![
        3 => (who.clone(), prop::bool::weighted(0.25)).prop_map(|(who, is_long)| Step::Say(who, is_long)),
        4 => (0..400_000_u64).prop_map(Step::Pass),
        6 => Just(Step::Carry),
        5 => (who.clone(), prop::bool::weighted(0.8)).prop_map(|(who, is_ok)| Step::Store(who, is_ok)),
        1 => (who.clone(), 0..3_usize).prop_map(|(who, written)| Step::Restart(who, written)),
        2 => who.prop_map(Step::Meet),
    ]
}

proptest! {
    #[test]
    fn whatever_fails_each_whisper_is_stored_once_whole_and_in_order(
        steps in prop::collection::vec(step(), 0..200),
        seed in 0..u64::MAX,
    ) {
        let mut world = World::new(seed);
        steps.into_iter().for_each(|step| world.step(step));
        world.settle();
        world.assert_exactly_once();
    }
}
