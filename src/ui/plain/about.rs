//! What lines answer and what people do about them, as lines for people

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Plain, author, mark, said};
use crate::{
    event::{Author, Deleted, Edited, Event, Reaction, Received, Topic},
    lang::tell,
    sanitize::{Clean, Unclean, clean},
    view::{Line, Transcript, View},
};

/// A line that another answers
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Who said it
    pub from: Author,
    /// What it says, or how that begins; empty if it is deleted
    pub text: Unclean,
}

/// How many lines back one that is answered or changed is known
const KNOWN_LINES: usize = 1_000;
/// How many people are named in one line
const NAMED: usize = 8;

/// A line of somebody, at this time
pub(crate) fn says(time: &str, who: &str, line: Said<'_>) -> String {
    let Said { reply, edited, deleted, text } = line;
    if deleted {
        return format!("{time} {who}{}\n", tell!("line-deleted"));
    }
    let edited = if edited { tell!("line-edited") } else { String::new() };
    said(time, &format!("{who}{edited}{}", reply.unwrap_or_default()), text)
}

/// A line as it is by now
pub(crate) struct Said<'a> {
    /// What it answers, by [`answers`]
    pub(crate) reply: Option<String>,
    pub(crate) edited: bool,
    pub(crate) deleted: bool,
    pub(crate) text: &'a Unclean,
}

/// What stands behind the name of whoever answers
pub(crate) fn answers(quote: Option<(Clean, &Unclean)>) -> String {
    match quote {
        None => format!(" ↳ {}", tell!("line-unknown")),
        Some((who, text)) if text.as_written().is_empty() => format!(" ↳ {who}{}", tell!("line-deleted")),
        Some((who, text)) => format!(" ↳ {who} {}", text.clean_quote()),
    }
}

/// What stands under a line: who put what there; nothing if nobody did
///
/// Further lines of somebody's are indented more, so that nobody can write what looks like it.
pub(crate) fn under<'a>(reactions: impl IntoIterator<Item = (&'a Unclean, Clean)>) -> String {
    let mut people: Vec<(&Unclean, Vec<Clean>)> = Vec::new();
    let mut known: BTreeMap<&Unclean, usize> = BTreeMap::new();
    for (with, who) in reactions {
        let at = *known.entry(with).or_insert(people.len());
        match people.get_mut(at) {
            Some((_, names)) => names.push(who),
            None => people.push((with, vec![who])),
        }
    }
    if people.is_empty() {
        return String::new();
    }
    let each = people.iter().map(|(with, names)| format!("{} {}", with.clean_name(), list(names)));
    format!("   {}\n", each.collect::<Vec<_>>().join("; "))
}

/// Names with commas, the last of many only counted
fn list(names: &[Clean]) -> String {
    let named: Vec<&str> = names.iter().take(NAMED).map(Clean::as_str).collect();
    match names.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => tell!("names-more", names = named.join(", "), count = more),
    }
}

/// Who put what under a line
fn under_it(line: &Line) -> Vec<(Uuid, Unclean)> {
    line.reactions().into_iter().map(|(from, with)| (from.id, with.clone())).collect()
}

/// What a line is called where something is said about it
fn called(line: Option<&Line>) -> String {
    match line {
        None => tell!("line-unknown"),
        Some(line) if line.deleted => tell!("line-gone"),
        Some(line) => line.text.clean_quote().to_string(),
    }
}

impl Plain {
    /// Takes in a line of a room, or what was done about one, that is not shown now
    pub fn learn(&mut self, event: &Event, room: &str) {
        self.lines_in(room).apply(event);
    }

    /// A line of a room that may be answered or changed
    pub(super) fn known(&self, id: Uuid, room: &str) -> Option<&Line> {
        self.lines.get(room)?.line(id)
    }

    fn lines_in(&mut self, room: &str) -> &mut Transcript {
        self.lines.entry(room.to_owned()).or_insert_with(|| Transcript::of_newest(KNOWN_LINES))
    }

