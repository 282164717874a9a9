//! The interface on a terminal in memory: events and keys in, what is on the screen and what is to be done out

mod bounds;
mod keys;
mod reading;
mod screens;
mod selecting;

use jiff::{Timestamp, tz::TimeZone};
use ratatui::{Terminal, backend::TestBackend};
use uuid::Uuid;

use super::{key::script, *};
use crate::event::{Author, Deleted, Edited, Event, Holds, PeerChange, Reaction, Typing, tests::line};

/// Somebody at a terminal of this size
pub(super) struct Scene {
    pub(super) tui: Tui,
    pub(super) view: View,
    others: BTreeMap<String, View>,
    place: u64,
}

pub(super) const ANN: Uuid = Uuid::from_u128(0xa);
pub(super) const BOB: Uuid = Uuid::from_u128(0xb);
pub(super) const CLEO: Uuid = Uuid::from_u128(0xc);

impl Scene {
    /// Ann has come into the lobby
    pub(super) fn new(width: u16, height: u16) -> Self {
        let tui = Tui::new(TimeZone::UTC, Theme::new(true), (width, height));
        let mut scene = Self { tui, view: View::default(), others: BTreeMap::new(), place: 1 };
        let (name, room) = ("ann".into(), "lobby".to_owned());
        scene.happens(Event::Ready { id: ANN, name, room, port: 1, private: false });
        let network = Network { interfaces: vec!["eth0".to_owned()], is_kept: true, ..Network::default() };
        scene.tui.on_network("lobby", network);
        scene
    }

    /// The same with bob and cleo
    pub(super) fn with_others(width: u16, height: u16) -> Self {
        let mut scene = Self::new(width, height);
        scene.peer(PeerChange::Joined, BOB, "bob");
        scene.peer(PeerChange::Joined, CLEO, "cleo");
        scene
    }

    pub(super) fn happens(&mut self, event: Event) {
        self.view.apply(&event);
        self.tui.on_event("lobby", &event, &self.view);
        self.tui.refresh("lobby", &self.view);
    }

    /// The same in a room other than the lobby
    pub(super) fn happens_in(&mut self, room: &str, event: Event) {
        let view = self.others.entry(room.to_owned()).or_default();
        view.apply(&event);
        self.tui.on_event(room, &event, view);
        self.tui.refresh(room, view);
    }

    pub(super) fn peer_in(&mut self, room: &str, id: Uuid, name: &str) {
        let (change, addr) = (PeerChange::Joined, Some("198.18.0.2:1".parse().unwrap()));
        self.happens_in(room, Event::Peer { change, id, name: name.into(), was: None, note: None, addr });
    }

    pub(super) fn peer(&mut self, change: PeerChange, id: Uuid, name: &str) {
        let addr = "198.18.0.2:1".parse().ok();
        self.happens(Event::Peer { change, id, name: name.into(), was: None, note: None, addr });
    }

    /// Somebody says something, a minute after what was said before; gives the id of the line
    pub(super) fn says(&mut self, who: Uuid, text: &str) -> Uuid {
        let event = self.said(self.place, who, text);
        self.place += 1;
        let Event::Message { id, .. } = &event else { unreachable!() };
        let id = *id;
        self.happens(event);
        id
    }

    pub(super) fn said(&self, number: u64, who: Uuid, text: &str) -> Event {
        let mut event = line(number, text);
        let called = self.view.name_of(who).cloned().unwrap_or_default();
        if let Event::Message { from, own, sent_at, .. } = &mut event {
            *from = Author { id: who, name: called, label: None };
            *own = who == ANN;
            *sent_at = minute(number);
        }
        event
    }

    pub(super) fn whispers(&mut self, from: Uuid, to: Option<Uuid>, text: &str) {
        let event = self.whispered(from, to, text);
        self.happens(event);
    }

    /// Somebody whispers, through this room
    pub(super) fn whisper_in(&mut self, room: &str, from: Uuid, text: &str) {
        let event = self.whispered(from, None, text);
        if room == "lobby" { self.happens(event) } else { self.happens_in(room, event) }
    }

