//! Keys while one types

use super::{
    Action, Mode, Presence, Tui,
    completion::{Known, complete},
    conversation::Purpose,
    key::{Code, Key},
    search::Search,
    secret::Answer,
};
use crate::{command::Command, lang::Told as _};

use std::{collections::BTreeSet, time::Duration};

use lanchat_protocol::{Text, TextError};

/// How often others are told at most that something is being typed
const TELL_TYPING: Duration = Duration::from_secs(3);

impl Tui {
    /// A key was pressed
    pub fn on_key(&mut self, key: Key) -> Vec<Action> {
        let was_leaving = self.is_here();
        if !self.new_rooms.is_empty() {
            self.on_key_at_code(key);
        } else if !self.on_key_anywhere(key, was_leaving) {
            match &mut self.mode {
                Mode::Type => self.on_key_typing(key),
                Mode::Select => self.on_key_selecting(key),
                Mode::Search(_) => self.on_key_searching(key),
                Mode::Help(_) => self.on_key_in_help(key),
                Mode::Secret(_) => self.on_key_unseen(key),
            }
        }
        std::mem::take(&mut self.actions)
    }

    /// It is shown only once: nothing else closes it
    fn on_key_at_code(&mut self, key: Key) {
        match (key.code, key.with_ctrl()) {
            (Code::Enter | Code::Esc, _) => drop(self.new_rooms.pop_front()),
            (_, Some('z')) => self.actions.push(Action::Suspend),
            (_, Some('l')) => self.actions.push(Action::Redraw),
            _ => {}
        }
    }

