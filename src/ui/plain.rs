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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{event::tests::contract, sanitize::is_hidden};

    #[test]
    fn a_session_reads_like_a_conversation() {
        let expected = "\
-- you are alice in lobby
-- bob joined (198.18.0.2)
-- bob is gone
-- bob is now rob
12:03 bob: hi
12:03 alice: ho
12:03 bob whispers: psst
12:03 you whisper to rob: what
-- whisper to rob: delivered
-- 3 lines of bob have not arrived
!! nobody here is called bob
-- 1 other is here
   bob  198.18.0.2:25253       00000000-0000-8000-8000-00000000000b
-- plain text on 0.0.0.0:8899 in UTF-8, else gbk; lines go to 198.18.0.2:8899
12:03 198.18.0.2:8899: 你好
      c4 e3 ba c3
12:03 to 198.18.0.2:8899: hi
12:03 guest 198.18.0.9:8899 (not verified, not all of it is utf-8): hi
12:03 bob (late): hello?
-- all lines of bob are here now
2026-11-22 12:03 alice (earlier): yesterday
12:03 bob whispers: psst
12:03 you whisper to bob: well?
-- the name bob means bob from now on; /verify bob makes sure that it is they
-- compare these words with bob, aloud and not in this chat; /verify with your name shows them there:
      abandon ability able about
      above absent absorb abstract
-- if all are the same, /trust bob notes it; if not, somebody stands in between
!!
!! WARNING: somebody else is called Bob now, with another key than the bob~0000 that you know.
!! It may be the same person on another machine, or somebody who wants to pass for them.
!! Ask them, not in this chat; /verify Bob~c000 has words to compare.
!! Nothing is whispered to that name until you say who is meant:
!!    /trust bob~0000   the one whom you know; the other stays Bob~c000
!!    /trust Bob~c000   the new one, from now on
!!
-- Bob~c000 is blocked: nothing of theirs is shown or answered until /unblock Bob~c000
-- blocked, until /unblock NAME:
   Bob~c000  c0000000-0000-8000-8000-00000000000c
-- 2 others are here
   bob       198.18.0.2:25253       00000000-0000-8000-8000-00000000000b  verified
   Bob~c000  198.18.0.3:25253       c0000000-0000-8000-8000-00000000000c  blocked
-- you are alice in attic (private)
-- nobody answers with this code
12:04 bob ↳ alice \"ho\": tea?
12:04 bob edited \"tea?\": coffee?
-- alice reacted 👍 to \"coffee?\"
-- bob deleted \"hi\" (whoever has it may keep it)
-- bob set the topic: cats
-- bob is away: at lunch
-- 1 of 2 have an earlier line; not yet: Bob~c000
2026-11-22 12:04 bob (earlier) (edited): so there
";
        assert_eq!(rendered(plain(false), &contract()), expected);
    }

    #[test]
    fn where_one_types_the_own_lines_are_not_repeated() {
        let lines = rendered(plain(true), &contract());
        assert!(lines.contains("/help for more"));
        assert!(lines.contains("bob: hi") && lines.contains("whisper to rob: delivered"), "{lines}");
        assert!(!lines.contains("alice: ho") && !lines.contains(": what"), "{lines}");
        assert!(lines.contains("alice (earlier): yesterday"), "{lines}");
    }

    #[test]
    fn that_nothing_can_be_stored_is_said_once_until_something_is_sent_again() {
        let error = Event::error(ErrorCode::NotStored, "make room");
        let own = contract()[5].clone();
        let lines = rendered(plain(true), &[error.clone(), error.clone(), own.clone(), own, error]);
        assert_eq!(lines, "!! make room\n-- what you say is sent again\n!! make room\n");
    }

    #[test]
    fn a_name_taken_twice_is_told_apart() {
        let mut events = contract()[..2].to_vec();
        events.push(contract()[1].clone());
        if let Event::Peer { id, .. } = &mut events[2] {
            *id = Uuid::from_u128(0xbeef << 112);
        }
        assert!(rendered(plain(false), &events).ends_with("-- bob~beef joined (198.18.0.2)\n"));
    }

    #[test]
    fn columns_line_up_under_wide_names() {
        let peer =
            |id: u128, name: &str| Peer::new(Uuid::from_u128(id), name, "198.18.0.2:25253".parse().unwrap());
        let table = table(&[peer(1, "张伟"), peer(2, "bob")], &View::default(), "");
        let starts: Vec<&str> = table.lines().map(|line| line.split("  ").next().unwrap()).collect();
        assert_eq!(starts, ["张伟", "bob "].map(|name| name.trim_end()));
        assert!(table.contains("张伟  198") && table.contains("bob   198"), "{table}");
    }

    proptest! {
        #[test]
        fn nothing_that_others_write_reaches_the_screen_as_it_is(name in any::<String>(), text in any::<String>()) {
            let mut poisoned = contract();
            poisoned.iter_mut().for_each(|event| poison(event, &name, &text));
            let mut transcript = Transcript::default();
            poisoned.iter().for_each(|event| transcript.apply(event));
            let lines = plain(true).earlier(&transcript, &View::default()) + &rendered(plain(false), &poisoned);
            prop_assert!(!lines.chars().any(|c| c != '\n' && is_hidden(c)), "{:?}", lines);
        }
    }

    /// On the day of the contract
    pub(super) fn plain(typed_here: bool) -> Plain {
        let clock = || "2026-11-23T23:00:00Z".parse().unwrap();
        Plain { clock, ..Plain::new(TimeZone::UTC, typed_here) }
    }

    fn rendered(mut plain: Plain, events: &[Event]) -> String {
        let mut view = View::default();
        let mut lines = String::new();
        for event in events {
            view.apply(event);
            lines += &plain.render(event, &view);
        }
        lines
    }

    fn poison(event: &mut Event, bad_name: &str, bad_text: &str) {
        match event {
            Event::Ready { name, .. } => *name = bad_name.into(),
            Event::Peer { name, was, note, .. } => {
                *name = bad_name.into();
                *note = Some(bad_text.into());
                *was = Some(bad_text.into());
            }
            Event::Message { from, text, .. } | Event::Whisper { from, text, .. } => {
                from.name = bad_name.into();
                *text = bad_text.into();
            }
            Event::Error { message, .. } | Event::Alone { message, .. } => bad_text.clone_into(message),
            Event::Peers { peers } => peers[0].name = bad_name.into(),
            Event::Raw(talking) => bad_name.clone_into(&mut talking.encoding),
            Event::Datagram(datagram) | Event::Guest(datagram) => datagram.text = bad_text.into(),
            Event::Gap { name, .. } => *name = Some(bad_name.into()),
            Event::Contact(contact) => contact.name = bad_name.into(),
            Event::Verify(verification) => bad_text.clone_into(&mut verification.words[0]),
            Event::Warning(warning) => {
                warning.name = bad_name.into();
                bad_text.clone_into(&mut warning.message);
            }
            Event::Blocked(blocked) => blocked.people[0].name = bad_name.into(),
            Event::Edited(edited) => {
                edited.from.name = bad_name.into();
                edited.text = bad_text.into();
            }
            Event::Deleted(deleted) => deleted.from.name = bad_name.into(),
            Event::Reaction(reaction) => {
                reaction.from.name = bad_name.into();
                reaction.with = bad_text.into();
            }
            Event::Topic(topic) => {
                topic.from = Some(Author::new(Uuid::nil(), bad_name));
                topic.text = bad_text.into();
            }
            Event::Typing(typing) => typing.name = bad_name.into(),
            Event::Received(received) => received.not_by[0].name = bad_name.into(),
            Event::Rooms { .. } | Event::Parted { .. } | Event::Holds(_) => {}
            Event::Help { .. } | Event::Delivery { .. } => {}
        }
    }
}
