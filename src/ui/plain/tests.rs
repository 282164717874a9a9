//! What people read

use proptest::prelude::*;

use super::*;
use crate::{event::tests::contract, sanitize::is_hidden};

#[test]
fn a_session_reads_like_a_conversation() {
    let expected = "\
-- you are alice in lobby
-- bob joined (198.18.0.2)
-- bob is gone
-- bob is now rob
12:03 bob: hi
12:03 alice: ho
12:03 bob whispers: psst
12:03 you whisper to rob: what
-- whisper to rob: delivered
-- 3 lines of bob have not arrived
!! nobody here is called bob
-- 1 other is here
   bob  198.18.0.2:25253       00000000-0000-8000-8000-00000000000b
-- plain text on 0.0.0.0:8899 in UTF-8, else gbk; lines go to 198.18.0.2:8899
12:03 198.18.0.2:8899: 你好
      c4 e3 ba c3
12:03 to 198.18.0.2:8899: hi
12:03 guest 198.18.0.9:8899 (not verified, not all of it is utf-8): hi
12:03 bob (late): hello?
-- all lines of bob are here now
2026-11-22 12:03 alice (earlier): yesterday
12:03 bob whispers: psst
12:03 you whisper to bob: well?
-- the name bob means bob from now on; /verify bob makes sure that it is they
-- compare these words with bob, aloud and not in this chat; /verify with your name shows them there:
      abandon ability able about
      above absent absorb abstract
-- if all are the same, /trust bob notes it; if not, somebody stands in between
!!
!! WARNING: somebody else is called Bob now, with another key than the bob~0000 that you know.
!! It may be the same person on another machine, or somebody who wants to pass for them.
!! Ask them, not in this chat; /verify Bob~c000 has words to compare.
!! Nothing is whispered to that name until you say who is meant:
!!    /trust bob~0000   the one whom you know; the other stays Bob~c000
!!    /trust Bob~c000   the new one, from now on
!!
-- Bob~c000 is blocked: nothing of theirs is shown or answered until /unblock Bob~c000
-- blocked, until /unblock NAME:
   Bob~c000  c0000000-0000-8000-8000-00000000000c
-- 2 others are here
   bob       198.18.0.2:25253       00000000-0000-8000-8000-00000000000b  verified
   Bob~c000  198.18.0.3:25253       c0000000-0000-8000-8000-00000000000c  blocked
-- you are alice in attic (private)
-- nobody answers with this code
12:04 bob ↳ alice \"ho\": tea?
12:04 bob edited \"tea?\": coffee?
-- alice reacted 👍 to \"coffee?\"
-- bob deleted \"hi\" (whoever has it may keep it)
-- bob set the topic: cats
-- bob is away: at lunch
-- 1 of 2 have an earlier line; not yet: Bob~c000
2026-11-22 12:04 bob (earlier) (edited): so there
";
    assert_eq!(rendered(plain(false), &contract()), expected);
}

#[test]
fn where_one_types_the_own_lines_are_not_repeated() {
    let lines = rendered(plain(true), &contract());
    assert!(lines.contains("/help for more"));
    assert!(lines.contains("bob: hi") && lines.contains("whisper to rob: delivered"), "{lines}");
    assert!(!lines.contains("alice: ho") && !lines.contains(": what"), "{lines}");
    assert!(lines.contains("alice (earlier): yesterday"), "{lines}");
}

#[test]
fn that_nothing_can_be_stored_is_said_once_until_something_is_sent_again() {
    let error = Event::error(ErrorCode::NotStored, "make room");
    let own = contract()[5].clone();
    let lines = rendered(plain(true), &[error.clone(), error.clone(), own.clone(), own, error]);
    assert_eq!(lines, "!! make room\n-- what you say is sent again\n!! make room\n");
}

