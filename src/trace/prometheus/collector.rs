//! Takes in one series after another and adds up those of one metric.

use serde::de;

use super::selector::{Labels, Selector};
use crate::trace::error::{listed, quoted};
use crate::trace::infer::is_counter;
use crate::trace::merge::{counter_rates, merge_duplicates};
use crate::trace::names::{Meaning, meaning};
use crate::trace::raw::{Columns, MAX_ROWS, RawTrace, Subject, TimeBase};
use crate::trace::{BadCells, ReadOptions, TraceNote, TraceProblem, TraceUnit};

/// The largest load that is read.
const MAX_VALUE: f64 = 1e15;

/// As many series as are listed when none or too many fit.
const REMEMBERED_SERIES: usize = 1_000;

/// What has been read so far.
pub(super) struct Collector<'a> {
    selector: Option<Selector>,
    options: &'a ReadOptions,
    /// The sum of the series so far.
    sum: Columns,
    /// The series being read.
    current: Columns,
    points: usize,
    /// Series added up.
    series: usize,
    metric: String,
    /// Whether the series are counters; the first one tells.
    counter: Option<bool>,
    resets: usize,
    missing: u64,
    bad: u64,
    notes: Vec<TraceNote>,
    /// Series seen, for messages.
    seen: Vec<String>,
    /// What to say instead of the JSON parser's own error.
    pub(super) problem: Option<TraceProblem>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(selector: Option<Selector>, options: &'a ReadOptions) -> Self {
        Self {
            selector,
            options,
            sum: Columns::default(),
            current: Columns::default(),
            points: 0,
            series: 0,
            metric: String::new(),
            counter: None,
            resets: 0,
            missing: 0,
            bad: 0,
            notes: Vec::new(),
            seen: Vec::new(),
            problem: None,
        }
    }

    pub(super) fn fail<E: de::Error>(&mut self, problem: TraceProblem) -> E {
        self.problem = Some(problem);
        E::custom("stopped")
    }

    pub(super) fn push<E: de::Error>(&mut self, time: i64, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            self.missing += 1;
            return Ok(());
        }
        if !(0.0..=MAX_VALUE).contains(&value) {
            if self.options.bad_cells == BadCells::Skip {
                self.bad += 1;
                return Ok(());
            }
            let text = quoted(&value.to_string());
            let column = "a series".to_owned();
            return Err(self.fail(if value < 0.0 {
                TraceProblem::Negative { text, column }
            } else {
                TraceProblem::TooLarge { text, column }
            }));
        }
        self.points += 1;
        if self.points > MAX_ROWS {
            return Err(self.fail(TraceProblem::TooManyRows(MAX_ROWS)));
        }
        self.current.push_time(time, 0);
        self.current.values.push(value);
        Ok(())
    }

    /// Takes in the series that has just been read.
    pub(super) fn close_series<E: de::Error>(&mut self, labels: &Labels) -> Result<(), E> {
        let mut current = std::mem::take(&mut self.current);
        if self.seen.len() < REMEMBERED_SERIES {
            self.seen.push(labels.to_string());
        }
        if self
            .selector
            .as_ref()
            .is_some_and(|selector| !selector.matches(labels))
        {
            self.points -= current.times.len();
            return Ok(());
        }
        if self.series > 0 && labels.name() != self.metric {
            let names = [self.metric.as_str(), labels.name()];
            let problem = TraceProblem::DifferentMetrics(listed(names.into_iter()));
            return Err(self.fail(problem));
        }
        labels.name().clone_into(&mut self.metric);
        self.series += 1;
        if current.out_of_order > 0 {
            self.sum.out_of_order += current.out_of_order;
            current.sort();
        }
        merge_duplicates(&mut current, TraceUnit::RequestsPerSecond, &mut self.notes);
        if self.series_is_counter(&current.values) {
            self.resets += counter_rates(&current.times, &mut current.values);
            current.times.pop();
        }
        self.add(current);
        Ok(())
    }

    fn series_is_counter(&mut self, values: &[f64]) -> bool {
        let options = self.options;
        let metric = &self.metric;
        *self.counter.get_or_insert_with(|| match options.unit {
            Some(unit) => unit == TraceUnit::Counter,
            None => match meaning(metric) {
                Meaning::Counter => is_counter(values),
                Meaning::CpuSecondsCounter => true,
                _ => false,
            },
        })
    }

    /// Adds a series to the sum. A time that only one of them has keeps that one's value, as Prometheus' `sum` does.
    fn add(&mut self, series: Columns) {
        if self.sum.times.is_empty() {
            self.sum.times = series.times;
            self.sum.values = series.values;
            return;
        }
        if self.sum.times == series.times {
            for (sum, value) in self.sum.values.iter_mut().zip(series.values) {
                *sum += value;
            }
            return;
        }
        let mut times = Vec::with_capacity(self.sum.times.len().max(series.times.len()));
        let mut values = Vec::with_capacity(times.capacity());
        let mut left = self.sum.times.iter().zip(&self.sum.values).peekable();
        let mut right = series.times.iter().zip(&series.values).peekable();
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some((a, _)), Some((b, _))) => **a.min(b),
                (Some((a, _)), None) => **a,
                (None, Some((b, _))) => **b,
                (None, None) => break,
            };
            let from_left = left.next_if(|(time, _)| **time == next);
            let from_right = right.next_if(|(time, _)| **time == next);
            times.push(next);
            values.push(from_left.map_or(0.0, |(_, v)| *v) + from_right.map_or(0.0, |(_, v)| *v));
        }
        self.sum.times = times;
        self.sum.values = values;
    }

    pub(super) fn finish(mut self) -> Result<RawTrace, TraceProblem> {
        if self.seen.is_empty() {
            return Err(TraceProblem::NoSeries);
        }
        if self.series == 0 {
            return Err(TraceProblem::NoSuchSeries {
                wanted: quoted(self.options.series.as_deref().unwrap_or_default()),
                found: listed(self.seen.iter().map(String::as_str)),
            });
        }
        if self.series > 1 {
            let metric = match self.metric.as_str() {
                "" => String::new(),
                name => quoted(name),
            };
            let series = self.series;
            self.notes.push(TraceNote::SeriesSummed { series, metric });
        }
        if self.missing > 0 {
            let rows = self.missing;
            self.notes.push(TraceNote::MissingValues { rows });
        }
        if self.bad > 0 {
            self.notes.push(TraceNote::BadRowsSkipped {
                rows: self.bad,
                first_line: None,
            });
        }
        let subject = self.subject();
        Ok(RawTrace {
            base: TimeBase::Epoch,
            columns: self.sum,
            subject,
            notes: self.notes,
        })
    }

    fn subject(&mut self) -> Subject {
        let of_name = meaning(&self.metric);
        if self.counter == Some(true) {
            let resets = self.resets;
            self.notes.push(TraceNote::CounterDifferenced { resets });
            let (unit, rate) = match of_name {
                Meaning::CpuSecondsCounter => (TraceUnit::Cores, "cores"),
                _ => (TraceUnit::RequestsPerSecond, "the rate"),
            };
            return Subject::Differenced {
                unit,
                because: format!("the increase of {} is {rate}", quoted(&self.metric)),
            };
        }
        Subject::Named {
            kind: "metric",
            name: self.metric.clone(),
            // Prometheus' base unit of cpu is the core.
            meaning: match of_name {
                Meaning::Cpu => Meaning::Cores,
                other => other,
            },
        }
    }
}
