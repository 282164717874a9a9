//! What the window looks like: which panes there are at which size, and what is in them

use ratatui::{
    Frame,
    layout::{Position as Cell, Rect},
    text::{Line as Row, Span, Text},
};
use unicode_width::UnicodeWidthStr;

use super::{
    Mode, Tui,
    conversation::{Conversation, Purpose},
    layout::gist,
    lists,
    room::Room,
    wrap::{fit, rows},
};
use crate::{
    lang::tell,
    sanitize::{clean, is_hidden},
};

/// From this width on, rooms and people stand beside the conversation
const WIDE: u16 = 72;
/// From this width on, they have more room
const VERY_WIDE: u16 = 110;
/// How high the input line grows at most
const MAX_INPUT: u16 = 6;

/// Where things are
#[derive(Clone, Copy, Debug, Default)]
struct Panes {
    title: Rect,
    /// Between title and hint
    body: Rect,
    rooms: Rect,
    chat: Rect,
    people: Rect,
    hint: Rect,
    input: Rect,
    status: Rect,
}

impl Tui {
    /// Draws everything
    pub fn draw(&self, frame: &mut Frame<'_>) {
        let panes = self.panes();
        let area = frame.area();
        let mut canvas = Canvas { frame, area };
        let Some((here, room)) = self.conversation().and_then(|here| Some((here, self.room_of(here)?)))
        else {
            return canvas.put(area, vec![Row::from(tell!("tui-starting"))]);
        };
        canvas.put(panes.title, vec![self.title(here, room, panes.title.width.into())]);
        self.draw_body(&mut canvas, panes, here, room);
        self.draw_hint(&mut canvas, panes.hint, here);
        self.draw_input(&mut canvas, panes.input, here);
        canvas.put(panes.status, vec![lists::status(self, room, here, panes.status.width.into())]);
        self.draw_completion(&mut canvas, panes, here);
    }

    pub(super) fn conversation_width(&self) -> usize {
        self.panes().chat.width.into()
    }

    /// How many rows of the conversation are seen; while one looks back, a row below them tells of that
    pub(super) fn conversation_height(&self, looks_back: bool) -> usize {
        let height: usize = self.panes().chat.height.into();
        if looks_back { height.saturating_sub(1).max(1) } else { height }
    }

    fn panes(&self) -> Panes {
        let (width, height) = (self.width, self.height);
        let bar = |y, is_there: bool| Rect::new(0, y, width, is_there.into());
        let input_height = self.input_height().min((height / 3).max(1)).min(height);
        let status = bar(height.saturating_sub(1), height >= 4);
        let input_y = height.saturating_sub(status.height + input_height);
        let input = Rect::new(0, input_y, width, input_height);
        let hint = bar(input_y.saturating_sub(1), height >= 7);
        let title = bar(0, height >= 6);
        let body_height = input_y.saturating_sub(hint.height + title.height);
        let side = match width {
            VERY_WIDE.. => 22,
            WIDE.. => 15,
            _ => 0,
        };
        let pane = |x, width| Rect::new(x, title.height, width, body_height);
        let mut panes = Panes { title, body: pane(0, width), hint, input, status, ..Panes::default() };
        match (width >= WIDE, self.has_lists) {
            (true, false) => {
                panes.rooms = pane(0, side);
                panes.chat = pane(side + 1, width.saturating_sub(2 * side + 2));
                panes.people = pane(width - side, side);
            }
            (true, true) | (false, false) => panes.chat = pane(0, width),
            (false, true) => {
                panes.rooms = pane(0, width / 2);
                panes.people = pane(width / 2 + 1, (width - width / 2).saturating_sub(1));
            }
        }
        panes
    }

    fn title<'a>(&self, here: &Conversation, room: &Room, width: usize) -> Row<'a> {
        let kind = if room.is_private { format!(" {}", tell!("tui-private")) } else { String::new() };
        let name = match here.person() {
            None => format!("{}{kind}", here.label),
            Some(_) => tell!("tui-with", who = here.label.as_str(), room = room.name.as_str()),
        };
        let topic = room.topic.as_ref().filter(|_| here.person().is_none());
        let topic = topic.map(|topic| format!(" · {topic}")).unwrap_or_default();
        // Where the list of rooms has no place, what is new elsewhere is told here.
        let news = if self.panes().rooms.width == 0 { lists::news(self) } else { String::new() };
        let left = fit(&format!(" {name}{topic}"), width.saturating_sub(news.width() + 1));
        let space = " ".repeat(width.saturating_sub(left.width() + news.width()));
        Row::styled(format!("{left}{space}{news}"), self.theme.bar())
    }

