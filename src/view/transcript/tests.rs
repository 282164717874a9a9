//! Whatever order events come in

use proptest::prelude::*;

use super::{super::changes::MAX_PENDING, *};
use crate::event::{
    Deleted, Edited, Holds, Reaction,
    tests::{contract, line, past_line},
};

proptest! {
    #[test]
    fn the_newest_lines_stand_in_order_whatever_order_they_came_in(
        numbers in Just((0..40).collect::<Vec<u64>>()).prop_shuffle(), most in 1..50_usize
    ) {
        let mut transcript = Transcript::of_newest(most);
        numbers.iter().for_each(|number| transcript.apply(&line(*number, "hi")));
        let kept: Vec<u128> = transcript.lines().map(|line| line.id.as_u128()).collect();
        let expected: Vec<u128> = (0..40).skip(40_usize.saturating_sub(most)).collect();
        prop_assert_eq!(kept, expected);
    }
}

#[test]
fn a_line_told_twice_stands_once_and_as_it_came_first() {
    let mut transcript = Transcript::default();
    transcript.apply(&line(1, "first"));
    transcript.apply(&line(1, "again"));
    assert_eq!(texts(&transcript), ["first"]);
}

#[test]
fn a_late_line_goes_to_its_place_with_its_mark() {
    let transcript = told(&[4, 5, 16]);
    assert_eq!(texts(&transcript), ["hi", "hello?", "ho"]);
    let late: Vec<bool> = transcript.lines().map(|line| line.late).collect();
    assert_eq!(late, [false, true, false]);
}

#[test]
fn whispers_stand_behind_what_was_said_before_them() {
    let transcript = told(&[6, 4, 6, 7, 16, 5]);
    assert_eq!(texts(&transcript), ["psst", "hi", "psst", "what", "hello?", "ho"]);
    let bob = transcript.lines().nth(1).map(|line| line.from.id);
    assert_eq!(transcript.lines().nth(3).map(|line| line.kind), bob.map(Kind::Whispered));
}

#[test]
fn a_gap_shrinks_and_closes() {
    assert_eq!(told(&[9]).gaps().values().map(|gap| gap.missing).collect::<Vec<_>>(), [3]);
    assert!(told(&[9, 9, 17]).gaps().is_empty());
}

fn told(events: &[usize]) -> Transcript {
    let (contract, mut transcript) = (contract(), Transcript::default());
    events.iter().for_each(|index| transcript.apply(&contract[*index]));
    transcript
}

fn texts(transcript: &Transcript) -> Vec<&str> {
    transcript.lines().map(|line| line.text.as_written()).collect()
}

const BOB: u128 = 0x8000_8000_0000_0000_000b;
const EVE: u128 = 0xe;

proptest! {
    #[test]
    fn what_people_do_about_lines_comes_to_the_same_in_any_order(
        one in Just(story()).prop_shuffle(), other in Just(story()).prop_shuffle()
    ) {
        prop_assert_eq!(outcome(&one), outcome(&other));
    }

    #[test]
    fn more_reactions_than_are_kept_come_to_the_same_in_any_order(
        one in Just(many_reactions()).prop_shuffle(), other in Just(many_reactions()).prop_shuffle()
    ) {
        prop_assert_eq!(outcome(&one), outcome(&other));
    }
}

#[test]
fn only_the_author_changes_a_line_and_a_deletion_is_final() {
    let lines = outcome(&story());
    let expected =
        ["1 second edit (edited) [👍 0xe]", "2 hi [❤ 0x1]", "3 hi []", "4  (deleted) []", "5 hi []"];
    assert_eq!(lines, expected);
}

#[test]
fn what_was_kept_with_an_edit_is_not_set_back_by_an_older_one() {
    let mut kept = past_line(1, "third edit");
    if let Event::Message { edited, edited_order, .. } = &mut kept {
        (*edited, *edited_order) = (true, Some(place(9)));
    }
    for events in [[kept.clone(), edit(1, BOB, 8, "old")], [edit(1, BOB, 8, "old"), kept]] {
        assert_eq!(outcome(&events), ["1 third edit (edited) []"]);
    }
}

#[test]
fn a_line_that_is_told_again_as_it_is_by_now_becomes_that() {
    let mut again = line(1, "");
    if let Event::Message { deleted, .. } = &mut again {
        *deleted = true;
    }
    assert_eq!(outcome(&[line(1, "hi"), again]), ["1  (deleted) []"]);
}

#[test]
fn what_is_about_lines_that_never_come_does_not_fill_the_memory() {
    let mut transcript = Transcript::default();
    for number in 1..=2 * u64::try_from(MAX_PENDING).unwrap() {
        transcript.apply(&edit(number, BOB, number, "x"));
        transcript.apply(&react(1, u128::from(number), number, "x"));
    }
    assert_eq!(transcript.pending.lines(), MAX_PENDING);
    transcript.apply(&line(1, "hi"));
    assert!(transcript.lines().next().unwrap().reactions().len() < MAX_PENDING);
}

