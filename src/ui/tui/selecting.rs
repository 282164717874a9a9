//! Keys while one looks back: going through the lines, choosing one, finding text

use super::{
    Mode, Tui,
    conversation::{Anchor, Purpose},
    key::{Code, Key},
    log::{Item, Position},
    search::Search,
    typing::edit_line,
};
use crate::lang::tell;

impl Tui {
    pub(super) fn start_selecting(&mut self) {
        self.completion = None;
        let Some(here) = self.conversation_mut() else { return };
        let newest = last_line(here, here.anchor.map(|anchor| anchor.last));
        if let Some(newest) = newest {
            here.selected = Some(newest);
            self.mode = Mode::Select;
            self.show_selected();
        }
    }

    pub(super) fn on_key_selecting(&mut self, key: Key) {
        // What means something else elsewhere does nothing to the line.
        if key.with_ctrl().is_some_and(|c| c != 'f') || key.with_alt().is_some() {
            return;
        }
        match key.code {
            Code::Up | Code::Char('k') => self.go_older(1),
            Code::Down | Code::Char('j') => self.go_newer(1),
            Code::PageUp => self.go_older(self.conversation_height(true).max(2) / 2),
            Code::PageDown => self.go_newer(self.conversation_height(true).max(2) / 2),
            Code::Home | Code::Char('g') => self.select_first(),
            Code::End | Code::Char('G') => {
                self.follow();
                self.start_selecting();
            }
            Code::Char('/') => self.mode = Mode::Search(Search::default()),
            Code::Char('f') if key.ctrl => self.mode = Mode::Search(Search::default()),
            Code::Char('?') | Code::Function(1) => self.mode = Mode::Help(0),
            Code::Char('r') | Code::Enter => self.about_selected(Purpose::Reply),
            Code::Char('e') => self.about_selected(Purpose::Edit),
            Code::Char('d') | Code::Delete => self.about_selected(Purpose::Delete),
            Code::Char('x' | '+') => self.about_selected(Purpose::React),
            Code::Esc | Code::Char('q') => {
                self.follow();
                self.back_to_typing();
            }
            Code::Char(_) | Code::Tab | Code::Backspace | Code::Left | Code::Right | Code::Function(_) => {}
        }
    }

    pub(super) fn on_key_searching(&mut self, key: Key) {
        let Mode::Search(search) = &mut self.mode else { return };
        match key.code {
            Code::Enter | Code::Up => {
                search.is_waiting = true;
                self.search_on();
            }
            Code::Down => self.search_newer(),
            Code::Esc => {
                let found = search.at;
                self.mode = Mode::Type;
                match (self.conversation_mut(), found) {
                    // What was found can be answered then.
                    (Some(here), Some(at)) => {
                        here.selected = Some(at);
                        self.mode = Mode::Select;
                    }
                    (Some(_), None) | (None, _) => self.back_to_typing(),
                }
            }
            Code::Char(_)
            | Code::Tab
            | Code::Backspace
            | Code::Delete
            | Code::Left
            | Code::Right
            | Code::Home
            | Code::End
            | Code::PageUp
            | Code::PageDown
            | Code::Function(_) => {
                let before = search.wanted.text().to_owned();
                edit_line(&mut search.wanted, key);
                if search.wanted.text() != before {
                    (search.at, search.is_waiting, search.is_over) = (None, true, false);
                    self.search_on();
                }
            }
        }
    }

    /// Goes to the next older line that has it, as far as there are any, and asks for more if there may be
    pub(super) fn search_on(&mut self) {
        let Mode::Search(search) = &self.mode else { return };
        let Some(here) = self.conversations.get(self.current).filter(|_| search.is_waiting) else { return };
        let wants = !search.wanted.is_empty();
        let found = search.older(here).filter(|_| wants);
        let may_load = here.is_loading || here.can_load();
        if let Mode::Search(search) = &mut self.mode {
            search.is_waiting = wants && found.is_none() && may_load;
            search.is_over = wants && found.is_none() && !may_load;
        }
        match found {
            Some(at) => self.go_to_found(at),
            None if wants => self.load(),
            None => {}
        }
    }

    fn search_newer(&mut self) {
        let Mode::Search(search) = &self.mode else { return };
        let found = self.conversation().and_then(|here| search.newer(here));
        if let Some(at) = found {
            self.go_to_found(at);
        }
    }

    fn go_to_found(&mut self, at: Position) {
        if let Mode::Search(search) = &mut self.mode {
            search.at = Some(at);
        }
        self.select(at);
    }

    fn select(&mut self, at: Position) {
        if let Some(here) = self.conversation_mut() {
            here.selected = Some(at);
        }
        self.show_selected();
    }

    fn select_older(&mut self) {
        let Some(here) = self.conversation() else { return };
        let above = here.log.upto(here.selected).map(|(at, item)| (at, matches!(item, Item::Said(_))));
        let older = { above }.rfind(|(at, is_line)| *is_line && Some(*at) != here.selected).map(|(at, _)| at);
        match older {
            Some(at) => self.select(at),
            None => self.load(),
        }
    }

