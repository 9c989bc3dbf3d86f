//! A part of a trace.

use super::error::EditError;
use crate::trace::{Series, Trace};
use crate::units::{SimDuration, SimTime};

impl Trace {
    /// The part from `from` until `to`, its time counted from `from`, as far as the trace goes.
    ///
    /// The count of a step that is cut is shared out by time. Of an event log the rows of that time stay, and are
    /// counted anew from its beginning.
    ///
    /// # Errors
    /// When `to` is not after `from`, or the trace has nothing in between.
    pub fn between(self, from: SimTime, to: SimTime) -> Result<Self, EditError> {
        let end = self.series.end();
        let [from_start, to_start, end_start] = [from, to, end].map(SimTime::since_start);
        if from >= to {
            return Err(EditError::Reversed {
                from: from_start,
                to: to_start,
            });
        }
        let outside = || EditError::Outside {
            from: from_start,
            to: to_start,
            end: end_start,
        };
        let (from, to) = (from.max(SimTime::ZERO), to.min(end));
        if from >= to {
            return Err(outside());
        }
        let is_count = self.unit.unit.is_count();
        let events = self.events.as_ref().map(|events| events.between(from, to));
        let series = match &events {
            Some(events) if events.times().is_empty() => return Err(outside()),
            Some(events) => {
                let starts = bins(&self.series, to - from);
                let counts = events.counted(&starts);
                let bin = first_step(&self.series);
                let last = starts.last().copied().unwrap_or(SimTime::ZERO);
                Series::from_columns(starts, counts, last + bin, Vec::new())
            }
            None if is_count => counts_between(&self.series, from, to),
            None => self.series.between(from, to),
        };
        let columns = self.columns.iter().map(|(name, column)| {
            let part = column.between(from, to);
            (name.clone(), part)
        });
        let since = |start: jiff::Timestamp| {
            let nanos = start.as_nanosecond() + i128::from(from.as_nanos());
            jiff::Timestamp::from_nanosecond(nanos).ok()
        };
        Ok(Self {
            start: self.start.and_then(since),
            begins: self.begins + from.since_start(),
            columns: columns.collect(),
            series,
            events,
            ..self
        })
    }
}

/// As [`Series::between`], the counts of the first and the last step reduced to their share of time.
fn counts_between(series: &Series, from: SimTime, to: SimTime) -> Series {
    let share = |step: crate::trace::Step| {
        let part = step.end.min(to) - step.start.max(from);
        part.as_seconds() / step.length().as_seconds()
    };
    let inside = series
        .steps()
        .filter(|step| step.start < to && step.end > from);
    let shares: Vec<f64> = inside.map(share).collect();
    let (starts, mut values, end, gaps) = series.between(from, to).into_columns();
    for (value, share) in values.iter_mut().zip(shares) {
        *value *= share;
    }
    Series::from_columns(starts, values, end, gaps)
}

/// How long the first step lasts: every one of an event log.
fn first_step(series: &Series) -> SimDuration {
    let next = series.starts().get(1).copied().unwrap_or(series.end());
    next.since_start()
}

/// The beginnings of as many whole steps as `length` needs, each as long as the first one of the series.
fn bins(series: &Series, length: SimDuration) -> Vec<SimTime> {
    let bin = first_step(series).as_nanos().max(1);
    let count = length.as_nanos() / bin + i64::from(length.as_nanos() % bin > 0);
    (0..count)
        .map(|index| SimTime::from_nanos(index * bin))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::TraceUnit;

    const TEN: SimDuration = SimDuration::from_seconds(10);

    fn at(seconds: i64) -> SimTime {
        SimTime::from_seconds(seconds)
    }

    fn trace(notation: &str, unit: TraceUnit) -> Trace {
        let series = Series::from_notation(TEN, notation).expect("valid");
        Trace::from_series("t", series, unit)
    }

    #[test]
    fn a_cut_count_is_shared_out_and_a_cut_rate_is_not() {
        let counts = trace("10 20 30", TraceUnit::CountPerStep);
        let part = counts.between(at(5), at(24)).expect("within");
        assert_eq!(part.series.values(), [5.0, 20.0, 12.0]);
        let rates = trace("10 20 30", TraceUnit::RequestsPerSecond);
        let part = rates.between(at(5), at(24)).expect("within");
        assert_eq!(part.series.values(), [10.0, 20.0, 30.0]);
    }

    #[test]
    fn what_is_empty_or_reversed_is_refused() {
        let refused = |from, to| {
            let rates = trace("10 20 30", TraceUnit::RequestsPerSecond);
            rates
                .between(at(from), at(to))
                .expect_err("nothing")
                .to_string()
        };
        assert_eq!(
            refused(20, 10),
            "a part from 20s to 10s was asked for, expected an end after the beginning"
        );
        assert_eq!(
            refused(30, 40),
            "nothing is left from 30s to 40s, expected a part of the 30s that the trace lasts"
        );
    }

    #[test]
    fn the_calendar_moves_along() {
        let mut rates = trace("10 20 30", TraceUnit::RequestsPerSecond);
        rates.start = "2026-01-01T00:00:00Z".parse().ok();
        let part = rates.between(at(10), at(30)).expect("within");
        assert_eq!(part.start, "2026-01-01T00:00:10Z".parse().ok());
    }
}
