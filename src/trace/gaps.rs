//! Turns samples into steps: how long each lasts, and what lies in the holes between them.

use super::{GapFill, Series};
use crate::units::{SimDuration, SimTime};

/// Samples with distinct, ascending times, ready to become steps.
pub(crate) struct Samples {
    /// Nanoseconds from any beginning.
    pub(crate) times: Vec<i64>,
    pub(crate) values: Vec<f64>,
    /// Further columns; NaN where there is no number.
    pub(crate) extras: Vec<Vec<f64>>,
    /// How long each step lasts, or zero where that is not known; empty if it is known nowhere.
    pub(crate) lengths: Vec<i64>,
    /// How long a step lasts otherwise.
    pub(crate) step: i64,
}

/// What holes are filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holes {
    /// The last value before the hole.
    HoldRate,
    /// As many per time as the step before the hole.
    HoldCount,
    /// Nothing.
    Zero,
}

impl Holes {
    /// The holes of a series of counts or of rates that are filled so.
    pub(crate) fn filled(fill: GapFill, values_are_counts: CountsOrRates) -> Self {
        match (fill, values_are_counts) {
            (GapFill::Zero, _) => Self::Zero,
            (GapFill::Hold, CountsOrRates::Counts) => Self::HoldCount,
            (GapFill::Hold, CountsOrRates::Rates) => Self::HoldRate,
        }
    }
}

/// Whether a value is an amount within its step or a level during it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CountsOrRates {
    Counts,
    Rates,
}

/// Steps, and what was put into holes.
pub(crate) struct Filled {
    pub(crate) series: Series,
    pub(crate) extras: Vec<Series>,
    pub(crate) total: SimDuration,
    pub(crate) longest: SimDuration,
}

/// Gives each sample its step and fills the holes between them, in the columns' own memory.
///
/// A hole begins where a sample's own step ends, if the next sample comes more than half of that step later. Nothing
/// is done about the last sample but to end it after its own step.
pub(crate) fn fill(mut samples: Samples, holes: Holes) -> Filled {
    let rows = samples.times.len();
    let last_end = rows.checked_sub(1).map_or(0, |last| {
        samples.times[last].saturating_add(samples.length_at(last).max(1))
    });
    let origin = samples.times.first().copied().unwrap_or(0);
    let hole_count = (1..rows)
        .filter(|row| samples.hole_before(*row, samples.times[*row]).is_some())
        .count();
    let mut gaps = Vec::with_capacity(hole_count);
    let mut total = 0_i64;
    let mut longest = 0_i64;
    if hole_count > 0 {
        samples.times.resize(rows + hole_count, 0);
        samples.values.resize(rows + hole_count, 0.0);
        for column in &mut samples.extras {
            column.resize(rows + hole_count, f64::NAN);
        }
        // From the back, so that nothing is overwritten before it has moved.
        let mut to = rows + hole_count;
        let mut next_time = last_end;
        for row in (0..rows).rev() {
            if row + 1 < rows
                && let Some(hole_start) = samples.hole_before(row + 1, next_time)
            {
                to -= 1;
                let width = next_time - hole_start;
                let own = hole_start - samples.times[row];
                samples.times[to] = hole_start;
                samples.values[to] = match holes {
                    Holes::Zero => 0.0,
                    Holes::HoldRate => samples.values[row],
                    Holes::HoldCount => samples.values[row] * (width as f64 / own.max(1) as f64),
                };
                for column in &mut samples.extras {
                    column[to] = column[row];
                }
                gaps.push(to);
                total = total.saturating_add(width);
                longest = longest.max(width);
            }
            to -= 1;
            next_time = samples.times[row];
            samples.times[to] = samples.times[row];
            samples.values[to] = samples.values[row];
            for column in &mut samples.extras {
                column[to] = column[row];
            }
        }
        gaps.reverse();
    }
    let end = SimTime::from_nanos(last_end.saturating_sub(origin));
    // Collecting from the vector itself reuses its memory.
    let starts: Vec<SimTime> = samples
        .times
        .into_iter()
        .map(|time| SimTime::from_nanos(time - origin))
        .collect();
    let extras = samples
        .extras
        .into_iter()
        .map(|mut column| {
            carry_forward(&mut column);
            Series::from_columns(starts.clone(), column, end, gaps.clone())
        })
        .collect();
    Filled {
        series: Series::from_columns(starts, samples.values, end, gaps),
        extras,
        total: SimDuration::from_nanos(total),
        longest: SimDuration::from_nanos(longest),
    }
}

impl Samples {
    fn length_at(&self, row: usize) -> i64 {
        let known = self.lengths.get(row).copied().filter(|length| *length > 0);
        known.unwrap_or(self.step)
    }

    /// Where the hole before `row`, which begins at `time`, starts.
    fn hole_before(&self, row: usize, time: i64) -> Option<i64> {
        let length = self.length_at(row - 1);
        let end = self.times[row - 1].saturating_add(length);
        (time.saturating_sub(end) > length / 2).then_some(end)
    }
}

/// Puts the last number before it, or else the first one after it, or else zero, where there is none.
fn carry_forward(column: &mut [f64]) {
    let mut last = column
        .iter()
        .copied()
        .find(|value| !value.is_nan())
        .unwrap_or(0.0);
    for value in column {
        if value.is_nan() {
            *value = last;
        }
        last = *value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(times: &[i64], values: &[f64], holes: Holes, expected: &[(i64, f64)], end: i64) {
        let filled = fill(
            Samples {
                times: times.to_vec(),
                values: values.to_vec(),
                extras: vec![values.to_vec()],
                lengths: Vec::new(),
                step: 10,
            },
            holes,
        );
        let steps: Vec<_> = filled
            .series
            .steps()
            .map(|step| (step.start.as_nanos(), step.value))
            .collect();
        assert_eq!(steps, expected);
        assert_eq!(filled.series.end().as_nanos(), end);
        assert_eq!(filled.extras[0].len(), steps.len());
    }

    #[test]
    fn a_hole_holds_the_last_value_or_nothing() {
        let (times, values) = ([100, 110, 150, 160], [1.0, 2.0, 3.0, 4.0]);
        let held = [(0, 1.0), (10, 2.0), (20, 2.0), (50, 3.0), (60, 4.0)];
        check(&times, &values, Holes::HoldRate, &held, 70);
        let count = [(0, 1.0), (10, 2.0), (20, 6.0), (50, 3.0), (60, 4.0)];
        check(&times, &values, Holes::HoldCount, &count, 70);
        let zero = [(0, 1.0), (10, 2.0), (20, 0.0), (50, 3.0), (60, 4.0)];
        check(&times, &values, Holes::Zero, &zero, 70);
    }

    #[test]
    fn half_a_step_of_jitter_is_no_hole() {
        check(
            &[0, 15, 25],
            &[1.0, 2.0, 3.0],
            Holes::Zero,
            &[(0, 1.0), (15, 2.0), (25, 3.0)],
            35,
        );
        check(
            &[0, 16, 26],
            &[1.0, 2.0, 3.0],
            Holes::Zero,
            &[(0, 1.0), (10, 0.0), (16, 2.0), (26, 3.0)],
            36,
        );
    }

    #[test]
    fn every_hole_in_a_row_of_holes_is_filled() {
        check(
            &[0, 100, 200],
            &[1.0, 2.0, 3.0],
            Holes::Zero,
            &[(0, 1.0), (10, 0.0), (100, 2.0), (110, 0.0), (200, 3.0)],
            210,
        );
    }
}
