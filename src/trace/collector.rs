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

    /// Adds a series to the sum. A time that only one of them has keeps that one's value, as Prometheus' `sum` does; series
    /// that were sampled at other times are laid upon those of the first.
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
        if !shares_its_times(&self.sum.times, &series.times) {
            self.sum = laid_upon(&self.sum, &series);
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

/// Whether a series was sampled when others were: at least half of its times that lie within theirs are among them.
fn shares_its_times(others: &[i64], own: &[i64]) -> bool {
    let (Some(first), Some(last)) = (others.first(), others.last()) else {
        return true;
    };
    let within = own.iter().filter(|time| (first..=last).contains(time));
    let (mut inside, mut shared, mut at) = (0_usize, 0_usize, 0_usize);
    for time in within {
        at += others[at..].partition_point(|other| other < time);
        inside += 1;
        shared += usize::from(others.get(at) == Some(time));
    }
    shared * 2 >= inside
}

/// The sum of two series that were sampled at different times, at the times of the first, and of the second where the first
/// has none in force.
///
/// A sample is in force until the next one, though for no longer than one and a half of its series' usual steps: as a
/// query over a range does it, whose steps are not those of the scrapes either.
fn laid_upon(first: &Columns, second: &Columns) -> Columns {
    let steps = (usual_step(&first.times), usual_step(&second.times));
    let step_of_first = steps.0.or(steps.1).unwrap_or(0);
    let step_of_second = steps.1.or(steps.0).unwrap_or(0);
    let begin = first.times.first().copied().unwrap_or(i64::MAX);
    let mut sum = Columns::default();
    sum.out_of_order = first.out_of_order;
    let (mut left, mut right) = (0, 0);
    loop {
        let (own, other) = (first.times.get(left), second.times.get(right));
        let (time, is_of_first) = match (own, other) {
            (Some(own), Some(other)) if other < own => (*other, false),
            (Some(own), _) => (*own, true),
            (None, Some(other)) => (*other, false),
            (None, None) => break,
        };
        if is_of_first {
            left += 1;
            right += usize::from(other == Some(&time));
            // What begins within the first step counts from its beginning, lest the sum seem to rise there.
            let ahead = (time == begin && right == 0)
                .then(|| second.times.first().zip(second.values.first()))
                .flatten()
                .filter(|(other, _)| **other - time < step_of_second)
                .map(|(_, value)| *value);
            let other = ahead.or_else(|| in_force(second, right, time, step_of_second));
            sum.push_time(time, 0);
            sum.values
                .push(first.values[left - 1] + other.unwrap_or(0.0));
            continue;
        }
        right += 1;
        let begins_soon = own.is_some_and(|own| own - time < step_of_second);
        if in_force(first, left, time, step_of_first).is_none() && !begins_soon {
            sum.push_time(time, 0);
            sum.values.push(second.values[right - 1]);
        }
    }
    sum
}

/// The value in force at a time of a series of which so many samples have gone by.
fn in_force(series: &Columns, gone_by: usize, time: i64, step: i64) -> Option<f64> {
    let last = gone_by.checked_sub(1)?;
    let is_held = time - series.times[last] < step.saturating_add(step / 2);
    is_held.then_some(series.values[last])
}

/// The median distance of times that follow one another.
fn usual_step(times: &[i64]) -> Option<i64> {
    let mut steps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let middle = steps.len() / 2;
    (!steps.is_empty()).then(|| *steps.select_nth_unstable(middle).1)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(samples: &[(i64, f64)]) -> Columns {
        let mut columns = Columns::default();
        for (time, value) in samples {
            columns.push_time(*time, 0);
            columns.values.push(*value);
        }
        columns
    }

    /// Adds series up, in the order given.
    #[track_caller]
    fn check(series: &[&[(i64, f64)]], expected: &[(i64, f64)]) {
        let options = ReadOptions::infer();
        let mut collector = Collector::new(&options).expect("no selector");
        for one in series {
            collector.add(columns(one));
        }
        let sum = &collector.sum;
        let found: Vec<_> = sum.times.iter().copied().zip(sum.values.clone()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn series_sampled_at_other_times_are_summed_and_not_joined() {
        let scraped_later = [(7, 1.0), (22, 2.0), (37, 3.0), (52, 4.0)];
        let scraped = [(0, 10.0), (15, 20.0), (30, 30.0), (45, 40.0)];
        let sum = [(0, 11.0), (15, 21.0), (30, 32.0), (45, 43.0)];
        check(&[&scraped, &scraped_later], &sum);
        let other_way = [(7, 11.0), (22, 22.0), (37, 33.0), (52, 44.0)];
        check(&[&scraped_later, &scraped], &other_way);
    }

    #[test]
    fn a_series_that_comes_and_goes_counts_while_it_is_there() {
        let whole: Vec<(i64, f64)> = (0..8).map(|step| (step * 15, 1.0)).collect();
        check(
            &[&whole, &[(47, 5.0), (62, 5.0)]],
            &[
                (0, 1.0),
                (15, 1.0),
                (30, 1.0),
                (45, 1.0),
                (60, 6.0),
                (75, 6.0),
                (90, 1.0),
                (105, 1.0),
            ],
        );
        // Before the first begins, and after it ends, the other stands alone.
        check(
            &[
                &[(60, 1.0), (75, 1.0)],
                &[(2, 5.0), (17, 5.0), (92, 5.0), (107, 5.0), (122, 5.0)],
            ],
            &[
                (2, 5.0),
                (17, 5.0),
                (60, 1.0),
                (75, 1.0),
                (92, 5.0),
                (107, 5.0),
                (122, 5.0),
            ],
        );
    }

    #[test]
    fn a_counter_that_restarts_all_the_time_is_told_from_a_gauge() {
        let repeated = |values: &[f64]| values.repeat(20);
        assert!(is_counter(&repeated(&[0.0, 3.0, 6.0, 9.0])));
        assert!(is_counter(&[7.0; 9]));
        for gauge in [
            [10.0, 9.0, 10.0, 8.0],
            [0.0, 0.0, 1.0, 0.0],
            [5.0, 0.0, 2.0, 0.0],
        ] {
            assert!(!is_counter(&repeated(&gauge)), "{gauge:?}");
        }
    }

    #[test]
    fn series_of_one_grid_are_added_time_by_time() {
        check(
            &[&[(0, 1.0), (15, 1.0), (30, 1.0)], &[(15, 2.0), (45, 2.0)]],
            &[(0, 1.0), (15, 3.0), (30, 1.0), (45, 2.0)],
        );
    }
}
