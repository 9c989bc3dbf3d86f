//! A trace with more or fewer requests, or slower or faster.

use super::error::{EditError, MAX_SPAN};
use super::resample::counted_events;
use crate::trace::{Series, Trace, TraceUnit};
use crate::units::SimTime;

impl Trace {
    /// The trace with each number of its load multiplied. An event log becomes counts, for there are no half events.
    ///
    /// # Errors
    /// When the factor is not a positive number.
    pub fn scaled(self, factor: f64) -> Result<Self, EditError> {
        if !factor.is_finite() || factor <= 0.0 {
            return Err(EditError::Factor(factor));
        }
        let (starts, mut values, end, gaps) = self.series.into_columns();
        for value in &mut values {
            *value *= factor;
        }
        let unit = match self.unit.unit {
            TraceUnit::Events => counted_events(),
            _ => self.unit,
        };
        Ok(Self {
            series: Series::from_columns(starts, values, end, gaps),
            unit,
            events: None,
            ..self
        })
    }

    /// The trace with its largest number brought to `peak`, in the trace's own unit.
    ///
    /// # Errors
    /// When the peak is not a positive number.
    pub fn with_peak(self, peak: f64) -> Result<Self, EditError> {
        if !peak.is_finite() || peak <= 0.0 {
            return Err(EditError::Peak(peak));
        }
        let factor = peak / self.series.peak();
        if !factor.is_finite() || factor <= 0.0 {
            return Err(EditError::Peak(peak));
        }
        self.scaled(factor)
    }

    /// The trace with each step `factor` times as long. Rates stay what they were, so a day that lasts two hours is as
    /// high as the day, and steeper; counts change with the length of their steps. An event log becomes counts.
    ///
    /// # Errors
    /// When the factor is not a positive number, steps would be shorter than a nanosecond, or the whole longer than 20
    /// years.
    pub fn stretched(self, factor: f64) -> Result<Self, EditError> {
        let is_count = self.unit.unit.is_count();
        let mut made = if is_count {
            self.scaled(factor)?
        } else if factor.is_finite() && factor > 0.0 {
            self
        } else {
            return Err(EditError::Factor(factor));
        };
        made.series = stretched(made.series, factor)?;
        for (_, column) in &mut made.columns {
            let whole = std::mem::replace(column, Series::empty());
            *column = stretched(whole, factor)?;
        }
        Ok(made)
    }
}

/// A series with its times multiplied, to the nearest nanosecond.
fn stretched(series: Series, factor: f64) -> Result<Series, EditError> {
    let (mut starts, values, end, gaps) = series.into_columns();
    let later = |time: SimTime| {
        let seconds = time.as_seconds() * factor;
        SimTime::ZERO + crate::units::SimDuration::from_seconds_rounded(seconds)
    };
    let end = later(end);
    if end.since_start() > MAX_SPAN {
        return Err(EditError::TooLong(end.since_start()));
    }
    for start in &mut starts {
        *start = later(*start);
    }
    let grows = starts.is_sorted_by(|a, b| a < b) && starts.last().is_none_or(|last| *last < end);
    if !grows {
        return Err(EditError::TooFast);
    }
    Ok(Series::from_columns(starts, values, end, gaps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    fn trace(unit: TraceUnit) -> Trace {
        let series = Series::from_notation(SimDuration::from_seconds(10), "10 40 20");
        Trace::from_series("t", series.expect("valid"), unit)
    }

    #[test]
    fn the_peak_is_what_was_asked_for() {
        let made = trace(TraceUnit::RequestsPerSecond)
            .with_peak(100.0)
            .expect("positive");
        assert_eq!(made.series.values(), [25.0, 100.0, 50.0]);
    }

    #[test]
    fn a_stretched_rate_stays_and_a_stretched_count_grows() {
        let rates = trace(TraceUnit::RequestsPerSecond)
            .stretched(2.0)
            .expect("positive");
        assert_eq!(rates.series.values(), [10.0, 40.0, 20.0]);
        assert_eq!(rates.series.end(), SimTime::from_seconds(60));
        let counts = trace(TraceUnit::CountPerStep)
            .stretched(2.0)
            .expect("positive");
        assert_eq!(counts.series.values(), [20.0, 80.0, 40.0]);
    }

    #[test]
    fn no_factor_breaks_a_trace() {
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(trace(TraceUnit::RequestsPerSecond).scaled(factor).is_err());
            assert!(trace(TraceUnit::CountPerStep).stretched(factor).is_err());
            assert!(trace(TraceUnit::Cores).stretched(factor).is_err());
            assert!(trace(TraceUnit::Cores).with_peak(factor).is_err());
        }
        let rates = || trace(TraceUnit::RequestsPerSecond);
        assert_eq!(rates().stretched(1e-12), Err(EditError::TooFast));
        assert!(matches!(
            rates().stretched(1e12),
            Err(EditError::TooLong(_))
        ));
    }
}
