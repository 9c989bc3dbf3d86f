//! The numbers of a trace as levels: requests per second, or the cpu that the trace holds.

use crate::trace::{Series, Trace, TraceUnit, UnitChoice};

impl Trace {
    /// The trace with its counts, or its requests per minute, as requests per second; cpu stays as it is. Event times
    /// are given up, for a rate says no more of them than their number.
    #[must_use]
    pub fn in_rates(self) -> Self {
        let unit = self.unit.unit;
        let (starts, mut values, end, gaps) = self.series.into_columns();
        let level = match unit {
            TraceUnit::CountPerStep | TraceUnit::Events => {
                let mut next = end;
                for (value, start) in values.iter_mut().zip(&starts).rev() {
                    *value /= (next - *start).as_seconds();
                    next = *start;
                }
                TraceUnit::RequestsPerSecond
            }
            TraceUnit::RequestsPerMinute => {
                for value in &mut values {
                    *value /= 60.0;
                }
                TraceUnit::RequestsPerSecond
            }
            TraceUnit::Counter | TraceUnit::RequestsPerSecond => TraceUnit::RequestsPerSecond,
            TraceUnit::Cores | TraceUnit::MilliCores | TraceUnit::Percent | TraceUnit::Fraction => {
                unit
            }
        };
        Self {
            series: Series::from_columns(starts, values, end, gaps),
            unit: UnitChoice {
                unit: level,
                source: self.unit.source,
            },
            events: None,
            ..self
        }
    }
}
