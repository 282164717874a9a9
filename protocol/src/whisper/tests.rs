use super::*;
use crate::wire::Item;

fn me() -> PeerKey {
    PeerKey::from_bytes([9; 32])
}

fn key(n: u16) -> PeerKey {
    PeerKey::from_bytes(core::array::from_fn(|i| if i < 2 { n.to_be_bytes()[i] } else { 77 }))
}

fn queue(whispers: &mut Whispers, now: Time, to: PeerKey, line: &str) -> Option<KeptWhisper> {
    whispers.queue(now, to, (&Text::new(line).unwrap(), WallTime::default()), None)
}

/// Whether a whisper is kept, and what is shown of it
fn hear(whispers: &mut Whispers, now: Time, from: PeerKey, seq: u64) -> (bool, usize) {
    let item = Item::from_text(&Text::new("psst").unwrap()).remove(0);
    let whisper = Whisper { epoch: 1, seq, oldest: 1, sent_at: WallTime::default(), item };
    let addr = SocketAddr::from(([198, 18, 0, 1], 1));
    let is_kept = whispers.receive(now, (from, addr), whisper).is_ok();
    let shown = core::iter::from_fn(|| whispers.poll_intake(None)).map(|intake| intake.lines.len()).sum();
    (is_kept, shown)
}

fn transmit(whispers: &mut Whispers, now: Time) -> Option<(PeerKey, u64, u64)> {
    let (to, whisper, _) = whispers.poll_transmit(now, |_| true, &mut Rng::with_seed(1))?;
    Some((to, whisper.epoch, whisper.seq))
}

fn acknowledge(whispers: &mut Whispers, now: Time, (from, epoch, upto): (PeerKey, u64, u64)) {
    whispers.on_ack(now, &from, &WhisperAck { epoch, upto, beyond: 0 });
}

#[test]
fn those_to_whom_nothing_is_on_the_way_make_room_for_others() {
    let mut whispers = Whispers::new(me(), 1);
    for n in 0..256 {
        assert!(queue(&mut whispers, Time::ZERO, key(n), "psst").is_some());
    }
    assert!(queue(&mut whispers, Time::ZERO, key(256), "psst").is_none());
    let later = Time::ZERO + Outbox::PATIENCE;
    while whispers.poll_progress(later, None).is_some() {}
    assert!(queue(&mut whispers, later, key(256), "psst").is_some());
}

#[test]
fn all_that_waits_has_a_bound() {
    let count = |line: &str| {
        let mut whispers = Whispers::new(me(), 1);
        (0..2_000).filter(|n| queue(&mut whispers, Time::ZERO, key(n % 250), line).is_some()).count()
    };
    assert_eq!(count("psst"), 1_000);
    assert_eq!(count(&"x".repeat(8_000)), (4 << 20) / 8_000);
}

#[test]
fn however_many_whisper_none_is_heard_twice_and_one_can_still_whisper() {
    let mut whispers = Whispers::new(me(), 1);
    assert_eq!(hear(&mut whispers, Time::ZERO, key(0), 1), (true, 1));
    for n in 1..=300 {
        assert_eq!(hear(&mut whispers, Time::from_secs(1), key(n), 1), (true, 1));
    }
    assert!(!whispers.inboxes.contains_key(&key(0)));
    assert_eq!(hear(&mut whispers, Time::from_secs(2), key(0), 1), (true, 0));
    assert!(queue(&mut whispers, Time::from_secs(2), key(500), "psst").is_some());
}

#[test]
fn who_leaves_whispers_unfinished_keeps_others_away_for_a_minute_at_most() {
    let mut whispers = Whispers::new(me(), 1);
    for n in 0..300 {
        assert_eq!(hear(&mut whispers, Time::ZERO, key(n), 2), (n < 256, 0));
    }
    assert_eq!(hear(&mut whispers, Time::from_secs(61), key(300), 1), (true, 1));
}

#[test]
fn a_conversation_begun_again_does_not_use_a_place_twice() {
    let mut whispers = Whispers::new(me(), 1);
    let whisper = |whispers: &mut Whispers, to: PeerKey| {
        queue(whispers, Time::ZERO, to, "psst").unwrap();
        let sent = transmit(whispers, Time::ZERO).unwrap();
        acknowledge(whispers, Time::ZERO, sent);
        while whispers.poll_progress(Time::ZERO, None).is_some() {}
        sent.2
    };
    assert_eq!(whisper(&mut whispers, key(0)), 1);
    for n in 1..=256 {
        whisper(&mut whispers, key(n));
    }
    assert!(!whispers.outboxes.contains_key(&(key(0), 1)));
    assert_eq!(whisper(&mut whispers, key(0)), 2);
}

#[test]
fn what_an_earlier_run_left_goes_first_and_what_is_new_begins_a_series() {
    let mut before = Whispers::new(me(), 1);
    let kept: Vec<_> = (0..2).filter_map(|_| queue(&mut before, Time::ZERO, key(1), "psst")).collect();
    let mut whispers = Whispers::new(me(), 2);
    whispers.restore((Time::ZERO, WallTime::default()), kept, Vec::new());
    queue(&mut whispers, Time::ZERO, key(1), "and more").unwrap();
    for place in [(1, 1), (1, 2)] {
        assert_eq!(transmit(&mut whispers, Time::ZERO), Some((key(1), place.0, place.1)));
    }
    assert_eq!(transmit(&mut whispers, Time::ZERO), None);
    acknowledge(&mut whispers, Time::ZERO, (key(1), 1, 2));
    while whispers.poll_progress(Time::ZERO, None).is_some() {}
    assert_eq!(transmit(&mut whispers, Time::ZERO), Some((key(1), 2, 1)));
}

#[test]
fn what_was_heard_before_a_restart_is_not_heard_again() {
    let mut whispers = Whispers::new(me(), 2);
    let heard = HeardUpTo { from: key(1), epoch: 1, upto: 3 };
    whispers.restore((Time::ZERO, WallTime::default()), Vec::new(), [heard].to_vec());
    assert_eq!(hear(&mut whispers, Time::ZERO, key(1), 3), (true, 0));
    assert_eq!(hear(&mut whispers, Time::ZERO, key(1), 4), (true, 1));
}

#[test]
fn a_new_series_waits_until_the_end_of_the_old_one_is_stored() {
    let kept = queue(&mut Whispers::new(me(), 1), Time::ZERO, key(1), "psst").unwrap();
    let mut whispers = Whispers::new(me(), 2);
    whispers.restore((Time::ZERO, WallTime::default()), [kept].to_vec(), Vec::new());
    queue(&mut whispers, Time::ZERO, key(1), "and more").unwrap();
    assert_eq!(transmit(&mut whispers, Time::ZERO), Some((key(1), 1, 1)));
    acknowledge(&mut whispers, Time::ZERO, (key(1), 1, 1));
    assert!(whispers.poll_progress(Time::ZERO, Some(Ticket(5))).is_some());
    whispers.on_stored(Ticket(4));
    assert_eq!(transmit(&mut whispers, Time::ZERO), None);
    whispers.on_stored(Ticket(5));
    assert_eq!(transmit(&mut whispers, Time::ZERO), Some((key(1), 2, 1)));
}
