//! One conversation: with a room, or with one person in whatever room

use std::{collections::BTreeMap, time::Duration};

use uuid::Uuid;

use super::{
    line::Line,
    log::{Item, Log, Notice, Position, Said, Tone},
    reading::Mark,
    typed::Typed,
};
use crate::{
    event::{PeerChange, Place},
    lang::tell,
    sanitize::{Clean, clean, clean_lines},
};

/// What is to be done with the line that is typed
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Purpose {
    #[default]
    Say,
    Reply(Uuid),
    Edit(Uuid),
    React(Uuid),
    /// Nothing is typed but whether
    Delete(Uuid),
}

/// Where the window ends
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    /// The last item that is seen
    pub(super) last: Position,
    /// How many rows of it are below the window
    pub(super) below: usize,
}

#[derive(Debug)]
pub(super) struct Conversation {
    /// With one person, the one through which what is whispered goes next
    pub(super) room: String,
    person: Option<Uuid>,
    /// What it is called: the room, or the person
    pub(super) label: Clean,
    pub(super) log: Log,
    /// Nothing while the window follows what is said
    pub(super) anchor: Option<Anchor>,
    pub(super) selected: Option<Position>,
    /// Lines that were not seen yet, and those of them that speak to whoever sits here
    pub(super) unread: usize,
    pub(super) mentions: usize,
    /// The last item that had been seen when one came here
    pub(super) seen: Option<Position>,
    /// How far it was read before this start
    pub(super) mark: Option<Mark>,
    /// The last item that had been seen before this start, while nothing new is behind it
    pub(super) read: Option<Position>,
    pub(super) is_loading: bool,
    pub(super) line: Line,
    purpose: Purpose,
    /// What was being typed before it was about a line
    draft: Line,
    pub(super) typed: Typed,
    typing: BTreeMap<Uuid, (Clean, Duration)>,
    gaps: BTreeMap<String, (Position, u64)>,
    presence: Option<Presence>,
}

/// Those who came or went while nothing was said
#[derive(Debug)]
struct Presence {
    at: Position,
    change: PeerChange,
    /// Those who are named, and how many there are beside them
    who: Vec<Clean>,
    others: usize,
}

/// How long somebody who does not say that they are still typing is
const TYPING: Duration = Duration::from_secs(6);
/// How many names a notice has
const MAX_NAMES: usize = 8;
/// What others claim must not fill the memory
const MAX_GAPS: usize = 1_000;
/// As much as one reads back in one go
const MAX_ITEMS: usize = 20_000;
/// Further back than this one looks things up
const MAX_LOADED: usize = 100_000;

impl Conversation {
    pub(super) fn new(room: &str, person: Option<Uuid>, label: Clean) -> Self {
        Self {
            room: room.to_owned(),
            person,
            label,
            log: Log::default(),
            anchor: None,
            selected: None,
            unread: 0,
            mentions: 0,
            seen: None,
            mark: None,
            read: None,
            is_loading: false,
            line: Line::default(),
            purpose: Purpose::Say,
            draft: Line::default(),
            typed: Typed::default(),
            typing: BTreeMap::new(),
            gaps: BTreeMap::new(),
            presence: None,
        }
    }

    pub(super) fn person(&self) -> Option<Uuid> {
        self.person
    }

    /// Takes in a line that was said just now, which nobody has seen unless somebody looks
    pub(super) fn hear(&mut self, place: Option<Place>, said: Said, is_seen: bool) {
        self.typing.remove(&said.author);
        let (own, mentions_me) = (said.own, said.mentions_me);
        if self.log.insert(place, said).is_none() || own {
            return;
        }
        if !is_seen {
            self.count(mentions_me);
        }
    }

    /// Takes in a line that was said before, which is new if it stands behind what was read
    pub(super) fn recall(&mut self, place: Option<Place>, said: Said, is_seen: bool) {
        let (own, mentions_me) = (said.own, said.mentions_me);
        let at = self.log.insert(place, said).filter(|_| !own);
        let is_behind = |seen: Position| at.is_some_and(|at| at > seen);
        if let Some(read) = self.read.take_if(|read| is_behind(*read)) {
            self.seen.get_or_insert(read);
        }
        if !is_seen && self.seen.is_some_and(is_behind) {
            self.count(mentions_me);
        }
    }

    fn count(&mut self, mentions_me: bool) {
        self.unread += 1;
        self.mentions += usize::from(mentions_me || self.person().is_some());
    }

    /// Lets go of what nobody looks at any more; who looks back for so long that it goes follows the talk again
    pub(super) fn let_go(&mut self) {
        let read = if self.anchor.is_some() { MAX_LOADED } else { 0 };
        self.log.forget(read + MAX_ITEMS);
        let is_gone = |at: Position| self.log.first().is_none_or(|first| at < first);
        if self.anchor.is_some_and(|anchor| is_gone(anchor.last)) {
            (self.anchor, self.selected) = (None, None);
        }
    }

