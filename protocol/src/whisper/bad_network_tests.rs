//! Two who whisper across a network that loses, repeats and reorders

use alloc::{format, string::String, vec, vec::Vec};
use core::time::Duration;

use super::*;

const ANN: PeerKey = PeerKey::from_bytes([1; 32]);
const BOB: PeerKey = PeerKey::from_bytes([2; 32]);

struct Pair {
    rng: Rng,
    now: Time,
    ann: Whispers,
    bob: Whispers,
    whispers: Vec<Whisper>,
    acks: Vec<WhisperAck>,
    said: Vec<(MessageId, String)>,
    /// What each run of Bob's program showed
    shown: Vec<Vec<Line>>,
    ended: Vec<Progress>,
}

impl Pair {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            now: Time::from_secs(1),
            ann: Whispers::new(ANN, 5),
            bob: Whispers::new(BOB, 5),
            whispers: Vec::new(),
            acks: Vec::new(),
            said: Vec::new(),
            shown: vec![Vec::new()],
            ended: Vec::new(),
        }
    }

    fn say(&mut self) {
        let length = [1, 2_000][usize::from(self.rng.u8(0..4) == 0)];
        let line = format!("{}{}", self.said.len(), "x".repeat(length));
        let text = Text::new(&line).unwrap();
        if let Some(id) = self.ann.queue(self.now, BOB, &text, WallTime::default()) {
            self.said.push((id, line));
        }
    }

    /// Some of what is on the way arrives, in any order; some of it stays on the way, too
    fn carry(&mut self) {
        for _ in 0..self.rng.usize(0..8) {
            if !self.whispers.is_empty() {
                let index = self.rng.usize(0..self.whispers.len());
                let again = self.rng.u8(0..5) == 0;
                let whisper = self.whispers[index].clone();
                if !again {
                    self.whispers.swap_remove(index);
                }
                if self.rng.u8(0..10) > 2 {
                    self.acks.extend(self.bob.accept(self.now, ANN, whisper));
                    self.shown.last_mut().unwrap().extend(core::iter::from_fn(|| self.bob.poll_line(&ANN)));
                }
            }
            if !self.acks.is_empty() {
                let ack = self.acks.swap_remove(self.rng.usize(0..self.acks.len()));
                if self.rng.u8(0..10) > 2 {
                    self.ann.on_ack(self.now, &BOB, &ack);
                }
            }
        }
    }

    fn wait(&mut self) {
        self.now += Duration::from_micros(self.rng.u64(0..400_000));
        let ended = core::iter::from_fn(|| self.ann.poll_progress(self.now));
        self.ended.extend(ended.map(|(_, progress)| progress));
        while let Some((_, whisper, _)) = self.ann.poll_transmit(self.now, |_| true, &mut self.rng) {
            self.whispers.push(whisper);
        }
    }

    /// Bob's program starts anew; what was on the way is from before its announcement and so not taken in
    fn restart(&mut self) {
        self.bob = Whispers::new(BOB, 6);
        self.shown.push(Vec::new());
        self.whispers.clear();
        self.ann.resume(self.now, &BOB);
    }

    /// Whether all that was said is on its way or delivered
    fn gave_nothing_up(&self) -> bool {
        !self.ended.iter().any(|progress| matches!(progress, Progress::Expired(_)))
    }

    fn assert_sound(&self) {
        for run in &self.shown {
            let find = |line: &Line| self.said.iter().position(|(id, _)| *id == line.id);
            let places: Vec<_> = run.iter().filter_map(find).collect();
            assert!(places.is_sorted_by(|one, other| one < other), "{places:?}");
            let is_whole = |line: &Line| find(line).is_some_and(|at| self.said[at].1 == line.text.as_str());
            assert!(run.iter().all(is_whole) || !self.gave_nothing_up());
        }
        let delivered = self.ended.iter().filter_map(|progress| match progress {
            Progress::Delivered(id) => Some(*id),
            Progress::Sent(_) | Progress::Expired(_) => None,
        });
        for id in delivered {
            assert!(self.shown.iter().flatten().any(|line| line.id == id), "{id:?} was not shown");
        }
    }
}

fn converse(seed: u64, restarts: bool) -> Pair {
    let mut pair = Pair::new(seed);
    for turn in 0..300 {
        if turn < 100 && pair.rng.u8(0..3) == 0 {
            pair.say();
        }
        if restarts && pair.rng.u8(0..60) == 0 {
            pair.restart();
        }
        pair.wait();
        pair.carry();
    }
    pair
}

#[test]
fn whispers_are_shown_whole_once_and_in_order_and_delivered_ones_were_shown() {
    for seed in 0..100 {
        let pair = converse(seed, false);
        pair.assert_sound();
        assert_eq!(pair.ended.len(), pair.said.len(), "seed {seed}");
    }
}

#[test]
fn each_run_of_a_receiver_shows_whispers_whole_and_once() {
    let conversations: Vec<_> = (0..100).map(|seed| converse(seed, true)).collect();
    conversations.iter().for_each(Pair::assert_sound);
    assert!(conversations.iter().all(Pair::gave_nothing_up));
}
