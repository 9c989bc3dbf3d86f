//! Traces one after another.

use super::error::{EditError, MAX_SPAN};
use crate::trace::{EventTimes, Series, Trace, TraceUnit, UnitSource};
use crate::units::{SimDuration, SimTime};

impl Trace {
    /// This trace, an unrecorded gap of so long, and then another one.
    ///
    /// Traces of one unit keep it; counts, rates and events become requests per second where they meet. Further columns
    /// stay where both have them.
    ///
    /// # Errors
    /// When one is in requests and the other in cpu, or in another unit of cpu, the gap is negative, or the whole is
    /// longer than 20 years.
    pub fn followed_by(self, next: Self, gap: SimDuration) -> Result<Self, EditError> {
        if gap < SimDuration::ZERO {
            return Err(EditError::Gap(gap));
        }
        let (first, next) = in_one_unit(self, next)?;
        let whole = first.series.end().since_start() + gap + next.series.end().since_start();
        if whole > MAX_SPAN {
            return Err(EditError::TooLong(whole));
        }
        let events = match (&first.events, &next.events) {
            (Some(one), Some(other)) => {
                let begin = first.series.end() + gap;
                Some(EventTimes::joined(one, other, begin))
            }
            _ => None,
        };
        let is_count = first.unit.unit.is_count();
        let columns = first.columns.into_iter().filter_map(|(name, column)| {
            let (_, other) = next.columns.iter().find(|(other, _)| *other == name)?;
            Some((name, joined(column, other.clone(), gap, Hole::Holds)))
        });
        let hole = if is_count { Hole::IsEmpty } else { Hole::Holds };
        Ok(Self {
            columns: columns.collect(),
            series: joined(first.series, next.series, gap, hole),
            events,
            ..first
        })
    }

    /// How long after the end of this trace another one begins, by the calendar.
    ///
    /// # Errors
    /// When either has no calendar times, or the other begins before this one ends.
    pub fn time_until(&self, next: &Self) -> Result<SimDuration, EditError> {
        let start_of = |trace: &Self| {
            let start = trace.start.map(jiff::Timestamp::as_nanosecond);
            start.ok_or_else(|| EditError::NoCalendar(trace.name.clone()))
        };
        let end = start_of(self)? + i128::from(self.series.end().as_nanos());
        let between = start_of(next)? - end;
        // What does not fit is longer than any trace, and is refused as such.
        let between = SimDuration::from_nanos(i64::try_from(between).unwrap_or(i64::MAX));
        if between < SimDuration::ZERO {
            return Err(EditError::Overlap {
                next: next.name.clone(),
                overlap: -between,
            });
        }
        Ok(between)
    }
}

/// What a gap between two series holds.
#[derive(Clone, Copy)]
enum Hole {
    /// The last value before it.
    Holds,
    /// Nothing.
    IsEmpty,
}

fn joined(first: Series, next: Series, gap: SimDuration, hole: Hole) -> Series {
    let (mut starts, mut values, end, mut gaps) = first.into_columns();
    let (next_starts, next_values, next_end, next_gaps) = next.into_columns();
    if gap.is_positive() && !starts.is_empty() && !next_starts.is_empty() {
        gaps.push(values.len());
        starts.push(end);
        values.push(match hole {
            Hole::Holds => values.last().copied().unwrap_or(0.0),
            Hole::IsEmpty => 0.0,
        });
    }
    let (moved, rows) = (end + gap, values.len());
    let later = |time: SimTime| moved + time.since_start();
    starts.extend(next_starts.into_iter().map(later));
    values.extend(next_values);
    gaps.extend(next_gaps.into_iter().map(|index| index + rows));
    Series::from_columns(starts, values, later(next_end), gaps)
}

/// Both traces in one unit.
fn in_one_unit(first: Trace, next: Trace) -> Result<(Trace, Trace), EditError> {
    let (one, other) = (first.unit.unit, next.unit.unit);
    let bins = |trace: &Trace| trace.series.starts().get(1).copied();
    let are_alike = one == other && (one != TraceUnit::Events || bins(&first) == bins(&next));
    if are_alike {
        return Ok((first, next));
    }
    if one.is_cpu() || other.is_cpu() {
        return Err(EditError::Units {
            first: one,
            second: other,
        });
    }
    let in_rates = |trace: Trace| {
        let mut made = trace.in_rates();
        made.unit.source = UnitSource::Inferred {
            because: "traces of different units were put one after another".to_owned(),
        };
        made
    };
    Ok((in_rates(first), in_rates(next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: SimDuration = SimDuration::from_seconds(10);

    fn trace(notation: &str, unit: TraceUnit) -> Trace {
        let series = Series::from_notation(TEN, notation).expect("valid");
        Trace::from_series("t", series, unit)
    }

    #[test]
    fn a_gap_holds_a_rate_and_no_requests() {
        let check = |unit, expected: [f64; 4]| {
            let made = trace("1 2", unit).followed_by(trace("7", unit), TEN * 3);
            let series = made.expect("one unit").series;
            assert_eq!(series.values(), expected);
            assert_eq!(
                (series.gaps(), series.end()),
                ([2].as_slice(), SimTime::from_seconds(60))
            );
        };
        check(TraceUnit::RequestsPerSecond, [1.0, 2.0, 2.0, 7.0]);
        check(TraceUnit::CountPerStep, [1.0, 2.0, 0.0, 7.0]);
    }

    #[test]
    fn different_units_of_requests_become_rates_and_cpu_is_refused() {
        let counts = || trace("10 20", TraceUnit::CountPerStep);
        let rates = trace("5", TraceUnit::RequestsPerSecond);
        let made = counts()
            .followed_by(rates, SimDuration::ZERO)
            .expect("requests");
        assert_eq!(made.series.values(), [1.0, 2.0, 5.0]);
        assert_eq!(made.unit.unit, TraceUnit::RequestsPerSecond);
        let cpu = trace("5", TraceUnit::Cores);
        assert!(counts().followed_by(cpu, SimDuration::ZERO).is_err());
    }

    #[test]
    fn traces_at_their_own_times_must_not_overlap() {
        let at = |start: &str| {
            let mut made = trace("1 2", TraceUnit::RequestsPerSecond);
            made.start = start.parse().ok();
            made
        };
        let first = at("2026-01-01T00:00:00Z");
        let between = first.time_until(&at("2026-01-01T00:01:00Z"));
        assert_eq!(between, Ok(TEN * 4));
        assert!(first.time_until(&at("2026-01-01T00:00:19Z")).is_err());
        assert!(first.time_until(&at("nothing")).is_err());
    }
}
