//! k6: the samples of a run, as `--out csv` or `--out json` write them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

use serde::Deserialize;

use super::rows::{Peeked, bad_time, column, number, time};
use crate::trace::csv::Table;
use crate::trace::error::{Fault, listed, plain};
use crate::trace::labels::Labels;
use crate::trace::lines::for_each_line;
use crate::trace::request_log::RequestLog;
use crate::trace::sink::{SeriesFacts, SeriesSink, SeriesTable};
use crate::trace::{ReadOptions, SeriesKind, TimeBase, TraceProblem, calendar};

/// The metric with a sample for each request.
const REQUESTS: &str = "http_reqs";

/// The metric that says how long each request took, in milliseconds.
const DURATION: &str = "http_req_duration";

/// A line of `--out json`.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    metric: Cow<'a, str>,
    #[serde(borrow)]
    data: Data<'a>,
}

/// Of a metric its type, of a point its time and value.
#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    value: Option<f64>,
}

/// Reads the requests of a run: a sample of `http_reqs` each, with the one of `http_req_duration` that comes with it.
pub(crate) fn read_k6_log(
    input: &mut dyn Read,
    options: &ReadOptions,
) -> Result<RequestLog, Fault> {
    let because = "each sample of `http_reqs` is a request";
    let mut log = RequestLog::new(TimeBase::Epoch, because, options);
    let mut requests: Vec<i64> = Vec::new();
    let mut durations: Vec<f64> = Vec::new();
    let mut metrics: Vec<String> = Vec::new();
    for_each_sample(input, |sample, line| {
        match sample {
            Sample::Metric { .. } => {}
            Sample::Point {
                metric,
                time,
                value,
            } => match metric {
                REQUESTS if requests.len() >= crate::trace::raw::MAX_ROWS => {
                    let most = crate::trace::raw::MAX_ROWS;
                    return Err(Fault::at(line, TraceProblem::TooManyRows(most)));
                }
                REQUESTS => requests.push(time),
                // Both come with each request, in the same order.
                DURATION if durations.len() <= requests.len() => durations.push(value * 1e-3),
                _ => {}
            },
        }
        let (Sample::Metric { metric, .. } | Sample::Point { metric, .. }) = sample;
        if metrics.len() < 100 && metrics.iter().all(|known| known != metric) {
            metrics.push(metric.to_owned());
        }
        Ok(())
    })?;
    if requests.is_empty() {
        return Err(TraceProblem::NoSuchSeries {
            wanted: format!("`{REQUESTS}`"),
            found: listed(metrics.iter().map(String::as_str)),
        }
        .into());
    }
    if durations.len() != requests.len() {
        durations.clear();
    }
    let durations = durations.into_iter().chain(std::iter::repeat(f64::NAN));
    for (time, duration) in requests.into_iter().zip(durations) {
        log.push(time, duration, 0)?;
    }
    Ok(log)
}

/// Reads every metric of a run as a series, whatever its tags; the numbers of virtual users are levels, all others
/// events.
pub(crate) fn read_k6_series(input: &mut dyn Read, sink: &mut dyn SeriesSink) -> Result<(), Fault> {
    let mut table = SeriesTable::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut gauges: Vec<String> = vec!["vus".to_owned(), "vus_max".to_owned()];
    for_each_sample(input, |sample, line| {
        let at_line = |problem| Fault::at(line, problem);
        match sample {
            Sample::Metric { metric, kind } => {
                if kind == "gauge" && gauges.len() < 1_000 {
                    gauges.push(metric.to_owned());
                }
                Ok(())
            }
            Sample::Point {
                metric,
                time,
                value,
            } => {
                let place = if let Some(place) = places.get(metric) {
                    *place
                } else {
                    let labels = Labels::of_name(metric);
                    let is_wanted = sink.wants(&labels);
                    let facts = |labels: &Labels| facts_of(labels.name(), &gauges);
                    let place = table.place(labels, is_wanted, facts).map_err(at_line)?;
                    places.insert(metric.to_owned(), place);
                    place
                };
                table.push(place, time, value).map_err(at_line)
            }
        }
    })?;
    Ok(table.drain_into(sink)?)
}

fn facts_of(metric: &str, gauges: &[String]) -> SeriesFacts {
    let kind = if gauges.iter().any(|gauge| gauge == metric) {
        SeriesKind::Gauge
    } else {
        SeriesKind::Events
    };
    let is_duration = metric.starts_with("http_req_") && metric != "http_req_failed"
        || metric.ends_with("_duration");
    let unit = if is_duration {
        Some("ms".to_owned())
    } else if metric.starts_with("data_") {
        Some("By".to_owned())
    } else {
        None
    };
    SeriesFacts { kind, unit }
}

/// What a line or a row says.
#[derive(Clone, Copy)]
enum Sample<'a> {
    Metric {
        metric: &'a str,
        kind: &'a str,
    },
    Point {
        metric: &'a str,
        time: i64,
        value: f64,
    },
}

fn for_each_sample(
    input: &mut dyn Read,
    mut take: impl FnMut(Sample, u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut input = Peeked::of(input)?;
    if input.is_json() {
        return for_each_line(&mut input, |line, number| {
            if line.trim_ascii().is_empty() {
                return Ok(());
            }
            let at_line = |problem| Fault::at(number, problem);
            let line: Line = serde_json::from_slice(line).map_err(|error| {
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or_default();
                at_line(TraceProblem::Json(plain(message)))
            })?;
            let metric = line.metric.as_ref();
            if line.kind != "Point" {
                let kind = line.data.kind.as_deref().unwrap_or_default();
                return take(Sample::Metric { metric, kind }, number);
            }
            let text = line.data.time.as_deref().unwrap_or_default();
            let time = calendar::parse_any(text.as_bytes());
            let (time, _) = time.ok_or_else(|| at_line(bad_time(text, "time")))?;
            let value = line.data.value.unwrap_or(f64::NAN);
            let point = Sample::Point {
                metric,
                time,
                value,
            };
            take(point, number)
        });
    }
    let table = Table::open(&mut input)?;
    let names = table.names();
    let names = names.as_deref();
    let metric = column(names, "metric_name")?;
    let at = column(names, "timestamp")?;
    let value = column(names, "metric_value")?;
    table.for_each(|record, line| {
        let at_line = |problem| Fault::at(line, problem);
        let name = String::from_utf8_lossy(record.cell(metric));
        let point = Sample::Point {
            metric: name.as_ref(),
            time: time(record, at, "timestamp").map_err(at_line)?,
            value: number(record, value, "metric_value").map_err(at_line)?,
        };
        take(point, line)
    })
}