#[test]
fn a_name_taken_twice_is_told_apart() {
    let mut events = contract()[..2].to_vec();
    events.push(contract()[1].clone());
    if let Event::Peer { id, .. } = &mut events[2] {
        *id = Uuid::from_u128(0xbeef << 112);
    }
    assert!(rendered(plain(false), &events).ends_with("-- bob~beef joined (198.18.0.2)\n"));
}

#[test]
fn columns_line_up_under_wide_names() {
    let peer =
        |id: u128, name: &str| Peer::new(Uuid::from_u128(id), name, "198.18.0.2:25253".parse().unwrap());
    let table = table(&[peer(1, "张伟"), peer(2, "bob")], &View::default(), "");
    let starts: Vec<&str> = table.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(starts, ["张伟", "bob "].map(|name| name.trim_end()));
    assert!(table.contains("张伟  198") && table.contains("bob   198"), "{table}");
}

proptest! {
    #[test]
    fn nothing_that_others_write_reaches_the_screen_as_it_is(name in any::<String>(), text in any::<String>()) {
        let mut poisoned = contract();
        poisoned.iter_mut().for_each(|event| poison(event, &name, &text));
        let mut transcript = Transcript::default();
        poisoned.iter().for_each(|event| transcript.apply(event));
        let lines = plain(true).earlier(&transcript, &View::default()) + &rendered(plain(false), &poisoned);
        prop_assert!(!lines.chars().any(|c| c != '\n' && is_hidden(c)), "{:?}", lines);
    }
}

/// On the day of the contract
pub(super) fn plain(typed_here: bool) -> Plain {
    let clock = || "2026-11-23T23:00:00Z".parse().unwrap();
    Plain { clock, ..Plain::new(TimeZone::UTC, typed_here) }
}

fn rendered(mut plain: Plain, events: &[Event]) -> String {
    let mut view = View::default();
    let mut lines = String::new();
    for event in events {
        view.apply(event);
        lines += &plain.render(event, &view);
    }
    lines
}

fn poison(event: &mut Event, bad_name: &str, bad_text: &str) {
    match event {
        Event::Ready { name, .. } => *name = bad_name.into(),
        Event::Peer { name, was, note, .. } => {
            *name = bad_name.into();
            *note = Some(bad_text.into());
            *was = Some(bad_text.into());
        }
        Event::Message { from, text, .. } | Event::Whisper { from, text, .. } => {
            from.name = bad_name.into();
            *text = bad_text.into();
        }
        Event::Error { message, .. } | Event::Alone { message, .. } => bad_text.clone_into(message),
        Event::Peers { peers } => peers[0].name = bad_name.into(),
        Event::Raw(talking) => bad_name.clone_into(&mut talking.encoding),
        Event::Datagram(datagram) | Event::Guest(datagram) => datagram.text = bad_text.into(),
        Event::Gap { name, .. } => *name = Some(bad_name.into()),
        Event::Contact(contact) => contact.name = bad_name.into(),
        Event::Verify(verification) => bad_text.clone_into(&mut verification.words[0]),
        Event::Warning(warning) => {
            warning.name = bad_name.into();
            bad_text.clone_into(&mut warning.message);
        }
        Event::Blocked(blocked) => blocked.people[0].name = bad_name.into(),
        Event::Edited(edited) => {
            edited.from.name = bad_name.into();
            edited.text = bad_text.into();
        }
        Event::Deleted(deleted) => deleted.from.name = bad_name.into(),
        Event::Reaction(reaction) => {
            reaction.from.name = bad_name.into();
            reaction.with = bad_text.into();
        }
        Event::Topic(topic) => {
            topic.from = Some(Author::new(Uuid::nil(), bad_name));
            topic.text = bad_text.into();
        }
        Event::Typing(typing) => typing.name = bad_name.into(),
        Event::Received(received) => received.not_by[0].name = bad_name.into(),
        Event::Rooms { .. } | Event::Parted { .. } | Event::Holds(_) => {}
        Event::Help { .. } | Event::Delivery { .. } => {}
    }
}
