//! Items as rows of a width: what a line looks like

use std::ops::Range;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use ratatui::{
    style::{Modifier, Style},
    text::{Line as Row, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    conversation::Conversation,
    log::{Item, Notice, Position, Said, Tone},
    room::Room,
    theme::Theme,
    wrap::{find_all, fit, rows},
};
use crate::{
    event::DeliveryState,
    lang::tell,
    sanitize::{Unclean, clean},
};

/// What all rows of one drawing have in common
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) conversation: &'a Conversation,
    pub(super) room: &'a Room,
    pub(super) zone: &'a TimeZone,
    pub(super) theme: Theme,
    pub(super) width: usize,
    /// What is looked for
    pub(super) wanted: &'a str,
}

/// How much of one line is shown that is not chosen, so that nobody pushes everything else off the screen
const MAX_ROWS: usize = 10;
/// Below this width, further rows are hardly indented
const NARROW: usize = 50;

impl Layout<'_> {
    /// The rows of an item, with what stands above it: its day, and what is new
    pub(super) fn rows(&self, at: Position, item: &Item) -> Vec<Row<'static>> {
        let mut rows = Vec::new();
        if let Item::Said(said) = item {
            rows.extend(self.day_above(at, said));
        }
        if self.is_first_new(at) {
            rows.push(self.rule(&tell!("tui-new"), self.theme.mention()));
        }
        let first = rows.len();
        match item {
            Item::Said(said) => self.said(at, said, &mut rows),
            Item::Notice(notice) => self.notice(notice, &mut rows),
        }
        if self.conversation.selected == Some(at) {
            let style = self.theme.selected();
            rows[first..].iter_mut().for_each(|row| *row = std::mem::take(row).patch_style(style));
        }
        rows
    }

    fn is_first_new(&self, at: Position) -> bool {
        let Some(seen) = self.conversation.seen else { return false };
        let mut behind = self.conversation.log.behind_of(seen);
        let first = behind.find(|(_, item)| matches!(item, Item::Said(_)));
        at > seen && first.is_some_and(|(first, _)| first == at)
    }

    fn day_above(&self, at: Position, said: &Said) -> Option<Row<'static>> {
        let before = self.conversation.log.upto(Some(at)).rev().skip(1).find_map(|(_, item)| match item {
            Item::Said(said) => Some(self.day(said.sent_at)),
            Item::Notice(_) => None,
        });
        let day = self.day(said.sent_at);
        (before != Some(day)).then(|| self.rule(&day_name(day), self.theme.calm()))
    }

    fn rule(&self, text: &str, style: Style) -> Row<'static> {
        let left = format!("── {text} ");
        let right = "─".repeat(self.width.saturating_sub(left.width()));
        Row::styled(left + &right, style)
    }

    fn said(&self, at: Position, said: &Said, rows: &mut Vec<Row<'static>>) {
        if let Some(answered) = said.reply_to {
            rows.push(self.quote(answered));
        }
        let is_mention = said.mentions_me && !said.own;
        let time = if is_mention { self.theme.mention() } else { self.theme.calm() };
        let who = if said.own { self.theme.strong() } else { self.theme.person(said.author) };
        let head = [
            Span::styled(format!("{} ", self.time(said.sent_at)), time),
            Span::styled(said.who.to_string(), who),
            Span::raw(": "),
        ];
        let (text, marks, first) = (self.body(said), self.marks(at, said), rows.len());
        self.flow(&head, &[text, marks.clone()].concat(), rows);
        let more = rows.len() - first - MAX_ROWS.min(rows.len() - first);
        if more > 1 && self.conversation.selected != Some(at) {
            rows.truncate(first + MAX_ROWS);
            rows.push(self.folded(more, marks));
        }
        rows.extend(self.reactions(said));
    }

    /// What stands in place of further rows
    fn folded(&self, more: usize, marks: Vec<Span<'static>>) -> Row<'static> {
        let indent = self.indent();
        let text = fit(&tell!("tui-more-rows", count = more), self.width.saturating_sub(indent));
        let head = [Span::raw(" ".repeat(indent)), Span::styled(text, self.theme.answer())];
        Row::from_iter(head.into_iter().chain(marks))
    }

    /// The line that is answered, in one row
    fn quote(&self, answered: uuid::Uuid) -> Row<'static> {
        let text = match self.conversation.log.said(answered) {
            Some(said) => {
                format!("{}: {}", said.who, clean(said.text.as_written()))
            }
            None => tell!("tui-earlier-line"),
        };
        let indent = self.indent();
        let text = fit(&text, self.width.saturating_sub(indent + 2));
        Row::styled(format!("{}┌ {text}", " ".repeat(indent)), self.theme.calm())
    }

    fn body(&self, said: &Said) -> Vec<Span<'static>> {
        let Some(text) = said.says() else {
            let style = self.theme.calm().add_modifier(Modifier::ITALIC);
            return vec![Span::styled(tell!("tui-deleted"), style)];
        };
        let text = text.clean_lines("").to_string();
        let mut body = self.highlighted(&text, said.mentions_me && !said.own);
        if said.is_edited {
            body.push(Span::styled(format!(" {}", tell!("tui-edited")), self.theme.calm()));
        }
        body
    }

    /// The text with what is looked for, and with the own name if it speaks to whoever sits here
    fn highlighted(&self, text: &str, is_mention: bool) -> Vec<Span<'static>> {
        let (mut marked, style) = if self.wanted.is_empty() {
            let name = if is_mention { self.room.own_name.as_str() } else { "" };
            (find_all(text, name), self.theme.mention())
        } else {
            (find_all(text, self.wanted), self.theme.found())
        };
        marked.push(text.len()..text.len());
        let (mut spans, mut at) = (Vec::new(), 0);
        for Range { start, end } in marked {
            spans.push(Span::raw(text[at..start].to_owned()));
            spans.push(Span::styled(text[start..end].to_owned(), style));
            at = end;
        }
        spans.retain(|span| !span.content.is_empty());
        spans
    }

    /// What there is to say about a line, behind it
    fn marks(&self, at: Position, said: &Said) -> Vec<Span<'static>> {
        let mut marks = Vec::new();
        if said.late {
            marks.push(Span::styled(format!(" {}", tell!("tui-late")), self.theme.calm()));
        }
        if let Some(state) = said.delivery {
            let style = match state {
                DeliveryState::Expired => self.theme.error(),
                DeliveryState::Queued | DeliveryState::Sent | DeliveryState::Delivered => self.theme.calm(),
            };
            marks.push(Span::styled(format!(" {}", delivery(state)), style));
        }
        let people = self.room.people.len();
        let holders = at.place.filter(|_| said.own && people > 0).and_then(|place| self.room.holders(place));
        if let Some(holders) = holders {
            let style = if holders == people { self.theme.good() } else { self.theme.calm() };
            marks.push(Span::styled(format!(" {holders}/{people}"), style));
        }
        marks
    }

    fn reactions(&self, said: &Said) -> Option<Row<'static>> {
        let reactions = said.reactions(self.room.id);
        if reactions.is_empty() {
            return None;
        }
        let mut row = vec![Span::raw(" ".repeat(self.indent()))];
        for (with, count, is_own) in reactions {
            let text = format!("{} {count}  ", clean(with.as_written()));
            let style = self.theme.answer();
            row.push(Span::styled(text, if is_own { style.add_modifier(Modifier::BOLD) } else { style }));
        }
        Some(Row::from(row))
    }

    fn notice(&self, notice: &Notice, rows: &mut Vec<Row<'static>>) {
        let style = match notice.tone {
            Tone::Calm => self.theme.calm(),
            Tone::Answer => self.theme.answer(),
            Tone::Error => self.theme.error(),
            Tone::Alarm => self.theme.alarm(),
        };
        let text = notice.text.as_str();
        for row in super::wrap::rows(text, self.width, self.width.saturating_sub(3)) {
            let indent = if row.start == 0 || text[..row.start].ends_with('\n') { "" } else { "   " };
            rows.push(Row::styled(format!("{indent}{}", &text[row]), style));
        }
    }

    /// Wraps spans behind a head
    fn flow(&self, head: &[Span<'static>], body: &[Span<'static>], out: &mut Vec<Row<'static>>) {
        let text: String = body.iter().map(|span| span.content.as_ref()).collect();
        let used: usize = head.iter().map(Span::width).sum();
        let indent = self.indent();
        let room = |used: usize| self.width.saturating_sub(used).max(2);
        // A long name leaves no room beside it.
        let is_beside = used + 8 <= self.width || text.width() <= self.width.saturating_sub(used);
        let first = if is_beside { room(used) } else { 0 };
        let mut pieces = rows(&text, first.max(1), room(indent)).into_iter();
        let mut row: Vec<Span<'static>> = head.to_vec();
        if is_beside {
            row.extend(pieces.next().into_iter().flat_map(|piece| cut(body, piece)));
        } else {
            pieces = rows(&text, room(indent), room(indent)).into_iter();
        }
        out.push(Row::from(row));
        for piece in pieces {
            let mut row = vec![Span::raw(" ".repeat(indent))];
            row.extend(cut(body, piece));
            out.push(Row::from(row));
        }
    }

    fn indent(&self) -> usize {
        if self.width < NARROW { 2 } else { 6 }
    }

    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }

    fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }
}

/// That part of the spans
fn cut(spans: &[Span<'static>], range: Range<usize>) -> Vec<Span<'static>> {
    let (mut at, mut part) = (0, Vec::new());
    for span in spans {
        let end = at + span.content.len();
        let (from, to) = (range.start.max(at), range.end.min(end));
        if from < to {
            part.push(Span::styled(span.content[from - at..to - at].to_owned(), span.style));
        }
        at = end;
    }
    part
}

fn delivery(state: DeliveryState) -> String {
    match state {
        DeliveryState::Queued => tell!("tui-queued"),
        DeliveryState::Sent => tell!("tui-sent"),
        DeliveryState::Delivered => tell!("tui-delivered"),
        DeliveryState::Expired => tell!("tui-expired"),
    }
}

fn day_name(day: Date) -> String {
    tell!("tui-day", weekday = i64::from(day.weekday().to_monday_one_offset()), date = %day)
}

/// The first words of a line, to say which one is meant
pub(super) fn gist(text: &Unclean, columns: usize) -> String {
    fit(clean(text.as_written()).as_str(), columns)
}