    /// Text was pasted: it goes into the line as it is, however many rows it has
    pub fn on_paste(&mut self, text: &str) -> Vec<Action> {
        self.is_here();
        if !self.new_rooms.is_empty() {
            return std::mem::take(&mut self.actions);
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = text.trim_end_matches('\n');
        let bytes = text.len() + self.conversation().map_or(0, |here| here.line.text().len());
        if bytes > Text::MAX_BYTES {
            self.complain(&TextError::TooLong { bytes }.told());
            return std::mem::take(&mut self.actions);
        }
        match &mut self.mode {
            Mode::Search(search) => search.wanted.paste(&text.replace('\n', " ")),
            Mode::Secret(asked) => asked.line.paste(text),
            Mode::Type | Mode::Select | Mode::Help(_) => {
                self.back_to_typing();
                if let Some(conversation) = self.conversation_mut() {
                    conversation.line.paste(text);
                }
                self.tell_typing();
            }
        }
        std::mem::take(&mut self.actions)
    }

    /// Whoever sits here did something; whether they had typed Ctrl-C before it
    fn is_here(&mut self) -> bool {
        self.is_changed = true;
        self.last_key = self.now;
        self.refusal = None;
        self.watch();
        if self.presence == Presence::Idle {
            self.presence = Presence::Here;
            self.do_here(Command::Back);
        }
        std::mem::take(&mut self.is_leaving)
    }

    /// Those that do the same wherever one is; whether it was one
    fn on_key_anywhere(&mut self, key: Key, was_leaving: bool) -> bool {
        match (key.with_ctrl(), key.with_alt()) {
            (Some('z'), _) => self.actions.push(Action::Suspend),
            (Some('l'), _) => self.actions.push(Action::Redraw),
            (Some('c'), _) => self.on_ctrl_c(was_leaving),
            (Some('d'), _) if matches!(self.mode, Mode::Select | Mode::Help(_)) => self.on_ctrl_d(),
            (Some('t'), _) => self.has_lists = !self.has_lists,
            (Some('n'), _) => self.go(1),
            (Some('p'), _) => self.go(self.conversations.len().saturating_sub(1)),
            (Some('g'), _) => self.go_to_unread(),
            (_, Some(number @ '1'..='9')) => self.look_at(number as usize - '1' as usize),
            (_, Some('a')) => self.go_to_unread(),
            _ => return false,
        }
        true
    }

    /// Takes back what is typed or asked; nothing of that, and it is a wish to leave
    fn on_ctrl_c(&mut self, was_leaving: bool) {
        if !matches!(self.mode, Mode::Type) {
            return self.back_to_typing();
        }
        self.completion = None;
        match self.conversation_mut() {
            Some(here) if !here.line.is_empty() || here.purpose() != Purpose::Say => drop(here.end()),
            Some(_) | None if was_leaving => self.actions.push(Action::Quit),
            Some(_) | None => self.is_leaving = true,
        }
    }

    /// Leaves where nothing is typed; what is typed is not thrown away
    fn on_ctrl_d(&mut self) {
        self.back_to_typing();
        if self.conversation().is_none_or(|here| here.line.is_empty()) {
            self.actions.push(Action::Quit);
        }
    }

    pub(super) fn on_key_typing(&mut self, key: Key) {
        let Some(here) = self.conversation() else { return };
        let (is_empty, purpose) = (here.line.is_empty(), here.purpose());
        if let Purpose::Delete(id) = purpose {
            return self.on_key_deleting(key, id);
        }
        match key.code {
            Code::Enter if key.alt || key.shift => self.edit(|line| line.insert('\n')),
            Code::Enter => self.submit(),
            Code::Tab if is_empty && self.completion.is_none() => {
                self.go(if key.shift { self.conversations.len().saturating_sub(1) } else { 1 });
            }
            Code::Tab => self.complete(key.shift),
            Code::Esc => self.on_esc(purpose),
            Code::PageUp => self.scroll_up(None),
            Code::PageDown => self.scroll_down(None),
            Code::Up if key.shift || key.ctrl => self.scroll_up(Some(1)),
            Code::Down if key.shift || key.ctrl => self.scroll_down(Some(1)),
            Code::Up if key.alt => self.start_selecting(),
            Code::Up => self.on_up(),
            Code::Down => self.on_down(),
            Code::Function(1) => self.mode = Mode::Help(0),
            Code::Char('?') if is_empty && key.typed().is_some() => self.mode = Mode::Help(0),
            Code::Char(_)
            | Code::Backspace
            | Code::Delete
            | Code::Left
            | Code::Right
            | Code::Home
            | Code::End
            | Code::Function(_) => self.on_key_editing(key, is_empty),
        }
    }

    fn on_key_editing(&mut self, key: Key, is_empty: bool) {
        match (key.with_ctrl(), key.with_alt()) {
            (Some('d'), _) if is_empty => return self.actions.push(Action::Quit),
            (Some('f'), _) => return self.mode = Mode::Search(Search::default()),
            (Some('j'), _) => return self.edit(|line| line.insert('\n')),
            _ => {}
        }
        let Some(here) = self.conversation_mut() else { return };
        let (length, cursor) = (here.line.text().len(), here.line.cursor());
        edit_line(&mut here.line, key);
        if here.line.text().len() != length {
            self.offer();
            self.tell_typing();
        } else if here.line.cursor() != cursor {
            self.completion = None;
        }
    }

    fn on_esc(&mut self, purpose: Purpose) {
        if self.completion.take().is_some() {
            return;
        }
        match self.conversation_mut() {
            Some(here) if purpose != Purpose::Say => drop(here.end()),
            Some(here) if here.anchor.is_some() => self.follow(),
            Some(_) | None => self.start_selecting(),
        }
    }

    fn on_up(&mut self) {
        let Some(here) = self.conversation_mut() else { return };
        if !here.line.is_first_row() {
            here.line.up();
        } else if let Some(older) = here.typed.older(here.line.text()) {
            here.line.set(older);
        }
        self.completion = None;
    }

    fn on_down(&mut self) {
        let Some(here) = self.conversation_mut() else { return };
        if !here.line.is_last_row() {
            here.line.down();
        } else if let Some(newer) = here.typed.newer() {
            here.line.set(newer);
        }
        self.completion = None;
    }

    fn edit(&mut self, edit: impl FnOnce(&mut super::line::Line)) {
        if let Some(here) = self.conversation_mut() {
            edit(&mut here.line);
        }
        self.offer();
    }

    /// Shows what a word may become as soon as it can be nothing else
    fn offer(&mut self) {
        self.completion = self.find_completion().filter(|completion| completion.is_offered);
    }

    fn find_completion(&self) -> Option<super::completion::Completion> {
        let here = self.conversation()?;
        let rooms: Vec<&str> = self.rooms.iter().map(|room| room.name.as_str()).collect();
        let only_emoji = matches!(here.purpose(), Purpose::React(_));
        let people = &self.room_of(here)?.people;
        let mut seen = BTreeSet::new();
        let anyone: Vec<&str> =
            self.anyone().filter_map(|(_, id, label)| seen.insert(id).then_some(label.as_str())).collect();
        let known = Known { people, anyone: &anyone, rooms: &rooms, only_emoji };
        complete(here.line.text(), here.line.cursor(), known)
    }

    /// Puts in what there is, and the next with every further time
    fn complete(&mut self, is_back: bool) {
        let Some(mut completion) = self.completion.take().or_else(|| self.find_completion()) else { return };
        let count = completion.choices.len();
        let next = match completion.taken {
            None if is_back => count - 1,
            None => 0,
            Some(taken) if is_back => (taken + count - 1) % count,
            Some(taken) => (taken + 1) % count,
        };
        let text = completion.choices[next].text.clone();
        if let Some(here) = self.conversation_mut() {
            here.line.replace(completion.range.clone(), &text);
        }
        completion.range.end = completion.range.start + text.len();
        completion.taken = Some(next);
        self.completion = Some(completion).filter(|_| count > 1);
    }

    fn on_key_unseen(&mut self, key: Key) {
        let Mode::Secret(asked) = &mut self.mode else { return };
        match key.code {
            Code::Esc => self.back_to_typing(),
            Code::Enter => {
                if let Answer::Enter(room, code) = asked.take() {
                    self.actions.push(Action::Enter { room, code });
                    self.mode = Mode::Type;
                }
            }
            Code::Char(_)
            | Code::Tab
            | Code::Backspace
            | Code::Delete
            | Code::Left
            | Code::Right
            | Code::Up
            | Code::Down
            | Code::Home
            | Code::End
            | Code::PageUp
            | Code::PageDown
            | Code::Function(_) => edit_line(&mut asked.line, key),
        }
    }

    fn on_key_in_help(&mut self, key: Key) {
        let last = super::lists::help(self.width.into()).len().saturating_sub(1);
        let Mode::Help(above) = &mut self.mode else { return };
        let page = usize::from(self.height / 2).max(1);
        match key.code {
            Code::Up | Code::Char('k') => *above = above.saturating_sub(1),
            Code::Down | Code::Char('j') => *above += 1,
            Code::PageUp => *above = above.saturating_sub(page),
            Code::PageDown | Code::Char(' ') => *above += page,
            Code::Home => *above = 0,
            Code::Char(_)
            | Code::Enter
            | Code::Esc
            | Code::Tab
            | Code::Backspace
            | Code::Delete
            | Code::Left
            | Code::Right
            | Code::End
            | Code::Function(_) => return self.back_to_typing(),
        }
        if let Mode::Help(above) = &mut self.mode {
            *above = (*above).min(last);
        }
    }

    pub(super) fn back_to_typing(&mut self) {
        self.mode = Mode::Type;
        self.completion = None;
        if let Some(here) = self.conversation_mut() {
            here.selected = None;
        }
    }

    /// Goes so many conversations further, around the end
    fn go(&mut self, by: usize) {
        if !self.conversations.is_empty() {
            self.look_at((self.current + by) % self.conversations.len());
        }
    }

    /// To the next where something was not seen, first of all where somebody is spoken to
    fn go_to_unread(&mut self) {
        let count = self.conversations.len();
        let others: Vec<usize> = (1..count).map(|by| (self.current + by) % count).collect();
        let has = |wanted: fn(&super::Conversation) -> usize| {
            others.iter().copied().find(|index| wanted(&self.conversations[*index]) > 0)
        };
        if let Some(index) = has(|known| known.mentions).or_else(|| has(|known| known.unread)) {
            self.look_at(index);
        }
    }

    fn tell_typing(&mut self) {
        let is_soon = self.typing_told.is_some_and(|told| self.now < told + TELL_TYPING);
        let Some(here) = self.conversation().filter(|_| !is_soon) else { return };
        let text = here.line.text();
        let is_said = !text.trim().is_empty() && (!text.starts_with('/') || text.starts_with("//"));
        if is_said && matches!(here.purpose(), Purpose::Say | Purpose::Reply(_)) {
            let to = here.person().map(|id| id.to_string());
            self.typing_told = Some(self.now);
            self.do_here(Command::Typing { to });
        }
    }
}

/// What keys do to a line, wherever there is one
pub(super) fn edit_line(line: &mut super::line::Line, key: Key) {
    if let Some(c) = key.typed() {
        return line.insert(c);
    }
    match (key.code, key.ctrl || key.alt) {
        (Code::Left, true) => line.word_left(),
        (Code::Right, true) => line.word_right(),
        (Code::Left, false) => line.left(),
        (Code::Right, false) => line.right(),
        (Code::Home, _) => line.home(),
        (Code::End, _) => line.end(),
        (Code::Backspace, true) => line.cut_word_before(),
        (Code::Backspace, false) => line.backspace(),
        (Code::Delete, true) => line.cut_word_after(),
        (Code::Delete, false) => line.delete(),
        _ => {}
    }
    match (key.with_ctrl(), key.with_alt()) {
        (Some('a'), _) => line.home(),
        (Some('e'), _) => line.end(),
        (Some('b'), _) => line.left(),
        (Some('w'), _) => line.cut_word_before(),
        (Some('u'), _) => line.cut_to_start(),
        (Some('k'), _) => line.cut_to_end(),
        (Some('y'), _) => line.yank(),
        (Some('d'), _) => line.delete(),
        (Some('h'), _) => line.backspace(),
        (Some('_' | '/' | '7' | '-'), _) => line.undo(),
        (_, Some('b')) => line.word_left(),
        (_, Some('f')) => line.word_right(),
        (_, Some('d')) => line.cut_word_after(),
        _ => {}
    }
}