    fn draw_body(&self, canvas: &mut Canvas<'_, '_>, panes: Panes, here: &Conversation, room: &Room) {
        let whole = Rect { x: 0, width: self.width, ..panes.body };
        if let Some((room, code)) = self.new_rooms.front() {
            return canvas.put(whole, self.new_room(room, code.as_str(), whole));
        }
        match &self.mode {
            Mode::Help(above) => {
                let rows = lists::help(whole.width.into()).into_iter().skip(*above);
                return canvas.put(whole, rows.map(Row::from).collect());
            }
            Mode::Secret(asked) => {
                let page = rows(&asked.says, whole.width.into(), whole.width.into());
                return canvas.put(whole, page.into_iter().map(|row| Row::from(&asked.says[row])).collect());
            }
            Mode::Type | Mode::Select | Mode::Search(_) => {}
        }
        canvas.put(panes.rooms, lists::conversations(self, panes.rooms));
        canvas.put(panes.people, lists::people(self, room, here, panes.people));
        for x in [panes.rooms.right(), panes.people.x.saturating_sub(1)] {
            let border = Rect { x, width: (panes.rooms.width > 0).into(), ..panes.body };
            canvas.put(border, vec![Row::styled("│", self.theme.calm()); border.height.into()]);
        }
        self.draw_chat(canvas, panes.chat, here, room);
    }

    fn draw_chat(&self, canvas: &mut Canvas<'_, '_>, area: Rect, here: &Conversation, room: &Room) {
        if area.is_empty() {
            return;
        }
        let layout = self.layout(here, room, area.width.into());
        let height = self.conversation_height(here.anchor.is_some());
        let mut rows: Vec<Row<'static>> =
            layout.upwards(here.anchor, height).into_iter().map(|seen| seen.row).collect();
        rows.reverse();
        rows.extend(lists::below(self, here).filter(|_| height < area.height.into()));
        // What there is stands at the bottom, where the next line will be.
        let missing = area.height.saturating_sub(u16::try_from(rows.len()).unwrap_or(u16::MAX));
        canvas.put(Rect { y: area.y + missing, height: area.height - missing, ..area }, rows);
    }

