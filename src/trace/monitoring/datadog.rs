//! Datadog: answers of the query interface, version 1 and 2.

use std::io::Read;

use serde::Deserialize;

use super::document::for_each_document;
use crate::trace::calendar;
use crate::trace::error::{Fault, plain, quoted};
use crate::trace::labels::Labels;
use crate::trace::sink::{SeriesFacts, SeriesSink, SeriesTable};
use crate::trace::{SeriesKind, TraceProblem};

const EXPECTED: &str = "a Datadog answer";

/// Either answer.
#[derive(Deserialize)]
struct Answer {
    status: Option<String>,
    error: Option<String>,
    errors: Option<Errors>,
    series: Option<Vec<SeriesV1>>,
    data: Option<DataV2>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Errors {
    One(String),
    Many(Vec<serde_json::Value>),
}

#[derive(Deserialize)]
struct SeriesV1 {
    #[serde(default)]
    metric: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    tag_set: Vec<String>,
    #[serde(default)]
    expression: String,
    unit: Option<Vec<Option<Unit>>>,
    #[serde(default)]
    pointlist: Vec<(f64, Option<f64>)>,
}

#[derive(Deserialize)]
struct Unit {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct DataV2 {
    attributes: AttributesV2,
}

#[derive(Deserialize)]
struct AttributesV2 {
    #[serde(default)]
    series: Vec<SeriesV2>,
    #[serde(default)]
    times: Vec<f64>,
    #[serde(default)]
    values: Vec<Vec<Option<f64>>>,
}

#[derive(Deserialize)]
struct SeriesV2 {
    #[serde(default)]
    group_tags: Vec<String>,
    #[serde(default)]
    query_index: u32,
    unit: Option<Vec<Option<Unit>>>,
}

/// Reads either answer; `null` is a missing number.
pub(crate) fn read_datadog(input: &mut dyn Read, sink: &mut dyn SeriesSink) -> Result<(), Fault> {
    let mut table = SeriesTable::default();
    for_each_document(input, EXPECTED, |answer: Answer| {
        if let Some(message) = answer.failure() {
            let service = "Datadog";
            return Err(TraceProblem::ServiceFailed { service, message }.into());
        }
        match (answer.series, answer.data) {
            (Some(series), _) => series
                .iter()
                .try_for_each(|series| take_v1(series, &*sink, &mut table)),
            (None, Some(data)) => take_v2(&data.attributes, &*sink, &mut table),
            (None, None) => Err(TraceProblem::NotOfFormat {
                expected: EXPECTED,
                lack: "it has no `series` and no `data`".to_owned(),
            }
            .into()),
        }
    })?;
    Ok(table.drain_into(sink)?)
}

impl Answer {
    /// What went wrong at Datadog's end.
    fn failure(&self) -> Option<String> {
        let text = match (&self.error, &self.errors) {
            (Some(error), _) | (_, Some(Errors::One(error))) if !error.is_empty() => error.clone(),
            (_, Some(Errors::Many(errors))) if !errors.is_empty() => errors
                .iter()
                .map(|error| {
                    error
                        .as_str()
                        .map_or_else(|| error.to_string(), str::to_owned)
                })
                .collect::<Vec<_>>()
                .join("; "),
            _ if self.status.as_deref() == Some("error") => "no reason given".to_owned(),
            _ => return None,
        };
        Some(plain(&text))
    }
}

fn take_v1(series: &SeriesV1, sink: &dyn SeriesSink, table: &mut SeriesTable) -> Result<(), Fault> {
    let tags: Vec<&str> = if series.tag_set.is_empty() {
        series.scope.split(',').collect()
    } else {
        series.tag_set.iter().map(String::as_str).collect()
    };
    let labels = labels_of(&series.metric, &tags)?;
    let kind = if series.expression.contains(".as_count()") {
        SeriesKind::Delta
    } else if series.expression.contains(".as_rate()") {
        SeriesKind::Gauge
    } else {
        SeriesKind::Unknown
    };
    let unit = unit_text(series.unit.as_deref());
    let is_wanted = sink.wants(&labels);
    let place = table.place(labels, is_wanted, |_| SeriesFacts { kind, unit })?;
    for (time, value) in &series.pointlist {
        table.push(place, nanos(*time)?, value.unwrap_or(f64::NAN))?;
    }
    Ok(())
}

fn take_v2(
    attributes: &AttributesV2,
    sink: &dyn SeriesSink,
    table: &mut SeriesTable,
) -> Result<(), Fault> {
    if attributes.values.len() != attributes.series.len() {
        return Err(TraceProblem::NotOfFormat {
            expected: EXPECTED,
            lack: format!(
                "it has {} lists of values for {} series",
                attributes.values.len(),
                attributes.series.len()
            ),
        }
        .into());
    }
    let times = attributes.times.iter().map(|time| nanos(*time));
    let times: Vec<i64> = times.collect::<Result<_, _>>()?;
    for (series, values) in attributes.series.iter().zip(&attributes.values) {
        let tags: Vec<&str> = series.group_tags.iter().map(String::as_str).collect();
        let labels = labels_of(&format!("query{}", series.query_index), &tags)?;
        if times.len() != values.len() {
            return Err(TraceProblem::UnequalLists {
                times: times.len(),
                values: values.len(),
                series: quoted(&labels.to_string()),
            }
            .into());
        }
        let unit = unit_text(series.unit.as_deref());
        let is_wanted = sink.wants(&labels);
        let place = table.place(labels, is_wanted, |_| SeriesFacts {
            kind: SeriesKind::Unknown,
            unit,
        })?;
        for (time, value) in times.iter().zip(values) {
            table.push(place, *time, value.unwrap_or(f64::NAN))?;
        }
    }
    Ok(())
}

/// Tags such as `env:prod` as labels; values of one tag that comes twice are joined.
fn labels_of(name: &str, tags: &[&str]) -> Result<Labels, TraceProblem> {
    let mut pairs: Vec<(String, String)> = vec![("__name__".to_owned(), name.to_owned())];
    for tag in tags {
        let tag = tag.trim();
        if tag.is_empty() || tag == "*" {
            continue;
        }
        let (label, value) = tag.split_once(':').unwrap_or((tag, "true"));
        match pairs.iter_mut().find(|(known, _)| known == label) {
            Some((_, known)) => {
                known.push(',');
                known.push_str(value);
            }
            None => pairs.push((label.to_owned(), value.to_owned())),
        }
    }
    Labels::new(pairs)
}

/// The unit in words: `request`, or `request/second`.
fn unit_text(unit: Option<&[Option<Unit>]>) -> Option<String> {
    let names: Vec<&str> = unit?
        .iter()
        .flatten()
        .map(|unit| unit.name.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    (!names.is_empty()).then(|| names.join("/"))
}

fn nanos(millis: f64) -> Result<i64, TraceProblem> {
    calendar::nanos_of_seconds(millis / 1e3)
        .ok_or_else(|| TraceProblem::TimeOutOfRange(quoted(&millis.to_string())))
}
