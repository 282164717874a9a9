//! What comes of a line that is finished

use lanchat_protocol::RoomName;
use uuid::Uuid;

use super::{
    Action, Mode, Presence, Tui,
    conversation::Purpose,
    key::{Code, Key},
    log::Tone,
    secret::Asked,
};
use crate::{
    command::{Command, CommandError},
    lang::{Told as _, tell},
    sanitize::Clean,
};

impl Tui {
    pub(super) fn submit(&mut self) {
        self.completion = None;
        let Some(here) = self.conversation_mut() else { return };
        let person = here.person();
        let (purpose, text) = here.end();
        if text.trim().is_empty() {
            return;
        }
        here.typed.add(&text);
        self.follow();
        self.typing_told = None;
        match purpose {
            Purpose::Say => self.say(text, person),
            Purpose::Reply(id) => self.do_here(Command::Reply { to: id.to_string(), text }),
            Purpose::Edit(id) => self.do_here(Command::Edit { id: Some(id), text }),
            Purpose::React(id) => {
                let with = text.trim().to_owned();
                self.do_here(Command::React { to: id.to_string(), with });
            }
            Purpose::Delete(_) => {}
        }
    }

    fn say(&mut self, text: String, person: Option<Uuid>) {
        match (Command::parse(&text), person) {
            (Ok(None), _) => {}
            (Ok(Some(Command::Say { text })), Some(id)) => {
                self.do_here(Command::Whisper { to: id.to_string(), text });
            }
            (Ok(Some(Command::Whisper { to, text })), _) => {
                let person = self.person_called(&to);
                self.do_here(Command::Whisper { to, text });
                // What is typed next is for them as well, however soon the whisper is heard of.
                if let Some((room, id, label)) = person {
                    let index = self.open_with(&room, id, label);
                    self.look_at(index);
                }
            }
            (Ok(Some(command)), _) => self.on_command(command),
            (Err(CommandError::Incomplete { .. }), _) if self.opens(&text) => {}
            (Err(error), _) => self.complain(&error.to_string()),
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Quit => self.actions.push(Action::Quit),
            Command::Help => self.mode = Mode::Help(0),
            Command::Join { room, code_file: None } => self.join(&room),
            Command::Part { room: None }
                if self.conversation().is_some_and(|here| here.person().is_some()) =>
            {
                self.complain(&tell!("tui-part-which"));
            }
            Command::Part { room } => {
                let room = Some(room.unwrap_or_else(|| self.room().to_owned()));
                self.do_here(Command::Part { room });
            }
            Command::Away { .. } => {
                self.presence = Presence::Away;
                self.stop_watching();
                self.do_here(command);
            }
            Command::Back => {
                self.presence = Presence::Here;
                self.do_here(command);
            }
            Command::Say { .. }
            | Command::Whisper { .. }
            | Command::Peers
            | Command::Verify { .. }
            | Command::Trust { .. }
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::Blocked
            | Command::Rename { .. }
            | Command::Raw { .. }
            | Command::Reply { .. }
            | Command::Edit { .. }
            | Command::Delete { .. }
            | Command::React { .. }
            | Command::Topic { .. }
            | Command::Typing { .. }
            | Command::Received
            | Command::Rooms
            | Command::Join { .. }
            | Command::NewRoom { .. } => self.do_here(command),
        }
    }

    fn join(&mut self, room: &str) {
        let name = match RoomName::new(room) {
            Ok(name) => name,
            Err(error) => return self.complain(&error.told()),
        };
        if let Some(index) = self.find(name.as_str(), None) {
            self.look_at(index);
        } else if name == RoomName::lobby() {
            self.actions.push(Action::Enter { room: name, code: None });
        } else {
            self.mode = Mode::Secret(Asked::new(name));
        }
    }

    /// `/msg NAME` alone opens the conversation with somebody
    fn opens(&mut self, text: &str) -> bool {
        let name = text.strip_prefix("/msg ").map(|name| name.trim().trim_matches('"'));
        let Some((room, id, label)) = name.and_then(|name| self.person_called(name)) else { return false };
        let index = self.open_with(&room, id, label);
        self.look_at(index);
        true
    }

    /// Who is called this: somebody here first of all, then in another room, then who is not there now
    fn person_called(&self, name: &str) -> Option<(String, Uuid, Clean)> {
        let is_it = |label: &Clean| label.as_str().trim_matches('"') == name;
        let mut anyone = self.anyone();
        let (room, id, label) = anyone.find(|(.., label)| is_it(label))?;
        Some((room.to_owned(), id, label.clone()))
    }

    /// Everybody to whom one can whisper, those who are here first; some of them more than once
    pub(super) fn anyone(&self) -> impl Iterator<Item = (&str, Uuid, &Clean)> {
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            self.rooms.iter().partition(|known| known.name == self.room());
        let there = here.into_iter().chain(elsewhere).flat_map(|room| {
            room.people.iter().map(move |person| (room.name.as_str(), person.id, &person.label))
        });
        there.chain(
            self.conversations
                .iter()
                .filter_map(|known| Some((known.room.as_str(), known.person()?, &known.label))),
        )
    }

    pub(super) fn complain(&mut self, message: &str) {
        if let Some(here) = self.conversation_mut() {
            here.notice(&format!("!! {message}"), Tone::Error);
        }
    }

    /// Only Enter deletes: whoever goes on typing, or asks for anything else, did not mean it
    pub(super) fn on_key_deleting(&mut self, key: Key, id: Uuid) {
        if let Some(here) = self.conversation_mut() {
            here.end();
        }
        if key.code == Code::Enter {
            self.do_here(Command::Delete { id: Some(id) });
        } else if key.code != Code::Esc {
            self.on_key_typing(key);
        }
    }
}
