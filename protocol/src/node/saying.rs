//! How what this node says becomes entries, is stored, and goes on the air

use super::{IfLost, Node, Output};
use crate::{
    Arrival, Author, Change, Event, KeptChange, KeptEntry, KeptLine, Record, Ticket, Time, lines::Told,
    log::Genuine, own::Said, tempo::Tempo, wire::Data,
};

impl Node {
    /// Makes entries of the lines that queued up; they go on the air once they are stored
    pub(super) fn publish(&mut self) {
        if !self.own.is_ready(self.now) {
            return;
        }
        self.avoid_used_places();
        self.measure(self.now);
        while let Some(said) =
            self.own.next(self.speaker.identity(), self.room.id(), self.lamport.saturating_add(1))
        {
            self.lamport = said.genuine.entry.lamport;
            self.keep(&said.genuine, &said.told);
            match self.safekeeping.current() {
                Some(ticket) => self.own.hold(ticket, said),
                None => self.put_on_the_air(said),
            }
        }
    }

    /// Begins another log if somebody has more of this one than this node remembers
    ///
    /// Nobody knows better what was said in this run: of later logs there is only hearsay.
    fn avoid_used_places(&mut self) {
        if self.own.has_spoken() {
            return;
        }
        let (me, head) = (*self.speaker.identity().key(), self.own.head());
        let remembered = self.archive.latest_of(&me);
        let claimed = self.claims.latest_of(&me).filter(|(epoch, _)| *epoch < self.speaker.incarnation());
        let Some((epoch, seq)) = remembered.max(claimed) else { return };
        let is_ahead = (epoch, seq) > (head.epoch, head.seq);
        if is_ahead && !self.own.has_unsaid() {
            self.own.start_epoch(self.speaker.incarnation().max(epoch.saturating_add(1)));
        }
    }

    fn put_on_the_air(&mut self, said: Said) {
        let Said { genuine, told } = said;
        self.own.on_said(&genuine.entry);
        let datagram = Data::of(genuine.signed.clone()).seal(&self.room);
        let members = self.peers.present() + 1;
        let unit = self.tempo.echo(members);
        self.own.echo.said(self.now, datagram.clone(), unit, members <= Tempo::SMALL_ROOM);
        self.outputs.push_back(Output::Broadcast(datagram));
        self.insert_own(genuine);
        for told in told {
            if let Told::Line(line) = &told {
                self.lateness.is_late(self.now, line.order);
            }
            let author = Author { id: self.id(), name: Some(self.name.clone()), own: true };
            self.emit(event(told, author, Arrival::Live));
        }
    }

    fn insert_own(&mut self, genuine: Genuine) {
        // Nobody who is not there keeps the own log out; if all are, others have what is said.
        let me = *self.speaker.identity().key();
        let _ = self.archive.insert(self.now, genuine, false, |key| *key == me);
        while let Some((id, fact)) = self.archive.poll_fact() {
            if id.author != *self.speaker.identity().key() || id.epoch != self.own.head().epoch {
                self.tell_fact(id, fact);
            }
        }
        self.archive.trim();
        self.forget();
    }

    /// Has an entry and what it tells stored
    fn keep(&mut self, genuine: &Genuine, told: &[Told]) {
        self.safekeeping.keep(|| Record::Said(kept(genuine)));
        for told in told {
            self.safekeeping.keep(|| record(told));
        }
    }

    pub(super) fn on_stored(&mut self, ticket: Ticket) {
        while let Some(said) = self.own.on_stored(ticket) {
            self.put_on_the_air(said);
        }
        while let Some(output) = self.safekeeping.on_stored(ticket) {
            self.outputs.push_back(output);
        }
        self.on_whispers_stored(self.now, ticket);
    }

    /// What could not be stored is not said, and its places are not used again
    pub(super) fn on_not_stored(&mut self, ticket: Ticket) {
        let own = self.own.has_unsaid();
        if own {
            let epoch = self.own.head().epoch;
            self.own.start_epoch(self.speaker.incarnation().max(epoch.saturating_add(1)));
        }
        while let Some(output) = self.safekeeping.on_lost(ticket) {
            self.outputs.push_back(output);
        }
        let own = self.on_whispers_lost(ticket) || own;
        self.emit(Event::NotStored { own });
    }

    /// Repeats what this node said last
    pub(super) fn echo(&mut self, now: Time) {
        if let Some(datagram) = self.own.echo.handle_timeout(now) {
            self.outputs.push_back(Output::Broadcast(datagram));
        }
    }

    /// Shows something once it is stored
    pub(super) fn show(&mut self, event: Event) {
        if self.blocked.hides(&event) {
            return;
        }
        self.after_storing(Output::Event(event), IfLost::Keep);
    }
}

fn kept(Genuine { entry, hash, signed }: &Genuine) -> KeptEntry {
    KeptEntry::new(entry, *hash, signed.clone())
}

/// What is to be kept of something that was said
pub(super) fn record(told: &Told) -> Record {
    match told {
        Told::Line(line) => Record::Line(line.clone()),
        Told::Change(change) => Record::Change(change.clone()),
    }
}

/// What people are to know of something that was said
pub(super) fn event(told: Told, author: Author, arrival: Arrival) -> Event {
    match told {
        Told::Line(KeptLine { id, order, text, sent_at, reply_to }) => {
            Event::Message { id, author, text, sent_at, order, arrival, reply_to }
        }
        Told::Change(KeptChange { id, order, change, sent_at }) => match change {
            Change::Edit { target, text } => {
                Event::Edited { id, target, author, text, sent_at, order, arrival }
            }
            Change::Delete { target } => Event::Deleted { id, target, author, sent_at, order, arrival },
            Change::React { target, with } => {
                Event::Reaction { id, target, author, with, sent_at, order, arrival }
            }
            Change::Topic(topic) => Event::Topic { id, topic, author, sent_at, order, arrival },
        },
    }
}
