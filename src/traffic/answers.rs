//! `Answers`: the answers that one backend is certain to give, in order of time.

use std::collections::VecDeque;

use super::attempts::Ticket;

/// Answers that overtake more than so many others find their place by bisection.
const NEAR: usize = 16;

/// The answers to come of one backend.
///
/// A ring in order of time. Answers come nearly in the order of their requests (one overtakes about as many as there
/// are workers), so that a new one is put in from the back, which is cheaper than a heap.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    ring: VecDeque<Answer>,
    /// When the first one comes; infinite without any.
    next: f64,
}

/// The answer that an attempt will get.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Answer {
    /// When its client has it, seconds since the scenario began.
    pub at: f64,
    /// Whose it is.
    pub ticket: Ticket,
}

impl Answers {
    pub(super) const fn new() -> Self {
        Self {
            ring: VecDeque::new(),
            next: f64::INFINITY,
        }
    }

    /// When the next one comes; infinite without any.
    #[inline]
    pub(super) const fn next(&self) -> f64 {
        self.next
    }

    /// Takes the next one out if it comes by `now`.
    #[inline]
    pub(super) fn pop(&mut self, now: f64) -> Option<Answer> {
        if self.next > now {
            return None;
        }
        let first = self.ring.pop_front();
        self.next = self.ring.front().map_or(f64::INFINITY, |next| next.at);
        first
    }

    #[inline]
    pub(super) fn push(&mut self, answer: Answer) {
        if answer.at < self.next {
            self.next = answer.at;
        }
        let count = self.ring.len();
        if self.ring.back().is_none_or(|last| last.at <= answer.at) {
            return self.ring.push_back(answer);
        }
        // A place far from the end is found by bisection, a near one by letting the others by one after the other.
        if count > NEAR && self.ring[count - NEAR].at > answer.at {
            let place = self.ring.partition_point(|other| other.at <= answer.at);
            return self.ring.insert(place, answer);
        }
        self.ring.push_back(answer);
        let mut place = count;
        while place > 0 && self.ring[place - 1].at > answer.at {
            self.ring[place] = self.ring[place - 1];
            place -= 1;
        }
        self.ring[place] = answer;
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempts::{Attempt, Attempts};
    use super::super::balancer::Choice;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_come_in_order_of_time(times in prop::collection::vec(0_u32..100, 0..200)) {
            let mut attempts = Attempts::new();
            let mut answers = Answers::new();
            for time in &times {
                let ticket = attempts.insert(Attempt {
                    first: 0.0,
                    began: 0.0,
                    latency: 0.0,
                    link_wait: 0.0,
                    number: 1,
                    choice: Choice { slot: 0, dispatcher: 0, client: 0 },
                });
                answers.push(Answer { at: f64::from(*time), ticket });
            }
            let mut expected: Vec<f64> = times.iter().copied().map(f64::from).collect();
            expected.sort_by(f64::total_cmp);
            let half = expected.partition_point(|at| *at <= 50.0);
            let first: Vec<f64> = std::iter::from_fn(|| answers.pop(50.0)).map(|next| next.at).collect();
            prop_assert_eq!(&first, &expected[..half]);
            let rest: Vec<f64> =
                std::iter::from_fn(|| answers.pop(1e9)).map(|next| next.at).collect();
            prop_assert_eq!(&rest, &expected[half..]);
        }
    }
}
