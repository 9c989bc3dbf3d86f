//! OpenTelemetry: metrics in the JSON form of its protocol, one document or one per line.

use std::io::Read;

use serde::{Deserialize, Deserializer};

use super::document::for_each_document;
use crate::trace::error::{Fault, quoted};
use crate::trace::labels::Labels;
use crate::trace::sink::{SeriesFacts, SeriesSink, SeriesTable};
use crate::trace::{SeriesKind, TraceProblem};

const EXPECTED: &str = "OpenTelemetry metrics";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceMetrics {
    #[serde(default)]
    resource: Resource,
    #[serde(default, alias = "instrumentationLibraryMetrics")]
    scope_metrics: Vec<ScopeMetrics>,
}

#[derive(Default, Deserialize)]
struct Resource {
    #[serde(default)]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct ScopeMetrics {
    #[serde(default)]
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    name: String,
    #[serde(default)]
    unit: String,
    gauge: Option<PointList>,
    sum: Option<PointList>,
    histogram: Option<PointList>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PointList {
    #[serde(default, rename = "dataPoints")]
    points: Vec<Point>,
    #[serde(default)]
    aggregation_temporality: Temporality,
    #[serde(default)]
    is_monotonic: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Point {
    #[serde(default)]
    attributes: Vec<Attribute>,
    #[serde(default)]
    start_time_unix_nano: Whole,
    time_unix_nano: Whole,
    as_double: Option<Real>,
    as_int: Option<Whole>,
    count: Option<Whole>,
    sum: Option<Real>,
    #[serde(default)]
    bucket_counts: Vec<Whole>,
    #[serde(default)]
    explicit_bounds: Vec<f64>,
    /// Bit 0: no number was recorded.
    #[serde(default)]
    flags: u32,
}

#[derive(Deserialize)]
struct Attribute {
    key: String,
    #[serde(default)]
    value: serde_json::Value,
}

/// How values relate to the ones before.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Temporality {
    #[default]
    Unspecified,
    Delta,
    Cumulative,
}

impl<'de> Deserialize<'de> for Temporality {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) if number.as_u64() == Some(1) => Self::Delta,
            serde_json::Value::Number(number) if number.as_u64() == Some(2) => Self::Cumulative,
            serde_json::Value::String(text) if text.ends_with("_DELTA") => Self::Delta,
            serde_json::Value::String(text) if text.ends_with("_CUMULATIVE") => Self::Cumulative,
            _ => Self::Unspecified,
        })
    }
}

/// A whole number of 64 bits, which the protocol writes as text.
#[derive(Clone, Copy, Default)]
struct Whole(i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.trim().parse().map(Self).map_err(|_| {
                let found = serde::de::Unexpected::Str(&text);
                serde::de::Error::invalid_value(found, &"a whole number of 64 bits")
            }),
        }
    }
}

/// A real number, which the protocol writes as text if it is none (`"NaN"`, `"Infinity"`).
#[derive(Clone, Copy)]
struct Real(f64);

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.trim().parse().map(Self).map_err(|_| {
                serde::de::Error::invalid_value(serde::de::Unexpected::Str(&text), &"a number")
            }),
        }
    }
}

/// Reads gauges, sums and histograms; of a histogram its count, its sum and its buckets, as Prometheus names them.
pub(crate) fn read_otlp(input: &mut dyn Read, sink: &mut dyn SeriesSink) -> Result<(), Fault> {
    let mut table = SeriesTable::default();
    for_each_document(input, EXPECTED, |document: Document| {
        for resource in &document.resource_metrics {
            let of_resource = &resource.resource.attributes;
            for metric in resource
                .scope_metrics
                .iter()
                .flat_map(|scope| &scope.metrics)
            {
                take_metric(metric, of_resource, &*sink, &mut table)?;
            }
        }
        Ok(())
    })?;
    Ok(table.drain_into(sink)?)
}

