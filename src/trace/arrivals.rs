//! Requests per second: what the engine plays.

use thiserror::Error;

use super::{EventTimes, Series, Trace, TraceUnit};
use crate::units::{SimDuration, SimTime};

/// What turns cpu in use into requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuConversion {
    /// Cpu time that one request takes; needed for every unit of cpu.
    pub cpu_per_request: Option<SimDuration>,
    /// The cpu request, in millicores, that percents and shares are of: that of all pods which were measured.
    pub share_of_milli: Option<i64>,
}

/// Why a trace cannot be turned into requests per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConversionError {
    /// The trace is in cpu and nobody said what a request costs.
    #[error("the trace is in {0}, expected also the cpu time per request")]
    NeedsCpuPerRequest(TraceUnit),
    /// The trace is in shares and nobody said of what.
    #[error("the trace is in {0}, expected also the cpu request that it is a share of")]
    NeedsShareOf(TraceUnit),
    /// A request that costs nothing or less.
    #[error("a cpu time per request of {0} was given, expected a positive one")]
    CpuPerRequest(SimDuration),
    /// A cpu request of nothing or less.
    #[error("a cpu request of {0}m was given, expected a positive one")]
    ShareOf(i64),
    /// The result is too large to play.
    #[error("the peak comes to {0} requests per second, expected at most 1e15")]
    TooLarge(i64),
}

/// A workload in requests per second, each rate for one step.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrivalTrace {
    series: Series,
    events: Option<EventTimes>,
    requests_per_event: f64,
}

/// The most requests per second that are played.
const MAX_RATE: f64 = 1e15;

/// Turns a trace into requests per second, in the trace's own memory.
///
/// Counts are divided by the length of their step; cores by the cpu time that a request takes (cores are cpu seconds
/// per second); percents and shares are taken of `share_of_milli` first.
///
/// # Errors
/// When the trace is in cpu and the conversion lacks what its unit needs.
pub fn arrivals(trace: Trace, conversion: &CpuConversion) -> Result<ArrivalTrace, ConversionError> {
    let unit = trace.unit.unit;
    let events = trace.events.filter(|_| unit == TraceUnit::Events);
    let factor = per_second_factor(unit, conversion)?;
    let (starts, mut values, end, gaps) = trace.series.into_columns();
    if unit.is_count() {
        let mut next = end;
        for (value, start) in values.iter_mut().zip(&starts).rev() {
            *value /= (next - *start).as_seconds();
            next = *start;
        }
    } else {
        for value in &mut values {
            *value *= factor;
        }
    }
    let peak = values.iter().copied().fold(0.0, f64::max);
    if peak > MAX_RATE {
        let rounded = SimDuration::from_seconds_rounded(peak / 1e9).as_nanos();
        return Err(ConversionError::TooLarge(rounded));
    }
    Ok(ArrivalTrace {
        series: Series::from_columns(starts, values, end, gaps),
        events,
        requests_per_event: 1.0,
    })
}

/// What a number of the unit is multiplied by to be requests per second; 1 for counts, which are divided by a time.
fn per_second_factor(unit: TraceUnit, conversion: &CpuConversion) -> Result<f64, ConversionError> {
    let cores = match unit {
        TraceUnit::RequestsPerSecond
        | TraceUnit::CountPerStep
        | TraceUnit::Counter
        | TraceUnit::Events => return Ok(1.0),
        TraceUnit::RequestsPerMinute => return Ok(1.0 / 60.0),
        TraceUnit::Cores => 1.0,
        TraceUnit::MilliCores => 1e-3,
        TraceUnit::Percent | TraceUnit::Fraction => {
            let milli = conversion
                .share_of_milli
                .ok_or(ConversionError::NeedsShareOf(unit))?;
            if milli <= 0 {
                return Err(ConversionError::ShareOf(milli));
            }
            let whole = milli as f64 * 1e-3;
            if unit == TraceUnit::Percent {
                whole / 100.0
            } else {
                whole
            }
        }
    };
    let cost = conversion
        .cpu_per_request
        .ok_or(ConversionError::NeedsCpuPerRequest(unit))?;
    if !cost.is_positive() {
        return Err(ConversionError::CpuPerRequest(cost));
    }
    Ok(cores / cost.as_seconds())
}

impl ArrivalTrace {
    /// A workload whose series is in requests per second already.
    #[must_use]
    pub fn from_rates(series: Series) -> Self {
        Self {
            series,
            events: None,
            requests_per_event: 1.0,
        }
    }

    /// The rates as a series, in requests per second.
    #[must_use]
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// When each request came, where the workload was an event log: as many in each step as its rate says, but for
    /// [`requests_per_event`](Self::requests_per_event).
    #[must_use]
    pub fn events(&self) -> Option<&EventTimes> {
        self.events.as_ref()
    }

    /// What the rates were multiplied by since they were counted: how many requests each event stands for.
    #[must_use]
    pub fn requests_per_event(&self) -> f64 {
        self.requests_per_event
    }

    /// When each step begins, since the first one.
    #[must_use]
    pub fn starts(&self) -> &[SimTime] {
        self.series.starts()
    }

    /// Requests per second in each step.
    #[must_use]
    pub fn rates(&self) -> &[f64] {
        self.series.values()
    }

    /// When the last step ends.
    #[must_use]
    pub fn end(&self) -> SimTime {
        self.series.end()
    }

    /// Requests in the whole trace.
    #[must_use]
    pub fn total_requests(&self) -> f64 {
        self.series
            .steps()
            .map(|step| step.value * step.length().as_seconds())
            .sum()
    }

    /// The same workload with every rate multiplied; `None` unless the factor is finite and not negative.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Option<Self> {
        if !factor.is_finite() || factor < 0.0 {
            return None;
        }
        let (starts, mut rates, end, gaps) = self.series.into_columns();
        for rate in &mut rates {
            *rate = (*rate * factor).min(MAX_RATE);
        }
        Some(Self {
            series: Series::from_columns(starts, rates, end, gaps),
            events: self.events,
            requests_per_event: self.requests_per_event * factor,
        })
    }

    /// The part from `from` until `to`, its time counted from `from`.
    #[must_use]
    pub fn between(&self, from: SimTime, to: SimTime) -> Self {
        Self {
            series: self.series.between(from, to),
            events: self.events.as_ref().map(|events| events.between(from, to)),
            requests_per_event: self.requests_per_event,
        }
    }

    /// The median length of a step, gaps left out, from up to 100,000 steps taken evenly; zero without steps.
    #[must_use]
    pub fn median_step(&self) -> SimDuration {
        let stride = self.series.len().div_ceil(100_000).max(1);
        let mut lengths: Vec<_> = self.recorded().step_by(stride).collect();
        let middle = lengths.len() / 2;
        if lengths.is_empty() {
            return SimDuration::ZERO;
        }
        *lengths.select_nth_unstable(middle).1
    }

    /// The longest step, gaps left out; zero without steps.
    #[must_use]
    pub fn max_step(&self) -> SimDuration {
        self.recorded().max().unwrap_or(SimDuration::ZERO)
    }

    /// The lengths of the steps that were recorded.
    fn recorded(&self) -> impl Iterator<Item = SimDuration> + '_ {
        let mut gaps = self.series.gaps().iter().copied().peekable();
        self.series
            .steps()
            .enumerate()
            .filter(move |(index, _)| gaps.next_if_eq(index).is_none())
            .map(|(_, step)| step.length())
    }
}
