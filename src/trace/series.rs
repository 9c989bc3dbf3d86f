//! `Series`: numbers that each hold for one step of time.

use crate::units::{SimDuration, SimTime};

/// Numbers that each hold from their start to the next one's, the last one to the end.
///
/// The first step starts at zero, the starts grow strictly and every number is finite and not negative. Steps that the
/// recording did not cover are there too, filled, and marked as gaps.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    starts: Vec<SimTime>,
    values: Vec<f64>,
    end: SimTime,
    gaps: Vec<usize>,
}

/// One step of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// When the step begins.
    pub start: SimTime,
    /// When the next step begins.
    pub end: SimTime,
    /// The number that holds in between.
    pub value: f64,
}

impl Step {
    /// How long the number holds.
    #[must_use]
    pub fn length(&self) -> SimDuration {
        self.end - self.start
    }
}

impl Series {
    /// A series from columns that already keep its rules; `gaps` are the indices of filled steps, ascending.
    pub(crate) fn from_columns(
        starts: Vec<SimTime>,
        values: Vec<f64>,
        end: SimTime,
        gaps: Vec<usize>,
    ) -> Self {
        debug_assert_eq!(starts.len(), values.len());
        debug_assert!(starts.is_sorted_by(|a, b| a < b));
        debug_assert!(starts.last().is_none_or(|last| *last < end));
        Self {
            starts,
            values,
            end,
            gaps,
        }
    }

    /// A series without any step.
    pub(crate) fn empty() -> Self {
        Self::from_columns(Vec::new(), Vec::new(), SimTime::ZERO, Vec::new())
    }

    /// The columns again: starts, values, end, gaps.
    pub(crate) fn into_columns(self) -> (Vec<SimTime>, Vec<f64>, SimTime, Vec<usize>) {
        (self.starts, self.values, self.end, self.gaps)
    }

    /// Values at equal steps from zero on.
    pub(crate) fn evenly_spaced(step: SimDuration, values: Vec<f64>, gaps: Vec<usize>) -> Self {
        let at = |index: usize| {
            SimTime::ZERO
                + SimDuration::from_nanos(
                    step.as_nanos()
                        .saturating_mul(i64::try_from(index).unwrap_or(i64::MAX)),
                )
        };
        let starts = (0..values.len()).map(at).collect();
        let end = at(values.len());
        Self::from_columns(starts, values, end, gaps)
    }

    /// How many steps there are, gaps counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no step at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// When each step begins, since the first one.
    #[must_use]
    pub fn starts(&self) -> &[SimTime] {
        &self.starts
    }

    /// The number that holds in each step.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// When the last step ends.
    #[must_use]
    pub fn end(&self) -> SimTime {
        self.end
    }

    /// The indices of the steps that the recording did not cover, ascending.
    #[must_use]
    pub fn gaps(&self) -> &[usize] {
        &self.gaps
    }

    /// Whether the recording did not cover step `index`.
    #[must_use]
    pub fn is_gap(&self, index: usize) -> bool {
        self.gaps.binary_search(&index).is_ok()
    }

    /// The steps in order.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        let ends = self.starts.iter().skip(1).chain(std::iter::once(&self.end));
        self.starts
            .iter()
            .zip(ends)
            .zip(&self.values)
            .map(|((start, end), value)| Step {
                start: *start,
                end: *end,
                value: *value,
            })
    }

    /// The number that holds at `time`; `None` before the beginning and from the end on.
    #[must_use]
    pub fn value_at(&self, time: SimTime) -> Option<f64> {
        if time >= self.end {
            return None;
        }
        let after = self.starts.partition_point(|start| *start <= time);
        self.values.get(after.checked_sub(1)?).copied()
    }

    /// The part from `from` until `to`, its time counted from `from`; empty where the two do not overlap the series.
    #[must_use]
    pub fn between(&self, from: SimTime, to: SimTime) -> Self {
        let (from, to) = (from.max(SimTime::ZERO), to.min(self.end));
        if from >= to {
            return Self::empty();
        }
        let first = self.starts.partition_point(|start| *start <= from) - 1;
        let last = self.starts.partition_point(|start| *start < to);
        let since = |time: SimTime| SimTime::ZERO + (time.max(from) - from);
        let gaps = self.gaps.iter().filter(|gap| (first..last).contains(gap));
        Self::from_columns(
            self.starts[first..last]
                .iter()
                .map(|start| since(*start))
                .collect(),
            self.values[first..last].to_vec(),
            since(to),
            gaps.map(|gap| gap - first).collect(),
        )
    }

    /// The largest number; zero for an empty series.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.values.iter().copied().fold(0.0, f64::max)
    }

    /// The mean over time: each number weighs as long as it holds; zero for an empty series.
    #[must_use]
    pub fn mean_weighted(&self) -> f64 {
        let whole = self.end.as_seconds();
        if whole <= 0.0 {
            return 0.0;
        }
        self.steps()
            .map(|step| step.value * (step.length().as_seconds() / whole))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(notation: &str, mean: f64, peak: f64) {
        let series = Series::from_notation(SimDuration::from_seconds(10), notation).expect("valid");
        assert!((series.mean_weighted() - mean).abs() < 1e-12);
        assert!((series.peak() - peak).abs() < 1e-12);
    }

    #[test]
    fn mean_and_peak_are_over_time() {
        check("1 2 3", 2.0, 3.0);
        check("5x9", 5.0, 5.0);
        check("0 0 0 8", 2.0, 8.0);
    }

    #[test]
    fn a_part_holds_what_the_whole_holds_there() {
        let ten = SimDuration::from_seconds(10);
        let whole = Series::evenly_spaced(ten, vec![1.0, 2.0, 3.0, 4.0], vec![2]);
        let at = SimTime::from_seconds;
        let part = whole.between(at(15), at(35));
        assert_eq!(part.starts(), [at(0), at(5), at(15)]);
        assert_eq!(part.values(), [2.0, 3.0, 4.0]);
        assert_eq!((part.end(), part.gaps()), (at(20), [1].as_slice()));
        assert_eq!(whole.between(at(0), at(99)), whole);
        assert!(whole.between(at(40), at(99)).is_empty());
        assert!(whole.between(at(20), at(20)).is_empty());
    }

    #[test]
    fn a_value_holds_from_its_start_until_the_next() {
        let series = Series::from_notation(SimDuration::from_seconds(10), "1 2").expect("valid");
        let at = |seconds| series.value_at(SimTime::from_seconds(seconds));
        assert_eq!(at(-1), None);
        assert_eq!(at(0), Some(1.0));
        assert_eq!(at(9), Some(1.0));
        assert_eq!(at(10), Some(2.0));
        assert_eq!(at(20), None);
    }
}
