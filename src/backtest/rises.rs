//! Rises: each recorded one beside the predicted one that answers it.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::counts::{Counts, is_left_out};
use crate::units::{SimDuration, SimTime};

/// A predicted rise further away than this answers no recorded one.
const FARTHEST: SimDuration = SimDuration::from_seconds(600);

/// A recorded rise, and the predicted one that answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rise {
    /// When it was seen.
    pub at: SimTime,
    /// Replicas before.
    pub from: u32,
    /// Replicas after.
    pub to: u32,
    /// What answers it.
    pub answer: RiseMatch,
}

/// What answers a recorded rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiseMatch {
    /// The prediction came to as many replicas, so much later; earlier where it is negative.
    Reached(SimDuration),
    /// The prediction rose as well, and stopped short by so many replicas.
    Short {
        /// How much later it was at its count.
        late: SimDuration,
        /// Replicas that are missing.
        by: u32,
    },
    /// It did not rise to such a count within ten minutes.
    Missed,
}

impl RiseMatch {
    /// How much later the answer came, s; `None` where there is none.
    #[must_use]
    pub fn late(self) -> Option<f64> {
        match self {
            Self::Reached(late) | Self::Short { late, .. } => Some(late.as_seconds()),
            Self::Missed => None,
        }
    }
}

/// Answers each recorded rise by the predicted crossing of its level that is nearest in time, each crossing being taken
/// once; where the prediction does not come to that level, by that of the highest level short of it by at most
/// `short_by`.
pub(super) fn rises(
    recorded: &Counts,
    predicted: &Counts,
    left_out: &[(SimTime, SimTime)],
    short_by: u32,
) -> Vec<Rise> {
    let (begin, end) = (predicted.begin(), predicted.end());
    let mut answers = Answers::of(predicted);
    recorded
        .changes()
        .filter(|(at, from, to)| {
            to > from && begin < *at && *at < end && !is_left_out(*at, left_out)
        })
        .map(|(at, from, to)| Rise {
            at,
            from,
            to,
            answer: answers.reached(at, to).unwrap_or_else(|| {
                let short = answers.short(at, to, short_by.min(to - from - 1));
                short.unwrap_or(RiseMatch::Missed)
            }),
        })
        .collect()
}

/// Predicted rises, by time, and which of their levels have answered.
struct Answers {
    rises: Vec<(SimTime, u32, u32)>,
    taken: HashSet<(SimTime, u32)>,
}

impl Answers {
    fn of(predicted: &Counts) -> Self {
        let rises = predicted.changes().filter(|(_, from, to)| from < to);
        Self {
            rises: rises.collect(),
            taken: HashSet::new(),
        }
    }

    /// The nearest crossing of a level; of two as near the earlier one.
    fn reached(&mut self, at: SimTime, level: u32) -> Option<RiseMatch> {
        let crosses = |(when, from, to): &&(SimTime, u32, u32)| {
            *from < level && level <= *to && !self.taken.contains(&(*when, level))
        };
        let first_after = self.rises.partition_point(|(when, _, _)| *when <= at);
        let is_near = |(when, _, _): &&(SimTime, u32, u32)| distance(*when, at) <= FARTHEST;
        let before = self.rises[..first_after].iter().rev();
        let before = before.take_while(is_near).find(crosses);
        let after = self.rises[first_after..].iter();
        let after = after.take_while(is_near).find(crosses);
        let both = before.into_iter().chain(after);
        let (when, _, _) = *both.min_by_key(|(when, _, _)| distance(*when, at))?;
        self.taken.insert((when, level));
        Some(RiseMatch::Reached(when - at))
    }

    /// Of those that end below a level, by at most `short_by`, the highest; of those the nearest, or the earlier one.
    fn short(&mut self, at: SimTime, level: u32, short_by: u32) -> Option<RiseMatch> {
        let from = self
            .rises
            .partition_point(|(when, _, _)| *when < at - FARTHEST);
        let near = self.rises[from..].iter();
        let (when, _, to) = *near
            .take_while(|(when, _, _)| *when <= at + FARTHEST)
            .filter(|(when, _, to)| {
                let is_short = *to < level && level - to <= short_by;
                is_short && !self.taken.contains(&(*when, *to))
            })
            .min_by_key(|(when, _, to)| (Reverse(*to), distance(*when, at)))?;
        self.taken.insert((when, to));
        Some(RiseMatch::Short {
            late: when - at,
            by: level - to,
        })
    }
}

fn distance(one: SimTime, other: SimTime) -> SimDuration {
    (one - other).max(other - one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(steps: &[(i64, u32)]) -> Counts {
        let steps = steps
            .iter()
            .map(|(at, count)| (SimTime::from_seconds(*at), *count));
        Counts::of_steps(steps, SimTime::from_seconds(2000))
    }

    #[track_caller]
    fn check(recorded: &[(i64, u32)], predicted: &[(i64, u32)], expected: &[Option<f64>]) {
        let found = rises(&counts(recorded), &counts(predicted), &[], 1);
        let late: Vec<Option<f64>> = found.iter().map(|rise| rise.answer.late()).collect();
        assert_eq!(late, expected);
    }

    #[test]
    fn a_rise_is_answered_by_the_nearest_crossing_of_its_level() {
        check(
            &[(0, 2), (100, 4), (200, 8)],
            &[(0, 2), (110, 3), (130, 6), (190, 9)],
            &[Some(30.0), Some(-10.0)],
        );
    }

    #[test]
    fn one_crossing_answers_one_rise() {
        check(
            &[(0, 2), (100, 4), (200, 2), (300, 4)],
            &[(0, 2), (120, 4)],
            &[Some(20.0), None],
        );
    }

    #[test]
    fn of_two_that_are_as_near_the_earlier_one_answers() {
        check(
            &[(0, 2), (100, 4)],
            &[(0, 2), (80, 4), (90, 2), (120, 4)],
            &[Some(-20.0)],
        );
    }

    #[test]
    fn a_day_of_flapping_is_answered_in_no_time() {
        let steps: Vec<(i64, u32)> = (0..100_000)
            .map(|second| (second, if second % 2 == 0 { 2 } else { 9 }))
            .collect();
        let steps = || {
            steps
                .iter()
                .map(|(at, count)| (SimTime::from_seconds(*at), *count))
        };
        let all = Counts::of_steps(steps(), SimTime::from_seconds(100_000));
        let found = rises(&all, &all, &[], 1);
        assert_eq!(found.len(), 50_000);
        let late: f64 = found.iter().filter_map(|rise| rise.answer.late()).sum();
        assert!(late.abs() < 1e-9);
    }

    #[test]
    fn a_rise_may_stop_one_short_but_not_at_its_beginning() {
        check(&[(0, 2), (100, 5)], &[(0, 2), (120, 4)], &[Some(20.0)]);
        check(&[(0, 2), (100, 3)], &[(0, 2)], &[None]);
        check(&[(0, 2), (100, 4)], &[(0, 2), (701, 4)], &[None]);
    }
}
