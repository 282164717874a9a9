use alloc::{
    format,
    string::{String, ToString},
};

use proptest::prelude::*;

use super::*;
use crate::Text;

const ANN: PeerKey = PeerKey::from_bytes([1; 32]);
const BOB: PeerKey = PeerKey::from_bytes([2; 32]);

fn inbox() -> Inbox {
    Inbox::new(BOB, ANN, (0, 0))
}

fn whisper(epoch: u64, seq: u64, oldest: u64) -> Whisper {
    part(&format!("{epoch}.{seq}"), 0, (epoch, seq, oldest))
}

/// Item `index` of a line at this place
fn part(line: &str, index: usize, (epoch, seq, oldest): (u64, u64, u64)) -> Whisper {
    let item = Item::from_text(&Text::new(line).unwrap()).remove(index);
    Whisper { epoch, seq, oldest, sent_at: WallTime::default(), item }
}

fn receive(inbox: &mut Inbox, whisper: Whisper) -> Result<(), NotKept> {
    inbox.receive(Time::ZERO, SocketAddr::from(([198, 18, 0, 1], 1)), whisper)
}

/// What is shown once `current` is stored
fn intake(inbox: &mut Inbox, current: Option<Ticket>) -> Vec<String> {
    let lines = core::iter::from_fn(|| inbox.poll_intake(current)).flat_map(|intake| intake.lines);
    lines.map(|line| line.text.to_string()).collect()
}

fn answer(inbox: &mut Inbox) -> Option<(u64, u64, u64)> {
    inbox.poll_answer().map(|(_, ack)| (ack.epoch, ack.upto, ack.beyond))
}

/// What is shown, and acknowledged, at once
fn hear(inbox: &mut Inbox, whisper: Whisper) -> (Vec<String>, Option<(u64, u64, u64)>) {
    receive(inbox, whisper).unwrap();
    (intake(inbox, None), answer(inbox))
}

proptest! {
    #[test]
    fn whispers_show_once_and_in_order_whatever_happens_on_the_way(
        order in Just((1..=20_u64).collect::<Vec<_>>()).prop_shuffle(),
        again in prop::collection::vec(1..=20_u64, 0..20),
    ) {
        let mut inbox = inbox();
        let (mut shown, mut acknowledged) = (Vec::new(), None);
        for seq in order.iter().chain(&again) {
            let (lines, answer) = hear(&mut inbox, whisper(7, *seq, 1));
            shown.extend(lines);
            acknowledged = answer;
        }
        prop_assert_eq!(acknowledged, Some((7, 20, 0)));
        prop_assert_eq!(shown, (1..=20).map(|n| format!("7.{n}")).collect::<Vec<_>>());
    }
}

#[test]
fn an_acknowledgement_names_what_came_out_of_order() {
    let mut inbox = inbox();
    hear(&mut inbox, whisper(7, 1, 1));
    hear(&mut inbox, whisper(7, 3, 1));
    assert_eq!(hear(&mut inbox, whisper(7, 6, 1)).1, Some((7, 1, 0b1001)));
}

#[test]
fn what_the_sender_gave_up_is_not_waited_for() {
    let mut inbox = inbox();
    assert_eq!(hear(&mut inbox, whisper(7, 1, 1)).0, ["7.1"]);
    assert_eq!(hear(&mut inbox, whisper(7, 4, 4)).0, ["7.4"]);
}

#[test]
fn what_came_after_something_given_up_is_not_lost_with_it() {
    let mut inbox = inbox();
    hear(&mut inbox, whisper(7, 1, 1));
    hear(&mut inbox, whisper(7, 3, 1));
    let (shown, answer) = hear(&mut inbox, whisper(7, 6, 6));
    assert_eq!(shown, ["7.3", "7.6"]);
    assert_eq!(answer, Some((7, 6, 0)));
}

#[test]
fn what_came_before_a_place_that_may_still_come_is_shown_and_the_rest_waits() {
    let mut inbox = inbox();
    hear(&mut inbox, whisper(7, 2, 1));
    let (shown, answer) = hear(&mut inbox, whisper(7, 6, 5));
    assert_eq!(shown, ["7.2"]);
    assert_eq!(answer, Some((7, 4, 0b1)));
}

#[test]
fn a_series_begun_anew_shows_and_the_old_one_does_not_come_back() {
    let mut inbox = inbox();
    assert_eq!(hear(&mut inbox, whisper(7, 1, 1)).0, ["7.1"]);
    assert_eq!(hear(&mut inbox, whisper(7, 3, 1)).0, [""; 0]);
    assert_eq!(hear(&mut inbox, whisper(8, 1, 1)).0, ["7.3", "8.1"]);
    assert_eq!(hear(&mut inbox, whisper(7, 2, 1)), (Vec::new(), Some((8, 1, 0))));
}