#[test]
fn who_has_an_own_line_is_known_of_those_who_are_asked_about() {
    let (contract, mut transcript) = (contract(), Transcript::default());
    let people = [BOB, EVE].map(Uuid::from_u128);
    let received = |transcript: &Transcript, index: usize| {
        let Event::Message { id, .. } = &contract[index] else { panic!("no message") };
        transcript.received(*id, people).map(|(by, not_by)| (by.len(), not_by.len()))
    };
    [4, 5, 18].into_iter().for_each(|index| transcript.apply(&contract[index]));
    assert_eq!(received(&transcript, 5), Some((0, 2)));
    transcript.apply(&contract[36]);
    assert_eq!(received(&transcript, 5), Some((1, 1)));
    assert_eq!(received(&transcript, 18), Some((0, 2)), "it is in another log");
    assert_eq!(received(&transcript, 4), None, "somebody else said it");
    let upto = place(3);
    transcript.apply(&Event::Holds(Holds { peer: people[1], upto }));
    assert_eq!(received(&transcript, 5), Some((1, 1)));
}

/// Five lines of bob's, and what bob and others do about them and about lines that are not there
fn story() -> Vec<Event> {
    let lines = (1..=5).map(|number| line(number, "hi"));
    let changes = [
        edit(1, BOB, 10, "first edit"),
        edit(1, BOB, 12, "second edit"),
        edit(1, EVE, 14, "not mine"),
        react(1, EVE, 11, "👍"),
        edit(2, EVE, 15, "not mine"),
        delete(2, EVE, 16),
        react(2, 1, 13, "😢"),
        react(2, 1, 14, ""),
        react(2, 1, 15, "❤"),
        react(3, EVE, 9, "👍"),
        react(3, EVE, 10, "👍"),
        react(3, EVE, 11, ""),
        edit(4, BOB, 20, "an edit after all"),
        delete(4, BOB, 18),
        react(4, EVE, 19, "👍"),
        edit(77, BOB, 21, "of nothing"),
    ];
    lines.chain(changes).collect()
}

fn many_reactions() -> Vec<Event> {
    let of_one = (0..12).map(|number| react(1, EVE, 100 + number, &number.to_string()));
    let of_all = (0..300).map(|number| react(1, 100 + u128::from(number), 200 + number, "👍"));
    of_one.chain(of_all).chain([react(1, EVE, 106, ""), line(1, "hi")]).collect()
}

fn outcome(events: &[Event]) -> Vec<String> {
    let mut transcript = Transcript::default();
    events.iter().for_each(|event| transcript.apply(event));
    let lines = transcript.lines().map(|line| {
        let marks = [(line.edited, " (edited)"), (line.deleted, " (deleted)")];
        let marks: String = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
        let reactions = line.reactions().into_iter();
        let reactions: Vec<String> =
            reactions.map(|(from, with)| format!("{} {:#x}", with.as_written(), from.id.as_u128())).collect();
        format!("{} {}{marks} [{}]", line.id.as_u128(), line.text.as_written(), reactions.join(", "))
    });
    lines.collect()
}

fn place(number: u64) -> Place {
    let Event::Message { order, .. } = line(number, "") else { panic!("no message") };
    order
}

fn edit(target: u64, by: u128, at: u64, text: &str) -> Event {
    let (target, from) = (Uuid::from_u128(target.into()), Author::new(Uuid::from_u128(by), "x"));
    Event::Edited(Edited {
        room: "lobby".to_owned(),
        id: Uuid::from_u128(at.into()),
        target,
        from,
        text: text.into(),
        sent_at: Timestamp::UNIX_EPOCH,
        order: place(at),
        own: false,
        late: false,
        past: false,
    })
}

fn delete(target: u64, by: u128, at: u64) -> Event {
    let (target, from) = (Uuid::from_u128(target.into()), Author::new(Uuid::from_u128(by), "x"));
    let (room, order) = ("lobby".to_owned(), place(at));
    Event::Deleted(Deleted { room, target, from, order, own: false, late: false, past: false })
}

fn react(target: u64, by: u128, at: u64, with: &str) -> Event {
    let (target, from) = (Uuid::from_u128(target.into()), Author::new(Uuid::from_u128(by), "x"));
    let (room, order, with) = ("lobby".to_owned(), place(at), with.into());
    Event::Reaction(Reaction { room, target, from, with, order, own: false, late: false, past: false })
}

#[test]
fn nothing_changes_a_whisper_whatever_comes_first() {
    let contract = contract();
    let whisper = contract.iter().find(|event| matches!(event, Event::Whisper { .. })).unwrap();
    let Event::Whisper { id, from, .. } = whisper else { panic!("no whisper") };
    let changes = contract.iter().cloned().filter_map(|mut event| {
        if let Event::Edited(edited) = &mut event {
            (edited.target, edited.from) = (*id, from.clone());
        } else if let Event::Deleted(deleted) = &mut event {
            (deleted.target, deleted.from) = (*id, from.clone());
        } else if let Event::Reaction(reaction) = &mut event {
            reaction.target = *id;
        } else {
            return None;
        }
        Some(event)
    });
    let changes: Vec<Event> = changes.collect();
    assert_eq!(changes.len(), 3);
    let lines = |events: Vec<&Event>| -> Vec<Line> {
        let mut transcript = Transcript::of_newest(9);
        events.into_iter().for_each(|event| transcript.apply(event));
        transcript.lines().cloned().collect()
    };
    let alone = lines(vec![whisper]);
    assert_eq!(lines([whisper].into_iter().chain(&changes).collect()), alone);
    assert_eq!(lines(changes.iter().chain([whisper]).collect()), alone);
}
