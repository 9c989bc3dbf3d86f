//! `Recording`: every series of a file as found, before any of them is taken as the load.

use std::fmt;

use super::labels::write_series;
use super::merge::counter_rates;
use super::names::{Meaning, meaning};
use super::{TraceFormat, TraceNote};
use crate::units::SimDuration;

/// What times count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeBase {
    /// 1970, in UTC.
    Epoch,
    /// An unknown beginning.
    Unknown,
}

/// Every series of a file as found.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The name it was read under.
    pub name: String,
    /// The format it was read as.
    pub format: TraceFormat,
    /// What the times of all its series count from.
    pub base: TimeBase,
    /// The series, in the order in which the file begins them.
    pub series: Vec<RecordedSeries>,
    /// What was decided on the way.
    pub notes: Vec<TraceNote>,
}

/// One series as found: counters are not differenced, counts are not divided, holes are not filled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordedSeries {
    /// The metric's or the column's name; empty if the query dropped it.
    pub name: String,
    /// Labels, sorted, without the name.
    pub labels: Vec<(String, String)>,
    /// What its numbers are, as far as the format says.
    pub kind: SeriesKind,
    /// The unit that the format states, in its own words: `s`, `By`, `Count`, `%`.
    pub unit: Option<String>,
    /// Nanoseconds, ascending; events may share a time, other samples do not.
    pub times: Vec<i64>,
    /// One for each time; NaN where the file says that there is no number.
    pub values: Vec<f64>,
}

/// What the numbers of a series are, as far as its format says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeriesKind {
    /// The format does not say.
    #[default]
    Unknown,
    /// A level at each time.
    Gauge,
    /// A sum since some beginning, which grows but for restarts; so are the buckets of a histogram (label `le`).
    Counter,
    /// An amount that belongs to the time from each sample to the next.
    Delta,
    /// Something that happened at each time: a request, or how long it took.
    Events,
}

impl RecordedSeries {
    /// A label's value.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(label, _)| label == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the numbers are a counter's: the format says so, or says nothing while the name is one and the numbers
    /// fall no more often than restarts would make them.
    #[must_use]
    pub fn is_counter(&self) -> bool {
        match self.kind {
            SeriesKind::Counter => true,
            SeriesKind::Unknown => {
                let by_name = matches!(
                    meaning(&self.name),
                    Meaning::Counter | Meaning::CpuSecondsCounter
                ) || self.labels.iter().any(|(label, _)| label == "le")
                    && self.name.ends_with("_bucket");
                by_name && super::infer::is_counter(&self.values)
            }
            SeriesKind::Gauge | SeriesKind::Delta | SeriesKind::Events => false,
        }
    }

    /// The counter's increase per second from each sample to the next, and how often it began again from zero.
    ///
    /// After a reset it has grown from zero, as Prometheus' `rate` assumes. Samples without a number are left out, and
    /// the increase over them is spread evenly.
    #[must_use]
    pub fn rates(&self) -> (Self, usize) {
        let present = self
            .times
            .iter()
            .zip(&self.values)
            .filter(|(_, value)| !value.is_nan());
        let (mut times, mut values): (Vec<i64>, Vec<f64>) =
            present.map(|(time, value)| (*time, *value)).unzip();
        let resets = counter_rates(&times, &mut values);
        times.pop();
        let rates = Self {
            name: self.name.clone(),
            labels: self.labels.clone(),
            kind: SeriesKind::Gauge,
            unit: self.unit.as_ref().map(|unit| format!("{unit}/s")),
            times,
            values,
        };
        (rates, resets)
    }

    /// The usual distance between samples; `None` with fewer than two times.
    #[must_use]
    pub fn step(&self) -> Option<SimDuration> {
        let cadence = super::cadence::Cadence::of(&self.times)?;
        Some(SimDuration::from_nanos(cadence.step))
    }
}

impl fmt::Display for RecordedSeries {
    /// The series as Prometheus writes it: `name{label="value"}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_series(f, &self.name, &self.labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64], rates: &[f64], resets: usize) {
        let series = RecordedSeries {
            name: "http_requests_total".to_owned(),
            times: (0..)
                .map(|at| at * 10_000_000_000)
                .take(values.len())
                .collect(),
            values: values.to_vec(),
            kind: SeriesKind::Counter,
            ..RecordedSeries::default()
        };
        let (found, times) = series.rates();
        assert_eq!((found.values.as_slice(), times), (rates, resets));
        assert_eq!(found.times.len(), rates.len());
    }

    #[test]
    fn a_counter_grows_from_zero_after_a_reset() {
        check(&[100.0, 200.0, 50.0, 60.0], &[10.0, 5.0, 1.0], 1);
    }

    #[test]
    fn a_missing_sample_spreads_the_increase() {
        check(&[100.0, f64::NAN, 300.0], &[10.0], 0);
    }

    #[test]
    fn one_sample_has_no_rate() {
        check(&[100.0], &[], 0);
        check(&[], &[], 0);
    }
}
