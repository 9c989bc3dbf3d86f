//! A trace on steps of another length: its total stays what it was.

use super::error::{EditError, MAX_STEPS};
use crate::trace::gaps::CountsOrRates;
use crate::trace::{Series, Trace, TraceUnit, UnitChoice, UnitSource};
use crate::units::{SimDuration, SimTime};

impl Trace {
    /// The trace on steps of `step`, the last one shorter where the trace ends within it.
    ///
    /// Rates become their means, each weighted by its time; counts are added up, those of a step that is cut shared out
    /// by time. So the requests of the whole stay what they were. On finer steps each value goes on as it was: nothing
    /// finer is known, but of an event log, whose rows are counted anew. A step that lies in a gap as a whole stays a
    /// gap.
    ///
    /// # Errors
    /// When the step is not positive, or so short that there would be more than ten million.
    pub fn resampled(self, step: SimDuration) -> Result<Self, EditError> {
        let columns = self
            .columns
            .into_iter()
            .map(|(name, column)| Ok((name, on_steps(&column, step, CountsOrRates::Rates)?)))
            .collect::<Result<_, EditError>>()?;
        let kind = if self.unit.unit.is_count() {
            CountsOrRates::Counts
        } else {
            CountsOrRates::Rates
        };
        let mut series = on_steps(&self.series, step, kind)?;
        let mut unit = self.unit;
        if let Some(events) = &self.events {
            let end = series.end();
            series = Series::from_columns(
                series.starts().to_vec(),
                events.counted(series.starts()),
                end,
                Vec::new(),
            );
        }
        if unit.unit == TraceUnit::Events {
            unit = counted_events();
        }
        Ok(Self {
            series,
            columns,
            unit,
            events: None,
            ..self
        })
    }
}

/// The unit of events that were counted.
pub(super) fn counted_events() -> UnitChoice {
    UnitChoice {
        unit: TraceUnit::CountPerStep,
        source: UnitSource::Inferred {
            because: "the rows of an event log were counted".to_owned(),
        },
    }
}

/// A series on steps of `step`: means of rates, sums of counts.
pub(crate) fn on_steps(
    series: &Series,
    step: SimDuration,
    kind: CountsOrRates,
) -> Result<Series, EditError> {
    if !step.is_positive() {
        return Err(EditError::Step(step));
    }
    let (nanos, end) = (step.as_nanos(), series.end().as_nanos());
    let steps = end / nanos + i64::from(end % nanos > 0);
    if steps > MAX_STEPS {
        return Err(EditError::TooManySteps { step, steps });
    }
    let mut cursor = Cursor { series, index: 0 };
    let mut starts = Vec::new();
    let mut values = Vec::new();
    let mut gaps = Vec::new();
    for index in 0..steps {
        let from = SimTime::from_nanos(index * nanos);
        let to = SimTime::from_nanos((index + 1).saturating_mul(nanos)).min(series.end());
        let (value, is_gap) = cursor.take(from, to, kind);
        if is_gap {
            gaps.push(values.len());
        }
        starts.push(from);
        values.push(value);
    }
    Ok(Series::from_columns(starts, values, series.end(), gaps))
}

/// Walks over the steps of a series.
struct Cursor<'a> {
    series: &'a Series,
    /// The step that holds the time reached.
    index: usize,
}

impl Cursor<'_> {
    fn end_of(&self, index: usize) -> SimTime {
        let next = self.series.starts().get(index + 1);
        next.copied().unwrap_or(self.series.end())
    }

    /// The mean or the sum from `from` until `to`, and whether all of that is a gap.
    fn take(&mut self, from: SimTime, to: SimTime, kind: CountsOrRates) -> (f64, bool) {
        while self.end_of(self.index) <= from {
            self.index += 1;
        }
        let (starts, values) = (self.series.starts(), self.series.values());
        let mut is_gap = true;
        // Means are taken from the first value on, so that equal values have exactly themselves as their mean.
        let first = values[self.index];
        let (mut sum, mut above_first) = (0.0, 0.0);
        let mut index = self.index;
        while index < values.len() && starts[index] < to {
            let part = self.end_of(index).min(to) - starts[index].max(from);
            let whole = self.end_of(index) - starts[index];
            sum += values[index] * (part.as_seconds() / whole.as_seconds());
            above_first += (values[index] - first) * part.as_seconds();
            is_gap &= self.series.is_gap(index);
            index += 1;
        }
        let value = match kind {
            CountsOrRates::Counts => sum,
            CountsOrRates::Rates => (first + above_first / (to - from).as_seconds()).max(0.0),
        };
        (value, is_gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: SimDuration = SimDuration::from_seconds(1);

    #[track_caller]
    fn check(notation: &str, step: i64, kind: CountsOrRates, expected: &[f64], gaps: &[usize]) {
        let series = Series::from_notation(SECOND * 10, notation).expect("valid");
        let made = on_steps(&series, SECOND * step, kind).expect("few steps");
        assert_eq!(made.values(), expected);
        assert_eq!(made.gaps(), gaps);
        assert_eq!(made.end(), series.end());
    }

    #[test]
    fn rates_are_averaged_and_counts_added_up() {
        check("1 3 5 7", 20, CountsOrRates::Rates, &[2.0, 6.0], &[]);
        check("1 3 5 7", 20, CountsOrRates::Counts, &[4.0, 12.0], &[]);
        check("6 0 3", 15, CountsOrRates::Rates, &[4.0, 2.0], &[]);
        check("6 0 3", 15, CountsOrRates::Counts, &[6.0, 3.0], &[]);
    }

    #[test]
    fn finer_steps_hold_what_is_known() {
        check("4 8", 5, CountsOrRates::Rates, &[4.0, 4.0, 8.0, 8.0], &[]);
        check("4 8", 5, CountsOrRates::Counts, &[2.0, 2.0, 4.0, 4.0], &[]);
    }

    #[test]
    fn the_last_step_ends_with_the_trace() {
        check("4 8 6", 20, CountsOrRates::Rates, &[6.0, 6.0], &[]);
        check("0.1x6", 20, CountsOrRates::Rates, &[0.1; 4], &[]);
    }

    #[test]
    fn a_step_is_a_gap_where_nothing_in_it_was_recorded() {
        check(
            "4 _x3 6 6",
            20,
            CountsOrRates::Rates,
            &[4.0, 4.0, 6.0],
            &[1],
        );
    }

    #[test]
    fn too_many_steps_and_none_are_refused() {
        let series = Series::from_notation(SECOND * 86_400, "1x3").expect("valid");
        let tiny = SimDuration::from_nanos(1);
        assert!(on_steps(&series, tiny, CountsOrRates::Rates).is_err());
        assert!(on_steps(&series, SimDuration::ZERO, CountsOrRates::Rates).is_err());
    }
}
