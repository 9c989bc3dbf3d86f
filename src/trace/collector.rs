//! Takes in one series after another and adds up those of one metric.

use super::error::{listed, quoted};
use super::infer::is_counter;
use super::labels::Labels;
use super::merge::{counter_rates, merge_duplicates};
use super::names::{Meaning, meaning};
use super::raw::{Columns, MAX_ROWS, RawTrace, Subject};
use super::selector::Selector;
use super::sink::{Seen, SeriesFacts, SeriesSink};
use super::{BadCells, ReadOptions, SeriesKind, TimeBase, TraceNote, TraceProblem, TraceUnit};

/// The largest load that is read.
const MAX_VALUE: f64 = 1e15;

/// As many series as are listed when none or too many fit.
const REMEMBERED_SERIES: usize = 1_000;

/// What has been read so far.
pub(crate) struct Collector<'a> {
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
    /// What the format says the series are; the first one tells.
    kind: SeriesKind,
    unit: Option<TraceUnit>,
    /// Series seen, for messages.
    listed: Vec<String>,
    seen: Seen,
}

impl SeriesSink for Collector<'_> {
    fn wants(&self, labels: &Labels) -> bool {
        let selector = self.selector.as_ref();
        selector.is_none_or(|selector| selector.matches(labels))
    }

    fn sample(&mut self, time: i64, value: f64) -> Result<(), TraceProblem> {
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
            return Err(if value < 0.0 {
                TraceProblem::Negative { text, column }
            } else {
                TraceProblem::TooLarge { text, column }
            });
        }
        self.points += 1;
        if self.points > MAX_ROWS {
            return Err(TraceProblem::TooManyRows(MAX_ROWS));
        }
        self.current.push_time(time, 0);
        self.current.values.push(value);
        Ok(())
    }

    fn close(&mut self, labels: Labels, facts: SeriesFacts) -> Result<(), TraceProblem> {
        let mut current = std::mem::take(&mut self.current);
        if self.listed.len() < REMEMBERED_SERIES {
            self.listed.push(labels.to_string());
        }
        if !self.wants(&labels) {
            self.points -= current.times.len();
            return Ok(());
        }
        self.seen.note(&labels)?;
        if self.series > 0 && labels.name() != self.metric {
            let names = [self.metric.as_str(), labels.name()];
            return Err(TraceProblem::DifferentMetrics(listed(names.into_iter())));
        }
        labels.name().clone_into(&mut self.metric);
        if self.series == 0 {
            self.kind = facts.kind;
            self.unit = facts.unit.as_deref().and_then(stated_unit);
        }
        self.series += 1;
        if current.out_of_order > 0 {
            self.sum.out_of_order += current.out_of_order;
            current.sort();
        }
        let unit = match self.kind {
            SeriesKind::Delta => TraceUnit::CountPerStep,
            _ => TraceUnit::RequestsPerSecond,
        };
        merge_duplicates(&mut current, unit, &mut self.notes);
        if self.series_is_counter(&current.values) {
            self.resets += counter_rates(&current.times, &mut current.values);
            current.times.pop();
        }
        self.add(current);
        Ok(())
    }
}

impl<'a> Collector<'a> {
    /// A collector of the series that the caller wants.
    ///
    /// # Errors
    /// When the caller's selector is none.
    pub(crate) fn new(options: &'a ReadOptions) -> Result<Self, TraceProblem> {
        let selector = match (&options.series, &options.value_column) {
            (Some(text), _) => {
                Some(Selector::parse(text).ok_or_else(|| TraceProblem::BadSelector(quoted(text)))?)
            }
            // A name of any form, as tables and load generators have them.
            (None, Some(name)) => Some(Selector::of_name(name)),
            (None, None) => None,
        };
        Ok(Self {
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
            kind: SeriesKind::Unknown,
            unit: None,
            listed: Vec::new(),
            seen: Seen::default(),
        })
    }

    /// A collector of the series of one name, unless the caller wants others.
    ///
    /// # Errors
    /// When the caller's selector is none.
    pub(crate) fn of_one(name: &str, options: &'a ReadOptions) -> Result<Self, TraceProblem> {
        let mut collector = Self::new(options)?;
        collector
            .selector
            .get_or_insert_with(|| Selector::of_name(name));
        Ok(collector)
    }

    fn series_is_counter(&mut self, values: &[f64]) -> bool {
        let (options, metric, kind) = (self.options, &self.metric, self.kind);
        *self
            .counter
            .get_or_insert_with(|| match (options.unit, kind) {
                (Some(unit), _) => unit == TraceUnit::Counter,
                (None, SeriesKind::Counter) => true,
                (None, SeriesKind::Gauge | SeriesKind::Delta | SeriesKind::Events) => false,
                (None, SeriesKind::Unknown) => match meaning(metric) {
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

    /// What has been added up; `notes` are what the format's reader has to say.
    ///
    /// # Errors
    /// When there is no series, or none that the caller wants.
    pub(crate) fn finish(
        mut self,
        base: TimeBase,
        notes: Vec<TraceNote>,
    ) -> Result<RawTrace, TraceProblem> {
        self.notes.splice(0..0, notes);
        if self.listed.is_empty() {
            return Err(TraceProblem::NoSeries);
        }
        if self.series == 0 {
            return Err(TraceProblem::NoSuchSeries {
                wanted: quoted(
                    &self
                        .selector
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                ),
                found: listed(self.listed.iter().map(String::as_str)),
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
            base,
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
        if let Some(unit) = self.unit.filter(|_| self.kind != SeriesKind::Delta) {
            let name = quoted(&self.metric);
            let because = format!("the file states it for {name}");
            return Subject::Stated { unit, because };
        }
        if self.kind == SeriesKind::Delta {
            let name = quoted(&self.metric);
            return Subject::Stated {
                unit: TraceUnit::CountPerStep,
                because: format!("each sample of {name} is what its own period amounts to"),
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

/// What a unit that a format states says of a load.
fn stated_unit(unit: &str) -> Option<TraceUnit> {
    let unit = unit.to_ascii_lowercase();
    Some(match unit.replace(['{', '}'], "").as_str() {
        "rps" | "request/second" | "requests/second" | "hit/second" | "count/second"
        | "query/second" | "operation/second" | "request/s" | "requests/s" | "1/s" => {
            TraceUnit::RequestsPerSecond
        }
        "rpm" | "request/minute" => TraceUnit::RequestsPerMinute,
        "percent" | "%" => TraceUnit::Percent,
        "core" | "cores" | "cpu" => TraceUnit::Cores,
        "millicore" | "millicores" => TraceUnit::MilliCores,
        _ => return None,
    })
}
