//! What comes of a line that is finished

use lanchat_protocol::RoomName;
use uuid::Uuid;

use super::{
    Action, Mode, Presence, Tui,
    conversation::{Purpose, With},
    key::{Code, Key},
    log::Tone,
    secret::Asked,
};
use crate::{
    command::{Command, CommandError},
    lang::{Told as _, tell},
};

impl Tui {
    pub(super) fn submit(&mut self) {
        self.completion = None;
        let Some(here) = self.conversation_mut() else { return };
        let (purpose, person) = (std::mem::take(&mut here.purpose), here.person());
        let text = here.line.take();
        if text.trim().is_empty() {
            return;
        }
        self.follow();
        self.typing_told = None;
        self.typed.add(&text);
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
            Command::Part { room } => {
                let room = Some(room.unwrap_or_else(|| self.room().to_owned()));
                self.do_here(Command::Part { room });
            }
            Command::Away { .. } => {
                self.presence = Presence::Away;
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

    /// `/msg NAME` alone opens the conversation with somebody who is there
    fn opens(&mut self, text: &str) -> bool {
        let Some(name) = text.strip_prefix("/msg ").map(str::trim) else { return false };
        let room = self.room().to_owned();
        let known = self.rooms.iter().find(|known| known.name == room);
        let person = known.and_then(|room| room.people.iter().find(|person| person.label.as_str() == name));
        let Some((id, label)) = person.map(|person| (person.id, person.label.clone())) else { return false };
        let index = self.open(&room, With::One(id, label));
        self.look_at(index);
        true
    }

    pub(super) fn complain(&mut self, message: &str) {
        if let Some(here) = self.conversation_mut() {
            here.notice(&format!("!! {message}"), Tone::Error);
        }
    }

    /// Yes or no, when a line is to be forgotten
    pub(super) fn on_key_deleting(&mut self, key: Key, id: Uuid) {
        let is_yes = key.typed().is_some_and(|c| tell!("tui-yes").split(' ').any(|yes| yes.starts_with(c)));
        if is_yes {
            self.do_here(Command::Delete { id: Some(id) });
        }
        let is_answer = key.typed().is_some() || matches!(key.code, Code::Esc | Code::Enter);
        if let Some(here) = self.conversation_mut().filter(|_| is_answer) {
            here.purpose = Purpose::Say;
        }
    }
}