    /// What a line answers that others may have changed since, if it does
    pub(super) fn answers(&self, line: &Line, room: &str, view: &View) -> Option<String> {
        let target = self.known(line.reply_to?, room);
        Some(answers(target.map(|target| (author(&target.from, view), &target.text))))
    }

    pub(super) fn edited(&mut self, edited: &Edited, view: &View) -> String {
        let known = self.known(edited.target, &edited.room);
        let (line, is_theirs) = (called(known), known.is_some_and(|line| line.from.id == edited.from.id));
        self.learn(&Event::Edited(edited.clone()), &edited.room);
        let known = self.known(edited.target, &edited.room);
        let counts = known.is_some_and(|line| line.text == edited.text && !line.deleted);
        if !is_theirs || !counts {
            return String::new();
        }
        let (who, edit) =
            (author(&edited.from, view), |who: &str| tell!("edited-line", name = who, line = line));
        if edited.past {
            let says = edit(&format!("{who}{}", mark(false, true)));
            return self.line_of_any_day(edited.sent_at, |time| said(time, &says, &edited.text));
        }
        self.said(edited.sent_at, &edit(who.as_str()), &edited.text)
    }

    pub(super) fn deleted(&mut self, deleted: &Deleted, view: &View) -> String {
        let known = self.known(deleted.target, &deleted.room);
        let (line, counts) =
            (called(known), known.is_some_and(|line| line.from.id == deleted.from.id && !line.deleted));
        self.learn(&Event::Deleted(deleted.clone()), &deleted.room);
        if !counts {
            return String::new();
        }
        let who = author(&deleted.from, view);
        format!("-- {}\n", tell!("deleted-line", name = %who, line = line))
    }

    pub(super) fn reaction(&mut self, reaction: &Reaction, view: &View) -> String {
        let known = self.known(reaction.target, &reaction.room);
        let (line, before) = (called(known), known.map(under_it));
        self.learn(&Event::Reaction(reaction.clone()), &reaction.room);
        if self.known(reaction.target, &reaction.room).map(under_it) == before {
            return String::new();
        }
        let who = author(&reaction.from, view);
        let told = if reaction.with == "" {
            tell!("reactions-back", name = %who, line = line)
        } else {
            tell!("reacted", name = %who, with = %reaction.with.clean_name(), line = line)
        };
        format!("-- {told}\n")
    }

    pub(super) fn received(&self, received: &Received, view: &View) -> String {
        let Some(id) = received.id else {
            return format!("-- {}\n", tell!("received-nothing"));
        };
        let line = called(self.known(id, view.room()));
        let names =
            |people: &[Author]| -> Vec<Clean> { people.iter().map(|who| author(who, view)).collect() };
        let (by, not_by) = (names(&received.by), names(&received.not_by));
        let told = match (by.as_slice(), not_by.as_slice()) {
            ([], []) => tell!("others-none"),
            ([who], []) => tell!("received-one", name = %who, line = line),
            (all, []) => tell!("received-all", count = all.len(), line = line),
            (some, others) => {
                let (all, some) = (some.len() + others.len(), some.len());
                tell!("received-some", some = some, all = all, line = line, names = list(others))
            }
        };
        format!("-- {told}\n")
    }
}