fn take_metric(
    metric: &Metric,
    of_resource: &[Attribute],
    sink: &dyn SeriesSink,
    table: &mut SeriesTable,
) -> Result<(), TraceProblem> {
    let mut put = |point: &Point, name: &str, le: Option<String>, kind, unit: &str, value: f64| {
        let mut pairs = labels_of(of_resource, &point.attributes);
        pairs.retain(|(label, _)| label != "le" && label != "__name__");
        pairs.push(("__name__".to_owned(), name.to_owned()));
        pairs.extend(le.map(|le| ("le".to_owned(), le)));
        let labels = Labels::new(pairs)?;
        let is_wanted = sink.wants(&labels);
        let unit = (!unit.is_empty() && unit != "1").then(|| unit.to_owned());
        let place = table.place(labels, is_wanted, |_| SeriesFacts { kind, unit })?;
        let value = if point.flags & 1 == 1 {
            f64::NAN
        } else {
            value
        };
        // What belongs to a period stands at its beginning.
        let time = match kind {
            SeriesKind::Delta if point.start_time_unix_nano.0 > 0 => point.start_time_unix_nano.0,
            _ => point.time_unix_nano.0,
        };
        table.push(place, time, value)
    };
    let kind_of = |points: &PointList| match points.aggregation_temporality {
        Temporality::Delta => SeriesKind::Delta,
        Temporality::Cumulative if points.is_monotonic => SeriesKind::Counter,
        _ => SeriesKind::Gauge,
    };
    let levels = metric
        .gauge
        .iter()
        .map(|points| (points, SeriesKind::Gauge));
    let sums = metric.sum.iter().map(|points| (points, kind_of(points)));
    for (points, kind) in levels.chain(sums) {
        for point in &points.points {
            let value = match (point.as_double, point.as_int) {
                (Some(Real(value)), _) => value,
                (None, Some(Whole(value))) => value as f64,
                (None, None) => f64::NAN,
            };
            put(point, &metric.name, None, kind, &metric.unit, value)?;
        }
    }
    if let Some(points) = &metric.histogram {
        let kind = match points.aggregation_temporality {
            Temporality::Delta => SeriesKind::Delta,
            _ => SeriesKind::Counter,
        };
        for point in &points.points {
            let name = |ending: &str| format!("{}_{ending}", metric.name);
            if let Some(Whole(count)) = point.count {
                put(point, &name("count"), None, kind, "", count as f64)?;
            }
            if let Some(Real(sum)) = point.sum {
                put(point, &name("sum"), None, kind, &metric.unit, sum)?;
            }
            if !point.bucket_counts.is_empty()
                && point.bucket_counts.len() != point.explicit_bounds.len() + 1
            {
                return Err(TraceProblem::NotOfFormat {
                    expected: EXPECTED,
                    lack: format!(
                        "a histogram {} has {} buckets and {} bounds",
                        quoted(&metric.name),
                        point.bucket_counts.len(),
                        point.explicit_bounds.len()
                    ),
                });
            }
            let bounds = point.explicit_bounds.iter().map(ToString::to_string);
            let bounds = bounds.chain(std::iter::once("+Inf".to_owned()));
            let mut below = 0.0;
            for (Whole(count), le) in point.bucket_counts.iter().zip(bounds) {
                below += *count as f64;
                put(point, &name("bucket"), Some(le), kind, "", below)?;
            }
        }
    }
    Ok(())
}

/// Attributes of the resource and of the point as labels; the point's go first.
fn labels_of(of_resource: &[Attribute], of_point: &[Attribute]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for attribute in of_point.iter().chain(of_resource) {
        if pairs.iter().all(|(label, _)| *label != attribute.key) {
            pairs.push((attribute.key.clone(), text_of(&attribute.value)));
        }
    }
    pairs
}

/// An attribute's value `{"stringValue":"web"}` as text.
fn text_of(value: &serde_json::Value) -> String {
    let inner = value.as_object().and_then(|fields| fields.values().next());
    match inner {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