    pub(super) fn notice(&mut self, text: &str, tone: Tone) {
        if !text.is_empty() {
            self.log.notice(clean_lines(text, ""), tone);
        }
    }

    /// Tells that somebody came or went, together with others who did just now
    pub(super) fn tell_presence(&mut self, change: PeerChange, who: Clean) {
        let last = self.log.last();
        match &mut self.presence {
            Some(presence) if Some(presence.at) == last && presence.change == change => {
                presence.add(who);
                let (at, text) = (presence.at, presence.text());
                self.log.renew(at, Some(text));
            }
            Some(_) | None => {
                let at = self.log.notice(clean(""), Tone::Calm);
                let presence = Presence { at, change, who: vec![who], others: 0 };
                self.log.renew(at, Some(presence.text()));
                self.presence = Some(presence);
            }
        }
    }

    /// Shows where lines are missing, as long as they are
    pub(super) fn tell_gap(&mut self, id: &str, missing: u64, who: &Clean) {
        let text = (missing > 0).then(|| clean(&tell!("tui-gap", who = who.as_str(), count = missing)));
        match (self.gaps.get_mut(id), text) {
            (Some((at, count)), text) => {
                *count = missing;
                let (at, is_over) = (*at, text.is_none());
                self.log.renew(at, text);
                if is_over {
                    self.gaps.remove(id);
                }
            }
            (None, Some(text)) => {
                let at = self.log.notice(text, Tone::Calm);
                self.gaps.insert(id.to_owned(), (at, missing));
            }
            (None, None) => {}
        }
        if self.gaps.len() > MAX_GAPS {
            self.gaps.pop_first();
        }
    }

    /// How many lines are known to be missing
    pub(super) fn missing(&self) -> u64 {
        self.gaps.values().map(|(_, missing)| missing).fold(0, |sum, missing| sum.saturating_add(*missing))
    }

    pub(super) fn on_typing(&mut self, id: Uuid, who: Clean, now: Duration) {
        self.typing.insert(id, (who, now + TYPING));
    }

    /// Who is typing something
    pub(super) fn typing(&self) -> Vec<&Clean> {
        self.typing.values().map(|(who, _)| who).collect()
    }

    /// Forgets those who have not said for a while that they are typing; whether there were some
    pub(super) fn stop_typing(&mut self, now: Duration) -> bool {
        let before = self.typing.len();
        self.typing.retain(|_, (_, until)| *until > now);
        self.typing.len() < before
    }

    pub(super) fn typing_ends(&self) -> Option<Duration> {
        self.typing.values().map(|(_, until)| *until).min()
    }

    /// Whether there is more than what was loaded, and it can be asked for
    pub(super) fn can_load(&self) -> bool {
        !self.is_loading && !self.log.is_whole && self.log.lines() < MAX_LOADED
    }

    pub(super) fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Begins a line for something else than to say it, with this text
    pub(super) fn begin(&mut self, purpose: Purpose, text: &str) {
        if self.purpose == Purpose::Say {
            self.draft = std::mem::take(&mut self.line);
        }
        self.purpose = purpose;
        self.line.set(text);
    }

    /// Ends the line, and goes on with what was being typed before it; gives back what it was, and what for
    pub(super) fn end(&mut self) -> (Purpose, String) {
        let text = self.line.take();
        let purpose = std::mem::take(&mut self.purpose);
        if purpose != Purpose::Say {
            self.line = std::mem::take(&mut self.draft);
        }
        (purpose, text)
    }

    pub(super) fn selected_line(&self) -> Option<&Said> {
        match self.log.get(self.selected?) {
            Some(Item::Said(said)) => Some(said),
            Some(Item::Notice(Notice { .. })) | None => None,
        }
    }
}

impl Presence {
    fn add(&mut self, who: Clean) {
        if self.who.len() < MAX_NAMES {
            self.who.push(who);
        } else {
            self.others += 1;
        }
    }

    fn text(&self) -> Clean {
        let names: Vec<&str> = self.who.iter().map(Clean::as_str).collect();
        let (names, others) = (names.join(", "), self.others);
        clean(&match self.change {
            PeerChange::Left => tell!("tui-left", names = names, others = others),
            PeerChange::Gone => tell!("tui-gone", names = names, others = others),
            PeerChange::Away => tell!("tui-went-away", names = names, others = others),
            PeerChange::Back => tell!("tui-is-back", names = names, others = others),
            PeerChange::Joined | PeerChange::Renamed => tell!("tui-joined", names = names, others = others),
        })
    }
}
