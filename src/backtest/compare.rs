//! `compare`: predicted replicas against recorded ones.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::{Counts, is_left_out, spans};
use super::rises::{Rise, rises};
use crate::units::{SimDuration, SimTime};

/// Predicted replicas against recorded ones, over the time that both cover.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// From when both are known.
    pub begin: SimTime,
    /// Until when.
    pub end: SimTime,
    /// Time compared, without what was left out, s.
    pub seconds: f64,
    /// Mean over time of |predicted - recorded|, replicas.
    pub mean_error: f64,
    /// The largest |predicted - recorded|, replicas.
    pub greatest_error: u32,
    /// Mean over time of predicted - recorded, replicas.
    pub bias: f64,
    /// The constant count with the least mean error, replicas: the yardstick.
    pub best_constant: u32,
    /// Its mean error, replicas.
    pub constant_error: f64,
    /// Highest predicted count.
    pub predicted_peak: u32,
    /// Highest recorded count.
    pub recorded_peak: u32,
    /// Integral of the predicted count, replica-seconds.
    pub predicted_replica_seconds: f64,
    /// Integral of the recorded count, replica-seconds.
    pub recorded_replica_seconds: f64,
    /// Each recorded rise with the predicted one that answers it.
    pub rises: Vec<Rise>,
    /// Changes of the count, as decisions.
    pub changes: Changes,
}

/// Changes of the count, up and down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Recorded ones.
    pub recorded: u32,
    /// Predicted ones.
    pub predicted: u32,
    /// Recorded ones with a predicted one of the same direction to the same count within the time allowed.
    pub matched: u32,
}

impl Comparison {
    /// Mean error below that of the best constant, as a share of it: 1 is perfect, 0 no better than a constant, negative
    /// is worse; `None` where a constant is perfect.
    #[must_use]
    pub fn skill(&self) -> Option<f64> {
        (self.constant_error > 0.0).then(|| 1.0 - self.mean_error / self.constant_error)
    }

    /// Predicted over recorded replica-seconds; `None` where none were recorded.
    #[must_use]
    pub fn replica_seconds_ratio(&self) -> Option<f64> {
        let recorded = self.recorded_replica_seconds;
        (recorded > 0.0).then(|| self.predicted_replica_seconds / recorded)
    }

    /// |predicted peak - recorded peak|, replicas.
    #[must_use]
    pub const fn peak_error(&self) -> u32 {
        self.predicted_peak.abs_diff(self.recorded_peak)
    }
}

/// Compares two courses of replicas, but for spans that are left out; `None` where they have no time in common. Changes match within `within`;
/// a rise may be answered by one that stops short by `short_by`.
#[must_use]
pub fn compare(
    recorded: &Counts,
    predicted: &Counts,
    left_out: &[(SimTime, SimTime)],
    within: SimDuration,
    short_by: u32,
) -> Option<Comparison> {
    let begin = recorded.begin().max(predicted.begin());
    let end = recorded.end().min(predicted.end());
    let (recorded, predicted) = (recorded.between(begin, end), predicted.between(begin, end));
    let mut sums = Sums::default();
    for (seconds, recorded, predicted) in spans(&recorded, &predicted, left_out) {
        sums.add(seconds, recorded, predicted);
    }
    if sums.seconds <= 0.0 {
        return None;
    }
    let (best_constant, constant_error) = sums.best_constant();
    Some(Comparison {
        begin,
        end,
        seconds: sums.seconds,
        mean_error: sums.absolute / sums.seconds,
        greatest_error: sums.greatest,
        bias: (sums.predicted - sums.recorded) / sums.seconds,
        best_constant,
        constant_error,
        predicted_peak: sums.predicted_peak,
        recorded_peak: sums.recorded_peak,
        predicted_replica_seconds: sums.predicted,
        recorded_replica_seconds: sums.recorded,
        rises: rises(&recorded, &predicted, left_out, short_by),
        changes: changes(&recorded, &predicted, left_out, within),
    })
}

#[derive(Default)]
struct Sums {
    seconds: f64,
    absolute: f64,
    greatest: u32,
    predicted: f64,
    recorded: f64,
    predicted_peak: u32,
    recorded_peak: u32,
    /// Recorded counts, and for how long each was there, s.
    lengths: BTreeMap<u32, f64>,
}

impl Sums {
    fn add(&mut self, seconds: f64, recorded: u32, predicted: u32) {
        let error = predicted.abs_diff(recorded);
        self.seconds += seconds;
        self.absolute += f64::from(error) * seconds;
        self.greatest = self.greatest.max(error);
        self.predicted += f64::from(predicted) * seconds;
        self.recorded += f64::from(recorded) * seconds;
        self.predicted_peak = self.predicted_peak.max(predicted);
        self.recorded_peak = self.recorded_peak.max(recorded);
        *self.lengths.entry(recorded).or_default() += seconds;
    }

