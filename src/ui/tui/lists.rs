//! The panes around the conversation: rooms, people, what is below, how the network does, help

use ratatui::{
    layout::Rect,
    text::{Line as Row, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    Tui,
    conversation::Conversation,
    room::Room,
    wrap::{fit, rows},
};
use crate::{command, lang::tell, sanitize::clean_name};

/// Rooms and those with whom one whispers, with what was not seen yet
pub(super) fn conversations(tui: &Tui, area: Rect) -> Vec<Row<'static>> {
    let height: usize = area.height.into();
    let first = (tui.current + 1).saturating_sub(height);
    let rows = tui.conversations.iter().enumerate().skip(first).take(height).map(|(number, known)| {
        let count = count(known);
        let indent = if known.person().is_some() { "  " } else { "" };
        let width = usize::from(area.width).saturating_sub(count.width() + indent.len() + 1);
        let name = fit(known.label.as_str(), width);
        let space = " ".repeat(width.saturating_sub(name.width()) + usize::from(!count.is_empty()));
        let style = match (number == tui.current, known.mentions, known.unread) {
            (true, ..) => tui.theme.selected(),
            (false, 1.., _) => tui.theme.mention(),
            (false, 0, 1..) => tui.theme.strong(),
            (false, 0, 0) => ratatui::style::Style::new(),
        };
        Row::from(Span::styled(format!("{indent}{name}{space}{count}"), style))
    });
    rows.collect()
}

/// How many lines were not seen, those that speak to whoever sits here apart
fn count(known: &Conversation) -> String {
    match (known.mentions, known.unread.saturating_sub(known.mentions)) {
        (0, 0) => String::new(),
        (0, unread) => unread.to_string(),
        (mentions, 0) => format!("@{mentions}"),
        (mentions, unread) => format!("@{mentions} {unread}"),
    }
}

/// What was not seen elsewhere, in a few columns
pub(super) fn news(tui: &Tui) -> String {
    let others = tui.conversations.iter().enumerate().filter(|(number, _)| *number != tui.current);
    let news = others.map(|(_, known)| (known, count(known))).filter(|(_, count)| !count.is_empty());
    news.take(3).map(|(known, count)| format!("{} {count} ", fit(known.label.as_str(), 8))).collect()
}

/// Who is there: those who are away below the others
pub(super) fn people(tui: &Tui, room: &Room, here: &Conversation, area: Rect) -> Vec<Row<'static>> {
    let width: usize = area.width.into();
    let own = clean_name(&room.own_name);
    let mut rows = vec![
        Row::styled(fit(&tell!("tui-people", count = room.people.len() + 1), width), tui.theme.calm()),
        Row::from(fit(&tell!("tui-you", name = own.as_str()), width)),
    ];
    let left = usize::from(area.height).saturating_sub(rows.len());
    let is_cut = room.people.len() > left;
    let shown = if is_cut { left.saturating_sub(1) } else { left };
    rows.extend(room.people.iter().take(shown).map(|person| {
        let mark = match (person.is_away, person.is_verified) {
            (true, _) => "○ ",
            (false, true) => "✓ ",
            (false, false) => "● ",
        };
        let note = person.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        let style = if person.is_away { tui.theme.calm() } else { tui.theme.person(person.id) };
        let is_meant = here.person() == Some(person.id);
        let mark = Span::styled(mark, if is_meant { tui.theme.strong() } else { tui.theme.calm() });
        Row::from(vec![
            mark,
            Span::styled(fit(&format!("{}{note}", person.label), width.saturating_sub(2)), style),
        ])
    }));
    if is_cut {
        let others = room.people.len() - shown;
        rows.push(Row::styled(fit(&tell!("tui-others", count = others), width), tui.theme.calm()));
    }
    rows
}

/// What is below the window, if it does not end where the conversation does
pub(super) fn below(tui: &Tui, here: &Conversation) -> Option<Row<'static>> {
    here.anchor?;
    Some(Row::styled(tell!("tui-below", count = here.unread), tui.theme.answer()))
}