    fn new_room(&self, room: &str, code: &str, area: Rect) -> Vec<Row<'static>> {
        let width = usize::from(area.width).max(2);
        let told = tell!("tui-new-code", room = room);
        let wrapped = |text: &str| -> Vec<Row<'static>> {
            rows(text, width, width).into_iter().map(|row| Row::from(text[row].to_owned())).collect()
        };
        let mut page = wrapped(&told);
        page.push(Row::default());
        page.extend(wrapped(code).into_iter().map(|row| row.patch_style(self.theme.strong())));
        page.push(Row::default());
        page.extend(wrapped(&tell!("tui-new-code-then", room = room)));
        page
    }

    /// What there is to know about the line below: what it is for, who is typing, which keys do something
    fn draw_hint(&self, canvas: &mut Canvas<'_, '_>, area: Rect, here: &Conversation) {
        let width: usize = area.width.into();
        let target = |id: uuid::Uuid| {
            let said = here.log.said(id);
            said.map(|said| {
                let text = said.says().map_or_else(|| tell!("tui-deleted"), |text| gist(text, width));
                format!("{}: {text}", said.who)
            })
            .unwrap_or_default()
        };
        let text = match (&self.mode, here.purpose()) {
            _ if !self.new_rooms.is_empty() => tell!("tui-hint-new-room"),
            (Mode::Secret(_), _) => tell!("tui-hint-code"),
            (Mode::Search(search), _) if search.is_over => tell!("tui-hint-not-found"),
            (Mode::Search(search), _) if search.is_waiting => tell!("tui-hint-searching"),
            (Mode::Search(_), _) => tell!("tui-hint-search"),
            (Mode::Help(_), _) => tell!("tui-hint-help"),
            (Mode::Select, _) => {
                self.refusal.clone().unwrap_or_else(|| lists::hint_for_selected(self, here, width))
            }
            (Mode::Type, _) if self.is_leaving => tell!("tui-hint-leaving"),
            (Mode::Type, Purpose::Reply(id)) => tell!("tui-hint-reply", line = target(id)),
            (Mode::Type, Purpose::Edit(_)) => tell!("tui-hint-edit"),
            (Mode::Type, Purpose::React(id)) => tell!("tui-hint-react", line = target(id)),
            (Mode::Type, Purpose::Delete(id)) => tell!("tui-hint-delete", line = target(id)),
            (Mode::Type, Purpose::Say) => match here.typing().as_slice() {
                [] if here.line.is_empty() && self.width < WIDE => tell!("tui-hint-few-keys"),
                [] if here.line.is_empty() => tell!("tui-hint-keys"),
                [] => tell!("tui-hint-typing"),
                [who] => tell!("tui-types", who = who.as_str()),
                [one, two] => tell!("tui-two-type", one = one.as_str(), two = two.as_str()),
                many => tell!("tui-many-type", count = many.len()),
            },
        };
        let text = clean(&text).to_string();
        canvas.put(area, vec![Row::styled(fit(&text, width), self.theme.calm())]);
    }

    fn prompt(&self) -> String {
        match (&self.mode, self.conversation().and_then(Conversation::person)) {
            (Mode::Search(_), _) => "/ ".to_owned(),
            (Mode::Secret(_), _) => "* ".to_owned(),
            (_, Some(_)) => {
                // A long name must leave room for what is typed.
                let label = self.conversation().map_or("", |here| here.label.as_str());
                format!("{}> ", fit(label, usize::from(self.width) / 3))
            }
            (_, None) => "> ".to_owned(),
        }
    }

    /// What stands in the input line, and where its cursor is, in bytes; no character of it that cannot be seen
    fn input(&self) -> (String, usize) {
        let (line, is_open) = match (&self.mode, self.conversation()) {
            (Mode::Search(search), _) => (&search.wanted, true),
            (Mode::Secret(asked), _) => (&asked.line, asked.is_open()),
            (_, Some(here)) => (&here.line, true),
            (_, None) => return (String::new(), 0),
        };
        let (before, after) = line.text().split_at(line.cursor());
        let shown = |text: &str| -> String {
            let seen = |c: char| match c {
                _ if !is_open => '*',
                '\n' => '\n',
                '\t' => ' ',
                // Within an emoji, they are what it is made of.
                '\u{200D}' | '\u{FE0F}' => c,
                c if is_hidden(c) => char::REPLACEMENT_CHARACTER,
                c => c,
            };
            // How long a code is says something about it.
            if is_open { text.chars().map(seen).collect() } else { String::new() }
        };
        let before = shown(before);
        (format!("{before}{}", shown(after)), before.len())
    }

    fn input_rows(&self) -> (String, Vec<std::ops::Range<usize>>, (usize, usize)) {
        let prompt = self.prompt();
        let (text, cursor) = self.input();
        let width = usize::from(self.width).saturating_sub(prompt.width() + 1).max(2);
        let rows = rows(&text, width, width);
        // A space at the end of a row belongs to none.
        let row = rows.iter().rposition(|row| row.start <= cursor).unwrap_or_default();
        let end = cursor.min(rows[row].end);
        let column = text[rows[row].start..end].width() + (cursor - end).min(1);
        (text, rows, (row, prompt.width() + column))
    }

    fn input_height(&self) -> u16 {
        let (_, rows, _) = self.input_rows();
        u16::try_from(rows.len()).unwrap_or(MAX_INPUT).min(MAX_INPUT)
    }

    fn draw_input(&self, canvas: &mut Canvas<'_, '_>, area: Rect, here: &Conversation) {
        if area.is_empty() {
            return;
        }
        let (text, rows, (row, column)) = self.input_rows();
        let prompt = self.prompt();
        let first = (row + 1).saturating_sub(area.height.into());
        let shown = rows.iter().enumerate().skip(first).take(area.height.into()).map(|(number, range)| {
            let head = if number == 0 { prompt.clone() } else { " ".repeat(prompt.width()) };
            let style =
                if here.purpose() == Purpose::Say { self.theme.strong() } else { self.theme.answer() };
            Row::from(vec![Span::styled(head, style), Span::raw(text[range.clone()].to_owned())])
        });
        canvas.put(area, shown.collect());
        let is_typed_in = matches!(self.mode, Mode::Type | Mode::Search(_) | Mode::Secret(_));
        if is_typed_in && self.new_rooms.is_empty() {
            let column = u16::try_from(column).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
            let row = u16::try_from(row - first).unwrap_or_default();
            canvas.frame.set_cursor_position(Cell::new(area.x + column, area.y + row));
        }
    }

    /// What a word may become, above it
    fn draw_completion(&self, canvas: &mut Canvas<'_, '_>, panes: Panes, here: &Conversation) {
        let Some(completion) = self.completion.as_ref().filter(|_| matches!(self.mode, Mode::Type)) else {
            return;
        };
        let bottom = panes.hint.y.max(panes.chat.y + panes.chat.height);
        let height = u16::try_from(completion.choices.len()).unwrap_or(u16::MAX).min(8).min(bottom);
        let widest = completion.choices.iter().map(|choice| choice.shown.width()).max().unwrap_or_default();
        let width = u16::try_from(widest + 2).unwrap_or(u16::MAX).min(self.width);
        let start = here.line.text().get(..completion.range.start).unwrap_or_default();
        let column = start.rsplit('\n').next().unwrap_or_default().width() + self.prompt().width();
        let x = u16::try_from(column).unwrap_or(u16::MAX).min(self.width.saturating_sub(width));
        let first =
            completion.taken.unwrap_or_default().saturating_sub(usize::from(height).saturating_sub(1));
        let choices = completion.choices.iter().enumerate().skip(first).take(height.into());
        let rows = choices.map(|(number, choice)| {
            let text = fit(&format!(" {}", choice.shown), width.into());
            let text = format!("{text}{}", " ".repeat(usize::from(width).saturating_sub(text.width())));
            let is_taken = completion.taken == Some(number);
            Row::styled(text, if is_taken { self.theme.strong() } else { self.theme.bar() })
        });
        canvas.put(Rect::new(x, bottom - height, width, height), rows.collect());
    }
}

/// Where rows are put, which may be smaller than they are
struct Canvas<'a, 'b> {
    frame: &'a mut Frame<'b>,
    area: Rect,
}

impl Canvas<'_, '_> {
    fn put(&mut self, area: Rect, rows: Vec<Row<'_>>) {
        let area = area.intersection(self.area);
        if !area.is_empty() {
            self.frame.render_widget(ratatui::widgets::Clear, area);
            self.frame.render_widget(Text::from(rows), area);
        }
    }
}
