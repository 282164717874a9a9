//! What is known of a room beside what is said in it: who is there, who has what, how the network does

use std::{collections::BTreeMap, time::Duration};

use uuid::Uuid;

use crate::{
    event::{Event, Place, Trust},
    sanitize::{Clean, clean},
    view::{Holders, View},
};

/// How the network does, as the status line shows it
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// The names of the interfaces in use
    pub interfaces: Vec<String>,
    /// Whether there is none to talk on
    pub is_offline: bool,
    /// Datagrams that were lost on this machine's side, or could not be sent, since the start
    pub lost: u64,
    /// Entries that were asked for and are on their way
    pub awaited: u64,
    /// The share of what others say just now that had to be asked for, in percent, once that is known
    pub loss: Option<u32>,
    /// Whether only programs of this machine are reached, although nobody asked for that
    pub is_local: bool,
    /// Whether lines are kept on the disk at all
    pub is_kept: bool,
    /// Whether the disk takes none of them
    pub is_stuck: bool,
}

/// Somebody who is there
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: Uuid,
    /// What they are called, told apart from others
    pub(super) label: Clean,
    pub(super) is_away: bool,
    pub(super) note: Option<Clean>,
    pub(super) is_verified: bool,
}

#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) name: String,
    pub(super) is_private: bool,
    /// Whoever sits here
    pub(super) id: Uuid,
    pub(super) own_name: String,
    pub(super) people: Vec<Person>,
    pub(super) topic: Option<Clean>,
    pub(super) network: Network,
    /// Whether the disk takes no own lines, which are not sent before
    pub(super) is_not_sent: bool,
    /// How much was lost when that was last long ago, and until when it is told what has been since
    lost: (u64, Option<Duration>),
    /// Up to which own line somebody has them all
    holders: Option<Holders>,
    /// Whether people or what they are called may have changed
    is_stale: bool,
}

/// For so long it is told that something was lost on this machine's side
const LATELY: Duration = Duration::from_secs(60);

impl Room {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), is_stale: true, ..Self::default() }
    }

    pub(super) fn on_event(&mut self, event: &Event) {
        match event {
            Event::Ready { id, name, private, .. } => {
                (self.id, self.is_private) = (*id, *private);
                name.as_written().clone_into(&mut self.own_name);
                self.is_stale = true;
            }
            Event::Peer { .. }
            | Event::Peers { .. }
            | Event::Contact(_)
            | Event::Warning(_)
            | Event::Topic(_) => {
                self.is_stale = true;
            }
            Event::Holds(holds) => self.holders.get_or_insert_default().apply(holds),
            Event::Alone { .. }
            | Event::Message { .. }
            | Event::Whisper { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Edited(_)
            | Event::Deleted(_)
            | Event::Reaction(_)
            | Event::Typing(_)
            | Event::Received(_)
            | Event::Rooms { .. }
            | Event::Parted { .. }
            | Event::Error { .. }
            | Event::Help { .. }
            | Event::Verify(_)
            | Event::Blocked(_)
            | Event::Raw(_)
            | Event::Datagram(_)
            | Event::Guest(_) => {}
        }
    }

    /// How the network does now; whether that is something else than before
    pub(super) fn on_network(&mut self, now: Duration, network: Network) -> bool {
        if network.lost > self.network.lost {
            self.lost.1 = Some(now + LATELY);
        }
        let is_other = self.network != network;
        self.network = network;
        is_other
    }

    /// How many datagrams were lost on this machine's side lately
    pub(super) fn lost_lately(&self) -> u64 {
        self.network.lost - self.lost.0
    }

    /// Until when that is told
    pub(super) fn lost_until(&self) -> Option<Duration> {
        self.lost.1
    }

    /// Forgets what was lost long ago; whether there is such
    pub(super) fn forget_lost(&mut self, now: Duration) -> bool {
        let is_over = self.lost.1.is_some_and(|until| until <= now);
        if is_over {
            self.lost = (self.network.lost, None);
        }
        is_over
    }

    /// Whether this says what is known
    pub(super) fn is_as(&self, ready: &Event) -> bool {
        let Event::Ready { id, name, private, .. } = ready else { return false };
        (self.id, self.own_name.as_str(), self.is_private) == (*id, name.as_written(), *private)
    }

    /// Looks anew at who is there; gives those who came or are called something else than before
    pub(super) fn refresh(&mut self, view: &View) -> BTreeMap<Uuid, Clean> {
        self.is_stale = false;
        self.topic =
            view.topic().filter(|topic| topic.text != "").map(|topic| clean(topic.text.as_written()));
        let contacts = view.contacts();
        let people = view.peers().values().map(|peer| Person {
            id: peer.id,
            label: view.label_as(peer.id, &peer.name).clean_name(),
            is_away: peer.away,
            note: peer.note.as_ref().map(|note| clean(note.as_written())),
            is_verified: contacts.trust(peer.id) == Some(Trust::Verified),
        });
        let before: BTreeMap<Uuid, Clean> =
            std::mem::take(&mut self.people).into_iter().map(|person| (person.id, person.label)).collect();
        self.people = people.collect();
        let labels = self.people.iter().map(|person| (person.id, &person.label));
        let others = labels.filter(|(id, label)| before.get(id) != Some(*label));
        let mut called: BTreeMap<Uuid, Clean> = others.map(|(id, label)| (id, label.clone())).collect();
        if self.own_name != view.name().as_written() {
            view.name().as_written().clone_into(&mut self.own_name);
            called.insert(view.id(), view.label(view.id()).clean_name());
        }
        self.people.sort_by_cached_key(|person| (person.is_away, person.label.as_str().to_lowercase()));
        called
    }

    pub(super) fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// How many of those who are there have an own line, once anybody told what they have
    pub(super) fn holders(&self, line: Place) -> Option<usize> {
        let has = |person: &&Person| self.has(person.id, line);
        self.holders.as_ref().map(|_| self.people.iter().filter(has).count())
    }

    pub(super) fn has(&self, person: Uuid, line: Place) -> bool {
        self.holders.as_ref().is_some_and(|holders| holders.has(person, &line))
    }
}