    fn select_newer(&mut self) {
        let Some(here) = self.conversation() else { return };
        let Some(selected) = here.selected else { return };
        let below = here.log.behind_of(selected).map(|(at, item)| (at, matches!(item, Item::Said(_))));
        let newer = { below }.find(|(_, is_line)| *is_line).map(|(at, _)| at);
        match newer {
            Some(at) => self.select(at),
            None => {
                self.follow();
                self.back_to_typing();
            }
        }
    }

    /// So many rows up in the line that is chosen, or so many lines if no more of it is above
    fn go_older(&mut self, by: usize) {
        let (above, _) = self.hidden();
        if above > 0 {
            return self.scroll_up(Some(by.min(above)));
        }
        (0..by).for_each(|_| self.select_older());
    }

    /// The same downwards, and back to typing at the end
    fn go_newer(&mut self, by: usize) {
        let (_, below) = self.hidden();
        if below > 0 {
            return self.scroll_down(Some(by.min(below)));
        }
        for _ in 0..by {
            if matches!(self.mode, Mode::Select) {
                self.select_newer();
            }
        }
    }

    /// How much of the line that is chosen is above the window and below it
    fn hidden(&self) -> (usize, usize) {
        let Some(here) = self.conversation() else { return (0, 0) };
        let Some((room, selected)) = self.room_of(here).zip(here.selected) else { return (0, 0) };
        let height = self.conversation_height(here.anchor.is_some());
        self.layout(here, room, self.conversation_width()).hidden(selected, height)
    }

    fn select_first(&mut self) {
        let Some(here) = self.conversation_mut() else { return };
        let first = here.log.upto(None).find(|(_, item)| matches!(item, Item::Said(_))).map(|(at, _)| at);
        here.selected = first;
        self.show_selected();
        self.load();
    }

    /// Begins to do something about the line that is chosen, if that can be done
    fn about_selected(&mut self, purpose: fn(uuid::Uuid) -> Purpose) {
        let Some(here) = self.conversation_mut() else { return };
        let Some(said) = here.selected_line() else { return };
        let (id, own, text) = (said.id, said.own, said.says().cloned());
        let purpose = purpose(id);
        let is_own_matter = matches!(purpose, Purpose::Edit(_) | Purpose::Delete(_));
        let text = match text {
            _ if here.person().is_some() => return self.refusal = Some(tell!("tui-only-whispered")),
            None => return self.refusal = Some(tell!("tui-deleted")),
            Some(_) if is_own_matter && !own => return self.refusal = Some(tell!("tui-not-yours")),
            Some(text) => text,
        };
        let is_anew = matches!(purpose, Purpose::Edit(_));
        here.begin(purpose, if is_anew { text.as_written() } else { "" });
        self.follow();
        self.back_to_typing();
        if matches!(purpose, Purpose::React(_)) {
            let usual = super::completion::complete(
                "",
                0,
                super::completion::Known { people: &[], anyone: &[], rooms: &[], only_emoji: true },
            );
            self.completion = usual;
        }
    }

    fn show_selected(&mut self) {
        let width = self.conversation_width();
        let Some(here) = self.conversation() else { return };
        let Some((room, selected)) = self.room_of(here).zip(here.selected) else { return };
        let (now, back) = (self.conversation_height(here.anchor.is_some()), self.conversation_height(true));
        let anchor = self.layout(here, room, width).show(selected, now, back);
        self.set_anchor(anchor);
        self.load_near_top();
    }

    pub(super) fn scroll_up(&mut self, by: Option<usize>) {
        let (width, height) = (self.conversation_width(), self.conversation_height(true));
        let Some(here) = self.conversation() else { return };
        let Some(room) = self.room_of(here) else { return };
        let by = by.unwrap_or_else(|| height.saturating_sub(1)).max(1);
        let (anchor, is_top) = self.layout(here, room, width).up(height, by);
        self.set_anchor(anchor);
        if is_top {
            self.load();
        }
    }

    pub(super) fn scroll_down(&mut self, by: Option<usize>) {
        let (width, height) = (self.conversation_width(), self.conversation_height(true));
        let Some(here) = self.conversation() else { return };
        let Some(room) = self.room_of(here) else { return };
        let by = by.unwrap_or_else(|| height.saturating_sub(1)).max(1);
        let anchor = self.layout(here, room, width).down(by);
        self.set_anchor(anchor);
    }

    /// Back to where the window follows what is said
    pub(super) fn follow(&mut self) {
        self.set_anchor(None);
    }

    fn set_anchor(&mut self, anchor: Option<Anchor>) {
        let Some(here) = self.conversation_mut() else { return };
        if here.anchor.is_none() && anchor.is_some() {
            here.seen = here.seen.or_else(|| here.log.last());
        }
        here.anchor = anchor;
        if anchor.is_none() {
            here.see();
        }
    }

    /// Lines are there before one comes to the top
    fn load_near_top(&mut self) {
        let height = self.conversation_height(true);
        let Some(here) = self.conversation() else { return };
        let above = here.log.upto(here.selected).rev().take(height + 1).count();
        if above <= height {
            self.load();
        }
    }
}

fn last_line(here: &super::Conversation, upto: Option<Position>) -> Option<Position> {
    here.log.upto(upto).rev().find(|(_, item)| matches!(item, Item::Said(_))).map(|(at, _)| at)
}
