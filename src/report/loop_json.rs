//! `explain loop` as JSON and YAML: the published schema `docs/loop-schema.json`, as types.

use serde::Serialize;

use super::loop_input::{ExplainedLoop, key, unit_key};
use super::model::{AssumptionPart, Number};
use super::{json, yaml};
use crate::advice::theory::{BackendLoop, Figure, Finding, Reason};

/// The version of the schema.
const SCHEMA_VERSION: &str = "1";

/// The loop as one JSON document: `explain loop -o json`.
#[must_use]
pub fn loop_json(explained: &ExplainedLoop) -> String {
    json::document(&Document::of(explained))
}

/// The same value as YAML: `explain loop -o yaml`.
#[must_use]
pub fn loop_yaml(explained: &ExplainedLoop) -> String {
    yaml::document(&Document::of(explained))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: &'static str,
    scaleplan_version: &'static str,
    autoscaler: &'a str,
    target: String,
    metric_targets: Vec<String>,
    min_replicas: i32,
    max_replicas: i32,
    objective: String,
    trace: Option<&'a str>,
    backends: Vec<BackendPart<'a>>,
    assumptions: Vec<AssumptionPart<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BackendPart<'a> {
    name: &'a str,
    verdict_counts: bool,
    metric: Option<MetricPart<'a>>,
    reasons: Vec<ReasonPart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetricPart<'a> {
    name: &'a str,
    target: FigurePart,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReasonPart<'a> {
    part: &'static str,
    key: &'a str,
    quantity: &'a str,
    formula: &'a str,
    given: Vec<GivenPart<'a>>,
    result: ResultPart<'a>,
    source: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GivenPart<'a> {
    symbol: &'a str,
    #[serde(flatten)]
    figure: FigurePart,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FigurePart {
    value: Number,
    unit: &'static str,
}

/// What a result is: one of these is not null, or the two ends of a range are.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultPart<'a> {
    value: Option<Number>,
    low: Option<Number>,
    high: Option<Number>,
    unit: Option<&'static str>,
    counts: Option<&'a [u32]>,
    seconds: Option<Number>,
    text: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(explained: &ExplainedLoop<'a>) -> Self {
        let control = explained.control;
        let backends = explained.report.backends.iter().enumerate();
        Self {
            schema_version: SCHEMA_VERSION,
            scaleplan_version: env!("CARGO_PKG_VERSION"),
            autoscaler: &control.name,
            target: format!("{}/{}", control.target.kind, control.target.name),
            metric_targets: control.metric_targets(),
            min_replicas: control.hpa.min_replicas,
            max_replicas: control.hpa.max_replicas,
            objective: control.slo.to_string(),
            trace: explained.trace,
            backends: backends
                .map(|(index, backend)| BackendPart::of(backend, index == control.verdict_backend))
                .collect(),
            assumptions: control.assumptions.iter().map(AssumptionPart::of).collect(),
            warnings: &control.warnings,
        }
    }
}

impl<'a> BackendPart<'a> {
    fn of(backend: &'a BackendLoop, verdict_counts: bool) -> Self {
        Self {
            name: &backend.backend,
            verdict_counts,
            metric: backend.metric.as_ref().map(|(name, target)| MetricPart {
                name,
                target: FigurePart::of(*target),
            }),
            reasons: backend.reasons.iter().map(ReasonPart::of).collect(),
        }
    }
}

impl<'a> ReasonPart<'a> {
    fn of(reason: &'a Reason) -> Self {
        Self {
            part: key(reason.part),
            key: reason.key,
            quantity: reason.quantity,
            formula: reason.formula,
            given: reason
                .given
                .iter()
                .map(|given| GivenPart {
                    symbol: given.symbol,
                    figure: FigurePart::of(given.figure),
                })
                .collect(),
            result: ResultPart::of(&reason.finding),
            source: reason.source,
        }
    }
}

impl FigurePart {
    const fn of(figure: Figure) -> Self {
        Self {
            value: Number(figure.value),
            unit: unit_key(figure.unit),
        }
    }
}

impl<'a> ResultPart<'a> {
    const NOTHING: Self = Self {
        value: None,
        low: None,
        high: None,
        unit: None,
        counts: None,
        seconds: None,
        text: None,
    };

    fn of(finding: &'a Finding) -> Self {
        match finding {
            Finding::Figure(figure) => Self {
                value: Some(Number(figure.value)),
                unit: Some(unit_key(figure.unit)),
                ..Self::NOTHING
            },
            Finding::Between(low, high) => Self {
                low: Some(Number(low.value)),
                high: Some(Number(high.value)),
                unit: Some(unit_key(high.unit)),
                ..Self::NOTHING
            },
            Finding::Steps { counts, seconds } => Self {
                counts: Some(counts),
                seconds: seconds.map(Number),
                unit: Some("replicas"),
                ..Self::NOTHING
            },
            Finding::Saying(text) => Self {
                text: Some(text),
                ..Self::NOTHING
            },
        }
    }
}