    /// The median over time: no other count has a smaller mean error. The lower one where two are as good.
    fn best_constant(&self) -> (u32, f64) {
        // Sums of seconds are exact to their last digits only.
        let half = self.seconds / 2.0 * (1.0 - 1e-12);
        let mut below = 0.0;
        let median = self.lengths.iter().find_map(|(count, length)| {
            below += length;
            (below >= half).then_some(*count)
        });
        let median = median.unwrap_or(0);
        let errors = self.lengths.iter();
        let error: f64 = errors
            .map(|(count, length)| f64::from(median.abs_diff(*count)) * length)
            .sum();
        (median, error / self.seconds)
    }
}

fn changes(
    recorded: &Counts,
    predicted: &Counts,
    left_out: &[(SimTime, SimTime)],
    within: SimDuration,
) -> Changes {
    let all = |counts: &Counts| -> Vec<(SimTime, u32, u32)> {
        counts
            .changes()
            .filter(|(at, _, _)| !is_left_out(*at, left_out))
            .collect()
    };
    let (recorded, predicted) = (all(recorded), all(predicted));
    // When there are predicted changes that have matched none yet, by the count that they end at and whether they rise.
    let mut free: BTreeMap<(u32, bool), BTreeSet<SimTime>> = BTreeMap::new();
    for (when, from, to) in &predicted {
        free.entry((*to, from < to)).or_default().insert(*when);
    }
    let mut matched = 0;
    for (at, from, to) in &recorded {
        let Some(times) = free.get_mut(&(*to, from < to)) else {
            continue;
        };
        let before = times.range(..=*at).next_back().copied();
        let after = times.range(*at..).next().copied();
        let distance = |when: SimTime| (when - *at).as_nanos().abs();
        let both = before.into_iter().chain(after);
        let nearest = both.min_by_key(|when| distance(*when));
        if let Some(when) = nearest.filter(|when| distance(*when) <= within.as_nanos()) {
            times.remove(&when);
            matched += 1;
        }
    }
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    Changes {
        recorded: number(recorded.len()),
        predicted: number(predicted.len()),
        matched,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "whole numbers over whole seconds")]

    use super::*;

    const WITHIN: SimDuration = SimDuration::from_seconds(45);

    fn counts(steps: &[(i64, u32)], end: i64) -> Counts {
        let steps = steps
            .iter()
            .map(|(at, count)| (SimTime::from_seconds(*at), *count));
        Counts::of_steps(steps, SimTime::from_seconds(end))
    }

    #[test]
    fn figures_are_means_over_the_time_that_both_cover() {
        let recorded = counts(&[(0, 2), (100, 4)], 200);
        let predicted = counts(&[(0, 2), (120, 6)], 300);
        let found = compare(&recorded, &predicted, &[], WITHIN, 1).expect("they overlap");
        assert_eq!((found.seconds, found.greatest_error), (200.0, 2));
        // 20 s two too few, 80 s two too many.
        assert_eq!(found.mean_error, 1.0);
        assert_eq!(found.bias, 0.6);
        assert_eq!((found.best_constant, found.constant_error), (2, 1.0));
        assert_eq!(found.skill(), Some(0.0));
        assert_eq!(found.peak_error(), 2);
        assert_eq!(found.replica_seconds_ratio(), Some(720.0 / 600.0));
        let changes = Changes {
            recorded: 1,
            predicted: 1,
            matched: 0,
        };
        assert_eq!(found.changes, changes);
    }

    #[test]
    fn what_is_left_out_is_in_no_figure() {
        let recorded = counts(&[(0, 2), (50, 9), (60, 2)], 100);
        let predicted = counts(&[(0, 2)], 100);
        let span = (SimTime::from_seconds(50), SimTime::from_seconds(61));
        let found = compare(&recorded, &predicted, &[span], WITHIN, 1).expect("they overlap");
        assert_eq!((found.seconds, found.mean_error), (89.0, 0.0));
        assert_eq!((found.recorded_peak, found.rises.len()), (2, 0));
        assert_eq!(found.skill(), None, "a constant is perfect");
    }

    #[test]
    fn many_changes_and_many_counts_are_compared_in_no_time() {
        let steps = |late: i64| -> Vec<(i64, u32)> {
            let count = |step: u32| step * 7919 % 100_003;
            (0..100_000_u32)
                .map(|step| (i64::from(step) * 10 + late, count(step)))
                .collect()
        };
        let (recorded, predicted) = (counts(&steps(0), 1_000_000), counts(&steps(4), 1_000_000));
        let found = compare(&recorded, &predicted, &[], WITHIN, 1).expect("they overlap");
        assert_eq!(found.changes.recorded, 99_999);
        assert_eq!(found.changes.matched, 99_999);
        assert!((f64::from(found.best_constant) - 50_000.0).abs() < 100.0);
    }

    #[test]
    fn courses_that_do_not_overlap_have_no_comparison() {
        let later = counts(&[(100, 2)], 200);
        assert_eq!(
            compare(&counts(&[(0, 2)], 100), &later, &[], WITHIN, 1),
            None
        );
        let all = [(SimTime::ZERO, SimTime::from_seconds(999))];
        assert_eq!(compare(&later, &later, &all, WITHIN, 1), None);
    }
}
