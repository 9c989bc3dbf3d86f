//! `Retries`: attempts that are waiting to be made again, and the budget that allows them.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rand::RngExt;

use super::balancer::Choice;
use super::retry::RetrySpec;
use crate::stats::Stream;

/// The most attempts that wait at the same time; who fails beyond gives up.
const MOST_WAITING: usize = 10_000_000;

/// Windows of the budget, one second each: what is earned is good for ten seconds, as in Finagle's `RetryBudget`.
const WINDOWS: u8 = 10;

/// The most attempts of one request, whatever is asked for: where nothing delays them they all come at one instant.
const MOST_ATTEMPTS: u32 = 100;

/// The doubling of the wait ends here; by then it is longer than any run.
const MOST_DOUBLINGS: u32 = 60;

/// Attempts to come, and who may make one.
#[derive(Clone, Debug)]
pub(super) struct Retries {
    spec: RetrySpec,
    jitter: Stream,
    waiting: BinaryHeap<Waiting>,
    budget: Budget,
}

/// An attempt to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// When it will be made, seconds since the scenario began.
    pub at: f64,
    /// When the request's first attempt began.
    pub first: f64,
    /// Who makes it, and how the last one went; `None` where there was nothing to choose from.
    pub earlier: Option<Choice>,
    /// Which one it is; the first retry is number 2.
    pub number: u32,
}

impl Retries {
    pub(super) fn new(spec: RetrySpec, jitter: Stream) -> Self {
        Self {
            spec,
            jitter,
            waiting: BinaryHeap::new(),
            budget: Budget::new(spec.budget),
        }
    }

    /// A first attempt is made at `now`, which earns its share of a retry.
    #[inline]
    pub(super) fn earn(&mut self, now: f64) {
        if self.spec.attempts > 1 {
            self.budget.earn(now);
        }
    }

    /// Attempt `number` of a request failed at `now`. Whether it will be made again.
    #[inline]
    pub(super) fn plan(
        &mut self,
        now: f64,
        first: f64,
        earlier: Option<Choice>,
        number: u32,
    ) -> Planned {
        if number >= self.spec.attempts.min(MOST_ATTEMPTS)
            || self.waiting.len() >= MOST_WAITING
            || !self.budget.spend(now)
        {
            return Planned::GivenUp;
        }
        let doublings = number.saturating_sub(1).min(MOST_DOUBLINGS);
        let longest = self.spec.backoff.as_seconds().max(0.0) * 2_f64.powi(doublings.cast_signed());
        self.waiting.push(Waiting {
            at: now + longest * self.jitter.random::<f64>(),
            first,
            earlier,
            number: number + 1,
        });
        Planned::Again
    }

    /// When the next one is made; infinite without any.
    #[inline]
    pub(super) fn next(&self) -> f64 {
        self.waiting.peek().map_or(f64::INFINITY, |next| next.at)
    }

    /// Takes the next one out.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop()
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

/// Whether a failed attempt is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planned {
    /// After its backoff.
    Again,
    /// No more attempts, no budget, or too many that wait.
    GivenUp,
}

/// Tokens earned and spent over the last ten seconds.
#[derive(Clone, Debug)]
struct Budget {
    /// Tokens that a request earns; a retry costs one.
    share: f64,
    /// Earned less spent, of each of the last windows.
    balances: [f64; WINDOWS as usize],
    /// The present window, in seconds since the scenario began.
    window: i64,
    /// When it ends.
    until: f64,
}

impl Budget {
    fn new(share: f64) -> Self {
        Self {
            share: if share > 0.0 { share } else { 0.0 },
            balances: [0.0; WINDOWS as usize],
            window: 0,
            until: f64::NEG_INFINITY,
        }
    }

    #[inline]
    fn earn(&mut self, now: f64) {
        if now >= self.until {
            self.turn(now);
        }
        self.balances[Self::place(self.window)] += self.share;
    }

    fn spend(&mut self, now: f64) -> bool {
        if self.share.is_infinite() {
            return true;
        }
        if now >= self.until {
            self.turn(now);
        }
        // Ten times a tenth is a token, whatever the sum's last digit.
        if self.balances.iter().sum::<f64>() < 1.0 - 1e-9 {
            return false;
        }
        self.balances[Self::place(self.window)] -= 1.0;
        true
    }

    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    fn turn(&mut self, now: f64) {
        let window = now.floor() as i64;
        let passed = window
            .saturating_sub(self.window)
            .clamp(0, i64::from(WINDOWS));
        for step in 0..passed {
            self.balances[Self::place(window.saturating_sub(step))] = 0.0;
        }
        self.window = window;
        self.until = now.floor() + 1.0;
    }

    fn place(window: i64) -> usize {
        usize::try_from(window.rem_euclid(i64::from(WINDOWS))).unwrap_or_default()
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    /// The earliest is the greatest, so that a heap has it on top.
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .at
            .total_cmp(&self.at)
            .then_with(|| other.first.total_cmp(&self.first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Purpose, stream};
    use crate::units::SimDuration;

    fn retries(attempts: u32, budget: f64) -> Retries {
        Retries::new(
            RetrySpec {
                attempts,
                backoff: SimDuration::from_seconds(1),
                budget,
            },
            stream(1, 0, Purpose::Retry, 0),
        )
    }

    #[test]
    fn the_last_attempt_is_not_made_again() {
        let mut retries = retries(3, f64::INFINITY);
        assert_eq!(retries.plan(0.0, 0.0, None, 2), Planned::Again);
        assert_eq!(retries.plan(0.0, 0.0, None, 3), Planned::GivenUp);
    }

    #[test]
    fn the_wait_is_uniform_up_to_a_bound_that_doubles() {
        let mut retries = retries(9, f64::INFINITY);
        for number in 1..=4 {
            let count = 2000;
            for _ in 0..count {
                retries.plan(100.0, 0.0, None, number);
            }
            let waits: Vec<f64> = std::iter::from_fn(|| retries.pop())
                .map(|next| next.at - 100.0)
                .collect();
            let longest = 2_f64.powi(number.cast_signed() - 1);
            let mean = waits.iter().sum::<f64>() / f64::from(count);
            assert!(waits.iter().all(|wait| (0.0..=longest).contains(wait)));
            assert!((mean / longest - 0.5).abs() < 0.03, "{mean} of {longest}");
        }
    }

    #[test]
    fn ten_requests_earn_one_retry_at_a_tenth() {
        let mut retries = retries(2, 0.1);
        for request in 0..10 {
            assert_eq!(
                retries.plan(0.5, 0.0, None, 1),
                Planned::GivenUp,
                "{request}"
            );
            retries.earn(0.5);
        }
        assert_eq!(retries.plan(0.5, 0.0, None, 1), Planned::Again);
        assert_eq!(retries.plan(0.5, 0.0, None, 1), Planned::GivenUp);
    }

    #[test]
    fn what_was_earned_is_lost_after_ten_seconds() {
        let mut retries = retries(2, 1.0);
        retries.earn(0.5);
        assert_eq!(retries.clone().plan(9.9, 0.0, None, 1), Planned::Again);
        assert_eq!(retries.plan(10.1, 0.0, None, 1), Planned::GivenUp);
    }

    #[test]
    fn odd_budgets_allow_none() {
        for budget in [0.0, -1.0, f64::NAN] {
            let mut retries = retries(2, budget);
            retries.earn(0.0);
            assert_eq!(retries.plan(0.0, 0.0, None, 1), Planned::GivenUp);
        }
    }
}
