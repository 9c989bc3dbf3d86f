//! Rises: each recorded one beside the predicted one that answers it.

use std::ops::RangeToInclusive;

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
    let mut taken: Vec<(SimTime, u32)> = Vec::new();
    recorded
        .changes()
        .filter(|(at, from, to)| {
            let is_within = predicted.begin() < *at && *at < predicted.end();
            to > from && is_within && !is_left_out(*at, left_out)
        })
        .map(|(at, from, to)| {
            let answer = (0..=short_by.min(to - from - 1)).find_map(|by| {
                let level = to - by;
                let ends = if by == 0 { ..=u32::MAX } else { ..=level };
                let (late, when) = nearest(predicted, level, ends, at, &taken)?;
                taken.push((when, level));
                Some(if by == 0 {
                    RiseMatch::Reached(late)
                } else {
                    RiseMatch::Short { late, by }
                })
            });
            Rise {
                at,
                from,
                to,
                answer: answer.unwrap_or(RiseMatch::Missed),
            }
        })
        .collect()
}

/// The crossing of a level nearest to a time, with how much later it is, among changes that end at such a count.
fn nearest(
    counts: &Counts,
    level: u32,
    ends: RangeToInclusive<u32>,
    at: SimTime,
    taken: &[(SimTime, u32)],
) -> Option<(SimDuration, SimTime)> {
    counts
        .changes()
        .filter(|(when, from, to)| {
            *from < level && level <= *to && ends.contains(to) && !taken.contains(&(*when, level))
        })
        .map(|(when, _, _)| (when - at, when))
        .filter(|(late, _)| late.as_nanos().abs() <= FARTHEST.as_nanos())
        .min_by_key(|(late, when)| (late.as_nanos().abs(), *when))
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
    fn a_rise_may_stop_one_short_but_not_at_its_beginning() {
        check(&[(0, 2), (100, 5)], &[(0, 2), (120, 4)], &[Some(20.0)]);
        check(&[(0, 2), (100, 3)], &[(0, 2)], &[None]);
        check(&[(0, 2), (100, 4)], &[(0, 2), (701, 4)], &[None]);
    }
}