#[test]
fn a_long_whisper_is_acknowledged_whole() {
    let mut inbox = inbox();
    let long = "x".repeat(2_000);
    assert_eq!(hear(&mut inbox, part(&long, 0, (7, 1, 1))), (Vec::new(), Some((7, 0, 0))));
    assert_eq!(hear(&mut inbox, part(&long, 1, (7, 2, 1))), (Vec::new(), Some((7, 0, 0b1))));
    assert_eq!(hear(&mut inbox, part(&long, 2, (7, 3, 1))), ([long].to_vec(), Some((7, 3, 0))));
}

#[test]
fn a_long_whisper_that_is_given_up_is_shown_as_far_as_it_came() {
    let mut inbox = inbox();
    let long = "x".repeat(2_000);
    hear(&mut inbox, part(&long, 0, (7, 1, 1)));
    let (shown, answer) = hear(&mut inbox, whisper(7, 4, 4));
    assert_eq!(shown, ["x".repeat(900), "7.4".to_string()]);
    assert_eq!(answer, Some((7, 4, 0)));
}

#[test]
fn a_whisper_without_end_does_not_stop_those_after_it() {
    let mut inbox = inbox();
    let long = "x".repeat(8_000);
    let mut shown = hear(&mut inbox, part(&long, 0, (7, 1, 1))).0;
    for seq in 2..=32 {
        shown.extend(hear(&mut inbox, part(&long, 1, (7, seq, 1))).0);
    }
    assert_eq!(shown.len(), 1);
    assert_eq!(hear(&mut inbox, whisper(7, 33, 33)).0, ["7.33"]);
}

#[test]
fn nothing_is_acknowledged_before_it_is_stored() {
    let mut inbox = inbox();
    receive(&mut inbox, whisper(7, 1, 1)).unwrap();
    assert_eq!(intake(&mut inbox, Some(Ticket(1))), ["7.1"]);
    receive(&mut inbox, whisper(7, 2, 1)).unwrap();
    assert_eq!(intake(&mut inbox, Some(Ticket(1))), ["7.2"], "the same batch");
    receive(&mut inbox, whisper(7, 3, 1)).unwrap();
    assert_eq!(intake(&mut inbox, Some(Ticket(2))), [""; 0], "one batch after the other");
    assert_eq!(answer(&mut inbox), None);
    inbox.on_stored(Ticket(1));
    assert_eq!(answer(&mut inbox), Some((7, 2, 0)));
    assert_eq!(intake(&mut inbox, Some(Ticket(2))), ["7.3"]);
    inbox.on_stored(Ticket(2));
    assert_eq!(answer(&mut inbox), Some((7, 3, 0)));
    assert_eq!(answer(&mut inbox), None);
}

#[test]
fn what_could_not_be_stored_is_taken_when_it_comes_again() {
    let mut inbox = inbox();
    let long = "x".repeat(2_000);
    for (index, seq) in (0..3).zip(1..) {
        receive(&mut inbox, part(&long, index, (7, seq, 1))).unwrap();
    }
    assert_eq!(intake(&mut inbox, Some(Ticket(1))), [long.as_str()]);
    inbox.on_lost(Ticket(1));
    assert_eq!(answer(&mut inbox), None);
    receive(&mut inbox, part(&long, 2, (7, 3, 1))).unwrap();
    assert_eq!(intake(&mut inbox, Some(Ticket(2))), [long.as_str()]);
    inbox.on_stored(Ticket(2));
    assert_eq!(answer(&mut inbox), Some((7, 3, 0)));
}

#[test]
fn what_was_stored_before_is_acknowledged_and_not_shown() {
    let mut inbox = Inbox::new(BOB, ANN, (7, 5));
    assert_eq!(hear(&mut inbox, whisper(7, 5, 5)), (Vec::new(), Some((7, 5, 0))));
    assert_eq!(hear(&mut inbox, whisper(7, 6, 5)).0, ["7.6"]);
}

#[test]
fn what_cannot_be_kept_is_not_acknowledged() {
    let mut inbox = inbox();
    assert_eq!(receive(&mut inbox, whisper(7, WINDOW + 1, 1)), Err(NotKept));
    assert_eq!(hear(&mut inbox, whisper(7, u64::MAX, u64::MAX)).1, Some((7, u64::MAX, 0)));
    assert_eq!(hear(&mut inbox, whisper(7, u64::MAX, u64::MAX)).1, Some((7, u64::MAX, 0)));
}

#[test]
fn what_is_kept_while_the_store_is_busy_has_a_bound() {
    let mut inbox = inbox();
    receive(&mut inbox, whisper(7, 1, 1)).unwrap();
    intake(&mut inbox, Some(Ticket(1)));
    let kept = (2..10_000).filter(|seq| receive(&mut inbox, whisper(7, *seq, *seq)).is_ok()).count();
    assert!(kept < MAX_WAITING, "{kept}");
}