/// What there is to know about the line that is chosen, or what can be done about it
pub(super) fn hint_for_selected(tui: &Tui, here: &Conversation, width: usize) -> String {
    let is_own = here.selected_line().is_some_and(|said| said.own);
    let keys = match (here.person(), is_own) {
        (Some(_), _) => tell!("tui-hint-whispers"),
        (None, true) => tell!("tui-hint-select"),
        (None, false) => tell!("tui-hint-others"),
    };
    let Some(about) = about_selected(tui, here) else { return keys };
    // Who has it matters more than keys where there is room for one of them only.
    let left = width.saturating_sub(keys.width() + 3).max(width / 2);
    format!("{} · {keys}", fit(&about, left))
}

/// Who has the line that is chosen and who has not, if it is an own one; else nothing
fn about_selected(tui: &Tui, here: &Conversation) -> Option<String> {
    let said = here.selected_line()?;
    let room = tui.room_of(here)?;
    let place = here.log.position(said.id)?.place.filter(|_| said.own)?;
    room.holders(place)?;
    let missing: Vec<&str> = room
        .people
        .iter()
        .filter(|person| !room.has(person.id, place))
        .map(|person| person.label.as_str())
        .collect();
    Some(match missing.as_slice() {
        [] => tell!("tui-hint-all-have"),
        missing => tell!("tui-hint-missing", names = missing.join(", ")),
    })
}

/// What the network and the disk do, the most important first
pub(super) fn status(tui: &Tui, room: &Room, here: &Conversation, width: usize) -> Row<'static> {
    let network = &room.network;
    let known = tui.conversations.iter().filter(|known| known.room == here.room);
    let missing = known.map(Conversation::missing).sum::<u64>().max(network.awaited);
    let mut parts = Vec::new();
    if room.is_not_sent {
        parts.push(tell!("tui-not-sent"));
    } else if network.is_stuck {
        parts.push(tell!("tui-not-kept"));
    }
    if network.is_offline {
        parts.push(tell!("tui-offline"));
    } else if network.is_local {
        parts.push(tell!("tui-only-this-machine"));
    }
    let is_bad = !parts.is_empty();
    if missing > 0 {
        parts.push(tell!("tui-repairing", count = missing));
    }
    parts.push(tell!("tui-members", count = room.people.len() + 1));
    match tui.presence {
        super::Presence::Here => {}
        super::Presence::Idle | super::Presence::Away => parts.push(tell!("tui-you-are-away")),
    }
    if !network.interfaces.is_empty() {
        parts.push(network.interfaces.join(" "));
    }
    if room.lost_lately() > 0 {
        parts.push(tell!("tui-lost", count = room.lost_lately()));
    } else if missing == 0 && !network.is_offline {
        parts.push(tell!("tui-all-here"));
    }
    if let Some(percent) = network.loss.filter(|percent| *percent > 0) {
        parts.push(tell!("tui-loss", percent = percent));
    }
    if !network.is_kept {
        parts.push(tell!("tui-ephemeral"));
    }
    let text = fit(&format!(" {}", parts.join(" · ")), width);
    let text = format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let style = tui.theme.bar();
    Row::styled(text, if is_bad { style.patch(tui.theme.alarm()) } else { style })
}

/// Keys and commands, in rows of so many columns
pub(super) fn help(width: usize) -> Vec<String> {
    let (keys, commands) = (tell!("tui-help"), command::help());
    let lines = keys.lines().chain([""]).chain(commands.lines());
    lines
        .flat_map(|line| {
            // What is explained stands before a wide space, and its explanation behind it.
            let indent =
                line.find("  ").map_or(0, |at| at + line[at..].len() - line[at..].trim_start().len());
            let indent = line[..indent].width().min(width / 2);
            let rows = rows(line, width, width.saturating_sub(indent).max(2)).into_iter();
            rows.map(move |row| {
                let space = if row.start == 0 { 0 } else { indent };
                format!("{}{}", " ".repeat(space), &line[row])
            })
        })
        .collect()
}
