//! Reads `query_range` JSON: the API's envelope, or the bare result that promtool prints.

use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::assemble::{counter_rates, is_counter, merge_duplicates};
use super::error::{Fault, listed, plain, quoted};
use super::names::{Meaning, meaning};
use super::raw::{Columns, MAX_ROWS, RawTrace, Subject, TimeBase};
use super::read::unreadable;
use super::selector::{Labels, Selector};
use super::{BadCells, ReadOptions, TraceNote, TraceProblem, TraceUnit};

/// The largest load that is read.
const MAX_VALUE: f64 = 1e15;

/// As many series as are listed when none or too many fit.
const REMEMBERED_SERIES: usize = 1_000;

/// Reads the series of a range query and adds up those of one metric.
///
/// The values go straight into columns; no tree of the document is built. `NaN` and infinite values are how Prometheus
/// says that there is no number (a division by zero, a stale series), so they leave a hole.
pub(crate) fn read_prometheus(
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<RawTrace, Fault> {
    if !options.columns.is_empty() {
        return Err(TraceProblem::NoColumns.into());
    }
    let selector = match &options.series {
        Some(text) => {
            Some(Selector::parse(text).ok_or_else(|| TraceProblem::BadSelector(quoted(text)))?)
        }
        None => None,
    };
    let mut input = BufReader::with_capacity(1 << 16, input);
    skip_byte_order_mark(&mut input)?;
    let mut collector = Collector::new(selector, options);
    let mut json = serde_json::Deserializer::from_reader(input);
    let outcome = Document(&mut collector)
        .deserialize(&mut json)
        .and_then(|()| json.end());
    if let Err(error) = outcome {
        return Err(fault_of(&error, collector.problem));
    }
    collector.finish().map_err(Fault::from)
}

fn skip_byte_order_mark(input: &mut BufReader<&mut dyn Read>) -> Result<(), Fault> {
    use std::io::BufRead;
    let head = input.fill_buf().map_err(|error| unreadable(&error))?;
    if head.is_empty() {
        return Err(TraceProblem::Empty.into());
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    Ok(())
}

fn fault_of(error: &serde_json::Error, problem: Option<TraceProblem>) -> Fault {
    if let Some(kind) = error.io_error_kind()
        && problem.is_none()
        && error.is_io()
    {
        return unreadable(&kind.into());
    }
    let line = Some(error.line() as u64).filter(|line| *line > 0);
    let problem = problem.unwrap_or_else(|| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        if error.is_data() {
            TraceProblem::NotPrometheus(plain(message))
        } else if error.is_eof() {
            TraceProblem::Json("it ends early, expected a complete document".to_owned())
        } else {
            TraceProblem::Json(plain(message))
        }
    });
    Fault { line, problem }
}

/// What has been read so far.
struct Collector<'a> {
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
    problem: Option<TraceProblem>,
}

