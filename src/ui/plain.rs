//! Events as lines for people

mod about;
mod earlier;
mod gaps;
mod rooms;
mod trust;

use std::{
    collections::BTreeMap,
    fmt::Write,
    net::{Ipv4Addr, SocketAddr},
};

use jiff::{Timestamp, tz::TimeZone};
use unicode_width::UnicodeWidthStr;
use uuid::Uuid;

pub use self::about::Quote;
pub(crate) use self::about::{Said, answers, says, under};
use self::gaps::Gaps;
pub(crate) use self::rooms::in_room;
use crate::{
    event::{Author, DeliveryState, ErrorCode, Event, Peer, PeerChange, Trust},
    lang::tell,
    sanitize::{Clean, Unclean, clean, clean_lines, clean_name},
    ui::plain_udp,
    view::{Transcript, View},
};

/// Writes events as lines; what others said goes through [`Clean`]
#[derive(Debug)]
pub struct Plain {
    zone: TimeZone,
    clock: fn() -> Timestamp,
    /// Whether lines are typed on the same screen, which then shows the own ones already
    typed_here: bool,
    greeted: bool,
    /// Whether it was told that what is typed is not sent, and it still is not
    is_unsent: bool,
    whispers: BTreeMap<Uuid, Clean>,
    /// By room
    gaps: BTreeMap<String, Gaps>,
    /// The newest lines by room, for what is said about them
    lines: BTreeMap<String, Transcript>,
}

impl Plain {
    /// With the time zone that times are shown in, and whether lines are typed on the same screen
    pub fn new(zone: TimeZone, typed_here: bool) -> Self {
        Self {
            zone,
            clock: Timestamp::now,
            typed_here,
            greeted: false,
            is_unsent: false,
            whispers: BTreeMap::new(),
            gaps: BTreeMap::new(),
            lines: BTreeMap::new(),
        }
    }

    /// The lines for an event that the view has taken in already, each with its line break; often none
    pub fn render(&mut self, event: &Event, view: &View) -> String {
        match event {
            Event::Ready { name, room, private, .. } => self.ready(name, room, *private),
            Event::Alone { message, .. } => format!("-- {}\n", clean(message)),
            Event::Peer { change, id, note, .. } if *id == view.id() => own_presence(*change, note.as_ref()),
            Event::Peer { change, id, name, was, note, addr } => {
                let who = view.label_as(*id, name).clean_name();
                let was = was.as_ref().map(|was| view.label_as(*id, was).clean_name());
                presence(*change, &who, was, note.as_ref(), *addr)
            }
            Event::Message { .. } => self.message(event, view),
            Event::Whisper { id, to: Some(to), text, sent_at, .. } => {
                let who = view.label(*to).clean_name();
                let line = self.said(*sent_at, &tell!("you-whisper", name = %who), text);
                self.whispers.insert(*id, who);
                if self.typed_here { String::new() } else { line }
            }
            Event::Whisper { from, text, sent_at, .. } => {
                self.said(*sent_at, &tell!("whispers", name = %author(from, view)), text)
            }
            Event::Delivery { id, to, state } => self.delivery(*id, *to, *state, view),
            Event::Gap { room, id, author, name, missing } => {
                let label = match name {
                    Some(name) => view.label_as(*author, name),
                    None => view.label(*author),
                };
                let gaps = self.gaps.entry(room.clone()).or_default();
                gaps.tell(*author, id, *missing, &label.clean_name())
            }
            Event::Error { code: ErrorCode::NotStored, .. } if self.is_unsent => String::new(),
            Event::Error { code, message } => {
                self.is_unsent |= *code == ErrorCode::NotStored;
                format!("!! {}\n", clean(message))
            }
            Event::Peers { peers } => list(peers, view),
            Event::Edited(edited) => {
                self.news_of_own(edited.own && !edited.past) + &self.edited(edited, view)
            }
            Event::Deleted(deleted) => {
                self.news_of_own(deleted.own && !deleted.past) + &self.deleted(deleted, view)
            }
            Event::Reaction(reaction) => {
                self.news_of_own(reaction.own && !reaction.past) + &self.reaction(reaction, view)
            }
            Event::Topic(topic) => self.news_of_own(topic.own && !topic.past) + &about::topic(topic, view),
            Event::Received(received) => self.received(received, view),
            Event::Typing(_) | Event::Holds(_) => String::new(),
            Event::Rooms { rooms } => rooms::list(rooms),
            Event::Parted { room } => self.parted(room),
            Event::Contact(contact) => trust::contact(contact, view),
            Event::Verify(verification) => trust::verification(verification, view),
            Event::Warning(warning) => trust::warning(warning, view),
            Event::Blocked(blocked) => trust::blocked(blocked, view),
            Event::Raw(talking) => plain_udp::talking(talking),
            Event::Datagram(datagram) if datagram.own && self.typed_here => String::new(),
            Event::Datagram(datagram) => plain_udp::line(&self.time(datagram.at), "", datagram),
            Event::Guest(datagram) => plain_udp::line(&self.time(datagram.at), &tell!("guest"), datagram),
            Event::Help { text } => format!("   {}\n", clean_lines(text, "   ")),
        }
    }

