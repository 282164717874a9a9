use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{Doors, House, Outcome};
use crate::event::Event;

/// Waits for all rooms at once
pub(super) struct Waiting<'a> {
    nexts: Vec<Next<'a, Event>>,
    doors: &'a mut Doors,
    turn: &'a mut usize,
}

type Next<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

impl<'a> Waiting<'a> {
    pub(super) fn of(house: &'a mut House) -> Self {
        let nexts = house.sessions.iter_mut();
        let nexts = nexts.map(|session| Box::pin(session.next()) as Next<'a, Event>).collect();
        Self { nexts, doors: &mut house.doors, turn: &mut house.turn }
    }
}

impl Future for Waiting<'_> {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let Self { nexts, doors, turn } = self.get_mut();
        match poll_in_turn(nexts, turn, cx) {
            Poll::Ready((index, event)) => Poll::Ready(Outcome::Event(index, Box::new(event))),
            Poll::Pending => doors.poll(cx),
        }
    }
}

/// Asks all, another one first each time: who is flooded uses up what the runtime gives to one task at once
fn poll_in_turn<T>(nexts: &mut [Next<'_, T>], turn: &mut usize, cx: &mut Context<'_>) -> Poll<(usize, T)> {
    let (all, first) = (nexts.len(), *turn);
    *turn = first.wrapping_add(1);
    for index in (0..all).map(|at| (first % all + at) % all) {
        if let Poll::Ready(value) = nexts[index].as_mut().poll(cx) {
            return Poll::Ready((index, value));
        }
    }
    Poll::Pending
}

#[cfg(test)]
mod tests {
    use std::{future, task::Waker};

    use super::*;

    fn asked(futures: impl Fn() -> Vec<Next<'static, ()>>, times: usize) -> Vec<usize> {
        let (mut turn, mut cx) = (0, Context::from_waker(Waker::noop()));
        let mut ready = Vec::new();
        for _ in 0..times {
            if let Poll::Ready((index, ())) = poll_in_turn(&mut futures(), &mut turn, &mut cx) {
                ready.push(index);
            }
        }
        ready
    }

    #[test]
    fn rooms_that_always_have_something_to_tell_tell_it_in_turn() {
        let all = || (0..3).map(|_| Box::pin(future::ready(())) as Next<'static, ()>).collect();
        assert_eq!(asked(all, 6), [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn a_room_that_has_nothing_to_tell_keeps_nobody_waiting() {
        let last = || vec![Box::pin(future::pending()) as Next<'static, ()>, Box::pin(future::ready(()))];
        assert_eq!(asked(last, 3), [1, 1, 1]);
        let nothing = || vec![Box::pin(future::pending()) as Next<'static, ()>];
        assert!(asked(nothing, 3).is_empty());
    }

    #[test]
    fn whoever_comes_second_is_asked_first_the_next_time() {
        let (mut turn, mut cx) = (0, Context::from_waker(Waker::noop()));
        let mut nothing: Vec<Next<'_, ()>> = vec![Box::pin(future::pending()), Box::pin(future::pending())];
        assert!(poll_in_turn(&mut nothing, &mut turn, &mut cx).is_pending());
        let mut both: Vec<Next<'_, ()>> = vec![Box::pin(future::ready(())), Box::pin(future::ready(()))];
        assert_eq!(poll_in_turn(&mut both, &mut turn, &mut cx), Poll::Ready((1, ())));
    }
}
