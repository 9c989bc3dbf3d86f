//! Amazon CloudWatch: answers of `get-metric-data` and `get-metric-statistics`.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

use super::document::for_each_document;
use crate::trace::calendar;
use crate::trace::error::{Fault, plain, quoted};
use crate::trace::labels::Labels;
use crate::trace::names::{Meaning, meaning};
use crate::trace::sink::{SeriesFacts, SeriesSink, SeriesTable};
use crate::trace::{SeriesKind, TraceNote, TraceProblem};

const EXPECTED: &str = "a CloudWatch answer";

/// Either answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    metric_data_results: Option<Vec<MetricData>>,
    #[serde(default)]
    messages: Vec<Message>,
    next_token: Option<String>,
    label: Option<String>,
    datapoints: Option<Vec<Datapoint>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricData {
    #[serde(default)]
    id: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    timestamps: Vec<Time>,
    #[serde(default)]
    values: Vec<f64>,
    status_code: Option<String>,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    #[serde(default)]
    code: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datapoint {
    timestamp: Time,
    unit: Option<String>,
    sum: Option<f64>,
    average: Option<f64>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    sample_count: Option<f64>,
    #[serde(default)]
    extended_statistics: BTreeMap<String, f64>,
}

/// A time as text, or as seconds since 1970 (which other tools than the command line write), in nanoseconds.
struct Time(i64);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(f64),
        }
        let (text, nanos) = match Written::deserialize(deserializer)? {
            Written::Text(text) => {
                let nanos = calendar::parse_any(text.as_bytes()).map(|(nanos, _)| nanos);
                (text, nanos)
            }
            Written::Number(number) => (number.to_string(), calendar::epoch_nanos(number)),
        };
        let expected = &"a time such as `2026-01-01T00:00:00+00:00`";
        nanos.map(Self).ok_or_else(|| {
            serde::de::Error::invalid_value(serde::de::Unexpected::Str(&text), expected)
        })
    }
}

/// Reads either answer; several in one file, such as its pages, are one.
pub(crate) fn read_cloudwatch(
    input: &mut dyn Read,
    sink: &mut dyn SeriesSink,
) -> Result<Vec<TraceNote>, Fault> {
    let mut table = SeriesTable::default();
    let mut notes = Vec::new();
    let mut has_more = false;
    for_each_document(input, EXPECTED, |answer: Answer| {
        for message in answer.messages {
            notes.push(TraceNote::ServerWarning(message.text()));
        }
        has_more = answer.next_token.is_some();
        match (answer.metric_data_results, answer.datapoints) {
            (Some(results), _) => {
                for result in &results {
                    take_result(result, &*sink, &mut table, &mut notes)?;
                }
                Ok(())
            }
            (None, Some(points)) => {
                let label = answer.label.unwrap_or_default();
                take_points(&label, &points, &*sink, &mut table)
            }
            (None, None) => Err(TraceProblem::NotOfFormat {
                expected: EXPECTED,
                lack: "it has no `MetricDataResults` and no `Datapoints`".to_owned(),
            }
            .into()),
        }
    })?;
    if has_more {
        notes.push(TraceNote::MorePages);
    }
    table.drain_into(sink)?;
    Ok(notes)
}

impl Message {
    fn text(&self) -> String {
        plain(&format!("{}: {}", self.code, self.value))
    }
}

fn take_result(
    result: &MetricData,
    sink: &dyn SeriesSink,
    table: &mut SeriesTable,
    notes: &mut Vec<TraceNote>,
) -> Result<(), Fault> {
    let labels = labels_of(&result.label, "id", &result.id)?;
    match result.status_code.as_deref() {
        None | Some("Complete") => {}
        Some("PartialData") => {
            let series = quoted(&labels.to_string());
            notes.retain(|note| {
                !matches!(note, TraceNote::PartialData { series: known } if *known == series)
            });
            notes.push(TraceNote::PartialData { series });
        }
        Some(code) => {
            let mut message = format!("{} for {}", plain(code), quoted(&labels.to_string()));
            for told in &result.messages {
                message = format!("{message} ({})", told.text());
            }
            let service = "CloudWatch";
            return Err(TraceProblem::ServiceFailed { service, message }.into());
        }
    }
    for told in &result.messages {
        notes.push(TraceNote::ServerWarning(told.text()));
    }
    if result.timestamps.len() != result.values.len() {
        return Err(TraceProblem::UnequalLists {
            times: result.timestamps.len(),
            values: result.values.len(),
            series: quoted(&labels.to_string()),
        }
        .into());
    }
    let is_wanted = sink.wants(&labels);
    let place = table.place(labels, is_wanted, |labels| facts_of(labels, None))?;
    // The newest comes first unless asked otherwise.
    for (Time(time), value) in result.timestamps.iter().zip(&result.values).rev() {
        table.push(place, *time, *value)?;
    }
    Ok(())
}

/// Takes a list of points, each with one or more statistics of its period; with more than one each has its own name.
fn take_points(
    label: &str,
    points: &[Datapoint],
    sink: &dyn SeriesSink,
    table: &mut SeriesTable,
) -> Result<(), Fault> {
    let mut points: Vec<&Datapoint> = points.iter().collect();
    points.sort_by_key(|point| point.timestamp.0);
    let several = points
        .iter()
        .any(|point| point.statistics().nth(1).is_some());
    for point in points {
        for (statistic, value) in point.statistics() {
            let name = if several {
                format!("{label}_{statistic}")
            } else {
                label.to_owned()
            };
            let labels = labels_of(&name, "stat", statistic)?;
            let is_wanted = sink.wants(&labels);
            let facts = |labels: &Labels| facts_of(labels, point.unit.as_deref());
            let place = table.place(labels, is_wanted, facts)?;
            table.push(place, point.timestamp.0, value)?;
        }
    }
    Ok(())
}

impl Datapoint {
    fn statistics(&self) -> impl Iterator<Item = (&str, f64)> {
        let plain = [
            ("Sum", self.sum),
            ("Average", self.average),
            ("Minimum", self.minimum),
            ("Maximum", self.maximum),
            ("SampleCount", self.sample_count),
        ];
        let extended = self.extended_statistics.iter();
        plain
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .chain(extended.map(|(name, value)| (name.as_str(), *value)))
    }
}

fn labels_of(name: &str, label: &str, value: &str) -> Result<Labels, TraceProblem> {
    Labels::new(vec![
        ("__name__".to_owned(), name.to_owned()),
        (label.to_owned(), value.to_owned()),
    ])
}

/// A metric named like a count is one per period, unless the statistic is none that adds up.
fn facts_of(labels: &Labels, unit: Option<&str>) -> SeriesFacts {
    let counts = meaning(labels.name()) == Meaning::CountPerStep;
    let kind = match labels.value("stat") {
        "" | "Sum" if counts => SeriesKind::Delta,
        "SampleCount" => SeriesKind::Delta,
        "" => SeriesKind::Unknown,
        _ => SeriesKind::Gauge,
    };
    let unit = unit.filter(|unit| *unit != "None").map(str::to_owned);
    SeriesFacts { kind, unit }
}
