//! The figures of elasticity: of the ready replicas, then of the constant count they are compared with.

use super::figure::Shown::Wide;
use super::figure::{Figure, figure};
use super::figures::same_in_all_runs;
use super::format::Unit;
use crate::analysis::BackendCard;
use crate::stats::Band;

/// The figures of elasticity, in their order.
pub(super) const ELASTICITY: &[Figure] = &[
    ratio("elasticSpeedup", "ε, elastic speedup", |c| {
        c.elasticity.speedup
    }),
    figure(
        "elasticSpeedupClampedRuns",
        "  runs with a clamp",
        Unit::Count,
        Wide,
        |c| same_in_all_runs(f64::from(c.elasticity.clamped_runs)),
    ),
    percent("underAccuracyPercent", "θU, short of demand", |c| {
        c.elasticity.scaled.under_accuracy
    }),
    percent("overAccuracyPercent", "θO, above demand", |c| {
        c.elasticity.scaled.over_accuracy
    }),
    ratio("meanUnderReplicas", "  mean replicas short", |c| {
        c.elasticity.scaled.under_replicas
    }),
    ratio("meanOverReplicas", "  mean replicas above", |c| {
        c.elasticity.scaled.over_replicas
    }),
    percent("underTimesharePercent", "τU, time short", |c| {
        c.elasticity.scaled.under_timeshare
    }),
    percent("overTimesharePercent", "τO, time above", |c| {
        c.elasticity.scaled.over_timeshare
    }),
    percent("instabilityPercent", "υ, instability", |c| {
        c.elasticity.instability_percent
    }),
    ratio("jitterPerHour", "j, jitter per hour", |c| {
        c.elasticity.jitter_per_hour
    }),
    ratio("replicaJitterPerHour", "  by replicas", |c| {
        c.elasticity.replica_jitter_per_hour
    }),
    figure(
        "baselineReplicas",
        "baseline, constant",
        Unit::Replicas,
        Wide,
        |c| c.elasticity.baseline_replicas,
    ),
    percent("baselineUnderAccuracyPercent", "  θU", |c| {
        c.elasticity.baseline.under_accuracy
    }),
    percent("baselineOverAccuracyPercent", "  θO", |c| {
        c.elasticity.baseline.over_accuracy
    }),
    ratio("baselineMeanUnderReplicas", "  mean replicas short", |c| {
        c.elasticity.baseline.under_replicas
    }),
    ratio("baselineMeanOverReplicas", "  mean replicas above", |c| {
        c.elasticity.baseline.over_replicas
    }),
    percent("baselineUnderTimesharePercent", "  τU", |c| {
        c.elasticity.baseline.under_timeshare
    }),
    percent("baselineOverTimesharePercent", "  τO", |c| {
        c.elasticity.baseline.over_timeshare
    }),
];

const fn percent(key: &'static str, label: &'static str, read: fn(&BackendCard) -> Band) -> Figure {
    figure(key, label, Unit::Percent, Wide, read)
}

const fn ratio(key: &'static str, label: &'static str, read: fn(&BackendCard) -> Band) -> Figure {
    figure(key, label, Unit::Ratio, Wide, read)
}