    /// The line for somebody who is alone
    pub fn alone(&self) -> String {
        format!("-- {}\n", tell!("alone"))
    }

    /// The lines for somebody who made a private room: how others come in
    pub fn new_room(&self, room: &str, code: &str) -> String {
        let (room, code) = (clean_name(room), clean(code));
        format!(
            "-- {}\n-- {}\n",
            tell!("new-room-code", room = %room, code = %code),
            tell!("new-room-join", room = %room)
        )
    }

    fn ready(&mut self, name: &Unclean, room: &str, private: bool) -> String {
        let (name, room) = (name.clean_name(), clean_name(room));
        let here = match private {
            true => tell!("here-private", name = %name, room = %room),
            false => tell!("here", name = %name, room = %room),
        };
        let mut lines = format!("-- {here}\n");
        if self.typed_here && !self.greeted {
            lines += &format!("-- {}\n", tell!("greeting"));
        }
        self.greeted = true;
        lines
    }

    fn delivery(&mut self, id: Uuid, to: Uuid, state: DeliveryState, view: &View) -> String {
        let who = self.whispers.get(&id).cloned().unwrap_or_else(|| view.label(to).clean_name());
        let outcome = match state {
            DeliveryState::Queued => tell!("delivery-queued"),
            DeliveryState::Sent => tell!("delivery-sent"),
            DeliveryState::Delivered => tell!("delivery-delivered"),
            DeliveryState::Expired => tell!("delivery-expired"),
        };
        if matches!(state, DeliveryState::Delivered | DeliveryState::Expired) {
            self.whispers.remove(&id);
        }
        format!("-- {}\n", tell!("delivery", name = %who, outcome = outcome))
    }

    /// Tells once that what is typed is sent again
    fn sent_again(&mut self) -> String {
        if std::mem::take(&mut self.is_unsent) {
            format!("-- {}\n", tell!("sent-again"))
        } else {
            String::new()
        }
    }

    fn message(&mut self, event: &Event, view: &View) -> String {
        let Event::Message { room, id, from, text, sent_at, own, late, past, reply_to, .. } = event else {
            return String::new();
        };
        self.learn(event, room);
        let is_echo = *own && !past;
        let news = self.news_of_own(is_echo);
        // What it answers cannot be seen where it was typed.
        if is_echo && self.typed_here && reply_to.is_none() {
            return news;
        }
        let mark = mark(*late, *past);
        let who = format!("{}{mark}", author(from, view));
        // One that is older than all that are known has no changes.
        let known = self.known(*id, room);
        let line = Said {
            reply: known.and_then(|line| self.answers(line, room, view)),
            edited: known.is_some_and(|line| line.edited),
            deleted: known.is_some_and(|line| line.deleted),
            text: known.map_or(text, |line| &line.text),
        };
        news + &if mark.is_empty() {
            says(&self.time(*sent_at), &who, line)
        } else {
            self.line_of_any_day(*sent_at, |time| says(time, &who, line))
        }
    }

    /// That what is typed is sent again, if this is the first of it
    fn news_of_own(&mut self, is_echo: bool) -> String {
        if is_echo { self.sent_again() } else { String::new() }
    }

    fn said(&self, at: Timestamp, says: &str, text: &Unclean) -> String {
        said(&self.time(at), says, text)
    }

    fn line_of_any_day(&self, at: Timestamp, line: impl FnOnce(&str) -> String) -> String {
        let day = |at: Timestamp| at.to_zoned(self.zone.clone()).date();
        let (day, today) = (day(at), day((self.clock)()));
        let date = if day == today { String::new() } else { format!("{day} ") };
        date + &line(&self.time(at))
    }

    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }
}

