use super::*;

const ANN: PeerKey = PeerKey::from_bytes([1; 32]);
const BOB: PeerKey = PeerKey::from_bytes([2; 32]);

fn outbox() -> Outbox {
    Outbox::new(ANN, BOB, 7, 1)
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

fn queue(outbox: &mut Outbox, now: Time, line: &str) -> Option<MessageId> {
    outbox.queue(now, &text(line), WallTime::default(), None).map(|kept| kept.id)
}

fn transmits(outbox: &mut Outbox, now: Time) -> Vec<u64> {
    let mut rng = Rng::with_seed(1);
    core::iter::from_fn(|| outbox.poll_transmit(now, &mut rng)).map(|(whisper, _)| whisper.seq).collect()
}

fn ack(upto: u64, beyond: u64) -> WhisperAck {
    WhisperAck { epoch: 7, upto, beyond }
}

#[test]
fn a_whisper_is_repeated_more_and_more_slowly_until_it_is_acknowledged() {
    let mut outbox = outbox();
    let id = queue(&mut outbox, Time::ZERO, "psst").unwrap();
    let mut times = Vec::new();
    for _ in 0..4 {
        let now = outbox.poll_timeout(true).unwrap();
        assert_eq!(transmits(&mut outbox, now), [1]);
        times.push(now);
    }
    assert_eq!(times[0], Time::ZERO);
    assert!(times[3].since(times[2]) > times[2].since(times[1]));
    outbox.on_ack(times[3], &ack(1, 0));
    assert_eq!(outbox.poll_progress(times[3]), Some(Progress::Delivered(id)));
    assert!(outbox.is_empty());
    assert_eq!(outbox.poll_timeout(true), None);
}

/// What is sent until a whisper is given up, if nobody ever answers: when, in seconds
fn attempts_until_given_up(outbox: &mut Outbox) -> Vec<u64> {
    let mut attempts = Vec::new();
    let mut now = Time::ZERO;
    while outbox.poll_progress(now).is_none() {
        attempts.extend(transmits(outbox, now).iter().map(|_| now.since(Time::ZERO).as_secs()));
        now = outbox.poll_timeout(true).unwrap();
    }
    assert_eq!(now, Time::ZERO + Outbox::PATIENCE);
    attempts
}

#[test]
fn nobody_answering_costs_little_and_has_an_end() {
    let mut outbox = outbox();
    queue(&mut outbox, Time::ZERO, "psst").unwrap();
    let attempts = attempts_until_given_up(&mut outbox);
    let in_the_first_minute = attempts.iter().filter(|at| **at < 60).count();
    assert!((20..40).contains(&in_the_first_minute), "{in_the_first_minute}");
    let on_the_second_day = attempts.iter().filter(|at| **at / 86_400 == 1).count();
    assert!((2_600..3_300).contains(&on_the_second_day), "{on_the_second_day}");
    assert_eq!(outbox.poll_timeout(true), None);
}

#[test]
fn silence_towards_somebody_absent_costs_nothing() {
    let mut outbox = outbox();
    queue(&mut outbox, Time::ZERO, "psst").unwrap();
    assert_eq!(outbox.poll_timeout(false), Some(Time::ZERO + Outbox::PATIENCE));
}

#[test]
fn only_what_was_not_acknowledged_is_repeated() {
    let mut outbox = outbox();
    for _ in 0..4 {
        queue(&mut outbox, Time::ZERO, "psst").unwrap();
    }
    assert_eq!(transmits(&mut outbox, Time::ZERO), [1, 2, 3, 4]);
    outbox.on_ack(Time::from_millis(1), &ack(1, 0b01));
    assert!(outbox.poll_progress(Time::from_millis(1)).is_some());
    assert_eq!(transmits(&mut outbox, Time::from_secs(1)), [2, 4]);
}

#[test]
fn what_the_other_side_kept_and_forgot_is_repeated() {
    let mut outbox = outbox();
    for _ in 0..3 {
        queue(&mut outbox, Time::ZERO, "psst").unwrap();
    }
    transmits(&mut outbox, Time::ZERO);
    outbox.on_ack(Time::from_millis(1), &ack(0, 0b11));
    assert_eq!(transmits(&mut outbox, Time::from_secs(1)), [1]);
    outbox.on_ack(Time::from_secs(1), &ack(0, 0b10));
    assert_eq!(transmits(&mut outbox, Time::from_secs(2)), [1, 2]);
}

#[test]
fn what_is_kept_behind_something_given_up_is_sent_once_more_and_delivered_only_then() {
    let mut outbox = outbox();
    let end = Time::ZERO + Outbox::PATIENCE;
    let first = queue(&mut outbox, Time::ZERO, "a").unwrap();
    let second = queue(&mut outbox, Time::from_secs(9), "b").unwrap();
    transmits(&mut outbox, Time::from_secs(9));
    outbox.on_ack(Time::from_secs(9), &ack(0, 0b01));
    assert_eq!(transmits(&mut outbox, end - Duration::from_secs(1)), [1]);
    assert_eq!(outbox.poll_progress(end), Some(Progress::Expired(first)));
    assert_eq!(outbox.poll_progress(end), None);
    assert_eq!(transmits(&mut outbox, end), [2]);
    outbox.on_ack(end, &ack(2, 0));
    assert_eq!(outbox.poll_progress(end), Some(Progress::Delivered(second)));
}

#[test]
fn whoever_starts_anew_has_kept_nothing() {
    let mut outbox = outbox();
    for line in ["a", "b"] {
        queue(&mut outbox, Time::ZERO, line).unwrap();
    }
    transmits(&mut outbox, Time::ZERO);
    outbox.on_ack(Time::ZERO, &ack(0, 0b01));
    outbox.resume(Time::from_millis(10));
    assert_eq!(transmits(&mut outbox, Time::from_millis(10)), [1, 2]);
}

#[test]
fn a_long_whisper_is_delivered_when_its_last_part_is() {
    let mut outbox = outbox();
    let id = queue(&mut outbox, Time::ZERO, &"x".repeat(2_000)).unwrap();
    assert_eq!(transmits(&mut outbox, Time::ZERO), [1, 2, 3]);
    outbox.on_ack(Time::ZERO, &ack(2, 0));
    assert_eq!(outbox.poll_progress(Time::ZERO), None);
    outbox.on_ack(Time::ZERO, &ack(3, 0));
    assert_eq!(outbox.poll_progress(Time::ZERO), Some(Progress::Delivered(id)));
}

#[test]
fn no_more_than_a_window_is_on_the_way() {
    let mut outbox = outbox();
    for _ in 0..100 {
        queue(&mut outbox, Time::ZERO, "psst").unwrap();
    }
    assert_eq!(transmits(&mut outbox, Time::ZERO).len(), 32);
    outbox.on_ack(Time::ZERO, &ack(10, 0));
    while outbox.poll_progress(Time::ZERO).is_some() {}
    assert_eq!(transmits(&mut outbox, Time::ZERO).len(), 10);
}

#[test]
fn what_was_never_sent_cannot_be_acknowledged() {
    let mut outbox = outbox();
    queue(&mut outbox, Time::ZERO, "psst").unwrap();
    outbox.on_ack(Time::ZERO, &ack(u64::MAX, u64::MAX));
    assert_eq!(outbox.poll_progress(Time::ZERO), None);
    assert_eq!(transmits(&mut outbox, Time::ZERO), [1]);
}

#[test]
fn nothing_is_sent_before_it_is_stored_and_what_cannot_be_is_forgotten() {
    let mut outbox = outbox();
    for n in 1..=3 {
        outbox.queue(Time::ZERO, &text("psst"), WallTime::default(), Some(Ticket(n))).unwrap();
    }
    assert_eq!(transmits(&mut outbox, Time::ZERO), [0; 0]);
    assert_eq!(outbox.poll_timeout(true), None);
    outbox.on_stored(Ticket(1));
    assert_eq!(transmits(&mut outbox, Time::ZERO), [1]);
    assert_eq!(outbox.on_lost(Ticket(2)), 1);
    assert_eq!(outbox.on_lost(Ticket(2)), 0);
    outbox.on_stored(Ticket(3));
    assert_eq!(transmits(&mut outbox, Time::ZERO), [3]);
    outbox.on_ack(Time::ZERO, &ack(1, 0b01));
    assert!(outbox.poll_progress(Time::ZERO).is_some());
    assert_eq!(transmits(&mut outbox, Time::ZERO), [3], "nothing before it comes any more");
}

#[test]
fn what_waited_before_a_restart_waits_for_the_rest_of_its_time() {
    let kept = outbox().queue(Time::ZERO, &text("psst"), WallTime::default(), None).unwrap();
    let mut later = outbox();
    let day = Duration::from_secs(86_400);
    later.restore(Time::from_secs(5), &kept, 6 * day);
    assert_eq!(later.poll_timeout(false), Some(Time::from_secs(5) + day));
    assert_eq!(later.next_seq(), 2);
    let mut too_late = outbox();
    too_late.restore(Time::from_secs(5), &kept, 8 * day);
    assert_eq!(too_late.poll_progress(Time::from_secs(5)), Some(Progress::Expired(kept.id)));
}

#[test]
fn a_series_that_the_other_side_left_behind_does_not_wait_on() {
    let mut outbox = outbox();
    let sent = queue(&mut outbox, Time::ZERO, "a").unwrap();
    transmits(&mut outbox, Time::ZERO);
    queue(&mut outbox, Time::ZERO, "b").unwrap();
    outbox.on_ack(Time::ZERO, &WhisperAck { epoch: 8, ..ack(0, 0) });
    assert_eq!(outbox.poll_progress(Time::ZERO), Some(Progress::Expired(sent)));
    assert_eq!(outbox.poll_progress(Time::ZERO), None);
}

#[test]
fn what_waits_has_a_bound() {
    let mut outbox = outbox();
    let queued = (0..1_000).filter(|_| queue(&mut outbox, Time::ZERO, "x").is_some()).count();
    assert_eq!(queued, Outbox::MAX_LINES);
}

#[test]
fn a_short_round_trip_makes_for_quick_retries() {
    let mut outbox = outbox();
    queue(&mut outbox, Time::ZERO, "a").unwrap();
    transmits(&mut outbox, Time::ZERO);
    outbox.on_ack(Time::from_micros(400), &ack(1, 0));
    outbox.poll_progress(Time::from_micros(400));
    queue(&mut outbox, Time::from_secs(1), "b").unwrap();
    transmits(&mut outbox, Time::from_secs(1));
    let next = outbox.poll_timeout(true).unwrap();
    assert!(next.since(Time::from_secs(1)) <= Duration::from_millis(22));
}