/// What the room is about; nothing if another topic counts already
pub(super) fn topic(topic: &Topic, view: &View) -> String {
    if view.topic().is_some_and(|latest| latest.order > topic.order) {
        return String::new();
    }
    let (is_none, text) = (topic.text == "", clean(topic.text.as_written()));
    let who = topic.from.as_ref().map(|from| author(from, view));
    let told = match (who, is_none) {
        (Some(who), true) if !topic.past => tell!("topic-taken", name = %who),
        (Some(who), false) if !topic.past => tell!("topic-set", name = %who, topic = %text),
        (Some(who), false) => tell!("topic-by", name = %who, topic = %text),
        (None, false) => tell!("topic", topic = %text),
        (Some(_) | None, true) if topic.asked => tell!("topic-none"),
        (Some(_) | None, true) => return String::new(),
    };
    format!("-- {told}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::{
            PeerChange,
            tests::{contract, line},
        },
        ui::plain::tests::plain,
    };

    const REPLY: usize = 29;
    const EDIT: usize = 30;
    const REACTION: usize = 31;
    const DELETION: usize = 32;
    const TOPIC: usize = 33;

    #[test]
    fn what_is_answered_and_changed_is_called_by_its_first_words() {
        let contract = contract();
        let lines = rendered(&[5, 4, REPLY, EDIT, REACTION, DELETION].map(|index| contract[index].clone()));
        let expected = "\
12:03 alice: ho
12:03 bob: hi
12:04 bob ↳ alice \"ho\": tea?
12:04 bob edited \"tea?\": coffee?
-- alice reacted 👍 to \"coffee?\"
-- bob deleted \"hi\" (whoever has it may keep it)
";
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_does_not_count_is_not_shown() {
        let contract = contract();
        let (mut edit, mut deletion) = (contract[EDIT].clone(), contract[DELETION].clone());
        let eve = Author::new(Uuid::from_u128(0xe), "eve");
        for event in [&mut edit, &mut deletion] {
            *event.author_mut().unwrap() = eve.clone();
        }
        let mut older = contract[EDIT].clone();
        if let Event::Edited(edited) = &mut older {
            edited.order = place_of(&line(1, ""));
            edited.text = "too old".into();
        }
        let known = [contract[4].clone(), contract[REPLY].clone()];
        let shown = rendered(&known);
        assert_eq!(rendered(&[&known[..], &[edit, deletion]].concat()), shown, "they are not eve's lines");
        let changed = [&known[..], &[contract[EDIT].clone(), contract[DELETION].clone()]].concat();
        let again = [&changed[..], &[older, contract[DELETION].clone()]].concat();
        assert_eq!(rendered(&again), rendered(&changed), "there is a later edit, and it is deleted already");
    }

    #[test]
    fn a_line_that_comes_after_what_was_done_about_it_is_shown_as_that() {
        let contract = contract();
        let lines = rendered(&[EDIT, DELETION, 4, REPLY].map(|index| contract[index].clone()));
        let expected = "\
12:03 bob (deleted by its author)
12:04 bob (edited) ↳ an earlier line: coffee?
";
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_is_done_about_lines_that_were_never_shown_is_not_told() {
        let contract = contract();
        assert_eq!(rendered(&[EDIT, REACTION, DELETION].map(|index| contract[index].clone())), "");
    }

    #[test]
    fn a_reaction_is_told_when_it_changes_what_is_under_the_line() {
        let contract = contract();
        let put = contract[REACTION].clone();
        let (mut back, mut again) = (put.clone(), put.clone());
        if let (Event::Reaction(back), Event::Reaction(again)) = (&mut back, &mut again) {
            (back.with, back.order) = (Unclean::default(), place_of(&line(1_000_000, "")));
            again.order = place_of(&line(2_000_000, ""));
        }
        let known = contract[REPLY].clone();
        let told = |events: &[&Event]| -> Vec<String> {
            let events: Vec<Event> = [&known].into_iter().chain(events.iter().copied()).cloned().collect();
            rendered(&events).lines().skip(1).map(str::to_owned).collect()
        };
        let (is_put, is_back) =
            ("-- alice reacted 👍 to \"tea?\"", "-- alice took back all reactions to \"tea?\"");
        assert_eq!(told(&[&put, &put]), [is_put]);
        assert_eq!(told(&[&put, &back, &put, &back, &again]), [is_put, is_back, is_put]);
        assert_eq!(told(&[&back, &put]), [""; 0], "what is taken back already");
    }

    #[test]
    fn who_answers_what_was_deleted_is_seen_to() {
        let contract = contract();
        let mut deletion = contract[DELETION].clone();
        if let Event::Deleted(deleted) = &mut deletion {
            deleted.target = Uuid::from_u128(0x8000_8000_0000_0000_0002);
            deleted.from = Author::new(Uuid::from_u128(0x8000_8000_0000_0000_000a), "alice");
        }
        let lines = rendered(&[contract[5].clone(), deletion, contract[REPLY].clone()]);
        assert!(lines.ends_with("12:04 bob ↳ alice (deleted by its author): tea?\n"), "{lines}");
    }

    #[test]
    fn where_one_types_it_is_shown_what_one_answered() {
        let mut reply = contract()[REPLY].clone();
        if let Event::Message { own, .. } = &mut reply {
            *own = true;
        }
        assert_eq!(plain(true).render(&reply, &View::default()), "12:04 bob ↳ an earlier line: tea?\n");
    }

    #[test]
    fn what_stands_under_a_line_counts_whom_it_does_not_name() {
        let (thumb, heart) = (Unclean::from("👍"), Unclean::from("two words"));
        let names: Vec<String> = (0..10).map(|number| format!("p{number}")).collect();
        let people = names.iter().map(|name| (&thumb, clean(name))).chain([(&heart, clean("ann"))]);
        assert_eq!(under(people), "   👍 p0, p1, p2, p3, p4, p5, p6, p7 and 2 more; \"two words\" ann\n");
        assert_eq!(under([]), "");
    }

    #[test]
    fn the_topic_is_told_when_it_is_set_taken_away_and_asked_for() {
        let Event::Topic(set) = contract()[TOPIC].clone() else { panic!("no topic") };
        let taken = Topic { text: "".into(), ..set.clone() };
        let asked = |topic: &Topic| Topic { past: true, asked: true, ..topic.clone() };
        let nothing = Topic { from: None, order: None, ..asked(&taken) };
        let lines: String = [&set, &taken, &asked(&set), &asked(&taken), &nothing]
            .map(|set| topic(set, &View::default()))
            .concat();
        let expected = "\
-- bob set the topic: cats
-- bob took the topic away
-- the topic, set by bob: cats
-- there is no topic: /topic TEXT sets one
-- there is no topic: /topic TEXT sets one
";
        assert_eq!(lines, expected);
        let mut view = View::default();
        view.apply(&Event::Topic(set.clone()));
        assert_eq!(
            topic(&Topic { order: Some(place_of(&line(1, ""))), ..set }, &view),
            "",
            "a later one counts"
        );
    }

    #[test]
    fn who_has_a_line_and_who_has_not() {
        let (mut plain, mut view) = (plain(false), View::default());
        view.apply(&contract()[0]);
        plain.render(&line(1, "hello there"), &view);
        let people = |numbers: &[u128]| -> Vec<Author> {
            numbers.iter().map(|number| Author::new(Uuid::from_u128(*number), format!("p{number}"))).collect()
        };
        let mut told = |by: &[u128], not_by: &[u128]| {
            let received = Received { id: Some(Uuid::from_u128(1)), by: people(by), not_by: people(not_by) };
            plain.render(&Event::Received(received), &view)
        };
        assert_eq!(told(&[1, 2, 3], &[4]), "-- 3 of 4 have \"hello there\"; not yet: p4\n");
        assert_eq!(told(&[], &[4, 5]), "-- 0 of 2 have \"hello there\"; not yet: p4, p5\n");
        assert_eq!(told(&[1, 2, 3], &[]), "-- all 3 have \"hello there\"\n");
        assert_eq!(told(&[1], &[]), "-- p1 has \"hello there\"\n");
        assert_eq!(told(&[], &[]), "-- nobody else is here\n");
    }

    #[test]
    fn that_oneself_is_away_is_told_in_the_second_person() {
        let (contract, mut view) = (contract(), View::default());
        view.apply(&contract[0]);
        let mut own = contract[34].clone();
        if let Event::Peer { id, .. } = &mut own {
            *id = view.id();
        }
        assert_eq!(plain(true).render(&own, &view), "-- you are away: at lunch\n");
        if let Event::Peer { change, .. } = &mut own {
            *change = PeerChange::Back;
        }
        assert_eq!(plain(true).render(&own, &view), "-- you are back\n");
    }

    fn rendered(events: &[Event]) -> String {
        let (mut plain, mut view) = (plain(false), View::default());
        let lines = events.iter().map(|event| {
            view.apply(event);
            plain.render(event, &view)
        });
        lines.collect()
    }

    fn place_of(event: &Event) -> crate::event::Place {
        let Event::Message { order, .. } = event else { panic!("no message") };
        *order
    }
}
