//! A backtest as JSON and YAML: the published schema `docs/backtest-schema.json`, as types.

use serde::Serialize;

use super::backtest_input::{BacktestReport, Drive};
use super::{json, yaml};
use crate::backtest::{CheckedFigure, Counts, RiseMatch};
use crate::stats::Band;

/// The version of the schema.
const SCHEMA_VERSION: &str = "1";

/// A backtest as one JSON document: `backtest -o json`.
#[must_use]
pub fn backtest_json(report: &BacktestReport<'_>) -> String {
    json::document(&Document::of(report))
}

/// The same value as YAML: `backtest -o yaml`.
#[must_use]
pub fn backtest_yaml(report: &BacktestReport<'_>) -> String {
    yaml::document(&Document::of(report))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: &'static str,
    scaleplan_version: &'static str,
    followed_version: &'a str,
    autoscaler: &'a str,
    drive: &'static str,
    driven_by: &'a str,
    recording: &'a str,
    begin_seconds: f64,
    end_seconds: f64,
    compared_seconds: f64,
    sample_seconds: f64,
    holds: bool,
    checks: Vec<CheckPart>,
    mean_error_replicas: f64,
    mean_error_of_runs_replicas: Option<BandPart>,
    best_constant_replicas: u32,
    best_constant_error_replicas: f64,
    skill: Option<f64>,
    greatest_error_replicas: u32,
    bias_replicas: f64,
    predicted_peak_replicas: u32,
    recorded_peak_replicas: u32,
    predicted_replica_seconds: f64,
    recorded_replica_seconds: f64,
    replica_seconds_ratio: Option<f64>,
    recorded_changes: u32,
    predicted_changes: u32,
    matched_changes: u32,
    rises: Vec<RisePart>,
    recorded: Vec<StepPart>,
    predicted: Vec<StepPart>,
    predicted_low: Vec<StepPart>,
    predicted_high: Vec<StepPart>,
    notes: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BandPart {
    median: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckPart {
    figure: &'static str,
    found: Option<f64>,
    threshold: f64,
    holds: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RisePart {
    at_seconds: f64,
    from: u32,
    to: u32,
    /// Negative where it was earlier.
    late_seconds: Option<f64>,
    short_by: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepPart {
    at_seconds: f64,
    replicas: u32,
}

impl<'a> Document<'a> {
    fn of(report: &'a BacktestReport<'_>) -> Self {
        let c = report.comparison;
        let (drive, driven_by) = match report.drive {
            Drive::Load(trace, _) => ("load", trace),
            Drive::Metric(column) => ("metric", column),
        };
        let errors: Vec<f64> = report.runs.iter().map(|run| run.mean_error).collect();
        Self {
            schema_version: SCHEMA_VERSION,
            scaleplan_version: env!("CARGO_PKG_VERSION"),
            followed_version: report.followed_version,
            autoscaler: report.autoscaler,
            drive,
            driven_by,
            recording: &report.recording.name,
            begin_seconds: c.begin.as_seconds(),
            end_seconds: c.end.as_seconds(),
            compared_seconds: c.seconds,
            sample_seconds: report.recording.step.as_seconds(),
            holds: report.holds(),
            checks: report
                .checks
                .iter()
                .map(|check| CheckPart {
                    figure: key(check.figure),
                    found: check.found,
                    threshold: check.threshold,
                    holds: check.holds,
                })
                .collect(),
            mean_error_replicas: c.mean_error,
            mean_error_of_runs_replicas: Band::of(&errors).map(|band| BandPart {
                median: band.median,
                low: band.low,
                high: band.high,
            }),
            best_constant_replicas: c.best_constant,
            best_constant_error_replicas: c.constant_error,
            skill: c.skill(),
            greatest_error_replicas: c.greatest_error,
            bias_replicas: c.bias,
            predicted_peak_replicas: c.predicted_peak,
            recorded_peak_replicas: c.recorded_peak,
            predicted_replica_seconds: c.predicted_replica_seconds,
            recorded_replica_seconds: c.recorded_replica_seconds,
            replica_seconds_ratio: c.replica_seconds_ratio(),
            recorded_changes: c.changes.recorded,
            predicted_changes: c.changes.predicted,
            matched_changes: c.changes.matched,
            rises: c
                .rises
                .iter()
                .map(|rise| RisePart {
                    at_seconds: rise.at.as_seconds(),
                    from: rise.from,
                    to: rise.to,
                    late_seconds: rise.answer.late(),
                    short_by: match rise.answer {
                        RiseMatch::Reached(_) => Some(0),
                        RiseMatch::Short { by, .. } => Some(by),
                        RiseMatch::Missed => None,
                    },
                })
                .collect(),
            recorded: steps(&report.recording.counts),
            predicted: steps(&report.prediction.middle),
            predicted_low: steps(&report.prediction.low),
            predicted_high: steps(&report.prediction.high),
            notes: report.notes,
        }
    }
}

fn steps(counts: &Counts) -> Vec<StepPart> {
    let steps = counts.steps().iter();
    steps
        .map(|(at, replicas)| StepPart {
            at_seconds: at.as_seconds(),
            replicas: *replicas,
        })
        .collect()
}

const fn key(figure: CheckedFigure) -> &'static str {
    match figure {
        CheckedFigure::Skill => "skill",
        CheckedFigure::Peak => "peak",
        CheckedFigure::ReplicaSeconds => "replicaSeconds",
        CheckedFigure::Rise => "rise",
        CheckedFigure::Changes => "changes",
    }
}