/// A table of peers: name, address, id, and how they are known if they are; `indent` before each line
pub fn table(peers: &[Peer], view: &View, indent: &'static str) -> String {
    let rows: Vec<(Clean, &Peer)> =
        peers.iter().map(|peer| (view.label_as(peer.id, &peer.name).clean_name(), peer)).collect();
    let width = rows.iter().map(|(who, _)| who.as_str().width()).max().unwrap_or(0);
    let mut lines = String::new();
    for (who, peer) in rows {
        let padding = " ".repeat(width - who.as_str().width());
        let (addr, id, known, away) = (peer.addr.to_string(), peer.id, known(peer), away(peer));
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{indent}{who}{padding}  {addr:<21}  {id}{known}{away}");
    }
    lines
}

fn known(peer: &Peer) -> String {
    match (peer.blocked, peer.trust) {
        (true, _) => format!("  {}", tell!("known-blocked")),
        (false, Some(Trust::Verified)) => format!("  {}", tell!("known-verified")),
        (false, Some(Trust::Pinned)) => format!("  {}", tell!("known-pinned")),
        (false, None) => String::new(),
    }
}

fn away(peer: &Peer) -> String {
    match &peer.note {
        _ if !peer.away => String::new(),
        Some(note) => format!("  {}", tell!("known-away-note", note = %clean(note.as_written()))),
        None => format!("  {}", tell!("known-away")),
    }
}

const INDENT: &str = "      ";

/// What follows the name where a line does not stand in its place, which a name cannot end in unless in quotes
fn mark(late: bool, past: bool) -> String {
    match (past, late) {
        (true, _) => tell!("line-earlier"),
        (false, true) => tell!("line-late"),
        (false, false) => String::new(),
    }
}

/// A line of somebody
pub(crate) fn said(time: &str, says: &str, text: &Unclean) -> String {
    tell!("line", time = time, says = says, text = %body(text)) + "\n"
}

/// An own whisper of an earlier session, and what has become of it if it did not arrive
pub(crate) fn you_whispered(name: &Clean, state: Option<DeliveryState>) -> String {
    match state {
        Some(DeliveryState::Queued) => tell!("you-whisper-waiting", name = %name),
        Some(DeliveryState::Expired) => tell!("you-whisper-expired", name = %name),
        Some(DeliveryState::Sent | DeliveryState::Delivered) | None => tell!("you-whisper", name = %name),
    }
}

/// What somebody said, its further lines indented
pub(crate) fn body(text: &Unclean) -> Clean {
    text.clean_lines(INDENT)
}

fn author(from: &Author, view: &View) -> Clean {
    view.label_as(from.id, &from.name).clean_name()
}

fn presence(
    change: PeerChange,
    who: &Clean,
    was: Option<Clean>,
    note: Option<&Unclean>,
    addr: Option<SocketAddr>,
) -> String {
    let change = match change {
        PeerChange::Joined => {
            let ip = addr.map_or_else(|| Ipv4Addr::UNSPECIFIED.into(), |addr| addr.ip());
            tell!("peer-joined", name = %who, ip = %ip)
        }
        PeerChange::Left => tell!("peer-left", name = %who),
        PeerChange::Gone => tell!("peer-gone", name = %who),
        PeerChange::Away => match note {
            Some(note) => tell!("peer-away-note", name = %who, note = %clean(note.as_written())),
            None => tell!("peer-away", name = %who),
        },
        PeerChange::Back => tell!("peer-back", name = %who),
        PeerChange::Renamed => {
            let was = was.map_or_else(|| tell!("somebody"), |was| was.to_string());
            tell!("peer-renamed", was = was, name = %who)
        }
    };
    format!("-- {change}\n")
}

/// That others see oneself as away, or do not any more
fn own_presence(change: PeerChange, note: Option<&Unclean>) -> String {
    let change = match (change, note) {
        (PeerChange::Away, Some(note)) => tell!("you-away-note", note = %clean(note.as_written())),
        (PeerChange::Away, None) => tell!("you-away"),
        (PeerChange::Back, _) => tell!("you-back"),
        (PeerChange::Joined | PeerChange::Left | PeerChange::Gone | PeerChange::Renamed, _) => {
            return String::new();
        }
    };
    format!("-- {change}\n")
}

fn list(peers: &[Peer], view: &View) -> String {
    match peers.len() {
        0 => format!("-- {}\n", tell!("others-none")),
        others => format!("-- {}\n{}", tell!("others", count = others), table(peers, view, "   ")),
    }
}

#[cfg(test)]
mod tests;