impl<'a> Collector<'a> {
    fn new(selector: Option<Selector>, options: &'a ReadOptions) -> Self {
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

    fn fail<E: de::Error>(&mut self, problem: TraceProblem) -> E {
        self.problem = Some(problem);
        E::custom("stopped")
    }

    fn push<E: de::Error>(&mut self, time: i64, value: f64) -> Result<(), E> {
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
    fn close_series<E: de::Error>(&mut self, labels: &Labels) -> Result<(), E> {
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

    fn finish(mut self) -> Result<RawTrace, TraceProblem> {
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

/// The whole document: an envelope, its `data` alone, or a bare array of series.
struct Document<'c, 'a>(&'c mut Collector<'a>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `data`, or an array of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut series: A) -> Result<(), A::Error> {
        while series.next_element_seed(SeriesSeed(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut has_result = false;
        let mut failed = false;
        let mut failure = String::new();
        while let Some(key) = fields.next_key::<String>()? {
            match key.as_str() {
                "status" => failed |= fields.next_value::<String>()? == "error",
                "errorType" | "error" => {
                    let text = fields.next_value::<String>()?;
                    if !failure.is_empty() {
                        failure.push_str(": ");
                    }
                    failure.push_str(&text);
                }
                "resultType" => {
                    let kind = fields.next_value::<String>()?;
                    let found = match kind.as_str() {
                        "matrix" => continue,
                        "vector" => "vector",
                        "scalar" => "scalar",
                        "string" => "string",
                        "streams" => "list of log streams",
                        _ => "result of another type",
                    };
                    return Err(self.0.fail(TraceProblem::NotAMatrix(found)));
                }
                "data" => {
                    fields.next_value_seed(Document(self.0))?;
                    has_result = true;
                }
                "result" => {
                    fields.next_value_seed(Document(self.0))?;
                    has_result = true;
                }
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        if failed {
            return Err(self.0.fail(TraceProblem::PrometheusFailed(plain(&failure))));
        }
        if !has_result {
            let lack = "it has no `data` and no `result`".to_owned();
            return Err(self.0.fail(TraceProblem::NotPrometheus(lack)));
        }
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        // `"data": null` stands in an error's envelope; the envelope says what happened.
        Ok(())
    }
}

/// One series of the result.
struct SeriesSeed<'c, 'a>(&'c mut Collector<'a>);

impl<'de> DeserializeSeed<'de> for SeriesSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for SeriesSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series with `metric` and `values`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut labels = Labels::default();
        let mut has_values = false;
        while let Some(key) = fields.next_key::<String>()? {
            match key.as_str() {
                "metric" => labels = Labels::new(fields.next_value()?),
                "values" => {
                    fields.next_value_seed(SamplesSeed(self.0))?;
                    has_values = true;
                }
                "value" => return Err(self.0.fail(TraceProblem::NotAMatrix("vector"))),
                "histograms" => {
                    fields.next_value::<IgnoredAny>()?;
                    has_values = true;
                }
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        if !has_values {
            let lack = "an entry has no `values`".to_owned();
            return Err(self.0.fail(TraceProblem::NotPrometheus(lack)));
        }
        self.0.close_series(&labels)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Err(self.0.fail(TraceProblem::NotAMatrix("scalar")))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Err(self.0.fail(TraceProblem::NotAMatrix("scalar")))
    }
}

/// The samples of one series.
struct SamplesSeed<'c, 'a>(&'c mut Collector<'a>);

impl<'de> DeserializeSeed<'de> for SamplesSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for SamplesSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of pairs of a time and a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut samples: A) -> Result<(), A::Error> {
        while let Some((seconds, value)) = samples.next_element::<(f64, SampleValue)>()? {
            // Prometheus counts in milliseconds; this also undoes the float's own rounding.
            let millis = (seconds * 1e3).round();
            if millis.abs() > i64::MAX as f64 / 1e6 {
                let text = quoted(&seconds.to_string());
                return Err(self.0.fail(TraceProblem::TimeOutOfRange(text)));
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number within i64, as checked just before"
            )]
            let nanos = (millis as i64).saturating_mul(1_000_000);
            self.0.push(nanos, value.0)?;
        }
        Ok(())
    }
}

/// A sample's value: a string, as the API writes it, or a number.
struct SampleValue(f64);

impl<'de> de::Deserialize<'de> for SampleValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SampleValueVisitor)
    }
}

struct SampleValueVisitor;

impl Visitor<'_> for SampleValueVisitor {
    type Value = SampleValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number as a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SampleValue, E> {
        text.parse()
            .map(SampleValue)
            .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<SampleValue, E> {
        Ok(SampleValue(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<SampleValue, E> {
        Ok(SampleValue(value as f64))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<SampleValue, E> {
        Ok(SampleValue(value as f64))
    }

    fn visit_unit<E: de::Error>(self) -> Result<SampleValue, E> {
        Ok(SampleValue(f64::NAN))
    }
}