    pub(super) fn whispered(&mut self, from: Uuid, to: Option<Uuid>, text: &str) -> Event {
        let called = self.view.name_of(from).cloned().unwrap_or_default();
        let (id, own) = (Uuid::from_u128(0xee00 + u128::from(self.place)), from == ANN);
        let sent_at = minute(self.place);
        self.place += 1;
        let (from, text) = (Author { id: from, name: called, label: None }, text.into());
        Event::Whisper { id, from, to, text, sent_at, own, past: false, state: None }
    }

    pub(super) fn holds(&mut self, peer: Uuid, upto: Uuid) {
        let number = u64::try_from(upto.as_u128()).unwrap();
        let Event::Message { order, .. } = line(number, "") else { unreachable!() };
        self.happens(Event::Holds(Holds { peer, upto: order }));
    }

    pub(super) fn reacts(&mut self, who: Uuid, target: Uuid, with: &str) {
        let Event::Message { order, .. } = line(self.place, "") else { unreachable!() };
        self.place += 1;
        let (from, room) = (Author::new(who, "x"), "lobby".to_owned());
        let (with, own) = (with.into(), who == ANN);
        self.happens(Event::Reaction(Reaction {
            room,
            target,
            from,
            with,
            order,
            own,
            late: false,
            past: false,
        }));
    }

    pub(super) fn types(&mut self, who: Uuid) {
        let name = self.view.name_of(who).cloned().unwrap_or_default();
        self.happens(Event::Typing(Typing { id: who, name, whisper: false }));
    }

    /// Keys as in `hello<ret>`; gives what is to be done then, but for reading older lines and telling of typing
    pub(super) fn keys(&mut self, keys: &str) -> Vec<Action> {
        let actions: Vec<Action> = script(keys).into_iter().flat_map(|key| self.tui.on_key(key)).collect();
        let is_news = |action: &Action| {
            let is_typing = matches!(action, Action::Do { command: Command::Typing { .. }, .. });
            !is_typing && !matches!(action, Action::Load(_) | Action::Remember)
        };
        actions.into_iter().filter(is_news).collect()
    }

    /// The commands among them
    pub(super) fn commands(&mut self, keys: &str) -> Vec<Command> {
        let command = |action| match action {
            Action::Do { command, .. } => command,
            other @ (Action::Enter { .. }
            | Action::Load(_)
            | Action::Remember
            | Action::Suspend
            | Action::Redraw
            | Action::Quit) => panic!("no command: {other:?}"),
        };
        self.keys(keys).into_iter().map(command).collect()
    }

    /// What is on the screen
    pub(super) fn screen(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(self.tui.width, self.tui.height)).unwrap();
        terminal.draw(|frame| self.tui.draw(frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let rows = (0..self.tui.height).map(|y| {
            let mut row = String::new();
            let mut x = 0;
            while x < self.tui.width {
                let symbol = buffer[(x, y)].symbol();
                row.push_str(symbol);
                // A wide character has the next cell as well.
                x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol)).unwrap().max(1);
            }
            row.trim_end().to_owned() + "\n"
        });
        rows.collect()
    }
}

fn minute(number: u64) -> Timestamp {
    let second = i64::try_from(number).unwrap() * 60;
    Timestamp::from_second(1_795_424_400 + second).unwrap()
}

pub(super) fn edited(who: Uuid, target: Uuid, text: &str) -> Event {
    let Event::Message { order, sent_at, .. } = line(900, "") else { unreachable!() };
    let (room, id, text) = ("lobby".to_owned(), Uuid::from_u128(900), text.into());
    Event::Edited(Edited {
        room,
        id,
        target,
        from: Author::new(who, "x"),
        text,
        sent_at,
        order,
        own: false,
        late: false,
        past: false,
    })
}

pub(super) fn deleted(who: Uuid, target: Uuid) -> Event {
    let Event::Message { order, .. } = line(901, "") else { unreachable!() };
    let (room, from) = ("lobby".to_owned(), Author::new(who, "x"));
    Event::Deleted(Deleted { room, target, from, order, own: false, late: false, past: false })
}

fn say(text: &str) -> Command {
    Command::Say { text: text.to_owned() }
}

fn whisper(to: &str, text: &str) -> Command {
    Command::Whisper { to: to.to_owned(), text: text.to_owned() }
}
